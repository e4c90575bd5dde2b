"""DynamoDB: a query costs what it returns, not what its partition holds."""

from __future__ import annotations

import argparse
import bisect
import contextvars
import re
import threading
from collections.abc import Callable
from typing import Any

from ministack.services import dynamodb

Position = tuple[Any, ...]

_CONDITION = re.compile(
    r"\(?\s*(?P<hash>#?\w+)\s*=\s*(?P<value>:\w+)"
    r"(?:\s+AND\s+(?P<range>#?\w+)\s*(?P<operator><=|>=|<|>)\s*(?P<bound>:\w+))?\s*\)?",
    re.IGNORECASE,
)
_BETWEEN = re.compile(
    r"(?P<hash>#?\w+)\s*=\s*(?P<value>:\w+)\s+AND\s+(?P<range>#?\w+)\s+BETWEEN\s+(?P<low>:\w+)\s+AND\s+(?P<high>:\w+)",
    re.IGNORECASE,
)


def check_expressions_once(_: argparse.Namespace) -> None:
    """Check an expression once for all items that one request evaluates it on, where MiniStack does it for each."""
    evaluate, checked = dynamodb._evaluate_condition, threading.local()

    def evaluate_condition(
        expression: str, item: Any, values: Any, names: Any, slot: str = "ConditionExpression"
    ) -> bool:
        known = getattr(checked, "request", None)
        if known and known[0] == (expression, slot) and known[1] is values and known[2] is names:
            try:
                if known[4]:
                    return bool(known[4](item))
                return bool(dynamodb._ExprEval(known[3], item, values, names).evaluate())
            except Exception:  # noqa: BLE001 (MiniStack words the error, as without this patch)
                checked.request = None
        result = evaluate(expression, item, values, names, slot)
        if expression and expression.strip():
            test = _key_test(expression, values, names) if slot == "KeyConditionExpression" else None
            checked.request = ((expression, slot), values, names, dynamodb._tokenize(expression), test)
        return bool(result)

    dynamodb._evaluate_condition = evaluate_condition


def _key_test(expression: str, values: dict[str, Any], names: dict[str, str] | None) -> Callable[[Any], bool] | None:
    """Whether an item meets a condition on two keys that are strings; None where the condition is of another form."""
    match = _BETWEEN.fullmatch(expression.strip())
    if not match or any(set(values.get(match[name], {})) != {"S"} for name in ("value", "low", "high")):
        return None
    hash_key, range_key = ((names or {}).get(match[name], match[name]) for name in ("hash", "range"))
    value, low, high = (values[match[name]]["S"] for name in ("value", "low", "high"))
    return lambda item: item[hash_key].get("S") == value and low <= item[range_key]["S"] <= high


def read_index_in_order(_: argparse.Namespace) -> None:
    """Keep index partitions sorted and read a page of them, where MiniStack sorts the whole partition for each page."""
    query, members_of, index_item = dynamodb._query, dynamodb._index_members, dynamodb._index_item
    evaluate = dynamodb._evaluate_condition
    request: contextvars.ContextVar[dict[str, Any] | None] = contextvars.ContextVar("request", default=None)
    exact: contextvars.ContextVar[bool] = contextvars.ContextVar("exact", default=False)
    orders = _Orders()

    def query_a_page(data: dict[str, Any]) -> Any:
        token, exact_before = request.set(data), exact.set(False)
        try:
            return query(data)
        finally:
            request.reset(token)
            exact.reset(exact_before)

    def evaluate_condition(
        expression: str, item: Any, values: Any, names: Any, slot: str = "ConditionExpression"
    ) -> bool:
        if slot == "KeyConditionExpression" and exact.get():
            return True
        return bool(evaluate(expression, item, values, names, slot))

    def members_of_page(table: dict[str, Any]) -> Any:
        members, data = members_of(table), request.get()
        if data is None:
            return members
        page = orders.page(table, members, data)
        exact.set(page is not None)
        return members if page is None else page

    def index_item_in_order(table: dict[str, Any], pk: str, sk: str, item: dict[str, Any], add: bool) -> None:
        index_item(table, pk, sk, item, add)
        orders.changed(table, pk, sk, item, add)

    dynamodb._query, dynamodb._index_members, dynamodb._index_item = query_a_page, members_of_page, index_item_in_order
    dynamodb._evaluate_condition = evaluate_condition


class _Orders:
    """The sorted positions (sort key, then the base table's keys) of index partitions that have been queried."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._tables: dict[int, tuple[Any, dict[tuple[str, str], list[Position]]]] = {}

    def page(
        self, table: dict[str, Any], members: dict[str, Any], data: dict[str, Any]
    ) -> dict[str, dict[str, list[tuple[str, str]]]] | None:
        """The members of the queried partition that a page can have; None for queries of another form than ours."""
        name, limit = data.get("IndexName"), data.get("Limit")
        keys = _keys(table, name)
        match = _CONDITION.fullmatch((data.get("KeyConditionExpression") or "").strip())
        if not name or not keys or not match or not limit or name not in members:
            return None
        names, values = data.get("ExpressionAttributeNames") or {}, data.get("ExpressionAttributeValues") or {}
        if names.get(match["hash"], match["hash"]) != keys[0]:
            return None
        if match["range"] and names.get(match["range"], match["range"]) != keys[1]:
            return None
        partition = dynamodb._extract_key_val(values.get(match["value"]))
        with self._lock:
            order = self._order(table, members, name, partition, keys[1])
            low, high = 0, len(order)
            if match["range"]:
                low, high = _bounds(order, match["operator"], dynamodb._extract_key_val(values.get(match["bound"])))
            forward, start = data.get("ScanIndexForward", True), data.get("ExclusiveStartKey")
            if start:
                cursor = _position(table, start, keys[1])
                if forward:
                    low = max(low, bisect.bisect_right(order, cursor))
                else:
                    high = min(high, bisect.bisect_left(order, cursor))
            count = int(limit) + 1
            chosen = order[low : min(high, low + count)] if forward else order[max(low, high - count) : high]
        return {name: {partition: [(place[1], place[2]) for place in chosen]}}

    def changed(self, table: dict[str, Any], pk: str, sk: str, item: dict[str, Any], add: bool) -> None:
        """Follows one write."""
        with self._lock:
            known = self._tables.get(id(table))
            if known is None or known[0] is not table.get(dynamodb._INDEX_MEMBERS):
                self._tables.pop(id(table), None)
                return
            for name, partition in list(known[1]):
                keys = _keys(table, name)
                if not keys or any(key not in item for key in keys):
                    continue
                if dynamodb._extract_key_val(item[keys[0]]) != partition:
                    continue
                order, place = known[1][name, partition], (dynamodb._extract_key_val(item[keys[1]]), pk, sk)
                at = bisect.bisect_left(order, place)
                there = at < len(order) and order[at] == place
                if add and not there:
                    order.insert(at, place)
                elif there and not add:
                    del order[at]

    def _order(
        self, table: dict[str, Any], members: dict[str, Any], name: str, partition: str, range_key: str
    ) -> list[Position]:
        known = self._tables.get(id(table))
        if known is None or known[0] is not members:
            known = self._tables[id(table)] = (members, {})
        if (name, partition) not in known[1]:
            items = table["items"]
            known[1][name, partition] = sorted(
                (dynamodb._extract_key_val(items[pk][sk][range_key]), pk, sk)
                for pk, sk in members[name].get(partition, ())
                if sk in items.get(pk, ())
            )
        return known[1][name, partition]


def _keys(table: dict[str, Any], index: str | None) -> tuple[str, str] | None:
    """(hash key, range key) of an index whose keys, like the table's, are one string each."""
    for name, hashes, ranges in dynamodb._index_key_schemas(table):
        if name == index and len(hashes) == len(ranges) == 1 and table.get("sk_name"):
            types = {dynamodb._get_attr_type(table, key) for key in (ranges[0], table["pk_name"], table["sk_name"])}
            return (hashes[0], ranges[0]) if types == {"S"} else None
    return None


def _position(table: dict[str, Any], item: dict[str, Any], range_key: str) -> Position:
    return tuple(
        dynamodb._extract_key_val(item.get(key, {})) for key in (range_key, table["pk_name"], table["sk_name"])
    )


def _bounds(order: list[Position], operator: str, bound: str) -> tuple[int, int]:
    below = bisect.bisect_left(order, (bound,))
    upto = bisect.bisect_left(order, (bound + "\x00",))
    return {"<": (0, below), "<=": (0, upto), ">": (upto, len(order)), ">=": (below, len(order))}[operator]

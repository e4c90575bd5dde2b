"""DynamoDB: what a request says about all its items is worked out once, not again for each of them."""

from __future__ import annotations

import argparse
import functools
import re
from typing import Any

from ministack.services import dynamodb

_NAMES = re.compile(r"\s*#?\w+\s*(?:,\s*#?\w+\s*)*")


def project_once(_: argparse.Namespace) -> None:
    """Read a projection once for all items, where MiniStack reads it for each; names of attributes only, no paths."""
    project, project_index = dynamodb._project_item, dynamodb._apply_index_projection

    @functools.lru_cache(maxsize=256)
    def attributes(expression: str, names: tuple[tuple[str, str], ...]) -> tuple[str, ...] | None:
        if not _NAMES.fullmatch(expression):
            return None
        project({}, expression, dict(names))  # raises what MiniStack has to say against it
        known = dict(names)
        return tuple(known.get(name.strip(), name.strip()) for name in expression.split(","))

    def project_item(item: dict[str, Any], expression: str, names: dict[str, str] | None) -> Any:
        if expression:
            chosen = attributes(expression, tuple(sorted((names or {}).items())))
            if chosen is not None:
                return {name: item[name] for name in chosen if name in item}
        return project(item, expression, names)

    # By the definition's identity, which is kept alive here: an index that is changed has another one.
    kept: dict[int, tuple[Any, frozenset[str] | None]] = {}

    def project_index_once(item: dict[str, Any], table: dict[str, Any], index_name: str | None) -> Any:
        indexes: list[dict[str, Any]] = table.get("GlobalSecondaryIndexes") or []
        index = next((one for one in indexes if one["IndexName"] == index_name), None)
        projection = index.get("Projection") if index else None
        if not (index and projection):
            return project_index(item, table, index_name)
        known = kept.get(id(projection))
        if known is None or known[0] is not projection:
            if len(kept) > 256:
                kept.clear()
            names = None
            if projection.get("ProjectionType", "ALL") != "ALL":
                keys = {key["AttributeName"] for key in index["KeySchema"]} | {table["pk_name"], table.get("sk_name")}
                names = frozenset(keys | set(projection.get("NonKeyAttributes") or ()))
            known = kept[id(projection)] = (projection, names)
        shown = known[1]
        return item if shown is None else {name: value for name, value in item.items() if name in shown}

    dynamodb._project_item, dynamodb._apply_index_projection = project_item, project_index_once


def weigh_quickly(_: argparse.Namespace) -> None:
    """Add up an item's size without encoding its texts, which MiniStack does for each attribute of each item read."""
    size_of = dynamodb._attribute_value_size
    number = functools.lru_cache(maxsize=4096)(dynamodb._number_size_bytes)
    name_size = functools.lru_cache(maxsize=4096)(lambda name: len(name.encode()))

    def item_size(item: Any) -> int:
        if not isinstance(item, dict):
            return 0
        total = 0
        for name, value in item.items():
            total += name_size(name)
            content = value.get("S") if len(value) == 1 else None
            if content.__class__ is str and content.isascii():
                total += len(content)
            elif len(value) == 1 and "N" in value:
                total += number(value["N"])
            else:
                total += size_of(value)
        return total

    dynamodb._item_size_bytes = item_size

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
        index = dynamodb._index_def(table, index_name) if index_name else None
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
        return item if known[1] is None else {name: item[name] for name in item if name in known[1]}

    dynamodb._project_item, dynamodb._apply_index_projection = project_item, project_index_once


def weigh_quickly(_: argparse.Namespace) -> None:
    """Add up an item's size without encoding its texts, which MiniStack does for each attribute of each item read."""
    size_of = dynamodb._attribute_value_size
    number = functools.lru_cache(maxsize=4096)(dynamodb._number_size_bytes)

    def value_size(value: Any) -> int:
        if isinstance(value, dict) and len(value) == 1:
            ((kind, content),) = value.items()
            if kind == "S" and isinstance(content, str) and content.isascii():
                return len(content)
            if kind == "N" and isinstance(content, str):
                return int(number(content))
        return int(size_of(value))

    dynamodb._attribute_value_size = value_size

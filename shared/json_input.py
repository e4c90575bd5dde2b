"""JSON that somebody sends: what Python's reader lets through, and nothing behind it can carry, ends here.

That is numbers that are none (NaN, 1e999), nesting without end, and half an emoji (a lone surrogate), which no text
in UTF-8 can hold.
"""

import json
import math
import re
from typing import Any

from shared.errors import Invalid

DEEPEST = 100
"""Levels of objects and lists within each other."""
TOO_DEEP = f"The JSON is nested deeper than {DEEPEST} levels. Send it flatter."
NO_JSON = "This is no JSON: {}."


def read(text: str | bytes) -> Any:
    """What a JSON text says, with a replacement character for half an emoji.

    Raises `Invalid` for what is no JSON or nested deeper than `DEEPEST`.
    """
    try:
        value = json.loads(text, parse_constant=_refused, parse_float=_finite)
    except RecursionError as error:
        raise Invalid(TOO_DEEP) from error
    except ValueError as error:
        raise Invalid(NO_JSON.format(error)) from error
    if depth_over(value, DEEPEST):
        raise Invalid(TOO_DEEP)
    return mended(value)


def mended(value: Any) -> Any:
    """The value with a replacement character for each half of an emoji in it."""
    if isinstance(value, str):
        # Pairs have become one character already: what is left stands alone.
        return value if value.isascii() else re.sub("[\ud800-\udfff]", "\ufffd", value)
    if isinstance(value, dict):
        return {mended(key): mended(inner) for key, inner in value.items()}
    return [mended(inner) for inner in value] if isinstance(value, list) else value


def depth_over(value: Any, levels: int) -> bool:
    """Whether a value has more than so many objects and lists within each other."""
    level = [value] if isinstance(value, dict | list) else []
    for _ in range(levels):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, dict | list)
        ]
        if not level:
            return False
    return bool(level)


def _refused(constant: str) -> float:
    raise ValueError(f"{constant[:20]} is no number that it can hold")


def _finite(text: str) -> float:
    return value if math.isfinite(value := float(text)) else _refused(text)

"""What clients keep with files and knowledge bases: objects that are only stored and given back."""

import json
from collections.abc import Mapping
from typing import Any

from shared import json_input
from shared.errors import Invalid, TooLarge

MOST_BYTES = 20_000
DEEPEST = 32
"""Levels of objects and lists within each other, the object itself among them."""
_SHOWN = json_input.DEEPEST

Kept = dict[str, Any]


def checked(name: str, value: Kept) -> Kept:
    """What is to be kept as the field `name`, as it is. Raises `Invalid` when it is too deep, `TooLarge`."""
    if json_input.depth_over(value, DEEPEST):
        raise Invalid(f"The field {name} is nested deeper than {DEEPEST} levels. Send it flatter.")
    if len(json.dumps(value)) > MOST_BYTES:
        raise TooLarge(f"The field {name} can have at most {MOST_BYTES // 1000} KB. Put texts into files.")
    return value


def read(name: str, text: str | None) -> Kept:
    """The same of a field that comes as a text; an empty one is an empty object."""
    if not text:
        return {}
    try:
        value = json_input.read(text)
    except Invalid as error:
        raise Invalid(f"The field {name} cannot be read. {error.detail}") from error
    if not isinstance(value, dict):
        raise Invalid(f"The field {name} is not a JSON object.")
    return checked(name, value)


def shown(stored: Mapping[str, Any] | None) -> Kept:
    """What is stored, without what came before there were bounds and is too deep for any answer."""
    return {name: value for name, value in (stored or {}).items() if not json_input.depth_over(value, _SHOWN)}

"""A chat as it comes in: what the formats make of an element of a file, before it is stored."""

import hashlib
import json
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from shared.chats.tree import Parts
from shared.errors import Invalid

# Times beyond these are given in milliseconds, microseconds or nanoseconds.
_LARGEST_SECONDS = 100_000_000_000
_TITLE = re.compile(rb'"title"\s*:\s*("(?:[^"\\]|\\.){1,400}")')


@dataclass(frozen=True)
class Incoming:
    """A chat to import. `key` tells it from others of the same source: its id there, or else a hash of its content."""

    parts: Parts
    key: str
    source_id: str | None = None
    folder_id: str | None = None
    meta: dict[str, Any] = field(default_factory=dict)
    pinned: bool = False
    archived: bool = False
    created_at: int | None = None
    updated_at: int | None = None

    def chat_id(self, user_id: str) -> str:
        """The id that this chat gets when this person imports it: always the same, so that it is imported once."""
        return str(uuid.uuid5(uuid.NAMESPACE_OID, f"import:{user_id}:{self.key}"))


def seconds(value: object) -> int | None:
    """A time in seconds since the epoch, whatever fraction of seconds it was given in; None for what is no time."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1e20:
        return None
    number = int(value)
    while number > _LARGEST_SECONDS:
        number //= 1000
    return number


def content_hash(value: Mapping[str, Any]) -> str:
    """A hash of what a chat says, whatever the order of its keys."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def flag(value: object) -> bool:
    """A flag as exports have it: true, 1, or something else."""
    return value is True or value == 1


def name_of(raw: bytes, number: int) -> str:
    """What to call an element that is no chat, or a broken one: its title, or else its number in the file."""
    match = _TITLE.search(raw)
    if match:
        try:
            title = str(json.loads(match[1])).strip()
        except ValueError:
            title = match[1][1:-1].decode(errors="replace").strip()
        if title:
            return title[:200].encode(errors="replace").decode()
    return f"No. {number}"


def parsed(raw: bytes) -> dict[str, Any]:
    """The JSON object of an element; raises `Invalid` with the reason in words."""
    try:
        value = json.loads(raw)
    except UnicodeDecodeError as error:
        raise Invalid("It has bytes that are not UTF-8 text.") from error
    except RecursionError as error:
        raise Invalid("It is nested too deeply.") from error
    except ValueError as error:
        raise Invalid(f"It is not valid JSON: {error}.") from error
    if not isinstance(value, dict):
        raise Invalid("It is not an object.")
    return value

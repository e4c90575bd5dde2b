"""Pure functions over a chat's JSON: taking it apart, putting it together, walking its tree."""

import hashlib
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from shared.chats.models import NEW_CHAT, Fields, Message, valid_id
from shared.errors import Invalid

# Parts of a message that are not its own content: derived from others, or of the run that is writing it.
DERIVED = ("childrenIds", "run")
# How deep lists and objects may be within each other.
DEPTH = 100
# Where a chat's JSON says what its client has read (`shared.chats.merge.Reader`); clients send the history back whole.
MARK = "read"


@dataclass(frozen=True)
class Parts:
    """A chat's JSON taken apart. None: the JSON says nothing about it, so what is stored stays."""

    fields: Fields
    title: str | None
    messages: dict[str, Message] | None
    current_id: str | None
    lists_messages: bool | None
    mark: str | None


def take_apart(chat: Mapping[str, Any]) -> Parts:
    """Splits the contract's chat JSON. Raises `Invalid` when it has another shape than the contract's.

    A chat with only the linear `messages` (older clients) gets its tree from it.
    """
    fields = {key: value for key, value in chat.items() if key not in ("title", "history", "messages", "version")}
    check(fields)
    title = chat.get("title")
    if title is not None and not isinstance(title, str):
        raise Invalid("The chat's title is not a text.")
    history, linear = chat.get("history"), chat.get("messages")
    if history is not None and not isinstance(history, dict):
        raise Invalid("chat.history is not an object.")
    if linear is not None and not isinstance(linear, list):
        raise Invalid("chat.messages is not a list.")
    lists_messages = None if linear is None else True
    if history is None:
        messages = None if not linear else chain(linear)
        current = next(reversed(messages), None) if messages else None
        return Parts(fields, title, messages, current, lists_messages, None)
    stored = history.get("messages")
    if stored is not None and not isinstance(stored, dict):
        raise Invalid("chat.history.messages is not an object.")
    messages = None if stored is None else {valid_id(key): normal(key, value) for key, value in stored.items()}
    current = history.get("currentId")
    mark = history.get(MARK)
    return Parts(
        fields, title, messages, valid_id(current) if current else None, lists_messages, mark if mark else None
    )


def chain(linear: Iterable[Any]) -> dict[str, Message]:
    """The tree of a linear list of messages: each is the child of the one before."""
    messages: dict[str, Message] = {}
    parent: str | None = None
    for number, value in enumerate(linear):
        if not isinstance(value, dict):
            raise Invalid("A message is not an object.")
        message_id = valid_id(value.get("id") or f"message-{number}")
        messages[message_id] = normal(message_id, {**value, "parentId": parent})
        parent = message_id
    return messages


def normal(message_id: str, message: Any) -> Message:
    """The message as it is stored: with its id, a valid parent, no NUL, nothing derived; childrenIds are kept aside."""
    if not isinstance(message, dict):
        raise Invalid("A message is not an object.")
    check(message)
    result = {**message, "id": message_id}
    parent = result.get("parentId")
    result["parentId"] = valid_id(parent) if parent else None
    if result["parentId"] == message_id:
        raise Invalid("A message cannot be its own parent.")
    if isinstance(result.get("content"), str) and "\x00" in result["content"]:
        result["content"] = result["content"].replace("\x00", "")
    return result


def check(value: object) -> None:
    """Raises `Invalid` for what JSON has no word for (NaN, infinity), and for lists in lists in lists without end."""
    pending = [(value, 0)]
    while pending:
        part, depth = pending.pop()
        if isinstance(part, float) and not math.isfinite(part):
            raise Invalid("A number is not finite. Send null in its place.")
        if isinstance(part, dict | list):
            if depth == DEPTH:
                raise Invalid(f"Lists and objects are within each other more than {DEPTH} deep.")
            inner = part.values() if isinstance(part, dict) else part
            pending += [(each, depth + 1) for each in inner if isinstance(each, float | dict | list)]


def dumps(value: object) -> str:
    """Compact JSON, keys in their order."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def body_of(message: Message) -> str:
    """The JSON stored for a message; a lone surrogate (half an emoji) is written as an escape, as UTF-8 demands."""
    text = dumps({key: value for key, value in message.items() if key not in ("childrenIds", "parentId")})
    try:
        text.encode()
    except UnicodeEncodeError:
        return json.dumps(json.loads(text), separators=(",", ":"))
    return text


def hash_of(message: Message) -> str:
    """A hash of what the message says, independent of the order of its keys and of what is derived."""
    own = {key: value for key, value in message.items() if key not in DERIVED}
    text = json.dumps(own, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def link(messages: dict[str, Message], positions: Mapping[str, float]) -> dict[str, Message]:
    """Sets every message's childrenIds, siblings by position.

    A message whose parent is gone becomes a root, and so does the first message of a circle.
    """
    order = sorted(messages, key=lambda key: (positions.get(key, 0), key))
    linked = {key: {**messages[key], "childrenIds": []} for key in order}
    for key, message in linked.items():
        parent = message.get("parentId")
        if parent in linked:
            linked[parent]["childrenIds"].append(key)
        else:
            message["parentId"] = None
    reached: set[str] = set()
    for key in (*(key for key in order if linked[key]["parentId"] is None), *order):
        if key in reached:
            continue
        if (parent := linked[key]["parentId"]) is not None:
            linked[parent]["childrenIds"].remove(key)
            linked[key]["parentId"] = None
        pending = [key]
        while pending:
            reached.add(pending[-1])
            pending += linked[pending.pop()]["childrenIds"]
    return linked


def subtree(parents: Mapping[str, str | None], message_id: str) -> list[str]:
    """A message and all that follow on it, parents first."""
    children: dict[str | None, list[str]] = {}
    for key, parent in parents.items():
        children.setdefault(parent, []).append(key)
    found = {message_id: None}
    for key in (queue := [message_id]):
        new = [child for child in children.get(key, ()) if child not in found]
        found |= dict.fromkeys(new)
        queue += new
    return list(found)


def branch(messages: Mapping[str, Message], message_id: str | None) -> list[Message]:
    """The messages from the root to `message_id`, both included; empty when it is absent."""
    path: list[Message] = []
    seen: set[str] = set()
    while message_id and message_id in messages and message_id not in seen:
        seen.add(message_id)
        path.append(messages[message_id])
        message_id = messages[message_id].get("parentId")
    return path[::-1]


def newest_leaf(messages: Mapping[str, Message]) -> str | None:
    """The last message that has no children (by order in `messages`)."""
    return next((key for key in reversed(list(messages)) if not messages[key].get("childrenIds")), None)


def put_together(
    fields: Fields, title: str, messages: dict[str, Message], current_id: str | None, *, mark: str, lists_messages: bool
) -> dict[str, Any]:
    """The contract's chat JSON; `mark` tells, when the client sends it back, what that client had read."""
    current = current_id if current_id in messages else newest_leaf(messages)
    chat: dict[str, Any] = {
        **fields,
        "title": title,
        "history": {"messages": messages, "currentId": current, MARK: mark},
    }
    if lists_messages:
        chat["messages"] = branch(messages, current)
    return chat


def title_of(title: str | None) -> str:
    """The title as stored (lists carry it, so it has an end)."""
    return NEW_CHAT if title is None else title[:1000].encode(errors="replace").decode()

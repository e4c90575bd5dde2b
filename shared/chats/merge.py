"""Pure rules of merging what a client saves into what is stored, so that two tabs lose nothing.

A client that saves a whole chat says, by the mark it got when it read the chat, what it can know. What it cannot know
was written by somebody else meanwhile, and stays.
"""

import re
import secrets
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from shared.chats.models import Message
from shared.chats.tree import hash_of

SERVER = "server"
# What the server writes and clients need not repeat.
SERVER_FIELDS = ("reasoning_content", "reasoning_duration", "usage", "tool_calls", "selectedModelId", "context_summary")
PAST_KEPT = 16
# Siblings are ordered by the version that created them, then by their place within that write.
PLACES = 1 << 20

_MARK = re.compile(r"(\d{1,12})\.([0-9a-f]{8})")


@dataclass(frozen=True)
class Stored:
    """What is stored of a message, apart from its body."""

    message_id: str
    parent_id: str | None
    hash: str
    past: tuple[str, ...]
    version: int
    writer: str
    creator: str
    position: int


@dataclass(frozen=True)
class Reader:
    """A client that saves: who it is, and the version of the chat that it read last (-1: it read none)."""

    writer: str
    base: int = -1

    def knows(self, stored: Stored) -> bool:
        """Whether it has read, or written, the message as it is stored now."""
        return stored.version <= self.base or stored.writer == self.writer

    def may_delete(self, stored: Stored) -> bool:
        """Whether leaving the message out means to delete it: it knows it, or asked for the answer itself."""
        return self.knows(stored) or (stored.creator == self.writer and stored.writer == SERVER)


def new_mark(version: int) -> str:
    """The mark of one reading of a chat: two tabs never have the same."""
    return f"{version}.{secrets.token_hex(4)}"


def reader_of(mark: object, session: str) -> Reader:
    """The client that sent `mark` along; without a (good) one it is known by its session, and has read nothing."""
    match = _MARK.fullmatch(mark) if isinstance(mark, str) else None
    return Reader(f"tab:{match[2]}", int(match[1])) if match else Reader(f"session:{session}")


def resolve(stored: Stored, body: Message, incoming: Message, reader: Reader) -> Message | None:
    """What a message becomes when `reader` saves it within a whole chat; None: it stays as it is.

    - A copy that says what the message said before is stale, unless the reader knows what it says now.
    - A copy that is what the server wrote with parts left out is that of a client which missed them: it was opened in
      mid-answer, or its socket broke, and the end was too long to repeat the whole text.
    - Two real edits of one message: the later one counts, fields that only one has are kept.
    """
    kept = {key: body[key] for key in (*SERVER_FIELDS, "run") if key in body and key not in incoming}
    merged = {**incoming, **kept}
    if hash_of(merged) == stored.hash:
        return None
    if reader.knows(stored):
        return merged
    if hash_of(incoming) in stored.past or hash_of(merged) in stored.past:
        return None
    if stored.writer == SERVER and _is_part(incoming.get("content"), body.get("content")):
        return None
    return {**body, **incoming}


def to_delete(stored: Iterable[Stored], incoming: Collection[str], reader: Reader, active: Collection[str]) -> set[str]:
    """The messages that a whole-chat save deletes by leaving them out."""
    return {
        known.message_id
        for known in stored
        if known.message_id not in incoming and known.message_id not in active and reader.may_delete(known)
    }


def new_parents(parents: Mapping[str, str | None], deleted: Collection[str]) -> dict[str, str | None]:
    """The new parents of messages that stay while theirs is deleted: the nearest ancestor that stays."""
    moved: dict[str, str | None] = {}
    for message_id, parent in parents.items():
        if message_id in deleted or parent not in deleted:
            continue
        seen = {message_id}
        while parent and parent in deleted and parent not in seen:
            seen.add(parent)
            parent = parents.get(parent)
        moved[message_id] = None if parent in seen else parent
    return moved


def places(messages: Mapping[str, Message]) -> dict[str, int]:
    """The place of each message among those of one write: by its parent's childrenIds, otherwise by their order."""
    ranks = {message_id: PLACES // 2 + number for number, message_id in enumerate(messages)}
    for message in messages.values():
        children = message.get("childrenIds")
        if isinstance(children, list):
            ranks.update(
                {child: rank for rank, child in enumerate(children) if isinstance(child, str) and child in messages}
            )
    return ranks


def _is_part(part: object, whole: object) -> bool:
    """Whether `part` is `whole` with something left out, anywhere."""
    if not (isinstance(part, str) and isinstance(whole, str) and len(part) < len(whole)):
        return False
    rest = iter(whole)
    return all(character in rest for character in part)

"""Chats as Open WebUI, and this server, export them: `{id, title, chat: {title, history, …}, …}`, or the chat alone."""

from typing import Any

from functions.transfer.incoming import Incoming, content_hash, flag, seconds
from shared.chats import tree
from shared.errors import Invalid

NAME = "Open WebUI"


def recognises(value: dict[str, Any]) -> bool:
    """Whether this is such a chat."""
    chat = value.get("chat")
    return isinstance(chat, dict) or any(isinstance(value.get(key), dict | list) for key in ("history", "messages"))


def convert(value: dict[str, Any]) -> Incoming:
    """The chat. Raises `Invalid` when its messages cannot be understood."""
    wrapped = isinstance(value.get("chat"), dict)
    chat: dict[str, Any] = value["chat"] if wrapped else value
    title = chat.get("title") or value.get("title")
    parts = tree.take_apart({**chat, "title": title if isinstance(title, str) else None})
    if not parts.messages and not parts.fields:
        raise Invalid("It has no messages.")
    outer = value if wrapped else {}
    source_id = outer.get("id") or chat.get("id")
    meta = outer.get("meta")
    return Incoming(
        parts=parts,
        key=f"open-webui:{source_id}" if isinstance(source_id, str) and source_id else content_hash(chat),
        source_id=source_id if isinstance(source_id, str) else None,
        folder_id=outer["folder_id"] if isinstance(outer.get("folder_id"), str) else None,
        meta=meta if isinstance(meta, dict) else {},
        pinned=flag(outer.get("pinned")),
        archived=flag(outer.get("archived")),
        created_at=seconds(outer.get("created_at")) or seconds(chat.get("timestamp")),
        updated_at=seconds(outer.get("updated_at")) or seconds(chat.get("timestamp")),
    )

"""Message bodies and large head fields: inline while they are small, in S3 when they are not."""

import hashlib
import json
from collections.abc import Iterable
from typing import cast

from botocore.exceptions import ClientError
from pydantic_core import from_json

from shared.chats.models import ChatHead, Fields, Message, MessageItem
from shared.chats.tree import body_of, hash_of
from shared.parallel import in_parallel
from shared.storage import objects

# An item may have 400 KB with all its attributes and their names.
INLINE_BYTES = 300 * 1024
HEAD_INLINE_BYTES = 100 * 1024


def prefix(chat_id: str) -> str:
    """Where the objects of a chat are."""
    return f"chats/{chat_id}/"


def set_body(item: MessageItem, message: Message, chat_id: str) -> bytes | None:
    """Puts the message's JSON into its item; returns it when it must go to S3, at the key the item then has."""
    text = body_of(message)
    raw = text.encode()
    item.hash, item.size = hash_of(message), len(raw)
    if len(raw) <= INLINE_BYTES:
        item.body, item.body_key = text, None
        return None
    item.body, item.body_key = None, f"{prefix(chat_id)}{item.message_id}/{_digest(raw)}"
    return raw


def set_fields(head: ChatHead, fields: Fields) -> bytes | None:
    """Puts the chat's other fields into its head; returns their JSON when it must go to S3, at `fields_key`."""
    raw = json.dumps(fields, separators=(",", ":")).encode()
    if len(raw) <= HEAD_INLINE_BYTES:
        head.fields, head.fields_key = fields, None
        return None
    head.fields, head.fields_key = None, f"{prefix(head.chat_id)}fields/{_digest(raw)}"
    return raw


def fields_of(head: ChatHead) -> Fields:
    """The chat's other fields."""
    if head.fields_key:
        return dict(json.loads(objects.get(head.fields_key)))
    return dict(head.fields or {})


def put(bodies: dict[str, bytes]) -> None:
    """Stores objects by key, several at a time."""
    if bodies:
        in_parallel(lambda pair: objects.put(pair[0], pair[1], "application/json"), bodies.items())


def messages_of(items: Iterable[MessageItem]) -> dict[str, Message]:
    """The messages of items, by id, in the order of the items."""
    listed = list(items)
    remote = in_parallel(_remote, [item for item in listed if item.body_key])
    loaded = dict(pair for pair in remote if pair)
    messages: dict[str, Message] = {}
    for item in listed:
        raw = loaded.get(item.message_id) if item.body_key else item.body
        if raw is not None:
            messages[item.message_id] = {**_loaded(raw), "parentId": item.parent_id}
    return messages


def _loaded(raw: bytes | str) -> Message:
    try:
        return cast(Message, from_json(raw, cache_strings="keys"))  # a third of json's time
    except ValueError:  # half an emoji, which it refuses
        return cast(Message, json.loads(raw))


def _remote(item: MessageItem) -> tuple[str, bytes | str] | None:
    for _ in range(3):
        if item.body is not None:
            return item.message_id, item.body
        try:
            return item.message_id, objects.get(str(item.body_key))
        except ClientError as error:
            if error.response["Error"]["Code"] not in ("NoSuchKey", "404"):
                raise
        try:  # it was rewritten since the item was read: the new item points to the new body
            item = MessageItem.get(item.pk, item.sk, consistent_read=True)
        except MessageItem.DoesNotExist:
            return None
    raise RuntimeError(f"the body of message {item.message_id} is missing")


def _digest(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()[:32]

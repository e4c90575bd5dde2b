"""Shares: a chat as it was when it was shared, for everybody who has the link.

Whether somebody has to be signed in to open one says `AuthSection.enable_public_shares`. Sharing again brings the share
up to date; ending it, or deleting the chat, makes the link lead nowhere at once.
"""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError
from pynamodb.transactions import TransactWrite

from shared import files
from shared.chats import bodies, images, tree, writing
from shared.chats.merge import SERVER
from shared.chats.models import HEAD, ChatHead, Message, ShareItem, partition
from shared.chats.writing import Plan
from shared.clock import now
from shared.errors import Forbidden, NotFound, Unauthorized
from shared.files import FileItem
from shared.identity.config import AuthSection
from shared.identity.sessions import Identity
from shared.sections import load
from shared.storage import objects
from shared.storage.tables import fetch_together

NO_SHARE = "This link leads nowhere. Whoever shared the chat may have ended it."


@dataclass(frozen=True)
class Shared:
    """A shared chat; `chat` is its JSON, `image_ids` are the images in it. Times in seconds."""

    share_id: str
    chat_id: str
    user_id: str
    title: str
    created_at: int
    updated_at: int
    chat: dict[str, Any] = field(default_factory=dict)
    image_ids: frozenset[str] = frozenset()


def check_reader(identity: Identity | None) -> None:
    """Lets in whoever may open shared chats: who may use the app, or everybody when an admin opened shares.

    Raises `Unauthorized`, `Forbidden`.
    """
    if (identity and identity.role in ("user", "admin")) or load(AuthSection).enable_public_shares:
        return
    if identity is None:
        raise Unauthorized("Sign in to read this chat.")
    raise Forbidden("Your account is waiting for an admin to activate it.")


def share(chat_id: str, chat: Mapping[str, Any]) -> Shared:
    """Shares a chat, or brings its share up to date, with what it says now (`chat`, its JSON). Raises `NotFound`."""
    shown = sorted(_images(chat))
    raw = json.dumps(chat, separators=(",", ":")).encode()
    made: list[ShareItem] = []

    def work_out() -> Plan:
        plan = Plan(writing.get_head(chat_id), head_changed=True, touch=False)
        head = plan.head
        before = _item(head.share_id) if head.share_id else None
        head.share_id = head.share_id or str(uuid.uuid4())
        item = ShareItem(
            *ShareItem.key(head.share_id),
            share_id=head.share_id,
            chat_id=chat_id,
            user_id=head.user_id,
            title=head.title,
            created_at=head.created_at,
            updated_at=now(),
            body_key=f"{bodies.prefix(chat_id)}share/{uuid.uuid4().hex}",
            files=shown,
        )
        plan.objects[item.body_key] = raw
        if before:
            plan.old_keys["share"] = before.body_key
        plan.also.append(lambda transaction: transaction.save(item))
        made[:] = [item]
        return plan

    writing.write(chat_id, SERVER, work_out)
    return _shared(made[0], dict(chat))


def end(chat_id: str) -> bool:
    """Ends the share of a chat; False when it has none. Raises `NotFound` when there is no such chat."""
    ended: list[str] = []

    def work_out() -> Plan:
        plan = Plan(writing.get_head(chat_id), touch=False)
        share_id = plan.head.share_id
        ended[:] = [share_id] if share_id else []
        if share_id:
            plan.head_changed, plan.head.share_id = True, None
            if item := _item(share_id):
                plan.old_keys["share"] = item.body_key

            def write(transaction: TransactWrite) -> None:
                transaction.delete(ShareItem(*ShareItem.key(share_id)))

            plan.also.append(write)
        return plan

    writing.write(chat_id, SERVER, work_out)
    return bool(ended)


def read(share_id: str) -> Shared:
    """The chat behind a link; raises `NotFound`."""
    for _ in range(3):
        item = _item(share_id)
        if item is None or not _is_open(item):
            break
        try:
            return _shared(item, json.loads(objects.get(item.body_key)))
        except ClientError as error:  # it was shared again meanwhile: the item leads to another object now
            if error.response["Error"]["Code"] not in ("NoSuchKey", "404"):
                raise
    raise NotFound(NO_SHARE)


def unshared(chat: Mapping[str, Any], shown: Mapping[str, Any]) -> Shared:
    """A chat (as the contract has it) that an admin reads or copies though it is not shared; `shown` is its JSON."""
    return Shared(
        share_id=chat["id"],
        chat_id=chat["id"],
        user_id=chat["user_id"],
        title=chat["title"],
        created_at=chat["created_at"],
        updated_at=chat["updated_at"],
        chat=dict(shown),
        image_ids=_images(shown),
    )


def _images(chat: Mapping[str, Any]) -> frozenset[str]:
    messages: dict[str, Message] = chat["history"]["messages"]
    return frozenset(file_id for message in messages.values() for file_id in images.referenced(message))


def forget(chat_id: str) -> None:
    """Deletes the share of a chat that is being deleted; its object goes with the chat's."""
    (head,) = fetch_together((ChatHead, partition(chat_id), HEAD), only=("share_id",))
    if isinstance(head, ChatHead) and head.share_id:
        ShareItem(*ShareItem.key(head.share_id)).delete()


def shows(item: FileItem) -> bool:
    """Whether a chat that its owner shares now shows this image."""
    chat_ids = sorted(item.chats or ())[:100]
    if not (item.is_image and chat_ids):
        return False
    heads = fetch_together(*((ChatHead, partition(chat_id), HEAD) for chat_id in chat_ids), only=("share_id", "gsi1pk"))
    shared = [head for head in heads if isinstance(head, ChatHead) and not head.deleting]
    keys = [ShareItem.key(head.share_id) for head in shared if head.share_id]
    shares = fetch_together(*((ShareItem, *key) for key in keys)) if keys else []
    return any(
        isinstance(found, ShareItem) and found.user_id == item.user_id and item.file_id in (found.files or ())
        for found in shares
    )


def take_over(shared: Shared, chat_id: str) -> tuple[dict[str, Any], dict[str, bytes]]:
    """The JSON of a shared chat for a chat of somebody else, with images of its own: their bytes by their new ids."""
    text = tree.dumps(shared.chat)
    copies: dict[str, bytes] = {}
    for item in files.find_all(shared.image_ids).values():
        if item.user_id != shared.user_id or not item.is_image or item.file_id not in text:
            continue
        content = files.content(item)
        new_id = files.image_id(chat_id, content)
        text = text.replace(item.file_id, new_id)
        copies[new_id] = content
    return json.loads(text), copies


def _is_open(item: ShareItem) -> bool:
    """Whether the chat still has this share; one that is being deleted has none."""
    (head,) = fetch_together((ChatHead, partition(item.chat_id), HEAD), only=("share_id", "gsi1pk"))
    return isinstance(head, ChatHead) and not head.deleting and head.share_id == item.share_id


def _item(share_id: str) -> ShareItem | None:
    try:
        return ShareItem.get(*ShareItem.key(share_id), consistent_read=True)
    except ShareItem.DoesNotExist:
        return None


def _shared(item: ShareItem, chat: dict[str, Any]) -> Shared:
    return Shared(
        share_id=item.share_id,
        chat_id=item.chat_id,
        user_id=item.user_id,
        title=item.title,
        created_at=int(item.created_at),
        updated_at=int(item.updated_at),
        chat=chat,
        image_ids=frozenset(item.files or ()),
    )

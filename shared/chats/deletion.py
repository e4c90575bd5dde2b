"""Deleting chats so that nothing stays behind, whenever it is interrupted.

First the head is marked and leaves its list: the chat is gone for everybody and takes no more writes. Then share, tags,
messages, their objects and its images go, and the head last. Marked heads stand in a list of their own, so whoever
deletes next finishes what broke off.
"""

import time
from collections.abc import Iterable, Sequence

from pynamodb.expressions.update import Action

from shared import files
from shared.chats import bodies, lists, sharing, tags
from shared.chats.models import (
    DELETING,
    HEAD,
    IMAGE_PREFIX,
    TAG_PREFIX,
    ChatHead,
    FolderItem,
    ImageItem,
    MessageItem,
    chores_partition,
    folders_partition,
    list_position,
    partition,
    tags_partition,
)
from shared.clock import now
from shared.logs import logger
from shared.parallel import in_parallel
from shared.storage import objects
from shared.storage.tables import Item, delete_all, written

# A deletion that has not ended after this time is taken for broken off.
BROKEN_OFF_SECONDS = 60
_AT_ONCE = 32


def delete(head: ChatHead) -> None:
    """Deletes a chat. It is invisible from the first write on."""
    if mark(head.chat_id):
        purge(head.chat_id, head.user_id)


def purge_all(user_id: str, chat_ids: Sequence[str], deadline: float) -> bool:
    """Deletes all of a person's marked chats until `deadline` (time.monotonic); False when time ran out first."""
    for start in range(0, len(chat_ids), _AT_ONCE):
        if time.monotonic() > deadline:
            return False
        in_parallel(lambda chat_id: purge(chat_id, user_id), chat_ids[start : start + _AT_ONCE])
    return True


def finish_broken_off(limit: int = 5, older_than: int = BROKEN_OFF_SECONDS) -> int:
    """Finishes deletions that broke off; returns how many."""
    left = lists.before(DELETING, list_position(now() - older_than, "~"), limit)
    if left:
        logger().info("finishing deletions", extra={"chat_ids": [head.chat_id for head in left[:20]]})
    in_parallel(lambda head: purge(head.chat_id, head.user_id), left)
    return len(left)


def mark(chat_id: str) -> bool:
    """Makes a chat invisible and closed for writes; False when it is gone already."""
    actions: list[Action] = [
        ChatHead.gsi1pk.set(DELETING),
        ChatHead.gsi1sk.set(list_position(now(), chat_id)),
        ChatHead.version.add(1),
    ]
    return written(ChatHead(partition(chat_id), HEAD).update, actions, ChatHead.pk.exists())


def purge(chat_id: str, user_id: str) -> None:
    """Deletes all of a marked chat; every step can be repeated."""
    keys = _keys(chat_id)
    sharing.forget(chat_id)
    tags.forget(chat_id, user_id, [sk.removeprefix(TAG_PREFIX) for sk in keys if sk.startswith(TAG_PREFIX)])
    image_ids = [sk.removeprefix(IMAGE_PREFIX) for sk in keys if sk.startswith(IMAGE_PREFIX)]
    files.release(image_ids, user_id, chat_id)
    objects.delete(*objects.keys(bodies.prefix(chat_id)))
    _delete(chat_id, (sk for sk in keys if not sk.startswith((IMAGE_PREFIX, TAG_PREFIX))), MessageItem)
    _delete(chat_id, (sk for sk in keys if sk.startswith(IMAGE_PREFIX)), ImageItem)
    ChatHead(partition(chat_id), HEAD).delete()


def forget_person(user_id: str) -> None:
    """Deletes the folders, tags and chores of somebody whose chats are deleted."""
    for key in (folders_partition(user_id), tags_partition(user_id), chores_partition(user_id)):
        items = FolderItem.query(key, consistent_read=True, attributes_to_get=["pk", "sk"])
        delete_all(FolderItem, [(key, item.sk) for item in items])


def _keys(chat_id: str) -> list[str]:
    """The sort keys of everything in the chat's partition but its head."""
    items = MessageItem.query(partition(chat_id), consistent_read=True, attributes_to_get=["pk", "sk"])
    return [item.sk for item in items if item.sk != HEAD]


def _delete(chat_id: str, sort_keys: Iterable[str], model: type[Item]) -> None:
    delete_all(model, [(partition(chat_id), sk) for sk in sort_keys])

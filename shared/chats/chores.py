"""Changes to many chats of a person at once: delete, archive, unarchive all; delete or empty a folder.

A chore is noted first, then carried out for as long as a request may take. What is left is worked off in the background
(the timers queue) in rounds; what something interrupted is taken up once an hour. Every step can be repeated.
"""

import json
import time
import uuid
from collections.abc import Callable, Iterator
from typing import Literal

from pynamodb.transactions import TransactWrite

from shared.chats import changing, deletion, lists
from shared.chats.models import ChoreItem, chores_partition, list_position
from shared.clock import now
from shared.errors import NotFound
from shared.logs import logger
from shared.parallel import in_parallel
from shared.settings import settings
from shared.storage.aws import sqs

Action = Literal["delete", "archive", "unarchive", "delete_folders", "leave_folders"]

CHORES = "CHORES"
# How long a request works on a chore itself, and a round in the background.
REQUEST_SECONDS = 10.0
ROUND_SECONDS = 40.0
# A chore is left alone for so long by everybody but the request that noted it.
UNTOUCHED_SECONDS = 60
_AT_ONCE = 200
_END_OF_TIME = 10**11


def new(user_id: str, action: Action, folder_ids: list[str] | None = None) -> ChoreItem:
    """A chore, not yet stored: whoever has to, stores it together with what makes it necessary (`add`)."""
    chore_id, started_at = uuid.uuid4().hex, now()
    return ChoreItem(
        chores_partition(user_id),
        chore_id,
        action=action,
        folder_ids=folder_ids,
        started_at=started_at,
        gsi1pk=CHORES,
        gsi1sk=list_position(started_at, chore_id),
    )


def add(chore: ChoreItem) -> Callable[[TransactWrite], None]:
    """Stores the chore within a transaction."""
    return lambda transaction: transaction.save(chore)


def begin(chore: ChoreItem) -> None:
    """Works on a stored chore as long as a request may, and has the rest done in the background."""
    if not _work(chore, time.monotonic() + REQUEST_SECONDS):
        later()


def delete_everything(user_id: str, deadline: float) -> bool:
    """Deletes all chats of a person, whenever they came, until `deadline` (time.monotonic); False when time ran out."""
    chore = new(user_id, "delete")
    chore.started_at = _END_OF_TIME
    return _work(chore, deadline)


def go_on(deadline: float) -> bool:
    """Takes up what was left, until `deadline` (time.monotonic); returns whether nothing is left."""
    for item in _left():
        if time.monotonic() > deadline or not _work(item, deadline):
            return False
    while time.monotonic() < deadline:
        if not deletion.finish_broken_off(limit=_AT_ONCE):
            return True
    return False


def later() -> None:
    """Has `go_on` called in the background, as soon as it may touch what is left."""
    message = json.dumps({"kind": "chores"})
    sqs().send_message(
        QueueUrl=settings().require("timers_queue_url"), MessageBody=message, DelaySeconds=UNTOUCHED_SECONDS + 1
    )


def _left() -> Iterator[ChoreItem]:
    until = list_position(now() - UNTOUCHED_SECONDS, "~")
    for listed in ChoreItem.by_list.query(CHORES, ChoreItem.gsi1sk < until, limit=20, attributes_to_get=["pk", "sk"]):
        try:
            yield ChoreItem.get(listed.pk, listed.sk, consistent_read=True)
        except ChoreItem.DoesNotExist:
            continue


def _work(chore: ChoreItem, deadline: float) -> bool:
    """Carries a chore out; False when time ran out first. It is done when a pass over its lists finds nothing."""
    user_id = chore.pk.partition("#")[2]
    change = _CHANGES[chore.action]
    marked: list[str] = []
    while found := list(_found(user_id, chore)):
        for start in range(0, len(found), _AT_ONCE):
            if time.monotonic() > deadline:
                return False
            batch = found[start : start + _AT_ONCE]
            done = in_parallel(lambda chat_id: _tried(change, chat_id), batch)
            marked += [chat_id for chat_id, changed in zip(batch, done, strict=True) if changed]
    chore.delete()
    logger().info("chore done", extra={"user_id": user_id, "action": chore.action})
    # What is marked is gone for everybody already, and stands in the list of deletions to finish.
    return change is not deletion.mark or deletion.purge_all(user_id, marked, deadline)


def _found(user_id: str, chore: ChoreItem) -> Iterator[str]:
    """The chats that are still to be changed: those there were when the chore was noted."""
    if chore.folder_ids:
        for folder_id in chore.folder_ids:
            yield from (chat.chat_id for chat in lists.everything(user_id, [f"folder:{folder_id}"]))
        for kind in ("pinned", "archived"):
            yield from lists.in_folders(user_id, kind, chore.folder_ids)
        return
    kinds = lists.main_kinds(user_id, pinned=True, in_folders=True)
    kinds = {"delete": [*kinds, "archived"], "archive": kinds, "unarchive": ["archived"]}[chore.action]
    for chat in lists.everything(user_id, kinds):
        if not chore.started_at < chat.created_at <= now():  # an import can say that a chat is of tomorrow
            yield chat.chat_id


def _tried(change: Callable[[str], object], chat_id: str) -> bool:
    try:
        return bool(change(chat_id))
    except NotFound:
        return False


def _archive(chat_id: str) -> object:
    return changing.set_flag(chat_id, "archived", True, touch=False)


def _unarchive(chat_id: str) -> object:
    return changing.set_flag(chat_id, "archived", False, touch=False)


_CHANGES: dict[str, Callable[[str], object]] = {
    "delete": deletion.mark,
    "archive": _archive,
    "unarchive": _unarchive,
    "delete_folders": deletion.mark,
    "leave_folders": changing.leave_folder,
}

"""Removing somebody with all they own.

One transaction ends the account: from then on nobody can sign in to it, find it or list it. What the person owned is
deleted after that, each step harmless when repeated; a removal item stays until all of it is gone, so that whatever
interrupts is taken up again: by the same request repeated, by the next removal, or by the hourly
housekeeping.
"""

import time

from functions.accounts import api_keys
from functions.accounts.store import ImageItem, RemovalItem, get_user, remove_account
from shared import feedback, files, presets, prompts, runs, transfers
from shared.chats import chores, deletion
from shared.chats.search import shelf
from shared.clock import now
from shared.errors import Forbidden
from shared.identity.instance import first_admin_id
from shared.identity.models import UserItem
from shared.identity.sessions import Identity, sweep_sessions
from shared.ingestion import requests
from shared.knowledge import deletion as knowledge
from shared.logs import logger
from shared.realtime.hub import disconnect_user
from shared.storage.tables import delete_all

# API Gateway waits 29 s; somebody with very much is deleted in several rounds.
BUDGET_SECONDS = 20.0
# Younger removals are another request's work.
ABANDONED_SECONDS = 60


def remove_user(user_id: str, *, by: Identity) -> None:
    """Ends an account at once, then deletes what it owned; not one's own or the first admin's.

    Raises `Forbidden`, `Invalid`.
    """
    if user_id == first_admin_id():
        raise Forbidden("The first admin cannot be removed.")
    if user_id == by.id:
        raise Forbidden("You cannot remove your own account. Ask another admin.")
    deadline = time.monotonic() + BUDGET_SECONDS
    if _pending(user_id) is None:
        _end_account(get_user(user_id))
    _finish(user_id, deadline)
    finish_abandoned(deadline)


def finish_abandoned(deadline: float) -> None:
    """Takes up removals and deletions of chats that something interrupted, until `deadline` (time.monotonic)."""
    for item in abandoned():
        if time.monotonic() < deadline:
            _finish(item.user_id, deadline)
    chores.go_on(deadline)
    knowledge.finish_broken_off()


def abandoned() -> list[RemovalItem]:
    """Removals that something interrupted, oldest first."""
    stored = RemovalItem.by_list.query("REMOVALS", limit=20)
    pending = [_pending(item.pk.removeprefix("REMOVAL#")) for item in stored]
    return [item for item in pending if item and item.started_at < now() - ABANDONED_SECONDS]


def _end_account(user: UserItem) -> None:
    pointer = api_keys.pointer(user.user_id)
    remove_account(user, pointer.key_hash if pointer else None)


def _finish(user_id: str, deadline: float) -> None:
    """Deletes what is left of a removed person; leaves the removal item when time runs out first."""
    removal = _pending(user_id)
    if removal is None:
        return
    sweep_sessions(user_id)
    disconnect_user(user_id)
    pointer = api_keys.pointer(user_id)
    for key_hash in {removal.api_key_hash, pointer.key_hash if pointer else None} - {None}:
        api_keys.delete_key(str(key_hash))
    delete_all(ImageItem, [ImageItem.key(user_id), api_keys.ApiKeyPointer.key(user_id)])
    if not _delete_owned(user_id, deadline):
        logger().info("removal goes on later", extra={"removed_user_id": user_id})
        return
    removal.delete()


def _pending(user_id: str) -> RemovalItem | None:
    try:
        return RemovalItem.get(*RemovalItem.key(user_id), consistent_read=True)
    except RemovalItem.DoesNotExist:
        return None


def _delete_owned(user_id: str, deadline: float) -> bool:
    """Stops a removed person's answers and deletes all that is theirs; False when time ran out first."""
    for task_id in runs.active_tasks(user_id):
        runs.request_stop(task_id, user_id)
    if not chores.delete_everything(user_id, deadline):
        return False
    if not knowledge.delete_of(user_id, deadline):
        return False
    for file in files.of_user(user_id):
        if time.monotonic() > deadline:
            return False
        requests.remove(file)
    for things in (presets, prompts, feedback):
        if time.monotonic() > deadline:
            return False
        things.delete_of(user_id)
    transfers.forget(user_id)
    deletion.forget_person(user_id)
    shelf.forget(user_id)
    return True

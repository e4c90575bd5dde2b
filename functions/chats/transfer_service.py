"""Use cases of taking in a chat from elsewhere and giving out all of them."""

import uuid
from collections.abc import Iterator
from typing import Any

from functions.chats.models import ChatImportForm
from shared.chats import lists, saving, tree
from shared.chats.merge import Reader
from shared.chats.saving import Origin
from shared.chats.whole import all_kinds, whole, whole_chats
from shared.errors import Invalid
from shared.identity.models import USER_SHARDS, UserItem
from shared.interface import InterfaceSection
from shared.sections import load

Chat = dict[str, Any]
SWITCHED_OFF = "The export of everybody's chats is switched off on this server."


def import_chat(user_id: str, form: ChatImportForm) -> Chat:
    """Stores a chat from elsewhere as the person's; returns it whole."""
    origin = Origin(
        meta=form.meta or {},
        pinned=bool(form.pinned),
        created_at=form.created_at,
        updated_at=form.updated_at or form.created_at,
    )
    reader = Reader(f"import:{uuid.uuid4().hex}")
    return whole(saving.create(user_id, tree.take_apart(form.chat), reader, form.folder_id, origin))


def all_of(user_id: str) -> Iterator[Chat]:
    """All chats of a person, newest first."""
    return _of_lists(user_id, all_kinds(user_id))


def archived_of(user_id: str) -> Iterator[Chat]:
    """The archived chats of a person, newest first."""
    return _of_lists(user_id, ["archived"])


def all_of_everybody() -> Iterator[Chat]:
    """All chats of all people; raises `Invalid` where that is switched off."""
    if not load(InterfaceSection).enable_admin_export:
        raise Invalid(SWITCHED_OFF)
    return (chat for user_id in _everybody() for chat in all_of(user_id))


def _of_lists(user_id: str, kinds: list[str]) -> Iterator[Chat]:
    return whole_chats(chat.chat_id for chat in lists.everything(user_id, kinds))


def _everybody() -> Iterator[str]:
    for number in range(USER_SHARDS):
        yield from (user.user_id for user in UserItem.by_list.query(f"USERS#{number}"))

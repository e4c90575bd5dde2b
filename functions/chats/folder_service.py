"""Use cases of folders. Changes of one person's folders are made one after the other, so that no two of them cross."""

import random
import time
import unicodedata
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from pynamodb.exceptions import TransactWriteError
from pynamodb.expressions.update import Action
from pynamodb.transactions import TransactWrite

from functions.chats.folder_models import (
    FolderForm,
    FolderMetadataResponse,
    FolderModel,
    FolderNameIdResponse,
    FolderUpdateForm,
)
from functions.chats.service import check_may_delete
from shared.chats import chores, folders, lists, tree
from shared.chats.folders import Folder
from shared.chats.models import ChoreItem, FolderDataItem, FolderItem, FolderTreeItem
from shared.clock import now
from shared.errors import Conflict, Invalid, NotFound, TooLarge
from shared.identity.sessions import Identity
from shared.storage.tables import fetch_together, transaction, written

NO_FOLDER = "This folder does not exist. It may have been deleted."
NAME_LENGTH = 200
MOST = 2000
DATA_BYTES, META_BYTES = 200_000, 20_000
# Two actions delete a folder, and a transaction has at most 100.
_AT_ONCE = 40
_ATTEMPTS = 12

Writes = list[Callable[[TransactWrite], None]]


def list_folders(user_id: str) -> list[FolderNameIdResponse]:
    """All folders of the person."""
    return [FolderNameIdResponse(**_shown(found), meta=_look(found)) for found in folders.all_folders(user_id)]


def get(user_id: str, folder_id: str) -> FolderModel:
    """A folder whole; raises `NotFound`."""
    found = folders.folder(user_id, folder_id)
    if found is None:
        raise NotFound(NO_FOLDER)
    return _model(found)


def create(user_id: str, form: FolderForm) -> FolderModel:
    """Makes a folder; no other in the same place may have its name."""
    name, created, folder_id = _name(form.name), now(), str(uuid.uuid4())
    item = FolderItem(*FolderItem.key(user_id, folder_id), folder_id=folder_id, name=name, parent_id=form.parent_id)
    item.meta = _limited(form.meta or {}, META_BYTES) or None
    item.fields = _limited(_extra(form), META_BYTES) or None
    item.created_at = item.updated_at = created
    data = FolderDataItem(*FolderDataItem.key(user_id, folder_id), data=_limited(form.data or {}, DATA_BYTES))

    def work_out(known: dict[str, Folder]) -> Writes:
        if len(known) >= MOST:
            raise Invalid(f"There can be {MOST} folders at most. Delete one first.")
        if form.parent_id and form.parent_id not in known:
            raise NotFound(NO_FOLDER)
        _check_free(known, name, form.parent_id, folder_id)
        return [lambda t: t.save(item), lambda t: t.save(data)]

    _change(user_id, work_out)
    return get(user_id, folder_id)


def update(user_id: str, folder_id: str, form: FolderUpdateForm) -> FolderModel:
    """Renames a folder, or changes what it has."""
    name = None if form.name is None else _name(form.name)

    def work_out(known: dict[str, Folder]) -> Writes:
        found = folders.folder(user_id, folder_id)
        if found is None:
            raise NotFound(NO_FOLDER)
        if name is not None:
            _check_free(known, name, found.parent_id, folder_id)
        actions: list[Action] = [FolderItem.updated_at.set(now())]
        if name is not None:
            actions.append(FolderItem.name.set(name))
        if form.meta is not None:
            actions.append(FolderItem.meta.set(_limited({**found.meta, **form.meta}, META_BYTES)))
        if extra := _extra(form):
            actions.append(FolderItem.fields.set(_limited({**found.fields, **extra}, META_BYTES)))
        writes: Writes = [
            lambda t: t.update(FolderItem(*FolderItem.key(user_id, folder_id)), actions, FolderItem.pk.exists())
        ]
        if form.data is not None:
            data = _limited({**found.data, **form.data}, DATA_BYTES)
            writes.append(lambda t: t.save(FolderDataItem(*FolderDataItem.key(user_id, folder_id), data=data)))
        return writes

    _change(user_id, work_out)
    return get(user_id, folder_id)


def move(user_id: str, folder_id: str, parent_id: str | None) -> FolderModel:
    """Puts a folder into another one, or (None) to the top."""

    def work_out(known: dict[str, Folder]) -> Writes:
        found = known.get(folder_id)
        if found is None or (parent_id and parent_id not in known):
            raise NotFound(NO_FOLDER)
        if parent_id in folders.subtree(list(known.values()), folder_id):
            raise Invalid("A folder cannot be moved into itself, or into a folder that is in it.")
        _check_free(known, found.name, parent_id, folder_id)
        moved = FolderItem.parent_id.set(parent_id) if parent_id else FolderItem.parent_id.remove()
        actions: list[Action] = [moved, FolderItem.updated_at.set(now())]
        return [lambda t: t.update(FolderItem(*FolderItem.key(user_id, folder_id)), actions, FolderItem.pk.exists())]

    _change(user_id, work_out)
    return get(user_id, folder_id)


def expand(user_id: str, folder_id: str, is_expanded: bool) -> FolderModel:
    """Shows a folder open or closed from now on."""
    item = FolderItem(*FolderItem.key(user_id, folder_id))
    if not written(
        item.update, [FolderItem.is_expanded.set(is_expanded), FolderItem.updated_at.set(now())], FolderItem.pk.exists()
    ):
        raise NotFound(NO_FOLDER)
    return get(user_id, folder_id)


def delete(identity: Identity, folder_id: str, *, with_chats: bool) -> bool:
    """Deletes a folder and those in it, with their chats; or lets the chats go back to the main list."""
    user_id = identity.id
    if with_chats and _has_chats(user_id, folder_id):
        check_may_delete(identity)
    begun: list[ChoreItem] = []

    def work_out(known: dict[str, Folder]) -> Writes:
        # Those deepest down go first, so that whatever interrupts leaves a tree.
        gone = folders.subtree(list(known.values()), folder_id)[-_AT_ONCE:]
        if not gone:
            raise NotFound(NO_FOLDER)
        chore = chores.new(user_id, "delete_folders" if with_chats else "leave_folders", gone)
        begun.append(chore)
        keys = [key for each in gone for key in (FolderItem.key(user_id, each), FolderDataItem.key(user_id, each))]
        writes: Writes = [chores.add(chore)]
        return writes + [lambda t, key=key: t.delete(FolderItem(*key)) for key in keys]

    while True:
        _change(user_id, work_out)
        chores.begin(begun[-1])
        if folder_id in (begun[-1].folder_ids or ()):
            return True


def _has_chats(user_id: str, folder_id: str) -> bool:
    ids = folders.subtree(folders.all_folders(user_id), folder_id)
    return any(lists.by_cursor(user_id, [f"folder:{each}"], None, 1).chats for each in ids)


def _change(user_id: str, work_out: Callable[[dict[str, Folder]], Writes]) -> None:
    """Carries out what `work_out` says about the folders as they are, again when another change came between."""
    for attempt in range(_ATTEMPTS):
        (at_version,) = fetch_together((FolderTreeItem, *FolderTreeItem.key(user_id)))
        version = int(at_version.version) if isinstance(at_version, FolderTreeItem) else 0
        known = {found.id: found for found in folders.all_folders(user_id)}
        writes = work_out(known)
        at = FolderTreeItem.version == version if version else FolderTreeItem.pk.does_not_exist()
        try:
            with transaction() as change:
                change.save(FolderTreeItem(*FolderTreeItem.key(user_id), version=version + 1), at)
                for write in writes:
                    write(change)
        except TransactWriteError as error:
            if error.cause_response_code not in ("TransactionCanceledException", "TransactionConflictException"):
                raise
            time.sleep(random.uniform(0.005, 0.02) * (attempt + 1))  # noqa: S311 (spreads writers, protects nothing)
            continue
        return
    raise Conflict("Your folders are being changed from many places at once. Try again.")


def _check_free(known: Mapping[str, Folder], name: str, parent_id: str | None, folder_id: str) -> None:
    for other in known.values():
        if other.id != folder_id and other.parent_id == parent_id and _same(other.name) == _same(name):
            raise Invalid("There is a folder of this name here already. Choose another name.")


def _same(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


def _name(name: str) -> str:
    name = name.strip()
    if not name or len(name) > NAME_LENGTH:
        raise Invalid(f"The name of a folder has 1 to {NAME_LENGTH} characters.")
    return name


def _extra(form: FolderForm | FolderUpdateForm) -> dict[str, Any]:
    return {key: value for key, value in (form.model_extra or {}).items() if key not in FolderModel.model_fields}


def _limited(value: dict[str, Any], size: int) -> dict[str, Any]:
    tree.check(value)
    if len(tree.dumps(value).encode()) > size:
        raise TooLarge(f"A folder can keep at most {size // 1000} KB of this. Put long texts into files.")
    return value


def _model(found: Folder) -> FolderModel:
    return FolderModel(**_shown(found), user_id=found.user_id, meta=found.meta or None, data=found.data or None)


def _look(found: Folder) -> FolderMetadataResponse | None:
    icon = found.meta.get("icon")
    look = {**found.meta, "icon": icon if isinstance(icon, str) else None}
    return FolderMetadataResponse(**look) if found.meta else None


def _shown(found: Folder) -> dict[str, Any]:
    return {
        **found.fields,
        "id": found.id,
        "name": found.name,
        "parent_id": found.parent_id,
        "is_expanded": found.is_expanded,
        "created_at": found.created_at,
        "updated_at": found.updated_at,
    }

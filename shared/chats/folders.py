"""Folders of chats, read: for lists, and for answers that take system prompt, files and model from the folder.

- `folder(user_id, folder_id)`: one folder with its `data`, in one consistent round trip; None when it is not theirs.
- `exists(user_id, folder_id)`: whether it is there.
- `all_folders(user_id)`: every folder of a person, without `data`, in one query.
- `subtree(folders, folder_id)`: a folder and all below it.

`data.files` is what the person put there: whoever reads such a file checks the access to it then.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from shared.chats.models import FOLDER_PREFIX, FolderDataItem, FolderItem, folders_partition
from shared.storage.tables import fetch_together


@dataclass(frozen=True)
class Folder:
    """A folder of a person. Times in seconds; `fields` has what a client added beyond the contract."""

    id: str
    user_id: str
    name: str
    parent_id: str | None = None
    is_expanded: bool = False
    created_at: int = 0
    updated_at: int = 0
    meta: dict[str, Any] = field(default_factory=dict)
    data: dict[str, Any] = field(default_factory=dict)
    fields: dict[str, Any] = field(default_factory=dict)

    @property
    def system_prompt(self) -> str:
        """The system prompt of the chats in it; empty when it has none."""
        prompt = self.data.get("system_prompt")
        return prompt if isinstance(prompt, str) else ""

    @property
    def files(self) -> list[dict[str, Any]]:
        """Files and knowledge bases that every answer in it has at hand."""
        listed = self.data.get("files")
        return [entry for entry in listed if isinstance(entry, dict)] if isinstance(listed, list) else []

    @property
    def model_ids(self) -> list[str]:
        """The models that a new chat in it begins with; empty: those of the person."""
        listed = self.data.get("model_ids")
        return [entry for entry in listed if isinstance(entry, str)] if isinstance(listed, list) else []


def folder(user_id: str, folder_id: str) -> Folder | None:
    """One folder with its data; None when there is none, or it is another person's."""
    item, data = fetch_together(
        (FolderItem, *FolderItem.key(user_id, folder_id)), (FolderDataItem, *FolderDataItem.key(user_id, folder_id))
    )
    if not isinstance(item, FolderItem):
        return None
    return _folder(user_id, item, data.data if isinstance(data, FolderDataItem) else None)


def exists(user_id: str, folder_id: str) -> bool:
    """Whether the person has this folder."""
    return fetch_together((FolderItem, *FolderItem.key(user_id, folder_id))) != [None]


def all_folders(user_id: str) -> list[Folder]:
    """All folders of a person, without their data, by name; one whose parent is gone stands at the top."""
    found = list(
        FolderItem.query(folders_partition(user_id), FolderItem.sk.startswith(FOLDER_PREFIX), consistent_read=True)
    )
    known = {item.folder_id for item in found}
    for item in found:
        if item.parent_id not in known:
            item.parent_id = None
    return [_folder(user_id, item, None) for item in sorted(found, key=lambda item: (item.name.casefold(), item.sk))]


def subtree(folders: Sequence[Folder], folder_id: str) -> list[str]:
    """The ids of a folder and of all below it, parents first; empty when it is not among `folders`."""
    children: dict[str | None, list[str]] = {}
    known = {each.id for each in folders}
    for each in folders:
        children.setdefault(each.parent_id, []).append(each.id)
    found: list[str] = [folder_id] if folder_id in known else []
    for parent in found:
        found += [child for child in children.get(parent, ()) if child not in found]
    return found


def _folder(user_id: str, item: FolderItem, data: dict[str, Any] | None) -> Folder:
    return Folder(
        id=item.folder_id,
        user_id=user_id,
        name=item.name,
        parent_id=item.parent_id,
        is_expanded=bool(item.is_expanded),
        created_at=int(item.created_at),
        updated_at=int(item.updated_at),
        meta=item.meta or {},
        data=data or {},
        fields=item.fields or {},
    )

"""Routes of /api/v1/folders."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query

from functions.chats import folder_service as service
from functions.chats.folder_models import (
    FolderForm,
    FolderIsExpandedForm,
    FolderModel,
    FolderNameIdResponse,
    FolderParentIdForm,
    FolderUpdateForm,
)
from functions.chats.models import ClientId
from shared.delivery import within_limit
from shared.identity.dependencies import VerifiedUser

router = APIRouter(prefix="/api/v1/folders", tags=["folders"], dependencies=[Depends(within_limit)])

Id = Annotated[ClientId, Path(alias="id", description="Folder id.")]


@router.get("/", response_model=list[FolderNameIdResponse])
def list_folders(identity: VerifiedUser) -> list[FolderNameIdResponse]:
    """The person's folders, by name; `parent_id` makes the tree."""
    return service.list_folders(identity.id)


@router.post("/", response_model=FolderModel)
def create_folder(form: FolderForm, identity: VerifiedUser) -> FolderModel:
    """Makes a folder; 400 when there is one of this name in the same place."""
    return service.create(identity.id, form)


@router.get("/{id}", response_model=FolderModel | None)
def get_folder(folder_id: Id, identity: VerifiedUser) -> FolderModel:
    """A folder with its data."""
    return service.get(identity.id, folder_id)


@router.post("/{id}/update", response_model=FolderModel)
def update_folder(folder_id: Id, form: FolderUpdateForm, identity: VerifiedUser) -> FolderModel:
    """Changes name, data or meta."""
    return service.update(identity.id, folder_id, form)


@router.post("/{id}/update/parent", response_model=FolderModel)
def move_folder(folder_id: Id, form: FolderParentIdForm, identity: VerifiedUser) -> FolderModel:
    """Moves a folder; 400 when it would end up in itself, or where another one has its name."""
    return service.move(identity.id, folder_id, form.parent_id)


@router.post("/{id}/update/expanded", response_model=FolderModel)
def expand_folder(folder_id: Id, form: FolderIsExpandedForm, identity: VerifiedUser) -> FolderModel:
    """Keeps whether the folder is shown open."""
    return service.expand(identity.id, folder_id, form.is_expanded)


@router.delete("/{id}", response_model=bool)
def delete_folder(
    folder_id: Id,
    identity: VerifiedUser,
    delete_contents: Annotated[
        bool, Query(description="Ours: false lets the chats go back to the main list, in place of deleting them.")
    ] = True,
) -> bool:
    """Deletes a folder, the folders in it, and their chats."""
    return service.delete(identity, folder_id, with_chats=delete_contents)

"""Routes of /api/v1/chats/imports: importing many chats at once."""

from typing import Annotated

from fastapi import APIRouter, Path

from functions.transfer import jobs, service
from functions.transfer.models import Import, ImportForm, Status, status
from shared.identity.dependencies import VerifiedUser

router = APIRouter(prefix="/api/v1/chats/imports", tags=["cirrus"])

ImportId = Annotated[str, Path(alias="id", pattern=r"^[0-9a-f-]{36}$", description="Import id.")]


@router.post("")
def create_import(form: ImportForm, identity: VerifiedUser) -> Import:
    """An import, and the form by which its file is uploaded: one chat or many, of Open WebUI or ChatGPT, as JSON."""
    return service.new_import(identity.id, form)


@router.get("")
def list_imports(identity: VerifiedUser) -> list[Status]:
    """The person's imports of the last week, newest first."""
    return [status(item) for item in jobs.of_user(identity.id, "import")]


@router.post("/{id}/start")
def start_import(import_id: ImportId, identity: VerifiedUser) -> Status:
    """Starts an import whose file is uploaded, or goes on with one that was interrupted or failed."""
    return service.start_import(identity.id, import_id)


@router.get("/{id}")
def get_import(import_id: ImportId, identity: VerifiedUser) -> Status:
    """How far an import has got."""
    return status(jobs.get(identity.id, "import", import_id))


@router.delete("/{id}")
def delete_import(import_id: ImportId, identity: VerifiedUser) -> bool:
    """Stops an import and forgets it; the chats it has imported stay."""
    service.remove(identity.id, "import", import_id)
    return True

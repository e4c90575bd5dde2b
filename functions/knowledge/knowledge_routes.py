"""Routes of /api/v1/knowledge."""

from typing import Annotated

from fastapi import APIRouter, Body, Path, Query, Request, Response

from functions.knowledge import knowledge_service as service
from functions.knowledge.knowledge_models import (
    KnowledgeFileIdForm,
    KnowledgeFilesResponse,
    KnowledgeForm,
    KnowledgeResponse,
    KnowledgeUserResponse,
)
from shared import delivery
from shared.identity.dependencies import VerifiedUser

router = APIRouter(prefix="/api/v1/knowledge", tags=["knowledge"])

Id = Annotated[str, Path(alias="id", min_length=1, max_length=128, description="The knowledge base's id.")]
DeleteFile = Annotated[bool, Query(description="Delete the file too, unless other knowledge bases have it.")]


@router.get("/", response_model=list[KnowledgeUserResponse], responses=delivery.REDIRECT)
def list_readable(request: Request, user: VerifiedUser) -> Response:
    """The knowledge bases that the caller may use; of each at most the 200 files that were added last."""
    return delivery.body(request, [one.model_dump(mode="json") for one in service.readable(user)])


@router.get("/list", response_model=list[KnowledgeUserResponse], responses=delivery.REDIRECT)
def list_writable(request: Request, user: VerifiedUser) -> Response:
    """Those that the caller may change; an admin's are all."""
    return delivery.body(request, [one.model_dump(mode="json") for one in service.writable(user)])


@router.post("/create")
def create(form: KnowledgeForm, user: VerifiedUser) -> KnowledgeResponse | None:
    """Makes a knowledge base."""
    return service.create(user, form)


@router.post("/reindex")
def reindex(user: VerifiedUser) -> bool:
    """Has everything indexed again; an admin's."""
    return service.reindex(user)


@router.get("/{id}", response_model=KnowledgeFilesResponse | None, responses=delivery.REDIRECT)
def get(request: Request, knowledge_id: Id, user: VerifiedUser) -> Response:
    """A knowledge base with its files."""
    return _answer(request, service.get(user, knowledge_id))


@router.post("/{id}/update", response_model=KnowledgeFilesResponse | None, responses=delivery.REDIRECT)
def update(request: Request, knowledge_id: Id, form: KnowledgeForm, user: VerifiedUser) -> Response:
    """Changes what it is called and who may use it."""
    return _answer(request, service.update(user, knowledge_id, form))


@router.post("/{id}/file/add", response_model=KnowledgeFilesResponse | None, responses=delivery.REDIRECT)
def add_file(request: Request, knowledge_id: Id, form: KnowledgeFileIdForm, user: VerifiedUser) -> Response:
    """Puts a file of the caller into it."""
    return _answer(request, service.add_file(user, knowledge_id, form))


@router.post("/{id}/file/update", response_model=KnowledgeFilesResponse | None, responses=delivery.REDIRECT)
def update_file(request: Request, knowledge_id: Id, form: KnowledgeFileIdForm, user: VerifiedUser) -> Response:
    """Has a file of it indexed again, after its text was changed."""
    return _answer(request, service.update_file(user, knowledge_id, form))


@router.post("/{id}/file/remove", response_model=KnowledgeFilesResponse | None, responses=delivery.REDIRECT)
def remove_file(
    request: Request,
    knowledge_id: Id,
    form: KnowledgeFileIdForm,
    user: VerifiedUser,
    delete_file: DeleteFile = True,
) -> Response:
    """Takes a file out of it."""
    return _answer(request, service.remove_file(user, knowledge_id, form, delete_file=delete_file))


@router.delete("/{id}/delete")
def delete(knowledge_id: Id, user: VerifiedUser) -> bool:
    """Deletes a knowledge base; its files stay."""
    return service.delete(user, knowledge_id)


@router.post("/{id}/reset")
def reset(knowledge_id: Id, user: VerifiedUser) -> KnowledgeResponse | None:
    """Takes all files out of it."""
    return service.reset(user, knowledge_id)


@router.post("/{id}/files/batch/add", response_model=KnowledgeFilesResponse | None, responses=delivery.REDIRECT)
def add_files(
    request: Request, knowledge_id: Id, forms: Annotated[list[KnowledgeFileIdForm], Body()], user: VerifiedUser
) -> Response:
    """Puts many files of the caller into it."""
    return _answer(request, service.add_files(user, knowledge_id, forms))


@router.post(
    "/{id}/files/batch/update",
    response_model=KnowledgeFilesResponse | None,
    responses=delivery.REDIRECT,
    tags=["cirrus"],
)
def update_files(
    request: Request, knowledge_id: Id, forms: Annotated[list[KnowledgeFileIdForm], Body()], user: VerifiedUser
) -> Response:
    """Has many files of it indexed again."""
    return _answer(request, service.update_files(user, knowledge_id, forms))


@router.post(
    "/{id}/files/batch/remove",
    response_model=KnowledgeFilesResponse | None,
    responses=delivery.REDIRECT,
    tags=["cirrus"],
)
def remove_files(
    request: Request,
    knowledge_id: Id,
    forms: Annotated[list[KnowledgeFileIdForm], Body()],
    user: VerifiedUser,
    delete_file: DeleteFile = True,
) -> Response:
    """Takes many files out of it."""
    return _answer(request, service.remove_files(user, knowledge_id, forms, delete_file=delete_file))


def _answer(request: Request, found: KnowledgeFilesResponse) -> Response:
    return delivery.body(request, found.model_dump(mode="json"))

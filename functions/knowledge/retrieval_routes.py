"""Routes of /api/v1/retrieval that make things searchable, and search them."""

from typing import Annotated

from fastapi import APIRouter, Path

from functions.knowledge import files_service, retrieval_web
from functions.knowledge import retrieval_service as service
from functions.knowledge.retrieval_models import (
    BatchForm,
    BatchResponse,
    DeleteForm,
    Embedded,
    Processed,
    ProcessedPage,
    ProcessFileForm,
    ProcessTextForm,
    ProcessUrlForm,
    QueryCollectionsForm,
    QueryDocForm,
    QueryResult,
    SearchedWeb,
    SearchForm,
    StatusOnly,
    Tried,
    TryForm,
)
from shared.errors import NotFound
from shared.identity.dependencies import AdminUser, VerifiedUser
from shared.settings import settings

router = APIRouter(prefix="/api/v1/retrieval", tags=["retrieval"])


@router.post("/process/file")
def process_file(form: ProcessFileForm, user: VerifiedUser) -> Processed:
    """Has a file read and made searchable, as it is or with another text, or puts it into a knowledge base."""
    return service.process_file(user, form)


@router.post("/process/files/batch")
def process_files_batch(form: BatchForm, user: VerifiedUser) -> BatchResponse:
    """Puts files into a knowledge base."""
    return service.process_batch(user, form)


@router.post("/process/text")
def process_text(form: ProcessTextForm, user: VerifiedUser) -> Processed:
    """Makes a text searchable."""
    return service.process_text(user, form)


@router.post("/process/web")
def process_web(form: ProcessUrlForm, user: VerifiedUser) -> ProcessedPage:
    """Makes a page searchable, or the pages of a site; only addresses of the public internet are loaded."""
    return retrieval_web.process_url(user, form)


@router.post("/process/youtube")
def process_youtube(form: ProcessUrlForm, user: VerifiedUser) -> ProcessedPage:
    """Makes what is said in a video searchable."""
    return retrieval_web.process_url(user, form)


@router.post("/process/web/search")
def process_web_search(form: SearchForm, user: VerifiedUser) -> SearchedWeb:
    """Searches the web and makes the pages found searchable; an admin also tries it out this way."""
    return retrieval_web.search_web(user, form)


@router.post("/query/doc")
def query_doc(form: QueryDocForm, user: VerifiedUser) -> QueryResult:
    """The passages of one collection that answer a question."""
    return service.query(user, [form.collection_name], form)


@router.post("/query/collection")
def query_collection(form: QueryCollectionsForm, user: VerifiedUser) -> QueryResult:
    """The passages of several collections that answer a question."""
    return service.query(user, form.collection_names, form)


@router.post("/delete")
def delete_entries(form: DeleteForm, _: AdminUser) -> StatusOnly:
    """Takes a file out of a collection."""
    return StatusOnly(status=service.delete(form.collection_name, form.file_id))


@router.post("/reset/db")
def reset_index(_: AdminUser) -> bool:
    """Deletes all knowledge bases and the index; files stay."""
    return service.reset_index()


@router.post("/reset/uploads")
def reset_uploads(_: AdminUser) -> bool:
    """Deletes every file of everybody."""
    files_service.delete_all()
    return True


@router.get("/ef/{text}")
def get_embeddings(text: Annotated[str, Path(max_length=2000)]) -> Embedded:
    """The vector of a text, for development: in the local stage only."""
    if not settings().is_local:
        raise NotFound("Not Found")
    return Embedded(result=service.embedded(text))


@router.post("/try", tags=["cirrus"])
def try_text(form: TryForm, _: AdminUser) -> Tried:
    """Cuts a text into chunks, with how well each answers a question; nothing is stored."""
    return service.tried(form)

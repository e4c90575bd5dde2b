"""Documents behind an address that a person gives: files of that person, read as an upload is."""

import hashlib

from functions.knowledge import file_uploads, files_service, knowledge_service
from functions.knowledge.file_text import text_of
from functions.knowledge.knowledge_models import KnowledgeFileIdForm
from functions.knowledge.retrieval_models import ProcessedPage
from shared import files
from shared.errors import Invalid
from shared.files import FileItem
from shared.guarded import Fetched
from shared.identity.sessions import Identity
from shared.ingestion import requests
from shared.ingestion.state import contract_status
from shared.knowledge.access import FILE
from shared.retrieval.web import documents


def processed_document(
    user: Identity, url: str, found: Fetched, knowledge: str | None, seconds: float
) -> ProcessedPage:
    """Has a document read, in a knowledge base or by itself; then its text is waited for, `seconds` at most.

    Raises `Forbidden`, `Invalid`, `TooLarge`.
    """
    item = kept_document(user, found)
    if knowledge:
        knowledge_service.add_files(user, knowledge, [KnowledgeFileIdForm(file_id=item.file_id)])
    else:
        item = files_service.processed(item, seconds)
    if contract_status(item) == "failed":
        raise Invalid(item.reason or "This document could not be read.")
    return ProcessedPage(
        collection_name=knowledge or f"{FILE}{item.file_id}",
        filename=url,
        file={"data": {"content": text_of(item)}, "meta": {"name": item.filename, "source": found.url}},
        files=[item.file_id],
    )


def kept_document(user: Identity, found: Fetched) -> FileItem:
    """The file of a document; the one that there is when it is the same that was at this address before.

    It is being read then. Raises `Forbidden`, `Invalid`, `TooLarge`.
    """
    name = file_uploads.checked_name(user, documents.name_of(found), len(found.content), process=True)
    documents.kind_of(found, name)
    digest = hashlib.sha256(found.content).hexdigest()
    for known in files.of_user(user.id):
        if known.source == found.url and known.hash == digest and known.status not in (None, "failed"):
            return known
    media_type = file_uploads.media_type(found.kind) or "application/octet-stream"
    meta = {"data": {"source": found.url}}
    item = files.store(user.id, name, media_type, found.content, meta=meta, source=found.url)
    requests.ingest(item.file_id)
    return files.find(item.file_id)

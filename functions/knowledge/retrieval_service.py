"""Use cases of retrieval: making texts, pages and files searchable, and searching them."""

from collections.abc import Sequence
from dataclasses import replace

from functions.knowledge import file_text, files_service, knowledge_service
from functions.knowledge.knowledge_models import KnowledgeFileIdForm
from functions.knowledge.retrieval_models import (
    BatchForm,
    BatchResponse,
    BatchResult,
    Processed,
    ProcessFileForm,
    ProcessTextForm,
    QueryOptions,
    QueryResult,
    Tried,
    TriedChunk,
    TryForm,
)
from shared import files
from shared.errors import DomainError, Invalid, NotFound, TooLarge, Upstream
from shared.files import NO_FILE
from shared.identity.sessions import Identity
from shared.ingestion import limits, requests
from shared.ingestion.state import contract_status
from shared.knowledge import access, collections, deletion, items, membership
from shared.retrieval import spaces
from shared.retrieval.collecting import collect, own_name
from shared.retrieval.ranking import ranked
from shared.retrieval.retrieving import Options, retrieve
from shared.retrieval.settings import RetrievalSettings, retrieval_settings
from shared.retrieval.web.pages import Page
from shared.retrieval.web.searching import chunks_of
from shared.search.opening import index
from shared.search.protocol import Waking

NO_COLLECTION = "This collection does not exist. It may have been deleted."
WAKING = "The search is starting up, which takes up to half a minute. Try again in a moment."
SHOWN_CHUNKS = 1000


def process_file(user: Identity, form: ProcessFileForm) -> Processed:
    """Has a file read, or what is given in its place, or puts it into a knowledge base. Raises `NotFound`, `Invalid`.

    Waits a while for it; whoever wants to know more asks for its status.
    """
    item = files_service.writable(user, form.file_id)
    if form.collection_name:
        _into_knowledge(user, form.collection_name, [item.file_id])
        return _processed(form.collection_name, item.filename, file_text.text_of(item))
    if form.content is not None:
        file_text.write(item, form.content.replace("<br/>", "\n"))
    else:
        requests.ingest(item.file_id)
    item = files_service.processed(files.find(item.file_id))
    if contract_status(item) == "failed":
        raise Invalid(item.reason or "This file could not be read.")
    return _processed(f"{access.FILE}{item.file_id}", item.filename, file_text.text_of(item))


def process_batch(user: Identity, form: BatchForm) -> BatchResponse:
    """Puts files into a knowledge base; each tells how it went."""
    results, errors = [], []
    for file in form.files:
        try:
            item = files_service.writable(user, file.id)
            content = (file.data or {}).get("content")
            if isinstance(content, str) and content.strip() and not item.generation:
                file_text.write(item, content.replace("<br/>", "\n"))
            _into_knowledge(user, form.collection_name, [item.file_id])
        except DomainError as error:
            errors.append(BatchResult(file_id=file.id, status="failed", error=error.detail))
        else:
            results.append(BatchResult(file_id=file.id, status="completed"))
    return BatchResponse(results=results, errors=errors)


def process_text(user: Identity, form: ProcessTextForm) -> Processed:
    """Makes a text searchable, by itself or as a file of a knowledge base. Raises `Invalid`, `NotFound`."""
    if not form.content.strip():
        raise Invalid("There is no text. Write some.")
    page = Page(form.name, form.name, form.content)
    name = form.collection_name or own_name(user.id, form.name, form.content)
    if is_knowledge(name):
        keep_pages(user, name, [page], source=limits.WRITTEN)
    else:
        collected(user, name, [page])
    return _processed(name, form.name, form.content)


def query(user: Identity, names: list[str], form: QueryOptions) -> QueryResult:
    """The passages of collections that answer a question. Raises `NotFound` for what the person may not read."""
    wanted = list(dict.fromkeys(names))
    if not all(access.readable(user, name) for name in wanted):
        raise NotFound(NO_COLLECTION)
    section = retrieval_settings()
    try:
        found = retrieve(wanted, [form.query], section, visible=access.current, options=_options(section, form))
    except Waking as error:
        raise Upstream(WAKING) from error
    return QueryResult(
        ids=[[f"{source.file_id}-{source.metadata.get('start_index', 0)}" for source in found]],
        distances=[[source.score for source in found]],
        documents=[[source.text for source in found]],
        metadatas=[[{**source.metadata, "file_id": source.file_id} for source in found]],
    )


def delete(collection: str, file_id: str) -> bool:
    """Takes a file out of a collection, for an admin; False when there is no such collection."""
    if is_knowledge(collection):
        membership.leave(collection, [file_id])
    elif not collection.startswith(access.FILE) and collections.find(collection) is None:
        return False
    requests.forget(collection, [file_id])
    return True


def reset_index() -> bool:
    """Deletes all knowledge bases and the index; files stay, and are indexed anew."""
    for item in items.all_items():
        deletion.delete(item)
    for target in spaces.targets():
        index(target.space).drop()
    requests.spread(*(file.file_id for file in files.everything() if file.generation))
    return True


def embedded(text: str) -> list[float]:
    """The vector of a text; raises `NotFound` without a model that answers."""
    embedder = spaces.answering().embedder
    if embedder is None:
        raise NotFound("There is no embedding model that answers.")
    return embedder.embed([text], "query")[0]


def tried(form: TryForm) -> Tried:
    """A text cut as settings say, its chunks with how well they answer a question."""
    given = form.model_dump(include={"text_splitter", "chunk_size", "chunk_overlap"}, exclude_none=True)
    section = retrieval_settings().model_copy(update=given)
    if section.chunk_overlap >= section.chunk_size:
        raise Invalid("Chunks may overlap by less than their size. Choose a smaller overlap, or larger chunks.")
    chunks = chunks_of(Page("", "", form.text), section)
    shown = chunks[:SHOWN_CHUNKS]
    scores = dict(ranked([chunk.text for chunk in shown], [form.query], section)) if form.query.strip() else {}
    asked = bool(form.query.strip())
    return Tried(
        chunks=[
            TriedChunk(text=chunk.text, metadata=chunk.metadata, score=scores.get(number, 0.0) if asked else None)
            for number, chunk in enumerate(shown)
        ],
        count=len(chunks),
        lexical_only=spaces.answering().embedder is None,
    )


def is_knowledge(name: str) -> bool:
    """Whether a collection is a knowledge base."""
    return bool(items.find_all([name]))


def collected(user: Identity, name: str, pages: list[Page]) -> None:
    """Makes pages searchable in a collection of the person."""
    try:
        collect(name, user.id, pages, retrieval_settings())
    except Waking as error:
        raise Upstream(WAKING) from error


def keep_pages(user: Identity, knowledge_id: str, pages: Sequence[Page], *, source: str | None = None) -> list[str]:
    """Puts pages into a knowledge base, each as a file of the person, from its address if no other `source` is said.

    Those that are files already come as they are.

    Returns the ids of the files. Raises `TooLarge`, `NotFound`, `Forbidden`.
    """
    forms = [KnowledgeFileIdForm(file_id=page.file_id) for page in pages if page.file_id]
    knowledge_service.check_writable(user, knowledge_id)
    pages = [page for page in pages if not page.file_id]
    texts = [page.text.encode(errors="replace") for page in pages]
    if reason := limits.over_size(max(map(len, texts), default=0)):
        raise TooLarge(reason)
    for page, text in zip(pages, texts, strict=True):
        item = files.store(
            user.id,
            f"{_file_name(page.title)}.md",
            "text/markdown",
            text,
            meta={"data": {"source": page.url}},
            source=source or page.url,
        )
        requests.ingest(item.file_id)
        forms.append(KnowledgeFileIdForm(file_id=item.file_id))
    if forms:
        knowledge_service.add_files(user, knowledge_id, forms)
    return [form.file_id for form in forms]


def _into_knowledge(user: Identity, knowledge_id: str, file_ids: list[str]) -> None:
    if not is_knowledge(knowledge_id):
        raise NotFound(NO_COLLECTION)
    answer = knowledge_service.add_files(user, knowledge_id, [KnowledgeFileIdForm(file_id=each) for each in file_ids])
    if answer.warnings:
        raise NotFound(NO_FILE)


def _processed(collection: str, filename: str, content: str) -> Processed:
    return Processed(collection_name=collection, filename=filename, content=content)


def _options(section: RetrievalSettings, form: QueryOptions) -> Options:
    """As an admin set them, but for what the request says; zero is as good as nothing (contract)."""
    options = Options.of(section)
    weight = form.hybrid_bm25_weight
    return replace(
        options,
        top_k=form.k or options.top_k,
        top_k_reranker=form.k_reranker or options.top_k_reranker,
        threshold=form.r or options.threshold,
        hybrid=options.hybrid and form.hybrid is not False,
        lexical_weight=options.lexical_weight if weight is None else weight,
        fusion=options.fusion if weight is None else "weighted",
    )


def _file_name(title: str) -> str:
    kept = "".join(letter if letter.isalnum() or letter in " -_.,()" else " " for letter in title)
    return " ".join(kept.split())[:120] or "page"

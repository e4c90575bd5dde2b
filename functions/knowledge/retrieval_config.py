"""Use cases of the settings of retrieval: what admins see and change."""

from typing import Any

from functions.knowledge.retrieval_models import (
    AzureServerForm,
    EmbeddingForm,
    EmbeddingResponse,
    EmbeddingState,
    LocalModelState,
    RetrievalStatus,
    ServerForm,
    SpaceState,
)
from shared.errors import Invalid
from shared.identity import sealed
from shared.ingestion import requests
from shared.llm import http
from shared.retrieval import local_models, spaces
from shared.retrieval.config import RetrievalConfig
from shared.retrieval.settings import (
    SEAL_CONTEXT,
    Embedding,
    RetrievalSettings,
    Server,
    entered,
    masked,
    retrieval_settings,
)
from shared.retrieval.spaces import Known
from shared.retrieval.web.engines import ENGINES
from shared.retrieval.web.pages import BUILT_IN, LOADERS
from shared.sections import update

RERANKERS = ("", "external", "bedrock")
_ADDRESSES = (
    "datalab_marker_api_base_url",
    "external_document_loader_url",
    "tika_server_url",
    "docling_server_url",
    "document_intelligence_endpoint",
    "mineru_api_url",
    "rag_external_reranker_url",
)
_WEB_ADDRESSES = (
    "searxng_query_url",
    "yacy_query_url",
    "bing_search_v7_endpoint",
    "external_web_search_url",
    "firecrawl_api_base_url",
    "external_web_loader_url",
)


def status() -> RetrievalStatus:
    """What anybody may know of the settings."""
    section = retrieval_settings()
    return RetrievalStatus(
        chunk_size=section.chunk_size,
        chunk_overlap=section.chunk_overlap,
        template=section.template,
        embedding_engine=section.embedding.engine,
        embedding_model=section.embedding.model,
        reranking_model=section.rag_reranking_model,
        embedding_batch_size=section.embedding.batch_size,
    )


def config() -> dict[str, Any]:
    """The configuration in the contract's names, secrets as masks."""
    return {"status": True, **masked(retrieval_settings(fresh=True))}


def change_config(form: RetrievalConfig) -> dict[str, Any]:
    """Stores what an admin sent; what is left out stays. Raises `Invalid`, or `ProviderError` for an address."""

    def change(section: RetrievalSettings) -> RetrievalSettings:
        changed = entered(section, form)
        _check(changed)
        return changed

    return {"status": True, **masked(update(RetrievalSettings, change))}


def embedding() -> EmbeddingResponse:
    """Which embedding model is wanted, and which one answers."""
    section = retrieval_settings(fresh=True)
    if spaces.embedder(section) is None:
        _settled()
    return _embedding(section.embedding)


def change_embedding(form: EmbeddingForm) -> EmbeddingResponse:
    """Stores which embedding model is wanted. Another one than before has everything indexed anew, meanwhile the old
    index answers; one that does not answer is asked again until it does. Raises `Invalid` or `ProviderError`.
    """

    def change(section: RetrievalSettings) -> RetrievalSettings:
        return section.model_copy(update={"embedding": _chosen(section.embedding, form)})

    section = update(RetrievalSettings, change)
    _settled(at_once=True)
    return _embedding(section.embedding)


def _settled(*, at_once: bool = False) -> None:
    """Looks whether the wanted model answers, and has everything indexed for it when it is another one."""
    if spaces.settle(at_once=at_once) is not None:
        requests.wake({"task": "sweep"})


def _check(section: RetrievalSettings) -> None:
    web = section.web
    for name, value, known in (
        ("WEB_SEARCH_ENGINE", web.web_search_engine, ("", *ENGINES)),
        ("WEB_LOADER_ENGINE", web.web_loader_engine, (*BUILT_IN, *LOADERS)),
        ("RAG_RERANKING_ENGINE", section.rag_reranking_engine, RERANKERS),
    ):
        if value not in known:
            raise Invalid(f"{name} {value!r} is not supported. Choose one of: {', '.join(filter(None, known))}.")
    for name in _ADDRESSES:
        _check_address(getattr(section, name))
    for name in _WEB_ADDRESSES:
        _check_address(getattr(web, name))


def _check_address(url: str) -> None:
    if url.strip():
        http.check_url(url.strip())


def _chosen(before: Embedding, form: EmbeddingForm) -> Embedding:
    model = form.embedding_model.strip()
    if not model:
        raise Invalid("Name the embedding model.")
    if form.embedding_engine == "":
        local_models.checked_name(model)
    given = form.model_dump(include={"dimensions", "query_prefix", "passage_prefix", "region"}, exclude_none=True)
    if form.embedding_batch_size is not None:
        given["batch_size"] = form.embedding_batch_size
    chosen = before.model_copy(update={"engine": form.embedding_engine, "model": model, **given})
    for name, server in (("openai", form.openai_config), ("ollama", form.ollama_config)):
        if server is not None:
            setattr(chosen, name, _server(getattr(before, name), server))
    if (azure := form.azure_openai_config) is not None:
        chosen.azure_openai = _server(before.azure_openai, azure).model_copy(update={"version": azure.version})
    if chosen.engine in ("openai", "ollama", "azure_openai") and not chosen.server.url:
        raise Invalid("Enter the address of the server that has the embedding model.")
    return chosen


def _server(before: Server, form: ServerForm) -> Server:
    url = form.url.strip().rstrip("/")
    _check_address(url)
    problem = "The address of the embedding model has changed: enter its key again."
    return Server(url=url, key=sealed.kept(form.key, [before.key] if url == before.url else [], SEAL_CONTEXT, problem))


def _embedding(wanted: Embedding) -> EmbeddingResponse:
    def shown(server: Server) -> dict[str, str]:
        return {"url": server.url, "key": sealed.masked(server.open_key())}

    return EmbeddingResponse(
        embedding_engine=wanted.engine,
        embedding_model=wanted.model,
        embedding_batch_size=wanted.batch_size,
        openai_config=ServerForm(**shown(wanted.openai)),
        ollama_config=ServerForm(**shown(wanted.ollama)),
        azure_openai_config=AzureServerForm(**shown(wanted.azure_openai), version=wanted.azure_openai.version),
        dimensions=wanted.dimensions,
        query_prefix=wanted.query_prefix,
        passage_prefix=wanted.passage_prefix,
        region=wanted.region,
        state=_state(wanted),
    )


def _state(wanted: Embedding) -> EmbeddingState:
    known = spaces.state(fresh=True)
    local = local_models.state(wanted.model) if wanted.engine == "" else None
    return EmbeddingState(
        answering=_space(known.answering),
        building=_space(known.building),
        lexical_only=known.answering is None,
        trouble=known.trouble,
        local_model=LocalModelState(status=local.status, progress=int(local.progress), detail=local.detail)
        if local
        else None,
    )


def _space(known: Known | None) -> SpaceState | None:
    if known is None:
        return None
    return SpaceState(
        space=known.space.id, engine=known.embedding.engine, model=known.embedding.model, dimension=known.dimension
    )

"""What the retrieval routes take and return; the contract's fields, and ours where it says so."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from functions.knowledge.models import FileModel
from shared.retrieval.config import RetrievalConfig
from shared.retrieval.settings import Engine

Json = dict[str, Any]

LONGEST_TEXT = 2_000_000
COLLECTION = r"^[A-Za-z0-9._-]{1,100}$"


class RetrievalStatus(BaseModel):
    """What anybody may know."""

    status: bool = True
    chunk_size: int
    chunk_overlap: int
    template: str
    embedding_engine: str
    embedding_model: str
    reranking_model: str
    embedding_batch_size: int


class ConfigForm(RetrievalConfig):
    """What an admin changes of the configuration; what is left out, or null, stays."""

    model_config = ConfigDict(defer_build=False)


class ConfigResponse(RetrievalConfig):
    """The configuration, with secrets masked."""

    status: bool = Field(True, alias="status")


class ServerForm(BaseModel):
    """Where an embedding model is served; a masked key stands for the one that is stored."""

    url: str = Field("", max_length=2000)
    key: str = Field("", max_length=5000)


class AzureServerForm(ServerForm):
    """A resource of Azure OpenAI."""

    version: str = Field("", max_length=100)


class EmbeddingForm(BaseModel):
    """Which embedding model is wanted. `embedding_engine` empty: a local ONNX model, named as on the hub."""

    embedding_engine: Engine
    embedding_model: str = Field(max_length=300)
    embedding_batch_size: int | None = Field(None, ge=1, le=2048)
    openai_config: ServerForm | None = None
    ollama_config: ServerForm | None = None
    azure_openai_config: AzureServerForm | None = None
    dimensions: int | None = Field(None, ge=0, le=4096, description="Ours: asked of models that can shorten; 0: all.")
    query_prefix: str | None = Field(None, max_length=1000, description="Ours: put before questions.")
    passage_prefix: str | None = Field(None, max_length=1000, description="Ours: put before passages.")
    region: str | None = Field(None, max_length=40, description="Ours: Bedrock's; empty: the stage's own.")


class SpaceState(BaseModel):
    """An index and the model whose vectors it has."""

    space: str
    engine: str = ""
    model: str = ""
    dimension: int | None = None


class LocalModelState(BaseModel):
    """How far the fetching of a local model is; `progress` in percent."""

    status: str
    progress: int
    detail: str


class EmbeddingState(BaseModel):
    """Which model answers; without one search is by words alone. `trouble` says why the wanted one does not answer."""

    answering: SpaceState | None = None
    building: SpaceState | None = None
    lexical_only: bool
    trouble: str = ""
    local_model: LocalModelState | None = None


class EmbeddingResponse(BaseModel):
    """Which embedding model is wanted, and (ours) which one answers."""

    status: bool = True
    embedding_engine: str
    embedding_model: str
    embedding_batch_size: int
    openai_config: ServerForm
    ollama_config: ServerForm
    azure_openai_config: AzureServerForm
    dimensions: int
    query_prefix: str
    passage_prefix: str
    region: str
    state: EmbeddingState


class ProcessFileForm(BaseModel):
    """A file to read; `content` takes the place of what it says, `collection_name` is a knowledge base to put it in."""

    file_id: str = Field(max_length=64)
    content: str | None = None
    collection_name: str | None = Field(None, pattern=COLLECTION)


class ProcessTextForm(BaseModel):
    """A text to make searchable."""

    name: str = Field(max_length=300)
    content: str = Field(max_length=LONGEST_TEXT)
    collection_name: str | None = Field(None, pattern=COLLECTION)


class ProcessUrlForm(BaseModel):
    """A page, or a video, to make searchable; in a knowledge base each page becomes a file."""

    url: str = Field(max_length=4000)
    collection_name: str | None = Field(None, pattern=COLLECTION, description="A knowledge base, or a name.")
    sitemap: bool = Field(False, description="Ours: all pages that the site's sitemap names below this one.")


class SearchForm(BaseModel):
    """What to search the web for."""

    queries: list[str] = Field(min_length=1, max_length=20)


class Processed(BaseModel):
    """Where something can be searched now, and what it says."""

    status: bool = True
    collection_name: str | None
    filename: str | None = None
    content: str | None = None


class ProcessedPage(BaseModel):
    """The same of a page; `files` (ours) are those it became, as in a knowledge base, `troubles` (ours) by address."""

    status: bool = True
    collection_name: str | None
    filename: str
    file: Json
    files: list[str] = []
    troubles: dict[str, str] = {}


class SearchedWeb(BaseModel):
    """Where the pages of a search can be searched; `docs` when that is switched off."""

    status: bool = True
    collection_name: str | None = None
    collection_names: list[str] = []
    filenames: list[str]
    items: list[Json]
    docs: list[Json] | None = None
    loaded_count: int
    troubles: dict[str, str] = Field({}, description="Ours: the pages that could not be loaded, and why.")


class QueryOptions(BaseModel):
    """A question; what is left out is as an admin has set it. `r`: the least score."""

    query: str = Field(max_length=20_000)
    k: int | None = Field(None, ge=0, le=100)
    k_reranker: int | None = Field(None, ge=0, le=100)
    r: float | None = Field(None, ge=0, le=1)
    hybrid: bool | None = None
    hybrid_bm25_weight: float | None = Field(None, ge=0, le=1)


class QueryDocForm(QueryOptions):
    """A question to one collection."""

    collection_name: str = Field(pattern=COLLECTION)


class QueryCollectionsForm(QueryOptions):
    """A question to several."""

    collection_names: list[Annotated[str, Field(pattern=COLLECTION)]] = Field(max_length=200)


class QueryResult(BaseModel):
    """The passages found, best first; each list has one list in it. Distances are scores, from 0 to 1."""

    ids: list[list[str]]
    distances: list[list[float]]
    documents: list[list[str]]
    metadatas: list[list[Json]]


class DeleteForm(BaseModel):
    """A file to take out of a collection."""

    collection_name: str = Field(pattern=COLLECTION)
    file_id: str = Field(max_length=64)


class StatusOnly(BaseModel):
    """Whether it was done."""

    status: bool


class Embedded(BaseModel):
    """A vector."""

    result: list[float]


class BatchForm(BaseModel):
    """Files to put into a knowledge base."""

    files: list[FileModel] = Field(max_length=1000)
    collection_name: str = Field(pattern=COLLECTION)


class BatchResult(BaseModel):
    """How it went with one file."""

    file_id: str
    status: Literal["completed", "failed"]
    error: str | None = None


class BatchResponse(BaseModel):
    """How it went."""

    results: list[BatchResult]
    errors: list[BatchResult]


class TryForm(BaseModel):
    """A text to cut and to ask, as the settings say or as given here (ours)."""

    model_config = ConfigDict(extra="forbid")

    text: str = Field(max_length=LONGEST_TEXT)
    query: str = Field("", max_length=2000)
    text_splitter: Literal["", "character", "token", "markdown", "semantic"] | None = None
    chunk_size: int | None = Field(None, ge=50, le=20_000)
    chunk_overlap: int | None = Field(None, ge=0, le=10_000)


class TriedChunk(BaseModel):
    """A chunk of it; `score` from 0 to 1 when there was a question, which it answers that well."""

    text: str
    metadata: Json
    score: float | None = None


class Tried(BaseModel):
    """The chunks in the text's order, the first 1,000 of `count`; `lexical_only`: by words, without a model."""

    chunks: list[TriedChunk]
    count: int
    lexical_only: bool

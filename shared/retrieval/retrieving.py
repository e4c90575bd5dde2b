"""From questions to the passages that answer them: embed, search, join, check against the table, rerank, cut off."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self

from shared.llm.errors import ProviderError
from shared.logs import logger
from shared.parallel import in_parallel
from shared.retrieval import spaces
from shared.retrieval.fusing import DEPTH, fused
from shared.retrieval.rerankers import Reranker, reranker
from shared.retrieval.settings import RetrievalSettings
from shared.retrieval.spaces import Target
from shared.search import opening
from shared.search.protocol import Fusion, Hit, Query, Unsupported, Where

Visible = Callable[[str, Collection[str]], Mapping[str, str]]
"""Of a collection and the files something was found in: the generation of each that may be shown."""

CANDIDATES = 30
"""How many passages a reranker ranks."""
MOST_CANDIDATES = 200
MOST_QUERIES = 8


@dataclass(frozen=True, slots=True)
class Source:
    """A passage that may answer. `score` is from 0 to 1, higher is better; `metadata` is that of its chunk."""

    collection: str
    file_id: str
    name: str
    text: str
    score: float
    metadata: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Options:
    """How to retrieve. `top_k`: passages at most, after a reranker `top_k_reranker`; `threshold`: the least score."""

    top_k: int
    top_k_reranker: int
    threshold: float
    hybrid: bool
    fusion: Fusion
    lexical_weight: float
    where: Where = field(default_factory=dict)

    @classmethod
    def of(cls, section: RetrievalSettings) -> Self:
        """As an admin set them."""
        return cls(
            top_k=section.top_k,
            top_k_reranker=section.top_k_reranker,
            threshold=section.relevance_threshold,
            hybrid=section.enable_rag_hybrid_search,
            fusion=section.rag_fusion,
            lexical_weight=section.hybrid_bm25_weight,
        )


def retrieve(
    collections: Sequence[str],
    queries: Sequence[str],
    section: RetrievalSettings,
    *,
    visible: Visible,
    options: Options | None = None,
) -> list[Source]:
    """The passages of collections that answer any of the queries, best first.

    Whoever asks must be allowed to read the collections. Without an embedding model that answers, words alone decide.
    Raises the index's `Waking`.
    """
    options = options or Options.of(section)
    asked = list(dict.fromkeys(query.strip() for query in queries if query.strip()))[:MOST_QUERIES]
    where = tuple(dict.fromkeys(collections))
    if not asked or not where:
        return []
    ranks = reranker(section)
    wanted = options.top_k_reranker if ranks else options.top_k
    target = spaces.answering()
    found = _found(_Search(where, asked, options, target), wanted, visible)
    if not found and (current := spaces.answering(fresh=True)).space != target.space:
        # Another index answers since a moment ago, and what has come since is in that one only.
        found = _found(_Search(where, asked, options, current), wanted, visible)
    sources = [_source(hit) for hit in found]
    if ranks:
        sources = reranked(ranks, asked[0], sources[: max(CANDIDATES, 3 * wanted)])
    return [source for source in sources if source.score >= options.threshold][:wanted]


def _found(search: "_Search", wanted: int, visible: Visible) -> list[Hit]:
    limit = min(MOST_CANDIDATES, max(DEPTH, 3 * wanted))
    found = joined(_shown(search.hits(limit), visible))
    if len(found) < wanted and search.cut_off(limit):
        # What is found first is stale: entries that a file had before, and that are not deleted yet.
        found = joined(_shown(search.hits(MOST_CANDIDATES), visible))
    return found


def joined(found: Iterable[Hit]) -> list[Hit]:
    """What several searches found, best first: a passage once, with its best score."""
    best: dict[tuple[str, str, int], Hit] = {}
    for hit in found:
        # A file is found by itself and in the knowledge bases that it is in.
        key = (hit.entry.file_id, hit.entry.generation, hit.entry.number)
        if key not in best or hit.score > best[key].score:
            best[key] = hit
    return sorted(best.values(), key=lambda hit: -hit.score)


def reranked(ranks: Reranker, question: str, sources: list[Source]) -> list[Source]:
    """The sources in a reranker's order, with its scores; as they were when it does not answer."""
    if not sources:
        return []
    try:
        scores = ranks.rank(question, [source.text for source in sources])
    except ProviderError as error:
        logger().warning("not reranked", extra={"reason": error.detail})
        return sources
    ordered = sorted(zip(scores, sources, strict=True), key=lambda pair: -pair[0])
    return [replace(source, score=score) for score, source in ordered]


class _Search:
    """The same search with one limit, then perhaps with a higher one: queries are embedded once."""

    def __init__(self, collections: tuple[str, ...], queries: list[str], options: Options, target: Target) -> None:
        self._collections, self._queries, self._options = collections, queries, options
        self._space, self._vectors = target.space, _embedded(queries, target)
        self._most = 0

    def hits(self, limit: int) -> list[Hit]:
        """The best passages of each query."""
        vectors: list[list[float] | None] = [*self._vectors] if self._vectors else [None] * len(self._queries)
        found = in_parallel(lambda pair: self._one(*pair, limit), zip(self._queries, vectors, strict=True))
        self._most = max(map(len, found))
        return [hit for hits in found for hit in hits]

    def cut_off(self, limit: int) -> bool:
        """Whether there may be more than were asked for."""
        return self._most >= limit < MOST_CANDIDATES

    def _one(self, text: str, vector: list[float] | None, limit: int) -> list[Hit]:
        if vector is None:
            return self._in(Query(self._collections, text, None, limit, self._options.where, "lexical"))
        near = Query(self._collections, text, vector, limit, self._options.where, "vector")
        if not self._options.hybrid:
            return self._in(near)
        words, meaning = in_parallel(self._if_supported, [replace(near, vector=None, mode="lexical"), near])
        return fused_hits(text, words, meaning, self._options)

    def _if_supported(self, query: Query) -> list[Hit]:
        try:
            return self._in(query)
        except Unsupported:
            return []

    def _in(self, query: Query) -> list[Hit]:
        return opening.index(self._space).search(query)


def fused_hits(question: str, words: list[Hit], meaning: list[Hit], options: Options) -> list[Hit]:
    """The hits of both kinds as one list."""
    hits = {(hit.collection, hit.entry.id): hit for hit in (*words, *meaning)}
    lexical, vector = ([((hit.collection, hit.entry.id), hit.score) for hit in found] for found in (words, meaning))
    texts = {key: hit.entry.text for key, hit in hits.items()}
    order = fused(question, lexical, vector, texts, fusion=options.fusion, weight=options.lexical_weight)
    return [replace(hits[key], score=score) for key, score in order]


def _embedded(queries: list[str], target: Target) -> list[list[float]] | None:
    """The queries' vectors for an index; None when its model does not answer."""
    if target.embedder is None:
        return None
    try:
        vectors = target.embedder.embed(queries, "query")
    except ProviderError as error:
        spaces.report(error.detail)
        return None
    spaces.report("")
    return vectors


def _shown(hits: list[Hit], visible: Visible) -> list[Hit]:
    """Those of the hits that the table says are current and may be shown."""
    files: dict[str, set[str]] = {}
    for hit in hits:
        files.setdefault(hit.collection, set()).add(hit.entry.file_id)
    allowed = {collection: visible(collection, file_ids) for collection, file_ids in files.items()}
    return [hit for hit in hits if allowed[hit.collection].get(hit.entry.file_id) == hit.entry.generation]


def _source(hit: Hit) -> Source:
    entry = hit.entry
    name = str(entry.metadata.get("name") or entry.metadata.get("source") or "")
    return Source(hit.collection, entry.file_id, name, entry.text, hit.score, entry.metadata)

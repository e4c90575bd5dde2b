"""Passages of a few texts that are in memory, ranked by words and meaning: pages of a web search are not indexed."""

import math
from collections import Counter
from collections.abc import Sequence

from shared.llm.errors import ProviderError
from shared.retrieval import spaces
from shared.retrieval.fusing import fused
from shared.retrieval.settings import RetrievalSettings
from shared.search.fusion import relative
from shared.search.terms import asked, indexed

K1, B = 1.2, 0.75
"""BM25's usual ones: https://doi.org/10.1561/1500000019"""


def ranked(texts: Sequence[str], queries: Sequence[str], section: RetrievalSettings) -> list[tuple[int, float]]:
    """The texts' indexes with their scores, best first: each by the query that it answers best, from 0 to 1.

    As in an index: words and vectors joined, or words alone when no embedding model answers.
    """
    if not texts or not queries:
        return []
    vectors = _vectors(texts, queries)
    words = _Words(texts)
    best: dict[int, float] = {}
    for number, query in enumerate(queries):
        lexical = relative(words.scored(query))
        found = lexical
        if vectors is not None:
            near = _nearest(vectors[0][number], vectors[1])
            found = _both(query, lexical, near, texts, section) if section.enable_rag_hybrid_search else near
        for index, score in found:
            best[index] = max(score, best.get(index, 0.0))
    return sorted(best.items(), key=lambda each: -each[1])


def _both(
    query: str,
    lexical: list[tuple[int, float]],
    near: list[tuple[int, float]],
    texts: Sequence[str],
    section: RetrievalSettings,
) -> list[tuple[int, float]]:
    weight = section.hybrid_bm25_weight
    return fused(query, lexical, near, dict(enumerate(texts)), fusion=section.rag_fusion, weight=weight)


class _Words:
    """The words of some texts."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts = [Counter(indexed(text).split()) for text in texts]
        self._lengths = [sum(each.values()) for each in self._texts]
        self._mean = sum(self._lengths) / len(texts) or 1.0
        self._spread = Counter(word for each in self._texts for word in each)

    def scored(self, query: str) -> list[tuple[int, float]]:
        """The texts that have words of a query, by BM25, best first."""
        scores: dict[int, float] = {}
        for term in asked(query):
            for index, counts in enumerate(self._texts):
                if count := counts.get(term.word, 0):
                    scores[index] = scores.get(index, 0.0) + self._weight(term.word, count, index)
        return sorted(scores.items(), key=lambda each: -each[1])

    def _weight(self, word: str, count: int, index: int) -> float:
        rarity = math.log(1 + (len(self._texts) - self._spread[word] + 0.5) / (self._spread[word] + 0.5))
        return rarity * count * (K1 + 1) / (count + K1 * (1 - B + B * self._lengths[index] / self._mean))


def _vectors(texts: Sequence[str], queries: Sequence[str]) -> tuple[list[list[float]], list[list[float]]] | None:
    """The vectors of queries and of texts; none without a model that answers."""
    embedder = spaces.answering().embedder
    if embedder is None:
        return None
    try:
        return embedder.embed(queries, "query"), embedder.embed(texts, "passage")
    except ProviderError as error:
        spaces.report(error.detail)
        return None


def _nearest(query: list[float], vectors: list[list[float]]) -> list[tuple[int, float]]:
    length = math.hypot(*query) or 1.0
    cosines = (math.sumprod(query, vector) / (length * (math.hypot(*vector) or 1.0)) for vector in vectors)
    return sorted(((index, (1 + cosine) / 2) for index, cosine in enumerate(cosines)), key=lambda each: -each[1])

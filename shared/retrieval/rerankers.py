"""Rerankers: models that read a question and a passage together, and say how well the one answers the other."""

import asyncio
from collections.abc import Coroutine, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import httpx2

from shared.llm import http
from shared.llm.errors import ProviderError, Trouble, from_status, patiently, retry_after, silent, unreachable
from shared.retrieval import local_models
from shared.retrieval.settings import RetrievalSettings
from shared.settings import settings
from shared.waiting import result_of

if TYPE_CHECKING:
    from shared.llm.bedrock import Bedrock


T = TypeVar("T")

SECONDS = 12.0
"""After so long the order stays as it was found."""


class Reranker(Protocol):
    """A model that ranks."""

    def rank(self, query: str, texts: Sequence[str]) -> list[float]:
        """A score for each text, in order, higher is better, from 0 to 1; raises `ProviderError`."""


class Local:
    """A model of the hub in the function `embedder`."""

    def __init__(self, model: str) -> None:
        self._model = model

    def rank(self, query: str, texts: Sequence[str]) -> list[float]:
        """The scores of a cross-encoder, or by the vectors of tokens."""
        return local_models.rank(self._model, query, texts)


class Endpoint:
    """A service that ranks as Cohere and Jina do; also those that answer as Voyage or Text Embeddings Inference.

    https://docs.cohere.com/reference/rerank, https://jina.ai/reranker
    """

    def __init__(self, url: str, key: str, model: str) -> None:
        self._url, self._key, self._model = url, key, model

    def rank(self, query: str, texts: Sequence[str]) -> list[float]:
        """The scores that the service gives."""
        return result_of(_in_time(patiently(lambda: self._rank(query, list(texts))), self._model))

    async def _rank(self, query: str, texts: list[str]) -> list[float]:
        host = http.host_of(self._url)
        body = {"model": self._model, "query": query, "documents": texts, "top_n": len(texts)}
        headers = {"authorization": f"Bearer {self._key}"} if self._key else {}
        try:
            answer = await _client().post(self._url, json=body, headers=headers)
        except httpx2.TimeoutException as error:
            raise silent(host) from error
        except httpx2.HTTPError as error:
            raise unreachable(host) from error
        if answer.is_error:
            said = answer.text[:300]
            raise from_status(
                host, answer.status_code, said, model=self._model, retry_after=retry_after(answer.headers)
            )
        try:
            return scores_of(answer.json(), len(texts))
        except ValueError as error:
            raise ProviderError(Trouble.REQUEST, f"{host} does not answer as a reranker does: {error}.") from error


class OnBedrock:
    """Cohere's and Amazon's rerankers on Amazon Bedrock."""

    def __init__(self, model: str, region: str) -> None:
        self._model, self._region = model, region or settings().aws_region

    def rank(self, query: str, texts: Sequence[str]) -> list[float]:
        """The scores of the model."""
        asked = _bedrock(self._region).rank(self._model, query, list(texts))
        return scores_of(result_of(_in_time(asked, self._model)), len(texts))


def reranker(section: RetrievalSettings) -> Reranker | None:
    """The reranker that an admin chose, if any."""
    model = section.rag_reranking_model.strip()
    match section.rag_reranking_engine:
        case "external":
            url = section.rag_external_reranker_url.strip()
            return Endpoint(url, section.secret("rag_external_reranker_api_key"), model) if url else None
        case "bedrock":
            return OnBedrock(model, section.embedding.region) if model else None
    return Local(model) if model else None


def scores_of(answer: Any, count: int) -> list[float]:
    """The scores in a service's answer, by the index of the text; what is not in it has none. Raises `ValueError`."""
    listed = answer.get("results", answer.get("data")) if isinstance(answer, dict) else answer
    if not isinstance(listed, list):
        raise ValueError("there are no results in its answer")
    scores = [0.0] * count
    for entry in listed:
        if not isinstance(entry, dict):
            raise ValueError("a result is not an object")
        index, score = entry.get("index"), entry.get("relevance_score", entry.get("score"))
        if not isinstance(index, int) or not 0 <= index < count or not isinstance(score, int | float):
            raise ValueError("a result has no index, or no score")
        scores[index] = min(1.0, max(0.0, float(score)))
    return scores


async def _in_time(asked: Coroutine[Any, Any, T], model: str) -> T:
    try:
        async with asyncio.timeout(SECONDS):
            return await asked
    except TimeoutError as error:
        told = f"The reranker {model} did not answer within {SECONDS:.0f} seconds."
        raise ProviderError(Trouble.SILENCE, told) from error


@lru_cache(maxsize=1)
def _client() -> httpx2.AsyncClient:
    return http.client()


@lru_cache(maxsize=4)
def _bedrock(region: str) -> "Bedrock":
    from shared.llm.bedrock import Bedrock

    return Bedrock(region)

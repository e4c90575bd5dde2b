"""Embedding models behind one protocol: texts in, vectors out, whatever serves them."""

import asyncio
import hashlib
import math
import random
import re
from asyncio import sleep
from collections.abc import Callable, Coroutine, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal, Protocol

from shared.llm.errors import ProviderError, Trouble
from shared.retrieval import local_models
from shared.retrieval.settings import Embedding, Engine
from shared.settings import settings
from shared.waiting import result_of

if TYPE_CHECKING:
    from shared.llm.provider import Provider

Kind = Literal["query", "passage"]
Vectors = list[list[float]]

AT_ONCE = 4
# A question is not worth waiting for; passages are, as everything done to the file so far would be lost.
TRIES: dict[Kind, int] = {"query": 1, "passage": 6}
QUERY_SECONDS = 12.0
"""After so long a question is answered by words alone."""
LONGEST_PAUSE = 30.0
_TRANSIENT = (Trouble.RATE, Trouble.UNREACHABLE, Trouble.SILENCE, Trouble.BROKEN, Trouble.OTHER)
_COHERE_INPUT: dict[Kind, str] = {"query": "search_query", "passage": "search_document"}
# Cohere's models take 96; a local model's texts pass through one Lambda request of 6 MB.
# https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-embed.html
_MOST_TEXTS = {"bedrock": 96, "": 64}


class Embedder(Protocol):
    """An embedding model whose dimension is known."""

    def embed(self, texts: Sequence[str], kind: Kind) -> Vectors:
        """A vector for each text, in order, all of the same length; raises `ProviderError`."""


class Model:
    """An embedding model: batches of bounded size, a few at once, repeated when it is only busy."""

    def __init__(self, embedding: Embedding, dimension: int | None = None) -> None:
        self.embedding = embedding
        self._length = dimension

    def embed(self, texts: Sequence[str], kind: Kind) -> Vectors:
        """The vectors of texts; raises `ProviderError`, also when they are not as long as they should be."""
        return result_of(self._in_time(list(texts), kind)) if texts else []

    def dimension(self) -> int:
        """How many numbers a vector has, found out by asking for one; raises `ProviderError`."""
        return len(self.embed(["dimension"], "query")[0])

    async def _in_time(self, texts: list[str], kind: Kind) -> Vectors:
        try:
            async with asyncio.timeout(QUERY_SECONDS if kind == "query" else None):
                return await self._embed(texts, kind)
        except TimeoutError as error:
            told = f"The embedding model {self.embedding.model} did not answer within {QUERY_SECONDS:.0f} seconds."
            raise ProviderError(Trouble.SILENCE, told) from error

    async def _embed(self, texts: list[str], kind: Kind) -> Vectors:
        size = min(self.embedding.batch_size, _MOST_TEXTS.get(self.embedding.engine, 2048))
        prefix = self.embedding.query_prefix if kind == "query" else self.embedding.passage_prefix
        # Services refuse empty texts.
        whole = [f"{prefix}{text}" if text.strip() else f"{prefix}-" for text in texts]
        turn = asyncio.Semaphore(AT_ONCE)

        async def one(batch: list[str]) -> Vectors:
            async with turn:
                return self._checked(await patiently(lambda: self._call(batch, kind), TRIES[kind]), len(batch))

        done = await asyncio.gather(*(one(whole[start : start + size]) for start in range(0, len(whole), size)))
        return [vector for vectors in done for vector in vectors]

    async def _call(self, texts: list[str], kind: Kind) -> Vectors:
        if self.embedding.engine == "":
            return await asyncio.to_thread(local_models.embed, self.embedding.model, texts)
        answer = await self._provider().embed(self._body(texts, kind))
        listed = answer.get("data")
        if not isinstance(listed, list):
            raise self._odd("no vectors")
        ordered = sorted(listed, key=lambda each: each.get("index", 0))
        return [each.get("embedding") for each in ordered]

    def _body(self, texts: list[str], kind: Kind) -> dict[str, Any]:
        body: dict[str, Any] = {"model": self.embedding.model, "input": texts}
        if self.embedding.dimensions:
            body["dimensions"] = self.embedding.dimensions
        if self.embedding.engine == "bedrock":
            body["input_type"] = _COHERE_INPUT[kind]
        return body

    def _provider(self) -> "Provider":
        server = self.embedding.server
        address = server.url if self.embedding.engine != "bedrock" else self.embedding.region
        return _provider(self.embedding.engine, address.rstrip("/"), server.open_key(), server.version)

    def _checked(self, vectors: Vectors, count: int) -> Vectors:
        if len(vectors) != count:
            raise self._odd(f"{len(vectors)} vectors for {count} texts")
        wanted = self._length or len(vectors[0] or [])
        for vector in vectors:
            if not isinstance(vector, list) or not vector or not all(map(_number, vector)):
                raise self._odd("something else than vectors")
            if len(vector) != wanted:
                raise self._odd(f"vectors of {len(vector)} numbers in place of {wanted}")
        return vectors

    def _odd(self, what: str) -> ProviderError:
        return ProviderError(
            Trouble.REQUEST,
            f"The embedding model {self.embedding.model} has answered with {what}. "
            "An admin can check the model under Documents; for another model everything is indexed anew.",
        )


async def patiently(call: Callable[[], Coroutine[Any, Any, Vectors]], tries: int) -> Vectors:
    """What `call` returns, tried again after growing pauses of random length when the trouble may pass.

    https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
    """
    for attempt in range(1, tries + 1):
        try:
            return await call()
        except ProviderError as error:
            if attempt == tries or error.trouble not in _TRANSIENT:
                raise
            longest = min(LONGEST_PAUSE, 2.0**attempt)
            await sleep(error.retry_after or random.uniform(longest / 4, longest))  # noqa: S311
    raise AssertionError("unreachable")


def space_id(embedding: Embedding, dimension: int | None) -> str:
    """The name of the space of a model's vectors: the same for the same vectors, wherever the model is served."""
    told = (embedding.engine, embedding.model, embedding.passage_prefix, embedding.query_prefix, dimension)
    digest = hashlib.sha256(repr(told).encode()).hexdigest()[:10]
    slug = re.sub(r"[^a-z0-9]+", "-", embedding.model.rpartition("/")[2].lower()).strip("-")[:30]
    return f"{slug or 'model'}-{digest}"


@lru_cache(maxsize=16)
def _provider(engine: Engine, address: str, key: str, version: str) -> "Provider":
    """The same provider as chats have; its connections belong to the loop of `shared.waiting`, so it is kept."""
    from shared.llm.openai_compatible import Endpoint, OpenAICompatible

    endpoint = Endpoint(address, key)
    match engine:
        case "bedrock":
            from shared.llm.bedrock import Bedrock

            return Bedrock(address or settings().aws_region)
        case "ollama":
            from shared.llm.ollama import Ollama

            return Ollama(endpoint)
        case "azure_openai":
            from shared.llm.azure import Azure

            return Azure(endpoint, version or None)
    return OpenAICompatible(endpoint)


def _number(value: object) -> bool:
    return isinstance(value, int | float) and math.isfinite(value)

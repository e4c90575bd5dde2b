"""Ollama by its own API: lines of JSON, options, keep-alive, thinking."""

import json
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import httpx2

from shared.llm import chat, http, ollama_chat
from shared.llm.errors import (
    ProviderError,
    Trouble,
    broken,
    from_status,
    nonsense,
    patiently,
    retry_after,
    silent,
    unreachable,
)
from shared.llm.openai_compatible import Endpoint
from shared.llm.provider import Chunk, Json, UpstreamModel

# Loading a large model, or checking what was downloaded, is done in silence.
LOADING = httpx2.Timeout(600, connect=http.CONNECT_SECONDS)


class Ollama:
    """One Ollama server, or a proxy that speaks its protocol."""

    def __init__(self, endpoint: Endpoint, client: httpx2.AsyncClient | None = None) -> None:
        self.endpoint = endpoint
        self.host = http.host_of(endpoint.url)
        self.client = client or http.client(LOADING)

    async def prepare(self) -> None:
        """Nothing to load."""

    async def models(self) -> list[UpstreamModel]:
        """The models that have been pulled."""
        listed = (await self.call("GET", "/api/tags")).get("models")
        if not isinstance(listed, list):
            raise ProviderError(Trouble.OTHER, f"{self.host} does not answer as Ollama does. Check the address.")
        known = [entry for entry in listed if isinstance(entry, dict)]
        names = [(str(entry.get("model") or entry.get("name") or ""), entry) for entry in known]
        return [UpstreamModel(model, str(entry.get("name") or model), entry) for model, entry in names if model]

    async def stream(self, body: Json) -> AsyncGenerator[Chunk]:
        """OpenAI's chunks for the lines of /api/chat."""
        model, ended = str(body["model"]), False
        reader = ollama_chat.Reader(model)
        parameters = {**ollama_chat.request(body), "stream": True}
        async with self.lines("POST", "/api/chat", parameters) as lines:
            async for line in lines:
                ended = ended or bool(line.get("done"))
                for raw in reader.chunks(line):
                    yield Chunk(raw)
        if not ended:
            raise broken(self.host)

    async def complete(self, body: Json) -> Json:
        """What the stream adds up to."""
        return await chat.gathered(self.stream(body))

    async def embed(self, body: Json) -> Json:
        """OpenAI's embeddings for those of /api/embed."""
        model = str(body["model"])
        wanted = {"model": model, "input": body.get("input"), **chat.given(dimensions=body.get("dimensions"))}
        answer = await patiently(lambda: self.call("POST", "/api/embed", wanted))
        vectors = answer.get("embeddings") or []
        data = [{"object": "embedding", "index": index, "embedding": vector} for index, vector in enumerate(vectors)]
        tokens = answer.get("prompt_eval_count") or 0
        usage = {"prompt_tokens": tokens, "total_tokens": tokens}
        return {"object": "list", "model": model, "data": data, "usage": usage}

    async def count(self, body: Json) -> int | None:
        """Ollama does not count."""
        return None

    async def call(self, method: str, path: str, body: Json | None = None) -> Json:
        """The JSON object that a path answers; an empty one for none."""
        async with self.opened(method, path, json=body) as answer:
            try:
                found = json.loads(await answer.aread() or b"{}")
            except (ValueError, RecursionError):
                found = None
            except httpx2.TransportError as error:
                raise self._lost(error) from error
        if not isinstance(found, dict):
            raise ProviderError(Trouble.OTHER, f"{self.host} does not answer as Ollama does. Check the address.")
        return found

    @asynccontextmanager
    async def lines(self, method: str, path: str, body: Json) -> AsyncIterator[AsyncIterator[Json]]:
        """The JSON objects that a path answers line by line; an error among them raises."""
        async with AsyncExitStack() as stack:
            answer = await patiently(lambda: stack.enter_async_context(self.opened(method, path, json=body)))
            yield self._read(answer, str(body.get("model", "")))

    @asynccontextmanager
    async def opened(
        self,
        method: str,
        path: str,
        *,
        json: Json | None = None,
        content: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> AsyncIterator[httpx2.Response]:
        """A request's answer as it begins; raises `ProviderError` when it cannot be had, or is an error."""
        asked = self.client.build_request(
            method,
            self.endpoint.url + path,
            json=json,
            content=content,
            headers={**self.headers(), **(headers or {})},
        )
        try:
            answer = await self.client.send(asked, stream=True)
        except httpx2.ConnectTimeout as error:
            raise unreachable(self.host) from error
        except httpx2.TimeoutException as error:
            raise silent(self.host, LOADING.read or 0) from error
        except httpx2.TransportError as error:
            raise unreachable(self.host) from error
        try:
            if answer.is_error:
                raise self._refusal(answer.status_code, await answer.aread(), answer.headers, json or {})
            yield answer
        finally:
            await answer.aclose()

    def headers(self) -> dict[str, str]:
        """What every request to this server carries."""
        key = {"authorization": f"Bearer {self.endpoint.key}"} if self.endpoint.key else {}
        return {**key, **self.endpoint.headers}

    async def _read(self, answer: httpx2.Response, model: str) -> AsyncIterator[Json]:
        try:
            async for line in _lines(answer):
                found = json.loads(line)
                if not isinstance(found, dict):
                    raise nonsense(self.host)
                if said := found.get("error"):
                    raise from_status(self.host, 0, _words(said), model=model)
                yield found
        except httpx2.TransportError as error:
            raise self._lost(error) from error
        except (ValueError, RecursionError) as error:
            raise broken(self.host) from error

    def _lost(self, error: httpx2.TransportError) -> ProviderError:
        return silent(self.host, LOADING.read or 0) if isinstance(error, httpx2.TimeoutException) else broken(self.host)

    def _refusal(self, status: int, content: bytes, headers: Mapping[str, str], body: Json) -> ProviderError:
        try:
            said = json.loads(content).get("error")
        except (ValueError, AttributeError):
            said = ""
        model = str(body.get("model") or body.get("source") or "")
        return from_status(self.host, status, _words(said), model=model, retry_after=retry_after(headers))


async def _lines(answer: httpx2.Response) -> AsyncIterator[bytes]:
    """The lines that are not empty; they end with a line feed only, whatever else Unicode has that ends lines."""
    rest: list[bytes] = []
    async for piece in answer.aiter_bytes():
        first, *others = piece.split(b"\n")
        rest.append(first)
        for other in others:
            if line := b"".join(rest).strip():
                yield line
            rest = [other]
    if line := b"".join(rest).strip():
        yield line


def _words(said: object) -> str:
    """Ollama's error, or that of its OpenAI-compatible paths."""
    if isinstance(said, dict):
        said = said.get("message")
    return said if isinstance(said, str) else ""

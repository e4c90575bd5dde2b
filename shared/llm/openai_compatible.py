"""Any service that speaks OpenAI's API, through the `openai` SDK."""

import asyncio
import importlib
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass, field
from json import JSONDecodeError
from typing import TYPE_CHECKING, Any, TypeVar

import httpx2

from shared.llm import http
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
from shared.llm.provider import Chunk, Json, UpstreamModel

if TYPE_CHECKING:
    from openai import APIError, AsyncOpenAI
    from openai._types import RequestOptions

T = TypeVar("T")


@dataclass(frozen=True)
class Endpoint:
    """Where and how to call: base URL, key (empty: none), and headers added."""

    url: str
    key: str = field(default="", repr=False)
    headers: dict[str, str] = field(default_factory=dict, repr=False)


class OpenAICompatible:
    """A provider behind OpenAI's API. A request refused for its rate is tried three times, as the service asks."""

    def __init__(self, endpoint: Endpoint, client: httpx2.AsyncClient | None = None) -> None:
        self.endpoint = endpoint
        self.host = http.host_of(endpoint.url)
        self.client = client or http.client()
        self._sdk: dict[str, AsyncOpenAI] = {}

    async def prepare(self) -> None:
        """Imports the SDK, which takes half a second, beside whatever else is waited for."""
        await asyncio.to_thread(importlib.import_module, "openai")

    async def models(self) -> list[UpstreamModel]:
        """The service's list, as it gives it."""
        answer = await self._call("", lambda sdk, options: sdk.get("/models", cast_to=object, options=options))
        listed = answer.get("data") if isinstance(answer, dict) else answer
        if not isinstance(listed, list):
            raise ProviderError(Trouble.OTHER, f"{self.host} did not answer with a list of models. Check the address.")
        entries = [entry for entry in listed if isinstance(entry, dict) and (entry.get("id") or entry.get("name"))]
        return [
            UpstreamModel(str(entry.get("id") or entry["name"]), str(entry.get("name") or entry["id"]), entry)
            for entry in entries
        ]

    async def stream(self, body: Json) -> AsyncGenerator[Chunk]:
        """The service's chunks, unchanged."""
        import openai

        model, begun, ended = str(body.get("model", "")), False, False
        stream = await self._call(
            model,
            lambda sdk, options: sdk.post(
                "/chat/completions",
                body={**body, "stream": True},
                cast_to=object,
                stream=True,
                stream_cls=openai.AsyncStream[object],
                options=options,
            ),
        )
        try:
            async for raw in stream:
                if not isinstance(raw, dict):
                    continue
                begun, chunk = True, Chunk(raw)
                ended = ended or chunk.finish_reason is not None or chunk.usage is not None
                yield chunk
        except openai.APIError as error:
            raise self._mid_stream(error, model, begun) from error
        except ValueError as error:
            raise broken(self.host) from error
        finally:
            await stream.close()
        if not ended:
            raise broken(self.host)

    async def complete(self, body: Json) -> Json:
        """The service's answer, unchanged."""
        return await self._json("/chat/completions", {**body, "stream": False})

    async def embed(self, body: Json) -> Json:
        """The service's answer, unchanged."""
        return await self._json("/embeddings", body)

    async def count(self, body: Json) -> int | None:
        """OpenAI's API does not count."""
        return None

    async def headers(self) -> dict[str, str]:
        """What every request to this service carries."""
        return {
            **({"authorization": f"Bearer {self.endpoint.key}"} if self.endpoint.key else {}),
            **self.endpoint.headers,
        }

    def base_url(self, model: str = "") -> str:
        """What the paths of OpenAI's API are appended to for a model."""
        return self.endpoint.url

    @property
    def query(self) -> dict[str, str]:
        """What every request's address carries after its path."""
        return {}

    async def _json(self, path: str, body: Json) -> Json:
        answer = await self._call(
            str(body.get("model", "")),
            lambda sdk, options: sdk.post(path, body=body, cast_to=object, options=options),
        )
        if not isinstance(answer, dict):
            raise ProviderError(
                Trouble.OTHER, f"{self.host} did not answer in JSON. Check the address of the connection."
            )
        return answer

    async def _call(self, model: str, call: "Callable[[AsyncOpenAI, RequestOptions], Awaitable[T]]") -> T:
        import openai

        async def once() -> T:
            try:
                return await call(self._sdk_for(model), await self._options())
            except openai.APIError as error:
                raise self._before_stream(error, model) from error
            except (JSONDecodeError, RecursionError) as error:
                raise nonsense(self.host) from error

        return await patiently(once)

    async def _options(self) -> "RequestOptions":
        import openai

        headers = await self.headers()
        named = {name.lower() for name in headers}
        omitted: Any = {} if "authorization" in named else {"Authorization": openai.omit}
        return {"headers": {**omitted, **headers}}

    def _sdk_for(self, model: str) -> "AsyncOpenAI":
        import openai

        base_url = self.base_url(model)
        if base_url not in self._sdk:
            headers: Any = {"OpenAI-Organization": openai.omit, "OpenAI-Project": openai.omit}
            self._sdk[base_url] = openai.AsyncOpenAI(
                api_key=self.endpoint.key or "none",
                base_url=base_url,
                default_headers=headers,
                default_query=self.query or None,
                http_client=self.client,
                timeout=http.TIMEOUT,
                max_retries=0,
            )
        return self._sdk[base_url]

    def _before_stream(self, error: "APIError", model: str) -> ProviderError:
        import openai

        if isinstance(error, openai.APIStatusError):
            return from_status(
                self.host,
                error.status_code,
                _message(error),
                code=error.code or "",
                model=model,
                retry_after=retry_after(error.response.headers),
            )
        if isinstance(error.__cause__, ProviderError):
            return error.__cause__
        if isinstance(error, openai.APITimeoutError) and not isinstance(error.__cause__, httpx2.ConnectTimeout):
            return silent(self.host)
        return unreachable(self.host)

    def _mid_stream(self, error: "APIError", model: str, begun: bool) -> ProviderError:
        import openai

        if isinstance(error, openai.APITimeoutError):
            return silent(self.host)
        if isinstance(error, openai.APIConnectionError):
            return broken(self.host)
        status = int(error.code) if error.code and error.code.isdecimal() else 0
        return from_status(self.host, status, error.message, code=error.code or "", model=model)


def _message(error: "APIError") -> str:
    """The provider's words without the SDK's rendering of the whole body."""
    body = error.body
    if isinstance(body, dict):
        words = body.get("message") or body.get("detail") or body.get("error")
        return words if isinstance(words, str) else ""
    return body if isinstance(body, str) and "<" not in body else ""

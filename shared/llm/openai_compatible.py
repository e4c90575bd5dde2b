"""Any service that speaks OpenAI's API, through the `openai` SDK."""

import asyncio
import importlib
import random
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

import httpx2

from shared.llm import http
from shared.llm.errors import ProviderError, Trouble, broken, from_status, silent, unreachable
from shared.llm.provider import Chunk, Json, UpstreamModel

if TYPE_CHECKING:
    from openai import APIError, AsyncOpenAI
    from openai._types import RequestOptions

T = TypeVar("T")

TRIES = 3
FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 20.0
AZURE_VERSION = "2024-10-21"


@dataclass(frozen=True)
class Endpoint:
    """Where and how to call: base URL, key (empty: none), headers added, and Azure's API version for Azure only."""

    url: str
    key: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    azure_version: str | None = None


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
        answer = await self._call("", lambda sdk: sdk.get("/models", cast_to=object, options=self._options()))
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
            lambda sdk: sdk.post(
                "/chat/completions",
                body={**body, "stream": True},
                cast_to=object,
                stream=True,
                stream_cls=openai.AsyncStream[object],
                options=self._options(),
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

    def headers(self) -> dict[str, str]:
        """What a request of our own to this service carries."""
        if self.endpoint.azure_version:
            return {**({"api-key": self.endpoint.key} if self.endpoint.key else {}), **self.endpoint.headers}
        return {
            **({"authorization": f"Bearer {self.endpoint.key}"} if self.endpoint.key else {}),
            **self.endpoint.headers,
        }

    async def _json(self, path: str, body: Json) -> Json:
        answer = await self._call(
            str(body.get("model", "")), lambda sdk: sdk.post(path, body=body, cast_to=object, options=self._options())
        )
        if not isinstance(answer, dict):
            raise ProviderError(
                Trouble.OTHER, f"{self.host} did not answer in JSON. Check the address of the connection."
            )
        return answer

    async def _call(self, model: str, call: "Callable[[AsyncOpenAI], Awaitable[T]]") -> T:
        import openai

        for tries in range(1, TRIES + 1):
            try:
                return await call(self._sdk_for(model))
            except openai.APIError as error:
                trouble = self._before_stream(error, model)
                pause = trouble.retry_after or FIRST_PAUSE_SECONDS * 2 ** (tries - 1) * (1 + random.random() / 4)  # noqa: S311
                if tries == TRIES or not _worth_another_try(error) or pause > LONGEST_PAUSE_SECONDS:
                    raise trouble from error
                await asyncio.sleep(pause)
        raise AssertionError("unreachable")

    def _options(self) -> "RequestOptions":
        import openai

        bearer = self.endpoint.key and not self.endpoint.azure_version
        return {} if bearer else {"headers": {"Authorization": openai.omit}}

    def _sdk_for(self, model: str) -> "AsyncOpenAI":
        import openai

        azure = self.endpoint.azure_version
        base_url = f"{self.endpoint.url}/openai/deployments/{model}" if azure and model else self.endpoint.url
        if base_url not in self._sdk:
            headers: Any = {"OpenAI-Organization": openai.omit, "OpenAI-Project": openai.omit, **self.headers()}
            self._sdk[base_url] = openai.AsyncOpenAI(
                api_key=self.endpoint.key or "none",
                base_url=base_url,
                default_headers=headers,
                default_query={"api-version": azure} if azure else None,
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
                retry_after=_retry_after(error.response.headers),
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


def _worth_another_try(error: "APIError") -> bool:
    # Too many requests, overloaded (503, and 529 as some services have it): not carried out, so safe to repeat.
    return getattr(error, "status_code", 0) in (429, 503, 529) and error.code != "insufficient_quota"


def _message(error: "APIError") -> str:
    """The provider's words without the SDK's rendering of the whole body."""
    body = error.body
    if isinstance(body, dict):
        words = body.get("message") or body.get("detail") or body.get("error")
        return words if isinstance(words, str) else ""
    return body if isinstance(body, str) and "<" not in body else ""


def _retry_after(headers: httpx2.Headers) -> float | None:
    """Seconds, as the HTTP header says (RFC 9110 section 10.2.3, the form in seconds), or OpenAI's own finer one."""
    try:
        if "retry-after-ms" in headers:
            return float(headers["retry-after-ms"]) / 1000
        return float(headers["retry-after"])
    except (KeyError, ValueError):
        return None

"""Anthropic's Messages API, through the `anthropic` SDK."""

import asyncio
import importlib
from collections.abc import AsyncGenerator, Awaitable, Callable
from json import JSONDecodeError
from typing import TYPE_CHECKING, Any, TypeVar

import httpx2

from shared.llm import chat, http, messages_api
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

if TYPE_CHECKING:
    from anthropic import APIError, AsyncAnthropic

T = TypeVar("T")

# Errors inside a stream come with the status of the stream, which is 200: their type tells.
_STATUS = {
    "authentication_error": 401,
    "permission_error": 403,
    "not_found_error": 404,
    "request_too_large": 413,
    "rate_limit_error": 429,
    "api_error": 500,
    "overloaded_error": 529,
    "invalid_request_error": 400,
    "billing_error": 402,
}


class Anthropic:
    """The models of one Anthropic account, or of a service that speaks its protocol."""

    def __init__(self, endpoint: Endpoint, client: httpx2.AsyncClient | None = None) -> None:
        self.endpoint = endpoint
        self.host = http.host_of(endpoint.url)
        self._client = client or http.client()
        self._made: AsyncAnthropic | None = None

    async def prepare(self) -> None:
        """Imports the SDK beside whatever else is waited for."""
        await asyncio.to_thread(importlib.import_module, "anthropic")

    async def models(self) -> list[UpstreamModel]:
        """The account's models that are not retired."""
        answer: Any = await self._call(
            "", lambda sdk: sdk.get("/v1/models", cast_to=object, options={"params": {"limit": 1000}})
        )
        listed = answer.get("data") if isinstance(answer, dict) else None
        if not isinstance(listed, list):
            raise ProviderError(Trouble.OTHER, f"{self.host} did not answer with a list of models. Check the address.")
        return [
            UpstreamModel(str(entry["id"]), str(entry.get("display_name") or entry["id"]), {**entry, "object": "model"})
            for entry in listed
            if isinstance(entry, dict) and entry.get("id") and entry.get("lifecycle") != "retired"
        ]

    async def stream(self, body: Json) -> AsyncGenerator[Chunk]:
        """OpenAI's chunks for the events of /v1/messages."""
        import anthropic

        parameters, model, ended = messages_api.request(body), str(body["model"]), False
        reader = messages_api.Reader(model)
        stream = await self._call(
            model,
            lambda sdk: sdk.post(
                "/v1/messages",
                body={**parameters, "stream": True},
                cast_to=object,
                stream=True,
                stream_cls=anthropic.AsyncStream[object],
            ),
        )
        try:
            async for event in stream:
                if isinstance(event, dict):
                    ended = ended or event.get("type") == "message_stop"
                    for raw in reader.chunks(event):
                        yield Chunk(raw)
        except anthropic.APIStatusError as error:
            raise self._trouble(error, model) from error
        except (httpx2.TimeoutException, anthropic.APITimeoutError) as error:
            raise silent(self.host) from error
        except (httpx2.TransportError, anthropic.APIError, ValueError) as error:
            raise broken(self.host) from error
        finally:
            await stream.close()
        if not ended:
            raise broken(self.host)

    async def complete(self, body: Json) -> Json:
        """What the stream adds up to: the API refuses long answers that are not streamed."""
        return await chat.gathered(self.stream(body))

    async def embed(self, body: Json) -> Json:
        """Raises `ProviderError`: there are none."""
        raise ProviderError(Trouble.REQUEST, "Anthropic makes no embeddings. Pick a model of another provider.")

    async def count(self, body: Json) -> int | None:
        """The prompt's tokens."""
        wanted = ("model", "messages", "system", "tools", "tool_choice", "thinking")
        given = {name: value for name, value in messages_api.request(body).items() if name in wanted}
        answer: Any = await self._call(
            str(body["model"]), lambda sdk: sdk.post("/v1/messages/count_tokens", body=given, cast_to=object)
        )
        counted = answer.get("input_tokens") if isinstance(answer, dict) else None
        return counted if isinstance(counted, int) else None

    async def _call(self, model: str, call: "Callable[[AsyncAnthropic], Awaitable[T]]") -> T:
        import anthropic

        async def once() -> T:
            try:
                return await call(self._sdk())
            except anthropic.APIError as error:
                raise self._trouble(error, model) from error
            except (JSONDecodeError, RecursionError) as error:
                raise nonsense(self.host) from error

        return await patiently(once)

    def _sdk(self) -> "AsyncAnthropic":
        import anthropic

        if self._made is None:
            key = self.endpoint.key
            nobody: Any = {} if key else {"Authorization": anthropic.omit, "X-Api-Key": anthropic.omit}
            self._made = anthropic.AsyncAnthropic(
                api_key=key or "none",
                base_url=self.endpoint.url.removesuffix("/v1"),
                default_headers={**nobody, **self.endpoint.headers},
                http_client=self._client,
                timeout=http.TIMEOUT,
                max_retries=0,
            )
        return self._made

    def _trouble(self, error: "APIError", model: str) -> ProviderError:
        import anthropic

        if isinstance(error, anthropic.APIStatusError):
            kind, said = messages_api.words(error.body)
            status = error.status_code if error.status_code >= 400 else _STATUS.get(kind, 0)
            after = retry_after(error.response.headers)
            return from_status(self.host, status, said, code=kind, model=model, retry_after=after)
        if isinstance(error.__cause__, ProviderError):
            return error.__cause__
        if isinstance(error, anthropic.APITimeoutError) and not isinstance(error.__cause__, httpx2.ConnectTimeout):
            return silent(self.host)
        return unreachable(self.host)

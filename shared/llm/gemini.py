"""Google's Gemini API, through the `google-genai` SDK."""

import asyncio
import importlib
import json
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar, cast

import httpx2

from shared.llm import chat, generate_content, http
from shared.llm.errors import (
    SILENCE_SECONDS,
    ProviderError,
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
    from google.genai.client import AsyncClient
    from google.genai.errors import APIError
    from google.genai.types import EmbedContentConfigDict, GenerateContentResponse, Model

    Pieces = AsyncGenerator[GenerateContentResponse]

T = TypeVar("T")

_USES = ("generateContent", "embedContent")


class Gemini:
    """The models of one Google AI key."""

    def __init__(self, endpoint: Endpoint, client: httpx2.AsyncClient | None = None) -> None:
        self.endpoint = endpoint
        self.host = http.host_of(endpoint.url)
        self._client = client or http.client()
        self._made: AsyncClient | None = None

    async def prepare(self) -> None:
        """Imports the SDK beside whatever else is waited for."""
        await asyncio.to_thread(importlib.import_module, "google.genai")

    async def models(self) -> list[UpstreamModel]:
        """The models that answer or embed."""

        async def listed(sdk: "AsyncClient") -> "list[Model]":
            return [model async for model in await sdk.models.list(config={"page_size": 1000})]

        models = await self._call("", listed)
        return [_model(model) for model in models if model.name and set(model.supported_actions or []) & set(_USES)]

    async def stream(self, body: Json) -> AsyncGenerator[Chunk]:
        """OpenAI's chunks for the pieces of streamGenerateContent."""
        from google.genai.errors import APIError

        parameters, model = generate_content.request(body), str(body["model"])
        reader = generate_content.Reader(model)

        async def opened(sdk: "AsyncClient") -> "tuple[Pieces, GenerateContentResponse | None]":
            # The request is made, and refused, when the first piece is asked for.
            pieces = aiter(await sdk.models.generate_content_stream(**parameters))
            return cast("Pieces", pieces), await anext(pieces, None)

        pieces, piece = await self._call(model, opened)
        try:
            while piece is not None:
                for raw in reader.chunks(piece):
                    yield Chunk(raw)
                piece = await anext(pieces, None)
        except APIError as error:
            raise self._trouble(error, model) from error
        except httpx2.TimeoutException as error:
            raise silent(self.host) from error
        except (httpx2.TransportError, ValueError) as error:
            raise broken(self.host) from error
        finally:
            await pieces.aclose()
        if not reader.ended:
            raise broken(self.host)
        if usage := reader.usage():
            yield Chunk(usage)

    async def complete(self, body: Json) -> Json:
        """What the stream adds up to."""
        return await chat.gathered(self.stream(body))

    async def embed(self, body: Json) -> Json:
        """OpenAI's embeddings for those of batchEmbedContents."""
        from google.genai.types import Content, Part

        model, given = str(body["model"]), body.get("input")
        texts = [given] if isinstance(given, str) else [str(text) for text in given or []]
        contents = [Content(parts=[Part(text=text)]) for text in texts]
        dimensions = body.get("dimensions")
        config: EmbedContentConfigDict | None = {"output_dimensionality": dimensions} if dimensions else None
        answer = await self._call(
            model,
            lambda sdk: sdk.models.embed_content(model=model, contents=[*contents], config=config),
        )
        data = [
            {"object": "embedding", "index": index, "embedding": found.values or []}
            for index, found in enumerate(answer.embeddings or [])
        ]
        return {"object": "list", "model": model, "data": data, "usage": {"prompt_tokens": 0, "total_tokens": 0}}

    async def count(self, body: Json) -> int | None:
        """The prompt's tokens; the system prompt is counted as a turn, since the API takes no other."""
        turned = [
            {**message, "role": "user"} if chat.is_system(message) else message
            for message in body.get("messages") or []
        ]
        parameters = generate_content.request({"model": body["model"], "messages": turned})
        answer = await self._call(
            str(body["model"]),
            lambda sdk: sdk.models.count_tokens(model=parameters["model"], contents=parameters["contents"]),
        )
        return answer.total_tokens

    async def _call(self, model: str, call: "Callable[[AsyncClient], Awaitable[T]]") -> T:
        from google.genai.errors import APIError

        async def once() -> T:
            try:
                return await call(self._sdk())
            except APIError as error:
                raise self._trouble(error, model) from error
            except httpx2.ConnectTimeout as error:
                raise unreachable(self.host) from error
            except httpx2.TimeoutException as error:
                raise silent(self.host) from error
            except httpx2.TransportError as error:
                raise unreachable(self.host) from error
            except (ValueError, TypeError, AttributeError, RecursionError) as error:
                # The SDK reads whatever comes as if it were what it should be.
                raise nonsense(self.host) from error

        return await patiently(once)

    def _sdk(self) -> "AsyncClient":
        from google import genai
        from google.genai.types import HttpOptions

        if self._made is None:
            url, _, version = self.endpoint.url.rpartition("/")
            named = version.startswith("v1")
            options = HttpOptions(
                base_url=url if named else self.endpoint.url,
                api_version=version if named else "v1beta",
                headers=self.endpoint.headers,
                timeout=SILENCE_SECONDS * 1000,
                httpx_async_client=self._client,
            )
            self._made = genai.Client(api_key=self.endpoint.key or "none", vertexai=False, http_options=options).aio
        return self._made

    def _trouble(self, error: "APIError", model: str) -> ProviderError:
        status, said = int(error.code or 0), error.message or ""
        if status == 400 and "API key" in said:
            status = 401  # as any other service has it
        headers = getattr(error.response, "headers", None) or {}
        return from_status(
            self.host,
            status,
            said,
            code=error.status or "",
            model=model,
            retry_after=retry_after(headers) or _delay(error.details),
        )


def _delay(details: object) -> float | None:
    """The seconds to wait, which Google says inside its error: google.rpc.RetryInfo."""
    error = details.get("error", details) if isinstance(details, dict) else {}
    for each in error.get("details") or []:
        delay = each.get("retryDelay") if isinstance(each, dict) else None
        if isinstance(delay, str) and delay.endswith("s"):
            try:
                return float(delay[:-1])
            except ValueError:
                return None
    return None


def _model(model: "Model") -> UpstreamModel:
    model_id = (model.name or "").removeprefix("models/")
    raw = json.loads(model.model_dump_json(exclude_none=True))
    return UpstreamModel(model_id, model.display_name or model_id, {**raw, "id": model_id, "object": "model"})

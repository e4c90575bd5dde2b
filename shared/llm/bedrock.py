"""Amazon Bedrock by IAM, with no key: Converse and ConverseStream for chat, InvokeModel for embeddings."""

import asyncio
import json
import threading
from collections.abc import AsyncGenerator, Awaitable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, TypeVar

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, EventStreamError, ReadTimeoutError

from shared.llm import chat, converse
from shared.llm.errors import SILENCE_SECONDS, ProviderError, Trouble, broken, from_status, silent, unreachable
from shared.llm.provider import Chunk, Json, UpstreamModel
from shared.parallel import in_parallel

if TYPE_CHECKING:
    from mypy_boto3_bedrock import BedrockClient
    from mypy_boto3_bedrock_runtime import BedrockRuntimeClient

T = TypeVar("T")

HOST = "Amazon Bedrock"
_STATUS = {
    "AccessDeniedException": 403,
    "ThrottlingException": 429,
    "ServiceQuotaExceededException": 429,
    "ModelNotReadyException": 503,
    "ModelStreamErrorException": 502,
    "ResourceNotFoundException": 404,
    "ServiceUnavailableException": 503,
    "ValidationException": 400,
}


class Bedrock:
    """The models of Bedrock in one region, and the inference profiles that lead to several."""

    def __init__(
        self, region: str, runtime: "BedrockRuntimeClient | None" = None, control: "BedrockClient | None" = None
    ) -> None:
        listing = Config(connect_timeout=3, read_timeout=3, retries={"mode": "standard", "max_attempts": 1})
        # Standard mode repeats what Bedrock throttled, with back-off, before the stream begins.
        talking = Config(
            connect_timeout=3, read_timeout=SILENCE_SECONDS, retries={"mode": "standard", "max_attempts": 3}
        )
        self._runtime = runtime or boto3.client("bedrock-runtime", region_name=region, config=talking)
        self._control = control or boto3.client("bedrock", region_name=region, config=listing)

    async def prepare(self) -> None:
        """Nothing to load: boto3 is there already."""

    async def models(self) -> list[UpstreamModel]:
        """Text models that can be called by their id, and inference profiles: the system's, and the account's own."""
        return await _in_words("", asyncio.to_thread(self._list))

    async def stream(self, body: Json) -> AsyncGenerator[Chunk]:
        """OpenAI's chunks for the events of ConverseStream."""
        model = str(body["model"])
        answer = await _in_words(model, asyncio.to_thread(self._converse_stream, body))
        events: asyncio.Queue[Json | BaseException | None] = asyncio.Queue()
        loop, reader, ended = asyncio.get_running_loop(), converse.Reader(model), False
        stream = answer["stream"]

        def read() -> None:
            try:
                for event in stream:
                    loop.call_soon_threadsafe(events.put_nowait, event)
                last: BaseException | None = None
            except (BotoCoreError, ClientError, OSError, ValueError) as error:
                last = error
            if not loop.is_closed():
                loop.call_soon_threadsafe(events.put_nowait, last)

        threading.Thread(target=read, name="bedrock stream", daemon=True).start()
        try:
            while (event := await events.get()) is not None:
                if isinstance(event, BaseException):
                    raise _trouble(event, model, streaming=True) from event
                ended = ended or "messageStop" in event
                raw = reader.chunk(event)
                if raw is not None:
                    yield Chunk(raw)
        finally:
            stream.close()
        if not ended:
            raise broken(HOST)

    async def complete(self, body: Json) -> Json:
        """What the stream adds up to."""
        return await chat.gathered(self.stream(body))

    async def embed(self, body: Json) -> Json:
        """Embeddings by Amazon's Titan or Cohere's models."""
        model, given = str(body["model"]), body.get("input")
        texts = [given] if isinstance(given, str) else [str(text) for text in given or []]
        vectors = await _in_words(model, asyncio.to_thread(self._embed, model, texts, body))
        data = [{"object": "embedding", "index": index, "embedding": vector} for index, vector in enumerate(vectors)]
        return {"object": "list", "model": model, "data": data, "usage": {"prompt_tokens": 0, "total_tokens": 0}}

    async def rank(self, model: str, query: str, texts: list[str]) -> Json:
        """Results with `index` and `relevance_score`, by Cohere's or Amazon's rerankers."""
        # https://docs.aws.amazon.com/bedrock/latest/userguide/rerank.html
        version = {"api_version": 2} if "cohere." in model else {}
        body = {"query": query, "documents": texts, "top_n": len(texts), **version}
        return await _in_words(model, asyncio.to_thread(self._invoke, model, body))

    async def count(self, body: Json) -> int | None:
        """The prompt's tokens; None for a model that Bedrock does not count for."""
        asked = converse.request(body)
        names = ("messages", "system", "toolConfig", "additionalModelRequestFields")
        wanted: Any = {"converse": {name: asked[name] for name in names if name in asked}}
        try:
            answer = await asyncio.to_thread(lambda: self._runtime.count_tokens(modelId=asked["modelId"], input=wanted))
        except (BotoCoreError, ClientError) as error:
            trouble = _trouble(error, asked["modelId"])
            if trouble.trouble is Trouble.REQUEST:
                return None
            raise trouble from error
        return answer["inputTokens"]

    def _converse_stream(self, body: Json) -> Any:
        return self._runtime.converse_stream(**converse.request(body))

    def _list(self) -> list[UpstreamModel]:
        with ThreadPoolExecutor(2) as pool:
            profiles = pool.submit(self._profiles)
            listed = self._control.list_foundation_models()["modelSummaries"]
        models = []
        for summary in listed:
            callable_now = "ON_DEMAND" in summary.get("inferenceTypesSupported", [])
            alive = summary.get("modelLifecycle", {}).get("status", "ACTIVE") == "ACTIVE"
            if callable_now and alive and {"TEXT", "EMBEDDING"} & set(summary.get("outputModalities", [])):
                name = f"{summary.get('providerName', '')} {summary.get('modelName', '')}".strip()
                models.append(_model(summary["modelId"], name))
        return models + profiles.result()

    def _profiles(self) -> list[UpstreamModel]:
        found = []
        listing = self._control.get_paginator("list_inference_profiles")
        for page in listing.paginate(typeEquals="SYSTEM_DEFINED"):
            for profile in page["inferenceProfileSummaries"]:
                found.append(_model(profile["inferenceProfileId"], profile["inferenceProfileName"]))
        for page in listing.paginate(typeEquals="APPLICATION"):
            for profile in page["inferenceProfileSummaries"]:
                found.append(_model(profile["inferenceProfileArn"], profile["inferenceProfileName"]))
        return found

    def _embed(self, model: str, texts: list[str], body: Json) -> list[list[float]]:
        if "cohere." in model:
            kind = body.get("input_type") or "search_document"
            wanted = {"texts": texts, "input_type": kind, "truncate": "END", "embedding_types": ["float"]}
            return list(self._invoke(model, wanted)["embeddings"]["float"])
        options = chat.given(dimensions=body.get("dimensions"))
        return in_parallel(lambda text: list(self._invoke(model, {"inputText": text, **options})["embedding"]), texts)

    def _invoke(self, model: str, body: Json) -> Json:
        answer = self._runtime.invoke_model(modelId=model, body=json.dumps(body))
        result: Json = json.loads(answer["body"].read())
        return result


def _model(model_id: str, name: str) -> UpstreamModel:
    return UpstreamModel(model_id, name, {"id": model_id, "object": "model", "owned_by": "bedrock", "name": name})


async def _in_words(model: str, call: Awaitable[T]) -> T:
    try:
        return await call
    except (BotoCoreError, ClientError) as error:
        raise _trouble(error, model) from error


def _trouble(error: BaseException, model: str, *, streaming: bool = False) -> ProviderError:
    if isinstance(error, ClientError | EventStreamError):
        said = error.response.get("Error", {})
        # In a stream the code starts with a small letter: throttlingException.
        code = said.get("Code", "")
        code = code[:1].upper() + code[1:]
        message = said.get("Message", "")
        if code == "AccessDeniedException":
            return ProviderError(
                Trouble.KEY,
                f"Amazon Bedrock does not let this account use {model or 'its models'}. "
                "The first call of a model subscribes the account to it, which its policies may forbid; for models of "
                "Anthropic an admin first fills in a form about their use, once, in the Bedrock console. "
                f"It says: {message}",
            )
        return from_status(HOST, _STATUS.get(code, 500), message, model=model)
    if isinstance(error, ReadTimeoutError) or "timed out" in str(error).lower():
        return silent(HOST)
    return broken(HOST) if streaming else unreachable(HOST)

"""A model server for tests that speaks OpenAI's protocol and behaves as badly as it is told to."""

import asyncio
import json
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from tests.support.serving import serving

Json = dict[str, Any]


class Dropped(Exception):
    """Makes the server cut the connection."""


@dataclass
class Behaviour:
    """How one model answers."""

    tokens: list[str] = field(default_factory=lambda: ["Hello", ", ", "world", "!"])
    reasoning: list[str] = field(default_factory=list)
    reasoning_field: str = "reasoning_content"
    tool_calls: list[Json] = field(default_factory=list)
    reply: Callable[[Json], str] | None = None
    """In place of `tokens`: what is said to a request's body."""
    tokens_per_second: float | None = None
    first_token_seconds: float = 0
    status: int = 200
    error: Json | None = None
    headers: dict[str, str] = field(default_factory=dict)
    failures: int | None = None
    """With `status`: so many requests fail, then it works; None: all."""
    error_at: int | None = None
    """An error object in the stream in place of this token."""
    drop_at: int | None = None
    """The connection is cut in place of this token."""
    silent_at: int | None = None
    """Nothing more comes from this token on."""
    usage: bool = True
    cut_bytes: int | None = None
    """The bytes of the stream are sent in pieces of this size, whatever they cut through."""


@dataclass
class Seen:
    """One request that arrived."""

    path: str
    body: Json
    headers: dict[str, str]
    at: float
    content: bytes = b""


class ModelServer:
    """The server; `behaviours` by model id (`default` for all others), `requests` as they came.

    `embedding_failures`: statuses that the next requests for vectors are answered with.
    """

    def __init__(self) -> None:
        self.behaviours: dict[str, Behaviour] = {}
        self.default = Behaviour()
        self.models: list[Json] = [{"id": "test-model", "object": "model", "created": 1, "owned_by": "tests"}]
        self.models_seconds = 0.0
        self.embedding_failures: list[int] = []
        self.requests: list[Seen] = []
        self.closed_early = threading.Event()
        self.url = ""
        self.app = Starlette(
            routes=[
                Route("/v1/models", self._models),
                Route("/v1/chat/completions", self._complete, methods=["POST"]),
                Route("/v1/embeddings", self._embed, methods=["POST"]),
                Route("/v1/{path:path}", self._echo, methods=["GET", "POST", "PUT", "DELETE"]),
            ]
        )

    def completions(self, model: str | None = None) -> list[Seen]:
        """The completions asked for, of one model if named."""
        asked = [seen for seen in self.requests if seen.path.endswith("/chat/completions")]
        return [seen for seen in asked if model in (None, seen.body.get("model"))]

    def hurry(self) -> None:
        """Answers that are being written slowly come to their end at once."""
        for behaviour in (self.default, *self.behaviours.values()):
            behaviour.tokens_per_second = None

    def reset(self) -> None:
        """As new."""
        self.behaviours.clear()
        self.default = Behaviour()
        self.models_seconds = 0.0
        self.embedding_failures.clear()
        self.requests.clear()
        self.closed_early.clear()

    async def _seen(self, request: Request) -> Json:
        raw = await request.body()
        body = json.loads(raw) if raw.startswith(b"{") else {}
        self.requests.append(Seen(request.url.path, body, dict(request.headers), time.monotonic(), raw))
        return body

    async def _models(self, request: Request) -> Response:
        await self._seen(request)
        await asyncio.sleep(self.models_seconds)
        return Response(json.dumps({"object": "list", "data": self.models}), media_type="application/json")

    async def _embed(self, request: Request) -> Response:
        body = await self._seen(request)
        if self.embedding_failures:
            return JSONResponse({"error": {"message": "busy"}}, status_code=self.embedding_failures.pop(0))
        texts = body["input"] if isinstance(body["input"], list) else [body["input"]]
        data = [{"object": "embedding", "index": i, "embedding": [float(len(t)), 1.0]} for i, t in enumerate(texts)]
        usage = {"prompt_tokens": len(texts), "total_tokens": len(texts)}
        return JSONResponse({"object": "list", "model": body["model"], "data": data, "usage": usage})

    async def _echo(self, request: Request) -> Response:
        body = await self._seen(request)
        return JSONResponse(
            {"method": request.method, "path": request.url.path, "query": request.url.query, "body": body}
        )

    async def _complete(self, request: Request) -> Response:
        body = await self._seen(request)
        behaviour = self.behaviours.get(body.get("model", ""), self.default)
        if behaviour.reply:
            behaviour = replace(behaviour, tokens=[behaviour.reply(body)])
        if behaviour.status != 200 and (behaviour.failures is None or behaviour.failures > 0):
            if behaviour.failures is not None:
                behaviour.failures -= 1
            error = behaviour.error or {"message": f"status {behaviour.status}", "type": "error", "code": None}
            return JSONResponse({"error": error}, status_code=behaviour.status, headers=behaviour.headers)
        if not body.get("stream"):
            await asyncio.sleep(behaviour.first_token_seconds)
            return JSONResponse(self._whole(body, behaviour))
        stream = self._pieces(body, behaviour)
        if behaviour.cut_bytes:
            stream = _cut(stream, behaviour.cut_bytes)
        return StreamingResponse(self._watched(stream), media_type="text/event-stream")

    def _whole(self, body: Json, behaviour: Behaviour) -> Json:
        message: Json = {"role": "assistant", "content": "".join(behaviour.tokens)}
        if behaviour.tool_calls:
            message["tool_calls"] = behaviour.tool_calls
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        return {**_head(body, "chat.completion"), "choices": [choice], "usage": _usage(behaviour)}

    async def _watched(self, stream: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        whole = False
        try:
            async for piece in stream:
                yield piece
            whole = True
        finally:
            if not whole:
                self.closed_early.set()

    async def _pieces(self, body: Json, behaviour: Behaviour) -> AsyncIterator[bytes]:
        head = _head(body, "chat.completion.chunk")

        def event(delta: Json, finish: str | None = None) -> bytes:
            choices = [{"index": 0, "delta": delta, "finish_reason": finish}]
            return _sse({**head, "choices": choices})

        yield event({"role": "assistant", "content": ""})
        await asyncio.sleep(behaviour.first_token_seconds)
        for text in behaviour.reasoning:
            yield event({behaviour.reasoning_field: text})
        for index, call in enumerate(behaviour.tool_calls):
            yield event({"tool_calls": [{"index": index, **call}]})
        started = time.monotonic()
        for number, token in enumerate(behaviour.tokens):
            if number == behaviour.drop_at:
                raise Dropped
            if number == behaviour.silent_at:
                await asyncio.Event().wait()
            if number == behaviour.error_at:
                yield _sse({"error": behaviour.error or {"message": "The server had an error", "code": "server_error"}})
                return
            if behaviour.tokens_per_second:
                await asyncio.sleep(max(0.0, started + number / behaviour.tokens_per_second - time.monotonic()))
            yield event({"content": token})
        yield event({}, "tool_calls" if behaviour.tool_calls else "stop")
        if behaviour.usage and (body.get("stream_options") or {}).get("include_usage"):
            yield _sse({**head, "choices": [], "usage": _usage(behaviour)})
        yield b"data: [DONE]\n\n"


@contextmanager
def running(server: ModelServer | None = None) -> Iterator[ModelServer]:
    """A model server on a free port of this machine, at `url` (which ends in /v1)."""
    server = server or ModelServer()
    with serving(server.app) as address:
        server.url = f"{address}/v1"
        yield server


async def _cut(stream: AsyncIterator[bytes], size: int) -> AsyncIterator[bytes]:
    rest = b""
    async for piece in stream:
        rest += piece
        while len(rest) > size:
            yield rest[:size]
            rest = rest[size:]
            await asyncio.sleep(0)
    yield rest


def _head(body: Json, kind: str) -> Json:
    return {"id": "chatcmpl-test", "object": kind, "created": int(time.time()), "model": body.get("model")}


def _usage(behaviour: Behaviour) -> Json:
    answer = len(behaviour.tokens)
    return {"prompt_tokens": 7, "completion_tokens": answer, "total_tokens": 7 + answer}


def _sse(data: Json) -> bytes:
    return f"data: {json.dumps(data, ensure_ascii=False)}\n\n".encode()

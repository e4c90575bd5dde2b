"""Answers that take long: events and JSON that keep the connection alive, and end when the client leaves."""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from fastapi import Request
from fastapi.responses import JSONResponse, Response, StreamingResponse

from shared.errors import DomainError
from shared.llm.errors import ProviderError
from shared.llm.provider import Chunk, Json

T = TypeVar("T")

KEEP_ALIVE_SECONDS = 15.0
# Proxies on the way must not gather what is written to keep the connection alive.
UNBUFFERED = {"cache-control": "no-cache", "x-accel-buffering": "no"}


@dataclass(frozen=True)
class Framing(Generic[T]):
    """How a stream's items are written, and what is written while there are none, at the end, and for a failure."""

    media_type: str
    item: Callable[[T], bytes]
    alive: bytes
    end: bytes
    error: Callable[[ProviderError], bytes]


async def events(request: Request, chunks: AsyncGenerator[Chunk]) -> Response:
    """The chunks as OpenAI's server-sent events. A failure before the first one raises, so that it has its status."""
    return await stream(request, chunks, EVENTS)


async def lines(request: Request, objects: AsyncGenerator[Json]) -> Response:
    """The objects as Ollama's lines of JSON. A failure before the first one raises, so that it has its status."""
    return await stream(request, objects, LINES)


async def stream(request: Request, items: AsyncGenerator[T], framing: Framing[T]) -> Response:
    """The items in a framing, with signs of life between them, until they or the client's interest end."""
    gone = asyncio.create_task(_left(request))
    first = asyncio.ensure_future(_next(items))
    await _first_of(first, gone)
    if first.done() and first.exception() is not None:
        gone.cancel()
        first.result()
    return StreamingResponse(_written(items, first, gone, framing), media_type=framing.media_type, headers=UNBUFFERED)


async def document(request: Request, work: Awaitable[Json]) -> Response:
    """One JSON document. One that takes long begins with white space, which JSON allows, every 15 seconds."""
    gone, task = asyncio.create_task(_left(request)), asyncio.ensure_future(work)
    await _first_of(task, gone)
    if not task.done():
        headers = {**UNBUFFERED, "content-encoding": "identity"}
        return StreamingResponse(_document(task, gone), media_type="application/json", headers=headers)
    gone.cancel()
    return JSONResponse(task.result())


async def _written(
    items: AsyncGenerator[T],
    pending: "asyncio.Future[T | None]",
    gone: "asyncio.Task[None]",
    framing: Framing[T],
) -> AsyncIterator[bytes]:
    try:
        while True:
            await _first_of(pending, gone)
            if gone.done():
                return
            if not pending.done():
                yield framing.alive
                continue
            item = pending.result()
            if item is None:
                yield framing.end
                return
            pending = asyncio.ensure_future(_next(items))
            yield framing.item(item)
    except ProviderError as error:
        yield framing.error(error)
    finally:
        gone.cancel()
        pending.cancel()
        with suppress(asyncio.CancelledError, DomainError):
            await pending
        await items.aclose()


async def _document(task: "asyncio.Future[Json]", gone: "asyncio.Task[None]") -> AsyncIterator[bytes]:
    try:
        while not task.done() and not gone.done():
            yield b" "
            await _first_of(task, gone)
        if task.done():
            yield _json(task.result())
    except ProviderError as error:
        yield _json(error_body(error))
    finally:
        gone.cancel()
        task.cancel()


def error_body(error: ProviderError) -> dict[str, Any]:
    """A provider's failure as both kinds of clients read it: `detail` (contract) and `error` (OpenAI)."""
    return {"detail": error.detail, "error": error_object(error)}


def error_object(error: ProviderError) -> dict[str, Any]:
    """OpenAI's error object for a provider's failure."""
    return {"message": error.detail, "type": "upstream_error", "param": None, "code": error.trouble.value}


async def _first_of(*futures: "asyncio.Future[Any]") -> None:
    await asyncio.wait(futures, timeout=KEEP_ALIVE_SECONDS, return_when=asyncio.FIRST_COMPLETED)


async def _next(items: AsyncGenerator[T]) -> T | None:
    return await anext(items, None)


async def _left(request: Request) -> None:
    """Returns when the client has closed the connection."""
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _json(data: object) -> bytes:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()


def _event(data: object) -> bytes:
    return b"data: " + _json(data) + b"\n\n"


# https://html.spec.whatwg.org/multipage/server-sent-events.html (a line that begins with a colon is a comment)
EVENTS: Framing[Chunk] = Framing(
    "text/event-stream",
    lambda chunk: _event(chunk.raw),
    b": keep-alive\n\n",
    b"data: [DONE]\n\n",
    lambda error: _event({"error": error_object(error)}),
)
# White space may stand before any JSON; a line of its own would be one that Ollama's clients cannot read.
LINES: Framing[Json] = Framing(
    "application/x-ndjson",
    lambda line: _json(line) + b"\n",
    b" ",
    b"",
    lambda error: _json({"error": error.detail}) + b"\n",
)
# How the contract reports the progress of files: events without an end of their own.
PROGRESS: Framing[Json] = Framing(
    "text/event-stream", _event, b": keep-alive\n\n", b"", lambda error: _event({"error": error.detail})
)

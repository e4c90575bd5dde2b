"""Answers that take long: events and JSON that keep the connection alive, and end when the client leaves."""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable
from contextlib import suppress
from typing import Any

from fastapi import Request
from fastapi.responses import JSONResponse, Response, StreamingResponse

from shared.errors import DomainError
from shared.llm.errors import ProviderError
from shared.llm.provider import Chunk, Json

KEEP_ALIVE_SECONDS = 15.0
# Proxies on the way must not gather what is written to keep the connection alive.
UNBUFFERED = {"cache-control": "no-cache", "x-accel-buffering": "no"}


async def events(request: Request, chunks: AsyncGenerator[Chunk]) -> Response:
    """The chunks as OpenAI's server-sent events. A failure before the first one raises, so that it has its status.

    https://html.spec.whatwg.org/multipage/server-sent-events.html (a line that begins with a colon is a comment)
    """
    gone = asyncio.create_task(_left(request))
    first = asyncio.ensure_future(_next(chunks))
    await _first_of(first, gone)
    if first.done() and first.exception() is not None:
        gone.cancel()
        first.result()
    return StreamingResponse(_events(chunks, first, gone), media_type="text/event-stream", headers=UNBUFFERED)


async def document(request: Request, work: Awaitable[Json]) -> Response:
    """One JSON document. One that takes long begins with white space, which JSON allows, every 15 seconds."""
    gone, task = asyncio.create_task(_left(request)), asyncio.ensure_future(work)
    await _first_of(task, gone)
    if not task.done():
        headers = {**UNBUFFERED, "content-encoding": "identity"}
        return StreamingResponse(_document(task, gone), media_type="application/json", headers=headers)
    gone.cancel()
    return JSONResponse(task.result())


async def _events(
    chunks: AsyncGenerator[Chunk], pending: "asyncio.Future[Chunk | None]", gone: "asyncio.Task[None]"
) -> AsyncIterator[bytes]:
    try:
        while True:
            await _first_of(pending, gone)
            if gone.done():
                return
            if not pending.done():
                yield b": keep-alive\n\n"
                continue
            chunk = pending.result()
            if chunk is None:
                yield b"data: [DONE]\n\n"
                return
            pending = asyncio.ensure_future(_next(chunks))
            yield _event(chunk.raw)
    except ProviderError as error:
        yield _event({"error": error_object(error)})
    finally:
        gone.cancel()
        pending.cancel()
        with suppress(asyncio.CancelledError, DomainError):
            await pending
        await chunks.aclose()


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


async def _next(chunks: AsyncGenerator[Chunk]) -> Chunk | None:
    return await anext(chunks, None)


async def _left(request: Request) -> None:
    """Returns when the client has closed the connection."""
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _json(data: object) -> bytes:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()


def _event(data: object) -> bytes:
    return b"data: " + _json(data) + b"\n\n"

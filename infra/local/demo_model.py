"""A small model server that speaks OpenAI's protocol, so that a first run has something to answer it.

Protocol: https://platform.openai.com/docs/api-reference/chat and https://platform.openai.com/docs/api-reference/embeddings.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import math
import time
import uuid
from typing import Any

from aiohttp import web

from infra.local.demo_answers import answer, count_tokens, pieces
from infra.local.parent import leave_with_parent
from infra.local.ports import HOST

CHAT_MODEL = "cirrus-demo"
CHAT_NAME = "Demo (no real model connected)"
EMBEDDING_MODEL = "cirrus-demo-embedding"
DIMENSIONS = 256
PACE = 0.025  # seconds between pieces: about 40 words a second
PACE_KEY = web.AppKey("pace", float)


def create_app(pace: float = PACE) -> web.Application:
    """The server; ``pace`` is the time between two pieces of a streamed answer, in seconds."""
    app = web.Application(client_max_size=32 * 1024 * 1024)
    app[PACE_KEY] = pace
    app.router.add_get("/v1/models", list_models)
    app.router.add_post("/v1/chat/completions", complete)
    app.router.add_post("/v1/embeddings", embed)
    return app


async def list_models(_: web.Request) -> web.Response:
    """The one model that people can pick; embeddings are made whatever model a request names."""
    model = {"id": CHAT_MODEL, "name": CHAT_NAME, "object": "model", "created": 0, "owned_by": "cirrus"}
    return web.json_response({"object": "list", "data": [model]})


async def complete(request: web.Request) -> web.StreamResponse:
    """A chat completion, streamed or whole."""
    body = await _body(request)
    messages = body.get("messages")
    if not isinstance(messages, list) or not messages:
        return _error(400, "messages must be a list with at least one message")
    if body.get("model") != CHAT_MODEL:
        return _error(404, f"The model {body.get('model')!r} does not exist; this server has {CHAT_MODEL}.")
    text = answer([message for message in messages if isinstance(message, dict)])
    usage = _usage(count_tokens(json.dumps(messages)), count_tokens(text))
    head = {"id": f"chatcmpl-{uuid.uuid4().hex}", "created": int(time.time()), "model": CHAT_MODEL}
    if not body.get("stream"):
        choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
        return web.json_response({**head, "object": "chat.completion", "choices": [choice], "usage": usage})
    options = body.get("stream_options")
    wants_usage = isinstance(options, dict) and bool(options.get("include_usage"))
    return await _stream(request, head, text, usage if wants_usage else None)


async def _stream(
    request: web.Request, head: dict[str, Any], text: str, usage: dict[str, int] | None
) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-cache"})
    await response.prepare(request)

    async def send(choices: list[dict[str, Any]], **more: object) -> None:
        chunk = {**head, "object": "chat.completion.chunk", "choices": choices, **more}
        await response.write(f"data: {json.dumps(chunk, ensure_ascii=False)}\n\n".encode())

    delta: dict[str, str] = {"role": "assistant", "content": ""}
    await send([{"index": 0, "delta": delta, "finish_reason": None}])
    for piece in pieces(text):
        await send([{"index": 0, "delta": {"content": piece}, "finish_reason": None}])
        await asyncio.sleep(request.app[PACE_KEY])
    await send([{"index": 0, "delta": {}, "finish_reason": "stop"}])
    if usage is not None:
        await send([], usage=usage)
    await response.write(b"data: [DONE]\n\n")
    await response.write_eof()
    return response


async def embed(request: web.Request) -> web.Response:
    """Vectors of length one in which texts that share words lie near each other."""
    body = await _body(request)
    given = body.get("input")
    texts = [given] if isinstance(given, str) else given
    if not isinstance(texts, list) or not texts or not all(isinstance(text, str) for text in texts):
        return _error(400, "input must be a text or a list of texts")
    data = [{"object": "embedding", "index": index, "embedding": vector(text)} for index, text in enumerate(texts)]
    tokens = sum(count_tokens(text) for text in texts)
    usage = {"prompt_tokens": tokens, "total_tokens": tokens}
    return web.json_response({"object": "list", "model": EMBEDDING_MODEL, "data": data, "usage": usage})


def vector(text: str) -> list[float]:
    """A text's words hashed into ``DIMENSIONS`` counts, at length one."""
    counts = [0.0] * DIMENSIONS
    for word in text.lower().split() or [""]:
        digest = hashlib.sha256(word.encode()).digest()
        counts[int.from_bytes(digest[:4], "big") % DIMENSIONS] += 1.0 if digest[4] % 2 else -1.0
    length = math.sqrt(sum(count * count for count in counts)) or 1.0
    return [count / length for count in counts]


async def _body(request: web.Request) -> dict[str, Any]:
    try:
        body = await request.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _usage(prompt: int, completion: int) -> dict[str, int]:
    return {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}


def _error(status: int, message: str) -> web.Response:
    error = {"message": message, "type": "invalid_request_error", "param": None, "code": None}
    return web.json_response({"error": error}, status=status)


def main() -> None:
    """Serve until told to leave."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    port: int = parser.parse_args().port
    leave_with_parent()
    web.run_app(
        create_app(), host=HOST, port=port, print=None, access_log=None, handler_cancellation=True, shutdown_timeout=1.0
    )


if __name__ == "__main__":
    main()

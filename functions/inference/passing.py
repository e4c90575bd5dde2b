"""Requests passed on to a provider as they are, and its answers back."""

from collections.abc import AsyncIterator

import httpx2
from fastapi import Request
from fastapi.responses import Response, StreamingResponse

from shared.errors import Invalid
from shared.llm.connections import Connection
from shared.llm.errors import silent, unreachable
from shared.llm.providers import compatible

# What of a provider's answer reaches the client; the rest is about the connection to the provider.
_PASSED_ON = ("content-type", "content-disposition", "openai-processing-ms", "x-request-id", "retry-after")


async def pass_on(request: Request, path: str, connection: Connection, model: str, content: bytes) -> Response:
    """The answer of a path of OpenAI's API, with the connection's key; `model` as the provider names it, if any."""
    provider = compatible(connection)
    if provider is None or ".." in path.split("/"):
        raise Invalid("The provider of this model has no such path. Use /openai/chat/completions.")
    headers = await provider.headers()
    if content_type := request.headers.get("content-type"):
        headers["content-type"] = content_type
    upstream = provider.client.build_request(
        request.method,
        f"{provider.base_url(model)}/{path}",
        params={**provider.query, **request.query_params},
        content=content or None,
        headers=headers,
    )
    try:
        answer = await provider.client.send(upstream, stream=True)
    except httpx2.ReadTimeout as error:
        raise silent(provider.host) from error
    except httpx2.TransportError as error:
        raise unreachable(provider.host) from error
    passed = {name: answer.headers[name] for name in _PASSED_ON if name in answer.headers}
    return StreamingResponse(_bytes(answer), status_code=answer.status_code, headers=passed)


async def _bytes(answer: httpx2.Response) -> AsyncIterator[bytes]:
    try:
        async for piece in answer.aiter_bytes():
            yield piece
    finally:
        await answer.aclose()

"""Requests passed on to a provider as they are, and its answers back."""

from collections.abc import AsyncIterator

import httpx2
from fastapi import Request
from fastapi.responses import Response, StreamingResponse

from functions.inference.openai_bodies import Body
from shared.errors import Invalid
from shared.llm.connections import Connection
from shared.llm.errors import silent, unreachable
from shared.llm.providers import compatible

# What of a provider's answer reaches the client; the rest is about the connection to the provider.
_PASSED_ON = ("content-type", "content-disposition", "openai-processing-ms", "x-request-id", "retry-after")


async def pass_on(request: Request, path: str, connection: Connection, model: str, body: Body) -> Response:
    """The answer of a path of OpenAI's API, with the connection's key; `model` as the provider names it, if any."""
    provider = compatible(connection)
    if provider is None:
        raise Invalid("The provider of this model has no such path. Use /openai/chat/completions.")
    place = f"{provider.base_url(model).removeprefix(provider.endpoint.url)}/{path}"
    if _leads_elsewhere(place):
        raise Invalid("This path is not passed on: it has a step such as .. or a letter that is not read as itself.")
    headers = await provider.headers()
    if body.content_type:
        headers["content-type"] = body.content_type
    upstream = provider.client.build_request(
        request.method,
        provider.endpoint.url + place,
        params={**provider.query, **request.query_params},
        content=body.content or None,
        headers=headers,
    )
    try:
        answer = await provider.client.send(upstream, stream=True)
    except httpx2.ReadTimeout as error:
        raise silent(provider.host) from error
    except httpx2.RequestError as error:
        raise unreachable(provider.host) from error
    found = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in answer.headers.raw}
    passed = {name: found[name] for name in _PASSED_ON if name in found}
    return StreamingResponse(_bytes(answer), status_code=answer.status_code, headers=passed)


def _leads_elsewhere(path: str) -> bool:
    """Whether a provider that decodes a path once more, or reads it in its own way, could get another one out of it."""
    steps = (segment.partition(";")[0].strip() for segment in path.split("/"))
    return not path.isprintable() or any(letter in path for letter in "%\\?#") or any(s in (".", "..") for s in steps)


async def _bytes(answer: httpx2.Response) -> AsyncIterator[bytes]:
    try:
        async for piece in answer.aiter_bytes():
            yield piece
    finally:
        await answer.aclose()

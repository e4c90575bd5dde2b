"""Where an answer's pieces come from."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from functions.generate.prompt import Prompt
from shared.errors import DomainError
from shared.llm.connections import Connection
from shared.llm.provider import Chunk, Json, Provider
from shared.llm.providers import provider_for


async def chunks_of(connection: Connection, prompt: Prompt) -> AsyncGenerator[Chunk]:
    """The provider's chunks. Some servers reject `stream_options`: then the tokens stay uncounted."""
    provider, body = provider_for(connection), prompt.body
    if prompt.params.get("stream_response") is False:
        yield await _in_one_piece(provider, body)
        return
    try:
        async with aclosing(provider.stream(body)) as chunks:
            async for chunk in chunks:
                yield chunk
            return
    except DomainError as error:
        if "stream_options" not in error.detail or "stream_options" not in body:
            raise
    plain = {key: value for key, value in body.items() if key != "stream_options"}
    async with aclosing(provider.stream(plain)) as chunks:
        async for chunk in chunks:
            yield chunk


async def _in_one_piece(provider: Provider, body: Json) -> Chunk:
    """A completion that the model's server is not asked to stream (contract: `stream_response` false)."""
    plain = {key: value for key, value in body.items() if key not in ("stream", "stream_options")}
    whole = await provider.complete(plain)
    choices = [{**choice, "delta": choice.get("message") or {}} for choice in whole.get("choices") or []]
    return Chunk({**whole, "choices": choices})

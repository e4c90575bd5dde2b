"""Several servers that have the same model: the next one is asked when nobody answers at the first."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING, TypeVar

from shared.llm.errors import ProviderError, Trouble
from shared.llm.provider import Chunk, Json, UpstreamModel

if TYPE_CHECKING:
    from shared.llm.provider import Provider

T = TypeVar("T")


class Fallback:
    """Providers in the order in which they are asked; only one that cannot be reached hands over to the next."""

    def __init__(self, providers: "Sequence[Provider]") -> None:
        self._providers = providers

    async def prepare(self) -> None:
        """Loads what any of them needs."""
        await asyncio.gather(*(provider.prepare() for provider in self._providers))

    async def models(self) -> list[UpstreamModel]:
        """The models of the first that answers."""
        return await self._first(lambda provider: provider.models())

    async def stream(self, body: Json) -> AsyncGenerator[Chunk]:
        """The chunks of the first that answers."""
        for number, provider in enumerate(self._providers, start=1):
            begun = False
            try:
                async with aclosing(provider.stream(body)) as chunks:
                    async for chunk in chunks:
                        begun = True
                        yield chunk
                return
            except ProviderError as error:
                if begun or error.trouble is not Trouble.UNREACHABLE or number == len(self._providers):
                    raise

    async def complete(self, body: Json) -> Json:
        """The completion of the first that answers."""
        return await self._first(lambda provider: provider.complete(body))

    async def embed(self, body: Json) -> Json:
        """The embeddings of the first that answers."""
        return await self._first(lambda provider: provider.embed(body))

    async def count(self, body: Json) -> int | None:
        """The count of the first that answers."""
        return await self._first(lambda provider: provider.count(body))

    async def _first(self, call: "Callable[[Provider], Awaitable[T]]") -> T:
        for provider in self._providers[:-1]:
            try:
                return await call(provider)
            except ProviderError as error:
                if error.trouble is not Trouble.UNREACHABLE:
                    raise
        return await call(self._providers[-1])

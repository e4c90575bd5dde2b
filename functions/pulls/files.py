"""The file of a model on its way from S3 to a server of Ollama, which knows files by their digest."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress

from shared.llm.errors import ProviderError, Trouble
from shared.llm.ollama import Ollama
from shared.storage import objects

PIECE = 1024 * 1024
Told = Callable[[int], None]
"""Called with the bytes done so far."""


async def digest_of(key: str, told: Told) -> str:
    """The digest of an object."""
    found, done = hashlib.sha256(), 0
    async for piece in _pieces(key):
        await asyncio.to_thread(found.update, piece)
        done += len(piece)
        told(done)
    return f"sha256:{found.hexdigest()}"


async def send(server: Ollama, key: str, digest: str, told: Told) -> None:
    """Gives a server an object as a blob, unless it has it; raises `ProviderError`."""

    async def content() -> AsyncIterator[bytes]:
        done = 0
        async for piece in _pieces(key):
            yield piece
            done += len(piece)
            told(done)

    with suppress(ProviderError):
        async with server.opened("HEAD", f"/api/blobs/{digest}"):
            return
    async with server.opened("POST", f"/api/blobs/{digest}", content=content()):
        pass


async def _pieces(key: str) -> AsyncIterator[bytes]:
    """An object's bytes, read beside what this process does otherwise."""
    reading: Iterator[bytes] = objects.stream(key, chunk_size=PIECE)
    while (piece := await asyncio.to_thread(next, reading, None)) is not None:
        yield piece


def size_of(key: str) -> int:
    """How many bytes an object has; raises `ProviderError` where it is gone."""
    size = objects.size(key)
    if size is None:
        raise ProviderError(Trouble.REQUEST, GONE)
    return size


GONE = "The uploaded file is not there any more. Upload it again."

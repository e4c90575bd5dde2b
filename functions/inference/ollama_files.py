"""Files of models on their way to a server of Ollama, which knows them by their digest; none is ever kept here."""

import asyncio
import hashlib
import re
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

import httpx2
from fastapi import UploadFile

from shared.errors import Invalid
from shared.llm import http
from shared.llm.connections import Connection
from shared.llm.errors import ProviderError, Trouble, broken, from_status, silent, unreachable
from shared.llm.provider import Json
from shared.llm.providers import ollama

HOSTS = ("https://huggingface.co/", "https://github.com/")
PIECE = 1024 * 1024
_DIGEST = re.compile(r"[0-9a-f]{64}")


def valid_digest(digest: str) -> str:
    """A digest as Ollama names blobs by it; raises `Invalid`."""
    if not _DIGEST.fullmatch(digest.removeprefix("sha256:")) or not digest.startswith("sha256:"):
        raise Invalid("A blob is named by its digest: sha256: and 64 hexadecimal digits.")
    return digest


def file_name(url: str) -> str:
    """The name of the file at an address that models may be downloaded from; raises `Invalid`."""
    name = unquote(urlsplit(url).path.rpartition("/")[2])
    if not url.startswith(HOSTS) or not name:
        raise Invalid(f"Give the address of a file that begins with {' or '.join(HOSTS)}.")
    return name


async def has_blob(connection: Connection, digest: str) -> bool:
    """Whether a server has a blob."""
    try:
        async with ollama(connection).opened("HEAD", f"/api/blobs/{valid_digest(digest)}"):
            return True
    except ProviderError as error:
        if error.trouble is Trouble.MODEL:
            return False
        raise


async def send_blob(connection: Connection, digest: str, content: AsyncIterator[bytes]) -> None:
    """Gives a server a blob, in pieces."""
    async with ollama(connection).opened("POST", f"/api/blobs/{valid_digest(digest)}", content=content):
        pass


async def download(connection: Connection, url: str) -> AsyncGenerator[Json]:
    """Takes a file from where it lies to a server; yields the progress, and at the end the blob's digest.

    Nothing is stored on the way. Hugging Face tells the digest beforehand; elsewhere the file is read twice, first to
    learn it.
    """
    name, transfer = file_name(url), Transfer()
    async with http.client() as client:
        digest = await _known_digest(client, url)
        if digest is None:
            found = hashlib.sha256()
            async for piece in _pieces(client, url, transfer):
                found.update(piece)
                yield transfer.shown()
            digest, transfer = found.hexdigest(), Transfer()
        async for progress in _sending(connection, f"sha256:{digest}", _pieces(client, url, transfer), transfer):
            yield progress
    yield {"done": True, "blob": f"sha256:{digest}", "name": name}


async def upload(connection: Connection, file: UploadFile) -> AsyncGenerator[Json]:
    """Gives a server a file, and makes a model of it; yields the progress."""
    name, found, transfer = (file.filename or "model.gguf").rpartition("/")[2], hashlib.sha256(), Transfer()
    while piece := await file.read(PIECE):
        found.update(piece)
        transfer.total += len(piece)
    await file.seek(0)

    async def content() -> AsyncIterator[bytes]:
        while piece := await file.read(PIECE):
            transfer.completed += len(piece)
            yield piece

    digest = f"sha256:{found.hexdigest()}"
    async for progress in _sending(connection, digest, content(), transfer):
        yield progress
    model = name.rpartition(".")[0] or name
    await ollama(connection).call("POST", "/api/create", {"model": model, "files": {name: digest}, "stream": False})
    yield {"done": True, "blob": digest, "name": name, "model_created": model}


@dataclass
class Transfer:
    """How much of a file has been moved, in bytes."""

    completed: int = 0
    total: int = 0

    def shown(self) -> Json:
        """As the contract reports it; percent with two digits."""
        percent = round(100 * self.completed / self.total, 2) if self.total else 0
        return {"progress": percent, "completed": self.completed, "total": self.total}


async def _sending(
    connection: Connection, digest: str, content: AsyncIterator[bytes], transfer: Transfer
) -> AsyncGenerator[Json]:
    """The progress, once a second and at the end, of a blob on its way."""
    sending = asyncio.create_task(send_blob(connection, digest, content))
    try:
        while not sending.done():
            await asyncio.wait([sending], timeout=1)
            yield transfer.shown()
        sending.result()
    finally:
        sending.cancel()


async def _known_digest(client: httpx2.AsyncClient, url: str) -> str | None:
    """The SHA-256 of a file that Hugging Face stores by it (https://huggingface.co/docs/hub/storage-backends)."""
    if not url.startswith(HOSTS[0]):
        return None
    try:
        answer = await client.head(url, follow_redirects=False)
    except httpx2.TransportError as error:
        raise unreachable(http.host_of(url)) from error
    digest = answer.headers.get("x-linked-etag", "").strip('"')
    return digest if _DIGEST.fullmatch(digest) else None


async def _pieces(client: httpx2.AsyncClient, url: str, transfer: Transfer) -> AsyncIterator[bytes]:
    host = http.host_of(url)
    try:
        async with client.stream("GET", url) as answer:
            if answer.is_error:
                raise from_status(host, answer.status_code, "")
            transfer.total = int(answer.headers.get("content-length") or 0)
            async for piece in answer.aiter_raw(PIECE):
                transfer.completed += len(piece)
                yield piece
    except httpx2.TimeoutException as error:
        raise silent(host) from error
    except httpx2.TransportError as error:
        raise broken(host) from error

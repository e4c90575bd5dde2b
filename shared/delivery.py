"""Answers as JSON: compressed, and by way of S3 where Lambda's response limit would be passed."""

import gzip
import json
import uuid
import zlib
from collections.abc import Iterable, Iterator
from typing import Any

from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from pydantic_core import PydanticSerializationError, to_json

from shared.errors import TooLarge
from shared.storage import objects
from shared.storage.uploads import Upload

# Lambda takes and gives at most 6 MB, and binary bodies travel as base64, a third longer.
REQUEST_BYTES = 4 * 1024 * 1024
RESPONSE_BYTES = 4_400_000
# Text is not base64 but is quoted within JSON, which can double it.
PLAIN_BYTES = 2_500_000
REDIRECT: dict[int | str, dict[str, Any]] = {
    307: {"description": "Over Lambda's response limit: the same JSON at a presigned URL."}
}
"""What a route that answers by `body` declares in its OpenAPI document."""
_COMPRESSED_FROM = 1024
_LEVEL = 3  # half the time of gzip's usual 6 for 8 % more bytes
_REDIRECT_SECONDS = 300


async def within_limit(request: Request) -> None:
    """Refuses requests over 4 MB, as the edge does before (contract: 413)."""
    announced = request.headers.get("content-length", "")
    size = int(announced) if announced.isdecimal() else 0
    if size > REQUEST_BYTES or len(await request.body()) > REQUEST_BYTES:
        raise TooLarge("A request can have at most 4 MB. Save a long chat in parts, and upload large files as files.")


def body(request: Request, value: Any) -> Response:
    """JSON as the client takes it, or a redirect to it."""
    raw, encoding = compressed(request, value)
    if fits(raw, encoding):
        return response(raw, encoding)
    key = f"responses/{uuid.uuid4()}.json"
    objects.put(key, raw, "application/json", encoding=encoding)
    url = objects.presigned_get(key, _REDIRECT_SECONDS, encoding=encoding)
    return RedirectResponse(url, status_code=307, headers={"cache-control": "no-store"})


def compressed(request: Request, value: Any) -> tuple[bytes, str | None]:
    """The JSON, and the Content-Encoding it is in: what the client takes, None for a short text."""
    raw = _encode(value)
    if len(raw) < _COMPRESSED_FROM or "gzip" not in request.headers.get("accept-encoding", "").lower():
        return raw, None
    return gzip.compress(raw, compresslevel=_LEVEL, mtime=0), "gzip"


def fits(raw: bytes, encoding: str | None) -> bool:
    """Whether Lambda can answer with these bytes."""
    return len(raw) <= (RESPONSE_BYTES if encoding else PLAIN_BYTES)


def response(raw: bytes, encoding: str | None) -> Response:
    """JSON bytes as an answer that nobody keeps."""
    headers = {"vary": "Accept-Encoding", "cache-control": "no-store"}
    if encoding:
        headers["content-encoding"] = encoding
    return Response(raw, media_type="application/json", headers=headers)


def _encode(value: Any) -> bytes:
    try:
        return to_json(value)
    except PydanticSerializationError:  # half an emoji: only an escape can say it
        return json.dumps(value, separators=(",", ":")).encode()


def streamed(request: Request, values: Iterable[Any]) -> Response:
    """A JSON list of any length, of which a bounded part is in memory; over Lambda's limit, a redirect to it."""
    packed = "gzip" in request.headers.get("accept-encoding", "").lower()
    encoding = "gzip" if packed else None
    # 31: with gzip's header and checksum (zlib's manual, deflateInit2).
    packer = zlib.compressobj(5, zlib.DEFLATED, 31) if packed else None
    key = f"responses/{uuid.uuid4()}.json"
    whole: bytearray | None = bytearray()
    with Upload(key, "application/json", encoding=encoding) as upload:
        for part in _list_parts(values):
            raw = packer.compress(part) if packer else part
            whole = _kept(whole, raw, encoding)
            upload.write(raw)
        rest = packer.flush() if packer else b""
        whole = _kept(whole, rest, encoding)
        upload.write(rest)
        if whole is not None:
            upload.abandon()
            return response(bytes(whole), encoding)
    url = objects.presigned_get(key, _REDIRECT_SECONDS, encoding=encoding)
    return RedirectResponse(url, status_code=307, headers={"cache-control": "no-store"})


def _list_parts(values: Iterable[Any]) -> Iterator[bytes]:
    separator = b"["
    for value in values:
        yield separator + _encode(value)
        separator = b","
    yield b"]" if separator == b"," else b"[]"


def _kept(whole: bytearray | None, more: bytes, encoding: str | None) -> bytearray | None:
    """The answer with more of it; None once it is too large for Lambda."""
    if whole is None or len(whole) + len(more) > (RESPONSE_BYTES if encoding else PLAIN_BYTES):
        return None
    return whole + more

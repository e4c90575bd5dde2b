"""Answers of the chats routes: compressed, and by way of S3 where Lambda's response limit would be passed."""

import gzip
import json
import uuid
from collections.abc import Mapping
from typing import Any

from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from shared.chats import tree
from shared.chats.compose import View
from shared.chats.lists import Page
from shared.errors import TooLarge
from shared.realtime.frames import utf16_length
from shared.storage import objects

# Lambda takes and gives at most 6 MB, and binary bodies travel as base64, a third longer.
REQUEST_BYTES = 4 * 1024 * 1024
RESPONSE_BYTES = 4_400_000
# Text is not base64 but is quoted within JSON, which can double it.
PLAIN_BYTES = 2_500_000
_COMPRESSED_FROM = 1024
_REDIRECT_SECONDS = 300


async def within_limit(request: Request) -> None:
    """Refuses requests over 4 MB, as the edge does before (contract: 413)."""
    announced = request.headers.get("content-length", "")
    size = int(announced) if announced.isdecimal() else 0
    if size > REQUEST_BYTES or len(await request.body()) > REQUEST_BYTES:
        raise TooLarge("A request can have at most 4 MB. Save a long chat in parts, and upload large files as files.")


def listed(request: Request, page: Page) -> Response:
    """A page of a chat list; `x-next-cursor` leads to the next."""
    rows = [
        {
            "id": chat.chat_id,
            "title": chat.title,
            "updated_at": chat.updated_at,
            "created_at": chat.created_at,
        }
        for chat in page.chats
    ]
    answer = body(request, rows)
    if page.cursor:
        answer.headers["x-next-cursor"] = page.cursor
    return answer


def chat(request: Request, value: Mapping[str, Any]) -> Response:
    """A chat whole."""
    return body(request, value)


def after_write(request: Request, value: Mapping[str, Any]) -> Response:
    """A chat whole, to whoever wrote to it; when it is too large, where to read it (303: by GET)."""
    raw, encoding = _compressed(request, value)
    if _fits(raw, encoding):
        return _response(raw, encoding)
    return RedirectResponse(f"/api/v1/chats/{value['id']}", status_code=303)


def message(request: Request, view: View) -> Response:
    """A composed message with its lengths."""
    content, reasoning = view.message.get("content"), view.message.get("reasoning_content")
    extra = {
        "length": utf16_length(content) if isinstance(content, str) else 0,
        "reasoning_length": utf16_length(reasoning) if isinstance(reasoning, str) else 0,
        "seq": view.seq,
        "running": view.running,
    }
    return body(request, {"childrenIds": [], **view.message, **extra})


def body(request: Request, value: Any) -> Response:
    """JSON as the client takes it, or a redirect to it."""
    raw, encoding = _compressed(request, value)
    if _fits(raw, encoding):
        return _response(raw, encoding)
    key = f"responses/{uuid.uuid4()}.json"
    objects.put(key, raw, "application/json", encoding=encoding)
    url = objects.presigned_get(key, _REDIRECT_SECONDS, encoding=encoding)
    return RedirectResponse(url, status_code=307, headers={"cache-control": "no-store"})


def _compressed(request: Request, value: Any) -> tuple[bytes, str | None]:
    raw = _encode(value)
    if len(raw) < _COMPRESSED_FROM or "gzip" not in request.headers.get("accept-encoding", "").lower():
        return raw, None
    return gzip.compress(raw, compresslevel=5, mtime=0), "gzip"


def _fits(raw: bytes, encoding: str | None) -> bool:
    return len(raw) <= (RESPONSE_BYTES if encoding else PLAIN_BYTES)


def _response(raw: bytes, encoding: str | None) -> Response:
    headers = {"vary": "Accept-Encoding", "cache-control": "no-store"}
    if encoding:
        headers["content-encoding"] = encoding
    return Response(raw, media_type="application/json", headers=headers)


def _encode(value: Any) -> bytes:
    try:
        return tree.dumps(value).encode()
    except UnicodeEncodeError:  # half an emoji: only an escape can say it
        return json.dumps(value, separators=(",", ":")).encode()

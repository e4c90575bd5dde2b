"""Answers of the chats routes."""

from collections.abc import Mapping
from typing import Any

from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from shared import delivery
from shared.chats.compose import View
from shared.chats.lists import Page
from shared.realtime.frames import utf16_length


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
    answer = delivery.body(request, rows)
    if page.cursor:
        answer.headers["x-next-cursor"] = page.cursor
    return answer


def chat(request: Request, value: Mapping[str, Any]) -> Response:
    """A chat whole."""
    return delivery.body(request, value)


def after_write(request: Request, value: Mapping[str, Any], below: str = "/api/v1/chats/") -> Response:
    """A chat whole, to whoever wrote to it; when it is too large, where to read it (303: by GET, by its id)."""
    raw, encoding = delivery.compressed(request, value)
    if delivery.fits(raw, encoding):
        return delivery.response(raw, encoding)
    return RedirectResponse(f"{below}{value['id']}", status_code=303)


def message(request: Request, view: View) -> Response:
    """A composed message with its lengths."""
    content, reasoning = view.message.get("content"), view.message.get("reasoning_content")
    extra = {
        "length": utf16_length(content) if isinstance(content, str) else 0,
        "reasoning_length": utf16_length(reasoning) if isinstance(reasoning, str) else 0,
        "seq": view.seq,
        "running": view.running,
    }
    return delivery.body(request, {"childrenIds": [], **view.message, **extra})

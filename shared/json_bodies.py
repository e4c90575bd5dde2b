"""JSON bodies of requests, looked at by `shared.json_input` before any route."""

import json
import re
from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.errors import Invalid
from shared.json_input import DEEPEST, read

_NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_HALF = re.compile(rb"\\u[dD][89a-fA-F]")
_HUGE = re.compile(rb"\d[eE]\+?\d{3}|\d{300}")
_FORM_BYTES = 250_000
"""Above it a body is a chat, which is looked at for what is quickly found; who stores it looks at its numbers."""


class JsonBodies:
    """ASGI middleware: reads the bodies that look odd, refuses what `read` refuses and passes on what it mended."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or "json" not in Headers(scope=scope).get("content-type", "json"):
            await self.app(scope, receive, send)
            return
        body, whole = await _body(receive)
        if whole and _is_odd(body):
            try:
                body = json.dumps(read(body)).encode()
            except Invalid as error:
                answer = JSONResponse({"detail": error.detail}, status_code=HTTPStatus.UNPROCESSABLE_ENTITY)
                await answer(scope, receive, send)
                return
            scope = {**scope, "headers": _of_length(scope["headers"], len(body))}
        given = False

        async def given_then_receive() -> Message:
            nonlocal given
            if given or not whole:
                return await receive()
            given = True
            return {"type": "http.request", "body": body, "more_body": False}

        await self.app(scope, given_then_receive, send)


async def _body(receive: Receive) -> tuple[bytes, bool]:
    """The body, and whether all of it came: otherwise nobody waits for the answer any more."""
    parts: list[bytes] = []
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return b"", False
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts), True


def _is_odd(body: bytes) -> bool:
    """Whether a body has what `read` looks for, or seems so: brackets within texts count too."""
    if b"NaN" in body or b"Infinity" in body or _HALF.search(body):
        return True
    if len(body) < _FORM_BYTES and _HUGE.search(body):
        return True
    brackets = body.translate(None, _NO_BRACKETS)
    if len(brackets) <= DEEPEST:
        return False
    # Each round takes one or two of the innermost levels away.
    for _ in range(DEEPEST // 2):
        shorter = brackets.replace(b"{}", b"").replace(b"[]", b"")
        if not shorter:
            return False
        if len(shorter) == len(brackets):
            break
        brackets = shorter
    return len(brackets) > DEEPEST


def _of_length(headers: list[tuple[bytes, bytes]], length: int) -> list[tuple[bytes, bytes]]:
    others = [(name, value) for name, value in headers if name.lower() != b"content-length"]
    return [*others, (b"content-length", str(length).encode())]

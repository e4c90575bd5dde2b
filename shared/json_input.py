"""JSON that somebody sends: what Python's reader lets through, and nothing behind it can carry, ends here.

That is numbers that are none (NaN, 1e999), nesting without end, and half an emoji (a lone surrogate), which no text
in UTF-8 can hold.
"""

import json
import math
import re
from http import HTTPStatus
from typing import Any

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.errors import Invalid

DEEPEST = 100
"""Levels of objects and lists within each other."""
TOO_DEEP = f"The JSON is nested deeper than {DEEPEST} levels. Send it flatter."
NO_JSON = "This is no JSON: {}."

_NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_HALF = re.compile(rb"\\u[dD][89a-fA-F]")
_HUGE = re.compile(rb"\d[eE]\+?\d{3}|\d{300}")
_FORM_BYTES = 250_000
"""Above it a body is a chat, which is looked at for what is quickly found; who stores it looks at its numbers."""


def read(text: str | bytes) -> Any:
    """What a JSON text says, with a replacement character for half an emoji.

    Raises `Invalid` for what is no JSON or nested deeper than `DEEPEST`.
    """
    try:
        value = json.loads(text, parse_constant=_refused, parse_float=_finite)
    except RecursionError as error:
        raise Invalid(TOO_DEEP) from error
    except ValueError as error:
        raise Invalid(NO_JSON.format(error)) from error
    if depth_over(value, DEEPEST):
        raise Invalid(TOO_DEEP)
    return _mended(value)


def depth_over(value: Any, levels: int) -> bool:
    """Whether a value has more than so many objects and lists within each other."""
    level = [value] if isinstance(value, dict | list) else []
    for _ in range(levels):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, dict | list)
        ]
        if not level:
            return False
    return bool(level)


class JsonInput:
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


def _refused(constant: str) -> float:
    raise ValueError(f"{constant[:20]} is no number that it can hold")


def _finite(text: str) -> float:
    return value if math.isfinite(value := float(text)) else _refused(text)


def _mended(value: Any) -> Any:
    if isinstance(value, str):
        # Pairs have become one character already: what is left stands alone.
        return value if value.isascii() else re.sub("[\ud800-\udfff]", "\ufffd", value)
    if isinstance(value, dict):
        return {_mended(key): _mended(inner) for key, inner in value.items()}
    return [_mended(inner) for inner in value] if isinstance(value, list) else value

"""Events as frames within API Gateway's limits, which the emulator does not enforce.

https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-execution-service-websocket-limits-table.html
"""

from collections.abc import Iterator
from typing import Any

from shared.logs import logger
from shared.realtime import packets

FRAME_LIMIT = 32 * 1024
MESSAGE_LIMIT = 128 * 1024

_TEXTS = ("content", "reasoning_content")


def utf16_length(text: str) -> int:
    """The length JavaScript sees: UTF-16 code units."""
    return len(text) + sum(character > "\uffff" for character in text)


def fit(name: str, data: dict[str, Any]) -> list[bytes]:
    """The event as frames to post, in order.

    A completion's text over `FRAME_LIMIT` is split into deltas of the same `seq` whose `offset`s join on; an end that
    carries the whole text leaves it out (clients read the message instead). What cannot be split may reach
    `MESSAGE_LIMIT`; over that it is left out and logged.
    """
    frame = _encode(name, data)
    if len(frame) <= FRAME_LIMIT:
        return [frame]
    completion = data.get("data")
    if name == "events" and isinstance(completion, dict) and completion.get("type") == "chat:completion":
        return [
            part
            for body in _smaller(completion["data"])
            for part in fit(name, {**data, "data": {**completion, "data": body}})
        ] or _whole(name, data, frame)
    return _whole(name, data, frame)


def _encode(name: str, data: dict[str, Any]) -> bytes:
    # A half surrogate pair is no text; one replacement character keeps the length that clients count.
    return packets.event(name, data).encode("utf-8", "replace")


def _whole(name: str, data: dict[str, Any], frame: bytes) -> list[bytes]:
    if len(frame) <= MESSAGE_LIMIT:
        return [frame]
    logger().error("event over the socket's message limit left out", extra={"event": name, "bytes": len(frame)})
    return []


def _smaller(body: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The completion in two halves, or without the whole text, or nothing where neither is possible."""
    if "content" in body:
        yield {key: value for key, value in body.items() if key != "content"}
        return
    choices = body.get("choices") or [{}]
    delta = choices[0].get("delta") or {}
    key = next((key for key in _TEXTS if isinstance(delta.get(key), str) and len(delta[key]) > 1), None)
    if key is None:
        return
    text, middle = delta[key], len(delta[key]) // 2
    offset = body.get("offset")
    yield {**body, "choices": [{**choices[0], "delta": {**delta, key: text[:middle]}}]}
    second = {**body, "choices": [{**choices[0], "delta": {key: text[middle:]}}]}
    if isinstance(offset, int):
        second["offset"] = offset + utf16_length(text[:middle])
    yield second

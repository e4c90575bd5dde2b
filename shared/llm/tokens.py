"""How many tokens things have, as a rule of thumb for any model, without asking anybody.

Four characters of ASCII are a token, one and a half of any other script; a picture is 1,000, a message 4 more.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

IMAGE_TOKENS = 1000
MESSAGE_TOKENS = 4


def tokens_of(text: str) -> float:
    """The tokens of a text."""
    plain = len(text.encode("ascii", "ignore"))
    return plain / 4 + (len(text) - plain) / 1.5


def estimate(messages: Iterable[Mapping[str, Any]], tools: object = None) -> int:
    """The tokens of messages, and of the tools offered with them."""
    tokens = tokens_of(json.dumps(tools)) if tools else 0.0
    for message in messages:
        content = message.get("content")
        parts = content if isinstance(content, list) else [{"type": "text", "text": content or ""}]
        tokens += MESSAGE_TOKENS
        for part in parts:
            is_text = isinstance(part, dict) and part.get("type") == "text"
            tokens += tokens_of(str(part.get("text") or "")) if is_text else IMAGE_TOKENS
        if message.get("tool_calls"):
            tokens += tokens_of(json.dumps(message["tool_calls"]))
    return round(tokens)


def room_for(length: int, params: Mapping[str, Any]) -> int:
    """The tokens a prompt may have of a model that takes `length`: the answer needs its part of them."""
    try:
        answer = int(params.get("max_tokens") or length // 8)
    except (TypeError, ValueError, OverflowError):
        answer = length // 8
    return length - min(answer, length // 2)

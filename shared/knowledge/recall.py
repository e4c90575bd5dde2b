"""Which memories bear on a question: by meaning where there is an embedding model, else by the words they share."""

import math
import re
import struct
from collections.abc import Sequence

from shared.knowledge import memories
from shared.knowledge.memories import MemoryItem
from shared.llm.errors import ProviderError
from shared.logs import logger
from shared.retrieval import spaces
from shared.retrieval.spaces import Target

LEAST_LIKE = 0.2
"""The cosine below which a memory has nothing to do with a question."""
_WORD = re.compile(r"[^\W_]+")


def recall(user_id: str, question: str, limit: int, least: float = 0.0) -> list[tuple[MemoryItem, float]]:
    """The person's memories that are nearest to a question, with their cosine, best first; at most `limit`.

    Without an embedding model: those that share words with it, with the share of the question's words they have.
    """
    found = memories.of_user(user_id)
    if not found:
        return []
    scores = _by_meaning(found, question)
    if scores is None:
        scores, least = _by_words(found, question), 1e-9
    ranked = sorted(zip(found, scores, strict=True), key=lambda pair: pair[1], reverse=True)
    return [(memory, score) for memory, score in ranked[:limit] if score >= least]


def remember(found: Sequence[MemoryItem]) -> None:
    """Has the embedding model read memories whose vectors are not there; without one they wait for the next recall."""
    target = spaces.answering()
    try:
        _vectors(found, target)
    except ProviderError as error:
        logger().info("memories not embedded", extra={"code": error.trouble})


def example() -> list[float]:
    """The vector of a short text, for clients that want to know how vectors look; empty without a model."""
    embedder = spaces.answering().embedder
    return embedder.embed(["hello world"], "query")[0] if embedder else []


def _by_meaning(found: Sequence[MemoryItem], question: str) -> list[float] | None:
    target = spaces.answering()
    if target.embedder is None:
        return None
    try:
        asked = target.embedder.embed([question], "query")[0]
        return [_cosine(asked, vector) for vector in _vectors(found, target)]
    except ProviderError as error:
        logger().warning("memories searched by words", extra={"code": error.trouble})
        return None


def _vectors(found: Sequence[MemoryItem], target: Target) -> list[tuple[float, ...]]:
    if target.embedder is None:
        return []
    missing = [memory for memory in found if memory.space != target.space.id or memory.vector is None]
    made = target.embedder.embed([memory.content for memory in missing], "passage")
    for memory, vector in zip(missing, made, strict=True):
        length = math.hypot(*vector) or 1.0
        packed = struct.pack(f"<{len(vector)}e", *(number / length for number in vector))
        memories.keep_vector(memory, target.space.id, packed)
        memory.space, memory.vector = target.space.id, packed
    return [struct.unpack(f"<{len(memory.vector) // 2}e", memory.vector) for memory in found]


def _cosine(one: Sequence[float], other: Sequence[float]) -> float:
    lengths = math.hypot(*one) * math.hypot(*other)
    return math.sumprod(one, other) / lengths if lengths else 0.0


def _by_words(found: Sequence[MemoryItem], question: str) -> list[float]:
    asked = _words(question)
    return [len(asked & _words(memory.content)) / (len(asked) or 1) for memory in found]


def _words(text: str) -> set[str]:
    """Its words; of scripts without spaces pairs of characters."""
    words = _WORD.findall(text.casefold())
    pairs = {word[at : at + 2] for word in words if not word.isascii() for at in range(len(word) - 1)}
    return {word for word in words if len(word) > 2 and word.isascii()} | pairs

"""Conversations that are longer than a model takes: counted, and their oldest turns summarised by the task model.

Tokens are counted by the provider where it offers that and the estimate comes near the limit. The estimate is that of
`shared.llm.tokens`.

A summary stays with the answer it was made for (`context_summary`), with a digest of the messages that it stands for:
later answers begin with it, as long as those messages have not been changed.
"""

import asyncio
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shared.answers import AnswerRequest
from shared.llm.errors import ProviderError
from shared.llm.provider import Json
from shared.llm.providers import provider_for
from shared.llm.tokens import estimate
from shared.logs import logger
from shared.tasks.prompts import plain

COUNT_FROM = 0.5
"""The part of the room from which on an estimate will not do, where the provider counts."""
FILLED = 0.6
"""The part of the room that a shortened conversation fills, so that the next ones need no other summary."""
MOST_CHUNKS = 8
CHUNK_CHARACTERS = (8_000, 200_000)
COUNT_SECONDS = 5.0

SUMMARY = (
    "The beginning of this conversation was too long to be sent. Take this summary for it:\n\n"
    "<summary>\n{summary}\n</summary>"
)
LEFT_OUT = "The beginning of this conversation was too long and is left out."


@dataclass(frozen=True)
class Summary:
    """What stands for the first `covers` messages of a conversation (system prompts not counted)."""

    text: str
    covers: int
    digest: str

    def stored(self) -> Json:
        """As the message has it."""
        return {"text": self.text, "covers": self.covers, "digest": self.digest}


async def is_too_long(request: AnswerRequest, body: Json, room: int) -> bool:
    """Whether a prompt takes more than its room, by the provider's count if it is worth asking, else by estimate."""
    estimated = estimate(body["messages"], body.get("tools"))
    if estimated < room * COUNT_FROM:
        return False
    try:
        async with asyncio.timeout(COUNT_SECONDS):
            counted = await provider_for(request.connection).count(body)
    except (ProviderError, TimeoutError) as error:
        logger().info("tokens not counted", extra={"code": type(error).__name__})
        counted = None
    return (estimated if counted is None else counted) > room


def known(path: Iterable[Mapping[str, Any]], messages: Sequence[Json]) -> Summary | None:
    """The summary with the widest reach that an earlier answer of the branch left, and that still holds."""
    own = _talk(messages)
    found = None
    for message in path:
        stored = message.get("context_summary")
        if not isinstance(stored, dict):
            continue
        text, covers = stored.get("text"), stored.get("covers")
        if not isinstance(text, str) or not isinstance(covers, int) or not 0 < covers < len(own):
            continue
        if stored.get("digest") == digest(own[:covers]) and (found is None or covers > found.covers):
            found = Summary(text, covers, str(stored["digest"]))
    return found


def digest(messages: Iterable[Mapping[str, Any]]) -> str:
    """A hash of what messages say."""
    said = [[message.get("role"), plain(message.get("content"))] for message in messages]
    return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()[:32]


def shortened(messages: Sequence[Json], summary: Summary) -> list[Json]:
    """The messages with a summary in place of those it covers. It is said with the system prompt."""
    note = SUMMARY.format(summary=summary.text) if summary.text else LEFT_OUT
    rest = _talk(messages)[summary.covers :]
    system = [message for message in messages if _is_system(message)]
    first = system[0] if system and isinstance(system[0].get("content"), str) else None
    if first is None:
        return [{"role": "system", "content": note}, *system, *rest]
    return [{**first, "content": f"{first['content']}\n\n{note}"}, *system[1:], *rest]


def cut(messages: Sequence[Json], room: int, tools: object = None) -> int:
    """How many of the first messages have to go for the rest to fill a part of the room; 0: none can.

    What stays begins with a person's message, the last one at the latest.
    """
    talk = _talk(messages)
    turns = [index for index, message in enumerate(talk) if message.get("role") == "user" and index]
    wanted = int(room * FILLED) - estimate([message for message in messages if _is_system(message)], tools)
    return next((index for index in turns if estimate(talk[index:]) <= wanted), turns[-1] if turns else 0)


async def summarise(
    messages: Sequence[Json], covers: int, before: Summary | None, room: int, request: AnswerRequest
) -> Summary:
    """A summary of the first `covers` messages, which goes on from an earlier one; without a text if none was made."""
    talk = _talk(messages)[:covers]
    whole = digest(talk)
    chunk = min(max(room * 2, CHUNK_CHARACTERS[0]), CHUNK_CHARACTERS[1])
    text = before.text if before else ""
    try:
        for part in _chunks(talk[before.covers if before else 0 :], chunk):
            text = await _summary_of(text, part, chunk, request)
    except (ProviderError, LookupError, TypeError, AttributeError) as error:
        logger().warning("conversation not summarised", extra={"code": type(error).__name__})
    return Summary(text, covers, whole)


async def _summary_of(before: str, messages: Sequence[Json], chunk: int, request: AnswerRequest) -> str:
    from shared.sections import load
    from shared.tasks import doing, reading
    from shared.tasks.section import TasksSection

    section = await asyncio.to_thread(load, TasksSection)
    earlier = [{"role": "assistant", "content": f"(Summary of what came before)\n{before}"}] if before else []
    longest = max(500, chunk // len(messages))
    text = await doing.said(
        "summary",
        section,
        [*earlier, *messages],
        request.connection,
        request.upstream_model,
        request.variables,
        longest=max(longest, len(before)),
    )
    said = reading.read("summary", text)
    return str(said) if said else before


def _chunks(messages: Sequence[Json], size: int) -> Iterable[list[Json]]:
    """The messages in a few parts of about as many characters."""
    lengths = [len(plain(message.get("content"))) for message in messages]
    size = max(size, sum(lengths) // MOST_CHUNKS + 1)
    part: list[Json] = []
    held = 0
    for message, length in zip(messages, lengths, strict=True):
        if part and held + length > size:
            yield part
            part, held = [], 0
        part.append(message)
        held += length
    if part:
        yield part


def _talk(messages: Iterable[Json]) -> list[Json]:
    return [message for message in messages if not _is_system(message)]


def _is_system(message: Mapping[str, Any]) -> bool:
    return message.get("role") in ("system", "developer")

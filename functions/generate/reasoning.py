"""Telling a model's reasoning from its answer when both come as one text with tags."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

TAGS = (
    ("<think>", "</think>"),
    ("<thinking>", "</thinking>"),
    ("<reason>", "</reason>"),
    ("<reasoning>", "</reasoning>"),
    ("<thought>", "</thought>"),
    ("<|begin_of_thought|>", "<|end_of_thought|>"),
    ("◁think▷", "◁/think▷"),
)

Kind = Literal["content", "reasoning"]


@dataclass(frozen=True)
class Piece:
    """Some text of one kind."""

    kind: Kind
    text: str


class ReasoningSplitter:
    """Splits streamed text at reasoning tags, wherever the pieces are cut.

    Models reason before they answer, so a tag counts only at the very beginning: `<think>` later on is text.
    """

    def __init__(self, tags: tuple[tuple[str, str], ...] = TAGS) -> None:
        self._tags = tags
        self._end: str | None = None
        self._state: Literal["start", "inside", "after", "answer"] = "start" if tags else "answer"
        self._held = ""
        self._reasoned = False

    def feed(self, text: str) -> Iterator[Piece]:
        """The pieces that are certain now; a possible beginning of a tag is held back."""
        self._held += text
        if self._state == "start":
            yield from self._at_start()
        if self._state == "inside":
            yield from self._inside()
        if self._state == "after":
            self._held = self._held.lstrip()
            self._state = "answer" if self._held else "after"
        if self._state == "answer" and self._held:
            yield Piece("content", self._take())

    def close(self) -> Iterator[Piece]:
        """What was held back when the text ends."""
        if self._held.strip() or self._state == "start":
            kind: Kind = "reasoning" if self._state == "inside" else "content"
            if self._held:
                yield Piece(kind, self._take())

    def _at_start(self) -> Iterator[Piece]:
        begun = self._held.lstrip()
        for start, end in self._tags:
            if begun.startswith(start):
                self._held, self._end, self._state = begun[len(start) :], end, "inside"
                return
        if begun and not any(start.startswith(begun) for start, _ in self._tags):
            self._state = "answer"
        yield from ()

    def _inside(self) -> Iterator[Piece]:
        assert self._end is not None
        if not self._reasoned:
            self._held = self._held.lstrip()
        text, found, rest = self._held.partition(self._end)
        if found:
            self._held, self._state = rest, "after"
        else:
            kept = _partial(text, self._end)
            text, self._held = text[: len(text) - kept], text[len(text) - kept :]
        if text:
            self._reasoned = True
            yield Piece("reasoning", text)

    def _take(self) -> str:
        text, self._held = self._held, ""
        return text


def tags_from(param: object) -> tuple[tuple[str, str], ...]:
    """The tags a chat asks for (contract: `params.reasoning_tags`): two of its own, none (false), or the usual ones."""
    if isinstance(param, list | tuple) and len(param) == 2 and all(isinstance(tag, str) and tag for tag in param):
        return ((param[0], param[1]),)
    return () if param is False else TAGS


def _partial(text: str, tag: str) -> int:
    """How many characters at the end of `text` may be the beginning of `tag`."""
    return next((size for size in range(min(len(tag) - 1, len(text)), 0, -1) if tag.startswith(text[-size:])), 0)

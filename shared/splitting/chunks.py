"""Chunks out of segments: neighbouring segments are joined and cut, and each chunk knows where it came from."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from shared.segments import Segment
from shared.splitting.cutting import Cut, Splitter, cut_for

_WINDOW = 200_000
"""Characters that are cut at a time: a file of any size takes little memory."""
_TOKENS_WINDOW = 32
"""The same, per token of a chunk: counting tokens takes longer the more text there is to count in."""


@dataclass(frozen=True, slots=True)
class SplitSettings:
    """`size` and `overlap` in characters, or in tokens with the splitter `token`; see `cut_for`."""

    splitter: Splitter = "character"
    size: int = 1000
    overlap: int = 100
    tokenizer: str = ""


@dataclass(frozen=True, slots=True)
class Chunk:
    """What is embedded and found.

    `metadata`: what is known of `page`, `last_page` (where it differs), `headings`, `sheet`, `start`, `end` (seconds)
    of the segments it is from, and `start_index`, its offset in the file's text.
    """

    text: str
    metadata: dict[str, Any] = field(default_factory=dict)


def joint(before: Segment, after: Segment) -> str:
    """What stands between two segments in the text of a file, in which `start_index` counts."""
    return "\n" if (before.headings, before.sheet) == (after.headings, after.sheet) else "\n\n"


def split(segments: Iterable[Segment], settings: SplitSettings) -> list[Chunk]:
    """The chunks of a file, in its order."""
    return list(chunks(segments, settings))


def chunks(segments: Iterable[Segment], settings: SplitSettings) -> Iterator[Chunk]:
    """The same, one by one, with only a part of the file in memory.

    Sheets are never joined; with the splitter `markdown` neither are sections.
    """
    cut = cut_for(settings.splitter, settings.size, settings.overlap, settings.tokenizer)
    apart = settings.splitter == "markdown"
    window = min(_WINDOW, settings.size * _TOKENS_WINDOW) if settings.splitter == "token" else _WINDOW
    offset = 0
    for _, group in groupby(segments, lambda segment: (segment.sheet, segment.headings if apart else ())):
        joined = _Joined(cut, window, offset)
        for segment in group:
            yield from joined.add(segment)
        yield from joined.rest()
        offset = joined.offset


class _Joined:
    """The text of neighbouring segments, cut as soon as there is a window of it."""

    def __init__(self, cut: Cut, window: int, offset: int) -> None:
        self.offset = offset
        self._cut, self._window = cut, window
        self._text = ""
        self._segments: list[Segment] = []
        self._starts: list[int] = []

    def add(self, segment: Segment) -> Iterator[Chunk]:
        """Takes a segment, however long; returns the chunks that are complete."""
        for start in range(0, len(segment.text), self._window):
            if self._text and not start:
                self._text += joint(self._segments[-1], segment)
            self._segments.append(segment)
            self._starts.append(len(self._text))
            self._text += segment.text[start : start + self._window]
            if len(self._text) > self._window:
                yield from self._complete()

    def rest(self) -> Iterator[Chunk]:
        """The last chunks."""
        yield from map(self._chunk, self._cut(self._text))
        self.offset += len(self._text) + 2
        self._text = ""

    def _complete(self) -> Iterator[Chunk]:
        *complete, (start, _) = self._cut(self._text) or [(len(self._text), "")]
        yield from map(self._chunk, complete)
        first = max(bisect_right(self._starts, start) - 1, 0)
        self._segments = self._segments[first:]
        self._starts = [max(each - start, 0) for each in self._starts[first:]]
        self._text = self._text[start:]
        self.offset += start

    def _chunk(self, piece: tuple[int, str]) -> Chunk:
        start, text = piece
        first = self._segments[max(bisect_right(self._starts, start) - 1, 0)]
        last = self._segments[max(bisect_right(self._starts, start + len(text) - 1) - 1, 0)]
        return Chunk(text, {**_where(first, last), "start_index": self.offset + start})


def _where(first: Segment, last: Segment) -> dict[str, Any]:
    known = {
        "page": first.page,
        "last_page": last.page if last.page != first.page else None,
        "headings": list(first.headings) or None,
        "sheet": first.sheet,
        "start": first.start,
        "end": last.end,
    }
    return {name: value for name, value in known.items() if value is not None}

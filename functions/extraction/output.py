"""Segments written as JSON lines, with an end to how much text one file may have."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from functions.extraction.failures import Unreadable
from shared.segments import Segment

MOST_CHARACTERS = 50_000_000
"""Of one file: about 50,000 chunks, or a library of forty thick books."""
_TOO_LONG = "The file has more than {} million characters of text. Split it into smaller files."


@dataclass(slots=True)
class Written:
    """How much was written."""

    segments: int = 0
    characters: int = 0


def write(segments: Iterable[Segment], path: Path, most: int = MOST_CHARACTERS) -> Written:
    """Writes segments as they come, without those that have no text; raises `Unreadable` when there is too much."""
    written = Written()
    with path.open("w", encoding="utf-8", errors="replace") as file:
        for segment in bounded(segments, most):
            if segment.text.strip("\x00\n\r\t "):
                if "\x00" in segment.text:
                    segment = replace(segment, text=segment.text.replace("\x00", ""))
                file.write(segment.line)
                written.segments += 1
                written.characters += len(segment.text)
    return written


def bounded(segments: Iterable[Segment], most: int) -> Iterator[Segment]:
    """The segments, until they are more text than one file may have; raises `Unreadable` there."""
    total = 0
    for segment in segments:
        total += len(segment.text)
        if total > most:
            raise Unreadable(_TOO_LONG.format(max(round(most / 1e6), 1)))
        yield segment

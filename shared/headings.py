"""Text under headings, gathered into one segment for each section."""

import re
from collections.abc import Iterable, Iterator

from shared.segments import Segment

_LONGEST = 50_000
"""A section that goes on for longer becomes several segments, so that little is held in memory."""


_HEADING = re.compile(r" {0,3}(#{1,6})\s+(.+?)\s*#*\s*$")
_UNDERLINE = re.compile(r" {0,3}(=+|-+)\s*$")
_FENCE = re.compile(r" {0,3}(```+|~~~+)")
_MOST_LINES = 1000


class Sections:
    """Takes headings and blocks in the order of the document, and returns what is complete."""

    def __init__(self, page: int | None = None) -> None:
        self._page = page
        self._path: list[tuple[int, str]] = []
        self._blocks: list[str] = []
        self._length = 0

    def turn(self, page: int | None) -> Iterator[Segment]:
        """A new page begins, within the same section."""
        yield from self.end()
        self._page = page

    def heading(self, level: int, text: str) -> Iterator[Segment]:
        """A new section begins; `level` 1 is the outermost."""
        yield from self.end()
        while self._path and self._path[-1][0] >= level:
            self._path.pop()
        self._path.append((level, " ".join(text.split())))
        yield from self.block(f"{'#' * min(level, 6)} {text}")

    def block(self, text: str) -> Iterator[Segment]:
        """A paragraph, a row, a list's entry."""
        if not text.strip():
            return
        self._blocks.append(text)
        self._length += len(text)
        if self._length > _LONGEST:
            yield from self.end()

    def end(self) -> Iterator[Segment]:
        """What is left of the section."""
        if self._blocks:
            headings = tuple(text for _, text in self._path)
            yield Segment("\n\n".join(self._blocks), page=self._page, headings=headings)
        self._blocks, self._length = [], 0


def markdown_sections(lines: Iterable[str]) -> Iterator[Segment]:
    """The sections of lines of Markdown, https://spec.commonmark.org/0.31.2/#atx-headings."""
    sections = Sections()
    yield from _markdown(lines, sections)
    yield from sections.end()


def markdown_pages(pages: Iterable[tuple[int | None, str]]) -> Iterator[Segment]:
    """The same of pages, each with its number: sections go on over the end of a page."""
    sections = Sections()
    for page, text in pages:
        yield from sections.turn(page)
        yield from _markdown(text.splitlines(), sections)
    yield from sections.end()


def _markdown(lines: Iterable[str], sections: Sections) -> Iterator[Segment]:
    gathered: list[str] = []
    fence = ""
    for line in lines:
        opening = _FENCE.match(line)
        if opening and (not fence or line.strip().startswith(fence)):
            fence = "" if fence else opening[1]
        heading = None if fence or opening else _HEADING.match(line)
        underlined = not (fence or opening or heading) and _is_title(gathered, line)
        if heading or underlined:
            title = heading[2] if heading else gathered.pop().strip()
            level = len(heading[1]) if heading else 1 if "=" in line else 2
            yield from sections.block("\n".join(gathered).strip("\n"))
            yield from sections.heading(level, title)
            gathered = []
            continue
        gathered.append(line)
        if len(gathered) > _MOST_LINES:
            yield from sections.block("\n".join(gathered).strip("\n"))
            gathered = []
    yield from sections.block("\n".join(gathered).strip("\n"))


def _is_title(before: list[str], line: str) -> bool:
    """Whether the line underlines the one before it, which has to stand alone."""
    alone = bool(before) and bool(before[-1].strip()) and (len(before) < 2 or not before[-2].strip())
    return alone and _UNDERLINE.match(line) is not None

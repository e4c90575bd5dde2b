"""Text, Markdown and source code, in pieces however long the file or a line of it is."""

from collections.abc import Iterator
from pathlib import Path

from functions.extraction.readers.charsets import charset_of
from shared.headings import markdown_sections
from shared.segments import Segment

_PIECE = 64 * 1024
_LONGEST_LINE = 16 * 1024


def read_text(path: Path) -> Iterator[Segment]:
    """Text as it is, in segments of about 64 KB that end with a line where there is one."""
    gathered: list[str] = []
    length = 0
    for line in lines(path):
        gathered.append(line)
        length += len(line)
        if length > _PIECE:
            yield Segment("".join(gathered).rstrip("\n"))
            gathered, length = [], 0
    yield Segment("".join(gathered).rstrip("\n"))


def read_markdown(path: Path) -> Iterator[Segment]:
    """A segment for each section; a line of code that begins with `#` is no heading."""
    return markdown_sections(line.rstrip("\n") for line in lines(path))


def lines(path: Path) -> Iterator[str]:
    """The lines of a text in whatever charset, with their line breaks; a very long one in several pieces."""
    with path.open(encoding=charset_of(path), errors="replace") as file:
        while line := file.readline(_LONGEST_LINE):
            yield line.replace("\x00", "")

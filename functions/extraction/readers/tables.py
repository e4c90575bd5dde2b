"""Rows of tables as lines that can be understood alone: each value with the name of its column."""

import csv
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, time
from itertools import chain
from pathlib import Path

from functions.extraction.readers.plain import lines
from shared.segments import Segment

_ROWS = 50
_LONGEST = 20_000
_SNIFFED = 8192
_MOST_LINES = 1000
"""In one row, whose quoted values may have several."""
_MOST_STRAYS = 50
"""Quotes that are never closed; after so many, none counts."""


def read_csv(path: Path) -> Iterator[Segment]:
    """Comma, semicolon, tab or bar between the values, whichever it is."""
    sample = "".join(line for line, _ in zip(lines(path), range(50), strict=False))[:_SNIFFED]
    try:
        dialect: type[csv.Dialect] = csv.Sniffer().sniff(sample, delimiters=",;\t|")
    except csv.Error:
        dialect = csv.excel
    dialect.doublequote = True
    csv.field_size_limit(1024 * 1024)
    return rows_to_segments(_rows(_Lines(lines(path)), dialect))


class _Lines:
    """Lines that can be given back, with those of the row that is being read; too many of those raise `csv.Error`."""

    def __init__(self, source: Iterator[str]) -> None:
        self._source = source
        self._again: deque[str] = deque()
        self.of_row: list[str] = []
        self.at_end = False

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if len(self.of_row) >= _MOST_LINES:
            raise csv.Error
        try:
            line = self._again.popleft() if self._again else next(self._source)
        except StopIteration:
            self.at_end = True
            raise
        self.of_row.append(line)
        return line

    def first_again(self) -> str:
        """The first line of the row; those after it come again."""
        first, *others = self.of_row
        self._again.extendleft(reversed(others))
        self.of_row, self.at_end = [], False
        return first


def _rows(source: _Lines, dialect: type[csv.Dialect]) -> Iterator[list[str]]:
    """The rows of a CSV. A quote that is never closed belongs to its line, and does not take the rows after it."""
    strays, width = 0, 0
    while strays < _MOST_STRAYS:
        source.of_row = []
        try:
            row = next(csv.reader(source, dialect), None)
            stray = _is_stray(source, dialect.delimiter, width)
        except csv.Error:
            row, stray = [], True
        if row is None:
            return
        if stray:
            strays += 1
            row = next(csv.reader([source.first_again()], dialect, quoting=csv.QUOTE_NONE))
        width = width or len(row)
        yield row
    source.of_row = []
    for line in source:
        source.of_row = []
        yield from csv.reader([line], dialect, quoting=csv.QUOTE_NONE)


def _is_stray(source: _Lines, delimiter: str, width: int) -> bool:
    """Whether what a quote holds together are rows, or all that there is up to the end."""
    if len(source.of_row) < 2:
        return False
    within = source.of_row[1:-1]
    return source.at_end or (
        width > 1 and len(within) > 1 and all(line.count(delimiter) == width - 1 for line in within)
    )


def rows_to_segments(rows: Iterable[Sequence[object]], sheet: str | None = None) -> Iterator[Segment]:
    """Segments of some rows each. The first row names the columns, when it is made of different texts only."""
    texts = ([text_of(value) for value in row] for row in rows)
    filled = (row for row in texts if any(row))
    first = next(filled, None)
    if first is None:
        return
    names = first if _are_names(first) else None
    named = (_line(row, names) for row in (filled if names else chain([first], filled)))
    gathered: list[str] = []
    length = 0
    for line in chain([" | ".join(names)] if names else [], named):
        gathered.append(line)
        length += len(line)
        if len(gathered) >= _ROWS or length > _LONGEST:
            yield Segment("\n".join(gathered), sheet=sheet)
            gathered, length = [], 0
    yield Segment("\n".join(gathered), sheet=sheet)


def text_of(value: object) -> str:
    """A value of a cell as a person writes it."""
    if value is None or value == "":
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, date | time):
        return value.isoformat(*(" ",) if hasattr(value, "hour") and isinstance(value, date) else ())
    return " ".join(str(value).split())


def _are_names(row: Sequence[str]) -> bool:
    names = [name for name in row if name]
    return len(names) > 1 and len(set(names)) == len(names) and not any(_is_number(name) for name in names)


def _is_number(text: str) -> bool:
    return text.replace(".", "", 1).replace(",", "").lstrip("+-").isdigit()


def _line(row: Sequence[str], names: Sequence[str] | None) -> str:
    if names is None:
        return " | ".join(row)
    named = ((names[at] if at < len(names) else "", value) for at, value in enumerate(row))
    return "; ".join(f"{name}: {value}" if name else value for name, value in named if value)

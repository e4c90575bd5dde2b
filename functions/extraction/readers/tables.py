"""Rows of tables as lines that can be understood alone: each value with the name of its column."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, time
from itertools import chain
from pathlib import Path

from functions.extraction.readers.plain import lines
from shared.segments import Segment

_ROWS = 50
_LONGEST = 20_000
_SNIFFED = 8192


def read_csv(path: Path) -> Iterator[Segment]:
    """Comma, semicolon, tab or bar between the values, whichever it is."""
    sample = "".join(line for line, _ in zip(lines(path), range(50), strict=False))[:_SNIFFED]
    try:
        dialect: type[csv.Dialect] = csv.Sniffer().sniff(sample, delimiters=",;\t|")
    except csv.Error:
        dialect = csv.excel
    csv.field_size_limit(1024 * 1024)
    return rows_to_segments(csv.reader(lines(path), dialect))


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

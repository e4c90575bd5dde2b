"""The table that `make bench` prints."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import quantiles


@dataclass(frozen=True)
class Figure:
    """One line: what was measured here, what the same was in the direct call, and what is aimed for."""

    name: str
    here: str
    direct: str = ""
    ratio: float | None = None
    target: str = ""
    met: bool | None = None


def percentile(values: Sequence[float], percent: int) -> float:
    """The `percent`-th percentile."""
    return quantiles(values, n=100, method="inclusive")[percent - 1] if len(values) > 1 else values[0]


def milliseconds(seconds: float) -> str:
    """A duration as it is printed."""
    return f"{seconds * 1000:.1f} ms"


def kilobytes(count: float) -> str:
    """A number of bytes as it is printed; 1 KB is 1,000 bytes."""
    return f"{count / 1000:.1f} KB"


def table(title: str, figures: Sequence[Figure]) -> str:
    """The figures of one kind as lines of text."""
    head = ("", "here", "direct", "ratio", "target", "")
    rows = [
        (
            figure.name,
            figure.here,
            figure.direct,
            "" if figure.ratio is None else f"{figure.ratio:.2f} ×",
            figure.target,
            {True: "met", False: "MISSED", None: ""}[figure.met],
        )
        for figure in figures
    ]
    widths = [max(len(row[column]) for row in [head, *rows]) for column in range(len(head))]
    lines = [
        "  ".join(cell.ljust(width) if column == 0 else cell.rjust(width) for column, (cell, width) in line).rstrip()
        for line in (enumerate(zip(row, widths, strict=True)) for row in [head, *rows])
    ]
    return "\n".join([title, *("  " + line for line in lines), ""])

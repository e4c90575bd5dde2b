"""What the functions are asked, as it comes in the event."""

from dataclasses import dataclass, field
from math import inf
from typing import Any


@dataclass(frozen=True, slots=True)
class Options:
    """`images`: whether images in PDFs are read. `pages`: of a PDF, read in one call. `characters`: of one file.

    `describe`: these images are for a model, not for OCR. `seconds`: what reading may take, where somebody waits.
    """

    images: bool = False
    describe: bool = False
    pages: int = 250
    characters: int = 50_000_000
    seconds: float = inf


@dataclass(frozen=True, slots=True)
class Task:
    """A file at a presigned URL, and one for the segments. `first` and `last` are pages from 0, both included.

    `pages`: those that OCR reads, or whose pictures `extract` hands over. What has not begun by `until`, on the
    monotonic clock, is left to another call.
    """

    input: str
    output: str
    kind: str = "text"
    name: str = ""
    first: int | None = None
    last: int | None = None
    pages: tuple[int, ...] = ()
    options: Options = field(default_factory=Options)
    until: float = inf


def task_of(event: dict[str, Any], until: float = inf) -> Task:
    """The task of an event; options that are not known are passed over, as a newer caller may have them."""
    first, last = event.get("range") or (None, None)
    given = {name: value for name, value in (event.get("options") or {}).items() if name in Options.__slots__}
    return Task(
        input=event["input"],
        output=event["output"],
        kind=event.get("kind") or "text",
        name=event.get("name") or "",
        first=first,
        last=last,
        pages=tuple(event.get("pages") or ()),
        options=Options(**given),
        until=until,
    )

"""What extraction finds in a file: pieces of text that know where they stand. In S3 they are JSON lines.

Only the standard library is imported here: the functions that read files have little else.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

IMAGE = "[Image: {}]"
"""How what an image on a page shows is told from the text of the page itself."""


@dataclass(frozen=True, slots=True)
class Segment:
    """Text as it stands in a file, in the file's order.

    `page` counts from 0, as in the contract's metadata (people are shown `page + 1`); slides are pages. `headings` is
    the path from the outermost heading inwards. `start` and `end` are seconds in a recording.
    """

    text: str
    page: int | None = None
    headings: tuple[str, ...] = ()
    sheet: str | None = None
    start: float | None = None
    end: float | None = None

    @property
    def line(self) -> str:
        """The segment as a line of JSON, with its line break; what is not known is left out."""
        known: dict[str, Any] = {"text": self.text}
        if self.headings:
            known["headings"] = self.headings
        for name in ("page", "sheet", "start", "end"):
            if (value := getattr(self, name)) is not None:
                known[name] = value
        return json.dumps(known, ensure_ascii=False) + "\n"


def read_segments(lines: Iterable[str | bytes]) -> Iterator[Segment]:
    """The segments of JSON lines; empty lines are passed over."""
    for line in lines:
        if line.strip():
            known = json.loads(line)
            yield Segment(**{**known, "headings": tuple(known.get("headings", ()))})


def by_page(segments: Iterable[Segment]) -> list[Segment]:
    """Segments of several outputs (extraction's and OCR's) in the order of pages, each page in its own order."""
    return sorted(segments, key=lambda segment: -1 if segment.page is None else segment.page)

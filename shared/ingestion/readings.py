"""What one ingestion has read from a file: pieces of text that know where they stand, as extraction left them in S3."""

from collections.abc import Collection, Iterator

from shared.ingestion.keys import Generation
from shared.segments import Segment, by_page, read_segments
from shared.storage import objects


def segments(keys: Generation, parts: Collection[str]) -> Iterator[Segment]:
    """The segments of a file in its order; what was read from images of pages is put where the pages are."""
    for part in sorted(parts):
        if "-" in part:
            continue
        read = [each for each in sorted(parts) if each.startswith(f"{part}-")]
        if not read:
            yield from _read(keys, part)
        else:
            yield from by_page(segment for each in (part, *read) for segment in _read(keys, each))


def parts(keys: Generation) -> list[str]:
    """The parts that there are of a file."""
    before, after = keys.segments("*").split("*")
    return [key.removeprefix(before).removesuffix(after) for key in objects.keys(before)]


def _read(keys: Generation, part: str) -> Iterator[Segment]:
    return read_segments(objects.lines(keys.segments(part)))

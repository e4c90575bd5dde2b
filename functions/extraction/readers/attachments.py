"""What is attached to mail: read as files are, by its first bytes; so many, so large, so deep, and no more."""

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from functions.extraction.failures import Unreadable
from functions.extraction.isolation import DAMAGED, is_out_of_memory
from functions.extraction.readers import containers, pdf
from functions.extraction.reading import NO_TEXT, reader
from shared.kinds import FIRST_BYTES, Refused, identify
from shared.segments import Segment

MOST_DEEP = 3
"""Mails that lie in one another."""
MOST_FILES = 50
MOST_BYTES = 200 * 1024**2

_TOO_DEEP = f"It lies in more than {MOST_DEEP} mails. Save it as a file, and upload that."
_TOO_MANY = f"Of the files in a mail {MOST_FILES} are read. Save it as a file, and upload that."
_TOO_LARGE = f"The files in a mail have more than {MOST_BYTES >> 20} MB. Save it as a file, and upload that."
_PICTURE = "Pictures in mail are not read. Save it as a file, and upload that."


@dataclass
class Allowance:
    """How much may still be read of a whole mail, with all that lies in it."""

    files: int = MOST_FILES
    size: int = MOST_BYTES


@dataclass(frozen=True)
class Within:
    """Where a mail lies: `folder` is for temporary files, `depth` counts the mails around it."""

    folder: Path
    depth: int = 0
    allowance: Allowance = field(default_factory=Allowance)


@dataclass(frozen=True)
class Attached:
    """A file, or a mail that is there as such; each is looked at only when it is its turn."""

    name: str
    content: Callable[[], bytes] | None = None
    mail: Callable[[Within], Iterator[Segment]] | None = None


def read_attached(attached: list[Attached], headings: tuple[str, ...], within: Within) -> Iterator[Segment]:
    """The names of what is attached, then its segments under the name; of what cannot be read, why."""
    if not attached:
        return
    yield Segment("Attached: " + ", ".join(each.name for each in attached), headings=headings)
    for each in attached:
        below = (*headings, each.name)
        try:
            yield from (_below(segment, below) for segment in _with_text(_segments(each, within)))
        except Unreadable as error:
            yield Segment(f"{each.name}: {error.reason}", headings=below)
        except MemoryError:
            raise
        except Exception as error:  # libraries raise what they like over damaged files
            if is_out_of_memory(error):
                raise
            yield Segment(f"{each.name}: {DAMAGED}", headings=below)


def _segments(each: Attached, within: Within) -> Iterator[Segment]:
    allowance = within.allowance
    allowance.files -= 1
    if allowance.files < 0:
        raise Unreadable(_TOO_MANY)
    if within.depth + 1 >= MOST_DEEP and each.mail:
        raise Unreadable(_TOO_DEEP)
    deeper = replace(within, depth=within.depth + 1)
    if each.mail:
        yield from each.mail(deeper)
        return
    content = each.content() if each.content else b""
    allowance.size -= len(content)
    if allowance.size < 0:
        raise Unreadable(_TOO_LARGE)
    kind = identify(content[:FIRST_BYTES], each.name)
    if isinstance(kind, Refused):
        raise Unreadable(kind.reason)
    with tempfile.NamedTemporaryFile(dir=within.folder) as file:
        file.write(content)
        file.flush()
        del content
        yield from _read(kind, Path(file.name), deeper)


def _read(kind: str, path: Path, within: Within) -> Iterator[Segment]:
    from functions.extraction.readers import mail

    kind = containers.settle(kind, path)
    if kind in ("eml", "msg"):
        if within.depth >= MOST_DEEP:
            raise Unreadable(_TOO_DEEP)
        yield from (mail.read_eml if kind == "eml" else mail.read_msg)(path, within)
    elif kind == "pdf":
        scans: list[int] = []
        with pdf.opened(path) as document:
            yield from pdf.read(document, 0, len(document) - 1, scans)
        if scans:
            raise Unreadable(_PICTURE)
    elif kind == "image":
        raise Unreadable(_PICTURE)
    else:
        yield from reader(kind)(path)


def _with_text(segments: Iterator[Segment]) -> Iterator[Segment]:
    """The segments; raises `Unreadable` when none of them has text, as in a scan."""
    some = False
    for segment in segments:
        some = some or bool(segment.text.strip())
        yield segment
    if not some:
        raise Unreadable(NO_TEXT)


def _below(segment: Segment, headings: tuple[str, ...]) -> Segment:
    """A segment under the name of what it is in. Its page is not one of the mail, so that it stands beside the name."""
    if segment.page is not None:
        headings = (*headings[:-1], f"{headings[-1]}, page {segment.page + 1}")
    return replace(segment, headings=(*headings, *segment.headings), page=None)

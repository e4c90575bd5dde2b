"""What the functions extract and ocr are given, which have no permission of their own, and what came of it.

Each piece of work reads one file, or a range of it, into one object of segments. An answer may ask for more: a large
file to be read in ranges, pages without text to be read from their image.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from functions.ingestion import describing, engines
from functions.ingestion.batch import BatchState, Member, fail
from shared.extracting import event_for
from shared.retrieval.settings import retrieval_settings

Work = dict[str, Any]

# The state machine's state takes 256 KB, and a presigned URL may have 2 KB of them.
MOST_PIECES, PAGES_AT_ONCE, PICTURED_AT_ONCE = 40, 8, 20
CRASHED = (
    "The file could not be read: it took more time or memory than there is for one file. Split it, or save it in "
    "another format."
)
FAILED = "The file could not be read. Save it anew or in another format, and upload that."


def work_item(member: Member, part: str, *, pages: list[int] | None = None, limits: list[int] | None = None) -> Work:
    """A piece of work: `part` names the segments it makes, `pages` are to be read from their images."""
    kind = member.state["kind"]
    if pages is None and limits is None and engines.is_for(kind):
        told = {"kind": kind, "name": member.file.filename, "content_type": member.file.content_type}
        place = {"source": member.source, "output": member.keys.segments(part)}
        return {"file": member.at, "part": part, "task": "engine", "event": {"task": "engine", **told, **place}}
    event = event_for(
        "extract" if pages is None else "ocr",
        kind,
        member.source,
        member.keys.segments(part),
        name=member.file.filename,
        options={"images": retrieval_settings().pdf_extract_images, "describe": describing.is_wanted()},
        **({"range": limits} if pages is None else {"pages": pages}),
    )
    return {"file": member.at, "part": part, "task": event["task"], "event": event}


def _pictures(member: Member, part: str, pages: list[int]) -> Work:
    """Has the pictures of some pages handed over, to be described then."""
    output = member.keys.pictures(part)
    event = event_for("extract", "pdf", member.source, output, name=member.file.filename, pages=pages)
    return {"file": member.at, "part": part, "task": "extract", "event": event, "pictures": output}


def _description(member: Member, work: Work) -> Work:
    told = {"task": "describe", "source": work["pictures"], "output": member.keys.segments(work["part"])}
    return {"file": member.at, "part": work["part"], "task": "engine", "event": told}


def gather(batch: BatchState, mine: Iterable[Member]) -> tuple[list[Member], list[Work]]:
    """What came of the batch's work: the files that can still be read, and the work that there is more."""
    answers: dict[int, list[tuple[Work, Work]]] = {}
    for work, answer in zip(batch["work"], batch["results"], strict=True):
        answers.setdefault(work["file"], []).append((work, answer))
    left: list[Member] = []
    more: list[Work] = []
    for member in mine:
        reason = next((why for _, answer in answers.get(member.at, []) if (why := _refusal(answer))), None)
        if reason is not None:
            fail(member, reason)
            continue
        left.append(member)
        for work, answer in answers.get(member.at, []):
            more += _taken(member, work, answer)
    return left, more


def _refusal(answer: Work) -> str | None:
    """Why the file cannot be read, if so."""
    if answer["status"] == "failed":
        return str(answer.get("reason") or FAILED)
    return CRASHED if answer["status"] == "crashed" else None


def _taken(member: Member, work: Work, answer: Work) -> Iterator[Work]:
    """Notes the segments that an answer tells of; the work that it asks for."""
    if answer["status"] == "ranges":
        for number, limits in enumerate(_joined(answer["ranges"])):
            yield work_item(member, f"{number:04d}", limits=limits)
        return
    if "pictures" in work:
        yield _description(member, work)
        return
    member.state["parts"].append(work["part"])
    if answer["status"] == "ocr":
        for start, pages in _pieces(answer["pages"], PAGES_AT_ONCE):
            yield work_item(member, f"{work['part']}-ocr{start:05d}", pages=pages)
    for start, pages in _pieces(answer.get("pictures") or [], PICTURED_AT_ONCE):
        yield _pictures(member, f"{work['part']}-pictures{start:05d}", pages)


def _pieces(pages: list[int], least: int) -> Iterator[tuple[int, list[int]]]:
    """Pages in not too many pieces, each with how many are before it."""
    size = max(least, -(-len(pages) // MOST_PIECES))
    for start in range(0, len(pages), size):
        yield start, pages[start : start + size]


def _joined(ranges: list[list[int]]) -> list[list[int]]:
    """The ranges, neighbours joined so that there are not more of them than the state has room for."""
    size = -(-len(ranges) // MOST_PIECES)
    return [[ranges[at][0], ranges[min(at + size, len(ranges)) - 1][1]] for at in range(0, len(ranges), size)]

"""What the functions extract and ocr are given, which have no permission of their own, and what came of it.

Each piece of work reads one file, or a range of it, into one object of segments. An answer may ask for more: a large
file to be read in ranges, pages without text to be read from their image.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from functions.ingestion import describing, engines
from functions.ingestion.batch import BatchState, Member, fail, members, put_back
from shared.extracting import event_for
from shared.ingestion import jobs
from shared.retrieval.settings import retrieval_settings

Work = dict[str, Any]

# In the whole batch: the state machine's state takes 256 KB, and a piece of eight pages with its answer 150 bytes.
MOST_PIECES = 400
MOST_RANGES = 40
_LEAST = {"pages": 8, "pictures": 20}
"""Pages of a piece: those that OCR reads, and those whose pictures are described."""
CRASHED = (
    "The file could not be read: it took more time or memory than there is for one file. Split it, or save it in "
    "another format."
)
FAILED = "The file could not be read. Save it anew or in another format, and upload that."


def work_item(member: Member, part: str, **more: list[int]) -> Work:
    """A piece of work: `part` names the segments it makes. `range`: these pages of the file, both included."""
    whole = "engine" if not more and engines.is_for(member.state["kind"]) else "extract"
    return {"file": member.at, "part": part, "task": whole, **more}


def hand_out(batch: BatchState, work: Work) -> Work:
    """The event that has a piece of work carried out; its task is `none` when nobody waits for that any more.

    URLs are signed only here: on AWS each has the role's session token in it, and the state has no room for many.
    """
    mine = members({"batch": batch["batch"], "files": [batch["files"][work["file"]]]})
    if not mine or not jobs.touch(mine[0].job):
        return {"task": "none"}
    return _event(mine[0], work)


def _event(member: Member, work: Work) -> Work:
    task, kind, name = work["task"], member.state["kind"], member.file.filename
    pictures, segments = member.keys.pictures(work["part"]), member.keys.segments(work["part"])
    if task == "describe":
        return {"task": task, "source": pictures, "output": segments}
    if task == "engine":
        told = {"kind": kind, "name": name, "content_type": member.file.content_type}
        return {"task": task, "source": member.source, "output": segments, **told}
    return event_for(
        "ocr" if task == "ocr" else "extract",
        kind,
        member.source,
        pictures if task == "pictures" else segments,
        name=name,
        options={"images": retrieval_settings().pdf_extract_images, "describe": describing.is_wanted()},
        **{key: work[key] for key in ("range", "pages") if key in work},
    )


def gather(batch: BatchState, mine: Iterable[Member]) -> tuple[list[Member], list[Work]]:
    """What came of the batch's work: the files that can still be read, and the work that there is more."""
    answers: dict[int, list[tuple[Work, Work]]] = {}
    for work, answer in zip(batch["work"], batch["results"], strict=True):
        answers.setdefault(work["file"], []).append((work, answer))
    left: list[Member] = []
    for member in mine:
        theirs = [answer for _, answer in answers.get(member.at, [])]
        if reason := next((why for answer in theirs if (why := _refusal(answer))), None):
            fail(member, reason)
        elif any(answer["status"] == "busy" for answer in theirs):
            put_back(member, alone=False)
        else:
            left.append(member)
    asking = [each for work, each in zip(batch["work"], batch["results"], strict=True) if work["task"] != "pictures"]
    sizes = {name: _size(asking, name, least) for name, least in _LEAST.items()}
    return left, [
        more for member in left for each in answers.get(member.at, []) for more in _taken(member, *each, sizes)
    ]


def _refusal(answer: Work) -> str | None:
    """Why the file cannot be read, if so."""
    if answer["status"] == "failed":
        return str(answer.get("reason") or FAILED)
    return CRASHED if answer["status"] == "crashed" else None


def _taken(member: Member, work: Work, answer: Work, sizes: dict[str, int]) -> Iterator[Work]:
    """Notes the segments that an answer tells of; the work that it asks for, in pieces of so many pages."""
    at, part = member.at, work["part"]
    if answer["status"] == "ranges":
        for number, limits in enumerate(_joined(answer["ranges"])):
            yield work_item(member, f"{number:04d}", range=limits)
        return
    if work["task"] == "pictures":
        yield {"file": at, "part": part, "task": "describe"}
        return
    member.state["parts"].append(part)
    if answer["status"] == "ocr":
        for start, pages in _pieces(answer["pages"], sizes["pages"]):
            yield {"file": at, "part": f"{part}-ocr{start:05d}", "task": "ocr", "pages": pages}
    for start, pages in _pieces(answer.get("pictures") or [], sizes["pictures"]):
        yield {"file": at, "part": f"{part}-pictures{start:05d}", "task": "pictures", "pages": pages}


def _size(answers: Iterable[Work], name: str, least: int) -> int:
    """How many pages a piece has, so that not more are asked for than the state has room for."""
    return max(least, -(-sum(len(answer.get(name) or ()) for answer in answers) // MOST_PIECES))


def _pieces(pages: list[int], size: int) -> Iterator[tuple[int, list[int]]]:
    """Pages in pieces, each with how many are before it."""
    for start in range(0, len(pages), size):
        yield start, pages[start : start + size]


def _joined(ranges: list[list[int]]) -> list[list[int]]:
    """The ranges, neighbours joined so that there are not more of them than the state has room for."""
    size = -(-len(ranges) // MOST_RANGES)
    return [[ranges[at][0], ranges[min(at + size, len(ranges)) - 1][1]] for at in range(0, len(ranges), size)]

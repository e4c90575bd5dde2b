"""A batch of files as the state machine carries it: keys and numbers, never texts (Step Functions takes 256 KB)."""

from dataclasses import dataclass
from typing import Any, TypedDict

from shared import files
from shared.files import FileItem
from shared.ingestion import jobs, state
from shared.ingestion.jobs import JobItem
from shared.ingestion.keys import Generation, edited
from shared.ingestion.telling import tell
from shared.logs import logger

MOST_ATTEMPTS = 3
BROKEN = (
    "Something went wrong on the server while this file was being processed. Try again; if it stays, tell an admin."
)


class FileState(TypedDict, total=False):
    """A file of the batch. `parts`: its segments' parts; `kind` as `shared.kinds` calls it.

    `knowledge`: the knowledge bases it is indexed in, those it was in when that began.
    """

    id: str
    generation: str
    user: str
    fresh: bool
    kind: str
    parts: list[str]
    knowledge: list[str]


class BatchState(TypedDict, total=False):
    """The state. `work` is what a Map works on, `results` what came of it, in the same order. Neither has URLs.

    `embed`: batches of chunks, as (place of the file in the batch, number of the batch of chunks, id of the space).
    `spaces`: those whose indexes are written. `cursor`, where that takes more than one call: for each collection of an
    index how far it is, as (place of the file in the batch, number of the batch of chunks) of what was written last.
    """

    batch: str
    slot: str
    files: list[FileState]
    work: list[dict[str, Any]]
    results: list[dict[str, Any]]
    embed: list[tuple[int, int, str]]
    spaces: list[str]
    cursor: dict[str, tuple[int, int]]


@dataclass
class Member:
    """A file of the batch with its items; `at` is its place in the batch, which work names."""

    at: int
    state: FileState
    file: FileItem
    job: JobItem

    @property
    def keys(self) -> Generation:
        """Where this ingestion's objects lie."""
        return Generation(self.file.user_id, self.file.file_id, self.state["generation"])

    @property
    def source(self) -> str:
        """The object that is read: the text that somebody wrote in place of the content, or else that."""
        return edited(self.file) if self.file.edited else self.file.path


def file_state(job: JobItem) -> FileState:
    """What the state machine begins with of a file."""
    return FileState(id=job.file_id, generation=job.generation, user=job.user_id, fresh=bool(job.fresh))


def members(batch: BatchState) -> list[Member]:
    """The files of the batch that are still its own; the others were deleted, or are to be read anew meanwhile."""
    ids = [each["id"] for each in batch["files"]]
    found, working = files.find_all(ids), jobs.of_files(ids)
    result = []
    for at, each in enumerate(batch["files"]):
        file, job = found.get(each["id"]), working.get(each["id"])
        if job is None or job.batch != batch["batch"] or job.generation != each["generation"]:
            continue
        if file is None:
            jobs.drop(job)
        elif file.building == each["generation"]:
            result.append(Member(at, each, file, job))
    return result


def advance(mine: list[Member], status: state.Status, progress: int) -> list[Member]:
    """Notes and tells how far these files are; those that are still the batch's."""
    left = [
        member
        for member in mine
        if state.advance(member.file, member.state["generation"], status, progress) and jobs.touch(member.job)
    ]
    tell(member.file for member in left)
    return left


def fail(member: Member, reason: str) -> None:
    """Ends a file's ingestion for good, as far as the machine can tell: somebody may try again."""
    if state.fail(member.file, member.state["generation"], reason):
        jobs.fail(member.job)
        tell([member.file])
        logger().warning("file not ingested", extra={"file_id": member.file.file_id, "reason": reason})


def put_back(member: Member, *, alone: bool) -> None:
    """Queues a file whose batch came to nothing, three times at most."""
    if int(member.job.attempts) + 1 >= MOST_ATTEMPTS:
        fail(member, BROKEN)
    else:
        jobs.put_back(member.job, alone=alone)

"""Use cases of the ingestion's dashboard."""

from collections import Counter
from collections.abc import Sequence
from itertools import islice

from functions.knowledge.ingestion_models import FileOnItsWay, Finished, IngestionState, RejectedDrop
from shared import files, people
from shared.clock import now, padded
from shared.ingestion import drops, jobs, requests
from shared.ingestion.jobs import JobItem

MOST_SHOWN = 100
MOST_COUNTED = 10_000
"""Files that are counted at most: the queue of a large instance is not read to its end for a number."""
BIN_SECONDS = 900
SHOWN_SECONDS = 24 * 3600


def state() -> IngestionState:
    """The queue, the files being worked on, the failures, and the throughput of the last day."""
    failed = sorted(jobs.of_state("failed", MOST_COUNTED), key=lambda job: -int(job.updated_at))
    running = jobs.of_state("running", MOST_COUNTED)
    shown = [*running[:MOST_SHOWN], *failed[:MOST_SHOWN]]
    described = {file.id: file for file in _described(shown)}
    return IngestionState(
        queued=len(jobs.of_state("queued", MOST_COUNTED)),
        running=[described[job.file_id] for job in running[:MOST_SHOWN] if job.file_id in described],
        failed=[described[job.file_id] for job in failed[:MOST_SHOWN] if job.file_id in described],
        failed_count=len(failed),
        rejected=[
            RejectedDrop(key=drop.object_key, reason=drop.reason or "", updated_at=drop.updated_at)
            for drop in drops.rejected(MOST_SHOWN)
        ],
        finished=_finished(),
        bin_seconds=BIN_SECONDS,
    )


def retry(file_ids: Sequence[str] | None) -> int:
    """Queues files that failed once more; returns how many. Others are left alone."""
    failed = [job.file_id for job in jobs.of_state("failed", MOST_COUNTED)]
    wanted = failed if file_ids is None else [each for each in failed if each in set(file_ids)]
    if wanted:
        requests.ingest(*wanted)
    return len(wanted)


def _described(listed: Sequence[JobItem]) -> list[FileOnItsWay]:
    known = files.find_all(job.file_id for job in listed)
    names = people.find(file.user_id for file in known.values())
    return [
        FileOnItsWay(
            id=job.file_id,
            filename=file.filename,
            owner=names[file.user_id].name if file.user_id in names else "",
            size=int(file.size),
            status=file.status or "queued",
            progress=int(file.progress or 0),
            reason=file.reason or "",
            updated_at=int(job.updated_at),
        )
        for job in listed
        if (file := known.get(job.file_id)) is not None
    ]


def _finished() -> list[Finished]:
    """The last day in quarters of an hour, the oldest first."""
    last = now() // BIN_SECONDS * BIN_SECONDS
    first = last + BIN_SECONDS - SHOWN_SECONDS
    counted: Counter[int] = Counter()
    sizes: Counter[int] = Counter()
    for job in _done_since(first):
        if job.updated_at >= first:
            time = int(job.updated_at) // BIN_SECONDS * BIN_SECONDS
            counted[time] += 1
            sizes[time] += int(job.size)
    return [
        Finished(time=time, files=counted[time], bytes=sizes[time])
        for time in range(first, last + BIN_SECONDS, BIN_SECONDS)
    ]


def _done_since(moment: int) -> list[JobItem]:
    """Jobs that are done and were queued since then, both those that hurried and those that did not."""
    found: list[JobItem] = []
    for later in (0, 1):
        since, until = f"{later}#{padded(moment * 1000, 15)}", f"{later}#{'9' * 16}"
        listed = JobItem.by_list.query(jobs.listed("done"), JobItem.gsi1sk.between(since, until))
        found += islice(listed, MOST_COUNTED)
    return found

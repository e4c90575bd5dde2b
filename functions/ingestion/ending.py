"""The end of a batch: the slot is free for the next one. What a batch that broke down has left is tried again."""

from functions.ingestion import rebuilding, slots
from functions.ingestion.batch import BatchState, members, put_back
from functions.ingestion.dispatching import dispatch
from shared import files
from shared.ingestion import jobs
from shared.logs import logger
from shared.retrieval import spaces


def finish(batch: BatchState) -> dict[str, int]:
    """Ends a batch that went through, and starts what waits."""
    slots.release(batch["slot"], batch["batch"])
    logger().info("batch ingested", extra={"batch": batch["batch"], "files": len(batch["files"])})
    started = dispatch()
    if not started and spaces.state().building is not None:
        rebuilding.switch()
    return {"started": started}


def give_up(batch: BatchState) -> dict[str, int]:
    """Ends a batch that broke down, and starts what waits."""
    put_all_back(batch)
    slots.release(batch["slot"], batch["batch"])
    return {"started": dispatch(queued=True)}


def put_all_back(batch: BatchState) -> None:
    """Queues the files of a batch that is over, each by itself, as one may be the reason."""
    mine = members(batch)
    for member in mine:
        put_back(member, alone=True)
    _note_ends(batch, {member.state["id"] for member in mine})


def _note_ends(batch: BatchState, handled: set[str]) -> None:
    """Ends jobs whose files have come to an end, which the batch was kept from noting."""
    others = [each["id"] for each in batch["files"] if each["id"] not in handled]
    found = files.find_all(others)
    for job in jobs.of_files(others).values():
        file = found.get(job.file_id)
        if job.batch != batch["batch"] or file is None or file.building is not None:
            continue
        if file.generation == job.generation:
            jobs.done(job, [target.space.id for target in spaces.targets()])
        else:
            jobs.fail(job)

"""Every five minutes: finds what got stuck, and takes it up again.

An execution that was stopped, ran out of time or died with the emulator leaves a slot and running jobs; a message that
was lost leaves queued ones; a function that was killed leaves half a deletion.
"""

from collections.abc import Callable

from functions.ingestion import deleting, rebuilding, reconciling, slots
from functions.ingestion.batch import BatchState, file_state
from functions.ingestion.dispatching import dispatch
from functions.ingestion.ending import put_all_back
from functions.ingestion.slots import SlotItem
from shared.clock import now
from shared.ingestion import jobs
from shared.ingestion.jobs import JobItem
from shared.logs import logger
from shared.settings import settings
from shared.storage.aws import stepfunctions

# Every piece of work that is handed out touches its file, and no function may take longer than this for one.
STUCK_SECONDS = 15 * 60
# Between the taking of a slot, the claiming of its files and the start of the execution.
STARTING_SECONDS = 60


def sweep(going_on: Callable[[], bool], *, at_once: bool = False) -> dict[str, int]:
    """Takes up what got stuck, until `going_on` says that it is time to end.

    `at_once`: everything has ended a moment ago, so that nothing is about to be started, and events are lost.
    """
    before = now() if at_once else now() - STARTING_SECONDS
    running = jobs.of_state("running")
    ended = {slot.batch: _ended(slot, running, before) for slot in slots.taken()}
    lost = [job for job in running if ended.get(job.batch or "", job.updated_at <= before)]
    by_batch: dict[str, list[JobItem]] = {}
    for job in lost:
        by_batch.setdefault(job.batch or "", []).append(job)
    for batch, theirs in by_batch.items():
        put_all_back(BatchState(batch=batch, files=[file_state(job) for job in theirs]))
    deleting.go_on(going_on)
    reconciling.reconcile(going_on, at_once=at_once)
    rebuilding.go_on(going_on)
    started = dispatch(queued=bool(lost))
    if lost:
        logger().warning("files taken up again", extra={"files": len(lost)})
    return {"taken_up": len(lost), "started": started}


def _ended(slot: SlotItem, running: list[JobItem], before: int) -> bool:
    """Whether nobody works in a slot, which is free then. An execution in which nothing moves is ended.

    One that is not there may be about to be started in a slot that was not taken `before`.
    """
    execution = _execution(slot.batch)
    if slot.taken_at > before and execution != "ended":
        return False
    theirs = [job for job in running if job.batch == slot.batch]
    moved = max([slot.taken_at, *(job.updated_at for job in theirs)])
    if execution == "running" and now() - moved > STUCK_SECONDS:
        stepfunctions().stop_execution(executionArn=_arn(slot.batch), error="Stuck", cause="Nothing has moved.")
        execution = "ended"
    if execution == "running":
        return False
    slots.release(slot.sk, slot.batch)
    return True


def _execution(batch: str) -> str:
    """running, ended or absent."""
    client = stepfunctions()
    try:
        status = client.describe_execution(executionArn=_arn(batch))["status"]
    except client.exceptions.ExecutionDoesNotExist:
        return "absent"
    return "running" if status == "RUNNING" else "ended"


def _arn(batch: str) -> str:
    machine = settings().require("ingestion_machine")
    return f"{machine.replace(':stateMachine:', ':execution:')}:{batch}"

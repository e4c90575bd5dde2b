"""Puts queued files into batches and starts an execution of the state machine for each, as long as there are slots."""

import json
import time
from collections.abc import Iterable
from functools import partial

from functions.ingestion import slots
from functions.ingestion.batch import file_state
from functions.ingestion.slots import SlotItem
from shared.ingestion import jobs
from shared.ingestion.jobs import JobItem
from shared.logs import logger
from shared.parallel import in_parallel
from shared.settings import settings
from shared.storage.aws import stepfunctions
from shared.storage.errors import TRANSIENT

# A transition costs the same for one file and for many; more in a batch would make the last of them wait for the first.
FILES, BYTES = 25, 2 * 1024 * 1024
_LOOKED_AT = 100
PAUSES = (0.3, 0.6)
"""Seconds after which somebody looks again for what the index does not tell of yet: it is eventually consistent."""


def dispatch(*, queued: bool = False) -> int:
    """Starts as many executions as there are slots and files for; how many. `queued`: a file was, a moment ago."""
    started = 0
    while _waiting(PAUSES if queued and not started else ()):
        slot = slots.take()
        if slot is None:
            break
        claimed = _claim(slot.batch)
        if not claimed or not _start(slot, claimed):
            slots.release(slot.sk, slot.batch)
            break
        started += 1
    return started


def _waiting(pauses: Iterable[float]) -> bool:
    """Whether a file waits, looked at before and after each pause."""
    for pause in pauses:
        if jobs.of_state("queued", 1):
            return True
        time.sleep(pause)
    return bool(jobs.of_state("queued", 1))


def batch_of(waiting: list[JobItem]) -> list[JobItem]:
    """The first file that waits, with as many of the next ones as go into a batch with it."""
    chosen: list[JobItem] = []
    size = 0
    for job in waiting:
        if chosen and (job.alone or len(chosen) == FILES or size + int(job.size) > BYTES):
            break
        chosen.append(job)
        size += int(job.size)
        if job.alone:
            break
    return chosen


def _claim(batch: str) -> list[JobItem]:
    """Claims jobs for a batch; when rivals were faster with all of them, others."""
    while waiting := jobs.of_state("queued", _LOOKED_AT):
        chosen = batch_of(waiting)
        won = in_parallel(partial(jobs.claim, batch=batch), chosen)
        if claimed := [job for job, mine in zip(chosen, won, strict=True) if mine]:
            return claimed
    return []


def _start(slot: SlotItem, claimed: list[JobItem]) -> bool:
    state = {"batch": slot.batch, "slot": slot.sk, "files": [file_state(job) for job in claimed]}
    try:
        stepfunctions().start_execution(
            stateMachineArn=settings().require("ingestion_machine"), name=slot.batch, input=json.dumps(state)
        )
    except TRANSIENT as error:
        logger().warning("execution not started", extra={"batch": slot.batch, "code": type(error).__name__})
        for job in claimed:
            jobs.put_back(job, alone=False)
        return False
    return True

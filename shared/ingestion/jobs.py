"""The queue of files to ingest, and those that are worked on; one job for each file.

A job is queued, then claimed by a batch, which an execution of the state machine works on; then it is done, or waits as
failed for somebody to try again. What is asked of a file that is worked on already replaces its job: who works on the
old one finds that it is not theirs any more. Jobs that are done tell what is in which index.
"""

import time
from collections.abc import Iterable, Sequence
from typing import Literal, Self

from pynamodb.attributes import BooleanAttribute, NumberAttribute, UnicodeAttribute, UnicodeSetAttribute
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from shared.clock import now, padded
from shared.storage.tables import ByList, Item, TableMeta, fetch_all, written

State = Literal["queued", "running", "failed", "done"]
ACTIVE: tuple[State, ...] = ("queued", "running")
KEY = "JOB"


class JobItem(Item):
    """FILE#<id>/JOB. Times in seconds, but `queued_at` in milliseconds; `size` in bytes.

    `fresh`: the file is read anew; else the chunks of `generation` are there and are put where they are missing.
    `attempts`: batches that came to nothing. `alone`: it goes by itself, as it may be why a batch came to nothing.
    `spaces`: those whose index has the chunks, once it is done.
    """

    class Meta(metaclass=TableMeta):
        setting = "knowledge_table"

    file_id = UnicodeAttribute()
    user_id = UnicodeAttribute()
    generation = UnicodeAttribute()
    fresh = BooleanAttribute(default=True)
    state = UnicodeAttribute()
    batch = UnicodeAttribute(null=True)
    size = NumberAttribute(default=0)
    attempts = NumberAttribute(default=0)
    alone = BooleanAttribute(default=False)
    spaces = UnicodeSetAttribute(null=True)
    queued_at = NumberAttribute()
    updated_at = NumberAttribute()
    gsi1pk = UnicodeAttribute(null=True)
    gsi1sk = UnicodeAttribute(null=True)
    by_list = ByList()

    @staticmethod
    def key(file_id: str) -> tuple[str, str]:
        """The job's (pk, sk)."""
        return f"FILE#{file_id}", KEY

    @classmethod
    def new(cls, file_id: str, user_id: str, generation: str, size: int, *, fresh: bool, later: bool = False) -> Self:
        """A job that waits, `later` behind all that are not; not stored yet."""
        at = time.time_ns() // 1_000_000
        item = cls(*cls.key(file_id), file_id=file_id, user_id=user_id, generation=generation, fresh=fresh, size=size)
        item.state, item.queued_at, item.updated_at = "queued", at, now()
        item.gsi1pk, item.gsi1sk = listed("queued"), f"{later:d}#{padded(at, 15)}#{file_id}"
        return item


def listed(state: State) -> str:
    """The index partition of the jobs in a state."""
    return f"INGEST#{state}"


def of_state(state: State, limit: int | None = None) -> list[JobItem]:
    """Jobs, the oldest first."""
    return list(JobItem.by_list.query(listed(state), limit=limit))


def of_files(file_ids: Iterable[str]) -> dict[str, JobItem]:
    """The jobs of those files that have one, by file."""
    return {item.file_id: item for item in fetch_all(JobItem, map(JobItem.key, dict.fromkeys(file_ids)))}


def claim(job: JobItem, batch: str) -> bool:
    """Gives a queued job to a batch; False when it is not to be had."""
    actions = [*_moved("running"), JobItem.batch.set(batch)]
    return _update(job, actions, _same(job) & (JobItem.state == "queued"))


def touch(job: JobItem) -> bool:
    """Says that somebody works on it; False when it is not the batch's any more."""
    return _update(job, [JobItem.updated_at.set(now())], _owned(job))


def put_back(job: JobItem, *, alone: bool) -> bool:
    """Queues a job whose batch came to nothing."""
    actions: list[Action] = [*_moved("queued"), JobItem.batch.remove(), JobItem.attempts.add(1)]
    return _update(job, [*actions, JobItem.alone.set(alone or bool(job.alone))], _owned(job))


def fail(job: JobItem) -> bool:
    """Keeps a job for somebody to try again."""
    return _update(job, [*_moved("failed"), JobItem.batch.remove()], _owned(job))


def done(job: JobItem, spaces: Iterable[str]) -> bool:
    """Ends a job whose chunks are in the index of these spaces; False when another has taken its place."""
    return _update(job, [*_moved("done"), JobItem.batch.remove(), JobItem.spaces.set(set(spaces))], _owned(job))


def drop(job: JobItem) -> None:
    """Ends a job whose file is gone, unless another has taken its place."""
    written(job.delete, _owned(job))


def _moved(state: State) -> list[Action]:
    return [JobItem.state.set(state), JobItem.gsi1pk.set(listed(state)), JobItem.updated_at.set(now())]


def _same(job: JobItem) -> Condition:
    same: Condition = JobItem.generation == job.generation
    return same


def _owned(job: JobItem) -> Condition:
    held: Condition = JobItem.batch == job.batch if job.batch else JobItem.batch.does_not_exist()
    both: Condition = _same(job) & held
    return both


def _update(job: JobItem, actions: Sequence[Action], condition: Condition) -> bool:
    return written(job.update, list(actions), condition)

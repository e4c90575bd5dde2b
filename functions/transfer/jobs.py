"""Jobs: an import or an export of one person, its lease, its progress and its end.

TRANSFER#<user id>/<kind>#<job id> in the chats table, so that nobody reaches another person's. Whoever works holds the
lease and renews it with each step it saves; one that stays silent has died, and whoever starts the job then takes over
where it had got to.
"""

import time
import uuid
from typing import Literal

from pydantic import BaseModel, Field
from pynamodb.attributes import BooleanAttribute, JSONAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.expressions.update import Action

from shared import transfers
from shared.clock import now
from shared.errors import NotFound
from shared.storage.tables import written
from shared.transfers import TransferItem

Kind = Literal["import", "export"]
State = Literal["waiting", "running", "done", "failed", "stopped"]
ENDED: tuple[State, ...] = ("done", "failed", "stopped")

KEPT_SECONDS = 7 * 24 * 3600
# A step takes seconds; a worker that says nothing for this long is dead.
SILENT_SECONDS = 90
FAILURES_KEPT = 100


class LostLease(Exception):
    """The job is no longer this worker's: it was stopped, or another took over."""


class Failure(BaseModel):
    """A chat that could not be imported, and why."""

    name: str
    reason: str


class Part(BaseModel):
    """A file of an export, and how many chats and uploaded files are in it and in those before."""

    key: str
    name: str
    size: int
    chats: int
    files: int


class Progress(BaseModel):
    """How far a job has got.

    Of an import: the bytes of the file that are done, the elements `seen`, and what became of them. Of an export: the
    chats in it, of how many, and its finished files.
    """

    bytes_done: int = 0
    seen: int = 0
    format: str | None = None
    imported: int = 0
    skipped: int = 0
    failed: int = 0
    failures: list[Failure] = Field(default_factory=list)
    chats: int = 0
    total: int = 0
    parts: list[Part] = Field(default_factory=list)

    def fail(self, name: str, reason: str) -> None:
        """Notes a chat that cannot be imported."""
        self.failed += 1
        if len(self.failures) < FAILURES_KEPT:
            self.failures.append(Failure(name=name, reason=reason))


class JobItem(TransferItem):
    """TRANSFER#<user id>/<kind>#<job id>. Times in seconds, `size` in bytes; `rounds` counts workers.

    `begun`: a worker has begun steps that it has not saved the end of.
    """

    class Meta(TransferItem.Meta):
        """The same table."""

    job_id = UnicodeAttribute()
    user_id = UnicodeAttribute()
    kind = UnicodeAttribute()
    state = UnicodeAttribute()
    filename = UnicodeAttribute(null=True)
    size = NumberAttribute(default=0)
    lease = UnicodeAttribute(null=True)
    heartbeat_at = NumberAttribute(default=0)
    begun = BooleanAttribute(default=False)
    rounds = NumberAttribute(default=0)
    progress = JSONAttribute(null=True)
    error = UnicodeAttribute(null=True)
    created_at = NumberAttribute()
    updated_at = NumberAttribute()

    @staticmethod
    def key(user_id: str, kind: Kind, job_id: str) -> tuple[str, str]:
        """The job's (pk, sk)."""
        return transfers.partition(user_id), f"{kind}#{job_id}"

    @property
    def silent(self) -> bool:
        """Whether a worker should be at it and is not heard of."""
        return self.state == "running" and self.heartbeat_at < time.time() - SILENT_SECONDS

    @property
    def known(self) -> Progress:
        """How far it has got."""
        return Progress.model_validate(self.progress or {})


def create(user_id: str, kind: Kind, *, filename: str | None = None, size: int = 0) -> JobItem:
    """A new job that waits to be started."""
    moment, job_id = now(), str(uuid.uuid4())
    item = JobItem(*JobItem.key(user_id, kind, job_id), job_id=job_id, user_id=user_id, kind=kind, state="waiting")
    item.filename, item.size, item.created_at, item.updated_at = filename, size, moment, moment
    item.expires_at = moment + KEPT_SECONDS
    item.save()
    return item


def get(user_id: str, kind: Kind, job_id: str) -> JobItem:
    """The person's job; raises `NotFound`."""
    try:
        item = JobItem.get(*JobItem.key(user_id, kind, job_id), consistent_read=True)
    except JobItem.DoesNotExist as error:
        raise NotFound(f"This {kind} does not exist. It may have been deleted.") from error
    if item.expired:
        raise NotFound(f"This {kind} does not exist. It may have been deleted.")
    return item


def of_user(user_id: str, kind: Kind) -> list[JobItem]:
    """The person's jobs of a kind, newest first."""
    found = JobItem.query(transfers.partition(user_id), JobItem.sk.startswith(f"{kind}#"), consistent_read=True)
    return sorted((item for item in found if not item.expired), key=lambda item: -int(item.created_at))


_QUEUED: list[Action] = [JobItem.state.set("running"), JobItem.lease.remove(), JobItem.error.remove()]


def queue(item: JobItem) -> bool:
    """Marks a job as one that a worker is called for; False when one has it, or it is done or stopped."""
    dead = (JobItem.state == "running") & (JobItem.heartbeat_at < now() - SILENT_SECONDS)
    free = JobItem.state.is_in("waiting", "failed") | dead
    return written(item.update, [*_QUEUED, JobItem.heartbeat_at.set(now())], free)


def lease(item: JobItem) -> str | None:
    """Takes a queued job for a worker; the token by which it is its own, or None when it is not to be had.

    `item.begun` then says whether it takes over from a worker that died within a step.
    """
    token, begun = str(uuid.uuid4()), bool(item.begun)
    actions: list[Action] = [
        JobItem.lease.set(token),
        JobItem.begun.set(True),
        JobItem.heartbeat_at.set(now()),
        JobItem.rounds.add(1),
    ]
    taken = written(item.update, actions, (JobItem.state == "running") & JobItem.lease.does_not_exist())
    item.begun = begun
    return token if taken else None


def save(item: JobItem, token: str, progress: Progress) -> None:
    """Saves a step. Raises `LostLease`."""
    _own(item, token, [JobItem.progress.set(progress.model_dump()), JobItem.heartbeat_at.set(now())])


def hand_over(item: JobItem, token: str, progress: Progress) -> None:
    """Saves a step and leaves the rest to the next worker. Raises `LostLease`."""
    actions: list[Action] = [
        JobItem.progress.set(progress.model_dump()),
        JobItem.heartbeat_at.set(now()),
        JobItem.lease.remove(),
        JobItem.begun.set(False),
    ]
    _own(item, token, actions)


def end(item: JobItem, token: str, state: State, progress: Progress, error: str | None = None) -> None:
    """Ends a job. Raises `LostLease`."""
    actions: list[Action] = [
        JobItem.state.set(state),
        JobItem.progress.set(progress.model_dump()),
        JobItem.lease.remove(),
        JobItem.updated_at.set(now()),
    ]
    _own(item, token, [*actions, JobItem.error.set(error)] if error else actions)


def stop(item: JobItem) -> None:
    """Stops a job, also one that a worker is at: it sees that at its next step."""
    active = (JobItem.state == "waiting") | (JobItem.state == "running")
    written(item.update, [JobItem.state.set("stopped"), JobItem.lease.remove(), JobItem.updated_at.set(now())], active)


def _own(item: JobItem, token: str, actions: list[Action]) -> None:
    if not written(item.update, actions, (JobItem.lease == token) & (JobItem.state == "running")):
        raise LostLease(item.job_id)

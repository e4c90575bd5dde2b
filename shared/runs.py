"""Runs: one attempt at one answer, its lease and heartbeat, its stop mark, and the log of what has been streamed.

A run is RUN#<message id>/RUN#<attempt> in the realtime table; its task id is `<message id>.<attempt>`. Three writers
meet on the item in any order (the request that announces it, the worker that leases it, a person who stops it), so each
of them upserts. While a run is active its log is the durable text of the answer: the stored message keeps the text from
before the attempt, and readers add what `composed` returns. At the end the message is written whole; the log expires.
"""

import json
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, cast

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from shared.clock import now, padded
from shared.errors import NotFound
from shared.settings import settings
from shared.storage.aws import sqs
from shared.storage.tables import ByList, Item, TableMeta, fetch_all, written

State = Literal["queued", "running", "done", "stopped", "failed"]
ACTIVE: tuple[State, ...] = ("queued", "running")

KEPT_SECONDS = 24 * 3600
ROUNDS = 8
"""Invocations that one answer may take, each until its function's time limit: Lambda would end a chain after 16."""
ATTEMPT_DIGITS = 6
LONGEST_ID = 200
EARLY_SECONDS = 300
"""How long a stop waits for the run that it is for."""
WATCH_SECONDS = 25
NO_TASK = "There is no such task."

_TASK_ID = re.compile(rf"(?P<message>[!-~]{{1,{LONGEST_ID}}})\.(?P<attempt>[0-9]{{1,{ATTEMPT_DIGITS}}})")


class LostLease(Exception):
    """The run is no longer this worker's: it was ended by the watchdog, or never was its own."""


@dataclass(frozen=True)
class Run:
    """One attempt at one answer. Times are epoch milliseconds."""

    message_id: str
    attempt: int
    chat_id: str
    user_id: str
    model: str = ""
    state: State = "queued"
    created_at: int = 0
    heartbeat_at: int = 0
    stop_by: str | None = None

    @property
    def task_id(self) -> str:
        """What clients call this run."""
        return task_id(self.message_id, self.attempt)

    @property
    def active(self) -> bool:
        """Whether it is still to be answered."""
        return self.state in ACTIVE

    @property
    def stop_requested(self) -> bool:
        """Whether its owner asked to stop it; a mark somebody else left before it began counts for nothing."""
        return self.stop_by is not None and self.stop_by == self.user_id

    @property
    def temporary(self) -> bool:
        """Whether its chat is a temporary one, of which nothing is stored."""
        return is_temporary(self.chat_id)

    def reference(self) -> dict[str, str | int]:
        """What the stored message says about the run that is writing it."""
        return {"task_id": self.task_id, "attempt": self.attempt, "state": self.state}


@dataclass(frozen=True)
class Composed:
    """What a run has streamed so far; `seq` is that of the last event in it, -1 before the first."""

    content: str
    reasoning_content: str
    seq: int


class RunItem(Item):
    """RUN#<message id>/RUN#<attempt>; in the index, under its chat, only while it is active."""

    class Meta(metaclass=TableMeta):
        setting = "realtime_table"

    message_id = UnicodeAttribute(null=True)
    attempt = NumberAttribute(null=True)
    chat_id = UnicodeAttribute(null=True)
    user_id = UnicodeAttribute(null=True)
    model = UnicodeAttribute(null=True)
    state = UnicodeAttribute(null=True)
    lease = UnicodeAttribute(null=True)
    created_at = NumberAttribute(null=True)
    heartbeat_at = NumberAttribute(null=True)
    stop_by = UnicodeAttribute(null=True)
    gsi1pk = UnicodeAttribute(null=True)
    gsi1sk = UnicodeAttribute(null=True)
    by_list = ByList()

    @staticmethod
    def key(message_id: str, attempt: int) -> tuple[str, str]:
        """The run's (pk, sk)."""
        return f"RUN#{message_id}", f"RUN#{padded(attempt, ATTEMPT_DIGITS)}"


class TaskItem(Item):
    """TASKS#<user id>/<task id>: a person's active runs."""

    class Meta(metaclass=TableMeta):
        setting = "realtime_table"


class LogItem(Item):
    """LOG#<task id>/<seq>: what one flush streamed, with the seq of its last event."""

    class Meta(metaclass=TableMeta):
        setting = "realtime_table"

    content = UnicodeAttribute(null=True)
    reasoning_content = UnicodeAttribute(null=True)


def is_temporary(chat_id: str) -> bool:
    """Whether a chat is never stored (contract: ids that begin with `local:`)."""
    return chat_id.startswith("local:")


def task_id(message_id: str, attempt: int) -> str:
    """The id of the run of `message_id` that is its `attempt`-th."""
    return f"{message_id}.{attempt}"


def parse_task_id(text: str) -> tuple[str, int]:
    """(message id, attempt) of a task id; raises `NotFound`."""
    found = _TASK_ID.fullmatch(text)
    if found is None or not int(found["attempt"]):
        raise NotFound(NO_TASK)
    return found["message"], int(found["attempt"])


def get(task: str) -> Run | None:
    """The run as stored, or None; one consistent read."""
    try:
        item = RunItem.get(*RunItem.key(*parse_task_id(task)), consistent_read=True)
    except RunItem.DoesNotExist:
        return None
    return None if item.expired or item.state is None else _run(item)


def latest_attempt(message_id: str, chat_id: str) -> int:
    """The highest attempt known of a message of a chat, 0 before the first."""
    newest = _newest(message_id, RunItem.chat_id == chat_id)
    return newest.attempt if newest else 0


def announce(run: Run) -> bool:
    """Records that an answer was asked for. Leaves a run as it is that a worker has begun, or ended, already.

    False when that one is another chat's: copies of a chat have messages of the same ids.
    """
    item = RunItem(*RunItem.key(run.message_id, run.attempt))
    queued = [*_identity(run, "queued"), RunItem.heartbeat_at.set(_milliseconds())]
    if written(item.update, queued, RunItem.state.does_not_exist()):
        return True
    known = get(run.task_id)
    return known is None or known.chat_id == run.chat_id


def watch(task: str, seconds: int = WATCH_SECONDS) -> None:
    """Has the run looked at in `seconds` by the timers function, and ended should its worker be dead then."""
    message = json.dumps({"kind": "run", "task_id": task})
    sqs().send_message(QueueUrl=settings().require("timers_queue_url"), MessageBody=message, DelaySeconds=seconds)


def list_task(run: Run) -> None:
    """Puts the run among its owner's active tasks."""
    TaskItem(f"TASKS#{run.user_id}", run.task_id, expires_at=now() + KEPT_SECONDS).save()


def lease(run: Run, owner: str) -> Run | None:
    """Takes the run for worker `owner`; None when it was taken, or ended, before. The result knows an early stop."""
    item = RunItem(*RunItem.key(run.message_id, run.attempt))
    queued = (RunItem.state == "queued") & (RunItem.chat_id == run.chat_id)
    free = RunItem.lease.does_not_exist() & (RunItem.state.does_not_exist() | queued)
    actions = [*_identity(run, "running"), RunItem.lease.set(owner), RunItem.heartbeat_at.set(_milliseconds())]
    return _run(item) if written(item.update, actions, free) else None


def heartbeat(run: Run, owner: str) -> Run:
    """Says that the worker lives; the result knows whether to stop. Raises `LostLease`."""
    return _owned(run, owner, [RunItem.heartbeat_at.set(_milliseconds())])


def hand_over(run: Run, owner: str) -> None:
    """Gives the run free for the next worker, who goes on with it; raises `LostLease`."""
    free: list[Action] = [
        RunItem.state.set("queued"),
        RunItem.lease.remove(),
        RunItem.heartbeat_at.set(_milliseconds()),
    ]
    _owned(run, owner, free)


def append(task: str, seq: int, content: str, reasoning_content: str = "") -> None:
    """Adds what one flush streamed to the log; `seq` is that of its last event, and unique in the run."""
    item = LogItem(f"LOG#{task}", padded(seq), content=content or None, reasoning_content=reasoning_content or None)
    item.expires_at = now() + KEPT_SECONDS
    item.save()


def finish(run: Run, owner: str, state: State) -> None:
    """Ends the run for its worker; raises `LostLease`."""
    _owned(run, owner, _ending(state))
    _forget_task(run)


def take_over(run: Run, state: State = "failed") -> bool:
    """Ends a run whose worker is dead; False when it gave a sign of life after `run` was read, or ended itself."""
    item = RunItem(*RunItem.key(run.message_id, run.attempt))
    unchanged = (RunItem.state == run.state) & (RunItem.heartbeat_at == run.heartbeat_at)
    if not written(item.update, _ending(state), unchanged):
        return False
    _forget_task(run)
    return True


def request_stop(task: str, user_id: str) -> None:
    """Marks a run to be stopped, also one that is about to begin.

    Raises `NotFound` when it is another person's, or of a message that was answered for another person.
    """
    message_id, attempt = parse_task_id(task)
    item, mark = RunItem(*RunItem.key(message_id, attempt)), RunItem.stop_by.set(user_id)
    if written(item.update, [mark], RunItem.user_id == user_id):
        return
    mine = _newest(message_id, RunItem.user_id == user_id)
    early: list[Action] = [mark, RunItem.expires_at.set(now() + EARLY_SECONDS)]
    may_begin = mine is not None or _newest(message_id, RunItem.state.exists()) is None
    if may_begin and written(item.update, early, RunItem.user_id.does_not_exist()):
        return
    # It may have begun meanwhile.
    if not written(item.update, [mark], RunItem.user_id == user_id):
        raise NotFound(NO_TASK)


def active_runs(chat_id: str) -> list[Run]:
    """The active runs of a chat, oldest first. The index follows a write within moments, not at once."""
    return [_run(item) for item in _query(f"CHAT#{chat_id}") if not item.expired and item.state in ACTIVE]


def active_tasks(user_id: str) -> list[str]:
    """The task ids of a person's active runs."""
    listed = [item.sk for item in TaskItem.query(f"TASKS#{user_id}", consistent_read=True) if not item.expired]
    # A run is listed while it begins: one that has ended by then, or was not to begin, may stay on the list.
    found = fetch_all(RunItem, (RunItem.key(*parse_task_id(task)) for task in listed))
    return [_run(item).task_id for item in found if item.state in ACTIVE and item.user_id == user_id]


def composed(task: str) -> Composed:
    """What a run has streamed and logged so far: at most one flush (500 ms of text) behind the socket."""
    content, reasoning, seq = [], [], -1
    for item in LogItem.query(f"LOG#{task}", consistent_read=True):
        content.append(item.content or "")
        reasoning.append(item.reasoning_content or "")
        seq = int(item.sk)
    return Composed("".join(content), "".join(reasoning), seq)


def _newest(message_id: str, which: Condition) -> Run | None:
    """The latest attempt at a message that meets a condition, which is not what somebody only asked to stop."""
    newest = RunItem.query(
        f"RUN#{message_id}",
        filter_condition=RunItem.state.exists() & which,
        scan_index_forward=False,
        limit=1,
        page_size=50,
        consistent_read=True,
    )
    return next((_run(item) for item in newest), None)


def _query(partition: str) -> Iterator[RunItem]:
    return cast(Iterator[RunItem], iter(RunItem.by_list.query(partition)))


def _milliseconds() -> int:
    return time.time_ns() // 1_000_000


def _identity(run: Run, state: State) -> list[Action]:
    created = run.created_at or _milliseconds()
    return [
        RunItem.message_id.set(run.message_id),
        RunItem.attempt.set(run.attempt),
        RunItem.chat_id.set(run.chat_id),
        RunItem.user_id.set(run.user_id),
        RunItem.model.set(run.model),
        RunItem.state.set(state),
        RunItem.created_at.set(RunItem.created_at | created),
        RunItem.expires_at.set(now() + KEPT_SECONDS),
        RunItem.gsi1pk.set(f"CHAT#{run.chat_id}"),
        RunItem.gsi1sk.set(f"{padded(created)}#{run.task_id}"),
    ]


def _ending(state: State) -> list[Action]:
    actions: list[Action] = [
        RunItem.state.set(state),
        RunItem.heartbeat_at.set(_milliseconds()),
        RunItem.gsi1pk.remove(),
        RunItem.gsi1sk.remove(),
    ]
    return actions


def _owned(run: Run, owner: str, actions: list[Action]) -> Run:
    item = RunItem(*RunItem.key(run.message_id, run.attempt))
    mine: Condition = (RunItem.lease == owner) & (RunItem.state == "running")
    if not written(item.update, actions, mine):
        raise LostLease(run.task_id)
    return _run(item)


def _forget_task(run: Run) -> None:
    TaskItem(f"TASKS#{run.user_id}", run.task_id).delete()


def _run(item: RunItem) -> Run:
    return Run(
        message_id=item.message_id or "",
        attempt=int(item.attempt or 0),
        chat_id=item.chat_id or "",
        user_id=item.user_id or "",
        model=item.model or "",
        state=cast(State, item.state),
        created_at=int(item.created_at or 0),
        heartbeat_at=int(item.heartbeat_at or 0),
        stop_by=item.stop_by,
    )

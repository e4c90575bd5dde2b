"""The watchdog of runs, each looked at every 25 s at least and ended when its worker is dead; and rounds of chores."""

import math
import time
from typing import Any

from shared import runs
from shared.chats import chores, store
from shared.errors import NotFound
from shared.logs import logger
from shared.realtime.frames import utf16_length
from shared.realtime.hub import UserChannel
from shared.runs import Run

# Workers give a sign of life twice a second. Looked at every 25 s, a dead one is ended within 15 + 25 s.
DEAD_SECONDS = 15
# Who waits is told within a minute; a worker that comes later, up to 60 s (Lambda then gives it up), finds it ended.
UNSTARTED_SECONDS = 55
# A function lives 15 minutes; nothing is watched for longer than all rounds of an answer take.
LONGEST_SECONDS = runs.ROUNDS * (15 * 60 + UNSTARTED_SECONDS)

DIED = "The server stopped in the middle of this answer. The text so far is kept; try again."
NOT_STARTED = "The server did not begin this answer in time. Try again."


def check_run(task_id: str) -> None:
    """Ends the run if its worker is dead, and otherwise has it looked at again, for as long as it can live."""
    run = runs.get(task_id)
    if run is None:
        return
    if run.active:
        now = time.time()
        silent, age = now - run.heartbeat_at / 1000, now - run.created_at / 1000
        limit = DEAD_SECONDS if run.state == "running" else UNSTARTED_SECONDS
        if silent < limit and age < LONGEST_SECONDS:
            runs.watch(task_id, runs.WATCH_SECONDS if run.state == "running" else _until(limit - silent))
            return
        if not runs.take_over(run):
            runs.watch(task_id)
            return
        logger().warning("run ended by the watchdog", extra={"task_id": task_id, "silent_seconds": round(silent)})
        _end_message(run)
    elif run.state == "failed" and _is_writing(run):
        # A watchdog ended the run and did not get any further.
        _end_message(run)


def _until(seconds: float) -> int:
    return min(runs.WATCH_SECONDS, math.ceil(seconds))


def work_off_chores() -> None:
    """Goes on with changes to many chats for a while, and asks for another round when they are not done."""
    if not chores.go_on(time.monotonic() + chores.ROUND_SECONDS):
        chores.later()


def _is_writing(run: Run) -> bool:
    """Whether the stored message says that this run is still writing it."""
    if run.temporary:
        return False
    writing = (store.message(run.chat_id, run.message_id) or {}).get("run") or {}
    return writing.get("task_id") == run.task_id and writing.get("state") == "running"


def _end_message(run: Run) -> None:
    """Gives the message the text so far and an error, and tells the screen."""
    error = {"content": NOT_STARTED if run.state == "queued" else DIED}
    whole = "" if run.temporary else _save(run, error)
    if whole is None:
        return
    with UserChannel(run.user_id) as channel:
        for kind, data in (
            ("chat:message:error", {"error": error}),
            ("chat:completion", {"done": True, "offset": utf16_length(whole)}),
        ):
            event = {"chat_id": run.chat_id, "message_id": run.message_id, "data": {"type": kind, "data": data}}
            channel.send("events", event)


def _save(run: Run, error: dict[str, str]) -> str | None:
    """Stores the message as it ended and returns its text; None when a later attempt is writing it, or it is gone."""
    try:
        message = store.message(run.chat_id, run.message_id) or {}
        writing = message.get("run") or {}
        if writing.get("state") == "running" and writing.get("task_id") != run.task_id:
            return None
        streamed = runs.composed(run.task_id)
        content = str(message.get("content") or "") + streamed.content
        reasoning = str(message.get("reasoning_content") or "") + streamed.reasoning_content
        ended: dict[str, Any] = {
            "id": run.message_id,
            "role": "assistant",
            "content": content,
            "error": error,
            "done": True,
            "run": {**run.reference(), "state": "failed"},
        }
        if reasoning:
            ended["reasoning_content"] = reasoning
        store.save_message(run.chat_id, ended)
    except NotFound:
        return None
    return content

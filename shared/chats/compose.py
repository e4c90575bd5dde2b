"""What a reader sees of a message while its answer is being written: the stored text and the stream log after it."""

from collections.abc import Mapping
from dataclasses import dataclass

from shared import runs
from shared.chats.models import Message
from shared.parallel import in_parallel


@dataclass(frozen=True)
class View:
    """A message as composed; `seq` is that of the last streamed event in it, -1 before the first."""

    message: Message
    seq: int = -1
    running: bool = False


def running_task(message: Message) -> str | None:
    """The task that the stored message says is writing it."""
    run = message.get("run")
    if isinstance(run, dict) and run.get("state") in runs.ACTIVE and isinstance(run.get("task_id"), str):
        return str(run["task_id"])
    return None


def frozen(active: Mapping[str, runs.Run], messages: Mapping[str, Message]) -> set[str]:
    """The messages that clients cannot change now: an answer to them is being written."""
    result = set(active)
    for message_id, message in messages.items():
        task = running_task(message)
        if task and message_id not in result and (run := runs.get(task)) and run.active:
            result.add(message_id)
    return result


def active(chat_id: str) -> dict[str, runs.Run]:
    """The active runs of a chat by message."""
    return {run.message_id: run for run in runs.active_runs(chat_id)}


def compose(message: Message, run: runs.Run | None = None) -> View:
    """One message; `run` is an active run of it that the reader knows of.

    The message says itself which run is writing it, or that the run has written all: the index of runs follows late.
    """
    task = running_task(message)
    if run and task != run.task_id:
        noted = message.get("run")
        attempt = noted.get("attempt") if isinstance(noted, dict) else None
        if not isinstance(attempt, int) or attempt < run.attempt:
            task = run.task_id
    if task is None:
        return View(message)
    log = runs.composed(task)
    current = run if run and run.task_id == task else runs.get(task)
    running = bool(current and current.active)
    content = message.get("content")
    changed: Message = {"content": (content if isinstance(content, str) else "") + log.content}
    if log.reasoning_content or message.get("reasoning_content"):
        changed["reasoning_content"] = (message.get("reasoning_content") or "") + log.reasoning_content
    if current:
        changed["run"] = current.reference()
    return View({**message, **changed}, log.seq, running)


def compose_all(messages: dict[str, Message], active: Mapping[str, runs.Run]) -> dict[str, Message]:
    """All messages of a chat, those being written as far as they are."""
    writing = [key for key, message in messages.items() if key in active or running_task(message)]
    views = in_parallel(lambda key: compose(messages[key], active.get(key)).message, writing)
    return {**messages, **dict(zip(writing, views, strict=True))}

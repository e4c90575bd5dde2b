"""The watchdog of runs, on real tables."""

import json
import time
import uuid
from collections.abc import Callable
from typing import Any

import pytest

from functions.timers import handler, service
from shared import runs
from shared.chats import store
from shared.runs import Run
from tests.contract.answers.world import Channel, new_chat


@pytest.fixture
def channel(monkeypatch: pytest.MonkeyPatch) -> Channel:
    channel = Channel()
    monkeypatch.setattr(service, "UserChannel", channel)
    return channel


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """The runs that are to be looked at again, and in how many seconds."""
    again: list[tuple[str, int]] = []
    monkeypatch.setattr(runs, "watch", lambda task, seconds: again.append((task, seconds)))
    return again


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Moves the watchdog's clock."""

    def move(seconds: float) -> None:
        now = time.time() + seconds
        monkeypatch.setattr(service.time, "time", lambda: now)

    return move


@pytest.fixture
def run(emulator: object) -> Run:
    user_id, question, message_id = (str(uuid.uuid4()) for _ in range(3))
    return Run(message_id, 1, new_chat(user_id, question, message_id), user_id, "m")


def begin(run: Run) -> Run:
    """A worker takes the run, marks its message and streams a little."""
    leased = runs.lease(run, "worker")
    assert leased
    store.save_message(run.chat_id, {"id": run.message_id, "content": "Before. ", "run": leased.reference()})
    runs.append(run.task_id, 3, "Half an ans", "Hm")
    return leased


def deliver(*messages: dict[str, Any]) -> list[str]:
    """Delivers messages to the function; the ids of those that failed."""
    records = [{"messageId": str(number), "body": json.dumps(body)} for number, body in enumerate(messages)]
    answer = handler.handler({"Records": records}, None)  # type: ignore[arg-type]
    return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


def test_a_living_run_is_looked_at_again(run: Run, channel: Channel, watched: list[tuple[str, int]]) -> None:
    begin(run)
    assert deliver({"kind": "run", "task_id": run.task_id}) == []
    assert watched == [(run.task_id, runs.WATCH_SECONDS)]
    assert channel.events == []


def test_a_dead_run_ends_with_an_error_and_its_text(
    run: Run, channel: Channel, watched: list[tuple[str, int]], later: Callable[[float], None]
) -> None:
    begin(run)
    later(service.DEAD_SECONDS + 1)
    deliver({"kind": "run", "task_id": run.task_id})
    stored = store.message(run.chat_id, run.message_id)
    assert stored
    assert stored["content"] == "Before. Half an ans"
    assert stored["reasoning_content"] == "Hm"
    assert stored["error"] == {"content": service.DIED}
    assert (stored["done"], stored["run"]["state"]) == (True, "failed")
    assert channel.kinds == ["chat:message:error", "chat:completion"]
    assert channel.of("chat:completion")[-1] == {"done": True, "offset": len("Before. Half an ans")}
    assert runs.active_runs(run.chat_id) == []
    assert watched == []


def test_a_run_that_never_began_is_given_longer_and_then_ended_within_a_minute(
    run: Run, channel: Channel, watched: list[tuple[str, int]], later: Callable[[float], None]
) -> None:
    runs.announce(run)
    passed, error = 0, None
    while error is None:
        later(passed)
        deliver({"kind": "run", "task_id": run.task_id})
        error = (store.message(run.chat_id, run.message_id) or {}).get("error")
        passed += watched.pop()[1] if watched else 0
    assert service.DEAD_SECONDS < passed < 60
    assert error == {"content": service.NOT_STARTED}
    assert runs.lease(run, "late worker") is None


def test_a_run_that_ended_is_left_alone(
    run: Run, channel: Channel, watched: list[tuple[str, int]], later: Callable[[float], None]
) -> None:
    runs.finish(begin(run), "worker", "done")
    later(1000)
    deliver({"kind": "run", "task_id": run.task_id}, {"kind": "run", "task_id": f"{uuid.uuid4()}.1"})
    assert channel.events == []
    assert watched == []


def test_a_watchdog_that_died_itself_is_made_up_for(run: Run, channel: Channel, watched: list[tuple[str, int]]) -> None:
    begin(run)
    stored = runs.get(run.task_id)
    assert stored
    assert runs.take_over(stored)
    deliver({"kind": "run", "task_id": run.task_id})
    message = store.message(run.chat_id, run.message_id)
    assert message
    assert message["error"] == {"content": service.DIED}


def test_a_later_attempt_is_not_disturbed(
    run: Run, channel: Channel, watched: list[tuple[str, int]], later: Callable[[float], None]
) -> None:
    begin(run)
    second = Run(run.message_id, 2, run.chat_id, run.user_id, "m")
    store.save_message(run.chat_id, {"id": run.message_id, "run": {**second.reference(), "state": "running"}})
    later(service.DEAD_SECONDS + 1)
    deliver({"kind": "run", "task_id": run.task_id})
    stored = store.message(run.chat_id, run.message_id)
    assert stored
    assert stored["content"] == "Before. "
    assert channel.events == []


def test_one_message_that_fails_does_not_hold_up_the_others(
    run: Run, channel: Channel, watched: list[tuple[str, int]], later: Callable[[float], None]
) -> None:
    begin(run)
    later(service.DEAD_SECONDS + 1)
    assert deliver({"kind": "run", "task_id": "not an id"}, {"kind": "run", "task_id": run.task_id}) == ["0"]
    assert channel.kinds == ["chat:message:error", "chat:completion"]


def test_an_unknown_message_is_dropped(emulator: object) -> None:
    assert deliver({"kind": "other"}) == []

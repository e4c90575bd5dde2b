"""One answer over the socket, from the request to the stored message."""

import asyncio
import threading
import time
import uuid
from typing import Any

import botocore.client
import httpx2
import pytest
from botocore.exceptions import ConnectionClosedError

from functions.generate import service
from shared import runs
from shared.chats import deletion, store
from shared.llm import http
from tests.contract.answers.world import World, new_chat, person
from tests.support.model_server import Behaviour
from tests.support.waiting import until


def test_an_answer_streams_is_stored_and_ends(world: World) -> None:
    task_id = world.ask()
    assert task_id == f"{world.message_id}.1"
    assert world.watched == [task_id]
    world.work()
    assert world.channel.text() == "Hello, world!"
    assert world.channel.kinds == ["chat:completion"]
    end = world.channel.of("chat:completion")[-1]
    assert end["done"] is True
    assert end["content"] == "Hello, world!"
    assert end["usage"]["completion_tokens"] == 4
    stored = world.message()
    assert stored["content"] == "Hello, world!"
    assert stored["done"] is True
    assert stored["model"] == "test-model"
    assert stored["usage"]["total_tokens"] == 11
    assert stored["run"] == {"task_id": task_id, "attempt": 1, "state": "done"}
    assert "error" not in stored
    assert runs.active_runs(world.chat_id) == []


def test_the_prompt_is_the_stored_branch_with_the_chats_system_prompt(world: World) -> None:
    world.ask(params={"system": "Be brief.", "temperature": 0.5})
    world.work()
    [seen] = world.server.completions()
    assert seen.body["messages"] == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "What is up?"},
    ]
    assert seen.body["temperature"] == 0.5
    assert seen.body["stream_options"] == {"include_usage": True}
    assert not {"chat_id", "session_id", "id", "params", "background_tasks"} & set(seen.body)


def test_messages_of_the_client_count_when_it_sends_them(world: World) -> None:
    world.ask(messages=[{"role": "user", "content": "Other words"}])
    world.work()
    [seen] = world.server.completions()
    assert seen.body["messages"] == [{"role": "user", "content": "Other words"}]


def test_a_log_entry_whose_fate_is_unknown_leaves_no_hole_and_no_echo(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    written, tries = runs.append, []

    def unsure(*entry: Any) -> None:
        tries.append(entry)
        if len(tries) % 3 == 2:
            written(*entry)
        if len(tries) % 3:
            raise ConnectionClosedError(endpoint_url="table")
        written(*entry)

    monkeypatch.setattr(service, "LOG_SECONDS", 0.05)
    monkeypatch.setattr(runs, "append", unsure)
    text = [f"w{number} " for number in range(60)]
    world.server.default = Behaviour(tokens=text, tokens_per_second=60)
    task_id = world.ask()
    world.work()
    logged = runs.composed(task_id).content
    assert len(tries) > 3
    assert logged
    assert "".join(text).startswith(logged)


def test_the_same_message_and_attempt_run_once(world: World) -> None:
    assert world.ask() == world.ask()
    assert len(world.requests) == 2
    world.work()
    assert len(world.server.completions()) == 1
    world.ask()
    world.work()
    assert len(world.server.completions()) == 1


def test_continuing_goes_on_from_the_text_there_is(world: World) -> None:
    world.ask()
    world.work()
    world.channel.events.clear()
    world.server.default = Behaviour(tokens=[" More", " text 👋"])
    given = [{"role": "user", "content": "What is up?"}, {"role": "assistant", "content": "Hello, world!"}]
    assert world.ask(messages=given) == f"{world.message_id}.2"
    world.work()
    assert world.channel.deltas()[0]["offset"] == len("Hello, world!")
    assert world.message()["content"] == "Hello, world! More text 👋"


def test_a_copy_of_a_chat_is_continued_by_itself_though_its_messages_have_the_same_ids(world: World) -> None:
    world.ask(attempt=1)
    world.work()
    original, copy = world.chat_id, new_chat(world.user_id, str(uuid.uuid4()), world.message_id)
    world.server.default = Behaviour(tokens=["Copied"])
    world.chat_id = copy
    assert [world.ask(attempt=1), world.ask(attempt=1)] == [f"{world.message_id}.2"] * 2
    world.work()
    assert (world.message()["content"], world.message()["run"]["state"]) == ("Copied", "done")
    assert len(world.server.completions()) == 2
    assert world.client.get("/api/tasks").json() == {"tasks": []}
    world.chat_id = original
    assert world.message()["content"] == "Hello, world!"


def test_attempts_that_others_made_at_a_message_of_the_same_id_keep_nobody_from_continuing(world: World) -> None:
    world.ask()
    world.work()
    _, other = person()
    given = [{"role": "user", "content": "What is up?"}, {"role": "assistant", "content": "Hello, world!"}]
    form = {"model": "test-model", "session_id": "s", "chat_id": "local:x", "id": world.message_id, "messages": given}
    for attempt in (2, 999_999):
        assert other.post("/api/chat/completions", json={**form, "attempt": attempt}).status_code == 200
    world.server.default = Behaviour(tokens=[" More"])
    assert world.ask(messages=given) == f"{world.message_id}.3"
    world.work()
    assert world.message()["content"] == "Hello, world! More"
    assert world.client.get("/api/tasks").json() == {"tasks": []}


def test_an_answer_that_ended_before_it_was_listed_is_not_under_way(world: World) -> None:
    task_id = world.ask()
    assert world.client.get("/api/tasks").json() == {"tasks": [task_id]}
    run = runs.get(task_id)
    assert run
    world.work()
    runs.list_task(run)
    assert world.client.get("/api/tasks").json() == {"tasks": []}


def test_reasoning_is_kept_apart_from_fields_and_from_tags(world: World) -> None:
    world.server.default = Behaviour(reasoning=["Hm", "m"], tokens=["Yes"])
    world.ask()
    world.work()
    assert world.channel.text("reasoning_content") == "Hmm"
    assert (world.message()["content"], world.message()["reasoning_content"]) == ("Yes", "Hmm")
    assert world.message()["reasoning_duration"] >= 0


def test_reasoning_in_tags_is_kept_apart(world: World) -> None:
    world.server.default = Behaviour(tokens=["<th", "ink>\nLet me", " see</thi", "nk>\n\nYes"])
    world.ask()
    world.work()
    assert (world.message()["content"], world.message()["reasoning_content"]) == ("Yes", "Let me see")


@pytest.mark.parametrize(
    ("behaviour", "text", "words"),
    [
        (Behaviour(status=401), "", "API key"),
        (Behaviour(status=404, error={"message": "no such model"}), "", "does not know the model"),
        (Behaviour(status=400, error={"message": "context length exceeded"}), "", "too long"),
        (Behaviour(tokens=["x"] * 60, drop_at=50), "x" * 50, "broke off"),
        (Behaviour(error_at=2, error={"message": "CUDA out of memory"}), "Hello, ", "CUDA out of memory"),
        (Behaviour(tokens=[]), "", "without an answer"),
    ],
)
def test_trouble_is_told_on_screen_and_stored_with_the_text_so_far(
    world: World, behaviour: Behaviour, text: str, words: str
) -> None:
    world.server.default = behaviour
    world.ask()
    world.work()
    [told] = world.channel.of("chat:message:error")
    assert words in told["error"]["content"]
    assert world.channel.of("chat:completion")[-1]["done"] is True
    stored = world.message()
    assert stored["content"] == text
    assert stored["error"] == told["error"]
    assert (stored["done"], stored["run"]["state"]) == (True, "failed")


def test_a_model_that_falls_silent_is_given_up_with_its_text_kept(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "TIMEOUT", httpx2.Timeout(0.3, connect=1))
    world.server.default = Behaviour(tokens=["a", "b", "c"], silent_at=2)
    world.ask()
    world.work()
    assert "has sent nothing for 60 seconds" in world.channel.of("chat:message:error")[0]["error"]["content"]
    assert world.message()["content"] == "ab"


def test_while_an_answer_runs_message_and_log_compose_to_what_was_sent(world: World) -> None:
    world.server.default = Behaviour(tokens=["word "] * 200, tokens_per_second=50)
    task_id = world.ask()
    working = world.work_aside()
    until(lambda: len(runs.composed(task_id).content) > 50, 10, "the log has some of the text")
    composed = runs.composed(task_id)
    assert world.message()["run"] == {"task_id": task_id, "attempt": 1, "state": "running"}
    working.join(10)
    assert world.channel.text().startswith(composed.content)
    assert max(delta["seq"] for delta in world.channel.deltas()) >= composed.seq


def test_the_first_piece_is_logged_as_soon_as_it_is_shown(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "LOG_SECONDS", 60)
    world.server.default = Behaviour(tokens=["Hello", "…"], tokens_per_second=0.3)
    task_id = world.ask()
    working = world.work_aside()
    until(lambda: runs.composed(task_id).content == "Hello", 3, "the log has the first piece")
    assert working.is_alive()
    working.join(10)


def test_an_answer_that_reaches_the_time_limit_goes_on_in_another_invocation(world: World) -> None:
    world.server.default = Behaviour(reasoning=["Hm."], tokens=["wörd 👋 "] * 1000, tokens_per_second=50)
    task_id = world.ask(background_tasks={"follow_up_generation": True})
    request = world.requests.pop()
    asyncio.run(service.answer(request, lambda: 10.0))
    begun = world.channel.text()
    assert begun.startswith("wörd")
    assert [each.run.task_id for each in world.requests] == [task_id]
    assert world.client.get("/api/tasks").json() == {"tasks": [task_id]}
    assert runs.composed(task_id).content == begun, "whoever reloads now finds all of it"
    assert "chat:message:error" not in world.channel.kinds

    world.server.default = Behaviour(tokens=["and", " the end."])
    world.work()
    last = world.server.completions()[1].body["messages"][-1]
    assert last == {"role": "assistant", "content": begun}
    assert world.channel.text() == begun + "and the end."
    numbers = [data["seq"] for data in world.channel.of("chat:completion")]
    assert numbers == list(range(len(numbers)))
    stored = world.message()
    assert (stored["content"], stored["reasoning_content"]) == (begun + "and the end.", "Hm.")
    assert stored["run"] == {"task_id": task_id, "attempt": 1, "state": "done"}
    assert stored["timing"]["total"] > stored["timing"]["first_token"]
    assert world.client.get("/api/tasks").json() == {"tasks": []}


def test_an_answer_goes_on_so_many_times_and_then_ends_with_a_message(world: World) -> None:
    world.server.default = Behaviour(tokens=["word "] * 1000, tokens_per_second=50)
    world.ask()
    world.work(seconds_left=10)
    assert len(world.server.completions()) == runs.ROUNDS
    assert "time limit" in world.message()["error"]["content"]
    assert world.message()["content"].startswith("word ")
    assert world.message()["run"]["state"] == "failed"


def test_a_model_that_cannot_go_on_leaves_the_answer_as_it_is_with_a_message(world: World) -> None:
    world.server.default = Behaviour(tokens=["word "] * 1000, tokens_per_second=50)
    world.ask()
    asyncio.run(service.answer(world.requests.pop(), lambda: 10.0))
    world.server.default = Behaviour(status=400, error={"message": "prefill is not supported"})
    world.work()
    assert "time limit" in world.message()["error"]["content"]
    assert world.message()["content"] == world.channel.text()


def test_an_answer_without_a_beginning_is_not_gone_on_with(world: World) -> None:
    world.server.default = Behaviour(first_token_seconds=60)
    world.ask()
    world.work(seconds_left=10)
    assert len(world.server.completions()) == 1
    assert "time limit" in world.message()["error"]["content"]


def test_the_first_answer_names_the_chat(world: World) -> None:
    world.server.default = Behaviour(tokens=['Sure: {"title": "👋 Greetings today"}'])
    world.ask(background_tasks={"title_generation": True})
    world.work()
    assert world.channel.of("chat:title") == ["👋 Greetings today"]
    assert store.head(world.chat_id).title == "👋 Greetings today"


def test_a_temporary_chat_leaves_nothing_behind(world: World) -> None:
    question = [{"role": "user", "content": "Psst"}]
    task_id = world.ask(chat_id="local:abc", messages=question)
    world.work()
    assert world.channel.text() == "Hello, world!"
    assert runs.composed(task_id).content == ""
    assert world.message()["content"] == ""


def test_somebody_elses_chat_is_not_found(world: World) -> None:
    _, other = person()
    form = {"model": "test-model", "session_id": "s", "chat_id": world.chat_id, "id": world.message_id}
    assert other.post("/api/chat/completions", json=form).status_code == 404


def test_a_chat_deleted_in_mid_answer_ends_it(world: World) -> None:
    world.server.default = Behaviour(tokens=["word "] * 1000, tokens_per_second=50)
    world.ask()
    working = world.work_aside()
    world.channel.wait_for(lambda: bool(world.channel.deltas()))
    deletion.delete(store.head(world.chat_id))
    world.client.post(f"/api/tasks/stop/{world.message_id}.1")
    working.join(10)
    assert runs.active_tasks(world.user_id) == []


@pytest.mark.parametrize(
    ("tokens", "rate", "limit"), [(500, 50, 25_000), (2000, None, 100_000)], ids=["500 at 50/s", "2000 unthrottled"]
)
def test_bytes_on_the_socket_grow_with_the_answer_only(
    world: World, tokens: int, rate: float | None, limit: int
) -> None:
    world.server.default = Behaviour(tokens=["word "] * tokens, tokens_per_second=rate)
    world.ask()
    world.work()
    assert world.channel.text() == "word " * tokens
    assert world.channel.bytes <= limit, f"{world.channel.bytes} bytes in {len(world.channel.events)} frames"


def test_at_most_three_round_trips_to_aws_come_before_the_model_is_asked(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Counted as the longest chain: calls that overlap are one round trip."""
    spans: list[tuple[float, float, str]] = []
    original = botocore.client.BaseClient._make_api_call
    # AWS seems further away than here, so that calls which do not wait for each other are seen to overlap.
    distance = threading.Event()

    def timed(self: object, operation: str, parameters: object) -> object:
        started = time.monotonic()
        distance.wait(0.2)
        try:
            return original(self, operation, parameters)  # type: ignore[arg-type]
        finally:
            spans.append((started, time.monotonic(), operation))

    world.ask(attempt=1)
    world.work()
    # Settings are kept for some seconds and the list of models for minutes: this is what a warm function does.
    monkeypatch.setattr(botocore.client.BaseClient, "_make_api_call", timed)
    world.server.requests.clear()
    world.ask(attempt=2)
    asked = time.monotonic()
    world.work()
    before = [span for span in spans if span[0] < world.server.completions()[0].at]
    of_request = [span for span in before if span[0] < asked]
    # The stored message is marked as running meanwhile (BatchGetItem, TransactWriteItems); the model does not wait.
    of_worker = [span for span in before if span[0] >= asked and span[2] in ("UpdateItem", "Query")]
    assert chain(of_request) <= 2, of_request
    assert chain(of_worker) <= 1, of_worker


def chain(spans: list[tuple[float, float, str]]) -> int:
    """How many calls had to wait for one before them: the longest sequence without overlap."""
    length, free_at = 0, 0.0
    for started, ended, _ in sorted(spans, key=lambda span: span[1]):
        if started >= free_at:
            length, free_at = length + 1, ended
    return length


def test_heartbeats_are_written_while_a_model_is_silent(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "LOG_SECONDS", 0.05)
    world.server.default = Behaviour(first_token_seconds=0.5)
    task_id = world.ask()
    before = runs.get(task_id)
    world.work()
    after = runs.get(task_id)
    assert before
    assert after
    assert after.heartbeat_at > before.heartbeat_at

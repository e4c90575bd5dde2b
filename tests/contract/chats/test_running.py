"""Chats while an answer is being written: readers compose message and stream log, clients cannot overwrite it."""

from typing import Any

import pytest

from shared import runs
from shared.chats import store
from shared.runs import Run
from tests.contract.chats.conftest import message
from tests.contract.chats.people import Person


@pytest.fixture
def run(person: Person, new_chat: Any) -> Run:
    """A run that has streamed "Hello" and waits."""
    chat = new_chat(message("q", None, "question"), message("a", "q", ""))
    run = Run(f"a-{chat['id']}"[:40], 1, chat["id"], person.id)
    store.save_message(chat["id"], {**message(run.message_id, "q", ""), "run": run.reference() | {"state": "running"}})
    assert runs.lease(run, "worker")
    runs.append(run.task_id, 0, "Hel", "hm")
    runs.append(run.task_id, 1, "lo")
    return run


def read(person: Person, run: Run) -> dict[str, Any]:
    return dict(person.get(f"/api/v1/chats/{run.chat_id}/messages/{run.message_id}").json())


def finish(run: Run) -> None:
    whole = {"id": run.message_id, "content": "Hello world", "run": {**run.reference(), "state": "done"}, "done": True}
    store.save_message(run.chat_id, whole)


def test_a_reader_gets_the_text_so_far(person: Person, run: Run) -> None:
    answer = read(person, run)
    assert (answer["content"], answer["reasoning_content"]) == ("Hello", "hm")
    assert (answer["length"], answer["reasoning_length"], answer["seq"], answer["running"]) == (5, 2, 1, True)
    chat = person.get(f"/api/v1/chats/{run.chat_id}").json()["chat"]
    assert chat["history"]["messages"][run.message_id]["content"] == "Hello"
    assert chat["history"]["messages"][run.message_id]["run"]["task_id"] == run.task_id


def test_a_continued_answer_goes_on_after_its_stored_text(person: Person, run: Run) -> None:
    store.save_message(run.chat_id, {"id": run.message_id, "content": "Before. "})
    assert read(person, run)["content"] == "Before. Hello"


def test_a_reader_between_the_last_write_and_the_end_of_the_run_sees_nothing_twice(person: Person, run: Run) -> None:
    finish(run)
    answer = read(person, run)
    assert answer["content"] == "Hello world"
    runs.finish(run, "worker", "done")
    assert read(person, run)["content"] == "Hello world"
    assert read(person, run)["running"] is False


def test_what_clients_save_meanwhile_is_ignored(person: Person, run: Run) -> None:
    chat = person.get(f"/api/v1/chats/{run.chat_id}").json()["chat"]
    chat["history"]["messages"][run.message_id]["content"] = "Hel (as a client has it)"
    chat["history"]["messages"]["q"]["content"] = "edited"
    assert person.post(f"/api/v1/chats/{run.chat_id}", {"chat": chat}).status_code == 200
    path = f"/api/v1/chats/{run.chat_id}/messages"
    assert person.post(path, {"messages": {run.message_id: {"content": "mine"}}}).status_code == 200
    del chat["history"]["messages"][run.message_id]
    assert person.post(f"/api/v1/chats/{run.chat_id}", {"chat": chat}).status_code == 200
    person.post(path, {"remove": [run.message_id]})

    assert read(person, run)["content"] == "Hello"
    finish(run)
    runs.finish(run, "worker", "done")
    now = person.get(f"/api/v1/chats/{run.chat_id}").json()["chat"]["history"]["messages"]
    assert now[run.message_id]["content"] == "Hello world"
    assert now["q"]["content"] == "edited"


def test_a_branch_leads_from_the_root_to_the_message(run: Run) -> None:
    assert [each["id"] for each in store.branch(run.chat_id, run.message_id)] == ["q", run.message_id]
    assert store.branch(run.chat_id, "none") == []


def test_a_title_is_set_and_seen(person: Person, run: Run) -> None:
    store.set_title(run.chat_id, "Made by a model")
    assert person.get("/api/v1/chats/?page=1").json()[0]["title"] == "Made by a model"

"""Two tabs (or browsers) that save the same chat whole, as stock clients do, lose nothing of each other's work."""

import copy
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from shared import runs
from shared.chats import store
from tests.contract.chats.conftest import chat_of, message
from tests.contract.chats.people import Person


class Tab:
    """A stock client: reads a chat once, keeps its JSON, changes it and saves it whole."""

    def __init__(self, person: Person, chat_id: str) -> None:
        self.person, self.path = person, f"/api/v1/chats/{chat_id}"
        self.chat: dict[str, Any] = person.get(self.path).json()["chat"]

    @property
    def messages(self) -> dict[str, Any]:
        return self.chat["history"]["messages"]  # type: ignore[no-any-return]

    def add(self, message_id: str, parent: str, content: str) -> None:
        self.messages[message_id] = message(message_id, parent, content)
        self.messages[parent]["childrenIds"].append(message_id)
        self.chat["history"]["currentId"] = message_id

    def remove(self, message_id: str) -> None:
        gone = self.messages.pop(message_id)
        for child in gone["childrenIds"]:
            self.messages[child]["parentId"] = gone["parentId"]
        siblings = self.messages[gone["parentId"]]["childrenIds"]
        siblings.remove(message_id)
        siblings.extend(gone["childrenIds"])
        self.chat["history"]["currentId"] = gone["parentId"]

    def save(self) -> None:
        answer = self.person.post(self.path, {"chat": copy.deepcopy(self.chat)})
        assert answer.status_code == 200, answer.text


def stored(person: Person, chat_id: str) -> dict[str, Any]:
    return Tab(person, chat_id).messages


@pytest.fixture
def chat_id(new_chat: Any) -> str:
    return str(new_chat(message("q", None, "question"), message("a", "q", "answer"))["id"])


def test_messages_of_both_tabs_stay(person: Person, chat_id: str) -> None:
    one, two = Tab(person, chat_id), Tab(person, chat_id)
    one.add("q1", "a", "from one")
    one.save()
    two.add("q2", "a", "from two")
    two.save()
    one.save()
    now = stored(person, chat_id)
    assert set(now) == {"q", "a", "q1", "q2"}
    assert now["a"]["childrenIds"] == ["q1", "q2"]


def test_a_stale_copy_does_not_undo_an_edit(person: Person, chat_id: str) -> None:
    one, two = Tab(person, chat_id), Tab(person, chat_id)
    one.messages["a"]["content"] = "edited"
    one.save()
    two.add("q2", "a", "from two")
    two.save()
    now = stored(person, chat_id)
    assert now["a"]["content"] == "edited"
    assert "q2" in now


def test_a_tab_may_undo_its_own_edit(person: Person, chat_id: str) -> None:
    tab = Tab(person, chat_id)
    for content in ("edited", "answer"):
        tab.messages["a"]["content"] = content
        tab.save()
        assert stored(person, chat_id)["a"]["content"] == content


def test_deleting_in_one_tab_keeps_what_the_other_added_below(person: Person, chat_id: str) -> None:
    one, two = Tab(person, chat_id), Tab(person, chat_id)
    two.add("q2", "a", "below a")
    two.save()
    one.remove("a")
    one.save()
    now = stored(person, chat_id)
    assert set(now) == {"q", "q2"}
    assert now["q2"]["parentId"] == "q"
    assert now["q"]["childrenIds"] == ["q2"]


def test_a_deleted_message_does_not_delete_one_edited_meanwhile(person: Person, chat_id: str) -> None:
    one, two = Tab(person, chat_id), Tab(person, chat_id)
    two.messages["a"]["content"] = "edited in two"
    two.save()
    one.remove("a")
    one.save()
    assert stored(person, chat_id)["a"]["content"] == "edited in two"


def test_the_tab_that_made_a_chat_can_delete_in_it(person: Person) -> None:
    chat = chat_of(message("q", None, "question"), message("a", "q", ""))
    made = person.post("/api/v1/chats/new", {"chat": chat}).json()
    store.save_message(made["id"], {"id": "a", "content": "the answer", "done": True})
    del chat["history"]["messages"]["a"]
    chat["history"]["messages"]["q"]["childrenIds"] = []
    person.post(f"/api/v1/chats/{made['id']}", {"chat": chat})
    assert set(stored(person, made["id"])) == {"q"}


def test_a_tab_that_missed_the_end_of_an_answer_does_not_cut_it(person: Person, chat_id: str) -> None:
    store.save_message(chat_id, {"id": "b", "parentId": "q", "role": "assistant", "content": ""})
    tab = Tab(person, chat_id)
    store.save_message(chat_id, {"id": "b", "content": "one two three", "done": True, "usage": {"total_tokens": 3}})
    tab.messages["b"]["content"] = "one tw"
    tab.save()
    tab.messages["b"]["content"] = ""
    tab.save()
    now = stored(person, chat_id)["b"]
    assert (now["content"], now["usage"]) == ("one two three", {"total_tokens": 3})


def test_what_the_server_adds_to_an_answer_stays_when_a_client_saves_it_without(person: Person, chat_id: str) -> None:
    tab = Tab(person, chat_id)
    store.save_message(chat_id, {"id": "a", "reasoning_content": "hm", "usage": {"total_tokens": 9}})
    tab.messages["a"]["rating"] = 1
    tab.save()
    now = stored(person, chat_id)["a"]
    assert (now["reasoning_content"], now["usage"], now["rating"]) == ("hm", {"total_tokens": 9}, 1)


def test_many_writers_at_once_lose_nothing(person: Person, chat_id: str) -> None:
    def write(number: int) -> int:
        body = {"messages": {f"m{number}": message(f"m{number}", "a", str(number))}}
        return person.post(f"/api/v1/chats/{chat_id}/messages", body).status_code

    with ThreadPoolExecutor(6) as pool:
        assert set(pool.map(write, range(12))) == {200}
    now = stored(person, chat_id)
    assert {f"m{number}" for number in range(12)} <= set(now)
    assert len(now["a"]["childrenIds"]) == 12


def test_a_mark_of_a_tab_cannot_be_made_up_into_an_error(person: Person, chat_id: str) -> None:
    tab = Tab(person, chat_id)
    for mark in ("x", 5, "99999999999999999.zz", {}):
        tab.chat["history"]["read"] = mark
        tab.save()


def test_a_stock_tab_never_deletes_messages_that_another_client_saved_singly(person: Person) -> None:
    chat = chat_of(message("q", None, "question"), message("a", "q", "answer"))
    made = person.post("/api/v1/chats/new", {"chat": chat}).json()
    person.post(f"/api/v1/chats/{made['id']}/messages", {"messages": {"q2": message("q2", "a", "single")}})
    person.post(f"/api/v1/chats/{made['id']}", {"chat": chat})
    assert set(stored(person, made["id"])) == {"q", "a", "q2"}


def test_a_message_that_says_it_is_being_written_needs_no_index_to_be_left_alone(
    person: Person, chat_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = runs.Run("a", 1, chat_id, person.id)
    store.save_message(chat_id, {"id": "a", "run": {**run.reference(), "state": "running"}})
    assert runs.lease(run, "worker")
    monkeypatch.setattr(runs, "active_runs", lambda chat_id: [])
    tab = Tab(person, chat_id)
    tab.messages["a"]["content"] = "overwritten"
    tab.save()
    person.post(f"{tab.path}/messages", {"messages": {"a": {"content": "overwritten"}}})
    assert store.message(chat_id, "a")["content"] == "answer"  # type: ignore[index]
    runs.finish(run, "worker", "done")

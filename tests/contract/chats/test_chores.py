"""Changes to many chats at once: what a request has no time for is finished by rounds in the background."""

import json
from typing import Any

import pytest

from functions.timers.handler import handler
from shared.chats import chores, deletion, lists
from shared.chats.models import ChatHead, ChoreItem, partition
from shared.settings import settings
from tests.contract.chats.people import Person, keys
from tests.contract.chats.test_lists import fill

MANY = 300


@pytest.fixture
def no_time(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Requests have no time for chores; says how often they asked for a round in the background."""
    asked: list[bool] = []
    monkeypatch.setattr(chores, "REQUEST_SECONDS", -1.0)
    monkeypatch.setattr(chores, "later", lambda: asked.append(True))
    return asked


def a_round(monkeypatch: pytest.MonkeyPatch, seconds: float = 600.0) -> None:
    """A round of the timers function, which may touch what was left just now."""
    with monkeypatch.context() as patch:
        patch.setattr(chores, "UNTOUCHED_SECONDS", -2)
        patch.setattr(chores, "ROUND_SECONDS", seconds)
        record = {"messageId": "1", "body": json.dumps({"kind": "chores"})}
        assert handler({"Records": [record, record]}, None) == {"batchItemFailures": []}  # type: ignore[arg-type]


def listed(person: Person) -> list[str]:
    return [chat["id"] for chat in person.get("/api/v1/chats/?include_pinned=true&include_folders=true").json()]


def left_to_do(person: Person) -> list[str]:
    return [item.action for item in ChoreItem.query(f"CHORES#{person.id}", consistent_read=True)]


def test_all_chats_are_archived_and_come_back(
    person: Person, no_time: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(person.id, MANY)
    assert person.post("/api/v1/chats/archive/all").json() is True
    assert (no_time, left_to_do(person)) == ([True], ["archive"])
    a_round(monkeypatch)
    assert (listed(person), left_to_do(person)) == ([], [])
    (newest, *_) = lists.everything(person.id, ["archived"])
    assert newest.updated_at == 1_700_000_000 + MANY - 1, "it keeps its time"
    person.post("/api/v1/chats/unarchive/all")
    a_round(monkeypatch)
    assert len(listed(person)) == MANY


def test_chats_that_come_later_are_not_touched(
    person: Person, no_time: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(person.id, 3)
    person.delete("/api/v1/chats/")
    later = person.post("/api/v1/chats/new", {"chat": {"title": "later"}}).json()["id"]
    of_tomorrow = person.post("/api/v1/chats/new", {"chat": {"title": "of tomorrow"}}).json()["id"]
    for chat_id, seconds in ((later, 1), (of_tomorrow, 86_400)):
        head = ChatHead.get(partition(chat_id), "HEAD")
        head.created_at += seconds
        head.place()
        head.save()
    moment = chores.now() + 2
    monkeypatch.setattr(chores, "now", lambda: moment)
    a_round(monkeypatch)
    assert listed(person) == [later]


def test_a_deletion_of_all_goes_on_where_it_broke_off(
    person: Person, no_time: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(person.id, MANY)
    chats = listed(person)
    person.delete("/api/v1/chats/")

    def crash(*_: Any) -> bool:
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr(deletion, "purge", crash)
        patch.setattr(chores, "UNTOUCHED_SECONDS", -2)
        with pytest.raises(RuntimeError):
            chores.go_on(float("inf"))
    assert listed(person) == []
    deletion.finish_broken_off(limit=MANY, older_than=-2)
    assert [keys(settings().chats_table, f"CHAT#{chat_id}") for chat_id in chats] == [[]] * MANY


def test_a_round_without_time_asks_for_another(
    person: Person, no_time: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(person.id, 3)
    person.post("/api/v1/chats/archive/all")
    del no_time[:]
    a_round(monkeypatch, seconds=-1.0)
    assert no_time
    assert left_to_do(person) == ["archive"]
    a_round(monkeypatch)
    assert left_to_do(person) == []

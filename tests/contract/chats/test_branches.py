"""Deleting a message with all that follows on it: other branches stay, whatever interrupts."""

from typing import Any

import pytest

from shared import runs
from shared.chats import saving, store, writing
from shared.identity.permissions import PermissionsSection
from shared.runs import Run
from shared.sections import load, update
from shared.storage import objects
from tests.contract.chats.conftest import message
from tests.contract.chats.people import Person


@pytest.fixture
def chat(new_chat: Any) -> dict[str, Any]:
    """q, answered by a1 and a2; below a1: f1 and its answer g1; below a2: f2."""
    made: dict[str, Any] = new_chat(
        message("q", None, "q"),
        message("a1", "q", "a1"),
        message("a2", "q", "x" * 400_000),
        message("f1", "a1", "f1"),
        message("g1", "f1", "x" * 400_000),
        message("f2", "a2", "f2"),
    )
    return made


def left(person: Person, chat: Any) -> dict[str, str | None]:
    history = person.get(f"/api/v1/chats/{chat['id']}").json()["chat"]["history"]
    return {key: value["parentId"] for key, value in history["messages"].items()}


def delete(person: Person, chat: Any, message_id: str) -> Any:
    return person.delete(f"/api/v1/chats/{chat['id']}/messages/{message_id}")


def test_a_message_goes_with_what_follows_and_nothing_else(person: Person, chat: Any) -> None:
    answer = delete(person, chat, "a1")
    assert (answer.status_code, answer.json()["current_id"]) == (200, "f2")
    assert left(person, chat) == {"q": None, "a2": "q", "f2": "a2"}
    assert len(list(objects.keys(f"chats/{chat['id']}/"))) == 1
    assert delete(person, chat, "a1").status_code == 404
    person.post(f"/api/v1/chats/{chat['id']}/messages", {"messages": {}, "current_id": "q"})
    assert delete(person, chat, "f2").json()["current_id"] == "q"


def test_the_chat_opens_beside_what_is_gone_or_above_it(person: Person, chat: Any) -> None:
    assert delete(person, chat, "a2").json()["current_id"] == "g1"
    assert delete(person, chat, "f1").json()["current_id"] == "a1"
    assert delete(person, chat, "q").json()["current_id"] is None
    assert left(person, chat) == {}


def test_a_branch_that_is_being_written_stays(person: Person, chat: Any) -> None:
    run = Run("g1", 1, chat["id"], person.id)
    runs.announce(run)
    assert delete(person, chat, "a1").status_code == 409
    assert "Stop" in delete(person, chat, "a1").json()["detail"]
    assert delete(person, chat, "a2").status_code == 200
    assert set(left(person, chat)) == {"q", "a1", "f1", "g1"}


def test_what_breaks_off_leaves_a_tree(person: Person, chat: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "_ACTIONS", 1)
    original, calls = writing._transact, []

    def crash_late(*arguments: Any, **more: Any) -> None:
        if len(calls) == 2:
            raise RuntimeError
        calls.append(1)
        original(*arguments, **more)

    with monkeypatch.context() as patch:
        patch.setattr(writing, "_transact", crash_late)
        with pytest.raises(RuntimeError):
            saving.remove_subtree(chat["id"], "a1")
    assert left(person, chat) == {"q": None, "a1": "q", "a2": "q", "f2": "a2"}
    assert delete(person, chat, "a1").status_code == 200
    assert set(left(person, chat)) == {"q", "a2", "f2"}


def test_an_admin_can_switch_it_off(person: Person, chat: Any) -> None:
    before = load(PermissionsSection)

    def forbid(section: PermissionsSection) -> PermissionsSection:
        section.chat.delete_message = False
        return section

    update(PermissionsSection, forbid)
    try:
        assert delete(person, chat, "a1").status_code == 403
        assert store.message(chat["id"], "a1")
    finally:
        update(PermissionsSection, lambda _: before)

"""Deleting chats: nothing stays behind, whenever it breaks off."""

import base64
from collections.abc import Callable
from typing import Any

import pytest

from shared import files
from shared.chats import deletion, store
from shared.errors import NotFound
from shared.settings import settings
from shared.storage import objects
from tests.contract.chats.conftest import message
from tests.contract.chats.people import Person, keys

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8
DATA_URL = f"data:image/png;base64,{base64.b64encode(PNG).decode()}"


class Crash(Exception):
    """What a process that ends in the middle looks like from inside."""


@pytest.fixture
def full_chat(person: Person, new_chat: Callable[..., Any]) -> dict[str, Any]:
    """A chat with messages, one of them in S3, and an image."""
    chat: dict[str, Any] = new_chat(
        message("q", None, "look", files=[{"type": "image", "url": DATA_URL}]), message("a", "q", "x" * 400_000)
    )
    return chat


def leftovers(person: Person, chat_id: str) -> list[str]:
    return [
        *keys(settings().chats_table, f"CHAT#{chat_id}"),
        *objects.keys(f"chats/{chat_id}/"),
        *objects.keys(f"files/{person.id}/"),
        *(item.file_id for item in files.of_user(person.id)),
    ]


def test_deleting_leaves_nothing(person: Person, full_chat: dict[str, Any]) -> None:
    assert len(leftovers(person, full_chat["id"])) == 7
    assert person.delete(f"/api/v1/chats/{full_chat['id']}").json() is True
    assert leftovers(person, full_chat["id"]) == []
    assert person.delete(f"/api/v1/chats/{full_chat['id']}").status_code == 404


@pytest.mark.parametrize(
    "step", ["shared.files.release", "shared.storage.objects.keys", "shared.chats.deletion._delete"]
)
def test_what_broke_off_is_invisible_and_finished_by_a_later_deletion(
    person: Person, full_chat: dict[str, Any], new_chat: Any, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    chat_id = full_chat["id"]

    def crash(*_: object, **__: object) -> None:
        raise Crash

    head = store.head(chat_id)
    with monkeypatch.context() as patch:
        patch.setattr(step, crash)
        with pytest.raises(Crash):
            deletion.delete(head)

    assert person.get(f"/api/v1/chats/{chat_id}").status_code == 404
    assert person.get("/api/v1/chats/").json() == []
    assert person.post(f"/api/v1/chats/{chat_id}/messages", {"messages": {}}).status_code == 404
    with pytest.raises(NotFound):
        store.save_message(chat_id, {"id": "late", "parentId": "q", "content": "too late"})

    deletion.finish_broken_off(limit=100, older_than=-1)
    assert leftovers(person, chat_id) == []


def test_a_write_that_meets_a_deletion_leaves_nothing(
    person: Person, full_chat: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    chat_id, original = full_chat["id"], store.bodies.put

    def delete_first(bodies: dict[str, bytes]) -> None:
        original(bodies)
        deletion.delete(store.head(chat_id))
        original(bodies)

    monkeypatch.setattr("shared.chats.bodies.put", delete_first)
    with pytest.raises(NotFound):
        store.save_message(chat_id, {"id": "late", "parentId": "q", "content": "y" * 400_000})
    assert leftovers(person, chat_id) == []


def test_all_chats_of_a_person_are_deleted_and_no_others(person: Person, other: Person, new_chat: Any) -> None:
    for _ in range(3):
        new_chat(message("q", None, "x"))
    pinned = new_chat(message("q", None, "x"))
    person.post(f"/api/v1/chats/{pinned['id']}/pin")
    kept = other.post("/api/v1/chats/new", {"chat": {}}).json()
    assert person.delete("/api/v1/chats/").json() is True
    assert person.get("/api/v1/chats/?include_pinned=true").json() == []
    assert other.get(f"/api/v1/chats/{kept['id']}").status_code == 200


def test_what_time_did_not_suffice_for_is_invisible_at_once(
    person: Person, new_chat: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    chat = new_chat(message("q", None, "x"))
    monkeypatch.setattr(deletion, "purge_all", lambda *_: False)
    assert person.delete("/api/v1/chats/").json() is True
    assert person.get(f"/api/v1/chats/{chat['id']}").status_code == 404
    deletion.finish_broken_off(limit=100, older_than=-1)
    assert keys(settings().chats_table, f"CHAT#{chat['id']}") == []

"""One chat from elsewhere, and all chats at once."""

import gzip
import json
from typing import Any

import httpx
import pytest

from shared import delivery, sections
from shared.identity.models import UserItem
from shared.interface import InterfaceSection
from tests.contract.chats.conftest import chat_of, message
from tests.contract.chats.people import Person

PIXEL = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk"
    "YPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
)


def test_a_chat_from_elsewhere_keeps_what_it_was(person: Person) -> None:
    chat = chat_of(message("q", content=f"Look ![it]({PIXEL})"), message("a", "q", "Nice", rating=1), params={"x": 1})
    form = {"chat": chat, "meta": {"tags": ["my_tag"], "more": 2}, "pinned": True, "created_at": 1600000000}
    made = person.post("/api/v1/chats/import", form | {"updated_at": 1600000100}).json()
    assert (made["created_at"], made["updated_at"], made["pinned"]) == (1600000000, 1600000100, True)
    assert made["meta"] == {"tags": ["my_tag"], "more": 2}
    read = person.get(f"/api/v1/chats/{made['id']}").json()
    messages = read["chat"]["history"]["messages"]
    assert read["chat"]["params"] == {"x": 1}
    assert messages["a"]["rating"] == 1
    assert "/api/v1/files/" in messages["q"]["content"], "the image is a file now"
    assert [each["id"] for each in person.get("/api/v1/chats/pinned").json()] == [made["id"]]


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"chat": []},
        {"chat": {"history": {"messages": []}}},
        {"chat": {}, "pinned": "perhaps"},
        {"chat": {}, "created_at": 10**13},
    ],
)
def test_what_is_no_chat_is_refused(person: Person, form: dict[str, Any]) -> None:
    answer = person.post("/api/v1/chats/import", form)
    assert answer.status_code in (400, 422)
    assert answer.json()["detail"]


def test_all_chats_come_whole_with_archived_ones(person: Person, other: Person) -> None:
    ids = []
    for number in range(30):
        chat = chat_of(message("q", content=f"Question {number}"), message("a", "q", "Answer"))
        ids.append(person.post("/api/v1/chats/new", {"chat": chat}).json()["id"])
    other.post("/api/v1/chats/new", {"chat": chat_of(message("q", content="Not theirs"))})
    person.post(f"/api/v1/chats/{ids[0]}/archive")
    found = person.get("/api/v1/chats/all").json()
    assert sorted(chat["id"] for chat in found) == sorted(ids)
    assert all(len(chat["chat"]["history"]["messages"]) == 2 for chat in found)
    assert [chat["id"] for chat in person.get("/api/v1/chats/all/archived").json()] == [ids[0]]


@pytest.mark.parametrize("encoding", ["gzip", "identity"])
def test_more_than_an_answer_may_have_is_read_from_s3(
    person: Person, monkeypatch: pytest.MonkeyPatch, encoding: str
) -> None:
    for number in range(3):
        person.post("/api/v1/chats/new", {"chat": chat_of(message("q", content=f"{number}" * 5000))})
    monkeypatch.setattr(delivery, "RESPONSE_BYTES", 100)
    monkeypatch.setattr(delivery, "PLAIN_BYTES", 100)
    answer = person.get("/api/v1/chats/all", headers={"accept-encoding": encoding})
    assert answer.status_code == 307
    raw = httpx.get(answer.headers["location"]).content
    chats = json.loads(gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw)
    assert len(chats) == 3


def test_an_admin_reads_the_chats_of_everybody_unless_that_is_switched_off(person: Person, admin: Person) -> None:
    made = person.post("/api/v1/chats/new", {"chat": chat_of(message("q", content="Mine"))}).json()
    assert person.get("/api/v1/chats/all/db").status_code == 403
    sections.update(InterfaceSection, lambda section: section.model_copy(update={"enable_admin_export": False}))
    try:
        refused = admin.get("/api/v1/chats/all/db")
        assert (refused.status_code, "switched off" in refused.json()["detail"]) == (400, True)
    finally:
        sections.update(InterfaceSection, lambda section: section.model_copy(update={"enable_admin_export": True}))
    listed = [UserItem.gsi1pk.set("USERS#3"), UserItem.gsi1sk.set(f"000000000001#{person.id}")]
    UserItem.get(*UserItem.key(person.id)).update(listed)
    assert [chat["id"] for chat in admin.get("/api/v1/chats/all/db").json()] == [made["id"]]

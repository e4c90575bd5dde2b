"""Long chats and long messages: 5,000 messages, 20 MB of text, one message over an item's size."""

import gzip
import json
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from shared.chats import reading, store
from shared.settings import settings
from shared.storage import objects
from shared.storage.aws import dynamodb
from tests.contract.chats.conftest import chat_of, message
from tests.contract.chats.people import Person, counted

# Text that does not shrink much, as real conversations of many megabytes do not.
WORDS = [f"{number * 2654435761 % 2**32:08x}" for number in range(40_000)]


def text(seed: int, size: int) -> str:
    """`size` characters that differ by seed."""
    count = size // 9 + 1
    return " ".join(WORDS[(seed * 7919 + number * (seed % 97 + 1)) % len(WORDS)] for number in range(count))[:size]


def add(person: Person, chat_id: str, messages: list[dict[str, Any]]) -> None:
    form = {"messages": {each["id"]: each for each in messages}, "current_id": messages[-1]["id"]}
    answer = person.post(f"/api/v1/chats/{chat_id}/messages", form)
    assert answer.status_code == 200, answer.text


def linear(count: int, size: int) -> list[dict[str, Any]]:
    return [
        message(f"{number:08x}", f"{number - 1:08x}" if number else None, text(number, size)) for number in range(count)
    ]


@pytest.mark.timeout(240)
def test_5000_messages_are_created_opened_and_continued(person: Person) -> None:
    messages = linear(5_000, 60)
    created = person.post("/api/v1/chats/new", {"chat": chat_of(*messages)})
    assert created.status_code == 200
    chat_id = created.json()["id"]
    add(person, chat_id, [message("next", messages[-1]["id"], "go on")])

    read = person.get(f"/api/v1/chats/{chat_id}")
    assert read.status_code == 200
    assert read.headers["content-encoding"] == "gzip"
    history = read.json()["chat"]["history"]
    assert len(history["messages"]) == 5_001
    assert history["messages"][messages[2_500]["id"]]["content"] == messages[2_500]["content"]
    assert history["currentId"] == "next"
    assert len(store.branch(chat_id, "next")) == 5_001

    with counted(settings().chats_table) as calls:
        chat = read.json()["chat"]
        chat["history"]["messages"]["next"]["content"] = "changed"
        saved = person.post(f"/api/v1/chats/{chat_id}?minimal=true", {"chat": chat})
    assert saved.status_code == 200
    assert calls.names.count("TransactWriteItems") == 1


@pytest.mark.timeout(240)
def test_20_mb_are_created_opened_and_continued(person: Person) -> None:
    messages = linear(200, 105_000)
    chat_id = person.post("/api/v1/chats/new", {"chat": chat_of()}).json()["id"]
    for start in range(0, len(messages), 36):
        add(person, chat_id, messages[start : start + 36])

    answer = person.get(f"/api/v1/chats/{chat_id}")
    assert answer.status_code == 307
    with httpx.Client() as browser:
        read = browser.get(answer.headers["location"])
    assert read.headers["content-encoding"] == "gzip"
    got = read.json()["chat"]["history"]
    assert {key: each["content"] for key, each in got["messages"].items()} == {
        each["id"]: each["content"] for each in messages
    }

    add(person, chat_id, [message("next", messages[-1]["id"], "go on")])
    assert [each["id"] for each in store.branch(chat_id, "next")] == [*(each["id"] for each in messages), "next"]
    renamed = person.post(f"/api/v1/chats/{chat_id}", {"chat": {"title": "Long"}})
    assert (renamed.status_code, renamed.headers["location"]) == (303, f"/api/v1/chats/{chat_id}")


def test_the_object_of_a_redirect_is_compressed_json(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.delivery.RESPONSE_BYTES", 500)
    chat_id = person.post("/api/v1/chats/new", {"chat": {}}).json()["id"]
    add(person, chat_id, linear(10, 5_000))
    location = person.get(f"/api/v1/chats/{chat_id}").headers["location"]
    key = urlsplit(location).path.split("/", 2)[2]
    assert key.startswith("responses/")
    assert json.loads(gzip.decompress(objects.get(key)))["id"] == chat_id


def test_a_message_over_300_kb_lies_in_s3_and_is_replaced_there(person: Person, new_chat: Any) -> None:
    chat_id = new_chat(message("q", None, "x"))["id"]
    for size in (900_000, 500_000):
        add(person, chat_id, [message("a", "q", text(size, size))])
        item = reading.some(chat_id, ["a"])["a"]
        assert item.body is None
        assert list(objects.keys(f"chats/{chat_id}/")) == [item.body_key]
        assert person.get(f"/api/v1/chats/{chat_id}/messages/a").json()["content"] == text(size, size)
        assert store.branch(chat_id, "a")[-1]["content"] == text(size, size)
    add(person, chat_id, [message("a", "q", "small")])
    assert list(objects.keys(f"chats/{chat_id}/")) == []
    assert person.get(f"/api/v1/chats/{chat_id}/messages/a").json()["content"] == "small"


def test_large_fields_of_a_chat_lie_in_s3(person: Person) -> None:
    big = {"system": "s" * 500_000}
    chat = person.post("/api/v1/chats/new", {"chat": {**chat_of(), "params": big}}).json()
    assert person.get(f"/api/v1/chats/{chat['id']}").json()["chat"]["params"] == big
    person.post(f"/api/v1/chats/{chat['id']}", {"chat": {"params": {"system": "short"}}})
    assert person.get(f"/api/v1/chats/{chat['id']}").json()["chat"]["params"] == {"system": "short"}
    assert list(objects.keys(f"chats/{chat['id']}/")) == []


def test_keys_that_dynamodb_left_unprocessed_are_asked_for_again(
    new_chat: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    chat_id = new_chat(*linear(6, 10))["id"]
    original = dynamodb().batch_get_item

    def half(**request: Any) -> Any:
        (table,) = request["RequestItems"]
        wanted = request["RequestItems"][table]["Keys"]
        now, later = wanted[: (len(wanted) + 1) // 2], wanted[(len(wanted) + 1) // 2 :]
        answer = original(RequestItems={table: {"Keys": now, "ConsistentRead": True}})
        return {**answer, "UnprocessedKeys": {table: {"Keys": later}} if later else {}}

    monkeypatch.setattr(dynamodb(), "batch_get_item", half)
    assert len(reading.some(chat_id, [f"{number:08x}" for number in range(6)])) == 6

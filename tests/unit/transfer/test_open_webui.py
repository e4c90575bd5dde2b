"""Chats as Open WebUI exports them, in all their shapes."""

from typing import Any

import pytest

from functions.transfer import formats
from functions.transfer.incoming import name_of, parsed, seconds
from shared.errors import Invalid

HISTORY = {
    "currentId": "a2",
    "messages": {
        "q": {"id": "q", "parentId": None, "childrenIds": ["a1", "a2"], "role": "user", "content": "Hi",
              "models": ["m1", "m2"]},
        "a1": {"id": "a1", "parentId": "q", "childrenIds": [], "role": "assistant", "content": "One", "model": "m1",
               "modelIdx": 0},
        "a2": {"id": "a2", "parentId": "q", "childrenIds": [], "role": "assistant", "content": "Two", "model": "m2",
               "modelIdx": 1, "something": {"of": "theirs"}},
    },
}  # fmt: skip


def test_a_chat_of_two_models_with_all_that_belongs_to_it() -> None:
    name, incoming = formats.convert(
        {
            "id": "chat-1",
            "user_id": "somebody",
            "title": "Two models",
            "chat": {"title": "Two models", "models": ["m1", "m2"], "history": HISTORY, "files": [], "unknown": 1},
            "updated_at": 1700000100,
            "created_at": 1700000000,
            "share_id": "shared",
            "archived": True,
            "pinned": None,
            "meta": {"tags": ["one"]},
            "folder_id": "folder-1",
        }
    )
    assert name == "Open WebUI"
    messages = incoming.parts.messages or {}
    assert {key: message["model"] for key, message in messages.items() if key != "q"} == {"a1": "m1", "a2": "m2"}
    assert messages["a2"]["something"] == {"of": "theirs"}
    assert incoming.parts.fields == {"models": ["m1", "m2"], "files": [], "unknown": 1}
    assert incoming.parts.current_id == "a2"
    assert (incoming.source_id, incoming.folder_id, incoming.meta) == ("chat-1", "folder-1", {"tags": ["one"]})
    assert (incoming.archived, incoming.pinned) == (True, False)
    assert (incoming.created_at, incoming.updated_at) == (1700000000, 1700000100)


@pytest.mark.parametrize(
    "value",
    [
        {"title": "Bare", "history": HISTORY, "timestamp": 1700000000123},
        {"chat": {"title": "Bare", "history": HISTORY, "timestamp": 1700000000123}},
        {"title": "Bare", "chat": {"history": HISTORY, "timestamp": 1700000000123}},
    ],
)
def test_a_chat_on_its_own_has_its_time_in_milliseconds(value: dict[str, Any]) -> None:
    _, incoming = formats.convert(value)
    assert (incoming.parts.title, incoming.created_at) == ("Bare", 1700000000)
    assert len(incoming.parts.messages or {}) == 3


def test_messages_in_a_row_become_a_branch() -> None:
    linear = [{"id": "1", "role": "user", "content": "Q"}, {"role": "assistant", "content": [{"text": "A"}]}]
    _, incoming = formats.convert({"chat": {"messages": linear}})
    messages = list((incoming.parts.messages or {}).values())
    assert [message["parentId"] for message in messages] == [None, "1"]


def test_without_an_id_the_content_tells_chats_apart() -> None:
    _, first = formats.convert({"history": HISTORY, "title": "A"})
    _, same = formats.convert({"title": "A", "history": HISTORY})
    _, other = formats.convert({"history": HISTORY, "title": "B"})
    assert first.chat_id("ada") == same.chat_id("ada") != other.chat_id("ada")


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ({}, "neither"),
        ({"chat": "text"}, "neither"),
        ({"uuid": "of another product", "chat_messages": []}, "neither"),
        ({"chat": {}}, "no messages"),
        ({"chat": {"history": {"messages": {"a": 1}}}}, "not an object"),
        ({"chat": {"history": []}}, "not an object"),
    ],
)
def test_what_is_no_chat_says_why(value: dict[str, Any], reason: str) -> None:
    with pytest.raises(Invalid, match=reason):
        formats.convert(value)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (1700000000, 1700000000),
        (1700000000.9, 1700000000),
        (1700000000123, 1700000000),
        (1700000000123456789, 1700000000),
        (0, None),
        (-5, None),
        (True, None),
        ("1700000000", None),
        (None, None),
        (float("inf"), None),
        (float("nan"), None),
    ],
)
def test_times_are_seconds_whatever_they_were(given: object, expected: int | None) -> None:
    assert seconds(given) == expected


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        (b'{"title": "My \\u00e9 chat", "x": [', "My é chat"),
        (b'{"x": 1}', "No. 7"),
        (b'{"title": "  "}', "No. 7"),
        (b'{"title": "bad \\q escape"}', "bad \\q escape"),
        (b'{"title": "half \\ud83d emoji"}', "half ? emoji"),
    ],
)
def test_a_broken_chat_has_a_name(raw: bytes, name: str) -> None:
    assert name_of(raw, 7) == name


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"[1]", "not an object"),
        (b"{]", "not valid JSON"),
        (b'{"a": "\xff"}', "not UTF-8"),
        (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "nested too deeply"),
    ],
)
def test_an_element_that_cannot_be_read_says_why(raw: bytes, reason: str) -> None:
    with pytest.raises(Invalid, match=reason):
        parsed(raw)

"""Searching chats: what is found, by whom, and in which order."""

import time
from typing import Any

import pytest

from shared import runs
from shared.chats import store
from shared.runs import Run
from tests.contract.chats.people import Person
from tests.contract.search.conftest import Index, found, hits, message, new_chat, texts_of


def test_words_of_titles_and_messages_are_found_with_where_they_are(person: Person, index: Index) -> None:
    chat_id = new_chat(person, "How do I pickle a cucumber?", "With vinegar and dill.", title="Résumé of a kitchen")
    new_chat(person, "Something else")
    index.deliver()
    (hit,) = hits(person, "VINEGAR")
    assert (hit["id"], hit["title"]) == (chat_id, "Résumé of a kitchen")
    assert (hit["message_id"], hit["snippet"]) == ("m1", "With vinegar and dill.")
    assert {"updated_at", "created_at"} <= set(hit)
    (hit,) = hits(person, "resume")
    assert (hit["id"], hit["message_id"], hit["snippet"]) == (chat_id, None, "")
    for text in ("cucumber dill", '"vinegar and dill"', "ucumb", "pickle kitchen"):
        assert found(person, text) == [chat_id], text
    for text in ('"dill and vinegar"', "cucumber something", "absent", "???"):
        assert found(person, text) == [], text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("明日の東京の天気は？", ["東京", "天気", "明日の", "は"]),
        ("학교에서 만나요", ["학교", "만나요"]),
        ("ขอบคุณมากครับ", ["มาก", "ขอบคุณ"]),
        ("Спасибо большое", ["спасибо"]),
        ("شكرا جزيلا", ["جزيل"]),
    ],
)
def test_other_scripts_are_found(person: Person, index: Index, text: str, words: list[str]) -> None:
    chat_id = new_chat(person, "first", text)
    index.deliver()
    for word in words:
        assert found(person, word) == [chat_id], word


def test_nobody_finds_what_is_another_persons(person: Person, other: Person, index: Index) -> None:
    new_chat(person, "private words")
    mine = new_chat(other, "my words")
    index.deliver()
    assert found(other, "private") == []
    assert found(other, "words") == [mine]


def test_a_deleted_chat_is_gone_at_once_and_soon_from_the_index(person: Person, index: Index) -> None:
    chat_id = new_chat(person, "forget me")
    kept = new_chat(person, "remember me")
    index.deliver()
    assert found(person, "me") == [kept, chat_id] or found(person, "me") == [chat_id, kept]
    assert person.delete(f"/api/v1/chats/{chat_id}").json() is True
    assert found(person, "forget") == []
    index.deliver()
    assert "forget me" not in texts_of(person)
    assert found(person, "remember") == [kept]


def test_a_changed_or_removed_message_is_found_by_what_it_says_now(person: Person, index: Index, small: None) -> None:
    chat_id = new_chat(person, "question one", "an apple", "a pear")
    index.deliver()
    person.post(f"/api/v1/chats/{chat_id}/messages/m1", {"content": "a cherry"})
    index.deliver()
    person.post(f"/api/v1/chats/{chat_id}/messages", {"messages": {}, "remove": ["m2"]})
    index.deliver()
    assert found(person, "apple") == found(person, "pear") == []
    assert found(person, "cherry") == found(person, "question cherry") == [chat_id]


def test_a_new_title_counts(person: Person, index: Index, small: None) -> None:
    chat_id = new_chat(person, "text", title="Before")
    index.deliver()
    store.set_title(chat_id, "After")
    index.deliver()
    assert found(person, "before") == []
    assert found(person, "after") == [chat_id]


def test_an_answer_is_indexed_when_it_has_ended(person: Person, index: Index) -> None:
    chat_id = new_chat(person, "question", "")
    index.deliver()
    run = Run("m1", 1, chat_id, person.id, state="running")
    runs.lease(run, "worker")
    store.save_message(chat_id, {"id": "m1", "role": "assistant", "content": "half", "run": run.reference()})
    assert index.hear() == []
    ended = {**run.reference(), "state": "done"}
    store.save_message(chat_id, {"id": "m1", "content": "the whole answer", "run": ended})
    assert index.hear() == [{"user_id": person.id, "chats": {chat_id: ["m1"]}}]
    index.write({"user_id": person.id, "chats": {chat_id: ["m1"]}})
    assert found(person, "whole answer") == [chat_id]


def test_what_a_search_does_not_look_at_is_not_indexed_anew(person: Person, index: Index) -> None:
    chat_id = new_chat(person, "text")
    index.deliver()
    person.post(f"/api/v1/chats/{chat_id}", {"chat": {"params": {"temperature": 1}}})
    assert index.hear() == []


def test_long_bodies_and_parts_are_searched(person: Person, index: Index) -> None:
    parts = [{"type": "text", "text": "partly cloudy"}, {"type": "other"}]
    chat_id = new_chat(person, "x" * 400_000 + " needle")
    person.post(f"/api/v1/chats/{chat_id}/messages", {"messages": {"p": message("p", "m0", parts)}})  # type: ignore[arg-type]
    index.deliver()
    assert found(person, "needle cloudy") == [chat_id]


def flagged(person: Person) -> dict[str, str]:
    """Chats about cats, each with something of its own."""
    made: dict[str, Any] = {
        name: new_chat(person, "cats") for name in ("plain", "pinned", "archived", "shared", "tagged")
    }
    person.post(f"/api/v1/chats/{made['pinned']}/pin")
    person.post(f"/api/v1/chats/{made['archived']}/archive")
    person.post(f"/api/v1/chats/{made['shared']}/share")
    person.post(f"/api/v1/chats/{made['tagged']}/tags", {"name": "Big Cats"})
    folder = person.post("/api/v1/folders/", {"name": "Great Work"}).json()["id"]
    below = person.post("/api/v1/folders/", {"name": "Below", "parent_id": folder}).json()["id"]
    person.post(f"/api/v1/folders/{below}/update/parent", {"parent_id": folder})
    made["folder"] = new_chat(person, "cats", folder_id=folder)
    made["below"] = new_chat(person, "cats", folder_id=below)
    return made


@pytest.mark.parametrize("words", ["cats ", ""])
def test_prefixes_narrow_a_search(person: Person, index: Index, words: str) -> None:
    made = flagged(person)
    index.deliver()
    names = {chat_id: name for name, chat_id in made.items()}
    all_but_archived = set(made) - {"archived"}
    for prefix, expected in {
        "pinned:true": {"pinned"},
        "pinned:false": all_but_archived - {"pinned"},
        "archived:true": {"archived"},
        "archived:false": all_but_archived,
        "shared:true": {"shared"},
        "shared:false": all_but_archived - {"shared"},
        "tag:big_cats": {"tagged"},
        "tag:Big_Cats pinned:true": set(),
        "tag:none": all_but_archived - {"tagged"},
        "folder:great_work": {"folder", "below"},
        'folder:"great work"': {"folder", "below"},
        "folder:BELOW": {"below"},
        "folder:nowhere": set(),
    }.items():
        assert {names[chat_id] for chat_id in found(person, words + prefix)} == expected, prefix


def test_a_flag_counts_as_the_table_has_it(person: Person, index: Index) -> None:
    chat_id = new_chat(person, "cats")
    index.deliver()
    person.post(f"/api/v1/chats/{chat_id}/archive")
    assert found(person, "cats") == []


def test_an_empty_search_lists_all_chats(person: Person, index: Index) -> None:
    chat_id = new_chat(person, "cats")
    assert found(person, "  ") == [chat_id]


def test_pages_are_of_sixty_last_changed_first(person: Person, index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.chats.lists.PAGE", 3)
    base = int(time.time())
    made = []
    for number in range(7):
        monkeypatch.setattr("shared.chats.saving.now", lambda number=number: base + number)
        monkeypatch.setattr("shared.chats.writing.now", lambda number=number: base + number)
        made.append(new_chat(person, "common word"))
    index.deliver()
    pages = [found(person, "common", page=page) for page in (1, 2, 3, 4)]
    assert pages == [made[:3:-1], made[3:0:-1], made[:1], []]


def test_a_search_needs_its_text(person: Person) -> None:
    assert person.get("/api/v1/chats/search").status_code == 422
    assert person.get("/api/v1/chats/search", params={"text": "a", "page": 0}).status_code == 422
    assert person.get("/api/v1/chats/search", params={"text": "\x00 \ud7ff \" ' * ( ) - ^ : AND OR NEAR"}).json() == []

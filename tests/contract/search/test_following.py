"""What chat_changes does with the stream: it indexes at once, and leaves to chat_index what may take long or fails."""

from typing import Any

import pytest

from functions.chat_index import changes, merging, sources
from shared.chats.search import shelf as shelves
from shared.shelves import shelf as all_shelves
from shared.storage import objects
from tests.contract.chats.people import Person
from tests.contract.search.conftest import Index, crash, found, new_chat, shelf_of, texts_of


@pytest.fixture
def begun(person: Person, index: Index) -> str:
    """A chat that is indexed."""
    chat_id = new_chat(person, "the beginning")
    index.deliver()
    return chat_id


@pytest.mark.usefixtures("begun")
def test_what_is_written_is_indexed_at_once(person: Person, index: Index) -> None:
    shards = len(shelf_of(person).entries)
    chats = {new_chat(person, f"words {number}", "and more") for number in range(3)}
    assert index.follow() == []
    assert set(found(person, "words more")) == chats
    assert len(shelf_of(person).entries) == shards


def test_who_has_no_shelf_gets_one_that_is_filled_in_the_background(person: Person, index: Index) -> None:
    earlier = new_chat(person, "words before")
    index.records()
    chat_id, gone = new_chat(person, "words now"), new_chat(person, "words for nothing")
    person.delete(f"/api/v1/chats/{gone}")
    (left,) = index.follow()
    assert (left["user_id"], left["rebuild"]) == (person.id, True)
    assert found(person, "words") == [chat_id]
    later = new_chat(person, "words afterwards")
    assert index.follow() == []
    index.write(left)
    assert set(found(person, "words")) == {earlier, chat_id, later}
    assert shelf_of(person).building == ""


def test_nothing_is_begun_for_chats_that_are_gone(person: Person, index: Index) -> None:
    chat_id = new_chat(person, "gone")
    person.delete(f"/api/v1/chats/{chat_id}")
    assert index.follow() == []
    assert shelves.load(person.id) is None


def test_a_lost_shard_is_built_again_in_the_background(person: Person, index: Index, begun: str) -> None:
    objects.delete(*(shelf_of(person).key(entry) for entry in shelf_of(person).entries))
    chat_id = new_chat(person, "afterwards")
    left = index.follow()
    assert left == [{"user_id": person.id, "rebuild": True, "run": ""}]
    assert found(person, "afterwards") == [chat_id]
    index.write(*left)
    assert (found(person, "beginning"), found(person, "afterwards")) == ([begun], [chat_id])


@pytest.mark.usefixtures("begun")
def test_who_cannot_be_indexed_holds_up_nobody(
    person: Person, other: Person, index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    new_chat(other, "the beginning")
    index.deliver()
    failing, fine = new_chat(person, "words"), new_chat(other, "words")
    read = sources.read

    def reading(user_id: str, chats: Any) -> Any:
        return crash() if user_id == person.id else read(user_id, chats)

    with monkeypatch.context() as failure:
        failure.setattr(sources, "read", reading)
        left = index.follow()
    assert left == [{"user_id": person.id, "chats": {failing: ["m0"]}}]
    assert (found(person, "words"), found(other, "words")) == ([], [fine])
    index.write(*left)
    assert found(person, "words") == [failing]


@pytest.mark.usefixtures("begun")
@pytest.mark.parametrize("milliseconds", [900_000, 1000])
def test_who_is_never_first_or_has_no_time_is_left(
    person: Person, index: Index, monkeypatch: pytest.MonkeyPatch, milliseconds: int
) -> None:
    chat_id = new_chat(person, "patience")
    with monkeypatch.context() as busy:
        busy.setattr(all_shelves.time, "sleep", lambda _: None)
        busy.setattr(shelves, "save", lambda shelf: (_ for _ in ()).throw(shelves.Moved))
        index.context.milliseconds = milliseconds
        left = index.follow()
    assert left == [{"user_id": person.id, "chats": {chat_id: ["m0"]}}]
    index.context.milliseconds = 900_000
    index.write(*left)
    assert found(person, "patience") == [chat_id]


@pytest.mark.usefixtures("small")
def test_taking_out_of_older_shards_is_left(person: Person, index: Index) -> None:
    gone, changed = new_chat(person, "gone with the wind"), new_chat(person, "one word", "another word")
    index.deliver()
    new_chat(person, "on top of them")
    assert index.follow() == []
    person.delete(f"/api/v1/chats/{gone}")
    person.post(f"/api/v1/chats/{changed}/messages", {"messages": {}, "remove": ["m1"]})
    left = index.follow()
    assert left == [{"user_id": person.id, "void": {gone: None, changed: ["m1"]}}]
    assert (found(person, "wind"), found(person, "another")) == ([], [])
    index.write(*left)
    assert texts_of(person).isdisjoint({"gone with the wind", "another word"})
    assert found(person, "one word") == [changed]


@pytest.mark.usefixtures("small")
def test_many_shards_are_left_to_be_merged(person: Person, index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(merging, "RUN", 4)
    new_chat(person, "words")
    index.deliver()
    left = []
    for _ in range(2):
        new_chat(person, "words")
        left.append(index.follow())
    assert left == [[], [{"user_id": person.id}]]
    index.write(*left[1])
    assert len(shelf_of(person).entries) == 1
    assert len(found(person, "words")) == 3


def test_what_is_left_goes_into_events_of_a_size_that_lambda_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changes, "_IN_ONE_EVENT", 3)
    chats = {"a": ["1"], "b": None, "c": ["1", "2", "3", "4"], "d": [], "e": ["1", "2"]}
    parts = list(changes._in_events(chats))
    assert parts == [
        {"a": ["1"], "b": None},
        {"c": ["1", "2", "3"]},
        {"c": ["4"], "d": []},
        {"e": ["1", "2"]},
    ]
    assert list(changes._in_events({})) == [{}]

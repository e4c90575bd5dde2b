"""Writers of one shelf: two at once, one that dies, a shard that is lost, building all again. Nothing is lost."""

from collections.abc import Callable
from typing import Any

import pytest

from functions.chat_index import merging, rebuilding, writing
from shared.chats.search import shelf as shelves
from shared.shelves import shelf as all_shelves
from shared.storage import objects
from tests.contract.chats.people import Person
from tests.contract.search.conftest import Crash, Index, crash, found, new_chat, shelf_of, texts_of


def stored(person: Person) -> set[str]:
    """The objects of a person's shelf."""
    return set(objects.keys(shelves.prefix(person.id)))


def before(module: Any, name: str, what: Callable[[], None], monkeypatch: pytest.MonkeyPatch) -> None:
    """Has something happen once, just before a function is called."""
    original, left = getattr(module, name), [what]

    def first(*arguments: Any, **named: Any) -> Any:
        if left:
            left.pop()()
        return original(*arguments, **named)

    monkeypatch.setattr(module, name, first)


@pytest.fixture
def begun(person: Person, index: Index) -> str:
    """A chat that is indexed."""
    chat_id = new_chat(person, "the beginning")
    index.deliver()
    return chat_id


@pytest.mark.parametrize("step", ["put", "save"])
def test_of_two_writers_at_once_neither_loses_anything(
    person: Person, index: Index, begun: str, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    one = new_chat(person, "from one")
    first, two = index.hear(), new_chat(person, "from two")
    before(shelves, step, lambda: left.extend(index.follow()), monkeypatch)
    left: list[dict[str, Any]] = []
    index.write(*first)
    assert left == []
    assert set(found(person, "from")) == {one, two}
    assert found(person, "beginning") == [begun]
    assert len(stored(person)) == len(shelf_of(person).entries) + 1


def test_a_late_writer_does_not_put_back_what_has_changed_since_it_read(
    person: Person, index: Index, begun: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    person.post(f"/api/v1/chats/{begun}/messages/m0", {"content": "the middle"})
    asked = index.hear()

    def change() -> None:
        person.post(f"/api/v1/chats/{begun}/messages/m0", {"content": "the end"})
        index.write(*index.hear())

    before(shelves, "put", change, monkeypatch)
    index.write(*asked)
    assert found(person, "middle") == []
    assert found(person, "beginning") == []
    assert found(person, "end") == [begun]


@pytest.mark.parametrize("step", ["sources.read", "shelves.put", "shelves.save", "shelves.drop"])
def test_a_writer_that_dies_has_changed_nothing_or_everything(
    person: Person, index: Index, begun: str, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    chat_id = new_chat(person, "said once")
    asked = index.hear()
    with monkeypatch.context() as dying:
        module, _, name = step.partition(".")
        dying.setattr(getattr(writing, module), name, crash)
        with pytest.raises(Crash):
            index.write(*asked)
    assert found(person, "beginning") == [begun]
    index.write(*asked)
    assert found(person, "once") == [chat_id]
    monkeypatch.setattr(all_shelves, "UNNAMED_SECONDS", -60)
    shelves.sweep(shelf_of(person))
    assert len(stored(person)) == len(shelf_of(person).entries) + 1


def test_a_writer_that_is_never_first_is_tried_again_later(
    person: Person, index: Index, begun: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    chat_id = new_chat(person, "patience")
    asked = index.hear()
    with monkeypatch.context() as busy:
        busy.setattr(writing, "_ATTEMPTS", 3)
        busy.setattr(all_shelves.time, "sleep", lambda _: None)
        busy.setattr(shelves, "save", lambda shelf: (_ for _ in ()).throw(shelves.Moved))
        with pytest.raises(writing.Contended):
            index.write(*asked)
    index.write(*asked)
    assert found(person, "patience") == [chat_id]


@pytest.mark.usefixtures("small")
def test_a_lost_shard_is_noticed_by_a_search_and_built_again(person: Person, index: Index) -> None:
    lost, kept = new_chat(person, "lost words"), ""
    index.deliver()
    kept = new_chat(person, "kept words")
    index.deliver()
    shelf = shelf_of(person)
    objects.delete(*(shelf.key(entry) for entry in shelf.entries[:-1]))
    assert found(person, "words") == [kept]
    index.write(*index.asked)
    assert set(found(person, "words")) == {lost, kept}


def test_a_lost_newest_shard_is_noticed_by_its_writer(person: Person, index: Index, begun: str) -> None:
    shelf = shelf_of(person)
    objects.delete(*(shelf.key(entry) for entry in shelf.entries))
    chat_id = new_chat(person, "afterwards")
    index.deliver()
    assert found(person, "beginning") == [begun]
    assert found(person, "afterwards") == [chat_id]


@pytest.mark.usefixtures("small")
def test_many_small_shards_become_one_without_what_is_gone(
    person: Person, index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(merging, "RUN", 4)
    chats = []
    for number in range(4):
        chats.append(new_chat(person, f"number{number}"))
        index.deliver()
    person.delete(f"/api/v1/chats/{chats[0]}")
    person.post(f"/api/v1/chats/{chats[1]}/messages/m0", {"content": "another"})
    index.deliver()
    shelf = shelf_of(person)
    assert len(shelf.entries) < 4
    assert len(stored(person)) == len(shelf.entries) + 1
    assert [found(person, f"number{number}") for number in range(4)] == [[], [], [chats[2]], [chats[3]]]
    assert found(person, "another") == [chats[1]]
    assert "number0" not in texts_of(person)


def test_who_has_chats_from_before_the_index_gets_one_by_searching(person: Person, index: Index) -> None:
    chat_id = new_chat(person, "from before", title="Old")
    index.records()
    assert found(person, "before") == found(person, "old") == []
    assert index.asked == [{"user_id": person.id, "rebuild": True, "run": ""}]
    index.write(*index.asked)
    assert found(person, "before old") == [chat_id]


def test_who_has_no_chats_gets_nothing(person: Person, index: Index) -> None:
    assert found(person, "anything") == []
    assert index.asked == []
    index.write({"user_id": person.id, "rebuild": True})
    assert stored(person) == set()


def test_a_shelf_of_another_format_is_built_again(
    person: Person, index: Index, begun: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(all_shelves, "FORMAT", all_shelves.FORMAT + 1)
    assert found(person, "beginning") == []
    index.write(*index.asked)
    assert found(person, "beginning") == [begun]


def test_a_rebuild_that_breaks_off_goes_on_and_loses_nothing_written_meanwhile(
    person: Person, index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    chats = [new_chat(person, f"number{number}") for number in range(3)]
    index.deliver()
    monkeypatch.setattr(rebuilding, "_AT_ONCE", 1)
    monkeypatch.setattr(rebuilding, "SHARD_BYTES", 1)
    rebuild = {"user_id": person.id, "rebuild": True, "run": "r", "attended": True}
    with monkeypatch.context() as dying:
        before(rebuilding, "_build_one", lambda: None, dying)
        dying.setattr(rebuilding, "_note", _after(2, rebuilding._note))
        with pytest.raises(Crash):
            index.write(rebuild)
    assert shelf_of(person).building == "r"
    assert len(found(person, "number1")) == 1
    meanwhile = new_chat(person, "meanwhile")
    person.delete(f"/api/v1/chats/{chats[0]}")
    index.deliver()
    index.write(rebuild)
    shelf = shelf_of(person)
    assert (shelf.building, shelf.rebuilt) == ("", "r")
    assert [found(person, text) for text in ("number0", "number1", "number2", "meanwhile")] == [
        [],
        [chats[1]],
        [chats[2]],
        [meanwhile],
    ]
    assert "number0" not in texts_of(person)
    monkeypatch.setattr(all_shelves, "UNNAMED_SECONDS", -60)
    assert shelves.sweep(shelf) == 1
    assert len(stored(person)) == len(shelf.entries) + 1


def test_a_rebuild_without_time_says_that_it_is_not_done_or_goes_on_by_itself(person: Person, index: Index) -> None:
    chat_id = new_chat(person, "slowly")
    index.records()
    index.context.milliseconds = 1000
    rebuild = {"user_id": person.id, "rebuild": True, "run": "r"}
    index.write({**rebuild, "attended": True})
    assert index.asked == []
    index.write(rebuild)
    assert index.asked == [rebuild]
    index.context.milliseconds = 900_000
    index.write(*index.asked)
    assert found(person, "slowly") == [chat_id]


def test_a_rebuild_that_has_been_done_is_not_done_again(
    person: Person, index: Index, begun: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rebuild = {"user_id": person.id, "rebuild": True, "run": "r"}
    index.write(rebuild)
    monkeypatch.setattr(rebuilding, "_build_one", crash)
    index.write(rebuild)
    assert found(person, "beginning") == [begun]


def test_an_event_that_comes_after_the_account_is_deleted_leaves_nothing(
    person: Person, index: Index, begun: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    person.delete(f"/api/v1/chats/{begun}")
    asked = index.hear()
    before(shelves, "put", lambda: shelves.forget(person.id), monkeypatch)
    index.write(*asked)
    index.write(*asked)
    assert stored(person) == set()


def _after(calls: int, original: Callable[..., Any]) -> Callable[..., Any]:
    """A function that works so often, and then is the end of its process."""
    left = [calls]

    def call(*arguments: Any) -> Any:
        left[0] -= 1
        if left[0] < 0:
            raise Crash
        return original(*arguments)

    return call

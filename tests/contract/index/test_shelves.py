"""Shards in S3: merging, what is deleted, writers that meet or die, and shards that are lost."""

from collections.abc import Callable
from typing import Any

import pytest

from shared.search.embedded import shard as shards
from shared.search.embedded import shelves as module
from shared.search.embedded.adapter import Embedded
from shared.search.embedded.shelves import Contended, Shelves
from shared.search.protocol import Query, Space
from shared.shelves import shelf as store
from shared.storage import objects
from tests.contract.index.conftest import axis, chunk
from tests.support.emulator import Emulator


@pytest.fixture
def index(emulator: Emulator, space: Space) -> Embedded:
    return Embedded(space, Shelves(space))


def place(space: Space) -> str:
    return f"{module.PREFIX}{space.id}/kb/"


def shelf(space: Space) -> store.Shelf:
    found = store.load(store.Shelf, place(space))
    assert found
    return found


def stored(space: Space) -> set[str]:
    """The shards that lie in the bucket."""
    return {key for key in objects.keys(place(space)) if key.endswith(".db")}


def texts(space: Space) -> bytes:
    """Everything that is in any of them, as text."""
    found = []
    for key in stored(space):
        opened = shards.Shard.loaded(objects.get(key))
        found += [entry.text for entry in opened.entries(list(range(1, 200))).values()]
    return "\n".join(found).encode()


def found(index: Embedded, text: str) -> set[str]:
    return {hit.entry.id for hit in index.search(Query(("kb",), text, limit=50))}


def before(name: str, what: Callable[[], object], monkeypatch: pytest.MonkeyPatch) -> None:
    """Has something happen once, just before a function of the store is called."""
    original, left = getattr(store, name), [what]

    def first(*arguments: Any, **named: Any) -> Any:
        if left:
            left.pop()()
        return original(*arguments, **named)

    monkeypatch.setattr(store, name, first)


def test_small_shards_become_large_ones_and_nothing_is_lost(index: Embedded, space: Space) -> None:
    for number in range(2 * module.RUN + 1):
        index.write("kb", [chunk(f"c{number}", f"text number {number}", axis(1, number))])
    assert len(shelf(space).entries) == 3
    assert len(stored(space)) == 3
    assert found(index, "text") == {f"c{number}" for number in range(2 * module.RUN + 1)}
    index.write("kb", [chunk("c3", "text number 3")])
    assert index.count("kb") == 2 * module.RUN + 1


def test_what_is_deleted_is_taken_out_of_small_shelves_at_once(index: Embedded, space: Space) -> None:
    index.write("kb", [chunk("a", "a secret"), chunk("b", "the rest", file_id="f2")])
    index.delete("kb", ["f1"])
    assert b"secret" not in texts(space)
    assert shelf(space).entries[0].void == ()
    index.delete("kb", ["f2"])
    assert (stored(space), shelf(space).entries) == (set(), ())


def test_of_large_shelves_it_is_noted_and_taken_out_in_one_go(
    index: Embedded, space: Space, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SMALL_BYTES", 0)
    monkeypatch.setattr(module, "VOID", 3)
    index.write("kb", [chunk(f"c{number}", f"secret {number}", file_id=f"f{number}") for number in range(5)])
    for number in range(2):
        index.delete("kb", [f"f{number}"])
    assert len(shelf(space).entries[0].void) == 2
    assert found(index, "secret") == {"c2", "c3", "c4"}
    assert index.count("kb") == 3
    index.write("kb", [chunk("again", "secret again", file_id="f0", generation="g2")])
    assert found(index, "secret") == {"c2", "c3", "c4", "again"}
    index.delete("kb", ["f2"])
    assert found(index, "secret") == {"c3", "c4", "again"}
    assert b"secret 0" not in texts(space)
    assert b"secret again" in texts(space)


def test_a_deletion_while_shards_are_merged_is_not_forgotten(
    index: Embedded, space: Space, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(module.RUN - 1):
        index.write("kb", [chunk(f"c{number}", f"text {number}", file_id=f"f{number}")])
    elsewhere = Embedded(space, Shelves(space))
    before("exchange", lambda: elsewhere.delete("kb", ["f0"]), monkeypatch)
    index.write("kb", [chunk("last", "text last")])
    assert found(index, "text") == {f"c{number}" for number in range(1, module.RUN - 1)} | {"last"}
    assert b"text 0" not in texts(space)


def test_of_two_writers_at_once_neither_loses_anything(
    index: Embedded, space: Space, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store.time, "sleep", lambda _: None)
    elsewhere = Embedded(space, Shelves(space))
    before("save", lambda: elsewhere.write("kb", [chunk("two", "text two")]), monkeypatch)
    index.write("kb", [chunk("one", "text one")])
    assert found(index, "text") == {"one", "two"}
    assert len(stored(space)) == 2


def test_a_writer_that_is_never_first_says_so_and_leaves_nothing(
    index: Embedded, space: Space, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store.time, "sleep", lambda _: None)

    def never(_: store.Shelf) -> store.Shelf:
        raise store.Moved

    with monkeypatch.context() as busy:
        busy.setattr(store, "save", never)
        with pytest.raises(Contended):
            index.write("kb", [chunk("one", "text")])
    assert stored(space) == set()
    index.write("kb", [chunk("one", "text")])
    with monkeypatch.context() as busy:
        busy.setattr(store, "save", never)
        with pytest.raises(Contended):
            index.delete("kb", ["f1"])
    assert found(index, "text") == {"one"}


def test_without_a_lost_shard_the_others_are_found(index: Embedded, space: Space) -> None:
    index.write("kb", [chunk("one", "text one")])
    index.write("kb", [chunk("two", "text two")])
    objects.delete(shelf(space).key(shelf(space).entries[0]))
    assert found(index, "text") == {"two"}
    index.delete("kb", ["f1"])
    assert found(index, "text") == set()


def test_many_chunks_are_chosen_by_their_bits_and_ranked_as_before(
    index: Embedded, space: Space, monkeypatch: pytest.MonkeyPatch
) -> None:
    chunks = [chunk(f"c{number:03d}", "text", axis(1, number / 100, number % 7, 0.3)) for number in range(120)]
    query = Query(("kb",), vector=axis(1, 0.5, 3, 0.3), mode="vector", limit=5)
    narrow = Query(("kb",), vector=axis(1, 0.5, 3, 0.3), mode="vector", limit=5, where={"file_id": "f1"})
    index.write("kb", chunks)
    few = [hit.entry.id for hit in index.search(query)]
    index.delete("kb")
    monkeypatch.setattr(shards, "LARGE", 50)
    index.write("kb", chunks)
    index.write("kb", [chunk("other", "text", axis(1), file_id="f2")])
    assert [hit.entry.id for hit in index.search(query)] == few
    assert [hit.entry.id for hit in index.search(narrow)] == few
    index.delete("kb", ["f2"])
    assert index.count("kb") == 120

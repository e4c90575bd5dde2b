"""The rules of merging, in the small and on random histories of two tabs."""

import random

import pytest

from shared.chats import merge
from shared.chats.merge import SERVER, Reader, Stored
from shared.chats.tree import hash_of


def stored(
    message: dict[str, object], *, version: int = 5, writer: str = "tab:x", past: tuple[str, ...] = ()
) -> Stored:
    return Stored(str(message["id"]), None, hash_of(message), past, version, writer, "tab:creator", 0)


NOW = {"id": "a", "content": "now"}
BEFORE = {"id": "a", "content": "before"}
NEW = {"id": "a", "content": "new"}


@pytest.mark.parametrize(
    ("incoming", "reader", "outcome"),
    [
        (NOW, Reader("tab:me", 0), None),
        (NEW, Reader("tab:me", 5), NEW),
        (NEW, Reader("tab:me", 4), NEW),
        (BEFORE, Reader("tab:me", 4), None),
        (BEFORE, Reader("tab:me", 5), BEFORE),
        (BEFORE, Reader("tab:x", 0), BEFORE),
        (BEFORE, Reader("session:s"), None),
    ],
)
def test_a_stale_copy_stays_out_and_an_edit_goes_in(
    incoming: dict[str, object], reader: Reader, outcome: dict[str, object] | None
) -> None:
    assert merge.resolve(stored(NOW, past=(hash_of(BEFORE),)), NOW, incoming, reader) == outcome


def test_two_edits_keep_fields_that_only_one_has() -> None:
    body = {**NOW, "rating": 1}
    assert merge.resolve(stored(body), body, {**NEW, "note": "n"}, Reader("tab:me", 0)) == {
        **NEW,
        "rating": 1,
        "note": "n",
    }


@pytest.mark.parametrize("text", ["no", "ow", "nw", ""])
def test_parts_of_what_the_server_wrote_are_not_an_edit_unless_they_were_read(text: str) -> None:
    part = {"id": "a", "content": text}
    assert merge.resolve(stored(NOW, writer=SERVER), NOW, part, Reader("tab:me", 4)) is None
    assert merge.resolve(stored(NOW, writer=SERVER), NOW, part, Reader("tab:me", 5)) == part


@pytest.mark.parametrize(
    ("known", "reader", "deleted"),
    [
        (stored(NOW), Reader("tab:me", 5), True),
        (stored(NOW), Reader("tab:me", 4), False),
        (stored(NOW), Reader("tab:x", 0), True),
        (stored(NOW, writer=SERVER), Reader("tab:creator", 0), True),
        (stored(NOW), Reader("tab:creator", 0), False),
    ],
)
def test_only_what_a_tab_knows_is_deleted_by_leaving_it_out(known: Stored, reader: Reader, deleted: bool) -> None:
    assert (merge.to_delete([known], [], reader, []) == {"a"}) is deleted
    assert merge.to_delete([known], [], reader, ["a"]) == set()
    assert merge.to_delete([known], ["a"], reader, []) == set()


@pytest.mark.parametrize("seed", range(60))
def test_nothing_that_stays_hangs_below_what_is_deleted(seed: int) -> None:
    dice = random.Random(seed)
    parents: dict[str, str | None] = {}
    for number in range(30):
        parents[f"m{number}"] = dice.choice([None, *parents]) if parents else None
    deleted = {key for key in parents if dice.random() < 0.4}
    after = {**parents, **merge.new_parents(parents, deleted)}
    for key, parent in after.items():
        if key in deleted:
            continue
        assert parent not in deleted
        ancestors, above = [], parents[key]
        while above:
            ancestors.append(above)
            above = parents[above]
        assert parent == next((each for each in ancestors if each not in deleted), None)


def test_a_cycle_of_deleted_parents_ends() -> None:
    assert merge.new_parents({"a": "b", "b": "c", "c": "b"}, {"b", "c"}) == {"a": None}


def test_the_mark_tells_tabs_apart_and_anything_else_is_a_session() -> None:
    one, two = merge.new_mark(7), merge.new_mark(7)
    assert one != two
    assert merge.reader_of(one, "s").base == 7
    assert merge.reader_of(one, "s").writer != merge.reader_of(two, "s").writer
    for mark in (None, 5, "", "7", "7.zz", "-1.00000000", {"a": 1}):
        assert merge.reader_of(mark, "s") == Reader("session:s", -1)


def test_siblings_follow_their_parents_order() -> None:
    messages = {"b": {"id": "b"}, "a": {"id": "a"}, "p": {"id": "p", "childrenIds": ["a", "b", "elsewhere"]}}
    places = merge.places(messages)
    assert places["a"] < places["b"]
    assert set(places) == {"a", "b", "p"}

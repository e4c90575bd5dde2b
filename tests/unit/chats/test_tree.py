"""Taking a chat's JSON apart and putting it together, on many random trees."""

import copy
import random
from itertools import pairwise
from typing import Any

import pytest

from shared.chats import tree
from shared.errors import Invalid


def random_chat(seed: int) -> dict[str, Any]:
    """A chat with a random tree of up to 40 messages."""
    dice = random.Random(seed)
    messages: dict[str, Any] = {}
    for number in range(dice.randrange(1, 40)):
        parent = dice.choice([None, *messages]) if messages else None
        key = f"m{number}"
        messages[key] = {"id": key, "parentId": parent, "childrenIds": [], "content": str(dice.random()), "x": number}
        if parent:
            messages[parent]["childrenIds"].append(key)
    current = dice.choice(list(messages))
    return {"title": f"t{seed}", "models": ["m"], "history": {"messages": messages, "currentId": current}, "n": None}


@pytest.mark.parametrize("seed", range(40))
def test_taking_apart_and_putting_together_gives_the_same(seed: int) -> None:
    chat = random_chat(seed)
    parts = tree.take_apart(copy.deepcopy(chat))
    assert parts.messages is not None
    positions = {key: number for number, key in enumerate(parts.messages)}
    linked = tree.link(parts.messages, positions)
    again = tree.put_together(
        parts.fields, parts.title or "", linked, parts.current_id, mark="1.00000000", lists_messages=False
    )
    assert again["history"].pop("read") == "1.00000000"
    assert again == chat


@pytest.mark.parametrize("seed", range(20))
def test_a_branch_ends_at_the_message_and_begins_at_a_root(seed: int) -> None:
    messages = random_chat(seed)["history"]["messages"]
    for key in messages:
        path = tree.branch(messages, key)
        assert path[-1]["id"] == key
        assert path[0]["parentId"] is None
        assert all(below["parentId"] == above["id"] for above, below in pairwise(path))


def test_a_message_whose_parent_is_gone_can_still_be_seen() -> None:
    linked = tree.link({"b": {"id": "b", "parentId": "gone"}}, {})
    assert linked["b"]["parentId"] is None


def test_a_cycle_of_parents_ends() -> None:
    messages = {"a": {"id": "a", "parentId": "b"}, "b": {"id": "b", "parentId": "a"}}
    assert len(tree.branch(messages, "a")) == 2


def test_a_circle_is_opened_where_it_begins() -> None:
    parents = {"a": "c", "b": "a", "c": "b", "d": "c", "r": None, "s": "r", "own": "own"}
    messages = {key: {"id": key, "parentId": parent} for key, parent in parents.items()}
    linked = tree.link(messages, {key: number for number, key in enumerate(messages)})
    assert {key: value["parentId"] for key, value in linked.items()} == {
        **parents,
        "a": None,
        "own": None,
    }
    children = [child for value in linked.values() for child in value["childrenIds"]]
    assert sorted(children) == ["b", "c", "d", "s"]


def test_a_branch_of_10_000_messages_is_linked_and_cut() -> None:
    parents = {str(number): str(number - 1) if number else None for number in range(10_000)}
    linked = tree.link({key: {"id": key, "parentId": parent} for key, parent in parents.items()}, {})
    assert len(tree.branch(linked, "9999")) == 10_000
    assert tree.subtree(parents, "1") == [str(number) for number in range(1, 10_000)]


@pytest.mark.parametrize("value", [float("nan"), float("-inf"), {"x": [float("inf")]}])
def test_numbers_that_json_has_no_word_for_are_refused(value: object) -> None:
    with pytest.raises(Invalid):
        tree.check({"field": value})


def test_nesting_without_end_is_refused() -> None:
    value: list[object] = []
    for _ in range(tree.DEPTH - 1):
        value = [value]
    tree.check(value)
    with pytest.raises(Invalid):
        tree.check([[value]])


def test_the_hash_is_of_what_a_message_says() -> None:
    message = {"id": "a", "content": "x", "childrenIds": ["b"], "run": {"state": "running"}}
    assert tree.hash_of(message) == tree.hash_of({"content": "x", "id": "a"})
    assert tree.hash_of(message) != tree.hash_of({"content": "y", "id": "a"})


def test_an_open_message_that_is_gone_gives_way_to_the_newest_leaf() -> None:
    linked = tree.link({"a": {"id": "a"}, "b": {"id": "b", "parentId": "a"}}, {"a": 0, "b": 1})
    chat = tree.put_together({}, "t", linked, "gone", mark="1.00000000", lists_messages=True)
    assert chat["history"]["currentId"] == "b"
    assert [message["id"] for message in chat["messages"]] == ["a", "b"]


def test_a_partial_chat_says_nothing_about_messages() -> None:
    parts = tree.take_apart({"title": "new"})
    assert (parts.title, parts.messages, parts.current_id, parts.fields) == ("new", None, None, {})


@pytest.mark.parametrize("message_id", ["", "a b", "a#b", "a/b", "x" * 129, 5, None])
def test_ids_that_could_leave_their_key_are_refused(message_id: object) -> None:
    with pytest.raises(Invalid):
        tree.take_apart({"history": {"messages": {message_id: {}}}})


def test_nul_characters_leave_the_text() -> None:
    assert tree.normal("a", {"content": "x\x00y"})["content"] == "xy"

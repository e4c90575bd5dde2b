"""Tags: on chats, listed for a person, and gone with the last chat that has them."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from shared.chats import deletion, lists, store, tags
from shared.chats.models import TagItem
from shared.settings import settings
from tests.contract.chats.conftest import message
from tests.contract.chats.people import Person, counted, keys


def tag(person: Person, chat: Any, name: str) -> list[str]:
    answer = person.post(f"/api/v1/chats/{chat['id']}/tags", {"name": name})
    assert answer.status_code == 200, answer.text
    return [each["id"] for each in answer.json()]


def untag(person: Person, chat: Any, name: str) -> list[str]:
    answer = person.call("DELETE", f"/api/v1/chats/{chat['id']}/tags", json={"name": name})
    assert answer.status_code == 200, answer.text
    return [each["id"] for each in answer.json()]


def everything(person: Person) -> dict[str, str]:
    return {each["id"]: each["name"] for each in person.get("/api/v1/chats/all/tags").json()}


def tagged(person: Person, name: str, **more: Any) -> list[str]:
    return [chat["id"] for chat in person.post("/api/v1/chats/tags", {"name": name, **more}).json()]


def test_tags_of_a_chat_and_of_the_person(person: Person, other: Person, new_chat: Any) -> None:
    chat = new_chat(message("q", None, "x"))
    assert tag(person, chat, "Big Plans") == ["big_plans"]
    assert tag(person, chat, "ideas") == ["big_plans", "ideas"]
    assert tag(person, chat, "BIG plans") == ["big_plans", "ideas"]
    assert everything(person) == {"big_plans": "Big Plans", "ideas": "ideas"}
    assert everything(other) == {}
    (first, _) = person.get(f"/api/v1/chats/{chat['id']}/tags").json()
    assert first == {"id": "big_plans", "name": "Big Plans", "user_id": person.id, "meta": None}
    read = person.get(f"/api/v1/chats/{chat['id']}").json()
    assert read["meta"] == {"tags": ["big_plans", "ideas"]}
    assert read["updated_at"] == chat["updated_at"]
    assert untag(person, chat, "big plans") == ["ideas"]
    assert untag(person, chat, "not there") == ["ideas"]
    assert everything(person) == {"ideas": "ideas"}


def test_chats_are_listed_by_tag(person: Person, other: Person, new_chat: Any) -> None:
    chats = [new_chat(message("q", None, "x"), title=str(number)) for number in range(3)]
    for chat in chats:
        tag(person, chat, "x y")
    person.post(f"/api/v1/chats/{chats[0]['id']}/archive")
    assert set(tagged(person, "X Y")) == {chat["id"] for chat in chats}
    both = tagged(person, "x y", limit=2) + tagged(person, "x y", skip=2, limit=2)
    assert sorted(both) == sorted(chat["id"] for chat in chats)
    assert tagged(person, "x y", skip=3) == tagged(person, "nothing") == tagged(other, "x y") == []


def test_a_list_by_tag_is_one_query_and_the_heads(person: Person, new_chat: Any) -> None:
    for _ in range(3):
        tag(person, new_chat(message("q", None, "x")), "t")
    with counted(settings().chats_table) as calls:
        tagged(person, "t")
    assert calls.names == ["Query", "BatchGetItem"]


def test_a_tag_goes_with_the_last_chat_that_has_it(person: Person, new_chat: Any) -> None:
    one, two = new_chat(message("q", None, "x")), new_chat(message("q", None, "x"))
    for chat in (one, two):
        tag(person, chat, "a")
        tag(person, chat, "b")
    person.delete(f"/api/v1/chats/{one['id']}")
    assert everything(person) == {"a": "a", "b": "b"}
    assert tagged(person, "a") == [two["id"]]
    assert person.delete(f"/api/v1/chats/{two['id']}/tags/all").json() is True
    assert everything(person) == {}
    assert keys(settings().chats_table, f"TAGS#{person.id}") == []
    assert person.get(f"/api/v1/chats/{two['id']}").json()["meta"] == {"tags": []}


def test_a_deletion_that_broke_off_counts_each_tag_once(
    person: Person, new_chat: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = new_chat(message("q", None, "x")), new_chat(message("q", None, "x"))
    tag(person, one, "a")
    tag(person, two, "a")

    def crash(*_: object, **__: object) -> None:
        raise RuntimeError

    head = store.head(one["id"])
    with monkeypatch.context() as patch:
        patch.setattr("shared.storage.objects.keys", crash)
        with pytest.raises(RuntimeError):
            deletion.delete(head)
    deletion.finish_broken_off(limit=100, older_than=-1)
    assert int(TagItem.get(*TagItem.key(person.id, "a")).chats) == 1


def test_many_at_once_lose_no_tag(person: Person, new_chat: Any) -> None:
    chat = new_chat(message("q", None, "x"))
    names = ["a", "b", "c", "d"]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda name: tags.add(chat["id"], name), names))
    assert sorted(tags.ids_of(store.head(chat["id"]))) == names
    assert sorted(everything(person)) == names


def test_tags_are_replaced_at_once(person: Person, new_chat: Any) -> None:
    chat = new_chat(message("q", None, "x"))
    tags.replace(chat["id"], ["Old", "Both"])
    tags.replace(chat["id"], ["Both", "New", "none", "", "x" * 101])
    assert everything(person) == {"both": "Both", "new": "New"}
    many = [f"t{number}" for number in range(30)]
    tags.replace(chat["id"], many)
    assert sorted(everything(person)) == sorted(many[: tags.MOST])
    answer = person.post(f"/api/v1/chats/{chat['id']}/tags", {"name": "one more"})
    assert answer.status_code == 400


@pytest.mark.parametrize("name", ["", " ", "None", "x" * 101])
def test_what_is_no_tag_is_refused(person: Person, new_chat: Any, name: str) -> None:
    chat = new_chat(message("q", None, "x"))
    assert person.post(f"/api/v1/chats/{chat['id']}/tags", {"name": name}).status_code == 400


@pytest.mark.parametrize("form", [{}, {"name": 5}, {"name": "x", "limit": 0}, {"name": "x", "skip": -1}])
def test_a_wrong_form_is_refused(person: Person, form: dict[str, Any]) -> None:
    assert person.post("/api/v1/chats/tags", form).status_code == 422


def test_a_tag_list_tells_nothing_of_other_people(person: Person, other: Person, new_chat: Any) -> None:
    chat = new_chat(message("q", None, "x"))
    tag(person, chat, "private")
    assert lists.with_tag(other.id, "private", 0, 50) == []
    for method, path, body in (
        ("GET", "tags", None),
        ("POST", "tags", {"name": "x"}),
        ("DELETE", "tags", {"name": "private"}),
        ("DELETE", "tags/all", None),
    ):
        assert other.call(method, f"/api/v1/chats/{chat['id']}/{path}", json=body).status_code == 404
    assert everything(person) == {"private": "private"}

"""What clients should not send: refused in words, or stored as a chat that can be opened, and nothing else is lost."""

import json
import random
from typing import Any

import pytest

from shared.chats import store
from tests.contract.chats.conftest import chat_of, message
from tests.contract.chats.people import Person

Messages = dict[str, dict[str, Any]]


def opened(person: Person, chat_id: str) -> Messages:
    """The chat's messages; the tree they make is whole."""
    answer = person.get(f"/api/v1/chats/{chat_id}")
    assert answer.status_code == 200, answer.text
    history = answer.json()["chat"]["history"]
    messages: Messages = history["messages"]
    assert history["currentId"] in messages or not messages
    reached: set[str] = set()
    pending = [key for key, value in messages.items() if value["parentId"] is None]
    while pending:
        key = pending.pop()
        assert key not in reached
        reached.add(key)
        pending += messages[key]["childrenIds"]
        assert all(messages[child]["parentId"] == key for child in messages[key]["childrenIds"])
    assert reached == set(messages)
    return messages


def create(person: Person, messages: Messages, **history: Any) -> Any:
    return person.post("/api/v1/chats/new", {"chat": {"history": {"messages": messages, **history}}})


@pytest.mark.parametrize(
    "parents",
    [
        {"a": "b", "b": "a"},
        {"a": "c", "b": "a", "c": "b", "d": "c", "e": None},
        {"a": "gone", "b": "a"},
        {"a": 0, "b": ""},
    ],
)
def test_circles_and_orphans_are_repaired(person: Person, parents: dict[str, Any]) -> None:
    messages = {key: {"id": key, "parentId": parent, "content": key} for key, parent in parents.items()}
    chat = create(person, messages, currentId="nowhere")
    assert chat.status_code == 200, chat.text
    assert {key: value["content"] for key, value in opened(person, chat.json()["id"]).items()} == {
        key: key for key in parents
    }


def test_two_saves_that_make_a_circle(person: Person, new_chat: Any) -> None:
    chat = new_chat(message("a", None, "x"), message("b", "a", "y"))
    path = f"/api/v1/chats/{chat['id']}/messages"
    assert person.post(path, {"messages": {"a": {"parentId": "b"}}}).status_code == 200
    assert set(opened(person, chat["id"])) == {"a", "b"}
    assert [each["id"] for each in store.branch(chat["id"], "a")] == ["b", "a"]
    assert person.delete(f"{path}/a").status_code == 200
    assert opened(person, chat["id"]) == {}


@pytest.mark.parametrize(
    "wrong",
    [
        {"childrenIds": "text"},
        {"childrenIds": [{"id": 1}, None, 5, "other"]},
        {"content": 5},
        {"content": {"deep": [None]}},
        {"content": None},
        {"role": None},
        {"timestamp": "yesterday"},
        {"files": "none"},
        {"files": [5, {"type": "image", "url": None}]},
        {"run": "x"},
        {"models": 5, "usage": [], "done": "maybe", "error": 1},
        {"id": "another"},
    ],
)
def test_fields_of_wrong_types_leave_a_chat_that_opens(person: Person, wrong: dict[str, Any]) -> None:
    answer = create(person, {"q": {"parentId": None, "role": "user", "content": "x", **wrong}})
    assert answer.status_code == 200, answer.text
    assert opened(person, answer.json()["id"])["q"]["id"] == "q"
    again = person.post(f"/api/v1/chats/{answer.json()['id']}", {"chat": answer.json()["chat"]})
    assert again.status_code == 200, again.text


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("new", "not json"),
        ("new", "[]"),
        ("new", '{"chat": []}'),
        ("new", '{"chat": {"models": NaN}}'),
        ("new", '{"chat": {"history": {"messages": {"q": {"content": "x", "score": Infinity}}}}}'),
        ("new", '{"chat": {"x": ' + "[" * 500 + "]" * 500 + "}}"),
        ("new", '{"chat": {"x": ' + "[" * 200_000 + "]" * 200_000 + "}}"),
        ("new", '{"chat": {"history": {"messages": {"q": {"x": ' + "[" * 900 + "]" * 900 + "}}}}}"),
        ("new", '{"chat": {"x": ' + "9" * 5000 + "}}"),
        ("new", '{"chat": {}, "folder_id": 5}'),
        ("{id}/messages", '{"messages": {"q": {"x": ' + "[" * 500 + "]" * 500 + "}}}"),
        ("{id}/messages", '{"messages": {"a/b": {}}}'),
        ("{id}/messages", '{"messages": [], "remove": 5}'),
        ("{id}/folder", '{"folder_id": {}}'),
        ("{id}/clone", '{"title": 5}'),
    ],
)
def test_a_body_that_cannot_be_taken_is_refused_in_words(person: Person, new_chat: Any, path: str, body: str) -> None:
    chat = new_chat(message("q", None, "kept"))
    url = f"/api/v1/chats/{path.replace('{id}', chat['id'])}"
    answer = person.call("POST", url, content=body.encode(), headers={"content-type": "application/json"})
    assert answer.status_code in (400, 422), answer.text
    assert isinstance(answer.json()["detail"], str)
    assert opened(person, chat["id"])["q"]["content"] == "kept"


def test_a_message_of_5_mb_is_refused_and_the_chat_stays(person: Person, new_chat: Any) -> None:
    chat = new_chat(message("q", None, "kept"))
    answer = person.post(f"/api/v1/chats/{chat['id']}/messages", {"messages": {"q": {"content": "x" * 5_000_000}}})
    assert answer.status_code == 413
    assert "4 MB" in answer.json()["detail"]
    assert opened(person, chat["id"])["q"]["content"] == "kept"


def test_a_5_mb_answer_of_a_model_is_kept_and_read(person: Person, new_chat: Any) -> None:
    chat = new_chat(message("q", None, "x"), message("a", "q", ""))
    text = random.Random(1).randbytes(2_500_000).hex()
    store.save_message(chat["id"], {"id": "a", "content": text})
    answer = person.get(f"/api/v1/chats/{chat['id']}", headers={"accept-encoding": "gzip"})
    assert answer.status_code in (200, 307)
    assert store.message(chat["id"], "a")["content"] == text  # type: ignore[index]


def test_unknown_fields_come_back_wherever_they_stand(person: Person) -> None:
    chat = chat_of(message("q", None, "x", mine={"a": [1, {"b": None}]}), my_field=[1.5, "x"], tags=["t"])
    chat["history"]["more"] = 1
    created = person.post("/api/v1/chats/new", {"chat": chat, "not_in_the_contract": True}).json()
    person.post(f"/api/v1/chats/{created['id']}", {"chat": {"title": "Other"}})
    read = person.get(f"/api/v1/chats/{created['id']}").json()["chat"]
    assert (read["my_field"], read["tags"]) == ([1.5, "x"], ["t"])
    assert read["history"]["messages"]["q"]["mine"] == {"a": [1, {"b": None}]}


def test_ids_of_another_persons_chat_reach_nothing_of_it(person: Person, other: Person, new_chat: Any) -> None:
    chat = new_chat(message("q", None, "private"), message("a", "q", "y"))
    mine = other.post("/api/v1/chats/new", {"chat": chat_of(message("q", None, "mine"))}).json()
    other.post(f"/api/v1/chats/{mine['id']}/messages", {"messages": {"a": {"content": "over"}}, "remove": ["q"]})
    for method, path, body in (
        ("POST", "folder", {"folder_id": None}),
        ("POST", "clone", {}),
        ("POST", "share", None),
        ("DELETE", "share", None),
        ("DELETE", "messages/q", None),
        ("POST", "messages", {"remove": ["q"]}),
    ):
        assert other.call(method, f"/api/v1/chats/{chat['id']}/{path}", json=body).status_code == 404
    assert {key: value["content"] for key, value in opened(person, chat["id"]).items()} == {"q": "private", "a": "y"}


def test_half_an_emoji_anywhere_breaks_nothing(person: Person, new_chat: Any) -> None:
    half = json.loads('"\\ud83d"')
    chat = new_chat(message("q", None, "x"))

    def send(path: str, body: Any) -> Any:
        raw = json.dumps(body).encode()
        answer = person.call("POST", path, content=raw, headers={"content-type": "application/json"})
        assert answer.status_code == 200, answer.text
        return answer.json()

    send(f"/api/v1/chats/{chat['id']}/tags", {"name": f"a{half}"})
    assert send("/api/v1/chats/tags", {"name": f"a{half}"})[0]["id"] == chat["id"]
    send(f"/api/v1/chats/{chat['id']}/clone", {"title": half})
    folder = send(
        "/api/v1/folders/", {"name": half, "data": {"system_prompt": half}, "meta": {"icon": half}, "x": half}
    )
    assert send(f"/api/v1/folders/{folder['id']}/update", {"meta": {"icon": 5}})["meta"] == {"icon": 5}
    assert person.get("/api/v1/folders/").json()[0]["meta"]["icon"] is None

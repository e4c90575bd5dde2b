"""Creating, reading, changing and deleting chats, as stock clients and ours do."""

import json
from typing import Any

import pytest

from shared.settings import settings
from tests.contract.chats.conftest import chat_of, message
from tests.contract.chats.people import Person, keys


def messages_of(person: Person, chat_id: str) -> dict[str, Any]:
    return dict(person.get(f"/api/v1/chats/{chat_id}").json()["chat"]["history"]["messages"])


def test_a_chat_comes_back_as_it_was_sent(person: Person) -> None:
    chat = chat_of(
        message("q", None, "Hällo 🙂", timestamp=1_700_000_000, files=[{"type": "file", "id": "f"}]),
        message("a", "q", "Hi", model="m", usage={"total_tokens": 3}, custom={"deep": [1, None, 2.5]}),
        params={"temperature": 0.2},
        tags=["x"],
        files=[],
        something_else={"kept": True},
    )
    created = person.post("/api/v1/chats/new", {"chat": chat, "folder_id": None}).json()
    read = person.get(f"/api/v1/chats/{created['id']}").json()

    for answer in (created, read):
        history = answer["chat"].pop("history")
        assert history["messages"] == chat["history"]["messages"]
        assert history["currentId"] == "a"
        assert answer["chat"] == {key: value for key, value in chat.items() if key != "history"}
        assert (answer["title"], answer["user_id"], answer["archived"]) == ("A chat", person.id, False)
    assert created["id"] == read["id"]


def test_the_linear_list_comes_back_to_clients_that_send_it(person: Person) -> None:
    one, two = message("q", None, "x"), message("a", "q", "y")
    created = person.post("/api/v1/chats/new", {"chat": {**chat_of(one, two), "messages": [one, two]}}).json()
    assert [each["id"] for each in created["chat"]["messages"]] == ["q", "a"]


def test_a_chat_with_only_a_linear_list_gets_a_tree(person: Person) -> None:
    linear = [{"role": "user", "content": "x", "id": "q"}, {"role": "assistant", "content": "y", "id": "a"}]
    created = person.post("/api/v1/chats/new", {"chat": {"title": "t", "messages": linear}}).json()
    history = created["chat"]["history"]
    assert history["currentId"] == "a"
    assert history["messages"]["a"]["parentId"] == "q"
    assert history["messages"]["q"]["childrenIds"] == ["a"]


def test_the_head_has_no_texts_and_each_message_is_one_item(person: Person, new_chat: Any) -> None:
    chat = new_chat(message("q", None, "x"), message("a", "q", "y"))
    assert keys(settings().chats_table, f"CHAT#{chat['id']}") == ["HEAD", "MSG#a", "MSG#q"]


def test_renaming_keeps_messages_and_other_fields(person: Person, new_chat: Any) -> None:
    chat = new_chat(message("q", None, "x"), params={"top_p": 1})
    answer = person.post(f"/api/v1/chats/{chat['id']}", {"chat": {"title": "New name"}}).json()
    assert answer["title"] == answer["chat"]["title"] == "New name"
    assert answer["chat"]["params"] == {"top_p": 1}
    assert list(answer["chat"]["history"]["messages"]) == ["q"]
    assert person.get("/api/v1/chats/?page=1").json()[0]["title"] == "New name"


def test_a_minimal_answer_leaves_the_history_out(person: Person, new_chat: Any) -> None:
    chat = new_chat(message("q", None, "x"))
    answer = person.post(f"/api/v1/chats/{chat['id']}?minimal=true", {"chat": {"title": "T"}}).json()
    assert "history" not in answer["chat"]
    assert answer["version"] == 2


def test_saving_what_is_stored_already_writes_nothing(person: Person, new_chat: Any) -> None:
    chat = new_chat(message("q", None, "x"), message("a", "q", "y"))
    read = person.get(f"/api/v1/chats/{chat['id']}").json()
    saved = person.post(f"/api/v1/chats/{chat['id']}", {"chat": read["chat"]}).json()
    assert saved["version"] == read["version"] == 1


def test_single_messages_are_added_changed_and_removed(person: Person, new_chat: Any) -> None:
    chat = new_chat(message("q", None, "x"), message("a", "q", "y"))
    path = f"/api/v1/chats/{chat['id']}/messages"
    form = {"messages": {"q2": message("q2", "a", "more"), "a2": message("a2", "q2", "")}, "current_id": "a2"}
    answer = person.post(path, form).json()
    assert (answer["version"], answer["current_id"]) == (2, "a2")

    person.post(path, {"messages": {"a": {"content": "changed", "annotation": {"rating": 1}}}})
    person.post(path, {"remove": ["q2"]})

    stored = messages_of(person, chat["id"])
    assert (stored["a"]["content"], stored["a"]["annotation"], stored["a"]["role"]) == (
        "changed",
        {"rating": 1},
        "assistant",
    )
    assert set(stored) == {"q", "a", "a2"}
    assert stored["a2"]["parentId"] == "a"
    assert stored["a"]["childrenIds"] == ["a2"]


def test_removing_the_open_message_opens_its_nearest_ancestor(person: Person, new_chat: Any) -> None:
    chat = new_chat(message("q", None, "x"), message("a", "q", "y"), message("q2", "a", "z"))
    answer = person.post(f"/api/v1/chats/{chat['id']}/messages", {"remove": ["q2", "a"]}).json()
    assert answer["current_id"] == "q"


def test_the_contract_way_to_change_one_message(person: Person, new_chat: Any) -> None:
    chat = new_chat(message("q", None, "x"), message("a", "q", "y"))
    answer = person.post(f"/api/v1/chats/{chat['id']}/messages/a", {"content": "edited"})
    assert answer.json()["chat"]["history"]["messages"]["a"]["content"] == "edited"
    event = person.post(f"/api/v1/chats/{chat['id']}/messages/a/event", {"type": "status", "data": {}})
    assert event.json() is True


def test_one_message_is_read_with_its_lengths(person: Person, new_chat: Any) -> None:
    chat = new_chat(message("q", None, "x"), message("a", "q", "y🙂", reasoning_content="ab"))
    answer = person.get(f"/api/v1/chats/{chat['id']}/messages/a").json()
    assert (answer["length"], answer["reasoning_length"], answer["seq"], answer["running"]) == (3, 2, -1, False)
    assert person.get(f"/api/v1/chats/{chat['id']}/messages/none").status_code == 404


def test_half_an_emoji_costs_nothing_but_itself(person: Person) -> None:
    chat = chat_of(message("q", None, "\ud83d half"), title="\ud83d")
    raw = json.dumps({"chat": chat}).encode()
    created = person.call("POST", "/api/v1/chats/new", content=raw, headers={"content-type": "application/json"})
    assert created.status_code == 200, created.text
    assert created.json()["chat"]["history"]["messages"]["q"]["content"] == "\ufffd half"


@pytest.mark.parametrize(
    "chat",
    [
        {"history": {"messages": {"a b": {}}}},
        {"history": {"messages": {"x" * 129: {}}}},
        {"history": {"messages": {"a": {"parentId": "a"}}}},
        {"history": {"messages": {"a": "text"}}},
        {"history": []},
        {"messages": {}},
        {"title": 5},
        {"history": {"currentId": "no/slash"}},
    ],
)
def test_what_cannot_be_stored_is_refused_in_words(person: Person, chat: dict[str, Any]) -> None:
    answer = person.post("/api/v1/chats/new", {"chat": chat})
    assert answer.status_code == 400
    assert answer.json()["detail"].endswith((".", "-"))


def test_a_request_over_4_mb_is_refused(person: Person, new_chat: Any) -> None:
    chat = new_chat(message("q", None, "x"))
    body = {"messages": {"a": message("a", "q", "y" * 4_200_000)}}
    answer = person.post(f"/api/v1/chats/{chat['id']}/messages", body)
    assert answer.status_code == 413
    assert "4 MB" in answer.json()["detail"]


def test_pin_and_archive_move_a_chat_between_lists(person: Person, new_chat: Any) -> None:
    chat = new_chat(message("q", None, "x"))
    path = f"/api/v1/chats/{chat['id']}"

    assert person.post(f"{path}/pin").json()["pinned"] is True
    assert person.get(f"{path}/pinned").json() is True
    assert [each["id"] for each in person.get("/api/v1/chats/pinned").json()] == [chat["id"]]
    assert person.get("/api/v1/chats/").json() == []
    assert len(person.get("/api/v1/chats/list?include_pinned=true").json()) == 1

    assert person.post(f"{path}/archive").json()["archived"] is True
    assert person.get("/api/v1/chats/pinned").json() == []
    assert [each["id"] for each in person.get("/api/v1/chats/archived").json()] == [chat["id"]]
    assert len(person.get("/api/v1/chats/archived?query=CHAT&order_by=title&direction=asc").json()) == 1
    assert person.get("/api/v1/chats/archived?query=zebra").json() == []

    assert person.post("/api/v1/chats/unarchive/all").json() is True
    assert person.get("/api/v1/chats/archived").json() == []
    assert len(person.get("/api/v1/chats/pinned").json()) == 1


ENDPOINTS = [
    ("GET", "/api/v1/chats/{id}", None),
    ("POST", "/api/v1/chats/{id}", {"chat": {"title": "stolen"}}),
    ("DELETE", "/api/v1/chats/{id}", None),
    ("GET", "/api/v1/chats/{id}/messages/q", None),
    ("POST", "/api/v1/chats/{id}/messages", {"messages": {}, "remove": ["q"]}),
    ("POST", "/api/v1/chats/{id}/messages/q", {"content": "stolen"}),
    ("POST", "/api/v1/chats/{id}/messages/q/event", {"type": "x", "data": {}}),
    ("POST", "/api/v1/chats/{id}/pin", None),
    ("GET", "/api/v1/chats/{id}/pinned", None),
    ("POST", "/api/v1/chats/{id}/archive", None),
]


@pytest.mark.parametrize(("method", "path", "body"), ENDPOINTS)
def test_others_cannot_see_or_change_a_chat(
    person: Person, other: Person, pending: Person, new_chat: Any, method: str, path: str, body: Any
) -> None:
    chat = new_chat(message("q", None, "secret"))
    at = path.format(id=chat["id"])
    assert other.call(method, at, json=body).status_code == 404
    assert pending.call(method, at, json=body).status_code == 403
    assert person.client.request(method, at, json=body).status_code == 401
    assert messages_of(person, chat["id"])["q"]["content"] == "secret"
    assert person.call(method, at, json=body).status_code == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/v1/chats/"),
        ("GET", "/api/v1/chats/list"),
        ("POST", "/api/v1/chats/new"),
        ("DELETE", "/api/v1/chats/"),
    ],
)
def test_collections_need_a_signed_in_verified_person(person: Person, pending: Person, method: str, path: str) -> None:
    body = {"chat": {}} if method == "POST" else None
    assert person.client.request(method, path, json=body).status_code == 401
    assert pending.call(method, path, json=body).status_code == 403


def test_an_admin_may_delete_but_not_read_the_chats_of_others(person: Person, admin: Person, new_chat: Any) -> None:
    chat = new_chat(message("q", None, "x"))
    assert admin.get(f"/api/v1/chats/{chat['id']}").status_code == 404
    assert admin.delete(f"/api/v1/chats/{chat['id']}").json() is True
    assert person.get(f"/api/v1/chats/{chat['id']}").status_code == 404

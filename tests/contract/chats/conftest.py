"""Chats on real tables; everybody in a test is new, so tests do not see each other's chats."""

from collections.abc import Callable
from typing import Any

import pytest

from functions.chats.handler import app
from tests.contract.chats.people import Person, sign_in


@pytest.fixture
def person(emulator: object) -> Person:
    return sign_in(app)


@pytest.fixture
def other(emulator: object) -> Person:
    return sign_in(app)


@pytest.fixture
def admin(emulator: object) -> Person:
    return sign_in(app, "admin")


@pytest.fixture
def pending(emulator: object) -> Person:
    return sign_in(app, "pending")


def message(message_id: str, parent: str | None = None, content: str = "", **more: Any) -> dict[str, Any]:
    """A message as clients send it."""
    role = "user" if parent is None else "assistant"
    return {"id": message_id, "parentId": parent, "childrenIds": [], "role": role, "content": content, **more}


def chat_of(*messages: dict[str, Any], title: str = "A chat", **more: Any) -> dict[str, Any]:
    """A chat's JSON as stock clients send it."""
    by_id = {one["id"]: one for one in messages}
    for one in messages:
        if one["parentId"] in by_id and one["id"] not in by_id[one["parentId"]]["childrenIds"]:
            by_id[one["parentId"]]["childrenIds"].append(one["id"])
    current = messages[-1]["id"] if messages else None
    return {"title": title, "models": ["m"], "history": {"messages": by_id, "currentId": current}, **more}


@pytest.fixture
def new_chat(person: Person) -> Callable[..., dict[str, Any]]:
    """Creates a chat of `person` with these messages; returns the answer."""

    def new_chat(*messages: dict[str, Any], **more: Any) -> dict[str, Any]:
        answer = person.post("/api/v1/chats/new", {"chat": chat_of(*messages, **more)})
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    return new_chat

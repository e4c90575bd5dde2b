"""The running stack as the tests of answers use it: people, chats, and a model server connected like any other."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest

from shared import sections
from shared.clock import now
from shared.identity.models import Role, UserItem
from shared.identity.sessions import start_session
from shared.llm.connections import Connection, ConnectionConfig, ConnectionsSection
from tests.support.emulator import forget_settings
from tests.support.model_server import ModelServer, running
from tests.support.stack import Stack
from tests.support.waiting import until

Json = dict[str, Any]


@dataclass(frozen=True)
class Person:
    """Somebody signed in."""

    id: str
    token: str
    http: httpx2.Client


@dataclass(frozen=True)
class Site:
    """The stack, the model server, and the ids by which the stack knows the server's two models."""

    url: str
    server: ModelServer
    model: str
    second: str

    @property
    def name(self) -> str:
        """What people see of the model."""
        return self.model.partition(".")[2]

    @property
    def second_name(self) -> str:
        """What people see of the second model."""
        return self.second.partition(".")[2]

    def person(self, role: Role = "user") -> Person:
        """A new person of a role."""
        user_id = str(uuid.uuid4())
        user = UserItem(*UserItem.key(user_id), user_id=user_id, email=f"{user_id}@example.com", name="Ada", role=role)
        user.created_at = user.updated_at = user.last_active_at = now()
        user.save()
        token = start_session(user).token
        http = httpx2.Client(base_url=self.url, headers={"authorization": f"Bearer {token}"}, timeout=60)
        return Person(user_id, token, http)

    def new_chat(self, person: Person) -> tuple[str, str]:
        """A chat with a question and an answer to be: the ids of chat and answer."""
        question, answer = str(uuid.uuid4()), str(uuid.uuid4())
        messages = {
            question: message(question, None, [answer], "user", "What is up?"),
            answer: message(answer, question, [], "assistant", ""),
        }
        chat = {"title": "New Chat", "models": [self.model], "history": {"messages": messages, "currentId": answer}}
        made = person.http.post("/api/v1/chats/new", json={"chat": chat})
        assert made.status_code == 200, made.text
        return str(made.json()["id"]), answer

    def ask(self, person: Person, chat_id: str, message_id: str, **changes: Any) -> str:
        """Asks for the answer over the socket; the task id."""
        form = {"model": self.model, "session_id": "tests", "chat_id": chat_id, "id": message_id, **changes}
        answer = person.http.post("/api/chat/completions", json=form)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["task_id"])


def message(message_id: str, parent: str | None, children: list[str], role: str, content: str) -> Json:
    """A message in the contract's shape."""
    shape = {"id": message_id, "parentId": parent, "childrenIds": children, "role": role, "content": content}
    return {**shape, "timestamp": now()}


@contextmanager
def connected(stack: Stack) -> Iterator[Site]:
    """The stack with a model server of these tests connected, under a prefix of its own."""
    endpoints = stack.endpoints
    with pytest.MonkeyPatch.context() as environment, running() as server:
        values = {f"{name.upper()}_TABLE": table for name, table in endpoints.tables.items()}
        values |= {"AWS_ENDPOINT_URL": endpoints.emulator_url, "SECRET_ID": "cirrus-local-keys", "STAGE": "local"}
        values |= {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "us-east-1"}
        for name, value in values.items():
            environment.setenv(name, value)
        forget_settings()
        sections.forget()
        prefix = f"t{uuid.uuid4().hex[:6]}"
        connection = Connection(url=server.url, config=ConnectionConfig(prefix_id=prefix))
        sections.update(ConnectionsSection, lambda section: _with(section, connection))
        # Names of their own too: the tests of another process have their models on the same stack.
        names = (f"test-model-{prefix}", f"second-{prefix}")
        server.models = [{**server.models[0], "id": name} for name in names]
        site = Site(stack.url, server, *(f"{prefix}.{name}" for name in names))
        watcher = site.person()
        until(lambda: site.model in watcher.http.get("/api/models").text, 30, "the model is listed")
        try:
            yield site
        finally:
            sections.update(ConnectionsSection, lambda section: _without(section, server.url))
    forget_settings()
    sections.forget()


def _with(section: ConnectionsSection, connection: Connection) -> ConnectionsSection:
    return section.model_copy(update={"connections": [*section.connections, connection]})


def _without(section: ConnectionsSection, url: str) -> ConnectionsSection:
    return section.model_copy(update={"connections": [c for c in section.connections if c.url != url]})

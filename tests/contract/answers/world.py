"""A person with a chat, and all that happens to it; the worker runs in this process, what it pushes is recorded."""

import asyncio
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from starlette.testclient import TestClient

from functions.generate import service
from functions.inference.handler import app
from shared.answers import AnswerRequest
from shared.chats import saving, store, tree
from shared.chats.merge import reader_of
from shared.clock import now
from shared.identity.models import UserItem
from shared.identity.sessions import start_session
from shared.realtime.frames import fit
from tests.support.model_server import ModelServer

Json = dict[str, Any]


class Channel:
    """Stands in for `UserChannel`: keeps the events, and the bytes of their frames."""

    def __init__(self) -> None:
        self.events: list[Json] = []
        self.bytes = 0
        self.changed = threading.Condition()

    def __call__(self, user_id: str) -> "Channel":
        return self

    def __enter__(self) -> "Channel":
        return self

    def __exit__(self, *_: object) -> None: ...

    def look_again(self) -> None:
        """Whoever is there has been there from the start."""

    def send(self, event: str, data: Json) -> None:
        frames = fit(event, data)
        with self.changed:
            self.events.append(data)
            self.bytes += sum(map(len, frames))
            self.changed.notify_all()

    def flush(self, timeout: float) -> bool:
        return True

    def of(self, kind: str) -> list[Any]:
        """The data of all events of one type."""
        return [event["data"]["data"] for event in self.events if event["data"]["type"] == kind]

    @property
    def kinds(self) -> list[str]:
        """The types of the events in order, repeats left out."""
        kinds = [event["data"]["type"] for event in self.events]
        return [kind for number, kind in enumerate(kinds) if number == 0 or kinds[number - 1] != kind]

    def deltas(self, field: str = "content") -> list[Json]:
        """The deltas of one text: text, seq and offset."""
        found = [
            data for data in self.of("chat:completion") if field in (data.get("choices") or [{}])[0].get("delta", {})
        ]
        return [{"text": d["choices"][0]["delta"][field], "seq": d["seq"], "offset": d["offset"]} for d in found]

    def text(self, field: str = "content") -> str:
        """The text as a client puts it together, each delta at its offset."""
        text = ""
        for delta in self.deltas(field):
            assert delta["offset"] == len(text.encode("utf-16-le")) // 2
            text += delta["text"]
        return text

    def wait_for(self, condition: Callable[[], bool], seconds: float = 10) -> None:
        """Waits until an event makes the condition true."""
        with self.changed:
            assert self.changed.wait_for(condition, seconds), f"not within {seconds} s; got {self.kinds}"


@dataclass
class World:
    """A person with a chat, and all that happens to it."""

    client: TestClient
    server: ModelServer
    channel: Channel
    user_id: str
    chat_id: str
    message_id: str
    requests: list[AnswerRequest] = field(default_factory=list)
    watched: list[str] = field(default_factory=list)

    def ask(self, **changes: Any) -> str:
        """Asks for the answer; returns the task id."""
        form = {"model": "test-model", "session_id": "s", "chat_id": self.chat_id, "id": self.message_id, **changes}
        answer = self.client.post("/api/chat/completions", json=form)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["task_id"])

    def work(self, seconds_left: float = 900.0) -> None:
        """Has the worker carry out all that was asked for."""
        while self.requests:
            asyncio.run(service.answer(self.requests.pop(0), lambda: seconds_left))

    def work_aside(self) -> threading.Thread:
        """The same, in a thread."""
        thread = threading.Thread(target=self.work)
        thread.start()
        return thread

    def message(self) -> Json:
        """The stored answer."""
        found = store.message(self.chat_id, self.message_id)
        assert found is not None
        return found


def person(role: str = "user") -> tuple[str, TestClient]:
    """Somebody of a role, signed in: the id and a client."""
    user_id = str(uuid.uuid4())
    user = UserItem(*UserItem.key(user_id), user_id=user_id, email=f"{user_id}@example.com", name=role, role=role)
    user.created_at = user.updated_at = user.last_active_at = now()
    user.save()
    client = TestClient(app)
    client.headers["authorization"] = f"Bearer {start_session(user).token}"
    return user_id, client


def new_chat(user_id: str, question: str, answer: str) -> str:
    """A chat of a person with a question and its answer to be, by their ids."""
    messages = {
        question: {"id": question, "parentId": None, "role": "user", "content": "What is up?"},
        answer: {"id": answer, "parentId": question, "role": "assistant", "content": ""},
    }
    parts = tree.take_apart({"title": "New Chat", "history": {"messages": messages, "currentId": answer}})
    return str(saving.create(user_id, parts, reader_of(None, "tests")).chat_id)

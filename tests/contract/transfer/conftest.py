"""Imports and exports on real tables and a real bucket; the worker runs where it would be called."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from functions.chats.handler import app as chats
from functions.transfer import service, telling, worker
from functions.transfer.handler import app
from tests.contract.chats.people import Person, sign_in


@dataclass
class Workers:
    """Calls for workers: each is carried out at once, with `seconds` of time, unless it is held back."""

    seconds: float = 900.0
    calls: list[dict[str, Any]] = field(default_factory=list)
    held: bool = False

    def invoke(self, FunctionName: str, InvocationType: str, Payload: bytes) -> None:
        assert (FunctionName, InvocationType) == ("courier", "Event")
        self.calls.append(json.loads(Payload))
        if not self.held:
            self.work(self.calls[-1])

    def work(self, call: dict[str, Any]) -> dict[str, str]:
        return worker.handler(call, self)  # type: ignore[arg-type]

    def get_remaining_time_in_millis(self) -> int:
        return int(self.seconds * 1000)


class Channel:
    """What open tabs were told."""

    told: list[dict[str, Any]]

    def __init__(self, user_id: str) -> None:
        pass

    def __enter__(self) -> "Channel":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def send(self, event: str, data: dict[str, Any]) -> None:
        assert event == "events"
        Channel.told.append(data["data"])


@pytest.fixture(autouse=True)
def workers(emulator: object, monkeypatch: pytest.MonkeyPatch) -> Workers:
    workers = Workers()
    monkeypatch.setattr(service, "lambda_client", lambda: workers)
    monkeypatch.setattr(type(service.settings()), "require", _with_courier(type(service.settings()).require))
    monkeypatch.setattr(telling, "UserChannel", Channel)
    Channel.told = []
    return workers


def _with_courier(require: Callable[[Any, str], str]) -> Callable[[Any, str], str]:
    return lambda settings, name: "courier" if name == "courier_function" else require(settings, name)


@pytest.fixture
def told() -> list[dict[str, Any]]:
    return Channel.told


@pytest.fixture
def person() -> Person:
    return sign_in(app)


@pytest.fixture
def other() -> Person:
    return sign_in(app)


@pytest.fixture
def at_chats(person: Person) -> Person:
    """The same person, at the chats function."""
    return Person(person.id, person.token, sign_in(chats).client)


def upload(person: Person, content: Any, filename: str = "chats.json") -> str:
    """An import with its file uploaded as a browser does it; returns its id."""
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()
    made = person.post("/api/v1/chats/imports", {"filename": filename, "size": len(raw)})
    assert made.status_code == 200, made.text
    form = made.json()["upload"]
    sent = httpx.post(form["url"], data=form["fields"], files={"file": (filename, raw, "application/json")})
    assert sent.status_code == 204, sent.text
    return str(made.json()["id"])


def imported(person: Person, content: Any) -> dict[str, Any]:
    """The end of an import of this file."""
    import_id = upload(person, content)
    started = person.post(f"/api/v1/chats/imports/{import_id}/start")
    assert started.status_code == 200, started.text
    return dict(person.get(f"/api/v1/chats/imports/{import_id}").json())

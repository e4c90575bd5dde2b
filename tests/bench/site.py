"""The stack under measurement, the model server beside it, and people who use it."""

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from infra.local import aws
from shared.clock import now
from shared.identity.models import Role, UserItem
from shared.identity.sessions import start_session
from tests.support.emulator import forget_settings
from tests.support.model_server import Behaviour, ModelServer, running
from tests.support.stack import Stack

INSTANT, STEADY, BURST = "instant", "steady", "burst"
WORDS = ["The ", "quick ", "brown ", "fox ", "jumps ", "over ", "it", ", ", "and ", "on.\n"]

FUNCTIONS = ("accounts", "chats", "inference", "generate", "realtime", "knowledge")


@dataclass(frozen=True)
class Person:
    """Somebody signed in."""

    id: str
    token: str

    @property
    def headers(self) -> dict[str, str]:
        """What proves it."""
        return {"Authorization": f"Bearer {self.token}"}


@dataclass(frozen=True)
class Site:
    """A running stack, connected to a model server of this process only."""

    url: str
    stack: Stack
    server: ModelServer

    def person(self, role: Role = "user") -> Person:
        """A new account of a role."""
        user_id = str(uuid.uuid4())
        user = UserItem(
            *UserItem.key(user_id), user_id=user_id, email=f"{user_id}@example.com", name="Bench", role=role
        )
        user.created_at = user.updated_at = user.last_active_at = now()
        user.save()
        return Person(user_id, start_session(user).token)


def tokens(count: int) -> list[str]:
    """So many tokens of a text like prose."""
    return [WORDS[number % len(WORDS)] for number in range(count)]


@contextmanager
def site(stack: Stack, folder: Path) -> Iterator[Site]:
    """The stack, with this process' settings naming its tables, and the model server as its one connection."""
    server = ModelServer()
    server.behaviours = {
        INSTANT: Behaviour(tokens=tokens(8)),
        STEADY: Behaviour(tokens=tokens(500), tokens_per_second=50),
        BURST: Behaviour(tokens=tokens(2000)),
    }
    server.models = [{"id": name, "object": "model", "created": 1, "owned_by": "bench"} for name in server.behaviours]
    before = dict(os.environ)
    os.environ.update(aws.environment(stack.endpoints.emulator_url, folder / "aws-config"))
    for name in FUNCTIONS:
        configuration = stack.client("lambda").get_function_configuration(FunctionName=f"cirrus-local-{name}")
        os.environ.update(configuration["Environment"]["Variables"])
    os.environ["LOG_LEVEL"] = "CRITICAL"  # of the functions that run in this process
    forget_settings()
    try:
        with running(server):
            made = Site(stack.url, stack, server)
            _connect(made)
            yield made
    finally:
        os.environ.clear()
        os.environ.update(before)
        forget_settings()


def _connect(site: Site) -> None:
    form = {
        "ENABLE_OPENAI_API": True,
        "OPENAI_API_BASE_URLS": [site.server.url],
        "OPENAI_API_KEYS": ["sk-bench"],
        "OPENAI_API_CONFIGS": {},
    }
    admin = site.person("admin")
    with httpx.Client(base_url=site.url, headers=admin.headers, timeout=60) as client:
        client.post("/openai/config/update", json=form).raise_for_status()
        listed = client.get("/api/models", params={"refresh": "true"}).raise_for_status().json()["data"]
    names = {model["id"] for model in listed}
    assert set(site.server.behaviours) <= names, f"the bench's models are not listed: {names}"

"""Who may call what: every route of every function, as nobody, pending, user and admin, and on other people's things.

The levels are the contract's (access_levels.txt) and, for routes of our own, the table below. A route in neither fails.
"""

import importlib
import re
import uuid
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from infra.routes import ROUTES
from shared import sections
from shared.clock import now
from shared.identity.models import UserItem
from shared.identity.sessions import start_session

OURS = {
    # The contract has the role of whoever is signed in looked at within.
    "POST /api/v1/knowledge/reindex": "admin",
    "POST /api/v1/retrieval/try": "admin",
    "GET /api/v1/retrieval/ingestion": "admin",
    "POST /api/v1/retrieval/ingestion/retry": "admin",
    "GET /api/v1/configs/generation": "admin",
    "POST /api/v1/configs/generation": "admin",
    "POST /api/v1/auths/signout/all": "user",
    "POST /api/v1/chats/{}/messages": "verified",
    "GET /api/v1/chats/{}/messages/{}": "verified",
    "GET /api/v1/chats/imports": "verified",
    "POST /api/v1/chats/imports": "verified",
    "GET /api/v1/chats/imports/{}": "verified",
    "DELETE /api/v1/chats/imports/{}": "verified",
    "POST /api/v1/chats/imports/{}/start": "verified",
    "GET /api/v1/exports": "verified",
    "POST /api/v1/exports": "verified",
    "GET /api/v1/exports/{}": "verified",
    "DELETE /api/v1/exports/{}": "verified",
    "GET /api/v1/exports/chats/{}": "verified",
    "POST /ollama/api/push": "admin",
    "POST /ollama/api/push/{}": "admin",
    "HEAD /ollama/api/blobs/{}": "admin",
    "POST /ollama/api/blobs/{}": "admin",
    "POST /ollama/pulls": "admin",
    "GET /ollama/pulls": "admin",
    "GET /ollama/pulls/{}": "admin",
    "DELETE /ollama/pulls/{}": "admin",
    "GET /api/v1/files/{}/data/segments": "verified",
    "POST /api/v1/files/uploads": "verified",
    "POST /api/v1/files/uploads/{}/parts": "verified",
    "POST /api/v1/files/uploads/{}/complete": "verified",
    "DELETE /api/v1/files/uploads/{}": "verified",
    "POST /ollama/uploads": "admin",
    "POST /ollama/uploads/{}/parts": "admin",
    "POST /ollama/uploads/{}/complete": "admin",
    "DELETE /api/v1/chats/{}/messages/{}": "verified",
    "GET /api/v1/evaluations/leaderboard": "admin",
}
ROLES = ("anonymous", "pending", "user", "admin")
MAY = {"none": ROLES, "user": ROLES[1:], "verified": ROLES[2:], "admin": ROLES[3:]}

# Things of one person that another must not reach: how each is made, and the routes that lead to it.
OWNED = {
    "/api/v1/chats/{": ("chats", "/api/v1/chats/new", {"json": {"chat": {"title": "Private", "history": {}}}}),
    "/api/v1/evaluations/feedback/{": (
        "workspace",
        "/api/v1/evaluations/feedback",
        {"json": {"type": "rating", "data": {"comment": "private"}}},
    ),
    "/api/v1/folders/{": ("chats", "/api/v1/folders/", {"json": {"name": "Private"}}),
    "/api/v1/chats/folder/{": ("chats", "/api/v1/folders/", {"json": {"name": "Private"}}),
    "/api/v1/chats/imports/{": (
        "transfer",
        "/api/v1/chats/imports",
        {"json": {"filename": "private.json", "size": 5}},
    ),
    "/api/v1/exports/chats/{": ("chats", "/api/v1/chats/new", {"json": {"chat": {"title": "Private", "history": {}}}}),
    "/api/v1/knowledge/{": (
        "knowledge",
        "/api/v1/knowledge/create",
        {"json": {"name": "Private", "description": "", "access_control": {}}},
    ),
    "/api/v1/memories/{": ("knowledge", "/api/v1/memories/add", {"json": {"content": "private"}}),
    "/api/v1/files/uploads/{": (
        "knowledge",
        "/api/v1/files/uploads",
        {"json": {"filename": "private.txt", "size": 5}},
    ),
    "/api/v1/files/{": ("knowledge", "/api/v1/files/", {"files": {"file": ("a.txt", b"private", "text/plain")}}),
}
# Forms that are right, so that it is the owner's check that refuses.
FORMS: dict[str, object] = {
    "POST /api/v1/chats/{}": {"chat": {"title": "Taken"}},
    "POST /api/v1/chats/{}/folder": {"folder_id": None},
    "POST /api/v1/chats/{}/tags": {"name": "taken"},
    "DELETE /api/v1/chats/{}/tags": {"name": "taken"},
    "POST /api/v1/files/uploads/{}/parts": {"first": 1, "count": 1},
    "POST /api/v1/files/uploads/{}/complete": {"etags": ["taken"]},
    "POST /api/v1/files/{}/data/content/update": {"content": "Taken"},
    "POST /api/v1/folders/{}/update": {"name": "Taken"},
    "POST /api/v1/folders/{}/update/expanded": {"is_expanded": True},
    "POST /api/v1/chats/{}/messages": {"messages": {"m": {"id": "m", "role": "user", "content": "Taken"}}},
    "POST /api/v1/chats/{}/messages/{}": {"content": "Taken"},
    "POST /api/v1/evaluations/feedback/{}": {"type": "rating"},
    "POST /api/v1/knowledge/{}/update": {"name": "Taken", "description": ""},
    "POST /api/v1/knowledge/{}/file/add": {"file_id": "taken"},
    "POST /api/v1/knowledge/{}/file/update": {"file_id": "taken"},
    "POST /api/v1/knowledge/{}/file/remove": {"file_id": "taken"},
    "POST /api/v1/knowledge/{}/files/batch/add": [],
    "POST /api/v1/knowledge/{}/files/batch/remove": [],
    "POST /api/v1/knowledge/{}/files/batch/update": [],
    "POST /api/v1/memories/{}/update": {"content": "taken"},
    "POST /api/v1/chats/{}/messages/{}/event": {"type": "chat:title", "data": {}},
}


class Endpoint(NamedTuple):
    """A route of a function."""

    function: str
    method: str
    path: str

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def shape(self) -> str:
        """Method and path without the names of parameters."""
        return f"{self.method} {re.sub(r'{[^}]*}', '{}', self.path)}"


@cache
def app_of(function: str) -> FastAPI:
    app = importlib.import_module(f"functions.{function}.handler").app
    assert isinstance(app, FastAPI)
    return app


def endpoints() -> list[Endpoint]:
    return [
        Endpoint(function, method.upper(), path)
        for function in sorted({route.function for route in ROUTES})
        for path, operations in app_of(function).openapi()["paths"].items()
        for method in operations
    ]


@cache
def levels() -> dict[str, str]:
    lines = Path(__file__).with_name("access_levels.txt").read_text().splitlines()
    parts = [line.split(maxsplit=2) for line in lines]
    return {f"{method} {re.sub(r'{[^}]*}', '{}', path)}": level for level, method, path in parts} | OURS


@pytest.fixture(scope="module", autouse=True)
def _emulator(emulator: object) -> Iterator[None]:
    sections.forget()
    yield
    for function in {route.function for route in ROUTES}:
        client_of(function).__exit__()
    client_of.cache_clear()
    sections.forget()


@cache
def client_of(function: str) -> TestClient:
    return TestClient(app_of(function), raise_server_exceptions=False, follow_redirects=False).__enter__()


def token(role: str) -> str | None:
    """A session of a new person with this role."""
    if role == "anonymous":
        return None
    user_id, moment = str(uuid.uuid4()), now()
    user = UserItem(*UserItem.key(user_id), user_id=user_id, email=f"{user_id}@example.com", name=role, role=role)
    user.created_at = user.updated_at = user.last_active_at = moment
    user.save()
    return start_session(user).token


@cache
def somebody(role: str) -> str | None:
    """One and the same session of this role, for calls that do not end it."""
    return token(role)


def call(endpoint: Endpoint, role_token: str | None, things: dict[str, str] | None = None) -> tuple[int, str]:
    """Status and body of a call, mostly with an empty form: whoever may not is told so before it is looked at."""
    values = things or {}
    path = re.sub(r"{([^}:]*)[^}]*}", lambda found: values.get(found[1], str(uuid.uuid4())), endpoint.path)
    headers = {"authorization": f"Bearer {role_token}"} if role_token else {}
    body = FORMS.get(endpoint.shape, {} if endpoint.method in ("POST", "PUT", "PATCH") else None)
    client = client_of(endpoint.function)
    answer = client.request(endpoint.method, path, headers=headers, json=body)
    client.cookies.clear()
    return answer.status_code, answer.text


@pytest.mark.parametrize("endpoint", endpoints(), ids=str)
def test_only_whom_the_contract_lets_in_may_call(endpoint: Endpoint) -> None:
    level = levels().get(endpoint.shape)
    assert level, f"{endpoint} is in no table of access levels: add it to OURS"
    for role in ROLES:
        status, body = call(endpoint, (token if "signout" in endpoint.path else somebody)(role))
        told = f"{endpoint} [{level}] as {role}: {status} {body[:200]}"
        if role in MAY[level]:
            assert status not in (401, 403), told
        else:
            assert status == (401 if role == "anonymous" else 403), told


def owned_endpoints() -> list[tuple[str, Endpoint]]:
    return [(prefix, endpoint) for endpoint in endpoints() for prefix in OWNED if endpoint.path.startswith(prefix)]


@pytest.mark.parametrize(("prefix", "endpoint"), owned_endpoints(), ids=str)
def test_nobody_reaches_what_is_somebody_elses(prefix: str, endpoint: Endpoint) -> None:
    function, path, request = OWNED[prefix]
    owner, other = token("admin"), somebody("user")  # an admin needs no permission to make it
    made = client_of(function).post(path, headers={"authorization": f"Bearer {owner}"}, **request)
    assert made.status_code == 200, made.text
    parameter = endpoint.path.removeprefix(prefix).partition("}")[0]
    status, body = call(endpoint, other, {parameter: made.json()["id"]})
    assert status in (401, 403, 404), f"{endpoint} on somebody else's thing: {status} {body[:200]}"
    assert "private" not in body.lower()

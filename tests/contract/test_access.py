"""Who may call what: every route of every function, as nobody, pending, user and admin, and on other people's things.

The levels are the contract's (access_levels.txt) and, for routes of our own, the table below. A route in neither fails.
"""

import importlib
import json
import re
import uuid
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

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

MESSAGE = "4d0a6f0e-5f0c-4c56-9a38-4d1a3f6f6d11"
HISTORY = {
    "currentId": MESSAGE,
    "messages": {MESSAGE: {"id": MESSAGE, "parentId": None, "childrenIds": [], "role": "user", "content": "private"}},
}
A_FILE = {"file": ("a.txt", b"private", "text/plain")}
FILE = "the id of a file of the owner"
# Things of one person that another must not reach: how each is made, and the routes that lead to it.
OWNED: dict[str, tuple[str, str, dict[str, Any]]] = {
    "/api/v1/chats/{": ("chats", "/api/v1/chats/new", {"json": {"chat": {"title": "Private", "history": HISTORY}}}),
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
    "/api/v1/files/{": ("knowledge", "/api/v1/files/", {"files": A_FILE}),
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
    "POST /api/v1/knowledge/{}/file/add": {"file_id": FILE},
    "POST /api/v1/knowledge/{}/file/update": {"file_id": FILE},
    "POST /api/v1/knowledge/{}/file/remove": {"file_id": FILE},
    "POST /api/v1/knowledge/{}/files/batch/add": [{"file_id": FILE}],
    "POST /api/v1/knowledge/{}/files/batch/remove": [{"file_id": FILE}],
    "POST /api/v1/knowledge/{}/files/batch/update": [{"file_id": FILE}],
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


def call(
    endpoint: Endpoint, role_token: str | None, things: dict[str, str] | None = None, form: object = None
) -> tuple[int, str]:
    """Status and body of a call, mostly with an empty form: whoever may not is told so before it is looked at."""
    values = things or {}
    path = re.sub(r"{([^}:]*)[^}]*}", lambda found: values.get(found[1], str(uuid.uuid4())), endpoint.path)
    headers = {"authorization": f"Bearer {role_token}"} if role_token else {}
    body = form or FORMS.get(endpoint.shape, {} if endpoint.method in ("POST", "PUT", "PATCH") else None)
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


@pytest.mark.parametrize("endpoint", endpoints(), ids=str)
def test_a_body_that_is_none_is_refused_or_not_looked_at(endpoint: Endpoint) -> None:
    path = re.sub(r"{[^}]*}", lambda found: str(uuid.uuid4()), endpoint.path)
    client = client_of(endpoint.function)
    for body, kind in (
        (b"", ""),
        (b"no JSON", "text/plain"),
        (b"{", "application/json"),
        (b"[" * 99_999, "text/plain"),
    ):
        headers = {"content-type": kind} if kind else {}
        answer = client.request(endpoint.method, path, headers=headers, content=body)
        client.cookies.clear()
        assert answer.status_code < 500, f"{endpoint} with {body[:10]!r} as {kind}: {answer.text[:200]}"


@pytest.mark.parametrize("endpoint", [each for each in endpoints() if "{" in each.path], ids=str)
def test_what_has_an_id_longer_than_any_is_not_there(endpoint: Endpoint) -> None:
    names = re.findall(r"{([^}:]*)", endpoint.path)
    for long in ("x" * 3000, "é" * 600):
        status, body = call(endpoint, somebody("admin"), dict.fromkeys(names, long))
        assert status < 500, f"{endpoint}: {status} {body[:200]}"


def owned_endpoints() -> list[tuple[str, Endpoint]]:
    return [(prefix, endpoint) for endpoint in endpoints() for prefix in OWNED if endpoint.path.startswith(prefix)]


@pytest.mark.parametrize(("prefix", "endpoint"), owned_endpoints(), ids=str)
def test_nobody_but_its_owner_reaches_a_thing(prefix: str, endpoint: Endpoint) -> None:
    owner, other = token("admin"), somebody("user")  # an admin needs no permission to make it
    thing = made(owner, *OWNED[prefix])
    things = {endpoint.path.removeprefix(prefix).partition("}")[0]: thing, "message_id": MESSAGE}
    form = form_of(endpoint, owner, thing)
    status, body = call(endpoint, other, things, form)
    assert status in (401, 403, 404), f"{endpoint} on somebody else's thing: {status} {body[:200]}"
    assert "private" not in body.lower()
    status, body = call(endpoint, owner, things, form)
    assert status not in (401, 403, 404), f"{endpoint} on one's own thing: {status} {body[:200]}"


def made(owner: str | None, function: str, path: str, request: dict[str, Any]) -> str:
    """The id of a thing that its owner makes."""
    answer = client_of(function).post(path, headers={"authorization": f"Bearer {owner}"}, **request)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["id"])


def form_of(endpoint: Endpoint, owner: str | None, thing: str) -> object:
    """The right form for an endpoint. A file that it names exists, in the knowledge base unless it is to be added."""
    form = FORMS.get(endpoint.shape)
    if FILE not in json.dumps(form):
        return form
    file_id = made(owner, *OWNED["/api/v1/files/{"])
    if not endpoint.path.endswith("/add"):
        path = f"/api/v1/knowledge/{thing}/files/batch/add"
        made(owner, "knowledge", path, {"json": [{"file_id": file_id}]})
    return json.loads(json.dumps(form).replace(FILE, file_id))

"""People on real tables: each test starts with none."""

import uuid
from collections.abc import Callable, Iterator

import pytest
from fastapi.testclient import TestClient

from functions.accounts.handler import app
from shared import sections
from shared.settings import settings
from tests.contract.accounts.members import ORIGIN, PASSWORD, Member, empty, set_role


@pytest.fixture
def people(emulator: object) -> Iterator[None]:
    """The accounts and platform tables, empty before each test."""
    for table in (settings().accounts_table, settings().platform_table):
        empty(table)
    sections.forget()
    yield
    sections.forget()


@pytest.fixture
def client(people: None) -> Iterator[TestClient]:
    """A browser: it keeps the cookie."""
    with TestClient(app, base_url=ORIGIN) as client:
        yield client


@pytest.fixture
def sign_up(people: None) -> Callable[..., Member]:
    """Signs somebody up; the first one is admin."""

    def sign_up(email: str = "", name: str = "Ada Lovelace", password: str = PASSWORD) -> Member:
        email = email or f"{uuid.uuid4().hex[:8]}@example.com"
        with TestClient(app, base_url=ORIGIN) as client:
            answer = client.post("/api/v1/auths/signup", json={"email": email, "name": name, "password": password})
        assert answer.status_code == 200, answer.text
        body = answer.json()
        return Member(body["id"], body["email"], body["token"], body["role"])

    return sign_up


@pytest.fixture
def admin(sign_up: Callable[..., Member]) -> Member:
    """The first account."""
    return sign_up("admin@example.com", "Root Admin")


@pytest.fixture
def member(admin: Member, sign_up: Callable[..., Member]) -> Member:
    """Somebody with role user."""
    someone = sign_up("member@example.com", "Grace Hopper")
    set_role(admin, someone, "user")
    someone.role = "user"
    return someone

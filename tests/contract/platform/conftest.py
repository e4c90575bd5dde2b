"""The platform's routes on real tables, each test with none but its own people."""

import uuid
from collections.abc import Callable, Iterator

import pytest
from fastapi.testclient import TestClient

from functions.platform.handler import app
from shared import sections
from shared.clock import now
from shared.identity.instance import FirstAdminItem
from shared.identity.models import UserItem
from shared.identity.sessions import start_session
from shared.settings import settings
from tests.contract.accounts.members import empty


@pytest.fixture
def client(emulator: object) -> Iterator[TestClient]:
    """A browser nobody signed in on."""
    for table in (settings().accounts_table, settings().platform_table):
        empty(table)
    sections.forget()
    with TestClient(app, base_url="https://chat.example.com") as client:
        yield client
    sections.forget()


@pytest.fixture
def signed_in(client: TestClient) -> Callable[[str], TestClient]:
    """The browser with somebody of the role given signed in."""

    def sign_in(role: str) -> TestClient:
        user_id, moment = str(uuid.uuid4()), now()
        user = UserItem(*UserItem.key(user_id), user_id=user_id, email=f"{role}@example.com", name=role, role=role)
        user.created_at = user.updated_at = user.last_active_at = moment
        user.save()
        FirstAdminItem(*FirstAdminItem.KEY, user_id=user_id).save()
        client.headers["authorization"] = f"Bearer {start_session(user).token}"
        return client

    return sign_in

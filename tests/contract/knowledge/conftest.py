"""People with knowledge: some may make it."""

from typing import Any

import pytest

from functions.knowledge.handler import app
from shared import files, sections
from shared.files import FileItem
from shared.identity.permissions import PermissionsSection
from shared.settings import settings
from tests.contract.accounts.members import empty
from tests.contract.chats.people import Person, sign_in


@pytest.fixture(scope="module", autouse=True)
def _no_knowledge(emulator: object) -> None:
    """What is open to everybody shows in other people's lists."""
    empty(settings().require("knowledge_table"))


@pytest.fixture(autouse=True)
def _everybody_makes_knowledge(emulator: object) -> None:
    sections.update(
        PermissionsSection,
        lambda known: known.model_copy(
            update={"workspace": known.workspace.model_copy(update={"knowledge": True})},
        ),
    )


@pytest.fixture
def person(emulator: object) -> Person:
    return sign_in(app)


@pytest.fixture
def other(emulator: object) -> Person:
    return sign_in(app)


@pytest.fixture
def admin(emulator: object) -> Person:
    return sign_in(app, "admin")


def create(person: Person, name: str = "Handbook", **form: Any) -> Any:
    """A knowledge base of a person, private unless `form` says who else may use it."""
    answer = person.post(
        "/api/v1/knowledge/create", {"name": name, "description": "What we know", "access_control": {}, **form}
    )
    assert answer.status_code == 200, answer.text
    return answer.json()


def stored(person: Person, name: str = "a.txt") -> FileItem:
    """A file of a person that nobody has looked into."""
    return files.store(person.id, name, "text/plain", b"text")


def add(person: Person, knowledge_id: str, file: FileItem) -> Any:
    """The knowledge base after the file came into it."""
    answer = person.post(f"/api/v1/knowledge/{knowledge_id}/file/add", {"file_id": file.file_id})
    assert answer.status_code == 200, answer.text
    return answer.json()

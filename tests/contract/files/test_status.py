"""How far a file is: once, or as events that come as it happens."""

import json
import uuid
from collections.abc import Iterator

import httpx
import pytest

from functions.inference import file_routes
from functions.inference.handler import app
from shared import files
from shared.files import FileItem
from shared.identity.access import AccessControl, AccessRule
from shared.ingestion import requests, state
from shared.knowledge import items, membership
from tests.contract.chats.people import Person, sign_in
from tests.support.serving import serving


@pytest.fixture
def person(emulator: object) -> Person:
    return sign_in(app)


@pytest.fixture
def address(emulator: object) -> Iterator[str]:
    """The app on a port: only there answers come in pieces."""
    with serving(app) as url:
        yield url


def queued(user_id: str) -> FileItem:
    item = files.store(user_id, "a.txt", "text/plain", b"text")
    requests.ingest(item.file_id)
    return files.find(item.file_id)


def path(item: FileItem) -> str:
    return f"/api/v1/files/{item.file_id}/process/status"


def test_the_status_is_told_to_whoever_may_read_the_file(person: Person) -> None:
    file = queued(person.id)
    assert person.get(path(file)).json() == {"status": "pending", "error": None}
    other = sign_in(app)
    assert other.get(path(file)).status_code == 404
    base = items.create(person.id, f"{uuid.uuid4()}", access=AccessControl(read=AccessRule(user_ids=[other.id])))
    membership.add(base.knowledge_id, file.file_id)
    assert other.get(path(file)).status_code == 200
    state.fail(file, str(file.building), "It is broken.")
    assert person.get(path(file)).json() == {"status": "failed", "error": "It is broken."}


def test_events_come_as_it_happens_until_the_end(person: Person, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_routes, "LOOK_SECONDS", 0.05)
    for end, told in (("indexed", {"status": "completed"}), ("deleted", {"status": "not_found"})):
        file = queued(person.id)
        headers = {"authorization": f"Bearer {person.token}"}
        with httpx.stream("GET", f"{address}{path(file)}?stream=true", headers=headers, timeout=20) as answer:
            assert answer.headers["content-type"].startswith("text/event-stream")
            lines = (line for line in answer.iter_lines() if line)
            assert next(lines) == 'data: {"status":"pending"}', "at once, while nothing has happened yet"
            if end == "indexed":
                assert state.publish(file, str(file.building))
            else:
                requests.remove(file)
            assert [json.loads(line.removeprefix("data: ")) for line in lines] == [told]


def test_a_file_that_nothing_was_asked_of_and_one_that_takes_too_long_end_the_events(
    person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = files.store(person.id, "a.txt", "text/plain", b"text")
    monkeypatch.setattr(file_routes, "LONGEST_SECONDS", 0.0)
    for file in (kept, queued(person.id)):
        answer = person.get(f"{path(file)}?stream=true")
        assert answer.text == 'data: {"status":"pending"}\n\n'

"""Files of any size: uploaded in parts, gone on with, given up; what an admin allows."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from functions.knowledge import file_uploads
from functions.knowledge.handler import app
from shared import sections
from shared.retrieval.settings import RetrievalSettings
from shared.settings import settings
from shared.storage import objects
from tests.contract.chats.people import Person, sign_in

PART = 5 * 1024 * 1024
CONTENT = bytes(range(256)) * (PART // 256) + b"the end"


@pytest.fixture
def person(emulator: object) -> Person:
    return sign_in(app)


@pytest.fixture
def other(emulator: object) -> Person:
    return sign_in(app)


@pytest.fixture(autouse=True)
def _small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_uploads, "PART_BYTES", PART)  # S3's smallest


@pytest.fixture
def allowed(emulator: object) -> Iterator[None]:
    """What an admin allows for the time of a test."""
    yield
    sections.update(RetrievalSettings, lambda _: RetrievalSettings())


def begun(person: Person, name: str = "big.bin", size: int = len(CONTENT), **more: Any) -> dict[str, Any]:
    answer = person.call("POST", "/api/v1/files/uploads", json={"filename": name, "size": size, **more})
    assert answer.status_code == 200, answer.text
    upload: dict[str, Any] = answer.json()
    return upload


def send(person: Person, upload: dict[str, Any], *numbers: int) -> dict[int, str]:
    """Puts parts where the server says; what they are called there."""
    etags = {}
    for number in numbers:
        path = f"/api/v1/files/uploads/{upload['id']}/parts"
        (url,) = person.call("POST", path, json={"first": number, "count": 1}).json()["urls"]
        # The edge is not there: its bucket route leads to the emulator.
        direct = settings().aws_endpoint_url + urlsplit(url).path.removeprefix("/s3") + "?" + urlsplit(url).query
        start = (number - 1) * upload["part_size"]
        etags[number] = httpx.put(direct, content=CONTENT[start : start + upload["part_size"]]).headers["etag"]
    return etags


def complete(person: Person, upload: dict[str, Any], *etags: str) -> Any:
    return person.call("POST", f"/api/v1/files/uploads/{upload['id']}/complete", json={"etags": list(etags)})


def test_a_file_goes_in_parts_and_is_gone_on_with_after_a_pause(person: Person) -> None:
    upload = begun(person, "../a/big.bin", content_type="Application/X-Thing; q=1", metadata={"a": 1})
    assert (upload["part_size"], upload["parts"]) == (PART, 2)
    first = send(person, upload, 1)
    missing = complete(person, upload, first[1], first[1])
    assert missing.status_code == 409
    assert "parts that are missing" in missing.json()["detail"]
    second = send(person, upload, 2)
    done = complete(person, upload, first[1], second[2])
    assert done.status_code == 200, done.text
    file = done.json()
    assert (file["filename"], file["meta"]["size"]) == ("big.bin", len(CONTENT))
    assert (file["meta"]["content_type"], file["meta"]["data"]) == ("application/x-thing", {"a": 1})
    assert (file["status"], file["data"]["status"]) == ("queued", "pending")
    assert objects.get(f"files/{person.id}/{file['id']}/content") == CONTENT
    assert complete(person, upload, first[1], second[2]).json()["id"] == file["id"], "an answer that was lost"


def test_an_upload_is_its_persons_and_can_be_given_up(person: Person, other: Person) -> None:
    upload = begun(person)
    etags = send(person, upload, 1)
    path = f"/api/v1/files/uploads/{upload['id']}"
    assert other.call("POST", f"{path}/parts", json={"first": 1, "count": 1}).status_code == 404
    assert complete(other, upload, etags[1]).status_code == 404
    assert other.delete(path).status_code == 404
    assert person.delete(path).status_code == 200
    assert person.delete(path).status_code == 200
    assert complete(person, upload, etags[1]).status_code == 409
    assert person.get("/api/v1/files/").json() == []


def test_what_was_not_announced_is_no_file(person: Person) -> None:
    upload = begun(person, size=len(CONTENT) - 1)
    etags = send(person, upload, 1, 2)
    answer = complete(person, upload, etags[1], etags[2])
    assert answer.status_code == 400
    assert "announced" in answer.json()["detail"]
    assert list(objects.keys(f"files/{person.id}/")) == []


def test_an_admin_limits_size_and_types(person: Person, allowed: None) -> None:
    limits = RetrievalSettings(file_max_size=1, allowed_file_extensions=["pdf", " .TXT"])
    sections.update(RetrievalSettings, lambda _: limits)
    large = person.call("POST", "/api/v1/files/uploads", json={"filename": "a.pdf", "size": 2**20 + 1})
    assert large.status_code == 413
    assert "at most 1 MB" in large.json()["detail"]
    for name in ("a.exe", "pdf", "a.pdf.zip"):
        refused = person.call("POST", "/api/v1/files/uploads", json={"filename": name, "size": 1})
        assert refused.status_code == 400
        assert "pdf, txt" in refused.json()["detail"]
        small = person.call("POST", "/api/v1/files/", files={"file": (name, b"x", "text/plain")})
        assert small.status_code == 400
    begun(person, "A.TXT", 1)
    begun(person, "picture.png", 1, process=False)


def test_metadata_that_is_too_deep_or_too_much_is_refused(person: Person) -> None:
    for metadata, status in ((json.loads(f'{{"a":{"[" * 32}{"]" * 32}}}'), 400), ({"a": "x" * 1000}, 400)):
        form = {"filename": "a.pdf", "size": 1, "metadata": metadata}
        refused = person.call("POST", "/api/v1/files/uploads", json=form)
        assert (refused.status_code, "metadata" in refused.json()["detail"]) == (status, True)


@pytest.mark.parametrize("form", [{"filename": "", "size": 1}, {"filename": "a", "size": 0}, {"size": 1}])
def test_a_form_that_is_not_right_is_refused(person: Person, form: dict[str, Any]) -> None:
    assert person.call("POST", "/api/v1/files/uploads", json=form).status_code == 422
    assert person.call("POST", "/api/v1/files/uploads/made.up/parts", json={"first": 1, "count": 1}).status_code == 404

"""Files of people: upload, read, list, delete, and who may."""

import json
from typing import Any

import pytest
from pynamodb.exceptions import PynamoDBException

from functions.ingestion import deleting
from functions.knowledge.handler import app
from shared import files
from shared.knowledge import items, membership
from shared.storage import objects
from tests.contract.chats.people import Person, sign_in

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))


@pytest.fixture
def person(emulator: object) -> Person:
    return sign_in(app)


@pytest.fixture
def other(emulator: object) -> Person:
    return sign_in(app)


@pytest.fixture
def admin(emulator: object) -> Person:
    return sign_in(app, "admin")


def upload(person: Person, name: str, content: bytes, kind: str, **form: str) -> Any:
    return person.call("POST", "/api/v1/files/", files={"file": (name, content, kind)}, data=form)


def test_an_image_is_known_by_its_bytes_and_shown_safely(person: Person) -> None:
    answer = upload(person, "../../etc/ü.txt", PNG, "text/html", metadata='{"a": 1}')
    assert answer.status_code == 200, answer.text
    file = answer.json()
    assert (file["filename"], file["meta"]["content_type"], file["meta"]["size"]) == ("ü.txt", "image/png", len(PNG))
    assert file["meta"]["data"] == {"a": 1}
    read = person.get(f"/api/v1/files/{file['id']}/content")
    assert read.content == PNG
    assert read.headers["content-type"] == "image/png"
    assert read.headers["content-disposition"] == "inline; filename*=UTF-8''%C3%BC.txt"
    assert read.headers["x-content-type-options"] == "nosniff"
    assert read.headers["content-security-policy"].startswith("sandbox")
    download = person.get(f"/api/v1/files/{file['id']}/content?attachment=true")
    assert download.headers["content-disposition"].startswith("attachment")


@pytest.mark.parametrize("kind", ["text/html", "image/svg+xml", "application/javascript", ""])
def test_what_could_run_as_a_page_is_only_downloaded(person: Person, kind: str) -> None:
    file = upload(person, "page.html", b"<script>alert(1)</script>", kind).json()
    for path in ("content", "content/page.html"):
        read = person.get(f"/api/v1/files/{file['id']}/{path}")
        assert read.headers["content-disposition"].startswith("attachment")
        assert read.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("content", "kind", "form", "status"),
    [
        (b"", "text/plain", {}, 400),
        (b"not an image", "image/png", {}, 400),
        (b"x", "text/plain", {"metadata": "no json"}, 400),
        (b"x", "text/plain", {"metadata": "[]"}, 400),
        (b"x" * (4 * 1024 * 1024 + 1), "text/plain", {}, 413),
    ],
)
def test_what_cannot_be_stored_is_refused_in_words(
    person: Person, content: bytes, kind: str, form: dict[str, str], status: int
) -> None:
    answer = upload(person, "f", content, kind, **form)
    assert answer.status_code == status
    assert answer.json()["detail"].endswith(".")


@pytest.mark.parametrize(
    ("metadata", "status"),
    [
        (f'{{"a":{"[" * 260}{"]" * 260}}}', 400),
        (f'{{"a":{"[" * 32}{"]" * 32}}}', 400),
        ("[" * 50_000, 400),
        ('{"a": NaN}', 400),
        (json.dumps({"a": "x" * 500_000}), 413),
        (json.dumps({"a": "x" * 20_000}), 413),
        (f'{{"a":{"[" * 31}{"]" * 31}}}', 200),
        ('{"a": "\\ud800"}', 200),
    ],
)
def test_metadata_that_nothing_could_carry_is_refused_before_anything_is_stored(
    person: Person, metadata: str, status: int
) -> None:
    answer = upload(person, "a.txt", b"x", "text/plain", metadata=metadata)
    assert answer.status_code == status, answer.text
    listed = person.get("/api/v1/files/")
    assert (listed.status_code, len(listed.json())) == (200, status == 200)
    assert len(list(objects.keys(f"files/{person.id}/"))) == (status == 200)


def test_metadata_that_was_stored_before_it_had_bounds_breaks_no_list(person: Person) -> None:
    item = files.store(person.id, "a.txt", "text/plain", b"x", meta={"data": deep(260)})
    base = items.create(person.id, "Deep", data={"a": deep(260), "b": 1}).knowledge_id
    membership.add(base, item.file_id)
    for path in ("files/", f"files/{item.file_id}", "knowledge/", f"knowledge/{base}"):
        assert person.get(f"/api/v1/{path}").status_code == 200, path
    assert person.get("/api/v1/files/").json()[0]["filename"] == "a.txt"
    assert person.get(f"/api/v1/knowledge/{base}").json()["data"] == {"b": 1, "file_ids": [item.file_id]}


def deep(levels: int) -> dict[str, Any]:
    value: dict[str, Any] = {}
    for _ in range(levels):
        value = {"a": value}
    return value


def test_a_file_whose_item_cannot_be_written_leaves_no_bytes(person: Person) -> None:
    with pytest.raises(PynamoDBException):
        files.store(person.id, "a.txt", "text/plain", b"x", meta={"data": "x" * 500_000})
    assert list(objects.keys(f"files/{person.id}/")) == []
    known = files.store(person.id, "a.txt", "text/plain", b"x")
    with pytest.raises(PynamoDBException):
        files.store(person.id, "a.txt", "text/plain", b"x", file_id=known.file_id, meta={"data": "x" * 500_000})
    assert files.content(known) == b"x", "one that was there keeps its own"


def test_files_are_listed_newest_first_and_deleted(person: Person) -> None:
    first, second = (upload(person, name, b"text", "text/plain").json() for name in ("a.txt", "b.txt"))
    listed = person.get("/api/v1/files/?content=false").json()
    assert {file["id"] for file in listed} == {first["id"], second["id"]}
    one = person.get(f"/api/v1/files/{first['id']}").json()
    assert one["path"] == f"files/{person.id}/{first['id']}/content"
    assert person.delete(f"/api/v1/files/{first['id']}").json() == {"message": "File deleted successfully"}
    assert person.get(f"/api/v1/files/{first['id']}").status_code == 404
    assert [file["id"] for file in person.get("/api/v1/files/").json()] == [second["id"]]
    deleting.delete([first["id"]])
    assert list(objects.keys(f"files/{person.id}/{first['id']}/")) == []


def test_a_large_file_is_read_at_a_presigned_url(person: Person) -> None:
    item = files.store(person.id, "big.bin", "application/octet-stream", b"x" * (5 * 1024 * 1024))
    answer = person.get(f"/api/v1/files/{item.file_id}/content")
    assert answer.status_code == 307
    assert item.path in answer.headers["location"]


@pytest.mark.parametrize("path", ["", "/content", "/content/name"])
def test_others_cannot_see_a_file_but_an_admin_can(person: Person, other: Person, admin: Person, path: str) -> None:
    file = upload(person, "a.txt", b"secret", "text/plain").json()
    at = f"/api/v1/files/{file['id']}{path}"
    assert other.get(at).status_code == 404
    assert person.client.get(at).status_code == 401
    assert admin.get(at).status_code == 200


def test_others_cannot_delete_a_file(person: Person, other: Person) -> None:
    file = upload(person, "a.txt", b"secret", "text/plain").json()
    assert other.delete(f"/api/v1/files/{file['id']}").status_code == 404
    assert other.delete("/api/v1/files/all").status_code == 403
    assert person.get(f"/api/v1/files/{file['id']}/content").content == b"secret"


def test_an_image_is_given_to_models_as_a_data_url(person: Person, other: Person) -> None:
    file = upload(person, "a.png", PNG, "image/png").json()
    assert files.image_data_url(file["id"], person.id).startswith("data:image/png;base64,iVBOR")
    with pytest.raises(files.NotFound):
        files.image_data_url(file["id"], other.id)


def test_deleting_a_file_twice_after_a_break_leaves_nothing(person: Person) -> None:
    file = upload(person, "a.txt", b"x", "text/plain").json()
    objects.delete(f"files/{person.id}/{file['id']}/content")
    assert person.get(f"/api/v1/files/{file['id']}/content").status_code == 404
    assert person.delete(f"/api/v1/files/{file['id']}").status_code == 200


def test_an_admin_deletes_everything(person: Person, admin: Person) -> None:
    upload(person, "a.txt", b"x", "text/plain")
    assert admin.delete("/api/v1/files/all").status_code == 200
    assert person.get("/api/v1/files/").json() == []
    deleting.go_on(lambda: True)
    assert list(objects.keys("files/")) == []

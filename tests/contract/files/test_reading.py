"""What was read of files: the text, its change, lists and patterns, pages."""

import uuid

import pytest

from functions.knowledge import file_text, files_service
from functions.knowledge.handler import app
from shared import files
from shared.files import FileItem
from shared.identity.access import AccessControl, AccessRule
from shared.ingestion import jobs, state
from shared.ingestion.keys import Generation, new_generation
from shared.knowledge import items, membership
from shared.segments import Segment
from shared.storage import objects
from tests.contract.chats.people import Person, sign_in


@pytest.fixture
def person(emulator: object) -> Person:
    return sign_in(app)


@pytest.fixture
def other(emulator: object) -> Person:
    return sign_in(app)


@pytest.fixture
def admin(emulator: object) -> Person:
    return sign_in(app, "admin")


def uploaded(person: Person, name: str = "a.txt", content: bytes = b"text", kind: str = "text/plain") -> FileItem:
    answer = person.call("POST", "/api/v1/files/", files={"file": (name, content, kind)})
    assert answer.status_code == 200, answer.text
    return files.find(answer.json()["id"])


def indexed(item: FileItem, text: str) -> FileItem:
    """A file as the ingestion leaves it."""
    generation = str(item.building)
    objects.put(Generation(item.user_id, item.file_id, generation).text, text.encode())
    assert state.publish(item, generation)
    return item


def test_what_is_uploaded_is_queued_but_for_pictures_and_where_it_is_not_wanted(person: Person) -> None:
    file = uploaded(person)
    assert (file.status, jobs.of_files([file.file_id])[file.file_id].state) == ("queued", "queued")
    picture = uploaded(person, "a.png", b"\x89PNG\r\n\x1a\n" + bytes(50), "image/png")
    video = uploaded(person, "a.mp4", b"\0\0\0\x18ftypmp42", "video/mp4")
    assert (picture.status, video.status) == (None, None)
    kept = person.call("POST", "/api/v1/files/?process=false", files={"file": ("b.txt", b"text", "text/plain")}).json()
    assert (kept["status"], kept["data"]) == (None, {})


def test_the_text_is_in_the_file_and_can_be_written_anew(person: Person, other: Person) -> None:
    file = indexed(uploaded(person), "what was read")
    path = f"/api/v1/files/{file.file_id}"
    shown = person.get(path).json()
    assert shown["data"] == {"status": "completed", "content": "what was read"}
    assert person.get(f"{path}/data/content").json() == {"content": "what was read"}
    assert other.get(f"{path}/data/content").status_code == 404

    form = {"content": "what I say"}
    assert other.call("POST", f"{path}/data/content/update", json=form).status_code == 404
    assert person.call("POST", f"{path}/data/content/update", json=form).json() == form
    assert person.get(f"{path}/data/content").json() == form
    changed = files.find(file.file_id)
    assert (changed.status, changed.edited, changed.generation) == ("queued", True, file.generation)
    assert person.get(f"{path}/content").content == b"text", "the file itself stays as it is"
    large = person.call("POST", f"{path}/data/content/update", json={"content": "x" * 2_500_001})
    assert large.status_code == 413


def test_the_text_is_shown_by_pages_headings_and_sheets(person: Person, other: Person) -> None:
    file = uploaded(person)
    parts = {
        "0000": [Segment("One.", page=0, headings=("A",)), Segment("Three.", page=2)],
        "0000-ocr": [Segment("Two, from its image.", page=1)],
        "0001": [Segment("Room | Seats", sheet="Rooms")],
    }
    keys = Generation(file.user_id, file.file_id, str(file.building))
    for part, segments in parts.items():
        objects.put(keys.segments(part), "".join(segment.line for segment in segments).encode())
    path = f"/api/v1/files/{indexed(file, 'One.').file_id}/data/segments"
    shown = person.get(path).json()
    assert [(each["text"][:3], each["page"], each["headings"]) for each in shown["segments"]] == [
        ("One", 0, ["A"]),
        ("Two", 1, []),
        ("Thr", 2, []),
        ("Roo", None, []),
    ]
    assert (shown["segments"][-1]["sheet"], shown["cut"]) == ("Rooms", False)
    assert other.get(path).status_code == 404

    written = {"content": "what I say"}
    assert person.call("POST", f"/api/v1/files/{file.file_id}/data/content/update", json=written).status_code == 200
    assert [each["text"] for each in person.get(path).json()["segments"]] == ["what I say"]


def test_of_a_very_long_text_the_beginning_is_shown() -> None:
    some, cut = file_text.shown(iter([Segment("x" * 1_300_000)] * 2))
    assert (len(some), cut) == (1, True)


def test_readers_of_a_knowledge_base_read_its_files_and_writers_write_them(person: Person, other: Person) -> None:
    file = indexed(uploaded(person), "what was read")
    path = f"/api/v1/files/{file.file_id}"
    access = AccessControl(read=AccessRule(user_ids=[other.id]))
    base = items.create(person.id, f"Shared {uuid.uuid4()}", access=access)
    membership.add(base.knowledge_id, file.file_id)
    for part in ("", "/content", "/data/content"):
        assert other.get(f"{path}{part}").status_code == 200, part
    assert other.call("POST", f"{path}/data/content/update", json={"content": "x"}).status_code == 404
    assert other.delete(path).status_code == 404
    writers = AccessControl(write=AccessRule(user_ids=[other.id])).model_dump(mode="json")
    items.change(base.knowledge_id, [items.KnowledgeItem.access_control.set(writers)])
    assert other.call("POST", f"{path}/data/content/update", json={"content": "x"}).status_code == 200
    refused = other.delete(path)
    assert (refused.status_code, "Take it out of the knowledge base" in refused.json()["detail"]) == (403, True)
    assert files.find(file.file_id)
    membership.leave(base.knowledge_id, [file.file_id])
    assert other.get(path).status_code == 404
    assert other.delete(path).status_code == 404


def test_readers_of_a_file_see_neither_where_it_lies_nor_where_else_it_is_used(
    person: Person, other: Person, admin: Person
) -> None:
    file = indexed(uploaded(person), "what was read")
    path = f"/api/v1/files/{file.file_id}"
    access = AccessControl(read=AccessRule(user_ids=[other.id]))
    shared = items.create(person.id, f"Shared {uuid.uuid4()}", access=access).knowledge_id
    private = items.create(person.id, f"Private {uuid.uuid4()}", access=AccessControl()).knowledge_id
    for base in (shared, private):
        membership.add(base, file.file_id)
    files.claim(file, "chat")

    def used(who: Person) -> tuple[bool, set[str], int]:
        told = who.get(path).json()
        return bool(told["path"]), set(told["knowledge"]), told["chats"]

    assert used(person) == used(admin) == (True, {shared, private}, 1)
    assert used(other) == (False, {shared}, 0)


def test_an_answer_can_wait_for_the_end(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files_service.time, "sleep", lambda _: indexed(files.of_user(person.id)[0], "text"))
    path = "/api/v1/files/?process_in_background=false"
    answer = person.call("POST", path, files={"file": ("a.txt", b"text", "text/plain")})
    assert answer.json()["data"]["status"] == "completed"


def test_lists_have_texts_where_they_are_asked_for_and_names_can_be_searched(person: Person, other: Person) -> None:
    for name in ("Report 1.PDF", "report 2.pdf", "notes.txt"):
        indexed(uploaded(person, name), f"text of {name}")
    uploaded(other, "report 3.pdf")
    texts = {file["filename"]: file["data"].get("content") for file in person.get("/api/v1/files/").json()}
    assert texts["notes.txt"] == "text of notes.txt"
    assert all("content" not in file["data"] for file in person.get("/api/v1/files/?content=false").json())
    found = person.get("/api/v1/files/search?filename=report*.pdf&content=false").json()
    assert {file["filename"] for file in found} == {"Report 1.PDF", "report 2.pdf"}
    nothing = person.get("/api/v1/files/search?filename=nothing")
    assert nothing.status_code == 404
    assert nothing.json()["detail"].endswith(".")


def test_only_an_admins_file_is_shown_as_a_page_in_which_nothing_runs(person: Person, admin: Person) -> None:
    page = b"<script>alert(1)</script><b>hello</b>"
    theirs, own = (uploaded(who, "a.html", page, "text/html") for who in (person, admin))
    assert person.get(f"/api/v1/files/{theirs.file_id}/content/html").status_code == 404
    shown = admin.get(f"/api/v1/files/{own.file_id}/content/html")
    assert (shown.content, shown.headers["content-type"]) == (page, "text/html; charset=utf-8")
    assert shown.headers["content-security-policy"].startswith("sandbox; default-src 'none'")


def test_generations_sort_by_when_they_were_begun() -> None:
    made = [new_generation() for _ in range(50)]
    assert len(set(made)) == 50
    assert [each[:12] for each in made] == sorted(each[:12] for each in made)

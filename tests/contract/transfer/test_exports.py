"""Exports: everything a person has, and single chats as documents."""

import io
import json
import zipfile
from typing import Any

import httpx
import pypdf
import pytest

from functions.transfer import exporting, pdf
from functions.transfer.handler import app
from shared import delivery, files, sections
from shared.chats import folders
from shared.feedback import FeedbackItem, OwnFeedbackItem, new_id
from shared.identity.access import AccessControl
from shared.identity.permissions import ChatPermissions, PermissionsSection
from shared.knowledge import items, membership, memories
from shared.storage import objects
from tests.contract.chats.conftest import chat_of, message
from tests.contract.chats.people import Person, sign_in
from tests.contract.transfer.conftest import Workers, imported

EXPORTS = "/api/v1/exports"
MARKDOWN = "# Überschrift\n\n- one\n- **two** 太字\n\n| A | B |\n|---|---|\n| 日本 | 😀 |\n\n```python\nprint('x')\n```"


def made(at_chats: Person, number: int = 1, **more: Any) -> str:
    chat = chat_of(message("q", content=f"Question {number}"), message("a", "q", MARKDOWN), title=f"Chat {number}")
    return str(at_chats.post("/api/v1/chats/new", {"chat": chat, **more}).json()["id"])


def contents(end: dict[str, Any]) -> dict[str, bytes]:
    """All files of a finished export, by name."""
    found: dict[str, bytes] = {}
    for part in end["files"]:
        raw = httpx.get(part["url"]).content
        assert len(raw) == part["size"]
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            assert archive.testzip() is None
            for name in archive.namelist():
                found[name if name not in found else f"{part['name']}/{name}"] = archive.read(name)
    return found


def test_everything_a_person_has_is_in_their_export(
    person: Person, other: Person, at_chats: Person, told: list[dict[str, Any]]
) -> None:
    folder_id = at_chats.post("/api/v1/folders/", {"name": "Work"}).json()["id"]
    ids = [made(at_chats, 1), made(at_chats, 2, folder_id=folder_id)]
    at_chats.post(f"/api/v1/chats/{ids[0]}/archive")
    files.store(person.id, "notes/one.txt", "text/plain", b"my notes", file_id="file-1")
    feedback_id = new_id()
    rated = FeedbackItem(*FeedbackItem.key(feedback_id), user_id=person.id, type="rating", data={"comment": "Fine"})
    rated.created_at = rated.updated_at = 1
    rated.save()
    OwnFeedbackItem(*OwnFeedbackItem.key(person.id, feedback_id)).save()
    base = items.create(person.id, "Handbook", access=AccessControl())
    membership.add(base.knowledge_id, "file-1", path="notes/one.txt")
    memories.add(person.id, "I like tea.")
    begun = person.post(EXPORTS).json()
    end = person.get(f"{EXPORTS}/{begun['id']}").json()
    assert (end["state"], end["chats"], end["total"]) == ("done", 2, 2)
    assert [part["name"] for part in end["files"]] == ["cirrus-export.zip"]
    found = contents(end)
    assert sorted(chat["id"] for chat in json.loads(found["chats.json"])) == sorted(ids)
    assert "read" not in json.loads(found["chats.json"])[0]["chat"]["history"]
    assert json.loads(found["profile.json"])["id"] == person.id
    assert [each["name"] for each in json.loads(found["folders.json"])] == ["Work"]
    assert json.loads(found["feedback.json"])[0]["data"] == {"comment": "Fine"}
    [knowledge] = json.loads(found["knowledge.json"])
    assert (knowledge["name"], knowledge["files"]) == ("Handbook", [{"id": "file-1", "path": "notes/one.txt"}])
    assert [each["content"] for each in json.loads(found["memories.json"])] == ["I like tea."]
    assert {"tags.json", "models.json", "prompts.json"} <= found.keys()
    assert found["files/file-1/notes_one.txt"] == b"my notes"
    assert told[-1]["type"] == "chats:export"
    assert imported(other, found["chats.json"])["imported"] == 2, "what is exported can be imported"
    assert folders.all_folders(other.id) == []


def test_sources_stay_with_an_answer_in_every_document_share_and_copy(at_chats: Person, person: Person) -> None:
    sources = [
        {"source": {"id": "f", "name": "leave.pdf"}, "document": ["x", "y"], "metadata": [{"source": "f"}] * 2},
        {
            "source": {"id": "w", "name": "w"},
            "document": ["z"],
            "metadata": [{"source": "https://a.example/", "title": "A page"}],
        },
        "not one",
    ]
    answer = message("a", "q", "Thirty [1], and rain [2].", sources=sources)
    chat = chat_of(message("q", content="How many?"), answer, title="Leave")
    chat_id = at_chats.post("/api/v1/chats/new", {"chat": chat}).json()["id"]
    for form in ("md", "txt"):
        text = person.get(f"/api/v1/exports/chats/{chat_id}?format={form}").text
        assert "Thirty [1], and rain [2].\n\n[1] leave.pdf  \n[2] A page <https://a.example/>" in text
    share_id = at_chats.post(f"/api/v1/chats/{chat_id}/share").json()["id"]
    copies = [
        person.get(f"/api/v1/exports/chats/{chat_id}").json()[0],
        at_chats.post(f"/api/v1/chats/{chat_id}/clone", {}).json(),
        at_chats.get(f"/api/v1/chats/share/{share_id}").json(),
    ]
    for copy in copies:
        found = [one for one in copy["chat"]["history"]["messages"].values() if one["role"] == "assistant"]
        assert [one["sources"] for one in found] == [sources]


def test_an_export_goes_on_in_a_further_file(
    person: Person, at_chats: Person, workers: Workers, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [made(at_chats, number) for number in range(3)]
    monkeypatch.setattr(exporting, "_TOGETHER", 1)
    left = iter([900.0, 900.0, 0.0])
    monkeypatch.setattr(workers, "get_remaining_time_in_millis", lambda: next(left, 900.0) * 1000)
    end = person.get(f"{EXPORTS}/{person.post(EXPORTS).json()['id']}").json()
    assert [part["name"] for part in end["files"]] == ["cirrus-export-1.zip", "cirrus-export-2.zip"]
    found = contents(end)
    parts = [json.loads(raw) for name, raw in found.items() if name.endswith("chats.json")]
    assert sorted(chat["id"] for part in parts for chat in part) == sorted(ids)
    assert len(workers.calls) == 2


def test_an_export_is_its_owners_and_can_be_deleted(person: Person, other: Person, at_chats: Person) -> None:
    made(at_chats)
    export_id = person.post(EXPORTS).json()["id"]
    assert other.get(f"{EXPORTS}/{export_id}").status_code == 404
    assert other.delete(f"{EXPORTS}/{export_id}").status_code == 404
    assert [each["id"] for each in person.get(EXPORTS).json()] == [export_id]
    assert person.delete(f"{EXPORTS}/{export_id}").json() is True
    assert list(objects.keys(f"exports/{person.id}/")) == []
    assert person.get(EXPORTS).json() == []


def test_one_export_at_a_time(person: Person, workers: Workers) -> None:
    workers.held = True
    assert person.post(EXPORTS).json()["id"] == person.post(EXPORTS).json()["id"]
    assert len(workers.calls) == 1


@pytest.mark.parametrize(
    ("form", "kind"),
    [("md", "text/markdown"), ("txt", "text/plain"), ("pdf", "application/pdf"), ("json", "application/json")],
)
def test_a_chat_as_a_document(person: Person, at_chats: Person, form: str, kind: str) -> None:
    chat_id = made(at_chats)
    answer = person.get(f"{EXPORTS}/chats/{chat_id}?format={form}")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith(kind)
    assert f'filename="Chat 1.{form}"' in answer.headers["content-disposition"]
    if form == "pdf":
        pages = pypdf.PdfReader(io.BytesIO(answer.content)).pages
        # pypdf reads the characters of fonts with PostScript outlines with a NUL before each.
        text = "\n".join(page.extract_text() for page in pages).replace("\x00", "")
        for words in ("Chat 1", "Question 1", "Überschrift", "太字", "日本", "😀", "print('x')"):
            assert words in text
        assert "**" not in text
        assert "|---" not in text
    else:
        assert "Question 1" in answer.text


def test_a_chat_of_somebody_else_is_no_document(person: Person, other: Person, at_chats: Person) -> None:
    chat_id = made(at_chats)
    assert other.get(f"{EXPORTS}/chats/{chat_id}?format=md").status_code == 404
    assert person.get(f"{EXPORTS}/chats/{chat_id}?format=docx").status_code == 422
    assert person.get(f"{EXPORTS}/chats/{chat_id}?format=md&message_id=gone").status_code == 404


def test_documents_can_be_switched_off(person: Person, at_chats: Person) -> None:
    chat_id = made(at_chats)
    sections.update(PermissionsSection, lambda s: s.model_copy(update={"chat": ChatPermissions(export=False)}))
    try:
        assert person.get(f"{EXPORTS}/chats/{chat_id}").status_code == 403
    finally:
        sections.update(PermissionsSection, lambda s: s.model_copy(update={"chat": ChatPermissions()}))


def test_a_document_over_the_limit_is_read_from_s3(
    person: Person, at_chats: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    chat_id = made(at_chats)
    monkeypatch.setattr(delivery, "RESPONSE_BYTES", 10)
    answer = person.get(f"{EXPORTS}/chats/{chat_id}?format=md")
    assert answer.status_code == 303
    assert "Question 1" in httpx.get(answer.headers["location"]).text


def test_what_the_stock_client_sends_becomes_a_pdf(person: Person) -> None:
    messages = [
        {"role": "user", "content": [{"type": "text", "text": "Parts"}, {"type": "image_url", "image_url": {}}]},
        {"role": "assistant", "content": '<details type="reasoning" done="true">Hm</details>\nمرحبا **bold**',
         "model": "m", "timestamp": 1700000000},
        {"role": "tool"},
    ]  # fmt: skip
    answer = person.post("/api/v1/utils/pdf", {"title": "A title", "messages": messages})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
    text = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(answer.content)).pages)
    assert "Parts" in text
    assert "Hm" not in text
    assert "2023-11-14 22:13 UTC" in text


def test_a_conversation_that_is_too_long_for_a_pdf_says_so(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "LONGEST", 5)
    answer = person.post("/api/v1/utils/pdf", {"title": "T", "messages": [{"role": "user", "content": "too long"}]})
    assert (answer.status_code, "Markdown" in answer.json()["detail"]) == (413, True)


def test_markdown_becomes_html_that_runs_nothing(person: Person) -> None:
    text = "**b** <script>alert(1)</script> [x](javascript:alert(1))\n\n| A |\n|---|\n| 1 |"
    html = person.post("/api/v1/utils/markdown", {"md": text}).json()["html"]
    assert "<strong>b</strong>" in html
    assert "<table>" in html
    assert "<script>" not in html
    assert 'href="javascript' not in html


def test_small_helpers_of_the_stock_client(person: Person) -> None:
    admin = sign_in(app, "admin")
    address = "b5fc85e55755f9e0d030a10ab4429b6b2944855f9a0d60077fe832becbc41d72"  # SHA-256, as Gravatar wants it
    found = person.get("/api/v1/utils/gravatar?email=Ada@Example.com ").json()
    assert found == f"https://www.gravatar.com/avatar/{address}?d=mp"
    assert admin.post("/api/v1/utils/code/format", {"code": "x = {  'a':1 }"}).json() == {"code": 'x = {"a": 1}\n'}
    assert admin.post("/api/v1/utils/code/format", {"code": "def ("}).status_code == 400
    refused = admin.get("/api/v1/utils/db/download")
    assert (refused.status_code, "SQLite" in refused.json()["detail"]) == (400, True)
    assert admin.get("/api/v1/utils/litellm/config").status_code == 404

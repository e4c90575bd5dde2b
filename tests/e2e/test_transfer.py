"""Chats that leave as files and come in as files."""

import io
import json
import re
import zipfile
from pathlib import Path

from playwright.sync_api import expect

from tests.contract.transfer.test_imports import chat, conversation
from tests.e2e.conftest import Open
from tests.e2e.test_looks import check
from tests.e2e.test_sidebar import choose, row, stored
from tests.integration.answers_site import Person


def test_a_chat_is_saved_in_every_format(open_screen: Open, person: Person) -> None:
    stored(person, "Sky / sea", "Why is the *sky* blue?")
    screen = open_screen(person)
    for name, file, beginning in (
        ("JSON", "Sky sea.json", b"[{"),
        ("Markdown", "Sky sea.md", b"# Sky / sea\n\n### You\n\nWhy is the *sky* blue?"),
        ("Plain text", "Sky sea.txt", b"Sky / sea\n\nYou:\nWhy is the *sky* blue?"),
        ("PDF", "Sky sea.pdf", b"%PDF-"),
    ):
        choose(screen, "Sky / sea", "Export")
        dialog = screen.page.get_by_role("dialog", name="Export “Sky / sea”")
        with screen.page.expect_download() as download:
            dialog.get_by_role("button", name=name).click()
        assert download.value.suggested_filename == file
        assert Path(download.value.path()).read_bytes().startswith(beginning)
        expect(dialog).to_have_count(0)


def test_chats_come_in_and_all_go_out_archived_and_deleted(open_screen: Open, person: Person) -> None:
    screen = open_screen(person, "/settings/data")
    listed = screen.page.get_by_role("list", name="Imports of the last week").get_by_role("listitem")

    def take(name: str, content: object) -> None:
        with screen.page.expect_file_chooser() as chooser:
            screen.button("Choose a file").click()
        raw = json.dumps(content).encode()
        chooser.value.set_files({"name": name, "mimeType": "application/json", "buffer": raw})

    take("webui.json", [*(chat(number) for number in range(3)), {"title": "Broken", "chat": {"history": 1}}])
    # The worker of a fresh stack takes its time to start.
    expect(listed.first.get_by_role("status")).to_have_text("3 imported, 0 skipped, 1 failed", timeout=60_000)
    listed.first.get_by_text("1 chat was not imported").click()
    expect(listed.first).to_contain_text("Broken")
    check(screen.page)
    expect(row(screen, "Chat 2")).to_be_visible()
    take("conversations.json", [conversation(1), conversation(2)])
    expect(listed.first.get_by_role("status")).to_have_text("2 imported, 0 skipped, 0 failed")
    expect(row(screen, "GPT 1")).to_be_visible()
    take("again.json", [chat(1), conversation(2), chat(7)])
    expect(listed.first.get_by_role("status")).to_have_text("1 imported, 2 skipped, 0 failed")
    screen.button("Export all my data").click()
    made = screen.page.get_by_role("list", name="Exports of the last week")
    with screen.page.expect_download() as download:
        made.get_by_role("button", name=re.compile(r"\.zip")).click()
    with zipfile.ZipFile(io.BytesIO(Path(download.value.path()).read_bytes())) as archive:
        assert len(json.loads(archive.read("chats.json"))) == 6
    screen.button("Archive all chats").click()
    question = screen.page.get_by_role("alertdialog")
    question.get_by_role("button", name="Archive all chats").click()
    expect(row(screen, "Chat 2")).to_have_count(0)
    screen.button("Open the archive").click()
    expect(screen.page.get_by_role("main").get_by_role("link", name="GPT 1")).to_be_visible()
    screen.page.go_back()
    screen.button("Delete all chats").click()
    check(screen.page)
    question.get_by_role("button", name="Delete all chats").click()
    expect(screen.page.get_by_text("All chats are deleted")).to_be_visible()
    assert person.http.get("/api/v1/chats/archived").json() == []

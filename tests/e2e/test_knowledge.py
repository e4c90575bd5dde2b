"""Knowledge from the first file to an answer from it, as a person goes about it."""

import re
from pathlib import Path

from playwright.sync_api import Locator, expect

from tests.e2e.conftest import Open, picture
from tests.e2e.screen import Screen
from tests.e2e.test_looks import check
from tests.integration.answers_site import Site

INDEXED = 120_000
"""Milliseconds that reading and indexing a few small files may take at most."""
LEAVE = "# Leave\n\nEverybody at Quillfeather has thirty days of holidays a year.\n"
ROOMS = "room,seats\nAurora,12\nBorealis,6\n"
DROP = """(files) => {
  const transfer = new DataTransfer();
  for (const [name, text] of Object.entries(files)) transfer.items.add(new File([text], name));
  return transfer;
}"""


def row(screen: Screen, name: str) -> Locator:
    """A file or folder in the table."""
    return screen.page.get_by_role("row").filter(has_text=name)


def drop(screen: Screen, files: dict[str, str]) -> None:
    """Lets files go over the page."""
    transfer = screen.page.evaluate_handle(DROP, files)
    for event in ("dragover", "drop"):
        screen.page.dispatch_event("main", event, {"dataTransfer": transfer})


def folder(path: Path, files: dict[str, str]) -> Path:
    """A folder on disk with these files."""
    for name, text in files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_text(text)
    return path


def pick_folder(screen: Screen, action: str, path: Path) -> None:
    """Picks a folder in the browser's dialog, for one of the ways in."""
    screen.button("Add").click()
    with screen.page.expect_file_chooser() as chooser:
        screen.page.get_by_role("menuitem", name=action).click()
    chooser.value.set_files(path)


def edit(screen: Screen) -> None:
    """The text of a file is changed by keyboard alone; what is not saved is asked about."""
    page = screen.page
    row(screen, "leave.md").get_by_role("button").last.click()
    page.get_by_role("menuitem", name="Edit text").click()
    field = page.get_by_role("textbox", name="Edit text")
    expect(field).to_be_focused()
    check(page, "an editor")
    page.keyboard.press("Control+End")
    page.keyboard.type("Ask Ada for more.")
    page.keyboard.press("Control+s")
    expect(screen.button("Save")).to_be_disabled()
    page.keyboard.type(" Never mind.")
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    expect(field).not_to_be_focused()
    page.keyboard.press("Escape")
    page.get_by_role("alertdialog").get_by_role("button", name="Discard").click()
    expect(field).to_have_count(0)
    expect(row(screen, "leave.md")).to_contain_text("Ready", timeout=INDEXED)
    row(screen, "leave.md").get_by_role("button", name="leave.md", exact=True).click()
    page.get_by_role("dialog").get_by_text("Text read from it").click()
    expect(page.get_by_role("region", name="Text read from it")).to_contain_text("Ask Ada for more.")
    page.keyboard.press("Escape")


def remove_and_undo(screen: Screen) -> None:
    """A file is removed and brought back by keyboard alone, which goes on in the list in between."""
    page = screen.page
    row(screen, "rooms.csv").get_by_role("button").last.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("menuitem", name="Open")).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(page.get_by_role("menuitem", name="Remove")).to_be_focused()
    page.keyboard.press("Enter")
    expect(row(screen, "rooms.csv")).to_have_count(0)
    expect(page.get_by_role("searchbox", name="Search files")).to_be_focused()
    screen.button("Undo").press("Enter")
    expect(row(screen, "rooms.csv")).to_contain_text("Ready")


def test_knowledge_is_filled_synced_asked_and_deleted(open_screen: Open, site: Site, tmp_path: Path) -> None:
    admin = site.person("admin")
    chosen = admin.http.post("/api/v1/users/user/settings/update", json={"ui": {"models": [site.model]}})
    assert chosen.status_code == 200, chosen.text
    name = f"Handbook {admin.id[:6]}"
    screen = open_screen(admin, "/workspace/knowledge")
    page = screen.page
    screen.button("New knowledge base").first.click()
    page.get_by_label("Name", exact=True).fill(name)
    check(page, "a new knowledge base")
    screen.button("Create").click()
    expect(page.get_by_role("heading", name=name)).to_be_visible()

    drop(screen, {"leave.md": LEAVE, "rooms.csv": ROOMS})
    docs = folder(tmp_path / "docs", {"guide.md": "# Guide\n", "deep/tea.md": "Tea is at four.\n", ".hidden": "x"})
    pick_folder(screen, "Upload a folder", docs)
    for file in ("leave.md", "rooms.csv"):
        expect(row(screen, file)).to_contain_text("Ready", timeout=INDEXED)
    expect(row(screen, "docs")).to_contain_text("2 files")
    picture(page, "knowledge")
    check(page, "a knowledge base")

    row(screen, "rooms.csv").get_by_role("button", name="rooms.csv", exact=True).click()
    expect(page.get_by_role("dialog").get_by_role("cell", name="Aurora")).to_be_visible()
    check(page, "a table")
    page.keyboard.press("Escape")
    remove_and_undo(screen)
    edit(screen)
    page.get_by_role("link", name="docs").click()
    expect(row(screen, "guide.md")).to_contain_text("Ready", timeout=INDEXED)
    expect(row(screen, "deep")).to_be_visible()

    (docs / "deep" / "tea.md").unlink()
    folder(docs, {"guide.md": "# Guide\n\nAsk Grace.\n", "new.md": "New.\n"})
    pick_folder(screen, "Sync a folder", docs)
    dialog = page.get_by_role("dialog")
    for line in ("New: 1", "Changed: 1", "Gone here, to be removed: 1"):
        expect(dialog.get_by_role("region", name=line)).to_be_visible()
    check(page, "what syncing does")
    screen.button("Apply to 3").click()
    expect(row(screen, "deep")).to_have_count(0)
    expect(row(screen, "new.md")).to_contain_text("Ready", timeout=INDEXED)
    expect(row(screen, "guide.md")).to_have_count(1)

    page.goto("/")
    screen.composer.press_sequentially(f"#{name.partition(' ')[2]}")
    page.get_by_role("option", name=re.compile(name)).click()
    screen.ask("How many days of holidays are there?")
    screen.wait_until_done()
    asked = [str(seen.body["messages"][-1]["content"]) for seen in site.server.completions(site.name)]
    assert any("thirty days" in question for question in asked)

    page.goto("/workspace/files")
    expect(row(screen, "leave.md")).to_contain_text(name)
    picture(page, "files")
    page.goto("/workspace/knowledge")
    screen.button(f"Options for {name}").click()
    page.get_by_role("menuitem", name="Delete").click()
    page.get_by_role("alertdialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_role("link", name=name)).to_have_count(0)

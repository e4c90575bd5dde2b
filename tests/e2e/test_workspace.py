"""Models and prompts that people make, from the form to the answer."""

import base64
import json
import re
from pathlib import Path

import httpx2
from playwright.sync_api import Locator, expect

from tests.e2e.conftest import Open
from tests.e2e.screen import Screen
from tests.e2e.test_looks import check
from tests.integration.answers_site import Person, Site

ICON = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def line(screen: Screen, name: str) -> Locator:
    """A model or prompt in the workspace."""
    return screen.page.get_by_role("main").get_by_role("listitem").filter(has_text=name)


def choose(screen: Screen, name: str, action: str) -> None:
    """Takes an action from the menu of a model."""
    screen.page.get_by_role("main").get_by_role("button", name=f"Options for {name}", exact=True).click()
    screen.page.get_by_role("menuitem", name=action, exact=True).click()


def fill_in(screen: Screen, base: str, name: str, reader: str) -> None:
    """The form of a new model, for one other person."""
    page = screen.page
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("Made of").click()
    page.get_by_role("option", name=base).click()
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Choose a picture").click()
    chooser.value.set_files({"name": "icon.png", "mimeType": "image/png", "buffer": ICON})
    page.get_by_label("System prompt").fill("You are a pirate, {{USER_NAME}}.")
    page.get_by_role("switch", name="Sees pictures").click()
    page.get_by_role("switch", name="Takes files").click()
    screen.button("Add a question").click()
    page.get_by_label("Question 1", exact=True).fill("Where is the treasure?")
    page.get_by_role("radio", name="Chosen people").click()
    page.get_by_label("Find people").fill(reader)
    page.get_by_role("list", name="People found").get_by_role("button").click()
    expect(page.get_by_role("list", name="Chosen people").get_by_role("listitem")).to_have_count(1)


def listed_person(site: Site, admin: Person, name: str) -> Person:
    """Somebody whom an admin added, and whom others find by name."""
    form = {"name": name, "email": f"{admin.id}.x@example.com", "password": "compiler-1952", "role": "user"}
    added = admin.http.post("/api/v1/auths/add", json=form).json()
    headers = {"authorization": f"Bearer {added['token']}"}
    return Person(added["id"], added["token"], httpx2.Client(base_url=site.url, headers=headers, timeout=60))


def test_a_model_is_made_used_copied_hidden_and_moved(open_screen: Open, site: Site) -> None:
    admin = site.person("admin")
    name, reader = f"Pirate {admin.id[:6]}", f"Grace {admin.id[:6]}"
    person = listed_person(site, admin, reader)
    maker = open_screen(admin, "/workspace/models")
    maker.page.get_by_role("link", name="New model").first.click()
    fill_in(maker, site.name, name, reader)
    check(maker.page)
    maker.button("Create").click()
    expect(line(maker, name)).to_be_visible()
    check(maker.page)
    screen = open_screen(person)
    screen.page.get_by_role("button", name=re.compile("^Model: ")).click()
    screen.page.get_by_role("option", name=re.compile(name)).click()
    expect(screen.button("Attach files")).to_have_count(0)
    screen.page.get_by_role("button", name="Where is the treasure?").click()
    screen.composer.press("Enter")
    expect(screen.text).to_have_text("Hello, world!")
    question = "Where is the treasure?"
    (asked,) = [seen.body for seen in site.server.completions() if seen.body["messages"][-1]["content"] == question]
    assert asked["messages"][0] == {"role": "system", "content": f"You are a pirate, {reader}."}
    choose(maker, name, "Make a copy")
    maker.page.get_by_label("Name", exact=True).fill(f"{name} two")
    maker.button("Create").click()
    expect(line(maker, f"{name} two")).to_be_visible()
    choose(maker, f"{name} two", "Hide")
    expect(line(maker, f"{name} two")).to_contain_text("Hidden")
    maker.page.get_by_role("switch", name=f"Use {name} two").click()
    with maker.page.expect_download() as download:
        choose(maker, f"{name} two", "Export")
    (exported,) = json.loads(Path(download.value.path()).read_text())
    assert exported["meta"]["hidden"] is True
    choose(maker, f"{name} two", "Delete")
    maker.page.get_by_role("alertdialog").get_by_role("button", name="Delete").click()
    expect(line(maker, f"{name} two")).to_have_count(0)
    exported |= {"base_model_id": "gone-model", "is_active": True}
    with maker.page.expect_file_chooser() as chooser:
        maker.button("Import").click()
    raw = json.dumps([exported]).encode()
    chooser.value.set_files({"name": "models.json", "mimeType": "application/json", "buffer": raw})
    expect(line(maker, f"{name} two")).to_contain_text("Its model gone-model is gone. Edit it and choose another.")
    line(maker, f"{name} two").get_by_role("link").click()
    expect(maker.page.get_by_text("This model is gone. Choose another.")).to_be_visible()


def test_a_prompt_is_made_and_asks_for_what_it_needs(open_screen: Open, person: Person, site: Site) -> None:
    command = f"note-{person.id[:6]}"
    maker = open_screen(site.person("admin"), "/workspace/prompts")
    maker.button("New prompt").first.click()
    dialog = maker.page.get_by_role("dialog", name="New prompt")
    dialog.get_by_label("Title").fill("Meeting notes")
    dialog.get_by_label("Command").fill(command)
    dialog.get_by_label("Text").fill(
        'Notes of {{meeting | text:required}} on {{day | date}} as {{shape | select:options=["list","prose"]}}.'
    )
    expect(dialog).to_contain_text("Asks for: meeting, day, shape")
    dialog.get_by_role("radio", name="Everyone").click()
    check(maker.page)
    dialog.get_by_role("button", name="Create").click()
    expect(line(maker, command)).to_be_visible()
    check(maker.page)
    screen = open_screen(person)
    screen.composer.press_sequentially(f"/{command}")
    expect(screen.page.get_by_role("option", name=re.compile("Meeting notes"))).to_be_visible()
    screen.composer.press("Enter")
    form = screen.page.get_by_role("dialog")
    form.get_by_label("meeting").fill("Monday")
    form.get_by_label("day").fill("2026-11-23")
    form.get_by_label("shape").click()
    screen.page.get_by_role("option", name="prose").click()
    check(screen.page)
    form.get_by_role("button", name="Insert").click()
    expect(screen.composer).to_have_value("Notes of Monday on 2026-11-23 as prose.")

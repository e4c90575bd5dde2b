"""The list of chats: several at once, search, sharing."""

import re
from typing import Any

import httpx2
import pytest
from playwright.sync_api import Locator, expect

from shared import sections
from shared.chats.models import ChatHead, partition
from shared.clock import now
from shared.identity.config import AuthSection
from tests.e2e.conftest import Open
from tests.e2e.screen import CHAT, Screen, drag
from tests.e2e.test_looks import check
from tests.integration.answers_site import Person, Site
from tests.support.waiting import until


def stored(person: Person, title: str, text: str = "Hello") -> str:
    """The id of a new chat with one question in it."""
    question = {"id": "q", "parentId": None, "childrenIds": [], "role": "user", "content": text, "timestamp": 1}
    chat: dict[str, Any] = {"title": title, "models": [], "history": {"messages": {"q": question}, "currentId": "q"}}
    answer = person.http.post("/api/v1/chats/new", json={"chat": chat})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["id"])


def row(screen: Screen, title: str) -> Locator:
    """The link of a chat in the sidebar."""
    return screen.page.get_by_role("navigation", name="Chats").get_by_role("link", name=title, exact=True)


def choose(screen: Screen, title: str, action: str) -> None:
    """Takes an action from the menu of a chat."""
    row(screen, title).hover()
    screen.button(f"Options for {title}").click()
    screen.page.get_by_role("menuitem", name=action).first.click()


def open_with_three(open_screen: Open, person: Person) -> Screen:
    """The app with three chats in the sidebar."""
    for title in ("One", "Two", "Three"):
        stored(person, title)
    screen = open_screen(person)
    for title in ("One", "Two", "Three"):
        expect(row(screen, title)).to_be_visible()
    return screen


def titles(screen: Screen) -> list[str]:
    """What the sidebar lists, from the top: chats of one second have no order between them."""
    listed = screen.page.get_by_role("navigation", name="Chats").get_by_role("link").all_inner_texts()
    return [text.strip() for text in listed]


def test_several_chats_are_archived_at_once(open_screen: Open, person: Person) -> None:
    screen = open_with_three(open_screen, person)
    first, second, third = titles(screen)
    row(screen, first).focus()
    screen.page.keyboard.press("x")
    screen.page.keyboard.press("Shift+ArrowDown")
    bar = screen.page.get_by_role("toolbar", name="Selected chats")
    expect(bar).to_contain_text("2 selected")
    bar.get_by_role("button", name="Archive").click()
    expect(row(screen, first)).to_have_count(0)
    expect(row(screen, third)).to_be_visible()
    expect(bar).to_have_count(0)
    screen.page.goto("/settings/archived")
    expect(screen.page.get_by_role("main").get_by_role("link", name=second)).to_be_visible()


def test_the_keyboard_goes_on_with_the_chat_beside(open_screen: Open, person: Person) -> None:
    screen = open_with_three(open_screen, person)
    first, second, third = titles(screen)
    row(screen, first).press("Delete")
    expect(row(screen, first)).to_have_count(0)
    expect(row(screen, second)).to_be_focused()
    choose(screen, second, "Archive")
    expect(row(screen, second)).to_have_count(0)
    expect(row(screen, third)).to_be_focused()


def test_the_palette_finds_words_and_shows_where(open_screen: Open, person: Person) -> None:
    stored(person, "Weather", "Why is the sky blue in the morning?")
    screen = open_screen(person)
    expect(row(screen, "Weather")).to_be_visible()
    search = "/api/v1/chats/search?text=weather"
    until(lambda: person.http.get(search).json() != [], 30, "what was written can be found")
    screen.page.keyboard.press("Control+k")
    palette = screen.page.get_by_role("dialog", name="Search everything")
    palette.get_by_role("combobox").fill("weather")
    expect(palette.get_by_role("option", name=re.compile("Weather"))).to_be_visible()
    expect(palette.get_by_role("region", name="Preview")).to_contain_text("Why is the sky blue")
    screen.page.keyboard.press("Enter")
    screen.page.wait_for_url(CHAT)


@pytest.mark.alone
def test_a_shared_chat_is_read_and_copied_by_somebody_else(open_screen: Open, person: Person, site: Site) -> None:
    stored(person, "Recipe", "How long does bread bake?")
    screen = open_screen(person)
    choose(screen, "Recipe", "Share")
    screen.button("Create a link").click()
    link = screen.page.get_by_label("Link", exact=True).input_value()
    reader = open_screen(site.person(), link)
    expect(reader.page.get_by_role("heading", name="Recipe")).to_be_visible()
    expect(reader.page.get_by_text("How long does bread bake?")).to_be_visible()
    check(reader.page)
    reader.button("Copy to my chats").click()
    reader.page.wait_for_url(CHAT)
    guest = open_screen(None, link)
    expect(guest.button("Sign in")).to_be_visible()
    admin = open_screen(site.person("admin"), "/admin/general")
    opened = admin.page.get_by_role("switch", name="Shared chats open for everybody")
    try:
        with admin.page.expect_response(re.compile("/auths/admin/config$")):
            opened.click()
        # Functions look at the settings again after some seconds.
        until(lambda: httpx2.get(f"{site.url}/api/v1/chats/share/{link.split('/')[-1]}").is_success, 60, "it is open")
        guest.page.goto(link)
        expect(guest.page.get_by_text("How long does bread bake?")).to_be_visible()
        check(guest.page)
        screen.button("Stop sharing").click()
        expect(screen.button("Create a link")).to_be_visible()
        guest.page.reload()
        expect(guest.page.get_by_text("There is no shared chat here")).to_be_visible()
    finally:
        sections.update(AuthSection, lambda section: section.model_copy(update={"enable_public_shares": False}))


def folder(screen: Screen, name: str) -> Locator:
    """The line of a folder in the sidebar."""
    return screen.button(f"Folder {name}")


def choose_of_folder(screen: Screen, name: str, action: str) -> None:
    """Takes an action from the menu of a folder."""
    folder(screen, name).hover()
    screen.button(f"Options for folder {name}").click()
    screen.page.get_by_role("menuitem", name=action).click()


def make_folder(screen: Screen, name: str) -> None:
    """Fills in the dialog of a new folder."""
    dialog = screen.page.get_by_role("dialog", name="New folder")
    dialog.get_by_label("Name of the folder").fill(name)
    screen.page.keyboard.press("Enter")
    expect(folder(screen, name)).to_be_visible()
    expect(dialog).to_have_count(0)


def found(person: Person, text: str) -> list[str]:
    """The titles of the chats that a search finds."""
    return [each["title"] for each in person.http.get("/api/v1/chats/search", params={"text": text}).json()]


def parents(person: Person) -> dict[str, str | None]:
    """The folders that the server has, each with the name of the one it is in."""
    listed = person.http.get("/api/v1/folders/").json()
    names = {each["id"]: each["name"] for each in listed}
    return {each["name"]: names.get(each["parent_id"]) for each in listed}


def listed_titles(person: Person) -> list[str]:
    return [each["title"] for each in person.http.get("/api/v1/chats/").json()]


def test_folders_are_made_filled_sorted_and_deleted(open_screen: Open, person: Person, site: Site) -> None:
    kept, lost = stored(person, "Temples"), stored(person, "Budget")
    note = {"file": ("rhymes.txt", b"Nothing rhymes with orange.", "text/plain")}
    file = f"/api/v1/files/{person.http.post('/api/v1/files/', files=note).json()['id']}"
    screen = open_screen(person)
    screen.button("New folder").click()
    make_folder(screen, "Travel")
    choose_of_folder(screen, "Travel", "New folder inside")
    make_folder(screen, "Japan")
    rows = screen.page.get_by_role("navigation", name="Chats").locator("[data-row]")
    expect(rows).to_have_text(["Travel", "Japan", re.compile("Temples|Budget"), re.compile("Temples|Budget")])
    drag(row(screen, "Temples"), folder(screen, "Japan"), rf"/{kept}/folder$")
    expect(rows).to_have_text(["Travel", "Japan", "Temples", "Budget"])
    screen.button("New folder").click()
    make_folder(screen, "Work")
    drag(folder(screen, "Work"), folder(screen, "Travel"), "/update/parent$")
    folder(screen, "Travel").drag_to(folder(screen, "Japan"))
    assert parents(person) == {"Travel": None, "Japan": "Travel", "Work": "Travel"}, "none goes into itself"
    drag(folder(screen, "Work"), screen.page.get_by_role("heading", name="Folders"), "/update/parent$")
    folder(screen, "Work").press("F2")
    screen.page.get_by_role("textbox", name="Name of the folder").fill("Office")
    screen.page.keyboard.press("Enter")
    choose_of_folder(screen, "Office", "Folder settings")
    settings = screen.page.get_by_role("dialog", name="Folder settings")
    settings.get_by_label("System prompt").fill("Answer in verse.")
    settings.get_by_label("Knowledge and files").fill("rhym")
    settings.get_by_role("button", name="Add rhymes.txt").click()
    check(screen.page)
    settings.get_by_role("button", name="Save").click()
    expect(settings).to_have_count(0)
    choose_of_folder(screen, "Office", "New chat here")
    expect(screen.page.get_by_text("In the folder “Office”")).to_be_visible()
    until(
        lambda: person.http.get(f"{file}/process/status?stream=false").json()["status"] == "completed", 60, "it is read"
    )
    screen.ask("What rhymes with orange?")
    screen.wait_until_done()
    asked = next(seen.body for seen in site.server.completions() if seen.body.get("stream"))
    assert "Answer in verse." in str(asked["messages"][0])
    assert "Nothing rhymes with orange." in str(asked["messages"])
    expect(screen.page.get_by_role("button", name=re.compile("rhymes.txt"))).to_be_visible()
    drag(row(screen, "Budget"), folder(screen, "Office"), rf"/{lost}/folder$")
    drag(row(screen, "Temples"), screen.page.get_by_text("Your chats will be listed here."), rf"/{kept}/folder$")
    drag(row(screen, "Temples"), folder(screen, "Japan"), rf"/{kept}/folder$")
    folder(screen, "Office").press("Delete")
    question = screen.page.get_by_role("alertdialog")
    question.get_by_role("switch", name="Delete the chats in them too").click()
    check(screen.page)
    question.get_by_role("button", name="Delete").click()
    expect(folder(screen, "Office")).to_have_count(0)
    expect(screen.page.get_by_role("article")).to_have_count(0)
    choose_of_folder(screen, "Travel", "Delete")
    question.get_by_role("button", name="Delete").click()
    expect(folder(screen, "Travel")).to_have_count(0)
    expect(row(screen, "Temples")).to_be_visible()
    assert parents(person) == {}
    # The chats of a deleted folder go in the background.
    until(lambda: listed_titles(person) == ["Temples"], 60, "the other chats are gone")


def test_many_chats_are_scrolled_tagged_and_pinned(open_screen: Open, person: Person) -> None:
    with ChatHead.batch_write() as batch:
        for number in range(300):
            chat_id = f"{person.id}.{number}"
            head = ChatHead(partition(chat_id), "HEAD", chat_id=chat_id, user_id=person.id, title=f"Note {number}")
            head.created_at = head.updated_at = now() - number
            head.fields, head.version = {}, 1
            head.place()
            batch.save(head)
    screen = open_screen(person)
    links = screen.page.get_by_role("navigation", name="Chats").get_by_role("link")
    expect(links.nth(1)).to_be_visible()
    first, second = (text.strip() for text in links.all_inner_texts()[:2])
    for title in (first, second):
        choose(screen, title, "Tags")
        dialog = screen.page.get_by_role("dialog", name=f"Tags of “{title}”")
        if title == first:
            dialog.get_by_label("New tag").fill("Recipes")
            dialog.get_by_role("button", name="Add").click()
        else:
            dialog.get_by_role("button", name="Recipes").click()
        expect(dialog.get_by_role("list", name="Tags of this chat")).to_have_text("Recipes")
        screen.page.keyboard.press("Escape")
        expect(dialog).to_have_count(0)
    until(lambda: len(found(person, "tag:recipes")) == 2, 30, "both chats are found by their tag")
    screen.page.keyboard.press("Control+k")
    palette = screen.page.get_by_role("dialog", name="Search everything")
    palette.get_by_role("combobox").fill("tag:recipes")
    expect(palette.get_by_role("option")).to_have_count(2)
    screen.page.keyboard.press("Escape")
    choose(screen, second, "Pin")
    expect(screen.page.get_by_role("heading", name="Pinned")).to_be_visible()
    choose(screen, second, "Unpin")
    expect(screen.page.get_by_role("heading", name="Pinned")).to_have_count(0)
    links.first.hover()
    oldest = row(screen, "Note 299")

    def reached() -> bool:
        screen.page.mouse.wheel(0, 600)
        return bool(oldest.count())

    until(reached, 30, "the oldest chat is on screen")
    assert links.count() < 60, "only the lines on screen are there"

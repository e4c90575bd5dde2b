"""The list of chats: several at once, search, sharing."""

import re
from typing import Any

from playwright.sync_api import Locator, expect

from tests.e2e.conftest import Open
from tests.e2e.screen import CHAT, Screen
from tests.e2e.test_looks import check
from tests.integration.answers_site import Person, Site


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


def test_several_chats_are_archived_at_once(open_screen: Open, person: Person) -> None:
    for title in ("One", "Two", "Three"):
        stored(person, title)
    screen = open_screen(person)
    for title in ("One", "Two", "Three"):
        expect(row(screen, title)).to_be_visible()
    # Chats of one second have no order between them.
    listed = screen.page.get_by_role("navigation", name="Chats").get_by_role("link").all_inner_texts()
    first, second, third = (text.strip() for text in listed)
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


def test_the_palette_finds_words_and_shows_where(open_screen: Open, person: Person) -> None:
    stored(person, "Weather", "Why is the sky blue in the morning?")
    screen = open_screen(person)
    expect(row(screen, "Weather")).to_be_visible()
    screen.page.keyboard.press("Control+k")
    palette = screen.page.get_by_role("dialog", name="Search everything")
    palette.get_by_role("combobox").fill("weather")
    expect(palette.get_by_role("option", name=re.compile("Weather"))).to_be_visible()
    expect(palette.get_by_role("region", name="Preview")).to_contain_text("Why is the sky blue")
    screen.page.keyboard.press("Enter")
    screen.page.wait_for_url(CHAT)


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
    screen.button("Stop sharing").click()
    expect(screen.button("Create a link")).to_be_visible()

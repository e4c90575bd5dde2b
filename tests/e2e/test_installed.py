"""The app on a device: it opens without the network, keeps what its person has seen, and tells of answers."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect

from tests.e2e.conftest import Open, launched, picture
from tests.e2e.screen import CHAT, Screen
from tests.integration.answers_site import Person, Site
from tests.support.model_server import Behaviour
from tests.support.waiting import until

CONTROLLED = "() => navigator.serviceWorker.controller !== null"
KEPT = "() => caches.open('cirrus-kept').then((shelf) => shelf.keys()).then((all) => all.map((one) => one.url))"
ANSWER_KEPT = """async () => {
  const shelf = await caches.open('cirrus-kept');
  const [chat] = await shelf.matchAll();
  return chat !== undefined && (await chat.text()).includes('Hello, world!');
}"""
STORED = "() => Object.keys(localStorage).filter((key) => key.startsWith('cirrus.kept'))"

HIDDEN = """() => {
  Object.defineProperty(document, 'hidden', { get: () => globalThis.lookingAway ?? false });
}"""
LOOK_AWAY = "() => (globalThis.lookingAway = true)"
TOLD = "() => navigator.serviceWorker.ready.then((worker) => worker.getNotifications()).then((all) => all.length)"
WORDS = """() => navigator.serviceWorker.ready
  .then((worker) => worker.getNotifications())
  .then(([one]) => [one.title, one.body])"""
CLICK = """async () => {
  const [notification] = await self.registration.getNotifications();
  self.dispatchEvent(new NotificationEvent('notificationclick', { notification }));
}"""
TOKENS = [f"w{number} " for number in range(100)]


@pytest.fixture(scope="module")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """A whole Chromium: one without a window notifies nobody."""
    with launched(playwright, whole=True) as browser:
        yield browser


def installed(screen: Screen) -> Page:
    """The page, once the service worker has it."""
    screen.page.wait_for_function(CONTROLLED)
    return screen.page


def test_what_was_seen_is_read_without_the_network_until_its_person_leaves(open_screen: Open, person: Person) -> None:
    screen = open_screen(person, installed=True)
    page = installed(screen)
    screen.ask("What is up?")
    screen.wait_until_done()
    until(lambda: page.evaluate(ANSWER_KEPT), what="the answer is on this device")
    chat = page.url

    page.context.set_offline(True)
    page.reload()
    expect(page.get_by_text("Offline. You can read what is here.")).to_be_visible()
    expect(screen.text).to_have_text("Hello, world!")
    expect(page.get_by_role("navigation", name="Chats").get_by_role("link")).to_have_count(1)
    screen.composer.fill("And now?")
    expect(page.get_by_text("You are offline. What you write stays here")).to_be_visible()
    expect(screen.button("Send")).to_be_disabled()
    picture(page, "offline")
    page.goto("/settings/chats")
    expect(page.get_by_text("this page has not been opened on this device before")).to_be_visible()

    page.context.set_offline(False)
    expect(page.get_by_text("Notify me of answers")).to_be_visible()
    page.goto(chat)
    expect(screen.composer).to_have_value("And now?")
    expect(screen.button("Send")).to_be_enabled()
    screen.composer.press("Enter")
    expect(screen.answers).to_have_count(2)
    screen.wait_until_done()

    screen.button("Ada").click()
    page.get_by_role("menuitem", name="Sign out").click()
    page.wait_for_url(re.compile("/sign-in"))
    assert (page.evaluate(KEPT), page.evaluate(STORED)) == ([], [])
    page.context.set_offline(True)
    page.goto(chat)
    expect(page.get_by_text("Hello, world!")).to_have_count(0)
    expect(page.get_by_role("alert")).to_be_visible()


def test_an_answer_is_told_of_once_where_nobody_looks_and_leads_to_its_chat(
    open_screen: Open, person: Person, site: Site
) -> None:
    answering = site.server.default = Behaviour(tokens=TOKENS, tokens_per_second=2)
    first = open_screen(person, "/settings/chats", installed=True)
    context = first.page.context
    context.add_init_script(f"({HIDDEN})()")
    page = installed(first)
    switch = page.get_by_role("switch", name="Notify me of answers")
    with page.expect_response(re.compile("settings/update")):
        switch.click()
    expect(switch).to_be_checked()

    page.goto("/")
    first.ask("Count")
    other = Screen(context.new_page())
    other.page.goto(page.url)
    expect(other.text).to_contain_text("w1 ")
    chat = page.url
    for tab in (page, other.page):
        tab.get_by_role("link", name="New chat").first.click()
        expect(tab).not_to_have_url(CHAT)
        tab.evaluate(LOOK_AWAY)
    answering.tokens_per_second = None
    until(lambda: page.evaluate(TOLD) > 0, 60, "somebody is told")
    assert page.evaluate(TOLD) == 1
    title, body = page.evaluate(WORDS)
    assert title.endswith(" has answered")
    assert body.startswith("w0 w1 w2")

    (worker,) = context.service_workers
    worker.evaluate(CLICK)
    tabs = (page, other.page)
    until(lambda: chat in [tab.evaluate("location.href") for tab in tabs], what="one of the tabs shows the chat")
    until(lambda: page.evaluate(TOLD) == 0, what="the notification is gone")

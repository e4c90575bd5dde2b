"""A real Chromium at the running stack, with people signed in and a model server that does as it is told."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect, sync_playwright

from infra.local.bootstrap import ROOT
from infra.local.bootstrap import browser as installed_browser
from tests.e2e.screen import Screen
from tests.integration.answers_site import Person, Site, connected
from tests.support.stack import Stack

ARTEFACTS = ROOT / "build" / "e2e"
ACTION_LIMIT = 60_000
"""Milliseconds that anything on screen may take on a machine that is busy; how fast it is, `tests/bench` measures."""

Open = Callable[..., Screen]


@pytest.fixture(scope="session")
def site(cirrus: Stack) -> Iterator[Site]:
    """The stack with the model server connected."""
    with connected(cirrus) as running:
        yield running


@pytest.fixture(autouse=True)
def _polite_models(request: pytest.FixtureRequest) -> None:
    """Each test begins with a model server that answers at once."""
    if "site" in request.fixturenames:
        request.getfixturevalue("site").server.reset()


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """Playwright's driver."""
    expect.set_options(timeout=ACTION_LIMIT)
    with sync_playwright() as driver:
        yield driver


@contextmanager
def launched(playwright: Playwright, *, whole: bool = False) -> Iterator[Browser]:
    """The system's Chromium, or the one that CHROMIUM names; otherwise Playwright's own.

    `whole`: with all that one with a window has.
    """
    path = installed_browser(whole=whole)
    channel = "chromium" if whole and path is None else None
    browser = playwright.chromium.launch(executable_path=path, channel=channel, args=["--no-sandbox"])
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """A Chromium without a window where there is one: it has half the work."""
    with launched(playwright) as browser:
        yield browser


@pytest.fixture
def person(site: Site) -> Person:
    """Somebody new, signed in, of role user, who chose the model of these tests."""
    person = site.person()
    chosen = person.http.post("/api/v1/users/user/settings/update", json={"ui": {"models": [site.model]}})
    assert chosen.status_code == 200, chosen.text
    return person


@pytest.fixture
def open_screen(site: Site, browser: Browser, request: pytest.FixtureRequest) -> Iterator[Open]:
    """Opens the app in a browser of its own: `open_screen(person, dark=…, phone=…)`; a failure leaves screenshots.

    The service worker runs where a test asks for it (`installed=True`): the others measure and shape the network.
    """
    contexts: list[BrowserContext] = []
    screens: list[Screen] = []

    def open_as(
        person: Person | None,
        path: str = "/",
        *,
        dark: bool = False,
        phone: bool = False,
        installed: bool = False,
        locale: str = "en-US",
    ) -> Screen:
        context = browser.new_context(
            base_url=site.url,
            color_scheme="dark" if dark else "light",
            viewport={"width": 390, "height": 844} if phone else {"width": 1280, "height": 860},
            has_touch=phone,
            is_mobile=phone,
            reduced_motion="reduce",
            locale=locale,
            permissions=["clipboard-read", "clipboard-write", "notifications"],
            service_workers="allow" if installed else "block",
        )
        contexts.append(context)
        context.set_default_timeout(ACTION_LIMIT)
        if person:
            context.add_cookies([{"name": "token", "value": person.token, "url": site.url, "httpOnly": True}])
        screen = Screen(context.new_page())
        screens.append(screen)
        screen.page.goto(path)
        return screen

    yield open_as
    if getattr(request.node, "failed", False):
        for number, screen in enumerate(screens):
            picture(screen.page, f"failed-{request.node.name}-{number}")
    faults = [fault for screen in screens for fault in screen.faults]
    for context in contexts:
        context.close()
    assert not faults, f"the page threw: {faults}"


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """Lets `open_screen` know that its test failed."""
    if call.when == "call" and call.excinfo is not None:
        item.failed = True  # type: ignore[attr-defined]
    yield


def picture(page: Page, name: str) -> Path:
    """Keeps what is on screen in build/e2e."""
    ARTEFACTS.mkdir(parents=True, exist_ok=True)
    path = ARTEFACTS / f"{re.sub(r'[^a-zA-Z0-9_-]+', '-', name)}.png"
    page.screenshot(path=path)
    return path

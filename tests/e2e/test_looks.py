"""Screens in both themes and at phone width: no serious finding of axe, and pictures to look at."""

import json

import pytest
from playwright.sync_api import Page, expect

from infra.local.bootstrap import ROOT
from tests.e2e.conftest import Open, picture
from tests.e2e.screen import Screen
from tests.e2e.test_chat import MARKDOWN, tokens
from tests.integration.answers_site import Person, Site
from tests.support.model_server import Behaviour

AXE = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"
ADMINISTRATION = (
    "/admin/users",
    "/admin/connections",
    "/admin/models",
    "/admin/ollama",
    "/admin/interface",
    "/admin/evaluations",
    "/admin/general",
    "/workspace/models",
    "/workspace/prompts",
    "/playground",
)
SETTINGS = (
    "/settings/account",
    "/settings/security",
    "/settings/appearance",
    "/settings/data",
    "/settings/archived",
)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("phone", [False, True], ids=["wide", "phone"])
def test_chat_screens(open_screen: Open, person: Person, site: Site, dark: bool, phone: bool) -> None:
    site.server.default = Behaviour(tokens=tokens(MARKDOWN), reasoning=["Hm."])
    screen = open_screen(person, dark=dark, phone=phone)
    kind = f"{'dark' if dark else 'light'}-{'phone' if phone else 'wide'}"
    expect(screen.composer).to_be_visible()
    picture(screen.page, f"new-{kind}")
    check(screen.page)
    screen.composer.fill("Show me")
    screen.button("Send").click()
    expect(screen.text.locator(".katex")).to_be_visible()
    screen.wait_until_done()
    picture(screen.page, f"chat-{kind}")
    check(screen.page)
    assert not overflows(screen), "the page scrolls sideways"


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("path", ["/sign-in", "/sign-up"])
def test_signing_in_screens(open_screen: Open, path: str, dark: bool) -> None:
    screen = open_screen(None, path, dark=dark)
    expect(screen.page.get_by_role("heading").first).to_be_visible()
    picture(screen.page, f"{path}-{'dark' if dark else 'light'}")
    check(screen.page)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("path", SETTINGS)
def test_settings_screens(open_screen: Open, person: Person, path: str, dark: bool) -> None:
    screen = open_screen(person, path, dark=dark)
    expect(screen.page.get_by_role("heading", level=1)).to_be_visible()
    picture(screen.page, f"{path}-{'dark' if dark else 'light'}")
    check(screen.page)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("path", ADMINISTRATION)
def test_administration_screens(open_screen: Open, site: Site, path: str, dark: bool) -> None:
    admin = site.person("admin")
    form = {"name": "Grace", "email": f"{admin.id}.grace@example.com", "password": "compiler-1952", "role": "user"}
    assert admin.http.post("/api/v1/auths/add", json=form).status_code == 200
    screen = open_screen(admin, path, dark=dark)
    expect(screen.page.get_by_role("heading", level=1)).to_be_visible()
    screen.page.wait_for_load_state("networkidle")
    picture(screen.page, f"{path}-{'dark' if dark else 'light'}")
    check(screen.page)


def check(page: Page) -> None:
    """Fails with what axe finds serious or critical."""
    page.evaluate(AXE.read_text())
    found = page.evaluate("() => axe.run().then((result) => result.violations)")
    serious = [
        {"rule": each["id"], "help": each["help"], "where": [node["html"][:160] for node in each["nodes"][:4]]}
        for each in found
        if each["impact"] in ("serious", "critical")
    ]
    assert not serious, json.dumps(serious, indent=1)


def overflows(screen: Screen) -> bool:
    """Whether something is wider than the page."""
    return bool(screen.page.evaluate("() => document.documentElement.scrollWidth > innerWidth"))

"""Screens in both themes and at phone width: no serious finding of axe, and pictures to look at."""

import json
import re
from collections.abc import Iterable

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
    "/admin/documents",
    "/admin/web-search",
    "/admin/ingestion",
    "/admin/interface",
    "/admin/evaluations",
    "/admin/general",
    "/workspace/models",
    "/workspace/prompts",
    "/workspace/knowledge",
    "/workspace/files",
    "/playground",
)
SETTINGS = (
    "/settings/account",
    "/settings/security",
    "/settings/appearance",
    "/settings/memories",
    "/settings/data",
    "/settings/archived",
)


@pytest.mark.parametrize("phone", [False, True], ids=["wide", "phone"])
def test_chat_screens(open_screen: Open, person: Person, site: Site, phone: bool) -> None:
    site.server.default = Behaviour(tokens=tokens(MARKDOWN), reasoning=["Hm."])
    screen = open_screen(person, phone=phone)
    size = "phone" if phone else "wide"
    expect(screen.composer).to_be_visible()
    look(screen.page, f"new-{size}")
    screen.composer.fill("Show me")
    screen.button("Send").click()
    expect(screen.text.locator(".katex")).to_be_visible()
    screen.wait_until_done()
    look(screen.page, f"chat-{size}")
    assert not overflows(screen), "the page scrolls sideways"


def test_signing_in_screens(open_screen: Open) -> None:
    screen = open_screen(None, "/sign-in")
    for path in ("/sign-in", "/sign-up"):
        screen.page.goto(path)
        expect(screen.page.get_by_role("heading").first).to_be_visible()
        look(screen.page, path)


def test_who_waits_to_be_let_in_is_told_so(open_screen: Open, site: Site) -> None:
    screen = open_screen(site.person("pending"))
    expect(screen.page).to_have_url(re.compile("/pending$"))
    expect(screen.page.get_by_role("heading", level=1)).to_be_visible()
    look(screen.page, "pending")


def test_an_address_that_leads_nowhere_says_so(open_screen: Open, person: Person) -> None:
    for somebody in (None, person):
        screen = open_screen(somebody, "about:blank")
        pages: list[str] = []
        screen.page.on(
            "request", lambda it, seen=pages: seen.append(it.url) if it.resource_type == "document" else None
        )
        screen.page.goto("/nothing/here")
        expect(screen.page.get_by_role("heading", name="There is nothing here")).to_be_visible()
        look(screen.page, "nowhere")
        screen.page.wait_for_load_state("networkidle")
        assert len(pages) == 1, "the page is loaded again and again"


def test_settings_screens(open_screen: Open, person: Person) -> None:
    see(open_screen(person), SETTINGS)


def test_administration_screens(open_screen: Open, site: Site) -> None:
    admin = site.person("admin")
    form = {"name": "Grace", "email": f"{admin.id}.grace@example.com", "password": "compiler-1952", "role": "user"}
    assert admin.http.post("/api/v1/auths/add", json=form).status_code == 200
    see(open_screen(admin), ADMINISTRATION)


def see(screen: Screen, paths: Iterable[str]) -> None:
    """Opens one page after the other and checks it, wide and as narrow as a phone."""
    for path in paths:
        screen.page.goto(path)
        expect(screen.page.get_by_role("heading", level=1)).to_be_visible()
        screen.page.wait_for_load_state("networkidle")
        look(screen.page, path)
        screen.page.set_viewport_size({"width": 390, "height": 844})
        picture(screen.page, f"{path}-phone")
        assert not overflows(screen), f"{path} scrolls sideways on a phone"
        screen.page.set_viewport_size({"width": 1280, "height": 860})


def look(page: Page, name: str) -> None:
    """Keeps a picture in both themes, and fails with what axe finds serious or critical."""
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)
        expect(page.locator("html")).to_have_css("color-scheme", theme)
        picture(page, f"{name}-{theme}")
        # All that a theme changes is colours.
        check(page, f"{name}, {theme}", only="color-contrast" if theme == "dark" else None)


def check(page: Page, where: str = "this screen", only: str | None = None) -> None:
    """Fails with what axe finds serious or critical; of one rule, when it is named."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE.read_text())
    options: dict[str, object] = {"resultTypes": ["violations"], **({"runOnly": [only]} if only else {})}
    found = page.evaluate("(options) => axe.run(options).then((result) => result.violations)", options)
    serious = [
        {"rule": each["id"], "help": each["help"], "where": [node["html"][:160] for node in each["nodes"][:4]]}
        for each in found
        if each["impact"] in ("serious", "critical")
    ]
    assert not serious, f"{where}: {json.dumps(serious, indent=1)}"


def overflows(screen: Screen) -> bool:
    """Whether something is wider than the page."""
    return bool(screen.page.evaluate("() => document.documentElement.scrollWidth > innerWidth"))

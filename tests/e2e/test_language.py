"""The app in other languages: chosen before signing in, chosen in the settings, on the person's other devices."""

import re

from playwright.sync_api import Page, expect

from shared import sections
from shared.identity.config import AuthSection
from tests.e2e.conftest import Open, picture
from tests.e2e.test_looks import check, overflows
from tests.integration.answers_site import Person, Site
from tests.support.waiting import until

ANSWER = "مرحبا:\n\n```python\nprint(1)\n```\n\n$x^2$"


def choose(page: Page, label: str, language: str) -> None:
    """Chooses a language by its own name; the page loads again."""
    page.get_by_label(label, exact=True).click()
    with page.expect_event("load"):
        page.get_by_role("option", name=language, exact=True).click()


def edge(page: Page, selector: str) -> float:
    """Where something begins, in pixels from the left."""
    return float(page.locator(selector).evaluate("element => element.getBoundingClientRect().left"))


def test_a_language_is_chosen_and_stays_on_every_device(open_screen: Open, person: Person, site: Site) -> None:
    screen = open_screen(None, "/sign-in")
    choose(screen.page, "Language", "Deutsch")
    expect(screen.page.get_by_label("E-Mail-Adresse")).to_be_visible()
    expect(screen.page.locator("html[lang=de][dir=ltr]")).to_be_attached()
    catalogs = screen.page.locator("link[data-language][rel=modulepreload]")
    assert catalogs.evaluate_all("links => links.map(link => link.dataset.language)") == ["de"]

    screen = open_screen(person, "/settings/appearance")
    choose(screen.page, "Language", "العربية")
    screen.page.reload()
    expect(screen.page.get_by_role("heading", level=1, name="المظهر")).to_be_visible()
    expect(screen.page.locator("html[lang=ar][dir=rtl]")).to_be_attached()
    check(screen.page, "appearance in Arabic")

    question = {"id": "q", "parentId": None, "childrenIds": ["a"], "role": "user", "content": "كيف أطبع الرقم؟"}
    answer = {"id": "a", "parentId": "q", "childrenIds": [], "role": "assistant", "content": ANSWER, "done": True}
    history = {"messages": {"q": question, "a": answer}, "currentId": "a"}
    chat = person.http.post("/api/v1/chats/new", json={"chat": {"title": "What?", "history": history}}).json()
    other = open_screen(person, f"/c/{chat['id']}")
    expect(other.page.locator("html[lang=ar][dir=rtl]")).to_be_attached()
    expect(other.page.locator("figure.code pre")).to_have_css("direction", "ltr")
    expect(other.page.locator(".katex")).to_have_css("direction", "ltr")
    expect(other.page.locator(".markdown").first).to_have_css("direction", "rtl")
    assert edge(other.page, "aside") > edge(other.page, "#main")
    assert not overflows(other), "the page scrolls sideways"
    picture(other.page, "chat-arabic")
    check(other.page, "a chat in Arabic")

    kept = person.http.get("/api/v1/users/user/settings").json()["ui"]
    assert kept == {"models": [site.model], "language": "ar"}


def test_an_admins_default_reaches_those_whose_language_there_is_not(open_screen: Open, site: Site) -> None:
    admin = site.person("admin")
    screen = open_screen(admin, "/admin/general")
    try:
        screen.page.get_by_label("Default language").click()
        with screen.page.expect_response(re.compile("/auths/admin/config$")):
            screen.page.get_by_role("option", name="Deutsch", exact=True).click()
        newcomer = open_screen(None, "/sign-in", locale="nl-NL").page

        def greeted() -> bool:  # by a function that has heard of the change since
            newcomer.reload(wait_until="networkidle")
            return newcomer.locator("html[lang=de]").count() == 1

        until(greeted, 60, "the newcomer reads German")
        expect(newcomer.get_by_label("E-Mail-Adresse")).to_be_visible()
    finally:
        sections.update(AuthSection, lambda section: section.model_copy(update={"default_locale": ""}))

"""From a file on a question to the passage that its answer names."""

import json
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import TimeoutError as TimedOut
from playwright.sync_api import expect
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse
from starlette.routing import Route

from shared import sections
from shared.retrieval.settings import RetrievalSettings
from tests.e2e.conftest import Open, picture
from tests.e2e.screen import Screen
from tests.e2e.test_looks import check, overflows
from tests.integration.answers_site import Person, Site
from tests.support.model_server import Behaviour
from tests.support.serving import serving
from tests.support.waiting import until

PASSAGE = "The lighthouse on the northern pier was built in 1804 by a committee of fishermen."
FILE = {"name": "lighthouse.txt", "mimeType": "text/plain", "buffer": f"{PASSAGE}\n".encode()}
BROKEN = {"name": "empty.txt", "mimeType": "text/plain", "buffer": b""}
HEARD = 8_000
"""Milliseconds after which a page that was opened before a switch was heard of is opened again."""


def passage_opens(screen: Screen) -> None:
    """The number in the answer opens what it stands for beside the chat, and closes again."""
    mark = screen.text.get_by_role("button", name="Source 1: lighthouse.txt", exact=True)
    mark.click()
    panel = screen.page.get_by_role("complementary", name="Sources of this answer")
    expect(panel.locator("[data-passage]")).to_contain_text(PASSAGE)
    expect(panel.get_by_role("link", name="Open the original")).to_have_attribute("href", re.compile("/content"))
    panel.get_by_role("button", name="Show what stands around it").click()
    expect(panel.locator("mark")).to_contain_text("built in 1804")
    check(screen.page)
    screen.page.keyboard.press("Escape")
    expect(panel).to_have_count(0)
    expect(mark).to_be_focused()


def test_an_answer_names_the_file_it_is_drawn_from(open_screen: Open, person: Person, site: Site) -> None:
    site.server.default = Behaviour(tokens=["Built in 1804 ", "[1]", "."])
    screen = open_screen(person)
    screen.page.locator("input[type=file]").set_input_files([FILE, BROKEN])
    attached = screen.page.get_by_role("list", name="What goes along")
    expect(attached.get_by_role("alert")).to_contain_text("empty")
    screen.button("Remove empty.txt").click()
    screen.button("Have all of lighthouse.txt read").click()
    expect(attached).to_contain_text("lighthouse.txt")
    check(screen.page)
    screen.button("Have all of lighthouse.txt read").click()
    expect(attached).not_to_contain_text("uploaded", timeout=60_000)
    screen.page.reload()
    expect(attached).to_contain_text("lighthouse.txt")
    screen.ask("When was the lighthouse built?")
    screen.wait_until_done()
    expect(screen.page.get_by_role("list", name="Attached").get_by_role("link")).to_contain_text("lighthouse.txt")
    passage_opens(screen)
    asked = [seen.body["messages"][-1]["content"] for seen in site.server.completions()]
    assert any(PASSAGE in content for content in asked if isinstance(content, str))
    screen.page.reload()
    passage_opens(screen)
    picture(screen.page, "answer-with-sources")

    screen.page.goto("/")
    screen.composer.press_sequentially("#light")
    expect(screen.page.get_by_role("option", name=re.compile("lighthouse.txt"))).to_be_visible()
    screen.composer.press("Enter")
    expect(screen.button("Remove lighthouse.txt")).to_be_visible()
    expect(screen.composer).to_have_value("")
    screen.page.set_viewport_size({"width": 390, "height": 844})
    assert not overflows(screen)


@pytest.fixture
def web(site: Site) -> Iterator[str]:
    """A web of two pages on this machine and an engine that finds them, which the stack searches."""

    async def search(request: Request) -> JSONResponse:
        pages = [{"url": f"{url}/{name}", "title": name, "content": ""} for name in ("tides", "harbour")]
        return JSONResponse({"query": request.query_params["q"], "results": pages})

    async def page(request: Request) -> HTMLResponse:
        name = request.path_params["name"]
        text = f"The {name} of Quill: water rises there twice a day, because the moon pulls at it."
        head = f"<html><head><title>About {name}</title></head>"
        return HTMLResponse(f"{head}<body><article><h1>{name}</h1><p>{text}</p></article></body></html>")

    with serving(Starlette(routes=[Route("/search", search), Route("/{name}", page)])) as url:
        before = sections.load(RetrievalSettings, fresh=True).web
        changes = {
            "enable_web_search": True,
            "enable_web_loader_private_addresses": True,
            "web_search_engine": "searxng",
            "searxng_query_url": f"{url}/search",
        }
        after = before.model_copy(update=changes)
        sections.update(RetrievalSettings, lambda known: known.model_copy(update={"web": after}))
        yield url
        sections.update(RetrievalSettings, lambda known: known.model_copy(update={"web": before}))


def test_an_answer_names_pages_of_the_web(open_screen: Open, person: Person, site: Site, web: str) -> None:
    site.server.default = Behaviour(tokens=["Twice a day ", "[1]", "."])
    screen = open_screen(person)

    def offered() -> bool:
        screen.page.reload()
        try:
            screen.button("Web").wait_for(timeout=HEARD)
        except TimedOut:
            return False
        return True

    until(offered, 60, "functions have heard that the web may be searched")
    screen.button("Web").click()
    expect(screen.button("Web")).to_have_attribute("aria-pressed", "true")
    screen.ask("How often does water rise in Quill?")
    screen.wait_until_done()
    for _ in range(2):
        expect(screen.answer).to_contain_text("Searched 2 sites")
        screen.text.get_by_role("button", name=re.compile("Source 1: About")).click()
        panel = screen.page.get_by_role("complementary", name="Sources of this answer")
        expect(panel.locator("[data-passage]").first).to_contain_text("twice a day")
        expect(panel.get_by_role("link", name=re.compile("^Open ")).first).to_have_attribute("href", re.compile(web))
        screen.page.reload()

    screen.page.goto("/")
    screen.composer.press_sequentially(f"#{web}/tides")
    expect(screen.page.get_by_role("option", name=re.compile("Web page"))).to_be_visible()
    screen.composer.press("Enter")
    expect(screen.page.get_by_role("list", name="What goes along")).to_contain_text("About tides")


def test_memories_are_written_changed_and_go_along_with_questions(
    open_screen: Open, person: Person, site: Site
) -> None:
    screen = open_screen(person, "/settings/memories")
    page, memories = screen.page, screen.page.get_by_role("list", name="Memories")
    screen.button("Add a memory").click()
    page.get_by_label("What should be remembered").fill("My cat is called Hopper.")
    screen.button("Save").click()
    expect(memories.get_by_role("listitem")).to_contain_text("My cat is called Hopper.")
    screen.button("Edit the memory").click()
    page.get_by_label("What should be remembered").fill("My cat is called Hypatia.")
    screen.button("Save").click()
    expect(memories.get_by_role("listitem")).to_contain_text("Hypatia")
    screen.button("Delete the memory").click()
    expect(memories.get_by_role("listitem")).to_have_count(0)
    screen.button("Undo").click()
    expect(memories.get_by_role("listitem")).to_contain_text("Hypatia")
    with page.expect_response(re.compile("/users/user/settings/update$")):
        page.get_by_role("switch", name="Use memories").click()
    check(page, "memories")
    page.goto("/")
    screen.ask("What is my cat called?")
    screen.wait_until_done()
    assert "My cat is called Hypatia." in json.dumps(site.server.completions()[0].body["messages"])

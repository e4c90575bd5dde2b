"""Answers that go on while pages close, sockets drop and frames get lost: nothing lost, nothing doubled."""

import re

import pytest
from playwright.sync_api import WebSocketRoute, expect

from tests.e2e.conftest import Open
from tests.integration.answers_site import Person, Site
from tests.support.model_server import Behaviour

WORDS = 300
TEXT = " ".join(f"w{number}" for number in range(WORDS))
SOCKET = re.compile(r"/ws/socket\.io/")


@pytest.fixture
def slowly(site: Site) -> None:
    """The model takes half a minute, where a test does not hurry it on."""
    site.server.default = Behaviour(tokens=re.findall(r"\s*\S+", TEXT), tokens_per_second=10)


@pytest.mark.usefixtures("slowly")
def test_reload_in_mid_answer(open_screen: Open, person: Person, site: Site) -> None:
    screen = open_screen(person)
    screen.ask("Count")
    expect(screen.text).to_contain_text("w10 ")
    screen.page.reload()
    expect(screen.text).to_contain_text("w10 ")
    expect(screen.stop_button).to_be_visible()
    site.server.hurry()
    screen.wait_until_done()
    expect(screen.text).to_have_text(TEXT)


@pytest.mark.usefixtures("slowly")
def test_another_browser_sees_the_text_grow_after_the_first_is_closed(
    open_screen: Open, person: Person, site: Site
) -> None:
    first = open_screen(person)
    first.ask("Count")
    expect(first.text).to_contain_text("w10 ")
    address = first.page.url
    first.page.close()
    second = open_screen(person, address)
    expect(second.text).to_contain_text("w10 ")
    expect(second.stop_button).to_be_visible()
    site.server.hurry()
    second.wait_until_done()
    expect(second.text).to_have_text(TEXT)


@pytest.mark.usefixtures("slowly")
def test_a_question_asked_elsewhere_appears_in_an_open_chat(open_screen: Open, person: Person, site: Site) -> None:
    behaviour, site.server.default = site.server.default, Behaviour(tokens=["Hello."])
    first = open_screen(person)
    first.ask("Hello")
    first.wait_until_done()
    second = open_screen(person, first.page.url)
    expect(second.text).to_have_text("Hello.")
    site.server.default = behaviour
    first.ask("Count")
    expect(second.page.get_by_text("Count", exact=True).last).to_be_visible()
    expect(second.text).to_contain_text("w10 ")
    site.server.hurry()
    second.wait_until_done()
    expect(second.text).to_have_text(TEXT)


@pytest.mark.usefixtures("slowly")
def test_a_dropped_socket_comes_back_by_itself(open_screen: Open, person: Person, site: Site) -> None:
    sockets: list[WebSocketRoute] = []

    def through(socket: WebSocketRoute) -> None:
        socket.connect_to_server()
        sockets.append(socket)

    screen = open_screen(person, "about:blank")
    screen.page.route_web_socket(SOCKET, through)
    screen.page.goto("/")
    screen.ask("Count")
    expect(screen.text).to_contain_text("w10 ")
    sockets[-1].close()
    expect(screen.text).to_contain_text("w60 ")
    site.server.hurry()
    screen.wait_until_done()
    expect(screen.text).to_have_text(TEXT)
    assert len(sockets) >= 2, "the page connected again"


def copies(number: int) -> int:
    """How often a frame arrives: every fifth never, every seventh twice."""
    return 0 if number % 5 == 0 else 2 if number % 7 == 0 else 1


@pytest.mark.usefixtures("slowly")
def test_lost_and_repeated_frames_do_not_show(open_screen: Open, person: Person, site: Site) -> None:
    def lossy(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()
        count = [0]

        def pass_on(frame: str | bytes) -> None:
            piece = "chat:completion" in str(frame)
            count[0] += piece
            for _ in range(copies(count[0]) if piece else 1):
                socket.send(frame)

        server.on_message(pass_on)

    screen = open_screen(person, "about:blank")
    screen.page.route_web_socket(SOCKET, lossy)
    screen.page.goto("/")
    screen.ask("Count")
    for _ in range(20):
        shown = screen.text.inner_text() if screen.text.count() else ""
        assert TEXT.startswith(shown.strip())
        screen.page.evaluate("() => new Promise((resolve) => setTimeout(resolve, 200))")
    site.server.hurry()
    screen.wait_until_done()
    expect(screen.text).to_have_text(TEXT)

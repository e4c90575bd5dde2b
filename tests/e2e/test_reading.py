"""Reading a long chat, pictures on a question, diagrams in an answer, and a connection that went silent."""

import base64
import re
import struct

from playwright.sync_api import Page, WebSocketRoute, expect

from tests.e2e.conftest import Open, picture
from tests.e2e.test_chat import counted, png, tokens
from tests.e2e.test_resume import SOCKET
from tests.integration.answers_site import Person, Site
from tests.support.model_server import Behaviour

DIAGRAMS = """```mermaid
flowchart LR
  Question --> Answer
```

```mermaid
flowchart ( no diagram
```
"""

# A picture of 3000 by 2000 pixels of noise, as a clipboard or a dragged folder would hold it.
TRANSFER = """async () => {
  const canvas = new OffscreenCanvas(3000, 2000);
  const context = canvas.getContext('2d');
  const pixels = context.createImageData(3000, 2000);
  for (let at = 0; at < pixels.data.length; at += 65536)
    crypto.getRandomValues(pixels.data.subarray(at, Math.min(at + 65536, pixels.data.length)));
  context.putImageData(pixels, 0, 0);
  const blob = await canvas.convertToBlob({ type: 'image/png' });
  const transfer = new DataTransfer();
  transfer.items.add(new File([blob], 'noise.png', { type: 'image/png' }));
  return transfer;
}"""


def test_a_diagram_is_drawn_and_what_is_none_shows_its_source(open_screen: Open, person: Person, site: Site) -> None:
    site.server.default = Behaviour(tokens=tokens(DIAGRAMS))
    screen = open_screen(person)
    screen.ask("Draw")
    screen.wait_until_done()
    drawn, broken = screen.text.locator("figure.code").all()
    expect(drawn.get_by_role("img", name="Diagram").locator("svg")).to_contain_text("Answer")
    expect(broken.locator("pre")).to_contain_text("no diagram")
    expect(screen.page.locator("body > [id^=ddiagram]")).to_have_count(0)
    picture(screen.page, "diagram")
    drawn.get_by_role("button", name="Source").click()
    expect(drawn.locator("pre")).to_contain_text("flowchart LR")


def test_pictures_are_pasted_and_dropped_and_large_ones_made_smaller(
    open_screen: Open, person: Person, site: Site
) -> None:
    screen = open_screen(person)
    dot = {"name": "dot.png", "data": base64.b64encode(png()).decode()}
    screen.composer.evaluate(
        """(area, { name, data }) => {
          const bytes = Uint8Array.from(atob(data), (sign) => sign.charCodeAt(0));
          const clipboardData = new DataTransfer();
          clipboardData.items.add(new File([bytes], name, { type: 'image/png' }));
          area.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
        }""",
        dot,
    )
    expect(screen.button("Remove dot.png")).to_be_visible()
    transfer = screen.page.evaluate_handle(TRANSFER)
    screen.page.dispatch_event("main", "dragover", {"dataTransfer": transfer})
    expect(screen.composer).to_have_attribute("placeholder", "Drop files here")
    screen.page.dispatch_event("main", "drop", {"dataTransfer": transfer})
    expect(screen.button("Remove noise.png")).to_be_visible()
    picture(screen.page, "pictures-in-the-composer")
    screen.ask("What are these?")
    screen.wait_until_done()
    asked = [seen.body["messages"][-1]["content"] for seen in site.server.completions()]
    content = next(content for content in asked if isinstance(content, list))
    urls = [part["image_url"]["url"] for part in content if part["type"] == "image_url"]
    assert [url.split(";")[0] for url in urls] == ["data:image/png", "data:image/jpeg"]
    assert jpeg_size(base64.b64decode(urls[1].split(",")[1])) == (2048, 1365)


def test_the_place_in_a_chat_survives_a_reload_and_one_button_leads_to_the_end(
    open_screen: Open, person: Person, site: Site
) -> None:
    site.server.default = Behaviour(tokens=tokens("\n\n".join(counted(40) for _ in range(40))))
    screen = open_screen(person)
    screen.ask("Count")
    screen.wait_until_done()
    expect(screen.button("Jump to latest")).to_have_count(0)
    screen.page.mouse.move(640, 300)
    screen.page.mouse.wheel(0, -600)
    expect(screen.button("Jump to latest")).to_be_visible()
    screen.page.wait_for_function("() => Object.keys(sessionStorage).some((key) => key.startsWith('cirrus.place.'))")
    before = rest(screen.page)
    assert before > 300
    picture(screen.page, "jump-to-latest")
    screen.page.reload()
    expect(screen.button("Jump to latest")).to_be_visible()
    assert abs(rest(screen.page) - before) < 40
    screen.button("Jump to latest").click()
    expect(screen.button("Jump to latest")).to_have_count(0)
    assert rest(screen.page) < 2


def test_a_connection_that_went_silent_is_replaced_quietly(open_screen: Open, person: Person, site: Site) -> None:
    sockets: list[WebSocketRoute] = []

    def deaf(socket: WebSocketRoute) -> None:
        server, first = socket.connect_to_server(), not sockets
        sockets.append(socket)
        # A half-open connection: nothing says that it is gone, and nothing arrives.
        socket.on_message(lambda frame: None if first and "heartbeat" in str(frame) else server.send(frame))

    screen = open_screen(person, "about:blank")
    screen.page.route_web_socket(SOCKET, deaf)
    with screen.page.expect_websocket():
        screen.page.goto("/")
    screen.page.wait_for_load_state("networkidle")
    reconnecting = screen.page.get_by_text("Reconnecting")
    expect(reconnecting).to_have_count(0)
    # Asked for as often as a person might come back: the first time, the connection may be just beginning.
    screen.page.wait_for_function(
        """() => {
          document.dispatchEvent(new Event('visibilitychange'))
          return document.body.innerText.includes('Reconnecting')
        }""",
        polling=500,
    )
    picture(screen.page, "reconnecting")
    expect(reconnecting).to_have_count(0)
    assert len(sockets) >= 2
    screen.ask("Still there?")
    expect(screen.text).to_have_text("Hello, world!")


def rest(page: Page) -> float:
    """Pixels below what is on screen."""
    return float(page.locator("[data-scroll]").evaluate("(it) => it.scrollHeight - it.clientHeight - it.scrollTop"))


def jpeg_size(data: bytes) -> tuple[int, int]:
    """Width and height in a JPEG's frame header."""
    found = re.search(rb"\xff[\xc0-\xc2]..\x08(....)", data, re.DOTALL)
    assert found
    height, width = struct.unpack(">HH", found[1])
    return width, height

"""Asking and what can be done with questions and answers."""

import re
import struct
import zlib

import pytest
from playwright.sync_api import Route, expect

from shared import sections
from shared.identity.config import AuthSection
from tests.e2e.conftest import Open, picture
from tests.integration.answers_site import Person, Site
from tests.support.model_server import Behaviour

MARKDOWN = """## Steps

1. First **bold** and `code`.
2. Then a [link](https://example.org).

```python
def double(x: int) -> int:
    return 2 * x
```

| Part | Value |
| --- | ---: |
| one | 1 |

Euler: $e^{i\\pi} = -1$.
"""


def tokens(text: str) -> list[str]:
    """A text as a model would send it."""
    return re.findall(r"\s*\S+|\s+$", text)


def counted(count: int) -> str:
    """A text whose every word can be told from every other."""
    return " ".join(f"w{number}" for number in range(count))


def test_a_newcomer_signs_up_asks_and_sees_the_answer(open_screen: Open, site: Site) -> None:
    # Whether or not this is the first account of the stack, the newcomer may come in.
    sections.update(AuthSection, lambda section: section.model_copy(update={"default_user_role": "user"}))
    screen = open_screen(None, "/sign-up")
    screen.page.get_by_label("Name").fill("Ada Lovelace")
    screen.page.get_by_label(re.compile("e-?mail", re.I)).fill(f"ada.{id(screen)}@example.com")
    screen.page.get_by_label("Password", exact=True).fill("difference-engine")
    screen.page.locator("form button[type=submit]").click()
    screen.ask("What is a cirrus cloud?")
    expect(screen.text).to_be_visible()
    screen.wait_until_done()
    picture(screen.page, "first-answer")


def test_who_is_signed_in_is_not_asked_to_sign_in_again(open_screen: Open, person: Person) -> None:
    screen = open_screen(person, "/sign-in?next=/settings/memories")
    expect(screen.page).to_have_url(re.compile("/settings/memories$"))


def test_a_server_that_does_not_answer_is_told_before_signing_in(open_screen: Open) -> None:
    screen = open_screen(None, "about:blank")
    screen.page.route("**/api/config", lambda route: route.abort())
    screen.page.goto("/sign-in")
    expect(screen.button("Try again")).to_be_visible()
    screen.page.unroute("**/api/config")
    screen.button("Try again").click()
    expect(screen.button("Try again")).to_have_count(0)
    expect(screen.page.get_by_role("link", name="Sign up")).to_be_visible()


def test_the_first_answer_gives_the_chat_its_title_in_the_list(open_screen: Open, person: Person, site: Site) -> None:
    site.server.default = Behaviour(tokens=['{"title": "Naming things"}'])
    screen = open_screen(person)
    screen.ask("How are things named?")
    expect(screen.page.get_by_role("navigation").get_by_text("Naming things")).to_be_visible()


def test_an_answer_shows_its_markdown(open_screen: Open, person: Person, site: Site) -> None:
    site.server.default = Behaviour(tokens=tokens(MARKDOWN))
    screen = open_screen(person)
    expect(screen.composer).to_be_focused()
    screen.ask("Show me")
    screen.wait_until_done()
    expect(screen.text.get_by_role("heading", name="Steps")).to_be_visible()
    expect(screen.text.locator("strong")).to_have_text("bold")
    expect(screen.text.get_by_role("link", name="link")).to_have_attribute("rel", re.compile("noopener"))
    expect(screen.text.locator("figure.code .tk-token-keyword").first).to_be_visible()
    expect(screen.text.locator("table td").last).to_have_text("1")
    expect(screen.text.locator(".katex")).to_be_visible()
    screen.text.get_by_role("button", name="Copy code").click()
    assert screen.page.evaluate("navigator.clipboard.readText()").startswith("def double")
    picture(screen.page, "markdown")


def test_markup_from_a_model_neither_runs_nor_restyles(open_screen: Open, person: Person, site: Site) -> None:
    attack = "<img src=x onerror=\"document.title='owned'\"><style>body{display:none}</style><b>fine</b>"
    site.server.default = Behaviour(tokens=[attack])
    screen = open_screen(person)
    screen.ask("Attack")
    screen.wait_until_done()
    expect(screen.text.locator("b")).to_have_text("fine")
    expect(screen.text.locator("img, style")).to_have_count(0)
    assert "owned" not in screen.page.title()


def test_stop_keeps_the_text_so_far(open_screen: Open, person: Person, site: Site) -> None:
    site.server.default = Behaviour(tokens=tokens(counted(2000)), tokens_per_second=40)
    screen = open_screen(person)
    screen.ask("Count")
    expect(screen.text).to_contain_text("w5 ")
    screen.stop_button.click()
    screen.wait_until_done()
    kept = screen.text.inner_text().strip()
    assert counted(2000).startswith(kept)
    screen.page.reload()
    expect(screen.text).to_have_text(kept)


def test_stop_works_before_the_first_word(open_screen: Open, person: Person, site: Site) -> None:
    site.server.default = Behaviour(first_token_seconds=60)
    screen = open_screen(person)
    screen.ask("Are you there?")
    screen.stop_button.click()
    screen.wait_until_done()
    site.server.default = Behaviour(tokens=["Yes."])
    screen.ask("And now?")
    expect(screen.text).to_have_text("Yes.")


def test_editing_a_question_makes_a_branch_beside_it(open_screen: Open, person: Person, site: Site) -> None:
    site.server.default = Behaviour(tokens=["First."])
    screen = open_screen(person)
    screen.ask("One")
    screen.wait_until_done()
    site.server.default = Behaviour(tokens=["Second."])
    screen.page.get_by_role("article", name="You").hover()
    screen.button("Edit").click()
    screen.page.get_by_label("Text of the message").fill("Two")
    screen.page.get_by_role("article", name="You").get_by_role("button", name="Send").click()
    expect(screen.text).to_have_text("Second.")
    question = screen.page.get_by_role("article", name="You")
    expect(question).to_contain_text("Two")
    expect(question.get_by_role("group", name="Versions")).to_contain_text("2/2")
    screen.wait_until_done()
    question.hover()
    question.get_by_role("button", name="Previous version").click()
    expect(screen.text).to_have_text("First.")
    expect(question).to_contain_text("One")


def test_answering_again_makes_a_second_version(open_screen: Open, person: Person, site: Site) -> None:
    site.server.default = Behaviour(tokens=["First."])
    screen = open_screen(person)
    screen.ask("One")
    screen.wait_until_done()
    site.server.default = Behaviour(tokens=["Second."])
    screen.button("Answer again").click()
    expect(screen.text).to_have_text("Second.")
    screen.wait_until_done()
    expect(screen.answer.get_by_role("group", name="Versions")).to_contain_text("2/2")
    screen.answer.get_by_role("button", name="Previous version").click()
    expect(screen.text).to_have_text("First.")
    screen.page.reload()
    expect(screen.answer.get_by_role("group", name="Versions")).to_contain_text("/2")


def test_the_keyboard_goes_on_where_something_went_away(open_screen: Open, person: Person, site: Site) -> None:
    site.server.default = Behaviour(tokens=["First."])
    screen = open_screen(person)
    screen.ask("One")
    screen.wait_until_done()
    question = screen.page.get_by_role("article", name="You")
    edit = question.get_by_role("button", name="Edit")
    edit.press("Enter")
    screen.page.keyboard.press("Escape")
    expect(edit).to_be_focused()
    screen.page.keyboard.press("Enter")
    screen.page.get_by_label("Text of the message").fill("Two")
    screen.page.keyboard.press("Control+Enter")
    expect(question.get_by_role("group", name="Versions")).to_contain_text("2/2")
    screen.wait_until_done()
    question.get_by_role("button", name="Previous version").press("Enter")
    expect(question.get_by_role("button", name="Next version")).to_be_focused()
    screen.page.keyboard.press("Enter")
    expect(question.get_by_role("button", name="Previous version")).to_be_focused()
    screen.answer.get_by_role("button", name="More").press("Enter")
    screen.page.get_by_role("menuitem", name="Delete").press("Enter")
    expect(screen.answers).to_have_count(0)
    expect(question.locator("..")).to_be_focused()
    question.get_by_role("button", name="Delete").press("Enter")
    expect(question).to_contain_text("One")
    expect(screen.composer).to_be_focused()
    told = screen.page.get_by_text("1 message deleted").last
    expect(told).to_be_visible()
    above, composer = told.bounding_box(), screen.page.locator("form").last.bounding_box()
    assert above
    assert composer
    assert above["y"] + above["height"] < composer["y"], "what is told lies over the composer"
    site.server.default = Behaviour(tokens=tokens(counted(2000)), tokens_per_second=40)
    screen.ask("Count")
    expect(screen.text).to_contain_text("w5 ")
    screen.stop_button.press("Enter")
    screen.wait_until_done()
    expect(screen.composer).to_be_focused()


def test_an_answer_is_edited_in_place_and_continued(open_screen: Open, person: Person, site: Site) -> None:
    site.server.default = Behaviour(tokens=["Rough."])
    screen = open_screen(person)
    screen.ask("Write")
    screen.wait_until_done()
    screen.button("Edit answer").click()
    screen.page.get_by_label("Text of the message").fill("Polished.")
    with screen.page.expect_response(re.compile("/messages$")):
        screen.button("Save").click()
        expect(screen.text).to_have_text("Polished.")
    screen.page.reload()
    expect(screen.text).to_have_text("Polished.")
    site.server.default = Behaviour(tokens=[" And", " more."])
    screen.button("Continue").click()
    expect(screen.text).to_have_text("Polished. And more.")
    screen.wait_until_done()
    expect(screen.text).to_have_text("Polished. And more.")


def test_reasoning_is_folded_and_kept_apart(open_screen: Open, person: Person, site: Site) -> None:
    site.server.default = Behaviour(reasoning=["Let me ", "think."], tokens=["Done."])
    screen = open_screen(person)
    screen.ask("Think")
    screen.wait_until_done()
    expect(screen.text).to_have_text("Done.")
    thought = screen.answer.get_by_role("button", name=re.compile("Thought"))
    expect(screen.answer.get_by_text("Let me think.")).to_have_count(0)
    thought.click()
    expect(screen.answer.get_by_text("Let me think.")).to_be_visible()


def test_an_error_says_what_happened_keeps_the_text_and_can_be_retried(
    open_screen: Open, person: Person, site: Site
) -> None:
    site.server.default = Behaviour(tokens=tokens(counted(100)), drop_at=50)
    screen = open_screen(person)
    screen.ask("Break")
    alert = screen.answer.get_by_role("alert")
    expect(alert).to_be_visible()
    expect(screen.text).to_contain_text("w40")
    picture(screen.page, "error")
    site.server.default = Behaviour(tokens=["Fine."])
    alert.get_by_role("button", name="Try again").click()
    expect(screen.text).to_have_text("Fine.")


def test_a_pasted_picture_reaches_the_model(open_screen: Open, person: Person, site: Site) -> None:
    screen = open_screen(person)
    screen.page.locator("input[type=file]").set_input_files(
        {"name": "dot.png", "mimeType": "image/png", "buffer": png()}
    )
    expect(screen.page.get_by_role("button", name="Remove dot.png")).to_be_visible()
    screen.ask("What is this?")
    screen.wait_until_done()
    expect(screen.page.get_by_role("article", name="You").get_by_role("img", name="dot.png")).to_be_visible()
    asked = [seen.body["messages"][-1]["content"] for seen in site.server.completions()]
    assert any(isinstance(content, list) and "base64" in str(content) for content in asked)


def test_a_draft_survives_a_reload(open_screen: Open, person: Person) -> None:
    screen = open_screen(person)
    screen.composer.fill("Half a thought")
    screen.page.reload()
    expect(screen.composer).to_have_value("Half a thought")


def test_what_is_sent_before_the_models_are_known_is_sent_then(open_screen: Open, person: Person) -> None:
    screen = open_screen(person, "/settings/account")
    held: list[Route] = []
    screen.page.route("**/api/models", lambda route: held.append(route))
    screen.page.add_init_script("localStorage.clear()")  # no models of an earlier visit
    screen.page.goto("/")
    screen.composer.fill("Too early?")
    screen.composer.press("Enter")
    expect(screen.composer).to_have_value("")
    expect(screen.button("Send")).to_have_attribute("aria-busy", "true")
    held.pop().fulfill(status=403, json={"detail": "Not now."})
    expect(screen.page.get_by_text("is back in the field")).to_be_visible()
    expect(screen.composer).to_have_value("Too early?")
    with screen.page.expect_request("**/api/models"):
        screen.composer.press("Enter")
    expect(screen.button("Send")).to_have_attribute("aria-busy", "true")
    held.pop().continue_()
    expect(screen.text).to_have_text("Hello, world!")
    expect(screen.page.get_by_role("article", name="You")).to_have_text("Too early?")


@pytest.mark.timeout(300)
def test_five_thousand_messages_stay_usable(open_screen: Open, person: Person, site: Site) -> None:
    messages = {}
    for number in range(5000):
        parent = f"m{number - 1}" if number else None
        role = "assistant" if number % 2 else "user"
        text = f"Message {number}. " + "Some words. " * 10
        shape = {"id": f"m{number}", "parentId": parent, "childrenIds": [f"m{number + 1}"] if number < 4999 else []}
        messages[f"m{number}"] = {**shape, "role": role, "content": text, "timestamp": number + 1, "done": True}
    chat = {"title": "Long", "models": [site.model], "history": {"messages": messages, "currentId": "m4999"}}
    made = person.http.post("/api/v1/chats/new", json={"chat": chat})
    assert made.status_code == 200, made.text
    screen = open_screen(person, f"/c/{made.json()['id']}")
    expect(screen.page.get_by_text("Message 4999.")).to_be_visible()
    assert screen.page.get_by_role("article").count() <= 60
    screen.button("Show 4970 earlier messages").click()
    expect(screen.page.get_by_text("Message 4950.")).to_be_attached()
    expect(screen.page.get_by_text("Message 4999.")).to_be_visible()
    screen.ask("Still there?")
    expect(screen.text).to_have_text("Hello, world!")


def png() -> bytes:
    """A picture of one red dot."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0\xff\0\0")) + chunk(b"IEND", b"")
    )

"""Several models at once, one of them for a single question, and what is done with whole answers."""

import re

import pytest
from playwright.sync_api import Locator, expect

from shared import sections
from shared.tasks.section import TasksSection
from tests.e2e.conftest import Open, picture
from tests.e2e.screen import Screen
from tests.e2e.test_chat import counted, tokens
from tests.e2e.test_looks import check, overflows
from tests.integration.answers_site import Person, Site
from tests.support.model_server import Behaviour
from tests.support.waiting import until


def column(screen: Screen, name: str | re.Pattern[str]) -> Locator:
    """The answer of one model among several."""
    return screen.page.get_by_role("region", name="Answers side by side").last.get_by_role("article", name=name)


def ask_the_second_too(screen: Screen, site: Site) -> None:
    """Adds the second model to those of the chat."""
    screen.button("Ask one more model").click()
    screen.page.get_by_role("button", name=re.compile("^Model: ")).last.click()
    screen.page.get_by_role("option", name=site.second_name).click()


def test_two_models_answer_side_by_side(open_screen: Open, person: Person, site: Site) -> None:
    site.server.default = Behaviour(tokens=tokens(counted(2000)), tokens_per_second=12)
    screen = open_screen(person)
    site.server.behaviours[site.second_name] = Behaviour(tokens=["Welcome."])
    ask_the_second_too(screen, site)
    screen.ask("Hello")
    own, other = column(screen, site.name), column(screen, site.second_name)
    expect(own.locator(".markdown")).to_contain_text("w5 ")
    # The second worker of a fresh stack takes its time to start.
    expect(other.locator(".markdown")).to_have_text("Welcome.", timeout=60_000)
    own.get_by_role("button", name=f"Stop {site.name}").click()
    expect(own).to_have_attribute("aria-busy", "false")
    expect(other).to_have_attribute("aria-busy", "false")
    picture(screen.page, "columns")
    check(screen.page)
    site.server.default = Behaviour(tokens=["Again."])
    own.hover()
    own.get_by_role("button", name="Answer again", exact=True).click()
    expect(own.locator(".markdown")).to_have_text("Again.")
    expect(own.get_by_role("group", name="Versions")).to_contain_text("2/2")
    other.get_by_role("button", name=site.second_name).first.click()
    screen.wait_until_done()
    screen.composer.fill("And now?")
    screen.composer.press("Enter")
    expect(own.locator(".markdown")).to_have_text("Again.")
    screen.wait_until_done()
    prompts = [seen.body["messages"] for seen in site.server.completions()]
    asked = next(prompt for prompt in prompts if prompt[-1]["content"] == "And now?")
    said = [message["content"] for message in asked]
    assert said == ["Hello", "Welcome.", "And now?"], "the chat goes on from the chosen answer"
    address = screen.page.url
    phone = open_screen(person, address, phone=True, dark=True)
    switcher = phone.page.get_by_role("group", name="Models").last
    expect(switcher.get_by_role("button")).to_have_count(2)
    expect(phone.page.get_by_role("region", name="Answers side by side").last.get_by_role("article")).to_have_count(1)
    picture(phone.page, "columns-phone")
    check(phone.page)
    assert not overflows(phone)


def test_answers_are_merged_into_one(open_screen: Open, person: Person, site: Site) -> None:
    site.server.default = Behaviour(tokens=["Tea."])
    screen = open_screen(person)
    ask_the_second_too(screen, site)
    screen.ask("Tea or coffee?")
    expect(column(screen, site.name).locator(".markdown")).to_have_text("Tea.")
    expect(column(screen, site.second_name).locator(".markdown")).to_be_visible(timeout=60_000)
    site.server.default = Behaviour(tokens=["Both", " are", " fine."])
    screen.button("Merge the answers").click()
    merged = column(screen, "Merged answer")
    expect(merged.locator(".markdown")).to_have_text("Both are fine.")
    assert "Tea." in str(site.server.completions()[-1].body["messages"])
    expect(merged).to_have_attribute("aria-busy", "false")
    screen.page.reload()
    expect(merged.locator(".markdown")).to_have_text("Both are fine.")


def test_one_question_goes_to_another_model_and_the_next_one_waits(
    open_screen: Open, person: Person, site: Site
) -> None:
    site.server.default = Behaviour(tokens=tokens(counted(2000)), tokens_per_second=12)
    screen = open_screen(person)
    screen.ask("Count")
    expect(screen.text).to_contain_text("w5 ")
    for text in ("Wait one", "Wait two"):
        screen.composer.fill(text)
        screen.composer.press("Enter")
    waiting = screen.page.get_by_role("list", name="Waiting to be sent")
    expect(waiting.get_by_role("listitem")).to_have_count(2)
    picture(screen.page, "queue")
    waiting.get_by_role("button", name="Edit").last.click()
    expect(screen.composer).to_have_value("Wait two")
    screen.composer.fill("")
    screen.page.reload()
    expect(waiting.get_by_role("listitem")).to_have_text(["Wait one"])
    site.server.default = Behaviour(tokens=["Next."])
    screen.stop_button.click()
    waiting.get_by_role("button", name="Send now").click()
    expect(screen.text).to_have_text("Next.")
    screen.wait_until_done()
    expect(waiting).to_have_count(0)
    screen.composer.press_sequentially(f"@{site.second_name}")
    expect(screen.page.get_by_role("option", selected=True)).to_be_visible()
    check(screen.page)
    screen.composer.press("Enter")
    expect(screen.button("Ask the models of the chat instead")).to_be_visible()
    screen.composer.press_sequentially("Hello")
    screen.composer.press("Enter")
    expect(screen.page.get_by_role("article", name=site.second_name)).to_be_visible()
    screen.wait_until_done()
    expect(screen.page.get_by_role("button", name=f"Model: {site.name}. Choose another")).to_be_visible()


def test_messages_are_deleted_found_and_jumped_to(open_screen: Open, person: Person, site: Site) -> None:
    site.server.default = Behaviour(tokens=tokens(f"A needle in {counted(300)}"))
    screen = open_screen(person)
    screen.ask("First question")
    screen.wait_until_done()
    site.server.default = Behaviour(tokens=tokens(counted(300)))
    screen.composer.fill("Second question")
    screen.composer.press("Enter")
    expect(screen.page.get_by_role("article", name="You")).to_have_count(2)
    screen.wait_until_done()
    screen.page.keyboard.press("Control+f")
    screen.page.get_by_role("textbox", name="Find in this chat").fill("NEEDLE")
    expect(screen.page.get_by_role("search").get_by_role("status")).to_have_text("1/1")
    expect(screen.page.get_by_text("A needle in")).to_be_in_viewport()
    picture(screen.page, "find")
    screen.page.keyboard.press("Escape")
    screen.button("Jump to a question").click()
    screen.page.get_by_role("menuitem", name="Second question").click()
    second = screen.page.get_by_role("article", name="You").last
    expect(second).to_be_in_viewport()
    second.hover()
    second.get_by_role("button", name="Delete with all below").click()
    expect(second).to_contain_text("First question")
    screen.button("Undo").click()
    expect(second).to_contain_text("Second question")
    second.hover()
    with screen.page.expect_response(re.compile(r"/messages$")) as saved:
        second.get_by_role("button", name="Delete with all below").click()
    assert saved.value.ok
    screen.page.reload()
    expect(screen.page.get_by_role("article", name="You")).to_have_text(re.compile("First question"))


def test_settings_of_a_chat_and_a_temporary_one(open_screen: Open, person: Person, site: Site) -> None:
    screen = open_screen(person)
    screen.button("Chat settings").click()
    screen.page.get_by_label("System prompt").fill("Answer in verse.")
    screen.page.get_by_label("Temperature").fill("0.2")
    picture(screen.page, "chat-settings")
    check(screen.page)
    screen.button("Save").click()
    screen.ask("Why?")
    screen.wait_until_done()
    (asked,) = [seen.body for seen in site.server.completions() if seen.body["messages"][-1]["content"] == "Why?"]
    assert asked["temperature"] == 0.2
    assert "Answer in verse." in str(asked["messages"][0])
    screen.page.get_by_role("link", name="New chat").first.click()
    screen.button("Temporary chat").click()
    expect(screen.page.get_by_text("stored nowhere")).to_be_visible()
    picture(screen.page, "temporary")
    before = len(person.http.get("/api/v1/chats/").json())
    for question in ("Secret one", "Secret two"):
        screen.composer.fill(question)
        screen.composer.press("Enter")
        expect(screen.page.get_by_role("article", name="You").last).to_contain_text(question)
        screen.wait_until_done()
        expect(screen.text).to_have_text("Hello, world!")
    assert [message["content"] for message in site.server.completions()[-1].body["messages"]][-3:] == [
        "Secret one",
        "Hello, world!",
        "Secret two",
    ]
    assert len(person.http.get("/api/v1/chats/").json()) == before
    screen.page.get_by_role("link", name="New chat").first.click()
    expect(screen.page.get_by_role("article")).to_have_count(0)


def test_an_answer_is_rated_and_suggests_what_to_ask_next(open_screen: Open, person: Person, site: Site) -> None:
    site.server.default = Behaviour(tokens=['{"follow_ups": ["Why so?", "Since when?"]}'])
    screen = open_screen(person)
    screen.ask("Tell me")
    screen.wait_until_done()
    screen.button("Good answer").click()
    screen.page.get_by_role("button", name="Accurate").or_(screen.page.get_by_role("radio", name="Accurate")).click()
    screen.page.get_by_label("Comment").fill("Just right.")
    picture(screen.page, "rating")
    check(screen.page)
    with screen.page.expect_response(re.compile(r"/evaluations/feedback/")) as explained:
        screen.button("Save").click()
    assert explained.value.ok
    kept = person.http.get("/api/v1/evaluations/feedbacks/user").json()
    assert [(each["data"]["rating"], each["data"]["comment"]) for each in kept] == [(1, "Just right.")]
    screen.page.reload()
    expect(screen.button("Good answer")).to_have_attribute("aria-pressed", "true")
    screen.page.get_by_role("list", name="What to ask next").get_by_role("button", name="Why so?").click()
    expect(screen.page.get_by_role("article", name="You").last).to_contain_text("Why so?")
    screen.wait_until_done()


@pytest.mark.alone
def test_prompts_are_filled_in_and_writing_is_completed(open_screen: Open, person: Person, site: Site) -> None:
    sections.update(TasksSection, lambda section: section.model_copy(update={"enable_autocomplete_generation": True}))
    content = 'Greet {{name | text:required}} in {{tone | select:options=["prose","verse"]}} on {{CURRENT_WEEKDAY}}.'
    command = f"greet-{person.id[:6]}"
    form = {"command": f"/{command}", "title": "Greeting", "content": content}
    assert site.person("admin").http.post("/api/v1/prompts/create", json=form).status_code == 200
    screen = open_screen(person, "/settings/chats")
    offer = screen.page.get_by_role("switch", name="Offer how to go on")

    def offered() -> bool:  # by the functions that have read it since
        screen.page.reload()
        offer.wait_for()
        return offer.is_enabled()

    until(offered, 60, "what the admin switched on is offered")
    offer.click()
    expect(screen.page.get_by_text("Saved").first).to_be_visible()
    check(screen.page)
    picture(screen.page, "settings-chats")
    screen.page.get_by_role("link", name="New chat").first.click()
    screen.composer.press_sequentially(f"/{command}")
    expect(screen.page.get_by_role("option", name=re.compile("Greeting"))).to_be_visible()
    screen.composer.press("Enter")
    dialog = screen.page.get_by_role("dialog")
    dialog.get_by_label("name").fill("Ada")
    picture(screen.page, "prompt-form")
    check(screen.page)
    dialog.get_by_role("button", name="Insert").click()
    expect(screen.composer).to_have_value(re.compile(r"^Greet Ada in prose on \w+day\.$"))
    site.server.default = Behaviour(tokens=['{"text": " Make it short."}'])
    screen.composer.press("End")
    screen.composer.press_sequentially(" ")
    expect(screen.page.get_by_text("Tab adds:")).to_be_attached()
    screen.composer.press("Tab")
    expect(screen.composer).to_have_value(re.compile(r"Make it short\.$"))


@pytest.mark.alone
def test_an_arena_hides_who_answers_until_the_vote(open_screen: Open, person: Person, site: Site) -> None:
    admin = site.person("admin")
    before = admin.http.get("/api/v1/evaluations/config").json()
    keeper = open_screen(admin, "/admin/evaluations")
    keeper.page.get_by_role("tab", name="Arena").click()
    try:
        if not before["ENABLE_EVALUATION_ARENA_MODELS"]:
            keeper.page.get_by_role("switch", name="Blind comparisons").click()
        keeper.button("Add an arena").click()
        dialog = keeper.page.get_by_role("dialog")
        dialog.get_by_label("Name").fill("Duel")
        dialog.get_by_text(site.name).click()
        check(keeper.page)
        dialog.get_by_role("button", name="Save").click()
        expect(keeper.page.get_by_role("list", name="Arena models")).to_contain_text(site.name)
        until(lambda: "Duel" in person.http.get("/api/models").text, 60, "it is listed")
        screen = open_screen(person)
        screen.page.get_by_role("button", name=f"Model: {site.name}. Choose another").click()
        screen.page.get_by_role("option", name="Duel").click()
        site.server.default = Behaviour(tokens=["Touché."])
        screen.ask("En garde!")
        expect(screen.text).to_have_text("Touché.")
        screen.wait_until_done()
        expect(screen.answer).not_to_contain_text(site.name)
        screen.button("Good answer").click()
        expect(screen.answer).to_contain_text(site.name)
    finally:
        admin.http.post("/api/v1/evaluations/config", json=before)


def test_tool_calls_are_folded_and_another_model_answers_again(open_screen: Open, person: Person, site: Site) -> None:
    call = {"id": "call-1", "type": "function", "function": {"name": "weather", "arguments": '{"city": "Oslo"}'}}
    site.server.default = Behaviour(tokens=["Let me look."], tool_calls=[call])
    screen = open_screen(person)
    screen.ask("Is it raining?")
    screen.wait_until_done()
    tools = screen.page.get_by_role("list", name="Tools")
    expect(tools).to_contain_text("weather")
    expect(tools.get_by_text("Oslo")).to_be_hidden()
    tools.get_by_text("weather").click()
    expect(tools.get_by_text("Oslo")).to_be_visible()
    check(screen.page)
    screen.answer.hover()
    screen.answer.get_by_role("button", name="More", exact=True).click()
    screen.page.get_by_role("menuitem", name="Answer again with another model").click()
    screen.page.get_by_role("option", name=site.second_name).click()
    # The second worker of a fresh stack takes its time to start.
    expect(screen.page.get_by_role("article", name=site.second_name)).to_be_visible(timeout=60_000)
    screen.wait_until_done()
    expect(screen.answer.get_by_role("group", name="Versions")).to_contain_text("2/2")


def test_the_playground_answers_and_goes_on_with_a_text(open_screen: Open, site: Site) -> None:
    screen = open_screen(site.person("admin"), "/playground")
    screen.page.get_by_label("Model").click()
    screen.page.get_by_role("option", name=site.name).click()
    screen.page.get_by_label("System prompt").fill("Be brief.")
    screen.page.get_by_label("Message 1", exact=True).fill("Hello?")
    screen.button("Run").click()
    expect(screen.page.get_by_label("Message 2", exact=True)).to_have_value("Hello, world!")
    asked = site.server.completions()[-1].body["messages"]
    assert [message["role"] for message in asked] == ["system", "user"]
    check(screen.page)
    screen.page.get_by_role("tab", name="Completion").click()
    screen.page.get_by_label("Text").fill("Once: ")
    site.server.default = Behaviour(tokens=["upon", " a time"])
    screen.button("Run").click()
    expect(screen.page.get_by_label("Text")).to_have_value("Once: upon a time")

"""What an admin sets up: providers, models, Ollama, what everybody sees first, and what people thought of answers."""

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from tests.e2e.conftest import Open, picture
from tests.e2e.screen import Screen, drag
from tests.e2e.test_looks import check
from tests.integration.answers_site import Person, Site
from tests.support.ollama_server import OllamaServer, running
from tests.support.waiting import until


def line(screen: Screen, list_name: str, text: str) -> Locator:
    """A line of a list."""
    return screen.page.get_by_role("list", name=list_name).get_by_role("listitem").filter(has_text=text)


def test_a_connection_is_verified_saved_changed_and_removed(open_screen: Open, site: Site) -> None:
    admin = site.person("admin")
    screen = open_screen(admin, "/admin/connections")
    screen.button("Add a connection").first.click()
    dialog = screen.page.get_by_role("dialog", name="Add a connection")
    address = site.server.url.replace("127.0.0.1", "localhost")

    def choose_protocol(name: str) -> None:
        screen.page.get_by_role("dialog").get_by_label("Protocol").click()
        screen.page.get_by_role("option", name=name).click()

    dialog.get_by_label("Address").fill(address)
    choose_protocol("Azure OpenAI")
    expect(dialog.get_by_label("API version")).to_be_visible()
    choose_protocol("Anthropic")
    dialog.get_by_role("button", name="Verify").click()
    expect(dialog.get_by_role("status").first).not_to_be_empty()
    choose_protocol("OpenAI and compatible")
    dialog.get_by_role("button", name="Verify").click()
    expect(dialog.get_by_role("status").first).to_contain_text("2 models")
    dialog.get_by_text("Show them").click()
    expect(dialog.get_by_role("list", name="Models that it offers")).to_contain_text(site.name)
    dialog.get_by_label("Prefix").fill("extra")
    choose_protocol("Azure OpenAI")
    check(screen.page)
    dialog.get_by_role("button", name="Add a connection").click()
    row = screen.page.get_by_role("article", name=address)
    expect(row).to_contain_text("Azure")
    row.get_by_role("button", name="Edit").click()
    choose_protocol("OpenAI and compatible")
    screen.button("Save").click()
    expect(row).not_to_contain_text("Azure")
    stored = admin.http.get("/openai/config").json()
    place = str(stored["OPENAI_API_BASE_URLS"].index(address))
    assert stored["OPENAI_API_CONFIGS"][place]["provider"] == "openai"
    assert stored["OPENAI_API_CONFIGS"][place]["prefix_id"] == "extra"
    row.get_by_role("button", name="Delete").click()
    screen.page.get_by_role("alertdialog").get_by_role("button", name="Delete").click()
    expect(row).to_have_count(0)


def hidden(person: Person, model_id: str) -> bool:
    """Whether a person is told that a model is off the list to choose from."""
    models = person.http.get("/api/models").json()["data"]
    info = next(model for model in models if model["id"] == model_id).get("info") or {}
    return bool((info.get("meta") or {}).get("hidden"))


@pytest.mark.alone
def test_models_are_put_in_order_made_defaults_and_hidden(open_screen: Open, person: Person, site: Site) -> None:
    admin = site.person("admin")
    before = admin.http.get("/api/v1/configs/models").json()
    screen = open_screen(admin, "/admin/models")
    row = line(screen, "Models", site.model)
    expect(row).to_be_visible()

    def act(action: str) -> None:
        row.get_by_role("button", name=re.compile("^Options for")).click()
        screen.page.get_by_role("menuitem", name=action, exact=True).click()

    try:
        first = screen.page.get_by_role("list", name="Models").get_by_role("listitem").first
        drag(row, first, "/configs/models$")
        with screen.page.expect_response(re.compile("/configs/models$")):
            act("Begin new chats with it")
        expect(row).to_contain_text("Default")
        check(screen.page)
        kept = admin.http.get("/api/v1/configs/models").json()
        assert kept["MODEL_ORDER_LIST"][0] == site.model
        assert site.model in kept["DEFAULT_MODELS"]
    finally:
        admin.http.post("/api/v1/configs/models", json=before)
    with screen.page.expect_response(re.compile("/models/(create|model/update)")):
        act("Hide")
    expect(row).to_contain_text("Hidden")
    until(lambda: hidden(person, site.model), 30, "people are told")
    reader = open_screen(person)
    reader.page.get_by_role("button", name=re.compile("^Model: ")).click()
    expect(reader.page.get_by_role("option", name=re.compile("demo", re.I))).to_be_visible()
    expect(reader.page.get_by_role("option", name=site.name)).to_have_count(0)
    with screen.page.expect_response(re.compile("/models/model/update")):
        act("Show")
    expect(row).not_to_contain_text("Hidden")


def test_models_of_an_ollama_server_come_and_go(open_screen: Open, site: Site) -> None:
    with running(OllamaServer(pull_pause=0.4)) as server:
        screen = open_screen(site.person("admin"), "/admin/ollama")
        screen.button("Add a server").first.click()
        dialog = screen.page.get_by_role("dialog", name="Add a server")
        dialog.get_by_label("Address").fill(server.url)
        dialog.get_by_role("button", name="Verify").click()
        expect(dialog.get_by_role("status")).to_have_text("Works: Ollama 0.12.6")
        check(screen.page)
        dialog.get_by_role("button", name="Add a connection").click()
        panel = screen.page.get_by_role("region", name=server.url)
        expect(panel.get_by_role("listitem")).to_contain_text("small:latest")
        panel.get_by_label(re.compile("^Model to fetch")).fill("other:latest")
        panel.get_by_role("button", name="Fetch").click()
        pulls = panel.get_by_role("list", name="Models on their way")
        # The worker of a fresh stack takes its time to start.
        expect(pulls.get_by_role("progressbar")).to_be_visible(timeout=60_000)
        picture(screen.page, "ollama")
        expect(pulls).to_contain_text("is there", timeout=60_000)
        check(screen.page)
        models = panel.get_by_role("list", name=f"Models on {server.url}")
        expect(models.get_by_role("listitem")).to_have_count(2)
        expect(panel).to_contain_text("Ollama 0.12.6")

        def choose(action: str) -> Locator:
            models.get_by_role("button", name="Options for other:latest", exact=True).press("Enter")
            screen.page.get_by_role("menuitem", name=action).press("Enter")
            return screen.page.get_by_role("dialog")

        copying = choose("Copy")
        copying.get_by_label("New name").fill("small")
        copying.get_by_label("New name").press("Enter")
        expect(copying.get_by_role("alert").first).to_contain_text("has a model of this name already")
        copying.get_by_label("New name").fill("twin:latest")
        copying.get_by_label("New name").press("Enter")
        expect(models.get_by_role("listitem").filter(has_text="twin:latest")).to_be_visible()
        making = choose("Make a model from it")
        making.get_by_label("New name").fill("poet:latest")
        making.get_by_label("System prompt").fill("Answer in rhymes.")
        making.get_by_label("Temperature").fill("0.3")
        check(screen.page)
        making.get_by_role("button", name="Create").click()
        expect(models.get_by_role("listitem").filter(has_text="poet:latest")).to_be_visible(timeout=60_000)
        recipe = {"from": "other:latest", "system": "Answer in rhymes.", "parameters": {"temperature": 0.3}}
        assert server.made["poet:latest"] == {"model": "poet:latest", "stream": True, **recipe}
        pushing = choose("Push to a registry")
        pushing.get_by_label("Name at the registry").fill("other")
        pushing.get_by_role("button", name="Push").click()
        expect(pushing.get_by_role("alert").first).to_have_text("Write it as namespace/model.")
        pushing.get_by_label("Name at the registry").fill("me/other:latest")
        expect(pushing).to_contain_text("ollama.com/me/other:latest")
        pushing.get_by_role("button", name="Push").click()
        expect(pulls.get_by_role("progressbar", name="Pushing me/other:latest")).to_be_visible(timeout=60_000)
        expect(pulls).to_contain_text("was pushed", timeout=60_000)
        assert list(server.pushed) == ["me/other:latest"]
        expect(models.get_by_role("listitem")).to_have_count(5)
        models.get_by_role("button", name="Delete other:latest", exact=True).click()
        screen.page.get_by_role("alertdialog").get_by_role("button", name="Delete").click()
        expect(models.get_by_role("listitem")).to_have_count(4)
        panel.get_by_role("button", name="Delete", exact=True).click()
        screen.page.get_by_role("alertdialog").get_by_role("button", name="Delete").click()
        expect(panel).to_have_count(0)


@pytest.mark.alone
def test_notices_suggestions_and_settings_reach_people(open_screen: Open, person: Person, site: Site) -> None:
    admin = site.person("admin")
    before = admin.http.get("/api/config").json()["default_prompt_suggestions"]
    tasks = admin.http.get("/api/v1/tasks/config").json()
    answers = admin.http.get("/api/v1/configs/generation").json()
    screen = open_screen(admin, "/admin/interface")
    try:
        screen.button("Add a notice").click()
        with screen.page.expect_response(re.compile("/configs/banners$")):
            screen.page.get_by_label("Text of the notice").last.fill("We move on [Friday](https://example.com/move).")
            screen.page.get_by_label("Text of the notice").last.blur()
        screen.button("Add a question").click()
        question = screen.page.get_by_role("group", name=re.compile(r"^Question \d")).last
        question.get_by_label("Heading").fill("Name three rivers")
        with screen.page.expect_response(re.compile("/configs/suggestions$")):
            question.get_by_label("Question", exact=True).fill("Which three rivers are the longest?")
            question.get_by_label("Question", exact=True).blur()
        title = screen.page.get_by_role("switch", name="Titles of chats")
        with screen.page.expect_response(re.compile("/tasks/config/update$")):
            title.click()
        expect(title).not_to_be_checked()
        with screen.page.expect_response(re.compile("/configs/generation$")):
            screen.page.get_by_label("System prompt").fill("Answer {{USER_NAME}} in rhymes.")
            screen.page.get_by_label("System prompt").blur()
        screen.page.get_by_text("Parameters", exact=True).click()
        with screen.page.expect_response(re.compile("/configs/generation$")):
            screen.page.get_by_label("Temperature").fill("0.3")
            screen.page.get_by_label("Temperature").blur()
        check(screen.page)
        picture(screen.page, "interface")
        reader = open_screen(person)
        expect(reader.page.get_by_text("We move on Friday.")).to_be_visible()
        expect(reader.page.get_by_role("link", name="Friday")).to_have_attribute("href", "https://example.com/move")
        picture(reader.page, "notice")
        check(reader.page)
        reader.page.get_by_role("button", name=re.compile("^Close")).first.click()
        expect(reader.page.get_by_text("We move on Friday.")).to_have_count(0)

        def asked_with_them() -> bool:  # by a function that has read them since
            reader.ask("Hello")
            reader.wait_until_done()
            bodies = [each.body for each in site.server.completions()]
            expected = ({"role": "system", "content": "Answer Ada in rhymes."}, 0.3)
            return expected in [(body["messages"][0], body.get("temperature")) for body in bodies]

        until(asked_with_them, 60, "answers begin with the system prompt of the server")
    finally:
        admin.http.post("/api/v1/configs/generation", json=answers)
        admin.http.post("/api/v1/configs/banners", json={"banners": []})
        admin.http.post("/api/v1/configs/suggestions", json={"suggestions": before})
        admin.http.post("/api/v1/tasks/config/update", json=tasks)


@pytest.mark.alone
def test_votes_make_the_leaderboard_and_are_exported(open_screen: Open, person: Person, site: Site) -> None:
    mine, other = f"mine-{person.id[:6]}", f"other-{person.id[:6]}"
    for rating in (1, 1, -1):
        data = {"rating": rating, "model_id": mine, "sibling_model_ids": [other], "comment": f"Heard by {mine}"}
        sent = person.http.post("/api/v1/evaluations/feedback", json={"type": "rating", "data": data, "meta": {}})
        assert sent.status_code == 200, sent.text
    screen = open_screen(site.person("admin"), "/admin/evaluations")
    row = screen.page.get_by_role("row", name=re.compile(mine))
    expect(row).to_contain_text("67")
    expect(screen.page.get_by_role("img", name=re.compile("^Ratings of the best"))).to_be_visible()
    picture(screen.page, "leaderboard")
    check(screen.page)
    screen.page.get_by_role("tab", name="Feedback").click()
    said = line(screen, "Feedback", f"Heard by {mine}")
    expect(said).to_have_count(3)
    check(screen.page)
    with screen.page.expect_download() as download:
        screen.button("Export").click()
    exported = json.loads(Path(download.value.path()).read_text())
    assert sum(each["data"]["model_id"] == mine for each in exported) == 3
    said.first.get_by_role("button", name="Delete this feedback").click()
    expect(said).to_have_count(2)


def test_a_document_is_tried_before_people_use_theirs(open_screen: Open, site: Site) -> None:
    screen = open_screen(site.person("admin"), "/admin/documents")
    text = "# Leave\n\nThirty days of holidays a year.\n\n# Rooms\n\nAurora has twelve seats.\n"
    with screen.page.expect_file_chooser() as chooser:
        screen.button("Choose a file").click()
    chooser.value.set_files([{"name": "leave.md", "mimeType": "text/markdown", "buffer": text.encode()}])
    tried = screen.page.get_by_role("region", name="Try it")
    expect(tried.get_by_role("listitem").first).to_contain_text("Thirty days of holidays")
    tried.get_by_label("A question to the document").fill("How many seats has Aurora?")
    tried.get_by_label("A question to the document").press("Enter")
    expect(tried.get_by_role("listitem").first).to_contain_text("Aurora has twelve seats")
    expect(tried.get_by_role("listitem").first).to_contain_text("%")
    picture(screen.page, "tried")
    check(screen.page)
    tried.get_by_text("Text", exact=True).click()
    expect(tried.locator("pre")).to_contain_text("# Rooms")

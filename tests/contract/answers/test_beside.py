"""What a model does beside the answers: after an answer by itself, or asked for by a client."""

import json
from typing import Any

import pytest

from shared import sections
from shared.chats import store
from shared.tasks.section import TasksSection
from tests.contract.answers.world import World, person
from tests.support.model_server import Behaviour

TASKS = "/api/v1/tasks"
TALK = [{"role": "user", "content": "How do I sort?"}, {"role": "assistant", "content": "With sorted()."}]
SAID = {
    "title": '{"title": "👋 Greetings"}',
    "tags": '{"tags": ["Greetings", "Small Talk"]}',
    "follow_up": '{"follow_ups": ["And you?", "What now?"]}',
}


@pytest.fixture(autouse=True)
def _default_settings(emulator: object) -> Any:
    yield
    sections.update(TasksSection, lambda _: TasksSection())


def settings(**changes: Any) -> None:
    sections.update(TasksSection, lambda stored: stored.model_copy(update=changes))


def by_prompt(world: World, **said: str) -> None:
    """The model answers a task by the word that its prompt, made for this, begins with."""
    templates = {f"{kind}_generation_prompt_template": f"{kind}: {{{{MESSAGES}}}}" for kind in said}
    settings(**templates, task_model_external="tasks-model")
    world.server.models.append({"id": "tasks-model", "object": "model"})
    world.server.behaviours["tasks-model"] = Behaviour(
        reply=lambda body: said[body["messages"][0]["content"].split(":")[0]]
    )


@pytest.fixture
def tasks_model(world: World) -> Any:
    by_prompt(world, **SAID)
    world.client.get("/api/models?refresh=true")
    yield world
    world.server.models.pop()


ALL = {"title_generation": True, "tags_generation": True, "follow_up_generation": True}


def test_the_first_answer_gets_a_title_tags_and_follow_ups(tasks_model: World) -> None:
    world = tasks_model
    world.ask(background_tasks=ALL)
    world.work()
    assert world.channel.kinds[0] == "chat:completion"
    assert world.channel.of("chat:title") == ["👋 Greetings"]
    assert world.channel.of("chat:tags") == [["Greetings", "Small Talk"]]
    assert world.channel.of("chat:message:follow_ups") == [{"follow_ups": ["And you?", "What now?"]}]
    head = store.head(world.chat_id)
    assert head.title == "👋 Greetings"
    assert head.meta["tags"] == ["greetings", "small_talk"]
    assert world.message()["followUps"] == ["And you?", "What now?"]
    [asked, *tasks] = world.server.completions()
    assert asked.body["model"] == "test-model"
    assert {each.body["model"] for each in tasks} == {"tasks-model"}
    prompts = [each.body["messages"][0]["content"] for each in tasks]
    assert sorted(prompts)[0] == "follow_up: USER: What is up?\nASSISTANT: Hello, world!"


def test_later_answers_get_follow_ups_only(tasks_model: World) -> None:
    world = tasks_model
    world.ask(messages=[*TALK, {"role": "user", "content": "Thanks"}], background_tasks=ALL)
    world.work()
    assert world.channel.kinds == ["chat:completion", "chat:message:follow_ups"]


def test_a_temporary_chat_gets_follow_ups_that_are_not_stored(tasks_model: World) -> None:
    world = tasks_model
    world.ask(chat_id="local:abc", messages=TALK[:1], background_tasks=ALL)
    world.work()
    assert world.channel.kinds == ["chat:completion", "chat:message:follow_ups"]
    assert "followUps" not in world.message()


def test_a_switch_turns_a_task_off_and_rubbish_is_never_shown(tasks_model: World) -> None:
    world = tasks_model
    settings(enable_tags_generation=False)
    world.server.behaviours["tasks-model"] = Behaviour(tokens=["I had rather not, {"])
    world.ask(background_tasks=ALL)
    world.work()
    assert world.channel.kinds == ["chat:completion", "chat:title"]
    assert len(world.server.completions("tasks-model")) == 2
    assert store.head(world.chat_id).title == "What is up?"


def test_a_task_that_fails_does_not_harm_the_answer_and_the_question_is_the_title(tasks_model: World) -> None:
    world = tasks_model
    world.server.behaviours["tasks-model"] = Behaviour(status=500)
    world.ask(background_tasks=ALL)
    world.work()
    assert world.channel.of("chat:title") == ["What is up?"]
    assert world.channel.kinds == ["chat:completion", "chat:title"]
    assert world.message()["run"]["state"] == "done"


def test_without_titles_by_a_model_a_chat_is_called_by_its_question(tasks_model: World) -> None:
    world = tasks_model
    settings(enable_title_generation=False)
    world.ask(background_tasks={"title_generation": True})
    world.work()
    assert world.server.completions("tasks-model") == []
    assert store.head(world.chat_id).title == "What is up?"


@pytest.mark.parametrize(
    ("path", "form", "said", "content"),
    [
        ("title", {"messages": TALK}, '{"title": "Sorting', {"title": "Sorting"}),
        ("tags", {"messages": TALK}, "{'tags': ['Python']}", {"tags": ["Python"]}),
        ("follow_up", {"messages": TALK}, "nothing", {"follow_ups": []}),
        (
            "queries",
            {"messages": TALK, "type": "web_search"},
            '{"queries": ["python sort"]}',
            {"queries": ["python sort"]},
        ),
        ("image_prompt", {"messages": TALK}, '{"prompt": "a cat"}', {"prompt": "a cat"}),
        ("auto", {"prompt": "How is", "type": "search query"}, '{"text": " it going?"}', {"text": " it going?"}),
    ],
)
def test_a_client_gets_a_completion_with_clean_json(
    world: World, path: str, form: dict[str, Any], said: str, content: dict[str, Any]
) -> None:
    settings(enable_autocomplete_generation=True)
    world.server.default = Behaviour(tokens=[said])
    answer = world.client.post(f"{TASKS}/{path}/completions", json={"model": "test-model", **form})
    assert answer.status_code == 200, answer.text
    [choice] = answer.json()["choices"]
    assert json.loads(choice["message"]["content"]) == content


def test_an_emoji_is_one_emoji(world: World) -> None:
    world.server.default = Behaviour(tokens=["Sure: 😊!"])
    answer = world.client.post(f"{TASKS}/emoji/completions", json={"model": "test-model", "prompt": "I am glad"})
    assert answer.json()["choices"][0]["message"]["content"] == "😊"


@pytest.mark.parametrize("stream", [True, False])
def test_answers_are_merged_streamed_or_whole(world: World, stream: bool) -> None:
    form = {"model": "test-model", "prompt": "What is 1 + 1?", "responses": ["2", "three"], "stream": stream}
    answer = world.client.post(f"{TASKS}/moa/completions", json=form)
    assert answer.status_code == 200
    if stream:
        lines = [line.removeprefix("data: ") for line in answer.text.splitlines() if line.startswith("data: {")]
        deltas = [choice["delta"].get("content", "") for line in lines for choice in json.loads(line)["choices"]]
        assert "".join(deltas) == "Hello, world!"
    else:
        assert answer.json()["choices"][0]["message"]["content"] == "Hello, world!"
    prompt = world.server.completions()[0].body["messages"][0]["content"]
    assert "<answer>\nthree\n</answer>" in prompt
    assert "What is 1 + 1?" in prompt


@pytest.mark.parametrize(
    ("path", "switch", "status"),
    [
        ("title", "enable_title_generation", 200),
        ("tags", "enable_tags_generation", 200),
        ("follow_up", "enable_follow_up_generation", 200),
        ("queries", "enable_search_query_generation", 400),
        ("image_prompt", "enable_image_prompt_generation", 400),
        ("auto", "enable_autocomplete_generation", 400),
        ("emoji", "enable_emoji_generation", 400),
        ("moa", "enable_moa_generation", 400),
    ],
)
def test_what_is_switched_off_asks_no_model(world: World, path: str, switch: str, status: int) -> None:
    settings(**{switch: False})
    form = {"model": "test-model", "messages": TALK, "type": "web_search", "prompt": "x", "responses": []}
    answer = world.client.post(f"{TASKS}/{path}/completions", json=form)
    assert answer.status_code == status
    assert "switched off" in answer.json()["detail"]
    assert world.server.completions() == []


@pytest.mark.parametrize("path", ["title", "moa"])
def test_an_unknown_model_is_not_found(world: World, path: str) -> None:
    form = {"model": "no-such-model", "messages": TALK}
    assert world.client.post(f"{TASKS}/{path}/completions", json=form).status_code == 404


def test_too_much_typing_is_not_completed(world: World) -> None:
    settings(enable_autocomplete_generation=True, autocomplete_generation_input_max_length=5)
    form = {"model": "test-model", "prompt": "too long"}
    assert world.client.post(f"{TASKS}/auto/completions", json=form).status_code == 400


def test_an_admin_changes_the_settings_and_what_a_stock_form_does_not_know_stays(world: World) -> None:
    _, admin = person("admin")
    config = admin.get(f"{TASKS}/config").json()
    assert config["ENABLE_TITLE_GENERATION"] is True
    config |= {"TITLE_GENERATION_PROMPT_TEMPLATE": "Name this: {{MESSAGES}}", "MOA_GENERATION_PROMPT_TEMPLATE": "Merge"}
    assert admin.post(f"{TASKS}/config/update", json=config).json() == config
    stock = {name: value for name, value in config.items() if name != "MOA_GENERATION_PROMPT_TEMPLATE"}
    assert admin.post(f"{TASKS}/config/update", json=stock).json() == config
    assert world.client.get(f"{TASKS}/config").json() == config
    world.client.post(f"{TASKS}/title/completions", json={"model": "test-model", "messages": TALK[:1]})
    assert world.server.completions()[0].body["messages"][0]["content"] == "Name this: USER: How do I sort?"
    wrong = {**config, "AUTOCOMPLETE_GENERATION_INPUT_MAX_LENGTH": "many"}
    assert admin.post(f"{TASKS}/config/update", json=wrong).status_code == 422


def test_a_call_of_a_tool_is_shown_stored_and_ends_the_answer_well(world: World) -> None:
    call = {"id": "call_1", "type": "function", "function": {"name": "weather", "arguments": '{"city": "Paris"}'}}
    tool = {"type": "function", "function": {"name": "weather", "parameters": {"type": "object"}}}
    world.server.default = Behaviour(tokens=[], tool_calls=[call])
    world.ask(tools=[tool], params={"function_calling": "native"})
    world.work()
    assert world.server.completions()[0].body["tools"] == [tool]
    deltas = [data["choices"][0]["delta"] for data in world.channel.of("chat:completion") if data.get("choices")]
    assert deltas == [{"tool_calls": [{"index": 0, **call}]}]
    assert world.channel.of("chat:completion")[-1]["done"] is True
    stored = world.message()
    assert stored["tool_calls"] == [call]
    assert (stored["done"], stored["run"]["state"], stored.get("error")) == (True, "done", None)

"""Models that people choose from: presets, an admin's changes, arenas; and what of them reaches the provider."""

import uuid
from typing import Any, cast

import pytest

from shared import presets, sections
from shared.chats import store
from shared.chats.models import HEAD, ChatHead, FolderDataItem, FolderItem, partition
from shared.clock import now
from shared.errors import NotFound
from shared.evaluations import EvaluationsSection
from shared.identity.access import AccessControl, Reader
from shared.identity.sessions import Identity
from shared.interface import InterfaceSection
from shared.llm.catalog import Catalog
from shared.llm.connections import Connection, ConnectionsSection
from shared.llm.registry import Listing, Model
from shared.presets import Preset, PresetItem
from shared.prompting import GenerationSection
from tests.contract.answers.world import World, person
from tests.support.model_server import Behaviour


@pytest.fixture(autouse=True)
def _fresh(emulator: object) -> Any:
    presets.forget()
    yield
    for item in PresetItem.query(presets.PRESETS, consistent_read=True):
        item.delete()
    for section in (ConnectionsSection, EvaluationsSection, GenerationSection, InterfaceSection):
        sections.update(section, lambda stored: type(stored)())
    presets.forget()


def preset(preset_id: str, owner: str = "", **fields: Any) -> Preset:
    """A stored preset."""
    given = {"base_model_id": "test-model", "name": preset_id, "user_id": owner, **fields}
    made = Preset(id=preset_id, created_at=now(), updated_at=now(), **given)
    for item in PresetItem.query(presets.PRESETS, PresetItem.sk == PresetItem.key(preset_id)[1], consistent_read=True):
        item.delete()
    PresetItem.of(made).save()
    presets.forget()
    return made


def listed(world: World) -> dict[str, Any]:
    answer = world.client.get("/api/models")
    assert answer.status_code == 200, answer.text
    return {entry["id"]: entry for entry in answer.json()["data"]}


def test_an_answer_of_a_preset_uses_its_base_its_prompt_and_its_parameters(world: World) -> None:
    preset("pirate", params={"system": "You are a pirate, {{USER_NAME}}.", "temperature": 0.9, "top_p": 0.5})
    world.ask(model="pirate", params={"temperature": 0.1})
    world.work()
    [seen] = world.server.completions()
    assert seen.body["model"] == "test-model"
    assert seen.body["messages"][0] == {"role": "system", "content": "You are a pirate, user."}
    assert (seen.body["temperature"], seen.body["top_p"]) == (0.1, 0.5)
    assert world.message()["model"] == "pirate"


@pytest.mark.parametrize("base", ["test-model", None])
def test_a_model_that_cannot_see_gets_words_in_place_of_images(world: World, base: str | None) -> None:
    name = "reader" if base else "test-model"
    preset(name, base_model_id=base, meta={"capabilities": {"vision": False}})
    image = {"type": "image_url", "image_url": {"url": "data:image/png;base64,aGk="}}
    talk = [{"role": "user", "content": [{"type": "text", "text": "What is this?"}, image]}]
    world.ask(model=name, messages=talk)
    world.work()
    [seen] = world.server.completions()
    first, second = seen.body["messages"][-1]["content"]
    assert first["text"] == "What is this?"
    assert (second["type"], second["text"]) == ("text", "(Here is an image, which this model cannot see.)")


def test_a_preset_that_another_function_made_a_moment_ago_is_there(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    presets.all_presets()
    with monkeypatch.context() as elsewhere:
        elsewhere.setattr(presets, "forget", lambda: None)
        preset("new")
        assert "new" in listed(world)
        preset("newer", params={"system": "Hello."})
    world.ask(model="newer")
    world.work()
    assert world.server.completions()[0].body["messages"][0]["content"] == "Hello."


def test_all_levels_reach_the_model_in_their_order(world: World) -> None:
    sections.update(
        GenerationSection, lambda _: GenerationSection(system="Instance.", params={"seed": 1, "top_p": 0.1})
    )
    preset("pirate", params={"system": "Model.", "seed": 2})
    key = (world.user_id, "f1")
    FolderItem(*FolderItem.key(*key), folder_id="f1", name="F", created_at=now(), updated_at=now()).save()
    FolderDataItem(*FolderDataItem.key(*key), data={"system_prompt": "Folder.", "params": {"max_tokens": 7}}).save()
    head = ChatHead.get(partition(world.chat_id), HEAD)
    head.folder_id, head.fields = "f1", {**(head.fields or {}), "params": {"system": "Chat.", "temperature": 0.4}}
    head.save()
    world.ask(model="pirate")
    world.work()
    [seen] = world.server.completions()
    assert seen.body["messages"][0]["content"] == "Instance.\n\nModel.\n\nFolder.\n\nChat."
    given = {name: seen.body[name] for name in ("seed", "top_p", "max_tokens", "temperature")}
    assert given == {"seed": 2, "top_p": 0.1, "max_tokens": 7, "temperature": 0.4}


def test_an_answer_that_is_not_to_be_streamed_comes_in_one_piece(world: World) -> None:
    world.ask(params={"stream_response": False})
    world.work()
    [seen] = world.server.completions()
    assert not seen.body.get("stream")
    assert [delta["text"] for delta in world.channel.deltas()] == ["Hello, world!"]
    assert world.message()["usage"]["total_tokens"] == 11


def test_the_list_has_presets_for_those_who_may_use_them(world: World) -> None:
    preset("open", params={"system": "Secret.", "temperature": 0.5}, meta={"tags": [{"name": "fun"}]})
    preset("mine", owner=world.user_id, params={"system": "My own."}, access_control={})
    preset("private", access_control={})
    preset("off", is_active=False)
    models = listed(world)
    assert {"open", "mine"} <= set(models)
    assert {"private", "off"}.isdisjoint(models)
    assert models["open"]["preset"] is True
    assert models["open"]["tags"] == [{"name": "fun"}]
    assert models["open"]["info"]["params"] == {"temperature": 0.5}, "its prompt is for those who may change it"
    assert models["mine"]["info"]["params"]["system"] == "My own."
    form = {"model": "private", "session_id": "s", "chat_id": world.chat_id, "id": world.message_id}
    assert world.client.post("/api/chat/completions", json=form).status_code == 404


def test_an_admins_changes_to_a_connections_model_show_and_count(world: World) -> None:
    preset("test-model", base_model_id=None, name="House model", params={"temperature": 0.3}, meta={"hidden": True})
    entry = listed(world)["test-model"]
    assert (entry["name"], entry["info"]["meta"]["hidden"]) == ("House model", True)
    world.ask()
    world.work()
    assert world.server.completions()[0].body["temperature"] == 0.3
    preset("test-model", base_model_id=None, name="House model", is_active=False)
    assert "test-model" not in listed(world)
    form = {"model": "test-model", "session_id": "s", "chat_id": world.chat_id, "id": world.message_id}
    assert world.client.post("/api/chat/completions", json=form).status_code == 404


@pytest.mark.parametrize("tags", [5, "fun", [5], [{"name": [1]}, {"name": None}]])
def test_a_preset_with_odd_tags_leaves_everybody_the_list(world: World, tags: Any) -> None:
    preset("odd", meta={"tags": tags})
    assert listed(world)["odd"]["tags"] == []


def test_a_preset_whose_base_is_gone_says_so(world: World) -> None:
    preset("orphan", base_model_id="gone-model", name="Orphan")
    assert listed(world)["orphan"]["missing_base"] == "gone-model"
    form = {"model": "orphan", "messages": [{"role": "user", "content": "Hi"}]}
    answer = world.client.post("/api/chat/completions", json=form)
    assert answer.status_code == 404
    assert "Orphan is made of the model gone-model, which is not there any more" in answer.json()["detail"]


def test_the_order_of_the_list_is_the_admins(world: World) -> None:
    preset("a")
    preset("b")
    sections.update(
        InterfaceSection, lambda stored: stored.model_copy(update={"model_order_list": ["b", "test-model"]})
    )
    assert list(listed(world))[:3] == ["b", "test-model", "a"]


def arena(**meta: Any) -> None:
    model = {"id": "blind", "name": "Blind", "meta": meta}
    sections.update(
        EvaluationsSection,
        lambda _: EvaluationsSection(enable_arena_models=True, arena_models=[model]),  # type: ignore[list-item]
    )


def test_an_arena_draws_a_model_and_names_it_apart(world: World) -> None:
    preset("pirate", params={"system": "Arr."})
    arena(model_ids=["pirate"])
    assert listed(world)["blind"]["owned_by"] == "arena"
    world.ask(model="blind")
    world.work()
    assert {"selected_model_id": "pirate"} in world.channel.of("chat:completion")
    stored = world.message()
    assert (stored["model"], stored["selectedModelId"], stored["arena"]) == ("blind", "pirate", True)
    assert world.server.completions()[0].body["messages"][0]["content"] == "Arr."


def test_an_arena_leaves_out_the_models_it_excludes_and_says_when_none_is_left(world: World) -> None:
    arena(model_ids=["test-model"], filter_mode="exclude")
    form = {"model": "blind", "messages": [{"role": "user", "content": "Hi"}]}
    answer = world.client.post("/api/chat/completions", json=form)
    assert answer.status_code == 404
    assert "no model to draw from" in answer.json()["detail"]
    preset("pirate")
    assert world.client.post("/api/chat/completions", json=form).json()["selected_model_id"] == "pirate"


def test_a_preset_of_a_person_gives_nobody_a_base_that_they_may_not_use(world: World) -> None:
    base = "/openai/config"
    admin_id, admin = person("admin")
    config = admin.get(base).json()
    config["OPENAI_API_CONFIGS"]["0"]["access_control"] = {"read": {"user_ids": [], "group_ids": []}}
    admin.post(f"{base}/update", json=config)
    form = {"messages": [{"role": "user", "content": "Hi"}]}
    preset("stolen", owner=str(uuid.uuid4()))
    assert world.client.post("/api/chat/completions", json={**form, "model": "stolen"}).status_code == 404
    preset("given", owner=admin_id)
    assert world.client.post("/api/chat/completions", json={**form, "model": "given"}).status_code == 200


CHANGES: list[dict[str, Any]] = [{"access_control": {}}, {"is_active": False}]


@pytest.mark.parametrize("change", CHANGES, ids=["restricted", "off"])
def test_a_preset_of_a_person_is_no_way_round_what_an_admin_set_for_its_base(
    world: World, change: dict[str, Any]
) -> None:
    admin_id, _ = person("admin")
    _, third = person()
    preset("mine", owner=world.user_id)
    preset("given", owner=admin_id)
    preset("test-model", owner=admin_id, base_model_id=None, **change)
    talk = {"messages": [{"role": "user", "content": "Hi"}]}
    for client in (world.client, third):
        for path in ("/api/chat/completions", "/api/v1/tasks/title/completions"):
            assert client.post(path, json={**talk, "model": "test-model"}).status_code == 404
            assert client.post(path, json={**talk, "model": "mine"}).status_code == 404
            assert client.post(path, json={**talk, "model": "given"}).status_code == 200
    assert set(listed(world)) == {"given"}


def test_a_model_is_restricted_by_its_short_name_too() -> None:
    model = Model("llama:latest", "llama:latest", "Llama", 0, {})
    change = Preset(id=model.id, user_id="", name="Llama", access_control=AccessControl(), created_at=0, updated_at=0)
    known = Catalog(Listing((Connection(url="http://ollama"),), models={model.id: model}), {model.id: change})
    for name in ("llama", "llama:latest"):
        with pytest.raises(NotFound):
            known.choose(name, cast("Identity", Reader("somebody")))
        assert known.find(name).id == model.id


def test_several_models_answer_one_question_side_by_side_and_are_stopped_one_by_one(world: World) -> None:
    question = str(world.message()["parentId"])
    second = str(uuid.uuid4())
    store.save_message(world.chat_id, {"id": second, "parentId": question, "role": "assistant", "content": ""})
    world.server.default = Behaviour(tokens=["word "] * 1000, tokens_per_second=50)
    preset("other")
    first_task = world.ask()
    second_task = world.ask(id=second, model="other")
    active = world.client.get(f"/api/tasks/chat/{world.chat_id}").json()["task_ids"]
    assert sorted(active) == sorted([first_task, second_task])
    requests, world.requests[:] = list(world.requests), []
    threads = []
    for request in requests:
        world.requests.append(request)
        threads.append(world.work_aside())
        world.channel.wait_for(lambda: not world.requests)
    world.channel.wait_for(lambda: len({event["message_id"] for event in world.channel.events}) == 2)
    world.client.post(f"/api/tasks/stop/{second_task}")
    threads[1].join(10)
    assert not threads[1].is_alive()
    assert threads[0].is_alive()
    assert world.client.get(f"/api/tasks/chat/{world.chat_id}").json()["task_ids"] == [first_task]
    world.client.post(f"/api/tasks/stop/{first_task}")
    threads[0].join(10)
    texts = [store.message(world.chat_id, each) or {} for each in (world.message_id, second)]
    assert all(text["content"].startswith("word ") and text["run"]["state"] == "stopped" for text in texts)

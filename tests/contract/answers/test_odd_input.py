"""What clients get wrong, and what older chats have in them: refused in words, or left out of the prompt."""

from typing import Any

import pytest

from shared.chats import store
from tests.contract.answers.test_models import preset
from tests.contract.answers.world import World

PATHS = ("/api/chat/completions", "/openai/chat/completions")
HALF = "\ud83d"


def asked(world: World, **changes: Any) -> Any:
    form = {"model": "test-model", "session_id": "s", "chat_id": world.chat_id, "id": world.message_id, **changes}
    return world.client.post("/api/chat/completions", json=form)


def sent(world: World) -> list[Any]:
    """What the model is sent."""
    world.work()
    [seen] = world.server.completions()
    return [message["content"] for message in seen.body["messages"]]


@pytest.mark.parametrize("item", [5, "x", [1], {"direct": False}])
@pytest.mark.parametrize("path", PATHS)
def test_an_odd_model_item_counts_as_none(world: World, path: str, item: Any) -> None:
    form = {"model": "test-model", "messages": [{"role": "user", "content": "Hi"}], "model_item": item}
    assert world.client.post(path, json=form).status_code == 200


@pytest.mark.parametrize("chat_id", ["c" * 5000, "local:/../x", "local:" + "x" * 200, "a b", "é"])
def test_a_chat_id_that_cannot_be_one_is_refused_in_words(world: World, chat_id: str) -> None:
    for more in ({}, {"messages": [{"role": "user", "content": "Hi"}]}):
        answer = asked(world, chat_id=chat_id, **more)
        assert answer.status_code == 400
        assert "An id has" in answer.json()["detail"]
    assert not world.requests


@pytest.mark.parametrize(
    ("content", "left"),
    [
        ([{"type": "image_url", "image_url": {"url": 5}}, {"type": "text", "text": "Hi"}], "Hi"),
        ([{"type": "image_url", "image_url": 5}, {"type": "text", "text": "Hi"}], "Hi"),
        (["x", 5, None, {"type": "text", "text": "Hi"}, {"type": "text", "text": [5]}, {"type": "text"}], "Hi"),
    ],
)
def test_parts_of_a_message_that_are_none_are_left_out(world: World, content: list[Any], left: str) -> None:
    world.ask(messages=[{"role": "user", "content": content}])
    assert sent(world) == [[{"type": "text", "text": left}]]
    assert world.message()["content"] == "Hello, world!"


def test_odd_pictures_and_sources_of_stored_messages_are_left_out(world: World) -> None:
    question = str(world.message()["parentId"])
    files = [{"type": "image", "url": 5}, {"type": "image", "url": None}, {"type": "image"}, 5]
    store.save_message(world.chat_id, {"id": question, "content": "What is up?", "files": files})
    store.save_message(world.chat_id, {"id": world.message_id, "content": "Well", "sources": 5})
    world.ask(attempt=2)
    assert sent(world) == ["What is up?", "Well"]


@pytest.mark.parametrize("options", [5, "x", [1]])
def test_odd_options_of_a_stream_are_none(world: World, options: Any) -> None:
    world.ask(stream_options=options)
    world.work()
    assert world.server.completions()[0].body["stream_options"] == {"include_usage": True}


def test_half_an_emoji_in_an_older_chat_or_preset_is_mended_on_its_way_to_the_model(world: World) -> None:
    question = str(world.message()["parentId"])
    preset("half", params={"system": f"Be {HALF}."}, meta={"description": HALF})
    store.save_message(world.chat_id, {"id": question, "content": f"What is {HALF}?"})
    summary = {"text": "S", "covers": 1, "digest": "d"}
    store.save_message(world.chat_id, {"id": world.message_id, "content": f"It {HALF}", "context_summary": summary})
    world.ask(model="half", attempt=2)
    assert sent(world) == ["Be \ufffd.", "What is \ufffd?", "It \ufffd"]
    assert world.message()["content"] == "It \ufffdHello, world!"
    assert world.client.get("/api/models").status_code == 200

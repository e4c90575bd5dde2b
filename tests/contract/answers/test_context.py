"""Conversations that are longer than their model takes."""

from typing import Any

import pytest

from shared import sections
from shared.chats import store
from shared.prompting import GenerationSection
from tests.contract.answers.world import World
from tests.support.model_server import Behaviour

LONG = "word " * 400


@pytest.fixture(autouse=True)
def _default_settings(emulator: object) -> Any:
    yield
    sections.update(GenerationSection, lambda _: GenerationSection())


def talk(turns: int) -> list[dict[str, Any]]:
    """So many long questions, each with an answer but the last."""
    messages = []
    for number in range(turns):
        messages.append({"role": "user", "content": f"Question {number}? {LONG}"})
        messages.append({"role": "assistant", "content": f"Answer {number}. {LONG}"})
    return messages[:-1]


def limited(tokens: int) -> None:
    sections.update(GenerationSection, lambda _: GenerationSection(context_length=tokens))


def is_summary(body: dict[str, Any]) -> bool:
    return "grown too long" in str(body["messages"][0]["content"])


def replies(body: dict[str, Any]) -> str:
    return "Notes on the beginning." if is_summary(body) else "Fine."


def test_the_oldest_turns_are_summarised_and_the_person_sees_that(world: World) -> None:
    limited(4000)
    world.server.default = Behaviour(reply=replies)
    messages = talk(8)
    world.ask(messages=[{"role": "system", "content": "Be brief."}, *messages])
    world.work()
    *summaries, answer = world.server.completions()
    assert "Question 0?" in summaries[0].body["messages"][0]["content"]
    for one in summaries[1:]:
        assert "Notes on the beginning." in one.body["messages"][0]["content"], "each goes on from the one before"
    sent = answer.body["messages"]
    assert sent[0]["content"].startswith("Be brief.")
    assert "Notes on the beginning." in sent[0]["content"]
    assert sent[1]["role"] == "user"
    assert sent[-1] == messages[-1]
    assert len(sent) < len(messages)
    begun, ended = world.channel.of("status")
    assert (begun["done"], ended["done"]) == (False, True)
    assert ended["action"] == "context_summary"
    assert "was summarised" in ended["description"]
    stored = world.message()
    assert world.channel.of("chat:completion")[-1]["context_summary"] == stored["context_summary"]
    assert stored["content"] == "Fine."
    assert stored["statusHistory"] == [ended]
    assert stored["context_summary"]["text"] == "Notes on the beginning."
    assert stored["context_summary"]["covers"] == ended["count"]


def test_an_answer_that_is_stopped_tells_its_summary_at_once(world: World) -> None:
    limited(4000)
    world.server.default = Behaviour(reply=replies, silent_at=0)
    task_id = world.ask(messages=talk(8))
    working = world.work_aside()
    world.channel.wait_for(lambda: len(world.channel.of("status")) == 2)
    world.client.post(f"/api/tasks/stop/{task_id}")
    working.join(10)
    [end] = world.channel.of("chat:tasks:cancel")
    assert end["context_summary"] == world.message()["context_summary"]


def test_later_answers_begin_with_the_summary_that_there_is(world: World) -> None:
    limited(4000)
    world.server.default = Behaviour(reply=replies)
    messages = talk(8)
    world.ask(messages=messages)
    world.work()
    world.server.requests.clear()
    for message_id, parent, role in (("q2", world.message_id, "user"), ("a2", "q2", "assistant")):
        message = {"id": message_id, "parentId": parent, "role": role, "content": "And now?" if role == "user" else ""}
        store.save_message(world.chat_id, message)
    later = [*messages, {"role": "assistant", "content": "Fine."}, {"role": "user", "content": "And now?"}]
    world.ask(id="a2", messages=later)
    world.work()
    [answer] = world.server.completions()
    assert "Notes on the beginning." in answer.body["messages"][0]["content"]
    assert answer.body["messages"][-1]["content"] == "And now?"


def test_a_provider_that_says_too_long_is_asked_once_more_with_less(world: World) -> None:
    too_long = Behaviour(status=400, error={"message": "maximum context length exceeded"}, failures=1)
    world.server.default = too_long
    world.ask(messages=talk(6))
    world.work()
    first, *summaries, second = world.server.completions()
    assert summaries
    assert all(is_summary(one.body) for one in summaries)
    assert len(second.body["messages"]) < len(first.body["messages"])
    assert world.message()["run"]["state"] == "done"
    assert "error" not in world.message()
    assert [status["done"] for status in world.channel.of("status")] == [False, True]


def test_switched_off_the_person_is_told_instead(world: World) -> None:
    sections.update(GenerationSection, lambda _: GenerationSection(summarise_long_conversations=False))
    world.server.default = Behaviour(status=400, error={"message": "maximum context length exceeded"})
    world.ask(messages=talk(6))
    world.work()
    assert len(world.server.completions()) == 1
    assert "too long" in world.message()["error"]["content"]


def test_one_question_that_is_too_long_cannot_be_helped(world: World) -> None:
    world.server.default = Behaviour(status=400, error={"message": "maximum context length exceeded"})
    world.ask(messages=talk(1))
    world.work()
    assert len(world.server.completions()) == 1
    assert "too long" in world.message()["error"]["content"]


def test_without_a_summary_the_beginning_is_left_out_and_that_is_said(world: World) -> None:
    limited(4000)

    def fails_to_summarise(body: dict[str, Any]) -> str:
        return "" if is_summary(body) else "Fine."

    world.server.default = Behaviour(reply=fails_to_summarise)
    world.ask(messages=talk(8))
    world.work()
    assert "left out" in world.channel.of("status")[-1]["description"]
    assert "left out" in world.server.completions()[-1].body["messages"][0]["content"]
    assert "context_summary" not in world.message()

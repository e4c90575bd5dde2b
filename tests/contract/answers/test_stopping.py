"""Stopping an answer: by whom, and when."""

import asyncio

import pytest

from functions.generate import service
from tests.contract.answers.world import World, person
from tests.support.model_server import Behaviour


def test_a_stop_before_the_worker_begins_asks_no_model(world: World) -> None:
    task_id = world.ask()
    assert world.client.post(f"/api/tasks/stop/{task_id}").json()["status"] is True
    world.work()
    assert world.server.completions() == []
    assert world.channel.kinds == ["chat:tasks:cancel"]
    assert world.message()["run"]["state"] == "stopped"


def test_a_stop_before_the_first_token_ends_the_answer(world: World) -> None:
    world.server.default = Behaviour(first_token_seconds=60)
    task_id = world.ask()
    working = world.work_aside()
    world.client.post(f"/api/tasks/stop/{task_id}")
    working.join(10)
    assert not working.is_alive()
    assert world.channel.kinds == ["chat:tasks:cancel"]
    assert world.server.closed_early.wait(5)


def test_a_stop_keeps_the_text_and_closes_the_connection_to_the_model(world: World) -> None:
    world.server.default = Behaviour(tokens=["word "] * 1000, tokens_per_second=50)
    task_id = world.ask()
    working = world.work_aside()
    world.channel.wait_for(lambda: len(world.channel.deltas()) > 3)
    world.client.post(f"/api/tasks/stop/{task_id}")
    working.join(10)
    assert world.channel.kinds[-1] == "chat:tasks:cancel"
    assert world.message()["content"] == world.channel.text()
    assert world.message()["run"]["state"] == "stopped"
    assert world.server.closed_early.wait(5)


def test_a_stop_between_two_invocations_ends_the_answer(world: World) -> None:
    world.server.default = Behaviour(tokens=["word "] * 1000, tokens_per_second=50)
    task_id = world.ask()
    asyncio.run(service.answer(world.requests.pop(), lambda: 10.0))
    world.client.post(f"/api/tasks/stop/{task_id}")
    world.work()
    assert len(world.server.completions()) == 1
    assert world.channel.kinds[-1] == "chat:tasks:cancel"
    assert world.message()["content"] == world.channel.text()


def test_somebody_elses_task_is_neither_listed_nor_stopped(world: World) -> None:
    task_id = world.ask()
    _, other = person("admin")
    assert other.post(f"/api/tasks/stop/{task_id}").status_code == 404
    assert other.get("/api/tasks").json() == {"tasks": []}
    assert other.get(f"/api/tasks/chat/{world.chat_id}").json() == {"task_ids": []}
    assert world.client.get("/api/tasks").json() == {"tasks": [task_id]}
    assert world.client.get(f"/api/tasks/chat/{world.chat_id}").json() == {"task_ids": [task_id]}


def test_a_stop_for_somebody_elses_message_leaves_its_next_attempts_alone(world: World) -> None:
    world.ask()
    world.work()
    _, other = person()
    for attempt in (1, 2, 3, 999_999):
        assert other.post(f"/api/tasks/stop/{world.message_id}.{attempt}").status_code == 404
    given = [{"role": "user", "content": "What is up?"}, {"role": "assistant", "content": "Hello, world!"}]
    assert world.ask(messages=given) == f"{world.message_id}.2"
    world.work()
    assert world.message()["run"]["state"] == "done"


@pytest.mark.parametrize("text", ["x" * 3000, "ü" * 700, "x." + "9" * 5000, "%00", "%F0%9F"])
def test_an_id_that_no_task_or_chat_can_have_is_told(world: World, text: str) -> None:
    for path in (f"stop/{text}.1", f"stop/{text}", f"chat/{text}"):
        method = "GET" if path.startswith("chat") else "POST"
        answer = world.client.request(method, f"/api/tasks/{path}")
        assert answer.status_code in (404, 422) or answer.json() == {"task_ids": []}

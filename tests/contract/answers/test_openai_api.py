"""The OpenAI API in front of a provider: unchanged both ways, alive while it waits, closed when the client leaves."""

import asyncio
import json
from collections.abc import Iterator

import httpx2
import pytest

from functions.inference import streaming
from functions.inference.handler import app
from tests.contract.answers.world import World, person
from tests.support.model_server import Behaviour, ModelServer
from tests.support.serving import serving

BODY = {"model": "test-model", "messages": [{"role": "user", "content": "Hi"}]}


def test_json_and_its_request_pass_through_unchanged(world: World) -> None:
    body = {
        **BODY,
        "messages": [
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": "Look"},
                    {"type": "image_url", "image_url": {"url": "data:image/png;base64,aGk="}},
                ],
            }
        ],
        "tools": [{"type": "function", "function": {"name": "clock", "parameters": {"type": "object"}}}],
        "response_format": {"type": "json_object"},
        "logprobs": True,
        "x_unknown": {"deep": [1, None]},
    }
    answer = world.client.post("/api/chat/completions", json=body)
    assert answer.json()["choices"][0]["message"]["content"] == "Hello, world!"
    [seen] = world.server.completions()
    assert seen.body == {**body, "stream": False}
    assert seen.headers["authorization"] == "Bearer sk-tests"


@pytest.mark.parametrize("path", ["/api/chat/completions", "/api/v1/chat/completions", "/openai/chat/completions"])
def test_events_are_the_providers_chunks(world: World, path: str) -> None:
    call = {"id": "c", "type": "function", "function": {"name": "clock", "arguments": "{}"}}
    world.server.default = Behaviour(tokens=["a", "b"], tool_calls=[call])
    answer = world.client.post(path, json={**BODY, "stream": True, "stream_options": {"include_usage": True}})
    assert answer.headers["content-type"].startswith("text/event-stream")
    *events, done = [line.removeprefix("data: ") for line in answer.text.split("\n\n") if line]
    chunks = [json.loads(event) for event in events]
    assert done == "[DONE]"
    assert all(chunk["id"] == "chatcmpl-test" for chunk in chunks)
    assert chunks[1]["choices"][0]["delta"]["tool_calls"] == [{"index": 0, **call}]
    assert chunks[-1]["usage"]["completion_tokens"] == 2


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(("given", "expected"), [(401, 502), (404, 404), (429, 429), (500, 502)])
def test_a_failure_has_a_status_and_words_for_both_kinds_of_clients(
    world: World, stream: bool, given: int, expected: int
) -> None:
    world.server.default = Behaviour(status=given, headers={"retry-after": "99"})
    answer = world.client.post("/api/chat/completions", json={**BODY, "stream": stream})
    assert answer.status_code == expected
    assert answer.json()["detail"] == answer.json()["error"]["message"]
    if given == 429:
        assert answer.headers["retry-after"] == "99"


def test_a_stream_that_breaks_says_so_in_its_last_event(world: World) -> None:
    world.server.default = Behaviour(tokens=["a"] * 5, drop_at=3)
    answer = world.client.post("/api/chat/completions", json={**BODY, "stream": True})
    last = json.loads(answer.text.strip().split("\n\n")[-1].removeprefix("data: "))
    assert last["error"]["code"] == "stream_broken"
    assert "[DONE]" not in answer.text


def test_a_slow_answer_keeps_its_connection_alive(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streaming, "KEEP_ALIVE_SECONDS", 0.05)
    world.server.default = Behaviour(first_token_seconds=0.3)
    whole = world.client.post("/api/chat/completions", json=BODY)
    assert whole.text.startswith("  ")
    assert whole.json()["choices"][0]["message"]["content"] == "Hello, world!"
    events = world.client.post("/api/chat/completions", json={**BODY, "stream": True})
    assert events.text.count(": keep-alive\n\n") >= 2
    assert events.text.endswith("data: [DONE]\n\n")


@pytest.fixture
def address() -> Iterator[str]:
    """The app on a real server, which tells it when a client leaves."""
    with serving(app) as at:
        yield at


@pytest.mark.parametrize("first", [0.0, 60.0], ids=["in mid-answer", "before the first token"])
def test_a_client_that_leaves_ends_the_request_to_the_provider(world: World, address: str, first: float) -> None:
    world.server.default = Behaviour(tokens=["word "] * 10_000, tokens_per_second=100, first_token_seconds=first)

    async def leave() -> None:
        headers = {"authorization": world.client.headers["authorization"]}
        async with (
            httpx2.AsyncClient(headers=headers, timeout=20) as client,
            client.stream("POST", f"{address}/api/chat/completions", json={**BODY, "stream": True}) as answer,
        ):
            await anext(answer.aiter_bytes())

    asyncio.run(leave())
    assert world.server.closed_early.wait(5)


def test_an_unknown_model_and_no_messages_are_told(world: World) -> None:
    assert world.client.post("/api/chat/completions", json={**BODY, "model": "gone"}).status_code == 404
    answer = world.client.post("/api/chat/completions", json={"model": "test-model"})
    assert (answer.status_code, answer.json()["detail"]) == (400, "messages: give at least one message.")


def test_embeddings_go_to_the_models_provider(world: World) -> None:
    answer = world.client.post("/api/embeddings", json={"model": "test-model", "input": ["abc", "d"]})
    assert [entry["embedding"] for entry in answer.json()["data"]] == [[3.0, 1.0], [1.0, 1.0]]


def test_other_paths_of_the_api_reach_the_first_connection(world: World) -> None:
    _, admin = person("admin")
    answer = admin.put("/openai/some/path?x=1", json={"a": 1})
    assert answer.json() == {"method": "PUT", "path": "/v1/some/path", "query": "x=1", "body": {"a": 1}}
    assert world.server.requests[-1].headers["authorization"] == "Bearer sk-tests"
    answer = world.client.post("/openai/moderations", json={"input": "Hi"})
    assert (answer.json()["path"], answer.json()["body"]) == ("/v1/moderations", {"input": "Hi"})
    spoken = world.client.post("/openai/audio/speech", json={"input": "Hi"})
    assert spoken.json()["path"] == "/v1/audio/speech"


@pytest.mark.parametrize(("method", "path"), [("GET", "files"), ("DELETE", "files/f1"), ("POST", "batches")])
def test_what_the_instances_key_owns_at_the_provider_is_for_admins(world: World, method: str, path: str) -> None:
    before = len(world.server.requests)
    assert world.client.request(method, f"/openai/{path}").status_code == 404
    assert len(world.server.requests) == before


def test_completed_gives_back_what_it_got_and_actions_are_not_found(world: World) -> None:
    form = {"model": "m", "messages": [{"id": "1", "content": "x"}], "chat_id": "c"}
    assert world.client.post("/api/chat/completed", json=form).json() == form
    assert world.client.post("/api/chat/actions/none", json={}).status_code == 404


def test_nobody_gets_anything_without_signing_in(world: World, connected: ModelServer) -> None:
    _, pending = person("pending")
    assert pending.post("/api/chat/completions", json=BODY).status_code == 403
    del pending.headers["authorization"]
    assert pending.post("/api/chat/completions", json=BODY).status_code == 401
    assert connected.completions() == []

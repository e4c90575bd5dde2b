"""The OpenAI API in front of a provider: unchanged both ways, alive while it waits, closed when the client leaves."""

import asyncio
import http.client
import json
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from functions.inference import streaming
from functions.inference.handler import app
from shared import presets
from shared.identity.access import AccessControl
from shared.llm.registry import registry
from shared.presets import Preset, PresetItem
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
    spoken = world.client.post("/openai/audio/speech", json={"model": "test-model", "input": "Hi"})
    assert spoken.json()["path"] == "/v1/audio/speech"


@pytest.mark.parametrize(("method", "path"), [("GET", "files"), ("DELETE", "files/f1"), ("POST", "batches")])
def test_what_the_instances_key_owns_at_the_provider_is_for_admins(world: World, method: str, path: str) -> None:
    before = len(world.server.requests)
    assert world.client.request(method, f"/openai/{path}").status_code == 404
    assert len(world.server.requests) == before


def passed_on(world: World) -> list[str]:
    """The paths that reached the provider, but for its list of models."""
    return [seen.path for seen in world.server.requests if seen.path != "/v1/models"]


ODD_PATHS = [
    "models/%2e%2e/files",
    "models/%252e%252e/files",
    "models/%25252e%25252e/files",
    "models/..%3b/files",
    "models/..%5cfiles",
    "models/x%3f/files",
    "models/x%23",
    "models/a/%00",
    "models/a/%0d%0a",
    "audio/%252e%252e/files",
    "audio/../files",
    "images/%2e/../%2e%2e/files",
]


@pytest.mark.parametrize("path", ODD_PATHS)
@pytest.mark.parametrize("role", ["user", "admin"])
def test_no_spelling_of_a_path_leads_out_of_what_is_passed_on(world: World, address: str, role: str, path: str) -> None:
    headers = {**person(role)[1].headers, "content-type": "application/json"}
    host = httpx2.URL(address)
    connection = http.client.HTTPConnection(host.host, host.port or 0, timeout=20)
    for method, body in (("GET", None), ("POST", json.dumps({"model": "test-model"}))):
        # A client of HTTP would tidy the path up: this one sends it as it is.
        connection.request(method, f"/openai/{path}", body, headers)
        answer = connection.getresponse()
        answer.read()
        assert 400 <= answer.status < 500
    connection.close()
    assert passed_on(world) == []


@pytest.fixture
def hidden(world: World) -> Iterator[None]:
    """A second model, which an admin keeps from people; it has a name of ours."""
    world.server.models.append({"id": "hidden", "object": "model"})
    preset = Preset(
        id="hidden", user_id="admin", name="Hidden", access_control=AccessControl(), created_at=1, updated_at=1
    )
    item = PresetItem.of(preset)
    item.save()
    presets.forget()
    registry.forget()
    person("admin")[1].get("/api/models", params={"refresh": True})
    yield
    item.delete()
    presets.forget()
    world.server.models.pop()


FILE = {"file": ("a.wav", b"RIFF", "audio/wav")}


@pytest.mark.parametrize(
    "given",
    [
        {"files": FILE, "data": {"model": "hidden"}},
        {"files": FILE, "data": {"model": ["test-model", "hidden"]}},
        {"files": {**FILE, "model": ("m", b"hidden")}},
        {"files": FILE},
        {"data": {"model": "test-model"}},
        {"json": {"model": "hidden"}},
        {"json": {"model": ["hidden"]}},
        {"json": {"Model": "hidden"}},
        {"json": {"prompt": "x"}},
        {"json": ["x"]},
        {"content": b"model=hidden"},
        {"content": b"[" * 100_000, "headers": {"content-type": "text/plain"}},
        {"content": b"[" * 100_000, "headers": {"content-type": "application/json"}},
        {"content": b"--x", "headers": {"content-type": "multipart/form-data"}},
        {"content": b"--y", "headers": {"content-type": "multipart/form-data; boundary=x"}},
        {"json": {"model": "test-model"}, "params": {"model": "hidden"}},
        {"json": {"model": "test-model"}, "headers": {"content-type": b"application/\xe9"}},
    ],
)
@pytest.mark.parametrize("path", ["images/edits", "audio/transcriptions", "completions", "embeddings"])
@pytest.mark.usefixtures("hidden")
def test_no_way_of_naming_a_model_or_none_gets_around_who_may_use_it(
    world: World, path: str, given: dict[str, Any]
) -> None:
    assert 400 <= world.client.post(f"/openai/{path}", **given).status_code < 500
    assert passed_on(world) == []


@pytest.mark.usefixtures("hidden")
def test_only_the_model_that_was_looked_at_is_passed_on(world: World) -> None:
    given = {"Model": "hidden", "model": "test-model", "x": "&model=hidden&"}
    as_form = {"content-type": "application/x-www-form-urlencoded"}
    world.client.post("/openai/completions", content=json.dumps(given), headers=as_form)
    seen = world.server.requests[-1]
    assert seen.body == {"x": "&model=hidden&", "model": "test-model"}
    assert seen.headers["content-type"] == "application/json"
    data = {"MODEL": "hidden", "model": "test-model", "language": "en"}
    assert world.client.post("/openai/audio/transcriptions", files=FILE, data=data).status_code == 200
    seen = world.server.requests[-1]
    assert b"hidden" not in seen.content
    for part in (b'name="model"\r\n\r\ntest-model', b'name="language"\r\n\r\nen', b'filename="a.wav"', b"RIFF"):
        assert part in seen.content


@pytest.mark.usefixtures("hidden")
def test_moderations_name_no_model_or_one_that_the_person_may_use(world: World) -> None:
    assert world.client.post("/openai/moderations", json={"input": "Hi"}).status_code == 200
    for named in ({"model": "hidden"}, {"Model": "hidden"}, {"model": None}):
        assert 400 <= world.client.post("/openai/moderations", json={"input": "Hi", **named}).status_code < 500


@pytest.mark.usefixtures("hidden")
def test_openais_list_of_models_has_those_that_the_person_may_use(world: World) -> None:
    _, admin = person("admin")
    for path in ("/openai/models", "/openai/models/0"):
        assert [model["id"] for model in world.client.get(path).json()["data"]] == ["test-model"]
        assert [model["id"] for model in admin.get(path).json()["data"]] == ["test-model", "hidden"]
    assert world.client.get("/openai/models/", follow_redirects=False).status_code == 404
    assert world.client.get("/openai/models/hidden/x").status_code == 404


def test_a_model_with_a_step_in_its_name_is_told_to_people_by_its_provider(world: World) -> None:
    world.server.models.append({"id": "maker/model", "object": "model"})
    person("admin")[1].get("/api/models", params={"refresh": True})
    try:
        assert world.client.get("/openai/models/maker/model").json()["path"] == "/v1/models/maker/model"
    finally:
        world.server.models.pop()


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

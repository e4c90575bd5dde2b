"""Ollama's API in front of several servers: who may, which server gets it, and what it answers."""

import asyncio
import json
import threading
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from functions.inference import ollama_following
from functions.pulls import service
from shared import pulls, sections
from shared.identity.sealed import MASK
from shared.llm.connections import ConnectionsSection
from shared.llm.registry import registry
from shared.sections import SectionItem
from tests.contract.answers.world import Channel, person
from tests.support.ollama_server import LAYER, SIZE, OllamaServer, running
from tests.support.waiting import until

KEY = "a-secret-of-some-length-1234"
CHAT = {"model": "small", "messages": [{"role": "user", "content": "Hi"}]}


@pytest.fixture(scope="module")
def two() -> Iterator[tuple[OllamaServer, OllamaServer]]:
    with running() as first, running() as second:
        yield first, second


@pytest.fixture
def servers(emulator: object, two: tuple[OllamaServer, OllamaServer]) -> Iterator[tuple[OllamaServer, OllamaServer]]:
    """Two servers, the connections of nobody yet."""
    for server in two:
        server.reset()
    connect()
    yield two
    connect()


@pytest.fixture
def admin(servers: tuple[OllamaServer, OllamaServer]) -> TestClient:
    return person("admin")[1]


@pytest.fixture
def workers(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Workers of this process, which take up at once what runs in the background."""
    threads: list[threading.Thread] = []

    def dispatch(pull_id: str) -> None:
        threads.append(threading.Thread(target=lambda: asyncio.run(service.work_on(pull_id, lambda: 900.0))))
        threads[-1].start()

    for left in pulls.all_pulls():
        pulls.PullItem(pulls.PARTITION, left.id).delete()
    monkeypatch.setattr(pulls, "dispatch", dispatch)
    monkeypatch.setattr(pulls, "watch", lambda pull_id: None)
    monkeypatch.setattr(service, "UserChannel", Channel())
    monkeypatch.setattr(service, "SAVE_SECONDS", 0.02)
    monkeypatch.setattr(ollama_following, "POLL_SECONDS", 0.02)
    yield
    for thread in threads:
        thread.join()


def connect(*entries: tuple[str, dict[str, Any]]) -> None:
    """Makes these the only connections, as an admin would."""
    sections.forget()
    registry.forget()
    sections.update(ConnectionsSection, lambda _: ConnectionsSection(connections=[]))
    form = {
        "ENABLE_OLLAMA_API": True,
        "OLLAMA_BASE_URLS": [url for url, _ in entries],
        "OLLAMA_API_CONFIGS": {str(index): config for index, (_, config) in enumerate(entries)},
    }
    if entries:
        answer = person("admin")[1].post("/ollama/config/update", json=form)
        assert answer.status_code == 200, answer.text


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_a_key_is_sealed_masked_and_kept(admin: TestClient, servers: tuple[OllamaServer, OllamaServer]) -> None:
    first, second = servers
    first.key = KEY
    connect((first.url, {"key": KEY, "x_unknown": 1}))
    shown = admin.get("/ollama/config").json()
    assert shown["OLLAMA_BASE_URLS"] == [first.url]
    assert shown["OLLAMA_API_CONFIGS"]["0"]["key"] == MASK + "1234"
    assert shown["OLLAMA_API_CONFIGS"]["0"]["x_unknown"] == 1
    assert KEY not in str(SectionItem.get("SETTINGS", "connections").data)
    assert admin.post("/ollama/config/update", json=shown).status_code == 200
    assert [model["model"] for model in admin.get("/ollama/api/tags").json()["models"]] == ["small:latest"]
    masked = shown["OLLAMA_API_CONFIGS"]["0"]["key"]
    assert admin.post("/ollama/verify", json={"url": second.url, "key": masked}).status_code == 400
    assert admin.post("/ollama/verify", json={"url": first.url, "key": masked}).json() == {"version": first.version}


def test_verify_says_what_is_wrong(admin: TestClient, servers: tuple[OllamaServer, OllamaServer]) -> None:
    servers[0].key = KEY
    assert admin.post("/ollama/verify", json={"url": servers[0].url}).status_code == 502
    gone = admin.post("/ollama/verify", json={"url": "http://127.0.0.1:9"})
    assert "cannot be reached" in gone.json()["detail"]
    assert admin.post("/ollama/verify", json={"url": "http://169.254.169.254"}).status_code == 400


def test_the_models_of_all_servers_are_one_list(admin: TestClient, servers: tuple[OllamaServer, OllamaServer]) -> None:
    first, second = servers
    second.models, second.version = ["small:latest", "embed:latest"], "0.11.10"
    connect((first.url, {}), (second.url, {"tags": [{"name": "slow"}]}), ("http://127.0.0.1:9", {}))
    models = {model["model"]: model["urls"] for model in admin.get("/ollama/api/tags").json()["models"]}
    assert models == {"small:latest": [0, 1], "embed:latest": [1]}
    assert [model["model"] for model in admin.get("/ollama/api/tags/1").json()["models"]] == second.models
    assert admin.get("/ollama/api/version").json() == {"version": "0.11.10"}
    assert admin.get("/ollama/api/version/0").json() == {"version": "0.12.6"}
    assert admin.get("/ollama/api/ps").json()["models"][0]["urls"] == [0, 1]
    assert admin.get("/ollama/api/tags/7").status_code == 404
    listed = admin.get("/api/models").json()
    [entry] = [model for model in listed["data"] if model["owned_by"] == "ollama"]  # embeds are not for conversations
    assert (entry["id"], entry["ollama"]["urls"], entry["connection_type"]) == ("small:latest", [0, 1], "local")
    assert admin.get("/openai/models", params={"url_idx": 0}).json()["data"] == []
    [trouble] = listed["errors"]
    assert (trouble["urlIdx"], trouble["provider"]) == (2, "ollama")
    assert [model["id"] for model in admin.get("/ollama/v1/models/1").json()["data"]] == [
        "small:latest",
        "embed:latest",
    ]


def test_a_prefix_is_taken_off_on_the_way_and_put_back(
    admin: TestClient, servers: tuple[OllamaServer, OllamaServer]
) -> None:
    first, _ = servers
    connect((first.url, {"prefix_id": "home"}))
    assert admin.get("/ollama/api/tags").json()["models"][0]["model"] == "home.small:latest"
    answer = admin.post("/ollama/api/chat", json={**CHAT, "model": "home.small"})
    assert {line["model"] for line in lines(answer.text)} == {"home.small"}
    assert first.asked("/api/chat")[0].body["model"] == "small:latest"
    assert admin.post("/ollama/api/copy", json={"source": "home.small:latest", "destination": "home.b"}).json() is True
    assert first.models == ["small:latest", "b"]
    assert admin.request("DELETE", "/ollama/api/delete", json={"model": "home.b"}).json() is True
    assert first.models == ["small:latest"]


def test_servers_are_drawn_by_weight_and_a_dead_one_is_passed_over(
    admin: TestClient, servers: tuple[OllamaServer, OllamaServer]
) -> None:
    first, second = servers
    connect((first.url, {"weight": 9}), (second.url, {"weight": 1}))
    for _ in range(40):
        assert admin.post("/ollama/api/chat", json={**CHAT, "stream": False}).status_code == 200
    drawn = Counter({"first": len(first.asked("/api/chat")), "second": len(second.asked("/api/chat"))})
    assert drawn["first"] > drawn["second"]
    with running() as third:
        connect((third.url, {"weight": 1000}), (first.url, {"weight": 0}))
        assert admin.get("/ollama/api/tags").json()["models"][0]["urls"] == [0, 1]
    answer = admin.post("/ollama/api/generate", json={"model": "small", "prompt": "Hi"})
    assert "".join(line["response"] for line in lines(answer.text)) == "Grüße, Welt"
    completion = admin.post("/api/chat/completions", json=CHAT)
    assert completion.json()["choices"][0]["message"]["content"] == "Grüße, Welt"


def test_answers_pass_through_with_options_and_keep_alive(
    admin: TestClient, servers: tuple[OllamaServer, OllamaServer]
) -> None:
    first, _ = servers
    connect((first.url, {}))
    _, user = person()
    body = {
        **CHAT,
        "options": {"num_ctx": 9},
        "keep_alive": "5m",
        "think": True,
        "format": "json",
        "metadata": {"a": 1},
    }
    answer = user.post("/ollama/api/chat", json=body)
    assert answer.headers["content-type"].startswith("application/x-ndjson")
    assert "".join(line["message"]["content"] for line in lines(answer.text)) == "Grüße, Welt"
    seen = first.asked("/api/chat")[0].body
    assert seen == {**{name: body[name] for name in body if name != "metadata"}, "model": "small:latest"}
    whole = user.post("/ollama/api/generate/0", json={"model": "small", "prompt": "Hi", "stream": False}).json()
    assert (whole["response"], whole["model"]) == ("Grüße, Welt", "small")
    assert user.post("/ollama/api/embed", json={"model": "small", "input": ["ab", "c"]}).json()["embeddings"][0][0] == 2
    assert user.post("/ollama/api/embeddings", json={"model": "small", "prompt": "ab"}).json()["embedding"][0] == 2
    assert user.post("/ollama/api/show", json={"name": "small"}).json()["capabilities"] == ["tools"]
    legacy = user.post("/ollama/v1/completions", json={"model": "small", "prompt": "Hi"}).json()
    assert (legacy["path"], legacy["body"]["model"]) == ("/v1/completions", "small:latest")
    passed = user.post("/openai/completions", json={"model": "small:latest", "prompt": "Hi"}).json()
    assert passed["path"] == "/v1/completions"
    chatted = user.post("/ollama/v1/chat/completions", json=CHAT).json()
    assert chatted["choices"][0]["message"]["content"] == "Grüße, Welt"
    assert chatted["usage"]["response_token/s"] == 3.0


def test_what_is_missing_or_wrong_is_told(admin: TestClient, servers: tuple[OllamaServer, OllamaServer]) -> None:
    first, _ = servers
    connect((first.url, {}))
    gone = admin.post("/ollama/api/chat", json={**CHAT, "model": "gone"})
    assert gone.status_code == 404
    assert admin.post("/ollama/api/show", json={}).status_code == 400
    assert admin.post("/ollama/api/chat/3", json=CHAT).status_code == 404
    assert admin.request("DELETE", "/ollama/api/delete", json={"model": "gone"}).status_code == 404
    first.models.append("lost:latest")
    admin.get("/api/models", params={"refresh": True})
    first.models.remove("lost:latest")
    lost = admin.post("/ollama/api/chat", json={**CHAT, "model": "lost"})
    assert lost.status_code == 404
    assert lost.json()["error"] == lost.json()["detail"]
    assert "lost" in lost.json()["error"]


def test_models_of_a_private_server_are_for_those_named(
    admin: TestClient, servers: tuple[OllamaServer, OllamaServer]
) -> None:
    first, second = servers
    second.models = ["secret:latest"]
    connect((first.url, {}), (second.url, {"access_control": {"read": {"user_ids": [], "group_ids": []}}}))
    _, user = person()
    assert [model["model"] for model in user.get("/ollama/api/tags").json()["models"]] == ["small:latest"]
    assert user.get("/ollama/api/tags/1").status_code == 404
    for path in ("/ollama/api/chat", "/ollama/api/chat/1", "/ollama/v1/chat/completions"):
        assert user.post(path, json={**CHAT, "model": "secret"}).status_code == 404
    assert user.post("/ollama/api/show", json={"model": "secret"}).status_code == 404
    assert user.post("/openai/completions", json={"model": "secret:latest", "prompt": "x"}).status_code == 404
    assert admin.post("/ollama/api/chat", json={**CHAT, "model": "secret"}).status_code == 200


@pytest.mark.usefixtures("workers")
def test_admins_change_which_models_there_are(admin: TestClient, servers: tuple[OllamaServer, OllamaServer]) -> None:
    first, second = servers
    connect((first.url, {}), (second.url, {}))
    pulled = lines(admin.post("/ollama/api/pull/1", json={"model": "new:latest"}).text)
    assert pulled[-1] == {"status": "success"}
    assert second.models == ["small:latest", "new:latest"]
    assert second.asked("/api/pull")[0].body == {"model": "new:latest", "stream": True}
    listed = {model["model"]: model["urls"] for model in admin.get("/ollama/api/tags").json()["models"]}
    assert listed["new:latest"] == [1]
    assert (
        lines(admin.post("/ollama/api/create", json={"model": "mine", "from": "small"}).text)[-1]["status"] == "success"
    )
    assert first.models[-1] == "mine"
    for method in ("POST", "DELETE"):
        pushed = admin.request(method, "/ollama/api/push", json={"model": "new:latest"})
        assert lines(pushed.text)[-1] == {"status": "success"}
    assert len(second.asked("/api/push")) == 2
    assert admin.post("/ollama/api/unload", json={"model": "small"}).json() == {"status": True}
    assert first.asked("/api/generate")[0].body == second.asked("/api/generate")[0].body
    assert first.asked("/api/generate")[0].body["keep_alive"] == 0


@pytest.mark.usefixtures("workers")
def test_the_progress_of_a_push_is_told_as_ollama_tells_it(
    admin: TestClient, servers: tuple[OllamaServer, OllamaServer]
) -> None:
    first, _ = servers
    first.pull_pause = 0.1
    connect((first.url, {"prefix_id": "home"}))
    told = lines(admin.post("/ollama/api/push/0", json={"model": "home.small:latest", "insecure": True}).text)
    moved = [line for line in told if "digest" in line]
    assert moved[-1] == {"status": f"pushing {LAYER[7:19]}", "digest": LAYER, "total": SIZE, "completed": SIZE}
    assert [line["completed"] for line in moved] == sorted({line["completed"] for line in moved})
    assert told[0] == {"status": "retrieving manifest"}
    assert [line["status"] for line in told].count("success") == 1
    assert told[-1] == {"status": "success"}
    assert first.asked("/api/push")[0].body == {"model": "small:latest", "insecure": True, "stream": True}
    made = admin.post("/ollama/api/create", json={"model": "home.mine", "from": "home.small", "stream": False})
    assert (made.json(), first.made["mine"]["from"]) == ({"status": "success"}, "small")


@pytest.mark.usefixtures("workers")
@pytest.mark.parametrize("path", ["push", "pull"])
def test_what_outlives_its_request_is_followed_by_the_next_one(
    admin: TestClient, servers: tuple[OllamaServer, OllamaServer], monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    first, _ = servers
    first.step, first.pull_pause = 1, 0.05
    connect((first.url, {}))
    with monkeypatch.context() as short:
        short.setattr(ollama_following, "FOLLOW_SECONDS", 0)
        cut = admin.post(f"/ollama/api/{path}", json={"model": "small:latest"})
        assert ollama_following.GOES_ON in cut.text
    first.step = SIZE
    again = lines(admin.post(f"/ollama/api/{path}", json={"model": "small:latest"}).text)
    assert again[-1] == {"status": "success"}
    assert len(first.asked(f"/api/{path}")) == 1


@pytest.mark.usefixtures("workers")
def test_what_a_server_does_not_do_is_told_to_who_follows(
    admin: TestClient, servers: tuple[OllamaServer, OllamaServer]
) -> None:
    first, _ = servers
    first.models.append("foreign/small")
    connect((first.url, {}))
    assert admin.post("/ollama/api/push/0", json={"model": "gone"}).status_code == 404
    assert "gone" in admin.post("/ollama/api/create", json={"model": "mine", "from": "gone"}).json()["error"]
    assert "not authorized" in admin.post("/ollama/api/push/0", json={"model": "foreign/small"}).text
    assert admin.post("/ollama/api/create", json={"from": "small"}).status_code == 400


@pytest.mark.usefixtures("workers")
def test_what_somebody_cancels_ends_for_who_follows(
    admin: TestClient, servers: tuple[OllamaServer, OllamaServer]
) -> None:
    first, _ = servers
    first.pull_pause = 60
    connect((first.url, {}))
    answers: list[str] = []
    follower = threading.Thread(target=lambda: answers.append(admin.post("/ollama/api/pull", json={"model": "x"}).text))
    follower.start()
    until(lambda: bool(first.asked("/api/pull")), 10, "the server is at work")
    (pull,) = pulls.all_pulls()
    assert admin.delete(f"/ollama/pulls/{pull.id}").status_code == 200
    follower.join()
    assert ollama_following.CANCELLED in answers[0]


def test_files_reach_a_server_by_their_digest(admin: TestClient, servers: tuple[OllamaServer, OllamaServer]) -> None:
    first, _ = servers
    connect((first.url, {}))
    uploaded = admin.post(
        "/ollama/models/upload", files={"file": ("tiny.gguf", b"weights", "application/octet-stream")}
    )
    events = [json.loads(event.removeprefix("data: ")) for event in uploaded.text.split("\n\n") if event]
    assert events[-1]["done"] is True
    assert first.blobs[events[-1]["blob"]] == b"weights"
    assert first.models[-1] == "tiny"
    digest = events[-1]["blob"]
    assert admin.head(f"/ollama/api/blobs/{digest}").status_code == 200
    assert admin.head("/ollama/api/blobs/sha256:" + "0" * 64).status_code == 404
    assert admin.post("/ollama/api/blobs/sha256:" + "0" * 64, content=b"other").status_code == 400
    assert admin.post("/ollama/api/blobs/..%2f..%2fetc", content=b"x").status_code in (400, 404)
    assert admin.post("/ollama/models/download", json={"url": "https://example.com/a.gguf"}).status_code == 400


def test_while_it_is_off_nothing_is_there(admin: TestClient, servers: tuple[OllamaServer, OllamaServer]) -> None:
    connect((servers[0].url, {}))
    form = admin.get("/ollama/config").json()
    assert admin.post("/ollama/config/update", json={**form, "ENABLE_OLLAMA_API": False}).status_code == 200
    assert admin.get("/ollama/api/version").json() == {"version": False}
    assert admin.get("/ollama/api/tags").json() == {"models": []}
    assert admin.post("/ollama/api/chat", json=CHAT).status_code == 404
    assert admin.get("/ollama/").json() == {"status": True}
    assert admin.head("/ollama/").status_code == 200

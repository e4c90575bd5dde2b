"""Connections of every kind: stored and shown as what they are, tried out, and answering OpenAI's API all the same."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from shared import sections
from shared.llm import http
from shared.llm.connections import ConnectionsSection
from shared.llm.registry import registry
from tests.contract.answers.world import person
from tests.support.model_server import ModelServer
from tests.support.recorded import Player, Recording
from tests.unit.llm.dialects import DIALECTS, Dialect

URL = "https://models.example/v1"
HI = {"messages": [{"role": "user", "content": "Hi"}]}


@pytest.fixture
def admin(emulator: object) -> Iterator[TestClient]:
    sections.forget()
    registry.forget()
    yield person("admin")[1]
    sections.update(ConnectionsSection, lambda _: ConnectionsSection(connections=[]))


def connect(admin: TestClient, config: dict[str, Any], url: str = URL) -> Any:
    form = {"OPENAI_API_BASE_URLS": [url], "OPENAI_API_KEYS": ["k"], "OPENAI_API_CONFIGS": {"0": config}}
    return admin.post("/openai/config/update", json=form)


@pytest.fixture
def player(monkeypatch: pytest.MonkeyPatch) -> Player:
    """What all providers made from now on are answered."""
    player = Player([Recording()], size=7)
    monkeypatch.setattr(http, "client", lambda *_: player.client)
    return player


@pytest.mark.parametrize("dialect", [d for d in DIALECTS if d.name != "ollama"], ids=lambda dialect: dialect.name)
def test_a_model_of_any_kind_answers_openais_api(admin: TestClient, player: Player, dialect: Dialect) -> None:
    # An address of its own: providers are kept by connection.
    url = f"https://{dialect.name}.example/v1"
    assert connect(admin, {"provider": dialect.name}, url).status_code == 200
    assert admin.get("/openai/config").json()["OPENAI_API_CONFIGS"]["0"]["provider"] == dialect.name
    player.recordings = [Recording(json.dumps(dialect.models).encode()), dialect.whole()]
    [model] = admin.get("/api/models").json()["data"]
    assert (model["id"], model["owned_by"]) == ("one", "openai" if dialect.name == "azure" else dialect.name)
    answer = admin.post("/api/chat/completions", json={**HI, "model": "one", "stream": True})
    chunks = [json.loads(line[6:]) for line in answer.text.splitlines() if line.startswith("data: {")]
    deltas = [chunk["choices"][0]["delta"] for chunk in chunks if chunk["choices"]]
    assert "".join(delta.get("content") or "" for delta in deltas) == "Grüße 👋🏽"
    assert "".join(delta.get("reasoning_content") or "" for delta in deltas) == "Hmm"
    assert "data: [DONE]" in answer.text
    player.recordings = [Recording(json.dumps(dialect.error(401, "wrong key")).encode(), 401)]
    refused = admin.post("/openai/verify", json={"url": url, "key": "x", "config": {"provider": dialect.name}})
    assert (refused.status_code, "API key" in refused.json()["detail"]) == (502, True)


@pytest.mark.parametrize(
    "config",
    [
        {"provider": "other"},
        {"provider": "ollama"},
        {"auth_type": "session"},
        {"azure": True, "auth_type": "microsoft_entra_id"},
        {"weight": -1},
        {"tags": "x"},
    ],
)
def test_settings_that_cannot_work_are_told(admin: TestClient, config: dict[str, Any]) -> None:
    refused = connect(admin, config)
    assert refused.status_code == 400
    assert refused.json()["detail"]


def test_a_client_that_does_not_know_kinds_leaves_them_as_they_are(admin: TestClient) -> None:
    connect(admin, {"provider": "anthropic"})
    shown = connect(admin, {"enable": False, "azure": False}).json()["OPENAI_API_CONFIGS"]["0"]
    assert (shown["provider"], shown["enable"]) == ("anthropic", False)
    assert connect(admin, {"provider": "openai"}).json()["OPENAI_API_CONFIGS"]["0"]["provider"] == "openai"


def test_a_service_that_lists_no_models_offers_those_named(admin: TestClient, player: Player) -> None:
    player.recordings = [Recording(b"not found", 404)]
    form = {"url": "https://silent.example", "key": "k", "config": {"model_ids": ["sonar"]}}
    assert [model["id"] for model in admin.post("/openai/verify", json=form).json()["data"]] == ["sonar"]
    refused = admin.post("/openai/verify", json={**form, "config": {}})
    assert (refused.status_code, "list of models" in refused.json()["detail"]) == (404, True)


def test_other_paths_follow_the_model_they_name(connected: ModelServer) -> None:
    _, user = person()
    _, admin = person("admin")
    passed = user.post("/openai/moderations", json={"model": "test-model", "input": "Hi"}).json()
    assert passed["body"]["model"] == "test-model"
    embedded = user.post("/openai/embeddings", json={"model": "test-model", "input": ["ab"]}).json()
    assert embedded["data"][0]["embedding"][0] == 2.0
    assert user.post("/openai/moderations", json={"model": "unlisted", "input": "Hi"}).status_code == 404
    assert admin.post("/openai/moderations", json={"model": "unlisted", "input": "Hi"}).status_code == 200

"""Files of models that go from where they lie to a server of Ollama."""

import hashlib
import json
from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from starlette.testclient import TestClient

from functions.inference import ollama_files
from shared import sections
from shared.llm import http
from shared.llm.connections import ConnectionsSection, OllamaForm, update_ollama
from tests.contract.answers.world import person
from tests.support.ollama_server import OllamaServer, running
from tests.support.recorded import Player, Recording

CONTENT = b"weights" * 1000
DIGEST = hashlib.sha256(CONTENT).hexdigest()
LENGTH = {"content-length": str(len(CONTENT))}


@pytest.fixture
def server(emulator: object) -> Iterator[OllamaServer]:
    with running() as server:
        update_ollama(OllamaForm(OLLAMA_BASE_URLS=[server.url], OLLAMA_API_CONFIGS={}))
        yield server
    sections.update(ConnectionsSection, lambda section: section.model_copy(update={"ollama": []}))


@pytest.fixture
def admin(server: OllamaServer) -> TestClient:
    return person("admin")[1]


def play(monkeypatch: pytest.MonkeyPatch, player: Player) -> None:
    """Has the player stand for the whole internet; the server of Ollama is reached as ever."""
    monkeypatch.setattr(ollama_files, "http", SimpleNamespace(client=lambda: player.client, host_of=http.host_of))


def download(
    admin: TestClient, monkeypatch: pytest.MonkeyPatch, url: str, *recordings: Recording
) -> tuple[list[dict[str, object]], Player]:
    player = Player(list(recordings))
    play(monkeypatch, player)
    answer = admin.post("/ollama/models/download", json={"url": url})
    return [json.loads(event.removeprefix("data: ")) for event in answer.text.split("\n\n") if event], player


def test_hugging_face_tells_the_digest_so_the_file_is_read_once(
    admin: TestClient, server: OllamaServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    head = Recording(status=302, headers={"x-linked-etag": f'"{DIGEST}"'})
    url = "https://huggingface.co/org/repo/resolve/main/tiny.gguf"
    events, player = download(admin, monkeypatch, url, head, Recording(CONTENT, headers=LENGTH))
    assert events[-1] == {"done": True, "blob": f"sha256:{DIGEST}", "name": "tiny.gguf"}
    assert events[-2] == {"progress": 100.0, "completed": len(CONTENT), "total": len(CONTENT)}
    assert server.blobs[f"sha256:{DIGEST}"] == CONTENT
    assert len(player.requests) == 2


def test_elsewhere_it_is_read_twice(admin: TestClient, server: OllamaServer, monkeypatch: pytest.MonkeyPatch) -> None:
    url = "https://github.com/org/repo/releases/download/v1/tiny.gguf"
    events, player = download(admin, monkeypatch, url, Recording(CONTENT, headers=LENGTH))
    assert events[-1]["blob"] == f"sha256:{DIGEST}"
    assert server.blobs[f"sha256:{DIGEST}"] == CONTENT
    assert len(player.requests) == 2


def test_a_file_that_is_not_there_is_told(
    admin: TestClient, server: OllamaServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    player = Player([Recording(b"no", 404)])
    play(monkeypatch, player)
    answer = admin.post("/ollama/models/download", json={"url": "https://github.com/org/repo/tiny.gguf"})
    assert answer.status_code == 404
    assert "github.com" in answer.json()["detail"]

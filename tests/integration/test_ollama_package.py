"""The stock `ollama` Python package, unchanged, with an API key of ours; and a pull by workers of the stack."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path

import ollama
import pytest

from shared import sections
from shared.llm.connections import ConnectionsSection, OllamaForm, update_ollama
from tests.integration.answers_site import Person, Site, connected
from tests.support.ollama_server import OllamaServer, running
from tests.support.stack import Stack
from tests.support.waiting import until


@pytest.fixture(scope="module")
def site(cirrus: Stack) -> Iterator[Site]:
    with connected(cirrus) as site:
        yield site


@pytest.fixture(scope="module")
def server(site: Site) -> Iterator[OllamaServer]:
    """An Ollama that the stack is connected to."""
    before = sections.load(ConnectionsSection, fresh=True).ollama
    with running(OllamaServer(models=["small:latest"])) as server:
        update_ollama(OllamaForm(OLLAMA_BASE_URLS=[server.url], OLLAMA_API_CONFIGS={"0": {"prefix_id": "home"}}))
        yield server
        sections.update(ConnectionsSection, lambda section: section.model_copy(update={"ollama": before}))


@pytest.fixture(scope="module")
def admin(site: Site, server: OllamaServer) -> Person:
    person = site.person("admin")
    until(lambda: "home.small" in person.http.get("/api/models").text, 30, "the model is listed")
    return person


def client_of(site: Site, person: Person) -> ollama.Client:
    key = person.http.post("/api/v1/auths/api_key").json()["api_key"]
    return ollama.Client(host=f"{site.url}/ollama", headers={"Authorization": f"Bearer {key}"})


def test_a_person_talks_to_models_by_the_package(site: Site, server: OllamaServer, admin: Person) -> None:
    client = client_of(site, site.person())
    assert [model.model for model in client.list().models] == ["home.small:latest"]
    question = {"role": "user", "content": "Hi", "images": [base64.b64encode(b"png").decode()]}
    pieces = client.chat("home.small", [question], stream=True, options={"temperature": 0}, keep_alive="5m")
    assert "".join(piece.message.content or "" for piece in pieces) == "Grüße, Welt"
    assert server.asked("/api/chat")[-1].body["messages"][0]["images"] == question["images"]
    assert client.chat("home.small", [question]).eval_count == 3
    assert client.generate("home.small", "Hi").response == "Grüße, Welt"
    assert client.embed("home.small", ["ab", "c"]).embeddings == [[2.0, 1.0], [1.0, 1.0]]
    assert client.show("home.small").capabilities == ["tools"]
    with pytest.raises(ollama.ResponseError) as failed:
        client.chat("home.gone", [question])
    assert failed.value.status_code == 404
    with pytest.raises(ollama.ResponseError) as refused:
        client.pull("x")
    assert refused.value.status_code == 403


def test_an_admin_changes_models_by_the_package(
    site: Site, server: OllamaServer, admin: Person, tmp_path: Path
) -> None:
    client = client_of(site, admin)
    assert [progress.status for progress in client.pull("new:latest", stream=True)][-1] == "success"
    assert client.ps().models[0].model == "home.small:latest"
    client.copy("home.new:latest", "home.copied")
    assert "copied" in server.models
    client.delete("home.copied")
    assert "copied" not in server.models
    weights = tmp_path / "tiny.gguf"
    weights.write_bytes(b"weights")
    digest = client.create_blob(weights)
    assert server.blobs[digest] == b"weights"
    assert client.create("made", files={"tiny.gguf": digest}).status == "success"
    assert client.push("home.new:latest").status == "success"


def test_a_push_goes_on_behind_a_client_that_left_and_is_followed_by_the_next(
    server: OllamaServer, admin: Person
) -> None:
    server.models.append("me/small:latest")
    server.pull_pause, server.step, before = 0.5, 10, len(server.asked("/api/push"))  # until somebody follows it
    form = {"model": "me/small:latest"}
    with admin.http.stream("POST", "/ollama/api/push/0", json=form) as answer:
        assert json.loads(next(answer.iter_lines()))["status"]
    with admin.http.stream("POST", "/ollama/api/push/0", json=form) as again:
        lines = again.iter_lines()
        assert json.loads(next(lines))["status"].startswith("pushing")
        server.pull_pause = 0
        *_, last = lines
    server.step = 250
    assert json.loads(last) == {"status": "success"}
    assert server.pushed["me/small:latest"] == 1000
    assert len(server.asked("/api/push")) == before + 1


def test_a_pull_goes_on_behind_a_closed_tab(server: OllamaServer, admin: Person) -> None:
    server.pull_pause = 0.05
    started = admin.http.post("/ollama/pulls", json={"model": "large:latest"}).json()
    path = f"/ollama/pulls/{started['id']}"
    until(lambda: admin.http.get(path).json()["state"] == "done", 60, "the model is there")
    assert json.loads(admin.http.get(path).text)["completed"] == 1000
    assert "large:latest" in server.models

"""Connections of the admin: keys that never come back, lists of models, one dead connection among others."""

import asyncio
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from shared import sections
from shared.identity import sealed
from shared.identity.sealed import MASK
from shared.llm import registry as module
from shared.llm.connections import (
    SEAL_CONTEXT,
    Connection,
    ConnectionConfig,
    ConnectionsSection,
    EnvironmentConnection,
    replace_environment_connections,
    shown,
)
from shared.llm.registry import registry
from shared.sections import SectionItem
from shared.settings import settings
from tests.contract.answers.world import person
from tests.support.model_server import ModelServer, running

KEY = "sk-a-secret-of-some-length-1234"


@pytest.fixture
def admin(connected: ModelServer) -> TestClient:
    return person("admin")[1]


@pytest.fixture
def second() -> Iterator[ModelServer]:
    with running() as server:
        yield server


def update(admin: TestClient, *entries: tuple[str, str, dict[str, Any]]) -> Any:
    form = {
        "ENABLE_OPENAI_API": True,
        "OPENAI_API_BASE_URLS": [url for url, _, _ in entries],
        "OPENAI_API_KEYS": [key for _, key, _ in entries],
        "OPENAI_API_CONFIGS": {str(index): config for index, (_, _, config) in enumerate(entries)},
    }
    return admin.post("/openai/config/update", json=form)


def ids(client: TestClient, **query: Any) -> list[str]:
    return [model["id"] for model in client.get("/api/models", params=query).json()["data"]]


def test_a_key_is_sealed_in_the_table_and_masked_in_the_browser(admin: TestClient, connected: ModelServer) -> None:
    answer = update(admin, (connected.url, KEY, {"headers": {"x-secret": KEY}}))
    assert answer.json()["OPENAI_API_KEYS"] == [MASK + "1234"]
    assert KEY not in answer.text
    assert KEY not in admin.get("/openai/config").text
    assert KEY not in str(SectionItem.get("SETTINGS", "connections").data)


def test_a_masked_key_that_comes_back_is_the_stored_one(admin: TestClient, connected: ModelServer) -> None:
    shown = update(admin, (connected.url, KEY, {"headers": {"x-team": KEY}})).json()
    config = {**shown["OPENAI_API_CONFIGS"]["0"], "tags": [{"name": "new"}]}
    update(admin, (connected.url, shown["OPENAI_API_KEYS"][0], config))
    admin.get("/api/models", params={"refresh": True})
    seen = connected.requests[-1]
    assert seen.headers["authorization"] == f"Bearer {KEY}"
    assert seen.headers["x-team"] == KEY


def test_a_masked_key_is_worth_nothing_for_another_address(admin: TestClient, second: ModelServer) -> None:
    masked = admin.get("/openai/config").json()["OPENAI_API_KEYS"][0]
    assert update(admin, (second.url, masked, {})).status_code == 400
    form = {"url": second.url, "key": masked, "config": {}}
    assert admin.post("/openai/verify", json=form).status_code == 400
    assert second.requests == []


def test_verify_lists_the_providers_models_or_says_what_is_wrong(admin: TestClient, connected: ModelServer) -> None:
    form = {"url": f"{connected.url}/", "key": "k"}
    assert admin.post("/openai/verify", json=form).json()["data"][0]["id"] == "test-model"
    wrong = admin.post("/openai/verify", json={"url": "http://127.0.0.1:9/v1", "key": ""})
    assert wrong.status_code == 502
    assert "cannot be reached" in wrong.json()["detail"]


@pytest.mark.parametrize(
    "url", ["http://169.254.169.254/v1", "http://[fd00:ec2::254]/v1", "file:///etc/passwd", "bedrock://x"]
)
def test_addresses_that_are_never_allowed_are_not_stored(admin: TestClient, url: str) -> None:
    assert update(admin, (url, "k", {})).status_code == 400
    assert url not in admin.get("/openai/config").text


@pytest.mark.parametrize(
    "url",
    [
        "http://llm.example.com:port/v1",
        "http://llm.example.com:99999/v1",
        "http://xn--é.com/v1",
        "http://[::1",
        "http://llm.example.com/v 1",
        "http://llm.example.com/v1?key=1",
        f"http://llm.example.com/{'v' * 3000}",
    ],
)
def test_an_address_that_nobody_can_call_is_refused_with_a_sentence(admin: TestClient, url: str) -> None:
    for answer in (
        update(admin, (url, "k", {})),
        admin.post("/openai/verify", json={"url": url, "key": "k"}),
        admin.post("/ollama/verify", json={"url": url, "key": "k"}),
        admin.post("/ollama/config/update", json={"OLLAMA_BASE_URLS": [url], "OLLAMA_API_CONFIGS": {}}),
    ):
        assert answer.status_code == 400
        assert "address" in answer.json()["detail"]


def test_a_password_in_an_address_is_refused_for_it_would_be_shown(admin: TestClient) -> None:
    answer = update(admin, ("http://bob:hunter2@llm.example.com/v1", "", {}))
    assert answer.status_code == 400
    assert "as the key or as a header" in answer.json()["detail"]
    assert "hunter2" not in answer.text


@pytest.mark.parametrize(
    ("key", "config"),
    [
        ("sk-“quoted”", {}),
        ("ключ", {}),
        ("sk-one\nsk-two", {}),
        ("k", {"headers": {"x-team": "é"}}),
        ("k", {"headers": {"x team": "a"}}),
        ("k", {"prefix_id": "a\nb"}),
        ("k", {"prefix_id": "a" * 200}),
        ("k", {"access_control": {"read": 5}}),
        ("k", {"access_control": {"read": {"user_ids": 5}}}),
        ("k", {"access_control": 5}),
        ("k", {"tags": [{"name": {}}]}),
        ("k", {"tags": [5]}),
        ("k", {"weight": -1}),
        ("k", {"azure": True, "auth_type": "azure_ad", "azure_tenant_id": "a/b", "azure_client_id": "c"}),
        ("k", {"note": "x" * 400_000}),
        ("k", "text"),
    ],
)
def test_an_entry_that_cannot_work_is_refused_with_a_sentence_and_nothing_is_stored(
    admin: TestClient, connected: ModelServer, key: str, config: Any
) -> None:
    before = admin.get("/openai/config").json()
    answer = update(admin, (connected.url, key, config))
    assert answer.status_code in (400, 413)
    assert len(answer.json()["detail"]) > 10
    assert admin.get("/openai/config").json() == before
    if isinstance(config, dict) and "note" not in config:
        form = {"url": connected.url, "key": key, "config": config}
        assert admin.post("/openai/verify", json=form).status_code == 400


def test_space_around_a_key_does_not_count(admin: TestClient, connected: ModelServer) -> None:
    update(admin, (connected.url, f" {KEY}\n", {}))
    admin.get("/api/models", params={"refresh": True})
    assert connected.requests[-1].headers["authorization"] == f"Bearer {KEY}"


@pytest.mark.parametrize(
    "stored",
    [
        lambda: Connection(url="http://llm.example.com:port/v1"),
        lambda: Connection(url="http://xn--é.com/v1"),
        lambda: Connection(url="http://[::1"),
        lambda: Connection(url="http://127.0.0.1:9/v1", key=sealed.closed("sk-“quoted”", SEAL_CONTEXT)),
        lambda: Connection(url="http://127.0.0.1:9/v1", key="sealed by another key"),
    ],
)
def test_a_connection_that_was_stored_broken_spoils_nothing_but_itself(
    admin: TestClient, connected: ModelServer, stored: Callable[[], Connection]
) -> None:
    broken = stored().model_copy(update={"source": "environment"})
    sections.update(
        ConnectionsSection,
        lambda section: section.model_copy(update={"connections": [broken, *section.connections]}),
    )
    listed = admin.get("/api/models", params={"refresh": True})
    assert [model["id"] for model in listed.json()["data"]] == ["test-model"]
    [trouble] = listed.json()["errors"]
    assert (trouble["urlIdx"], trouble["url"]) == (0, broken.url)
    assert len(trouble["detail"]) > 10
    body = {"model": "test-model", "messages": [{"role": "user", "content": "x"}]}
    assert person()[1].post("/api/chat/completions", json=body).status_code == 200


def test_what_is_stored_of_access_that_says_nothing_lets_nobody_in(admin: TestClient, connected: ModelServer) -> None:
    odd = ConnectionConfig(access_control={"read": 5})

    def change(section: ConnectionsSection) -> ConnectionsSection:
        [own] = section.connections
        return section.model_copy(update={"connections": [own.model_copy(update={"config": odd})]})

    sections.update(ConnectionsSection, change)
    assert ids(admin) == ["test-model"]
    assert ids(person()[1]) == []


@pytest.mark.parametrize(
    "entry",
    [
        {"created": "yesterday", "info": "text", "missing_base": 5, "tags": 5},
        {"details": [], "families": 5},
        {"name": "half an emoji \ud83d"},
    ],
)
def test_what_a_provider_says_oddly_of_a_model_spoils_no_list(
    admin: TestClient, second: ModelServer, connected: ModelServer, entry: dict[str, Any]
) -> None:
    second.models = [{"id": "odd", **entry}]
    update(admin, (connected.url, "", {}), (second.url, "", {}))
    assert ids(admin) == ids(person()[1]) == ["test-model", "odd"]


def test_name_and_password_of_an_address_from_before_are_not_shown_with_its_troubles(
    admin: TestClient, connected: ModelServer, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LIST_SECONDS", 0.2)
    connected.models_seconds = 5
    url = connected.url.replace("http://", "http://bob:hunter2@")
    sections.update(
        ConnectionsSection,
        lambda section: section.model_copy(update={"connections": [Connection(url=url, source="environment")]}),
    )
    listed = admin.get("/api/models", params={"refresh": True})
    assert listed.json()["errors"][0]["url"] == connected.url
    assert "hunter2" not in listed.text
    logged = [vars(record) for record in caplog.records]
    assert any(record["msg"] == "models not listed" for record in logged)
    assert "hunter2" not in str(logged)


def test_prefix_tags_allow_list_and_switch_shape_the_list(
    admin: TestClient, connected: ModelServer, second: ModelServer
) -> None:
    second.models = [{"id": name, "object": "model"} for name in ("a", "b")]
    update(
        admin,
        (connected.url, "", {"prefix_id": "one", "tags": [{"name": "fast"}], "connection_type": "local"}),
        (second.url, "", {"model_ids": ["b"]}),
    )
    first, other = admin.get("/api/models").json()["data"]
    assert (first["id"], first["tags"], first["connection_type"]) == ("one.test-model", [{"name": "fast"}], "local")
    assert (other["id"], other["urlIdx"], other["object"]) == ("b", 1, "model")
    admin.post(
        "/api/chat/completions", json={"model": "one.test-model", "messages": [{"role": "user", "content": "x"}]}
    )
    assert connected.completions()[0].body["model"] == "test-model"
    update(admin, (connected.url, "", {"enable": False}), (second.url, "", {}))
    assert ids(admin) == ["a", "b"]


def test_models_of_a_private_connection_are_the_admins_and_those_named(
    admin: TestClient, connected: ModelServer
) -> None:
    user_id, user = person()
    _, stranger = person()
    update(admin, (connected.url, "", {"access_control": {"read": {"user_ids": [user_id], "group_ids": []}}}))
    assert ids(admin) == ids(user) == ["test-model"]
    assert ids(stranger) == []
    body = {"model": "test-model", "messages": [{"role": "user", "content": "x"}]}
    assert stranger.post("/api/chat/completions", json=body).status_code == 404
    assert stranger.get("/openai/models/0").status_code == 404


def test_a_dead_connection_is_reported_and_delays_the_others_by_three_seconds_at_most(
    admin: TestClient, connected: ModelServer, second: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LIST_SECONDS", 0.5)
    second.models_seconds = 30
    update(admin, (second.url, "", {}), (connected.url, "", {}))
    started = time.monotonic()
    listed = admin.get("/api/models", params={"refresh": True}).json()
    assert time.monotonic() - started < 3
    assert [model["id"] for model in listed["data"]] == ["test-model"]
    assert (listed["errors"][0]["urlIdx"], listed["errors"][0]["url"]) == (0, second.url)
    assert "errors" not in person()[1].get("/api/models").json()


def test_on_aws_bedrock_is_there_from_the_start(emulator: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STAGE", "prod")
    settings.cache_clear()
    try:
        [preset] = ConnectionsSection().connections
    finally:
        monkeypatch.undo()
        settings.cache_clear()
    assert preset.is_bedrock
    assert shown(ConnectionsSection(connections=[preset])).OPENAI_API_KEYS == [""]


async def test_however_many_ask_at_once_the_provider_is_asked_once(connected: ModelServer) -> None:
    connected.models_seconds = 0.2
    await asyncio.gather(*(registry.listing(refresh=True) for _ in range(20)))
    assert len(connected.requests) == 1


def test_a_cold_function_takes_the_list_from_the_table(admin: TestClient, connected: ModelServer) -> None:
    assert ids(admin) == ["test-model"]
    registry.forget()
    connected.requests.clear()
    assert ids(admin) == ["test-model"]
    assert connected.requests == []


def test_a_change_of_connections_counts_at_once(admin: TestClient, connected: ModelServer) -> None:
    assert ids(admin) == ["test-model"]
    update(admin, (connected.url, "", {"prefix_id": "new"}))
    assert ids(admin) == ["new.test-model"]


def test_the_environments_connections_are_replaced_and_an_admins_own_stay(
    admin: TestClient, connected: ModelServer, second: ModelServer
) -> None:
    update(admin, (connected.url, "", {"prefix_id": "kept"}), (second.url, "own", {}))
    replace_environment_connections([EnvironmentConnection(connected.url, "new")])
    stored = sections.load(ConnectionsSection).connections
    assert [(c.url, c.source, c.config.prefix_id) for c in stored] == [
        (connected.url, "environment", "kept"),
        (second.url, "admin", None),
    ]
    replace_environment_connections([EnvironmentConnection("http://127.0.0.1:11434", "", {"provider": "ollama"})])
    section = sections.load(ConnectionsSection)
    assert ([c.url for c in section.connections], [c.kind for c in section.ollama]) == ([second.url], ["ollama"])
    replace_environment_connections([])
    assert [c.url for c in sections.load(ConnectionsSection).everything] == [second.url]


def test_connections_are_the_admins_business(connected: ModelServer) -> None:
    _, user = person()
    assert user.get("/openai/config").status_code == 403
    assert user.post("/openai/verify", json={"url": connected.url, "key": ""}).status_code == 403
    assert user.get("/api/models/base").status_code == 403

"""Which model servers a run offers."""

from __future__ import annotations

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from infra.local.models import ModelServer, discover, from_environment, is_ollama
from infra.local.ports import free_port

NOWHERE = f"http://127.0.0.1:{free_port()}"


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, []),
        ({"OPENAI_API_KEY": "k"}, [ModelServer("openai", "https://api.openai.com/v1", "k")]),
        ({"OPENAI_API_BASE_URL": "http://a/v1/"}, [ModelServer("openai", "http://a/v1")]),
        (
            {"OPENAI_API_BASE_URLS": "http://a/v1;http://b/v1", "OPENAI_API_KEYS": "1;2"},
            [ModelServer("openai", "http://a/v1", "1"), ModelServer("openai", "http://b/v1", "2")],
        ),
        (
            {"OPENAI_API_BASE_URLS": "http://a/v1;http://b/v1", "OPENAI_API_KEY": "1"},
            [ModelServer("openai", "http://a/v1", "1"), ModelServer("openai", "http://b/v1", "1")],
        ),
        ({"OLLAMA_BASE_URL": "http://o:11434/"}, [ModelServer("ollama", "http://o:11434")]),
    ],
)
def test_the_environment_names_servers(environment: dict[str, str], expected: list[ModelServer]) -> None:
    assert from_environment(environment) == expected


def test_a_named_server_comes_before_an_ollama_that_is_there() -> None:
    named = discover({"OPENAI_API_BASE_URL": "http://a/v1"}, NOWHERE)
    assert named == [ModelServer("openai", "http://a/v1")]


def test_nothing_named_and_no_ollama_gives_no_server() -> None:
    assert discover({}, NOWHERE) == []


@pytest.mark.parametrize(("models", "found"), [([{"name": "llama3.2"}], True), ([], False)])
async def test_an_ollama_counts_only_with_a_model(models: list[dict[str, str]], found: bool) -> None:
    import asyncio

    async def tags(_: web.Request) -> web.Response:
        return web.json_response({"models": models})

    app = web.Application()
    app.router.add_get("/api/tags", tags)
    async with TestServer(app) as server:
        assert await asyncio.to_thread(is_ollama, str(server.make_url("")).rstrip("/")) is found

"""The demo model's protocol and what it says."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from infra.local.demo_answers import answer, pieces
from infra.local.demo_model import CHAT_MODEL, DIMENSIONS, create_app, vector

Client = TestClient[web.Request, web.Application]


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    async with TestClient(TestServer(create_app(pace=0))) as client:
        yield client


def asked(text: str, **more: object) -> dict[str, Any]:
    return {"model": CHAT_MODEL, "messages": [{"role": "user", "content": text}], **more}


async def test_a_streamed_answer_is_the_whole_one_in_pieces(client: Client) -> None:
    streamed = await client.post(
        "/v1/chat/completions", json=asked("Hello", stream=True, stream_options={"include_usage": True})
    )
    lines = [line[6:] for line in (await streamed.text()).splitlines() if line.startswith("data: ")]
    assert lines[-1] == "[DONE]"
    chunks = [json.loads(line) for line in lines[:-1]]
    text = "".join(choice["delta"].get("content", "") for chunk in chunks for choice in chunk["choices"])
    whole = await (await client.post("/v1/chat/completions", json=asked("Hello"))).json()
    assert text == whole["choices"][0]["message"]["content"]
    assert chunks[-1]["usage"] == whole["usage"]


def test_the_answer_says_what_it_is_and_shows_what_answers_can_hold() -> None:
    text = answer([{"role": "user", "content": "Hello"}])
    for part in ("demo model", "> Hello", "```python", "| --- |", "$$", "OPENAI_API_BASE_URL", "Ollama", "Connections"):
        assert part in text


def test_pieces_put_together_are_the_text() -> None:
    text = answer([{"role": "user", "content": "Hello"}])
    assert "".join(pieces(text)) == text


@pytest.mark.parametrize(
    ("prompt", "key"),
    [
        ('### Task:\nGenerate a concise title. Output JSON: {"title": "…"}\nUSER: how do hash tables work?', "title"),
        ('### Task:\nSuggest 3 follow-up questions. Output JSON: {"follow_ups": []}', "follow_ups"),
        ('### Task:\nGenerate 1-3 broad tags. Output JSON: {"tags": []}', "tags"),
    ],
)
def test_tasks_get_a_short_answer_in_their_format(prompt: str, key: str) -> None:
    text = answer([{"role": "user", "content": prompt}])
    assert key in json.loads(text)
    assert len(text) < 200


def test_a_question_about_titles_is_no_task() -> None:
    assert "demo model" in answer([{"role": "user", "content": "Which title did the king have?"}])


async def test_an_unknown_model_is_refused_as_openai_does(client: Client) -> None:
    answered = await client.post("/v1/chat/completions", json=asked("Hello") | {"model": "gpt-0"})
    assert answered.status == 404
    assert "gpt-0" in (await answered.json())["error"]["message"]


async def test_embeddings_have_length_one_and_keep_their_order(client: Client) -> None:
    answered = await client.post("/v1/embeddings", json={"model": "any", "input": ["one two", "three"]})
    data = (await answered.json())["data"]
    assert [entry["index"] for entry in data] == [0, 1]
    assert all(len(entry["embedding"]) == DIMENSIONS for entry in data)
    assert sum(value * value for value in data[0]["embedding"]) == pytest.approx(1)


def test_texts_that_share_words_lie_nearer() -> None:
    def likeness(one: str, other: str) -> float:
        return sum(a * b for a, b in zip(vector(one), vector(other), strict=True))

    assert likeness("the red house", "a red house") > likeness("the red house", "quantum chromodynamics")

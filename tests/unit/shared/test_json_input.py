"""JSON that somebody sends, odd as it may be."""

import json
from typing import Any

import pytest
from fastapi import APIRouter
from fastapi.testclient import TestClient

from shared.errors import Invalid
from shared.json_input import DEEPEST, depth_over, read
from shared.web import create_app

router = APIRouter()


@router.post("/echo")
def echo(body: dict[str, Any]) -> dict[str, Any]:
    return body


@pytest.fixture
def client() -> TestClient:
    return TestClient(create_app("test", router))


def nested(levels: int) -> str:
    return '{"a":' * (levels // 2) + "[" * (levels - levels // 2) + "]" * (levels - levels // 2) + "}" * (levels // 2)


def sent(client: TestClient, body: str | bytes, kind: str = "application/json") -> Any:
    return client.post("/echo", content=body, headers={"content-type": kind})


@pytest.mark.parametrize("body", ['{"a":"x\\ud83d"}', '{"a":"x\\uDE00"}'])
def test_half_an_emoji_becomes_a_replacement_character(client: TestClient, body: str) -> None:
    assert sent(client, body).json() == {"a": "x\ufffd"}
    assert read(body) == {"a": "x\ufffd"}
    assert read('{"\\ud800": ["\\ud800"]}') == {"\ufffd": ["\ufffd"]}


@pytest.mark.parametrize("body", ['{"a":"\\ud83d\\ude00 \\\\ud83d"}', '{"a":"NaN [[[ Infinity 1e999"}'])
def test_what_only_looks_odd_arrives_as_it_is(client: TestClient, body: str) -> None:
    assert sent(client, body).json() == json.loads(body)


@pytest.mark.parametrize("number", ["NaN", "-Infinity", "1e999", "9" * 310 + ".0"])
def test_what_is_no_number_is_refused(client: TestClient, number: str) -> None:
    answer = sent(client, f'{{"a": [{number}]}}')
    assert answer.status_code == 422
    assert "no number" in answer.json()["detail"]
    with pytest.raises(Invalid, match="no number"):
        read(f"[{number}]")


def test_nesting_ends_somewhere(client: TestClient) -> None:
    assert sent(client, nested(DEEPEST)).json() == json.loads(nested(DEEPEST))
    for levels in (DEEPEST + 1, 2 * DEEPEST + 1, 100_000):
        answer = sent(client, nested(levels))
        assert (answer.status_code, "nested deeper" in answer.json()["detail"]) == (422, True)
        with pytest.raises(Invalid, match="nested deeper"):
            read(nested(levels))
    assert sent(client, "[" * 100_000).status_code == 422
    assert (depth_over([[]], 1), depth_over([[]], 2)) == (True, False)


def test_texts_full_of_brackets_are_no_nesting(client: TestClient) -> None:
    body = {"code": "{[" * 10_000, "more": [{"b": "]}"}] * 500}
    assert sent(client, json.dumps(body)).json() == body


def test_what_is_no_json_is_refused_by_its_route(client: TestClient) -> None:
    for body, kind in ((b"", "application/json"), (b"{", "application/json"), (b"{}", "text/plain"), (b"\xff", "")):
        assert sent(client, body, kind).status_code == 422
    with pytest.raises(Invalid, match="no JSON"):
        read("{")

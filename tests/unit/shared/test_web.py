"""The HTTP app every domain shares."""

import json
from collections.abc import Iterator

import pytest
from fastapi import APIRouter, Request
from fastapi.testclient import TestClient
from pydantic import BaseModel

from shared import errors, settings
from shared.web import create_app, lambda_handler, viewer


class Form(BaseModel):
    name: str
    size: int


router = APIRouter()


@router.get("/things")
def things() -> str:
    return "no slash"


@router.get("/things/")
def things_root() -> str:
    return "slash"


@router.post("/things")
def make(form: Form) -> Form:
    return form


@router.get("/fail/{kind}")
def fail(kind: str) -> None:
    failures: dict[str, Exception] = {
        "missing": errors.NotFound("There is no such thing. Reload the list."),
        "busy": errors.TooManyRequests("Too many tries. Wait a minute.", retry_after=30),
        "bug": RuntimeError("a secret detail"),
    }
    raise failures[kind]


@router.get("/viewer")
def who(request: Request) -> dict[str, str]:
    seen = viewer(request)
    return {"origin": seen.origin, "address": seen.address}


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    monkeypatch.setenv("ORIGIN_SECRET", "edge-secret")
    settings.settings.cache_clear()
    yield TestClient(create_app("test", router), raise_server_exceptions=False)
    settings.settings.cache_clear()


def test_a_path_with_and_without_trailing_slash_are_two_routes(client: TestClient) -> None:
    assert client.get("/things").json() == "no slash"
    assert client.get("/things/").json() == "slash"


def test_the_root_mark_of_the_edge_stands_for_a_trailing_slash(client: TestClient) -> None:
    assert client.get("/things/_root").json() == "slash"


@pytest.mark.parametrize(("kind", "status", "words"), [("missing", 404, "no such thing"), ("busy", 429, "Too many")])
def test_a_domain_error_becomes_its_status_with_a_detail(
    client: TestClient, kind: str, status: int, words: str
) -> None:
    answer = client.get(f"/fail/{kind}")
    assert answer.status_code == status
    assert words in answer.json()["detail"]


def test_too_many_requests_says_when_to_come_back(client: TestClient) -> None:
    assert client.get("/fail/busy").headers["retry-after"] == "30"


def test_an_unexpected_error_shows_an_id_and_no_inside(client: TestClient) -> None:
    answer = client.get("/fail/bug")
    assert answer.status_code == 500
    assert "secret detail" not in answer.text
    assert "id:" in answer.json()["detail"]


def test_bad_input_is_named_field_by_field_in_one_sentence(client: TestClient) -> None:
    answer = client.post("/things", json={"size": "many"})
    assert answer.status_code == 422
    assert "name: Field required" in answer.json()["detail"]
    assert "size:" in answer.json()["detail"]


def test_viewer_headers_count_only_beside_the_secret(client: TestClient) -> None:
    headers = {"x-viewer-host": "chat.example.com", "x-viewer-proto": "https", "x-viewer-address": "203.0.113.9"}
    assert client.get("/viewer", headers=headers).json()["origin"] == "http://testserver"
    believed = client.get("/viewer", headers={**headers, "x-origin-verify": "edge-secret"}).json()
    assert believed == {"origin": "https://chat.example.com", "address": "203.0.113.9"}


def test_an_api_gateway_event_goes_through_the_lambda_entry() -> None:
    event = {
        "resource": "/{proxy+}",
        "path": "/things/_root",
        "httpMethod": "GET",
        "headers": {"Host": "example.com"},
        "multiValueHeaders": {"Host": ["example.com"]},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "requestContext": {"requestId": "abc-123", "identity": {"sourceIp": "198.51.100.1"}},
        "body": None,
        "isBase64Encoded": False,
    }
    answer = lambda_handler(create_app("test", router))(event, None)
    assert answer["statusCode"] == 200
    assert json.loads(answer["body"]) == "slash"
    headers = {**answer.get("headers", {}), **{k: v[0] for k, v in answer.get("multiValueHeaders", {}).items()}}
    assert headers["x-request-id"] == "abc-123"


def test_each_request_logs_one_line_with_its_status_and_no_query(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines: list[dict[str, object]] = []
    monkeypatch.setattr("shared.web.logger", lambda: _Recorder(lines))
    client.get("/things?token=hidden")
    (line,) = lines
    assert (line["path"], line["status"], line["method"]) == ("/things", 200, "GET")
    assert "hidden" not in str(line)


class _Recorder:
    def __init__(self, lines: list[dict[str, object]]) -> None:
        self.lines = lines

    def info(self, message: str, extra: dict[str, object]) -> None:
        self.lines.append({"message": message, **extra})

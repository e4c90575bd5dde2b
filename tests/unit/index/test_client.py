"""OpenSearch that refuses, stutters or sleeps: what is tried again, and what a person is told."""

import json
from typing import Any

import pytest
from opensearchpy.exceptions import ConnectionError, ConnectionTimeout, RequestError, TransportError

from shared.errors import Upstream
from shared.search.opensearch import client as module
from shared.search.opensearch.client import Client, connect
from shared.search.protocol import Waking
from shared.settings import Settings

AWAY = TransportError(503, "unavailable", {})
GONE = ConnectionError("N/A", "refused", OSError())
LATE = ConnectionTimeout("TIMEOUT", "late", OSError())


class Server:
    """Answers what it is told to, in this order, and notes what it was asked."""

    def __init__(self, *answers: Any) -> None:
        self.answers, self.asked = list(answers), list[tuple[str, str, Any]]()
        self.transport = self

    def perform_request(self, method: str, path: str, body: Any = None) -> Any:
        self.asked.append((method, path, body))
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module.time, "sleep", lambda _: None)


def client(server: Server, *, serverless: bool = False) -> Client:
    return Client(server, "cirrus-x", serverless=serverless)  # type: ignore[arg-type]


def results(*statuses: int) -> dict[str, Any]:
    items = [{"index": {"status": each, "error": {"reason": "no room"}}} for each in statuses]
    return {"errors": True, "items": items}


def actions(*names: str) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    return [({"index": {}}, {"chunk": name}) for name in names]


def test_of_a_bulk_only_what_was_refused_is_sent_again() -> None:
    server = Server(results(201, 429, 201, 503), results(201, 429), results(201))
    client(server).bulk(actions("a", "b", "c", "d"))
    sent = [[json.loads(line).get("chunk") for line in body.splitlines()[1::2]] for _, _, body in server.asked]
    assert sent == [["a", "b", "c", "d"], ["b", "d"], ["d"]]


def test_what_is_refused_for_good_says_why_and_what_stays_busy_ends() -> None:
    with pytest.raises(Upstream, match="no room"):
        client(Server(results(201, 400))).bulk(actions("a", "b"))
    with pytest.raises(Upstream, match="too busy to take 1 of 2"):
        client(Server(results(201, 429), *[results(429)] * 4)).bulk(actions("a", "b"))


def test_deleting_what_is_gone_is_no_error() -> None:
    client(Server({"items": [{"delete": {"status": 404}}]})).bulk([({"delete": {"_id": "1"}}, None)])


def test_a_bulk_that_may_have_arrived_is_not_sent_again() -> None:
    server = Server(LATE)
    with pytest.raises(Upstream, match="does not answer"):
        client(server).bulk(actions("a"))
    assert len(server.asked) == 1


@pytest.mark.parametrize("failure", [AWAY, GONE, LATE])
def test_a_question_is_asked_again_and_then_somebody_is_told(failure: Exception) -> None:
    assert client(Server(failure, failure, {"hits": {"hits": [1]}})).search({}) == [1]
    with pytest.raises(Upstream, match="does not answer"):
        client(Server(*[failure] * 5)).search({})
    with pytest.raises(Waking, match="half a minute"):
        client(Server(*[failure] * 5), serverless=True).search({})


def test_nobody_waits_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    seconds = iter(range(0, 1000, 6))
    monkeypatch.setattr(module.time, "monotonic", lambda: next(seconds))
    server = Server(*[LATE] * 5)
    with pytest.raises(Waking):
        client(server, serverless=True).search({})
    assert len(server.asked) == 2


def test_where_there_is_no_index_nothing_is_found_and_other_errors_are_told() -> None:
    missing = TransportError(404, "index_not_found_exception", {})
    assert client(Server(missing)).search({}) == []
    assert client(Server(missing)).count({}) == 0
    client(Server(missing)).drop()
    with pytest.raises(Upstream, match="400"):
        client(Server(RequestError(400, "parsing_exception", {}))).search({})


def test_of_two_who_make_an_index_the_second_finds_it() -> None:
    missing, exists = TransportError(404, "missing", {}), RequestError(400, "resource_already_exists_exception", {})
    client(Server({}, missing, exists, {"cirrus-x": {}})).make({})
    with pytest.raises(Upstream, match="did not make"):
        client(Server({}, missing, exists, missing)).make({})


@pytest.mark.parametrize("service", ["aoss", "es"])
def test_requests_are_signed_for_their_service(service: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from botocore.credentials import Credentials

    monkeypatch.setattr(module, "credentials", lambda: Credentials("key", "secret", "token"))
    address = "https://x.eu-west-1.aoss.amazonaws.com"
    connection = connect(Settings(search_endpoint=address, search_sign=service, aws_region="eu-west-1"))
    transport = connection.transport.get_connection()
    assert transport.host == f"{address}:443"
    headers = transport.http_auth("POST", f"{address}/cirrus-x/_search", b"{}", {})
    assert "X-Amz-Content-SHA256" in headers
    assert f"/eu-west-1/{service}/aws4_request" in headers["Authorization"]

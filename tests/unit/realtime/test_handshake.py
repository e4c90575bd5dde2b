from collections.abc import Iterator
from typing import Any

import pytest

from functions.realtime.handshake import Handshake
from shared.errors import Forbidden, Invalid
from shared.settings import settings

FRONT_DOOR = {"X-Origin-Verify": "s3cret", "X-Viewer-Host": "chat.example.com", "X-Viewer-Proto": "https"}
QUERY = {"EIO": "4", "transport": "websocket"}


@pytest.fixture(autouse=True)
def origin_secret(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("ORIGIN_SECRET", "s3cret")
    settings.cache_clear()
    yield
    settings.cache_clear()


def handshake(headers: dict[str, str] | None = None, query: dict[str, str] | None = None) -> Handshake:
    event: dict[str, Any] = {
        "headers": {**FRONT_DOOR, **(headers or {})},
        "queryStringParameters": QUERY if query is None else query,
    }
    return Handshake.of(event)


def test_engine_io_4_over_websocket_by_the_front_door_may_come_in() -> None:
    handshake().check()


@pytest.mark.parametrize("query", [{}, {"EIO": "3", "transport": "websocket"}, {"EIO": "4", "transport": "polling"}])
def test_other_transports_are_told_what_is_spoken_here(query: dict[str, str]) -> None:
    with pytest.raises(Invalid, match="WebSocket only"):
        handshake(query=query).check()


@pytest.mark.parametrize("secret", ["", "wrong", "s3cret "])
def test_the_front_door_cannot_be_gone_round(secret: str) -> None:
    with pytest.raises(Forbidden):
        handshake({"X-Origin-Verify": secret}).check()


def test_without_headers_or_query_nothing_breaks() -> None:
    with pytest.raises(Invalid):
        Handshake.of({}).check()


@pytest.mark.parametrize("cookie", ["token=t.o-k_n", "a=b; token=t.o-k_n; c=d", 'a="x=y"; token="t.o-k_n"'])
def test_the_cookie_of_the_sites_own_page_carries_the_token(cookie: str) -> None:
    assert handshake({"Origin": "https://chat.example.com", "Cookie": cookie}).cookie_token() == "t.o-k_n"


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "http://chat.example.com",
        "https://chat.example.com.evil.example",
        "https://chat.example.com:8443",
        "null",
        "",
    ],
)
def test_the_cookie_does_not_count_on_another_sites_page(origin: str) -> None:
    assert handshake({"Origin": origin, "Cookie": "token=t"}).cookie_token() is None


def test_clients_that_are_no_browsers_send_no_origin() -> None:
    assert handshake({"Cookie": "token=t"}).cookie_token() == "t"


@pytest.mark.parametrize("cookie", ["", "token=", "xtoken=t", "tokens=t"])
def test_no_token_is_no_token(cookie: str) -> None:
    assert handshake({"Cookie": cookie}).cookie_token() is None

"""Which browsers' requests are taken."""

from collections.abc import Iterator

import pytest
from fastapi import Request

from shared.errors import Forbidden
from shared.identity.dependencies import same_origin, session_token
from shared.settings import settings

SECRET = "between edge and function"


@pytest.fixture(autouse=True)
def _behind_the_edge(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("ORIGIN_SECRET", SECRET)
    settings.cache_clear()
    yield
    settings.cache_clear()


def request(method: str = "POST", **headers: str) -> Request:
    sent = {
        "host": "abc.execute-api.us-east-1.amazonaws.com",
        "x-origin-verify": SECRET,
        "x-viewer-host": "chat.example.com",
        "x-viewer-proto": "https",
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    raw = [(name.encode(), value.encode()) for name, value in sent.items()]
    return Request(
        {"type": "http", "method": method, "path": "/", "headers": raw, "query_string": b"", "scheme": "http"}
    )


def test_the_sites_own_pages_and_other_programs_are_taken() -> None:
    same_origin(request(origin="https://chat.example.com"))
    same_origin(request())


@pytest.mark.parametrize(
    "origin",
    ["https://evil.example.com", "http://chat.example.com", "https://chat.example.com:8443", "null", ""],
)
def test_pages_of_other_sites_are_refused(origin: str) -> None:
    with pytest.raises(Forbidden):
        same_origin(request(origin=origin))


def test_reading_is_free() -> None:
    same_origin(request("GET", origin="https://evil.example.com"))


async def test_a_cookie_is_checked_and_a_bearer_is_not() -> None:
    evil = request(origin="https://evil.example.com", cookie="token=t")
    with pytest.raises(Forbidden):
        await session_token(evil, None)
    assert await session_token(request(cookie="token=t"), None) == "t"


def test_viewer_headers_without_the_secret_are_not_believed() -> None:
    forged = request(origin="https://evil.example.com", x_viewer_host="evil.example.com", x_origin_verify="guess")
    with pytest.raises(Forbidden):
        same_origin(forged)

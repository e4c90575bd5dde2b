import json
from collections.abc import Iterator

import pytest

from functions.realtime import greeter
from shared.realtime.gateway import Posted


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(greeter.time, "sleep", lambda seconds: None)


def outcomes(monkeypatch: pytest.MonkeyPatch, given: Iterator[Posted]) -> list[bytes]:
    posted: list[bytes] = []

    def post(connection_id: str, frame: bytes) -> Posted:
        assert connection_id == "c1"
        posted.append(frame)
        return next(given)

    monkeypatch.setattr(greeter.gateway, "post", post)
    return posted


def test_the_greeting_waits_for_the_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    posted = outcomes(monkeypatch, iter([Posted.GONE, Posted.GONE, Posted.DELIVERED]))
    greeter.handler({"connection_id": "c1"}, None)
    assert len(posted) == 3
    opening = json.loads(posted[-1][1:])
    assert (opening["sid"], opening["upgrades"]) == ("c1", [])


def test_no_ping_is_due_within_a_connections_life_and_timers_can_hold_it() -> None:
    assert greeter.PING_INTERVAL_MILLISECONDS > 2 * 3600 * 1000
    assert greeter.PING_INTERVAL_MILLISECONDS + greeter.PING_TIMEOUT_MILLISECONDS < 2**31


def test_a_connection_that_never_appears_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(greeter, "PATIENCE_SECONDS", 0.0)
    posted = outcomes(monkeypatch, iter([Posted.GONE]))
    greeter.handler({"connection_id": "c1"}, None)
    assert len(posted) == 1

"""The channel, over connections that are slow, throttled or gone."""

from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Event, Lock
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from shared.realtime import connections, gateway, hub
from shared.realtime.hub import UserChannel

PATIENCE = 5.0


def refusal(code: str, status: int = 400) -> ClientError:
    return ClientError(
        {"Error": {"Code": code, "Message": code}, "ResponseMetadata": {"HTTPStatusCode": status}},  # type: ignore[typeddict-item]
        "PostToConnection",
    )


@dataclass
class Sockets:
    """Stands for API Gateway and the table: which connections a person has, and what each received."""

    open: list[str] = field(default_factory=list)
    received: dict[str, list[str]] = field(default_factory=dict)
    forgotten: list[str] = field(default_factory=list)
    troubles: dict[str, Callable[[], None]] = field(default_factory=dict)
    looked_up: Event = field(default_factory=Event)
    lock: Lock = field(default_factory=Lock)

    def of_user(self, user_id: str) -> list[Any]:
        self.looked_up.set()
        return [connections.RoomItem(*connections.RoomItem.key(user_id, name), session_id="s") for name in self.open]

    def forget(self, connection_id: str, user_id: str | None) -> None:
        self.forgotten.append(connection_id)

    def post_to_connection(self, ConnectionId: str, Data: bytes) -> None:
        if trouble := self.troubles.get(ConnectionId):
            trouble()
        with self.lock:
            self.received.setdefault(ConnectionId, []).append(Data.decode())


@pytest.fixture
def sockets(monkeypatch: pytest.MonkeyPatch) -> Sockets:
    made = Sockets()
    monkeypatch.setattr(connections, "of_user", made.of_user)
    monkeypatch.setattr(connections, "forget", made.forget)
    monkeypatch.setattr(gateway, "connections_api", lambda: made)
    monkeypatch.setattr(gateway, "FIRST_PAUSE_SECONDS", 0.0)
    return made


def numbered(count: int) -> list[str]:
    return [f'42["e",{{"n":{number}}}]' for number in range(count)]


def test_every_connection_gets_every_event_in_order(sockets: Sockets) -> None:
    sockets.open = ["a", "b", "c"]
    with UserChannel("u") as channel:
        for number in range(200):
            channel.send("e", {"n": number})
        assert channel.flush(PATIENCE)
    assert sockets.received == {name: numbered(200) for name in "abc"}


def test_a_gone_connection_is_forgotten_and_the_others_go_on(sockets: Sockets) -> None:
    def gone() -> None:
        raise refusal("GoneException", 410)

    sockets.open, sockets.troubles = ["a", "b"], {"a": gone}
    with UserChannel("u", refresh_seconds=0.01) as channel:
        for number in range(20):
            channel.send("e", {"n": number})
        assert channel.flush(PATIENCE)
    assert sockets.received == {"b": numbered(20)}
    assert sockets.forgotten == ["a"]


def test_a_stuck_connection_does_not_hold_up_the_others(sockets: Sockets) -> None:
    released = Event()

    def stuck() -> None:
        released.wait(PATIENCE)

    sockets.open, sockets.troubles = ["a", "b"], {"a": stuck}
    with UserChannel("u") as channel:
        for number in range(5):
            channel.send("e", {"n": number})
        assert not channel.flush(0.2)
        assert sockets.received == {"b": numbered(5)}
        released.set()
        assert channel.flush(PATIENCE)
    assert sockets.received["a"] == numbered(5)


def test_throttling_delays_and_loses_nothing(sockets: Sockets) -> None:
    attempts = iter(range(100))

    def throttled() -> None:
        if next(attempts) % 3:
            raise refusal("LimitExceededException", 429)

    sockets.open, sockets.troubles = ["a"], {"a": throttled}
    with UserChannel("u") as channel:
        for number in range(10):
            channel.send("e", {"n": number})
        assert channel.flush(PATIENCE)
    assert sockets.received == {"a": numbered(10)}


def test_pauses_grow_are_jittered_and_bounded() -> None:
    tops = [max(gateway.pause(attempt) for _ in range(200)) for attempt in range(12)]
    assert tops[0] <= gateway.FIRST_PAUSE_SECONDS < tops[3]
    assert gateway.LONGEST_PAUSE_SECONDS * 0.8 < tops[-1] <= gateway.LONGEST_PAUSE_SECONDS
    assert len({gateway.pause(5) for _ in range(10)}) == 10


def test_a_connection_that_opens_meanwhile_joins(sockets: Sockets) -> None:
    sockets.open = ["a"]
    with UserChannel("u", refresh_seconds=0.01) as channel:
        channel.send("e", {"n": 0})
        assert channel.flush(PATIENCE)
        sockets.open = ["a", "b"]
        for _ in range(2):  # the second look-up begins after the first one's connections are in
            sockets.looked_up.clear()
            assert sockets.looked_up.wait(PATIENCE)
        channel.send("e", {"n": 1})
        assert channel.flush(PATIENCE)
    assert sockets.received == {"a": numbered(2), "b": numbered(2)[1:]}


def test_what_is_sent_after_looking_again_reaches_whoever_joined_just_now(sockets: Sockets) -> None:
    sockets.open = ["a"]
    with UserChannel("u", refresh_seconds=60) as channel:
        channel.send("e", {"n": 0})
        assert channel.flush(PATIENCE)
        sockets.open.append("b")
        channel.send("e", {"n": 1})
        channel.look_again()
        channel.send("e", {"n": 2})
        assert channel.flush(PATIENCE)
    assert sockets.received == {"a": numbered(3), "b": numbered(3)[2:]}


def test_a_connection_whose_session_ended_gets_nothing_more(sockets: Sockets) -> None:
    sockets.open = ["a"]
    with UserChannel("u", refresh_seconds=0.01) as channel:
        channel.send("e", {"n": 0})
        assert channel.flush(PATIENCE)
        sockets.open = []
        for _ in range(2):
            sockets.looked_up.clear()
            assert sockets.looked_up.wait(PATIENCE)
        channel.send("e", {"n": 1})
        assert channel.flush(PATIENCE)
    assert sockets.received == {"a": numbered(1)}


def test_nobody_connected_is_no_reason_to_wait(sockets: Sockets) -> None:
    with UserChannel("u") as channel:
        channel.send("e", {"n": 0})
        assert channel.flush(PATIENCE)
    assert sockets.received == {}


def test_a_failed_look_up_is_repeated(sockets: Sockets, monkeypatch: pytest.MonkeyPatch) -> None:
    sockets.open = ["a"]
    failures = iter([EndpointConnectionError(endpoint_url="x")])

    def flaky(user_id: str) -> list[Any]:
        for failure in failures:
            raise failure
        return sockets.of_user(user_id)

    monkeypatch.setattr(connections, "of_user", flaky)
    with UserChannel("u", refresh_seconds=0.01) as channel:
        channel.send("e", {"n": 0})
        assert channel.flush(PATIENCE)
    assert sockets.received == {"a": numbered(1)}


def test_a_connection_that_keeps_failing_is_left_until_the_next_look_up(sockets: Sockets) -> None:
    failing = iter(range(hub.FAILURES_IN_A_ROW))

    def broken() -> None:
        for _ in failing:
            raise refusal("InternalServerError", 500)

    sockets.open, sockets.troubles = ["a"], {"a": broken}
    with UserChannel("u", refresh_seconds=0.01) as channel:
        for number in range(hub.FAILURES_IN_A_ROW):
            channel.send("e", {"n": number})
        assert channel.flush(PATIENCE)
        for _ in range(2):
            sockets.looked_up.clear()
            assert sockets.looked_up.wait(PATIENCE)
        channel.send("e", {"n": 0})
        assert channel.flush(PATIENCE)
    assert sockets.received == {"a": numbered(1)}
    assert sockets.forgotten == []


def test_emit_delivers_before_it_returns(sockets: Sockets) -> None:
    sockets.open = ["a", "b"]
    hub.emit("u", "e", {"n": 0})
    assert sockets.received == {"a": numbered(1), "b": numbered(1)}

"""Connections and presence on real tables; API Gateway is stood in for."""

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import pytest
from botocore.exceptions import ClientError

from shared.clock import now
from shared.identity.tokens import Claims
from shared.realtime import connections, gateway, presence
from shared.realtime.connections import LIFETIME_SECONDS
from shared.realtime.hub import UserChannel
from shared.realtime.presence import UsageItem

pytestmark = pytest.mark.usefixtures("emulator")


def new_id() -> str:
    return uuid.uuid4().hex


@dataclass
class Gateway:
    """Records what is posted to and closed; ids in `gone` answer 410."""

    gone: set[str] = field(default_factory=set)
    posted: list[tuple[str, str]] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def post_to_connection(self, ConnectionId: str, Data: bytes) -> None:
        if ConnectionId in self.gone:
            raise ClientError(
                {"Error": {"Code": "GoneException"}, "ResponseMetadata": {"HTTPStatusCode": 410}},  # type: ignore[typeddict-item]
                "PostToConnection",
            )
        with self.lock:
            self.posted.append((ConnectionId, Data.decode()))

    def delete_connection(self, ConnectionId: str) -> None:
        with self.lock:
            self.closed.append(ConnectionId)


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Gateway:
    made = Gateway()
    monkeypatch.setattr(gateway, "connections_api", lambda: made)
    return made


def join(user_id: str, session_id: str = "s1", *, expires_at: int | None = None) -> str:
    """A connection of the user, as the handshake makes one."""
    connection_id = new_id()
    connections.opened(connection_id, None)
    connection = connections.find(connection_id)
    assert connection is not None
    assert connections.join(connection, Claims(user_id, session_id, expires_at))
    return connection_id


def test_a_connection_is_anonymous_until_it_joins() -> None:
    connection_id, user_id = new_id(), new_id()
    connections.opened(connection_id, None)
    before = connections.find(connection_id)
    assert before is not None
    assert (before.user_id, before.session_id) == (None, None)
    assert connections.join(before, Claims(user_id, "s1", None))
    after = connections.find(connection_id)
    assert after is not None
    assert (after.user_id, after.session_id) == (user_id, "s1")


def test_a_connection_known_by_its_cookie_gets_nothing_before_it_joins() -> None:
    connection_id, user_id = new_id(), new_id()
    connections.opened(connection_id, Claims(user_id, "s1", None))
    assert connections.of_user(user_id) == []


def test_connections_end_with_api_gateways_two_hours_or_with_the_session() -> None:
    user_id = new_id()
    join(user_id, "long")
    soon = now() + 600
    join(user_id, "short", expires_at=soon)
    ends = {item.session_id: int(item.expires_at or 0) for item in connections.of_user(user_id)}
    assert abs(ends["long"] - now() - LIFETIME_SECONDS) < 60
    assert ends["short"] == soon


def test_a_connection_past_its_time_counts_as_absent() -> None:
    user_id = new_id()
    connection_id = join(user_id, expires_at=now() - 1)
    assert connections.find(connection_id) is None
    assert connections.of_user(user_id) == []
    assert not presence.is_active(user_id)
    assert user_id not in presence.active_user_ids()


def test_a_connection_that_ended_meanwhile_does_not_join() -> None:
    connection_id, user_id = new_id(), new_id()
    connections.opened(connection_id, None)
    connection = connections.find(connection_id)
    assert connection is not None
    connections.forget(connection_id, None)
    assert not connections.join(connection, Claims(user_id, "s1", None))
    assert connections.of_user(user_id) == []


def test_signing_in_as_somebody_else_leaves_the_first_persons_room() -> None:
    first, second = new_id(), new_id()
    connection_id = join(first)
    connection = connections.find(connection_id)
    assert connection is not None
    assert connections.join(connection, Claims(second, "s2", None))
    assert connections.of_user(first) == []
    assert [item.connection_id for item in connections.of_user(second)] == [connection_id]


def test_presence_follows_the_connections() -> None:
    here, away = new_id(), new_id()
    tabs = [join(here), join(here)]
    assert presence.is_active(here)
    assert not presence.is_active(away)
    active = presence.active_user_ids()
    assert active.count(here) == 1
    connections.forget(tabs[0], here)
    assert presence.is_active(here)
    connections.forget(tabs[1], here)
    assert not presence.is_active(here)
    assert here not in presence.active_user_ids()


def test_models_are_in_use_for_some_seconds() -> None:
    fresh, stale = f"m-{new_id()}", f"m-{new_id()}"
    presence.note_usage(fresh)
    item = UsageItem("USAGE", f"MODEL#{stale}")
    item.expires_at = now() - 1
    item.save()
    in_use = presence.models_in_use()
    assert fresh in in_use
    assert stale not in in_use


def test_an_anonymous_connection_is_closed_and_a_signed_in_one_is_not(api: Gateway) -> None:
    anonymous, user_id = new_id(), new_id()
    connections.opened(anonymous, None)
    signed_in = join(user_id)
    assert connections.close_if_anonymous(anonymous)
    assert not connections.close_if_anonymous(signed_in)
    assert not connections.close_if_anonymous(new_id())
    assert api.closed == [anonymous]
    assert connections.find(anonymous) is None


def test_ending_one_session_ends_its_sockets_only(api: Gateway) -> None:
    user_id = new_id()
    ended, kept = [join(user_id, "s1"), join(user_id, "s1")], join(user_id, "s2")
    assert connections.disconnect_user(user_id, session_id="s1") == 2
    assert sorted(api.closed) == sorted(ended)
    assert sorted(api.posted) == sorted((connection_id, "41") for connection_id in ended)
    assert [item.connection_id for item in connections.of_user(user_id)] == [kept]
    assert connections.find(ended[0]) is None


def test_ending_the_other_sessions_keeps_this_one(api: Gateway) -> None:
    user_id = new_id()
    ended, kept = join(user_id, "s1"), join(user_id, "s2")
    assert connections.disconnect_user(user_id, keep_session="s2") == 1
    assert api.closed == [ended]
    assert connections.disconnect_user(user_id) == 1
    assert api.closed == [ended, kept]
    assert connections.disconnect_user(user_id) == 0


def test_more_connections_than_a_batch_holds_are_all_ended(api: Gateway) -> None:
    user_id = new_id()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: join(user_id), range(30)))
    assert connections.disconnect_user(user_id) == 30
    assert connections.of_user(user_id) == []


def test_a_gone_connection_leaves_no_items(api: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    user_id, forgotten = new_id(), threading.Event()
    forget = connections.forget

    def forget_and_tell(connection_id: str, owner: str | None) -> None:
        forget(connection_id, owner)
        forgotten.set()

    monkeypatch.setattr(connections, "forget", forget_and_tell)
    gone, alive = join(user_id), join(user_id)
    api.gone.add(gone)
    with UserChannel(user_id) as channel:
        channel.send("e", {"n": 1})
        assert channel.flush(10)
    assert api.posted == [(alive, '42["e",{"n":1}]')]
    assert forgotten.wait(10)
    assert connections.find(gone) is None
    assert [item.connection_id for item in connections.of_user(user_id)] == [alive]

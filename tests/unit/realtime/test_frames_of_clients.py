"""What the function answers to frames, with the table and API Gateway stood in for."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from functions.realtime import handler as entry
from functions.realtime import service
from shared.errors import Unauthorized
from shared.identity.models import UserItem
from shared.identity.sessions import Identity
from shared.identity.tokens import Claims
from shared.realtime.connections import Connection

CONNECTION = "c1="


@dataclass
class World:
    """Connections, sessions and what the function did about them."""

    connection: Connection | None = field(default_factory=lambda: Connection(CONNECTION, None, None, 2**31))
    sessions: set[tuple[str, str]] = field(default_factory=lambda: {("u1", "s1"), ("u2", "s2")})
    rooms: list[str] = field(default_factory=list)
    closed: list[bool] = field(default_factory=list)
    usage: list[str] = field(default_factory=list)
    end_sessions_while_joining: bool = False

    def find(self, connection_id: str) -> Connection | None:
        return self.connection

    def forget(self, connection_id: str, user_id: str | None) -> None:
        self.connection = None
        self.rooms = [room for room in self.rooms if room != user_id]

    def join(self, connection: Connection, claims: Claims) -> bool:
        self.rooms.append(claims.user_id)
        self.connection = Connection(CONNECTION, claims.user_id, claims.session_id, 2**31)
        if self.end_sessions_while_joining:
            self.sessions.clear()
        return True

    def close(self, connection_id: str, *, told: bool = False) -> None:
        self.closed.append(told)

    def authenticate(self, token: str) -> Identity:
        user_id, _, session_id = token.partition(".")
        user = self.session_user(user_id, session_id)
        if user is None:
            raise Unauthorized("The session has ended.")
        return Identity(user, session_id, token, None)

    def session_user(self, user_id: str, session_id: str) -> UserItem | None:
        if (user_id, session_id) not in self.sessions:
            return None
        return UserItem(*UserItem.key(user_id), user_id=user_id, name=f"Name of {user_id}")


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    made = World()
    monkeypatch.setattr(service.connections, "find", made.find)
    monkeypatch.setattr(service.connections, "forget", made.forget)
    monkeypatch.setattr(service.connections, "join", made.join)
    monkeypatch.setattr(service.gateway, "close", made.close)
    monkeypatch.setattr(service.presence, "note_usage", made.usage.append)
    monkeypatch.setattr(service, "authenticate", made.authenticate)
    monkeypatch.setattr(service, "session_user", made.session_user)
    return made


def send(text: str, *, binary: bool = False) -> str | None:
    request = {"eventType": "MESSAGE", "connectionId": CONNECTION, "requestId": "r"}
    response = entry.handler({"requestContext": request, "body": text, "isBase64Encoded": binary}, None)
    assert response["statusCode"] == 200
    body = response.get("body")
    assert body is None or isinstance(body, str)
    return body


def signed_in(world: World) -> None:
    assert send('40{"token":"u1.s1"}') == '40{"sid":"c1="}'
    assert world.rooms == ["u1"]


def test_a_token_in_the_connect_packet_joins_the_persons_room(world: World) -> None:
    signed_in(world)


@pytest.mark.parametrize("packet", ["40", "40{}", '40{"token":"u1.ended"}', '40{"token":5}', '40["x"]'])
def test_without_a_valid_token_a_connection_is_anonymous(world: World, packet: str) -> None:
    assert send(packet) == '40{"sid":"c1="}'
    assert world.rooms == []


def test_the_cookies_session_joins_on_the_connect_packet(world: World) -> None:
    world.connection = Connection(CONNECTION, "u2", "s2", 2**31)
    assert send("40{}") == '40{"sid":"c1="}'
    assert world.rooms == ["u2"]


def test_an_api_key_opens_no_socket(world: World) -> None:
    world.sessions.add(("sk-key", ""))
    assert send('40{"token":"sk-key."}') == '40{"sid":"c1="}'
    assert world.rooms == []


def test_signing_in_on_an_open_socket_joins_and_tells_who(world: World) -> None:
    send("40{}")
    assert send('420["user-join",{"auth":{"token":"u1.s1"}}]') == '430[{"id":"u1","name":"Name of u1"}]'
    assert world.rooms == ["u1"]
    assert send('42["user-join",{"auth":{"token":"u2.s2"}}]') == "6"
    assert world.rooms == ["u1", "u2"]


@pytest.mark.parametrize("data", ["", ",null", ",{}", ',{"auth":null}', ',{"auth":{"token":"u1.ended"}}', ",[1]"])
def test_a_join_without_a_valid_token_is_acknowledged_and_does_nothing(world: World, data: str) -> None:
    assert send(f'423["user-join"{data}]') == "433[]"
    assert world.rooms == []


def test_a_session_that_ends_while_its_socket_joins_ends_the_socket(world: World) -> None:
    world.end_sessions_while_joining = True
    assert send('40{"token":"u1.s1"}') is None
    assert (world.rooms, world.closed) == ([], [True])


def test_a_frame_of_an_ended_session_ends_the_socket(world: World) -> None:
    signed_in(world)
    world.sessions.clear()
    assert send('421["heartbeat"]') is None
    assert (world.rooms, world.closed) == ([], [True])


def test_a_connection_past_its_time_is_closed_so_that_the_client_connects_again(world: World) -> None:
    world.connection = None
    assert send('421["heartbeat"]') is None
    assert world.closed == [False]


@pytest.mark.parametrize(
    "event",
    [
        '"heartbeat"',
        '"join-channels",{"auth":{"token":"t"}}',
        '"events:channel",{"channel_id":"c","data":{"type":"typing"}}',
        '"join-note",{"note_id":"n"}',
        '"ydoc:document:join",{"document_id":"note:1"}',
        '"ydoc:document:state",{}',
        '"ydoc:document:update",{"update":[1,2]}',
        '"ydoc:document:leave",null',
        '"ydoc:awareness:update",7',
        '"something else"',
        "5",
    ],
)
def test_events_with_nothing_to_do_are_acknowledged(world: World, event: str) -> None:
    signed_in(world)
    assert send(f"427[{event}]") == "437[]"
    assert send(f"42[{event}]") == "6"


def test_using_a_model_is_noted_for_people_who_are_signed_in(world: World) -> None:
    send('42["usage",{"model":"m0"}]')
    signed_in(world)
    for data in ('{"model":"m1"}', '{"model":""}', '{"model":7}', "{}", '{"model":"' + "x" * 600 + '"}'):
        assert send(f'42["usage",{data}]') == "6"
    assert world.usage == ["m1"]


@pytest.mark.parametrize(("text", "answer"), [("2", "3"), ("2probe", "3probe"), ("3", "6"), ("5", "6"), ("6", "6")])
def test_transport_packets_are_answered(world: World, text: str, answer: str) -> None:
    assert send(text) == answer


def test_acknowledgements_of_clients_are_taken(world: World) -> None:
    assert send('431[{"stdout":""}]') == "6"


@pytest.mark.parametrize("text", ["", "hello", "42{}", "42[]", "44", '42/admin,["a"]', '451-["a"]', "{}"])
def test_what_is_no_packet_closes_the_connection_for_good(world: World, text: str) -> None:
    signed_in(world)
    assert send(text) is None
    assert (world.closed, world.rooms) == ([True], [])


def test_binary_closes_the_connection(world: World) -> None:
    assert send("NDA=", binary=True) is None
    assert world.closed == [True]


@pytest.mark.parametrize("text", ["41", "1"])
def test_a_client_that_leaves_is_forgotten(world: World, text: str) -> None:
    signed_in(world)
    assert send(text) is None
    assert (world.closed, world.rooms) == ([False], [])


def test_another_namespace_is_refused(world: World) -> None:
    assert send("40/admin,{}") == '44/admin,{"message":"Invalid namespace"}'


def test_no_exception_text_reaches_the_client(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(connection_id: str) -> Any:
        raise RuntimeError("table on fire")

    monkeypatch.setattr(service.connections, "find", broken)
    assert send('421["heartbeat"]') == "6"
    assert "table on fire" in caplog.text


def test_tokens_are_never_logged(world: World, caplog: pytest.LogCaptureFixture) -> None:
    send('40{"token":"u1.s1"}')
    send('42["user-join",{"auth":{"token":"u2.s2"}}]')
    send('42["user-join",{"auth":{"token":"u2.s2"}}')
    logged = " ".join(str(vars(record)) for record in caplog.records)
    assert CONNECTION in logged
    assert "u1.s1" not in logged
    assert "u2.s2" not in logged

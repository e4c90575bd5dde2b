"""The stock socket.io-client on the deployed stack, through the edge."""

import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from shared.realtime import connections, presence
from shared.realtime.frames import FRAME_LIMIT, utf16_length
from shared.realtime.hub import UserChannel
from shared.storage import aws
from tests.support.emulator import forget_settings
from tests.support.socket_client import SocketClient
from tests.support.stack import Stack


@dataclass(frozen=True)
class Person:
    """Somebody who signed up here."""

    id: str
    name: str
    token: str
    email: str
    password: str


@dataclass(frozen=True)
class Site:
    """The running stack as these tests use it: its URL, and the push side as another function would run it."""

    url: str
    management_url: str

    def sign_up(self) -> Person:
        name, password = f"Person {uuid.uuid4().hex[:8]}", uuid.uuid4().hex
        email = f"{uuid.uuid4().hex}@example.com"
        body = {"name": name, "email": email, "password": password}
        answer = httpx.post(f"{self.url}/api/v1/auths/signup", json=body, timeout=60)
        assert answer.status_code == 200, answer.text
        return Person(answer.json()["id"], name, answer.json()["token"], email, password)

    def sign_in(self, person: Person) -> str:
        body = {"email": person.email, "password": person.password}
        answer = httpx.post(f"{self.url}/api/v1/auths/signin", json=body, timeout=60)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["token"])

    def push(self, person: Person, *bodies: Any) -> None:
        with UserChannel(person.id) as channel:
            for body in bodies:
                channel.send("events", body)
            assert channel.flush(30)


@pytest.fixture(scope="module")
def site(cirrus: Stack) -> Iterator[Site]:
    endpoints = cirrus.endpoints
    management = f"{endpoints.emulator_url}/_aws/execute-api/{endpoints.socket_api_id}/{endpoints.socket_stage}"
    with pytest.MonkeyPatch.context() as environment:
        for name, value in {
            "REALTIME_TABLE": endpoints.tables["realtime"],
            "WEBSOCKET_ENDPOINT": management,
            "AWS_ENDPOINT_URL": endpoints.emulator_url,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
        }.items():
            environment.setenv(name, value)
        forget_settings()
        yield Site(cirrus.url, management)
    forget_settings()


@pytest.fixture
def person(site: Site) -> Person:
    return site.sign_up()


def numbered(count: int) -> list[dict[str, int]]:
    return [{"n": number} for number in range(count)]


def test_a_client_that_signed_in_before_connecting_gets_its_events(site: Site, person: Person) -> None:
    with SocketClient(site.url, token=person.token) as client:
        client.connected()
        site.push(person, {"n": 0})
        assert client.wait_for_events(1) == numbered(1)


def test_a_browser_is_known_by_its_cookie(site: Site, person: Person) -> None:
    headers = {"Cookie": f"token={person.token}", "Origin": site.url}
    with SocketClient(site.url, headers=headers) as client:
        client.connected()
        site.push(person, {"n": 0})
        assert client.wait_for_events(1) == numbered(1)


def test_the_cookie_counts_for_nothing_on_another_sites_page(site: Site, person: Person) -> None:
    headers = {"Cookie": f"token={person.token}", "Origin": "https://elsewhere.example"}
    with SocketClient(site.url, headers=headers) as client:
        client.connected()
        assert connections.of_user(person.id) == []


def test_a_client_may_sign_in_after_connecting(site: Site, person: Person) -> None:
    with SocketClient(site.url) as client:
        client.connected()
        assert client.call("user-join", {"auth": {"token": person.token}}) == [{"id": person.id, "name": person.name}]
        site.push(person, {"n": 0})
        assert client.wait_for_events(1) == numbered(1)


def test_a_client_comes_back_after_its_connection_dropped(site: Site, person: Person) -> None:
    with SocketClient(site.url, token=person.token) as client:
        first = client.connected()
        site.push(person, {"n": 0})
        client.wait_for_events(1)
        client.tell("drop")
        assert client.connected(count=2) != first
        site.push(person, {"n": 1})
        assert client.wait_for_events(2) == numbered(2)


def test_anonymous_clients_get_nothing_and_are_closed(site: Site, person: Person) -> None:
    with SocketClient(site.url) as anonymous, SocketClient(site.url, token=person.token) as client:
        client.connected()
        connection_id = anonymous.connected()
        site.push(person, {"n": 0})
        client.wait_for_events(1)
        anonymous.call("heartbeat")
        assert anonymous.events() == []
        waiting = aws.sqs().get_queue_attributes(
            QueueUrl=aws.sqs().get_queue_url(QueueName="cirrus-local-timers")["QueueUrl"],
            AttributeNames=["ApproximateNumberOfMessagesDelayed"],
        )["Attributes"]
        assert int(waiting["ApproximateNumberOfMessagesDelayed"]) >= 1
        assert connections.close_if_anonymous(connection_id)
        assert anonymous.wait_for("disconnect")["reason"] == "io server disconnect"
        assert not connections.close_if_anonymous(client.connected())


def test_signing_out_ends_the_sessions_sockets_within_the_request(site: Site, person: Person) -> None:
    other = site.sign_in(person)
    with SocketClient(site.url, token=person.token) as ended, SocketClient(site.url, token=other) as kept:
        ended.connected()
        stays = kept.connected()
        answer = httpx.get(
            f"{site.url}/api/v1/auths/signout", headers={"Authorization": f"Bearer {person.token}"}, timeout=60
        )
        assert answer.status_code == 200, answer.text
        assert [item.connection_id for item in connections.of_user(person.id)] == [stays]
        assert ended.wait_for("disconnect")["reason"] == "io server disconnect"
        site.push(person, {"n": 0})
        assert kept.wait_for_events(1) == numbered(1)
        assert ended.events() == []
        ended.tell("connect")
        ended.connected(count=2)
        assert [item.connection_id for item in connections.of_user(person.id)] == [stays]


def test_every_tab_gets_every_event_in_order(site: Site, person: Person) -> None:
    with (
        SocketClient(site.url, token=person.token) as first,
        SocketClient(site.url, token=person.token) as second,
        SocketClient(site.url, token=person.token) as third,
    ):
        tabs = (first, second, third)
        for tab in tabs:
            tab.connected()
        site.push(person, *numbered(200))
        for tab in tabs:
            assert tab.wait_for_events(200) == numbered(200)


def test_long_texts_arrive_whole_in_frames_within_the_limit(site: Site, person: Person) -> None:
    text = "Grüße 🙂 " * 8000
    body = {"type": "chat:completion", "data": {"choices": [{"delta": {"content": text}}], "seq": 0, "offset": 0}}
    end = {"type": "chat:completion", "data": {"done": True, "content": text, "seq": 1, "offset": utf16_length(text)}}
    with SocketClient(site.url, token=person.token) as client:
        client.connected()
        site.push(person, {"chat_id": "c", "data": body}, {"chat_id": "c", "data": end}, {"n": 0})
        expected = len(text.encode()) // FRAME_LIMIT + 3
        events = client.wait_for_events(expected)
        while events[-1] != {"n": 0}:
            events = client.wait_for_events(len(events) + 1)
        deltas = [event["data"]["data"] for event in events[:-2]]
        assert "".join(delta["choices"][0]["delta"]["content"] for delta in deltas) == text
        assert events[-2]["data"]["data"] == {"done": True, "seq": 1, "offset": utf16_length(text)}
        assert max(len(frame.encode()) for frame in client.frames()) <= FRAME_LIMIT


def test_presence_and_models_in_use_follow_the_sockets(site: Site, person: Person) -> None:
    model = f"model-{uuid.uuid4().hex}"
    with SocketClient(site.url, token=person.token) as client:
        client.connected()
        client.call("usage", {"action": "chat", "model": model, "chat_id": "c"})
        assert model in presence.models_in_use()
        assert person.id in presence.active_user_ids()
        client.tell("drop")
        client.connected(count=2)
        assert presence.is_active(person.id)


def test_every_event_of_the_contract_is_acknowledged(site: Site, person: Person) -> None:
    with SocketClient(site.url, token=person.token) as client:
        client.connected()
        for event in ("heartbeat", "join-channels", "events:channel", "join-note", "ydoc:document:join"):
            assert client.call(event, {}) == [None]


def test_binary_and_broken_frames_close_the_connection(site: Site, person: Person) -> None:
    with SocketClient(site.url, token=person.token) as binary, SocketClient(site.url, token=person.token) as broken:
        binary.connected()
        binary.tell("binary", event="usage")
        binary.wait_for("disconnect")
        broken.connected()
        broken.tell("raw", frame='42["usage",')
        assert broken.wait_for("disconnect")["reason"] == "io server disconnect"


def test_polling_is_told_that_websocket_is_spoken_here(site: Site) -> None:
    answer = httpx.get(f"{site.url}/ws/socket.io/?EIO=4&transport=polling")
    assert answer.status_code == 400
    assert "WebSocket" in answer.json()["detail"]


def test_the_socket_cannot_be_reached_past_the_front_door(site: Site) -> None:
    answer = httpx.get(
        f"{site.management_url}?EIO=4&transport=websocket",
        headers={
            "Connection": "Upgrade",
            "Upgrade": "websocket",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        },
        timeout=30,
    )
    assert answer.status_code == 403


def test_frames_show_nothing_of_the_server(site: Site, person: Person) -> None:
    with SocketClient(site.url, token=person.token) as client:
        connection_id = client.connected()
        client.call("heartbeat")
        opening, connected, *_ = client.frames()
        assert json.loads(opening[1:])["sid"] == connection_id
        assert connected == f'40{{"sid":"{connection_id}"}}'

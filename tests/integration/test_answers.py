"""Answers on the deployed stack, with IAM, through the edge, seen by the stock socket.io-client."""

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.integration.answers_site import Person, Site, connected
from tests.support.model_server import Behaviour
from tests.support.socket_client import SocketClient
from tests.support.stack import Stack
from tests.support.waiting import until

pytestmark = pytest.mark.timeout(180)


@pytest.fixture(scope="module")
def whole_site(cirrus: Stack) -> Iterator[Site]:
    with connected(cirrus) as site:
        yield site


@pytest.fixture
def site(whole_site: Site) -> Site:
    whole_site.server.reset()
    return whole_site


@pytest.fixture
def person(site: Site) -> Person:
    return site.person()


class Screen:
    """What a client shows: each delta put at its offset."""

    def __init__(self, socket: SocketClient, message_id: str, text: str = "") -> None:
        self.socket, self.message_id, self.start = socket, message_id, text

    @property
    def events(self) -> list[Any]:
        return [event["data"] for event in self.socket.events() if event["message_id"] == self.message_id]

    @property
    def completions(self) -> list[Any]:
        return [event["data"] for event in self.events if event["type"] == "chat:completion"]

    @property
    def text(self) -> str:
        text = self.start
        for data in self.completions:
            if "content" in (delta := (data.get("choices") or [{}])[0].get("delta", {})):
                assert data["offset"] <= len(text), "a gap"
                text = text[: data["offset"]] + delta["content"]
        return text

    @property
    def ended(self) -> bool:
        return any(data.get("done") for data in self.completions) or self.has("chat:tasks:cancel")

    def has(self, kind: str) -> bool:
        return any(event["type"] == kind for event in self.events)

    def wait_for_end(self, seconds: float = 30) -> None:
        until(lambda: self.ended, seconds, f"the answer ends; so far {self.events[-3:]}")


def stored(person: Person, chat_id: str, message_id: str) -> dict[str, Any]:
    answer = person.http.get(f"/api/v1/chats/{chat_id}/messages/{message_id}")
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert isinstance(found, dict)
    return found


def test_an_answer_streams_over_the_socket_and_is_stored(site: Site, person: Person) -> None:
    site.server.default = Behaviour(tokens=[f"word{number} " for number in range(100)], tokens_per_second=50)
    chat_id, message_id = site.new_chat(person)
    with SocketClient(site.url, token=person.token) as socket:
        socket.connected()
        screen = Screen(socket, message_id)
        site.ask(person, chat_id, message_id)
        screen.wait_for_end()
        whole = "".join(f"word{number} " for number in range(100))
        assert screen.text == whole
        assert len(screen.completions) > 10
    message = stored(person, chat_id, message_id)
    assert (message["content"], message["done"]) == (whole, True)
    assert message["usage"]["completion_tokens"] == 100


def test_a_second_browser_joins_in_mid_answer_and_misses_nothing(site: Site, person: Person) -> None:
    site.server.default = Behaviour(tokens=[f"{number} " for number in range(300)], tokens_per_second=10)
    chat_id, message_id = site.new_chat(person)
    with SocketClient(site.url, token=person.token) as first:
        first.connected()
        site.ask(person, chat_id, message_id)
        until(lambda: len(Screen(first, message_id).text) > 100, 60, "some text is there")
    with SocketClient(site.url, token=person.token) as second:
        second.connected()
        until(
            lambda: Screen(second, message_id, " " * 10**6).completions != [], 60, "a delta comes to the second browser"
        )
        first_offset = Screen(second, message_id).completions[0]["offset"]
        # The log is at most half a second behind the socket: a client reads again until its first delta joins on.
        until(lambda: stored(person, chat_id, message_id)["length"] >= first_offset, 60, "what is stored joins on")
        message = stored(person, chat_id, message_id)
        assert message["running"]
        site.server.hurry()
        screen = Screen(second, message_id, message["content"])
        screen.wait_for_end()
        assert screen.text == "".join(f"{number} " for number in range(300))


def test_stop_ends_the_answer_and_keeps_its_text(site: Site, person: Person) -> None:
    site.server.default = Behaviour(tokens=["word "] * 2000, tokens_per_second=40)
    chat_id, message_id = site.new_chat(person)
    with SocketClient(site.url, token=person.token) as socket:
        socket.connected()
        screen = Screen(socket, message_id)
        task_id = site.ask(person, chat_id, message_id)
        until(lambda: len(screen.text) > 50, 60, "some text is there")
        assert person.http.get(f"/api/tasks/chat/{chat_id}").json() == {"task_ids": [task_id]}
        assert person.http.post(f"/api/tasks/stop/{task_id}").status_code == 200
        screen.wait_for_end()
        assert screen.has("chat:tasks:cancel")
        message = stored(person, chat_id, message_id)
        assert message["content"] == screen.text
        assert not message["running"]
    assert site.server.closed_early.wait(5)


def test_a_model_that_breaks_off_at_token_fifty_leaves_text_and_words(site: Site, person: Person) -> None:
    site.server.default = Behaviour(tokens=["x"] * 100, drop_at=50)
    chat_id, message_id = site.new_chat(person)
    with SocketClient(site.url, token=person.token) as socket:
        socket.connected()
        screen = Screen(socket, message_id)
        site.ask(person, chat_id, message_id)
        screen.wait_for_end()
        assert screen.has("chat:message:error")
    message = stored(person, chat_id, message_id)
    assert message["content"] == "x" * 50
    assert "broke off" in message["error"]["content"]


def test_a_long_prompt_goes_by_the_bucket(site: Site, person: Person) -> None:
    chat_id, message_id = site.new_chat(person)
    prompt = "long " * 60_000
    site.ask(person, chat_id, message_id, messages=[{"role": "user", "content": prompt}])
    until(lambda: stored(person, chat_id, message_id).get("done") is True, 30, "the answer is stored")
    assert site.server.completions()[0].body["messages"] == [{"role": "user", "content": prompt}]


def test_the_first_answer_names_the_chat(site: Site, person: Person) -> None:
    site.server.default = Behaviour(tokens=['{"title": "Naming things"}'])
    chat_id, message_id = site.new_chat(person)
    with SocketClient(site.url, token=person.token) as socket:
        socket.connected()
        screen = Screen(socket, message_id)
        site.ask(person, chat_id, message_id, background_tasks={"title_generation": True})
        until(lambda: screen.has("chat:title"), 60, "the title comes")
    assert person.http.get(f"/api/v1/chats/{chat_id}").json()["title"] == "Naming things"


def test_a_worker_killed_in_mid_answer_is_noticed_and_told(site: Site, person: Person) -> None:
    site.server.default = Behaviour(tokens=[f"{number} " for number in range(5000)], tokens_per_second=20)
    chat_id, message_id = site.new_chat(person)
    with SocketClient(site.url, token=person.token) as socket:
        socket.connected()
        screen = Screen(socket, message_id)
        site.ask(person, chat_id, message_id)
        until(lambda: stored(person, chat_id, message_id)["content"].startswith("0 1 2 3 "), 30, "some text is kept")
        for pid in workers("cirrus-local-generate", site.server.url):
            os.kill(pid, signal.SIGKILL)
        screen.wait_for_end(75)
        assert screen.has("chat:message:error")
    message = stored(person, chat_id, message_id)
    assert message["content"].startswith("0 1 2 3 ")
    assert "server stopped" in message["error"]["content"]
    assert not message["running"]


def workers(function: str, server: str) -> list[int]:
    """The processes that run a function and have a connection to a server on this machine: proc(5), net/tcp and fd."""
    port = f":{urlsplit(server).port:04X}"
    sockets = set()
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        if fields[2].endswith(port):
            sockets.add(f"socket:[{fields[9]}]")
    wanted, found = f"AWS_LAMBDA_FUNCTION_NAME={function}".encode(), []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            runs_it = wanted in (folder / "environ").read_bytes().split(b"\0")
            if runs_it and any(str(file.readlink()) in sockets for file in (folder / "fd").iterdir()):
                found.append(int(folder.name))
        except OSError:
            continue
    return found


def test_server_sent_events_arrive_as_they_are_made(site: Site, person: Person) -> None:
    site.server.default = Behaviour(tokens=["a", "b", "c", "d"], tokens_per_second=4)
    body = {"model": site.model, "messages": [{"role": "user", "content": "Hi"}], "stream": True}
    with person.http.stream("POST", "/api/chat/completions", json=body) as answer:
        pieces = [piece for piece in answer.iter_text() if piece]
    chunks = [json.loads(line[6:]) for line in "".join(pieces).split("\n\n") if line.startswith("data: {")]
    assert "".join(chunk["choices"][0]["delta"].get("content", "") for chunk in chunks) == "abcd"
    assert len(pieces) >= 4

"""A connection that breaks in mid-answer, on the deployed stack with the stock socket.io-client."""

from typing import Any

import pytest

from tests.integration.answers_site import connected
from tests.support.model_server import Behaviour
from tests.support.socket_client import SocketClient
from tests.support.stack import Stack
from tests.support.waiting import until

TOKENS = [f"{number} " for number in range(300)]


def deltas(events: list[Any]) -> list[Any]:
    bodies = [event["data"]["data"] for event in events if event["data"]["type"] == "chat:completion"]
    return [body for body in bodies if body.get("choices")]


def ended(events: list[Any]) -> bool:
    return any(event["data"]["data"].get("done") for event in events if event["data"]["type"] == "chat:completion")


@pytest.mark.timeout(120)
def test_a_socket_that_drops_in_mid_answer_comes_back_to_the_rest(cirrus: Stack) -> None:
    with connected(cirrus) as site:
        site.server.default = Behaviour(tokens=TOKENS, tokens_per_second=10)
        person = site.person()
        chat_id, message_id = site.new_chat(person)
        with SocketClient(site.url, token=person.token) as client:
            client.connected()
            site.ask(person, chat_id, message_id)
            until(lambda: len(deltas(client.events())) > 3, 60, "some text is there")
            client.tell("drop")
            client.wait_for("disconnect")
            before = len(client.events())
            client.connected(count=2)
            until(lambda: deltas(client.events()[before:]) != [], 60, "deltas come again")
            site.server.hurry()
            # The log is up to half a second behind the socket: whoever cannot join on yet reads once more.
            joins = deltas(client.events()[before:])[0]["offset"]
            texts: list[str] = []

            def read() -> bool:
                message = person.http.get(f"/api/v1/chats/{chat_id}/messages/{message_id}").json()
                texts.append(message["content"])
                return len(texts[-1]) >= joins

            until(read, 60, "the log reaches the first delta")
            until(lambda: ended(client.events()[before:]), 30, "the answer ends")
            text = texts[-1]
            for delta in deltas(client.events()[before:]):
                assert delta["offset"] <= len(text), "a gap"
                text = text[: delta["offset"]] + delta["choices"][0]["delta"]["content"]
        assert text == "".join(TOKENS)

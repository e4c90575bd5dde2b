"""Calls of tools, streamed in pieces."""

from typing import Any

from functions.generate.delivery import Delivery
from functions.generate.tool_calls import ToolCalls

PIECES: list[dict[str, Any]] = [
    {"index": 0, "id": "call_1", "type": "function", "function": {"name": "weather", "arguments": ""}},
    {"index": 0, "function": {"arguments": '{"city": '}},
    {"index": 1, "id": "call_2", "type": "function", "function": {"name": "time", "arguments": "{}"}},
    {"index": 0, "function": {"arguments": '"Paris"}'}},
]
WHOLE = [
    {"id": "call_1", "type": "function", "function": {"name": "weather", "arguments": '{"city": "Paris"}'}},
    {"id": "call_2", "type": "function", "function": {"name": "time", "arguments": "{}"}},
]


def test_calls_are_put_together_by_their_index() -> None:
    calls = ToolCalls()
    for piece in PIECES:
        calls.add([piece])
    assert calls.calls == WHOLE


def test_what_is_sent_adds_up_to_the_calls() -> None:
    calls, client = ToolCalls(), ToolCalls()
    for piece in PIECES:
        calls.add([piece])
        client.add(calls.take())
        assert not calls.pending
    assert client.calls == WHOLE


async def test_they_go_out_as_deltas_between_the_texts() -> None:
    sent: list[Any] = []
    delivery = Delivery(sent.append)
    delivery.add("Let me see.")
    delivery.add(tool_calls=PIECES)
    delivery.push()
    [text, call] = sent
    assert text["choices"][0]["delta"] == {"content": "Let me see."}
    assert (call["seq"], call["offset"]) == (1, len("Let me see."))
    assert [piece["function"]["name"] for piece in call["choices"][0]["delta"]["tool_calls"]] == ["weather", "time"]

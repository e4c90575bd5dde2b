"""When deltas are sent, and that each joins on to the one before."""

import asyncio
from typing import Any

import pytest

from functions.generate import delivery as module
from functions.generate.delivery import Delivery


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(module, "time", clock)
    return clock


@pytest.fixture
def sent() -> list[Any]:
    return []


async def test_the_first_piece_goes_at_once_and_the_next_ones_together(clock: Clock, sent: list[Any]) -> None:
    delivery = Delivery(sent.append)
    delivery.add("a")
    assert sent == [{"choices": [{"delta": {"content": "a"}}], "seq": 0, "offset": 0}]
    clock.now += 0.02
    delivery.add("b")
    assert len(sent) == 1
    clock.now += 0.03
    delivery.add("c")
    assert sent[1] == {"choices": [{"delta": {"content": "bc"}}], "seq": 1, "offset": 1}


async def test_after_the_first_second_the_pause_is_longer(clock: Clock, sent: list[Any]) -> None:
    delivery = Delivery(sent.append)
    delivery.add("a")
    clock.now += 1.5
    delivery.add("b")
    clock.now += 0.1
    delivery.add("c")
    assert len(sent) == 2
    clock.now += 0.06
    delivery.add("d")
    assert sent[2]["choices"][0]["delta"]["content"] == "cd"


async def test_much_text_does_not_wait(clock: Clock, sent: list[Any]) -> None:
    delivery = Delivery(sent.append)
    delivery.add("a")
    delivery.add("b" * module.FULL_CHARACTERS)
    assert len(sent) == 2


async def test_what_waits_is_sent_though_nothing_follows(sent: list[Any]) -> None:
    arrived = asyncio.Event()

    def send(data: Any) -> None:
        sent.append(data)
        if len(sent) == 2:
            arrived.set()

    delivery = Delivery(send)
    delivery.add("a")
    delivery.add("b")
    await asyncio.wait_for(arrived.wait(), 5)


async def test_offsets_count_as_browsers_do(clock: Clock, sent: list[Any]) -> None:
    delivery = Delivery(sent.append, content="👋", reasoning="é")
    delivery.add("𝕏y", "r")
    delivery.push()
    delivery.add("z")
    delivery.push()
    reasoning, first, second = sent
    assert (reasoning["offset"], reasoning["choices"][0]["delta"]) == (1, {"reasoning_content": "r"})
    assert (first["offset"], second["offset"]) == (2, 5)
    assert str(delivery.content) == "👋𝕏yz"


async def test_the_log_gets_exactly_what_was_sent(clock: Clock, sent: list[Any]) -> None:
    delivery = Delivery(sent.append)
    assert delivery.take_log() is None
    delivery.add("a", "r")
    delivery.add("b")
    assert delivery.take_log() == module.Flush(1, "a", "r")
    assert delivery.take_log() is None
    delivery.push()
    assert delivery.take_log() == module.Flush(2, "b", "")

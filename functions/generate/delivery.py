"""From a model's pieces to a person's screen: coalesced deltas, each joining on to the one before by its offset."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from functions.generate.tool_calls import ToolCalls
from shared.llm.provider import Json
from shared.realtime.frames import utf16_length

FIRST_PERIOD_SECONDS = 1.0
FIRST_INTERVAL_SECONDS = 0.05
INTERVAL_SECONDS = 0.15
FULL_CHARACTERS = 2000

Field = Literal["content", "reasoning_content"]


@dataclass(frozen=True)
class Flush:
    """What has been sent since the last log entry; `seq` is that of the last event in it."""

    seq: int
    content: str
    reasoning_content: str


class Text:
    """One of the two texts of an answer: all of it, what waits to be sent, what waits to be logged."""

    def __init__(self, base: str) -> None:
        self._parts, self._pending, self._unlogged = [base], "", ""
        self.sent_length = utf16_length(base)
        self.added = False

    def __str__(self) -> str:
        return "".join(self._parts) + self._pending

    @property
    def pending(self) -> str:
        """What was added since the last `take`."""
        return self._pending

    def add(self, text: str) -> None:
        """Appends."""
        self._pending += text
        self.added = self.added or bool(text)

    def take(self) -> tuple[str, int]:
        """What is to be sent now, and the length (UTF-16) of all before it."""
        text, offset = self._pending, self.sent_length
        self._parts.append(text)
        self._unlogged += text
        self._pending, self.sent_length = "", offset + utf16_length(text)
        return text, offset

    def unlogged(self, *, clear: bool = False) -> str:
        """What was sent since it was cleared last."""
        text = self._unlogged
        if clear:
            self._unlogged = ""
        return text


class Delivery:
    """Sends the first piece at once, then every 50 ms in the first second, later every 150 ms or 2,000 characters.

    `send` gets the data of each `chat:completion` event and must not wait. Lives in a running event loop.
    """

    def __init__(self, send: Callable[[Json], None], content: str = "", reasoning: str = "", seq: int = 0) -> None:
        self.content, self.reasoning, self.tool_calls = Text(content), Text(reasoning), ToolCalls()
        self.seq = seq
        self._send = send
        self._first: float | None = None
        self._last = 0.0
        self._timer: asyncio.TimerHandle | None = None

    @property
    def first_at(self) -> float | None:
        """When the first piece came (time.monotonic), None before."""
        return self._first

    def add(self, content: str = "", reasoning: str = "", tool_calls: list[Json] | None = None) -> None:
        """Takes a piece of the answer, of its reasoning, or of its calls of tools."""
        self.reasoning.add(reasoning)
        self.content.add(content)
        self.tool_calls.add(tool_calls or [])
        waiting = len(self.content.pending) + len(self.reasoning.pending) + self.tool_calls.pending
        if not waiting:
            return
        now = time.monotonic()
        due = self._last + self._interval(now)
        if self._first is None:
            self._first = due = now
        if now >= due or waiting >= FULL_CHARACTERS:
            self.push()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(due - now, self.push)

    def push(self) -> None:
        """Sends what waits."""
        if self._timer:
            self._timer.cancel()
            self._timer = None
        self._last = time.monotonic()
        self._push(self.reasoning, "reasoning_content")
        self._push(self.content, "content")
        if self.tool_calls.pending:
            delta = {"tool_calls": self.tool_calls.take()}
            self._send({"choices": [{"delta": delta}], "seq": self.next_seq(), "offset": self.content.sent_length})

    def counts(self) -> Json:
        """How much there is beside the content, for clients that may have missed some: calls, UTF-16 units."""
        return {"tool_calls": len(self.tool_calls.calls), "reasoning": self.reasoning.sent_length}

    def take_log(self) -> Flush | None:
        """What has been sent since the last call, for the log; None when nothing was."""
        content, reasoning = self.content.unlogged(clear=True), self.reasoning.unlogged(clear=True)
        return Flush(self.seq - 1, content, reasoning) if content or reasoning else None

    def next_seq(self) -> int:
        """The number of the next event."""
        self.seq += 1
        return self.seq - 1

    def _push(self, text: Text, field: Field) -> None:
        if text.pending:
            piece, offset = text.take()
            self._send({"choices": [{"delta": {field: piece}}], "seq": self.next_seq(), "offset": offset})

    def _interval(self, now: float) -> float:
        early = self._first is None or now - self._first < FIRST_PERIOD_SECONDS
        return FIRST_INTERVAL_SECONDS if early else INTERVAL_SECONDS

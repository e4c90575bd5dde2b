"""Pushing events to a person's open sockets, wherever they are.

One ordered sender per connection, side by side, so that a slow or dead connection never holds up another.
"""

import time
from collections import deque
from collections.abc import Callable
from threading import Condition, Event, Thread
from types import TracebackType
from typing import Any, Self

from shared.logs import logger
from shared.realtime import connections, gateway
from shared.realtime.connections import disconnect_user
from shared.realtime.frames import fit
from shared.realtime.gateway import Posted

__all__ = ["UserChannel", "disconnect_user", "emit"]

# A tab opened in mid-answer joins within this time; what it missed it reads from the message.
REFRESH_SECONDS = 3.0
FAILURES_IN_A_ROW = 5


class UserChannel:
    """A person's connections while something is pushed to them; use as a context manager.

    `send` never waits: the connections are looked up, and frames posted, by threads of the channel. Leaving the block
    flushes for up to `flush_seconds`.
    """

    def __init__(self, user_id: str, *, refresh_seconds: float = REFRESH_SECONDS, flush_seconds: float = 5.0) -> None:
        self.user_id = user_id
        self._refresh_seconds, self._flush_seconds = refresh_seconds, flush_seconds
        self._changed = Condition()
        self._stopped = Event()
        self._senders: dict[str, _Sender] = {}
        self._gone: set[str] = set()
        self._waiting: list[bytes] | None = []  # frames sent before the connections are known; None from then on
        self._asked, self._wake = 0, Event()
        self._watcher = Thread(target=self._watch, name=f"connections of {user_id}", daemon=True)

    def __enter__(self) -> Self:
        self._watcher.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.flush(self._flush_seconds)
        self._stopped.set()
        self._wake.set()
        with self._changed:
            senders = list(self._senders.values())
        for sender in senders:
            sender.stop()

    def send(self, event: str, data: dict[str, Any]) -> None:
        """Queues an event for every connection, in order. Returns at once."""
        frames = fit(event, data)
        with self._changed:
            if self._waiting is not None:
                self._waiting += frames
                return
            for sender in self._senders.values():
                sender.put(frames)

    def look_again(self) -> None:
        """What is sent from now on is also for those who joined just now: it waits until connections are looked up."""
        with self._changed:
            self._asked += 1
            self._waiting = self._waiting or []
        self._wake.set()

    def flush(self, timeout: float) -> bool:
        """Waits until all that was sent is delivered or given up, up to `timeout` seconds; whether it is."""
        deadline = time.monotonic() + timeout
        with self._changed:
            return self._changed.wait_for(self._is_idle, max(0.0, deadline - time.monotonic()))

    def _is_idle(self) -> bool:
        return not self._waiting and all(sender.idle for sender in self._senders.values())

    def _watch(self) -> None:
        while not self._stopped.is_set():
            asked = self._asked
            found = self._look_up()
            if found is not None:
                self._update(found, asked)
            self._wake.wait(self._refresh_seconds if found is not None else min(0.5, self._refresh_seconds))
            self._wake.clear()

    def _look_up(self) -> list[str] | None:
        try:
            return [item.connection_id for item in connections.of_user(self.user_id)]
        except Exception as error:  # noqa: BLE001 - whatever it was, the next look-up is soon
            logger().warning("connections not read", extra={"user_id": self.user_id, "code": type(error).__name__})
            return None

    def _update(self, found: list[str], asked: int) -> None:
        with self._changed:
            for connection_id in set(self._senders) - set(found):
                self._senders.pop(connection_id).stop()
            for connection_id in found:
                if connection_id not in self._senders and connection_id not in self._gone:
                    sender = _Sender(connection_id, self._changed, self._stopped, self._drop)
                    self._senders[connection_id] = sender
            if asked == self._asked:
                for sender in self._senders.values():
                    sender.put(self._waiting or [])
                self._waiting = None
            self._changed.notify_all()

    def _drop(self, connection_id: str, outcome: Posted) -> None:
        with self._changed:
            self._senders.pop(connection_id, None)
            if outcome is Posted.GONE:
                self._gone.add(connection_id)
            self._changed.notify_all()
        if outcome is not Posted.GONE:
            return  # the next look-up tries it again, from then on
        try:
            connections.forget(connection_id, self.user_id)
        except Exception as error:  # noqa: BLE001 - the items expire by themselves
            logger().warning("gone connection not deleted", extra={"code": type(error).__name__})


class _Sender:
    """Posts one connection's frames, in order, from a thread of its own."""

    def __init__(
        self, connection_id: str, changed: Condition, stopped: Event, drop: Callable[[str, Posted], None]
    ) -> None:
        self._connection_id, self._changed, self._channel_stopped, self._drop = connection_id, changed, stopped, drop
        self._frames: deque[bytes] = deque()
        self._posting = False
        self._stopped = False
        self._thread = Thread(target=self._run, name=f"frames to {connection_id}", daemon=True)
        self._thread.start()

    @property
    def idle(self) -> bool:
        """Whether nothing waits or is under way (call with the condition held)."""
        return self._stopped or not (self._frames or self._posting)

    def put(self, frames: list[bytes]) -> None:
        """Queues frames (call with the condition held)."""
        self._frames += frames
        self._changed.notify_all()

    def stop(self) -> None:
        """Ends the sender after the frame under way."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()

    def _run(self) -> None:
        failures = 0
        while (frame := self._next()) is not None:
            outcome = gateway.post(self._connection_id, frame, stopped=self._channel_stopped)
            failures = failures + 1 if outcome is Posted.FAILED else 0
            if outcome is Posted.GONE or failures == FAILURES_IN_A_ROW:
                self.stop()
                self._drop(self._connection_id, outcome)
                return

    def _next(self) -> bytes | None:
        with self._changed:
            self._posting = False
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._stopped or bool(self._frames))
            if self._stopped:
                return None
            self._posting = True
            return self._frames.popleft()


def emit(user_id: str, event: str, data: dict[str, Any]) -> None:
    """Sends one event to a person's connections and waits until it is out (5 s at most)."""
    with UserChannel(user_id) as channel:
        channel.send(event, data)

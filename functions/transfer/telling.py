"""Telling a person's open tabs how far a job has got."""

import time
from types import TracebackType
from typing import Any, Self

from functions.transfer.jobs import JobItem, Progress
from functions.transfer.models import status
from shared.realtime.hub import UserChannel

# So often at most, beside the last time.
EVERY_SECONDS = 0.5


class Teller:
    """Sends `chats:import` or `chats:export` events with the job's status; use as a context manager."""

    def __init__(self, item: JobItem) -> None:
        self._item = item
        self._channel = UserChannel(item.user_id)
        self._told = 0.0

    def __enter__(self) -> Self:
        self._channel.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._channel.__exit__(kind, error, trace)

    def tell(self, progress: Progress, *, last: bool = False) -> None:
        """Sends where the job is, unless it was said just now."""
        if not last and time.monotonic() - self._told < EVERY_SECONDS:
            return
        self._told = time.monotonic()
        data: dict[str, Any] = status(self._item, progress).model_dump()
        event = {"type": f"chats:{self._item.kind}", "data": data}
        self._channel.send("events", {"chat_id": None, "message_id": None, "data": event})

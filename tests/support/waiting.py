"""Waiting for a condition, never for a time."""

from __future__ import annotations

import time
from collections.abc import Callable

POLL = 0.02


def until(
    condition: Callable[[], bool], limit: float = 10.0, what: str = "the condition", *, every: float = POLL
) -> None:
    """Return as soon as the condition holds, looked at each ``every`` seconds; fails with ``what`` after ``limit``."""
    deadline = time.monotonic() + limit
    while not condition():
        assert time.monotonic() < deadline, f"waited {limit:.0f} s in vain until {what}"
        time.sleep(every)

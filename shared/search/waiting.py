"""Waiting for a service that shows later what it has taken."""

import time
from collections.abc import Callable

from shared.errors import Upstream

# OpenSearch Serverless shows what was written after some ten seconds, now and then after a minute.
LONGEST_SECONDS = 120.0
_LONGEST_PAUSE_SECONDS = 2.0


def until(done: Callable[[], bool]) -> None:
    """Returns once `done` says so; raises `Upstream` when that takes too long."""
    started, pause = time.monotonic(), 0.02
    while not done():
        if time.monotonic() - started > LONGEST_SECONDS:
            raise Upstream("The search index does not show what was written: try again later.")
        time.sleep(pause)
        pause = min(_LONGEST_PAUSE_SECONDS, 2 * pause)

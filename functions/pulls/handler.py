"""The entry of the worker: one asynchronous invocation works on one pull."""

import asyncio
from functools import cache
from typing import TYPE_CHECKING, Any

from functions.pulls.service import work_on

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext


@cache
def _runner() -> asyncio.Runner:
    """One event loop for the life of the process."""
    return asyncio.Runner()


def handler(event: dict[str, Any], context: "LambdaContext") -> dict[str, str]:
    """Works on the pull that the event names, until it ends or the function's time does."""
    pull_id = str(event["pull_id"])
    _runner().run(work_on(pull_id, lambda: context.get_remaining_time_in_millis() / 1000))
    return {"status": "ended", "pull_id": pull_id}

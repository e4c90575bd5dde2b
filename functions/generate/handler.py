"""The entry of the worker: one asynchronous invocation carries out one answer."""

import asyncio
from functools import cache
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError
from pydantic import ValidationError

from functions.generate.service import answer
from shared.answers import received
from shared.logs import logger

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext


@cache
def _runner() -> asyncio.Runner:
    """One event loop for the life of the process, so that connections to providers stay open between answers."""
    return asyncio.Runner()


def handler(event: dict[str, Any], context: "LambdaContext") -> dict[str, str]:
    """Carries out the `AnswerRequest` in the event, or in the bucket under its `key`."""
    try:
        request = received(event)
    except (ClientError, ValidationError) as error:
        logger().error("request not read", extra={"key": event.get("key"), "code": type(error).__name__})
        return {"status": "unreadable"}
    _runner().run(answer(request, lambda: context.get_remaining_time_in_millis() / 1000))
    return {"status": "ended", "task_id": request.run.task_id}

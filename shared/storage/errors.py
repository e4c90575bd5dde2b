"""What goes wrong between a function and its tables, and may pass."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from botocore.exceptions import BotoCoreError, ClientError
from pynamodb.exceptions import PynamoDBException

from shared.logs import logger

T = TypeVar("T")

TRANSIENT = (PynamoDBException, BotoCoreError, ClientError)


async def thrice(call: Callable[[], T]) -> T:
    """The result of a call to a table, repeated after what may pass."""
    for pause in (0.2, 1.0):
        try:
            return await asyncio.to_thread(call)
        except TRANSIENT as error:
            logger().warning("table not written, trying again", extra={"code": type(error).__name__})
            await asyncio.sleep(pause)
    return await asyncio.to_thread(call)

"""Posting to and closing connections through API Gateway's `@connections`."""

import random
from enum import Enum
from threading import Event

from botocore.exceptions import BotoCoreError, ClientError

from shared.logs import logger
from shared.realtime import packets
from shared.storage.aws import connections_api

# Account-wide throttling passes within seconds; beyond this the client's own re-reading is the better remedy.
THROTTLED_ATTEMPTS = 8
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.1, 3.0

_never = Event()


class Posted(Enum):
    """What became of a frame."""

    DELIVERED = "delivered"
    GONE = "gone"
    FAILED = "failed"


def post(connection_id: str, frame: bytes, *, stopped: Event = _never) -> Posted:
    """Sends one frame. Throttling is waited out with jittered pauses until `stopped`; no error is raised."""
    for attempt in range(THROTTLED_ATTEMPTS):
        try:
            connections_api().post_to_connection(ConnectionId=connection_id, Data=frame)
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if _is_gone(error):
                return Posted.GONE
            if code != "LimitExceededException":
                logger().warning("frame not delivered", extra={"connection_id": connection_id, "code": code})
                return Posted.FAILED
            if stopped.wait(pause(attempt)):
                return Posted.FAILED
        except BotoCoreError as error:
            logger().warning(
                "frame not delivered", extra={"connection_id": connection_id, "code": type(error).__name__}
            )
            return Posted.FAILED
        else:
            return Posted.DELIVERED
    logger().warning("frame given up after throttling", extra={"connection_id": connection_id})
    return Posted.FAILED


def pause(attempt: int) -> float:
    """Seconds to wait after the `attempt`th throttled try: exponential with full jitter."""
    return random.uniform(0, min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2**attempt))  # noqa: S311


def close(connection_id: str, *, told: bool = False) -> None:
    """Closes a connection; with `told` the Socket.IO disconnect packet goes first, so that stock clients stay away."""
    if told:
        post(connection_id, packets.disconnect().encode())
    try:
        connections_api().delete_connection(ConnectionId=connection_id)
    except ClientError as error:
        if not _is_gone(error):
            logger().warning(
                "connection not closed", extra={"connection_id": connection_id, "code": error.response["Error"]["Code"]}
            )
    except BotoCoreError as error:
        logger().warning("connection not closed", extra={"connection_id": connection_id, "code": type(error).__name__})


def _is_gone(error: ClientError) -> bool:
    return (
        error.response["Error"]["Code"] == "GoneException"
        or error.response["ResponseMetadata"]["HTTPStatusCode"] == 410
    )

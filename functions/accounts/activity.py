"""Noting when somebody was last here: at most once a minute, beside the request and not in its way.

A write that a frozen function loses is no harm: the next request makes it again.
"""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

from botocore.exceptions import BotoCoreError, ClientError
from fastapi import Request

from shared.clock import now
from shared.identity.models import UserItem
from shared.identity.sessions import Identity
from shared.logs import logger
from shared.settings import settings
from shared.storage.aws import dynamodb

EVERY_SECONDS = 60

_writer = ThreadPoolExecutor(1, "activity")


def note_activity(request: Request) -> Iterator[None]:
    """A dependency: after the answer, notes that whoever asked is here."""
    yield
    identity: Identity | None = getattr(request.state, "identity", None)
    if identity:
        touch(identity.user)


def touch(user: UserItem) -> Future[None] | None:
    """Notes that the user is here now; None when that was noted less than a minute ago."""
    moment = now()
    if user.last_active_at > moment - EVERY_SECONDS:
        return None
    return _writer.submit(_write, user.user_id, moment)


def _write(user_id: str, moment: int) -> None:
    pk, sk = UserItem.key(user_id)
    try:
        # Not through the model: its version must not grow, or this would get in the way of other writers.
        dynamodb().update_item(
            TableName=settings().require("accounts_table"),
            Key={"pk": {"S": pk}, "sk": {"S": sk}},
            UpdateExpression="SET last_active_at = :now",
            ConditionExpression="last_active_at <= :before",
            ExpressionAttributeValues={":now": {"N": str(moment)}, ":before": {"N": str(moment - EVERY_SECONDS)}},
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            logger().warning("activity not noted", extra={"user_id": user_id, "code": error.response["Error"]["Code"]})
    except BotoCoreError as error:
        logger().warning("activity not noted", extra={"user_id": user_id, "code": type(error).__name__})

"""Writes that met another transaction: DynamoDB refuses one of the two, and botocore does not send it again.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html#transaction-conflict-handling
"""

import random
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

ATTEMPTS = 8
_PASSING = {"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"}


def send_again(client: "DynamoDBClient") -> None:
    """Has the client repeat such writes, after pauses that grow; a condition that does not hold is told at once."""
    client.meta.events.register("needs-retry.dynamodb", _pause)  # type: ignore[arg-type]  # what it answers counts


def is_conflict(code: str | None, reasons: list[str | None]) -> bool:
    """Whether an error of DynamoDB, with why a transaction was cancelled, is about others that were in the way only."""
    if code == "TransactionCanceledException":
        why = {reason for reason in reasons if reason and reason != "None"}
        return bool(why) and why <= _PASSING
    return code == "TransactionConflictException"


def _pause(response: tuple[Any, dict[str, Any]] | None, attempts: int, **_: object) -> float | None:
    """Seconds to wait before the next attempt; None: no other."""
    if response is None or attempts >= ATTEMPTS:
        return None
    answer = response[1]
    reasons = [reason.get("Code") for reason in answer.get("CancellationReasons") or []]
    if not is_conflict(answer.get("Error", {}).get("Code"), reasons):
        return None
    return random.uniform(0, 0.02 * 2**attempts)  # noqa: S311 (spreads writers, protects nothing)

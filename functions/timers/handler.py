"""The entry for the timers queue; a message that fails is delivered again, the others of its batch are not."""

import json
from typing import TYPE_CHECKING, Any

from functions.timers.pulls import check_pull
from functions.timers.service import check_run, work_off_chores
from shared.logs import logger
from shared.realtime.connections import close_if_anonymous

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext


def handler(event: dict[str, Any], context: "LambdaContext") -> dict[str, list[dict[str, str]]]:
    """Carries out each message; answers which failed."""
    failed = []
    # Chores take long, and one round does for all who asked for it.
    for record in sorted(event["Records"], key=lambda record: _asks_for_chores(record["body"])):
        try:
            _carry_out(json.loads(record["body"]))
        except Exception:  # noqa: BLE001 - one bad message must not hold up the others
            logger().exception("timer failed", extra={"message_id": record["messageId"]})
            failed.append({"itemIdentifier": record["messageId"]})
    logger().info("timers", extra={"count": len(event["Records"]), "failed": len(failed)})
    return {"batchItemFailures": failed}


def _asks_for_chores(body: str) -> bool:
    return '"chores"' in body


def _carry_out(message: dict[str, str]) -> None:
    match message:
        case {"kind": "run", "task_id": task_id}:
            check_run(task_id)
        case {"kind": "connection", "connection_id": connection_id}:
            close_if_anonymous(connection_id)
        case {"kind": "pull", "pull_id": pull_id}:
            check_pull(pull_id)
        case {"kind": "chores"}:
            work_off_chores()
        case _:
            logger().error("unknown timer", extra={"kind": message.get("kind")})

"""The entry of the worker: one asynchronous invocation carries out a job, or as much of it as there is time for."""

from typing import TYPE_CHECKING, Any

from functions.transfer import exporting, importing, jobs
from functions.transfer.jobs import JobItem, Kind, LostLease
from functions.transfer.service import call_worker
from shared.errors import NotFound
from shared.logs import logger

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

# A job that calls for more workers than that gets nowhere: each works for 14 minutes.
MOST_ROUNDS = 200
_FAILED = "Something went wrong on the server. Start it again to go on where it stopped."


def handler(event: dict[str, Any], context: "LambdaContext") -> dict[str, str]:
    """Carries out the job that the event names, and calls the next worker for what is left."""
    user_id, kind, job_id = str(event["user_id"]), event["kind"], str(event["job_id"])
    try:
        item = jobs.get(user_id, kind, job_id)
    except NotFound:
        return {"status": "gone"}
    token = jobs.lease(item)
    if token is None:
        return {"status": "taken"}
    try:
        left = _carry_out(item, token, kind, context)
    except LostLease:
        return {"status": "stopped"}
    except Exception:  # noqa: BLE001 - whatever it was, the person is told, and may start it again
        logger().exception("job failed", extra={"user_id": user_id, "job_id": job_id})
        return _fail(item, token)
    if not left:
        return {"status": "ended"}
    if item.rounds >= MOST_ROUNDS:
        logger().error("job gets nowhere", extra={"user_id": user_id, "job_id": job_id})
        return {"status": "given up"}
    call_worker(item)
    return {"status": "handed over"}


def _carry_out(item: JobItem, token: str, kind: Kind, context: "LambdaContext") -> bool:
    carry_out = importing.carry_out if kind == "import" else exporting.carry_out
    return carry_out(item, token, lambda: context.get_remaining_time_in_millis() / 1000)


def _fail(item: JobItem, token: str) -> dict[str, str]:
    try:
        jobs.end(item, token, "failed", item.known, _FAILED)
    except LostLease:
        return {"status": "stopped"}
    return {"status": "failed"}

"""The watch of pulls: each is looked at every minute while it is active, and given to a worker when it has none."""

from shared import pulls
from shared.clock import now
from shared.errors import NotFound
from shared.logs import logger

TOO_LONG = "The server did not finish this in two days. Try again."


def check_pull(pull_id: str) -> None:
    """Starts a worker for a pull that is left, or gives it up when it takes too long; watches on while it is active."""
    try:
        pull = pulls.get(pull_id)
    except NotFound:
        return
    if not pull.active:
        return
    if now() - pull.created_at > pulls.LONGEST_SECONDS:
        pulls.give_up(pull_id, TOO_LONG)
        return
    if pull.abandoned:
        logger().info("pull goes on in another worker", extra={"pull_id": pull_id})
        pulls.dispatch(pull_id)
    pulls.watch(pull_id)

"""Entry of the accounts function: requests, and once an hour the housekeeping of the stage."""

import time
from typing import Any

from functions.accounts.auth_routes import router as auths
from functions.accounts.removal import BUDGET_SECONDS, finish_abandoned
from shared.logs import logger
from shared.web import create_app, lambda_handler

app = create_app("accounts", auths, later={"^/api/v1/users/": ("functions.accounts.user_routes",)})
_answer = lambda_handler(app)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answers a request of API Gateway, or does the housekeeping when EventBridge's schedule says so."""
    if event.get("source") != "aws.events":
        return _answer(event, context)
    finish_abandoned(time.monotonic() + BUDGET_SECONDS)
    logger().info("housekeeping")
    return {}

"""Structured logs: one JSON line per event, with ids and never a secret or a message's text."""

from functools import cache

from aws_lambda_powertools import Logger

from shared.settings import settings


@cache
def logger() -> Logger:
    """The process's logger; the service name comes from POWERTOOLS_SERVICE_NAME."""
    return Logger(level=settings().log_level)

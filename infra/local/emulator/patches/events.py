"""Events for functions: they wait in a queue, as Lambda has one for each function."""

from __future__ import annotations

import argparse
import contextvars
import json
import logging
import os
import threading
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from ministack.services import eventbridge, lambda_svc

TRIES = 3
"""https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html"""

log = logging.getLogger("cirrus.events")


def queue_events(_: argparse.Namespace) -> None:
    """Have as many events of a rule at once in a function as there are cores, and try what fails again.

    MiniStack begins all of them at once: a thousand objects that come to a bucket would be a thousand processes.
    """
    pools: dict[str, ThreadPoolExecutor] = defaultdict(lambda: ThreadPoolExecutor(2 * (os.cpu_count() or 2)))
    lock = threading.Lock()

    def dispatch_to_lambda(arn: str, payload: str) -> None:
        function, configuration, name = lambda_svc._get_func_record_for_ref(arn)
        if not function or not configuration:
            log.warning("no function %s for an event", name)
            return
        record = lambda_svc._execution_record_for_config(function, configuration)
        with lock:
            pools[name].submit(contextvars.copy_context().run, invoke, record, json.loads(payload))

    def invoke(record: dict[str, Any], event: dict[str, Any]) -> None:
        for _ in range(TRIES):
            if not lambda_svc._execute_function_with_config_scope(record, event).get("error"):
                return

    eventbridge._dispatch_to_lambda = dispatch_to_lambda

"""CloudWatch Logs: bounded, and readable as a file."""

from __future__ import annotations

import argparse
import threading
from pathlib import Path
from typing import Any

from ministack.services import cloudwatch_logs, lambda_svc

from infra.local.emulator.patches.names import STREAMS_KEPT


def keep_recent_events(options: argparse.Namespace) -> None:
    """Keep the newest streams of each group, and append what functions write to ``functions.log`` in the state folder.

    MiniStack keeps every line for ever, in memory and in each save.
    """
    emit = lambda_svc._emit_lambda_logs
    path: Path = options.state / "functions.log"
    lock = threading.Lock()

    def emit_lambda_logs(func: dict[str, Any], request_id: str, log_text: str, *rest: Any, **named: Any) -> None:
        emit(func, request_id, log_text, *rest, **named)
        configuration = func.get("config") or func
        name = configuration.get("FunctionName", "unknown")
        group = cloudwatch_logs._log_groups.get(
            (configuration.get("LoggingConfig") or {}).get("LogGroup") or f"/aws/lambda/{name}"
        )
        with lock:
            streams = group["streams"] if group else {}
            for stale in list(streams)[: max(0, len(streams) - STREAMS_KEPT)]:
                del streams[stale]
            if log_text:
                with path.open("a", encoding="utf-8") as file:
                    file.writelines(f"{name} {line}\n" for line in log_text.splitlines())

    lambda_svc._emit_lambda_logs = emit_lambda_logs

"""Invokes one function of the running stack with a sample event."""

from __future__ import annotations

import base64
import contextlib
import json
from pathlib import Path

from infra.local import aws
from infra.local.errors import LocalError
from infra.local.state import State


def invoke(state: State, function: str, event: Path) -> str:
    """The end of the function's log and its answer; raises LocalError without such a function, event or stack."""
    endpoints = state.read_endpoints()
    if endpoints is None:
        raise LocalError("Cirrus is not running: start it with 'make run' first.")
    try:
        payload = json.loads(event.read_text())
    except (OSError, ValueError) as error:
        raise LocalError(f"{event} is not a file with a JSON event: {error}.") from None
    client = aws.client("lambda", endpoints.emulator_url)
    try:
        answer = client.invoke(
            FunctionName=f"cirrus-local-{function}", Payload=json.dumps(payload).encode(), LogType="Tail"
        )
    except client.exceptions.ResourceNotFoundException:
        raise LocalError(f"There is no function {function!r}; infra/functions.py lists them.") from None
    log = base64.b64decode(answer.get("LogResult", "")).decode(errors="replace").strip()
    body = answer["Payload"].read().decode()
    with contextlib.suppress(ValueError):
        body = json.dumps(json.loads(body), indent=2, ensure_ascii=False)
    return f"{log}\n{body}".strip()

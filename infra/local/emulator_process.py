"""The emulator as a child process."""

from __future__ import annotations

import http.client
import json
import os
import signal
import time
from pathlib import Path

from infra.local.bootstrap import EMULATOR_PYTHON, ROOT, RUNTIME_PYTHON
from infra.local.children import Child
from infra.local.errors import LocalError
from infra.local.ports import HOST

SAVE_EVERY = 15.0  # seconds of work that a kill can lose


def emulator(
    port: int,
    folder: Path,
    log: Path,
    *,
    auth: bool = False,
    save_every: float = SAVE_EVERY,
    warm_first: tuple[str, ...] = (),
    without: tuple[str, ...] = (),
) -> Child:
    """The emulator on a port, keeping its state in a folder; with ``auth`` it evaluates IAM policies.

    Of the functions that it warms up, those of ``warm_first`` are first.
    """
    command = [str(EMULATOR_PYTHON), str(ROOT / "infra" / "local" / "emulator"), f"--port={port}", f"--state={folder}"]
    command += [
        f"--runtime-python={RUNTIME_PYTHON}",
        f"--save-every={save_every}",
        *(f"--warm-first={name}" for name in warm_first),
        *(f"--without={name}" for name in without),
    ]
    if auth:
        command.append("--auth")
    # Functions inherit this environment, so it holds next to nothing.
    environment = {key: os.environ[key] for key in ("PATH", "HOME", "LANG", "LOG_LEVEL") if key in os.environ}
    # What thousands of chats take to be saved on a busy machine.
    return Child("emulator", command, environment, log, lambda: is_healthy(port), ROOT, stop_wait=90.0)


def is_healthy(port: int) -> bool:
    """Whether the emulator answers on this port."""
    connection = http.client.HTTPConnection(HOST, port, timeout=2)
    try:
        connection.request("GET", "/_ministack/health")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def save(child: Child, folder: Path, wait: float = 30.0) -> None:
    """Have the emulator save its state, and return when it is on disk; raises LocalError after ``wait`` seconds."""
    called = time.time()
    child.signal(signal.SIGUSR1)
    deadline = time.monotonic() + wait
    while saved_at(folder) < called:
        if time.monotonic() > deadline or child.has_died():
            raise LocalError(f"The emulator could not save its state; see {child.log}.")
        time.sleep(0.02)


def saved_at(folder: Path) -> float:
    """As of when this folder has the emulator's state, in epoch seconds; 0 when it never saved."""
    try:
        return float(json.loads((folder / "saved.json").read_text())["at"])
    except FileNotFoundError:
        return 0.0

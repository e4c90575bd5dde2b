"""The whole local stack, deployed once per test session and shared by its workers."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from infra.local import aws
from infra.local.bootstrap import ROOT
from infra.local.emulator_process import is_healthy, saved_at
from infra.local.run import READY
from infra.local.state import Endpoints, State
from tests.support.waiting import until

START_LIMIT = 420.0  # seconds for the first start, with layers to build
SESSION_OWNER = "CIRRUS_TEST_OWNER"  # the process whose end is that of the test session
ATTACH = "CIRRUS_STACK"  # names the state directory of a running stack to test against


class Stack:
    """A running local stack, as tests see it."""

    def __init__(self, state: State) -> None:
        self._state = state

    @property
    def endpoints(self) -> Endpoints:
        """Where its parts listen now."""
        endpoints = self._state.read_endpoints()
        assert endpoints is not None, f"the stack in {self._state.root} is not running"
        return endpoints

    @property
    def url(self) -> str:
        """The one address that a browser uses."""
        return self.endpoints.url

    @property
    def websocket_url(self) -> str:
        """The address of the Socket.IO endpoint."""
        return f"ws{self.url.removeprefix('http')}/ws/socket.io/"

    def client(self, service: str) -> Any:
        """A boto3 client of the emulator's root user."""
        return aws.client(service, self.endpoints.emulator_url)

    def save(self, limit: float = 60.0) -> None:
        """Have the emulator write its state to disk, and return when it is there."""
        called = time.time()
        os.kill(self.endpoints.processes["emulator"], signal.SIGUSR1)
        until(lambda: saved_at(self._state.emulator) >= called, limit, "the emulator has saved")

    def said(self) -> str:
        """What the run has printed since it was started."""
        return _output(self._state).read_text()

    def start_again(self) -> subprocess.Popen[bytes]:
        """Start the run anew after it has ended, for as long as this test session lasts."""
        return start(self._state, owner=int(os.environ[SESSION_OWNER]))

    def logs(self) -> str:
        """The end of what its parts wrote, for a failing test."""
        files = [*self._state.logs.glob("*.log"), self._state.emulator / "functions.log"]
        return "\n".join(f"== {file.name}\n{_end(file)}" for file in sorted(files) if file.exists())

    def kill(self, part: str) -> int:
        """End a part (``emulator``, ``inference``, ``edge``) at once, as a crash would; returns its process id."""
        pid = self.endpoints.processes[part]
        os.kill(pid, signal.SIGKILL)
        return pid

    def kill_and_await_restart(self, part: str, limit: float = 60.0) -> None:
        """End a part and wait until the run has started it again."""
        pid = self.kill(part)
        until(lambda: self.endpoints.processes.get(part) not in (pid, 0, None), limit, f"{part} starts again")
        port = int(self.endpoints.emulator_url.rsplit(":", 1)[1])
        until(lambda: is_healthy(port), limit, "the emulator answers")


@contextmanager
def shared_stack(folder: Path, owner: int, *, auth: bool = True) -> Iterator[Stack]:
    """The stack of this test session, started by whichever worker comes first.

    ``folder`` is the session's own; the run ends by itself when the process ``owner`` has.
    """
    attached = os.environ.get(ATTACH)
    if attached:
        yield Stack(State(Path(attached)))
        return
    state = State(folder / "state")
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "starting").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if state.read_endpoints() is None:
            start(state, owner=owner, auth=auth)
    yield Stack(state)


def start(state: State, *, owner: int | None = None, auth: bool = True) -> subprocess.Popen[bytes]:
    """Start a run on a free port, by default with IAM evaluation; return when it is ready or fail with its output."""
    state.root.mkdir(parents=True, exist_ok=True)
    output = _output(state)
    command = [sys.executable, "-m", "infra.local", "--state", str(state.root), "run", "--port=0", "--demo"]
    if auth:
        command.append("--auth")
    if owner is not None:
        command.append(f"--while-process={owner}")
    with output.open("wb") as log:
        process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
        )
    until(lambda: READY in output.read_text() or process.poll() is not None, START_LIMIT, "the stack is ready")
    assert process.poll() is None, f"the stack did not start:\n{output.read_text()}"
    return process


def stop(folder: Path) -> None:
    """End the session's stack, if it has one."""
    State(folder / "state").stop_holder()


def _output(state: State) -> Path:
    return state.root / "run.log"


def _end(file: Path, size: int = 4000) -> str:
    return file.read_bytes()[-size:].decode(errors="replace")

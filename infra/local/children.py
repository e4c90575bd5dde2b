"""Child processes of the local run: started, watched, restarted and stopped in one place."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from infra.local.errors import LocalError

POLL = 0.05
RESTARTS = 3  # in this many seconds; a part that dies more often is broken
RESTART_PERIOD = 60.0


@dataclass
class Child:
    """A process in a session of its own (Ctrl-C reaches the run only), which ends when its standard input is closed."""

    name: str
    command: list[str]
    environment: dict[str, str]
    log: Path
    is_ready: Callable[[], bool]
    folder: Path
    stop_wait: float = 5.0
    start_wait: float = 60.0
    _process: subprocess.Popen[bytes] | None = None
    _restarts: deque[float] = field(default_factory=lambda: deque(maxlen=RESTARTS))

    @property
    def pid(self) -> int:
        """Its process id, 0 before it is started."""
        return self._process.pid if self._process else 0

    def start(self) -> None:
        """Start it and return once it is ready; raises LocalError with the end of its log after ``start_wait``."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self.command,
                env=self.environment,
                cwd=self.folder,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        deadline = time.monotonic() + self.start_wait
        while not self.is_ready():
            if self.has_died() or time.monotonic() > deadline:
                why = "ended while starting" if self.has_died() else f"is not ready after {self.start_wait:.0f} s"
                self.stop()
                raise LocalError(f"The {self.name} {why}; the end of {self.log}:\n{self.log_end()}")
            time.sleep(POLL)

    def has_died(self) -> bool:
        """Whether it was started and has ended."""
        return self._process is not None and self._process.poll() is not None

    def restart(self) -> None:
        """Start it again after it died; raises LocalError when it died too often."""
        now = time.monotonic()
        if len(self._restarts) == RESTARTS and now - self._restarts[0] < RESTART_PERIOD:
            raise LocalError(f"The {self.name} keeps ending; the end of {self.log}:\n{self.log_end()}")
        self._restarts.append(now)
        self.stop()
        self.start()

    def stop(self) -> None:
        """Ask it to leave, and end it when it has not done so in ``stop_wait`` seconds."""
        process, self._process = self._process, None
        if process is None:
            return
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(self.stop_wait)
            except subprocess.TimeoutExpired:
                _kill_group(process.pid)
                process.wait()
        if process.stdin is not None:
            process.stdin.close()

    def close_input(self) -> None:
        """Close its standard input, as the end of this process would."""
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()

    def signal(self, number: int) -> None:
        """Send it a signal."""
        if self._process is not None:
            self._process.send_signal(number)

    def log_end(self, lines: int = 15) -> str:
        """The last lines that it wrote."""
        try:
            return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])
        except FileNotFoundError:
            return ""


def _kill_group(pid: int) -> None:
    try:
        os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:
        return

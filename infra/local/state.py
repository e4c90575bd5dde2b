"""The state directory: everything the local run keeps, held by one run at a time."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import shutil
import signal
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, TypeVar

from infra.local.errors import LocalError
from infra.local.ports import free_port

LOG_KEPT = 256 * 1024  # bytes of each log that a new run keeps
Noted = TypeVar("Noted", int, str)

STOP_WAIT = 30.0  # seconds that a run gets to save and leave


@dataclass(frozen=True)
class Endpoints:
    """Where the parts of a run listen; written to ``endpoints.json`` once the stack answers."""

    pid: int
    url: str
    emulator_url: str
    inference_url: str
    rest_api_id: str
    rest_api_stage: str
    socket_api_id: str
    socket_stage: str
    origin_secret: str
    tables: dict[str, str]
    files_bucket: str
    processes: dict[str, int]


class State:
    """Paths in the state directory, its lock, and what must stay the same from run to run."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self.logs = self.root / "logs"
        self.emulator = self.root / "emulator"
        self.index = self.root / "index"
        self.opensearch = self.root / "opensearch"
        self.assembly = self.root / "cdk.out"
        self.endpoints = self.root / "endpoints.json"
        self.deployed = self.root / "deployed.json"
        self.aws_config = self.root / "aws-config"
        self._lock_path = self.root / "lock"
        self._kept_path = self.root / "run.json"
        self._lock: IO[str] | None = None

    def acquire(self) -> None:
        """Take the lock for this process; raises LocalError when another run holds it."""
        self.root.mkdir(parents=True, exist_ok=True)
        lock = self._lock_path.open("a+", encoding="utf-8")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.close()
            raise LocalError(f"Cirrus is already running{self._described()}: stop it with 'make stop' first.") from None
        self._lock = lock
        self.describe("")
        self._clean()

    def describe(self, url: str) -> None:
        """Tell others who holds the lock and where it listens."""
        if self._lock is not None:
            self._lock.seek(0)
            self._lock.truncate()
            json.dump({"pid": os.getpid(), "url": url}, self._lock)
            self._lock.flush()

    def release(self) -> None:
        """Give the lock back."""
        if self._lock is not None:
            self.endpoints.unlink(missing_ok=True)
            self._lock.truncate(0)
            self._lock.close()
            self._lock = None

    def holder(self) -> int | None:
        """The process that holds the lock, or None."""
        if not self._lock_path.exists():
            return None
        with self._lock_path.open("r+", encoding="utf-8") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                return self._noted("pid", int)
        return None

    def stop_holder(self, wait: float = STOP_WAIT) -> bool:
        """End the run that holds the lock and wait for it; returns whether there was one.

        Raises LocalError when it has not left after ``wait`` seconds.
        """
        pid = self.holder()
        if pid is None:
            return False
        os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + wait
        while self.holder() is not None:
            if time.monotonic() > deadline:
                raise LocalError(
                    f"Cirrus (process {pid}) has not stopped after {wait:.0f} s: end it with 'kill -9 {pid}'."
                )
            time.sleep(0.1)
        return True

    def kept_port(self, name: str, taken: frozenset[int] = frozenset()) -> int:
        """The port of this name in the last run, so that what is deployed stays true; a new one if it is taken."""
        kept = self._kept()
        ports = kept.get("ports")
        before = ports.get(name) if isinstance(ports, dict) else None
        port = free_port(before if isinstance(before, int) else None, taken)
        self._keep("ports", {**(ports if isinstance(ports, dict) else {}), name: port})
        return port

    def origin_secret(self) -> str:
        """What the edge proves itself with, made once per state directory."""
        secret = self._kept().get("origin_secret")
        if not isinstance(secret, str):
            secret = secrets.token_urlsafe(32)
            self._keep("origin_secret", secret)
        return secret

    def log(self, name: str) -> Path:
        """The log file of a part."""
        return self.logs / f"{name}.log"

    def write_endpoints(self, endpoints: Endpoints) -> None:
        """Publish where the parts listen, whole or not at all."""
        partial = self.endpoints.with_suffix(".partial")
        partial.write_text(json.dumps(asdict(endpoints), indent=2))
        partial.replace(self.endpoints)

    def read_endpoints(self) -> Endpoints | None:
        """Where the parts of the run listen, or None while it is not ready."""
        try:
            return Endpoints(**json.loads(self.endpoints.read_text()))
        except FileNotFoundError:
            return None

    def _clean(self) -> None:
        """Remove what an earlier run left that nobody needs, and keep only the end of each log."""
        self.endpoints.unlink(missing_ok=True)
        shutil.rmtree(self.emulator / "tmp", ignore_errors=True)
        self.logs.mkdir(parents=True, exist_ok=True)
        self.emulator.mkdir(parents=True, exist_ok=True)
        for log in (*self.logs.glob("*.log"), self.emulator / "functions.log"):
            if log.exists() and log.stat().st_size > LOG_KEPT:
                log.write_bytes(log.read_bytes()[-LOG_KEPT:])

    def _described(self) -> str:
        url, pid = self._noted("url", str), self._noted("pid", int)
        where = f" at {url}" if url else ""
        return f"{where} (process {pid})" if pid else where

    def _noted(self, key: str, kind: type[Noted]) -> Noted | None:
        try:
            value = json.loads(self._lock_path.read_text()).get(key)
        except (OSError, ValueError):
            return None
        return value if isinstance(value, kind) else None

    def _kept(self) -> dict[str, object]:
        try:
            kept = json.loads(self._kept_path.read_text())
        except (OSError, ValueError):
            return {}
        return kept if isinstance(kept, dict) else {}

    def _keep(self, key: str, value: object) -> None:
        self._kept_path.write_text(json.dumps({**self._kept(), key: value}, indent=2))

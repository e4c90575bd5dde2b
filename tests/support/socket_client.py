"""The stock socket.io-client under Node, as a context manager."""

import json
import os
import shutil
import subprocess
import threading
from pathlib import Path
from types import TracebackType
from typing import Any, Self

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "tests" / "integration" / "node" / "socket.mjs"
PATIENCE = 60.0

Json = dict[str, Any]


def node() -> str:
    """The Node that the project installs, or the machine's."""
    found = shutil.which("node", path=os.pathsep.join([str(ROOT / ".tools" / "bin"), os.environ.get("PATH", "")]))
    assert found, "Node is missing: run `make setup`"
    return found


class SocketClient:
    """One client; `happened` is all it said so far, in order, each with its `type` and `at` (epoch ms)."""

    def __init__(self, url: str, *, token: str | None = None, headers: dict[str, str] | None = None) -> None:
        options: Json = {"reconnectionDelay": 50, "reconnectionDelayMax": 500}
        if token is not None:
            options["auth"] = {"token": token}
        if headers:
            options["extraHeaders"] = headers
        self._command = [node(), str(SCRIPT), url, json.dumps(options)]
        self._changed = threading.Condition()
        self.happened: list[Json] = []

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self.tell("end")
            self._process.wait(5)
        except (OSError, subprocess.TimeoutExpired):
            self._process.kill()
            self._process.wait()
        self._reader.join(5)
        for stream in (self._process.stdin, self._process.stdout, self._process.stderr):
            if stream and not stream.closed:
                stream.close()

    def tell(self, command: str, **arguments: Any) -> None:
        """Sends a command (see socket.mjs)."""
        assert self._process.stdin
        self._process.stdin.write(json.dumps({"command": command, **arguments}) + "\n")
        self._process.stdin.flush()

    def call(self, event: str, *values: Any) -> list[Any]:
        """Emits an event and returns the values of its acknowledgement."""
        seen = len(self.happened)
        self.tell("call", event=event, values=values)
        answer = self.wait_for("ack", since=seen)
        return list(answer["values"])

    def wait_for(self, kind: str, *, since: int = 0, count: int = 1, timeout: float = PATIENCE) -> Json:
        """The `count`-th thing of a kind that happened after the first `since`; waits for it."""

        def found() -> list[Json]:
            return [it for it in self.happened[since:] if it["type"] == kind]

        with self._changed:
            assert self._changed.wait_for(lambda: len(found()) >= count, timeout), (
                f"no {kind} within {timeout} s; so far: {self.happened[-20:]}; {self._errors()}"
            )
            return found()[count - 1]

    def connected(self, count: int = 1) -> str:
        """The id of the `count`-th connection, once it is there."""
        return str(self.wait_for("connect", count=count)["id"])

    def events(self, name: str = "events") -> list[Any]:
        """First values of the events of a name so far."""
        with self._changed:
            return [it["values"][0] for it in self.happened if it["type"] == "event" and it["event"] == name]

    def wait_for_events(self, count: int, *, timeout: float = PATIENCE) -> list[Any]:
        """The first `count` events; waits for them."""
        self.wait_for("event", count=count, timeout=timeout)
        return self.events()

    def frames(self) -> list[str]:
        """What the transport received, each frame as text."""
        numbers = {"open": "0", "close": "1", "ping": "2", "pong": "3", "message": "4", "noop": "6"}
        with self._changed:
            packets = [it for it in self.happened if it["type"] == "packet"]
        return [numbers[it["packet"]] + (it.get("data") or "") for it in packets]

    def _read(self) -> None:
        assert self._process.stdout
        for line in self._process.stdout:
            with self._changed:
                self.happened.append(json.loads(line))
                self._changed.notify_all()

    def _errors(self) -> str:
        if self._process.poll() is None or not self._process.stderr:
            return "the client is running"
        return f"the client ended: {self._process.stderr.read()}"

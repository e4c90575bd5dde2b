"""Persistence: save on an interval and on signals, and leave at once with everything saved."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gc
import json
import logging
import os
import signal
import threading
import time
from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import Any

import hypercorn.asyncio
from ministack import app
from ministack.core import lambda_runtime, persistence

SAVE_LIMIT = 30.0  # seconds in which a child writes nothing: it may inherit a lock that nobody will release
QUIET_PATHS = ("/_ministack/",)

Scope = MutableMapping[str, Any]
Application = Callable[[Scope, Callable[..., Awaitable[Any]], Callable[..., Awaitable[Any]]], Awaitable[None]]
log = logging.getLogger("cirrus.saving")


class Saver:
    """Writes MiniStack's state to disk; ``saved.json`` in the state folder tells as of when, in epoch seconds."""

    def __init__(self, marker: Path) -> None:
        self._marker = marker
        self._one_at_a_time = threading.Lock()
        self._child = 0
        self._requests = 0
        self._saved_requests = -1

    def counting(self, application: Application) -> Application:
        """The application with its requests counted: when none came since the last save, nothing is new."""

        async def count(
            scope: Scope, receive: Callable[..., Awaitable[Any]], send: Callable[..., Awaitable[Any]]
        ) -> None:
            try:
                await application(scope, receive, send)
            finally:
                # Afterwards: a save in the middle of a request may not have its effect yet, so another must follow.
                if not str(scope.get("path", "")).startswith(QUIET_PATHS):
                    self._requests += 1

        return count

    def save_here(self) -> None:
        """Save in this process, which stops serving meanwhile."""
        self._end_child()
        as_of = time.time()
        persistence.save_all(app._build_persistence_save_dict())
        self._mark(as_of)

    def save_in_child(self, even_if_idle: bool = False) -> None:
        """Save in a forked child: the event loop pauses for the fork only. Blocks, so call it from a thread."""
        with self._one_at_a_time:
            requests = self._requests
            if requests == self._saved_requests and not even_if_idle:
                return
            forked = threading.Event()
            as_of = time.time()
            app._MAIN_LOOP.call_soon_threadsafe(self._fork, forked)
            if not forked.wait(SAVE_LIMIT):
                return
            if self._wait_for_child() == 0:
                self._saved_requests = requests
                self._mark(as_of)

    def _fork(self, forked: threading.Event) -> None:
        # On the event loop, because get_state() is not safe against the requests that it serves.
        self._child = os.fork()
        if self._child == 0:
            status = 1
            try:
                os.closerange(3, 4096)  # a child that kept the listening socket would keep the port after a kill
                gc.disable()
                os.nice(5)
                persistence.save_all(app._build_persistence_save_dict())
                status = 0
            finally:
                os._exit(status)
        forked.set()

    def _wait_for_child(self) -> int:
        moved, newest = time.monotonic(), self._newest()
        while time.monotonic() < moved + SAVE_LIMIT:
            if (now_newest := self._newest()) != newest:
                moved, newest = time.monotonic(), now_newest
            try:
                pid, status = os.waitpid(self._child, os.WNOHANG)
            except ChildProcessError:
                return 1
            if pid:
                self._child = 0
                return status
            time.sleep(0.05)
        self._end_child()
        log.warning("a save wrote nothing for %s s and was given up; the next one starts afresh", SAVE_LIMIT)
        return 1

    def _newest(self) -> float:
        """When a file was written last; one that is replaced in this moment does not count."""
        times = [0.0]
        with os.scandir(persistence.STATE_DIR) as files:
            for file in files:
                with contextlib.suppress(FileNotFoundError):
                    times.append(file.stat().st_mtime)
        return max(times)

    def _end_child(self) -> None:
        child, self._child = self._child, 0
        if child:
            try:
                os.kill(child, signal.SIGKILL)
                os.waitpid(child, 0)
            except (ProcessLookupError, ChildProcessError):
                return

    def _mark(self, as_of: float) -> None:
        # When it began, not when it ended: what came in between may not be in it.
        partial = self._marker.with_suffix(".partial")
        partial.write_text(json.dumps({"at": as_of}))
        partial.replace(self._marker)


def save_on_interval_and_signals(options: argparse.Namespace) -> None:
    """Save every ``save_every`` seconds and on SIGUSR1; on SIGTERM and SIGINT save and leave, with sockets open.

    MiniStack saves only after its last connection has closed, and an open WebSocket never does.
    """
    saver = Saver(options.state / "saved.json")
    serve = hypercorn.asyncio.serve

    def save_every() -> None:
        while True:
            time.sleep(options.save_every)
            saver.save_in_child()

    def leave() -> None:
        for workers in list(lambda_runtime._workers.values()):
            for worker in workers:
                lambda_runtime._signal(worker._proc)
        saver.save_here()
        os._exit(0)

    async def serve_until_signalled(application: Application, config: Any, **named: Any) -> None:
        loop = asyncio.get_running_loop()
        for signal_number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(signal_number, leave)
        loop.add_signal_handler(
            signal.SIGUSR1, lambda: threading.Thread(target=saver.save_in_child, args=(True,), daemon=True).start()
        )
        if options.save_every:
            threading.Thread(target=save_every, name="save", daemon=True).start()
        never = asyncio.Event()
        await serve(saver.counting(application), config, shutdown_trigger=never.wait, **named)

    hypercorn.asyncio.serve = serve_until_signalled

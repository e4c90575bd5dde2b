"""Lambda workers: the interpreter, the wait for logs, simultaneous cold starts, a first start."""

from __future__ import annotations

import argparse
import logging
import os
import signal
import threading
import time
from typing import Any

from ministack.core import lambda_runtime
from ministack.services import lambda_svc

log = logging.getLogger("cirrus.workers")

QUICK = 0.25  # seconds: a function of which a worker was taken so recently gives another one back soon
COLD_START_WAIT = 20.0  # seconds after which a request gets a worker of its own whatever the number of cold starts


def use_runtime_python(options: argparse.Namespace) -> None:
    """Run functions on a bare interpreter: MiniStack takes its own, whose packages a function would then see."""
    detect = lambda_runtime._detect_runtime_binary

    def detect_runtime_binary(runtime: str) -> tuple[str, str]:
        binary, script = detect(runtime)
        return (options.runtime_python if runtime.startswith("python") else binary), script

    lambda_runtime._detect_runtime_binary = detect_runtime_binary


def answer_silent_handlers_at_once(_: argparse.Namespace) -> None:
    """Wait 2 ms, not 50, for the log lines of an invocation that may have written none."""
    drain = lambda_runtime.Worker._drain_stderr_bounded

    def drain_quickly(
        self: Any, first_line_wait: float = 0.002, idle_confirm: float = 0.002, hard_cap: float = 0.1
    ) -> str:
        return str(drain(self, first_line_wait, idle_confirm, hard_cap))

    lambda_runtime.Worker._drain_stderr_bounded = drain_quickly


def limit_cold_starts(_: argparse.Namespace) -> None:
    """Start at most one worker per core and function at a time; further requests wait for a worker to become free.

    Of two workers per core a function has enough as long as they take one request after the other; more are started
    for those that take long. MiniStack starts a process for each simultaneous request; 32 of them starve each other.
    """
    acquire = lambda_runtime.acquire_worker
    cores = os.cpu_count() or 2
    turn = threading.Lock()  # or else many see the one free worker, and all but one start another

    def acquire_worker(
        func_name: str,
        config: dict[str, Any],
        code_zip: bytes,
        qualifier: str = "$LATEST",
        max_concurrency: int | None = None,
    ) -> Any:
        key = lambda_runtime._worker_key(func_name, config, qualifier)
        deadline = time.monotonic() + COLD_START_WAIT
        while True:
            with turn:
                with lambda_runtime._lock:
                    workers = list(lambda_runtime._workers.get(key, []))
                free = any(not worker.in_use for worker in workers)
                starting = sum(
                    worker.in_use and (worker._proc is None or worker._start_time is None) for worker in workers
                )
                quick = any(time.time() - worker.last_used < QUICK for worker in workers)
                enough = starting >= cores or (quick and len(workers) >= 2 * cores)
                if free or not enough or time.monotonic() > deadline:
                    return acquire(func_name, config, code_zip, qualifier=qualifier, max_concurrency=max_concurrency)
            time.sleep(0.004)

    lambda_runtime.acquire_worker = acquire_worker
    lambda_svc.acquire_worker = acquire_worker


def warm_up_on_signal(options: argparse.Namespace) -> None:
    """On SIGUSR2 start one worker for each function, one after the other, so that nobody waits for the first one.

    Those of ``options.warm_first`` come first.
    """
    order = {name: place for place, name in enumerate(options.warm_first)}

    def place(function: dict[str, Any]) -> int:
        return order.get(function["config"]["FunctionName"], len(order))

    def warm(function: dict[str, Any]) -> None:
        configuration = function["config"]
        worker, _reason = lambda_svc.acquire_worker(
            configuration["FunctionName"], configuration, function["code_zip"], qualifier=configuration["Version"]
        )
        try:
            lambda_runtime.ensure_spawned(worker)
        finally:
            lambda_runtime.release_worker(worker)

    def warm_all() -> None:
        for function in sorted(lambda_svc._functions._data.values(), key=place):
            try:
                lambda_svc._run_with_function_config_scope(function, warm, function)
            except (OSError, RuntimeError) as error:  # a function that cannot start says so when it is called
                log.info("not warmed up: %s", error)
        if options.packages:
            options.packages.forget_unused()

    signal.signal(signal.SIGUSR2, lambda *_: threading.Thread(target=warm_all, name="warm-up", daemon=True).start())

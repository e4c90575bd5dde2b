"""A process of its own for what may crash, hang or eat memory: whatever happens in it ends as a reason.

Forking costs milliseconds, as the libraries are loaded once by the parent. Lambda's own limits would kill the whole
function, and with it the word on what happened.
"""

import json
import os
import resource
import select
import signal
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Never

from functions.extraction.failures import Unreadable

Answer = dict[str, Any]

DAMAGED = "The file could not be read. It is damaged, or not what its name says."
_CRASHED = "Reading the file has failed half-way. It is damaged, or made to do harm."
_TOO_MUCH = "Reading the file takes more than {} MB of memory. Split it, or save it anew in a simpler form."
_TOO_LONG = "Reading the file takes longer than {} seconds. Split it, or save it anew in a simpler form."
_MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """`memory` in MB beyond what the process has when it begins, `seconds` on the wall clock, `disk` in MB per file."""

    memory: int
    seconds: float
    disk: int = 1024


def isolated(work: Callable[[], Answer], limits: Limits) -> Answer:
    """What `work` returns, or `{"status": "failed", "reason": …}`. `memory` is added: the most it had, in MB."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _run(work, limits, writing)
    os.close(writing)
    try:
        told, late = _listen(reading, time.monotonic() + limits.seconds)
    finally:
        os.close(reading)
        died_of = _end(child)
    if late:
        return failed(_TOO_LONG.format(round(limits.seconds)))
    try:
        answer: Answer = json.loads(told)
    except ValueError:
        # Libraries that cannot go on without memory abort.
        return failed(_TOO_MUCH.format(limits.memory) if died_of == signal.SIGABRT else _CRASHED)
    return answer


def failed(reason: str) -> Answer:
    """The answer that a file failed for good."""
    return {"status": "failed", "reason": reason}


def _listen(pipe: int, deadline: float) -> tuple[bytes, bool]:
    """What came through the pipe until its end, and whether the deadline came first."""
    told = b""
    while (left := deadline - time.monotonic()) > 0:
        if select.select([pipe], [], [], left)[0]:
            piece = os.read(pipe, 65536)
            if not piece:
                return told, False
            told += piece
    return told, True


def _end(child: int) -> int:
    """Kills the child where it still runs; returns the signal it died of."""
    os.kill(child, signal.SIGKILL)
    return os.WTERMSIG(os.waitpid(child, 0)[1])


def _run(work: Callable[[], Answer], limits: Limits, pipe: int) -> Never:
    """The child's whole life. Nothing of the parent's is flushed or cleaned up by it."""
    try:
        os.dup2(2, 1)  # the parent's standard output is no place for what libraries print
        _restrict(limits)
        told = json.dumps({**_outcome(work, limits), "memory": _peak()}).encode()
        while told:
            told = told[os.write(pipe, told) :]
    finally:
        os._exit(0)


def _outcome(work: Callable[[], Answer], limits: Limits) -> Answer:
    try:
        return work()
    except Unreadable as error:
        return failed(error.reason)
    except MemoryError:
        return failed(_TOO_MUCH.format(limits.memory))
    except Exception as error:  # noqa: BLE001 - libraries raise what they like over damaged files
        if is_out_of_memory(error):
            return failed(_TOO_MUCH.format(limits.memory))
        traceback.print_exc(file=sys.stderr)
        return failed(DAMAGED)


def is_out_of_memory(error: BaseException) -> bool:
    """Whether memory was the trouble, which C libraries tell in their own words."""
    said = str(error).lower()
    return "memory" in said or "bad_alloc" in said or "bad allocation" in said


def _restrict(limits: Limits) -> None:
    with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123 - one number, at every file
        already = int(file.read().split()[0]) * resource.getpagesize()
    for what, most in (
        (resource.RLIMIT_AS, already + limits.memory * _MEGABYTE),
        (resource.RLIMIT_CPU, int(limits.seconds * (os.cpu_count() or 1)) + 5),
        (resource.RLIMIT_FSIZE, limits.disk * _MEGABYTE),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024

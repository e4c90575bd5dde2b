"""Child processes of a run."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.local.children import RESTARTS, Child
from infra.local.errors import LocalError
from infra.local.run import is_running
from tests.support.waiting import until

LEAVING = "import os, sys; from infra.local.parent import leave_with_parent; leave_with_parent(); "
WAITING = "import signal; print('up', flush=True); signal.pause()"


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "child.log"


@pytest.fixture
def child(log: Path) -> Iterator[Child]:
    """A process that says ``up`` and waits."""
    child = python(log, WAITING)
    yield child
    child.stop()


def python(log: Path, source: str) -> Child:
    root = Path(__file__).parents[3]
    command = [sys.executable, "-c", source]
    return Child("part", command, dict(os.environ), log, lambda: log.exists() and "up" in log.read_text(), root, 1.0)


def test_it_is_started_when_it_is_ready_and_gone_when_it_is_stopped(child: Child) -> None:
    child.start()
    pid = child.pid
    assert is_running(pid)
    child.stop()
    assert not is_running(pid)


def test_one_that_ends_while_starting_is_reported_with_its_last_words(log: Path) -> None:
    with pytest.raises(LocalError, match=r"ended while starting(.|\n)*no such table"):
        python(log, "raise SystemExit('no such table')").start()


def test_one_that_ignores_the_request_to_leave_is_ended(log: Path) -> None:
    child = python(log, "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + WAITING)
    child.start()
    pid = child.pid
    child.stop()
    assert not is_running(pid)


def test_one_that_dies_is_noticed_and_started_again(child: Child) -> None:
    child.start()
    first = child.pid
    os.kill(first, signal.SIGKILL)
    until(child.has_died)
    child.restart()
    assert is_running(child.pid)
    assert child.pid != first


def test_one_that_keeps_dying_ends_the_run(child: Child) -> None:
    child.start()
    for _ in range(RESTARTS):
        child.restart()
    with pytest.raises(LocalError, match="keeps ending"):
        child.restart()


def test_children_leave_when_the_run_is_killed(log: Path) -> None:
    source = (
        "import os, subprocess, sys\n"
        f"child = subprocess.Popen([sys.executable, '-c', {LEAVING + WAITING!r}], stdin=subprocess.PIPE,"
        f" stdout=open({str(log)!r}, 'w'))\n"
        "print(child.pid, flush=True)\n"
        "sys.stdin.read()\n"
    )
    root = Path(__file__).parents[3]
    parent = subprocess.Popen(
        [sys.executable, "-c", source], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=root
    )
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    until(lambda: log.exists() and "up" in log.read_text(), what="the child is up")
    parent.kill()
    parent.wait()
    until(lambda: not is_running(pid), what="the child has left")

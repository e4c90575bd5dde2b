"""The state directory, its lock and what it keeps."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from infra.local.bootstrap import ROOT
from infra.local.errors import LocalError
from infra.local.ports import HOST, free_port, is_free
from infra.local.state import LOG_KEPT, State


@contextmanager
def listening() -> Iterator[int]:
    """A port that somebody else listens on."""
    with socket.create_server((HOST, 0)) as server:
        yield int(server.getsockname()[1])


def command(state: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """What ``make`` runs."""
    return subprocess.run(
        [sys.executable, "-m", "infra.local", "--state", str(state), *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_a_second_start_is_refused_in_one_sentence(tmp_path: Path) -> None:
    state = State(tmp_path)
    state.acquire()
    state.describe("http://127.0.0.1:8080")
    result = command(tmp_path, "run", "--port=0")
    assert result.returncode == 1
    assert "already running at http://127.0.0.1:8080" in result.stderr
    assert "make stop" in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1


def test_a_port_in_use_is_told_in_one_sentence(tmp_path: Path) -> None:
    with listening() as port:
        result = command(tmp_path, "run", f"--port={port}")
    assert result.returncode == 1
    assert f"Port {port} is in use" in result.stderr
    assert "PORT=" in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1


def test_stopping_what_does_not_run_says_so(tmp_path: Path) -> None:
    result = command(tmp_path, "stop")
    assert (result.returncode, result.stdout) == (0, "Cirrus is not running.\n")


def test_invoking_without_a_running_stack_says_what_to_do(tmp_path: Path) -> None:
    result = command(tmp_path, "invoke", "chats", "events/platform/version.json")
    assert (result.returncode, "make run" in result.stderr) == (1, True)


def test_the_lock_is_free_again_after_its_holder(tmp_path: Path) -> None:
    first = State(tmp_path)
    first.acquire()
    with pytest.raises(LocalError):
        State(tmp_path).acquire()
    first.release()
    State(tmp_path).acquire()


def test_a_killed_holder_leaves_no_lock(tmp_path: Path) -> None:
    source = (
        "import os, sys; from pathlib import Path; from infra.local.state import State; "
        "state = State(Path(sys.argv[1])); state.acquire(); os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", source, str(tmp_path)], cwd=ROOT, timeout=60)
    State(tmp_path).acquire()


def test_a_new_run_clears_temporary_files_and_trims_logs(tmp_path: Path) -> None:
    state = State(tmp_path)
    (state.emulator / "tmp" / "layers").mkdir(parents=True)
    state.logs.mkdir()
    state.log("edge").write_bytes(b"old" + b"x" * LOG_KEPT)
    state.acquire()
    assert not (state.emulator / "tmp").exists()
    assert state.log("edge").read_bytes() == b"x" * LOG_KEPT


def test_a_port_stays_the_same_from_run_to_run_while_it_is_free(tmp_path: Path) -> None:
    tmp_path.mkdir(exist_ok=True)
    port = State(tmp_path).kept_port("emulator")
    assert State(tmp_path).kept_port("emulator") == port
    with socket.create_server((HOST, port)):
        assert State(tmp_path).kept_port("emulator") != port


def test_the_secret_of_the_edge_stays_the_same(tmp_path: Path) -> None:
    assert State(tmp_path).origin_secret() == State(tmp_path).origin_secret() != ""


def test_a_free_port_is_free_and_none_of_those_taken() -> None:
    port = free_port()
    assert is_free(port)
    assert free_port(port, frozenset({port})) != port

"""Installing with nothing but Python."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from infra.local import bootstrap


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "tools"
    monkeypatch.setattr(bootstrap, "TOOLS", folder)
    return folder


def executable(path: Path, script: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def test_a_part_is_made_once_per_content_of_its_inputs(tools: Path, tmp_path: Path) -> None:
    lock, result, made = tmp_path / "lock", tmp_path / "result", []

    def make() -> None:
        made.append(lock.read_text())
        result.touch()

    for text in ("a", "a", "b"):
        lock.write_text(text)
        bootstrap.step("part", [lock], [result], make)
    result.unlink()
    bootstrap.step("part", [lock], [result], make)
    assert made == ["a", "b", "b"]


def test_a_part_that_failed_is_made_again(tools: Path, tmp_path: Path) -> None:
    def fail() -> None:
        raise bootstrap.BootstrapError("no network")

    with pytest.raises(bootstrap.BootstrapError):
        bootstrap.step("part", ["a"], [], fail)
    made: list[int] = []
    bootstrap.step("part", ["a"], [], lambda: made.append(1))
    assert made == [1]


def test_a_shim_that_only_fails_is_no_interpreter(tmp_path: Path) -> None:
    shim = executable(tmp_path / "python3.13", "echo 'pyenv: python3.13: command not found' >&2; exit 127")
    assert bootstrap.version_of(shim) is None
    assert bootstrap.version_of(Path(sys.executable)) == sys.version_info[:2]


def test_a_working_interpreter_of_the_runtime_is_found_behind_a_broken_shim(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    executable(tmp_path / "shims" / "python3.13", "exit 127")
    real = executable(tmp_path / "pyenv" / "versions" / "3.13.0" / "bin" / "python3.13", "echo 3 13")
    monkeypatch.setattr(sys, "executable", "/nonexistent/python3")
    monkeypatch.setenv("PATH", f"{tmp_path / 'shims'}")
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "pyenv"))
    assert bootstrap.find_python() == real


def test_this_interpreter_serves_where_no_other_can_be_had(
    tools: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bootstrap, "RUNTIME_VERSION", (3, 99))
    monkeypatch.setattr(bootstrap, "UV", executable(tmp_path / "uv", "exit 1"))
    monkeypatch.setenv("HOME", str(tmp_path))
    assert bootstrap.find_python() == Path(sys.executable)


def test_the_bootstrap_needs_nothing_but_the_standard_library() -> None:
    command = [sys.executable, "-I", "-S", str(Path(bootstrap.__file__)), "--help"]
    result = subprocess.run(command, capture_output=True, text=True, env={"PATH": os.defpath})
    assert result.returncode == 0, result.stderr

"""`make drop`: a file, or a folder with all in it."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from infra.local import aws
from infra.local.drop import drop
from infra.local.errors import LocalError

ENDPOINTS = SimpleNamespace(emulator_url="http://127.0.0.1:1", files_bucket="files")


class Bucket:
    """What was put where."""

    def __init__(self) -> None:
        self.keys: list[str] = []

    def upload_file(self, path: str, bucket: str, key: str) -> None:
        assert Path(path).is_file()
        self.keys.append(f"{bucket}/{key}")


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Bucket:
    made = Bucket()
    monkeypatch.setattr(aws, "client", lambda *_: made)
    return made


def state(running: bool = True) -> SimpleNamespace:
    return SimpleNamespace(read_endpoints=lambda: ENDPOINTS if running else None)


def test_a_folder_keeps_its_paths_and_a_file_its_name(bucket: Bucket, tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    for name in ("one.txt", "a/two.txt", "a/b/drei ü.txt"):
        (tmp_path / name).write_text("x")
    assert "3 files" in drop(state(), tmp_path, "Handbook")  # type: ignore[arg-type]
    drop(state(), tmp_path / "one.txt", " Handbook ")  # type: ignore[arg-type]
    assert sorted(bucket.keys) == [
        "files/drop/Handbook/a/b/drei ü.txt",
        "files/drop/Handbook/a/two.txt",
        "files/drop/Handbook/one.txt",
        "files/drop/Handbook/one.txt",
    ]


@pytest.mark.parametrize(
    ("running", "file", "knowledge", "told"),
    [
        (False, "one.txt", "Handbook", "not running"),
        (True, "none.txt", "Handbook", "no file"),
        (True, "one.txt", " ", "KB="),
        (True, "one.txt", "a/b", "no slash"),
    ],
)
def test_what_cannot_be_dropped_is_told_in_a_sentence(
    bucket: Bucket, tmp_path: Path, running: bool, file: str, knowledge: str, told: str
) -> None:
    (tmp_path / "one.txt").write_text("x")
    with pytest.raises(LocalError, match=told):
        drop(state(running), tmp_path / file, knowledge)  # type: ignore[arg-type]
    assert bucket.keys == []

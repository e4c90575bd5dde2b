"""Puts files into the drop folder of the running stack, as `aws s3 cp` does with a deployed one."""

from __future__ import annotations

from pathlib import Path

from infra.local import aws
from infra.local.errors import LocalError
from infra.local.state import State


def drop(state: State, path: Path, knowledge: str) -> str:
    """What was put where; raises LocalError without such a file, name or stack."""
    endpoints = state.read_endpoints()
    if endpoints is None:
        raise LocalError("Cirrus is not running: start it with 'make run' first.")
    folder = knowledge.strip()
    if not folder or "/" in folder:
        raise LocalError("Name a knowledge base: KB=Handbook. A name has no slash.")
    files = sorted(each for each in path.rglob("*") if each.is_file()) if path.is_dir() else [path]
    if not all(each.is_file() for each in files) or not files:
        raise LocalError(f"There is no file at {path}.")
    client = aws.client("s3", endpoints.emulator_url)
    for each in files:
        inside = each.relative_to(path).as_posix() if path.is_dir() else each.name
        client.upload_file(str(each), endpoints.files_bucket, f"drop/{folder}/{inside}")
    many = "1 file" if len(files) == 1 else f"{len(files)} files"
    return f"Put {many} into s3://{endpoints.files_bucket}/drop/{folder}/"

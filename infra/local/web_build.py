"""Builds the web app when its sources have changed."""

from __future__ import annotations

import hashlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

from infra.local.bootstrap import BIN, ROOT, TOOLS, environment
from infra.local.errors import LocalError

WEB = ROOT / "web"
BUILD = WEB / "build"
_MADE = {"node_modules", "build", ".svelte-kit", "test-results", "coverage", "paraglide"}


def build_web(log: Path) -> bool:
    """Build into ``web/build`` if the sources are not those of the last build; returns whether it did.

    Raises LocalError with the end of the output when the build fails.
    """
    stamp = TOOLS / "stamps" / "web-build"
    digest = _digest()
    if (BUILD / "index.html").is_file() and stamp.is_file() and stamp.read_text() == digest:
        return False
    with log.open("ab") as file:
        start = file.tell()
        result = subprocess.run(
            [str(BIN / "npm"), "run", "build"],
            cwd=WEB,
            env=environment() | {"CI": "true", "NODE_OPTIONS": os.environ.get("NODE_OPTIONS", "")},
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
        )
    if result.returncode:
        end = "\n".join(log.read_bytes()[start:].decode(errors="replace").splitlines()[-30:])
        raise LocalError(f"The web app could not be built; the end of {log}:\n{end}")
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(digest)
    return True


def _digest() -> str:
    total = hashlib.sha256()
    for path in _sources(WEB):
        total.update(str(path.relative_to(WEB)).encode() + b"\0" + path.read_bytes() + b"\0")
    return total.hexdigest()


def _sources(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if path.name in _MADE:
            continue
        if path.is_dir():
            yield from _sources(path)
        elif path.is_file():
            yield path

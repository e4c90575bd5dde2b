"""The node as a child process."""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
from pathlib import Path

from infra.local.bootstrap import OPENSEARCH_HOME, java_home
from infra.local.children import Child
from infra.local.errors import LocalError
from infra.local.parts import answers

HEAP = "512m"
# What a busy machine takes.
START_SECONDS = 180.0
# It refuses to run as root: then it is nobody.
NOBODY = 65534


def node(port: int, folder: Path, log: Path, heap: str = HEAP) -> Child:
    """A node on a port, which keeps its data in a folder; raises LocalError where it is not installed."""
    java = java_home()
    if java is None or not OPENSEARCH_HOME.exists():
        raise LocalError("OpenSearch is not installed: run 'python3 infra/local/bootstrap.py opensearch'.")
    home, folder = OPENSEARCH_HOME, _reachable(folder)
    if _reachable(home) != home:
        shutil.copytree(home, _reachable(home), dirs_exist_ok=True)
        home = _reachable(home)
    parts = [folder / name for name in ("data", "logs", "tmp")]
    for part in parts:
        part.mkdir(parents=True, exist_ok=True)
    # It writes into its configuration.
    shutil.copytree(home / "config", folder / "config", dirs_exist_ok=True)
    command = [str(home / "bin" / "opensearch"), f"-Ehttp.port={port}"]
    command += [f"-Etransport.port={port + 100 if port < 65_000 else port - 100}"]
    command += [f"-Epath.data={parts[0]}", f"-Epath.logs={parts[1]}"]
    if os.geteuid() == 0:
        _give_away(folder)
        command = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", *command]
    environment = {
        "PATH": os.environ.get("PATH", os.defpath),
        "OPENSEARCH_PATH_CONF": str(folder / "config"),
        "JAVA_HOME": str(java),
        "OPENSEARCH_TMPDIR": str(parts[2]),
        "OPENSEARCH_JAVA_OPTS": f"-Xms{heap} -Xmx{heap}",
    }
    return Child(
        "opensearch", command, environment, log, lambda: answers(port), home, stop_wait=30.0, start_wait=START_SECONDS
    )


def _reachable(folder: Path) -> Path:
    """The folder itself; for root, where nobody cannot come to it, one that stands for it."""
    if os.geteuid() or all(parent.stat().st_mode & stat.S_IXOTH for parent in folder.parents if parent.exists()):
        return folder
    return Path("/var/tmp") / f"cirrus-{hashlib.sha256(str(folder).encode()).hexdigest()[:16]}"  # noqa: S108


def _give_away(folder: Path) -> None:
    for place in (folder, *folder.rglob("*")):
        os.chown(place, NOBODY, NOBODY)

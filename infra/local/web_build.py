"""The built web app, made anew when something that it is made from has changed."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from infra.local.bootstrap import ROOT, TOOLS, UV, environment
from infra.local.errors import LocalError
from infra.sources import sources_digest

# The web app's types come from the functions' OpenAPI documents, so it is made from their sources too.
_SOURCES = ("web", "functions", "shared")
_NOTE = TOOLS / "stamps" / "web-build"
_BUILD = "from infra.build import AssetBuilder; from infra.stage import Stage; print(AssetBuilder(Stage('dev')).web())"


def web_folder(log: Path, variables: Mapping[str, str] | None = None) -> Path:
    """The folder of the built web app; raises LocalError with the end of the output when it cannot be built."""
    try:
        note = json.loads(_NOTE.read_text())
        if note["digest"] == _digest() and Path(note["folder"], "index.html").is_file():
            return Path(note["folder"])
    except (OSError, ValueError, KeyError):
        pass
    env = {**environment(), **(variables or {}), "UV": str(UV)}
    result = subprocess.run(
        [sys.executable, "-c", _BUILD], cwd=ROOT, env=env, capture_output=True, text=True, stdin=subprocess.DEVNULL
    )
    log.parent.mkdir(parents=True, exist_ok=True)
    log.write_text(result.stdout + result.stderr)
    if result.returncode:
        end = "\n".join((result.stdout + result.stderr).splitlines()[-25:])
        raise LocalError(f"The web app could not be built; the end of {log}:\n{end}")
    folder = Path(result.stdout.strip().splitlines()[-1])
    _NOTE.parent.mkdir(parents=True, exist_ok=True)
    # Of the sources as they are now: the build writes the types of the API among them.
    _NOTE.write_text(json.dumps({"digest": _digest(), "folder": str(folder)}))
    return folder


def _digest() -> str:
    return sources_digest(_SOURCES, left_out=("node_modules", "build", ".svelte-kit", "test-results", "paraglide"))


if __name__ == "__main__":
    print(web_folder(ROOT / ".cirrus" / "web-build.log"))

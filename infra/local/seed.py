"""Tells the deployed stack which model servers this run offers."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from infra.local.bootstrap import ROOT
from infra.local.errors import LocalError
from infra.local.models import ModelServer


def run(servers: Sequence[ModelServer], environment: Mapping[str, str], log: Path) -> None:
    """Write the connections in a process that has the deployed environment; raises LocalError when that fails."""
    given = json.dumps([asdict(server) for server in servers])
    command = [sys.executable, "-m", "infra.local.seed"]
    result = subprocess.run(command, cwd=ROOT, env=dict(environment), input=given, capture_output=True, text=True)
    log.write_text(result.stdout + result.stderr)
    if result.returncode:
        end = "\n".join((result.stdout + result.stderr).splitlines()[-10:])
        raise LocalError(f"The model connections could not be written:\n{end}")


def seed(servers: Sequence[ModelServer]) -> None:
    """Replace the connections of earlier runs by these; those that an administrator added stay."""
    # Imported here, for the run itself only starts this module as a process.
    from shared.llm.connections import EnvironmentConnection, replace_environment_connections

    replace_environment_connections(
        [
            EnvironmentConnection(
                server.url, server.key, {"connection_type": server.connection_type, "provider": server.kind}
            )
            for server in servers
        ]
    )


if __name__ == "__main__":
    seed([ModelServer(**server) for server in json.load(sys.stdin)])

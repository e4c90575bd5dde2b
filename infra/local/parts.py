"""The child processes that run our own code: the edge, ``inference`` and the demo model."""

from __future__ import annotations

import http.client
import json
import os
import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from infra.local.bootstrap import ROOT
from infra.local.children import Child
from infra.local.edge.backends import INFERENCE, Backends
from infra.local.ports import HOST


def demo_model(port: int, log: Path) -> Child:
    """The built-in model server."""
    return _module("demo model", "infra.local.demo_model", ["--port", str(port)], os.environ, port, log)


def inference(port: int, environment: Mapping[str, str], log: Path) -> Child:
    """The ``inference`` function as a process, in the environment of the deployed one."""
    return _module(INFERENCE, "infra.local.inference_server", ["--port", str(port)], environment, port, log)


def edge(port: int, backends: Backends, configuration: Path, log: Path) -> Child:
    """The edge on a port; ``configuration`` is the file by which it is told its backends."""
    configuration.write_text(json.dumps({**asdict(backends), "web": str(backends.web)}, indent=2))
    configuration.chmod(0o600)
    arguments = ["--port", str(port), "--backends", str(configuration)]
    return _module("edge", "infra.local.edge", arguments, os.environ, port, log)


def answers(port: int) -> bool:
    """Whether an HTTP server answers on this port, whatever it says."""
    connection = http.client.HTTPConnection(HOST, port, timeout=5)
    try:
        connection.request("GET", "/__ready")
        connection.getresponse().read()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    return True


def _module(
    name: str, module: str, arguments: list[str], environment: Mapping[str, str], port: int, log: Path
) -> Child:
    command = [sys.executable, "-m", module, *arguments]
    return Child(name, command, dict(environment), log, lambda: answers(port), ROOT)

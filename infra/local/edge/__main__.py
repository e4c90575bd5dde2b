"""Serves the edge as a process of its own."""

from __future__ import annotations

import argparse
import json
import logging
from pathlib import Path

from aiohttp import web

from infra.local.edge.app import create_app
from infra.local.edge.backends import Backends
from infra.local.parent import leave_with_parent
from infra.local.ports import HOST


def main() -> None:
    """Serve until told to leave."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--backends", type=Path, required=True, help="JSON file with the fields of Backends")
    options = parser.parse_args()
    fields = json.loads(options.backends.read_text())
    backends = Backends(**{**fields, "web": Path(fields["web"])})
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s")
    leave_with_parent()
    web.run_app(
        create_app(backends),
        host=HOST,
        port=options.port,
        print=None,
        access_log=None,
        handler_cancellation=True,
        shutdown_timeout=1.0,
    )


if __name__ == "__main__":
    main()

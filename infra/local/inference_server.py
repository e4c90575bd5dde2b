"""The ``inference`` function as what it is on AWS too, a uvicorn app: the emulator cannot stream."""

from __future__ import annotations

import argparse

import uvicorn

from infra.local.parent import leave_with_parent
from infra.local.ports import HOST

APP = "functions.inference.handler:app"
LEAVE_WAIT = 1  # seconds that streams get to end


def main() -> None:
    """Serve until told to leave."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    port: int = parser.parse_args().port
    leave_with_parent()
    uvicorn.run(APP, host=HOST, port=port, log_level="warning", access_log=False, timeout_graceful_shutdown=LEAVE_WAIT)


if __name__ == "__main__":
    main()

"""Starts MiniStack with our patches, in the emulator's own environment.

Started by ``infra.local.emulator_process``; ends, with its state saved, on SIGTERM, on SIGINT and when its standard
input is closed (which happens when whoever started it dies).
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
from pathlib import Path

# Started as a file by another interpreter than the project's; PYTHONPATH is no way, for the functions would inherit it.
sys.path.insert(0, str(Path(__file__).resolve().parents[3]))


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--state", type=Path, required=True, help="folder that holds everything the emulator keeps")
    parser.add_argument("--runtime-python", required=True, help="interpreter that runs Python functions")
    parser.add_argument("--save-every", type=float, default=0.0, help="seconds between saves; 0 saves on leaving only")
    parser.add_argument("--auth", action="store_true", help="evaluate IAM policies")
    parser.add_argument("--warm-first", action="append", default=[], help="a function that is started before others")
    parser.set_defaults(packages=None)
    parser.add_argument("--without", action="append", default=[], help="leave out this patch (for its test)")
    return parser.parse_args(arguments)


def configure(options: argparse.Namespace) -> None:
    """Set MiniStack's environment, which it reads when it is imported."""
    state: Path = options.state.resolve()
    temporary = state / "tmp"
    temporary.mkdir(parents=True, exist_ok=True)
    os.environ.update(
        BIND_HOST="127.0.0.1",
        GATEWAY_PORT=str(options.port),
        MINISTACK_HOST="127.0.0.1",
        PERSIST_STATE="1",
        STATE_DIR=str(state / "services"),
        S3_PERSIST="1",
        S3_DATA_DIR=str(state / "s3"),
        TMPDIR=str(temporary),
        AUTH="true" if options.auth else "false",
        IOT_MTLS_ENABLED="0",
        SFTP_ENABLED="0",
        LOG_LEVEL=os.environ.get("LOG_LEVEL", "WARNING"),
        AWS_ENDPOINT_URL=f"http://127.0.0.1:{options.port}",
        AWS_DISABLE_HOST_PREFIX_INJECTION="true",
        AWS_EC2_METADATA_DISABLED="true",
    )


def leave_with_parent() -> None:
    """Send ourselves SIGTERM once standard input is at its end."""

    def wait() -> None:
        while os.read(0, 4096):  # not sys.stdin, whose lock would hang the interpreter's shutdown
            continue
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, name="parent", daemon=True).start()


def main() -> None:
    """Patch MiniStack and serve until told to leave."""
    options = parse()
    configure(options)
    from infra.local.emulator.patches import registry

    registry.apply(options)
    import ministack.app

    leave_with_parent()
    sys.argv = sys.argv[:1]
    ministack.app.main()


if __name__ == "__main__":
    main()

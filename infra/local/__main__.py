"""``python -m infra.local``: run and stop the local stack."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from pathlib import Path

from infra.local.bootstrap import ROOT
from infra.local.drop import drop
from infra.local.errors import LocalError
from infra.local.invoke import invoke
from infra.local.run import Options, Run
from infra.local.state import State

DEFAULT_STATE = ROOT / ".cirrus" / "state"


def main(arguments: list[str] | None = None) -> int:
    """Carry out the command line; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m infra.local", description=__doc__)
    parser.add_argument("--state", type=Path, default=DEFAULT_STATE, help="the state directory")
    commands = parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run", help="start the local stack and serve it until stopped")
    run.add_argument("--port", type=int, default=int(os.environ.get("PORT", "8080")), help="0 takes a free one")
    run.add_argument("--auth", action="store_true", default=os.environ.get("AUTH") == "true", help="evaluate IAM")
    run.add_argument("--demo", action="store_true", help="offer the demo model whatever else there is")
    run.add_argument(
        "--search",
        choices=("embedded", "opensearch"),
        default=os.environ.get("SEARCH") or "embedded",
        help="index chunks of files in files, or on a node of OpenSearch",
    )
    run.add_argument("--model-hub", default=os.environ.get("MODEL_HUB", ""), help="where local models come from")
    run.add_argument("--web", type=Path, help="serve this built web app and build none")
    run.add_argument("--while-process", type=int, help="end when the process of this id has ended")
    commands.add_parser("stop", help="stop a running local stack, with its state saved")
    invoked = commands.add_parser("invoke", help="invoke a function of the running stack")
    invoked.add_argument("function", help="its name, such as chats")
    invoked.add_argument("event", type=Path, help="a JSON file, such as events/platform/version.json")
    dropped = commands.add_parser("drop", help="put a file, or a folder with all in it, into the drop folder")
    dropped.add_argument("file", type=Path)
    dropped.add_argument("knowledge", help="the name, or the id, of a knowledge base")
    options = parser.parse_args(arguments)
    try:
        if options.command == "stop":
            print("Stopped." if State(options.state).stop_holder() else "Cirrus is not running.")
            return 0
        if options.command == "invoke":
            print(invoke(State(options.state), options.function, options.event))
            return 0
        if options.command == "drop":
            print(drop(State(options.state), options.file, options.knowledge))
            return 0
        return serve(
            Options(
                options.state,
                options.port,
                options.auth,
                options.demo,
                options.while_process,
                options.search,
                options.model_hub,
                options.web,
            )
        )
    except LocalError as error:
        print(error, file=sys.stderr)
        return 1


def serve(options: Options) -> int:
    """Run until SIGINT or SIGTERM; returns the exit status."""
    run = Run(options, say=lambda line: print(line, flush=True))
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: run.stop())
    run.serve()
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""`make bench`: starts the stack as `make run` does (or takes the one CIRRUS_STACK names), measures, prints.

`python -m tests.bench [kind …]` measures some kinds only.
"""

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.bench import answers, bulk, calls, extraction, hops, index, ingestion, lists, opening, screen, search
from tests.bench.report import Figure, milliseconds, table
from tests.bench.site import Site, site
from tests.support import stack as stacks
from tests.support.import_times import LIMIT, handlers, measure
from tests.support.stack import shared_stack


def imports() -> list[Figure]:
    """Each handler's import beside its libraries alone."""
    found = [(handler, measure(handler)) for handler in handlers()]
    return [
        Figure(
            handler, milliseconds(it.handler), milliseconds(it.libraries), it.ratio, f"≤ {LIMIT} ×", it.ratio <= LIMIT
        )
        for handler, it in found
    ]


def aws(site: Site) -> str:
    """AWS calls as counted, and the estimate that follows from them."""
    counted = asyncio.run(calls.count(site))
    return "\n".join(
        [
            table("AWS calls of one message", calls.figures(counted)),
            table("Time to first token on AWS: AN ESTIMATE by hops, not measured", hops.estimate(counted)),
        ]
    )


KINDS: dict[str, Callable[[Site], str]] = {
    "first": lambda site: table("Time to first token, beside a direct call", asyncio.run(answers.first_tokens(site))),
    "weight": lambda site: table("Weight of an answer on the socket", asyncio.run(answers.weights(site))),
    "list": lambda site: table("Chat list", lists.chat_list(site)),
    "open": lambda site: table("Opening a chat", opening.opening(site)),
    "search": lambda site: table("Search over chats", search.search(site)),
    "index": lambda site: table("Finding chunks of files (direct: p95)", index.index(site)),
    "ingest": lambda site: table("From an upload to what can be found", ingestion.ingestion(site)),
    "extract": lambda site: table("Reading and splitting files, by processor time", extraction.extraction()),
    "import": lambda site: table("Import of chats (direct: posted one by one)", bulk.bulk_import(site)),
    "models": lambda site: table(
        "Models side by side, 50 tokens a second each", asyncio.run(answers.four_at_once(site))
    ),
    "signin": lambda site: table("A stream of 50 tokens a second", asyncio.run(answers.sign_ins(site))),
    "screen": lambda site: table("The web app in Chromium", screen.composer(site)),
    "aws": aws,
    "imports": lambda site: table("Import of each handler (direct: its libraries alone)", imports()),
}


def _ahead_of_others() -> bool:
    """Lets this process and all that it starts go first on a machine that does other work too; False where one may not.

    The figures are about Cirrus beside a direct call, not about its neighbours.
    """
    try:
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))
    except (PermissionError, AttributeError):
        return False
    return True


def _counting() -> float:
    """Seconds of a loop that nothing of Cirrus is in: how fast the machine is at this moment."""
    started = time.perf_counter()
    for _ in range(10_000_000):
        pass
    return time.perf_counter() - started


def main(wanted: list[str]) -> int:
    """Prints the figures; returns 0, also where a target is missed, for the machine may be busy."""
    unknown = [kind for kind in wanted if kind not in KINDS]
    if unknown:
        print(f"There is no {', '.join(unknown)}: choose from {', '.join(KINDS)}.", file=sys.stderr)
        return 2
    ahead = _ahead_of_others()
    with tempfile.TemporaryDirectory(prefix="cirrus-bench-") as name:
        folder = Path(name)
        try:
            with shared_stack(folder, os.getpid(), auth=False) as stack, site(stack, folder) as made:
                print(f"Cirrus at {made.url}, the model server at {made.server.url}")
                busy = "goes before other work" if ahead else "a busy machine adds to each time"
                print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}: {busy}\n")
                sys.stdout.flush()
                for kind in wanted or KINDS:
                    print(f"Counting to ten million takes {_counting():.2f} s.")
                    print(KINDS[kind](made), flush=True)
        finally:
            stacks.stop(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

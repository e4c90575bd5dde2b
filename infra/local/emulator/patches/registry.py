"""All patches by name."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from infra.local.emulator.patches import (
    events,
    items,
    logs,
    packages,
    queries,
    saving,
    sockets,
    streams,
    tables,
    workers,
)

Patch = Callable[[argparse.Namespace], None]

PATCHES: dict[str, Patch] = {
    "runtime-python": workers.use_runtime_python,
    "silent-handlers": workers.answer_silent_handlers_at_once,
    "cold-starts": workers.limit_cold_starts,
    "event-queue": events.queue_events,
    "warm-up": workers.warm_up_on_signal,
    "packages": packages.link_packages,
    "route-responses": sockets.provision_route_responses,
    "ttl": tables.apply_time_to_live,
    "expressions-once": queries.check_expressions_once,
    "index-order": queries.read_index_in_order,
    "item-projection": items.project_once,
    "item-size": items.weigh_quickly,
    "stream-window": streams.gather_records,
    "stream-batches": streams.limit_batches,
    "stream-thread": streams.read_apart,
    "stream-memory": streams.forget_read_records,
    "stream-saving": streams.save_records,
    "logs": logs.keep_recent_events,
    "saving": saving.save_on_interval_and_signals,
}


def apply(options: argparse.Namespace) -> None:
    """Apply every patch but those in ``options.without``; raises ValueError for an unknown name."""
    unknown = set(options.without) - PATCHES.keys()
    if unknown:
        raise ValueError(f"no such patch: {', '.join(sorted(unknown))}")
    for name, patch in PATCHES.items():
        if name not in options.without:
            patch(options)

"""DynamoDB streams: records are gathered as the mapping asks, kept until they are read, and over a restart."""

from __future__ import annotations

import argparse
import json
import logging
import threading
import time
from itertools import accumulate
from typing import Any

from ministack.services import dynamodb, lambda_svc

log = logging.getLogger("cirrus.streams")

Record = dict[str, Any]

# Lambda's limit of a request: a batch ends before it, whatever the mapping's size.
BATCH_BYTES = 6_000_000


def gather_records(_: argparse.Namespace) -> None:
    """Wait for a mapping's MaximumBatchingWindowInSeconds, where MiniStack invokes for every record at once."""
    since = dynamodb.stream_records_since

    def records_since(table: str, position: int, limit: int, **scope: Any) -> list[Record]:
        records: list[Record] = since(table, position, limit, **scope)
        window = max((int(esm.get("MaximumBatchingWindowInSeconds") or 0) for esm in _mappings(table)), default=0)
        if records and len(records) < limit and _age(records[0]) < window:
            return []
        return records

    dynamodb.stream_records_since = records_since


def limit_batches(_: argparse.Namespace) -> None:
    """End a batch before Lambda's limit of a request, which MiniStack knows for the caller of a function only."""
    since = dynamodb.stream_records_since

    def records_since(table: str, position: int, limit: int, **scope: Any) -> list[Record]:
        records: list[Record] = since(table, position, limit, **scope)
        sizes = accumulate(len(json.dumps(record)) for record in records)
        fitting = next((number for number, size in enumerate(sizes) if size > BATCH_BYTES), len(records))
        return records[: max(1, fitting)]

    dynamodb.stream_records_since = records_since


def read_apart(_: argparse.Namespace) -> None:
    """Read streams in a thread of their own: MiniStack's one reader of all sources waits for each batch of a stream."""
    poll, asked = lambda_svc._poll_dynamodb_streams, threading.Event()

    def read() -> None:
        while True:
            asked.wait()
            asked.clear()
            try:
                while poll():
                    pass
            except Exception:
                log.exception("reading streams")

    def ask() -> bool:
        asked.set()
        return False

    threading.Thread(target=read, name="streams", daemon=True).start()
    lambda_svc._poll_dynamodb_streams = ask


def forget_read_records(_: argparse.Namespace) -> None:
    """Drop records that every mapping has read, where MiniStack keeps all of a day in memory."""
    since = dynamodb.stream_records_since

    def records_since(table: str, position: int, limit: int, **scope: Any) -> list[Record]:
        positions = [lambda_svc._dynamodb_stream_positions.get(esm["UUID"], 0) for esm in _mappings(table)]
        trimmed = dynamodb._trimmed_count(table)
        read = min(positions, default=0) - trimmed
        if read > 0:
            records = dynamodb._live_stream_records(table)
            read = min(read, len(records))
            del records[:read]
            dynamodb._stream_trimmed[table] = trimmed + read
        found: list[Record] = since(table, position, limit, **scope)
        return found

    dynamodb.stream_records_since = records_since


def save_records(_: argparse.Namespace) -> None:
    """Save the records with the rest; MiniStack saves how many were read only, and later skips so many new ones."""
    get_state, load = dynamodb.get_state, dynamodb.load_persisted_state

    def get_state_with_records() -> dict[str, Any]:
        streams = {"stream_records": dynamodb._stream_records, "stream_trimmed": dynamodb._stream_trimmed}
        return {**get_state(), **streams}

    def load_with_records(data: dict[str, Any]) -> None:
        load(data)
        dynamodb._stream_records.update(data.get("stream_records", {}))
        dynamodb._stream_trimmed.update(data.get("stream_trimmed", {}))

    dynamodb.get_state, dynamodb.load_persisted_state = get_state_with_records, load_with_records


def _mappings(table: str) -> list[dict[str, Any]]:
    marker = f":table/{table}/stream/"
    return [esm for _account, _region, esm in lambda_svc._iter_all_esms() if marker in esm.get("EventSourceArn", "")]


def _age(record: Record) -> float:
    """Seconds since the record was written: sequence numbers begin with the time in milliseconds, in 20 digits."""
    return time.time() - int(record["dynamodb"]["SequenceNumber"][:20]) / 1000

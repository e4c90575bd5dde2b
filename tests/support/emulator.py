"""The bare emulator: tables, bucket and secret, and nothing deployed."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from infra.local import aws
from infra.local.children import Child
from infra.local.emulator_process import emulator
from infra.local.ports import HOST, free_port
from shared.identity.keys import key_ring
from shared.settings import settings
from shared.storage import aws as clients
from shared.storage import schema
from shared.storage.tables import Item

STAGE = "local"
BUCKET = "cirrus-local-files"
SECRET = "cirrus-local-keys"
ORIGIN_SECRET = "origin-secret-of-the-tests"
QUEUE = "cirrus-local-timers"


@dataclass(frozen=True)
class Emulator:
    """A running emulator, its process, and the environment that functions would have on it."""

    url: str
    process: Child
    environment: dict[str, str]


@contextmanager
def running(folder: Path, *, auth: bool = False, without: tuple[str, ...] = ()) -> Iterator[Child]:
    """An emulator with nothing in it; its URL is that of ``url_of``."""
    port = free_port()
    folder.mkdir(parents=True, exist_ok=True)
    child = emulator(port, folder, folder / "emulator.log", auth=auth, without=without)
    try:
        child.start()
        yield child
    finally:
        child.stop()


def url_of(child: Child) -> str:
    """Where an emulator listens."""
    port = next(part.removeprefix("--port=") for part in child.command if part.startswith("--port="))
    return f"http://{HOST}:{port}"


@contextmanager
def prepared(folder: Path) -> Iterator[Emulator]:
    """An emulator with the tables, the bucket, the queue and the secret, which this process' settings name."""
    with running(folder) as child:
        url = url_of(child)
        tables = {f"{table.name.upper()}_TABLE": schema.table_name(STAGE, table) for table in schema.TABLES}
        for table in schema.TABLES:
            create_table(url, table)
        aws.client("s3", url).create_bucket(Bucket=BUCKET)
        secret = {"key_id": "1", "master": "m" * 64}
        aws.client("secretsmanager", url).create_secret(Name=SECRET, SecretString=json.dumps(secret))
        queue = aws.client("sqs", url).create_queue(QueueName=QUEUE)["QueueUrl"]
        environment = aws.environment(url, folder / "aws-config") | tables
        environment |= {
            "STAGE": STAGE,
            "FILES_BUCKET": BUCKET,
            "SECRET_ID": SECRET,
            "ORIGIN_SECRET": ORIGIN_SECRET,
            "TIMERS_QUEUE_URL": queue,
            "CHAT_INDEX_FUNCTION": "cirrus-local-chat_index",
            "POWERTOOLS_TRACE_DISABLED": "true",
        }
        before = dict(os.environ)
        os.environ.update(environment)
        forget_settings()
        try:
            yield Emulator(url, child, environment)
        finally:
            os.environ.clear()
            os.environ.update(before)
            forget_settings()


def create_table(url: str, table: schema.TableSchema) -> None:
    """Create a table as the data stack does."""
    keys = [(schema.PARTITION_KEY, "HASH"), (schema.SORT_KEY, "RANGE")]
    index_keys = [(schema.INDEX_PARTITION_KEY, "HASH"), (schema.INDEX_SORT_KEY, "RANGE")]
    attributes = keys + (index_keys if table.indexed else [])
    projection = (
        {"ProjectionType": "ALL"}
        if table.listed is None
        else {"ProjectionType": "INCLUDE", "NonKeyAttributes": list(table.listed)}
    )
    index = {"IndexName": schema.INDEX, "KeySchema": _key_schema(index_keys), "Projection": projection}
    stream = {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}
    client = aws.client("dynamodb", url)
    name = schema.table_name(STAGE, table)
    client.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=_key_schema(keys),
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key, _ in attributes],
        **({"GlobalSecondaryIndexes": [index]} if table.indexed else {}),
        **({"StreamSpecification": stream} if table.streamed else {}),
    )
    client.update_time_to_live(
        TableName=name, TimeToLiveSpecification={"Enabled": True, "AttributeName": schema.TTL_ATTRIBUTE}
    )


def forget_settings() -> None:
    """Have the next use of settings, clients and keys read the environment anew."""
    settings.cache_clear()
    key_ring.cache_clear()
    for name in ("dynamodb", "s3", "lambda_client", "sqs", "secretsmanager", "connections_api"):
        getattr(clients, name).cache_clear()
    models: list[type[Item]] = list(Item.__subclasses__())
    for model in models:
        models += model.__subclasses__()
        model._connection = None  # pynamodb keeps the endpoint it first spoke to


def _key_schema(keys: list[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"AttributeName": name, "KeyType": kind} for name, kind in keys]

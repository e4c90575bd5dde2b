"""Queries of an index on the emulator: with and without the patches the same answers, with them at a flat cost."""

from __future__ import annotations

import random
import statistics
import time
from pathlib import Path
from typing import Any

import pytest

from infra.local import aws
from shared.storage import schema
from tests.contract.local.test_patches import PATCHED
from tests.support.emulator import create_table, running, url_of

TABLE = schema.table_name("local", schema.CHATS)
PATCHES = ("index-order", "expressions-once", "item-projection", "item-size")


def fill(client: Any, partition: str, count: int) -> None:
    for start in range(0, count, 25):
        puts = [
            {
                "PutRequest": {
                    "Item": {
                        "pk": {"S": f"{partition}{number}"},
                        "sk": {"S": "HEAD"},
                        "gsi1pk": {"S": partition},
                        "gsi1sk": {"S": f"{number // 3:06d}"},
                        "title": {"S": f"Über {number}" * 3},
                        "created_at": {"N": str(1_700_000_000 + number)},
                        "unread": {"BOOL": True},
                    }
                }
            }
            for number in range(start, min(start + 25, count))
        ]
        client.batch_write_item(RequestItems={TABLE: puts})


def query(client: Any, partition: str, condition: str = "", bound: str = "", **more: Any) -> Any:
    values = {":p": {"S": partition}} | ({":b": {"S": bound}} if condition else {})
    return client.query(
        TableName=TABLE,
        IndexName=schema.INDEX,
        KeyConditionExpression="gsi1pk = :p" + (f" AND gsi1sk {condition} :b" if condition else ""),
        ExpressionAttributeValues=values,
        **more,
    )


def answers(client: Any) -> list[Any]:
    """What many random queries, between random writes, return."""
    dice, seen = random.Random(1), []
    fill(client, "p", 60)
    for _ in range(60):
        number = dice.randrange(60)
        if dice.random() < 0.3:
            client.delete_item(TableName=TABLE, Key={"pk": {"S": f"p{number}"}, "sk": {"S": "HEAD"}})
        if dice.random() < 0.3:
            client.update_item(
                TableName=TABLE,
                Key={"pk": {"S": f"p{number}"}, "sk": {"S": "HEAD"}},
                UpdateExpression="SET gsi1pk = :p, gsi1sk = :s",
                ExpressionAttributeValues={":p": {"S": dice.choice("pq")}, ":s": {"S": f"{dice.randrange(20):06d}"}},
            )
        more: dict[str, Any] = {"Limit": dice.randrange(1, 9), "ScanIndexForward": dice.random() < 0.5}
        if dice.random() < 0.5:
            more |= {"ProjectionExpression": "pk, #t, created_at, unread", "ExpressionAttributeNames": {"#t": "title"}}
        condition = dice.choice(["", "<", "<=", ">", ">="])
        bound = f"{dice.randrange(20):06d}"
        for _ in range(4):
            page = query(client, "p", condition, bound, **more)
            seen.append([sorted(item.items()) for item in page["Items"]])
            if "LastEvaluatedKey" not in page:
                break
            more["ExclusiveStartKey"] = page["LastEvaluatedKey"]
    for number in range(20):
        bounds = {":low": {"S": f"HE{dice.choice('ABCD')}"}, ":high": {"S": f"HE{dice.choice('ABCDé')}"}}
        if bounds[":low"]["S"] > bounds[":high"]["S"]:
            continue
        found = client.query(
            TableName=TABLE,
            KeyConditionExpression="pk = :p AND sk BETWEEN :low AND :high",
            ExpressionAttributeValues={":p": {"S": f"p{number}"}, **bounds},
        )
        seen.append([sorted(item.items()) for item in found["Items"]])
    return seen


def median_page(client: Any, partition: str) -> float:
    took = []
    for _ in range(9):
        started = time.perf_counter()
        query(client, partition, Limit=10, ScanIndexForward=False)
        took.append(time.perf_counter() - started)
    return statistics.median(took)


@PATCHED
def test_a_page_costs_the_same_however_large_its_partition_is(tmp_path: Path, patched: bool) -> None:
    with running(tmp_path, without=() if patched else PATCHES) as child:
        create_table(url_of(child), schema.CHATS)
        client = aws.client("dynamodb", url_of(child))
        fill(client, "small", 20)
        fill(client, "large", 4_000)
        assert (median_page(client, "large") < 4 * median_page(client, "small")) is patched


def test_an_item_of_a_page_costs_little(tmp_path: Path) -> None:
    with running(tmp_path / "patched") as patched, running(tmp_path / "plain", without=PATCHES[2:]) as plain:
        clients = [aws.client("dynamodb", url_of(child)) for child in (patched, plain)]
        for child, client in zip((patched, plain), clients, strict=True):
            create_table(url_of(child), schema.CHATS)
            fill(client, "p", 1000)
        took: list[list[float]] = [[], []]
        for _ in range(15):
            for client, times in zip(clients, took, strict=True):
                started = time.perf_counter()
                query(client, "p", Limit=1000, ProjectionExpression="title, created_at, folder_id, pinned")
                times.append(time.perf_counter() - started)
    # The shortest, by turns: a busy machine adds to both.
    assert min(took[0]) < 0.8 * min(took[1])


def test_a_projection_that_is_not_right_is_refused(tmp_path: Path) -> None:
    with running(tmp_path) as child:
        create_table(url_of(child), schema.CHATS)
        client = aws.client("dynamodb", url_of(child))
        fill(client, "p", 3)
        for wrong in ("pk, pk", "pk, name"):
            with pytest.raises(client.exceptions.ClientError, match="ProjectionExpression"):
                query(client, "p", ProjectionExpression=wrong, Limit=2)


def test_the_answers_are_those_of_the_emulator_without_the_patches(tmp_path: Path) -> None:
    found = []
    for name, without in (("patched", ()), ("plain", PATCHES)):
        with running(tmp_path / name, without=without) as child:
            create_table(url_of(child), schema.CHATS)
            found.append(answers(aws.client("dynamodb", url_of(child))))
    assert found[0] == found[1]

"""What the patches of DynamoDB streams are for; as in test_patches, delete one whose half ``without`` fails."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from infra.local import aws
from infra.local.children import Child
from infra.local.emulator_process import save
from tests.contract.local.functions import create
from tests.contract.local.test_patches import PATCHED, start
from tests.support.emulator import running, url_of
from tests.support.waiting import until

__all__ = ["start"]

Start = Callable[..., Child]


class Followed:
    """A table whose stream invokes a function that writes down what it got: per invocation, the keys.

    While there is a file `gate` it waits.
    """

    def __init__(self, child: Child, folder: Path, window: int = 0) -> None:
        self._seen, self.url = folder / "seen", url_of(child)
        self._table = aws.client("dynamodb", self.url)
        self._table.create_table(
            TableName="followed",
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
        )
        functions = aws.client("lambda", self.url)
        create(functions, "f", _WRITE_DOWN.format(folder=str(folder)))
        functions.create_event_source_mapping(
            FunctionName="f",
            EventSourceArn=self._table.describe_table(TableName="followed")["Table"]["LatestStreamArn"],
            StartingPosition="TRIM_HORIZON",
            BatchSize=100,
            MaximumBatchingWindowInSeconds=window,
        )

    def put(self, key: str, text: str = "") -> None:
        self._table.put_item(TableName="followed", Item={"pk": {"S": key}, "text": {"S": text}})

    def seen(self) -> list[list[str]]:
        return [json.loads(line) for line in self._seen.read_text().splitlines()] if self._seen.exists() else []

    def read(self) -> list[str]:
        return [key for batch in self.seen() for key in batch]


_WRITE_DOWN = """
import json, os, time
def handler(event, context):
    os.chdir({folder!r})
    while os.path.exists("gate"):
        open("waiting", "w").close()
        time.sleep(0.05)
    with open("seen", "a") as file:
        file.write(json.dumps([r["dynamodb"]["Keys"]["pk"]["S"] for r in event["Records"]]) + "\\n")
"""


@PATCHED
def test_records_are_gathered_for_the_window_of_the_mapping(start: Start, patched: bool, tmp_path: Path) -> None:
    followed = Followed(start("stream-window", patched), tmp_path, window=2)
    written = time.monotonic()
    followed.put("key")
    until(lambda: followed.read() == ["key"])
    assert (time.monotonic() - written > 1.9) is patched


@PATCHED
def test_a_record_that_nobody_has_read_survives_a_restart_and_those_after_it_are_not_skipped(
    start: Start, patched: bool, tmp_path: Path
) -> None:
    child = start("stream-saving", patched)
    followed = Followed(child, tmp_path)
    for number in range(3):
        followed.put(str(number))
    until(lambda: len(followed.read()) == 3)
    save(child, tmp_path)
    child.stop()
    with running(tmp_path, without=() if patched else ("stream-saving",)) as again:
        table = aws.client("dynamodb", url_of(again))
        table.put_item(TableName="followed", Item={"pk": {"S": "after"}})
        if patched:
            until(lambda: "after" in followed.read())
        else:
            with pytest.raises(AssertionError):
                until(lambda: "after" in followed.read(), 3)


@PATCHED
def test_read_records_are_forgotten(start: Start, patched: bool, tmp_path: Path) -> None:
    child = start("stream-memory", patched)
    followed = Followed(child, tmp_path)
    followed.put("first")
    until(lambda: len(followed.read()) == 1)
    followed.put("second")
    until(lambda: len(followed.read()) == 2)
    save(child, tmp_path)
    saved = (tmp_path / "services" / "dynamodb.json").read_text()
    assert (saved.count("SequenceNumber") < 2) is patched


@PATCHED
def test_a_batch_ends_before_the_limit_of_a_request(start: Start, patched: bool, tmp_path: Path) -> None:
    followed = Followed(start("stream-batches", patched), tmp_path, window=2)
    for number in range(20):
        followed.put(str(number), "x" * 390_000)
    until(lambda: len(followed.read()) == 20, 30)
    assert followed.read() == [str(number) for number in range(20)]
    assert (max(map(len, followed.seen())) * 390_000 < 6_000_000) is patched


@PATCHED
def test_a_long_batch_of_a_stream_does_not_hold_up_queues(start: Start, patched: bool, tmp_path: Path) -> None:
    child = start("stream-thread", patched)
    followed, gate, passed = Followed(child, tmp_path), tmp_path / "gate", tmp_path / "passed"
    gate.touch()
    followed.put("waits")
    functions, queues = aws.client("lambda", followed.url), aws.client("sqs", followed.url)
    create(functions, "g", f"def handler(event, context): open({str(passed)!r}, 'w')")
    queue = queues.create_queue(QueueName="q")["QueueUrl"]
    arn = queues.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    functions.create_event_source_mapping(FunctionName="g", EventSourceArn=arn)
    until(lambda: (tmp_path / "waiting").exists())
    queues.send_message(QueueUrl=queue, MessageBody="m")
    if patched:
        until(passed.exists)
    else:
        with pytest.raises(AssertionError):
            until(passed.exists, 3)
    gate.unlink()
    until(lambda: followed.read() == ["waits"])
    until(passed.exists)

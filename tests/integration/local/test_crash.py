"""Parts of a running stack that crash."""

from __future__ import annotations

import httpx
import pytest

from tests.support.stack import Stack
from tests.support.waiting import until

pytestmark = pytest.mark.timeout(600)


@pytest.mark.parametrize("part", ["inference", "edge"])
def test_a_part_that_crashes_comes_back(cirrus: Stack, part: str) -> None:
    cirrus.kill_and_await_restart(part)
    answered = httpx.get(f"{cirrus.url}/api/models", timeout=60)
    assert answered.status_code == 401


def test_after_a_crash_of_the_emulator_what_was_saved_is_there(cirrus: Stack) -> None:
    table = cirrus.endpoints.tables["platform"]
    key = {"pk": {"S": "test"}, "sk": {"S": "crash"}}
    cirrus.client("dynamodb").put_item(TableName=table, Item=key)
    cirrus.save()
    cirrus.kill_and_await_restart("emulator")
    assert "Item" in cirrus.client("dynamodb").get_item(TableName=table, Key=key)
    until(lambda: httpx.get(f"{cirrus.url}/api/config", timeout=60).status_code == 200, 60, "the API answers")

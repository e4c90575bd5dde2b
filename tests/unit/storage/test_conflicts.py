"""Transactions that meet, which the emulator never shows: the client as it is, with a server that refuses."""

import json
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from shared.storage import conflicts
from tests.support.serving import serving


class Table:
    """A server that answers with these errors and then takes what it gets; `tokens` are those of the requests."""

    def __init__(self) -> None:
        self.errors: list[dict[str, Any]] = []
        self.tokens: list[str | None] = []

    async def answer(self, request: Request) -> JSONResponse:
        self.tokens.append(json.loads(await request.body()).get("ClientRequestToken"))
        return JSONResponse(self.errors.pop(0), 400) if self.errors else JSONResponse({})


def refused(*reasons: str) -> dict[str, Any]:
    return {
        "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
        "CancellationReasons": [{"Code": reason} for reason in reasons],
    }


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> Table:
    monkeypatch.setattr(conflicts.random, "uniform", lambda *_: 0)  # type: ignore[attr-defined]
    return Table()


def client(url: str) -> Any:
    made = boto3.client(
        "dynamodb",
        endpoint_url=url,
        region_name="eu-west-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(retries={"mode": "standard", "max_attempts": 4}),
    )
    conflicts.send_again(made)
    return made


def put(url: str) -> None:
    client(url).put_item(TableName="t", Item={"pk": {"S": "a"}})


def transact(url: str) -> None:
    item = {"Put": {"TableName": "t", "Item": {"pk": {"S": "a"}}}}
    client(url).transact_write_items(TransactItems=[item, item])


def test_a_transaction_in_the_way_is_waited_for_and_the_same_one_is_sent_again(table: Table) -> None:
    with serving(Starlette(routes=[Route("/", table.answer, methods=["POST"])])) as url:
        table.errors = [refused("None", "TransactionConflict"), refused("TransactionConflict", "ThrottlingError")]
        transact(url)
        assert len(table.tokens) == 3
        assert len(set(table.tokens)) == 1
        table.errors = [{"__type": "com.amazonaws.dynamodb.v20120810#TransactionConflictException"}]
        put(url)
        assert len(table.tokens) == 5


def test_a_condition_that_does_not_hold_is_told_at_once(table: Table) -> None:
    with serving(Starlette(routes=[Route("/", table.answer, methods=["POST"])])) as url:
        table.errors = [refused("TransactionConflict", "ConditionalCheckFailed")]
        with pytest.raises(ClientError, match="TransactionCanceledException"):
            transact(url)
        assert len(table.tokens) == 1


def test_it_ends_after_many_attempts(table: Table) -> None:
    with serving(Starlette(routes=[Route("/", table.answer, methods=["POST"])])) as url:
        table.errors = [refused("TransactionConflict")] * 50
        with pytest.raises(ClientError):
            transact(url)
        assert len(table.tokens) == conflicts.ATTEMPTS

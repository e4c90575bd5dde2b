"""Transactions that did not come through."""

import pytest
from pynamodb.exceptions import CancellationReason, TransactWriteError, VerboseClientError

from functions.accounts import store
from shared.errors import Conflict


def cancelled(*codes: str | None) -> TransactWriteError:
    reasons = [CancellationReason(code) if code else None for code in codes]
    response = {"Error": {"Code": "TransactionCanceledException", "Message": "cancelled"}}
    cause = VerboseClientError(response, "TransactWriteItems", cancellation_reasons=reasons)
    return TransactWriteError("cancelled", cause)


@pytest.fixture(autouse=True)
def _nothing_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    class Nothing:
        def __enter__(self) -> None: ...

        def __exit__(self, *_: object) -> None: ...

    monkeypatch.setattr(store, "transaction", Nothing)


def test_a_condition_that_does_not_hold_is_told_by_its_position() -> None:
    with pytest.raises(store.Taken) as raised, store.change_together():
        raise cancelled(None, "ConditionalCheckFailed", "TransactionConflict")
    assert raised.value.failed == [1]


def test_after_many_lost_races_the_person_is_told() -> None:
    with pytest.raises(Conflict), store.change_together():
        raise cancelled(None, "TransactionConflict")


def test_other_failures_are_passed_on() -> None:
    with pytest.raises(TransactWriteError), store.change_together():
        raise cancelled("ValidationError")

"""Transactions that meet, which the emulator never shows."""

import pytest
from pynamodb.exceptions import CancellationReason, TransactWriteError, VerboseClientError

from functions.accounts import store
from shared.errors import Conflict


def cancelled(*codes: str | None) -> TransactWriteError:
    reasons = [CancellationReason(code) if code else None for code in codes]
    response = {"Error": {"Code": "TransactionCanceledException", "Message": "cancelled"}}
    cause = VerboseClientError(response, "TransactWriteItems", cancellation_reasons=reasons)
    return TransactWriteError("cancelled", cause)


class Transaction:
    """Fails as often as told."""

    def __init__(self, *errors: TransactWriteError) -> None:
        self.errors = list(errors)
        self.attempts = 0

    def __call__(self) -> None:
        with store.change_together():
            self.attempts += 1
            if self.errors:
                raise self.errors.pop(0)


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    class Nothing:
        def __enter__(self) -> None: ...

        def __exit__(self, *_: object) -> None: ...

    monkeypatch.setattr(store, "transaction", Nothing)
    monkeypatch.setattr(store.random, "uniform", lambda *_: 0)


def test_a_transaction_in_the_way_is_waited_for() -> None:
    attempt = Transaction(cancelled(None, "TransactionConflict"), cancelled("TransactionConflict"))
    store.persistently(attempt)
    assert attempt.attempts == 3


def test_a_condition_that_does_not_hold_is_told_by_its_position() -> None:
    with pytest.raises(store.Taken) as raised:
        store.persistently(Transaction(cancelled(None, "ConditionalCheckFailed", "TransactionConflict")))
    assert raised.value.failed == [1]


def test_after_many_lost_races_the_person_is_told() -> None:
    with pytest.raises(Conflict):
        store.persistently(Transaction(*[cancelled("TransactionConflict") for _ in range(20)]))


def test_other_failures_are_not_repeated() -> None:
    attempt = Transaction(cancelled("ThrottlingError"))
    with pytest.raises(TransactWriteError):
        store.persistently(attempt)
    assert attempt.attempts == 1

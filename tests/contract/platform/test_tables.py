"""What all item models have in common."""

import pytest

from shared.chats.models import ChatHead
from shared.identity.models import UserItem
from shared.storage.aws import dynamodb
from shared.storage.tables import connection


def test_all_models_and_transactions_use_one_client(monkeypatch: pytest.MonkeyPatch) -> None:
    for model in (ChatHead, UserItem):
        monkeypatch.setattr(model, "_connection", None)
    made = [ChatHead._get_connection().connection, UserItem._get_connection().connection, connection.__wrapped__()]
    assert {id(each.client) for each in made} == {id(dynamodb())}

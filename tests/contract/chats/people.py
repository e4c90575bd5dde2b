"""People as the tests of chats and files use them, and how many AWS calls they cause."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx import Response

from shared.clock import now
from shared.identity.models import UserItem
from shared.identity.sessions import start_session
from shared.storage.aws import dynamodb


@dataclass
class Person:
    """Somebody signed in by a bearer token."""

    id: str
    token: str
    client: TestClient

    def get(self, path: str, **options: Any) -> Response:
        return self.call("GET", path, **options)

    def post(self, path: str, body: Any = None, **options: Any) -> Response:
        return self.call("POST", path, json=body, **options)

    def delete(self, path: str) -> Response:
        return self.call("DELETE", path)

    def call(self, method: str, path: str, **options: Any) -> Response:
        headers = {"authorization": f"Bearer {self.token}"} | options.pop("headers", {})
        return self.client.request(method, path, headers=headers, follow_redirects=False, **options)


def sign_in(app: FastAPI, role: str = "user") -> Person:
    """A new person of that role."""
    user_id = str(uuid.uuid4())
    user = UserItem(
        *UserItem.key(user_id),
        user_id=user_id,
        email=f"{user_id[:8]}@example.com",
        name="Ada",
        role=role,
        created_at=now(),
        updated_at=now(),
        last_active_at=now(),
    )
    user.save()
    return Person(user_id, start_session(user).token, TestClient(app, base_url="https://chat.example.com"))


@dataclass
class Calls:
    """DynamoDB calls of the pynamodb and boto3 clients, and items they returned."""

    names: list[str] = field(default_factory=list)
    items: int = 0


@contextmanager
def counted(table: str) -> Iterator[Calls]:
    """Counts the calls to a table while the block runs."""
    import botocore.client

    calls, original = Calls(), botocore.client.BaseClient._make_api_call

    def spy(client: Any, name: str, parameters: Any) -> Any:
        answer = original(client, name, parameters)
        if table in str(parameters):
            calls.names.append(name)
            calls.items += len(answer.get("Items", []))
        return answer

    botocore.client.BaseClient._make_api_call = spy
    try:
        yield calls
    finally:
        botocore.client.BaseClient._make_api_call = original


def keys(table: str, pk: str) -> list[str]:
    """The sort keys of a partition."""
    answer = dynamodb().query(
        TableName=table,
        KeyConditionExpression="pk = :pk",
        ExpressionAttributeValues={":pk": {"S": pk}},
        ConsistentRead=True,
    )
    return [item["sk"]["S"] for item in answer["Items"]]

"""People as tests use them."""

import base64
from dataclasses import dataclass
from typing import Any

from fastapi.testclient import TestClient
from httpx import Response

from functions.accounts.handler import app
from shared.storage.aws import dynamodb

ORIGIN = "https://chat.example.com"
PASSWORD = "correct horse"
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
)
DATA_URL = f"data:image/png;base64,{base64.b64encode(PNG).decode()}"


@dataclass
class Member:
    """Somebody signed in by a bearer token."""

    id: str
    email: str
    token: str
    role: str

    def call(self, method: str, path: str, **options: Any) -> Response:
        with TestClient(app, base_url=ORIGIN) as client:
            return client.request(method, path, headers={"authorization": f"Bearer {self.token}"}, **options)


def empty(table: str) -> None:
    """Deletes every item of a table."""
    for page in dynamodb().get_paginator("scan").paginate(TableName=table, ProjectionExpression="pk, sk"):
        for item in page["Items"]:
            dynamodb().delete_item(TableName=table, Key={"pk": item["pk"], "sk": item["sk"]})


def set_role(admin: Member, someone: Member, role: str, **changes: str) -> Response:
    """What the admin's form sends."""
    form = {"name": "Grace Hopper", "email": someone.email, "profile_image_url": "/user.png", "role": role, **changes}
    answer = admin.call("POST", f"/api/v1/users/{someone.id}/update", json=form)
    assert answer.status_code == 200, answer.text
    return answer

"""The workspace on the deployed stack, through the edge, with each function's own role."""

import base64
import uuid
from typing import Any

import httpx
import pytest

from tests.support.stack import Stack

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8
ICON = f"data:image/png;base64,{base64.b64encode(PNG).decode()}"


def ok(answer: httpx.Response) -> Any:
    assert answer.status_code == 200, f"{answer.request.url}: {answer.text}"
    return answer.json()


@pytest.fixture
def admin(cirrus: Stack) -> Any:
    with httpx.Client(base_url=cirrus.url, timeout=60) as client:
        form = {"email": f"{uuid.uuid4().hex}@example.com", "name": "Ada", "password": "correct horse"}
        body = ok(client.post("/api/v1/auths/signup", json=form))
        cirrus.client("dynamodb").update_item(
            TableName=cirrus.endpoints.tables["accounts"],
            Key={"pk": {"S": f"USER#{body['id']}"}, "sk": {"S": "USER"}},
            UpdateExpression="SET #role = :role",
            ExpressionAttributeNames={"#role": "role"},
            ExpressionAttributeValues={":role": {"S": "admin"}},
        )
        client.headers["authorization"] = f"Bearer {body['token']}"
        yield client


def test_models_prompts_and_feedback_from_creation_to_deletion(admin: httpx.Client) -> None:
    name = uuid.uuid4().hex
    form = {"id": f"team/{name}", "base_model_id": "base", "name": "Tutor", "params": {}}
    one = {"id": form["id"]}
    made = ok(admin.post("/api/v1/models/create", json={**form, "meta": {"profile_image_url": ICON}}))
    assert admin.get(made["meta"]["profile_image_url"]).content == PNG
    assert form["id"] in [model["id"] for model in ok(admin.get("/api/v1/models/"))]
    assert form["id"] in [model["id"] for model in ok(admin.get("/api/models"))["data"]]
    assert ok(admin.post("/api/v1/models/model/toggle", params=one))["is_active"] is False
    assert ok(admin.request("DELETE", "/api/v1/models/model/delete", params=one)) is True

    ok(admin.post("/api/v1/prompts/create", json={"command": name, "title": "T", "content": "C"}))
    renamed = {"command": f"{name}-2", "title": "T", "content": "C"}
    ok(admin.post(f"/api/v1/prompts/command/{name}/update", json=renamed))
    assert f"/{name}-2" in [prompt["command"] for prompt in ok(admin.get("/api/v1/prompts/"))]
    assert ok(admin.request("DELETE", f"/api/v1/prompts/command/{name}-2/delete")) is True

    rating = {"type": "rating", "data": {"rating": 1, "model_id": name, "sibling_model_ids": ["other"]}}
    feedback = ok(admin.post("/api/v1/evaluations/feedback", json={**rating, "snapshot": {"chat": {"title": "T"}}}))
    leaders = ok(admin.get("/api/v1/evaluations/leaderboard"))["models"]
    assert name in [model["model_id"] for model in leaders]
    path = f"/api/v1/evaluations/feedback/{feedback['id']}"
    assert ok(admin.post(path, json={**rating, "meta": {"tags": ["code"]}}))["snapshot"] == {"chat": {"title": "T"}}
    assert feedback["id"] in [row["id"] for row in ok(admin.get("/api/v1/evaluations/feedbacks/all/export"))]
    assert ok(admin.request("DELETE", path)) is True
    assert ok(admin.request("DELETE", "/api/v1/evaluations/feedbacks")) is False

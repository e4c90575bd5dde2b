"""Chats and files on the deployed stack, through the edge, with each function's own role."""

import base64
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from tests.contract.chats.conftest import chat_of, message
from tests.contract.chats.test_long import text
from tests.support.stack import Stack
from tests.support.waiting import until

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8
DATA_URL = f"data:image/png;base64,{base64.b64encode(PNG).decode()}"


@pytest.fixture
def sign_up(cirrus: Stack) -> Iterator[Callable[[], httpx.Client]]:
    """Signs somebody up whom an admin has let in."""
    clients: list[httpx.Client] = []

    def sign_up() -> httpx.Client:
        client = httpx.Client(base_url=cirrus.url, timeout=60, follow_redirects=True)
        clients.append(client)
        form = {"email": f"{uuid.uuid4().hex}@example.com", "name": "Ada", "password": "correct horse"}
        answer = client.post("/api/v1/auths/signup", json=form)
        assert answer.status_code == 200, answer.text
        cirrus.client("dynamodb").update_item(
            TableName=cirrus.endpoints.tables["accounts"],
            Key={"pk": {"S": f"USER#{answer.json()['id']}"}, "sk": {"S": "USER"}},
            UpdateExpression="SET #role = :role",
            ExpressionAttributeNames={"#role": "role"},
            ExpressionAttributeValues={":role": {"S": "user"}},
        )
        client.headers["authorization"] = f"Bearer {answer.json()['token']}"
        return client

    yield sign_up
    for client in clients:
        client.close()


def ok(answer: httpx.Response) -> Any:
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_chat_from_creation_to_deletion(sign_up: Callable[[], httpx.Client]) -> None:
    person = sign_up()
    chat = chat_of(message("q", None, "look", files=[{"type": "image", "url": DATA_URL}]), message("a", "q", "Yes."))
    created = ok(person.post("/api/v1/chats/new", json={"chat": chat}))
    path = f"/api/v1/chats/{created['id']}"
    image = created["chat"]["history"]["messages"]["q"]["files"][0]["url"]
    assert person.get(image).content == PNG

    ok(person.post(f"{path}/messages", json={"messages": {"b": message("b", "a", "x" * 400_000)}, "current_id": "b"}))
    ok(person.post(path, json={"chat": {"title": "Renamed"}}))
    read = ok(person.get(path))
    assert (read["title"], read["chat"]["history"]["currentId"]) == ("Renamed", "b")
    assert ok(person.get(f"{path}/messages/b"))["length"] == 400_000
    assert [each["title"] for each in ok(person.get("/api/v1/chats/", params={"page": 1}))] == ["Renamed"]
    assert ok(person.post(f"{path}/pin"))["pinned"] is True
    assert len(ok(person.get("/api/v1/chats/pinned"))) == 1
    assert ok(person.post(f"{path}/messages/a", json={"content": "No."}))["version"] > read["version"]

    stranger = sign_up()
    assert stranger.get(path).status_code == 404
    assert stranger.get(image).status_code == 404

    assert ok(person.delete(path)) is True
    assert person.get(path).status_code == 404
    assert person.get(image).status_code == 404
    assert ok(person.get("/api/v1/files/")) == []


def test_a_chat_over_the_response_limit_opens_by_way_of_s3(sign_up: Callable[[], httpx.Client]) -> None:
    person = sign_up()
    path = f"/api/v1/chats/{ok(person.post('/api/v1/chats/new', json={'chat': chat_of()}))['id']}"
    messages = [
        message(f"m{number}", f"m{number - 1}" if number else None, text(number, 100_000)) for number in range(150)
    ]
    for start in range(0, len(messages), 37):
        batch = {each["id"]: each for each in messages[start : start + 37]}
        ok(person.post(f"{path}/messages", json={"messages": batch}))
    answer = person.get(path)
    assert [step.status_code for step in answer.history] == [307]
    assert len(ok(answer)["chat"]["history"]["messages"]) == 150
    ok(person.delete(path))


def test_an_upload_is_read_back_and_a_request_over_4_mb_is_refused(sign_up: Callable[[], httpx.Client]) -> None:
    person = sign_up()
    file = ok(person.post("/api/v1/files/", files={"file": ("bild.png", PNG, "image/png")}))
    read = person.get(f"/api/v1/files/{file['id']}/content")
    assert (read.content, read.headers["content-type"]) == (PNG, "image/png")
    refused = person.post("/api/v1/files/", files={"file": ("big.bin", b"x" * 4_300_000, "application/octet-stream")})
    assert refused.status_code == 413
    assert "4 MB" in refused.json()["detail"]
    ok(person.delete(f"/api/v1/files/{file['id']}"))


def test_a_shared_chat_of_a_folder_is_read_copied_and_deleted(sign_up: Callable[[], httpx.Client]) -> None:
    person, other = sign_up(), sign_up()
    folder = ok(person.post("/api/v1/folders/", json={"name": "Work", "data": {"system_prompt": "Be brief."}}))
    chat = chat_of(message("q", None, "look", files=[{"type": "image", "url": DATA_URL}]), message("a", "q", "Yes."))
    created = ok(person.post("/api/v1/chats/new", json={"chat": chat, "folder_id": folder["id"]}))
    path = f"/api/v1/chats/{created['id']}"
    ok(person.post(f"{path}/tags", json={"name": "Big Plans"}))
    assert [each["id"] for each in ok(person.get(f"/api/v1/chats/folder/{folder['id']}/list"))] == [created["id"]]
    assert [each["id"] for each in ok(person.post("/api/v1/chats/tags", json={"name": "Big Plans"}))] == [created["id"]]

    share = ok(person.post(f"{path}/share"))
    seen = ok(other.get(f"/api/v1/chats/share/{share['id']}"))
    assert other.get(seen["chat"]["history"]["messages"]["q"]["files"][0]["url"]).content == PNG
    copy = ok(other.post(f"/api/v1/chats/{share['id']}/clone/shared"))
    assert other.get(copy["chat"]["history"]["messages"]["q"]["files"][0]["url"]).content == PNG

    assert ok(person.delete(f"/api/v1/folders/{folder['id']}")) is True
    assert person.get(path).status_code == other.get(f"/api/v1/chats/share/{share['id']}").status_code == 404
    assert ok(person.get("/api/v1/chats/all/tags")) == ok(person.get("/api/v1/folders/")) == []
    assert ok(other.delete("/api/v1/chats/")) is True
    assert ok(other.get("/api/v1/chats/")) == []


def test_a_new_message_is_found_within_five_seconds_and_a_deleted_chat_not_at_all(
    sign_up: Callable[[], httpx.Client],
) -> None:
    person = sign_up()

    def found(text: str) -> list[str]:
        return [hit["id"] for hit in ok(person.get("/api/v1/chats/search", params={"text": text}))]

    def new(content: str) -> str:
        return str(ok(person.post("/api/v1/chats/new", json={"chat": chat_of(message("q", None, content))}))["id"])

    first = new("the first words")
    until(lambda: found("first") == [first], 30, "the functions have started")
    chat_id = new("東京の天気 is fine")
    until(lambda: found("天気") == [chat_id], 5, "the new message is found")
    ok(person.post(f"/api/v1/chats/{chat_id}/messages", json={"messages": {"a": message("a", "q", "an answer")}}))
    until(lambda: found("answer 東京") == [chat_id], 5, "the added message is found")
    assert ok(person.delete(f"/api/v1/chats/{chat_id}")) is True
    assert found("天気") == []

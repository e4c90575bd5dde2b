"""Imports, exports and documents on the deployed stack, with each function's own role and layer."""

import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

import httpx

from tests.contract.transfer.test_imports import chat, conversation
from tests.integration.test_chats import ok, sign_up
from tests.support.stack import Stack
from tests.support.waiting import until

__all__ = ["sign_up"]

CHATS = 200


def ended(person: httpx.Client, path: str) -> dict[str, Any]:
    """The job when it has ended."""
    until(lambda: ok(person.get(path))["state"] not in ("waiting", "running"), 120, "the job has ended")
    return dict(ok(person.get(path)))


def test_many_chats_come_in_and_go_out(cirrus: Stack, sign_up: Callable[[], httpx.Client]) -> None:
    person = sign_up()
    chats: list[Any] = [chat(number) for number in range(CHATS - 1)]
    raw = json.dumps([*chats, conversation(1), {"title": "Broken", "chat": {"history": 1}}]).encode()
    made = ok(person.post("/api/v1/chats/imports", json={"filename": "all.json", "size": len(raw)}))
    assert made["upload"]["url"].startswith(cirrus.url), "the form leads through the edge"
    sent = person.post(
        made["upload"]["url"], data=made["upload"]["fields"], files={"file": ("all.json", raw, "application/json")}
    )
    assert sent.status_code == 204, sent.text
    path = f"/api/v1/chats/imports/{made['id']}"
    ok(person.post(f"{path}/start"))
    end = ended(person, path)
    assert (end["state"], end["imported"], end["failed"]) == ("done", CHATS, 1), cirrus.logs()
    assert end["failures"][0]["name"] == "Broken"
    assert len(ok(person.get("/api/v1/chats/list"))) == CHATS
    assert len(ok(person.get("/api/v1/chats/all"))) == CHATS

    export = ended(person, f"/api/v1/exports/{ok(person.post('/api/v1/exports'))['id']}")
    assert (export["state"], export["chats"]) == ("done", CHATS), cirrus.logs()
    with zipfile.ZipFile(io.BytesIO(person.get(export["files"][0]["url"]).content)) as archive:
        assert len(json.loads(archive.read("chats.json"))) == CHATS

    chat_id = ok(person.get("/api/v1/chats/list"))[0]["id"]
    document = person.get(f"/api/v1/exports/chats/{chat_id}", params={"format": "md"})
    assert "## Assistant" in document.text

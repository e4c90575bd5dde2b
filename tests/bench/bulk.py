"""Importing 5,000 chats at once, beside posting them one by one."""

import json
import time
import uuid
from collections.abc import Iterator
from typing import Any

import httpx

from tests.bench.report import Figure
from tests.bench.site import WORDS, Person, Site

CHATS, POSTED, EXCHANGES = 5000, 100, 5
# About 40 KB a chat: 200 MB.
TEXT = "".join(WORDS) * 90
LIMIT_SECONDS = 1800.0


def bulk_import(site: Site) -> list[Figure]:
    """Chats a second of both; an import is to be no slower than whoever posts one chat after the other."""
    posted = _post(site, site.person())
    imported, megabytes = _import(site, site.person())
    ratio = imported / posted
    return [
        Figure(
            f"import of {CHATS:,} chats, {megabytes:.0f} MB",
            f"{imported:.1f} chats/s",
            f"{posted:.1f} chats/s",
            ratio,
            "≥ 1 ×",
            ratio >= 1,
        )
    ]


def _post(site: Site, person: Person) -> float:
    with httpx.Client(base_url=site.url, timeout=60, headers=person.headers) as client:
        started = time.perf_counter()
        for number in range(POSTED):
            client.post("/api/v1/chats/import", json=_chat(number)).raise_for_status()
        return POSTED / (time.perf_counter() - started)


def _import(site: Site, person: Person) -> tuple[float, float]:
    raw = b"[" + b",".join(_file()) + b"]"
    with httpx.Client(base_url=site.url, timeout=300, headers=person.headers) as client:
        form = {"filename": "bench.json", "size": len(raw)}
        made = client.post("/api/v1/chats/imports", json=form).raise_for_status().json()
        file = {"file": ("bench.json", raw, "application/json")}
        client.post(made["upload"]["url"], data=made["upload"]["fields"], files=file).raise_for_status()
        path = f"/api/v1/chats/imports/{made['id']}"
        started = time.perf_counter()
        client.post(f"{path}/start").raise_for_status()
        while (state := client.get(path).raise_for_status().json())["state"] == "running":
            assert time.perf_counter() - started < LIMIT_SECONDS, state
            time.sleep(0.5)
        took = time.perf_counter() - started
    assert (state["state"], state["imported"]) == ("done", CHATS), state
    return CHATS / took, len(raw) / 1e6


def _file() -> Iterator[bytes]:
    for number in range(CHATS):
        yield json.dumps({"id": str(uuid.uuid4()), **_chat(number)}).encode()


def _chat(number: int) -> dict[str, Any]:
    messages: dict[str, Any] = {}
    parent: str | None = None
    for place in range(2 * EXCHANGES):
        message_id = f"m{place}"
        messages[message_id] = {
            "id": message_id,
            "parentId": parent,
            "childrenIds": [],
            "role": "assistant" if place % 2 else "user",
            "content": f"{number}.{place} {TEXT}",
        }
        parent = message_id
    history = {"messages": messages, "currentId": parent}
    return {"chat": {"title": f"Chat {number}", "models": ["m"], "history": history}, "created_at": 1_600_000_000}

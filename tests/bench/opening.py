"""Opening chats: of people with few and many of them, long ones, and a branch ten thousand messages deep."""

import asyncio
import statistics
import time
import uuid
from typing import Any

import aiohttp
import httpx

from tests.bench.answers import finished
from tests.bench.lists import with_chats
from tests.bench.report import Figure, milliseconds, percentile
from tests.bench.site import INSTANT, Person, Site
from tests.bench.socket import connected
from tests.support.waiting import until

SIZES = (10, 1_000, 100_000)
SHORT, LONG, DEEP = 10, 2_000, 10_000
ROUNDS, WARM_UP = 30, 5
LIMIT_SECONDS, FLAT, LINEAR = 0.150, 1.3, 1.5


def opening(site: Site) -> list[Figure]:
    """The same short chat among few and many others; then long ones, and how one goes on."""
    chats = {size: (person := with_chats(site, size), new_chat(site, person, SHORT)[0]) for size in SIZES}
    times = _opened(site, chats)
    few = times[SIZES[0]]
    figures = [Figure(f"open, {SIZES[0]} chats, p50", milliseconds(few))]
    for size in SIZES[1:]:
        ratio = times[size] / few
        name = f"open, {size:,} chats, p50 (direct: {SIZES[0]} chats)"
        figures.append(
            Figure(name, milliseconds(times[size]), milliseconds(few), ratio, f"≤ {FLAT} ×", round(ratio, 2) <= FLAT)
        )
    return [*figures, *_long(site)]


def _long(site: Site) -> list[Figure]:
    person = site.person()
    chats = {size: new_chat(site, person, size) for size in (SHORT, LONG, DEEP)}
    times = _opened(site, {size: (person, chat_id) for size, (chat_id, _) in chats.items()}, rounds=8)
    here, deep = times[LONG], times[DEEP]
    name, beside = f"open {LONG:,} messages, p50 (direct: {SHORT})", times[SHORT]
    target = f"≤ {milliseconds(LIMIT_SECONDS)}"
    figures = [Figure(name, milliseconds(here), milliseconds(beside), here / beside, target, here <= LIMIT_SECONDS)]
    per_message = (deep / DEEP) / (here / LONG)
    figures.append(_linear(f"open {DEEP:,} messages (direct: {LONG:,}; ratio: per message)", deep, here, per_message))
    first = {size: asyncio.run(_goes_on(site, person, *chats[size])) for size in (LONG, DEEP)}
    per_message = (first[DEEP] / DEEP) / (first[LONG] / LONG)
    name = f"next answer's first token after {DEEP:,} messages (direct: {LONG:,}; ratio: per message)"
    return [*figures, _linear(name, first[DEEP], first[LONG], per_message)]


def _linear(name: str, here: float, direct: float, ratio: float) -> Figure:
    return Figure(name, milliseconds(here), milliseconds(direct), ratio, f"≤ {LINEAR} ×", ratio <= LINEAR)


def _opened(site: Site, chats: dict[int, tuple[Person, str]], rounds: int = ROUNDS) -> dict[int, float]:
    """The median of opening each of these, by turns."""
    times: dict[int, list[float]] = {size: [] for size in chats}
    with httpx.Client(base_url=site.url, timeout=60) as client:
        for number in range(WARM_UP + rounds):
            for size, (person, chat_id) in chats.items():
                started = time.perf_counter()
                answer = client.get(f"/api/v1/chats/{chat_id}", headers=person.headers, follow_redirects=True)
                took = time.perf_counter() - started
                assert answer.raise_for_status().json()["id"] == chat_id
                if number >= WARM_UP:
                    times[size].append(took)
    return {size: percentile(seconds, 50) for size, seconds in times.items()}


def new_chat(site: Site, person: Person, count: int) -> tuple[str, str]:
    """A chat of one branch with so many messages, which search has found: its id and that of the last of them."""
    ids = [str(uuid.uuid4()) for _ in range(count)]
    messages: dict[str, Any] = {
        message_id: {
            "id": message_id,
            "parentId": ids[number - 1] if number else None,
            "childrenIds": ids[number + 1 : number + 2],
            "role": "assistant" if number % 2 else "user",
            "content": f"Message {number} of a talk about this and that.",
            "timestamp": 1_700_000_000 + number,
            "done": True,
        }
        for number, message_id in enumerate(ids)
    }
    history = {"messages": messages, "currentId": ids[-1]}
    form = {"chat": {"title": f"{count} messages", "models": [INSTANT], "history": history}}
    with httpx.Client(base_url=site.url, timeout=60, headers=person.headers) as client:
        made = client.post("/api/v1/chats/new", json=form).raise_for_status().json()
        # Until then its messages are being indexed, beside what is measured.
        search = {"text": f"{count} messages"}
        until(lambda: made["id"] in client.get("/api/v1/chats/search", params=search).text, 60, "the chat is found")
    return str(made["id"]), ids[-1]


async def _goes_on(site: Site, person: Person, chat_id: str, last: str) -> float:
    """Seconds to the first token of the next answers, the median of three."""
    times = []
    async with aiohttp.ClientSession() as session, connected(session, site.url, person.token) as socket:
        for _ in range(3):
            question, message = str(uuid.uuid4()), str(uuid.uuid4())
            added = {
                question: {
                    "id": question,
                    "parentId": last,
                    "childrenIds": [message],
                    "role": "user",
                    "content": "So?",
                },
                message: {"id": message, "parentId": question, "childrenIds": [], "role": "assistant", "content": ""},
            }
            form = {"messages": added, "current_id": message}
            path = f"{site.url}/api/v1/chats/{chat_id}/messages"
            async with session.post(path, json=form, headers=person.headers) as saved:
                assert saved.status == 200, await saved.text()
            started, answer = await finished(session, site, person, socket, INSTANT, chat_id, message)
            assert answer.first_text_at is not None, "no text came over the socket"
            times.append(answer.first_text_at - started)
    return statistics.median(times)

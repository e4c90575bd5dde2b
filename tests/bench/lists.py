"""The chat list of people with few and with many chats."""

import time
import uuid

import httpx

from shared.chats.models import HEAD, ChatHead, partition
from shared.clock import now
from tests.bench.report import Figure, milliseconds, percentile
from tests.bench.site import Person, Site

FEW, MANY = 10, 20_000
ROUNDS, WARM_UP = 40, 5


def chat_list(site: Site) -> list[Figure]:
    """The first page for both, by turns."""
    few, many = site.person(), site.person()
    _fill(few, FEW)
    _fill(many, MANY)
    times: dict[str, list[float]] = {few.id: [], many.id: []}
    with httpx.Client(base_url=site.url, timeout=60) as client:
        for number in range(WARM_UP + ROUNDS):
            for person, expected in ((few, FEW), (many, 60)):
                started = time.perf_counter()
                answer = client.get("/api/v1/chats/", params={"page": 1}, headers=person.headers)
                took = time.perf_counter() - started
                assert len(answer.raise_for_status().json()) == expected
                if number >= WARM_UP:
                    times[person.id].append(took)
    small, large = percentile(times[few.id], 50), percentile(times[many.id], 50)
    ratio = large / small
    return [
        Figure(f"list with {FEW} chats, p50", milliseconds(small)),
        Figure(f"list with {MANY:,} chats, p50", milliseconds(large), "", ratio, "≤ 1.2 ×", ratio <= 1.2),
    ]


def _fill(person: Person, count: int) -> None:
    stamp = now()
    with ChatHead.batch_write() as batch:
        for number in range(count):
            chat_id = str(uuid.uuid4())
            head = ChatHead(partition(chat_id), HEAD, chat_id=chat_id, user_id=person.id, title=f"Chat {number}")
            head.created_at = head.updated_at = stamp - number
            head.place()
            batch.save(head)

"""The chat list of people with few and with many chats, and of many people at once."""

import time
import uuid
from concurrent.futures import ThreadPoolExecutor

import httpx

from shared.chats.models import HEAD, ChatHead
from shared.clock import now
from tests.bench.report import Figure, milliseconds, percentile
from tests.bench.site import Person, Site

FEW = 10
TARGETS = {1_000: 1.3, 20_000: 1.2, 100_000: 1.3}
PAGE = 60
ROUNDS, WARM_UP = 60, 10
CLIENTS, CLIENTS_WARM_UP, SECONDS = 32, 12.0, 4.0

_people: dict[tuple[str, int], Person] = {}


def chat_list(site: Site) -> list[Figure]:
    """The first page of each, by turns; then as many as may of somebody's, by one client and by many at once."""
    sizes = (FEW, *TARGETS)
    people = {size: with_chats(site, size) for size in sizes}
    times: dict[int, list[float]] = {size: [] for size in sizes}
    with httpx.Client(base_url=site.url, timeout=60) as client:
        for number in range(WARM_UP + ROUNDS):
            for size, person in people.items():
                started = time.perf_counter()
                answer = client.get("/api/v1/chats/", params={"page": 1}, headers=person.headers)
                took = time.perf_counter() - started
                assert len(answer.raise_for_status().json()) == min(size, PAGE)
                if number >= WARM_UP:
                    times[size].append(took)
    few = percentile(times[FEW], 50)
    figures = [Figure(f"list with {FEW} chats, p50", milliseconds(few))]
    for size, target in TARGETS.items():
        here = percentile(times[size], 50)
        ratio = here / few
        name = f"list with {size:,} chats, p50 (direct: with {FEW})"
        figures.append(
            Figure(name, milliseconds(here), milliseconds(few), ratio, f"≤ {target} ×", round(ratio, 2) <= target)
        )
    return [*figures, _at_once(site, people[1_000])]


def _at_once(site: Site, person: Person) -> Figure:
    _rate(site, person, CLIENTS, CLIENTS_WARM_UP)  # functions for so many start meanwhile
    one, many = _rate(site, person, 1, SECONDS), _rate(site, person, CLIENTS, SECONDS)
    name = f"list, {CLIENTS} clients at once (direct: one)"
    return Figure(name, f"{many:.0f} requests/s", f"{one:.0f} requests/s", many / one, "≥ 1 ×", many >= one)


def _rate(site: Site, person: Person, clients: int, seconds: float) -> float:
    """Requests a second of so many clients, each of which asks again as soon as it has its answer."""
    ends = time.perf_counter() + seconds

    def ask(_: int) -> int:
        count = 0
        with httpx.Client(base_url=site.url, timeout=60, headers=person.headers) as client:
            while time.perf_counter() < ends:
                client.get("/api/v1/chats/", params={"page": 1}).raise_for_status()
                count += 1
        return count

    started = time.perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        count = sum(pool.map(ask, range(clients)))
    return count / (time.perf_counter() - started)


def with_chats(site: Site, count: int) -> Person:
    """Somebody with so many chats on their list, the same person for every kind of measurement.

    A list reads the table's index only: these heads lie where nothing follows what is written, for the search index
    that takes in a hundred thousand chats would be what is measured.
    """
    known = _people.get((site.url, count))
    if known:
        return known
    person, stamp = site.person(), now()
    with ChatHead.batch_write() as batch:
        for number in range(count):
            chat_id = str(uuid.uuid4())
            head = ChatHead(f"LISTED#{chat_id}", HEAD, chat_id=chat_id, user_id=person.id, title=f"Chat {number}")
            head.created_at = head.updated_at = stamp - number
            head.place()
            batch.save(head)
    _people[site.url, count] = person
    return person

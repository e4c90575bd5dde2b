"""Searching the chats of people with few and with many, beside a page of their list. Shards are built directly."""

import random
import tempfile
import time
import uuid
from collections.abc import Iterator
from itertools import accumulate, batched, product
from pathlib import Path
from unittest import mock

import httpx

from functions.chats import search_service
from shared.chats.models import HEAD, ChatHead, partition
from shared.chats.search import shelf as shelves
from shared.chats.search.reading import Reader
from shared.chats.search.shard import TITLE, Chat, Shard
from shared.chats.search.shelf import LostShard, Shelf
from shared.clock import now
from tests.bench.report import Figure, milliseconds, percentile
from tests.bench.site import Person, Site
from tests.support.waiting import until

SIZES = (10, 1_000, 100_000)
ROUNDS, WARM_UP = 40, 8
FOUND = 10
# One chat in forty has it. The newest of these a search finds, so the table has their heads.
COMMON, NEWEST = "bace", 10_000
SHARD_BYTES = 32_000_000
LIMIT_SECONDS, FLAT = 0.050, 1.3

WORDS = 30_000
SYLLABLES = ["".join(pair) for pair in product("bcdfghjklmnprst", "aeiou")]


def search(site: Site) -> list[Figure]:
    """A rare word, two words and a part of a common one, by turns with the list; then the function alone."""
    people = {size: _person(site, size) for size in SIZES}
    queries = {"a rare word": "needle", "two words": "needle haystack", "a common part": COMMON}
    times: dict[tuple[str, int], list[float]] = {}
    with httpx.Client(base_url=site.url, timeout=120) as client:
        for number in range(WARM_UP + ROUNDS):
            for size, person in people.items():
                calls = {name: ("search", {"text": text}) for name, text in queries.items()}
                for name, (path, parameters) in {"list": ("", {"page": "1"}), **calls}.items():
                    started = time.perf_counter()
                    answer = client.get(f"/api/v1/chats/{path}", params=parameters, headers=person.headers)
                    took = time.perf_counter() - started
                    found = len(answer.raise_for_status().json())
                    assert found == FOUND or name in ("list", "a common part"), f"{name} of {size}: {found}"
                    if number >= WARM_UP:
                        times.setdefault((name, size), []).append(took)
    figures = [_figure(times, name, size) for name in queries for size in SIZES]
    return figures + [_embedded(people, name, text) for name, text in queries.items()]


def _embedded(people: dict[int, Person], name: str, text: str) -> Figure:
    """The function's own code, in this process; that asks S3 and the table as the function does."""
    times: dict[int, list[float]] = {size: [] for size in people}
    with tempfile.TemporaryDirectory() as folder, mock.patch.object(search_service, "reader", Reader(Path(folder))):
        for number in range(WARM_UP + ROUNDS):
            for size, person in people.items():
                started = time.perf_counter()
                search_service.search(person.id, text, 1)
                if number >= WARM_UP:
                    times[size].append(time.perf_counter() - started)
    here, few = (percentile(times[size], 50) for size in (SIZES[-1], SIZES[0]))
    label = f"{name}, {SIZES[-1]:,} chats, own code, p50 (direct: {SIZES[0]} chats)"
    target = f"≤ {milliseconds(LIMIT_SECONDS)}"
    return Figure(label, milliseconds(here), milliseconds(few), here / few, target, here <= LIMIT_SECONDS)


def _figure(times: dict[tuple[str, int], list[float]], name: str, size: int) -> Figure:
    here, list_page, few = (percentile(times[key], 50) for key in ((name, size), ("list", size), (name, SIZES[0])))
    ratio = here / few
    label = f"{name}, {size:,} chats, p50 (direct: the list)"
    if size == SIZES[0]:
        return Figure(label, milliseconds(here), milliseconds(list_page))
    # A common word is in more texts of more chats.
    rare = name != "a common part"
    met = round(ratio, 2) <= FLAT if rare else None
    return Figure(label, milliseconds(here), milliseconds(list_page), ratio, f"≤ {FLAT} ×" if rare else "", met)


def _person(site: Site, size: int) -> Person:
    """Somebody with so many chats on their shelf; the table has the heads of those that are found, and a page."""
    person, first = site.person(), now() - size
    shelf, shard, heads = Shelf.of(person.id), Shard.new(), []
    for some in batched(enumerate(_chats(size), first), 500):
        with shard.transaction():
            for updated_at, texts in some:
                chat = Chat(str(uuid.uuid4()), updated_at)
                shard.put_chat(chat)
                for message_id, text in texts.items():
                    shard.put_text(chat.id, message_id, text)
                newest = updated_at >= first + size - (
                    NEWEST if any(COMMON in text for text in texts.values()) else 100
                )
                if newest or "needle" in texts["answer"]:
                    heads.append(_head(person, chat, texts[TITLE]))
        if shard.size >= SHARD_BYTES:
            shelf = shelf.with_newest(shelves.put(person.id, shard.finished(), sealed=True), None)
            shard = Shard.new()
    shelf = shelves.save(shelf.with_newest(shelves.put(person.id, shard.finished(), sealed=True), None))
    with ChatHead.batch_write() as batch:
        for head in heads:
            batch.save(head)
    # The heads reach the index by the stream, like all that is written.
    until(lambda: _known(person.id, shelf) >= {head.chat_id for head in heads}, 60, "the index knows the heads")
    return person


def _known(user_id: str, before: Shelf) -> set[str]:
    """The chats in shards that have come since."""
    shelf = shelves.load(user_id) or before
    new = [entry for entry in shelf.entries if entry not in before.entries]
    try:
        return {chat_id for entry in new for chat_id in Shard.loaded(shelves.read(shelf, entry)).chats}
    except LostShard:
        return set()


def _head(person: Person, chat: Chat, title: str) -> ChatHead:
    head = ChatHead(partition(chat.id), HEAD, chat_id=chat.id, user_id=person.id, title=title)
    head.created_at = head.updated_at = chat.updated_at
    head.place()
    return head


def language(chance: random.Random) -> tuple[list[str], list[float]]:
    """Words, the most frequent first, and how often they are, summed up: as often as those of a language."""
    words = ["".join(chance.choices(SYLLABLES, k=chance.randint(1, 5))) for _ in range(WORDS)]
    return words, list(accumulate(1 / rank for rank in range(1, WORDS + 1)))


def _chats(size: int) -> Iterator[dict[str, str]]:
    """Title, question and answer of so many chats, in words as often as those of a language are; ten have a needle."""
    chance = random.Random(size)
    words, weights = language(chance)
    for number in range(size):
        told = chance.choices(words, cum_weights=weights, k=80)
        answer = [*told[20:], *(("needle", "haystack") if number % (size // FOUND) == 0 else ())]
        yield {TITLE: " ".join(told[:5]), "question": " ".join(told[5:20]), "answer": " ".join(answer)}

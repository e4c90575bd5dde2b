"""Finding chunks of files in each index: p50 beside p95, at several sizes. `CHUNKS=1000000` measures that many too."""

import os
import random
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from itertools import batched
from pathlib import Path

from shared.search.embedded.adapter import Embedded
from shared.search.embedded.files import Files
from shared.search.embedded.shard import Shard
from shared.search.embedded.shelves import Shelves
from shared.search.opensearch.adapter import OpenSearchIndex
from shared.search.opensearch.client import Client, connect
from shared.search.protocol import Entry, Index, Mode, Query, Space
from shared.settings import Settings
from shared.shelves import shelf as shelves
from tests.bench.report import Figure, milliseconds, percentile
from tests.bench.search import language
from tests.bench.site import Site
from tests.support.opensearch import running

SIZES = (1_000, 20_000, 100_000)
DIMENSION, TOPICS = 384, 400
TEXT_WORDS, ASKED_WORDS = 150, 8
# People ask with words of the first few thousand.
KNOWN_WORDS = 4000
ROUNDS, WARM_UP = 40, 5
LIMIT_SECONDS, LIMITED = 0.050, "embedded"
COLLECTION = "bench"
_AT_ONCE = 2000
# As merging leaves them: 16 MB each.
_SHARD = 8000

Builder = Callable[[Space, Iterator[Entry]], Index]


def index(site: Site) -> list[Figure]:
    """Hybrid search at every size, and its halves at the largest."""
    more = int(os.environ.get("CHUNKS", "0"))
    with _builders() as builders:
        return [
            figure
            for size in (*SIZES, *((more,) if more else ()))
            for name, build in builders.items()
            for figure in _figures(name, build, size)
        ]


@contextmanager
def _builders() -> Iterator[dict[str, Builder]]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url, _ = stack.enter_context(running())
        connection = connect(Settings(search_endpoint=url))

        def opensearch(space: Space) -> Index:
            client = Client(connection, f"cirrus-{space.id}", serverless=False)
            return OpenSearchIndex(space, client, "lucene", serverless=False)

        yield {
            "embedded, in a file": lambda space, entries: _written(Embedded(space, Files(space, folder)), entries),
            "embedded, in shards in S3": _shards,
            "OpenSearch": lambda space, entries: _written(opensearch(space), entries),
        }


def _figures(name: str, build: Builder, size: int) -> Iterator[Figure]:
    made = build(Space(f"bench-{uuid.uuid4().hex[:8]}", DIMENSION), _Chunks(size).entries())
    try:
        modes: list[Mode] = ["lexical", "vector", "hybrid"] if size >= SIZES[-1] else ["hybrid"]
        for mode in modes:
            times = _times(made, mode)
            half, most = percentile(times, 50), percentile(times, 95)
            limited = mode == "hybrid" and size == SIZES[-1] and name.startswith(LIMITED)
            target = f"≤ {milliseconds(LIMIT_SECONDS)}" if limited else ""
            met = half <= LIMIT_SECONDS if limited else None
            label = f"{mode}, {size:,} chunks, {name}, p50"
            yield Figure(label, milliseconds(half), milliseconds(most), None, target, met)
    finally:
        made.drop()


def _times(made: Index, mode: Mode) -> list[float]:
    chunks, times = _Chunks(0), list[float]()
    for number in range(WARM_UP + ROUNDS):
        query = chunks.query(mode)
        started = time.perf_counter()
        found = made.search(query)
        if number >= WARM_UP:
            times.append(time.perf_counter() - started)
        assert len(found) == query.limit
    return times


def _written(made: Index, entries: Iterator[Entry]) -> Index:
    for some in batched(entries, _AT_ONCE):
        made.write(COLLECTION, some)
    return made


def _shards(space: Space, entries: Iterator[Entry]) -> Index:
    """Shards as they are when merging has come to its end."""
    place = f"chunks/{space.id}/{COLLECTION}/"
    shelf = shelves.Shelf(place)
    for some in batched(entries, _SHARD):
        shard = Shard.new(space.dimension)
        shard.add(some)
        shelf = shelf.with_newest(shelves.put(place, shard.finished(), sealed=True))
    shelves.save(shelf)
    return Embedded(space, Shelves(space))


class _Chunks:
    """Chunks in words as often as those of a language are, about topics that their vectors lie around."""

    def __init__(self, size: int) -> None:
        self._size, self._chance = size, random.Random(size)
        language_chance = random.Random(0)
        self._words, self._weights = language(language_chance)
        self._told = language_chance.choices(self._words, cum_weights=self._weights, k=200_000)
        self._topics = [[language_chance.gauss(0.3, 1) for _ in range(DIMENSION)] for _ in range(TOPICS)]

    def entries(self) -> Iterator[Entry]:
        for number in range(self._size):
            start = self._chance.randrange(len(self._told) - TEXT_WORDS)
            text = " ".join(self._told[start : start + TEXT_WORDS])
            about = {"name": f"file {number // 50}.pdf", "page": number % 50}
            yield Entry(f"chunk-{number:09d}", f"file-{number // 50}", "g1", number % 50, text, about, self._vector())

    def query(self, mode: Mode) -> Query:
        words = self._chance.choices(self._words[:KNOWN_WORDS], cum_weights=self._weights[:KNOWN_WORDS], k=ASKED_WORDS)
        return Query((COLLECTION,), " ".join(words), self._vector(), mode=mode)

    def _vector(self) -> Sequence[float]:
        one, other = self._chance.sample(self._topics, 2)
        share = self._chance.random()
        return [share * first + (1 - share) * second for first, second in zip(one, other, strict=True)]

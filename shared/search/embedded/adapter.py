"""Searching the shards of several collections as if they were one."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Protocol, TypeVar

from shared.parallel import in_parallel
from shared.search import fusion
from shared.search.embedded import vectors
from shared.search.embedded.reading import Chunks, Filter, Void, condition
from shared.search.protocol import Entry, Hit, Query, Space
from shared.search.terms import Term, asked

# Words that are in more texts than this together are too common to say much; the rarest is looked for all the same.
_OCCURRENCES = 8_000
_CLOSEST = 20

R = TypeVar("R")
Key = tuple[str, str]
"""Collection and id of a chunk."""


class Store(Protocol):
    """Where the shards of a space are kept."""

    def shards(self, collection: str) -> Sequence[tuple[Chunks, Void]]:
        """The shards of a collection, newest first, with what in each has been deleted."""

    def write(self, collection: str, entries: Sequence[Entry]) -> None:
        """Adds chunks."""

    def delete(self, collection: str, void: Void) -> None:
        """Deletes chunks."""

    def drop(self) -> None:
        """Deletes everything."""


@dataclass(frozen=True, eq=False)
class _Part:
    """A shard that is searched, and which of its chunks count."""

    collection: str
    chunks: Chunks
    only: Filter


class Embedded:
    """The index over a store (`shared.search.protocol.Index`)."""

    def __init__(self, space: Space, store: Store) -> None:
        self._space, self._store = space, store

    def write(self, collection: str, entries: Sequence[Entry]) -> None:
        """Adds chunks; raises ValueError for a vector that does not fit the space."""
        if entries:
            self._store.write(collection, entries)

    def delete(self, collection: str, file_ids: Sequence[str] | None = None, *, keep: str | None = None) -> None:
        """Deletes chunks of these files, or of all, except of generation `keep`."""
        void = [(file_id, keep or "") for file_id in (file_ids if file_ids is not None else [""])]
        if void:
            self._store.delete(collection, void)

    def count(self, collection: str) -> int:
        """How many chunks a collection has, each once."""
        found = self._store.shards(collection)
        if len(found) == 1:
            (chunks, void) = found[0]
            return chunks.count(chunks.void(void))
        return len(set().union(*(chunks.ids(chunks.void(void)) for chunks, void in found)))

    def drop(self) -> None:
        """Deletes the whole space."""
        self._store.drop()

    def search(self, query: Query) -> list[Hit]:
        """The best chunks of the collections."""
        mode = fusion.mode_of(query, self._space)
        collections = list(dict.fromkeys(query.collections))
        found = in_parallel(self._store.shards, collections)
        parts = [
            _Part(collection, chunks, condition(query.where, chunks.void(void)))
            for collection, shards in zip(collections, found, strict=True)
            for chunks, void in shards
        ]
        search = _Search(parts, query, fusion.depth(query.limit))
        if mode == "lexical":
            best = fusion.relative(search.lexical())
        elif mode == "vector":
            best = search.vector()
        else:
            best = fusion.fuse(search.lexical(), search.vector(), query)
        return search.hits(best[: query.limit])


class _Search:
    """One query over shards; of a chunk that is in two of them the newer one counts."""

    def __init__(self, parts: Sequence[_Part], query: Query, depth: int) -> None:
        self._parts, self._query, self._depth = parts, query, depth
        self._places: dict[Key, tuple[_Part, int]] = {}

    def lexical(self) -> list[tuple[Key, float]]:
        """Chunks with their BM25 scores, as if all shards were one."""
        weights = self._weights(asked(self._query.text))
        if not weights:
            return []
        found = self._each(lambda part: part.chunks.lexical(weights, part.only, _OCCURRENCES, 2 * self._depth))
        return self._best([dict(each) for each in found])

    def _weights(self, terms: Sequence[Term]) -> dict[Term, float]:
        """How much each word says, of those that are searched for."""
        most = 2 * _OCCURRENCES // max(1, len(self._parts))
        counts = self._each(lambda part: [part.chunks.occurrences(term, most) for term in terms])
        texts = sum(part.chunks.texts for part in self._parts)
        everywhere = sorted(
            (count, place) for place in range(len(terms)) if (count := sum(each[place] for each in counts))
        )
        weights: dict[Term, float] = {}
        left = _OCCURRENCES
        for count, place in everywhere:
            if weights and count > left:
                break
            weights[terms[place]] = math.log(1 + (texts - count + 0.5) / (count + 0.5))
            left -= count
        return weights

    def vector(self) -> list[tuple[Key, float]]:
        """Chunks with their (1 + cosine) / 2."""
        asked_for = vectors.packed(self._query.vector or (), len(self._query.vector or ()))
        # Of many shards each has a share of the closest.
        most = _CLOSEST + self._depth // max(1, len(self._parts))
        found = self._each(lambda part: part.chunks.nearest(asked_for, part.only, most))
        return self._best([{number: (1 + cosine) / 2 for number, cosine in each} for each in found])

    def hits(self, best: Iterable[tuple[Key, float]]) -> list[Hit]:
        """The chunks of these keys."""
        wanted = [(self._places[key], key, score) for key, score in best]
        numbers: dict[_Part, list[int]] = {}
        for (part, number), _, _ in wanted:
            numbers.setdefault(part, []).append(number)
        entries = {part: part.chunks.entries(of_part) for part, of_part in numbers.items()}
        return [Hit(collection, entries[part][number], score) for (part, number), (collection, _), score in wanted]

    def _each(self, work: Callable[[_Part], R]) -> list[R]:
        return in_parallel(work, self._parts)

    def _best(self, found: Sequence[dict[int, float]]) -> list[tuple[Key, float]]:
        """The best of what each part has found, with their keys."""
        scored = chain.from_iterable(
            ((score, part, number) for number, score in each.items())
            for part, each in zip(self._parts, found, strict=True)
        )
        ranked = sorted(scored, key=lambda each: -each[0])[: 2 * self._depth]
        numbers: dict[_Part, list[int]] = {}
        for _, part, number in ranked:
            numbers.setdefault(part, []).append(number)
        names = {part: part.chunks.names(of_part) for part, of_part in numbers.items()}
        best: dict[Key, float] = {}
        for score, part, number in ranked:
            key = (part.collection, names[part][number])
            known = self._places.get(key)
            if key not in best:
                best[key] = score
            if known is None or self._parts.index(part) < self._parts.index(known[0]):
                self._places[key] = (part, number)
        return list(best.items())[: self._depth]

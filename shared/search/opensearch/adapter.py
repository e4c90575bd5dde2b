"""The index in OpenSearch (`shared.search.protocol.Index`)."""

import threading
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, TypeVar

from shared.parallel import in_parallel
from shared.search import fusion
from shared.search.names import plain
from shared.search.opensearch import mapping
from shared.search.opensearch.client import Client
from shared.search.protocol import Entry, Hit, Mode, Query, Space
from shared.search.terms import asked
from shared.search.waiting import until

# Chunks in a request: of 1,536 dimensions these are some 4 MB.
_BATCH = 200
_PAGE = 1000

T = TypeVar("T")
Key = tuple[str, str]

_lock = threading.Lock()
_made: set[tuple[int, str]] = set()


class OpenSearchIndex:
    """One OpenSearch index for a space, its collections told apart by a filter that is always there."""

    def __init__(self, space: Space, client: Client, engine: str, *, serverless: bool) -> None:
        self._space, self._client, self._engine, self._serverless = space, client, engine, serverless

    def write(self, collection: str, entries: Sequence[Entry]) -> None:
        """Adds chunks, and returns once they can be found; raises ValueError for a vector that does not fit."""
        documents = [mapping.document(collection, entry, self._space.dimension) for entry in entries]
        if not documents:
            return
        self._make()
        for some in _batches(documents, _BATCH):
            present = self._present(collection, some)
            new = [document for document in some if document["chunk"] not in present]
            self._client.bulk([({"index": {}}, document) for document in new])
        for some in _batches(documents, _PAGE):
            wanted = {document["chunk"] for document in some}
            until(lambda: self._present(collection, some) == wanted)  # noqa: B023 (called at once)

    def delete(self, collection: str, file_ids: Sequence[str] | None = None, *, keep: str | None = None) -> None:
        """Deletes chunks of these files, or of all, but of generation `keep`; returns once none is found any more."""
        if file_ids is not None and not file_ids:
            return
        where = {"file_id": list(file_ids)} if file_ids is not None else {}
        query: dict[str, Any] = {"bool": {"filter": mapping.within([collection], where)}}
        if keep is not None:
            query["bool"]["must_not"] = [{"term": {"generation": keep}}]
        gone: set[str] = set()

        def none_left() -> bool:
            while found := self._ids(query):
                new = [one for one in found if one not in gone]
                if not new:
                    return False
                self._client.bulk([({"delete": {"_id": one}}, None) for one in new])
                gone.update(new)
            return True

        until(none_left)

    def search(self, query: Query) -> list[Hit]:
        """The best chunks of the collections."""
        mode = fusion.mode_of(query, self._space)
        if not query.collections:
            return []
        halves: list[Mode] = ["lexical", "vector"] if mode == "hybrid" else [mode]
        entries: dict[Key, Entry] = {}
        names = {plain(name): name for name in query.collections}

        def find(half: Mode) -> list[tuple[Key, float]]:
            found: dict[Key, float] = {}
            for hit in self._half(half, query):
                source = hit["_source"]
                key = (names[source["collection"]], source["chunk"])
                entries.setdefault(key, mapping.entry_of(source))
                found.setdefault(key, float(hit["_score"]))
            return list(found.items())

        lists = dict(zip(halves, in_parallel(find, halves), strict=True))
        lexical = fusion.relative(lists.get("lexical", []))
        vector = [(key, mapping.similarity(score)) for key, score in lists.get("vector", [])]
        best = fusion.fuse(lexical, vector, query) if mode == "hybrid" else lexical or vector
        return [Hit(key[0], entries[key], score) for key, score in best[: query.limit]]

    def count(self, collection: str) -> int:
        """How many chunks a collection has."""
        return self._client.count({"bool": {"filter": mapping.within([collection], {})}})

    def drop(self) -> None:
        """Deletes the whole space."""
        self._client.drop()
        _made.discard(self._key)

    def _half(self, mode: Mode, query: Query) -> list[dict[str, Any]]:
        """What is found by words, or by vector."""
        size = fusion.depth(query.limit)
        only = mapping.within(query.collections, query.where)
        if mode == "lexical":
            terms = asked(query.text)
            if not terms:
                return []
            found: dict[str, Any] = {"bool": {"must": [mapping.having(terms)], "filter": only}}
        else:
            vector = mapping.unit(query.vector or (), len(query.vector or ()))
            nearest = {"vector": vector, "k": size, "filter": {"bool": {"filter": only}}}
            found = {"knn": {"vector": nearest}}
        return self._client.search({"size": size, "query": found, "_source": {"excludes": ["vector", "words"]}})

    def _make(self) -> None:
        with _lock:
            if self._key not in _made:
                body = mapping.index_body(self._space.dimension, self._engine, serverless=self._serverless)
                self._client.make(body)
                _made.add(self._key)

    @property
    def _key(self) -> tuple[int, str]:
        return id(self._client.connection), self._client.index

    def _present(self, collection: str, documents: Sequence[dict[str, Any]]) -> set[str]:
        """The ids of these chunks that can be found."""
        ids = [document["chunk"] for document in documents]
        only = [*mapping.within([collection], {}), {"terms": {"chunk": ids}}]
        # Twice, should one have been written twice.
        body = {"size": 2 * len(ids), "query": {"bool": {"filter": only}}, "_source": ["chunk"]}
        return {hit["_source"]["chunk"] for hit in self._client.search(body)}

    def _ids(self, query: dict[str, Any]) -> list[str]:
        """OpenSearch's own ids of what a query finds, of the first ones."""
        return [hit["_id"] for hit in self._client.search({"size": _PAGE, "query": query, "_source": False})]


def _batches(values: Iterable[T], size: int) -> Iterator[list[T]]:
    rest = iter(values)
    while some := list(islice(rest, size)):
        yield some

"""The index in DynamoDB's own vector indexes: by vector only, for it knows no words.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/VectorSearch.html. An item is a chunk; its partition is
the collection in its space, which every search has to name. There is a vector index for each number of dimensions,
made when it is first needed, for the stage does not know which model an admin will choose.
"""

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import batched
from typing import Any

from shared.parallel import in_parallel
from shared.search import fusion
from shared.search.names import plain
from shared.search.protocol import Entry, Hit, Query, Space, Unsupported, Waking
from shared.search.terms import storable
from shared.search.waiting import until
from shared.storage.aws import dynamodb
from shared.storage.schema import PARTITION_KEY, SORT_KEY

# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html#limits-vector-indexes
MOST = 100
_BATCH = 25
_INLINE = ("file_id", "generation")
_FIELDS = ("id", "file_id", "generation", "number", "text", "metadata")
_BY_VECTOR = "This index finds by meaning, not by words: choose an embedding model, or another search for the stage."

_lock = threading.Lock()
_ready: set[tuple[str, str]] = set()

Item = dict[str, Any]


class VectorTable:
    """The index over the stage's table of vectors (`shared.search.protocol.Index`)."""

    def __init__(self, space: Space, table: str) -> None:
        self._space, self._table = space, table
        # The client's types do not know vectors yet.
        self._client: Any = dynamodb()

    def write(self, collection: str, entries: Sequence[Entry]) -> None:
        """Adds chunks, and returns once the last one is found; raises ValueError for a vector that does not fit."""
        if not entries:
            return
        self._prepare()
        items = [self._item(collection, entry) for entry in entries]
        for some in batched(items, _BATCH):
            self._put([{"PutRequest": {"Item": item}} for item in some])
        last = items[-1]

        def is_found() -> bool:
            found = self._find(collection, last[self._vector]["L"])
            return any(item[SORT_KEY] == last[SORT_KEY] for item, _ in found)

        until(is_found)

    def delete(self, collection: str, file_ids: Sequence[str] | None = None, *, keep: str | None = None) -> None:
        """Deletes chunks of these files, or of all, but of generation `keep`."""
        prefixes = [f"{plain(file_id)}#" for file_id in file_ids] if file_ids is not None else [""]
        for prefix in prefixes:
            keys = [
                {PARTITION_KEY: item[PARTITION_KEY], SORT_KEY: item[SORT_KEY]}
                for item in self._items(collection, prefix)
                if keep is None or item["generation"]["S"] != keep
            ]
            for some in batched(keys, _BATCH):
                self._put([{"DeleteRequest": {"Key": key}} for key in some])

    def search(self, query: Query) -> list[Hit]:
        """The closest chunks of the collections; raises `Unsupported` where there is no vector to search by."""
        if self._space.dimension is None or query.vector is None or query.mode == "lexical":
            raise Unsupported(_BY_VECTOR)
        fusion.mode_of(query, self._space)
        vector = _numbers(query.vector)
        collections = list(dict.fromkeys(query.collections))
        found = in_parallel(lambda collection: self._find(collection, vector, query), collections)
        hits = [
            Hit(collection, _entry(item), similarity)
            for collection, items in zip(collections, found, strict=True)
            for item, similarity in items
        ]
        hits = [hit for hit in hits if _fits(hit.entry, query)]
        return sorted(hits, key=lambda hit: -hit.score)[: query.limit]

    def count(self, collection: str) -> int:
        """How many chunks a collection has."""
        pages = self._pages("query", self._partition(collection, "") | {"Select": "COUNT"})
        return sum(int(page["Count"]) for page in pages)

    def drop(self) -> None:
        """Deletes the whole space. Nobody waits for it, so it may look through the table."""
        wanted = {
            "FilterExpression": "begins_with(#pk, :space)",
            "ProjectionExpression": "#pk, #sk",
            "ExpressionAttributeNames": {"#pk": PARTITION_KEY, "#sk": SORT_KEY},
            "ExpressionAttributeValues": {":space": {"S": f"{plain(self._space.id)}#"}},
        }
        for page in self._pages("scan", wanted):
            for some in batched(page["Items"], _BATCH):
                self._put([{"DeleteRequest": {"Key": key}} for key in some])

    @property
    def _vector(self) -> str:
        return f"vector{self._space.dimension}"

    def _prepare(self) -> None:
        """Makes the vector index of this many dimensions; raises `Waking` until it is there."""
        if self._space.dimension is None:
            raise Unsupported(_BY_VECTOR)
        name = index_name(self._space.dimension)
        with _lock:
            if (self._table, name) in _ready:
                return
            description = self._client.describe_table(TableName=self._table)["Table"]
            known = {each["IndexName"]: each["IndexStatus"] for each in description.get("VectorIndexes", [])}
            if name not in known and description["TableStatus"] == "ACTIVE":
                with suppress(self._client.exceptions.ResourceInUseException):  # somebody else was first
                    self._client.update_table(**index_creation(self._table, self._space.dimension))
            if known.get(name) != "ACTIVE":
                raise Waking("The vector index is being made, which takes a few minutes. Try again then.")
            _ready.add((self._table, name))

    def _find(self, collection: str, vector: list[Item], query: Query | None = None) -> list[tuple[Item, float]]:
        """The closest items of a collection with their (1 + cosine) / 2."""
        conditions, values = ["#pk = :pk"], {":pk": {"S": self._key(collection)}}
        names = {f"#{field}": field for field in _FIELDS} | {"#pk": PARTITION_KEY, "#sk": SORT_KEY}
        for name in _INLINE:
            value = query.where.get(name) if query else None
            if isinstance(value, str):
                conditions.append(f"#{name} = :{name}")
                values[f":{name}"] = {"S": value}
        answer = self._client.search_vectors(
            TableName=self._table,
            IndexName=index_name(self._space.dimension or 0),
            SearchVector=vector,
            TopK=MOST if query is None or query.where else min(MOST, query.limit),
            SearchConditionExpression=" AND ".join(conditions),
            ProjectionExpression=", ".join(names),
            ExpressionAttributeNames=names,
            ExpressionAttributeValues=values,
        )
        return [(each["Item"], 1 - float(each["Score"]) / 2) for each in answer.get("SearchResults", [])]

    def _item(self, collection: str, entry: Entry) -> Item:
        if len(entry.vector or ()) != self._space.dimension:
            raise ValueError(f"a vector of {len(entry.vector or ())} dimensions in space {self._space.id}")
        return {
            PARTITION_KEY: {"S": self._key(collection)},
            SORT_KEY: {"S": f"{plain(entry.file_id)}#{entry.generation}#{entry.id}"},
            **{name: {"S": getattr(entry, name)} for name in ("id", *_INLINE)},
            "number": {"N": str(entry.number)},
            "text": {"S": storable(entry.text)},
            "metadata": {"S": json.dumps(dict(entry.metadata))},
            self._vector: {"L": _numbers(entry.vector or ())},
        }

    def _items(self, collection: str, prefix: str) -> Iterator[Item]:
        names = {"#pk": PARTITION_KEY, "#sk": SORT_KEY, "#generation": "generation"}
        wanted = self._partition(collection, prefix)
        wanted |= {"ExpressionAttributeNames": names, "ProjectionExpression": ", ".join(names)}
        for page in self._pages("query", wanted):
            yield from page["Items"]

    def _partition(self, collection: str, prefix: str) -> dict[str, Any]:
        condition = "#pk = :pk" + (" AND begins_with(#sk, :prefix)" if prefix else "")
        return {
            "KeyConditionExpression": condition,
            "ExpressionAttributeNames": {"#pk": PARTITION_KEY, **({"#sk": SORT_KEY} if prefix else {})},
            "ExpressionAttributeValues": {
                ":pk": {"S": self._key(collection)},
                **({":prefix": {"S": prefix}} if prefix else {}),
            },
        }

    def _pages(self, operation: str, wanted: dict[str, Any]) -> Iterator[dict[str, Any]]:
        yield from self._client.get_paginator(operation).paginate(TableName=self._table, **wanted)

    def _put(self, requests: list[dict[str, Any]]) -> None:
        """Writes or deletes; what DynamoDB leaves undone is asked for again."""
        left = {self._table: requests}

        def done() -> bool:
            nonlocal left
            left = self._client.batch_write_item(RequestItems=left).get("UnprocessedItems") or {}
            return not left

        until(done)

    def _key(self, collection: str) -> str:
        return f"{plain(self._space.id)}#{plain(collection)}"


def index_name(dimension: int) -> str:
    """The vector index of so many dimensions."""
    return f"vectors-{dimension}"


def index_creation(table: str, dimension: int) -> dict[str, Any]:
    """The request that adds a vector index to a table."""
    schema = [{"AttributeName": PARTITION_KEY, "SearchSchemaElementType": "HASH"}]
    schema += [{"AttributeName": name, "SearchSchemaElementType": "INLINE_FILTER"} for name in _INLINE]
    create = {
        "IndexName": index_name(dimension),
        "VectorAttribute": {"AttributeName": f"vector{dimension}"},
        "SearchSchema": schema,
        "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": [*_FIELDS]},
        "Dimensions": dimension,
        "DistanceFunction": "COSINE",
    }
    defined = [{"AttributeName": name, "AttributeType": "S"} for name in (PARTITION_KEY, SORT_KEY, *_INLINE)]
    return {"TableName": table, "AttributeDefinitions": defined, "VectorIndexUpdates": [{"Create": create}]}


def _numbers(vector: Sequence[float]) -> list[Item]:
    return [{"N": f"{value:.7g}"} for value in vector]


def _entry(item: Item) -> Entry:
    return Entry(
        item["id"]["S"],
        item["file_id"]["S"],
        item["generation"]["S"],
        int(item["number"]["N"]),
        item["text"]["S"],
        json.loads(item["metadata"]["S"]),
    )


def _fits(entry: Entry, query: Query) -> bool:
    """Whether a chunk has the metadata that is asked for."""
    said = {**entry.metadata, "file_id": entry.file_id, "generation": entry.generation}
    wanted = {name: value if isinstance(value, list) else [value] for name, value in query.where.items()}
    return all(said.get(name) in values for name, values in wanted.items())

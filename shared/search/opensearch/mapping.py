"""How chunks are kept in OpenSearch. Words come folded and cut, so every engine and version analyses them alike."""

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

from shared.search.names import plain
from shared.search.protocol import Entry, Where
from shared.search.terms import Term, indexed, storable

# Lucene takes no word of over 32,766 bytes.
_LONGEST_LABEL = 300
_COLUMNS = ("file_id", "generation")
# A server of one's own may be told how soon what is written can be found.
_REFRESH = "250ms"


def index_body(dimension: int | None, engine: str, *, serverless: bool) -> dict[str, Any]:
    """Settings and mappings of a space's index.

    The engine is always named: its default is one, which a plain node does not have and dies of.
    """
    keyword, stored = {"type": "keyword"}, {"type": "text", "index": False}
    properties: dict[str, Any] = {
        **dict.fromkeys(("chunk", "collection", "labels", *_COLUMNS), keyword),
        "number": {"type": "integer"},
        **dict.fromkeys(("text", "metadata"), stored),
        "words": {"type": "text", "analyzer": "words"},
    }
    settings: dict[str, Any] = {
        "analysis": {"analyzer": {"words": {"type": "custom", "tokenizer": "whitespace", "filter": ["porter_stem"]}}}
    }
    if dimension is not None:
        settings["index.knn"] = True
        # Of vectors of length 1 the distance says the cosine, in every engine and version in the same way.
        method = {"name": "hnsw", "engine": engine, "space_type": "l2"}
        properties["vector"] = {"type": "knn_vector", "dimension": dimension, "method": method}
    if not serverless:
        settings["index.refresh_interval"] = _REFRESH
    return {"settings": settings, "mappings": {"dynamic": False, "properties": properties}}


def document(collection: str, entry: Entry, dimension: int | None) -> dict[str, Any]:
    """A chunk as it is stored; raises ValueError for a vector that does not fit."""
    text = storable(entry.text)
    labels = [_label(name, value) for name, value in entry.metadata.items() if isinstance(value, str | int)]
    vector = {} if dimension is None else {"vector": unit(entry.vector or (), dimension)}
    return {
        "chunk": entry.id,
        "collection": plain(collection),
        "file_id": entry.file_id,
        "generation": entry.generation,
        "number": entry.number,
        "labels": labels,
        "text": text,
        "metadata": json.dumps(dict(entry.metadata)),
        "words": indexed(text),
        **vector,
    }


def entry_of(source: Mapping[str, Any]) -> Entry:
    """The chunk of a document."""
    return Entry(
        source["chunk"],
        source["file_id"],
        source["generation"],
        source["number"],
        source["text"],
        json.loads(source["metadata"]),
    )


def unit(vector: Sequence[float], dimension: int) -> list[float]:
    """A vector in its direction, of length 1."""
    if len(vector) != dimension:
        raise ValueError(f"a vector of {len(vector)} dimensions, where the space has {dimension}")
    length = math.sqrt(sum(value * value for value in vector)) or 1.0
    return [round(value / length, 6) for value in vector]


def similarity(score: float) -> float:
    """(1 + cosine) / 2, of OpenSearch's 1 / (1 + distance²) between vectors of length 1."""
    return max(0.0, 1 - (1 / score - 1) / 4)


def within(collections: Sequence[str], where: Where) -> list[dict[str, Any]]:
    """The filter of a query: these collections and no others, and what metadata has to say."""
    filters: list[dict[str, Any]] = [{"terms": {"collection": [plain(name) for name in collections]}}]
    for name, wanted in where.items():
        values = wanted if isinstance(wanted, list) else [wanted]
        if name in _COLUMNS:
            filters.append({"terms": {name: values}})
        else:
            filters.append({"terms": {"labels": [_label(name, value) for value in values]}})
    return filters


def having(terms: Sequence[Term]) -> dict[str, Any]:
    """What has one of the words."""
    words = " ".join(term.word for term in terms if not term.prefix)
    asked: list[dict[str, Any]] = [{"match": {"words": {"query": words}}}] if words else []
    asked += [{"prefix": {"words": {"value": term.word}}} for term in terms if term.prefix]
    return {"bool": {"should": asked, "minimum_should_match": 1}}


def _label(name: str, value: str | int) -> str:
    label = f"{name}={json.dumps(value)}"
    return label if len(label) <= _LONGEST_LABEL else hashlib.sha256(label.encode()).hexdigest()

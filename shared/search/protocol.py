"""What an index of chunks can do, whatever it is kept in.

A collection is what is searched together: a knowledge base, a file, a person's memories, one web search. A space is an
embedding model with its dimension: an index is opened for one, so that the old one answers while a new one is built. A
generation is one ingestion of a file.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from shared.errors import Invalid, Upstream

_WAKING = "The search index is being started, which takes up to half a minute. Try again then."

Mode = Literal["lexical", "vector", "hybrid"]
Fusion = Literal["rrf", "weighted"]
Where = Mapping[str, str | int | list[str] | list[int]]


class Waking(Upstream):
    """The index scales to zero and is being started, which takes up to 30 s: say so to the person, and try again."""

    def __init__(self, detail: str = _WAKING) -> None:
        super().__init__(detail)


class Unsupported(Invalid):
    """The index cannot search in this way; the message says in which it can."""


@dataclass(frozen=True, slots=True)
class Space:
    """Vectors of one embedding model. `id` has letters, digits and hyphens; without a dimension search is lexical."""

    id: str
    dimension: int | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One chunk. `metadata` is JSON: name, source, page, headings, sheet, start (seconds) and the like.

    The id names chunk and generation both: what is written under an id does not change.
    """

    id: str
    file_id: str
    generation: str
    number: int
    text: str
    metadata: Mapping[str, Any] = field(default_factory=dict)
    vector: Sequence[float] | None = None


@dataclass(frozen=True, slots=True)
class Hit:
    """A chunk that was found, without its vector. Scores are from 0 to 1, higher is better.

    Lexical ones are relative to the best one found; vector ones are (1 + cosine) / 2; hybrid ones are those of the
    fusion, 1 being first in both.
    """

    collection: str
    entry: Entry
    score: float


@dataclass(frozen=True, slots=True)
class Query:
    """What to find: in these collections and no others, at most `limit` chunks.

    `where`: metadata (or file_id, generation) that has the value, or one of the values; a name may be any of the
    metadata's whose value is text or a whole number. `text` is for lexical and hybrid search, `vector` (of the space's
    dimension) for vector and hybrid. `lexical_weight`, from 0 to 1, is for weighted fusion.
    """

    collections: tuple[str, ...]
    text: str = ""
    vector: Sequence[float] | None = None
    limit: int = 10
    where: Where = field(default_factory=dict)
    mode: Mode = "hybrid"
    fusion: Fusion = "rrf"
    lexical_weight: float = 0.5


class Index(Protocol):
    """The chunks of one space. Every method may raise `Waking`."""

    def write(self, collection: str, entries: Sequence[Entry]) -> None:
        """Adds chunks; those whose id is there already are left alone. They can be found when this returns."""

    def delete(self, collection: str, file_ids: Sequence[str] | None = None, *, keep: str | None = None) -> None:
        """Deletes chunks of these files, or of all; those of generation `keep` stay."""

    def search(self, query: Query) -> list[Hit]:
        """The best chunks, best first; raises `Unsupported` for a mode that this index does not have."""

    def count(self, collection: str) -> int:
        """How many chunks a collection has."""

    def drop(self) -> None:
        """Deletes the whole space."""

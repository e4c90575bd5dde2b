"""One list of two, and scores that mean the same whatever index they come from."""

from collections.abc import Hashable, Sequence
from typing import TypeVar

from shared.search.protocol import Mode, Query, Space, Unsupported

K = TypeVar("K", bound=Hashable)
Ranked = Sequence[tuple[K, float]]
"""Keys with their scores, best first."""

# https://plg.uwaterloo.ca/~gvcormac/cormacksigir09-rrf.pdf
_RANK = 60
# So many of each list are looked at for the few that are wanted of both.
_DEPTH = 50


def depth(limit: int) -> int:
    """How many to find by words and by vector each, for `limit` of both."""
    return max(_DEPTH, 4 * limit)


def mode_of(query: Query, space: Space) -> Mode:
    """How a query can be answered: hybrid search goes without the half that was not given.

    Raises `Unsupported` for a vector where the space has none, ValueError for one that does not fit.
    """
    if query.vector is not None and space.dimension and len(query.vector) != space.dimension:
        raise ValueError(f"a vector of {len(query.vector)} dimensions, where space {space.id} has {space.dimension}")
    has_vector = query.vector is not None and space.dimension is not None
    if query.mode == "vector" and not has_vector:
        raise Unsupported("There is no embedding to search by: search by words, or choose an embedding model.")
    if query.mode == "hybrid":
        return "lexical" if not has_vector else "hybrid" if query.text.strip() else "vector"
    return query.mode


def relative(found: Ranked[K]) -> list[tuple[K, float]]:
    """Lexical scores as parts of the best one."""
    best = found[0][1] if found else 0.0
    return [(key, score / best if best > 0 else 0.0) for key, score in found]


def fuse(lexical: Ranked[K], vector: Ranked[K], query: Query) -> list[tuple[K, float]]:
    """The two lists of a hybrid search as one, best first; scores from 0 to 1, 1 being first in both."""
    weight = query.lexical_weight if query.fusion == "weighted" else 0.5
    points = _by_score if query.fusion == "weighted" else _by_rank
    scores: dict[K, float] = {}
    for share, found in ((weight, points(lexical)), (1 - weight, points(vector))):
        for key, score in found:
            scores[key] = scores.get(key, 0.0) + share * score
    # Of equals the one that means the same comes first.
    places = {key: place for place, (key, _) in enumerate(vector)}
    return sorted(scores.items(), key=lambda each: (-each[1], places.get(each[0], len(places))))


def _by_rank(found: Ranked[K]) -> list[tuple[K, float]]:
    return [(key, (_RANK + 1) / (_RANK + rank)) for rank, (key, _) in enumerate(found, start=1)]


def _by_score(found: Ranked[K]) -> list[tuple[K, float]]:
    """Cosines of one model lie close together: what counts is where in the list's range a score is."""
    if not found:
        return []
    best, least = found[0][1], min(0.0, found[-1][1]) if len(found) == 1 else found[-1][1]
    return [(key, (score - least) / (best - least) if best > least else 1.0) for key, score in found]

"""What is found by words and what is found by meaning, as one list.

Ranks are joined (reciprocal rank fusion) or scores, as in an index. But a rank by words counts only as much as the
passage has of the question's words: when somebody asks in words of their own, the best passage by words has a few
common ones by chance, and would push aside what means the same. `make eval` shows what that is worth.
"""

import math
from collections.abc import Collection, Hashable, Mapping, Sequence
from typing import TypeVar

from shared.search.fusion import relative
from shared.search.protocol import Fusion
from shared.search.terms import Term, asked, indexed

K = TypeVar("K", bound=Hashable)
Ranked = Sequence[tuple[K, float]]

RANK = 60
"""https://plg.uwaterloo.ca/~gvcormac/cormacksigir09-rrf.pdf"""
DEPTH = 50
"""How many of each list count, for the few that are wanted of both."""


def fused(
    question: str, lexical: Ranked[K], vector: Ranked[K], texts: Mapping[K, str], *, fusion: Fusion, weight: float
) -> list[tuple[K, float]]:
    """Both lists (best first) as one, best first. Scores are from 0 to 1: 1 is first in both, of what is possible here.

    `weight` is that of the words, from 0 to 1, of a passage that has them all; joined by rank it is a half.
    """
    share = weight if fusion == "weighted" else 0.5
    has = covered(question, {key: texts[key] for key, _ in (*lexical, *vector)})
    points = _by_score if fusion == "weighted" else _by_rank
    scores = {key: (1 - share) * score for key, score in points(vector)}
    for key, score in points(relative(lexical)):
        scores[key] = scores.get(key, 0.0) + share * has[key] ** 2 * score
    most = (1 - share) * bool(vector) + share * max((has[key] for key, _ in lexical), default=0.0) ** 2
    return sorted(((key, score / most if most else 0.0) for key, score in scores.items()), key=lambda each: -each[1])


def covered(question: str, texts: Mapping[K, str]) -> dict[K, float]:
    """How much of a question's words each text has, from 0 to 1; words that many of the texts have count little."""
    terms, words = asked(question), {key: set(indexed(text).split()) for key, text in texts.items()}
    having = {term: [key for key, found in words.items() if _has(term, found)] for term in terms}
    weights = {term: math.log(1 + (len(texts) - len(keys) + 0.5) / (len(keys) + 0.5)) for term, keys in having.items()}
    whole = sum(weights.values()) or 1.0
    scores = dict.fromkeys(texts, 0.0)
    for term, keys in having.items():
        for key in keys:
            scores[key] += weights[term] / whole
    return scores


def _has(term: Term, words: Collection[str]) -> bool:
    return term.word in words or (term.prefix and any(word.startswith(term.word) for word in words))


def _by_rank(found: Ranked[K]) -> list[tuple[K, float]]:
    return [(key, (RANK + 1) / (RANK + rank)) for rank, (key, _) in enumerate(found, start=1)]


def _by_score(found: Ranked[K]) -> list[tuple[K, float]]:
    """Cosines of one model lie close together: what counts is where in the list's range a score is."""
    if not found:
        return []
    best, least = found[0][1], found[-1][1] if len(found) > 1 else 0.0
    return [(key, (score - least) / (best - least) if best > least else 1.0) for key, score in found]

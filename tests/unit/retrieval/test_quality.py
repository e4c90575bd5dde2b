"""Retrieval finds what answers a question: on the project's own texts, with a real embedding model."""

import pytest

from shared.retrieval.fusing import covered, fused
from tests.eval.measure import measured


@pytest.mark.timeout(300)
def test_words_and_vectors_together_lose_to_neither_alone() -> None:
    found = measured(("lexical", "vector", "hybrid"))
    hybrid = found["hybrid"]
    for name in ("lexical", "vector"):
        assert hybrid.recall >= found[name].recall, found
        assert hybrid.ndcg >= found[name].ndcg, found
    assert hybrid.recall > 0.9, found
    assert hybrid.ndcg > 0.85, found


TEXTS = {"a": "the error E-417 on the line", "b": "the line is long", "c": "the sea", "d": "the night"}


def test_rare_words_of_a_question_count_more_than_common_ones() -> None:
    has = covered("the E-417", TEXTS)
    assert has["a"] == 1
    assert has["b"] == has["c"] < 0.2
    assert covered("...", TEXTS) == dict.fromkeys(TEXTS, 0.0)


@pytest.mark.parametrize("fusion", ["rrf", "weighted"])
def test_a_name_is_found_by_words_and_what_means_the_same_by_its_vector(fusion: str) -> None:
    vector = [("b", 0.9), ("c", 0.8), ("a", 0.7), ("d", 0.6)]
    by_name = fused("E-417", [("a", 7.0)], vector, TEXTS, fusion=fusion, weight=0.5)  # type: ignore[arg-type]
    assert by_name[0][0] == "a"
    by_meaning = fused("why is the wire slow", [("d", 0.1)], vector, TEXTS, fusion=fusion, weight=0.5)  # type: ignore[arg-type]
    assert by_meaning[0][0] == "b"
    assert all(0 <= score <= 1 for _, score in (*by_name, *by_meaning))
    assert fused("x", [], [], TEXTS, fusion="rrf", weight=0.5) == []

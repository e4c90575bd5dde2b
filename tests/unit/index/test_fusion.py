"""One list of two."""

import pytest

from shared.search.fusion import fuse, mode_of, relative
from shared.search.protocol import Query, Space, Unsupported

LEXICAL = [("a", 9.0), ("b", 8.0), ("c", 1.0)]
VECTOR = [("c", 0.91), ("b", 0.90), ("d", 0.80)]


def test_by_rank_what_both_have_comes_first() -> None:
    found = fuse(LEXICAL, VECTOR, Query(("kb",)))
    assert [key for key, _ in found] == ["c", "b", "a", "d"]
    assert fuse(LEXICAL[:1], [("a", 0.9)], Query(("kb",))) == [("a", pytest.approx(1.0))]


@pytest.mark.parametrize(("weight", "first"), [(0.0, "c"), (1.0, "a"), (0.5, "b")])
def test_by_weight_scores_count_within_their_range(weight: float, first: str) -> None:
    found = fuse(LEXICAL, VECTOR, Query(("kb",), fusion="weighted", lexical_weight=weight))
    assert found[0][0] == first
    assert all(0 <= score <= 1 for _, score in found)


def test_one_empty_list_leaves_the_other_as_it_is() -> None:
    for fusion in ("rrf", "weighted"):
        query = Query(("kb",), fusion=fusion)  # type: ignore[arg-type]
        assert [key for key, _ in fuse([], VECTOR, query)] == ["c", "b", "d"]
        assert fuse([], [], query) == []


def test_lexical_scores_are_parts_of_the_best() -> None:
    assert relative([("a", 4.0), ("b", 1.0)]) == [("a", 1.0), ("b", 0.25)]
    assert relative([]) == []


def test_what_is_missing_decides_how_to_search() -> None:
    space = Space("m", 2)
    assert mode_of(Query(("kb",), "text", [1, 0]), space) == "hybrid"
    assert mode_of(Query(("kb",), "text"), space) == "lexical"
    assert mode_of(Query(("kb",), " ", [1, 0]), space) == "vector"
    assert mode_of(Query(("kb",), "text", [1, 0]), Space("lexical")) == "lexical"
    with pytest.raises(Unsupported):
        mode_of(Query(("kb",), "text", mode="vector"), space)

"""What every index does alike: nothing is lost, nothing is found that should not be."""

from typing import Any

import pytest

from shared.parallel import in_parallel
from shared.search.protocol import Index, Query, Space, Unsupported
from tests.contract.index.conftest import Opener, axis, chunk


def found(index: Index, text: str = "", vector: list[float] | None = None, **more: Any) -> list[str]:
    """The ids that a query of collection `kb` finds, best first."""
    query = Query(more.pop("collections", ("kb",)), text, vector, **more)
    return [hit.entry.id for hit in index.search(query)]


def test_a_chunk_is_found_as_it_was_written(index: Index) -> None:
    index.write("kb", [chunk("a", "The warranty lasts\n two years.", page=3, name="terms.pdf", headings=["A", "B"])])
    (hit,) = index.search(Query(("kb",), "warranty", mode="lexical"))
    assert (hit.collection, hit.entry.id, hit.entry.file_id, hit.entry.generation) == ("kb", "a", "f1", "g1")
    assert hit.entry.text == "The warranty lasts\n two years."
    assert hit.entry.metadata == {"page": 3, "name": "terms.pdf", "headings": ["A", "B"]}
    assert hit.entry.vector is None
    assert hit.score == pytest.approx(1.0)


def test_words_are_found_in_any_form_and_the_rare_ones_count(index: Index) -> None:
    index.write(
        "kb",
        [chunk(f"common{number}", "The returned goods are refunded by the store") for number in range(8)]
        + [chunk("rare", "The zeppelin is returned by the store"), chunk("accent", "Überfällige RÉSUMÉS in C++")],
    )
    assert found(index, "zeppelins returning", mode="lexical")[0] == "rare"
    assert found(index, "uberfallige", mode="lexical") == ["accent"]
    assert found(index, "resume", mode="lexical") == ["accent"]
    assert found(index, "c++", mode="lexical") == ["accent"]
    assert found(index, "submarine", mode="lexical") == []
    assert found(index, '"*( OR ) AND: ^', mode="lexical") == []


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("返品の手数料は無料です。", "手数料"),
        ("返品の手数料は無料です。", "無料"),
        ("我家有一只猫", "猫"),
        ("การคืนสินค้าไม่มีค่าธรรมเนียม", "สินค้า"),
        ("환불 수수료는 무료입니다", "수수료"),
        ("رسوم الإرجاع مجانية", "الإرجاع"),
        ("Возврат товара бесплатный", "возврат"),
        ("वापसी शुल्क मुफ़्त है", "शुल्क"),
    ],
)
def test_every_script_is_found(index: Index, text: str, asked: str) -> None:
    index.write("kb", [chunk("yes", text), chunk("no", "something else 他の何か อย่างอื่น 다른 것")])
    assert found(index, asked, mode="lexical") == ["yes"]


def test_the_closest_vectors_come_first_with_their_cosine(index: Index) -> None:
    index.write("kb", [chunk("same", "x", axis(1, 0)), chunk("near", "x", axis(1, 1)), chunk("far", "x", axis(-1, 0))])
    hits = index.search(Query(("kb",), vector=axis(2, 0), mode="vector"))
    assert [hit.entry.id for hit in hits] == ["same", "near", "far"]
    assert [hit.score for hit in hits] == pytest.approx([1.0, (1 + 0.5**0.5) / 2, 0.0], abs=0.01)
    assert found(index, vector=axis(1, 0), mode="vector", limit=1) == ["same"]


def test_hybrid_search_puts_first_what_both_find(index: Index) -> None:
    index.write(
        "kb",
        [
            chunk("words", "zeppelin zeppelin", axis(0, 0, 1)),
            chunk("both", "a zeppelin over the lake", axis(1, 0.1)),
            chunk("vector", "an airship", axis(1, 0)),
            *(chunk(f"airship{number}", "an airship", axis(1, 0.2)) for number in range(3)),
            chunk("neither", "a boat", axis(0, 0, 0, 1)),
        ],
    )
    assert found(index, "zeppelin", axis(1, 0))[0] == "both"
    assert set(found(index, "zeppelin", axis(1, 0), limit=3)) == {"both", "words", "vector"}
    weighted = {"fusion": "weighted", "limit": 1}
    assert found(index, "zeppelin", axis(1, 0), lexical_weight=0.0, **weighted) == ["vector"]
    assert found(index, "zeppelin", axis(1, 0), lexical_weight=1.0, **weighted) == ["words"]
    scores = [hit.score for hit in index.search(Query(("kb",), "zeppelin", axis(1, 0)))]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 1 for score in scores)


def test_half_of_a_hybrid_query_is_enough(index: Index) -> None:
    index.write("kb", [chunk("a", "zeppelin", axis(1)), chunk("b", "boat", axis(0, 1))])
    assert found(index, "boat") == ["b"]
    assert found(index, vector=axis(1, 0.1))[0] == "a"
    with pytest.raises(Unsupported):
        found(index, "boat", mode="vector")
    with pytest.raises(ValueError, match="dimensions"):
        found(index, vector=[1.0, 2.0])


def test_a_collection_is_never_seen_from_another(index: Index) -> None:
    index.write("kb", [chunk("mine", "the secret warranty", axis(1))])
    index.write("file-2", [chunk("other", "the secret warranty", axis(1), file_id="f2")])
    index.write("Some/../other *collection*", [chunk("odd", "the secret warranty", axis(1))])
    for mode in ("lexical", "vector", "hybrid"):
        assert found(index, "secret", axis(1), mode=mode) == ["mine"]
        assert found(index, "secret", axis(1), mode=mode, collections=("nothing",)) == []
        assert found(index, "secret", axis(1), mode=mode, collections=()) == []
        assert set(found(index, "secret", axis(1), mode=mode, collections=("kb", "file-2", "kb"))) == {"mine", "other"}
    index.delete("kb")
    assert [index.count(name) for name in ("kb", "file-2", "Some/../other *collection*")] == [0, 1, 1]


def test_metadata_narrows_a_search(index: Index) -> None:
    index.write(
        "kb",
        [
            chunk("a", "the warranty", axis(1), page=1, name="a.pdf"),
            chunk("b", "the warranty", axis(1), page=2, name="a.pdf"),
            chunk("c", "the warranty", axis(1), page=2, name='odd "name".pdf', file_id="f2", generation="g2"),
        ],
    )
    cases: list[tuple[dict[str, Any], set[str]]] = [
        ({"page": 2}, {"b", "c"}),
        ({"page": [1, 2], "name": "a.pdf"}, {"a", "b"}),
        ({"name": 'odd "name".pdf'}, {"c"}),
        ({"file_id": ["f2", "f3"]}, {"c"}),
        ({"generation": "g1"}, {"a", "b"}),
        ({"page": "2"}, set()),
        ({"nothing": 1}, set()),
        ({"page": []}, set()),
    ]
    for where, expected in cases:
        for mode in ("lexical", "vector", "hybrid"):
            assert set(found(index, "warranty", axis(1), mode=mode, where=where)) == expected, (where, mode)


def test_writing_the_same_again_changes_nothing(index: Index) -> None:
    entries = [chunk(f"c{number}", f"chunk {number} of the file", axis(1, number)) for number in range(20)]
    index.write("kb", entries[:15])
    index.write("kb", entries)
    index.write("kb", [])
    assert index.count("kb") == 20
    assert sorted(found(index, "chunk", axis(1), limit=50)) == sorted(entry.id for entry in entries)


def test_a_new_generation_takes_the_place_of_the_old_one(index: Index) -> None:
    index.write("kb", [chunk("old1", "the warranty"), chunk("old2", "the refund"), chunk("else", "all", file_id="f2")])
    index.write("kb", [chunk("new1", "the warranty", generation="g2")])
    assert set(found(index, "warranty", mode="lexical")) == {"old1", "new1"}
    index.delete("kb", ["f1"], keep="g2")
    assert found(index, "warranty refund", mode="lexical") == ["new1"]
    index.write("kb", [chunk("again", "the warranty")])
    assert set(found(index, "warranty", mode="lexical")) == {"new1", "again"}
    assert index.count("kb") == 3
    index.delete("kb", keep="g2")
    assert index.count("kb") == 1
    index.delete("kb", [])
    assert index.count("kb") == 1


def test_what_is_deleted_is_gone_and_deleting_it_again_is_no_error(index: Index) -> None:
    for number in range(3):
        index.write("kb", [chunk(f"c{number}", "the warranty", axis(1), file_id=f"f{number}")])
    index.delete("kb", ["f0", "f1", "nothing"])
    index.delete("kb", ["f0"])
    for mode in ("lexical", "vector", "hybrid"):
        assert found(index, "warranty", axis(1), mode=mode) == ["c2"]
    index.delete("nothing at all")
    index.delete("kb")
    assert (index.count("kb"), found(index, "warranty")) == (0, [])


def test_what_is_written_can_be_found_from_elsewhere_at_once(opener: Opener, space: Space, index: Index) -> None:
    elsewhere = opener(space)
    for number in range(3):
        index.write("kb", [chunk(f"c{number}", "the warranty")])
        assert elsewhere.count("kb") == number + 1
    elsewhere.delete("kb", ["f1"])
    assert found(index, "warranty") == []


def test_writers_at_once_lose_nothing(opener: Opener, space: Space, index: Index) -> None:
    def write(number: int) -> None:
        opener(space).write(
            "kb", [chunk(f"c{number}-{each}", f"text {each}", file_id=f"f{number}") for each in range(5)]
        )

    in_parallel(write, range(8))
    assert index.count("kb") == 40
    assert len(found(index, "text", limit=100)) == 40


def test_spaces_know_nothing_of_each_other(opener: Opener, space: Space, index: Index) -> None:
    lexical = opener(Space(f"{space.id}-lexical"))
    index.write("kb", [chunk("a", "the warranty", axis(1))])
    lexical.write("kb", [chunk("b", "the warranty")])
    assert found(lexical, "warranty") == ["b"]
    with pytest.raises(Unsupported):
        found(lexical, "warranty", axis(1), mode="vector")
    assert found(lexical, "warranty", axis(1)) == ["b"]
    lexical.drop()
    lexical.drop()
    assert (lexical.count("kb"), index.count("kb")) == (0, 1)
    lexical.write("kb", [chunk("c", "the refund")])
    assert found(lexical, "refund") == ["c"]


def test_odd_text_is_no_trouble(index: Index) -> None:
    texts = ["", " ", "\ud800 half", "\x00null", "a" * 100_000, "😀 emoji", "word " * 5000]
    index.write("kb", [chunk(f"t{number}", text, axis(0.0)) for number, text in enumerate(texts)])
    assert index.count("kb") == len(texts)
    assert found(index, "half null emoji", limit=10, mode="lexical")
    assert found(index, "\ud800 \x00 😀" + "long " * 3000, axis(1), mode="hybrid") is not None
    with pytest.raises(ValueError, match="dimensions"):
        index.write("kb", [chunk("bad", "text", [1.0])])

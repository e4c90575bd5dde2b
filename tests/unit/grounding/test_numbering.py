"""Passages as numbered sources, and how many of them there is room for."""

from shared.grounding.numbering import (
    CUT,
    SHOWN_BYTES,
    SHOWN_CHARACTERS,
    Passage,
    context,
    filled,
    fitted,
    numbered,
    passages_of,
    sources,
)
from shared.llm.tokens import tokens_of


def found(key: str, text: str, score: float = 0.5) -> Passage:
    return Passage(key, f"{key}.pdf", "file", text, score, {"file_id": key, "page": 2})


def test_a_document_has_one_number_everywhere() -> None:
    passages = fitted([found("a", "one", 0.9), found("b", "two", 0.8), found("a", "three", 0.7)], 1000)
    assert [passage.text for passage in passages] == ["one", "three", "two"]
    assert [line for line in context(passages).splitlines() if line.startswith("<source")] == [
        '<source id="1" name="a.pdf" page="3">',
        '<source id="1" name="a.pdf" page="3">',
        '<source id="2" name="b.pdf" page="3">',
    ]
    listed = sources(passages)
    assert [(one["source"]["id"], one["document"], one["distances"]) for one in listed] == [
        ("a", ["one", "three"], [0.9, 0.7]),
        ("b", ["two"], [0.8]),
    ]
    assert numbered(listed) == [("a.pdf", ""), ("b.pdf", "")]
    assert context(passages_of(listed)) == context(passages), "an answer that goes on has the same numbers"


def test_passages_that_do_not_fit_are_left_out_and_whole_texts_share_what_is_left() -> None:
    short, long, longer = (
        Passage(key, key, "text", "word " * size) for key, size in (("s", 20), ("l", 900), ("x", 2000))
    )
    kept = fitted([found("a", "x" * 400), found("b", "x" * 4000), found("c", "x" * 400), longer, short, long], 800)
    assert [passage.key for passage in kept] == ["a", "c", "x", "s", "l"]
    assert sum(tokens_of(passage.text) for passage in kept) < 800 + 10
    by_key = {passage.key: passage.text for passage in kept}
    assert by_key["s"] == short.text
    assert by_key["l"].endswith(CUT)
    assert abs(len(by_key["l"]) - len(by_key["x"])) < 20
    assert fitted([longer], 10) == []
    assert fitted([short, short], 800) == [short]


def test_what_is_shown_and_stored_stays_small() -> None:
    listed = sources([Passage(str(number), "n", "text", "語" * 100_000) for number in range(40)])
    texts = [text for one in listed for text in one["document"]]
    assert max(map(len, texts)) == SHOWN_CHARACTERS
    assert sum(len(text.encode()) for text in texts) <= SHOWN_BYTES
    assert len(listed) == 40, "the numbers stay"
    assert "distances" not in listed[0]


def test_a_template_without_a_place_for_sources_or_question_gets_them_below() -> None:
    assert filled("{{CONTEXT}} {{QUERY}}", "c {{QUERY}}", "q {{CONTEXT}}") == "c {{QUERY}} q {{CONTEXT}}"
    assert filled("[context] [query]", "c", "q") == "c q"
    assert filled("Be brief.", "c", "q") == "Be brief.\n\n<context>\nc\n</context>\n\nq"


def test_sources_that_others_have_stored_are_read_whatever_they_are() -> None:
    assert numbered(None) == numbered([None, {}, {"source": {}, "metadata": None}]) == []
    assert numbered([{"source": 1, "metadata": [1]}]) == [("", "")]
    page = {"source": {"name": "n"}, "metadata": [{"source": "https://a.example/", "title": "A\npage"}]}
    assert numbered([page]) == [("A page", "https://a.example/")]

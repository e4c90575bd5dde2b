"""The words by which chunks are found."""

import pytest

from shared.search.terms import QUERY_TERMS, Term, asked, indexed


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Hello,  WÖRLD!\n", "hello world"),
        ("C++ and C#, v2.3_x", "c++ and c# v2 3 x"),
        ("返品は無料", "返品 品は は無 無料 料"),
        ("iPhone用の殻", "iphone 用の の殻 殻"),
        ("", ""),
        ("!?", ""),
        ("short " + "x" * 200, "short"),
    ],
)
def test_text_becomes_words(text: str, words: str) -> None:
    assert indexed(text) == words


def test_a_question_asks_for_each_word_once_and_for_what_a_single_character_begins() -> None:
    assert asked("the The 猫 手数料") == [Term("the"), Term("猫", prefix=True), Term("手数"), Term("数料")]
    assert len(asked(" ".join(f"w{number}" for number in range(500)))) == QUERY_TERMS


@pytest.mark.parametrize("text", ["返品の手数料", "การคืนสินค้า", "Straße", "İstanbul", "ﬁnal"])
def test_what_is_asked_for_is_in_what_is_indexed(text: str) -> None:
    assert {term.word for term in asked(text)} <= set(indexed(text).split())

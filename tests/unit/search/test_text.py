"""Folding of texts and reading of queries."""

import pytest

from shared.chats.search.text import Query, Term, fold, parse, searchable, snippet


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Hello, World!", "hello world"),
        ("Résumé naïve", "resume naive"),
        ("ＦＵＬＬ Ｗｉｄｔｈ", "full width"),
        ("Straße", "strasse"),
        ("C++ and C#", "c++ and c#"),
        ("`snake_case` | **bold**", "snake case bold"),
        ("हिन्दी", "हिन्दी"),
        ("が", "が"),
        ("Ёлка", "елка"),
        ("🎉 party", "🎉 party"),
        ("line\n\nbreak\x00", "line break"),
    ],
)
def test_case_width_accents_and_punctuation_make_no_difference(text: str, folded: str) -> None:
    assert fold(text) == f" {folded}  "


@pytest.mark.parametrize(
    ("text", "needles"),
    [
        ("Hello world", ["hello", "world"]),
        ('"Hello world" again', ["hello world", "again"]),
        ("node.js", ["node js"]),
        ("AI", [" ai"]),
        ("c", [" c "]),
        ("東京", ["東京"]),
        ("猫", ["猫"]),
        ("???", []),
        ("same same", ["same"]),
    ],
)
def test_words_become_what_must_occur(text: str, needles: list[str]) -> None:
    assert parse(text).terms == tuple(map(Term, needles))


def test_short_words_stand_at_the_beginning_of_a_word_but_not_where_there_are_none() -> None:
    (ai,), (c,), (cat,) = parse("ai").terms, parse("c").terms, parse("猫").terms
    assert ai.occurs(fold("The AIs are here"))
    assert not ai.occurs(fold("said"))
    assert c.occurs(fold("I write C."))
    assert not c.occurs(fold("cat"))
    assert cat.occurs(fold("白猫です"))


def test_prefixes_are_taken_out_of_the_words() -> None:
    query = parse('cats tag:My_Tag tag:none folder:"Great  Work" pinned:true archived:FALSE shared:true')
    assert query == Query((Term("cats"),), ("my tag", "none"), ("great work",), True, False, True)


def test_a_prefix_with_another_value_says_nothing_and_the_first_of_two_counts() -> None:
    assert parse("pinned:maybe tag: folder:") == Query()
    assert parse("pinned:true pinned:false").pinned is True


def test_a_query_has_an_end() -> None:
    assert len(parse(" ".join(f"word{number}" for number in range(500))).terms) <= 12


def test_only_text_of_a_message_is_searched() -> None:
    assert searchable("plain") == "plain"
    image = {"type": "image_url", "image_url": {"url": "data:…"}}
    assert searchable([{"type": "text", "text": "look"}, image, "?"]) == "look"
    assert searchable(None) == ""


def test_a_snippet_is_the_text_around_the_word() -> None:
    text = f"{'before ' * 60}the Résumé,\nof it {'after ' * 60}"
    part = snippet(text, parse("resume").terms)
    assert "the Résumé, of it" in part
    assert part.startswith("… ")
    assert part.endswith(" …")
    assert snippet("short text", parse("text").terms) == "short text"

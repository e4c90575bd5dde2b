"""Titles out of what models say."""

import pytest

from functions.generate.title import LONGEST_TITLE, read


@pytest.mark.parametrize(
    ("said", "title"),
    [
        ('{"title": "Sorting in Python"}', "Sorting in Python"),
        ('```json\n{"title": "🐍 Sorting"}\n```', "🐍 Sorting"),
        ('<think>{"title": "no"}</think> Here: { "title": "Yes" }.', "Yes"),
        ('{"title": "Cut off in the mid', "Cut off in the mid"),
        ("{'title': 'Single quotes'}", "Single quotes"),
        ('{title: "No quotes around the key"}', "No quotes around the key"),
        ('{"title": "  \\"Quoted\\n lines\\"  "}', "Quoted lines"),
        ('{"title": 5}', None),
        ('{"name": "x"}', None),
        ("I cannot do that.", None),
        ("", None),
        ('{"title": ""}', None),
    ],
)
def test_a_title_is_found_or_left_out(said: str, title: str | None) -> None:
    assert read(said) == title


def test_a_title_is_not_endless() -> None:
    found = read('{"title": "' + "long " * 100 + '"}')
    assert found
    assert len(found) <= LONGEST_TITLE

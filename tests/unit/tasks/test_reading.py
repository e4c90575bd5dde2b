"""Results of tasks out of what models say."""

import json
from typing import Any

import pytest

from shared.tasks.reading import LONGEST_TITLE, MOST, as_json, beginning, read
from shared.tasks.section import Kind


@pytest.mark.parametrize(
    ("said", "title"),
    [
        ('{"title": "Sorting in Python"}', "Sorting in Python"),
        ('```json\n{"title": "🐍 Sorting"}\n```', "🐍 Sorting"),
        ('<think>{"title": "no"}</think> Here: { "title": "Yes" }.', "Yes"),
        ('<think>{"title": "it never ends', None),
        ('{"title": "Cut off in the mid', "Cut off in the mid"),
        ("{'title': 'Single quotes'}", "Single quotes"),
        ('{title: "No quotes around the key"}', "No quotes around the key"),
        ('{"title": "  \\"Quoted\\n lines\\"  "}', "Quoted lines"),
        ('{"title": "A comma too many",}', "A comma too many"),
        ('{"title": 5}', None),
        ('{"name": "x"}', None),
        ('{"title": "{\\"title\\": \\"nested\\"}"}', None),
        ("I cannot do that.", None),
        ("", None),
        ('{"title": ""}', None),
    ],
)
def test_a_title_is_found_or_left_out(said: str, title: str | None) -> None:
    assert read("title", said) == title


def test_a_title_is_not_endless() -> None:
    found = read("title", '{"title": "' + "long " * 100 + '"}')
    assert found
    assert len(found) <= LONGEST_TITLE


@pytest.mark.parametrize(
    ("kind", "said", "result"),
    [
        ("tags", '{"tags": ["Python", "#Sorting", "python", 5, ""]}', ["Python", "Sorting"]),
        ("tags", '{"tags": ["Python", "Sort', ["Python", "Sort"]),
        ("tags", '{"tags": "Python"}', None),
        ("tags", '{"tags": []}', None),
        ("follow_up", 'Sure!\n{"follow_ups": ["Why?", "How?"', ["Why?", "How?"]),
        ("queries", '{"queries": ["a", "b"]}', ["a", "b"]),
        ("image_prompt", '{"prompt": "a cat\\non a roof"}', "a cat on a roof"),
        ("auto", '{"text": " is the weather "}', " is the weather"),
        ("auto", "is the weather", None),
        ("emoji", "Here you go: 👩🏽‍🚀!", "👩🏽‍🚀"),
        ("emoji", "🇯🇵 and more", "🇯🇵"),
        ("emoji", "smile", None),
        ("emoji", "a → b", None),
        ("emoji", "I would say that it depends on the person. " * 5 + "😊", None),
        ("auto", 'You wrote: Answer with nothing but JSON: {"text": "…"}', None),
        ("summary", "<think>Hm</think>\nNotes.", "Notes."),
    ],
)
def test_results_are_read_or_dropped(kind: Kind, said: str, result: Any) -> None:
    assert read(kind, said) == result


def test_a_list_is_not_endless() -> None:
    said = json.dumps({"follow_ups": [f"Question {number}?" for number in range(20)]})
    assert len(read("follow_up", said)) == MOST


@pytest.mark.parametrize(
    ("kind", "said", "content"),
    [
        ("title", "no idea", '{"title": null}'),
        ("tags", "{tags: ['Käse']}", '{"tags": ["Käse"]}'),
        ("follow_up", "no idea", '{"follow_ups": []}'),
        ("emoji", "no idea", ""),
    ],
)
def test_clients_get_json_whatever_was_said(kind: Kind, said: str, content: str) -> None:
    assert as_json(kind, said) == content


def test_the_beginning_of_a_text_is_one_line_that_ends_with_a_word() -> None:
    assert beginning("  How do\n I sort? ") == "How do I sort?"
    assert beginning(" \n") is None
    assert beginning("word " * 40) == "word " * 14 + "word…"
    assert beginning("字" * 90) == "字" * 79 + "…"

"""The prompts of tasks with their variables filled in."""

import pytest

from shared.tasks.prompts import BUILT_IN, rendered
from shared.tasks.section import TasksSection

TALK = [
    {"role": "system", "content": "Be brief."},
    {"role": "user", "content": "First"},
    {"role": "assistant", "content": '<details type="reasoning">secret</details>Second'},
    {"role": "user", "content": [{"type": "text", "text": "Third"}, {"type": "image_url", "image_url": {}}]},
]


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{{MESSAGES}}", "USER: First\nASSISTANT: Second\nUSER: Third"),
        ("{{MESSAGES:START:1}}", "USER: First"),
        ("{{MESSAGES:END:2}}", "ASSISTANT: Second\nUSER: Third"),
        ("{{MESSAGES:END:0}}", ""),
        ("{{MESSAGES:MIDDLETRUNCATE:2}}", "USER: First\nUSER: Third"),
        ("{{prompt}} {{PROMPT:start:2}} {{prompt:end:2}}", "Third Th rd"),
        ("{{prompt:middletruncate:2}}", "T … d"),
        ("for {{TYPE}} on {{CURRENT_DATE}}", "for search on 2026-11-21"),
        ("{{UNKNOWN}}", "{{UNKNOWN}}"),
    ],
)
def test_variables(template: str, text: str) -> None:
    assert rendered(template, TALK, variables={"{{CURRENT_DATE}}": "2026-11-21"}, purpose="search") == text


def test_what_people_write_is_never_taken_for_a_template() -> None:
    sly = [{"role": "user", "content": "{{prompt}} {{CURRENT_DATE}} {{responses}}"}]
    text = rendered("{{MESSAGES}}", sly, variables={"{{CURRENT_DATE}}": "2026-11-21"}, responses=["x"])
    assert text == "USER: {{prompt}} {{CURRENT_DATE}} {{responses}}"


def test_a_long_message_is_shortened_in_its_middle() -> None:
    text = rendered("{{MESSAGES}}", [{"role": "user", "content": "a" * 5000 + "b" * 5000}])
    assert text.startswith("USER: aaa")
    assert text.endswith("bbb")
    assert len(text) < 2100


def test_an_empty_prompt_of_the_admin_stands_for_the_one_built_in() -> None:
    section = TasksSection(
        title_generation_prompt_template=" ", query_generation_prompt_template="Search: {{MESSAGES}}"
    )
    assert section.template("title") == BUILT_IN["title"]
    assert section.template("queries") == "Search: {{MESSAGES}}"


def test_queries_are_switched_by_their_purpose() -> None:
    section = TasksSection(enable_search_query_generation=False)
    assert not section.enabled("queries", "web_search")
    assert section.enabled("queries", "retrieval")
    assert not section.enabled("auto")

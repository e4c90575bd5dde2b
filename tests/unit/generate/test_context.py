"""Counting tokens, and which messages a summary takes the place of."""

from typing import Any

import pytest

from functions.generate import context
from functions.generate.context import Summary, cut, digest, known, shortened
from shared.llm.tokens import estimate, room_for


def talk(turns: int, size: int = 400) -> list[dict[str, Any]]:
    """So many questions, each with an answer but the last."""
    messages = []
    for number in range(turns):
        messages.append({"role": "user", "content": f"{number}" + "q" * size})
        messages.append({"role": "assistant", "content": f"{number}" + "a" * size})
    return messages[:-1]


SYSTEM = {"role": "system", "content": "Be brief."}


@pytest.mark.parametrize(
    ("messages", "tokens"),
    [
        ([], 0),
        ([{"role": "user", "content": "abcdefgh"}], 6),
        ([{"role": "user", "content": "漢字かな文字"}], 8),
        ([{"role": "user", "content": [{"type": "text", "text": "abcd"}, {"type": "image_url"}]}], 1005),
        ([{"role": "assistant", "content": None}], 4),
    ],
)
def test_the_estimate_is_the_documented_one(messages: list[Any], tokens: int) -> None:
    assert estimate(messages) == tokens


def test_the_answer_needs_its_part_of_the_context() -> None:
    assert room_for(8000, {}) == 7000
    assert room_for(8000, {"max_tokens": 2000}) == 6000
    assert room_for(8000, {"max_tokens": 100_000}) == 4000
    assert room_for(8000, {"max_tokens": "many"}) == 7000


def test_the_oldest_turns_go_and_what_stays_begins_with_a_question() -> None:
    messages = [SYSTEM, *talk(10)]
    covers = cut(messages, 1000)
    rest = talk(10)[covers:]
    assert 0 < covers < 19
    assert rest[0]["role"] == "user"
    assert estimate(rest) <= 600
    assert estimate(talk(10)[covers - 2 :]) > 600 - estimate([SYSTEM])


def test_the_last_question_always_stays() -> None:
    messages = talk(3, size=100_000)
    assert messages[cut(messages, 1000)] == messages[-1]
    assert cut(talk(1, size=100_000), 1000) == 0


def test_a_summary_is_said_with_the_system_prompt() -> None:
    messages = [SYSTEM, *talk(3)]
    short = shortened(messages, Summary("They counted.", 4, ""))
    assert [message["role"] for message in short] == ["system", "user"]
    assert short[0]["content"].startswith("Be brief.\n\n")
    assert "They counted." in short[0]["content"]
    assert shortened(talk(3), Summary("", 4, ""))[0] == {"role": "system", "content": context.LEFT_OUT}


def test_a_summary_holds_as_long_as_its_messages_say_the_same() -> None:
    messages = talk(4)
    path = [
        {"context_summary": Summary("short", 2, digest(messages[:2])).stored()},
        {"context_summary": Summary("long", 4, digest(messages[:4])).stored()},
        {"context_summary": {"text": 5}},
    ]
    found = known(path, [SYSTEM, *messages])
    assert found
    assert found.text == "long"
    changed = [*messages[:3], {"role": "assistant", "content": "edited"}, *messages[4:]]
    found = known(path, changed)
    assert found
    assert found.text == "short"
    assert known(path, talk(1)) is None

"""Reasoning in tags, however the text is cut."""

import pytest

from functions.generate.reasoning import TAGS, ReasoningSplitter, tags_from


def split(pieces: list[str], tags: tuple[tuple[str, str], ...] = TAGS) -> tuple[str, str]:
    """The answer and the reasoning."""
    splitter = ReasoningSplitter(tags)
    found = [piece for text in pieces for piece in splitter.feed(text)] + list(splitter.close())
    return tuple("".join(p.text for p in found if p.kind == kind) for kind in ("content", "reasoning"))  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<think>a</think>b", ("b", "a")),
        ("\n <think>\na\nb</think>\n\nc <think> d", ("c <think> d", "a\nb")),
        ("<think>never closed", ("", "never closed")),
        ("<think></think>b", ("b", "")),
        ("Use <think> tags", ("Use <think> tags", "")),
        ("<thin ice>", ("<thin ice>", "")),
        ("<thinking>a < b </ thinking></thinking>c", ("c", "a < b </ thinking>")),
        ("◁think▷a◁/think▷b", ("b", "a")),
        ("  indented", ("  indented", "")),
        ("", ("", "")),
        ("<", ("<", "")),
    ],
)
@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_text_is_split_the_same_wherever_it_is_cut(text: str, expected: tuple[str, str], size: int) -> None:
    assert split([text[start : start + size] for start in range(0, len(text), size)]) == expected


def test_plain_text_is_not_held_back() -> None:
    assert [piece.text for piece in ReasoningSplitter().feed("H")] == ["H"]


def test_a_chat_may_bring_its_own_tags_or_none() -> None:
    assert split(["[r]a[/r]b"], tags_from(["[r]", "[/r]"])) == ("b", "a")
    assert split(["<think>a</think>b"], tags_from(False)) == ("<think>a</think>b", "")
    assert tags_from(None) == tags_from(True) == TAGS

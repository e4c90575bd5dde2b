"""Whatever people and models write becomes a PDF that has all of it."""

import io
import random
import re

import pypdf
import pytest

from functions.transfer import pdf
from functions.transfer.pdf import typeset
from shared.errors import TooLarge

WORDS = " ".join(f"word{number}" for number in range(250))


def text_of(content: bytes) -> str:
    """The text of a PDF on one line. pypdf reads fonts with PostScript outlines with a NUL before each character."""
    pages = pypdf.PdfReader(io.BytesIO(content)).pages
    return " ".join("\n".join(page.extract_text() for page in pages).replace("\x00", "").split())


def printed(markdown: str) -> str:
    """The text of the PDF of one message between two others."""
    text = text_of(typeset("Title", [("You", "Before it."), ("Model", markdown), ("You", "After it.")]))
    assert "Before it." in text
    assert text.endswith("After it.")
    return text


def table(head: list[str], *rows: list[str]) -> str:
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *rows))


def links(content: bytes) -> list[str]:
    pages = pypdf.PdfReader(io.BytesIO(content)).pages
    return [str(note["/A"]["/URI"]) for page in pages for note in page.get("/Annots", [])]


def test_links_within_the_message_are_text_and_others_lead_somewhere() -> None:
    markdown = "1. [Intro](#intro)\n2. [Site](https://a.example/#part)\n\n## Intro\n\nText, [empty]() and [up](#)."
    text = printed(markdown)
    assert "1. Intro" in text
    assert "Text, empty and up." in text
    assert links(typeset("T", [("You", markdown)])) == ["https://a.example/#part"]


def test_a_table_with_a_row_longer_than_a_page_is_written_row_by_row() -> None:
    text = printed(
        table(["Name", "Story", "Year", "Town"], ["Ada", WORDS * 2, "1843", "London"], ["Bo", "x", "1", "y"])
    )
    assert "Name: Ada" in text
    assert text.count("word249") == 2
    assert "Town: London Name: Bo" in text


def test_a_long_heading_of_a_table_leaves_room_for_its_rows() -> None:
    text = printed(table(["Name", WORDS[:1000]], *[["Ada", WORDS[:1000]]] * 3))
    assert text.count("Ada") == 3
    assert text.count("word100 ") == 6


@pytest.mark.parametrize("head", [[f"Column {number}" for number in range(40)], ["数据列"] * 30])
def test_a_table_with_more_columns_than_a_page_has_room_for_is_written_row_by_row(head: list[str]) -> None:
    text = printed(table(head, [f"value{number}" for number in range(len(head))]))
    assert f"{head[-1]}: value{len(head) - 1}" in text


def test_an_ordinary_table_is_drawn() -> None:
    content = typeset("T", [("You", table(["Name", "Town"], ["Ada", "London"]))])
    assert "Name Town Ada London" in text_of(content)


def test_a_character_wider_than_its_column_does_not_keep_the_document() -> None:
    printed(table(["a"] * 17, ["﷽⸻\U00012031"] * 17))


def test_deep_emphasis_is_written_as_it_is() -> None:
    assert "deep** end*" in printed("*a **b " * 2000 + "deep" + "** end*" * 2000)


PIECES = [
    "# Title {n}", "- item\n    - inner\n        - innermost\n\n          text", "> quote\n> > deeper\n> > - list",
    "1. one\n1. two", "0. zero", "999999999. far", "```py\nif x:\n\treturn 1\n```", "    indented\tcode", "~~~\nopen",
    "<div onclick='x'>html</div>", "<br>", "![](https://a.example/i.png)", "![alt](data:image/png;base64,AAAA)",
    "[a](<#b c>)", "[a](mailto:a@b.c)", "<https://a.example>", "[x]: #y\n\n[x]", "$$\\int_0^1 x^2 dx$$", "\\(a_b\\)",
    "שלום **עולם** [קישור](#א)", "مرحبا `code` بالعالم", "👩‍👩‍👧‍👦 🇩🇪 👍🏽 ⌨️", "x" * 5000, "漢字" * 500,
    "\ud800 lone \udfff",
    "\x00\x01\x1b[0m", "\u202e right \u202c", "e\u0301" * 50, "Z\u0300\u0301\u0302\u0303" * 40,
    "\ufdfd\u2e3b\U0001242b",
    "\uffff\ufffe\U0010ffff\ue000", "| a |\n| - |\n| `b` **c** |", "|a|b|\n|-|-|\n|only|", "| |\n|-|",
    "***", "---", "- ",
    "-", ">", "1.", "#", "* * *", "**bold *both `code` ~~gone~~***", "a  \nb\\\nc", "नमस्ते ภาษาไทย བོད་སྐད",
    "\u2028\u2029\u00a0\u00ad",
    "- [ ] todo\n- [x] done", "| a | b |\n|:-:|--:|\n" + "| 1 | 2 |\n" * 60, "&nbsp;&lt;&#0;&#x110000;", "𝔘𝔫𝔦𝔠𝔬𝔡𝔢 ﬁ Ⅳ",
]  # fmt: skip


def test_markdown_of_every_kind_is_set(caplog: pytest.LogCaptureFixture) -> None:
    text = text_of(typeset("Lone \ud800", [(f"Speaker {number}", piece) for number, piece in enumerate(PIECES)]))
    assert all(f"Speaker {number}" in text for number in range(len(PIECES)))
    assert not caplog.records


@pytest.mark.parametrize("seed", [1, 2])
def test_markdown_of_all_kinds_in_one_another_is_set(seed: int, caplog: pytest.LogCaptureFixture) -> None:
    chosen = random.Random(seed)
    parts = []
    for piece in chosen.choices(PIECES, k=40):
        lead = "".join(chosen.choice(["> ", "- ", "1. ", "  "]) for _ in range(chosen.randrange(24)))
        parts.append(re.sub("^", lead, piece, flags=re.MULTILINE))
    printed("\n\n".join(parts))
    assert not caplog.records


def test_a_block_that_cannot_be_set_is_written_as_its_markdown(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise IndexError

    monkeypatch.setattr(pdf._Document, "_code", fail)
    assert "Above. ```py one = 1 ``` Below." in printed("Above.\n\n```py\none = 1\n```\n\nBelow.")


def test_scripts_that_take_longer_to_set_have_an_earlier_limit() -> None:
    with pytest.raises(TooLarge):
        typeset("T", [("You", "مرحبا بالعالم " * 10_000)])

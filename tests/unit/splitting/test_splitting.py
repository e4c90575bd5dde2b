"""Segments become chunks that know where they are from, whatever splits them."""

from itertools import pairwise
from pathlib import Path
from typing import get_args

import pytest

from shared.segments import Segment, by_page, read_segments
from shared.splitting import SplitSettings, chunks, split
from shared.splitting.cutting import Splitter

WORDS = "The quick brown fox jumps over the lazy dog. "
SPLITTERS = get_args(Splitter)


def pages(count: int, sentences: int = 20) -> list[Segment]:
    return [Segment(f"Page {page}. " + WORDS * sentences, page=page) for page in range(count)]


@pytest.mark.parametrize("splitter", SPLITTERS)
def test_chunks_hold_all_words_in_order_with_their_pages(splitter: Splitter) -> None:
    size = 60 if splitter == "token" else 300
    made = split(pages(6), SplitSettings(splitter, size, 0))
    assert " ".join(chunk.text for chunk in made).split() == " ".join(each.text for each in pages(6)).split()
    for chunk in made:
        first = chunk.metadata["page"]
        last = chunk.metadata.get("last_page", first)
        assert 0 <= first <= last < 6
        for page in range(6):
            if f"Page {page}." in chunk.text:
                assert first <= page <= last
    assert [each.metadata["start_index"] for each in made] == sorted(each.metadata["start_index"] for each in made)


@pytest.mark.parametrize("splitter", SPLITTERS)
def test_no_chunk_is_longer_than_asked_for(splitter: Splitter) -> None:
    size = 50 if splitter == "token" else 200
    text = WORDS * 50 + "x" * 3000 + "語" * 1000 + "\n\n" + WORDS * 3
    limit = size * 10 if splitter == "token" else size
    assert max(len(chunk.text) for chunk in split([Segment(text)], SplitSettings(splitter, size, 20))) <= limit


def test_overlap_repeats_whole_words_of_the_chunk_before() -> None:
    made = split([Segment(WORDS * 40)], SplitSettings("character", 200, 50))
    for before, after in pairwise(made):
        start = after.metadata["start_index"] - before.metadata["start_index"]
        repeated = before.text[start:]
        assert 0 < len(repeated) <= 50
        assert after.text.startswith(repeated)


def test_chunks_end_with_a_paragraph_or_else_with_a_sentence() -> None:
    text = "\n\n".join([WORDS * 5] * 4)
    made = split([Segment(text)], SplitSettings("character", 300, 0))
    assert {chunk.text.strip() for chunk in made} == {(WORDS * 5).strip()}
    assert all(chunk.text.endswith(".") for chunk in split([Segment(WORDS * 40)], SplitSettings("character", 200, 0)))


def test_sections_stay_apart_with_markdown_headings_only() -> None:
    sections = [Segment("## One\n\nfirst", headings=("One",)), Segment("## Two\n\nsecond", headings=("Two",))]
    apart = split(sections, SplitSettings("markdown", 500, 0))
    assert [(chunk.text, chunk.metadata["headings"]) for chunk in apart] == [
        ("## One\n\nfirst", ["One"]),
        ("## Two\n\nsecond", ["Two"]),
    ]
    (joined,) = split(sections, SplitSettings("character", 500, 0))
    assert (joined.text, joined.metadata["headings"]) == ("## One\n\nfirst\n\n## Two\n\nsecond", ["One"])


def test_sheets_are_never_joined_and_times_span_what_was_joined() -> None:
    sheets = split([Segment("a: 1", sheet="Sales"), Segment("b: 2", sheet="Costs")], SplitSettings())
    assert [chunk.metadata["sheet"] for chunk in sheets] == ["Sales", "Costs"]
    (spoken,) = split([Segment("Hello", start=0.0, end=1.5), Segment("there", start=1.5, end=3.0)], SplitSettings())
    assert (spoken.metadata["start"], spoken.metadata["end"]) == (0.0, 3.0)


def test_a_long_text_is_cut_as_it_comes_and_places_in_it_stay_right() -> None:
    segments = [Segment(f"{number:06d} " + WORDS * 30, page=number) for number in range(700)]
    whole = "\n".join(segment.text for segment in segments)
    for chunk in chunks(iter(segments), SplitSettings("character", 900, 100)):
        start = chunk.metadata["start_index"]
        assert whole[start : start + len(chunk.text)] == chunk.text
        assert segments[chunk.metadata["page"]].text[:6] in whole[max(start - 2000, 0) : start + 900]


def test_one_line_without_a_space_is_cut_in_steady_time() -> None:
    made = split([Segment("x" * 2_000_000)], SplitSettings("character", 1000, 100))
    assert len(made) == pytest.approx(2_000_000 / 900, rel=0.01)


def test_nothing_and_blanks_make_no_chunk() -> None:
    assert split([], SplitSettings()) == []
    assert split([Segment(" \n\n "), Segment("")], SplitSettings("semantic")) == []


def test_tokens_of_a_local_model_are_counted_by_its_tokenizer(tmp_path: Path) -> None:
    tokenizer = tmp_path / "tokenizer.json"
    tokenizer.write_text(
        '{"version":"1.0","truncation":null,"padding":null,"added_tokens":[],"normalizer":null,'
        '"pre_tokenizer":{"type":"WhitespaceSplit"},"post_processor":null,"decoder":null,'
        '"model":{"type":"WordLevel","vocab":{"[UNK]":0},"unk_token":"[UNK]"}}'
    )
    made = split([Segment(WORDS * 10)], SplitSettings("token", 9, 0, str(tokenizer)))
    assert [chunk.text for chunk in made] == [WORDS.strip()] * 10


def test_segments_survive_as_lines_of_json() -> None:
    segments = [
        Segment("über\n日本", page=3, headings=("A", "B")),
        Segment("row", sheet="S"),
        Segment("said", start=0.5, end=1.0),
    ]
    assert list(read_segments([*(each.line for each in segments), "\n"])) == segments
    assert list(read_segments(each.line.encode() for each in segments)) == segments


def test_pages_of_several_outputs_come_in_order() -> None:
    merged = by_page([Segment("c", page=2), Segment("a", page=0), Segment("b1", page=1), Segment("b2", page=1)])
    assert [each.text for each in merged] == ["a", "b1", "b2", "c"]

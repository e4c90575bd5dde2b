"""Cutting a JSON array into its elements, however the bytes come."""

import json

import pytest

from functions.transfer.elements import CUT_OFF, EMPTY, NOT_JSON, ZIPPED, Element, elements
from shared.errors import Invalid

VALUES = [
    {"text": 'quotes " and \\ and [brackets] {everywhere}, and commas', "list": [1, {"deep": "\\"}], "emoji": "é😀"},
    {"empty": {}, "more": []},
    "a text, that is no chat]",
    None,
    {"last": True},
]


def in_chunks(raw: bytes, size: int) -> list[bytes]:
    return [raw[at : at + size] for at in range(0, len(raw), size)]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64, 100_000])
@pytest.mark.parametrize("indent", [None, 2])
def test_elements_are_whole_wherever_a_chunk_ends(size: int, indent: int | None) -> None:
    raw = json.dumps(VALUES, indent=indent, ensure_ascii=False).encode()
    assert [json.loads(element.raw) for element in elements(in_chunks(raw, size))] == VALUES


@pytest.mark.parametrize("size", [1, 5, 100_000])
def test_a_reading_goes_on_behind_any_element(size: int) -> None:
    raw = json.dumps(VALUES, indent=1).encode()
    for number, element in enumerate(elements([raw]), 1):
        rest = elements(in_chunks(raw[element.end :], size), element.end)
        assert [json.loads(each.raw) for each in rest] == VALUES[number:]


@pytest.mark.parametrize("raw", [b'{"one": [1, {"a": "}"}]}', b'\xef\xbb\xbf  {"one": [1, {"a": "}"}]}\n'])
def test_a_file_may_be_one_object(raw: bytes) -> None:
    (element,) = elements(in_chunks(raw, 4))
    assert json.loads(element.raw) == {"one": [1, {"a": "}"}]}
    assert list(elements([raw[element.end :]], element.end)) == []


def test_a_file_may_have_an_object_on_each_line() -> None:
    raw = b'{"a":1}\n{"b":[2]}\n'
    first, second = elements([raw])
    assert (first, second) == (Element(b'{"a":1}', 7), Element(b'{"b":[2]}', 17))
    assert list(elements([raw[7:]], 7)) == [second]


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", EMPTY),
        (b" \n", EMPTY),
        (b"hello", NOT_JSON),
        (b"<html>", NOT_JSON),
        (b"\x89PNG", NOT_JSON),
        (b"PK\x03\x04rest", ZIPPED),
        (b'[{"a": 1}, {"b"', CUT_OFF),
        (b'[{"a": 1},', CUT_OFF),
        (b'{"a": "x', CUT_OFF),
    ],
)
def test_what_is_no_json_is_told_in_words(raw: bytes, reason: str) -> None:
    with pytest.raises(Invalid) as told:
        list(elements([raw]))
    assert told.value.detail == reason


def test_what_comes_before_the_place_where_a_file_breaks_off_is_there() -> None:
    found = elements([b'[{"a": 1}, {"b": 2}, {"c"'])
    assert [next(found).raw, next(found).raw] == [b'{"a": 1}', b'{"b": 2}']
    with pytest.raises(Invalid):
        next(found)


def test_an_element_that_is_too_long_does_not_fill_the_memory() -> None:
    raw = b'[{"title": "long' + b"x" * 20_000 + b'"}, {"ok": 1}]'
    long, fine = elements(in_chunks(raw, 1000), longest=6000)
    assert long.too_long
    assert len(long.raw) <= 6000
    assert long.raw.startswith(b'{"title": "long')
    assert json.loads(fine.raw) == {"ok": 1}


def test_an_empty_list_has_no_elements() -> None:
    assert list(elements([b" [ ] "])) == []

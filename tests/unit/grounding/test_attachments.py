"""The shapes in which clients name the material of an answer."""

from typing import Any

import pytest

from shared.grounding.attachments import Attachment, attachments

PAGE = {"data": {"content": "Words of a page"}, "meta": {"name": "https://a.example/"}}


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        ({"type": "file", "id": "f", "name": "a.pdf"}, Attachment("file", "f", "a.pdf")),
        ({"type": "file", "file": {"id": "f", "filename": "a.pdf"}}, Attachment("file", "f", "a.pdf")),
        ({"type": "file", "id": "f", "context": "full"}, Attachment("file", "f", whole=True)),
        ({"type": "collection", "id": "k", "name": "K"}, Attachment("collection", "k", "K", ("k",))),
        ({"id": "old", "legacy": True}, Attachment("collection", "old", "", ("old",))),
        (
            {"type": "collection", "name": "K", "collection_names": ["a", "b", "a", 1], "legacy": True},
            Attachment("collection", "a", "K", ("a", "b")),
        ),
        (
            {"type": "text", "name": "page", "collection_name": "c", "file": PAGE},
            Attachment("collection", "c", "page", ("c",), "Words of a page"),
        ),
        (
            {"type": "text", "id": "p", "collection_name": "c", "file": PAGE, "context": "full"},
            Attachment("text", "p", "https://a.example/", text="Words of a page", whole=True),
        ),
        ({"type": "text", "name": "n", "content": "w"}, Attachment("text", "n", "n", text="w", whole=True)),
        (
            {"type": "web_search", "name": "q", "docs": [{"content": "a"}, {"content": "b"}, 1]},
            Attachment("text", "q", "q", text="a\n\nb\n\n", whole=True),
        ),
        ({"type": "url", "url": "https://a.example/"}, Attachment("url", "https://a.example/", "https://a.example/")),
        ({"type": "chat", "id": "c", "title": "T"}, Attachment("chat", "c", "T")),
        ({"type": "folder", "id": "d", "name": "D"}, Attachment("folder", "d", "D")),
    ],
)
def test_what_a_client_sends_is_read(item: dict[str, Any], expected: Attachment) -> None:
    assert attachments([item]) == [expected]


@pytest.mark.parametrize(
    "item",
    [None, "x", {}, {"type": "image", "url": "x"}, {"type": "file"}, {"type": "file", "id": 7}, {"type": ["file"]}],
)
def test_what_nobody_knows_is_left_out(item: object) -> None:
    assert attachments([item]) == []


def test_each_counts_once_and_no_more_than_can_be() -> None:
    listed = [{"type": "file", "id": str(number % 300)} for number in range(600)]
    assert [each.id for each in attachments(listed)] == [str(number) for number in range(200)]

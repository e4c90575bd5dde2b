"""Markdown as chats have it: CommonMark with tables and strikethrough."""

from functools import cache

from markdown_it import MarkdownIt


@cache
def parser() -> MarkdownIt:
    """The parser; HTML is text to it, and links lead to web and mail addresses only."""
    return MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])

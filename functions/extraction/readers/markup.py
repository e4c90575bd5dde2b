"""HTML and XHTML: pages by trafilatura, which leaves out menus and advertisements, and everything else as it is."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import trafilatura
from lxml import etree

from functions.extraction.failures import Unreadable
from functions.extraction.readers.charsets import charset_of, declared
from shared.headings import Sections, markdown_sections
from shared.segments import Segment

_LARGEST = 30 * 1024**2
_TOO_LARGE = "The page is larger than 30 MB. Split it."
_PIECE = 64 * 1024
# What trafilatura reads whole and within 20 s: its time grows with the square of the inline elements in a row, and its
# parser leaves out what lies too deep.
_MOST_ELEMENTS, _MOST_INLINE, _DEEPEST = 40_000, 3000, 250
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_LEFT_OUT = {"script", "style", "noscript", "template", "svg", "head", "iframe", "object", "select", "button"}
_BLOCKS = {
    "address", "article", "aside", "blockquote", "body", "center", "dd", "div", "dl", "dt", "fieldset", "figcaption",
    "figure", "footer", "form", "header", "hr", "html", "li", "main", "nav", "ol", "p", "pre", "section", "table",
    "tbody", "td", "tfoot", "th", "thead", "tr", "ul",
}  # fmt: skip


def read_html(path: Path) -> Iterator[Segment]:
    """A segment for each section of a page's main content; all there is, where no main content can be told."""
    if path.stat().st_size > _LARGEST:
        raise Unreadable(_TOO_LARGE)
    page = text_of_page(path.read_bytes(), charset_of(path))
    main = _main(page) if _is_ordinary(page) else None
    if main:
        yield from markdown_sections(iter(main.splitlines()))
    else:
        yield from html_sections(page)


def _main(page: str) -> str | None:
    main: str | None = trafilatura.extract(
        page, output_format="markdown", include_comments=False, include_tables=True, favor_recall=True
    )
    return main


def text_of_page(content: bytes, guessed: str) -> str:
    """A page decoded: what it declares itself counts where its bytes leave room for doubt."""
    certain = guessed.startswith(("utf-8", "utf-16", "utf-32"))
    charset = guessed if certain else declared(content) or guessed
    return content.decode(charset, errors="replace")


def html_sections(page: str) -> Iterator[Segment]:
    """A segment for each section of a page, with all of its text, however its elements lie in one another."""
    text = _Text()
    yield from _fed(page, text, text.taken)
    yield from text.ended()


def _is_ordinary(page: str) -> bool:
    """Whether its main content can be told in little time, without losing what lies too deep."""
    shape = _Shape()
    for _ in _fed(page, shape, tuple):
        pass
    return shape.elements <= _MOST_ELEMENTS and shape.inline <= _MOST_INLINE and shape.deepest <= _DEEPEST


def _fed(page: str, target: "_Text | _Shape", taken: Callable[[], Iterable[Segment]]) -> Iterator[Segment]:
    """Tells `target` of the elements of a page, in their order; no tree is built, as that has a limit of depth.

    https://lxml.de/parsing.html#the-target-parser-interface
    """
    # A declaration of its charset does not hold for text that is decoded already.
    parser = etree.HTMLParser(encoding="utf-8", no_network=True, huge_tree=True, target=target)
    encoded = memoryview(page.encode("utf-8", errors="replace"))
    for start in range(0, len(encoded), _PIECE):
        parser.feed(bytes(encoded[start : start + _PIECE]))
        yield from taken()
    if encoded:
        parser.close()
    yield from taken()


class _Shape:
    """How many elements a page has, how deep they lie, and how many inline ones at most in one of them."""

    def __init__(self) -> None:
        self.elements = self.inline = self.deepest = 0
        self._open = [0]

    def start(self, tag: str, _: object) -> None:
        self.elements += 1
        self._open[-1] += tag not in _BLOCKS
        self.inline = max(self.inline, self._open[-1])
        self._open.append(0)
        self.deepest = max(self.deepest, len(self._open))

    def end(self, _: str) -> None:
        if len(self._open) > 1:
            self._open.pop()

    def data(self, _: str) -> None:
        pass

    def close(self) -> None:
        pass


class _Text:
    """The blocks of a page in their order: inline elements are text of the block around them."""

    def __init__(self) -> None:
        self._sections = Sections()
        self._done: list[Segment] = []
        self._parts: list[str] = []
        self._left_out = 0
        self._heading = 0
        self._is_cell = False
        self._tables: list[list[list[str]] | None] = []
        """Rows of the tables that are open; None for one with others in it, whose cells are blocks."""

    def taken(self) -> list[Segment]:
        """What was completed since the last time."""
        done, self._done = self._done, []
        return done

    def ended(self) -> Iterator[Segment]:
        """What is left when the page ends."""
        while self._tables:
            self._end_table()
        self._close()
        yield from self.taken()
        yield from self._sections.end()

    def start(self, tag: str, _: object) -> None:
        if self._left_out or tag in _LEFT_OUT:
            self._left_out += 1
        elif tag == "table":
            self._start_table()
        elif self._tables and self._tables[-1] is not None:
            self._in_row(self._tables[-1], tag)
        elif tag == "br":
            self._parts.append("\n")
        elif tag in _HEADINGS:
            self._close()
            self._heading = _HEADINGS[tag]
        elif tag in _BLOCKS:
            self._start_block(tag)

    def end(self, tag: str) -> None:
        if self._left_out:
            self._left_out -= 1
        elif tag == "table" and self._tables:
            self._end_table()
        elif self._tables and self._tables[-1] is not None:
            self._in_row(self._tables[-1], tag, begins=False)
        elif tag in _HEADINGS or (tag in _BLOCKS and not self._heading):
            self._close()
        elif tag in _BLOCKS:
            self._parts.append(" ")

    def data(self, text: str) -> None:
        if not self._left_out:
            self._parts.append(text)

    def close(self) -> None:
        pass

    def _close(self) -> None:
        """The block, or the heading, that ends here."""
        lines = (" ".join(line.split()) for line in "".join(self._parts).split("\n"))
        text = "\n".join(line for line in lines if line)
        level, self._parts, self._heading = self._heading, [], 0
        if level and text:
            self._done += self._sections.heading(level, " ".join(text.split()))
        elif text != "-":
            self._done += self._sections.block(text)

    def _start_block(self, tag: str) -> None:
        if self._heading and not "".join(self._parts).strip():
            self._parts = []
            return
        self._close()
        if tag == "li":
            self._parts.append("- ")

    def _start_table(self) -> None:
        if self._tables and (rows := self._tables[-1]) is not None:
            self._end_cell(rows)
            for cell in (cell for row in rows for cell in row):
                self._done += self._sections.block(cell)
            self._tables[-1] = None
        self._close()
        self._tables.append([[]])

    def _end_table(self) -> None:
        rows = self._tables.pop()
        if rows is None:
            self._close()
            return
        self._end_cell(rows)
        lines = (" | ".join(row).strip(" |") for row in rows)
        self._done += self._sections.block("\n".join(line for line in lines if line))

    def _in_row(self, rows: list[list[str]], tag: str, *, begins: bool = True) -> None:
        if tag in ("td", "th", "tr", "caption"):
            self._end_cell(rows)
            self._is_cell = begins and tag in ("td", "th")
            if tag in ("tr", "caption"):
                rows.append([])
        elif tag == "br" or tag in _BLOCKS or tag in _HEADINGS:
            self._parts.append(" ")

    def _end_cell(self, rows: list[list[str]]) -> None:
        text = " ".join("".join(self._parts).split())
        if text or self._is_cell:
            rows[-1].append(text)
        self._parts, self._is_cell = [], False

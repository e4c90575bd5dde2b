"""HTML and XHTML: pages by trafilatura, which leaves out menus and advertisements, and everything else as it is."""

from collections.abc import Iterator
from pathlib import Path

import trafilatura
from lxml import etree, html

from functions.extraction.failures import Unreadable
from functions.extraction.readers.charsets import charset_of, declared
from shared.headings import Sections, markdown_sections
from shared.segments import Segment

_LARGEST = 30 * 1024**2
_TOO_LARGE = "The page is larger than 30 MB. Split it."
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
    main = trafilatura.extract(
        page, output_format="markdown", include_comments=False, include_tables=True, favor_recall=True
    )
    if main:
        yield from markdown_sections(iter(main.splitlines()))
    else:
        yield from html_sections(page)


def text_of_page(content: bytes, guessed: str) -> str:
    """A page decoded: what it declares itself counts where its bytes leave room for doubt."""
    certain = guessed.startswith(("utf-8", "utf-16", "utf-32"))
    charset = guessed if certain else declared(content) or guessed
    return content.decode(charset, errors="replace")


def html_sections(page: str, page_number: int | None = None) -> Iterator[Segment]:
    """A segment for each section of a page, with all of its text."""
    if not page.strip():
        return
    # A declaration of its charset does not hold for text that is decoded already.
    encoded = page.encode("utf-8", errors="replace")
    parser = html.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True)
    try:
        tree = html.document_fromstring(encoded, parser=parser)
    except etree.ParserError:
        return
    sections = Sections(page=page_number)
    blocks = _Blocks(sections)
    yield from blocks.walk(tree)
    yield from blocks.close()
    yield from sections.end()


class _Blocks:
    """The blocks of a tree in its order: inline elements are text of the block around them."""

    def __init__(self, sections: Sections) -> None:
        self._sections = sections
        self._parts: list[str] = []

    def walk(self, element: html.HtmlElement) -> Iterator[Segment]:
        tag = element.tag
        if tag in _LEFT_OUT or not isinstance(tag, str):
            return
        if tag in _HEADINGS:
            yield from self.close()
            title = " ".join(element.text_content().split())
            yield from self._sections.heading(_HEADINGS[tag], title) if title else ()
        elif tag == "table" and not element.findall(".//table"):
            yield from self.close()
            yield from self._sections.block("\n".join(_rows(element)))
        elif tag == "br":
            self._parts.append("\n")
        else:
            yield from self._inside(element, is_block=tag in _BLOCKS)

    def _inside(self, element: html.HtmlElement, *, is_block: bool) -> Iterator[Segment]:
        if is_block:
            yield from self.close()
            if element.tag == "li":
                self._parts.append("- ")
        self._parts.append(element.text or "")
        for child in element:
            yield from self.walk(child)
            self._parts.append(child.tail or "")
        if is_block:
            yield from self.close()

    def close(self) -> Iterator[Segment]:
        """The block that ends here."""
        lines = (" ".join(line.split()) for line in "".join(self._parts).split("\n"))
        text = "\n".join(line for line in lines if line)
        self._parts = []
        if text != "-":
            yield from self._sections.block(text)


def _rows(table: html.HtmlElement) -> Iterator[str]:
    for row in table.iter("tr"):
        cells = (" ".join(cell.text_content().split()) for cell in row if cell.tag in ("td", "th"))
        if line := " | ".join(cells).strip(" |"):
            yield line

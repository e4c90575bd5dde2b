"""Apache Tika Server, https://cwiki.apache.org/confluence/display/TIKA/TikaServer."""

from html.parser import HTMLParser

import httpx2

from shared.extraction_engines.protocol import Document, Talk
from shared.headings import Sections
from shared.segments import Segment

KINDS = frozenset(
    {"pdf", "docx", "pptx", "xlsx", "ods", "odt", "odp", "epub", "html", "xml", "eml", "msg", "image", "office"}
)
_BLOCKS = {"p", "li", "div", "pre", "blockquote", "title", "table"}
_PAGES = {"page", "slide-content", "slide"}


class Tika:
    """Tika answers XHTML, in which pages and headings are marked."""

    kinds = KINDS

    def __init__(self, url: str, *, images: bool) -> None:
        self._url, self._images = url.rstrip("/"), images

    async def read(self, document: Document, talk: Talk) -> list[Segment]:
        headers = {"accept": "text/html", "content-type": document.content_type}
        if self._images:
            headers["X-Tika-PDFextractInlineImages"] = "true"
        answer = await talk.ask("PUT", f"{self._url}/tika", content=document.content, headers=headers)
        if answer.status_code == httpx2.codes.NO_CONTENT:
            return []
        return segments_of(answer.content.decode("utf-8", "replace"))


def segments_of(page: str) -> list[Segment]:
    """The segments of Tika's XHTML."""
    parser = _Parser()
    parser.feed(page)
    parser.close()
    return parser.found


class _Parser(HTMLParser):
    """Blocks under headings; an element of class `page` or `slide-content` begins the next page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[Segment] = []
        self._sections = Sections()
        self._page = -1
        self._text: list[str] = []
        self._head = self._row = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "head":
            self._head = True
        if tag == "tr":
            self._row = True
        elif (tag in _BLOCKS or _level(tag)) and not self._row:
            self._close()
        if tag == "div" and dict(attrs).get("class") in _PAGES:
            self._page += 1
            self.found += self._sections.turn(self._page)
        elif tag == "br":
            self._text.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag == "head":
            self._head = False
        elif tag == "tr":
            self._row = False
            self._text.append("\n")
        elif tag in ("td", "th"):
            self._text.append(" | ")
        elif self._row:
            self._text.append(" ")
        elif level := _level(tag):
            title = " ".join("".join(self._text).split())
            self._text = []
            if title:
                self.found += self._sections.heading(level, title)
        elif tag in _BLOCKS:
            self._close()

    def handle_data(self, data: str) -> None:
        if not self._head:
            self._text.append(data)

    def close(self) -> None:
        super().close()
        self._close()
        self.found += self._sections.end()

    def _close(self) -> None:
        lines = (" ".join(line.split()).removesuffix(" |") for line in "".join(self._text).split("\n"))
        self._text = []
        self.found += self._sections.block("\n".join(line for line in lines if line))


def _level(tag: str) -> int:
    return int(tag[1]) if len(tag) == 2 and tag[0] == "h" and tag[1] in "123456" else 0

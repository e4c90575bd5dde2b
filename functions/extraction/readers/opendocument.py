"""ODT and ODP: their one XML of content, read as a stream.

https://docs.oasis-open.org/office/OpenDocument/v1.3/os/part3-schema/OpenDocument-v1.3-os-part3-schema.html
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lxml import etree

from functions.extraction.failures import Unreadable
from functions.extraction.readers import archives
from shared.headings import Sections
from shared.segments import Segment

_NS = "urn:oasis:names:tc:opendocument:xmlns:"
_TEXT, _TABLE, _DRAW, _OFFICE = (f"{{{_NS}{name}:1.0}}" for name in ("text", "table", "drawing", "office"))
_LEFT_OUT = {f"{_TEXT}tracked-changes", f"{_OFFICE}annotation", f"{_TEXT}note-citation"}
_SPACES = {f"{_TEXT}tab": "\t", f"{_TEXT}line-break": "\n"}
_ENCRYPTED = "The document is protected by a password. Save it without one."
_DAMAGED = "The document is damaged. Save it again, or upload it again."


def read_opendocument(path: Path) -> Iterator[Segment]:
    """A segment for each section, or for each slide, which is a page."""
    with archives.opened(path) as archive:
        names = archive.namelist()
        if "META-INF/manifest.xml" in names and b"encryption-data" in archives.part(archive, "META-INF/manifest.xml"):
            raise Unreadable(_ENCRYPTED)
        if "content.xml" not in names:
            raise Unreadable(_DAMAGED)
        with archive.open("content.xml") as content:
            events = etree.iterparse(
                content, events=("start", "end"), resolve_entities=False, no_network=True, load_dtd=False
            )
            try:
                yield from _read(events)
            except etree.XMLSyntaxError as error:
                raise Unreadable(_DAMAGED) from error


def _read(events: Any) -> Iterator[Segment]:
    sections, slide, inside = Sections(), -1, 0
    for event, element in events:
        begins = event == "start"
        if begins and element.tag == f"{_DRAW}page":
            slide += 1
            yield from sections.end()
            sections = Sections(page=slide)
        # A paragraph within a table, a note or another frame is read with what holds it.
        holds = element.tag in (f"{_TABLE}table", f"{_TEXT}h", f"{_TEXT}p", *_LEFT_OUT)
        if not holds:
            continue
        inside += 1 if begins else -1
        if begins or inside:
            continue
        if element.tag == f"{_TABLE}table":
            yield from sections.block("\n".join(_rows(element)))
        elif element.tag == f"{_TEXT}h":
            level = element.get(f"{_TEXT}outline-level", "1")
            yield from sections.heading(int(level) if level.isdigit() else 1, _text(element))
        elif element.tag == f"{_TEXT}p":
            yield from sections.block(_text(element))
        element.clear()
    yield from sections.end()


def _rows(table: etree._Element) -> Iterator[str]:
    for row in table.iter(f"{_TABLE}table-row"):
        yield " | ".join(" ".join(_text(cell).split()) for cell in row if cell.tag == f"{_TABLE}table-cell")


def _text(element: etree._Element) -> str:
    parts = [element.text or ""]
    for child in element:
        if child.tag == f"{_TEXT}s":
            parts.append(" ")
        elif child.tag in _SPACES:
            parts.append(_SPACES[child.tag])
        elif isinstance(child.tag, str) and child.tag not in _LEFT_OUT:
            parts.append(_text(child))
            if child.tag == f"{_TEXT}p":
                parts.append("\n")
        parts.append(child.tail or "")
    return "".join(parts)

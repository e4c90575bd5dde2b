"""DOCX by python-docx. Macros are neither run nor read, and deleted text is not read."""

from collections.abc import Iterator
from pathlib import Path

from docx.document import Document
from docx.opc.exceptions import OpcError
from docx.opc.part import PartFactory
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.package import Package
from docx.parts.document import DocumentPart
from lxml import etree

from functions.extraction.failures import Unreadable
from functions.extraction.readers import archives
from shared.headings import Sections
from shared.segments import Segment

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
# Text boxes are there twice, the second time for programs that know less.
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_MACROS = (
    "application/vnd.ms-word.document.macroEnabled.main+xml",
    "application/vnd.ms-word.template.macroEnabledTemplate.main+xml",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.template.main+xml",
)
_DAMAGED = "The Word document is damaged, or not one. Save it again, or upload it again."


def read_docx(path: Path) -> Iterator[Segment]:
    """A segment for each section; the rows of tables are lines. Footnotes come last."""
    archives.opened(path).close()
    document = _opened(path)
    levels = _levels(document)
    sections = Sections()
    for block in _blocks(document.element.body):
        if block.tag == f"{_W}tbl":
            yield from sections.block("\n".join(_rows(block)))
            continue
        text = _text(block)
        style = block.find(f"{_W}pPr/{_W}pStyle")
        level = levels.get(style.get(f"{_W}val", "")) if style is not None else None
        yield from sections.heading(level, text) if level and text.strip() else sections.block(text)
    yield from _footnotes(document, sections)
    yield from sections.end()


def _opened(path: Path) -> Document:
    # python-docx takes documents without macros only, though the others differ by this word alone.
    PartFactory.part_type_for.update(dict.fromkeys(_MACROS, DocumentPart))
    try:
        part = Package.open(str(path)).main_document_part
    except (OpcError, KeyError, ValueError) as error:
        raise Unreadable(_DAMAGED) from error
    if not isinstance(part, DocumentPart):
        raise Unreadable(_DAMAGED)
    document: Document = part.document
    return document


def _levels(document: Document) -> dict[str, int]:
    """The level of each style that is a heading's, by its id; in other languages only the id is translated."""
    levels = {}
    for style in document.styles.element.iter(f"{_W}style"):
        name = style.find(f"{_W}name")
        kind, _, level = (name.get(f"{_W}val", "") if name is not None else "").lower().partition(" ")
        if kind == "heading" and level.isdigit():
            levels[style.get(f"{_W}styleId", "")] = int(level)
        elif kind == "title":
            levels[style.get(f"{_W}styleId", "")] = 1
    return levels


def _blocks(body: BaseOxmlElement) -> Iterator[BaseOxmlElement]:
    """Paragraphs and tables, also those within content controls."""
    for child in body:
        if child.tag in (f"{_W}p", f"{_W}tbl"):
            yield child
        elif child.tag in (f"{_W}sdt", f"{_W}sdtContent", f"{_W}customXml", f"{_W}ins"):
            yield from _blocks(child)


def _rows(table: BaseOxmlElement) -> Iterator[str]:
    for row in table.iterchildren(f"{_W}tr"):
        cells = (" ".join(_text(cell).split()) for cell in row.iterchildren(f"{_W}tc"))
        yield " | ".join(cells)


def _text(element: BaseOxmlElement) -> str:
    parts: list[str] = []
    _gather(element, parts)
    return "".join(parts)


def _gather(element: BaseOxmlElement, parts: list[str]) -> None:
    for child in element:
        if child.tag == f"{_W}t":
            parts.append(child.text or "")
        elif child.tag in (f"{_W}tab", f"{_W}br", f"{_W}cr"):
            parts.append("\t" if child.tag == f"{_W}tab" else "\n")
        elif child.tag != _FALLBACK and child.tag != f"{_W}pPr":
            _gather(child, parts)
            if child.tag == f"{_W}p":
                parts.append("\n")


def _footnotes(document: Document, sections: Sections) -> Iterator[Segment]:
    for related in document.part.rels.values():
        if related.is_external or related.reltype.rpartition("/")[2] not in ("footnotes", "endnotes"):
            continue
        parser = etree.XMLParser(resolve_entities=False, no_network=True)
        for note in etree.fromstring(related.target_part.blob, parser):
            yield from sections.block(_text(note).strip())

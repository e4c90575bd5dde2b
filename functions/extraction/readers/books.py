"""EPUB: the chapters in reading order, https://www.w3.org/TR/epub-33/."""

import posixpath
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote
from zipfile import ZipFile

from lxml import etree

from functions.extraction.failures import Unreadable
from functions.extraction.readers import archives
from functions.extraction.readers.charsets import declared
from functions.extraction.readers.markup import html_sections, text_of_page
from shared.segments import Segment

_CONTAINER = "META-INF/container.xml"
_RIGHTS = "META-INF/encryption.xml"
_DAMAGED = "The book is damaged: its list of chapters is missing. Download it again."
_PROTECTED = "The book is protected against copying, so its text cannot be read."


def read_epub(path: Path) -> Iterator[Segment]:
    """A segment for each section of the chapters."""
    with archives.opened(path) as archive:
        chapters = _chapters(archive)
        if not any(_is_page(archives.part(archive, name)) for name in chapters[:3]) and _RIGHTS in archive.namelist():
            raise Unreadable(_PROTECTED)
        for name in chapters:
            content = archives.part(archive, name)
            yield from html_sections(text_of_page(content, declared(content) or "utf-8"))


def _chapters(archive: ZipFile) -> list[str]:
    container = _parsed(archives.part(archive, _CONTAINER))
    package = next((each.get("full-path", "") for each in container.iter("{*}rootfile")), "")
    if package not in archive.namelist():
        raise Unreadable(_DAMAGED)
    tree = _parsed(archives.part(archive, package))
    places = {each.get("id", ""): each.get("href", "") for each in tree.iter("{*}item")}
    spine = (places.get(each.get("idref", ""), "") for each in tree.iter("{*}itemref"))
    folder = posixpath.dirname(package)
    names = (posixpath.normpath(posixpath.join(folder, unquote(place))) for place in spine if place)
    there = set(archive.namelist())
    chapters = [name for name in names if name in there]
    if not chapters:
        raise Unreadable(_DAMAGED)
    return chapters


def _is_page(content: bytes) -> bool:
    return b"<" in content[:200]


def _parsed(content: bytes) -> etree._Element:
    try:
        return etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False))
    except etree.XMLSyntaxError as error:
        raise Unreadable(_DAMAGED) from error

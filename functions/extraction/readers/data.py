"""JSON, lines of JSON, notebooks, and XML."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lxml import etree

from functions.extraction.failures import Unreadable
from functions.extraction.readers.plain import read_text
from shared.headings import markdown_sections
from shared.segments import Segment

_LARGEST_JSON = 64 * 1024**2
_ENTITIES = re.compile(r"<!ENTITY", re.I)
_BOMB = "The XML declares entities of its own, which can be made to grow without end. Save it without them."
_DAMAGED = "The XML is damaged or not complete. Save it again, or upload it again."
_PIECE = 50_000


def read_json(path: Path) -> Iterator[Segment]:
    """A segment for each member of the outermost object or list; what is very large, or no JSON, as it stands there."""
    if path.stat().st_size > _LARGEST_JSON:
        yield from read_text(path)
        return
    try:
        value = json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        yield from read_text(path)  # lines of JSON are read like this too: each is one thing
        return
    if isinstance(value, dict) and isinstance(value.get("cells"), list) and "nbformat" in value:
        yield from _notebook(value["cells"])
    elif isinstance(value, dict):
        for name, member in value.items():
            yield Segment(_written({name: member}), headings=(name,))
    elif isinstance(value, list):
        yield from _members(value)
    else:
        yield Segment(_written(value))


def _written(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1)


def _members(members: list[Any]) -> Iterator[Segment]:
    gathered: list[str] = []
    length = 0
    for member in members:
        gathered.append(_written(member))
        length += len(gathered[-1])
        if length > _PIECE:
            yield Segment("\n\n".join(gathered))
            gathered, length = [], 0
    yield Segment("\n\n".join(gathered))


def _notebook(cells: list[Any]) -> Iterator[Segment]:
    """The texts and the code of a notebook, https://nbformat.readthedocs.io/en/latest/format_description.html."""
    lines: list[str] = []
    for cell in cells:
        source = cell.get("source", "") if isinstance(cell, dict) else ""
        text = "".join(map(str, source)) if isinstance(source, list) else str(source)
        is_code = isinstance(cell, dict) and cell.get("cell_type") == "code"
        lines += [*(["```"] if is_code else []), *text.splitlines(), *(["```"] if is_code else []), ""]
    return markdown_sections(iter(lines))


def read_xml(path: Path) -> Iterator[Segment]:
    """The texts and attributes of XML, each with the name of its element. Nothing outside of the file is loaded."""
    _check(path)
    gathered: list[str] = []
    length = 0
    events = etree.iterparse(
        str(path), events=("start", "end"), resolve_entities=False, no_network=True, load_dtd=False, remove_pis=True
    )
    try:
        for event, element in events:
            if not isinstance(element.tag, str):
                continue
            found = _attributes(element) if event == "start" else _content(element)
            gathered += found
            length += sum(map(len, found))
            if event == "end":
                element.clear(keep_tail=True)
            if length > _PIECE:
                yield Segment("\n".join(gathered))
                gathered, length = [], 0
    except etree.XMLSyntaxError as error:
        raise Unreadable(_DAMAGED) from error
    yield Segment("\n".join(gathered))


def _check(path: Path) -> None:
    with path.open("rb") as file:
        start = file.read(256 * 1024)
    if _ENTITIES.search(start.replace(b"\x00", b"").decode("latin-1")):
        raise Unreadable(_BOMB)


def _attributes(element: Any) -> list[str]:
    return [
        f"{_name(element.tag)} {_name(name)}: {value}"
        for name, value in element.attrib.items()
        if value.strip() and not name.startswith("{http://www.w3.org/")
    ]


def _content(element: Any) -> list[str]:
    """The text of an element, with what stands between its children."""
    texts = [element.text, *(child.tail for child in element)]
    joined = " ".join(" ".join(text.split()) for text in texts if text and text.strip())
    return [f"{_name(element.tag)}: {joined}"] if joined else []


def _name(tag: str) -> str:
    return tag.rpartition("}")[2]

"""XLSX read cell by cell, for what calamine cannot read: it holds a sheet's whole rectangle, however little is in it.

https://learn.microsoft.com/en-us/office/open-xml/spreadsheet/structure-of-a-spreadsheetml-document
"""

import posixpath
import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from functools import cache, cached_property
from typing import Any
from zipfile import ZipFile

from lxml import etree

from functions.extraction.failures import Unreadable
from functions.extraction.readers import archives

_DAMAGED = "The spreadsheet is damaged, or not one. Save it again, or upload it again."
_WORKBOOK = "xl/workbook.xml"
_DIMENSION = re.compile(rb"""<(?:\w+:)?dimension [^>]*?ref=["']([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})""")
_LARGE = 5_000_000
"""Cells of a rectangle, which take some 200 MB."""
_THIN = 4
# Formats of dates and times that every workbook has, and what marks one of its own. ECMA-376-1, 18.8.30 and 18.8.31.
_DATES = {*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)}
_DATE = re.compile(r"[dmyhs]", re.I)
_LITERAL = re.compile(r'"[^"]*"|\\.|\[(?!h+\]|m+\]|s+\])[^\]]*\]', re.I)
_EPOCH, _EPOCH_1904 = datetime(1899, 12, 30), datetime(1904, 1, 1)


class Workbook:
    """The sheets of an XLSX, by name. Whatever is not one has none."""

    def __init__(self, archive: ZipFile) -> None:
        self._archive = archive
        self._parts = _sheets(archive) if _WORKBOOK in archive.namelist() else {}

    def has(self, sheet: str) -> bool:
        """Whether this sheet can be read here."""
        return sheet in self._parts

    def is_sparse(self, sheet: str) -> bool:
        """Whether the rectangle around all cells of a sheet is large, and nearly empty."""
        if not self.has(sheet):
            return False
        with self._archive.open(self._parts[sheet]) as file:
            said = _DIMENSION.search(file.read(4096))
        if said and (_column(said[3].decode()) + 1) * int(said[4]) <= _LARGE:
            return False
        cells, right, lowest = 0, 0, 0
        with suppress(Unreadable):  # calamine is told to read it, which is less strict
            for number, row in self._filled(sheet):
                cells, right, lowest = cells + len(row), max(right, *row), max(lowest, number)
        return (right + 1) * lowest > max(_LARGE, _THIN * cells)

    def rows(self, sheet: str) -> Iterator[list[object]]:
        """The rows that have cells, of the columns that have any."""
        columns = sorted({column for _, row in self._filled(sheet) for column in row})
        for _, row in self._filled(sheet):
            yield [self._value(row[column]) if column in row else "" for column in columns]

    def _filled(self, sheet: str) -> Iterator[tuple[int, dict[int, Any]]]:
        """The cells that have something in them, by column, of each row that has such, with its number."""
        number = 0
        for row in _elements(self._archive, self._parts[sheet], "row"):
            number = int(row.get("r") or number + 1)
            cells: dict[int, Any] = {}
            column = -1
            for cell in row:
                column = _column(cell.get("r", "").rstrip("0123456789")) if cell.get("r") else column + 1
                if len(cell):
                    cells[column] = cell
            if cells:
                yield number, cells

    def _value(self, cell: Any) -> object:
        kind = cell.get("t") or "n"
        if kind == "inlineStr":
            return _text(cell)
        value = next((child.text or "" for child in cell if child.tag.endswith("}v")), "")
        if kind == "s":
            return self._shared[int(value)] if value.isdigit() and int(value) < len(self._shared) else ""
        if kind == "b":
            return value == "1"
        return self._number(value, cell.get("s") or "") if kind == "n" and value else value

    def _number(self, value: str, style: str) -> object:
        try:
            number = float(value)
            if style in self._date_styles:
                moment = self._epoch + timedelta(seconds=round(number * 86400))
                return moment.date() if number.is_integer() else moment if number >= 1 else moment.time()
        except (ValueError, OverflowError):
            return value
        return number

    @cached_property
    def _shared(self) -> list[str]:
        """The texts that cells refer to by their number."""
        name = "xl/sharedStrings.xml"
        return [_text(each) for each in _elements(self._archive, name, "si")] if self._has(name) else []

    @cached_property
    def _date_styles(self) -> set[str]:
        """The numbers of styles that show a number as a date."""
        if not self._has("xl/styles.xml"):
            return set()
        styles = _parsed(self._archive, "xl/styles.xml")
        own = {
            each.get("numFmtId"): _DATE.search(_LITERAL.sub("", each.get("formatCode") or "")) is not None
            for each in styles.iterfind("{*}numFmts/{*}numFmt")
        }
        formats = [each.get("numFmtId") or "" for each in styles.iterfind("{*}cellXfs/{*}xf")]
        return {
            str(number) for number, each in enumerate(formats) if own.get(each, each.isdigit() and int(each) in _DATES)
        }

    @cached_property
    def _epoch(self) -> datetime:
        properties = _parsed(self._archive, _WORKBOOK).find("{*}workbookPr")
        is_1904 = properties is not None and properties.get("date1904") in ("1", "true")
        return _EPOCH_1904 if is_1904 else _EPOCH

    def _has(self, name: str) -> bool:
        return name in self._archive.namelist()


def _sheets(archive: ZipFile) -> dict[str, str]:
    """The parts of worksheets, by the names of these."""
    relations = "xl/_rels/workbook.xml.rels"
    if relations not in archive.namelist():
        return {}
    targets = {each.get("Id"): each.get("Target") or "" for each in _parsed(archive, relations)}
    found = {}
    for sheet in _parsed(archive, _WORKBOOK).iterfind("{*}sheets/{*}sheet"):
        relation = next((value for name, value in sheet.attrib.items() if name.endswith("}id")), None)
        part = posixpath.normpath(posixpath.join("/xl", targets.get(relation, ""))).lstrip("/")
        if part in archive.namelist():
            found[sheet.get("name") or ""] = part
    return found


@cache
def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def _text(element: Any) -> str:
    """The text of a cell, without how it is pronounced."""
    return "".join(each.text or "" for each in element.iter("{*}t") if etree.QName(each.getparent()).localname != "rPh")


def _parsed(archive: ZipFile, name: str) -> Any:
    try:
        return etree.fromstring(archives.part(archive, name), etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError as error:
        raise Unreadable(_DAMAGED) from error


def _elements(archive: ZipFile, name: str, tag: str) -> Iterator[Any]:
    """Elements of a part, one after the other; each is gone when the next one comes."""
    try:
        with archive.open(name) as file:
            for _, element in etree.iterparse(
                file, tag=f"{{*}}{tag}", resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True
            ):
                yield element
                element.clear()
                with suppress(TypeError):
                    while element.getprevious() is not None:
                        del element.getparent()[0]
    except etree.XMLSyntaxError as error:
        raise Unreadable(_DAMAGED) from error

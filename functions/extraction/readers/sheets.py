"""Spreadsheets: XLSX, XLSM, XLSB, XLS and ODS, read by calamine, which neither computes nor runs anything."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import nullcontext
from pathlib import Path

import python_calamine

from functions.extraction.failures import Unreadable
from functions.extraction.readers import archives
from functions.extraction.readers.tables import rows_to_segments
from functions.extraction.readers.workbooks import Workbook
from shared.segments import Segment

_DAMAGED = "The spreadsheet is damaged, or not one. Save it again, or upload it again."
_PROTECTED = "The spreadsheet is protected by a password. Save it without one."


def read_spreadsheet(path: Path) -> Iterator[Segment]:
    """The rows of each sheet, with the sheet's name."""
    with path.open("rb") as file:
        is_archive = file.read(2) == b"PK"
    with archives.opened(path) if is_archive else nullcontext() as archive:
        cells = Workbook(archive) if archive else None
        with _opened(path) as workbook:
            for sheet in workbook.sheets_metadata:
                if sheet.typ == python_calamine.SheetTypeEnum.WorkSheet:
                    yield from rows_to_segments(_rows(workbook, cells, sheet.name), sheet.name)


def _opened(path: Path) -> python_calamine.CalamineWorkbook:
    try:
        return python_calamine.CalamineWorkbook.from_path(str(path))
    except python_calamine.PasswordError as error:
        raise Unreadable(_PROTECTED) from error
    except python_calamine.CalamineError as error:
        raise Unreadable(_DAMAGED) from error


def _rows(workbook: python_calamine.CalamineWorkbook, cells: Workbook | None, name: str) -> Iterable[Sequence[object]]:
    """The rows of a sheet: by calamine, which is fast; cell by cell where it holds too much, or fails over one cell."""
    if cells and cells.is_sparse(name):
        return cells.rows(name)
    try:
        return workbook.get_sheet_by_name(name).iter_rows()
    except python_calamine.CalamineError as error:
        if cells and cells.has(name):
            return cells.rows(name)
        raise Unreadable(_DAMAGED) from error

"""Spreadsheets: XLSX, XLSM, XLSB, XLS and ODS, read by calamine, which neither computes nor runs anything."""

from collections.abc import Iterator
from pathlib import Path

import python_calamine

from functions.extraction.failures import Unreadable
from functions.extraction.readers import archives
from functions.extraction.readers.tables import rows_to_segments
from shared.segments import Segment

_DAMAGED = "The spreadsheet is damaged, or not one. Save it again, or upload it again."
_PROTECTED = "The spreadsheet is protected by a password. Save it without one."


def read_spreadsheet(path: Path) -> Iterator[Segment]:
    """The rows of each sheet, with the sheet's name."""
    with path.open("rb") as file:
        is_archive = file.read(2) == b"PK"
    if is_archive:
        archives.opened(path).close()
    try:
        workbook = python_calamine.CalamineWorkbook.from_path(str(path))
    except python_calamine.PasswordError as error:
        raise Unreadable(_PROTECTED) from error
    except python_calamine.CalamineError as error:
        raise Unreadable(_DAMAGED) from error
    with workbook:
        for sheet in workbook.sheets_metadata:
            if sheet.typ == python_calamine.SheetTypeEnum.WorkSheet:
                yield from rows_to_segments(workbook.get_sheet_by_name(sheet.name).iter_rows(), sheet.name)

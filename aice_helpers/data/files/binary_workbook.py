"""Workbooks in binary form (.xls, .xlsb), read by calamine."""

from __future__ import annotations

import io
import struct
import zipfile

from aice_helpers.data.files.packed import check_archive
from aice_helpers.data.files.sheets import Sheet
from aice_helpers.data.files.table import MAX_CELLS, NoTable

_DAMAGED = ("the workbook is damaged", "Save it again from a spreadsheet as .xlsx")


def binary_sheets(data, kind) -> list[Sheet]:
    """The sheets of a workbook (bytes) of kind "xls" or "xlsb"."""
    import python_calamine

    if kind == "xlsb":
        _check_extent(data)
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        states = {sheet.name: sheet.visible for sheet in book.sheets_metadata}
        found = []
        for name in book.sheet_names:
            sheet = book.get_sheet_by_name(name)
            if sheet.height * sheet.width > MAX_CELLS:
                raise NoTable(
                    "the sheet is far too large for a table of patients", "Delete what lies outside the table"
                )
            top, left = sheet.start or (0, 0)
            cells = {
                (top + row, left + column): value
                for row, values in enumerate(sheet.to_python(skip_empty_area=True), 1)
                for column, value in enumerate(values, 1)
                if value != ""
            }
            visible = states.get(name) in (None, python_calamine.SheetVisibleEnum.Visible)
            found.append(Sheet(name, cells, visible=visible))
        return found
    except NoTable:
        raise
    except python_calamine.PasswordError:
        raise NoTable("the workbook is protected by a password", "Save a copy without a password") from None
    except BaseException as error:
        # A fault inside the library surfaces as an exception that is none of Python's usual ones.
        if isinstance(error, KeyboardInterrupt | SystemExit | MemoryError):
            raise
        raise NoTable(*_DAMAGED) from error


def _check_extent(data):
    """Refuse a workbook with a cell so far out that a full sheet up to it would not fit the memory."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            check_archive(archive, len(data))
            parts = [entry for entry in archive.infolist() if entry.filename.lower().startswith("xl/worksheets/")]
            for entry in parts:
                with archive.open(entry) as part:
                    rows, columns = _extent(part.read(entry.file_size + 1))
                if rows * columns > MAX_CELLS:
                    raise NoTable(
                        "the sheet is far too large for a table of patients", "Delete what lies outside the table"
                    )
    except (zipfile.BadZipFile, OSError, EOFError, ValueError, NotImplementedError, struct.error, IndexError) as error:
        raise NoTable(*_DAMAGED) from error


def _extent(part):
    """Rows and columns up to the farthest cell of a sheet, by its records ([MS-XLSB] 2.1.4)."""
    place, row, rows, columns = 0, 0, 0, 0
    while place < len(part):
        kind, place = _packed_number(part, place, 2)
        size, place = _packed_number(part, place, 4)
        if kind == 0 and size >= 4:
            (row,) = struct.unpack_from("<I", part, place)
        elif 1 <= kind <= 11 and size >= 4:
            (column,) = struct.unpack_from("<I", part, place)
            rows, columns = max(rows, row + 1), max(columns, column + 1)
        place += size
    return rows, columns


def _packed_number(part, place, most):
    """A number of seven bits a byte, as kinds and sizes of records are written; and the place behind it."""
    if most == 2:
        # A kind keeps the mark that a second byte follows.
        first = part[place]
        return (first, place + 1) if first < 128 else (first | part[place + 1] << 8, place + 2)
    number = 0
    for shift in range(most):
        byte = part[place]
        place += 1
        number |= (byte & 127) << (7 * shift)
        if byte < 128:
            break
    return number, place

"""Excel workbooks: the sheet, its cells as shown, and what a cell hides."""

from __future__ import annotations

import io
import re
import warnings
import zipfile

from aice_helpers.core.problems import Problem
from aice_helpers.data.files.cells import Cells
from aice_helpers.data.files.packed import check_archive
from aice_helpers.data.files.sheets import MERGED, NO_VALUE, chosen_sheet, few_names
from aice_helpers.data.files.table import MAX_CELLS, NoTable, cell_text, typed_table

_LAYOUT = re.compile(rb"""<(?:\w+:)?(?:mergeCell\s|row\b[^>]*\bhidden=["'](?:1|true))""")
"""What a sheet says of merged cells and of hidden rows."""


def _check_workbook(data):
    """Whether the workbook holds formulas, and whether merged cells or hidden rows; one that may not be opened is refused."""
    formulas = layout = False
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            check_archive(archive, len(data))
            for entry in archive.infolist():
                if not entry.filename.lower().endswith((".xml", ".rels")):
                    continue
                with archive.open(entry) as part:
                    # The stated size may be untrue, so no more than that is read.
                    content = part.read(entry.file_size)
                if b"<!DOCTYPE" in content.replace(b"\x00", b"") or b"<!ENTITY" in content.replace(b"\x00", b""):
                    raise NoTable(
                        "the workbook declares XML entities, which none needs", "Save it again from a spreadsheet"
                    )
                formulas = formulas or b"<f>" in content or b"<f " in content
                layout = layout or bool(_LAYOUT.search(content))
    except NoTable:
        raise
    except Exception as error:
        # A damaged archive raises errors of several modules.
        raise NoTable("the workbook is damaged", "Save it again from a spreadsheet") from error
    return formulas, layout


def _workbook(data, **options):
    import openpyxl

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return openpyxl.load_workbook(io.BytesIO(data), **options)
        except Exception as error:
            # The library raises whatever a damaged part makes it stumble over.
            raise NoTable("the file is no Excel workbook", "Save it again from a spreadsheet as .xlsx") from error


def _cells(sheet):
    """Place (row, column) -> cell, for every cell of a sheet that holds something."""
    # The size that a sheet states may be untrue, and a far cell would make it huge.
    sheet.reset_dimensions()
    try:
        return {(cell.row, cell.column): cell for line in sheet.iter_rows() for cell in line if cell.value is not None}
    except Exception as error:
        raise NoTable("the workbook is damaged", "Save it again from a spreadsheet") from error


def read_workbook(source, name, data, findings):
    """The `Table` of one sheet of a workbook (bytes); see `reading.read_table`."""
    has_formulas, has_layout = _check_workbook(data)
    book = _workbook(data, data_only=True, read_only=True)
    sheet = _sheet(source, name, book, findings)
    first = source.header
    cells = {place: cell for place, cell in _cells(sheet).items() if _is_read(source, place[0])}
    formulas = set()
    if has_formulas:
        # Formulas are looked at in a second reading, for the first one shows only the values stored with them.
        written = _cells(_workbook(data, read_only=True)[sheet.title])
        formulas = {place for place, cell in written.items() if cell.data_type == "f" and _is_read(source, place[0])}
    places = formulas.union(cells)
    if not places:
        raise NoTable("the sheet is empty", "Name the sheet with the table in the study file")
    width = max(column for _, column in places)
    numbers = sorted({row for row, _ in places})
    laid_out = _workbook(data, data_only=True)[sheet.title] if has_layout else None
    for merged in laid_out.merged_cells.ranges if has_layout else ():
        if merged.min_col <= width and any(_is_read(source, row) for row in range(merged.min_row, merged.max_row + 1)):
            raise NoTable(
                f"the cells {merged.coord} are merged",
                MERGED,
                row=merged.min_row,
            )
    if width * len(numbers) > MAX_CELLS:
        raise NoTable("the sheet is far too large for a table of patients", "Delete what lies outside the table")
    header = [_excel_text(cells.get((first, column))) for column in range(1, width + 1)]
    if sum(map(bool, header)) < 2:
        raise few_names(first)
    below, rows, flaws, notes = [number for number in numbers if number > first], [], {}, {}
    for number in below:
        texts = []
        for place, column in enumerate(header, 1):
            cell = cells.get((number, place))
            texts.append(_excel_text(cell))
            flaw = _excel_flaw(cell, (number, place) in formulas)
            if flaw:
                rule, fix = flaw
                flaws.setdefault(column, []).append(Problem(name, rule, fix, number, column, texts[-1] or None))
        rows.append(texts)
    dimensions = laid_out.row_dimensions if has_layout else {}
    hidden = [number for number in numbers if number in dimensions and dimensions[number].hidden]
    if hidden:
        rule = "hidden or filtered rows are read like the others"
        findings.remark(name, rule, "Check them", rows=hidden)
    if colored := _colored_rows(cells, below):
        rule = "some cells have a color that others of their column have not; what a color means is not read"
        findings.remark(name, rule, "If it means something, write it into a column of its own", rows=colored)
    for place, column in enumerate(header, 1):
        shares = [
            number
            for (number, at), cell in cells.items()
            if at == place and number > first and isinstance(cell.value, int | float) and "%" in cell.number_format
        ]
        if shares:
            rule = "the sheet shows per cent where it stores fractions: 35% is read as 0.35"
            fix = "Check the unit and the range in the study file"
            notes[column] = [Problem(name, rule, fix, column=column, count=len(shares), rows=tuple(shares))]
    columns = [Cells.of(texts) for texts in (zip(*rows, strict=True) if rows else [()] * width)]
    serials = f"excel-{1900 if book.epoch.year < 1904 else 1904}"
    more = {"flaws": flaws, "notes": notes, "serials": serials}
    return typed_table(name, source, header, below, columns, findings, header_row=first, **more)


def _colored_rows(cells, below):
    """Rows with a filled cell whose column has cells without; none where every second row is filled, as tables are laid out."""
    by_style, filled, plain = {}, {}, set()
    places = {row: place for place, row in enumerate(below)}
    for (row, column), cell in cells.items():
        if row not in places:
            continue
        style = cell._style_id
        if style not in by_style:
            by_style[style] = _is_filled(cell)
        if by_style[style]:
            filled.setdefault(column, set()).add(row)
        else:
            plain.add(column)
    found = sorted({row for column, own in filled.items() if column in plain for row in own})
    second = {places[row] % 2 for row in found}
    banded = len(second) == 1 and len(found) >= len(below) // 2
    return [] if banded else found


def _is_filled(cell):
    fill = cell.fill
    return fill is not None and fill.fill_type == "solid" and fill.fgColor.rgb not in ("FFFFFFFF", "00FFFFFF")


def _is_read(source, row):
    return row >= source.header and row not in source.skip_rows


def _sheet(source, name, book, findings):
    sheets = {sheet.title: sheet for sheet in book.worksheets}
    if source.sheet in sheets:
        return sheets[source.sheet]
    states = [(title, sheet.sheet_state == "visible", bool(_cells(sheet))) for title, sheet in sheets.items()]
    return sheets[chosen_sheet(source, name, states, findings)]


def _excel_text(cell):
    if cell is None:
        return ""
    text = cell_text(cell.value)
    # A number shown as 007 is the id 007 to whoever reads the sheet.
    return text.zfill(len(cell.number_format)) if re.fullmatch("0{2,}", cell.number_format) and text else text


def _excel_flaw(cell, is_formula):
    if cell is not None and cell.data_type == "e":
        return "the cell holds an error of the spreadsheet", "Mend the formula, or empty the cell if it is not recorded"
    if cell is None and is_formula:
        return NO_VALUE
    return None

"""Which sheet of a workbook holds the table, and a plain sheet as a table."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field

from aice_helpers.core.problems import Problem
from aice_helpers.data.files.cells import Cells
from aice_helpers.data.files.table import MAX_CELLS, NoTable, cell_text, typed_table

MERGED = "Unmerge them, give every column one header cell and every row its own values"

NO_VALUE = (
    "the cell holds a formula without a stored value",
    "Open the workbook in a spreadsheet and save it, or paste the values",
)


@dataclass(frozen=True)
class Sheet:
    """A sheet as its format hands it out.

    Attributes
    ----------
    title : str
    cells : dict
        Place (row, column), from 1 -> stored value; empty cells are left out.
    visible : bool
    hidden : list of int
        Rows that the spreadsheet does not show.
    merged : list of (int, int, str)
        Row and column of each merged cell, and how far it reaches in words.
    formulas : set of (int, int)
        Places of formulas without a stored value.
    """

    title: str
    cells: dict
    visible: bool = True
    hidden: list = field(default_factory=list)
    merged: list = field(default_factory=list)
    formulas: set = field(default_factory=set)


def chosen_sheet(source, name, sheets, findings):
    """The title of the sheet to read: the named one, or the first visible one with content, which is said.

    Parameters
    ----------
    source : DataFile
    name : str
        The file's name in messages.
    sheets : list of (str, bool, bool)
        Title, whether the sheet is shown, and whether it holds anything.
    findings : Findings
    """
    titles = [title for title, _, _ in sheets]
    if source.sheet:
        if source.sheet not in titles:
            near = difflib.get_close_matches(source.sheet, titles, n=1, cutoff=0.5)
            hint = f"Did the study file mean {near[0]!r}?" if near else f"Sheets: {', '.join(map(repr, titles))}"
            raise NoTable(f"the workbook has no sheet {source.sheet!r}", hint)
        return source.sheet
    filled = [(title, shown) for title, shown, holds in sheets if holds]
    if not filled:
        raise NoTable("the workbook is empty", "Export the table again")
    title = next((title for title, shown in filled if shown), filled[0][0])
    if len(filled) > 1:
        others = ", ".join(repr(other) + ("" if shown else " (hidden)") for other, shown in filled if other != title)
        findings.remark(
            name,
            f"the workbook has {len(filled)} sheets with content; {title!r} was read, not {others}",
            "If the table is on another one, name it in the study file (sheet: name)",
            setting=("sheet", title),
        )
    return title


def read_sheets(source, name, sheets, findings):
    """The `Table` on one of the `Sheet` s of a file; see `reading.read_table`."""
    title = chosen_sheet(source, name, [(one.title, one.visible, bool(one.cells)) for one in sheets], findings)
    sheet, first = next(one for one in sheets if one.title == title), source.header
    skipped = set(source.skip_rows)
    places = {place for place in {*sheet.cells, *sheet.formulas} if place[0] >= first and place[0] not in skipped}
    if not places:
        raise NoTable("the sheet is empty", "Name the sheet with the table in the study file")
    width, numbers = max(column for _, column in places), sorted({row for row, _ in places})
    for row, column, reach in sheet.merged:
        if row >= first and row not in skipped and column <= width:
            raise NoTable(f"a cell is merged {reach}", MERGED, row=row)
    if width * len(numbers) > MAX_CELLS:
        raise NoTable("the sheet is far too large for a table of patients", "Delete what lies outside the table")
    header = [cell_text(sheet.cells.get((first, column))) for column in range(1, width + 1)]
    if sum(map(bool, header)) < 2:
        raise few_names(first)
    below, flaws = [number for number in numbers if number > first], {}
    columns = [
        Cells.of([cell_text(sheet.cells.get((number, column))) for number in below]) for column in range(1, width + 1)
    ]
    for number in below:
        for place, column in enumerate(header, 1):
            if (number, place) in sheet.formulas:
                flaws.setdefault(column, []).append(Problem(name, *NO_VALUE, number, column))
    hidden = [number for number in sheet.hidden if number > first and number in numbers]
    if hidden:
        findings.remark(name, "hidden or filtered rows are read like the others", "Check them", rows=hidden)
    return typed_table(name, source, header, below, columns, findings, header_row=first, flaws=flaws)


def few_names(row):
    """The refusal of a header row that is none."""
    return NoTable(
        "the header row has fewer than two names",
        "Delete the rows above the header, or give its number in the study file (header: 2)",
        row=row,
    )

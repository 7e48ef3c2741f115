"""A table as a file holds it: header, rows numbered as a spreadsheet does, cells as text."""

from __future__ import annotations

import datetime
import decimal
import math
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, field

from aice_helpers.core.problems import Problem

FORMATS = {
    "csv": "csv", "tsv": "csv", "tab": "csv", "txt": "csv",
    "xlsx": "xlsx", "xlsm": "xlsx",
    "sav": "sav", "zsav": "sav", "dta": "dta", "xpt": "xpt",
    "parquet": "parquet", "pq": "parquet",
}  # fmt: skip
"""Suffix of a file's name -> the format it is read as; a suffix that is not listed here or below is read as text."""

ADVICE = {
    "xls": "Open it and save it as an Excel workbook (.xlsx)",
    "xlsb": "Open it and save it as an Excel workbook (.xlsx)",
    "ods": "Open it and save it as an Excel workbook (.xlsx)",
    "numbers": "Open it and export it as an Excel workbook (.xlsx)",
    "zip": "Unpack it and name the table inside",
    "gz": "Unpack it and name the table inside",
    "7z": "Unpack it and name the table inside",
    "rar": "Unpack it and name the table inside",
    "por": "Save it as an SPSS data file (.sav)",
    "sas7bdat": "Export it as a SAS transport file (.xpt) or as CSV",
    "rds": "Export it as CSV or Parquet",
    "rdata": "Export it as CSV or Parquet",
    "rda": "Export it as CSV or Parquet",
    "pdf": "Export the table as CSV or Excel",
    "docx": "Copy the table into a workbook and save it as .xlsx",
    "json": "Export the table as CSV or Excel",
    "html": "Export the table as CSV or Excel",
}
"""Suffix of a format that is not read -> what to do instead."""

MAX_FILE = 400_000_000

MAX_UNPACKED = 800_000_000

MAX_CELLS = 40_000_000

NAMES = {",": "a comma", ";": "a semicolon", "\t": "a tab", "|": "a bar"}


@dataclass(frozen=True)
class Table:
    """A file as text: header, and cells with the row number that a spreadsheet shows (the header is row 1).

    Attributes
    ----------
    file : str
        The file's name, without folders.
    header : tuple of str
    rows : tuple of (int, tuple of str)
        Row number and cells; rows without any content are left out. In SPSS, Stata, SAS and Parquet files the first
        record is row 2, as it is in a spreadsheet below the header.
    decimal : str
        Decimal mark of the numbers in the cells.
    missing : tuple of str
        Cell texts that mean "not recorded", beside the empty cell.
    typed : bool
        Whether the format knows numbers from text, so that 1 and 1.0 are the same.
    labels : dict
        Column -> code -> label, as far as the file itself holds value labels.
    flaws, notes : dict
        Column -> `Problem` s that matter only when the column is used: faults and remarks.
    """

    file: str
    header: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    decimal: str = "."
    missing: tuple[str, ...] = ("",)
    typed: bool = False
    labels: dict[str, dict[str, str]] = field(default_factory=dict)
    flaws: dict[str, list[Problem]] = field(default_factory=dict)
    notes: dict[str, list[Problem]] = field(default_factory=dict)

    def column(self, name):
        """Row numbers and cells of one column."""
        place = self.header.index(name)
        return [(row, cells[place]) for row, cells in self.rows]


class NoTable(Exception):
    """The file is no table that can be read; carries rule, fix and row."""

    def __init__(self, rule, fix, row=None, column=None):
        super().__init__(rule)
        self.rule, self.fix, self.row, self.column = rule, fix, row, column


def file_name(path) -> str:
    r"""The last part of a path, however it is written: messages name a file, never a folder.

    >>> file_name(r"C:\data\a.csv"), file_name("../b.xlsx")
    ('a.csv', 'b.xlsx')
    """
    return re.split(r"[\\/]", str(path).rstrip("\\/"))[-1]


def missing_codes(source):
    return tuple(dict.fromkeys(("", *(code.strip() for code in source.missing))))


def header_is_sound(name, header, row, findings):
    """Whether every column has a name of its own; if not, the faults are noted."""
    doubled = [(column, count) for column, count in Counter(header).items() if count > 1 or not column]
    for column, _ in doubled:
        rule = "two columns have the same name" if column else "a column has no name"
        findings.fault(name, rule, "Give every column its own name", row=row, column=column)
    return not doubled


def without_empty_columns(name, header, rows, findings):
    """Header and rows without the columns that have neither a name nor a value; spreadsheets export such columns."""
    header = [unicodedata.normalize("NFC", column) for column in header]
    empty = [
        place
        for place, column in enumerate(header)
        if not column and not any(len(cells) > place and cells[place] for _, cells in rows)
    ]
    # A short or long row must not be made to fit.
    if not empty or any(len(cells) != len(header) for _, cells in rows):
        return header, rows
    findings.remark(
        name,
        f"{len(empty)} column{'s' if len(empty) > 1 else ''} with neither a name nor a value left out",
        "Nothing to do",
    )
    keep = [place for place in range(len(header)) if place not in empty]
    return [header[place] for place in keep], [(row, [cells[place] for place in keep]) for row, cells in rows]


def cell_text(value) -> str:
    """A stored value as the text of a cell.

    >>> [cell_text(value) for value in (7.0, 0.1, True, None, " NA ", datetime.datetime(2020, 1, 5))]
    ['7', '0.1', 'TRUE', '', 'NA', '2020-01-05']
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float):
        if math.isnan(value):
            return ""
        return str(int(value)) if value.is_integer() and abs(value) < 1e16 else repr(value)
    if isinstance(value, decimal.Decimal):
        plain = format(value.normalize(), "f") if value.is_finite() else str(value)
        return "" if value.is_nan() else plain
    if isinstance(value, datetime.datetime):
        midnight = value.time() == datetime.time() and value.tzinfo is None
        return value.date().isoformat() if midnight else value.isoformat(sep=" ")
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace").strip()
    return str(value).strip()


def typed_table(name, source, header, rows, findings, *, header_row=1, **more):
    header, rows = without_empty_columns(name, header, rows, findings)
    if not header_is_sound(name, header, header_row, findings):
        return None
    rows = tuple((number, tuple(cells)) for number, cells in rows if any(cells))
    return Table(name, tuple(header), rows, missing=missing_codes(source), typed=True, **more)


def plain_value(value):
    """A Python value for one that numpy made."""
    return value.item() if hasattr(value, "item") else value

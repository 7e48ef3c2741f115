"""A table as a file holds it: header, rows numbered as a spreadsheet does, cells as text."""

from __future__ import annotations

import datetime
import decimal
import math
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from aice_helpers.core.problems import Problem
from aice_helpers.data.files.cells import Cells

FORMATS = {
    "csv": "csv", "tsv": "csv", "tab": "csv", "txt": "csv",
    "xlsx": "xlsx", "xlsm": "xlsx", "xls": "xls", "xlsb": "xlsb", "ods": "ods",
    "sav": "sav", "zsav": "sav", "dta": "dta", "xpt": "xpt", "sas7bdat": "sas7bdat",
    "rds": "rds", "rdata": "rds", "rda": "rds",
    "parquet": "parquet", "pq": "parquet",
}  # fmt: skip
"""Suffix of a file's name -> the format it is read as; a suffix that is not listed here or below is read as text."""

_AS_CSV = "Export the table as CSV or as an Excel workbook"

ADVICE = {
    "numbers": "Open it in Numbers and export it: File, Export To, Excel or CSV",
    "omv": "Open it in jamovi and export the data: the menu, Export, CSV (.csv) or SPSS (.sav)",
    "jasp": "Open it in JASP and export the data: the menu, Export Data, CSV (.csv)",
    "pzf": "Open it in Prism and export the table: File, Export, text with commas (.csv)",
    "pzfx": "Open it in Prism and export the table: File, Export, text with commas (.csv)",
    "prism": "Open it in Prism and export the table: File, Export, text with commas (.csv)",
    "por": "Save it as an SPSS data file (.sav)",
    "spv": "This is SPSS output; save the data themselves as an SPSS data file (.sav)",
    "sas": "This is a SAS program; export the data as a SAS transport file (.xpt) or as CSV",
    "sas7bcat": "This holds the labels of a SAS data set; name the data set itself (.sas7bdat)",
    "jmp": "Open it in JMP and export it as CSV",
    "mdb": _AS_CSV, "accdb": _AS_CSV, "gsheet": "Download it from Google Sheets as an Excel workbook (.xlsx)",
    "zip": "Unpack it and name the table inside",
    "gz": "Unpack it and name the table inside",
    "7z": "Unpack it and name the table inside",
    "rar": "Unpack it and name the table inside",
    "pdf": _AS_CSV, "json": _AS_CSV, "html": _AS_CSV, "htm": _AS_CSV, "xml": _AS_CSV,
    "png": "This is a picture; export the table itself as CSV or as an Excel workbook",
    "jpg": "This is a picture; export the table itself as CSV or as an Excel workbook",
    "jpeg": "This is a picture; export the table itself as CSV or as an Excel workbook",
    "docx": "Copy the table into a spreadsheet and save it as an Excel workbook (.xlsx)",
    "doc": "Copy the table into a spreadsheet and save it as an Excel workbook (.xlsx)",
}  # fmt: skip
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
    numbers : array of int
        Numbers of the rows; rows without any content are left out. In SPSS, Stata, SAS and Parquet files the first
        record is row 2, as it is in a spreadsheet below the header.
    cells : tuple of Cells
        One a column.
    decimal : str
        Decimal mark of the numbers in the cells.
    missing : tuple of str
        Cell texts that mean "not recorded", beside the empty cell.
    typed : bool
        Whether the format knows numbers from text, so that 1 and 1.0 are the same.
    labels : dict
        Column -> code -> label, as far as the file itself holds value labels.
    titles : dict
        Column -> what the file itself calls it in words (a variable label).
    serials : str
        How the file counts time where a cell holds a date as a bare number: a system ("excel-1904"), or the format of a
        statistics program ("sav", "dta", "xpt"); "" if it states none.
    flaws, notes : dict
        Column -> `Problem` s that matter only when the column is used: faults and remarks.
    origins : dict
        Column -> file and row numbers of its cells, where they come from other places than the rest; 0 is no row.
    """

    file: str
    header: tuple[str, ...]
    numbers: np.ndarray
    cells: tuple[Cells, ...]
    decimal: str = "."
    missing: tuple[str, ...] = ("",)
    typed: bool = False
    labels: dict[str, dict[str, str]] = field(default_factory=dict)
    titles: dict[str, str] = field(default_factory=dict)
    flaws: dict[str, list[Problem]] = field(default_factory=dict)
    notes: dict[str, list[Problem]] = field(default_factory=dict)
    origins: dict[str, tuple[str, np.ndarray]] = field(default_factory=dict)
    serials: str = ""

    @classmethod
    def of_rows(cls, file, header, rows, **more) -> Table:
        """The table with these rows, each a row number and its cells."""
        columns = zip(*(cells for _, cells in rows), strict=True) if rows else ((),) * len(header)
        numbers = np.array([number for number, _ in rows], dtype=int)
        return cls(file, tuple(header), numbers, tuple(map(Cells.of, columns)), **more)

    @property
    def n(self) -> int:
        """Number of rows."""
        return len(self.numbers)

    @cached_property
    def rows(self) -> tuple[tuple[int, tuple[str, ...]], ...]:
        """Row number and cells of every row: for small tables, as it holds every cell by itself."""
        return tuple(zip(self.numbers.tolist(), zip(*self.cells, strict=True), strict=True))

    def cells_of(self, name) -> Cells:
        """The cells of one column."""
        return self.cells[self.header.index(name)]

    def file_of(self, name) -> str:
        """Name of the file that holds one column."""
        return self.origins[name][0] if name in self.origins else self.file

    def numbers_of(self, name) -> np.ndarray:
        """Numbers of the rows in which the cells of one column stand in its file."""
        return self.origins[name][1] if name in self.origins else self.numbers

    def column(self, name):
        """Row numbers and cells of one column."""
        return list(zip(self.numbers_of(name).tolist(), self.cells_of(name), strict=True))

    def same_cells(self, other) -> bool:
        """Whether another table has the same header and the same cells in the same rows."""
        mine, theirs = (self.header, self.numbers.tolist()), (other.header, other.numbers.tolist())
        return mine == theirs and self.cells == other.cells

    def take(self, keep) -> Table:
        """The table with some of its rows, named by an array of truth values or of places."""
        origins = {name: (file, numbers[keep]) for name, (file, numbers) in self.origins.items()}
        cells = tuple(cells.take(keep) for cells in self.cells)
        return replace(self, numbers=self.numbers[keep], cells=cells, origins=origins)


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
    doubled = [column for column, count in Counter(header).items() if count > 1 and column]
    nameless = [place for place, column in enumerate(header) if not column]
    for column in doubled:
        rule = "two columns have the same name"
        findings.fault(name, rule, "Give every column its own name", row=row, column=column)
    for place in nameless:
        before = next((header[left] for left in range(place - 1, -1, -1) if header[left]), "")
        where = f" (right of {before!r})" if before else ""
        rule = f"a column{where} has no name but holds values"
        findings.fault(name, rule, "Give every column its own name", row=row, kind="nameless")
    return not doubled and not nameless


def without_empty_columns(name, header, columns, findings):
    """Header and columns without those that have neither a name nor a value; spreadsheets export such columns."""
    header = [unicodedata.normalize("NFC", column) for column in header]
    keep = [place for place, cells in enumerate(columns) if header[place] or any(cells.texts)]
    empty = len(header) - len(keep)
    if empty:
        findings.remark(
            name, f"{empty} column{'s' if empty > 1 else ''} with neither a name nor a value left out", "Nothing to do"
        )
    return [header[place] for place in keep], [columns[place] for place in keep]


ROW_NAMES = "row_name"
"""Name of a first column that has none and numbers or names the rows, as R and pandas write it."""


def with_row_names(name, header, columns, findings):
    """The header with a name for a first column that has none, where that column tells every row from the others."""
    if not header or header[0] or ROW_NAMES in header or not columns:
        return header
    cells = columns[0]
    if "" in cells.texts or len(cells.texts) < len(cells) or not len(cells):
        return header
    rule = f"the first column has no name in the header and tells the rows apart; it is the column {ROW_NAMES!r}"
    findings.remark(name, rule, "Nothing to do, or give it a name")
    return [ROW_NAMES, *header[1:]]


def without_empty_rows(numbers, columns):
    """Row numbers and columns without the rows that hold nothing."""
    empty = np.ones(len(numbers), dtype=bool)
    for cells in columns:
        empty &= cells.codes == cells.texts.index("") if "" in cells.texts else False
    if not empty.any():
        return numbers, columns
    return numbers[~empty], [cells.take(~empty) for cells in columns]


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


def typed_table(name, source, header, numbers, columns, findings, *, header_row=1, **more):
    """The `Table` of a format that knows numbers from text; ``columns`` are `Cells`."""
    header, columns = without_empty_columns(name, header, columns, findings)
    header = with_row_names(name, header, columns, findings)
    if not header_is_sound(name, header, header_row, findings):
        return None
    missing = missing_codes(source)
    numbers, columns = without_empty_rows(np.asarray(numbers), columns)
    return Table(name, tuple(header), numbers, tuple(columns), missing=missing, typed=True, **more)


def plain_value(value):
    """A Python value for one that numpy made."""
    return value.item() if hasattr(value, "item") else value

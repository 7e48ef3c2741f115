"""One column of a table while it is judged: its cells, what is missing, numbers, and words for faults."""

from __future__ import annotations

import difflib
import math
import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property

import yaml

from aice_helpers.core.problems import Findings, plain_form
from aice_helpers.data.privacy import personal_header
from aice_helpers.study.model import PLAIN_NUMBER

NOT_RECORDED = (
    "na",
    "n/a",
    "nan",
    "nd",
    "null",
    "none",
    "unknown",
    "unk",
    "missing",
    "-",
    "--",
    ".",
    "?",
    "无",
    "不详",
    "未知",
)
"""Cells that often mean "not recorded"; only the study file can say so."""


@dataclass(frozen=True)
class _Column:
    """One used column of a table: its cells with their row numbers, and where problems with it are noted."""

    table: object
    name: str
    cells: list
    missing: tuple[str, ...]
    findings: Findings

    def fault(self, rule, fix, row=None, value=None, **more):
        self.findings.fault(self.table.file, rule, fix, row=row, column=self.name, value=value, **more)

    def remark(self, rule, fix, row=None, value=None, **more):
        self.findings.remark(self.table.file, rule, fix, row=row, column=self.name, value=value, **more)

    def is_missing(self, cell):
        """Whether a cell means "not recorded"; -9 and -9.0 are the same code where the format knows numbers."""
        if cell in self.missing:
            return True
        if not self.table.typed or not self.missing_numbers:
            return False
        return number_in(cell, self.table.decimal) in self.missing_numbers

    @cached_property
    def missing_numbers(self):
        """The missing codes that are numbers: a declared 99 also means 99.0."""
        numbers = {number_in(code, self.table.decimal) for code in self.missing}
        return numbers - {None}

    @cached_property
    def flawed_rows(self):
        """Rows with a fault that the format itself shows, such as an error cell of a workbook."""
        return {flaw.row for flaw in self.table.flaws.get(self.name, ())}


def column_of(table, name, findings, *, missing=(), levels=(), quiet=False):
    """A column that is known to be there, after noting what the file itself says about it.

    ``levels`` are codes with a meaning in this column, so that none of them means "not recorded".
    """
    name = unicodedata.normalize("NFC", name)
    column = _Column(table, name, table.column(name), (*table.missing, *(code.strip() for code in missing)), findings)
    if quiet:
        return column
    for flaw in table.flaws.get(name, ()):
        column.fault(flaw.rule, flaw.fix, flaw.row, flaw.value)
    for note in table.notes.get(name, ()):
        column.remark(note.rule, note.fix, rows=note.rows)
    absent = rows_of(
        (row, cell) for row, cell in column.cells if cell and cell not in levels and column.is_missing(cell)
    )
    for code, rows in absent.items():
        rule = f"the code {code!r} is declared to mean not recorded"
        column.remark(rule, "Nothing to do if so", rows=rows)
    return column


def rows_of(cells):
    """Text of a cell -> the rows in which it stands, in the order of first appearance."""
    found = {}
    for row, cell in cells:
        found.setdefault(cell, []).append(row)
    return found


def same_number(cell, codes):
    """Whether a cell equals one of the codes as a number."""
    if not PLAIN_NUMBER.fullmatch(cell):
        return False
    return any(PLAIN_NUMBER.fullmatch(code) and float(code) == float(cell) for code in codes)


def find_column(table, column, findings, what):
    if unicodedata.normalize("NFC", column) in table.header:
        return True
    plain = {plain_form(name).replace("_", " "): name for name in table.header}
    near = difflib.get_close_matches(column, table.header, n=1, cutoff=0.5)
    alike = plain.get(plain_form(column).replace("_", " ")) or (near[0] if near else None)
    hint = f"Did the study file mean {alike!r}?" if alike else "Add it, or correct its name in the study file"
    findings.fault(table.file, f"the column for {what} is not there", hint, column=column)
    return False


def note_unused(table, used, findings):
    """Remark on the columns that nothing reads; they reach no output, whatever they hold."""
    used = {unicodedata.normalize("NFC", name) for name in used}
    unused = [name for name in table.header if name not in used]
    if unused:
        names = ", ".join(map(repr, unused[:10])) + (f" and {len(unused) - 10} more" if len(unused) > 10 else "")
        rule = f"the column {names} is not used" if len(unused) == 1 else f"the columns {names} are not used"
        findings.remark(table.file, rule, "Declare under variables what the book is to use")
    personal = [name for name in unused if personal_header(name)]
    if personal:
        names = ", ".join(map(repr, personal[:10]))
        findings.remark(
            table.file,
            f"{names} may point to a person; not used, yet the file holds it",
            "Delete it from the file before the file is passed on",
        )


def number_in(text, decimal):
    """The number a cell holds, or None when it holds something else."""
    if decimal != ".":
        if "." in text:
            return None
        text = text.replace(decimal, ".")
    value = float(text) if PLAIN_NUMBER.fullmatch(text) else None
    return None if value is None or math.isinf(value) else value


def number_hint(cell, decimal):
    """How to mend a cell that holds no plain number."""
    if plain_form(cell) in NOT_RECORDED or plain_form(cell) == "":
        return f"If it means not recorded, empty the cell or declare it: missing: [{yaml_line(cell)}]"
    if decimal == "." and re.fullmatch(r"[+-]?\d+,\d+", cell):
        return "Write a point as decimal mark, or set decimal: ',' in the study file"
    if decimal == "," and re.fullmatch(r"[+-]?\d+\.\d+", cell):
        return "Write a comma as decimal mark, or set decimal: '.' in the study file"
    return ""


def yaml_line(value):
    """A value as it can be pasted into a study file, on one line."""
    text = yaml.safe_dump(value, default_flow_style=True, allow_unicode=True, sort_keys=False, width=math.inf)
    return text.removesuffix("\n").removesuffix("\n...")


def unclear(column, meanings):
    """Cells without a meaning and cells in another spelling, each with the rows in which it stands."""
    unknown = rows_of(
        (row, cell) for row, cell in column.cells if meanings[cell] is None and row not in column.flawed_rows
    )
    variants = rows_of((row, cell) for row, cell in column.cells if meanings[cell] is not None and meanings[cell][1])
    return unknown, variants

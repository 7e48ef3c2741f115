"""One column of a table while it is judged: its cells, what is missing, numbers, and words for faults."""

from __future__ import annotations

import difflib
import math
import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import yaml

from aice_helpers.core.problems import Findings, plain_form, some
from aice_helpers.data.files.cells import Cells
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
    """One used column of a table: its cells, and where problems with it are noted.

    What is judged by its text is judged once for each distinct text (``content.texts``); rows matter for faults only.
    """

    table: object
    name: str
    content: Cells
    missing: tuple[str, ...]
    findings: Findings
    decimal: str

    def fault(self, rule, fix, row=None, value=None, **more):
        self.findings.fault(self.table.file_of(self.name), rule, fix, row=row, column=self.name, value=value, **more)

    def remark(self, rule, fix, row=None, value=None, **more):
        self.findings.remark(self.table.file_of(self.name), rule, fix, row=row, column=self.name, value=value, **more)

    @property
    def cells(self):
        """Row number and text of every cell: slow for a large table."""
        return self.table.column(self.name)

    def is_missing(self, cell):
        """Whether a cell means "not recorded"; -9 and -9.0 are the same code where the format knows numbers."""
        if cell in self.missing:
            return True
        if not self.table.typed or not self.missing_numbers:
            return False
        return number_in(cell, self.decimal) in self.missing_numbers

    @cached_property
    def missing_numbers(self):
        """The missing codes that are numbers: a declared 99 also means 99.0."""
        numbers = {number_in(code, self.decimal) for code in self.missing}
        return numbers - {None}

    @cached_property
    def absent(self):
        """Whether each distinct text means "not recorded" (array of bool)."""
        texts, by_number = self.content.texts, self.table.typed and self.missing_numbers
        return np.array([text in self.missing or (by_number and self.is_missing(text)) for text in texts], dtype=bool)

    @cached_property
    def numbers(self):
        """The number that each distinct text holds: nan where it means "not recorded", None where it holds none."""
        found = numbers_in(self.content.texts, self.decimal)
        return [math.nan if absent else number for number, absent in zip(found, self.absent.tolist(), strict=True)]

    @cached_property
    def flawed(self):
        """Whether the format itself shows a fault in the cell of a row, such as an error cell (array of bool)."""
        return np.isin(self.table.numbers_of(self.name), list(self.flawed_rows))

    @cached_property
    def flawed_rows(self):
        """Numbers of the rows with such a fault."""
        return {flaw.row for flaw in self.table.flaws.get(self.name, ())}

    def present(self):
        """The distinct texts that say something -> how often each stands."""
        counts = self.content.counts.tolist()
        return {t: n for t, n, gone in zip(self.content.texts, counts, self.absent, strict=True) if n and not gone}

    def picked(self, chosen, *, flawed=True):
        """Row number and text of the cells with chosen texts, a truth value each; ``flawed`` cells among them or not."""
        chosen = np.asarray(chosen, dtype=bool)[self.content.codes]
        places = np.flatnonzero(chosen if flawed else chosen & ~self.flawed)
        texts, codes = self.content.texts, self.content.codes[places].tolist()
        rows = self.table.numbers_of(self.name)[places].tolist()
        return [(row, texts[code]) for row, code in zip(rows, codes, strict=True)]

    def spread(self, values, dtype=object):
        """The values of the rows from those of the distinct texts."""
        return np.array([*values, None], dtype=object)[:-1].astype(dtype)[self.content.codes]


def column_of(table, name, findings, *, missing=(), levels=(), decimal="", quiet=False):
    """A column that is known to be there, after noting what the file itself says about it.

    ``levels`` are codes with a meaning in this column, so that none of them means "not recorded"; ``decimal`` is its decimal
    mark where that is not the one of the file.
    """
    name = unicodedata.normalize("NFC", name)
    declared = (*table.missing, *(code.strip() for code in missing))
    column = _Column(table, name, table.cells_of(name), declared, findings, decimal or table.decimal)
    if quiet:
        return column
    for flaw in table.flaws.get(name, ()):
        column.fault(flaw.rule, flaw.fix, flaw.row, flaw.value)
    for note in table.notes.get(name, ()):
        column.remark(note.rule, note.fix, rows=note.rows)
    said = [
        gone and text and text not in levels for gone, text in zip(column.absent, column.content.texts, strict=True)
    ]
    for code, rows in rows_of(column.picked(said)).items():
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
        rule = (
            f"the column {some(unused)} is not used" if len(unused) == 1 else f"the columns {some(unused)} are not used"
        )
        findings.remark(table.file, rule, "Declare under variables what the book is to use")
    personal = [name for name in unused if personal_header(name)]
    if personal:
        findings.remark(
            table.file,
            f"{some(personal)} may point to a person; not used, yet the file holds it",
            "Delete it from the file before the file is passed on",
        )


def number_in(text, decimal):
    """The number a cell holds, or None when it holds something else."""
    return numbers_in([text], decimal)[0]


def numbers_in(texts, decimal):
    """As `number_in`, for many texts."""
    if decimal != ".":
        texts = ["" if "." in text else text.replace(decimal, ".") for text in texts]
    is_plain = PLAIN_NUMBER.fullmatch
    return [_finite(float(text)) if is_plain(text) else None for text in texts]


def _finite(value):
    return None if math.isinf(value) else value


def number_hint(cell, decimal):
    """How to mend a cell that holds no plain number."""
    if plain_form(cell) in NOT_RECORDED or plain_form(cell) == "":
        return f"If it means not recorded, empty the cell or declare it: missing: [{yaml_line(cell)}]"
    if re.fullmatch(r"[+-]?\d{1,3}[.,]\d{3}", cell) and ("," in cell) == (decimal == "."):
        both = cell.replace(",", ".")
        return f"It may mean {re.sub('[.,]', '', cell)} or {both}: write it without a mark between the thousands"
    if limit_in(cell, decimal) is not None:
        return "It is a limit, not a number; write the value that was measured"
    if decimal == "." and re.fullmatch(r"[+-]?\d+,\d+", cell):
        return "Write a point as decimal mark"
    if decimal == "," and re.fullmatch(r"[+-]?\d+\.\d+", cell):
        return "Write a comma as decimal mark"
    # What stands behind the number is not quoted: it may be anything.
    if re.fullmatch(r"[+-]?\d+(?:[.,]\d+)?\s*(?:[^\W\d_]\D{0,14}|%)", cell):
        return "Write the number alone; its unit belongs into the study file (unit)"
    return ""


def limit_in(text, decimal):
    """The number in a cell such as ">20" or "< 0.5", a value beyond what was measured; None in any other cell."""
    match = re.fullmatch(r"(?:[<>≤≥＜＞]=?|[<>]\s*=)\s*(\S+)", text)
    return number_in(match[1], decimal) if match else None


def yaml_line(value):
    """A value as it can be pasted into a study file, on one line."""
    text = yaml.safe_dump(value, default_flow_style=True, allow_unicode=True, sort_keys=False, width=math.inf)
    return text.removesuffix("\n").removesuffix("\n...")


def unclear(column, meanings):
    """Cells without a meaning and cells in another spelling, each with the rows in which it stands.

    ``meanings`` holds for each text what it means and whether it is another spelling, or None.
    """
    found = [meanings[text] for text in column.content.texts]
    unknown = column.picked([one is None for one in found], flawed=False)
    variants = column.picked([one is not None and one[1] for one in found])
    return rows_of(unknown), rows_of(variants)

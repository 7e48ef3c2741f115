"""The one entry to every file format: `read_table`."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np

from aice_helpers.data.files.binary_workbook import binary_sheets
from aice_helpers.data.files.kinds import NAMES as KINDS
from aice_helpers.data.files.kinds import kind_of
from aice_helpers.data.files.numerals import with_plain_numerals
from aice_helpers.data.files.opendocument import opendocument_sheets
from aice_helpers.data.files.packed import BZIP2, XZ, only_table, unpack
from aice_helpers.data.files.rdata import read_r
from aice_helpers.data.files.sheets import read_sheets
from aice_helpers.data.files.statistics import read_parquet, read_records
from aice_helpers.data.files.table import ADVICE, FORMATS, MAX_FILE, NoTable, Table, file_name
from aice_helpers.data.files.text import read_text
from aice_helpers.data.files.workbook import read_workbook

_OF_R = ("rds", "rdata", "rda")

_WORKBOOKS = ("xlsx", "xls", "xlsb", "ods")


def read_table(source, findings, *, folder=Path(), digest=None, may_be_empty=False) -> Table | None:
    """Read one data file; None, with faults noted, when it is no table.

    Parameters
    ----------
    source : DataFile
        Name and format of the file; see `study.DataFile`. An absolute name is used as it is.
    findings : Findings
        Takes the faults and remarks.
    folder : path-like
        Where the file's name starts.
    digest : hash object, optional
        Is updated with the file's bytes.
    may_be_empty : bool
        Whether a table without rows is fine.
    """
    name = file_name(source.file)
    try:
        data = _content(Path(folder) / source.file)
        if digest is not None:
            digest.update(data)
        kind, content = _opened(source, name, data, findings)
        table = _read(kind, source, name, content, findings)
        if table is not None and source.skip_rows:
            # Formats with records skip here what the readers of sheets and text have not seen at all.
            table = table.take(~np.isin(table.numbers, source.skip_rows))
        if table is not None:
            table = with_plain_numerals(table, table.decimal)
        if table is not None and not table.n and not may_be_empty:
            raise NoTable("the table has a header but no rows", "Export the table again")
    except NoTable as error:
        others = "; ".join(one.rule for one in findings.remarks if one.setting and one.setting[0] == "sheet")
        fix = f"{error.fix}. Or the table is on another sheet ({others}): name it, sheet: NAME" if others else error.fix
        findings.fault(name, error.rule, fix, row=error.row, column=error.column)
        return None
    return table


def _content(path):
    try:
        if path.exists() and not path.is_file():
            raise NoTable("this is a folder or a device, not a file", "Name the file inside")
        if path.stat().st_size > MAX_FILE:
            raise NoTable("the file is far too large for a table of patients", "Export only the columns needed")
        return path.read_bytes()
    except OSError as error:
        reason = error.strerror or "unreadable"
    except ValueError:
        reason = "the name holds a character that no file name may hold"
    raise NoTable(f"the file cannot be read ({reason})", "Check the name in the study file")


def _opened(source, name, data, findings, packed=False):
    """Format and bytes of the table in a file, unpacked if it was packed."""
    suffix = file_name(source.file).rpartition(".")[2].lower()
    if not data:
        raise NoTable("the file is empty", "Export the table again")
    try:
        kind = kind_of(data)
    except NoTable as error:
        if "damaged" in error.rule and suffix in ADVICE and suffix != "zip":
            raise NoTable(f"a .{suffix} file cannot be read", ADVICE[suffix]) from None
        raise
    if kind == "zip" and FORMATS.get(suffix) in _WORKBOOKS:
        raise NoTable("the file is an archive without a workbook", "Save it again from a spreadsheet as .xlsx")
    if kind == "zip" and not packed:
        inner, data = only_table(data)
        return _opened(replace(source, file=inner), name, data, findings, packed=True)
    if kind == "gz" and suffix not in _OF_R and source.format != "rds" and not packed:
        inner = re.sub(r"\.gz$", "", source.file, flags=re.IGNORECASE)
        return _opened(replace(source, file=inner), name, unpack(data), findings, packed=True)
    if source.format:
        return source.format, data
    if suffix in ADVICE:
        raise NoTable(f"a .{suffix} file cannot be read", ADVICE[suffix])
    named = FORMATS.get(suffix, "csv")
    found = _agreed(named, kind, data)
    if found != named:
        findings.remark(
            name, f"the content is {KINDS[found]}, whatever the name says, and is read as such", "Rename it"
        )
    return found, data


def _agreed(named, kind, data):
    """The format by name and by content; what is neither is refused, and its content named."""
    if kind == named or (named == "rds" and (kind == "gz" or data.startswith((BZIP2, XZ)))):
        return named
    if not kind and named in ("csv", "dta"):
        # Old Stata files begin with a byte that text may begin with as well.
        return named
    if kind in _WORKBOOKS and named in ("csv", *_WORKBOOKS):
        return kind
    if not kind and named in _WORKBOOKS and _is_text(data):
        # Clinical systems write text and call it a workbook, which spreadsheets put up with.
        return "csv"
    if not kind:
        what = "text" if _is_text(data) else "something else"
        raise NoTable(f"the content is not {KINDS[named]}, as the name says, but {what}", "Export the table again")
    raise NoTable(
        f"the content is {KINDS[kind]}, not {KINDS[named]} as the name says",
        f"Rename it to .{kind}, or write in the study file: format: {kind}",
    )


def _is_text(data):
    return b"\0" not in data[:4000]


def _read(kind, source, name, data, findings):
    """The `Table` of bytes of one format."""
    if kind in ("xls", "xlsb"):
        return read_sheets(source, name, binary_sheets(data, kind), findings)
    if kind == "ods":
        return read_sheets(source, name, opendocument_sheets(data), findings)
    readers = {"csv": read_text, "xlsx": read_workbook, "parquet": read_parquet, "rds": read_r}
    if kind in readers:
        return readers[kind](source, name, data, findings)
    return read_records(source, name, data, findings, kind)

"""The table that a study file is drafted from, its columns, and how it must be read."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from aice_helpers.core.problems import Findings, StudyError
from aice_helpers.data.files.reading import read_table
from aice_helpers.draft.headers import Column, decimal_mark
from aice_helpers.study.model import DataFile

HEADER_ROWS = 6
"""Rows in which a header is looked for when the first is none."""


def read_columns(path, sheet):
    """A file's `DataFile`, the settings found for it (key -> (value, note)) and its columns."""
    first = None
    for header in range(1, HEADER_ROWS + 1):
        source, findings = DataFile(str(path), sheet=sheet, header=header), Findings()
        table = read_table(source, findings)
        first = first or findings
        if table is not None:
            break
    if table is None:
        raise StudyError(first.faults)
    settings = _settings(source, table, findings)
    contents = [[cell for _, cell in table.column(name)] for name in table.header]
    decimal = "." if table.typed else decimal_mark(contents)
    if decimal != ".":
        settings["decimal"] = decimal, "numbers are written with a comma"
    columns = [
        Column(name, tuple(cells), decimal, table.labels.get(name, {}))
        for name, cells in zip(table.header, contents, strict=True)
    ]
    return source, settings, columns


def _settings(source, table, findings):
    """Settings that the reader found out by itself, kept when reading with them gives the same table."""
    found = {}
    if source.sheet:
        found["sheet"] = source.sheet
    found |= dict(remark.setting for remark in findings.remarks if remark.setting is not None)
    again = read_table(replace(source, **found), Findings())
    if again is None or not again.same_cells(table):
        found = {}
    notes = {key: (value, "as detected") for key, value in found.items()}
    if source.header > 1:
        notes["header"] = source.header, "the rows above are no table"
    return notes


def relative(file, folder):
    try:
        return Path(os.path.relpath(file, folder)).as_posix()
    except ValueError:
        # Two drives of Windows have no path between them.
        return Path(file).absolute().as_posix()

"""The table that a study file is drafted from, its columns, and how it must be read."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from aice_helpers.core.problems import Findings, StudyError
from aice_helpers.data.files.reading import read_table
from aice_helpers.data.shapes.reading import reshaped
from aice_helpers.draft.headers import Column, decimal_mark
from aice_helpers.draft.shapes.all_shapes import recognized
from aice_helpers.study.model import DataFile

HEADER_ROWS = 6
"""Rows in which a header is looked for when the first is none."""


def read_columns(path, sheet, *, may_be_empty=False):
    """A file's `DataFile`, the settings found for it (key -> (value, note)) and its columns."""
    source, settings, table = read_source(path, sheet, may_be_empty=may_be_empty)
    return source, settings, columns_of(table, settings)


def read_source(path, sheet, *, may_be_empty=False):
    """A file's `DataFile`, the settings found for it (key -> (value, note)) and its `Table`."""
    first = None
    for header in range(1, HEADER_ROWS + 1):
        source, findings = DataFile(str(path), sheet=sheet, header=header), Findings()
        table = read_table(source, findings, may_be_empty=may_be_empty)
        first = first or findings
        if table is not None:
            break
    if table is None:
        raise StudyError(first.faults)
    return source, _settings(source, table, findings), table


def read_reshaped(path, sheet, folder):
    """A file's `DataFile`, its settings, its columns, and what was recognized of its shape (None if nothing was)."""
    source, settings, table = read_source(path, sheet)
    shape = recognized(table, path, folder)
    if shape is None:
        return source, settings, columns_of(table, settings), None
    findings = Findings()
    table = reshaped(table, shape.source, findings, folder=folder)
    if table is None:
        raise StudyError(findings.faults)
    settings |= shape.settings
    return source, settings, columns_of(table, settings), shape


def columns_of(table, settings):
    """The `Column` s of a table; a decimal comma is noted among the settings."""
    contents = [[cell for _, cell in table.column(name)] for name in table.header]
    decimal = "." if table.typed else decimal_mark(contents)
    if decimal != ".":
        settings["decimal"] = decimal, "numbers are written with a comma"
    return [
        Column(name, tuple(cells), decimal, table.labels.get(name, {}), table.titles.get(name, ""))
        for name, cells in zip(table.header, contents, strict=True)
    ]


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

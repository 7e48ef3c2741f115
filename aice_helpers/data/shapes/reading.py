"""From the files that a study file names to one table: rows chosen, reshaped, joined, numbered."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from aice_helpers.data.files.cells import Cells
from aice_helpers.data.files.reading import read_table
from aice_helpers.data.shapes.adtte import wide_adtte
from aice_helpers.data.shapes.filters import chosen_rows
from aice_helpers.data.shapes.joining import joined_table
from aice_helpers.data.shapes.prism import prism_rows
from aice_helpers.data.shapes.redcap import redcap_patients
from aice_helpers.data.shapes.start_stop import collapsed_rows
from aice_helpers.data.shapes.wide_events import long_events

_SHAPES = {
    "adtte": wide_adtte, "prism": prism_rows, "redcap": redcap_patients, "start-stop": collapsed_rows,
    "wide-events": long_events,
}  # fmt: skip


def read_shaped(source, findings, *, folder, digest=None, may_be_empty=False):
    """The `Table` of a `DataFile`, one row a patient (or an event); None, with faults noted, when there is none.

    Parameters
    ----------
    source : DataFile
    findings : Findings
        Takes the faults and remarks.
    folder : path-like
        Where the file's name starts.
    digest : hash object, optional
        Is updated with the bytes of every file that is read.
    may_be_empty : bool
        Whether a table without rows is fine.
    """
    table = read_table(source, findings, folder=folder, digest=digest, may_be_empty=may_be_empty)
    if table is None:
        return None
    return reshaped(table, source, findings, folder=folder, digest=digest, may_be_empty=may_be_empty)


def reshaped(table, source, findings, *, folder, digest=None, may_be_empty=False):
    """A table as its file holds it -> the table that its `DataFile` declares; None with faults noted."""
    table = chosen_rows(table, source.rows, findings, may_be_empty=may_be_empty)
    if table is not None and source.shape:
        table = _SHAPES[source.shape](table, source, findings)
    for other in source.joined if table is not None else ():
        part = read_shaped(other, findings, folder=folder, digest=digest)
        table = None if part is None else joined_table(table, part, other.by, findings)
        if table is None:
            return None
    if table is not None and source.row_number:
        return _numbered(table, source.row_number, findings)
    return table


def _numbered(table, name, findings):
    if name in table.header:
        findings.fault(
            table.file,
            f"the row number was to become the column {name!r}, which the file has already",
            "Give row_number another name",
        )
        return None
    cells = Cells.of(np.char.mod("%d", table.numbers).tolist())
    return replace(table, header=(name, *table.header), cells=(cells, *table.cells))

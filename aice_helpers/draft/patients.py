"""Which column numbers the patients, and which rows are one row a patient."""

from __future__ import annotations

from dataclasses import replace

from aice_helpers.data.repeats import repeats_patients, telling_columns
from aice_helpers.draft import roles
from aice_helpers.draft.headers import Column
from aice_helpers.study.model import Guess
from aice_helpers.study.writer import mapped

ROW_NUMBER = "row"
"""Name of the column of row numbers in a file that numbers no patients."""


def patients_of(columns, settings):
    """The id column, the columns of one row a patient, and the questions about both.

    ``settings`` of the data file gets ``rows`` where each patient has several rows that one column tells apart, and
    ``row_number`` where no column numbers the patients.
    """
    n = len(columns[0].cells)
    repeated = next((c for c in columns if repeats_patients(c.header, c.present, n) and len(c.present) == n), None)
    if repeated is not None:
        return _chosen(repeated, columns, settings)
    ids = max(columns, key=roles.id_score)
    if roles.id_score(ids):
        return ids, columns, []
    name = next(name for name in (ROW_NUMBER, "row_number", "number_of_row") if name not in {c.header for c in columns})
    settings["row_number"] = name, "each row is taken for one patient"
    numbers = Column(name, tuple(str(number) for number in range(2, n + 2)))
    reason = "no column numbers the patients; each row is taken for one, by its number"
    return numbers, [numbers, *columns], [Guess("patients.row_number", reason, name, ("the column with role: id",))]


def _chosen(ids, columns, settings):
    """The rows of one kind, where a column tells the rows of each patient apart."""
    others = [(column.header, column.cells) for column in columns if column is not ids]
    telling = telling_columns(others, ids.cells)
    several = f"the patients in {ids.header!r} have several rows each"
    if not telling:
        return ids, columns, [Guess("patients.rows", f"{several}, and no column tells them apart")]
    name, kinds = telling[0]
    settings["rows"] = {name: kinds[0]}, f"{several}; choose those of one kind"
    kept = [cell == kinds[0] for cell in dict(others)[name]]
    columns = [
        replace(column, cells=tuple(cell for cell, keep in zip(column.cells, kept, strict=True) if keep))
        for column in columns
    ]
    lines = tuple(f"rows: {mapped({name: kind})}" for kind in kinds[1:])
    guess = Guess(
        "patients.rows",
        f"{several}; only those with {kinds[0]!r} in {name!r} are read, whose events may be of one kind",
        "",
        lines,
    )
    return next(c for c in columns if c.header == ids.header), columns, [guess]

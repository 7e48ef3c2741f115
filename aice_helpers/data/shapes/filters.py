"""Only the rows that the study file asks for, such as those of one parameter."""

from __future__ import annotations

import numpy as np

from aice_helpers.core.problems import QUOTED
from aice_helpers.data.columns import find_column

_FEW = 12
"""How many contents of a column a message lists."""


def chosen_rows(table, wanted, findings, *, may_be_empty=False):
    """The rows in which every column of ``wanted`` holds one of its contents; None, with the fault noted, if none does.

    Parameters
    ----------
    table : Table
    wanted : dict
        Column -> contents of which a row must hold one.
    findings : Findings
    may_be_empty : bool
        Whether no row at all is fine.
    """
    if not all([find_column(table, column, findings, "the choice of rows (rows)") for column in wanted]):
        return None
    keep = np.ones(table.n, dtype=bool)
    for column, contents in wanted.items():
        cells = table.cells_of(column)
        unknown = [one for one in contents if one not in cells.texts]
        if unknown and table.n:
            listed = ", ".join(repr(text[:QUOTED]) for text in cells.texts[:_FEW] if findings.quotable(text) == text)
            more = " and more" if len(cells.texts) > _FEW else ""
            findings.fault(
                table.file,
                f"no row holds {unknown[0]!r}, which the study file asks for (rows)",
                f"The column holds {listed}{more}",
                column=column,
            )
            return None
        keep &= cells.at(place for place, text in enumerate(cells.texts) if text in contents)
    if not wanted:
        return table
    asked = ", ".join(f"{column} = {' or '.join(contents)}" for column, contents in wanted.items())
    left = int(keep.sum())
    if not left and not may_be_empty:
        findings.fault(table.file, f"no row is left of those with {asked}", "Correct the choice (rows)")
        return None
    rule = f"only the rows with {asked} are read: {left} of {table.n}"
    findings.remark(table.file, rule, "Nothing to do if these are the right ones")
    return table.take(keep)

"""Adverse events with a column a kind of event: each patient's filled cells become rows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from aice_helpers.core.problems import plain_form
from aice_helpers.data.columns import find_column
from aice_helpers.data.files.cells import Cells

TERM, GRADE = "event", "grade"
"""Columns of the result beside those that the table has besides."""

NO_EVENT = ("", "0", "0.0", "none", "no", "grade 0", "nein", "non", "keine", "无", "否")
"""Plain forms of cells that say that the patient did not have the event."""


def long_events(table, source, findings):
    """One row an event.

    Parameters
    ----------
    table : Table
        One row a patient.
    source : DataFile
        Its ``columns`` say which columns hold grades: name of the column -> name of the event.
    findings : Findings

    Returns
    -------
    Table or None
        The other columns, then `TERM` and `GRADE`. None, with faults noted, when a column is not there.
    """
    if not source.columns:
        fix = "Name them in the study file, for example: columns: {nausea_grade: Nausea, anemia_grade: Anemia}"
        findings.fault(table.file, "it is not said which columns hold the grades of adverse events", fix)
        return None
    if not all([find_column(table, name, findings, f"the event {label}") for name, label in source.columns.items()]):
        return None
    kept = [name for name in table.header if name not in source.columns]
    places, terms, grades, without = [], [], [], 0
    for name, label in source.columns.items():
        for place, (_, cell) in enumerate(table.column(name)):
            if plain_form(cell) in NO_EVENT or cell in table.missing:
                without += bool(cell)
                continue
            places.append(place)
            terms.append(label)
            grades.append(cell)
    order = np.argsort(np.array(places, dtype=int), kind="stable")
    chosen = np.array(places, dtype=int)[order]
    result = table.take(chosen)
    cells = [result.cells_of(name) for name in kept]
    cells += [Cells.of([texts[place] for place in order]) for texts in (terms, grades)]
    rule = f"adverse events: {len(source.columns)} columns of {table.n} patients hold {len(places)} events"
    findings.remark(table.file, rule, "Nothing to do")
    if without:
        rule = "cells such as 0 or none say that the patient did not have the event"
        findings.remark(table.file, rule, "Nothing to do if so", count=without)
    return replace(result, header=(*kept, TERM, GRADE), cells=tuple(cells))

"""Start-stop rows: several intervals a patient become one, from the first start to the last stop.

A covariate keeps the value that it has in the first interval. That is right for survival itself and for what is known at
the start; a model of a covariate that changes (Therneau and Grambsch 2000, chapter 3) is not part of this book.
"""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np

from aice_helpers.data.columns import find_column, number_in
from aice_helpers.data.files.cells import Cells

COLUMNS = {"id": "id", "start": "start", "stop": "stop", "event": "event"}

CENSORED = ("", "0", "0.0")


def collapsed_rows(table, source, findings):
    """One row a patient of a table of intervals.

    Parameters
    ----------
    table : Table
    source : DataFile
        Its ``columns`` name the columns where they are called otherwise than in `COLUMNS`.
    findings : Findings

    Returns
    -------
    Table or None
        None, with faults noted, when the intervals of a patient overlap, leave a gap or go on after an event.
    """
    names = COLUMNS | source.columns
    if not all([find_column(table, names[what], findings, f"the {what} of the intervals") for what in COLUMNS]):
        return None
    starts, stops = (_numbers(table, names[what], findings) for what in ("start", "stop"))
    if starts is None or stops is None:
        return None
    events = list(table.cells_of(names["event"]))
    patients, intervals = table.cells_of(names["id"]).codes, {}
    for place in np.lexsort((starts, patients)).tolist():
        intervals.setdefault(int(patients[place]), []).append(place)
    _judge_intervals(table, intervals, starts, stops, events, findings)
    if findings.faults:
        return None
    ordered = sorted(intervals.values(), key=min)
    first, last = np.array([places[0] for places in ordered]), np.array([places[-1] for places in ordered])
    return _collapsed(table, names, first, last, intervals, findings)


def _numbers(table, name, findings):
    values = [(row, cell, number_in(cell, table.decimal)) for row, cell in table.column(name)]
    for row, cell, value in values:
        if value is None:
            findings.fault(table.file, "a number is needed here", "Correct the cell", row=row, column=name, value=cell)
    return None if any(value is None for *_, value in values) else np.array([value for *_, value in values])


def _judge_intervals(table, intervals, starts, stops, events, findings):
    """Each patient's intervals follow each other, and an event ends the last one only; a fault tells all rows of its kind."""
    rows = table.numbers
    backward = np.flatnonzero(starts >= stops)
    if len(backward):
        rule, fix = "the interval does not end after its start", "Correct one of the two times"
        findings.fault(table.file, rule, fix, rows=rows[backward].tolist())
    pairs = [pair for places in intervals.values() for pair in itertools.pairwise(places)]
    before, after = np.array(pairs, dtype=int).reshape(-1, 2).T
    jump, tolerance = starts[after] - stops[before], 1e-6 * np.maximum(1.0, np.abs(stops[before]))
    ended = np.array([events[place] not in CENSORED for place in before], dtype=bool)
    for wrong, rule, fix in (
        (jump < -tolerance, "the interval overlaps that of row {0}", "Correct the times"),
        (
            jump > tolerance,
            "time is missing between this interval and that of row {0}",
            "Add the interval, or leave the patient out",
        ),
        (
            ended,
            "the intervals go on after the event of row {0}; the book counts one event a patient",
            "Keep the intervals up to the first event, or one row a patient",
        ),
    ):
        found = np.flatnonzero(wrong)
        if len(found):
            others = f"{{0}}, and so on in {len(found)} rows" if len(found) > 1 else "{0}"
            words = rule.format(others.format(rows[before[found[0]]]))
            findings.fault(table.file, words, fix, rows=sorted(rows[after[found]].tolist()))


def _collapsed(table, names, first, last, intervals, findings):
    result, ends = table.take(first), table.take(last)
    moved = [names["stop"], names["event"]]
    cells = [ends.cells_of(name) if name in moved else result.cells_of(name) for name in table.header]
    origins = result.origins | dict.fromkeys(moved, (table.file, ends.numbers))
    changing = [
        name
        for name in table.header
        if name not in names.values()
        and any(len(set(table.cells_of(name).codes[places].tolist())) > 1 for places in intervals.values())
    ]
    rule = f"start-stop rows: {table.n} intervals became {result.n} patients"
    findings.remark(table.file, rule, "Nothing to do")
    if changing:
        listed = ", ".join(map(repr, changing))
        findings.remark(
            table.file,
            f"the columns {listed} change during follow-up; the book reads the value of the first interval",
            "Read it as the value at the start; how a later change acts is not analysed here",
        )
    return replace(result, cells=tuple(Cells.of(list(one)) for one in cells), origins=origins)

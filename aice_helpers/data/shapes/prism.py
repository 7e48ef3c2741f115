"""GraphPad Prism's survival table: a time, and for each group a column of 0 and 1; each row is one subject of one group."""

from __future__ import annotations

from dataclasses import replace

from aice_helpers.data.columns import number_in
from aice_helpers.data.files.cells import Cells

EVENT, GROUP, ROW = "event", "group", "row"
"""Columns of the result beside the time."""

_EVENT_CODES = {0.0: "0", 1.0: "1"}


def prism_rows(table, source, findings):
    """One row a subject: its row number, the time, the event (1 event, 0 censored) and the group.

    Parameters
    ----------
    table : Table
    source : DataFile
        ``columns`` may name the ``time``; the first column is it otherwise.
    findings : Findings

    Returns
    -------
    Table or None
        None, with faults noted, when a row holds no code or codes of several groups, or a cell is neither 0 nor 1.
    """
    time = source.columns.get("time", table.header[0])
    if time not in table.header:
        findings.fault(table.file, "the column for the time is not there", "Correct its name (columns)", column=time)
        return None
    groups = [name for name in table.header if name != time]
    filled = {name: [(row, cell) for row, cell in table.column(name)] for name in groups}
    events, labels = [], []
    for place, row in enumerate(table.numbers.tolist()):
        codes = {name: cells[place][1] for name, cells in filled.items() if cells[place][1]}
        wrong = [name for name, cell in codes.items() if number_in(cell, table.decimal) not in _EVENT_CODES]
        if wrong:
            rule = "a Prism survival table holds 1 (event), 0 (censored) or nothing here"
            findings.fault(table.file, rule, "Correct the cell", row=row, column=wrong[0], value=codes[wrong[0]])
        elif len(codes) != 1:
            rule = "the row holds no code of any group" if not codes else "the row holds codes of several groups"
            fix = "Give every subject a row of its own with one code in the column of its group"
            findings.fault(table.file, rule, fix, row=row)
        else:
            name, cell = next(iter(codes.items()))
            events.append(_EVENT_CODES[number_in(cell, table.decimal)])
            labels.append(name)
    if len(events) < table.n:
        return None
    cells = [
        Cells.of([str(row) for row in table.numbers.tolist()]),
        table.cells_of(time),
        *map(Cells.of, (events, labels)),
    ]
    rule = f"Prism's survival table: {table.n} subjects in {len(groups)} groups"
    findings.remark(table.file, rule, "Nothing to do")
    return replace(table, header=(ROW, time, EVENT, GROUP), cells=tuple(cells))

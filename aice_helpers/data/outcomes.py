"""Time-to-event outcomes: times, event codes, and their order."""

from __future__ import annotations

import math

import pandas as pd

from aice_helpers.core.problems import QUOTED
from aice_helpers.data.columns import column_of, number_hint, number_in, unclear
from aice_helpers.data.levels import meaning_of
from aice_helpers.data.privacy import DATE
from aice_helpers.data.quality import odd_times
from aice_helpers.study.model import DAYS_OF

DECLARE_DATES = (
    "Compute the time from time zero, or declare the columns of dates under dates and the endpoint by first_of"
)


def judge_endpoint(study, table, endpoint, findings):
    times = _judge_times(endpoint.unit or study.time_unit, column_of(table, endpoint.time, findings))
    times *= DAYS_OF[endpoint.unit or study.time_unit] / DAYS_OF[study.time_unit]
    column = column_of(table, endpoint.event, findings, quiet=True)
    for flaw in table.flaws.get(column.name, ()):
        column.fault(flaw.rule, flaw.fix, flaw.row, flaw.value)
    for note in table.notes.get(column.name, ()):
        column.remark(note.rule, note.fix, rows=note.rows)
    codes = {endpoint.event_value: "event", endpoint.censored_value: "censored"}
    meanings = {cell: _event_meaning(cell, codes, column) for cell in dict.fromkeys(cell for _, cell in column.cells)}
    unknown, variants = unclear(column, meanings)
    for cell, rows in unknown.items():
        rule = f"the event code is neither {endpoint.event_value} (event) nor {endpoint.censored_value} (censored)"
        fix = "Correct the cell, or the codes in the study file"
        present = [code for code in meanings if code]
        if len(present) == 2 and cell:
            fix += (
                f" (event_value, censored_value): the column holds {present[0][:QUOTED]!r} and {present[1][:QUOTED]!r}"
            )
        column.fault(rule, fix, rows[0], cell, rows=rows)
    for cell, rows in variants.items():
        rule = f"another spelling of the event code is read as {meanings[cell][0]}"
        column.remark(rule, "Spell it alike if it is the same", value=cell, rows=rows)
    events = [meanings[cell] is not None and meanings[cell][0] == "event" for _, cell in column.cells]
    return pd.DataFrame({"time": pd.Series(times, dtype="float64"), "event": pd.Series(events, dtype=bool)})


def _event_meaning(cell, codes, column):
    """What an event cell means; unlike a level, an empty or missing one means nothing."""
    meaning = meaning_of(cell, codes, column) if cell else None
    return None if meaning is None or meaning[0] is None else meaning


def _judge_times(unit, column):
    decimal, times = column.table.decimal, []
    for row, cell in column.cells:
        missing = column.is_missing(cell)
        value = None if missing else number_in(cell, decimal)
        if row in column.flawed_rows:
            value = None
        elif missing:
            column.fault("a follow-up time is missing", "Fill it in or leave the patient out", row)
        elif value is None and DATE.fullmatch(cell):
            rule = f"a date stands where a time in {unit} is needed"
            column.fault(rule, DECLARE_DATES, row, cell)
        elif value is None:
            rule = f"a time in {unit} is needed"
            column.fault(rule, number_hint(cell, decimal) or "Write a plain number", row, cell)
        elif value < 0:
            column.fault("a follow-up time is negative", "Correct the dates it was computed from", row, cell)
            value = None
        times.append(math.nan if value is None else value)
    times = pd.Series(times, dtype="float64")
    dates = odd_times(times.to_numpy(), unit)
    if dates:
        column.fault(dates, DECLARE_DATES)
    return times


def judge_order(study, table, outcomes, findings):
    """No endpoint may last longer than the one that bounds it."""
    for name, endpoint in study.endpoints.items():
        if name not in outcomes or study.bound(name) not in outcomes:
            continue
        bound = study.endpoints[study.bound(name)]
        own, limit = outcomes[name], outcomes[bound.name]
        # A time stored in single precision differs from the same time in double precision by a ten-millionth.
        longer = own["time"] > limit["time"] + 1e-9 + 2e-7 * limit["time"]
        unseen = limit["event"] & ~own["event"]
        for place in longer[longer].index:
            dead = f", after the {bound.event_label}" if limit["event"][place] and own["event"][place] else ""
            findings.fault(
                table.file_of(endpoint.time),
                f"{name} lasts longer than {bound.name}{dead}",
                "Correct one of the two times",
                row=int(table.numbers_of(endpoint.time)[place]),
                column=endpoint.time,
            )
        for place in unseen[unseen & ~longer].index:
            findings.remark(
                table.file_of(endpoint.event),
                f"{bound.name} has an event, yet {name} is censored",
                f"Check whether it counts as {endpoint.event_label}",
                row=int(table.numbers_of(endpoint.event)[place]),
                column=endpoint.event,
            )

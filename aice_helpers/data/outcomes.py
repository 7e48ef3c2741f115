"""Time-to-event outcomes: times, event codes, and their order."""

from __future__ import annotations

import math

import numpy as np

from aice_helpers.core.problems import QUOTED
from aice_helpers.data.columns import column_of, number_hint, number_in, unclear
from aice_helpers.data.levels import meaning_of
from aice_helpers.data.outcome import Outcome
from aice_helpers.data.privacy import DATE
from aice_helpers.data.quality import odd_times

DECLARE_DATES = (
    "Compute the time from time zero, or declare the columns of dates under dates and the endpoint by first_of"
)


def judge_endpoint(study, table, endpoint, findings) -> Outcome:
    """One endpoint's times, in the study's unit, and states; who lacks one of them is missing, and said."""
    unit = study.unit_of(endpoint.name)
    times = column_of(table, endpoint.time, findings)
    states = column_of(table, endpoint.event, findings, levels=(endpoint.event_value, endpoint.censored_value))
    time, state = _judge_times(unit, times), _judge_states(endpoint, states)
    _judge_missing(endpoint, times, states)
    time = np.where(state >= 0, time * (study.days_in(unit) / study.days_in(study.time_unit)), np.nan)
    return Outcome(time, state == 1, causes=(endpoint.event_label,))


def _judge_states(endpoint, column):
    """State of each patient: 1 with the event, 0 censored, -1 not known."""
    codes = {endpoint.event_value: "event", endpoint.censored_value: "censored"}
    meanings = {text: meaning_of(text, codes, column) for text in column.content.texts}
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
    return column.spread([{"event": 1, "censored": 0}.get(each and each[0], -1) for each in meanings.values()], int)


def _judge_missing(endpoint, times, states):
    """Say who is left out of an endpoint for want of a time or a state; a fault where that may not be."""
    name, codes = endpoint.name, (endpoint.event_value, endpoint.censored_value)
    timed = ~times.spread(times.absent, bool)
    absent = [gone and text not in codes for text, gone in zip(states.content.texts, states.absent, strict=True)]
    stated = ~states.spread(absent, bool)
    for what, column, left_out in (("time", times, ~timed), ("state", states, timed & ~stated)):
        gaps = column.table.numbers[left_out].tolist()
        if gaps and endpoint.complete:
            rule = f"{name} is declared complete, and the {what} is missing"
            column.fault(rule, "Fill it in, or take `complete: true` away", rows=gaps)
        elif gaps:
            rule = f"no {what} is recorded, so {name} leaves the patient out"
            fix = f"Fill in what can be found; `complete: true` under {name} makes it a fault"
            column.remark(rule, fix, rows=gaps)
    if not (timed & stated).any():
        states.fault(f"{name}: no patient has both a time and a state", "Name the right columns")
    elif not endpoint.complete:
        _judge_blank_states(endpoint, states, timed, timed & stated)


def _judge_blank_states(endpoint, column, timed, known):
    """An empty state may stand for the code that a file never writes: then only the study file can say so."""
    texts, codes = column.content.texts, column.content.codes
    seen = [texts[code] for code in np.unique(codes[known])]
    blank = timed & ~known & (codes == texts.index("")) if "" in texts else np.zeros(len(codes), dtype=bool)
    if len(seen) > 1 or not blank.any():
        return
    absent = "event_value" if seen[0] == endpoint.censored_value else "censored_value"
    rule = (
        f"{endpoint.name}: every recorded state is {seen[0][:QUOTED]!r}, and patients with a time have none; "
        "an empty state may be the other one"
    )
    fix = f'Where it is, write {absent}: ""; where it is not known, write unknown there and declare it under missing'
    column.fault(rule, fix, rows=column.table.numbers[blank].tolist())


def _judge_times(unit, column):
    """Times as numbers, missing (nan) where there is none."""
    numbers = column.numbers
    values = np.array([math.nan if number is None else number for number in numbers], dtype=float)
    bad = np.array([number is None for number in numbers], dtype=bool)
    for row, cell in column.picked(bad | (values < 0), flawed=False):
        if number_in(cell, column.table.decimal) is not None:
            column.fault("a follow-up time is negative", "Correct the dates it was computed from", row, cell)
        elif DATE.fullmatch(cell):
            column.fault(f"a date stands where a time in {unit} is needed", DECLARE_DATES, row, cell)
        else:
            fix = number_hint(cell, column.table.decimal) or "Write a plain number"
            column.fault(f"a time in {unit} is needed", fix, row, cell)
    times = column.spread(np.where(values < 0, math.nan, values), float)
    dates = odd_times(times, unit)
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
        spare = 1e-9 + 2e-7 * limit.time + _rounding(study, table, endpoint, bound)
        longer = own.time > limit.time + spare
        unseen = limit.event & ~own.event & own.known
        for place in np.flatnonzero(longer):
            dead = f", after the {bound.event_label}" if limit.event[place] and own.event[place] else ""
            findings.fault(
                table.file_of(endpoint.time),
                f"{name} lasts longer than {bound.name}{dead}",
                "Correct one of the two times",
                row=int(table.numbers_of(endpoint.time)[place]),
                column=endpoint.time,
            )
        for place in np.flatnonzero(unseen & ~longer):
            findings.remark(
                table.file_of(endpoint.event),
                f"{bound.name} has an event, yet {name} is censored",
                f"Check whether it counts as {endpoint.event_label}",
                row=int(table.numbers_of(endpoint.event)[place]),
                column=endpoint.event,
            )


def _rounding(study, table, one, other):
    """By how much two times of one moment may differ where they were rounded in two units; 0 in one unit."""
    units = [study.unit_of(endpoint.name) for endpoint in (one, other)]
    if units[0] == units[1]:
        return 0.0
    spare = 0.0
    for endpoint, unit in zip((one, other), units, strict=True):
        decimals = max(len(text.partition(table.decimal)[2]) for text in table.cells_of(endpoint.time).texts)
        spare += 10.0**-decimals / 2 * study.days_in(unit) / study.days_in(study.time_unit)
    return spare

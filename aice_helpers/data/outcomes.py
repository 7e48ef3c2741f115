"""Time-to-event outcomes: times, event codes, and their order."""

from __future__ import annotations

import math

import numpy as np

from aice_helpers.core.problems import QUOTED
from aice_helpers.data.columns import column_of, number_hint, number_in, unclear
from aice_helpers.data.levels import meaning_of
from aice_helpers.data.outcome import CENSORED, Outcome
from aice_helpers.data.privacy import DATE
from aice_helpers.data.quality import odd_times
from aice_helpers.data.suspicion import looks_like_entry, named_like_entry

DECLARE_DATES = (
    "Compute the time from time zero, or declare the columns of dates under dates and the endpoint by first_of"
)


def judge_endpoint(study, table, endpoint, findings) -> Outcome:
    """One endpoint's times, in the study's unit, and states; who lacks one of them is missing, and said."""
    unit = study.unit_of(endpoint.name)
    times = column_of(table, endpoint.time, findings)
    states = column_of(table, endpoint.event, findings, levels=tuple(endpoint.end_of_code))
    causes = (*endpoint.event_kinds, *endpoint.competing)
    censorings = tuple(dict.fromkeys(reason or CENSORED for reason in endpoint.censored_value.values()))
    places = {("censored", reason): -place for place, reason in enumerate(censorings)}
    places |= {("event", kind): place for place, kind in enumerate(endpoint.event_kinds, 1)}
    places |= {("competing", kind): causes.index(kind) + 1 for kind in endpoint.competing}
    ends = _judge_states(endpoint, states)
    _judge_missing(endpoint, times, states)
    known = states.spread([end is not None for end in ends], bool)
    cause = states.spread([0 if end is None else places[end[0], end[1] or CENSORED] for end in ends], int)
    in_unit = study.days_in(unit) / study.days_in(study.time_unit)
    time = np.where(known, _judge_times(unit, times) * in_unit, np.nan)
    entry = None
    if endpoint.entry:
        entry = _judge_entries(endpoint, column_of(table, endpoint.entry, findings), unit, time / in_unit) * in_unit
    return Outcome(time, cause, causes, censorings, tuple(range(1, len(endpoint.event_kinds) + 1)), entry)


def _judge_states(endpoint, column):
    """What each text of a column of states stands for (see `Endpoint.end_of_code`), or None where that is not known."""
    ends = endpoint.end_of_code
    meanings = {text: meaning_of(text, {code: code for code in ends}, column) for text in column.content.texts}
    unknown, variants = unclear(column, meanings)
    codes = [code[:QUOTED] for code in meanings if code]
    present = f"The column holds {codes[0]!r} and {codes[1]!r}" if len(codes) == 2 else ""
    declared = ", ".join(f"{code or 'empty'} ({kind or what})" for code, (what, kind) in ends.items())
    for cell, rows in unknown.items():
        rule = f"the event code is none of those declared for {endpoint.name}: {declared}"
        fix = (
            f"Correct the cell, or declare the code: event_value if it means {endpoint.event_label}, censored_value if the "
            f"observation ended without it, competing if it rules it out (each may list several). {present}"
        ).rstrip(". ")
        column.fault(rule, fix, rows[0], cell, rows=rows)
    for cell, rows in variants.items():
        what, kind = ends[meanings[cell][0]]
        rule = f"another spelling of the event code is read as {kind or what}"
        column.remark(rule, "Spell it alike if it is the same", value=cell, rows=rows)
    return [None if each is None or each[0] is None else ends[each[0]] for each in meanings.values()]


def _judge_entries(endpoint, column, unit, time):
    """From when on each patient is observed, in the unit of the file; a patient without a time has none."""
    entry = _judge_times(unit, column, what="a time of entry")
    numbers = column.table.numbers
    absent = np.isnan(entry) & np.isfinite(time)
    blank = absent & column.spread(column.absent, bool)
    if blank.any():
        fix = "Fill it in; who is observed from time zero on has 0"
        column.fault(f"{endpoint.name}: no time of entry is recorded", fix, rows=numbers[blank].tolist())
    late = entry >= time
    if late.any():
        rule = f"{endpoint.name}: the patient enters at or after the end of observation and was never at risk"
        column.fault(
            rule, "Correct one of the two times, or leave the patient out by rows", rows=numbers[late].tolist()
        )
    # What is a fault already must not stop the others from being found.
    return np.where(np.isfinite(entry) & ~late, entry, -np.inf if not np.isfinite(time).any() else np.nanmin(time) - 1)


def _judge_missing(endpoint, times, states):
    """Say who is left out of an endpoint for want of a time or a state; a fault where that may not be."""
    name, codes = endpoint.name, endpoint.end_of_code
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
    absent = "event_value" if seen[0] in endpoint.censored_value else "censored_value"
    rule = (
        f"{endpoint.name}: every recorded state is {seen[0][:QUOTED]!r}, and patients with a time have none; "
        "an empty state may be the other one"
    )
    fix = f'Where it is, write {absent}: ""; where it is not known, write unknown there and declare it under missing'
    column.fault(rule, fix, rows=column.table.numbers[blank].tolist())


def _judge_times(unit, column, *, what="a follow-up time"):
    """Times as numbers, missing (nan) where there is none."""
    numbers = column.numbers
    values = np.array([math.nan if number is None else number for number in numbers], dtype=float)
    bad = np.array([number is None for number in numbers], dtype=bool)
    for row, cell in column.picked(bad | (values < 0), flawed=False):
        if number_in(cell, column.table.decimal) is not None:
            column.fault(f"{what} is negative", "Correct the dates it was computed from", row, cell)
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


def judge_unused_entries(study, table, outcomes, findings):
    """A column that looks like a time of entry and that nothing uses: without it the early risk sets would be too large."""
    answered = {variable.source for variable in study.variables.values() if not variable.is_unanswered}
    used = {column for one in study.endpoints.values() for column in (one.time, one.event, one.entry)}
    for name in table.header:
        if name in answered | used or not named_like_entry(name):
            continue
        for endpoint, outcome in outcomes.items():
            unit = study.days_in(study.unit_of(endpoint)) / study.days_in(study.time_unit)
            cells = table.cells_of(name)
            numbers = [number_in(text, table.decimal) for text in cells.texts]
            values = np.array([math.nan if one is None else one for one in numbers])[cells.codes] * unit
            if outcome.entry is None and looks_like_entry(name, values, outcome.time):
                findings.fault(
                    table.file,
                    f"by its name and size this may be the time from which on patients are observed, and {endpoint} takes them as "
                    "observed from time zero",
                    f"Write entry: {name} under {endpoint} if it is; if not, declare the column under variables, for example as "
                    "role: excluded",
                    column=name,
                )
                break


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

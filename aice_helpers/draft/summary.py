"""What `aice init` says at its end: each endpoint with its counts, the factors, and what was left out and why."""

from __future__ import annotations

import numpy as np

from aice_helpers.core.problems import some
from aice_helpers.stats.kaplan_meier import kaplan_meier, median_interval

CONFIDENCE = 0.95


def summary_lines(columns, ids_words, endpoints, spare, variables, factors, response, unit, entries=(), dated=False):
    """The lines of the summary, in reading order."""
    n = len(columns[0].cells)
    lines = [f"{n} patient{'' if n == 1 else 's'}, {len(columns)} columns"]
    lines.append(f"id: {ids_words}")
    if endpoints:
        lines += _endpoint_table(endpoints, unit, entries)
    elif not dated:
        lines.append("endpoint: none found; name its time and event columns under endpoints in the study file")
    if spare:
        lines.append(f"endpoint in part, without a partner: {some([column.header for _, column in spare])}")
    lines.append(
        f"response: column {response.column.header!r}, {response.scheme}" if response else "response: none found"
    )
    names = [variable.column.header for variable in factors]
    lines.append(f"factors: {', '.join(names)}" if names else "factors: none of the positive list")
    lines += _left_out(variables, factors)
    return lines


def _endpoint_table(endpoints, unit, entries):
    """One line an endpoint: patients with time and state, events, median by Kaplan-Meier, median follow-up."""
    rows = [("endpoint", "time", "event", "n", "events", "median", "follow-up")]
    for one in endpoints:
        places, time, event = (
            (np.array(values) for values in zip(*one.known, strict=True)) if one.known else ([], [], [])
        )
        time, event = np.array(time, dtype=float), np.array(event, dtype=bool)
        entry = _entry(entries[one.name], places, time) if one.name in entries else None
        codes = " or ".join(map(repr, one.codes.events))
        columns = (one.name, repr(one.time.header), f"{one.event.header!r} = {codes}")
        medians = (_median(time, event, entry), _median(time, ~event, entry))
        rows.append((*columns, str(len(time)), str(int(event.sum())), *medians))
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    table = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    note = f"times in {unit} as the columns hold them; median by Kaplan-Meier, follow-up by reverse Kaplan-Meier"
    late = [f"{name} from {column.header!r} on" for name, column in dict(entries).items()]
    return [*table, note, *([f"delayed entry: {', '.join(late)}"] if late else [])]


def _entry(column, places, time):
    """Times of entry of the patients at some places; who has none that fits counts from time zero."""
    entry = np.array([column.numbers[place] for place in places], dtype=float)
    return np.where(np.isfinite(entry) & (entry < time), entry, np.minimum(0.0, time - 1))


def _median(time, event, entry):
    if not len(time):
        return "-"
    estimate = median_interval(kaplan_meier(time, event, entry=entry), CONFIDENCE, "log-log")[0]
    return "not reached" if np.isnan(estimate) else f"{estimate:.0f}" if estimate >= 1000 else f"{estimate:.4g}"


def _left_out(variables, factors):
    """Why each other column is no factor, columns of one reason together."""
    reasons = {}
    for variable in variables:
        if variable.role == "id" or variable in factors:
            continue
        why = variable.why_not or "too many coefficients for the events"
        reasons.setdefault(why, []).append(variable.column.header)
    return [f"no factor: {', '.join(names)} ({why})" for why, names in reasons.items()]

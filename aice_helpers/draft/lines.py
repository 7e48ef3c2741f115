"""The lines of a drafted study file, each guess with its reason."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np

from aice_helpers.core.plausible import plausible_range
from aice_helpers.draft import headers, timing
from aice_helpers.study.model import Guess
from aice_helpers.study.writer import entry, flow, listed, mapped, quoted

LANDMARKS = {
    "days": (180, 365, 730, 1095, 1825), "weeks": (26, 52, 104, 156, 260), "months": (6, 12, 24, 36, 60),
    "years": (1, 2, 3, 5, 10),
}  # fmt: skip

RESPONSE_LANDMARKS = {
    "days": (30, 60, 90, 180, 270, 365), "weeks": (4, 8, 12, 24, 36, 52), "months": (1, 2, 3, 6, 9, 12),
    "years": (0.25, 0.5, 1),
}  # fmt: skip

STILL_SEEN = 0.1
"""Share of patients that must be followed beyond a landmark for it to be proposed."""

EVENTS_PER_COEFFICIENT = 10

MOST_GROUPS = 6

RECORDED = 0.8
"""Share of patients that must have a value of a factor of the multivariable model."""

WIDE, NARROW = 20, 0.2
"""Interquartile ranges beyond which a hazard ratio for an increase of 1 would print as 1.00, or be beyond reading."""


def title_lines():
    """What a draft is, for whoever opens it."""
    return [
        "# A draft made from the data file. Open guesses stand under unconfirmed, each with its reason: take an entry out once",
        "# you have confirmed it, or write the right thing where it points. Some are questions; `aice check` lists them and",
        "# no book is made until they are answered. A line that begins with # is not read.",
    ]


def unconfirmed_lines(guesses):
    """The open guesses, one a line; questions stand first."""
    if not guesses:
        return []
    lines = ["unconfirmed:"]
    for guess in sorted(guesses, key=lambda guess: not guess.is_question):
        parts = [f"what: {quoted(guess.what)}"]
        parts += [f"guess: {quoted(guess.guess)}"] if guess.guess else []
        parts += [f"reason: {quoted(guess.reason)}"]
        parts += [f"alternatives: {listed(guess.alternatives)}"] if guess.alternatives else []
        lines.append("  - {" + ", ".join(parts) + "}")
    return lines


def head_lines(source, unit):
    """Title, population and time."""
    return [
        entry("title", quoted(headers.label(Path(source.file).stem))),
        entry("synthetic", "false"),
        entry(
            "public",
            "true",
            off=True,
            note="only when the records of these patients are published: nothing is held back",
        ),
        entry("population", "patients", note="who they are, for example: patients with recurrent sarcoma"),
        entry("source", "where the data come from", off=True),
        entry("time_unit", unit),
        entry("time_zero", "what the times count from, for example the first treatment", off=True),
    ]


def file_lines(name, settings):
    """The data file and how it is read."""
    lines = ["patients:", entry("file", quoted(name), 1)]
    return [*lines, *setting_lines(settings, 1)]


def setting_lines(settings, indent):
    """How a data file is read, a key a line."""
    return [entry(key, flow(value), indent, note=note) for key, (value, note) in settings.items()]


def variable_lines(variables):
    """Every column that is no part of an endpoint."""
    lines = ["variables:" if variables else "variables: {}  # write them in place of the {}"]
    for variable in variables:
        lines += _one_variable(variable)
    return lines


def _one_variable(variable):
    column = variable.column
    lines = [entry(variable.name, "", 1)]
    if variable.name != column.header:
        lines.append(entry("column", quoted(column.header), 2))
    lines.append(entry("label", quoted(variable.label), 2))
    if variable.role == "id":
        return [*lines, entry("role", "id", 2), entry("type", "text", 2)]
    if variable.excluded:
        return [*lines, entry("role", "excluded", 2, note=variable.excluded), entry("type", "text", 2)]
    unit = headers.unit(column.header) or headers.unit(column.title) if variable.type in ("number", "integer") else ""
    if unit:
        lines.append(entry("unit", quoted(unit), 2))
    elif variable.type == "number":
        lines.append(entry("unit", "cm", 2, note="if it has one", off=True))
    lines.append(entry("role", variable.role, 2))
    if variable.known:
        lines.append(entry("known", quoted(variable.known), 2, note="answer it, for example: before the start"))
    lines.append(entry("type", variable.type, 2))
    if variable.levels:
        lines.append(entry("levels", mapped(variable.levels.labels), 2, note=variable.levels.why))
        named = variable.levels.reference
        lines.append(entry("reference", quoted(named or next(iter(variable.levels.labels.values()))), 2, off=not named))
    else:
        lines += _number_lines(column, unit)
    if column.missing:
        lines.append(entry("missing", listed(column.missing), 2))
    return lines


def _number_lines(column, unit):
    """Step and plausible limits of a number."""
    lines = []
    step = step_of([number for number in column.numbers if number is not None])
    if step != 1:
        lines.append(entry("step", f"{step:g}", 2, note=f"a hazard ratio stands for an increase of {step:g}"))
    known = plausible_range([column.header], unit)
    if known:
        lines.append(entry("range", listed(known), 2, note="beyond it a value is a slip"))
    return lines


def step_of(numbers) -> float:
    """The increase that one hazard ratio of a number should stand for: 1 unless a ratio for 1 would say nothing.

    >>> step_of([50, 60, 70, 75]), step_of([100, 600, 1100, 900]), step_of([1, 2, 3, 4]), step_of([45, 58, 66, 71])
    (1, 100, 1, 1)
    >>> step_of([30, 50, 60, 80]), step_of([0.01, 0.02, 0.05, 0.04])
    (10, 0.01)
    """
    if len(numbers) < 2:
        return 1
    low, high = np.quantile(numbers, [0.25, 0.75])
    spread = high - low
    if spread >= WIDE or 0 < spread < NARROW:
        return (
            10.0 ** math.floor(math.log10(spread) + 1e-9) if spread < NARROW else 10 ** math.floor(math.log10(spread))
        )
    return 1


def _of_several(one, codes, what):
    """The code of an end of observation, or each of several with what it is called."""
    if len(codes) == 1:
        return quoted(codes[0])
    labels = {
        code: one.event.labels.get(code) or (code if code.isascii() and not code.isdigit() else f"{what} ({code})")
        for code in codes
    }
    return mapped(labels) if len(set(labels.values())) == len(labels) else listed(codes)


def endpoint_lines(endpoints, columns, units, entries=()):
    """The endpoints, or what to fill in when none was found."""
    if not endpoints:
        return _missing_endpoint_lines(columns)
    lines = ["endpoints:"]
    for one in endpoints:
        lines += [
            entry(one.name, "", 1),
            entry("label", quoted(one.label), 2),
            entry("time", quoted(one.time.header), 2, note=one.why),
            entry("event", quoted(one.event.header), 2),
            entry("event_value", _of_several(one, one.codes.events, "event"), 2, note=one.codes.why),
            entry("censored_value", _of_several(one, (one.codes.censored, *one.codes.also_censored), "censored"), 2),
            entry("event_label", quoted(one.event_label), 2),
        ]
        if one.name in entries:
            lines.append(entry("entry", quoted(entries[one.name].header), 2, note="from when on a patient is observed"))
        if one.name in units:
            lines.append(entry("unit", units[one.name], 2, note="by the header; the book counts in time_unit"))
    return lines


def _missing_endpoint_lines(columns):
    """An endpoint whose columns the user names: at most two lines to edit, with the columns that may be meant."""
    times = [quoted(c.header) for c in columns if timing.holds_times(c)]
    coded = [quoted(c.header) for c in columns if 2 <= len(c.levels) <= headers.FEW_CODES]
    return [
        "endpoints:",
        "  OS:",
        "    label: Overall survival",
        f'    time: "?"  # name the column, one of: {", ".join(times[:20]) or "none looks like a time"}',
        f'    event: "?"  # name the column, one of: {", ".join(coded[:20]) or "none has two codes"}',
        '    event_value: "1"',
        '    censored_value: "0"',
        "    event_label: death",
    ]


def response_lines(response, variables, unit):
    """The best response, with the month of its assessment where the table has one."""
    if response is None:
        choices = [quoted(v.name) for v in variables if v.levels and 2 <= len(v.levels.labels) <= 5]
        return [
            "# response:  # no column with CR, PR, SD, PD was found; take the marks away to declare one",
            f"#   variable: ...  # one of: {', '.join(choices)}" if choices else "#   variable: ...",
            "#   label: Best response",
            "#   scheme: RECIST 1.1",
            "#   responders: [Complete response, Partial response]",
            "#   controlled: [Complete response, Partial response, Stable disease]",
        ]
    lines = [
        "response:",
        entry("variable", quoted(response.name), 1),
        entry("label", "Best response", 1),
        entry("scheme", quoted(response.scheme), 1),
        *(entry(key, listed(names), 1) for key, names in response.response.items()),
    ]
    change, month = response_details(variables)
    for key, variable in (("change", change), ("month", month)):
        if variable:
            lines.append(entry(key, quoted(variable.name), 1))
        else:
            lines.append(entry(key, "...", 1, off=True))
    return lines


def response_details(variables):
    """The variables with the best change and with the time of the assessment; None where the table has none."""
    numbers = [v for v in variables if v.type in ("number", "integer") and v.role == "outcome"]
    change = next((v for v in numbers if "change" in v.column.words or "变化率" in v.column.header), None)
    words = {"response", "assessment", "recist"}
    month = next((v for v in numbers if words & set(v.column.words) and v is not change), None)
    return change, month


def plan_lines(variables, endpoints, unit, response, dated=()):
    """The analysis plan: times, groups and factors of the positive list; `Plan` lines and the guesses it rests on.

    ``dated`` counts the events of endpoints whose dates cannot be read before a question is answered.
    """
    lines = ["analysis:", entry("confidence_level", "0.95", 1)]
    marks = LANDMARKS[unit][1:3] if dated else _landmarks(endpoints, unit)
    if marks:
        note = f"in {unit}" + ("; the usual ones, since the dates cannot be read yet" if dated else "")
        lines.append(entry("rate_times", listed(marks), 1, note=note))
        lines.append(entry("rmst_horizon", f"{marks[-1]:g}", 1, note=f"in {unit}"))
    else:
        lines.append(entry("rate_times", "[...]", 1, note=f"in {unit}", off=True))
    covariates = [v for v in variables if v.is_factor]
    groups = [v for v in covariates if v.levels and 2 <= len(v.levels.labels) <= 4][:MOST_GROUPS]
    factors, together, why = _factors(covariates, [*dated, *(sum(one.events) for one in endpoints)])
    lines.append(entry("groups", listed(v.name for v in groups), 1, note="categories of two to four levels"))
    lines.append(entry("prognostic_factors", listed(v.name for v in factors), 1))
    lines.append(entry("multivariable", listed(v.name for v in together), 1, note=why))
    assessed = _response_landmarks(variables, unit) if response else ()
    if assessed:
        lines.append(entry("response_landmarks", listed(assessed), 1, note=f"in {unit}"))
    lines += [
        "  # cut_points:  # groups of a number, for example",
        "  #   name: {at: [10], source: where the limit comes from}",
    ]
    return lines, factors, _plan_guesses(factors, together, groups, why)


def _plan_guesses(factors, together, groups, why):
    names = [", ".join(v.name for v in some) for some in (factors, together, groups)]
    guesses = []
    if factors:
        reason = (
            "measures that are usually taken before time zero, by their names; choose by what is known, not by results"
        )
        guesses.append(Guess("analysis.prognostic_factors", reason, names[0], ("the factors you planned",)))
    if together:
        guesses.append(Guess("analysis.multivariable", why, names[1], ("the model you planned",)))
    if groups:
        reason = "categories of two to four levels among them"
        guesses.append(Guess("analysis.groups", reason, names[2], ("the comparisons you planned",)))
    return guesses


def _landmarks(endpoints, unit):
    """Up to three usual times that enough patients are followed beyond."""
    times = [[number for number in one.time.numbers if number is not None] for one in endpoints]
    fits = [
        mark
        for mark in LANDMARKS[unit]
        if any(sum(time > mark for time in one) >= max(2, STILL_SEEN * len(one)) for one in times)
    ]
    return fits[-3:] if len(fits) < 4 else fits[1:4]


def _response_landmarks(variables, unit):
    """Up to three times by which a part of the responses, most of them and nearly all were assessed."""
    _, month = response_details(variables)
    times = [] if month is None else [number for number in month.column.numbers if number is not None]
    if not times:
        return ()
    marks = [mark for mark in RESPONSE_LANDMARKS[unit] if np.quantile(times, 0.25) <= mark]
    return tuple(marks[:3])


def _factors(covariates, counts):
    """Variables for the models one by one, those together, and the reason; ``counts``: the events of each endpoint."""
    budget = min(counts, default=0) // EVENTS_PER_COEFFICIENT
    alone = [v for v in covariates if v.coefficients <= budget]
    together, spent = [], 0
    for variable in alone:
        complete = len(variable.column.present) >= RECORDED * len(variable.column.cells)
        if complete and spent + variable.coefficients <= budget:
            together.append(variable)
            spent += variable.coefficients
    if not counts:
        return alone, together, "no endpoint was found"
    fewest = min(counts)
    why = f"the first in the file, {fewest} events allow about {budget} coefficient{'' if budget == 1 else 's'}"
    return alone, together, why

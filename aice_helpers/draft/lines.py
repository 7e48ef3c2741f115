"""The lines of a drafted study file, each guess with its reason."""

from __future__ import annotations

import re
from pathlib import Path

from aice_helpers.core.problems import PERSONAL, plain_form
from aice_helpers.draft import headers, roles, vocabulary
from aice_helpers.draft.reading import NAMELESS, read_columns
from aice_helpers.study.writer import entry, guess, listed, mapped, quoted

LANDMARKS = {
    "days": (180, 365, 730, 1095, 1825), "weeks": (26, 52, 104, 156, 260), "months": (6, 12, 24, 36, 60),
    "years": (1, 2, 3, 5, 10),
}  # fmt: skip

STILL_SEEN = 0.1
"""Share of patients that must be followed beyond a landmark for it to be proposed."""

EVENTS_PER_COEFFICIENT = 10

MOST_FACTOR_LEVELS = 6

MOST_GROUPS = 6

RECORDED = 0.8
"""Share of patients that must have a value of a factor of the multivariable model."""

GRADE_LABELS = ("Mild", "Moderate", "Severe", "Life-threatening", "Death")

_ROMAN = ("i", "ii", "iii", "iv", "v")


def title_lines(confirm):
    lines = [
        "# A draft made from the data file. Lines marked `guess` were guessed: read each, correct it if it is wrong,",
        "# then take the mark away. A line that begins with # is not read; take the # away to use it.",
        "# Then run: aice check on this file.",
    ]
    if confirm:
        lines += ["#", "# To confirm first:", *(f"# - {sentence}" for sentence in confirm)]
    return lines


def head_lines(source, unit, unit_why, confirm):
    if unit_why:
        confirm.append(f"The time unit is {unit} ({unit_why}).")
    return [
        entry("title", quoted(headers.label(Path(source.file).stem)), note=guess("from the file's name")),
        entry("synthetic", "false"),
        entry(
            "public",
            "true",
            off=True,
            note="only when the records of these patients are published: nothing is held back",
        ),
        entry("population", "patients", note="who they are, for example: patients with recurrent sarcoma"),
        entry("source", "where the data come from", off=True),
        entry("time_unit", unit, note=guess(f"{unit_why or 'no endpoint was found'} (days, weeks, months or years)")),
        entry("time_zero", "what the times count from, for example the first treatment", off=True),
    ]


def file_lines(name, settings, confirm):
    lines = ["patients:", entry("file", quoted(name), 1)]
    for key, (value, note) in settings.items():
        lines.append(entry(key, quoted(value) if key != "header" else value, 1, note=note))
    if "sheet" in settings:
        confirm.append(f"The patients are on the sheet {quoted(settings['sheet'][0])}.")
    if "encoding" in settings:
        confirm.append("The letters of the file look right (encoding).")
    if "header" in settings:
        confirm.append(f"The column names are in row {settings['header'][0]}.")
    return lines


def variable_lines(variables, ids, confirm):
    lines = ["variables:" if variables else "variables: {}  # write them in place of the {}"]
    if ids is None:
        confirm.append("No id column was found. Number the patients in a column of the file and declare it as below.")
        for column in (v.column for v in variables if v.column.words[-1:] in (("id",), ("pid",), ("patient",))):
            confirm.append(
                f"{quoted(column.header)} repeats its values or lacks some; the book needs one row a patient."
            )
        lines += ["  # patient_number:", "  #   label: Patient", "  #   role: id", "  #   type: text"]
    else:
        confirm.append(f"The patients' id is the column {quoted(ids.header)}.")
    for variable in variables:
        lines += _one_variable(variable)
    out = [quoted(v.column.header) for v in variables if v.excluded]
    if out:
        confirm.append(
            f"These columns are left out because they may point to a person or hold no data: {', '.join(out)}."
        )
    later = [quoted(v.column.header) for v in variables if v.role in ("post-baseline", "outcome")]
    if later:
        confirm.append(f"These are known only after the start and are no baseline factors: {', '.join(later)}.")
    blank = [quoted(v.column.header) for v in variables if v.column.missing and not v.excluded and v.role != "id"]
    if blank:
        confirm.append(f'Cells such as NA are taken for "not recorded", not for a level, in: {", ".join(blank)}.')
    unknown = [
        quoted(v.column.header) for v in variables if v.levels and v.levels.why.startswith("what the codes mean")
    ]
    if unknown:
        confirm.append(f"The meaning of the codes is missing: {', '.join(unknown)}.")
    return lines


def _one_variable(variable):
    column = variable.column
    lines = [entry(variable.name, "", 1)]
    if variable.name != column.header:
        lines.append(entry("column", quoted(column.header), 2))
    if variable.role == "id":
        return [*lines, entry("label", "Patient", 2), entry("role", "id", 2, note=guess("")), entry("type", "text", 2)]
    lines.append(entry("label", quoted(headers.label(column.header)), 2, note=guess("from the header")))
    if variable.excluded:
        return [*lines, entry("role", "excluded", 2, note=guess(variable.excluded)), entry("type", "text", 2)]
    unit = headers.unit(column.header) if variable.type in ("number", "integer") else ""
    if unit:
        lines.append(entry("unit", quoted(unit), 2, note=guess("")))
    elif variable.type == "number":
        lines.append(entry("unit", "cm", 2, note="if it has one", off=True))
    roles = "baseline, post-baseline, outcome or excluded"
    lines.append(entry("role", variable.role, 2, note=guess(roles)))
    lines.append(entry("type", variable.type, 2, note=guess(_type_reason(variable))))
    if variable.levels:
        lines.append(entry("levels", mapped(variable.levels.labels), 2, note=guess(variable.levels.why)))
        lines.append(entry("reference", quoted(next(iter(variable.levels.labels.values()))), 2, off=True))
    elif variable.type in ("number", "integer"):
        known = next((limits for word, limits in vocabulary.RANGES.items() if word in column.words), None)
        limits = listed(known) if known else "[lowest plausible, highest plausible]"
        lines.append(entry("range", limits, 2, off=True))
    if column.missing:
        note = guess('these mean "not recorded"')
        lines.append(entry("missing", listed(column.missing), 2, note=note))
    return lines


def _type_reason(variable):
    if variable.type == "category":
        return (
            "few different contents" if not variable.column.is_numeric else "few codes (or integer, if they are counts)"
        )
    return "whole numbers" if variable.type == "integer" else "numbers"


def endpoint_lines(endpoints, spare, columns, mixed, confirm):
    lines = ["endpoints:" if endpoints else "endpoints: {}  # write one in place of the {}, like this:"]
    for one in endpoints:
        lines += [
            entry(one.name, "", 1),
            entry("label", quoted(one.label), 2, note=guess("")),
            entry("time", quoted(one.time.header), 2, note=guess(one.why)),
            entry("event", quoted(one.event.header), 2, note=guess("")),
            entry("event_value", quoted(one.codes.event), 2, note=guess(one.codes.why)),
            entry("censored_value", quoted(one.codes.censored), 2, note=guess("")),
            entry("event_label", quoted(one.event_label), 2, note=guess("")),
        ]
        if one.why == NAMELESS:
            confirm.append(f"No header names the endpoint; it was called {quoted(one.name)} ({one.label}).")
        share = sum(one.events)
        confirm.append(
            f"{one.name}: {quoted(one.codes.event)} in {quoted(one.event.header)} means {one.event_label} "
            f"({share} of {len(one.event.cells)} patients); {one.codes.why}."
        )
    if mixed:
        units = ", ".join(f"{quoted(header)} in {unit}" for header, unit in mixed.items())
        confirm.append(f"The headers name different time units ({units}); compute all times in one unit.")
    if spare:
        names = ", ".join(quoted(column.header) for column in spare)
        lines.append(f"  # no partner was found for: {names}")
    if not endpoints:
        confirm.append("No pair of time and event columns was found; declare one under endpoints.")
        numeric = [quoted(c.header) for c in columns if c.is_numeric and len(c.levels) > 2]
        coded = [quoted(c.header) for c in columns if len(c.levels) == 2]
        lines += [
            "  # OS:",
            "  #   label: Overall survival",
            f"  #   time: ...  # one of: {', '.join(numeric)}",
            f"  #   event: ...  # one of: {', '.join(coded)}",
            '  #   event_value: "1"',
            '  #   censored_value: "0"',
            "  #   event_label: death",
        ]
    return lines


def response_lines(response, variables, confirm):
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
    labels = list(response.levels.labels.values())
    confirm.append(f"The best response is the column {quoted(response.column.header)}; the scheme is RECIST 1.1.")
    lines = [
        "response:",
        entry("variable", quoted(response.name), 1, note=guess("its levels are response categories")),
        entry("label", "Best response", 1),
        entry("scheme", "RECIST 1.1", 1, note=guess("the usual scheme")),
    ]
    categories = list(vocabulary.RECIST)
    groups = {
        "responders": categories[:2], "controlled": categories[:3], "progressed": categories[3:4],
        "not_evaluable": categories[4:],
    }  # fmt: skip
    for key, names in groups.items():
        lines.append(entry(key, listed([name for name in names if name in labels]), 1))
    numbers = [v for v in variables if v.type in ("number", "integer") and v.role == "outcome"]
    change = next((v for v in numbers if "change" in v.column.words or "变化率" in v.column.header), None)
    month = next((v for v in numbers if {"response", "assessment"} & set(v.column.words) and v is not change), None)
    for key, variable in (("change", change), ("month", month)):
        if variable:
            lines.append(entry(key, quoted(variable.name), 1, note=guess("")))
        else:
            lines.append(entry(key, "...", 1, off=True))
    return lines


def no_events_lines():
    return [
        "# adverse_events:  # one row an event; take the marks away to use it",
        "#   data: {file: adverse_events.csv}",
        "#   patient: patient",
        "#   term: event",
        "#   grade: grade",
        "#   scheme: CTCAE 5.0",
        f"#   grades: {mapped(dict(zip('12345', GRADE_LABELS, strict=True)))}",
        "#   severe_from: Severe",
    ]


def adverse_event_lines(path, name, ids, confirm):
    _, settings, columns = read_columns(path, "")
    patient, term, grade = _event_columns(columns, ids)
    lacking = [what for what, column in (("patient", patient), ("event", term), ("grade", grade)) if column is None]
    if lacking:
        sentence = f"adverse events: no column for {' and '.join(lacking)} was found"
        confirm.append(f"In {quoted(path.name)} no column for {' and '.join(lacking)} was found.")
        names = ", ".join(quoted(column.header) for column in columns)
        return [f"# {sentence} among: {names}", *no_events_lines()], sentence
    grades = _grades(grade)
    severe = next(
        (label for label in ("Severe", "3") if label in grades.values()), list(grades.values())[len(grades) // 2]
    )
    scheme = "CTCAE 5.0" if len(grades) <= 5 else "the scheme of the grades"
    confirm.append(f"The adverse events are graded by {scheme}; severe starts at {severe}.")
    lines = [
        "adverse_events:",
        "  data:",
        entry("file", quoted(name), 2),
        *(
            entry(key, quoted(value) if key != "header" else value, 2, note=note)
            for key, (value, note) in settings.items()
        ),
        entry("patient", quoted(patient.header), 1, note=guess("")),
        entry("term", quoted(term.header), 1, note=guess("")),
        entry("grade", quoted(grade.header), 1, note=guess("")),
        entry("scheme", quoted(scheme), 1, note=guess("the usual scheme")),
        entry("grades", mapped(grades), 1, note=guess("mildest first")),
        entry("severe_from", quoted(severe), 1, note=guess("")),
    ]
    coded = {
        code: code.replace("_", " ").capitalize() for code in term.levels if re.fullmatch(r"[a-z]+(_[a-z]+)*", code)
    }
    if coded and len(coded) == len(term.levels) <= headers.MOST_LEVELS:
        lines.append(entry("term_labels", mapped(dict(sorted(coded.items()))), 1, note=guess("made from the codes")))
    return lines, f"adverse events: {len(columns[0].cells)} rows, term {term.header!r}, grade {grade.header!r}"


def _event_columns(columns, ids):
    """Columns of the patient, the event and the grade; None where none fits."""
    known = set(ids.cells) if ids else set()
    left = list(columns)

    def take(fits):
        found = next((column for column in left if column.present and fits(column)), None)
        if found is not None:
            left.remove(found)
        return found

    def shared(column):
        return sum(cell in known for cell in column.present) >= headers.MOSTLY * len(column.present)

    patient = take(lambda c: ids is not None and c.header == ids.header) or take(shared)
    patient = patient or take(lambda c: {"patient", "id", "subject"} & set(c.words))
    grade = take(lambda c: {"grade", "ctcae", "severity", "gr"} & set(c.words) or re.search("级|程度", c.header))
    grade = grade or take(lambda c: set(c.levels) <= set("12345"))
    words = {"event", "term", "ae", "toxicity", "adverse", "reaction", "name", "type"}
    term = take(lambda c: not c.is_numeric and (words & set(c.words) or re.search("不良|事件|反应|毒性", c.header)))
    term = term or take(lambda c: not c.is_numeric and not _is_personal(c))
    return patient, term, grade


def _is_personal(column):
    return any(pattern.search(cell) for cell in column.present for pattern in PERSONAL.values())


def _grades(column):
    """Code -> label of every grade up to the highest found, mildest first."""
    codes = column.levels
    if all(re.fullmatch("[0-5]", code) for code in codes):
        upto = max(5, *map(int, codes))
        grades = {str(grade): GRADE_LABELS[grade - 1] for grade in range(1, upto + 1)}
        return {"0": "None", **grades} if "0" in codes else grades
    if all(plain_form(code) in _ROMAN for code in codes):
        by_form = {plain_form(code): code for code in codes}
        return {by_form.get(form, form.upper()): name for form, name in zip(_ROMAN, GRADE_LABELS, strict=True)}
    levels = roles.category_levels(column).labels
    known = [plain_form(name) for name in GRADE_LABELS]
    rank = {code: known.index(plain_form(code)) if plain_form(code) in known else len(known) for code in levels}
    return {code: levels[code] for code in sorted(levels, key=rank.get)}


def plan_lines(variables, endpoints, unit, confirm):
    lines = ["analysis:", entry("confidence_level", "0.95", 1)]
    marks = _landmarks(endpoints, unit)
    if marks:
        lines.append(entry("rate_times", listed(marks), 1, note=guess(f"in {unit}")))
        lines.append(entry("rmst_horizon", f"{marks[-1]:g}", 1, note=guess(f"in {unit}")))
    else:
        lines.append(entry("rate_times", "[...]", 1, note=f"in {unit}", off=True))
    covariates = [v for v in variables if v.role == "baseline" and v.type != "text" and len(v.column.levels) > 1]
    groups = [v for v in covariates if v.levels and 2 <= len(v.levels.labels) <= 4][:MOST_GROUPS]
    factors, together, why = _factors(covariates, endpoints)
    names = [v.name for v in factors]
    lines.append(entry("groups", listed(v.name for v in groups), 1, note=guess("categories of two to four levels")))
    lines.append(entry("prognostic_factors", listed(names), 1, note=guess("baseline variables with enough events")))
    lines.append(entry("multivariable", listed(v.name for v in together), 1, note=guess(why)))
    rest = [v.name for v in covariates if v not in together]
    if rest:
        lines.append(f"  # other baseline variables: {', '.join(map(quoted, rest))}")
    lines += [
        "  # cut_points:  # groups of a number, for example",
        "  #   name: {at: [10], source: where the limit comes from}",
    ]
    confirm.append(
        "The analysis plan was made from names and counts only; choose its factors by what is known, not by results."
    )
    return lines


def _landmarks(endpoints, unit):
    """Up to three usual times that enough patients are followed beyond."""
    times = [[number for number in one.time.numbers if number is not None] for one in endpoints]
    fits = [
        mark
        for mark in LANDMARKS[unit]
        if any(sum(time > mark for time in one) >= max(2, STILL_SEEN * len(one)) for one in times)
    ]
    return fits[-3:] if len(fits) < 4 else fits[1:4]


def _factors(covariates, endpoints):
    """Variables for the models one by one, those for the model together, and the reason of that choice."""
    counts = [sum(one.events) for one in endpoints]
    budget = min(counts, default=0) // EVENTS_PER_COEFFICIENT
    alone = [
        v
        for v in covariates
        if v.coefficients <= budget and (not v.levels or len(v.levels.labels) <= MOST_FACTOR_LEVELS)
    ]
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

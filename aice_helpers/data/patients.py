"""The patient table: ids, variables, personal content, a second header."""

from __future__ import annotations

import math
import re

import numpy as np
import pandas as pd

from aice_helpers.core.plausible import SENTINELS
from aice_helpers.data.columns import (
    column_of,
    find_column,
    limit_in,
    note_unused,
    number_hint,
    number_in,
    numbers_in,
)
from aice_helpers.data.dates.outcomes import judge_dated_endpoints
from aice_helpers.data.levels import judge_levels
from aice_helpers.data.outcomes import judge_endpoint, judge_order, judge_unused_entries
from aice_helpers.data.privacy import DATE, personal_content, personal_header
from aice_helpers.data.repeats import fix_for_rows, judge_repeats

MANY_AGAIN = 0.2
"""Share of ids that stand in several rows from which on the table has another shape than one row a patient."""


def judge_patients(study, table, findings):
    used = {variable.source: variable.label for variable in study.variables.values() if variable.role != "excluded"}
    events = study.adverse_events
    if events is not None and events.data.shape and events.data.file == study.patients.file:
        used |= events.data.columns
    timed = {name: endpoint for name, endpoint in study.endpoints.items() if not endpoint.first_of}
    for endpoint in timed.values():
        used[endpoint.time] = f"{endpoint.label} (time)"
        used[endpoint.event] = f"{endpoint.label} (event)"
        if endpoint.entry:
            used[endpoint.entry] = f"{endpoint.label} (entry)"
    used |= study.date_columns
    if not all([find_column(table, column, findings, what) for column, what in used.items()]):
        return None, None, {}, None
    excluded = [variable.source for variable in study.variables.values() if variable.role == "excluded"]
    note_unused(table, [*used, *excluded], findings)
    if _second_header(study, table, findings) or _no_patients(study, table, findings):
        return None, None, {}, None
    ids = _judge_ids(column_of(table, study.id_variable.source, findings, missing=study.id_variable.missing))
    findings.secrets = frozenset(ids) - {""}
    judge_repeats(study, table, findings)
    columns = {}
    for name, variable in study.variables.items():
        if variable.role in ("id", "excluded"):
            continue
        if _is_personal(table, variable, findings):
            continue
        column = column_of(
            table, variable.source, findings, missing=variable.missing, levels=variable.levels, decimal=variable.decimal
        )
        if variable.type == "category":
            columns[name] = judge_levels(column, variable.levels)
        elif variable.type == "text":
            texts = [None if gone else text for text, gone in zip(column.content.texts, column.absent, strict=True)]
            columns[name] = pd.Series(column.spread(texts), dtype=object)
        else:
            columns[name] = _judge_numbers(column, variable)
    outcomes = {name: judge_endpoint(study, table, endpoint, findings) for name, endpoint in timed.items()}
    judge_order(study, table, outcomes, findings)
    judge_unused_entries(study, table, outcomes, findings)
    derivation = judge_dated_endpoints(study, table, findings)
    if findings.faults:
        return ids, None, {}, None
    index = pd.Index(ids, name="patient", dtype=object)
    patients = pd.DataFrame(
        {name: values.to_numpy() if values.dtype == object else values.array for name, values in columns.items()},
        index=index,
    )
    if derivation is not None:
        outcomes |= {name: one.outcome for name, one in derivation.endpoints.items()}
    return ids, patients, outcomes, derivation


_NO_PATIENT = re.compile(
    r"(total|sum|summe|gesamt|mean|average|mittelwert|median|source|quelle|note|notes|legend|合计|总计|平均|注)(\s*[:=(：].*|\s.*)?",
    re.IGNORECASE,
)
"""What the first cell of a row says that is a total or a note below the table; never an id such as SUM-12."""

MOST_NOTES = 5
"""So many totals and notes a table may have; if more rows begin so, these are ids."""


def _no_patients(study, table, findings):
    """Whether rows are totals or notes: by their first word, or by a text in the place of the id and nothing beside it.

    A row with an id like the others' and nothing else is a patient of whom nothing is recorded.
    """
    ids = list(table.cells_of(study.id_variable.source))
    filled = np.zeros(table.n, dtype=int)
    for name in table.header:
        column = table.cells_of(name)
        filled += np.array([bool(text) for text in column.texts], dtype=bool)[column.codes]
    called = np.array([bool(_NO_PATIENT.fullmatch(one.strip())) for one in ids], dtype=bool)
    called &= called.sum() <= MOST_NOTES
    alone = (filled <= 1) & (len(table.header) >= 4)
    forms = {_form_of(one) for one, is_alone in zip(ids, alone | called, strict=True) if not is_alone}
    strange = alone & np.array([bool(one) and _form_of(one) not in forms for one in ids], dtype=bool)
    found = table.numbers[called | strange].tolist()
    if found:
        rule = "the row seems to hold a total or a note, by its first cell, and no patient"
        findings.fault(
            table.file,
            rule,
            f"If so, leave it out: skip_rows: {found}; if not, give the patient another id",
            rows=found,
        )
    return bool(found)


def _form_of(text):
    """How an id is built: P061 and Q7 alike, "Source: registry" otherwise."""
    return re.sub(r"\d+", "9", re.sub(r"[^\W\d_]+", "a", text))


def _second_header(study, table, findings):
    """Whether the first row below the header names units or parts of columns instead of a patient."""
    numeric = {endpoint.time for endpoint in study.endpoints.values() if endpoint.time} | {
        variable.source
        for variable in study.variables.values()
        if variable.type in ("number", "integer") and variable.role not in ("id", "excluded")
    }
    if table.n < 2:
        return False
    words = 0
    for name in numeric:
        content = column_of(table, name, findings, quiet=True).content
        row, first = int(table.numbers[0]), content.texts[content.codes[0]]
        if first in table.missing:
            continue
        if DATE.fullmatch(first) or re.search(r"\d", first):
            return False
        counts = zip(content.texts, content.counts.tolist(), strict=True)
        # The first text stands in the row that is in question.
        below = {text: count - (text == first) for text, count in counts if text not in table.missing}
        numbers = sum(count for text, count in below.items() if number_in(text, table.decimal) is not None)
        total = sum(below.values())
        if not total or numbers < 0.5 * total:
            return False
        words += 1
    if words >= 2:
        findings.fault(
            table.file,
            "the row below the header holds words where numbers are needed; it looks like a second header row",
            f"If it holds names, give its number in the study file (header: {row}); if it holds units, skip_rows: [{row}]",
            row=row,
        )
    return words >= 2


def _is_personal(table, variable, findings):
    """Whether a declared column points to a person; such a column is refused and its content never quoted."""
    column = column_of(table, variable.source, findings, missing=variable.missing, quiet=True)
    what = personal_header(variable.name) or personal_content(column.name, column.present(), type_=variable.type)
    if not what:
        return False
    if what == "dates":
        rule = "the column holds dates, which point to a person and are no covariate"
        fix = (
            "To derive an endpoint from it, declare it under dates (start, events, last_contact) and the endpoint with "
            "first_of; the column itself is then no variable, or one of role: excluded"
        )
    else:
        rule = f"the column seems to hold {what}, which points to a person"
        fix = "Declare it as role: excluded, or as role: id if it is the patient's id"
    findings.fault(table.file, rule, fix, column=column.name)
    return True


def _judge_ids(column):
    content, seen = column.content, {}
    present = ~column.absent
    several = int((content.counts[present] > 1).sum())
    if several >= MANY_AGAIN * present.sum() and several > 1:
        # Not a slip but another shape: one fault says it, with the way out.
        column.fault(
            f"the patients have several rows each: {int(present.sum())} ids in {int(content.counts[present].sum())} rows",
            fix_for_rows(column.table, content),
        )
        return list(content)
    for row, cell in column.picked(column.absent | (content.counts > 1)):
        if column.is_missing(cell):
            if row not in column.flawed_rows:
                column.fault("the patient has no id", "Give every patient an id", row)
        elif cell in seen:
            rule = f"the id is already used in row {seen[cell]}"
            column.fault(rule, "Keep one row a patient", row, kind="duplicate id")
        seen.setdefault(cell, row)
    return list(content)


def _with_limits(column):
    """The numbers of the distinct texts, a text such as ">20" read as its limit, which is said."""
    limits = [
        limit_in(text, column.decimal) if number is None else None
        for text, number in zip(column.content.texts, column.numbers, strict=True)
    ]
    found = column.picked([limit is not None for limit in limits])
    if found:
        rule = f"cells such as {found[0][1]!r} are read as the limit itself (at_limit)"
        column.remark(rule, "Nothing to do if so", rows=[row for row, _ in found])
    return [number if limit is None else limit for number, limit in zip(column.numbers, limits, strict=True)]


def _is_marked_otherwise(column, numbers, variable):
    """Whether most numbers of a column have the other decimal mark, which is one fault with its two readings."""
    other = "," if column.decimal == "." else "."
    read = numbers_in(column.content.texts, other)
    wrong = np.array([one is None and two is not None for one, two in zip(numbers, read, strict=True)], dtype=bool)
    found, marked = column.picked(wrong, flawed=False), [other in text for text in column.present()]
    if len(found) < 2 or sum(marked) < 0.5 * len(marked):
        return False
    example = next(cell for _, cell in found if other in cell)
    thousands = all(re.fullmatch(r"[+-]?\d{1,3}[.,]\d{3}", cell) for _, cell in found if other in cell)
    rule = f"the numbers have {other!r} as decimal mark, unlike the rest of the file"
    fix = f"Write them alike, or declare it: variables: {variable.name}: decimal: {other!r}"
    if thousands:
        rule = f"{example!r} may mean {example.replace(other, '')} or {example.replace(other, column.decimal)}"
        fix = f"Write the numbers without a mark between the thousands, or, if it is the decimal mark, declare it: variables: {variable.name}: decimal: {other!r}"
    column.fault(rule, fix, value=None if thousands else example, rows=[row for row, _ in found])
    return True


def _judge_numbers(column, variable):
    numbers = _with_limits(column) if variable.at_limit else column.numbers
    again = [number in column.missing_numbers for number in numbers]
    none = [number is None for number in numbers]
    values = np.array([math.nan if gone else number for number, gone in zip(numbers, none, strict=True)], dtype=float)
    values[again] = math.nan
    low, high = variable.range or (-math.inf, math.inf)
    broken = (values % 1 != 0) & ~np.isnan(values) & (variable.type == "integer")
    outside = ((values < low) | (values > high)) & ~broken
    judged = dict(zip(column.content.texts, zip(again, none, broken.tolist(), strict=True), strict=True))
    if _is_marked_otherwise(column, numbers, variable):
        return pd.Series(values[column.content.codes], dtype="float64")
    for row, cell in column.picked(np.array(again) | np.array(none) | broken | outside):
        is_code, is_none, is_broken = judged[cell]
        if is_code:
            rule = "a number equal to a declared missing code is read as not recorded"
            column.remark(rule, "Nothing to do if so", row)
        elif is_none:
            if row not in column.flawed_rows:
                decimal = column.decimal
                fix = number_hint(cell, decimal) or f"Write digits with {decimal!r} as decimal mark, nothing else"
                if limit_in(cell, decimal) is not None:
                    fix += f", or read it as its limit: variables: {variable.name}: at_limit: true"
                column.fault("a plain number is needed", fix, row, cell)
        elif is_broken:
            column.fault("a whole number is needed", "Correct the cell, or declare type: number", row, cell)
        else:
            fix = "Check it against the source"
            if number_in(cell, column.decimal) in SENTINELS:
                fix += f'; if it means not recorded, declare it: missing: ["{cell}"]'
            column.remark(f"outside the plausible range {low:g} to {high:g}", fix, row, cell)
    return pd.Series(values[column.content.codes], dtype="float64")

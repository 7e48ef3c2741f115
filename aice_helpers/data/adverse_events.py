"""The adverse-event table, one row an event."""

from __future__ import annotations

import re

import pandas as pd

from aice_helpers.core.problems import PERSONAL, plain_form
from aice_helpers.data.columns import column_of, find_column, note_unused, rows_of
from aice_helpers.data.levels import judge_levels
from aice_helpers.study.model import ANY_EVENT

LONGEST_TERM = 120
"""Characters beyond which the name of an adverse event is taken for a note about a patient."""


def judge_events(study, table, ids, findings):
    plan = study.adverse_events
    used = {plan.patient: "the patient id", plan.term: "the event", plan.grade: "the grade"}
    if not all([find_column(table, column, findings, what) for column, what in used.items()]):
        return None
    note_unused(table, used, findings)
    patients = column_of(table, plan.patient, findings)
    if ids is not None:
        _judge_event_patients(patients, ids)
    terms = column_of(table, plan.term, findings)
    for row, cell in terms.cells:
        if terms.is_missing(cell) and row not in terms.flawed_rows:
            terms.fault("the event has no name", "Name it", row)
    named = [cell for _, cell in terms.cells if not terms.is_missing(cell)]
    what = next((what for what, pattern in PERSONAL.items() if any(map(pattern.search, set(named)))), "")
    if what or any(len(cell) > LONGEST_TERM for cell in named):
        terms.fault(
            f"the names of the events seem to hold {what or 'free text'}, which may point to a person",
            "Name each event by its term",
        )
    for row, cell in terms.cells:
        if plain_form(cell) == plain_form(ANY_EVENT):
            terms.fault(
                "this name stands for all events together", "Keep one row an event, named by its term", row, cell
            )
    spelled = _term_labels(terms, plan.term_labels)
    grades = column_of(table, plan.grade, findings, levels=plan.grades)
    _judge_schemes(table, grades, plan, findings)
    return pd.DataFrame(
        {
            "patient": [cell for _, cell in patients.cells],
            "term": [spelled[cell] for _, cell in terms.cells],
            "grade": judge_levels(grades, plan.grades, what="grade"),
        }
    )


def _judge_event_patients(column, ids):
    """Every event belongs to a patient of the patient table. The id in question is not quoted."""
    known = set(ids)
    alike = {plain_form(one).lstrip("0") for one in ids}
    for row, cell in column.cells:
        if cell not in known and row not in column.flawed_rows:
            hint = "Correct the id"
            if cell and plain_form(cell).lstrip("0") in alike:
                hint += "; one of the patient table differs only in capitals, spaces or leading zeros"
            column.fault("no such patient in the patient table", hint, row)


def _term_labels(column, declared):
    """Cell -> label of each adverse event; spellings that differ only in case, spaces or a dot are one event."""
    places = rows_of(column.cells)
    forms = {}
    for code, label in declared.items():
        forms.setdefault(plain_form(code), label)
        forms.setdefault(plain_form(label), label)
    # The most frequent spelling names an event that the study file does not; the first of equally frequent ones.
    for cell in sorted(places, key=lambda one: -len(places[one])):
        forms.setdefault(plain_form(cell), cell)
    labels = {}
    for cell, rows in places.items():
        labels[cell] = declared[cell] if cell in declared else forms[plain_form(cell)]
        if cell not in declared and labels[cell] != cell:
            rule = f"another spelling is read as the event {labels[cell]!r}"
            column.remark(rule, "Spell it alike if it is the same", value=cell, rows=rows)
    return labels


def _judge_schemes(table, grades, plan, findings):
    """Grades of two schemes must not be counted together."""
    for name in table.header:
        if name in (plan.patient, plan.term, plan.grade) or not re.search(r"scheme|ctcae|grading", name, re.IGNORECASE):
            continue
        schemes = {plain_form(cell) for _, cell in table.column(name)} - {""}
        if len(schemes) > 1:
            findings.fault(
                table.file,
                f"the events are graded by {len(schemes)} schemes",
                f"Grade all of them by {plan.scheme}",
                column=name,
            )
    cells = {cell for _, cell in grades.cells if not grades.is_missing(cell)}
    labels = {plain_form(label) for code, label in plan.grades.items() if plain_form(label) != plain_form(code)}
    written = {cell for cell in cells if cell not in plan.grades and plain_form(cell) in labels}
    if written and cells & set(plan.grades):
        grades.fault(
            "grades are written in two ways, as codes and as words; they may come from two schemes",
            "Write all of them as codes",
        )

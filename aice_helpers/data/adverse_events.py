"""The adverse-event table, one row an event."""

from __future__ import annotations

import re

import pandas as pd

from aice_helpers.core.problems import PERSONAL, plain_form
from aice_helpers.data.columns import column_of, find_column, note_unused
from aice_helpers.data.levels import judge_levels
from aice_helpers.study.model import ANY_EVENT

LONGEST_TERM = 120
"""Characters beyond which the name of an adverse event is taken for a note about a patient."""


def judge_events(study, table, ids, findings):
    plan = study.adverse_events
    used = {plan.patient: "the patient id", plan.term: "the event", plan.grade: "the grade"}
    if not all([find_column(table, column, findings, what) for column, what in used.items()]):
        return None
    if not (study.adverse_events.data.shape and study.adverse_events.data.file == study.patients.file):
        note_unused(table, used, findings)
    patients = column_of(table, plan.patient, findings)
    if ids is not None:
        _judge_event_patients(patients, ids)
    terms = column_of(table, plan.term, findings)
    for row, _ in terms.picked(terms.absent, flawed=False):
        terms.fault("the event has no name", "Name it", row)
    named = terms.present()
    what = next((what for what, pattern in PERSONAL.items() if any(map(pattern.search, named))), "")
    if what or any(len(cell) > LONGEST_TERM for cell in named):
        terms.fault(
            f"the names of the events seem to hold {what or 'free text'}, which may point to a person",
            "Name each event by its term",
        )
    all_events = [plain_form(text) == plain_form(ANY_EVENT) for text in terms.content.texts]
    for row, cell in terms.picked(all_events):
        terms.fault("this name stands for all events together", "Keep one row an event, named by its term", row, cell)
    spelled = _term_labels(terms, plan.term_labels)
    grades = column_of(table, plan.grade, findings, levels=plan.grades)
    _judge_schemes(table, grades, plan, findings)
    return pd.DataFrame(
        {
            "patient": list(patients.content),
            "term": terms.spread([spelled[text] for text in terms.content.texts]),
            "grade": judge_levels(grades, plan.grades, what="grade"),
        }
    )


def _judge_event_patients(column, ids):
    """Every event belongs to a patient of the patient table. The id in question is not quoted."""
    known = set(ids)
    strange = [text not in known for text in column.content.texts]
    alike = {plain_form(one).lstrip("0") for one in ids} if any(strange) else set()
    for row, cell in column.picked(strange, flawed=False):
        hint = "Correct the id"
        if cell and plain_form(cell).lstrip("0") in alike:
            hint += "; one of the patient table differs only in capitals, spaces or leading zeros"
        column.fault("no such patient in the patient table", hint, row)


def _term_labels(column, declared):
    """Cell -> label of each adverse event; spellings that differ only in case, spaces or a dot are one event."""
    content = column.content
    often = dict(zip(content.texts, content.counts.tolist(), strict=True))
    forms = {}
    for code, label in declared.items():
        forms.setdefault(plain_form(code), label)
        forms.setdefault(plain_form(label), label)
    # The most frequent spelling names an event that the study file does not; the first of equally frequent ones.
    for cell in sorted(often, key=lambda one: -often[one]):
        forms.setdefault(plain_form(cell), cell)
    labels = {}
    for code, cell in enumerate(content.texts):
        labels[cell] = declared[cell] if cell in declared else forms[plain_form(cell)]
        if cell not in declared and labels[cell] != cell:
            rule = f"another spelling is read as the event {labels[cell]!r}"
            rows = column.table.numbers[content.at([code])].tolist()
            column.remark(rule, "Spell it alike if it is the same", value=cell, rows=rows)
    return labels


def _judge_schemes(table, grades, plan, findings):
    """Grades of two schemes must not be counted together."""
    for name in table.header:
        if name in (plan.patient, plan.term, plan.grade) or not re.search(r"scheme|ctcae|grading", name, re.IGNORECASE):
            continue
        schemes = {plain_form(text) for text in table.cells_of(name).texts} - {""}
        if len(schemes) > 1:
            findings.fault(
                table.file,
                f"the events are graded by {len(schemes)} schemes",
                f"Grade all of them by {plan.scheme}",
                column=name,
            )
    cells = set(grades.present())
    labels = {plain_form(label) for code, label in plan.grades.items() if plain_form(label) != plain_form(code)}
    written = {cell for cell in cells if cell not in plan.grades and plain_form(cell) in labels}
    if written and cells & set(plan.grades):
        grades.fault(
            "grades are written in two ways, as codes and as words; they may come from two schemes",
            "Write all of them as codes",
        )

"""Load a cohort: read the files that a study file names, judge them, and refuse with every fault at once."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from aice_helpers.core.problems import Findings, Problem, StudyError, some
from aice_helpers.data.adverse_events import judge_events
from aice_helpers.data.cohort import Cohort
from aice_helpers.data.patients import judge_patients
from aice_helpers.data.quality import judge_cohort
from aice_helpers.data.shapes.reading import read_shaped
from aice_helpers.study.model import Study
from aice_helpers.study.reader import read_study


def load_cohort(study) -> Cohort:
    """Read and judge the data a study file points to.

    Parameters
    ----------
    study : path-like or Study

    Returns
    -------
    Cohort

    Raises
    ------
    StudyError
        With every fault found in the study file or in the data files.
    """
    if not isinstance(study, Study):
        study = read_study(study)
    findings = Findings()
    for old, new in study.old_keys:
        findings.remark(study.file, f"the key {old} is called {new} now", "Rename it; the old name is still read")
    _remark_guesses(study, findings)
    digest = hashlib.sha256()
    table = read_shaped(study.patients, findings, folder=study.folder, digest=digest)
    events_table = None
    if study.adverse_events is not None:
        # A table of adverse events without a row says that none was seen; a cohort without a patient is a mistake.
        data = study.adverse_events.data
        events_table = read_shaped(data, findings, folder=study.folder, digest=digest, may_be_empty=True)
    questions = _questions(study)
    if findings.faults:
        raise StudyError([*questions, *findings.faults])
    ids, patients, outcomes, derivation = judge_patients(study, table, findings)
    adverse_events = None if events_table is None else judge_events(study, events_table, ids, findings)
    if questions or findings.faults:
        raise StudyError([*questions, *findings.faults])
    cohort = Cohort(study, patients, adverse_events, outcomes, (), digest.hexdigest(), derivation)
    judge_cohort(cohort, findings, table.numbers)
    return replace(cohort, remarks=findings.remarks)


def _questions(study):
    """One fault for each guess that decides an endpoint, its event code or its unit, with what may be written instead."""
    return [
        Problem(
            study.file,
            f"a guess decides this: {guess.reason}",
            _answer(guess),
            column=guess.what,
            value=guess.guess or None,
        )
        for guess in study.open_guesses
        if guess.is_question
    ]


def _answer(guess):
    others = " or ".join(guess.alternatives)
    right = "If it is right, take its line out of unconfirmed"
    return f"{right}; if not, write in its place: {others}" if others else right


def _remark_guesses(study, findings):
    """What was guessed and changes a number of the book is said as long as nobody has confirmed it."""
    for guess in study.open_guesses:
        if guess.changes_a_number and not guess.is_question:
            findings.remark(study.file, f"not confirmed yet: {guess.reason}", _answer(guess), column=guess.what)
    unanswered = [variable.source for variable in study.variables.values() if variable.is_unanswered]
    if unanswered:
        rule = f"it is not said when these are known, so no table and no model holds them: {some(unanswered)}"
        fix = "Answer under known: (known: before the start), or write role: post-baseline, outcome or excluded"
        findings.remark(study.file, rule, fix)

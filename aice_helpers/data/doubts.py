"""Remarks on what cannot be a baseline measure, or no measurement at all, judged from the data whoever wrote the study file."""

from __future__ import annotations

import re
from collections import Counter

import numpy as np
import pandas as pd

from aice_helpers.core.plausible import SENTINELS, plausible_range
from aice_helpers.core.problems import some
from aice_helpers.data.suspicion import STRONGEST_RATIO, never_exceeds, rate_ratio

MANY_FACTORS = 50
"""Factors beyond which chance alone makes several P values small."""

GAP = 0.5
"""How far beyond the other values, as a share of their spread, a number such as 999 stands for it to mean "not recorded"."""

_WORDS = {
    "a year of birth": {"birthyear", "yearofbirth", "yob", "geburtsjahr", "annee naissance"},
    "a place": {"city", "town", "village", "county", "district", "wohnort", "ort", "ville", "ciudad", "residence", "zipcode"},
    "a person of the staff": {"surgeon", "doctor", "physician", "nurse", "operator", "chirurg", "arzt", "radiologist"},
    "notes": {"comment", "comments", "remark", "remarks", "note", "notes", "bemerkung", "kommentar"},
}  # fmt: skip


def judge_doubts(cohort, findings, file):
    """Note in ``findings`` what looks like no baseline measure, or like no measurement.

    Parameters
    ----------
    cohort : Cohort
    findings : Findings
    file : str
        Name of the file with the patients.
    """
    study = cohort.study
    if cohort.n == 1:
        findings.remark(file, "there is one patient; nothing can be compared", "Check that the whole table was read")
    if study.response is not None and cohort.n > 1 and not cohort.evaluable.any():
        source = study.variables[study.response.variable].source
        rule = "no patient's response is evaluable"
        findings.remark(file, rule, "Check the categories under response", column=source)
    _judge_zero(cohort, findings, file)
    _judge_labels(study, findings)
    for name, variable in study.variables.items():
        if variable.role not in ("id", "excluded"):
            _judge_words(variable, findings, file)
        if name in cohort.patients and variable.type in ("number", "integer"):
            _judge_numbers(variable, cohort.column(name), findings, file)
        if name in study.described and variable.role == "baseline":
            _judge_likeness(cohort, name, findings, file)


def _judge_zero(cohort, findings, file):
    for name, endpoint in cohort.study.endpoints.items():
        frame = cohort.survival(name)
        count = int(((frame["time"] == 0) & frame["event"]).sum())
        if count:
            many = f"{count} patients have" if count > 1 else "one patient has"
            rule = f"{name}: {many} the event at time zero"
            findings.remark(
                file, rule, "Check the time; such a patient was never at risk", column=endpoint.time or None
            )


def _judge_labels(study, findings):
    labels = Counter(v.label.casefold() for v in study.variables.values() if v.role != "excluded")
    for label, count in labels.items():
        if count > 1:
            names = [name for name, v in study.variables.items() if v.label.casefold() == label]
            rule = f"the variables {some(names)} have one label"
            findings.remark(
                study.file, rule, "Give each its own, for example with its unit", column=f"variables.{names[1]}.label"
            )
    factors = len(study.analysis.prognostic_factors)
    if factors > MANY_FACTORS:
        rule = f"{factors} factors are tested one by one; by chance alone about {factors * 0.05:.0f} have P below 0.05"
        findings.remark(study.file, rule, "Plan fewer, chosen by what is known", column="analysis.prognostic_factors")


def _judge_words(variable, findings, file):
    words = re.findall(r"[a-z]+", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", variable.source).lower())
    joined = {*words, "".join(words)}
    for what, known in _WORDS.items():
        if joined & known or (what == "notes" and variable.type == "text" and joined & known):
            rule = f"by its name the column holds {what}, which may point to a person and is no measure"
            findings.remark(file, rule, "Declare it as role: excluded unless it is needed", column=variable.source)


def _judge_numbers(variable, values, findings, file):
    """Numbers that stand for "not recorded", and values that no person can have."""
    present = values.dropna()
    limits = plausible_range([variable.source, variable.label], variable.unit)
    beyond = present[(present < limits[0]) | (present > limits[1])] if limits and not variable.range else present[:0]
    for code in sorted(set(present.unique()) & SENTINELS):
        rest = present[present != code]
        if len(rest) >= 5 and _stands_apart(code, rest):
            count = int((present == code).sum())
            rule = f"{code:g} stands far from the other values ({count} time{'s' if count > 1 else ''}); it may mean not recorded"
            findings.remark(file, rule, f'If so, declare it: missing: ["{code:g}"]', column=variable.source)
            beyond = beyond[beyond != code]
    if len(beyond):
        rule = f"{len(beyond)} value{'s' if len(beyond) > 1 else ''} beyond {limits[0]:g} to {limits[1]:g}, which no person has"
        findings.remark(file, rule, "Check the values and the unit", column=variable.source)


def _stands_apart(code, rest):
    low, high = rest.min(), rest.max()
    if code < 0:
        return low >= 0
    return code > high and code - high > GAP * max(high - low, 1e-12)


def _judge_likeness(cohort, name, findings, file):
    """A variable that follows the outcome more closely than what is known at time zero."""
    variable, values = cohort.study.variables[name], cohort.column(name)
    is_number = not isinstance(values.dtype, pd.CategoricalDtype)
    numbers = values.to_numpy(float) if is_number else np.where(values.isna(), np.nan, values.cat.codes)
    for endpoint in cohort.study.endpoints:
        frame = cohort.survival(endpoint)
        own = pd.Series(numbers, index=cohort.index).loc[frame.index].to_numpy()
        time, event = frame["time"].to_numpy(), frame["event"].to_numpy()
        fix = "If it is known only later, write role: outcome or role: post-baseline"
        if is_number and never_exceeds(own, time):
            rule = f"{variable.label}: never above the time of {endpoint}, as a follow-up time would be"
        elif rate_ratio(own, time, event) > STRONGEST_RATIO:
            rule = (
                f"{variable.label}: the rates of {endpoint} events differ more than {STRONGEST_RATIO:g}-fold between its "
                "values, more than by a measure taken at time zero"
            )
        else:
            continue
        findings.remark(file, rule, fix, column=variable.source)
        return

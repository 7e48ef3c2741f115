"""Remarks on a cohort that loads: odd times, rare events, factors that say the same."""

import itertools
import re

import numpy as np
import pandas as pd

from aice_helpers.data.doubts import judge_doubts
from aice_helpers.study.model import RESPONSE_TERM

MANY_LEVELS = 20

FEW_EVENTS = 10
"""Events for each coefficient below which a model is remarked on (Peduzzi et al. 1996, J Clin Epidemiol 49:1373)."""

CORRELATED = 0.98

NEARLY_ALL = 0.9
"""Share of different values from which a text column is taken to name the patients one by one."""

ENOUGH = 10
"""Patients below which shares and correlations say nothing."""

LONGEST_MEDIAN = {"weeks": 520, "months": 120, "years": 25}
"""Median times that are improbable in a unit; the next smaller unit is the likelier one."""


def odd_times(values, unit) -> str:
    """Why numbers cannot be times: they are dates written as numbers; "" if they may be times."""
    values = values[np.isfinite(values)]
    if len(values) == 0 or (values % 1 != 0).any():
        return ""
    low, middle = values.min(), np.median(values)
    calendar = low >= 19000101 and values.max() <= 21001231
    if calendar and ((values // 100 % 100).astype(int) <= 12).all() and ((values % 100).astype(int) <= 31).all():
        return "dates written as one number stand where times are needed"
    # Day 20000 of a spreadsheet's calendar is in 1954, day 60000 in 2064; as follow-up they are 55 years at least.
    if low >= (30_000 if unit == "days" else 20_000) and middle <= 60_000:
        return "the day numbers of a spreadsheet's dates stand where times are needed"
    return ""


def judge_cohort(cohort, findings, rows):
    """Note in ``findings`` what looks wrong in a cohort or limits what the plan can estimate.

    ``rows`` are the row numbers of the patients in their file, in the cohort's order.
    """
    _judge_outcomes(cohort, findings)
    _judge_covariates(cohort, findings)
    _judge_pairs(cohort, findings)
    _judge_plan(cohort, findings, np.asarray(rows))
    judge_doubts(cohort, findings, _file(cohort))


def _file(cohort):
    return re.split(r"[\\/]", cohort.study.patients.file)[-1]


def _judge_outcomes(cohort, findings):
    study, file = cohort.study, _file(cohort)
    for name, endpoint in study.endpoints.items():
        frame, unit = cohort.survival(name), study.unit_of(name)
        # In the unit of the file, for it is the file that is judged.
        time, event = (
            frame["time"].to_numpy() * study.days_in(study.time_unit) / study.days_in(unit),
            frame["event"].to_numpy(),
        )
        middle = float(np.median(time))
        limit = LONGEST_MEDIAN.get(unit)
        check = f"Check the unit ({unit}) and how the times were computed"
        if endpoint.first_of:
            limit = None
        if limit and middle > limit:
            smaller = {"weeks": "days", "months": "days", "years": "months"}[unit]
            rule = f"{name}: the median time is over {limit} {unit}; the times look like {smaller}"
            findings.remark(file, rule, check, column=endpoint.time or None)
        elif not endpoint.first_of and unit == "days" and len(time) >= ENOUGH and middle < 60 and (time % 1 != 0).any():
            rule = (
                f"{name}: the median time is below 60 days and there are fractions of days; the times look like months"
            )
            findings.remark(file, rule, check, column=endpoint.time or None)
        codes = f"Check which code means {endpoint.event_label}: {', '.join(endpoint.event_value)} is declared"
        if endpoint.first_of:
            codes = "Check the dates and the status that it is derived from"
        if len(event) >= ENOUGH and not event.any():
            findings.remark(file, f"{name}: no patient has an event", codes, column=endpoint.event or None)
        elif len(event) >= MANY_LEVELS and event.all():
            findings.remark(
                file, f"{name}: every patient has an event, nobody is censored", codes, column=endpoint.event or None
            )
        elif min(event.sum(), (~event).sum()) >= 5 and _later(time[event], time[~event]) > 0.75:
            rule = f"{name}: events come late and censored times are short; the event codes look reversed"
            findings.remark(file, rule, codes, column=endpoint.event or None)


def _later(one, other):
    """Share of pairs in which a value of ``one`` is above one of ``other``; ties count half."""
    other = np.sort(other)
    below, upto = np.searchsorted(other, one, "left"), np.searchsorted(other, one, "right")
    return float((below + upto).sum()) / (2 * len(one) * len(other))


def _covariates(cohort):
    """Name -> values of the variables that a model may use, in the study file's order."""
    return {name: cohort.column(name) for name in cohort.study.described}


def _varies(values):
    present = values.dropna().unique()
    return len(present) > 1


def _judge_covariates(cohort, findings):
    file, variables = _file(cohort), cohort.study.variables
    for name, values in _covariates(cohort).items():
        column, label = variables[name].source, variables[name].label
        if values.notna().sum() == 0:
            findings.remark(
                file, f"{label}: no patient has a value", "Check the column; no model can use it", column=column
            )
        elif cohort.n > 1 and not _varies(values):
            rule = f"{label}: all patients have the same value"
            findings.remark(file, rule, "Check the column; no model can use it", column=column)
    for name, values in cohort.patients.items():
        levels = values.nunique() if variables[name].type == "category" else 0
        if levels >= MANY_LEVELS:
            findings.remark(
                file,
                f"{variables[name].label}: {levels} levels occur",
                "Group them; so many levels leave few patients in each",
                column=variables[name].source,
            )


def _judge_pairs(cohort, findings):
    """Remarks on two covariates of which one says (nearly) the same as the other."""
    study, file = cohort.study, _file(cohort)
    together = set(study.analysis.multivariable)
    covariates = {}
    for name, values in _covariates(cohort).items():
        numeric = not isinstance(values.dtype, pd.CategoricalDtype)
        numbers = values.to_numpy(float) if numeric else np.where(values.isna(), np.nan, values.cat.codes)
        covariates[name] = numeric, numbers
    for (one, (number, first)), (two, (other, second)) in itertools.combinations(covariates.items(), 2):
        both = np.isfinite(first) & np.isfinite(second)
        a, b = first[both], second[both]
        if len(a) < ENOUGH or (a == a[0]).all() or (b == b[0]).all():
            continue
        if number and other:
            # Scaled first, for the square of a huge value is not finite.
            related = abs(np.corrcoef(a / np.abs(a).max(), b / np.abs(b).max())[0, 1]) > CORRELATED
        else:
            pairs, first_follows, second_follows = _follows(a, b)
            # What follows from the levels of a category matters only where a model holds both.
            redundant = (first_follows and not other) or (second_follows and not number)
            related = (first_follows and second_follows) or (redundant and {one, two} <= together)
            related = related and pairs < len(a)
        if related:
            labels = f"{study.variables[one].label} and {study.variables[two].label}"
            findings.remark(
                file,
                f"{labels} say nearly the same (one follows from the other)",
                "Use one of them in a model",
                column=study.variables[one].source,
            )


def _follows(a, b):
    """Number of different pairs of values, and whether each of two columns follows from the other one.

    What does not follow among the first rows follows nowhere, so of a large cohort few pairs of columns are counted.
    """
    for size in (1000, len(a)):
        (first, of_first), (second, of_second) = pd.factorize(a[:size]), pd.factorize(b[:size])
        pairs = len(pd.unique(first * len(of_second) + second))
        first_follows, second_follows = pairs == len(of_second), pairs == len(of_first)
        if not first_follows and not second_follows:
            break
    return pairs, first_follows, second_follows


def _judge_plan(cohort, findings, rows):
    study, plan, file = cohort.study, cohort.study.analysis, _file(cohort)

    def source(name):
        return study.variables[study.response.variable if name == RESPONSE_TERM else name].source

    factors = dict.fromkeys((*plan.prognostic_factors, *plan.multivariable, *plan.groups))
    values = {name: cohort.covariate(name) for name in factors}
    for name in factors:
        lost = int(values[name].isna().sum())
        if 0 < lost < cohort.n and name in plan.prognostic_factors:
            rule = f"{study.label(name)}: {lost} of {cohort.n} patients have no value and are left out of its model"
            gaps = rows[values[name].isna().to_numpy()].tolist()
            findings.remark(file, rule, "Fill in what can be found", column=source(name), rows=gaps)
        if not isinstance(values[name].dtype, pd.CategoricalDtype):
            continue
        for endpoint in study.endpoints:
            event = cohort.survival(endpoint)["event"]
            events = event.groupby(values[name][event.index], observed=True).sum()
            for level in events[events == 0].index if event.any() and len(events) > 1 else ():
                rule = f"{study.label(name)}: no patient of the level {level!r} has an event of {endpoint}"
                fix = "Its hazard ratio cannot be estimated; join levels that belong together"
                findings.remark(file, rule, fix, column=source(name))
    if not plan.multivariable:
        return
    usable = [name for name in plan.multivariable if _varies(values[name])]
    complete = pd.DataFrame({name: values[name].notna() for name in usable}).all(axis=1)
    lost = int((~complete).sum()) if usable else 0
    if lost:
        gaps = ", ".join(study.label(name) for name in usable if values[name].isna().any())
        rule = f"the multivariable model leaves out {lost} of {cohort.n} patients, who lack a value of: {gaps}"
        fix = "Fill in what can be found, or plan the model with fewer factors"
        findings.remark(file, rule, fix, rows=rows[~complete.to_numpy()].tolist())
    coefficients = sum(
        values[name].nunique() - 1 if isinstance(values[name].dtype, pd.CategoricalDtype) else 1 for name in usable
    )
    if _redundant([values[name][complete] for name in usable]):
        rule = "the factors of the multivariable model determine one another (collinear)"
        findings.remark(file, rule, "Take one of those that belong together out of the plan")
    for endpoint in study.endpoints if coefficients else ():
        event = cohort.survival(endpoint)["event"]
        events = int(event[complete[event.index]].sum())
        if events < FEW_EVENTS * coefficients:
            rule = (
                f"{endpoint}: the multivariable model has {events} events for {coefficients} "
                f"coefficient{'s' if coefficients > 1 else ''}, that is {events / coefficients:.1f} for each; "
                f"fewer than {FEW_EVENTS} make its estimates unsteady"
            )
            findings.remark(file, rule, "Plan a model with fewer factors, or read it with care")


def _redundant(covariates):
    """Whether the columns of a model's design are linearly dependent."""
    columns = []
    for values in covariates:
        if isinstance(values.dtype, pd.CategoricalDtype):
            codes = values.cat.codes.to_numpy()
            columns += [(codes == code).astype(float) for code in np.unique(codes)[1:]]
        else:
            columns.append(values.to_numpy(float))
    if len(columns) < 2 or len(columns[0]) <= len(columns):
        return False
    centered = [column / (np.abs(column).max() or 1.0) for column in columns]
    centered = [column - column.mean() for column in centered]
    lengths = [np.linalg.norm(column) for column in centered]
    if min(lengths) < 1e-9:
        # A factor that does not vary in the complete cases is another matter.
        return False
    design = np.column_stack([column / length for column, length in zip(centered, lengths, strict=True)])
    # The smallest singular value of the design, squared; its columns have length 1, so rounding is far below the limit.
    return bool(np.linalg.eigvalsh(design.T @ design)[0] < 1e-12)

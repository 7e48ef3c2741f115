"""Tests between the planned groups beside the log-rank test of all of them: by pairs, for a trend, within strata, and
the test of proportional hazards.

References
----------
Holm S (1979), Scand J Stat 6:65-70. Tarone RE (1975), Biometrika 62:679-682 (trend). Klein JP, Moeschberger ML (2003), Survival
Analysis, 2nd ed., sections 7.3-7.5. Therneau TM, Grambsch PM (2000), Modeling Survival Data (proportional hazards).
"""

import itertools

import numpy as np
from scipy.special import chdtrc

from aice_helpers.core.reasons import Reason
from aice_helpers.core.results import result_table
from aice_helpers.stats.group_contrasts import missing_reasons
from aice_helpers.stats.group_doubts import proportionality
from aice_helpers.stats.logrank import compare, log_rank
from aice_helpers.stats.samples import no_groups, plan_groups, plan_strata, strata_of

PAIRWISE = "log-rank of two levels, P adjusted by Holm's method"

TREND = "log-rank for trend, scores 1, 2, ... in the order of the levels"

STRATIFIED = "log-rank within strata"


def group_tests(cohort):
    """Further tests of every endpoint between the levels of each planned grouping.

    Parameters
    ----------
    cohort : Cohort

    Returns
    -------
    DataFrame
        The table ``group_tests``. Term "stratified": the log-rank test within the plan's strata, where it names any.
        "proportional hazards": the score test of a Cox model of the grouping alone. From three levels with patients on also "trend",
        where the levels are ordered (`Study.is_ordered`), and "pairwise": each level against each earlier one (``reference``),
        of the patients of these two alone, with ``adjusted`` by Holm's method over the pairs of one endpoint and grouping
        that have a test.
    """
    rows = []
    for endpoint in cohort.study.endpoints:
        for group in plan_groups(cohort):
            shared = {"endpoint": endpoint, "group": group}
            rows += [shared | row for row in _rows(cohort, endpoint, group)]
    return result_table("group_tests", rows, reason=no_groups(cohort))


def _rows(cohort, endpoint, group):
    strata = strata_of(cohort, endpoint, group)
    if cohort.study.analysis.strata:
        yield _stratified(cohort, endpoint, group)
    yield proportionality(cohort, endpoint, group)
    if len(strata) < 3:
        return
    if cohort.study.is_ordered(group):
        compared = compare(strata)
        found = compared.trend(np.arange(1.0, len(strata) + 1))
        yield {"term": "trend", "method": TREND} | _counts(strata) | _tested(compared, found, strata[0].reasons)
    rows = []
    for earlier, later in itertools.combinations(strata, 2):
        compared = compare((earlier, later))
        row = {"term": "pairwise", "method": PAIRWISE, "level": later.level, "reference": earlier.level}
        rows.append(row | _counts((earlier, later)) | _tested(compared, compared.chi_square, earlier.reasons))
    known = [row for row in rows if "p_value" in row]
    for row, adjusted in zip(known, holm([row["p_value"] for row in known]), strict=True):
        row["adjusted"] = adjusted
    yield from rows


def holm(p_values):
    """P values adjusted by Holm's method, in their order.

    Parameters
    ----------
    p_values : sequence of float

    Returns
    -------
    list of float

    Examples
    --------
    >>> holm([0.01, 0.04, 0.03])
    [0.03, 0.06, 0.06]
    """
    p_values = np.asarray(p_values, dtype=float)
    order = np.argsort(p_values, kind="stable")
    stepped = np.maximum.accumulate(p_values[order] * np.arange(len(p_values), 0, -1))
    adjusted = np.empty(len(p_values))
    adjusted[order] = np.minimum(stepped, 1.0)
    return adjusted.tolist()


def _counts(strata):
    return {"n": sum(len(s.time) for s in strata), "events": sum(int(s.event.sum()) for s in strata)}


def _stratified(cohort, endpoint, group):
    followed = cohort.followed(endpoint)
    codes, strata = followed.groups(group).cat.codes.to_numpy(), plan_strata(followed).to_numpy()
    keep = (codes >= 0) & ~np.isnan(strata)
    reasons = missing_reasons(cohort, endpoint, group, stratified=True)
    row = {"term": "stratified", "method": STRATIFIED, "n": int(keep.sum()), "events": 0}
    if not keep.any():
        return row | {"reasons": (Reason("no_test", cause="no_value"), *reasons)}
    outcome = followed.outcome(endpoint).take(keep)
    found = log_rank(outcome.time, outcome.event, codes[keep], entry=outcome.entry, strata=strata[keep])
    return row | {"events": int(outcome.event.sum())} | _tested(found, found.chi_square, reasons)


def _tested(compared, found, reasons):
    """Statistic, degrees of freedom and P value, or why there is no test."""
    if (compared.expected > 0).sum() < 2:
        cause = "few_groups" if compared.observed.any() else "no_events"
        return {"reasons": (Reason("no_test", cause=cause), *reasons)}
    if found is None:
        return {"reasons": (Reason("no_test", cause="nothing_to_compare"), *reasons)}
    statistic, df = found
    return {"statistic": statistic, "df": df, "p_value": float(chdtrc(df, statistic)), "reasons": reasons}

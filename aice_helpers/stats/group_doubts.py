"""What speaks against one log-rank test or hazard ratio for the whole follow-up: curves that cross, hazards that are not proportional.

References
----------
Therneau TM, Grambsch PM (2000), Modeling Survival Data (score test of proportional hazards). Klein JP, Moeschberger ML (2003),
Survival Analysis, 2nd ed., section 7.6 (crossing hazards).
"""

import itertools

import numpy as np

from aice_helpers.core.reasons import Reason
from aice_helpers.stats.group_contrasts import missing_reasons, model_of_group
from aice_helpers.stats.proportional_hazards import METHOD_PH, ph_rows

AT_RISK = 10
"""Fewest patients at risk in each of two groups where their curves are compared: beyond, one event makes a step of a tenth or more."""

APART = 5.0
"""Percentage points between two curves that count: fewer change their sign by chance wherever two curves run together."""


def doubts(cohort, endpoint, group, strata) -> tuple[Reason, ...]:
    """What is to be known beside a log-rank test of the levels of a grouping (``strata``: its samples), as reasons."""
    curves = {stratum.level: stratum.curve for stratum in strata}
    found = tuple(
        Reason("curves_cross", levels=pair, points=APART, at_risk=AT_RISK)
        for pair in itertools.combinations(curves, 2)
        if curves_cross(*(curves[level] for level in pair))
    )
    p_value = proportionality(cohort, endpoint, group).get("p_value")
    if p_value is not None and p_value < 1 - cohort.study.analysis.confidence_level:
        found += (Reason("hazards_not_proportional"),)
    return found


def curves_cross(one, other, *, points=APART, at_risk=AT_RISK) -> bool:
    """Whether of two Kaplan-Meier curves each runs above the other, by at least ``points`` percentage points, at some time.

    Only times count at which both have at least ``at_risk`` patients at risk.
    """
    times = np.unique(np.concatenate([one.time, other.time]))
    survival, enough = [], np.ones(len(times), dtype=bool)
    for curve in (one, other):
        survival.append(curve.survival[np.searchsorted(curve.time, times, side="right") - 1])
        enough &= np.append(curve.at_risk, 0)[np.searchsorted(curve.time, times)] >= at_risk
    difference = 100 * (survival[0] - survival[1])[enough]
    return bool((difference >= points).any() and (difference <= -points).any())


def proportionality(cohort, endpoint, group):
    """The score test of proportional hazards of a Cox model of one grouping alone, as a row without endpoint and group."""
    (row,) = ph_rows(model_of_group(cohort, endpoint, group), "univariable")
    tested = {name: row[name] for name in ("n", "events", "statistic", "df", "p_value") if name in row}
    reasons = (*row["reasons"], *missing_reasons(cohort, endpoint, group))
    return tested | {"term": "proportional hazards", "method": METHOD_PH, "reasons": reasons}

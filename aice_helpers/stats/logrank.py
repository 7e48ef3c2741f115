"""Log-rank tests between the levels of a grouping.

References
----------
Mantel N (1966), Cancer Chemother Rep 50:163-170. Klein JP, Moeschberger ML (2003), Survival Analysis, 2nd ed., section 7.3."""

import numpy as np
from scipy.special import chdtrc

from aice_helpers.core.reasons import Reason
from aice_helpers.core.results import result_table
from aice_helpers.stats.samples import is_known_later, strata_of


def logrank(cohort, *, groups=None):
    """Log-rank tests of every endpoint between the levels of each grouping variable.

    Parameters
    ----------
    cohort : Cohort
    groups : sequence of str, optional
        Variable names; the groups of the analysis plan when left out.

    Returns
    -------
    DataFrame
        The table ``logrank``: term "log-rank"; per endpoint and group one row a level (patients, observed and expected
        events) and then the test, with level "". The test is missing, with a reason, when fewer than two levels hold
        patients at risk, when there is no event, or when the plan groups by what is known
        only later.

    Raises
    ------
    ValueError
        As in `survival_summary`, for a variable named in ``groups``.
    """
    names = cohort.study.analysis.groups if groups is None else tuple(groups)
    rows = []
    for endpoint in cohort.study.endpoints:
        for group in names:
            shared = {"endpoint": endpoint, "group": group, "term": "log-rank", "method": "log-rank"}
            if groups is None and is_known_later(cohort, group):
                rows.append(shared | {"reasons": (Reason("known_later"),)})
                continue
            rows += [shared | row for row in _logrank_rows(strata_of(cohort, endpoint, group))]
    return result_table("logrank", rows, reason=Reason("not_planned", what="groups"))


def _logrank_rows(strata):
    """Rows per level and for the test, without the columns that name endpoint and group."""
    if not strata:
        return [{"n": 0, "events": 0, "reasons": (Reason("no_test", cause="no_value"),)}]
    times = np.unique(np.concatenate([s.time[s.event] for s in strata]))
    at_risk = np.array([len(s.time) - np.searchsorted(np.sort(s.time), times) for s in strata], float)
    died = np.array([np.bincount(np.searchsorted(times, s.time[s.event]), minlength=len(times)) for s in strata], float)
    n, d = at_risk.sum(axis=0), died.sum(axis=0)
    expected = (at_risk * d / n).sum(axis=1)
    reasons = strata[0].reasons
    rows = [
        {
            "level": s.level,
            "n": len(s.time),
            "events": int(s.event.sum()),
            "expected": float(e),
            "reasons": reasons,
        }
        for s, e in zip(strata, expected, strict=True)
    ]
    test = {
        "n": sum(len(s.time) for s in strata),
        "events": int(d.sum()),
        "expected": float(expected.sum()),
    }
    used = expected > 0
    if used.sum() < 2:
        cause = "no_events" if len(strata) > 1 and not d.any() else "few_groups"
        return [*rows, test | {"reasons": (Reason("no_test", cause=cause), *reasons)}]
    share = at_risk[used] / n
    weight = np.divide(d * (n - d), n - 1, out=np.zeros(len(n)), where=n > 1)
    covariance = np.diag(share @ weight) - (share * weight) @ share.T
    difference = (died.sum(axis=1) - expected)[used][1:]
    covariance = covariance[1:, 1:]
    if np.linalg.matrix_rank(covariance, tol=1e-12 * max(1.0, d.sum()), hermitian=True) < len(difference):
        return [*rows, test | {"reasons": (Reason("no_test", cause="nothing_to_compare"), *reasons)}]
    statistic = float(difference @ np.linalg.solve(covariance, difference))
    df = len(difference)
    test |= {"statistic": statistic, "df": df, "p_value": float(chdtrc(df, statistic)), "reasons": reasons}
    return [*rows, test]

"""Log-rank tests between the levels of a grouping.

References
----------
Mantel N (1966), Cancer Chemother Rep 50:163-170. Klein JP, Moeschberger ML (2003), Survival Analysis, 2nd ed., section 7.3."""

from dataclasses import dataclass

import numpy as np
from scipy.special import chdtrc

from aice_helpers.core.reasons import Reason
from aice_helpers.core.results import result_table
from aice_helpers.stats.arrays import checked, refuse
from aice_helpers.stats.group_doubts import doubts
from aice_helpers.stats.samples import NO_ENDPOINTS, strata_of


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
        only later. Beside a test stands whether curves cross or hazards are not proportional (`group_doubts`).

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
            if groups is None and cohort.study.known_later(group):
                rows.append(shared | {"reasons": (Reason("known_later"),)})
                continue
            strata = strata_of(cohort, endpoint, group)
            *levels, test = _logrank_rows(strata)
            if "p_value" in test:
                test["reasons"] += doubts(cohort, endpoint, group, strata)
            rows += [shared | row for row in (*levels, test)]
    reason = Reason("not_planned", what="groups") if cohort.study.endpoints else NO_ENDPOINTS
    return result_table("logrank", rows, reason=reason)


@dataclass(frozen=True)
class LogRank:
    """Observed and expected events of each group (codes 0, 1, ...), and the covariance of their differences."""

    observed: np.ndarray
    expected: np.ndarray
    covariance: np.ndarray

    @property
    def chi_square(self):
        """The statistic and its degrees of freedom, or None where these events leave nothing to compare."""
        used = self.expected > 0
        difference = (self.observed - self.expected)[used][1:]
        covariance = self.covariance[np.ix_(used, used)][1:, 1:]
        least = 1e-12 * max(1.0, self.observed.sum())
        if np.linalg.matrix_rank(covariance, tol=least, hermitian=True) < len(difference):
            return None
        return float(difference @ np.linalg.solve(covariance, difference)), len(difference)

    def trend(self, scores):
        """The statistic, with one degree of freedom, of a rise or fall with the scores of the groups; None without a variance."""
        variance = float(scores @ self.covariance @ scores)
        if variance <= 1e-12 * max(1.0, self.observed.sum()):
            return None
        return float(scores @ (self.observed - self.expected)) ** 2 / variance, 1


def log_rank(time, event, group, *, entry=None, weights=None, strata=None, cluster=None) -> LogRank:
    """Log-rank comparison of groups, summed over strata.

    Parameters
    ----------
    time, event, entry
        See `arrays.Sample`.
    group : array of int
        Codes from 0 on.
    strata : array, optional
        Patients are compared within their stratum only.
    weights, cluster
        Refused.

    Raises
    ------
    CannotUseError
        For weights or clusters.
    ValueError
        See `arrays.checked`.

    Examples
    --------
    >>> log_rank([1, 2, 3, 4], [True, True, True, True], [0, 0, 1, 1]).expected.round(4).tolist()
    [0.8333, 3.1667]
    """
    refuse("log-rank", weights=weights, cluster=cluster)
    sample, group = checked(time, event, entry=entry, strata=strata), np.asarray(group)
    if group.shape != sample.time.shape:
        raise ValueError("group: one code is needed for each time")
    size = int(group.max()) + 1 if len(group) else 0
    observed, expected, covariance = np.zeros(size), np.zeros(size), np.zeros((size, size))
    for stratum in (0,) if strata is None else range(sample.strata.max() + 1):
        inside = np.ones(len(group), dtype=bool) if strata is None else sample.strata == stratum
        parts = [inside & (group == code) for code in range(size)]
        times = np.unique(sample.time[inside & sample.event])
        at_risk = np.array([_at_risk(sample, part, times) for part in parts], float)
        seen = [np.searchsorted(times, sample.time[part & sample.event]) for part in parts]
        died = np.array([np.bincount(places, minlength=len(times)) for places in seen], float)
        n, d = at_risk.sum(axis=0), died.sum(axis=0)
        observed, expected = observed + died.sum(axis=1), expected + (at_risk * d / n).sum(axis=1)
        share = at_risk / n
        weight = np.divide(d * (n - d), n - 1, out=np.zeros(len(n)), where=n > 1)
        covariance += np.diag(share @ weight) - (share * weight) @ share.T
    return LogRank(observed, expected, covariance)


def _at_risk(sample, part, times):
    """How many of some patients are at risk at each time: entered before it and not gone."""
    staying = part.sum() - np.searchsorted(np.sort(sample.time[part]), times)
    if sample.entry is None:
        return staying
    return staying - (part.sum() - np.searchsorted(np.sort(sample.entry[part]), times))


def compare(strata) -> LogRank:
    """The log-rank comparison of the samples of some levels."""
    return log_rank(
        np.concatenate([s.time for s in strata]),
        np.concatenate([s.event for s in strata]),
        np.repeat(np.arange(len(strata)), [len(s.time) for s in strata]),
        entry=None if strata[0].entry is None else np.concatenate([s.entry for s in strata]),
    )


def _logrank_rows(strata):
    """Rows per level and for the test, without the columns that name endpoint and group."""
    if not strata:
        return [{"n": 0, "events": 0, "reasons": (Reason("no_test", cause="no_value"),)}]
    compared = compare(strata)
    reasons = strata[0].reasons
    rows = [
        {
            "level": s.level,
            "n": len(s.time),
            "events": int(s.event.sum()),
            "expected": float(expected),
            "reasons": reasons,
        }
        for s, expected in zip(strata, compared.expected, strict=True)
    ]
    events = int(compared.observed.sum())
    test = {"n": sum(len(s.time) for s in strata), "events": events, "expected": float(compared.expected.sum())}
    if (compared.expected > 0).sum() < 2:
        cause = "no_events" if len(strata) > 1 and not events else "few_groups"
        return [*rows, test | {"reasons": (Reason("no_test", cause=cause), *reasons)}]
    found = compared.chi_square
    if found is None:
        return [*rows, test | {"reasons": (Reason("no_test", cause="nothing_to_compare"), *reasons)}]
    statistic, df = found
    test |= {"statistic": statistic, "df": df, "p_value": float(chdtrc(df, statistic)), "reasons": reasons}
    return [*rows, test]

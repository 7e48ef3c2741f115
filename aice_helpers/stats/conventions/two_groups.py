"""Two groups compared: Cox's likelihood by its treatments of ties, weighted log-rank tests, ratios from observed and expected
events, and the older test of proportional hazards. All of them need only who was at risk and who had the event at each time.

References
----------
Breslow NE (1974), Biometrics 30:89-99. Efron B (1977), J Am Stat Assoc 72:557-565. Cox DR (1972), J R Stat Soc B 34:187-220
(discrete likelihood). DeLong DM, Guirguis GH, So YC (1994), Biometrika 81:607-611 (exact, averaged over orderings).
Klein JP, Moeschberger ML (2003), Survival Analysis, 2nd ed., section 7.3. Grambsch PM, Therneau TM (1994), Biometrika 81:515-526.
"""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import chdtrc, gammaln, logsumexp

from aice_helpers.core.intervals import normal_quantile
from aice_helpers.stats.partial_likelihood import tied_times

MOST_TIED = 200
"""Most events at one time for which the exact likelihoods are computed."""


@dataclass(frozen=True)
class Counts:
    """At each distinct event time: at risk and events in the first group (0) and the second (1)."""

    time: np.ndarray
    at_risk: np.ndarray
    events: np.ndarray

    @property
    def n(self):
        """At risk in both groups together."""
        return self.at_risk.sum(axis=0)

    @property
    def d(self):
        """Events in both groups together."""
        return self.events.sum(axis=0)

    @cached_property
    def share(self):
        """For each event, how many events of its time come before it (0, 1, ...) over how many there are: Efron's weights."""
        d = self.d.astype(int)
        return (np.arange(d.sum()) - np.repeat(np.cumsum(d) - d, d)) / np.repeat(d, d)

    @property
    def survival_before(self):
        """Kaplan-Meier estimate of both groups together just before each event time."""
        return np.concatenate([[1.0], np.cumprod(1 - self.d / self.n)[:-1]])


def counts_of(time, event, second, *, entry=None):
    """`Counts` of patients, of whom those in ``second`` (bool) form the second group."""
    time, event, second = tied_times(time), np.asarray(event, dtype=bool), np.asarray(second, dtype=bool)
    times = np.unique(time[event])
    at_risk, events = np.zeros((2, len(times))), np.zeros((2, len(times)))
    for group, inside in enumerate((~second, second)):
        at_risk[group] = inside.sum() - np.searchsorted(np.sort(time[inside]), times)
        if entry is not None:
            at_risk[group] -= inside.sum() - np.searchsorted(np.sort(np.asarray(entry)[inside]), times)
        events[group] = np.bincount(np.searchsorted(times, time[inside & event]), minlength=len(times))
    return Counts(times, at_risk, events)


# ---- Cox's model ------------------------------------------------------------------------------------------------------
def _breslow(counts, beta):
    (n0, n1), d = counts.at_risk, counts.d
    return float((counts.events[1] * beta - d * np.log(n0 + n1 * math.exp(beta))).sum())


def _efron(counts, beta):
    theta, d = math.exp(beta), counts.d.astype(int)
    (n0, n1), (d0, d1) = np.repeat(counts.at_risk, d, axis=1), np.repeat(counts.events, d, axis=1)
    return float(counts.events[1].sum() * beta - np.log(n0 + n1 * theta - counts.share * (d0 + d1 * theta)).sum())


def _untied(counts, beta):
    """Log-likelihood of the times with one event: all treatments of ties agree there."""
    one = counts.d == 1
    n0, n1 = counts.at_risk[:, one]
    return float((counts.events[1, one] * beta - np.log(n0 + n1 * math.exp(beta))).sum())


def _tied(counts):
    """At risk and events of both groups at each time with several events."""
    several = counts.d > 1
    return zip(counts.at_risk[:, several].T, counts.events[:, several].T, strict=True)


def _discrete(counts, beta):
    """Probability of who had the event among all choices of as many from those at risk."""
    total = _untied(counts, beta)
    for (n0, n1), (d0, d1) in _tied(counts):
        d = d0 + d1
        k = np.arange(max(0, d - n0), min(d, n1) + 1)
        total += d1 * beta - logsumexp(_log_ways(n1, k) + _log_ways(n0, d - k) + k * beta)
    return float(total)


def _log_ways(n, k):
    return gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)


# Nodes of the double-exponential rule for v from 0 to 1, which the powers at both ends do not disturb: v = 1 / (1 + exp(-2 s)).
_GRID = np.arange(-4.0, 4.0001, 0.02)
_TWICE_S = np.pi * np.sinh(_GRID)
_LOG_REST = -np.logaddexp(0, _TWICE_S)
_LOG_SHARES = _LOG_REST - np.logaddexp(0, -_TWICE_S) + np.log(0.02 * np.pi * np.cosh(_GRID))


def _averaged(counts, beta):
    """Probability that the tied events come before everyone else at risk: the sum over all orders they may have had.

    With r the hazard of those who go on, it is the integral of r exp(-r t) (1 - exp(-t))^d0 (1 - exp(-theta t))^d1 over t, taken
    over v = 1 - exp(-r t).
    """
    theta, total = math.exp(beta), _untied(counts, beta)
    for (n0, n1), (d0, d1) in _tied(counts):
        rest = (n0 - d0) + (n1 - d1) * theta
        if rest > 0:  # otherwise all that are left have the event, which is certain whatever the ratio
            elapsed = -_LOG_REST / rest
            total += logsumexp(d0 * _log_gone(elapsed) + d1 * _log_gone(theta * elapsed) + _LOG_SHARES)
    return float(total)


def _log_gone(elapsed):
    """Logarithm of the probability to have had the event by a time measured in hazards."""
    return np.log(-np.expm1(-np.maximum(elapsed, 1e-300)))


LIKELIHOODS = {"Breslow": _breslow, "Efron": _efron, "exact, discrete": _discrete, "exact, averaged": _averaged}
"""Treatment of ties -> function of `Counts` and the coefficient that gives the log-likelihood."""


def hazard_ratio(counts, ties):
    """Coefficient of the second group against the first and its standard error by one treatment of ties.

    Returns
    -------
    tuple of float
        Nan where the likelihood has no maximum (a group without an event while both are at risk), or where ties are beyond
        an exact likelihood (more than `MOST_TIED` events at one time, or as many times with ties).
    """
    together = (counts.at_risk > 0).all(axis=0)
    if not counts.events[:, together].any(axis=1).all():
        return math.nan, math.nan
    if ties.startswith("exact") and max(counts.d.max(), (counts.d > 1).sum()) > MOST_TIED:
        return math.nan, math.nan
    start = minimize_scalar(lambda beta: -_breslow(counts, beta), bounds=(-20, 20), method="bounded")
    function, beta = LIKELIHOODS[ties], float(start.x)
    for _ in range(50):
        slope, curvature = _derivatives(function, counts, beta)
        if not curvature < 0:
            return math.nan, math.nan
        step = -slope / curvature
        beta += max(-1.0, min(1.0, step))
        if abs(step) < 1e-9:
            return beta, 1 / math.sqrt(-curvature)
    return math.nan, math.nan


def _derivatives(function, counts, beta):
    """First and second derivative by differences, each in the step that serves it best."""
    near, far = 1e-4, 1e-3
    slope = (function(counts, beta + near) - function(counts, beta - near)) / (2 * near)
    bend = function(counts, beta + far) - 2 * function(counts, beta) + function(counts, beta - far)
    return slope, bend / far**2


# ---- weighted log-rank tests ------------------------------------------------------------------------------------------
def _peto(counts):
    return np.cumprod(1 - counts.d / (counts.n + 1))


WEIGHTS = {
    "log-rank": lambda counts: np.ones(len(counts.time)),
    "Gehan-Breslow": lambda counts: counts.n,
    "Tarone-Ware": lambda counts: np.sqrt(counts.n),
    "Peto-Prentice, S(t-)": lambda counts: counts.survival_before,
    "Peto-Peto": _peto,
    "Peto-Peto, modified": lambda counts: _peto(counts) * counts.n / (counts.n + 1),
    "Fleming-Harrington (0, 1)": lambda counts: 1 - counts.survival_before,
    "Fleming-Harrington (1, 1)": lambda counts: counts.survival_before * (1 - counts.survival_before),
}
"""Test -> function of `Counts` that gives the weight of each event time."""


def weighted_test(counts, test):
    """Chi-square with one degree of freedom and P value of a weighted log-rank test; nan where nothing can be compared."""
    weight = WEIGHTS[test](counts)
    difference, variance = _observed_less_expected(counts)
    spread = float((weight**2 * variance).sum())
    if spread <= 0:
        return math.nan, math.nan
    statistic = float((weight * difference).sum()) ** 2 / spread
    return statistic, float(chdtrc(1, statistic))


def _observed_less_expected(counts):
    """Events of the second group beyond those expected, at each time, and their hypergeometric variance."""
    n, d, share = counts.n, counts.d, counts.at_risk[1] / counts.n
    variance = np.divide(d * (n - d), n - 1, out=np.zeros(len(n)), where=n > 1) * share * (1 - share)
    return counts.events[1] - d * share, variance


def ratio_of_quotients(counts, confidence):
    """(O1 / E1) / (O0 / E0) with limits from 1 / E1 + 1 / E0, Prism's "log-rank" hazard ratio."""
    observed = counts.events.sum(axis=1)
    second = float((counts.d * counts.at_risk[1] / counts.n).sum())
    expected = np.array([observed.sum() - second, second])
    if not (observed > 0).all() or not (expected > 0).all():
        return math.nan, math.nan, math.nan
    center = math.log(observed[1] / expected[1] / (observed[0] / expected[0]))
    return _limits(center, math.sqrt((1 / expected).sum()), confidence)


def ratio_of_difference(counts, confidence):
    """exp((O1 - E1) / V) with limits from 1 / V, Prism's "Mantel-Haenszel" hazard ratio, also called Peto's."""
    difference, variance = (float(part.sum()) for part in _observed_less_expected(counts))
    if variance <= 0:
        return math.nan, math.nan, math.nan
    return _limits(difference / variance, 1 / math.sqrt(variance), confidence)


def _limits(center, error, confidence):
    margin = normal_quantile(confidence) * error
    return tuple(math.exp(center + sign * margin) for sign in (0, -1, 1))


# ---- proportional hazards, the older way ------------------------------------------------------------------------------
def older_ph_test(counts, transform):
    """Approximate test of proportional hazards by scaled Schoenfeld residuals, as `cox.zph` of R's survival before 3.0.

    Parameters
    ----------
    counts : Counts
    transform : {"km", "rank", "identity", "log"}
        Function of time: one minus Kaplan-Meier just before, rank among the event times, time, logarithm of time.

    Returns
    -------
    tuple of float
        Chi-square with one degree of freedom and its P value; nan where the coefficient cannot be estimated, all events
        are at one time, or the logarithm of time zero is asked for.
    """
    beta, error = hazard_ratio(counts, "Efron")
    d = counts.d.astype(int)
    if math.isnan(beta) or len(d) < 2 or (transform == "log" and counts.time[0] <= 0):
        return math.nan, math.nan
    theta, share = math.exp(beta), counts.share
    (n0, n1), (d0, d1) = np.repeat(counts.at_risk, d, axis=1), np.repeat(counts.events, d, axis=1)
    second = (n1 - share * d1) * theta
    mean = np.bincount(np.repeat(np.arange(len(d)), d), second / (n0 - share * d0 + second))
    residual = counts.events[1] - mean
    last = np.cumsum(d)
    scale = {
        "km": 1 - counts.survival_before,
        "rank": last - (d - 1) / 2,
        "identity": counts.time,
        "log": np.log(counts.time, where=counts.time > 0, out=np.zeros(len(d))),
    }[transform]
    scale = scale - (scale * d).sum() / d.sum()
    spread = float((d * scale**2).sum())
    statistic = float((scale * residual).sum()) ** 2 * d.sum() * error**2 / spread if spread > 0 else math.nan
    return statistic, float(chdtrc(1, statistic)) if spread > 0 else math.nan

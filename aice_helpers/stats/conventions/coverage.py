"""How often intervals hold the truth: by summing over all counts for a proportion, by simulation for medians and rates."""

import math
from functools import lru_cache, partial

import numpy as np
from scipy.optimize import brentq
from scipy.special import gammaln, xlog1py, xlogy

from aice_helpers.core.intervals import PROPORTION_INTERVALS, normal_quantile
from aice_helpers.core.seeds import COVERAGE
from aice_helpers.core.workers import resampled
from aice_helpers.stats.kaplan_meier import CONF_TYPES, SPSS

LARGEST = 2000
"""Largest number of patients for which coverage is computed: beyond it all methods agree."""

SAMPLES = 4000
"""Simulated samples; the standard error of a coverage near 95% is then 0.34 percentage points."""

_CHUNK = 500


@lru_cache(maxsize=512)
def proportion_coverage(method, n, share, level):
    """Probability that the interval holds ``share`` when each of ``n`` patients responds with that probability.

    >>> round(proportion_coverage("Wald", 20, 0.1, 0.95), 3)
    0.876
    """
    if not 0 < n <= LARGEST or not 0 < share < 1:
        return math.nan
    counts = np.arange(n + 1)
    ways = gammaln(n + 1) - gammaln(counts + 1) - gammaln(n - counts + 1)
    chance = np.exp(ways + xlogy(counts, share) + xlog1py(n - counts, -share))
    likely = np.flatnonzero(chance > 1e-9)
    limits = np.array([PROPORTION_INTERVALS[method](int(count), n, level) for count in likely])
    held = (limits[:, 0] <= share + 1e-12) & (share - 1e-12 <= limits[:, 1])
    return float(chance[likely][held].sum())


@lru_cache(maxsize=64)
def survival_coverage(n, censored, level, rates=()):
    """How often the limits of a median, and of rates, hold the truth in samples like the cohort.

    Times of events are exponential and times of censoring uniform from 0 on, with the given share censored.

    Parameters
    ----------
    n : int
    censored : float
        Share of patients who are censored.
    level : float
    rates : tuple of float
        True probabilities of survival at the times asked for.

    Returns
    -------
    dict
        ("median", method) and (rate, method) -> share of the samples with limits that hold the truth; an upper limit that is
        not reached holds it, an interval that cannot be computed does not.
    """
    if not 1 < n <= LARGEST or censored > 0.95:
        return {}
    asked = {"median": 0.5} | {rate: rate for rate in rates if 0 < rate < 1}
    simulated = partial(_simulated, n=n, longest=_longest(censored), level=level, shares=tuple(asked.values()))
    held = np.mean(resampled(simulated, SAMPLES, COVERAGE, at_once=_CHUNK), axis=0)
    keys = [*((name, method) for name in asked for method in CONF_TYPES), ("median", SPSS)]
    return dict(zip(keys, held.tolist(), strict=True))


def _simulated(rng, size, *, n, longest, level, shares):
    """Whether each interval holds the truth, a row a sample: each share by each kind of limits, then SPSS's median."""
    time, survival, variance, event = _curves(rng, size, n, longest)
    z, columns = normal_quantile(level), []
    for share in shares:
        place = (time <= -math.log(share)).sum(axis=1) - 1
        at, spread = _at(survival, place, 1.0), _at(variance, place, 0.0)
        columns += [_holds(at, np.sqrt(spread), share, z, method) for method in CONF_TYPES]
    columns.append(_spss_holds(time, survival, variance, event, level))
    return list(np.column_stack(columns))


def _longest(censored):
    """Upper end of the uniform times of censoring, infinite for none."""
    if censored <= 0:
        return math.inf
    return brentq(lambda longest: -math.expm1(-longest) / longest - censored, 1e-9, 1e9)


def _curves(rng, size, n, longest):
    """Times in order, Kaplan-Meier curves, sums of Greenwood's terms, and which times are events; a row a sample."""
    death = rng.exponential(size=(size, n))
    end = np.full_like(death, math.inf) if math.isinf(longest) else rng.uniform(0, longest, size=(size, n))
    time, event = np.minimum(death, end), death <= end
    order = np.argsort(time, axis=1)
    time, event = (np.take_along_axis(each, order, axis=1) for each in (time, event))
    at_risk = n - np.arange(n)
    survival = np.cumprod(1 - event / at_risk, axis=1)
    terms = np.divide(1.0, at_risk * (at_risk - 1.0), out=np.full(n, math.nan), where=at_risk > 1)
    return time, survival, np.cumsum(np.where(event, terms, 0.0), axis=1), event


def _at(values, place, start):
    rows = np.arange(len(values))
    return np.where(place >= 0, values[rows, np.maximum(place, 0)], start)


def _holds(survival, error, share, z, method):
    """Whether limits of a curve at a time hold the true share. Before the first event, and where nobody is left, there are none:
    a limit that does not exist does not exclude."""
    with np.errstate(divide="ignore", invalid="ignore"):
        if method == "plain":
            distance = np.abs(survival - share) / (survival * error)
        elif method == "log":
            distance = np.abs(np.log(survival) - math.log(share)) / error
        else:
            distance = np.abs(np.log(np.log(survival) / math.log(share))) * -np.log(survival) / error
    return (distance <= z) & (survival > 0) & (survival < 1)


def _spss_holds(time, survival, variance, event, level):
    """Whether SPSS's limits of the median hold the true one, the logarithm of 2."""
    rows = np.arange(len(time))
    curve = np.where(event, survival, np.nan)
    reached = curve <= 0.5 + 1e-12
    median = reached.argmax(axis=1)
    before = curve >= 0.55 - 1e-12
    last = time.shape[1] - 1 - before[:, ::-1].argmax(axis=1)
    after = curve <= 0.45 + 1e-12
    first = after.argmax(axis=1)
    known = reached.any(axis=1) & before.any(axis=1) & after.any(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = (survival[rows, last] - survival[rows, first]) / (time[rows, first] - time[rows, last])
        error = survival[rows, median] * np.sqrt(variance[rows, median]) / slope
    half = (1.96 if level == 0.95 else normal_quantile(level)) * error
    return known & (np.abs(time[rows, median] - math.log(2)) <= half)

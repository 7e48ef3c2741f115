"""Confidence intervals of a single proportion.

References
----------
Clopper CJ, Pearson ES (1934), Biometrika 26:404-413. Wilson EB (1927), J Am Stat Assoc 22:209-212.
Brown LD, Cai TT, DasGupta A (2001), Stat Sci 16:101-133 (Wald, Agresti-Coull, Jeffreys). Newcombe RG (1998), Stat Med
17:857-872 (Wilson with continuity correction, mid-P). Blaker H (2000), Can J Stat 28:783-798.
"""

import math

import numpy as np
from scipy.optimize import brentq
from scipy.special import bdtr, bdtrc, bdtrik, betaincinv, gammaln, ndtri, xlog1py, xlogy


def normal_quantile(conf_level):
    """Two-sided standard normal quantile of a confidence level (1.959964 for 0.95)."""
    return float(ndtri(0.5 + conf_level / 2))


def clopper_pearson(count, n, conf_level=0.95):
    """Exact interval of ``count / n`` by beta quantiles; the limits are 0 at ``0/n``, 1 at ``n/n``, nan for n = 0.

    >>> [round(limit, 4) for limit in clopper_pearson(0, 113)]
    [0.0, 0.0321]
    """
    _check(count, n)
    if n == 0:
        return math.nan, math.nan
    tail = (1 - conf_level) / 2
    low = 0.0 if count == 0 else float(betaincinv(count, n - count + 1, tail))
    high = 1.0 if count == n else float(betaincinv(count + 1, n - count, 1 - tail))
    return low, high


def wilson(count, n, conf_level=0.95):
    """Wilson score interval of ``count / n``, without continuity correction; nan for n = 0.

    >>> [round(limit, 4) for limit in wilson(0, 10)]
    [0.0, 0.2775]
    """
    _check(count, n)
    if n == 0:
        return math.nan, math.nan
    z = normal_quantile(conf_level)
    share, weight = count / n, z * z / n
    center = (share + weight / 2) / (1 + weight)
    half = z / (1 + weight) * math.sqrt(share * (1 - share) / n + weight / (4 * n))
    low = 0.0 if count == 0 else max(0.0, center - half)
    high = 1.0 if count == n else min(1.0, center + half)
    return low, high


def wilson_corrected(count, n, conf_level=0.95):
    """Wilson score interval with continuity correction, as R's ``prop.test`` gives it; nan for n = 0.

    For exactly one half ``prop.test`` with its usual hypothesis leaves the correction out; this one does not.

    >>> [round(limit, 4) for limit in wilson_corrected(81, 263)]
    [0.2535, 0.3682]
    """
    _check(count, n)
    if n == 0:
        return math.nan, math.nan
    z = normal_quantile(conf_level)
    scale = 2 * (n + z * z)
    low = 0.0 if count == 0 else (2 * count + z * z - 1 - _corrected_root(z, count, n, -1)) / scale
    high = 1.0 if count == n else (2 * count + z * z + 1 + _corrected_root(z, count, n, 1)) / scale
    return max(0.0, low), min(1.0, high)


def _corrected_root(z, count, n, sign):
    share = count / n
    return z * math.sqrt(max(0.0, z * z + sign * 2 - 1 / n + 4 * share * (n * (1 - share) - sign)))


def wald(count, n, conf_level=0.95):
    """Wald interval, the share plus or minus z standard errors; it may leave 0 to 1. Nan for n = 0.

    >>> [round(limit, 4) for limit in wald(36, 154)]
    [0.1669, 0.3006]
    """
    _check(count, n)
    if n == 0:
        return math.nan, math.nan
    share = count / n
    half = normal_quantile(conf_level) * math.sqrt(share * (1 - share) / n)
    return share - half, share + half


def agresti_coull(count, n, conf_level=0.95):
    """Interval of Agresti and Coull: Wald's, after z^2 / 2 successes and as many failures are added. Nan for n = 0.

    >>> [round(limit, 4) for limit in agresti_coull(0, 10)]
    [-0.0434, 0.3209]
    """
    _check(count, n)
    if n == 0:
        return math.nan, math.nan
    z = normal_quantile(conf_level)
    total = n + z * z
    share = (count + z * z / 2) / total
    half = z * math.sqrt(share * (1 - share) / total)
    return share - half, share + half


def jeffreys(count, n, conf_level=0.95):
    """Equal-tailed interval under Jeffreys' prior, closed at 0 for ``0/n`` and at 1 for ``n/n``; nan for n = 0.

    >>> [round(limit, 4) for limit in jeffreys(0, 10)]
    [0.0, 0.2172]
    """
    _check(count, n)
    if n == 0:
        return math.nan, math.nan
    tail = (1 - conf_level) / 2
    low = 0.0 if count == 0 else float(betaincinv(count + 0.5, n - count + 0.5, tail))
    high = 1.0 if count == n else float(betaincinv(count + 0.5, n - count + 0.5, 1 - tail))
    return low, high


def mid_p(count, n, conf_level=0.95):
    """Mid-P interval: exact, but with half of the probability of the very count seen. Nan for n = 0.

    >>> [round(limit, 4) for limit in mid_p(36, 154)]
    [0.172, 0.3055]
    """
    _check(count, n)
    if n == 0:
        return math.nan, math.nan
    tail = (1 - conf_level) / 2

    def above(share):
        return (bdtrc(count - 1, n, share) if count else 1.0) - _probability(count, n, share) / 2 - tail

    def below(share):
        return bdtr(count, n, share) - _probability(count, n, share) / 2 - tail

    low = 0.0 if count == 0 else brentq(above, 0.0, count / n, xtol=1e-13)
    high = 1.0 if count == n else brentq(below, count / n, 1.0, xtol=1e-13)
    return float(low), float(high)


def blaker(count, n, conf_level=0.95):
    """Blaker's exact interval: the shares under which a count as odd as this one is not improbable. Nan for n = 0.

    It lies within that of Clopper and Pearson. Where the shares that are not excluded leave a gap, the gap is included.

    >>> [round(limit, 3) for limit in blaker(3, 10)]
    [0.087, 0.619]
    """
    _check(count, n)
    if n == 0:
        return math.nan, math.nan
    if count > n - count:
        low, high = blaker(n - count, n, conf_level)
        return 1 - high, 1 - low
    outer_low, outer_high = clopper_pearson(count, n, conf_level)
    alpha = 1 - conf_level
    low = 0.0 if count == 0 else _first_acceptable(count, n, alpha, outer_low, count / n)
    high = _first_acceptable(count, n, alpha, outer_high, count / n)
    return low, high


_STEPS = 200


def _first_acceptable(count, n, alpha, outside, inside):
    """The share nearest to ``outside``, on the way to ``inside``, under which the count is not improbable."""
    for _ in range(6):
        shares = np.linspace(outside, inside, _STEPS + 1)
        first = int(np.argmax(_acceptability(count, n, shares) >= alpha - 1e-12))
        if first == 0:
            return float(shares[0])
        outside, inside = shares[first - 1], shares[first]
    return float(inside)


def _acceptability(count, n, shares):
    """Probability, under each share, of a count whose smaller tail is at most that of ``count``."""
    smaller = np.minimum(bdtr(count, n, shares), bdtrc(count - 1, n, shares) if count else 1.0) * (1 + 1e-9)
    both = _lower_tail_within(smaller, n, shares) + _lower_tail_within(smaller, n, 1 - shares)
    return np.minimum(np.where(shares > 0, both, float(count == 0)), 1.0)


def _lower_tail_within(limit, n, shares):
    """The largest lower tail of the binomial distributions that is at most ``limit``."""
    with np.errstate(invalid="ignore"):
        last = np.nan_to_num(np.ceil(bdtrik(np.minimum(limit, 1.0), n, shares)), nan=n).clip(0, n)
    # The inverse may be one off where it meets a whole number.
    last = last + (bdtr(last, n, shares) <= limit)
    last = last - (bdtr(np.clip(last, 0, n), n, shares) > limit)
    return np.where(last < 0, 0.0, bdtr(np.clip(last, 0, n), n, shares))


def _probability(count, n, share):
    """Binomial probability of ``count``."""
    ways = gammaln(n + 1) - gammaln(count + 1) - gammaln(n - count + 1)
    return np.exp(ways + xlogy(count, share) + xlog1py(n - count, -share))


PROPORTION_INTERVALS = {
    "Clopper-Pearson": clopper_pearson,
    "Wilson": wilson,
    "Wilson, continuity-corrected": wilson_corrected,
    "Wald": wald,
    "Agresti-Coull": agresti_coull,
    "Jeffreys": jeffreys,
    "mid-P": mid_p,
    "Blaker": blaker,
}
"""Method -> function of count, n and confidence level."""


def _check(count, n):
    if not 0 <= count <= n:
        raise ValueError(f"a count of {count} out of {n} is no proportion")

"""Confidence intervals of a single proportion.

References
----------
Clopper CJ, Pearson ES (1934), Biometrika 26:404-413. Wilson EB (1927), J Am Stat Assoc 22:209-212.
Brown LD, Cai TT, DasGupta A (2001), Stat Sci 16:101-133.
"""

import math

from scipy.special import betaincinv, ndtri


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


def _check(count, n):
    if not 0 <= count <= n:
        raise ValueError(f"a count of {count} out of {n} is no proportion")

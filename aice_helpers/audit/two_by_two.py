"""Which test of two proportions gives a printed P value, and whether significance depends on the choice."""

import math
from itertools import product

import numpy as np
from scipy.special import chdtrc, gammaln, ndtr, xlogy

from aice_helpers.audit.findings import CONVENTION, FITS, NEEDS, finding
from aice_helpers.audit.percentages import counts_of, size_of
from aice_helpers.audit.printed import PrintedP

MOST_TABLES = 25
"""How many pairs of counts are tried where percentages leave several open."""

ALPHA = 0.05


def check(numbers):
    """Findings on the P values of two proportions whose counts are known."""
    for entry in numbers.comparisons.values():
        pair = [numbers.proportions[name] for name in entry.between]
        sizes = [size_of(numbers, each) for each in pair]
        if len(pair) != 2 or not all(sizes) or entry.p.strip() in ("0", "0.0", "0.00", "0.000"):
            continue
        tables = list(product(*(counts_of(numbers, each) for each in pair)))
        if tables and len(tables) <= MOST_TABLES:
            yield from _tests(entry, tables, sizes)


def p_values(counts, sizes) -> dict:
    """Two-sided P values of two proportions by the tests in use.

    >>> for name, p in p_values((3, 9), (15, 15)).items():
    ...     print(name, round(p, 4))
    Pearson chi-square 0.0253
    Yates chi-square 0.0624
    likelihood ratio 0.0229
    Wald 0.0143
    Fisher 0.0604
    Fisher, doubled 0.0604
    Fisher, mid-P 0.0341
    """
    (a, b), (m, n) = counts, sizes
    observed = np.array([[a, m - a], [b, n - b]], dtype=float)
    expected = np.outer(observed.sum(axis=1), observed.sum(axis=0)) / (m + n)
    if not (expected > 0).all():
        return {}
    gap = np.abs(observed - expected)
    likelihood = 2 * float((xlogy(observed, observed) - xlogy(observed, expected)).sum())
    error = math.sqrt(a * (m - a) / m**3 + b * (n - b) / n**3)
    exact = _fisher(a, b, m, n)
    return {
        "Pearson chi-square": float(chdtrc(1, (gap**2 / expected).sum())),
        "Yates chi-square": float(chdtrc(1, (np.maximum(gap - 0.5, 0) ** 2 / expected).sum())),
        "likelihood ratio": float(chdtrc(1, max(likelihood, 0.0))),
        "Wald": 2 * float(ndtr(-abs(a / m - b / n) / error)) if error else 0.0,
    } | exact


def _fisher(a, b, m, n):
    total = a + b
    seen = np.arange(max(0, total - n), min(m, total) + 1)
    chance = np.exp(_ways(m, seen) + _ways(n, total - seen) - _ways(m + n, total))
    own = chance[seen == a][0]
    tail = min(chance[seen <= a].sum(), chance[seen >= a].sum())
    return {
        "Fisher": min(1.0, float(chance[chance <= own * (1 + 1e-7)].sum())),
        "Fisher, doubled": min(1.0, 2 * float(tail)),
        "Fisher, mid-P": min(1.0, 2 * float(tail - own / 2)),
    }


def _ways(n, k):
    return gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)


def _tests(entry, tables, sizes):
    printed, sided = PrintedP.of(entry.p), int(entry.sided)
    found = [values for counts in tables if (values := p_values(counts, sizes))]
    if not found:
        return
    scale = 1 if sided == 2 else 0.5
    by = [name for name in found[0] if any(printed.holds(values[name] * scale) for values in found)]
    if by:
        not_by = [name for name in found[0] if name not in by]
        chance = min(1.0, len(found[0]) * (printed.high - printed.low)) if printed.exact else None
        yield finding(FITS, [entry], "printed_p_by", p=printed.text, tests=by, not_by=not_by, chance=chance)
    elif sided == 2 and (
        half := [name for name in found[0] if any(printed.holds(values[name] / 2) for values in found)]
    ):
        yield finding(NEEDS, [entry], "printed_p_by_one_sided", p=printed.text, tests=half)
    else:
        spread = [value * scale for values in found for value in values.values()]
        yield finding(NEEDS, [entry], "printed_p_by_none", p=printed.text, low=min(spread), high=max(spread))
    if len(found) == 1:
        below = [name for name, value in found[0].items() if value * scale < ALPHA]
        above = [name for name in found[0] if name not in below]
        if below and above:
            yield finding(CONVENTION, [entry], "printed_significance_depends", below=below, above=above)

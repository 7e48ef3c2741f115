"""Arithmetic of the lesson "exact"."""

import math

import numpy as np
import pandas as pd
from scipy.stats import binom

from aice_helpers.core.intervals import clopper_pearson, normal_quantile, wilson

SEED = 20
"""Of the repeated invented studies."""


def wald(count, n, conf_level=0.95):
    """Textbook interval of ``count / n``: estimate plus and minus z estimated standard errors, not cut off at 0 and 1.

    >>> [round(limit, 4) for limit in wald(2, 5)]
    [-0.0294, 0.8294]
    """
    share = count / n
    half = normal_quantile(conf_level) * math.sqrt(share * (1 - share) / n)
    return share - half, share + half


METHODS = {"exact": clopper_pearson, "Wald": wald, "Wilson": wilson}
"""The lesson's intervals by their short names."""


def limits(method, n, conf_level=0.95) -> np.ndarray:
    """Lower and upper limits of one of `METHODS` at every count from 0 to ``n`` (two columns)."""
    return np.array([METHODS[method](count, n, conf_level) for count in range(n + 1)])


def coverage(method, n, rate, conf_level=0.95):
    """Share of studies of ``n`` patients whose interval holds the true ``rate``: a sum over all counts, no simulation.

    Parameters
    ----------
    method : str
        One of `METHODS`.
    n : int
    rate : float or sequence of float
    conf_level : float

    Returns
    -------
    float or array
    """
    low, high = limits(method, n, conf_level).T
    rates = np.atleast_1d(rate)[:, None]
    held = (low <= rates) & (rates <= high)
    shares = (binom.pmf(np.arange(n + 1), n, rates) * held).sum(axis=1)
    return shares if np.ndim(rate) else float(shares[0])


def five_counts(rate, n=5, conf_level=0.95) -> pd.DataFrame:
    """Every count a study of ``n`` patients can give, its probability, and which intervals then hold the true rate."""
    counts = np.arange(n + 1)
    table = pd.DataFrame({"probability": binom.pmf(counts, n, rate)}, index=pd.Index(counts, name="responders"))
    for method in METHODS:
        low, high = limits(method, n, conf_level).T
        table[f"{method} holds {rate:g}"] = (low <= rate) & (rate <= high)
    return table


def zero_bounds(sizes, conf_level=0.95) -> pd.DataFrame:
    """Upper limits of a rate when none of n patients had the event: one-sided, the rule of three, two-sided."""
    n = np.asarray(sizes)
    alpha = 1 - conf_level
    return pd.DataFrame(
        {
            "one-sided": 1 - alpha ** (1 / n),
            "rule of three": 3 / n,
            "two-sided": 1 - (alpha / 2) ** (1 / n),
        },
        index=pd.Index(n, name="patients"),
    )


def studies(count=100, n=20, rate=0.3, conf_level=0.95) -> pd.DataFrame:
    """Repeated invented studies: responders, exact limits, and whether they hold the true rate."""
    responders = np.random.default_rng(SEED).binomial(n, rate, count)
    table = pd.DataFrame({"responders": responders}, index=pd.RangeIndex(1, count + 1, name="study"))
    table[["low", "high"]] = limits("exact", n, conf_level)[responders]
    table["held"] = (table["low"] <= rate) & (rate <= table["high"])
    return table


def intervals(data) -> pd.DataFrame:
    """Intervals of the objective response in the cohort: three methods, all and evaluable patients."""
    rows = []
    for population, (count, n) in denominators(data).items():
        for method in METHODS:
            low, high = METHODS[method](count, n, data.conf_level)
            rows.append((population, method, count, n, count / n, low, high))
    columns = ["population", "method", "responders", "n", "estimate", "conf_low", "conf_high"]
    return pd.DataFrame(rows, columns=columns)


def denominators(data) -> dict[str, tuple[int, int]]:
    """Responders and patients among all patients and among those whose response could be assessed."""
    count = int(data.cohort.responder.sum())
    return {
        "all patients": (count, data.cohort.n),
        "evaluable patients": (count, int(data.cohort.evaluable.sum())),
    }


def old_rate(data) -> float:
    """A round rate somewhat below the cohort's: what an invented older treatment achieved."""
    count, n = everyone(data)
    return max(1, math.floor(85 * count / n)) / 100


def everyone(data) -> tuple[int, int]:
    """Responders and patients among all patients."""
    return denominators(data)["all patients"]

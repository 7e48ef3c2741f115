"""Arithmetic of the lesson "cutpoint".

Every search here splits a measurement at a value into "at most" and "more than" and compares the two groups by the
log-rank test. A shuffle hands the same measurements to other patients, so that they cannot have to do with the outcome.

References
----------
Miller R, Siegmund D (1982), Biometrics 38:1011-1016. Lausen B, Schumacher M (1992), Biometrics 48:73-85.
Altman DG, Lausen B, Sauerbrei W, Schumacher M (1994), J Natl Cancer Inst 86:829-835.
Yusuf S, Peto R, Lewis J, Collins R, Sleight P (1985), Prog Cardiovasc Dis 27:335-371 (one-step hazard ratio).
"""

import itertools
import math
from functools import lru_cache, partial

import numpy as np
import pandas as pd
from scipy.special import chdtrc
from scipy.stats import norm

from aice_helpers.core.seeds import SHUFFLED_CUTS as SEED
from aice_helpers.core.workers import resampled
from aice_helpers.course.engine.lesson_data import SEARCHED, candidate_cuts, known_at_start
from aice_helpers.show import formats
from aice_helpers.stats import concordance, partial_likelihood

EIGHT = pd.DataFrame(
    {
        "size": [2.0, 4.0, 5.0, 7.0, 8.0, 10.0, 12.0, 16.0],
        "time": [14.0, 5.0, 20.0, 9.0, 11.0, 3.0, 2.0, 6.0],
        "event": [False, True, False, True, True, True, True, True],
    },
    index=pd.Index(list("ABCDEFGH"), name="patient"),
)
"""Eight invented patients: tumor size in cm, months of follow-up, whether the event was seen."""

SHUFFLES = 500

NOISE_FACTORS = 20
"""Largest number of meaningless factors that the lesson looks at together."""

KEPT = 3
"""Factors that a selection by P value keeps."""

COHORTS = 8
"""Cohorts whose searches are kept, so that a page searches each of them once."""


_ENTRIES = 3_000_000
"""Entries of the groups of shuffled cohorts that are worked on together."""


def contrasts(time, event, columns):
    """Observed minus expected events and its variance, for many groupings of the same patients at once.

    For a column of zeros and ones this is the log-rank test of the ones against the zeros; for a measurement it is the
    score test of Cox's model with that measurement alone.

    Parameters
    ----------
    time : array of float, n
    event : array of bool, n
    columns : array, (..., n, k)

    Returns
    -------
    tuple of array
        Both of shape (..., k).
    """
    time, event, columns = np.asarray(time, float), np.asarray(event, bool), np.asarray(columns)
    order = np.argsort(time, kind="stable")
    time, event, columns = time[order], event[order], columns[..., order, :]
    moments, deaths = np.unique(time[event], return_counts=True)
    first = np.searchsorted(time, moments)
    at_risk = len(time) - first
    cumulative = np.concatenate([[0.0], np.cumsum(deaths / at_risk)])
    # A patient's score: the event, if seen, minus the events to be expected of anyone followed for so long.
    score = event - cumulative[np.searchsorted(moments, time, side="right")]

    def mean_at_risk(values):
        return values[..., ::-1, :].cumsum(axis=-2)[..., ::-1, :][..., first, :] / at_risk[:, None]

    mean = mean_at_risk(columns)
    square = mean if columns.dtype == bool else mean_at_risk(columns**2)
    weight = deaths * (at_risk - deaths) / np.maximum(at_risk - 1, 1)
    return score @ columns, np.einsum("j,...jk->...k", weight, square - mean**2)


def chi_squares(time, event, columns):
    """Chi-square with one degree of freedom of each column; 0 where nothing can be compared. See `contrasts`."""
    difference, variance = contrasts(time, event, columns)
    some = variance > 1e-9
    return np.where(some, difference**2 / np.where(some, variance, 1.0), 0.0)


def p_values(chi_square):
    """P values of chi-squares with one degree of freedom."""
    return chdtrc(1, chi_square)


def split(values, cuts):
    """One column a cut: whether each value lies above it (bool, n by k)."""
    return np.asarray(values, float)[:, None] > np.asarray(cuts, float)


def cut_table(values, time, event):
    """Every candidate cut with its two groups and their log-rank test.

    Returns
    -------
    DataFrame
        ``cut``, ``at_most`` and ``more`` (patients on each side), ``chi_square``, ``p_value``.
    """
    cuts = candidate_cuts(values)
    above = split(values, cuts)
    chi_square = chi_squares(time, event, above)
    more = above.sum(axis=0)
    sides = {"cut": cuts, "at_most": len(above) - more, "more": more}
    return pd.DataFrame(sides | {"chi_square": chi_square, "p_value": p_values(chi_square)})


def exact_best(patients):
    """Largest chi-square over the candidate cuts, for every way of handing the sizes to the patients.

    Parameters
    ----------
    patients : DataFrame
        Few rows; columns ``size``, ``time``, ``event``.
    """
    orders = np.array(list(itertools.permutations(range(len(patients)))))
    above = split(patients["size"], candidate_cuts(patients["size"]))
    return chi_squares(patients["time"], patients["event"], above[orders]).max(axis=-1)


def adjusted_p(chi_square, best_of_shuffles):
    """P value of a chi-square that came out of a search: how often a search among shuffles finds as much.

    The data themselves count as one of the shuffles, so that the value is never 0.
    """
    # Equal statistics differ by rounding when their sums run in another order.
    reached = np.sort(best_of_shuffles) + 1e-9
    count = len(reached) - np.searchsorted(reached, chi_square)
    return (1 + count) / (1 + len(reached))


def approximate_p(chi_square, share=SEARCHED):
    """Miller and Siegmund's approximation to the P value of the best cut between the shares ``share`` and 1 - share.

    It is made for large statistics; a z of at most 1 gives 1, as in R's package maxstat.

    >>> round(approximate_p(1.959964**2), 2)
    0.49
    """
    z = math.sqrt(chi_square)
    if z <= 1:
        return 1.0
    width = 2 * math.log((1 - share) / share)
    return float(min(1.0, norm.pdf(z) * ((z - 1 / z) * width + 4 / z)))


@lru_cache(maxsize=COHORTS)
def search(data) -> pd.DataFrame:
    """`cut_table` of the cohort's measurement and endpoint."""
    return cut_table(data.measured, data.time, data.event)


def best(data) -> pd.Series:
    """The row of `search` with the largest chi-square."""
    table = search(data)
    return table.loc[table["chi_square"].idxmax()]


@lru_cache(maxsize=COHORTS)
def planned(data) -> pd.Series:
    """The cut that was fixed beforehand, as a row of `cut_table`, with what it is.

    The first cut-point of the plan that leaves patients on both sides; else the median; else, where the median is the
    largest value of all, the highest candidate.

    Returns
    -------
    Series
        Also ``named`` (whether the plan names it), ``words`` (what it is) and ``source`` (why it is the one).
    """
    values, plan = data.measured, data.cohort.study.analysis.cut_points.get(data.measure)
    asked = plan.at if plan else ()
    usable = [at for at in asked if values.min() <= at < values.max()]
    if usable:
        cut, words, source = usable[0], "the cut named beforehand", "named in the plan"
    else:
        middle = values.median() < values.max()
        cut = values.median() if middle else candidate_cuts(values)[-1]
        words = "the median" if middle else "the highest candidate cut"
        source = f"{words}, for {_unusable(data, asked)}"
    above = split(values, [cut])
    chi_square = float(chi_squares(data.time, data.event, above)[0])
    more = int(above.sum())
    row = {"cut": float(cut), "at_most": len(values) - more, "more": more, "chi_square": chi_square}
    said = {"named": bool(usable), "words": words, "source": source}
    return pd.Series(row | {"p_value": float(p_values(chi_square))} | said, dtype=object)


def _unusable(data, asked):
    """Why none of the plan's cut-points of the measurement can be taken."""
    if not asked:
        return "the plan names no cut-point for it"
    several = "s" if len(asked) > 1 else ""
    cuts = formats.listing(with_unit(data, at) for at in asked)
    return f"the plan's cut-point{several} {cuts} {'leave' if several else 'leaves'} all patients on one side"


def with_unit(data, value) -> str:
    """A value of the measurement with its unit."""
    return f"{formats.plain(value)} {data.cohort.study.variables[data.measure].unit}".strip()


@lru_cache(maxsize=COHORTS)
def best_of_shuffles(data) -> np.ndarray:
    """Largest chi-square of the same search in each of 500 shuffles of the measurement."""
    above = split(data.measured, search(data)["cut"])
    shuffled = partial(_best_of_shuffles, np.asarray(data.time), np.asarray(data.event), above)
    return np.array(resampled(shuffled, SHUFFLES, SEED, at_once=max(1, _ENTRIES // above.size)))


def _best_of_shuffles(time, event, above, rng, size):
    orders = rng.permuted(np.tile(np.arange(len(above)), (size, 1)), axis=1)
    return chi_squares(time, event, above[orders]).max(axis=-1).tolist()


def level(data) -> float:
    """The level of significance that goes with the plan's confidence level."""
    return formats.alpha(data.conf_level)


def share_kept(values, cut) -> float:
    """Share of the variation of a measurement that is left when only the side of the cut is known.

    >>> round(share_kept([2, 4, 5, 7, 8, 10, 12, 16], 7), 3)
    0.671
    """
    values = np.asarray(values, float)
    above = values > cut
    means = np.where(above, values[above].mean(), values[~above].mean())
    return float(means.var() / values.var())


@lru_cache(maxsize=COHORTS)
def likelihood_ratios(data) -> tuple[float, float]:
    """Likelihood-ratio chi-square of Cox's model with the measurement as it is, and with its planned two groups."""
    columns = (data.measured, split(data.measured, [planned(data)["cut"]])[:, 0])
    fits = [partial_likelihood.fit(data.time, data.event, np.asarray(c, float)[:, None]) for c in columns]
    return tuple(float(fitted.likelihood_ratio.statistic) for fitted in fits)


@lru_cache(maxsize=COHORTS)
def noise_factors(data) -> np.ndarray:
    """P values of meaningless factors: 500 studies by 20 shuffled copies of the measurement, tested one by one."""
    values = (data.measured - data.measured.mean()).to_numpy() / data.measured.std()
    shuffled = partial(_noise_factors, np.asarray(data.time), np.asarray(data.event), values)
    return np.array(resampled(shuffled, SHUFFLES, SEED + 1))


def _noise_factors(time, event, values, rng, size):
    copies = (rng.permuted(np.tile(values, (NOISE_FACTORS, 1)), axis=1).T for _ in range(size))
    return [p_values(chi_squares(time, event, each)) for each in copies]


def any_significant(data) -> pd.DataFrame:
    """Share of studies in which at least one of ``factors`` meaningless factors is significant, beside the formula."""
    lowest = np.minimum.accumulate(noise_factors(data), axis=1)
    factors = np.arange(1, NOISE_FACTORS + 1)
    alpha = level(data)
    columns = {"factors": factors, "seen": (lowest < alpha).mean(axis=0), "formula": 1 - (1 - alpha) ** factors}
    return pd.DataFrame(columns)


@lru_cache(maxsize=COHORTS)
def noise_concordance(data) -> pd.DataFrame:
    """Concordance of models made of noise, and what two ways of correcting it leave.

    Each of 6 studies gives every patient 20 random numbers, keeps the 3 with the smallest P values and fits Cox's model
    with them. The bootstrap (20 resamples) either refits only those 3 or also repeats the choice of them.

    Returns
    -------
    DataFrame
        Indexed by ``apparent``, ``refit only`` and ``choice repeated``; ``mean`` over the studies. The truth is 0.5.
    """
    rng = np.random.default_rng(SEED + 2)
    n, found = len(data.time), []
    for _ in range(6):
        noise = rng.standard_normal((n, NOISE_FACTORS))
        everyone = np.arange(n)
        kept = _chosen(data, noise, everyone)
        apparent, _ = _concordances(data, noise, kept, everyone)
        optimism = {"refit only": [], "choice repeated": []}
        for _ in range(20):
            drawn = np.sort(rng.integers(0, n, n))
            for name, columns in (("refit only", kept), ("choice repeated", _chosen(data, noise, drawn))):
                inside, outside = _concordances(data, noise, columns, drawn)
                optimism[name].append(inside - outside)
        found.append({"apparent": apparent} | {name: apparent - np.nanmean(each) for name, each in optimism.items()})
    return pd.DataFrame({"mean": pd.DataFrame(found).mean()})


def _chosen(data, noise, drawn):
    chi_square = chi_squares(data.time[drawn], data.event[drawn], noise[drawn])
    return np.argsort(-chi_square, kind="stable")[:KEPT]


def _concordances(data, noise, columns, drawn):
    """Concordance of the model fitted to the patients ``drawn``: in them, and in everyone."""
    fitted = partial_likelihood.fit(data.time[drawn], data.event[drawn], noise[np.ix_(drawn, columns)])
    risk = fitted.linear_predictor(noise[:, columns])
    estimate = concordance.concordance_estimate
    inside = estimate(data.time[drawn], data.event[drawn], risk[drawn])
    return inside, estimate(data.time, data.event, risk)


@lru_cache(maxsize=COHORTS)
def halves(data) -> pd.DataFrame:
    """The hazard ratio at the best cut of one random half, and at the same cut in the other half, 200 times.

    Hazard ratios by Peto's one-step estimate exp((O - E) / V), turned so that in the half that was searched it is above 1.
    Splits are left out where the variance V of either half is below one half: groups too small for an estimate.

    Returns
    -------
    DataFrame
        ``cut``, ``searched``, ``fresh``.
    """
    cut = partial(_halves, np.asarray(data.time), np.asarray(data.event), data.measured.to_numpy())
    rows = resampled(cut, 200, SEED + 3)
    return pd.DataFrame(rows, columns=["cut", "searched", "fresh"]).dropna().reset_index(drop=True)


def _halves(time, event, values, rng, size):
    rows, n = [], len(values)
    for _ in range(size):
        order = rng.permutation(n)
        here, there = order[: n // 2], order[n // 2 :]
        cuts = candidate_cuts(values[here])
        cut = cuts[chi_squares(time[here], event[here], split(values[here], cuts)).argmax()]
        steps = []
        for half in (here, there):
            difference, variance = contrasts(time[half], event[half], split(values[half], [cut]))
            steps.append(difference[0] / variance[0] if variance[0] > 0.5 else math.nan)
        rows.append((cut, *np.exp(np.sign(steps[0]) * np.array(steps))))
    return rows


def baseline_count(data):
    """Number of variables known at time zero: so many factors could have been tried."""
    return len(known_at_start(data.cohort))

"""Lesson "cutpoint": what cutting a measurement in two loses, and what searching for the best cut invents.

Every search here splits a measurement at a value into "at most" and "more than" and compares the two groups by the
log-rank test. A shuffle hands the same measurements to other patients, so that they cannot have to do with the outcome.

References
----------
Miller R, Siegmund D (1982), Biometrics 38:1011-1016. Lausen B, Schumacher M (1992), Biometrics 48:73-85.
Altman DG, Lausen B, Sauerbrei W, Schumacher M (1994), J Natl Cancer Inst 86:829-835.
Yusuf S, Peto R, Lewis J, Collins R, Sleight P (1985), Prog Cardiovasc Dis 27:335-371 (one-step hazard ratio).
"""

import functools
import itertools
import math

import numpy as np
import pandas as pd
from scipy.special import chdtrc
from scipy.stats import norm

from aice_helpers.core.seeds import SHUFFLED_CUTS as SEED
from aice_helpers.course.engine.exercise import Exercise, Mistake
from aice_helpers.course.engine.markup import written
from aice_helpers.course.engine.play import Play
from aice_helpers.course.engine.quiz import Option, Question
from aice_helpers.course.engine.subject import SEARCHED, candidate_cuts
from aice_helpers.show import formats
from aice_helpers.stats import concordance, partial_likelihood

NEEDS = ("endpoint", "measure")

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
_ENTRIES = 3_000_000
"""Entries of the groups of shuffled cohorts that are worked on together."""
_MOST_CUTS, _MONTHS = 100, 24
"""Most places of the interactive figure's slider, and the parts into which its curves divide the time."""
_APART = 5
"""Patients between neighboring cuts of the interactive figure on a real cohort: no difference of two curves is one patient's."""


# ---- the log-rank test at many cuts at once -----------------------------------------------------------------------
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


# ---- the cohort ---------------------------------------------------------------------------------------------------
def _once(function):
    """Keep what a function found for a subject with the subject, as its own cached properties are."""

    @functools.wraps(function)
    def kept(subject):
        found = vars(subject)
        name = f"_cutpoint_{function.__name__}"
        if name not in found:
            found[name] = function(subject)
        return found[name]

    return kept


@_once
def search(subject) -> pd.DataFrame:
    """`cut_table` of the subject's measurement and endpoint."""
    return cut_table(subject.measured, subject.time, subject.event)


def best(subject) -> pd.Series:
    """The row of `search` with the largest chi-square."""
    table = search(subject)
    return table.loc[table["chi_square"].idxmax()]


@_once
def planned(subject) -> pd.Series:
    """The cut that was fixed beforehand, as a row of `cut_table`, with what it is.

    The first cut-point of the plan that leaves patients on both sides; else the median; else, where the median is the
    largest value of all, the highest candidate.

    Returns
    -------
    Series
        Also ``named`` (whether the plan names it), ``words`` (what it is) and ``source`` (why it is the one).
    """
    values, plan = subject.measured, subject.cohort.study.analysis.cut_points.get(subject.measure)
    asked = plan.at if plan else ()
    usable = [at for at in asked if values.min() <= at < values.max()]
    if usable:
        cut, words, source = usable[0], "the cut named beforehand", "named in the plan"
    else:
        middle = values.median() < values.max()
        cut = values.median() if middle else candidate_cuts(values)[-1]
        words = "the median" if middle else "the highest candidate cut"
        source = f"{words}, for {_unusable(subject, asked)}"
    above = split(values, [cut])
    chi_square = float(chi_squares(subject.time, subject.event, above)[0])
    more = int(above.sum())
    row = {"cut": float(cut), "at_most": len(values) - more, "more": more, "chi_square": chi_square}
    said = {"named": bool(usable), "words": words, "source": source}
    return pd.Series(row | {"p_value": float(p_values(chi_square))} | said, dtype=object)


def _unusable(subject, asked):
    """Why none of the plan's cut-points of the measurement can be taken."""
    if not asked:
        return "the plan names no cut-point for it"
    several = "s" if len(asked) > 1 else ""
    cuts = formats.listing(_with_unit(subject, at) for at in asked)
    return f"the plan's cut-point{several} {cuts} {'leave' if several else 'leaves'} all patients on one side"


def _with_unit(subject, value):
    return f"{formats.plain(value)} {subject.cohort.study.variables[subject.measure].unit}".strip()


@_once
def best_of_shuffles(subject) -> np.ndarray:
    """Largest chi-square of the same search in each of 500 shuffles of the measurement."""
    above = split(subject.measured, search(subject)["cut"])
    rng = np.random.default_rng(SEED)
    orders = rng.permuted(np.tile(np.arange(len(above)), (SHUFFLES, 1)), axis=1)
    together = max(1, _ENTRIES // above.size)
    parts = [orders[start : start + together] for start in range(0, SHUFFLES, together)]
    return np.concatenate([chi_squares(subject.time, subject.event, above[part]).max(axis=-1) for part in parts])


def level(subject) -> float:
    """The level of significance that goes with the plan's confidence level."""
    return formats.alpha(subject.conf_level)


def share_kept(values, cut) -> float:
    """Share of the variation of a measurement that is left when only the side of the cut is known.

    >>> round(share_kept([2, 4, 5, 7, 8, 10, 12, 16], 7), 3)
    0.671
    """
    values = np.asarray(values, float)
    above = values > cut
    means = np.where(above, values[above].mean(), values[~above].mean())
    return float(means.var() / values.var())


@_once
def likelihood_ratios(subject) -> tuple[float, float]:
    """Likelihood-ratio chi-square of Cox's model with the measurement as it is, and with its planned two groups."""
    columns = (subject.measured, split(subject.measured, [planned(subject)["cut"]])[:, 0])
    fits = [partial_likelihood.fit(subject.time, subject.event, np.asarray(c, float)[:, None]) for c in columns]
    return tuple(float(fitted.likelihood_ratio.statistic) for fitted in fits)


# ---- what noise does ----------------------------------------------------------------------------------------------
@_once
def noise_factors(subject) -> np.ndarray:
    """P values of meaningless factors: 500 studies by 20 shuffled copies of the measurement, tested one by one."""
    rng = np.random.default_rng(SEED + 1)
    values = (subject.measured - subject.measured.mean()).to_numpy() / subject.measured.std()
    found = []
    for _ in range(SHUFFLES):
        copies = rng.permuted(np.tile(values, (NOISE_FACTORS, 1)), axis=1).T
        found.append(p_values(chi_squares(subject.time, subject.event, copies)))
    return np.array(found)


def any_significant(subject) -> pd.DataFrame:
    """Share of studies in which at least one of ``factors`` meaningless factors is significant, beside the formula."""
    lowest = np.minimum.accumulate(noise_factors(subject), axis=1)
    factors = np.arange(1, NOISE_FACTORS + 1)
    alpha = level(subject)
    columns = {"factors": factors, "seen": (lowest < alpha).mean(axis=0), "formula": 1 - (1 - alpha) ** factors}
    return pd.DataFrame(columns)


@_once
def noise_concordance(subject) -> pd.DataFrame:
    """Concordance of models made of noise, and what two ways of correcting it leave.

    Each of 6 studies gives every patient 20 random numbers, keeps the 3 with the smallest P values and fits Cox's model
    with them. The bootstrap (20 resamples) either refits only those 3 or also repeats the choice of them.

    Returns
    -------
    DataFrame
        Indexed by ``apparent``, ``refit only`` and ``choice repeated``; ``mean`` over the studies. The truth is 0.5.
    """
    rng = np.random.default_rng(SEED + 2)
    n, found = len(subject.time), []
    for _ in range(6):
        noise = rng.standard_normal((n, NOISE_FACTORS))
        everyone = np.arange(n)
        kept = _chosen(subject, noise, everyone)
        apparent, _ = _concordances(subject, noise, kept, everyone)
        optimism = {"refit only": [], "choice repeated": []}
        for _ in range(20):
            drawn = np.sort(rng.integers(0, n, n))
            for name, columns in (("refit only", kept), ("choice repeated", _chosen(subject, noise, drawn))):
                inside, outside = _concordances(subject, noise, columns, drawn)
                optimism[name].append(inside - outside)
        found.append({"apparent": apparent} | {name: apparent - np.nanmean(each) for name, each in optimism.items()})
    return pd.DataFrame({"mean": pd.DataFrame(found).mean()})


def _chosen(subject, noise, drawn):
    chi_square = chi_squares(subject.time[drawn], subject.event[drawn], noise[drawn])
    return np.argsort(-chi_square, kind="stable")[:KEPT]


def _concordances(subject, noise, columns, drawn):
    """Concordance of the model fitted to the patients ``drawn``: in them, and in everyone."""
    fitted = partial_likelihood.fit(subject.time[drawn], subject.event[drawn], noise[np.ix_(drawn, columns)])
    risk = fitted.linear_predictor(noise[:, columns])
    estimate = concordance.concordance_estimate
    inside = estimate(subject.time[drawn], subject.event[drawn], risk[drawn])
    return inside, estimate(subject.time, subject.event, risk)


@_once
def halves(subject) -> pd.DataFrame:
    """The hazard ratio at the best cut of one random half, and at the same cut in the other half, 200 times.

    Hazard ratios by Peto's one-step estimate exp((O - E) / V), turned so that in the half that was searched it is above 1.
    Splits are left out where the variance V of either half is below one half: groups too small for an estimate.

    Returns
    -------
    DataFrame
        ``cut``, ``searched``, ``fresh``.
    """
    rng = np.random.default_rng(SEED + 3)
    values, n, rows = subject.measured.to_numpy(), len(subject.measured), []
    for _ in range(200):
        order = rng.permutation(n)
        here, there = order[: n // 2], order[n // 2 :]
        cuts = candidate_cuts(values[here])
        chi_square = chi_squares(subject.time[here], subject.event[here], split(values[here], cuts))
        cut = cuts[chi_square.argmax()]
        steps = []
        for half in (here, there):
            difference, variance = contrasts(subject.time[half], subject.event[half], split(values[half], [cut]))
            steps.append(difference[0] / variance[0] if variance[0] > 0.5 else math.nan)
        ratios = np.exp(np.sign(steps[0]) * np.array(steps))
        rows.append({"cut": cut, "searched": ratios[0], "fresh": ratios[1]})
    return pd.DataFrame(rows).dropna().reset_index(drop=True)


# ---- what the page says -------------------------------------------------------------------------------------------
def _words(subject):
    """What fills the fields of texts: names, counts and results of the subject."""
    found, plan = best(subject), planned(subject)
    study, alpha = subject.cohort.study, level(subject)
    table = search(subject)
    return {
        "measure": study.label(subject.measure),
        "endpoint": subject.label,
        "n": len(subject.time),
        "events": int(subject.event.sum()),
        "low": formats.plain(table["cut"].iloc[0]),
        "high": _with_unit(subject, table["cut"].iloc[-1]),
        "cuts": len(table),
        "cut": _with_unit(subject, found["cut"]),
        "best_chi": f"{found['chi_square']:.2f}",
        "best_p": formats.p_words(found["p_value"], alpha),
        "plan": _with_unit(subject, plan["cut"]),
        "plan_words": plan["words"],
        "plan_source": plan["source"],
        "plan_chi": f"{plan['chi_square']:.2f}",
        "plan_p": formats.p_words(plan["p_value"], alpha),
        "level": f"{100 * alpha:g}%",
        "alpha": f"{alpha:g}",
        "shuffles": SHUFFLES,
        "factors": _factors(subject),
    }


def loss_words(subject):
    """How much of the measurement, and of its link with the outcome, the two planned groups keep."""
    whole, halved = likelihood_ratios(subject)
    kept = share_kept(subject.measured, planned(subject)["cut"])
    values = _words(subject) | {"kept": formats.percent(kept), "whole": f"{whole:.2f}", "halved": f"{halved:.2f}"}
    if math.isfinite(whole) and math.isfinite(halved):
        compared = (
            "Cox's model gets a likelihood-ratio chi-square of **{whole}** from the measurement as it is and of "
            "**{halved}** from the two groups: "
            + (
                "the groups say less."
                if halved < whole
                else "here the groups happen to fit no worse, which nobody can know beforehand."
            )
        )
    else:
        compared = "Cox's model has no finite estimate here."
    cut = "{measure}, cut at {plan} ({plan_source}): knowing only the side keeps **{kept}** of its variation. "
    return written(cut + compared, values)


def search_words(subject):
    """The best cut and the planned one."""
    return written(
        "**{endpoint}** by {measure}: {cuts} candidate cuts, the lowest at {low}, the highest at {high}. The largest chi-square is **{best_chi}**, at "
        "{cut} ({best_p}, taken by itself). The cut at {plan} ({plan_source}) has {plan_chi} ({plan_p}).",
        _words(subject),
    )


def adjusted_words(subject):
    """The P value of the best cut, taken by itself, for the whole search, and by the approximation."""
    found, alpha = best(subject), level(subject)
    whole = adjusted_p(found["chi_square"], best_of_shuffles(subject))
    more = {
        "whole": formats.p_words(whole, alpha),
        "approximate": formats.p_words(approximate_p(found["chi_square"]), alpha),
        "verdict": _verdict(found["p_value"], whole, alpha),
    }
    return written(
        "The best of {cuts} cuts, taken by itself: {best_p}. As the best of a search, by {shuffles} shuffles: **{whole}**; by the "
        "approximation: {approximate}. {verdict}",
        _words(subject) | more,
    )


def _verdict(alone, whole, alpha):
    if alone >= alpha:
        return "Even the best cut does not pass the level."
    if whole >= alpha:
        return "What the single test called significant, the search finds by chance too often to be surprising."
    return "The difference is larger than a search among noise explains; its size at this cut is still flattered."


def noise_words(subject):
    """How often a search among shuffles comes out significant."""
    share = (p_values(best_of_shuffles(subject)) < level(subject)).mean()
    return written(
        "In **{share}** of {shuffles} shuffles the best cut had a P value below {alpha}. The measurement had nothing to do "
        "with the outcome in any of them; a single cut named beforehand would have passed in about {level}.",
        _words(subject) | {"share": formats.percent(share)},
    )


def concordance_words(subject):
    """The concordance of models made of noise, before and after correction."""
    means = noise_concordance(subject)["mean"]
    return written(
        "Models of noise, fitted to **{endpoint}**: apparent concordance **{apparent}**; corrected by a bootstrap that only refits the chosen "
        "factors {refit}; by one that repeats the choice **{repeated}**. The truth is 0.5.",
        _words(subject)
        | {
            "apparent": f"{means['apparent']:.3f}",
            "refit": f"{means['refit only']:.3f}",
            "repeated": f"{means['choice repeated']:.3f}",
        },
    )


def halves_words(subject):
    """The hazard ratio at the best cut where it was found, and elsewhere."""
    pairs = halves(subject)
    smaller = (pairs["fresh"] < pairs["searched"]).mean()
    turned = (pairs["fresh"] < 1).mean()
    return written(
        "Median hazard ratio at the best cut in the half that was searched: **{searched}**; at the same cut in the other half: "
        "**{fresh}**. It came out smaller there in {smaller} of {pairs} splits, and pointed the other way (below 1) in {turned}.",
        {
            "searched": formats.ratio(pairs["searched"].median()),
            "fresh": formats.ratio(pairs["fresh"].median()),
            "smaller": formats.percent(smaller),
            "turned": formats.percent(turned),
            "pairs": len(pairs),
        },
    )


# ---- the interactive figure ---------------------------------------------------------------------------------------
def mover(subject) -> Play:
    """The interactive figure: the cut moved through the candidates, in the cohort and in three shuffles of it."""
    rng = np.random.default_rng(SEED + 4)
    values = subject.measured.to_numpy()
    sets = [("The data", values)] + [(f"Shuffle {k}", rng.permutation(values)) for k in (1, 2, 3)]
    moments = np.linspace(0, float(subject.time.max()), _MONTHS + 1)
    made = [_one_set(subject, name, each, moments) for name, each in sets]
    study, count = subject.cohort.study, len(search(subject))
    return Play(
        "cutpoint",
        "Move the cut",
        "Move the cut-point and watch the two groups, the P value of the cut **taken by itself** and the one **for the whole search**. Then choose a "
        "shuffle: the same measurements, handed to other patients at random. Is there a cut that looks convincing? "
        + _choice_words(len(made[0]["cuts"]), count),
        {
            "sets": made,
            "moments": [float(f"{moment:.4g}") for moment in moments],
            "measure": study.label(subject.measure),
            "unit": study.variables[subject.measure].unit,
            "endpoint": subject.label,
            "time": subject.unit,
            "alpha": level(subject),
            "cutsSearched": count,
        },
        "With scripts on, this figure moves a cut-point along the measurement. What it shows: the P value of a single cut jumps "
        "up and down from one value to the next; the lowest of them looks convincing even in shuffled data, and the P value for "
        "the whole search puts it right.",
    )


def _choice_words(shown, count):
    if shown == count:
        return f"All {count} candidate cuts can be chosen."
    return f"Of the {count} candidate cuts {shown} can be chosen, the best of all among them."


def _shown(subject, table):
    """Places in a `cut_table` of the cuts that the figure holds: the best one, and from it both ways all that lie far enough apart."""
    apart = 1 if subject.cohort.study.synthetic else _APART
    if len(table) > _MOST_CUTS:
        apart = max(apart, math.ceil(table["at_most"].max() / _MOST_CUTS))
    at_most, places = table["at_most"].to_numpy(), [int(table["chi_square"].argmax())]
    for place in range(places[0] + 1, len(table)):
        if at_most[place] >= at_most[places[-1]] + apart:
            places.append(place)
    for place in range(places[0] - 1, -1, -1):
        if at_most[place] <= at_most[places[0]] - apart:
            places.insert(0, place)
    return places


def _one_set(subject, name, values, moments):
    table = cut_table(values, subject.time, subject.event)
    table = table.iloc[_shown(subject, table)]
    sides = [(~above, above) for above in split(values, table["cut"]).T]
    adjusted = adjusted_p(table["chi_square"].to_numpy(), best_of_shuffles(subject))
    return {
        "name": name,
        "cuts": [float(f"{cut:.12g}") for cut in table["cut"]],
        "more": table["more"].tolist(),
        "n": len(values),
        "chi": [round(chi_square, 4) for chi_square in table["chi_square"]],
        "p": [float(f"{p:.4g}") for p in table["p_value"]],
        "adjusted": [float(f"{p:.4g}") for p in adjusted],
        "curves": [[_coarse(subject, side, moments) for side in both] for both in sides],
    }


def _coarse(subject, side, moments):
    """Kaplan-Meier estimate of some patients at a few moments, in thousandths; None after their last observation."""
    time, event = subject.time[side], subject.event[side]
    times, deaths = np.unique(time[event], return_counts=True)
    at_risk = len(time) - np.searchsorted(np.sort(time), times)
    shares = np.concatenate([[1.0], np.cumprod(1 - deaths / at_risk)])
    read = shares[np.searchsorted(times, moments, side="right")]
    return [round(1000 * share) if moment <= time.max() else None for share, moment in zip(read, moments, strict=True)]


# ---- exercises ----------------------------------------------------------------------------------------------------
def _factors(subject):
    """Number of variables known at time zero: so many factors could have been tried."""
    return sum(variable.role == "baseline" for variable in subject.cohort.study.variables.values())


def _sides(subject, above):
    return int((~above).sum()), int(above.sum())


def _everywhere(subject):
    """Largest chi-square over all cuts, the outermost ones included."""
    cuts = np.unique(subject.measured)[:-1]
    return float(chi_squares(subject.time, subject.event, split(subject.measured, cuts)).max())


def _reached(subject):
    return int((best_of_shuffles(subject) >= best(subject)["chi_square"]).sum())


def _approximation(chi_square, z, width, *, second=True):
    if z <= 1:
        return None
    return float(min(1.0, norm.pdf(z) * ((z - 1 / z) * width + (4 / z if second else 0))))


def _altered(subject, **change):
    chi_square = best(subject)["chi_square"]
    given = {"z": math.sqrt(chi_square), "width": 2 * math.log((1 - SEARCHED) / SEARCHED)} | change
    return _approximation(chi_square, **given) / float(best(subject)["p_value"])


EXERCISES = (
    Exercise(
        "cutpoint-1",
        "Two sides",
        1,
        "Cut **{measure}** at {plan}: a value equal to the cut belongs to the lower group, as everywhere in this book. How many patients lie at or "
        "below the cut, and how many above it?",
        lambda s: (int(planned(s)["at_most"]), int(planned(s)["more"])),
        values=_words,
        hints=(
            "The two numbers add up to {n}.",
            "`(subject.measured <= t).sum(), (subject.measured > t).sum()` with {plan} for `t`",
        ),
        mistakes=(
            Mistake("That puts the patients whose value equals the cut into the upper group. Studies differ in this, so it must be "
                    "written down; here they belong below.",
                    lambda s: _sides(s, (s.measured >= planned(s)["cut"]).to_numpy())),
            Mistake("Those are the events on the two sides. The patients are asked for.",
                    lambda s: _sides_of_events(s)),
            Mistake("That is the split at the median. The cut asked for is {plan}.",
                    lambda s: _sides(s, (s.measured > s.measured.median()).to_numpy())),
        ),
        because="Whoever reads the study must be able to sort a new patient: the value, and the side to which it belongs itself.",
    ),
    Exercise(
        "cutpoint-2",
        "How many tries?",
        1,
        "How many candidate cuts does the search over **{measure}** have: distinct values from the 10th to the 90th percentile (both "
        "included, `np.quantile`), without the largest value of all?",
        lambda s: len(search(s)),
        values=_words,
        hints=(
            "Two patients with the same value make one cut, not two.",
            "`np.unique(subject.measured)`, then keep those between `np.quantile(subject.measured, 0.1)` and "
            "`np.quantile(subject.measured, 0.9)`",
        ),
        mistakes=(
            Mistake("That counts patients. Patients with the same value lie on the same side of every cut.",
                    lambda s: int(s.measured.between(*s.measured.quantile([SEARCHED, 1 - SEARCHED])).sum())),
            Mistake("That counts all distinct values. The outermost ones would leave almost nobody on one side.",
                    lambda s: int(s.measured.nunique())),
            Mistake("That is one cut too few: with $k$ values inside the range, all $k$ can be cuts, for there are patients above each.",
                    lambda s: len(search(s)) - 1),
            Mistake("That is the number of patients.", lambda s: len(s.measured)),
        ),
        because="Each candidate is a test. Whoever tries them all and shows one has made that many tests.",
    ),
    Exercise(
        "cutpoint-3",
        "The best of them",
        2,
        "What is the largest log-rank chi-square for **{endpoint}** over all these candidate cuts?",
        lambda s: float(best(s)["chi_square"]),
        digits=2,
        values=_words,
        hints=(
            "`cutpoint.cut_table(subject.measured, subject.time, subject.event)` holds a row for each cut.",
            "Without it: `logrank_test` of lifelines in a list comprehension over the cuts, and the maximum of its `test_statistic`.",
        ),
        mistakes=(
            Mistake("That is the chi-square at {plan}, {plan_words}. Search over all candidates.",
                    lambda s: float(planned(s)["chi_square"])),
            Mistake("That is its P value. The chi-square is asked for.", lambda s: float(best(s)["p_value"])),
            Mistake("That is its square root, the z value.", lambda s: math.sqrt(best(s)["chi_square"])),
            Mistake("That searches all values, out to groups of one or two patients. Stay between the 10th and the 90th percentile.",
                    _everywhere),
            Mistake("That is the mean over the cuts. A search keeps the largest.", lambda s: float(search(s)["chi_square"].mean())),
        ),
        because="It is a maximum, and a maximum of many does not follow the distribution of one.",
    ),
    Exercise(
        "cutpoint-4",
        "One of them will do",
        2,
        "Suppose that all {factors} characteristics known at time zero were meaningless and independent, and each were tested once at the level "
        "{alpha}. What is the probability that **at least one** is significant?",
        lambda s: 1 - (1 - level(s)) ** _factors(s),
        values=_words,
        hints=(
            "Ask for the opposite first: the probability that none is significant.",
            "Each is not significant with probability 1 minus {alpha}; for all of them together multiply.",
        ),
        mistakes=(
            Mistake("That is the sum. It counts the cases with two significant factors twice; with many factors it even exceeds 1.",
                    lambda s: level(s) * _factors(s)),
            Mistake("That is the probability that none of them is significant.", lambda s: (1 - level(s)) ** _factors(s)),
            Mistake("That is the probability that all of them are significant at once.", lambda s: level(s) ** _factors(s)),
            Mistake("That is the level of a single test. There are {factors}.", lambda s: level(s)),
        ),
        because="A list of significant factors needs no true one among them.",
    ),
    Exercise(
        "cutpoint-5",
        "The P value of the search",
        3,
        "`cutpoint.best_of_shuffles(subject)` holds the largest chi-square of the same search in each of {shuffles} shuffles. What is "
        "the permutation P value of the best cut, when the data themselves count as one more shuffle?",
        lambda s: float(adjusted_p(best(s)["chi_square"], best_of_shuffles(s))),
        values=_words,
        hints=(
            "How many shuffles have a best chi-square at least as large as the one you found?",
            "Add one to that count and one to the number of shuffles, and divide.",
        ),
        mistakes=(
            Mistake("That is the P value of the best cut as if it were the only test.", lambda s: float(best(s)["p_value"])),
            Mistake("Nearly: that leaves the data themselves out. They are one of the possible shuffles, and with them the P value is never 0.",
                    lambda s: _reached(s) / SHUFFLES),
            Mistake("That multiplies by the number of cuts (Bonferroni). It treats neighboring cuts as independent tests, which they are far from, "
                    "and is too strict.", lambda s: min(1.0, len(search(s)) * float(best(s)["p_value"]))),
            Mistake("That is the share of shuffles that stay below. Those that reach as much are asked for.",
                    lambda s: 1 - _reached(s) / SHUFFLES),
            Mistake("That is how often a shuffle passes the level {alpha}. Compare with your own chi-square instead.",
                    lambda s: float((p_values(best_of_shuffles(s)) < level(s)).mean())),
        ),
        because="The same search, done where there is nothing to find, is the fair comparison.",
    ),
    Exercise(
        "cutpoint-6",
        "Without a computer",
        3,
        "By what factor does Miller and Siegmund's approximation, for a search from the 10th to the 90th percentile, multiply the P value "
        "of the best cut of **{measure}** taken by itself?",
        lambda s: approximate_p(best(s)["chi_square"]) / float(best(s)["p_value"]),
        digits=1,
        values=_words,
        hints=(
            "$z$ is the root of the largest chi-square, and the share left out at each end is 0.1.",
            r"$P = \varphi(z) \left[ (z - 1/z) \, \log\frac{0.9^2}{0.1^2} + 4/z \right]$, and never more than 1; `scipy.stats.norm.pdf`",
            "Divide it by `scipy.stats.chi2.sf(chi_square, 1)`, the P value of a single test.",
        ),
        mistakes=(
            Mistake("That puts the chi-square where its root belongs.", lambda s: _altered(s, z=best(s)["chi_square"])),
            Mistake("That forgets the squares in the logarithm: both ends of the range count.",
                    lambda s: _altered(s, width=math.log((1 - SEARCHED) / SEARCHED))),
            Mistake("That leaves out the last term, 4 over z.", lambda s: _altered(s, second=False)),
            Mistake("That uses the logarithm to base 10. The natural one is meant.",
                    lambda s: _altered(s, width=2 * math.log10((1 - SEARCHED) / SEARCHED))),
            Mistake("That is the P value of the best cut taken by itself. Asked for is the factor between it and the approximation.",
                    lambda s: float(best(s)["p_value"])),
            Mistake("That is the approximate P value itself. Asked for is how many times the printed one it is.",
                    lambda s: approximate_p(best(s)["chi_square"])),
        ),
        because="Good enough to correct a printed \"optimal\" cut-point when nothing but its P value is known.",
    ),
)  # fmt: skip


def _sides_of_events(subject):
    above = (subject.measured > planned(subject)["cut"]).to_numpy()
    return int(subject.event[~above].sum()), int(subject.event[above].sum())


QUESTIONS = (
    Question(
        "cutpoint-q1",
        "A tumor size is cut at 10 cm. Which two patients does the analysis treat as alike?",
        (
            Option("9.9 cm and 10.1 cm", False, "They lie on different sides and count as opposites, though they hardly differ."),
            Option("10.1 cm and 20 cm", True, "Both are simply \"large\". What lies between them is thrown away."),
            Option("2 cm and 20 cm", False, "These lie on different sides, and rightly so."),
        ),
    ),
    Question(
        "cutpoint-q2",
        "A paper: \"The optimal cut-off was 6.3 (P = 0.02).\" The search is not described. What may be concluded?",
        (
            Option("The factor is prognostic at the 5% level.", False,
                   "The level holds for one test. A search among noise often finds as much."),
            Option("Little: the P value belongs to the best of many tests.", True,
                   "Corrected for a search over the middle 80%, a P value of 0.02 becomes about 0.27."),
            Option("The factor is not prognostic.", False, "That does not follow either. The evidence is weaker than it looks."),
        ),
    ),
    Question(
        "cutpoint-q3",
        "Why is Bonferroni's correction over all candidate cuts too strict?",
        (
            Option("Neighboring cuts share nearly all their patients.", True,
                   "Their tests rise and fall together, so they are worth far fewer independent tests."),
            Option("The P values are not exact.", False, "That matters little here; the tests hang together."),
            Option("It is not; it is the right one.", False, "It would be for independent tests."),
        ),
    ),
    Question(
        "cutpoint-q4",
        "Three of twenty factors were chosen by P value, and the bootstrap refitted those three in each resample. The corrected concordance is ...",
        (
            Option("about right.", False, "The resamples never pay for the choice, which was the greater part of the luck."),
            Option("still too high.", True, "The choice belongs to the model. Every resample must make it anew."),
            Option("too low.", False, "It corrects for too little, not for too much."),
        ),
    ),
    Question(
        "cutpoint-q5",
        "Two groups are needed for a bedside rule. Which cut can be defended best?",
        (
            Option("The one with the smallest P value.", False, "It is chosen by the luck of these patients."),
            Option("The median of these patients.", False,
                   "Better, for it did not look at the outcome. But it is another value in every hospital."),
            Option("One named before the analysis, with its source.", True,
                   "Then one test is one test, and others can apply the same cut and check it."),
        ),
    ),
)  # fmt: skip

"""Lesson "median": the confidence interval of a median survival time, and why programs differ."""

import math

import numpy as np
import pandas as pd
from scipy.stats import binom

from aice_helpers.core.intervals import normal_quantile
from aice_helpers.course.engine.exercise import Exercise, Mistake
from aice_helpers.course.engine.play import Play
from aice_helpers.course.engine.quiz import Option, Question
from aice_helpers.show.formats import NOT_ESTIMABLE, NOT_REACHED
from aice_helpers.stats import kaplan_meier
from aice_helpers.stats.kaplan_meier import CONF_TYPES, SPSS, TIE

NEEDS = ("endpoint", "median")

TEN = pd.DataFrame(
    {
        "time": [2.0, 4.0, 5.0, 7.0, 8.0, 10.0, 13.0, 15.0, 18.0, 24.0],
        "event": [True, True, False, True, True, True, True, True, True, False],
    },
    index=pd.Index(list("ABCDEFGHIJ"), name="patient"),
)
"""Ten invented patients (months): each scale of the band gives another interval."""

METHODS = (*CONF_TYPES, SPSS)
TRUE_MEDIAN = 20.0
SEED = 31


def ranks(n, conf_level=0.95) -> tuple[int, int]:
    """Which of ``n`` uncensored times, counted from the shortest, are the limits of the median; (0, n + 1) if none are.

    >>> ranks(10)
    (2, 9)
    """
    lower = int(binom.ppf((1 - conf_level) / 2, n, 0.5))
    return lower, n + 1 - lower


def band(time, event, scale, conf_level=0.95) -> pd.DataFrame:
    """The Kaplan-Meier curve of a sample with the limits of one scale: time, at_risk, events, share, std_error, low, high."""
    curve = _curve(time, event)
    low, high = kaplan_meier.band_limits(curve, normal_quantile(conf_level), scale)
    columns = {"time": curve.time, "at_risk": curve.at_risk, "events": curve.events, "share": curve.survival}
    return pd.DataFrame(columns | {"std_error": curve.std_error, "low": low, "high": high})


def conventions(time, event, conf_level=0.95) -> pd.DataFrame:
    """Median with its limits by four conventions (columns median, lower, upper); missing what is not reached."""
    curve = _curve(time, event)
    found = {method: kaplan_meier.median_interval(curve, conf_level, method)[:3] for method in METHODS}
    table = pd.DataFrame.from_dict(found, orient="index", columns=["median", "lower", "upper"], dtype=float)
    return table.rename_axis("convention")


def displayed(table, digits=2) -> pd.DataFrame:
    """Such a table for the eye: rounded, and in words where a number is missing."""
    words = table.apply(lambda column: column.map(lambda value: "" if pd.isna(value) else f"{value:.{digits}f}"))
    missing = pd.Series({method: NOT_ESTIMABLE if method == SPSS else NOT_REACHED for method in table.index})
    return words.apply(lambda column: column.where(column != "", missing))


def density(time, event) -> pd.Series:
    """What SPSS's interval is made of: median, share and its error there, the two points of the slope, the slope, the error."""
    rows = band(time, event, "plain").query("events > 0")
    at = rows[rows["share"] <= 0.5 + TIE].iloc[0]
    before, after = rows[rows["share"] >= 0.55 - TIE].iloc[-1], rows[rows["share"] <= 0.45 + TIE].iloc[0]
    slope = (before["share"] - after["share"]) / (after["time"] - before["time"])
    names = ["median", "std_error_share", "before", "share_before", "after", "share_after", "slope", "std_error"]
    values = (at["time"], at["std_error"], before["time"], before["share"], after["time"], after["share"], slope)
    return pd.Series([*values, at["std_error"] / slope], index=names, dtype=float)


def simulated(sizes=(20, 50, 113), studies=2000, conf_level=0.95) -> pd.DataFrame:
    """How the conventions fare in invented studies whose true median is known.

    Times to the event are exponential with a median of `TRUE_MEDIAN` months; patients are followed for 12 to 60 months,
    all lengths equally probable. An interval without an upper limit holds every long time.

    Parameters
    ----------
    sizes : sequence of int
        Patients in each study.
    studies : int
    conf_level : float

    Returns
    -------
    DataFrame
        One row a size and convention: ``coverage``, ``too_early`` and ``too_late`` (shares of the studies with an
        interval that ends before the true median, or begins after it), ``width`` (median of the closed intervals),
        ``open`` (share without an upper limit) and ``without`` (share of the studies without an interval).
    """
    rows = []
    for n in sizes:
        time, event = simulated_times(n, studies)
        for method, (low, high) in _many_limits(time, event, conf_level).items():
            known = ~np.isnan(low)
            early, late = high[known] < TRUE_MEDIAN, low[known] > TRUE_MEDIAN
            closed = np.isfinite(high) & known
            shares = (1 - early.mean() - late.mean(), early.mean(), late.mean())
            rest = (np.median((high - low)[closed]), np.isinf(high[known]).mean(), 1 - known.mean())
            rows.append((n, method, *shares, *rest))
    columns = ["patients", "convention", "coverage", "too_early", "too_late", "width", "open", "without"]
    return pd.DataFrame(rows, columns=columns)


def simulated_times(n, studies):
    """Observed times and event flags of the invented studies, one study a row, each in the order of its times."""
    rng = np.random.default_rng([SEED, n])
    true = rng.exponential(TRUE_MEDIAN / math.log(2), (studies, n))
    followed = rng.uniform(12, 60, (studies, n))
    order = np.argsort(np.minimum(true, followed), axis=1)
    observed = np.take_along_axis(np.minimum(true, followed), order, axis=1)
    return observed, np.take_along_axis(true <= followed, order, axis=1)


def _many_limits(time, event, conf_level):
    """Limits of every row's median by every convention; nan without an interval, inf without an upper limit.

    The arithmetic of `aice_helpers.survival` for many samples at once; no two times of a sample may be equal.
    """
    at_risk = np.arange(time.shape[1], 0, -1)
    share = np.cumprod(1 - event / at_risk, axis=1)
    left = np.maximum(at_risk - 1, 1)
    root = np.sqrt(np.cumsum(event / (at_risk * left), axis=1))
    z, known = normal_quantile(conf_level), (share > 0) & (share < 1)
    # Where the curve is 1 no limit lies below one half; where it is 0 there are no limits.
    logs = np.log(np.where(known, share, 0.5))
    bands = {
        "plain": (share * (1 - z * root), share * (1 + z * root)),
        "log": (np.exp(logs - z * root), np.exp(logs + z * root)),
        "log-log": (np.exp(logs * np.exp(z * root / -logs)), np.exp(logs / np.exp(z * root / -logs))),
    }
    found = {}
    for method, (low, high) in bands.items():
        lower, upper = _first(time, known & (low < 0.5 + TIE)), _first(time, known & (high < 0.5 + TIE))
        found[method] = lower, np.where(np.isnan(upper) & ~np.isnan(lower), np.inf, upper)
    # SPSS writes 1.96, not the normal quantile.
    found[SPSS] = _many_spss(time, event, share, root, 1.96 if conf_level == 0.95 else z)
    return found


def _many_spss(time, event, share, root, z):
    half = event & (share <= 0.5 + TIE)
    estimate, error = _first(time, half), _first(share * root, half & (share > 0))
    after, share_after = (_first(values, event & (share <= 0.45 + TIE)) for values in (time, share))
    before, share_before = (
        _first(values[:, ::-1], (event & (share >= 0.55 - TIE))[:, ::-1]) for values in (time, share)
    )
    width = z * error * (after - before) / (share_before - share_after)
    return np.maximum(estimate - width, 0), estimate + width


def _first(values, where):
    place = where.argmax(axis=1)
    found = np.take_along_axis(values, place[:, None], axis=1)[:, 0]
    return np.where(where.any(axis=1), found, np.nan)


def _curve(time, event):
    return kaplan_meier.kaplan_meier(np.asarray(time, float), np.asarray(event, bool))


def reader() -> Play:
    """The interactive figure: the band of the ten invented patients, read at one time after the other."""
    bands = []
    for level in (0.8, 0.9, 0.95, 0.99):
        limits = conventions(TEN["time"], TEN["event"], level)
        for scale in CONF_TYPES:
            columns = band(TEN["time"], TEN["event"], scale, level)[["time", "share", "low", "high"]]
            rows = [_jsonable(row) for row in columns.itertuples(index=False)]
            bands.append(
                {
                    "scale": scale,
                    "level": level,
                    "rows": rows,
                    "limits": _jsonable(limits.loc[scale, ["lower", "upper"]]),
                }
            )
    return Play(
        "band",
        "Reading a band sideways",
        "Move the time through the follow-up of the ten invented patients. As long as the band holds one half, the time is a "
        "possible median. Then change the scale, and the level.",
        {
            "bands": bands,
            "last": float(TEN["time"].max()),
            "time": 4,
            "scale": "log-log",
            "level": 0.95,
            "unit": "months",
        },
        "With scripts on, this figure moves a time along the curve and says whether it is too short to be the median, possible, or "
        "too long. What it shows: the possible times make the interval; another scale or level moves its ends to other steps of "
        "the curve, and with few patients the band may never come down to one half.",
    )


def _jsonable(values):
    return [None if math.isnan(value) else float(value) for value in values]


def moment(subject) -> float:
    """A round time somewhat before the cohort's median, at or after its first event."""
    early = 0.8 * conventions(subject.time, subject.event)["median"].iloc[0]
    size = 10 ** (math.floor(math.log10(early)) - 1)
    first = subject.time[subject.event].min()
    return float(max(round(early / size) * size, first))


def _values(subject):
    return {
        "time": f"{moment(subject):g}",
        "unit": subject.unit,
        "endpoint": subject.label,
        "n": len(subject.time),
        "level": f"{100 * subject.conf_level:g}%",
    }


def _limits(subject, method, conf_level=None):
    row = conventions(subject.time, subject.event, conf_level or subject.conf_level).loc[method]
    limits = float(row["lower"]), float(row["upper"])
    return None if any(map(math.isnan, limits)) else limits


def _at(subject, time, scale="log-log"):
    table = band(subject.time, subject.event, scale, subject.conf_level)
    return table[table["time"] <= time + TIE].iloc[-1]


def _side(subject):
    lower, upper = _limits(subject, "log-log")
    return "too short" if moment(subject) < lower else "too long" if moment(subject) >= upper else "possible"


def _distance(subject):
    row = _at(subject, moment(subject))
    return float((row["share"] - 0.5) / row["std_error"])


def _binomial_distance(subject):
    share = _at(subject, moment(subject))["share"]
    return float((share - 0.5) / math.sqrt(share * (1 - share) / len(subject.time)))


def _band_at_median(subject):
    row = _at(subject, conventions(subject.time, subject.event).loc[SPSS, "median"])
    return float(row["low"]), float(row["high"])


def _one_step(subject):
    rows = band(subject.time, subject.event, "plain").query("events > 0")
    after = rows[rows["share"] <= 0.5 + TIE].iloc[0]
    before = rows[rows["share"] > 0.5 + TIE].tail(1)
    if before.empty:
        return None
    slope = (before["share"].iloc[0] - after["share"]) / (after["time"] - before["time"].iloc[0])
    return float(after["std_error"] / slope)


def _lengths(subject, methods=METHODS):
    return [upper - lower for lower, upper in (_limits(subject, method) for method in methods)]


def _spread(values):
    return float(max(values) - min(values))


EXERCISES = (
    Exercise(
        "median-1",
        "Is this time possible?",
        1,
        "Endpoint: **{endpoint}**. Judge by the {level} band on the **log(−log)** scale: is {time} {unit} too short to be the "
        "median, possible, or too long?",
        _side,
        values=_values,
        choices=lambda s: ("too short", "possible", "too long"),
        hints=(
            "Read the lower and the upper limit of the **curve** at {time} {unit}.",
            "One half between the two: possible. Both limits above one half: the curve is still up, and the median "
            "comes later.",
            "`median.band(subject.time, subject.event, \"log-log\", subject.conf_level)`, the last row whose time is not beyond {time}.",
        ),
        mistakes=(
            Mistake("Too short means that even the **lower** limit of the band is still above one half at {time}. Look at it.",
                    lambda s: "too short"),
            Mistake("Possible means that one half lies between the two limits of the band at {time}. Look at both of them.",
                    lambda s: "possible"),
            Mistake("Upside down: too long means that even the **upper** limit of the curve has come below one half by then.",
                    lambda s: "too long"),
        ),
        because="All the times that are possible in this sense make the confidence interval of the median.",
    ),
    Exercise(
        "median-2",
        "How far from one half?",
        1,
        "By how many Greenwood standard errors does the curve of **{endpoint}** differ from one half at {time} {unit} (positive "
        "when it is above)?",
        _distance,
        digits=2,
        values=_values,
        hints=(
            "Subtract 0.5 from the Kaplan-Meier estimate, and divide by its standard error.",
            "Estimate and error stand in `median.band(...)`, in the last row whose time is not beyond {time}.",
        ),
        mistakes=(
            Mistake("That is the distance itself, not counted in standard errors.", lambda s: float(_at(s, moment(s))["share"] - 0.5)),
            Mistake("That divides by the variance. Divide by its root.",
                    lambda s: _distance(s) / float(_at(s, moment(s))["std_error"])),
            Mistake("That counts in binomial standard errors of all {n} patients. Some were censored before {time}, so that error is too small.",
                    _binomial_distance),
            Mistake("That is the distance from 1. The hypothesis is that the curve stands at one half.",
                    lambda s: float((_at(s, moment(s))["share"] - 1) / _at(s, moment(s))["std_error"])),
        ),
        because="On the plain scale a time is possible where this number lies between −z and z (1.96 for 95%).",
    ),
    Exercise(
        "median-3",
        "The interval of the median",
        2,
        "Give the {level} confidence interval of the median of **{endpoint}** on the **log(−log)** scale, in {unit}, as (lower, upper).",
        lambda s: _limits(s, "log-log"),
        digits=2,
        values=_values,
        hints=(
            "Lower limit: the first time at which the **lower** limit of the curve is at or below one half.",
            "Upper limit: the first time at which the **upper** limit of the curve is.",
            "`fitted = KaplanMeierFitter(alpha=1 - subject.conf_level).fit(subject.time, subject.event)`, then "
            "`median_survival_times(fitted.confidence_interval_)`: lifelines' band is on this scale.",
        ),
        mistakes=(
            Mistake("That is the interval on the plain scale.", lambda s: _limits(s, "plain")),
            Mistake("That is the interval on the log scale, R's default.", lambda s: _limits(s, "log")),
            Mistake("That is SPSS's interval, symmetric around the median.", lambda s: _limits(s, SPSS)),
            Mistake("Those are the limits of the **share** at the median. Wanted are times: go along the line at one half, not "
                    "down at the median.", _band_at_median),
            Mistake("The band is too narrow: its quantile leaves the whole error on one side. Half belongs on each.",
                    lambda s: _limits(s, "log-log", max(2 * s.conf_level - 1, 0.1))),
        ),
        because="The band is read sideways: from left to right along the line at one half.",
    ),
    Exercise(
        "median-4",
        "SPSS's standard error",
        2,
        "What is the standard error of the median of **{endpoint}** in {unit}, as SPSS computes it: the standard error of the "
        "share at the median, divided by the slope of the curve around it?",
        lambda s: float(density(s.time, s.event)["std_error"]),
        digits=2,
        values=_values,
        hints=(
            "The median here is the first event time at which the curve is at or below one half; take Greenwood's error there.",
            "The slope uses two points: the last event time with a share of 0.55 or more, the first one with 0.45 or less.",
            "Slope: difference of the two shares over the difference of the two times.",
        ),
        mistakes=(
            Mistake("That is the error of the share, without a unit. Divide it by the slope to come from shares to times.",
                    lambda s: float(density(s.time, s.event)["std_error_share"])),
            Mistake("That multiplies by the slope. A flat curve must give a **large** error, so divide.",
                    lambda s: float(density(s.time, s.event)[["std_error_share", "slope"]].prod())),
            Mistake("That is half of the interval. The standard error comes before the multiplication by z.",
                    lambda s: float(1.96 * density(s.time, s.event)["std_error"])),
            Mistake("That takes one step alone for the slope. SPSS looks from 0.55 to 0.45.", _one_step),
        ),
        because="Where the curve is steep the median is known well; where it is flat, small changes move it far.",
    ),
    Exercise(
        "median-5",
        "How far do the conventions differ?",
        2,
        "Four conventions give four {level} intervals for the median of **{endpoint}**. By how many {unit} is the longest of "
        "them longer than the shortest?",
        lambda s: _spread(_lengths(s)),
        digits=2,
        values=_values,
        hints=(
            "Length: upper minus lower limit. Work out all four, SPSS's too.",
            "`median.conventions(subject.time, subject.event, subject.conf_level)` lists them.",
        ),
        mistakes=(
            Mistake("That leaves SPSS out. There are four.", lambda s: _spread(_lengths(s, CONF_TYPES))),
            Mistake("That is the largest difference between the upper limits. Compare whole lengths.",
                    lambda s: _spread([_limits(s, method)[1] for method in METHODS])),
            Mistake("That is the length of the longest interval itself.", lambda s: max(_lengths(s))),
            Mistake("That is the ratio of the two lengths. Subtract.", lambda s: max(_lengths(s)) / min(_lengths(s))),
        ),
        because="One and the same data file: all of this difference is convention.",
    ),
    Exercise(
        "median-6",
        "If nobody had been censored",
        3,
        "Imagine {n} patients whose events were all seen. Which of their times, counted from the shortest, are the limits of "
        "a {level} interval for the median by counting alone? Give the two ranks as (lower, upper).",
        lambda s: ranks(len(s.time), s.conf_level),
        values=_values,
        hints=(
            "The number of times shorter than the true median is binomial with $n$ patients and one half.",
            "Rank $j$ will do while the probability of fewer than $j$ such times is no more than half of what the level leaves. "
            "Take the largest such $j$.",
            "The upper rank mirrors the lower one: $n + 1 - j$.",
        ),
        mistakes=(
            Mistake("Those leave the whole error on each side. Half of it belongs there.",
                    lambda s: ranks(len(s.time), 2 * s.conf_level - 1)),
            Mistake("One step too far in: fewer than $j$ is not the same as $j$ or fewer.",
                    lambda s: (ranks(len(s.time), s.conf_level)[0] + 1, ranks(len(s.time), s.conf_level)[1] - 1)),
            Mistake("The upper rank does not mirror the lower one: from the longest, count just as many as from the shortest.",
                    lambda s: (ranks(len(s.time), s.conf_level)[0], len(s.time) - ranks(len(s.time), s.conf_level)[0])),
            Mistake("That holds the middle {level} of the **patients**. The median is known much better than that.",
                    lambda s: (math.floor(len(s.time) * (1 - s.conf_level) / 2) + 1,
                               len(s.time) - math.floor(len(s.time) * (1 - s.conf_level) / 2))),
        ),
        because="No curve, no variance and no scale: with everyone's event seen, counting is enough.",
    ),
)  # fmt: skip

QUESTIONS = (
    Question(
        "median-q1",
        "Two programs, the same data: median 15.8 months both times, but the intervals are 12.5 to 34.9 and 9.6 to 22.1. What is the matter?",
        (
            Option("One of the programs has a bug.", False, "Both do what their manuals say. They follow different conventions."),
            Option("They use different scales or formulas for the interval.", True,
                   "The first reads a band sideways, the second adds and subtracts a multiple of a standard error."),
            Option("One of them left out the censored patients.", False, "Then the medians would differ too."),
        ),
    ),
    Question(
        "median-q2",
        "The median is 21 months and the upper limit \"not reached\". What does that say?",
        (
            Option("The upper limit of the curve has not come down to one half within the follow-up.", True,
                   "So these data contradict no median, however long, beyond the lower limit."),
            Option("The interval could not be computed, so the median should not be reported.", False,
                   "The median and the lower limit are both known, and the open end is a result."),
            Option("The upper limit is the longest time observed.", False,
                   "Nothing happens at the end of the follow-up that would contradict longer medians."),
        ),
    ),
    Question(
        "median-q3",
        "The 95% interval of the median is 15 to 30 months. Which sentence is right?",
        (
            Option("95% of the patients have the event between 15 and 30 months.", False,
                   "The interval is about the median of all such patients, not about single ones."),
            Option("Half of the patients have the event before 15 months.", False,
                   "Half have it before the true median, which may well be 15 but need not be."),
            Option("True medians below 15 and above 30 months go badly with these data.", True,
                   "And the method that says so is wrong in about 5 of 100 studies, if its coverage is as promised."),
        ),
    ),
    Question(
        "median-q4",
        "Twenty patients, no censoring, events at 1, 2, ..., 20 months. At 10 months the curve stands at exactly one half. What is the median?",
        (
            Option("10.", False, "SPSS says so: the first time at or below one half. Other programs follow other rules."),
            Option("10.5.", False, "R says so: the middle of the stretch at one half. Other programs follow other rules."),
            Option("Any time from 10 to 11 has half on each side; which one is printed is a convention.", True,
                   "State the program. And compare such numbers only with a tolerance."),
        ),
    ),
    Question(
        "median-q5",
        "Why does the SPSS interval hold the true median less often than promised?",
        (
            Option("It uses 1.96 instead of 2.", False, "The difference between those is far too small to matter."),
            Option("It takes one slope from a short stretch of a rough curve for the truth, and puts equal lengths on both sides.", True,
                   "The slope is itself uncertain, and times to an event are skewed: more room is needed on the right."),
            Option("It ignores the censored patients.", False, "They are in the curve and in Greenwood's error, as everywhere else."),
        ),
    ),
)  # fmt: skip

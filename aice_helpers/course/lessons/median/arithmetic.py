"""Arithmetic of the lesson "median"."""

import math

import numpy as np
import pandas as pd
from scipy.stats import binom

from aice_helpers.core.intervals import normal_quantile
from aice_helpers.show.formats import NOT_ESTIMABLE, NOT_REACHED
from aice_helpers.stats import kaplan_meier
from aice_helpers.stats.kaplan_meier import CONF_TYPES, SPSS, TIE

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

    The arithmetic of `aice_helpers.stats.kaplan_meier` for many samples at once; no two times of a sample may be equal.
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


def moment(data) -> float:
    """A round time somewhat before the cohort's median, at or after its first event."""
    early = 0.8 * conventions(data.time, data.event)["median"].iloc[0]
    size = 10 ** (math.floor(math.log10(early)) - 1)
    first = data.time[data.event].min()
    return float(max(round(early / size) * size, first))

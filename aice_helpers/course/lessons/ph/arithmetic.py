"""Arithmetic of the lesson "ph"."""

from functools import cache

import numpy as np
import pandas as pd
from lifelines import CoxPHFitter
from lifelines.statistics import proportional_hazard_test
from scipy.integrate import quad
from scipy.optimize import brentq
from scipy.special import ndtr

from aice_helpers.core.intervals import normal_quantile
from aice_helpers.course.engine import moments, two_groups
from aice_helpers.show import formats
from aice_helpers.stats import partial_likelihood, ph_score, survival

SEVEN = pd.DataFrame(
    {
        "time": [1.0, 2.0, 4.0, 5.0, 7.0, 10.0, 12.0],
        "event": [True, True, True, True, True, True, False],
        "exposed": [1, 1, 0, 0, 0, 1, 0],
    },
    index=pd.Index(list("ABCDEFG"), name="patient"),
)
"""Seven invented patients in two groups, so chosen that the hazard ratio of Cox's model is exactly 2."""

REFERENCE_MEDIAN = 12.0
"""Median survival (months) of the invented reference group of the figure with crossing curves."""

SPEAKS_AGAINST = "speaks against proportional hazards"

NO_EVIDENCE = "does not speak against them, and proves nothing"

PROVES = "proves that the hazards are proportional"


def sample(data) -> pd.DataFrame:
    """`two_groups.outcome` with ``second`` as a number (1 in the second group), as models want it."""
    return two_groups.outcome(data).astype({"second": float})


def standardized_measure(data) -> np.ndarray:
    """The lesson's measurement of the patients in `sample`, in standard deviations from their mean."""
    values = data.followed.patients.loc[data.group.notna().to_numpy(), data.measure].to_numpy(float)
    return (values - values.mean()) / values.std(ddof=1)


def cox_fit(rows) -> partial_likelihood.CoxFit:
    """Cox's model with the second group as its only covariate; columns as in `sample`."""
    return partial_likelihood.fit(rows["time"], rows["event"], rows[["second"]])


def score_test(rows, transform="km") -> partial_likelihood.ChiSquare:
    """The book's test of proportional hazards for the second group; columns as in `sample`."""
    known = rows["time"].to_numpy(), rows["event"].to_numpy(), rows[["second"]].to_numpy()
    return ph_score.proportional_hazards_test(cox_fit(rows), *known, [[0]], transform=transform)[0][0]


def programs(data) -> pd.DataFrame:
    """P values of two tests of proportional hazards, each with four functions of time.

    Columns ``score test`` (R's `cox.zph` from `survival` 3.0 on, and this book) and ``approximation`` (its earlier
    versions, and lifelines).
    """
    rows = sample(data)
    fitted = CoxPHFitter().fit(rows, "time", "event", fit_options={"precision": 1e-12, "r_precision": 0})
    labels = {"km": "Kaplan-Meier", "rank": "rank", "identity": "time itself", "log": "log of time"}
    found = {
        label: (score_test(rows, name).p_value, float(proportional_hazard_test(fitted, rows, name).p_value[0]))
        for name, label in labels.items()
    }
    return (
        pd.DataFrame(found, index=["score test", "approximation"])
        .T.rename_axis("function of time")
        .map(formats.p_words)
    )


def rate_difference(data, time):
    """Difference of Kaplan-Meier rates at one time (second group minus first), standard error, lower and upper limit."""
    values, errors = zip(*(rate_at(curve, time) for curve in curves(data)), strict=True)
    return _difference(data, values, errors)


def rmst_difference(data, horizon):
    """Difference of restricted means up to a horizon (second group minus first), standard error and limits."""
    means = restricted_means(data, horizon)
    return _difference(data, means["estimate"].to_numpy(float), means["std_error"].to_numpy(float))


def moment(data) -> float:
    """A time at which both groups have had events and at least three patients of each are at risk."""
    rows = sample(data)
    for time in (moments.moment_after_censoring(data), *data.cohort.study.analysis.rate_times, data.split):
        at_risk = rows[rows["time"] >= time].groupby("second").size()
        events = rows[rows["event"] & (rows["time"] <= time)].groupby("second").size()
        if len(at_risk) == len(events) == 2 and at_risk.min() >= 3 and events.min() >= 2:
            return time
    return data.split


def horizon(data) -> float:
    """The horizon of the book's restricted means, or the end of the shorter group's follow-up.

    The latter where it comes first, and where one group has no event before the former, so that its mean has no error.
    """
    rows, planned = sample(data), survival.rmst(data.cohort)
    last = float(rows.groupby("second")["time"].max().min())
    both_seen = float(rows[rows["event"]].groupby("second")["time"].min().max())
    planned = planned.loc[planned["endpoint"] == data.endpoint, "time"]
    return min(float(planned.iloc[0]), last) if len(planned) and planned.iloc[0] > both_seen else last


def periods(data, cut) -> pd.DataFrame:
    """Hazard ratio (second group against first) before and after a cut, each with its limits.

    Up to the cut everyone still at risk is censored there; after it only those count who are still at risk.
    """
    rows = sample(data)
    early = rows.assign(event=rows["event"] & (rows["time"] <= cut), time=rows["time"].clip(upper=cut))
    names = (f"up to {cut:g} {data.unit}", f"after {cut:g} {data.unit}")
    found = [ratio_row(data, part) for part in (early, rows[rows["time"] > cut])]
    return pd.DataFrame(found, index=pd.Index(names, name="period"))


def period_test(table) -> float:
    """Two-sided P value of the equality of two independent log hazard ratios, from the rows of `periods`."""
    change = table["log_ratio"].iloc[1] - table["log_ratio"].iloc[0]
    return float(2 * ndtr(-abs(change) / np.hypot(*table["std_error"])))


def by_thirds(data) -> pd.DataFrame:
    """Hazard ratio in three periods with about equally many events, where it can be estimated."""
    rows = sample(data)
    edges = np.quantile(rows.loc[rows["event"], "time"], [0, 1 / 3, 2 / 3, 1], method="lower")
    found = []
    for start, end in zip([0.0, *edges[1:3]], edges[1:], strict=True):
        part = rows[rows["time"] > start]
        part = part.assign(event=part["event"] & (part["time"] <= end), time=part["time"].clip(upper=end))
        found.append({"start": start, "end": end} | ratio_row(data, part))
    return pd.DataFrame(found)


def by_follow_up(data) -> pd.DataFrame:
    """The hazard ratio that the same patients would have given, had follow-up ended earlier for all of them."""
    rows = sample(data)
    last = rows.loc[rows["event"], "time"].max()
    found = []
    for end in np.linspace(last / 12, last, 12):
        part = rows.assign(event=rows["event"] & (rows["time"] <= end), time=rows["time"].clip(upper=end))
        found.append({"end": end} | ratio_row(data, part))
    return pd.DataFrame(found)


def crossing(early, late, change, end) -> dict:
    """What two groups show whose hazards are constant before and after a change; the reference group's is constant.

    Parameters
    ----------
    early, late : float
        Hazard ratio (other group against reference) up to the change and after it.
    change, end : float
        Moment of the change and end of follow-up, in months.

    Returns
    -------
    dict
        ``crossing``: when the survival curves meet again, or None; ``reference`` and ``other``: survival at the end;
        ``rmst``: difference of the restricted means up to the end (other minus reference); ``average``: the hazard
        ratio to which Cox's estimate tends in ever larger groups of equal size, all followed to the end.
    """
    rate = np.log(2) / REFERENCE_MEDIAN
    change_seen = min(change, end)

    def hazard(t):
        return rate * (early * min(t, change) + late * max(t - change, 0.0))

    def mean(ratio, length):
        return (1 - np.exp(-rate * ratio * length)) / (rate * ratio)

    def excess(ratio):
        # Expected score of Cox's likelihood at this ratio, but for a factor.
        def weight(t):
            reference, other = np.exp(-rate * t), np.exp(-hazard(t))
            return reference * other / (reference + ratio * other)

        before, after = quad(weight, 0, change_seen)[0], quad(weight, change_seen, end)[0]
        return before * (early - ratio) + after * (late - ratio)

    met = change * (late - early) / (late - 1) if (early - 1) * (late - 1) < 0 else None
    other = mean(early, change_seen) + np.exp(-hazard(change_seen)) * mean(late, end - change_seen)
    low, high = sorted((early, late))
    return {
        "crossing": met if met is not None and met <= end else None,
        "reference": float(np.exp(-rate * end)),
        "other": float(np.exp(-hazard(end))),
        "rmst": float(other - mean(1.0, end)),
        "average": float(early if early == late or end <= change else brentq(excess, low, high, xtol=1e-13)),
    }


@cache
def power(sizes=(60, 120, 240), studies=200, seed=20) -> pd.DataFrame:
    """How often the test notices hazards that are not proportional, in invented studies of several sizes.

    In truth the hazard ratio is 0.6 up to 9 months and 1.4 after; everyone is followed to 36 months. ``noticed`` is the
    share of the studies with P < 0.05.
    """
    rng = np.random.default_rng(seed)
    rate, found = np.log(2) / REFERENCE_MEDIAN, {}
    for size in sizes:
        second = np.arange(size)[:, None] % 2.0
        tests = []
        for _ in range(studies):
            need = rng.exponential(1 / rate, size)
            changed = np.where(need < 0.6 * 9, need / 0.6, 9 + (need - 0.6 * 9) / 1.4)
            time = np.where(second[:, 0] == 1, changed, need)
            known = np.minimum(time, 36.0), time < 36, second
            fitted = partial_likelihood.fit(*known)
            tests.append(ph_score.proportional_hazards_test(fitted, *known, [[0]])[0][0].p_value < 0.05)
        found[size] = np.mean(tests)
    return pd.Series(found, name="noticed").rename_axis("patients").to_frame()


def conclusion(data) -> str:
    """What the test of proportional hazards lets one say of the cohort: `SPEAKS_AGAINST` or `NO_EVIDENCE`."""
    p_value = score_test(sample(data)).p_value
    return SPEAKS_AGAINST if p_value < formats.alpha(data.conf_level) else NO_EVIDENCE


def curves(data):
    """Kaplan-Meier tables of the two groups, the first one first."""
    curve = survival.survival_curve(data.cohort, group=data.factor)
    curve = curve[curve["endpoint"] == data.endpoint]
    return [curve[curve["level"] == level] for level in data.levels]


def rate_at(curve, time) -> pd.Series:
    """``estimate`` and ``std_error`` of a Kaplan-Meier table at a time."""
    return curve.loc[curve["time"] <= time, ["estimate", "std_error"]].iloc[-1].astype(float)


def restricted_means(data, end) -> pd.DataFrame:
    """The book's restricted means of the two groups up to a horizon, the first group first."""
    means = survival.rmst(data.cohort, group=data.factor, horizon=end)
    return means[means["endpoint"] == data.endpoint].set_index("level").loc[list(data.levels)]


def _difference(data, values, errors):
    difference, error = float(values[1] - values[0]), float(np.hypot(*errors))
    margin = normal_quantile(data.conf_level) * error
    return difference, error, difference - margin, difference + margin


def ratio_row(data, rows):
    """n, events and the hazard ratio of the second group; missing where no event of a group has the other at risk."""
    fitted = cox_fit(rows)
    value, error = (float(v[0]) for v in (fitted.coefficients, fitted.std_errors))
    margin = normal_quantile(data.conf_level) * error
    return {
        "n": len(rows),
        "events": int(rows["event"].sum()),
        "estimate": np.exp(value),
        "conf_low": np.exp(value - margin),
        "conf_high": np.exp(value + margin),
        "log_ratio": value,
        "std_error": error,
    }

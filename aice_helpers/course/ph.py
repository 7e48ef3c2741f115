"""Lesson "ph": what proportional hazards mean, how the test works, and what to report without them."""

from functools import cache

import numpy as np
import pandas as pd
from lifelines import CoxPHFitter
from lifelines.statistics import proportional_hazard_test
from scipy.integrate import quad
from scipy.optimize import brentq
from scipy.special import ndtr

from aice_helpers.core.intervals import normal_quantile
from aice_helpers.course import km
from aice_helpers.course.engine.exercise import Exercise, Mistake
from aice_helpers.course.engine.play import Play
from aice_helpers.course.engine.quiz import Option, Question
from aice_helpers.show import formats
from aice_helpers.stats import partial_likelihood, ph_score, survival

NEEDS = ("endpoint", "factor", "periods", "measure")

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
RATIOS = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.2, 1.5, 2.0, 2.5, 3.0)
"""Hazard ratios among which the figure's two sliders choose."""

SPEAKS_AGAINST = "speaks against proportional hazards"
NO_EVIDENCE = "does not speak against them, and proves nothing"
PROVES = "proves that the hazards are proportional"


def sample(subject) -> pd.DataFrame:
    """Patients whose group is known: ``time``, ``event`` and ``second`` (in the second of the two groups)."""
    rows = pd.DataFrame(
        {"time": subject.time, "event": subject.event, "second": (subject.group == subject.levels[1]).to_numpy(float)}
    )
    return rows[subject.group.notna().to_numpy()].reset_index(drop=True)


def standardized_measure(subject) -> np.ndarray:
    """The lesson's measurement of the patients in `sample`, in standard deviations from their mean."""
    values = subject.cohort.patients.loc[subject.group.notna().to_numpy(), subject.measure].to_numpy(float)
    return (values - values.mean()) / values.std(ddof=1)


def cox_fit(rows) -> partial_likelihood.CoxFit:
    """Cox's model with the second group as its only covariate; columns as in `sample`."""
    return partial_likelihood.fit(rows["time"], rows["event"], rows[["second"]])


def score_test(rows, transform="km") -> partial_likelihood.ChiSquare:
    """The book's test of proportional hazards for the second group; columns as in `sample`."""
    data = rows["time"].to_numpy(), rows["event"].to_numpy(), rows[["second"]].to_numpy()
    return ph_score.proportional_hazards_test(cox_fit(rows), *data, [[0]], transform=transform)[0][0]


def programs(subject) -> pd.DataFrame:
    """P values of two tests of proportional hazards, each with four functions of time.

    Columns ``score test`` (R's `cox.zph` from `survival` 3.0 on, and this book) and ``approximation`` (its earlier
    versions, and lifelines).
    """
    rows = sample(subject)
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


def rate_difference(subject, time):
    """Difference of Kaplan-Meier rates at one time (second group minus first), standard error, lower and upper limit."""
    values, errors = zip(*(_rate(curve, time) for curve in curves(subject)), strict=True)
    return _difference(subject, values, errors)


def rmst_difference(subject, horizon):
    """Difference of restricted means up to a horizon (second group minus first), standard error and limits."""
    means = _restricted_means(subject, horizon)
    return _difference(subject, means["estimate"].to_numpy(float), means["std_error"].to_numpy(float))


def moment(subject) -> float:
    """A time at which both groups have had events and at least three patients of each are at risk."""
    rows = sample(subject)
    for time in (km.moment(subject), *subject.cohort.study.analysis.landmark_times, subject.split):
        at_risk = rows[rows["time"] >= time].groupby("second").size()
        events = rows[rows["event"] & (rows["time"] <= time)].groupby("second").size()
        if len(at_risk) == len(events) == 2 and at_risk.min() >= 3 and events.min() >= 2:
            return time
    return subject.split


def horizon(subject) -> float:
    """The horizon of the book's restricted means, or the end of the shorter group's follow-up.

    The latter where it comes first, and where one group has no event before the former, so that its mean has no error.
    """
    rows, planned = sample(subject), survival.rmst(subject.cohort)
    last = float(rows.groupby("second")["time"].max().min())
    both_seen = float(rows[rows["event"]].groupby("second")["time"].min().max())
    planned = planned.loc[planned["endpoint"] == subject.endpoint, "time"]
    return min(float(planned.iloc[0]), last) if len(planned) and planned.iloc[0] > both_seen else last


def periods(subject, cut) -> pd.DataFrame:
    """Hazard ratio (second group against first) before and after a cut, each with its limits.

    Up to the cut everyone still at risk is censored there; after it only those count who are still at risk.
    """
    rows = sample(subject)
    early = rows.assign(event=rows["event"] & (rows["time"] <= cut), time=rows["time"].clip(upper=cut))
    names = (f"up to {cut:g} {subject.unit}", f"after {cut:g} {subject.unit}")
    found = [_ratio_row(subject, part) for part in (early, rows[rows["time"] > cut])]
    return pd.DataFrame(found, index=pd.Index(names, name="period"))


def period_test(table) -> float:
    """Two-sided P value of the equality of two independent log hazard ratios, from the rows of `periods`."""
    change = table["log_ratio"].iloc[1] - table["log_ratio"].iloc[0]
    return float(2 * ndtr(-abs(change) / np.hypot(*table["std_error"])))


def by_thirds(subject) -> pd.DataFrame:
    """Hazard ratio in three periods with about equally many events, where it can be estimated."""
    rows = sample(subject)
    edges = np.quantile(rows.loc[rows["event"], "time"], [0, 1 / 3, 2 / 3, 1], method="lower")
    found = []
    for start, end in zip([0.0, *edges[1:3]], edges[1:], strict=True):
        part = rows[rows["time"] > start]
        part = part.assign(event=part["event"] & (part["time"] <= end), time=part["time"].clip(upper=end))
        found.append({"start": start, "end": end} | _ratio_row(subject, part))
    return pd.DataFrame(found)


def by_follow_up(subject) -> pd.DataFrame:
    """The hazard ratio that the same patients would have given, had follow-up ended earlier for all of them."""
    rows = sample(subject)
    last = rows.loc[rows["event"], "time"].max()
    found = []
    for end in np.linspace(last / 12, last, 12):
        part = rows.assign(event=rows["event"] & (rows["time"] <= end), time=rows["time"].clip(upper=end))
        found.append({"end": end} | _ratio_row(subject, part))
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


def crossing_play() -> Play:
    """The interactive figure: two curves, and what one hazard ratio makes of them."""
    return Play(
        "crossing",
        "One hazard ratio for two periods",
        "Choose a hazard ratio before and after the change. Then leave both as they are and move only the **end of "
        "follow-up**: the patients are the same, and the average hazard ratio is not.",
        {
            "ratios": RATIOS,
            "median": REFERENCE_MEDIAN,
            "unit": "months",
            "start": {"early": 0.5, "late": 2.0, "change": 9, "end": 24},
        },
        "With scripts on, this figure shows two invented groups whose hazard ratio changes once. What it shows: the one "
        "hazard ratio of Cox's model lies between the early and the late one, nearer to the period with more events, so it "
        "moves with the end of follow-up. The difference of the restricted means depends on the end too, but its horizon is "
        "part of its name.",
    )


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
            data = np.minimum(time, 36.0), time < 36, second
            fitted = partial_likelihood.fit(*data)
            tests.append(ph_score.proportional_hazards_test(fitted, *data, [[0]])[0][0].p_value < 0.05)
        found[size] = np.mean(tests)
    return pd.Series(found, name="noticed").rename_axis("patients").to_frame()


def result_words(subject) -> str:
    """The four answers for this cohort as text of `markup.written`, to be filled with `result_values`."""
    return (
        "**{endpoint} by {factor}, {second} against {first}.** Hazard ratio {ratio} over the whole follow-up ({level} CI {ratio_limits}); test of "
        "proportional hazards {test}, which {verdict}. Difference at {time} {unit}: {rate} percentage points ({rate_limits}). "
        "Difference of the restricted means up to {horizon} {unit}: {mean} {unit} ({mean_limits}). Hazard ratio up to "
        "{split} {unit} {early}, after it {late}; equality of the two: {change}."
    )


def result_values(subject) -> dict:
    """What fills `result_words`."""
    rows = sample(subject)
    whole, parts = _ratio_row(subject, rows), periods(subject, subject.split)
    rate, _, *rate_limits = rate_difference(subject, moment(subject))
    mean, _, *mean_limits = rmst_difference(subject, horizon(subject))
    return _values(subject) | {
        "ratio": formats.ratio(whole["estimate"]),
        "ratio_limits": formats.interval(whole["conf_low"], whole["conf_high"], formats.ratio),
        "test": formats.p_words(score_test(rows).p_value),
        "verdict": _verdict(subject),
        "rate": formats.decimal(100 * rate),
        "rate_limits": formats.interval(*(100 * limit for limit in rate_limits)),
        "mean": formats.decimal(mean),
        "mean_limits": formats.interval(*mean_limits),
        "early": formats.ratio(parts["estimate"].iloc[0]),
        "late": formats.ratio(parts["estimate"].iloc[1]),
        "change": formats.p_words(period_test(parts)),
    }


def _verdict(subject):
    p_value = score_test(sample(subject)).p_value
    return SPEAKS_AGAINST if p_value < formats.alpha(subject.conf_level) else NO_EVIDENCE


def curves(subject):
    """Kaplan-Meier tables of the two groups, the first one first."""
    curve = survival.survival_curve(subject.cohort, group=subject.factor)
    curve = curve[curve["endpoint"] == subject.endpoint]
    return [curve[curve["level"] == level] for level in subject.levels]


def _rate(curve, time):
    return curve.loc[curve["time"] <= time, ["estimate", "std_error"]].iloc[-1].astype(float)


def _restricted_means(subject, end):
    means = survival.rmst(subject.cohort, group=subject.factor, horizon=end)
    return means[means["endpoint"] == subject.endpoint].set_index("level").loc[list(subject.levels)]


def _difference(subject, values, errors):
    difference, error = float(values[1] - values[0]), float(np.hypot(*errors))
    margin = normal_quantile(subject.conf_level) * error
    return difference, error, difference - margin, difference + margin


def _ratio_row(subject, rows):
    """n, events and the hazard ratio of the second group; missing where no event of a group has the other at risk."""
    fitted = cox_fit(rows)
    value, error = (float(v[0]) for v in (fitted.coefficients, fitted.std_errors))
    margin = normal_quantile(subject.conf_level) * error
    return {
        "n": len(rows),
        "events": int(rows["event"].sum()),
        "estimate": np.exp(value),
        "conf_low": np.exp(value - margin),
        "conf_high": np.exp(value + margin),
        "log_ratio": value,
        "std_error": error,
    }


def _values(subject):
    return {
        "endpoint": subject.label,
        "unit": subject.unit,
        "first": subject.levels[0],
        "second": subject.levels[1],
        "factor": subject.cohort.study.label(subject.factor),
        "level": formats.level(subject.conf_level),
        "alpha": f"{formats.alpha(subject.conf_level):g}",
        "time": f"{moment(subject):g}",
        "split": f"{subject.split:g}",
        "horizon": f"{horizon(subject):g}",
        "ratio": f"{np.exp(cox_fit(sample(subject)).coefficients[0]):.5f}",
    }


def _share_at_split(subject, ratio):
    at_risk = sample(subject).query("time >= @subject.split")["second"]
    return float(at_risk.sum() * ratio / (at_risk.sum() * ratio + (1 - at_risk).sum()))


def _whole_ratio(subject):
    return float(np.exp(cox_fit(sample(subject)).coefficients[0]))


def _share_at_start(subject):
    rows, ratio = sample(subject)["second"], _whole_ratio(subject)
    return float(rows.sum() * ratio / (rows.sum() * ratio + (1 - rows).sum()))


def _by_group(subject, value):
    """Difference of a value computed from each group's rows, second group minus first."""
    rows = sample(subject)
    first, second = (value(rows[rows["second"] == code]) for code in (0, 1))
    return float(second - first)


def _crude_rate(subject):
    return _by_group(subject, lambda rows: 1 - (rows["event"] & (rows["time"] <= moment(subject))).mean())


def _still_observed(subject):
    return _by_group(subject, lambda rows: (rows["time"] > moment(subject)).mean())


def _rates(subject):
    return [float(_rate(curve, moment(subject))["estimate"]) for curve in curves(subject)]


def _rmst_limits(subject, error=None, z=None):
    value, right = rmst_difference(subject, horizon(subject))[:2]
    margin = (normal_quantile(subject.conf_level) if z is None else z) * (right if error is None else error)
    return value - margin, value + margin


def _rmst_errors(subject):
    return _restricted_means(subject, horizon(subject))["std_error"].to_numpy(float)


def _naive_rmst_limits(subject):
    end = horizon(subject)
    cut = sample(subject).assign(time=lambda rows: rows["time"].clip(upper=end)).groupby("second")["time"]
    margin = normal_quantile(subject.conf_level) * float(np.hypot(*(cut.std() / np.sqrt(cut.size()))))
    value = float(cut.mean().iloc[1] - cut.mean().iloc[0])
    return value - margin, value + margin


def _period_ratios(subject):
    return tuple(periods(subject, subject.split)["estimate"].tolist())


def _not_censored_at_cut(subject):
    """Fits to the patients with short and with long times, as if the former had been all who were at risk early."""
    rows = sample(subject)
    short = np.exp(cox_fit(rows[rows["time"] <= subject.split]).coefficients[0])
    return (float(short), _period_ratios(subject)[1]) if np.isfinite(short) else None


def _late_from_zero(subject):
    rows = sample(subject)
    late = rows.assign(event=rows["event"] & (rows["time"] <= subject.split))
    counts = late.groupby("second")["event"].mean()
    return float(counts.iloc[1] / counts.iloc[0]), _period_ratios(subject)[1]


def _change_p(subject, tail=2.0, error=None):
    table = periods(subject, subject.split)
    change = abs(table["log_ratio"].iloc[1] - table["log_ratio"].iloc[0])
    return float(tail * ndtr(-change / (np.hypot(*table["std_error"]) if error is None else error(table["std_error"]))))


EXERCISES = (
    Exercise(
        "ph-1",
        "Who is expected next?",
        1,
        "**{endpoint}** by **{factor}**. Suppose an event happens at exactly {split} {unit}. By Cox's model with the hazard ratio {ratio} "
        "({second} against {first}), what is the probability that it falls in the group **{second}**? Everyone whose time is "
        "{split} or longer is at risk.",
        lambda s: _share_at_split(s, _whole_ratio(s)),
        values=_values,
        hints=(
            "Count those at risk in each group.",
            r"Each patient of the second group weighs $\theta$, each of the first weighs 1: $p = n_1 \theta / (n_0 + n_1 \theta)$.",
        ),
        mistakes=(
            Mistake("That is the share of the group among those at risk. By the model its members weigh the hazard ratio each.",
                    lambda s: _share_at_split(s, 1.0)),
            Mistake("That weighs the other group: the hazard ratio belongs to {second}.",
                    lambda s: _share_at_split(s, 1 / _whole_ratio(s))),
            Mistake("That counts everyone who entered. At {split} only those with a time of {split} or longer are at risk.",
                    _share_at_start),
            Mistake("That is the probability for the other group.", lambda s: 1 - _share_at_split(s, _whole_ratio(s))),
        ),
        because="One minus this, or minus this, is the Schoenfeld residual of such an event: what happened less what was expected.",
    ),
    Exercise(
        "ph-2",
        "A difference that needs no model",
        1,
        "What is the difference of the Kaplan-Meier rates of **{endpoint}** at {time} {unit}, **{second}** minus **{first}** "
        "(as a proportion)?",
        lambda s: rate_difference(s, moment(s))[0],
        values=_values,
        hints=(
            "Estimate a curve for each group by itself.",
            "`KaplanMeierFitter().fit(part[\"time\"], part[\"event\"]).predict(t)` for each `part` of `rows`, and subtract.",
        ),
        mistakes=(
            Mistake("That forgets censoring: it takes one minus events over patients in each group, as if everyone censored had "
                    "been followed to {time}.", _crude_rate),
            Mistake("That compares the shares still under observation. Whoever was censored earlier may be event-free.",
                    _still_observed),
            Mistake("That is the ratio of the rates. Asked is the difference.", lambda s: _rates(s)[1] / _rates(s)[0]),
        ),
        because="It is true whether or not the hazards are proportional, but it is true of this one moment only.",
    ),
    Exercise(
        "ph-3",
        "Restricted means",
        2,
        "Give the {level} confidence interval of the difference of the restricted mean survival times up to {horizon} {unit}, **{second}** minus "
        "**{first}**, as (lower, upper). Endpoint: **{endpoint}**.",
        lambda s: _rmst_limits(s),
        digits=2,
        values=_values,
        hints=(
            "The groups are independent, so the variances add.",
            "`survival.rmst(subject.cohort, group=subject.factor, horizon=...)` has `estimate` and `std_error` of each group.",
            r"$\hat\mu_1 - \hat\mu_0 \pm z \sqrt{\widehat{\mathrm{se}}_1^2 + \widehat{\mathrm{se}}_0^2}$",
        ),
        mistakes=(
            Mistake("That adds the standard errors. Add their squares and take the root.", lambda s: _rmst_limits(s, _rmst_errors(s).sum())),
            Mistake("That uses one standard error on each side. Multiply by the normal quantile.", lambda s: _rmst_limits(s, z=1.0)),
            Mistake("That is one-sided: the quantile leaves {level} below it instead of in the middle.",
                    lambda s: _rmst_limits(s, z=normal_quantile(2 * s.conf_level - 1))),
            Mistake("That averages the observed times, cut at {horizon}. A censored time is too short; take the area under the curve.",
                    _naive_rmst_limits),
        ),
        because="It is a difference in {unit} within a named horizon, and needs no proportional hazards.",
    ),
    Exercise(
        "ph-4",
        "What the test allows you to write",
        2,
        "Look up the score test of proportional hazards for **{second}** against **{first}** ({endpoint}) and compare its P value with "
        "{alpha}. What may you write? The test ...",
        _verdict,
        choices=lambda s: (SPEAKS_AGAINST, NO_EVIDENCE, PROVES),
        values=_values,
        hints=("`ph.score_test(ph.sample(subject)).p_value`", "A small P value is evidence against the hypothesis that was tested: a constant ratio."),
        mistakes=(
            Mistake("No test proves its null hypothesis. With few events it would miss a large change of the ratio.", lambda s: PROVES),
            Mistake("Compare the P value with {alpha} once more: the hypothesis under test is that the hazard ratio does not change.",
                    lambda s: SPEAKS_AGAINST if _verdict(s) == NO_EVIDENCE else NO_EVIDENCE),
        ),
        because="Look at the curves and at the ratio by period as well: they show how large a change the data leave open.",
    ),
    Exercise(
        "ph-5",
        "Two hazard ratios",
        3,
        "Split the follow-up at {split} {unit}. Give the hazard ratio of **{endpoint}**, **{second}** against **{first}**, up to {split} (events "
        "at {split} belong to the early period) and after it, as (early, late).",
        _period_ratios,
        digits=2,
        values=_values,
        hints=(
            "Early: everyone takes part. A time beyond {split} is cut there, without event.",
            "Late: only those with a time beyond {split} take part.",
            "`early = rows.assign(event=rows[\"event\"] & (rows[\"time\"] <= cut), time=rows[\"time\"].clip(upper=cut))`",
        ),
        mistakes=(
            Mistake("The early one leaves out the patients who got past {split}. They were at risk early, all of them.", _not_censored_at_cut),
            Mistake("Each is upside down: asked is {second} against {first}.", lambda s: tuple(1 / ratio for ratio in _period_ratios(s))),
            Mistake("Those are log hazard ratios. Take the exponential.", lambda s: tuple(np.log(_period_ratios(s)).tolist())),
            Mistake("The first is a ratio of shares with an event. A hazard ratio compares events among those at risk, time after time.", _late_from_zero),
        ),
        because="Each ratio holds for its own period. The late one compares only those still at risk then, who may differ in more than their group.",
    ),
    Exercise(
        "ph-6",
        "Do they differ?",
        3,
        "Are the two hazard ratios of the last exercise further apart than chance would put them? Give the two-sided P value of the "
        "difference of their logarithms.",
        lambda s: _change_p(s),
        significant=True,
        values=_values,
        hints=(
            "No event counts in both periods, so the two estimates are (nearly) independent and their variances add.",
            r"$z = (\log \theta_{\mathrm{late}} - \log \theta_{\mathrm{early}}) / \sqrt{\widehat{\mathrm{se}}_{\mathrm{late}}^2 + \widehat{\mathrm{se}}_{\mathrm{early}}^2}$, and the P value is twice the tail beyond $|z|$.",
            "`2 * norm.sf(abs(z))`",
        ),
        mistakes=(
            Mistake("That is one tail. A ratio may as well rise as fall, so both tails count.", lambda s: _change_p(s, 1.0)),
            Mistake("That adds the standard errors; the difference then looks less certain than it is. Add the squares.",
                    lambda s: _change_p(s, error=sum)),
            Mistake("That takes the standard error of one period only.", lambda s: _change_p(s, error=lambda errors: errors.iloc[0])),
            Mistake("That is one minus the P value.", lambda s: 1 - _change_p(s)),
        ),
        because="It is valid for a cut fixed beforehand. A cut chosen because the curves bend there finds a change too often.",
    ),
)  # fmt: skip

QUESTIONS = (
    Question(
        "ph-q1",
        "Two survival curves differ, and their hazards are proportional with the ratio 2. What do the curves look like on the log(−log) scale?",
        (
            Option("They meet at the end.", False, "On the plain scale both end at 0; on this one their distance never changes."),
            Option("They are parallel, log 2 apart.", True, "$S_1 = S_0^2$ gives $\\log(-\\log S_1) = \\log(-\\log S_0) + \\log 2$."),
            Option("They are straight lines.", False, "Only for some distributions (Weibull, against log time). Proportional hazards say nothing of the shape."),
        ),
    ),
    Question(
        "ph-q2",
        "A trial of 60 patients reports: test of proportional hazards P = 0.40, so the assumption holds. What is wrong?",
        (
            Option("Nothing; 0.40 is far above 0.05.", False, "A large P value is what a small study gives almost whatever the truth is."),
            Option("The P value should be adjusted for several tests.", False, "There was one. The trouble lies elsewhere."),
            Option("Not finding a change is not showing that there is none.", True,
                   "With few events even a ratio that turns from below 1 to above 1 mostly goes unnoticed."),
        ),
    ),
    Question(
        "ph-q3",
        "The hazard ratio is 0.5 in the first year and 2 later. Two trials with the same truth follow patients for 1 and for 5 years. Their Cox hazard ratios ...",
        (
            Option("agree but for chance.", False, "That would be so if the ratio were constant."),
            Option("differ: the longer trial reports the larger one.", True,
                   "The one ratio is an average over the events seen, and the later events pull it up."),
            Option("both equal 1.", False, "An average can lie anywhere between 0.5 and 2, depending on how many events fall in each period."),
        ),
    ),
    Question(
        "ph-q4",
        "Two programs test the same factor in the same data; one prints P = 0.18, the other P = 0.02. What is the likeliest reason?",
        (
            Option("One of them has a bug.", False, "Possible, but they need not test the same thing in the first place."),
            Option("They use another function of time, or one of them the older approximation.", True,
                   "Say which: for instance the score test with Kaplan-Meier time, as R's `survival` does from version 3.0 on."),
            Option("They treat censored patients differently.", False, "Both use them in the risk sets in the same way."),
        ),
    ),
    Question(
        "ph-q5",
        "Hazards are not proportional for a factor that you only want to adjust for. What is simple and sound?",
        (
            Option("Stratify the model by it.", True, "Each level gets a baseline hazard of its own; the factor then has no hazard ratio, and none was wanted."),
            Option("Leave it out.", False, "Then it can no longer be adjusted for."),
            Option("Leave out the late events until the test is satisfied.", False, "That throws information away and lets the test choose the data."),
        ),
    ),
)  # fmt: skip

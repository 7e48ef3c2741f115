"""Exercises and questions of the lesson "ph"."""

import numpy as np
from scipy.special import ndtr

from aice_helpers.core.intervals import normal_quantile
from aice_helpers.course.engine.exercise import Exercise, Mistake
from aice_helpers.course.engine.quiz import Option, Question
from aice_helpers.course.lessons.ph.arithmetic import (
    NO_EVIDENCE,
    PROVES,
    SPEAKS_AGAINST,
    conclusion,
    cox_fit,
    curves,
    horizon,
    moment,
    periods,
    rate_at,
    rate_difference,
    restricted_means,
    rmst_difference,
    sample,
)
from aice_helpers.course.lessons.ph.words import fields

NEEDS = ("endpoint", "factor", "periods", "measure")


def _share_at_split(data, ratio):
    at_risk = sample(data).query("time >= @data.split")["second"]
    return float(at_risk.sum() * ratio / (at_risk.sum() * ratio + (1 - at_risk).sum()))


def _whole_ratio(data):
    return float(np.exp(cox_fit(sample(data)).coefficients[0]))


def _share_at_start(data):
    rows, ratio = sample(data)["second"], _whole_ratio(data)
    return float(rows.sum() * ratio / (rows.sum() * ratio + (1 - rows).sum()))


def _by_group(data, value):
    """Difference of a value computed from each group's rows, second group minus first."""
    rows = sample(data)
    first, second = (value(rows[rows["second"] == code]) for code in (0, 1))
    return float(second - first)


def _crude_rate(data):
    return _by_group(data, lambda rows: 1 - (rows["event"] & (rows["time"] <= moment(data))).mean())


def _still_observed(data):
    return _by_group(data, lambda rows: (rows["time"] > moment(data)).mean())


def _rates(data):
    return [float(rate_at(curve, moment(data))["estimate"]) for curve in curves(data)]


def _rmst_limits(data, error=None, z=None):
    value, right = rmst_difference(data, horizon(data))[:2]
    margin = (normal_quantile(data.conf_level) if z is None else z) * (right if error is None else error)
    return value - margin, value + margin


def _rmst_errors(data):
    return restricted_means(data, horizon(data))["std_error"].to_numpy(float)


def _naive_rmst_limits(data):
    end = horizon(data)
    cut = sample(data).assign(time=lambda rows: rows["time"].clip(upper=end)).groupby("second")["time"]
    margin = normal_quantile(data.conf_level) * float(np.hypot(*(cut.std() / np.sqrt(cut.size()))))
    value = float(cut.mean().iloc[1] - cut.mean().iloc[0])
    return value - margin, value + margin


def _period_ratios(data):
    return tuple(periods(data, data.split)["estimate"].tolist())


def _not_censored_at_cut(data):
    """Fits to the patients with short and with long times, as if the former had been all who were at risk early."""
    rows = sample(data)
    short = np.exp(cox_fit(rows[rows["time"] <= data.split]).coefficients[0])
    return (float(short), _period_ratios(data)[1]) if np.isfinite(short) else None


def _late_from_zero(data):
    rows = sample(data)
    late = rows.assign(event=rows["event"] & (rows["time"] <= data.split))
    counts = late.groupby("second")["event"].mean()
    return float(counts.iloc[1] / counts.iloc[0]), _period_ratios(data)[1]


def _change_p(data, tail=2.0, error=None):
    table = periods(data, data.split)
    change = abs(table["log_ratio"].iloc[1] - table["log_ratio"].iloc[0])
    return float(tail * ndtr(-change / (np.hypot(*table["std_error"]) if error is None else error(table["std_error"]))))


EXERCISES = (
    Exercise(
        "ph-1",
        "Who is expected next?",
        1,
        "**{endpoint}** by **{factor}**. Suppose an event happens at exactly {split} {unit}. By Cox's model with the hazard ratio {ratio} "
        "({second} against {reference}), what is the probability that it falls in the group **{second}**? Everyone whose time is "
        "{split} or longer is at risk.",
        lambda d: _share_at_split(d, _whole_ratio(d)),
        values=fields,
        hints=(
            "Count those at risk in each group.",
            r"Each patient of the second group weighs $\theta$, each of the first weighs 1: $p = n_1 \theta / (n_0 + n_1 \theta)$.",
        ),
        mistakes=(
            Mistake("That is the share of the group among those at risk. By the model its members weigh the hazard ratio each.",
                    lambda d: _share_at_split(d, 1.0)),
            Mistake("That weighs the other group: the hazard ratio belongs to {second}.",
                    lambda d: _share_at_split(d, 1 / _whole_ratio(d))),
            Mistake("That counts everyone who entered. At {split} only those with a time of {split} or longer are at risk.",
                    _share_at_start),
            Mistake("That is the probability for the other group.", lambda d: 1 - _share_at_split(d, _whole_ratio(d))),
        ),
        because="One minus this, or minus this, is the Schoenfeld residual of such an event: what happened less what was expected.",
    ),
    Exercise(
        "ph-2",
        "A difference that needs no model",
        1,
        "What is the difference of the Kaplan-Meier rates of **{endpoint}** at {time} {unit}, **{second}** minus **{reference}** "
        "(as a proportion)?",
        lambda d: rate_difference(d, moment(d))[0],
        values=fields,
        hints=(
            "Estimate a curve for each group by itself.",
            "`KaplanMeierFitter().fit(part[\"time\"], part[\"event\"]).predict(t)` for each `part` of `rows`, and subtract.",
        ),
        mistakes=(
            Mistake("That forgets censoring: it takes one minus events over patients in each group, as if everyone censored had "
                    "been followed to {time}.", _crude_rate),
            Mistake("That compares the shares still under observation. Whoever was censored earlier may be event-free.",
                    _still_observed),
            Mistake("That is the ratio of the rates. Asked is the difference.", lambda d: _rates(d)[1] / _rates(d)[0]),
        ),
        because="It is true whether or not the hazards are proportional, but it is true of this one moment only.",
    ),
    Exercise(
        "ph-3",
        "Restricted means",
        2,
        "Give the {level} confidence interval of the difference of the restricted mean survival times up to {horizon} {unit}, **{second}** minus "
        "**{reference}**, as (lower, upper). Endpoint: **{endpoint}**.",
        lambda d: _rmst_limits(d),
        digits=2,
        values=fields,
        hints=(
            "The groups are independent, so the variances add.",
            "`survival.rmst(data.cohort, group=data.factor, horizon=...)` has `estimate` and `std_error` of each group.",
            r"$\hat\mu_1 - \hat\mu_0 \pm z \sqrt{\widehat{\mathrm{se}}_1^2 + \widehat{\mathrm{se}}_0^2}$",
        ),
        mistakes=(
            Mistake("That adds the standard errors. Add their squares and take the root.", lambda d: _rmst_limits(d, _rmst_errors(d).sum())),
            Mistake("That uses one standard error on each side. Multiply by the normal quantile.", lambda d: _rmst_limits(d, z=1.0)),
            Mistake("That is one-sided: the quantile leaves {level} below it instead of in the middle.",
                    lambda d: _rmst_limits(d, z=normal_quantile(2 * d.conf_level - 1))),
            Mistake("That averages the observed times, cut at {horizon}. A censored time is too short; take the area under the curve.",
                    _naive_rmst_limits),
        ),
        because="It is a difference in {unit} within a named horizon, and needs no proportional hazards.",
    ),
    Exercise(
        "ph-4",
        "What the test allows you to write",
        2,
        "Look up the score test of proportional hazards for **{second}** against **{reference}** ({endpoint}) and compare its P value with "
        "{alpha}. What may you write? The test ...",
        conclusion,
        choices=lambda d: (SPEAKS_AGAINST, NO_EVIDENCE, PROVES),
        values=fields,
        hints=("`ph.score_test(ph.sample(data)).p_value`", "A small P value is evidence against the hypothesis that was tested: a constant ratio."),
        mistakes=(
            Mistake("No test proves its null hypothesis. With few events it would miss a large change of the ratio.", lambda d: PROVES),
            Mistake("Compare the P value with {alpha} once more: the hypothesis under test is that the hazard ratio does not change.",
                    lambda d: SPEAKS_AGAINST if conclusion(d) == NO_EVIDENCE else NO_EVIDENCE),
        ),
        because="Look at the curves and at the ratio by period as well: they show how large a change the data leave open.",
    ),
    Exercise(
        "ph-5",
        "Two hazard ratios",
        3,
        "Split the follow-up at {split} {unit}. Give the hazard ratio of **{endpoint}**, **{second}** against **{reference}**, up to {split} (events "
        "at {split} belong to the early period) and after it, as (early, late).",
        _period_ratios,
        digits=2,
        values=fields,
        hints=(
            "Early: everyone takes part. A time beyond {split} is cut there, without event.",
            "Late: only those with a time beyond {split} take part.",
            "`early = rows.assign(event=rows[\"event\"] & (rows[\"time\"] <= cut), time=rows[\"time\"].clip(upper=cut))`",
        ),
        mistakes=(
            Mistake("The early one leaves out the patients who got past {split}. They were at risk early, all of them.", _not_censored_at_cut),
            Mistake("Each is upside down: asked is {second} against {reference}.", lambda d: tuple(1 / ratio for ratio in _period_ratios(d))),
            Mistake("Those are log hazard ratios. Take the exponential.", lambda d: tuple(np.log(_period_ratios(d)).tolist())),
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
        lambda d: _change_p(d),
        significant=True,
        values=fields,
        hints=(
            "No event counts in both periods, so the two estimates are (nearly) independent and their variances add.",
            r"$z = (\log \theta_{\mathrm{late}} - \log \theta_{\mathrm{early}}) / \sqrt{\widehat{\mathrm{se}}_{\mathrm{late}}^2 + \widehat{\mathrm{se}}_{\mathrm{early}}^2}$, and the P value is twice the tail beyond $|z|$.",
            "`2 * norm.sf(abs(z))`",
        ),
        mistakes=(
            Mistake("That is one tail. A ratio may as well rise as fall, so both tails count.", lambda d: _change_p(d, 1.0)),
            Mistake("That adds the standard errors; the difference then looks less certain than it is. Add the squares.",
                    lambda d: _change_p(d, error=sum)),
            Mistake("That takes the standard error of one period only.", lambda d: _change_p(d, error=lambda errors: errors.iloc[0])),
            Mistake("That is one minus the P value.", lambda d: 1 - _change_p(d)),
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

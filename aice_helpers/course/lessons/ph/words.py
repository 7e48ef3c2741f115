"""Sentences of the lesson "ph" with the cohort's numbers."""

import numpy as np

from aice_helpers.course.engine import two_groups
from aice_helpers.course.lessons.ph.arithmetic import (
    conclusion,
    cox_fit,
    horizon,
    moment,
    period_test,
    periods,
    rate_difference,
    ratio_row,
    rmst_difference,
    sample,
    score_test,
)
from aice_helpers.show import formats


def result_words(data) -> str:
    """The four answers for this cohort as text of `markup.written`, to be filled with `result_values`."""
    return (
        "**{endpoint} by {factor}, {second} against {reference}.** Hazard ratio {ratio} over the whole follow-up ({level} CI {ratio_limits}); test of "
        "proportional hazards {test}, which {verdict}. Difference at {time} {unit}: {rate} percentage points ({rate_limits}). "
        "Difference of the restricted means up to {horizon} {unit}: {mean} {unit} ({mean_limits}). Hazard ratio up to "
        "{split} {unit} {early}, after it {late}; equality of the two: {change}."
    )


def result_values(data) -> dict:
    """What fills `result_words`."""
    rows = sample(data)
    whole, parts = ratio_row(data, rows), periods(data, data.split)
    rate, _, *rate_limits = rate_difference(data, moment(data))
    mean, _, *mean_limits = rmst_difference(data, horizon(data))
    return fields(data) | {
        "ratio": formats.ratio(whole["estimate"]),
        "ratio_limits": formats.interval(whole["conf_low"], whole["conf_high"], formats.ratio),
        "test": formats.p_words(score_test(rows).p_value),
        "verdict": conclusion(data),
        "rate": formats.decimal(100 * rate),
        "rate_limits": formats.interval(*(100 * limit for limit in rate_limits)),
        "mean": formats.decimal(mean),
        "mean_limits": formats.interval(*mean_limits),
        "early": formats.ratio(parts["estimate"].iloc[0]),
        "late": formats.ratio(parts["estimate"].iloc[1]),
        "change": formats.p_words(period_test(parts)),
    }


def fields(data) -> dict:
    """What fills the fields of texts: `two_groups.group_values`, levels, the moments asked about, the hazard ratio."""
    return two_groups.group_values(data) | {
        "level": formats.level(data.conf_level),
        "alpha": f"{formats.alpha(data.conf_level):g}",
        "time": f"{moment(data):g}",
        "split": f"{data.split:g}",
        "horizon": f"{horizon(data):g}",
        "ratio": f"{np.exp(cox_fit(sample(data)).coefficients[0]):.5f}",
    }

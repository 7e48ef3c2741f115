"""Sentences of the lesson "cox" with the cohort's numbers."""

import math

import numpy as np
import pandas as pd

from aice_helpers.core.intervals import normal_quantile
from aice_helpers.course.engine import two_groups
from aice_helpers.course.engine.lesson_data import known_at_start
from aice_helpers.course.engine.markup import written
from aice_helpers.course.lessons.cox.arithmetic import book_estimate
from aice_helpers.show import formats
from aice_helpers.stats import partial_likelihood


def cohort_words(data):
    """The cohort's hazard ratio with its limits, in a sentence."""
    row, known = book_estimate(data), two_groups.outcome(data)
    ratio = _from_coefficient(row["beta"], row["std_error"], data.conf_level)
    return written(
        "{endpoint}, {second} against {reference}: {n} patients, {events} events, hazard ratio **{ratio}**.",
        two_groups.group_values(data) | {"n": len(known), "events": int(known["event"].sum()), "ratio": ratio},
    )


def adjusted_words(data):
    """The factor's hazard ratio alone and beside the plan's other factors that are known at time zero."""
    values = _other_factors(data)
    keep = (data.group.notna() & values.notna().all(axis=1)).to_numpy()
    fits = []
    if keep.any() and len(values.columns):
        second = (data.group == data.group.cat.categories[1])[keep].to_numpy(dtype=float)
        others = pd.get_dummies(values[keep], drop_first=True, dtype=float).to_numpy(dtype=float)
        for columns in ([second], [second, others]):
            fits.append(partial_likelihood.fit(data.time[keep], data.event[keep], np.column_stack(columns)))
    label = data.cohort.study.label
    if not fits or not all(fitted.estimable[0] for fitted in fits):
        return written(
            "In this cohort the plan offers no other factor that can stand beside {factor}, so there is no adjusted hazard "
            "ratio here.",
            {"factor": label(data.factor)},
        )
    alone, beside = (
        _from_coefficient(fitted.coefficients[0], fitted.std_errors[0], data.conf_level) for fitted in fits
    )
    return written(
        "{endpoint}, {second} against {reference}, in the {n} patients ({events} events) with all values: crude hazard ratio "
        "**{alone}**; adjusted for {others}: **{beside}**.",
        two_groups.group_values(data)
        | {
            "n": int(keep.sum()),
            "events": int(data.event[keep].sum()),
            "alone": alone,
            "beside": beside,
            "others": formats.listing(label(name) for name in values),
        },
    )


def _other_factors(data):
    """Covariates of the plan's multivariable model, one a column: known at time zero, with values, not the factor."""
    possible = set(known_at_start(data.cohort)) - {data.factor}
    names = [name for name in data.cohort.study.analysis.multivariable if name in possible]
    values = pd.DataFrame({name: data.followed.covariate(name) for name in names}, index=data.group.index)
    return values.dropna(axis=1, how="all")


def _from_coefficient(beta, std_error, conf_level):
    half = normal_quantile(conf_level) * std_error
    return formats.ratio_words(math.exp(beta), math.exp(beta - half), math.exp(beta + half), conf_level)

"""The interactive figure of the lesson "cutpoint"."""

import math

import numpy as np

from aice_helpers.core.seeds import SHUFFLED_CUTS as SEED
from aice_helpers.course.engine.play import Play
from aice_helpers.course.lessons.cutpoint.arithmetic import (
    adjusted_p,
    best_of_shuffles,
    cut_table,
    level,
    search,
    split,
)

_MOST_CUTS, _MONTHS = 100, 24
"""Most places of the interactive figure's slider, and the parts into which its curves divide the time."""

_APART = 5
"""Patients between neighboring cuts of the interactive figure on a real cohort: no difference of two curves is one patient's."""


def mover(data) -> Play:
    """The interactive figure: the cut moved through the candidates, in the cohort and in three shuffles of it."""
    rng = np.random.default_rng(SEED + 4)
    values = data.measured.to_numpy()
    sets = [("The data", values)] + [(f"Shuffle {k}", rng.permutation(values)) for k in (1, 2, 3)]
    moments = np.linspace(0, float(data.time.max()), _MONTHS + 1)
    made = [_one_set(data, name, each, moments) for name, each in sets]
    study, count = data.cohort.study, len(search(data))
    return Play(
        "cutpoint",
        "Move the cut",
        "Move the cut-point and watch the two groups, the P value of the cut **taken by itself** and the one **for the whole search**. Then choose a "
        "shuffle: the same measurements, handed to other patients at random. Is there a cut that looks convincing? "
        + _choice_words(len(made[0]["cuts"]), count),
        {
            "sets": made,
            "moments": [float(f"{moment:.4g}") for moment in moments],
            "measure": study.label(data.measure),
            "unit": study.variables[data.measure].unit,
            "endpoint": data.label,
            "time": data.unit,
            "alpha": level(data),
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


def _shown(data, table):
    """Places in a `cut_table` of the cuts that the figure holds: the best one, and from it both ways all that lie far enough apart."""
    apart = 1 if data.cohort.study.synthetic else _APART
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


def _one_set(data, name, values, moments):
    table = cut_table(values, data.time, data.event)
    table = table.iloc[_shown(data, table)]
    sides = [(~above, above) for above in split(values, table["cut"]).T]
    adjusted = adjusted_p(table["chi_square"].to_numpy(), best_of_shuffles(data))
    return {
        "name": name,
        "cuts": [float(f"{cut:.12g}") for cut in table["cut"]],
        "more": table["more"].tolist(),
        "n": len(values),
        "chi": [round(chi_square, 4) for chi_square in table["chi_square"]],
        "p": [float(f"{p:.4g}") for p in table["p_value"]],
        "adjusted": [float(f"{p:.4g}") for p in adjusted],
        "curves": [[_coarse(data, side, moments) for side in both] for both in sides],
    }


def _coarse(data, side, moments):
    """Kaplan-Meier estimate of some patients at a few moments, in thousandths; None after their last observation."""
    time, event = data.time[side], data.event[side]
    times, deaths = np.unique(time[event], return_counts=True)
    at_risk = len(time) - np.searchsorted(np.sort(time), times)
    shares = np.concatenate([[1.0], np.cumprod(1 - deaths / at_risk)])
    read = shares[np.searchsorted(times, moments, side="right")]
    return [round(1000 * share) if moment <= time.max() else None for share, moment in zip(read, moments, strict=True)]

"""Survival curves of planned groupings, with the median and the comparison of each."""

import pandas as pd

from aice_helpers.show.figures.curves import Panel, curves_picture
from aice_helpers.show.figures.style import only
from aice_helpers.show.group_words import comparison_words
from aice_helpers.show.sentences import reason

CONVENTION = "log-log"
"""Method of the medians that are shown with groups: their limits are those of the curves' bands."""


def grouped_curves(analysis, groups):
    """Kaplan-Meier curves by each of some planned groupings, a panel an endpoint: medians, log-rank P, numbers at risk.

    Parameters
    ----------
    analysis : Analysis
    groups : sequence of str
        Names of planned groupings.

    Returns
    -------
    Picture or Sentence
        Of two levels the hazard ratio is written beside the P value. The sentence says why there is nothing to draw.
    """
    study, panels, frames = analysis.study, [], [analysis.table("survival_curve", group=group) for group in groups]
    tests, contrasts = analysis.table("logrank"), analysis.table("group_contrasts")
    for group, curve in zip(groups, frames, strict=True):
        summary = only(analysis.table("survival_summary", group=group), method=CONVENTION)
        for endpoint in dict.fromkeys(curve["endpoint"]):
            medians = only(summary, endpoint=endpoint)
            test = only(tests, endpoint=endpoint, group=group)
            ratios = only(contrasts, endpoint=endpoint, group=group, term="hazard ratio")
            words = comparison_words(_single(test[test["level"] == ""]), _single(ratios), study)
            marked = dict(zip(medians["level"], medians["estimate"], strict=True))
            panels.append(Panel.of(curve, study, endpoint, group, beside=words, medians=marked))
    filled = [frame for frame in frames if not frame.empty]
    if not filled:
        return reason(frames[0], study)
    return curves_picture(panels, study, pd.concat(filled, ignore_index=True))


def _single(rows):
    """The row of a table with one row, None for another."""
    return rows.iloc[0] if len(rows) == 1 else None

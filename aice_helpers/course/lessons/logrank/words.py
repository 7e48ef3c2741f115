"""Sentences of the lesson "logrank" with the cohort's numbers."""

from aice_helpers.core.results import pick
from aice_helpers.course.engine.markup import written
from aice_helpers.course.engine.two_groups import group_values
from aice_helpers.course.lessons.logrank.arithmetic import book_rows
from aice_helpers.show import formats


def p_words(data):
    """What the P value of the cohort's comparison says, and what it does not."""
    row = pick(book_rows(data), level="")
    p, alpha = row["p_value"], formats.alpha(data.conf_level)
    often = f"about **{formats.percent(p)}**" if p >= 0.001 else "**fewer than 0.1%**"
    text = (
        "{endpoint}, {second} against {reference}: chi-square {chi}, {p}. If both groups shared one hazard at all times, "
        "{often} of such studies would show a chi-square this large or larger. That is all it says: it is not the probability "
        "that the groups are equal, and it is no measure of how much they differ. "
    )
    text += (
        "It is below {alpha}: one hazard for both groups is hard to reconcile with these numbers."
        if p < alpha
        else "It is not below {alpha}: these numbers are compatible with one hazard for both groups, and with different ones too. "
        "It does not show that the groups are equal."
    )
    return written(
        text,
        group_values(data)
        | {
            "chi": formats.decimal(row["statistic"], 2),
            "p": formats.p_words(p, alpha),
            "often": often,
            "alpha": f"{alpha:g}",
        },
    )

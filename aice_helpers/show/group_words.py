"""Words on planned groups: what stands beside their curves, and where curves of a factor are shown."""

import pandas as pd

from aice_helpers.show import formats
from aice_helpers.show.sentences import Sentence, missing_words, sentence

_DOUBTS = {"curves_cross": "curves cross", "hazards_not_proportional": "proportional hazards doubtful"}
"""Code of a reason beside a log-rank test -> its words in a figure, where the table has more of them."""


def comparison_words(test, ratio, study) -> tuple[str, ...]:
    """The log-rank test of a grouping and, of two levels, the hazard ratio, a line each.

    Parameters
    ----------
    test : Series or None
        The row of the test in a table ``logrank``.
    ratio : Series or None
        The row of the hazard ratio in a table ``group_contrasts``, where there is one only.
    study : Study

    Returns
    -------
    tuple of str
        A line for each row that there is.
    """
    said = []
    if test is not None:
        alpha = formats.alpha(study.analysis.confidence_level)
        known = formats.p_words(test["p_value"], alpha) if pd.notna(test["p_value"]) else missing_words(test, "p_value")
        doubts = dict.fromkeys(_DOUBTS[each.code] for each in test["reasons"] if each.code in _DOUBTS)
        said.append(f"Log-rank {known}{f' ({formats.listing(doubts)})' if doubts else ''}")
    if ratio is not None:
        known = missing_words(ratio)
        if pd.notna(ratio["estimate"]):
            known = formats.ratio_words(ratio["estimate"], ratio["conf_low"], ratio["conf_high"], ratio["conf_level"])
        said.append(f"Hazard ratio of {ratio['level']} against {ratio['reference']} {known}")
    return tuple(said)


def curves_shown_words(table, study) -> Sentence:
    """Of which factors that the test of proportional hazards speaks against the book shows curves.

    Parameters
    ----------
    table : DataFrame
        A ``ph_test`` table.
    study : Study

    Returns
    -------
    Sentence
        Without text where there is none.
    """
    if table.empty:
        return sentence("")
    against = table[table["p_value"] < formats.alpha(study.analysis.confidence_level)]
    shown = [name for name in study.analysis.groups if name in set(against["term"]) and not study.known_later(name)]
    if not shown:
        return sentence("")
    labels = formats.listing(dict.fromkeys(study.label(name) for name in shown))
    return sentence(f"Look at the curves by {labels} in the chapter on survival before you read that hazard ratio.")

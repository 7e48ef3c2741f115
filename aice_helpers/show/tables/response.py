"""Response rates, for everyone and in groups."""

import pandas as pd

from aice_helpers.core.results import pick
from aice_helpers.show import formats
from aice_helpers.show.formats import count, percent
from aice_helpers.show.reason_words import note
from aice_helpers.show.sentences import missing_words, reason
from aice_helpers.show.tables.core import blocks, ci, count_text, estimate_text, limits_text, new_table
from aice_helpers.show.tables.survival import cut_point_words


def response(table, study):
    """Response categories, then objective response and disease control with both intervals for both populations.

    Parameters
    ----------
    table : DataFrame
        A ``response`` table.
    study : Study

    Returns
    -------
    DisplayTable or Sentence
        Shares and limits in per cent. The sentence says why the table is empty.

    Raises
    ------
    LookupError
        When a rate has not exactly one row by each of the two methods.
    """
    if table.empty:
        return reason(table, study)
    level = ci(study.analysis.confidence_level)
    shown = new_table(
        f"Best response ({study.response.scheme})",
        ("Response", "Patients", "n", "Share", f"Clopper-Pearson {level}", f"Wilson {level}"),
    )
    everyone = table[table["group"] == ""]
    rates = everyone["term"].isin(["ORR", "DCR"])
    for _, row in everyone[~rates].iterrows():
        shown.add(row["term"], count_text(row, "events"), count_text(row, "n"), estimate_text(row, percent), limits_text(row, percent), "",
                  note=note(row["reasons"], study))  # fmt: skip
    for (term, population), rows in blocks(everyone[rates], "term", "population"):
        exact, score = pick(rows, method="Clopper-Pearson"), pick(rows, method="Wilson")
        shown.add(f"{RATES[term]}, {population}", count_text(exact, "events"), count_text(exact, "n"), estimate_text(exact, percent),
                  limits_text(exact, percent), limits_text(score, percent), note=note(exact["reasons"], study))  # fmt: skip
    counted = f"ORR counts {formats.listing(study.response.responders)}"
    shown.footnotes.append(
        f"{counted}; DCR counts {formats.listing(study.response.controlled)}. Among all patients those who are not "
        "evaluable count as neither."
    )
    return shown


RATES = {"ORR": "Objective response (ORR)", "DCR": "Disease control (DCR)"}
"""Term of a response rate -> how it is shown."""


def response_by_subgroup(table, study):
    """Objective response and disease control in groups of patients.

    Parameters
    ----------
    table : DataFrame
        A ``response`` table with groups (``response_by_subgroup`` of the result tables).
    study : Study

    Returns
    -------
    DisplayTable or Sentence
        Shares and limits in per cent. The sentence says why the table is empty.

    Raises
    ------
    LookupError
        When a group has not exactly one row for each of the two rates.
    """
    if table.empty:
        return reason(table, study)
    level = ci(study.analysis.confidence_level)
    shown = new_table(
        "Response in groups of patients, Clopper-Pearson intervals",
        ("Group", "n", "ORR", level, "DCR", level),
    )
    for (group,), rows in blocks(table[table["group"] != ""], "group"):
        shown.add_heading(study.label(group))
        for (label,), pair in blocks(rows, "level"):
            objective, control = pick(pair, term="ORR"), pick(pair, term="DCR")
            cells = []
            for row in (objective, control):
                known = pd.notna(row["estimate"])
                cells += [f"{count(row['events'])} ({percent(row['estimate'])})" if known else missing_words(row)]
                cells += [limits_text(row, percent) if known else ""]
            said = note(objective["reasons"], study, sentences=True)
            shown.add(label, count_text(objective, "n"), *cells, note=said, indent=True)
    shown.footnotes.append("No group was compared by a test; overlapping or separate intervals are no test either.")
    shown.footnotes += cut_point_words(study, table["group"])
    return shown

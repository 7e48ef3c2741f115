"""How observation ended, how the endpoints follow from dates, and what other rules would give."""

import pandas as pd

from aice_helpers.data import outcome
from aice_helpers.show import formats
from aice_helpers.show.formats import percent
from aice_helpers.show.prose import dated_words
from aice_helpers.show.reason_words import note
from aice_helpers.show.sentences import reason
from aice_helpers.show.tables.core import blocks, ci, count_text, estimate_text, limits_text, new_table

CENSORED = {
    "last contact": "at the last contact",
    "last assessment": "at the last assessment",
    "data cut-off": "at the data cut-off",
    "death of another kind": "at a death that is no event here",
    "new therapy": "at the new therapy",
    "missed assessments": "at the last assessment before two or more missed ones",
    "start (never assessed)": "at the start, never assessed after it",
}
"""Rule of censoring -> its words."""

RULES = {
    "no_follow_up": "No follow-up, left out",
    "entered_late": "Ended by the day of entry, never at risk, left out",
    "first_day": "Observed on the day of the start only",
    "completed": "With a date completed by rule",
    "dated_at_contact": "Death dated at the last contact",
    "cutoff": "Changed by the data cut-off",
}

ESTIMANDS = {
    ("new_therapy", "ignored"): "New therapy ignored: treatment policy strategy (ICH E9(R1))",
    (
        "new_therapy",
        "censored",
    ): "Censored at the new therapy: hypothetical strategy (ICH E9(R1)), a rule that FDA's guidance lists",
    ("new_therapy", "event"): "New therapy counted as an event: composite variable strategy (ICH E9(R1))",
    ("missed_assessments", "ignored"): "Events counted whenever they were seen: treatment policy strategy (ICH E9(R1))",
    ("missed_assessments", "censored"): (
        "Events after two or more missed assessments censored at the last one before: FDA's sensitivity analysis of PFS"
    ),
}
"""What happens in between and its handling -> the analysis, by the names of the guidelines."""


def derivation(table, study):
    """Events by kind, who is censored by which rule, and what was completed or cut off.

    Parameters
    ----------
    table : DataFrame
        A ``derivation`` table.
    study : Study

    Returns
    -------
    DisplayTable or Sentence
        The sentence says why the table is empty.
    """
    if table.empty:
        return reason(table, study)
    title = "How observation ended" if study.dates is None else "Endpoints derived from dates"
    shown = new_table(title, ("Patients", "n", "Of all patients"))
    for (name,), rows in blocks(table[table["endpoint"] != ""], "endpoint"):
        shown.add_heading(study.label(name))
        for _, row in rows.iterrows():
            share = percent(row["count"] / row["n"])
            shown.add(
                _line(row["rule"], row["kind"], study.endpoints[name]), count_text(row, "count"), share, indent=True
            )
    shown.footnotes += dated_words(study)
    shown.footnotes += [f"Starts: {years}." for years in table.loc[table["rule"] == "accrual", "kind"]]
    return shown


def _line(rule, kind, endpoint):
    if rule == "no_follow_up" and not endpoint.first_of:
        return "No time or no state, left out"
    if rule == "censored" and kind == outcome.CENSORED:
        return "Censored"
    if rule == "censored":
        return f"Censored {CENSORED[kind]}" if kind in CENSORED else f"Censored: {kind}"
    if rule in ("event", "competing"):
        return f"{'Event' if rule == 'event' else 'Competing event'}: {kind}"
    return RULES[rule]


def estimands(table, study):
    """The main analysis of what happens before the event, and the sensitivity analyses beside it.

    Parameters
    ----------
    table : DataFrame
        An ``estimands`` table.
    study : Study

    Returns
    -------
    DisplayTable or Sentence
        Times in `study.time_unit`. The sentence says why the table is empty.
    """
    if table.empty:
        return reason(table, study)
    level = ci(study.analysis.confidence_level)
    columns = ("Analysis", "n", "Events", "Changed", f"Median, {study.time_unit}", level)
    shown = new_table("Main and sensitivity analyses", columns)

    def write(value):
        return formats.time(value, unit=study.time_unit)

    for (name, _), rows in blocks(table, "endpoint", "term"):
        shown.add_heading(study.label(name))
        for _, row in rows.iterrows():
            main = row["analysis"] == "main"
            shown.add(
                f"{'Main' if main else 'Sensitivity'}. {ESTIMANDS[row['term'], row['level']]}",
                count_text(row, "n"),
                count_text(row, "events"),
                "" if main or pd.isna(row["changed"]) else count_text(row, "changed"),
                estimate_text(row, write),
                limits_text(row, write),
                note=note(row["reasons"], study),
                indent=True,
            )
    shown.footnotes.append(
        "Changed: patients whose time or event is not that of the main analysis. Medians by Kaplan-Meier, log-log limits. An "
        "analysis of sensitivity is no second result; it shows how far the main one depends on the rule."
    )
    return shown

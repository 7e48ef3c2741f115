"""The same numbers as different programs print them."""

import pandas as pd

from aice_helpers.core.reasons import Reason, is_masked
from aice_helpers.show import formats
from aice_helpers.show.programs import as_printed, family, p_as_printed
from aice_helpers.show.reason_words import note
from aice_helpers.show.sentences import missing_words, reason, sentence
from aice_helpers.show.tables.core import blocks, ci, new_table

TOPICS = {
    "median": "median",
    "quartile": "quartiles",
    "rate": "survival at fixed times",
    "mean": "mean",
    "ties": "hazard ratio by treatment of ties",
    "test": "tests of two curves",
    "quotient": "hazard ratio from observed and expected events",
    "proportional hazards": "tests of proportional hazards",
    "proportion": "response rates",
    "exact half": "curves that run flat at one half",
}
"""Topic -> what it is called in titles and headings."""

TIMES = ("median", "quartile", "rate", "mean")
GROUPS = ("ties", "test", "quotient", "proportional hazards")

DIGITS = "Digits as each program prints them by default."
COVERAGE = (
    "Held in simulations: how often the limits hold the truth in samples like this cohort; exponential times, uniform censoring, "
    "4,000 samples for times, all possible counts for proportions."
)


def time_conventions(table, study):
    """Medians, quartiles, rates and means of all patients by program.

    Parameters
    ----------
    table : DataFrame
        A ``conventions`` table.
    study : Study

    Returns
    -------
    DisplayTable or Sentence
        The sentence says why there is nothing to show.
    """
    rows = table[table["topic"].isin(TIMES)]
    if rows.empty or _hidden(rows):
        return _nothing(table, study, Reason("conventions_masked"))
    columns = (
        "Program",
        "Method",
        "Estimate",
        ci(study.analysis.confidence_level),
        "Standard error",
        "Held in simulations",
    )
    shown = new_table("Times and rates as programs print them", columns, text=(1,))
    for (endpoint, topic, term, time), part in blocks(
        rows.assign(time=rows["time"].fillna(-1)), "endpoint", "topic", "term", "time"
    ):
        shown.add_heading(_time_heading(study, endpoint, topic, term, time))
        kind = "share" if topic == "rate" else "time"
        for _, row in part.iterrows():
            program = family(row["program"])
            held = "" if pd.isna(row["coverage"]) else formats.percent(row["coverage"])
            cells = (
                _estimate(row, program, kind),
                _limits(row, program, kind),
                as_printed(program, "time", row["std_error"]),
            )
            shown.add(row["program"], row["method"], *cells, held, indent=True, note=note(row["reasons"], study))
    shown.footnotes += [DIGITS, COVERAGE]
    return shown


def _time_heading(study, endpoint, topic, term, time):
    label = study.label(endpoint)
    if topic == "rate":
        return f"{label} at {formats.duration(time, study.time_unit)}"
    if topic == "mean":
        return f"{label}, restricted mean, {study.time_unit}"
    return f"{label}, {term}, {study.time_unit}"


def _estimate(row, program, kind):
    words = missing_words(row) if row["topic"] != "quartile" else missing_words(dict(row) | {"term": "median"})
    return as_printed(program, kind, row["estimate"], words)


def _limits(row, program, kind):
    if pd.isna(row["conf_level"]) or pd.isna(row["estimate"]):
        return ""
    named = dict(row) | {"term": "median"} if row["topic"] in ("median", "quartile") else row
    low, high = (
        as_printed(program, kind, row[column], missing_words(named, column)) for column in ("conf_low", "conf_high")
    )
    return low if low == high and pd.isna(row["conf_low"]) else f"{low} to {high}"


def group_conventions(table, study):
    """Two groups compared, by program.

    Parameters
    ----------
    table : DataFrame
        A ``conventions`` table.
    study : Study

    Returns
    -------
    DisplayTable or Sentence
        The sentence says that no grouping has exactly two levels.
    """
    rows = table[table["topic"].isin(GROUPS)]
    if not rows.empty and _hidden(rows):
        return _nothing(table, study, Reason("conventions_masked"))
    if rows.empty:
        return _nothing(table, study, Reason("no_two_groups"))
    first = rows.iloc[0]
    title = f"Two groups as programs print them: {study.label(first['group'])}, {first['level']} against the other"
    columns = ("Program", "Method", "Hazard ratio", ci(study.analysis.confidence_level), "Chi-square", "P")
    shown = new_table(title, columns, text=(1,))
    for (endpoint, topic), part in blocks(rows, "endpoint", "topic"):
        shown.add_heading(f"{study.label(endpoint)}: {TOPICS[topic]}")
        for _, row in part.iterrows():
            program = family(row["program"])
            ratio = "" if topic in ("test", "proportional hazards") else _estimate(row, program, "ratio")
            chi = (
                ""
                if topic in ("ties", "quotient")
                else as_printed(program, _chi(topic), row["statistic"], missing_words(row))
            )
            p = p_as_printed(program, row["p_value"], digits=2 if topic == "proportional hazards" else 1)
            shown.add(row["program"], row["method"], ratio, _limits(row, program, "ratio"), chi, p, indent=True,
                      note=note(row["reasons"], study))  # fmt: skip
    shown.footnotes.append(DIGITS)
    return shown


def _chi(topic):
    """R prints the tests of proportional hazards with more digits than those of curves."""
    return "ph" if topic == "proportional hazards" else "chi"


def _hidden(rows):
    """Whether all numbers of some rows are masked."""
    return all(is_masked(row) for _, row in rows.iterrows())


def _nothing(table, study, why):
    """Why the rows asked for are missing: the table's own reason, or ``why``."""
    return reason(table, study) if table.empty else sentence(note((why,), study))


def proportion_conventions(table, study):
    """Intervals of the response rates by method and the programs that use it.

    Parameters
    ----------
    table : DataFrame
        A ``conventions`` table.
    study : Study

    Returns
    -------
    DisplayTable or Sentence
        The sentence says why there is nothing to show.
    """
    rows = table[table["topic"] == "proportion"]
    if rows.empty:
        return _nothing(table, study, Reason("not_declared", what="response"))
    columns = ("Method", "Program", ci(study.analysis.confidence_level), "Holds the truth")
    shown = new_table("Intervals of the response rates by method", columns, text=(1,))
    for (term,), part in blocks(rows, "term"):
        first = part.iloc[0]
        known = pd.notna(first["events"]) and pd.notna(first["estimate"])
        count = f": {int(first['events'])}/{int(first['n'])}" if known else ""
        shown.add_heading(f"{term}{count}")
        for _, row in part.iterrows():
            held = "" if pd.isna(row["coverage"]) else formats.percent(row["coverage"])
            shown.add(
                row["method"], row["program"], _percent_limits(row), held, indent=True, note=note(row["reasons"], study)
            )
    shown.footnotes.append(
        "Holds the truth: probability that the interval holds a true rate equal to the one observed; the counts jump, so methods share it."
    )
    return shown


def _percent_limits(row):
    low, high = (formats.percent(row[column], 2, missing_words(row, column)) for column in ("conf_low", "conf_high"))
    return low if low == high and pd.isna(row["conf_low"]) else f"{low} to {high}"


def exact_halves(table):
    """The medians of twenty invented patients whose curve runs flat at one half.

    Parameters
    ----------
    table : DataFrame
        A ``conventions`` table.

    Returns
    -------
    DisplayTable or Sentence
        The sentence says why there is nothing to show.
    """
    rows = table[table["topic"] == "exact half"]
    if rows.empty:
        return reason(table)
    shown = new_table(
        "Where a curve runs flat at one half: twenty invented patients, times 1 to 20",
        ("Program", "Rule", "Median"),
        text=(1,),
    )
    headings = {
        "crossed": "All have the event: flat from 10 to 11",
        "to the end": "The last ten are censored: flat from 10 to the end at 20",
    }
    for (term,), part in blocks(rows, "term"):
        shown.add_heading(headings[term])
        for _, row in part.iterrows():
            missing = missing_words(dict(row) | {"term": "median"})
            shown.add(row["program"], row["method"], formats.decimal(row["estimate"], 1, missing), indent=True)
    return shown


def printed_conventions(table, study):
    """Which program's convention gives each printed number.

    Parameters
    ----------
    table : DataFrame
        A ``printed_conventions`` table.
    study : Study

    Returns
    -------
    DisplayTable or Sentence
        The sentence says why the table is empty.
    """
    if table.empty:
        return reason(table, study)
    shown = new_table(
        "Which convention gives the printed numbers", ("As printed", "Compared with", "Given by"), text=(2,)
    )
    for _, row in table.iterrows():
        shown.add(row["quote"], formats.count(row["tried"]), _given(row, study))
    shown.footnotes.append(
        "Compared with: conventions that were tried, as in the tables below. Given by: all that is printed of the number agrees once rounded."
    )
    return shown


def _given(row, study):
    if row["reasons"]:
        return note(row["reasons"], study, sentences=True)
    parts = [row["gives"], f"with digits cut off: {row['cut']}" if row["cut"] else ""]
    return "; ".join(filter(None, parts)) or "none of them"

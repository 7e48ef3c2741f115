"""Medians, rates, restricted means, log-rank tests."""

from functools import partial

from aice_helpers.core.intervals import normal_quantile
from aice_helpers.show import formats
from aice_helpers.show.formats import decimal, percent
from aice_helpers.show.reason_words import note
from aice_helpers.show.sentences import missing_words, reason
from aice_helpers.show.tables.core import (
    blocks,
    chi_square,
    ci,
    count_text,
    estimate_text,
    in_group,
    limits_text,
    new_table,
    plain_text,
)
from aice_helpers.stats.kaplan_meier import SPSS

CONVENTIONS = {
    SPSS: "SPSS",
    "plain": "plain (R)",
    "log": "log (R's default)",
    "log-log": "log-log (default of SAS and Stata)",
}
"""Method of a median -> how its convention is shown."""


def cut_point_words(study, groups):
    """For each of ``groups`` that cut-points form, a sentence with them and their source.

    Parameters
    ----------
    study : Study
    groups : iterable of str
        Names of grouping variables; each is told once.

    Returns
    -------
    list of str
        Empty where no group is formed by cut-points.
    """
    said = []
    for name in dict.fromkeys(groups):
        if cut := study.analysis.cut_points.get(name):
            limits = formats.listing(map(formats.plain, cut.at))
            unit = study.variables[name].unit
            said.append(f"{study.label(name)}: groups at {f'{limits} {unit}'.strip()} ({cut.source.rstrip('.')}).")
    return said


def median_title(table, study):
    """What the medians of some endpoints are: of survival, when every label says so.

    Parameters
    ----------
    table : DataFrame
        A ``survival_summary`` table, or rows of one.
    study : Study

    Returns
    -------
    str
        A title with the unit of time.
    """
    labels = [study.label(name) for name in dict.fromkeys(table["endpoint"])]
    survival = all("survival" in label.lower() for label in labels)
    return f"Median survival in {study.time_unit}" if survival else f"Median time to event, in {study.time_unit}"


def medians(table, study):
    """The medians by every convention.

    Parameters
    ----------
    table : DataFrame
        A ``survival_summary`` table.
    study : Study

    Returns
    -------
    DisplayTable or Sentence
        Medians and limits in `study.time_unit`. The sentence says why the table is empty.
    """
    if table.empty:
        return reason(table, study)
    level = ci(study.analysis.confidence_level)
    shown = new_table(
        f"{median_title(table, study)}, by convention of the interval",
        ("Convention", "n", "Events", "Median", level),
    )
    write = partial(formats.time, unit=study.time_unit)
    for (_, _, label), rows in blocks(table, "endpoint", "group", "level"):
        shown.add_heading(in_group(study, rows.iloc[0]) + (f": {label}" if label else ""))
        for _, row in rows.iterrows():
            shown.add(CONVENTIONS.get(row["method"], row["method"]), count_text(row, "n"), count_text(row, "events"),
                      estimate_text(row, write), limits_text(row, write), note=note(row["reasons"], study), indent=True)  # fmt: skip
    confidence = study.analysis.confidence_level
    width = "1.96" if confidence == 0.95 else decimal(normal_quantile(confidence), 3)
    shown.footnotes.append(
        f"SPSS: median plus or minus {width} standard errors. The others invert the limits of the curve."
    )
    return shown


def rates(table, study):
    """Survival at fixed times: Kaplan-Meier with its intervals, and the crude proportion.

    Parameters
    ----------
    table : DataFrame
        A ``survival_at`` table.
    study : Study

    Returns
    -------
    DisplayTable or Sentence
        Rates and limits in per cent. The sentence says why the table is empty.
    """
    if table.empty:
        return reason(table, study)
    level = ci(study.analysis.confidence_level)
    shown = new_table(
        "Survival at fixed times: Kaplan-Meier and crude proportion",
        ("Method", "n", "Events by then", "At risk", "Rate", level),
    )
    for (_, _, label, time), rows in blocks(table, "endpoint", "group", "level", "time"):
        heading = in_group(study, rows.iloc[0]) + (f": {label}" if label else "")
        shown.add_heading(f"{heading}, at {formats.duration(time, study.time_unit)}")
        for _, row in rows.iterrows():
            shown.add(row["method"], count_text(row, "n"), count_text(row, "events"), count_text(row, "at_risk"),
                      estimate_text(row, percent), limits_text(row, percent), note=note(row["reasons"], study), indent=True)  # fmt: skip
    shown.footnotes.append(
        "Events by then include those at that very time; at risk: followed for at least that time. Crude proportion: known "
        "to be event-free at that time, of all patients; those censored before then count as failures."
    )
    return shown


def rmst(table, study):
    """Restricted mean survival time.

    Parameters
    ----------
    table : DataFrame
        A ``rmst`` table.
    study : Study

    Returns
    -------
    DisplayTable or Sentence
        Means, limits and horizons in `study.time_unit`. The sentence says why the table is empty.
    """
    if table.empty:
        return reason(table, study)
    level = ci(study.analysis.confidence_level)
    shown = new_table(
        f"Restricted mean survival time in {study.time_unit} ({formats.listing(dict.fromkeys(table['method']))})",
        ("Endpoint", "n", "Events by the horizon", "Horizon", "Mean", level),
    )
    write = partial(formats.time, unit=study.time_unit)
    for _, row in table.iterrows():
        name = in_group(study, row) + (f": {row['level']}" if row["level"] else "")
        shown.add(name, count_text(row, "n"), count_text(row, "events"), plain_text(row["time"], missing_words(row)), estimate_text(row, write),
                  limits_text(row, write), note=note(row["reasons"], study))  # fmt: skip
    return shown


def logrank(table, study):
    """Log-rank tests with observed and expected events.

    Parameters
    ----------
    table : DataFrame
        A ``logrank`` table.
    study : Study

    Returns
    -------
    DisplayTable or Sentence
        A line a group, then the test. The sentence says why the table is empty.
    """
    if table.empty:
        return reason(table, study)
    shown = new_table(
        "Log-rank tests",
        ("Group", "n", "Observed events", "Expected events", "Chi-square", "df", "P"),
    )
    for _, rows in blocks(table, "endpoint", "group"):
        shown.add_heading(in_group(study, rows.iloc[0]))
        for _, row in rows.iterrows():
            size = (count_text(row, "n"), count_text(row, "events"), decimal(row["expected"], missing=""))
            label = row["level"] or "Test"
            tested = chi_square(row, study) if not row["level"] else ("", "", "")
            shown.add(label, *size, *tested, note=note(row["reasons"], study), indent=True)
    shown.footnotes.append("P values are not adjusted for the number of tests.")
    shown.footnotes += cut_point_words(study, table["group"])
    return shown

"""Planned groups: what is estimated in each, how far they differ, and the tests between them."""

from functools import partial

import pandas as pd

from aice_helpers.core.reasons import is_masked
from aice_helpers.core.results import KAPLAN_MEIER
from aice_helpers.show import formats
from aice_helpers.show.formats import decimal, p_value, percent, ratio
from aice_helpers.show.reason_words import note, parts
from aice_helpers.show.sentences import missing_words, reason
from aice_helpers.show.tables.core import (
    alpha_of,
    blocks,
    chi_square,
    ci,
    count_text,
    estimate_text,
    in_group,
    limits_text,
    new_table,
)
from aice_helpers.show.tables.survival import cut_point_words

SCALE = "log-log"
"""Scale of the limits of medians and rates of groups: that of the bands of their curves."""


def groups(analysis, names):
    """Each level of some planned groupings: patients, events, median, survival at the planned times, restricted mean.

    Parameters
    ----------
    analysis : Analysis
    names : sequence of str
        Names of planned groupings.

    Returns
    -------
    DisplayTable or Sentence
        Times in `study.time_unit`, rates in per cent. The sentence says why there is nothing to show.
    """
    study = analysis.study
    found = [analysis.table("survival_summary", group=name) for name in names]
    filled = [table for table in found if not table.empty]
    if not filled:
        return reason(found[0], study)
    plan, unit = study.analysis, study.time_unit
    planned = plan.rmst_horizon is not None or bool(plan.rate_times)
    heads = (
        "Median",
        *(f"At {formats.duration(time, unit)}" for time in plan.rate_times),
        *(["Mean"] if planned else ()),
    )
    shown = new_table(
        f"By group: median and mean in {unit}, survival in per cent, each with its {ci(plan.confidence_level)}",
        ("Group", "n", "Events", *heads),
    )
    for summary in filled:
        name = summary["group"].iloc[0]
        rates, means = (analysis.table(table, group=name) for table in ("survival_at", "rmst"))
        for (endpoint,), medians in blocks(summary[summary["method"] == SCALE], "endpoint"):
            horizons = means.loc[means["endpoint"] == endpoint, "time"] if planned else medians["estimate"].iloc[:0]
            shown.add_heading(in_group(study, medians.iloc[0]) + _upto(horizons, study))
            for _, median in medians.iterrows():
                of_level = [
                    table[(table["endpoint"] == endpoint) & (table["level"] == median["level"])]
                    if len(table)
                    else table
                    for table in (rates, means)
                ]
                _add_level(shown, study, median, *of_level)
    shown.footnotes.append(
        "Median and survival: Kaplan-Meier with limits on the log-log scale. Mean: restricted to the horizon, the area under the curve."
    )
    shown.footnotes += cut_point_words(study, names)
    return shown


def _upto(horizons, study):
    """The horizon of the restricted means, in brackets; nothing where there is none, or none that is told."""
    known = horizons.dropna()
    return f" (means up to {formats.duration(known.iloc[0], study.time_unit)})" if len(known) else ""


def _add_level(shown, study, median, rates, means):
    write = partial(formats.time, unit=study.time_unit)
    rates = rates[rates["method"] == KAPLAN_MEIER[SCALE]] if len(rates) else rates
    rows = [
        (median, write),
        *((row, percent) for _, row in rates.iterrows()),
        *((row, write) for _, row in means.iterrows()),
    ]
    said = dict.fromkeys(words for row, _ in rows for words in parts(row["reasons"], study))
    cells = [_with_limits(row, how) for row, how in rows]
    size = count_text(median, "n"), count_text(median, "events")
    shown.add(median["level"], *size, *cells, note="; ".join(said), indent=True)


def _with_limits(row, write):
    """An estimate with its limits in brackets; one word where none of them is known."""
    estimate, limits = estimate_text(row, write), limits_text(row, write)
    return estimate if estimate == limits else f"{estimate} ({limits})"


def group_contrasts(table, study):
    """Each level against the reference: hazard ratios, differences of survival and of restricted means.

    Parameters
    ----------
    table : DataFrame
        A ``group_contrasts`` table.
    study : Study

    Returns
    -------
    DisplayTable or Sentence
        Differences of survival in percentage points, of means in `study.time_unit`. The sentence says why the table is
        empty.
    """
    if table.empty:
        return reason(table, study)
    terms = dict.fromkeys(_column(row) for _, row in table.iterrows())
    heads = [_contrast_head(*term, study) for term in terms]
    shown = new_table(
        f"Groups against their reference, with {ci(study.analysis.confidence_level)} and P",
        ("Comparison", "n", "Events", *heads),
    )
    for _, rows in blocks(table, "endpoint", "group"):
        horizons = rows.loc[rows["term"] == "restricted mean", "time"]
        shown.add_heading(in_group(study, rows.iloc[0]) + _upto(horizons, study))
        for (level, against), pair in blocks(rows, "level", "reference"):
            cells = {_column(row): _contrast(row, study) for _, row in pair.iterrows()}
            said = dict.fromkeys(words for reasons in pair["reasons"] for words in parts(reasons, study))
            first = pair.iloc[0]
            shown.add(
                f"{level} against {against}", count_text(first, "n"), count_text(first, "events"),
                *(cells.get(term, "") for term in terms), note="; ".join(said), indent=True,
            )  # fmt: skip
    shown.footnotes.append(
        "n and events are those of both groups together. A difference is that of the group less that of the reference: of survival in "
        f"percentage points, of means in {study.time_unit}. Hazard ratio: Cox model of this grouping alone, Efron's method for ties. "
        "Limits and P: Wald. P values are not adjusted for the number of comparisons."
    )
    shown.footnotes += cut_point_words(study, table["group"])
    return shown


def _column(row):
    """The column of a contrast; the horizon of a mean may differ between endpoints."""
    return row["term"], row["time"] if row["term"] == "survival" else 0.0


def _contrast_head(term, time, study):
    return {
        "hazard ratio": "Hazard ratio",
        "stratified hazard ratio": f"Hazard ratio within strata ({_strata(study)})",
        "survival": f"Difference at {formats.duration(time, study.time_unit)}",
        "restricted mean": "Difference of means",
    }[term]


def _contrast(row, study):
    """An estimate with its limits and its P value."""
    if row["term"].endswith("hazard ratio"):
        write = ratio
    else:
        write = _points if row["term"] == "survival" else partial(formats.time, unit=study.time_unit)
    said = _with_limits(row, write)
    if pd.isna(row["estimate"]) or (pd.isna(row["p_value"]) and not is_masked(row, "p_value")):
        return said
    tested = missing_words(row, "p_value")
    words = f"P {tested}" if pd.isna(row["p_value"]) else formats.p_words(row["p_value"], alpha_of(study))
    return f"{said}, {words}"


def _points(value):
    return decimal(100 * value)


def _strata(study):
    return formats.listing(study.label(name) for name in study.analysis.strata)


def group_tests(table, study):
    """Tests by pairs of levels, for a trend, within strata, and of proportional hazards.

    Parameters
    ----------
    table : DataFrame
        A ``group_tests`` table.
    study : Study

    Returns
    -------
    DisplayTable or Sentence
        The sentence says why the table is empty.
    """
    if table.empty:
        return reason(table, study)
    shown = new_table("Further tests between the groups", ("Test", "n", "Events", "Chi-square", "df", "P", "P by Holm"))
    for _, rows in blocks(table, "endpoint", "group"):
        shown.add_heading(in_group(study, rows.iloc[0]))
        for _, row in rows.iterrows():
            paired = row["term"] == "pairwise"
            adjusted = (
                p_value(row["adjusted"], alpha_of(study), missing=missing_words(row, "adjusted")) if paired else ""
            )
            shown.add(
                _test_name(row, study), count_text(row, "n"), count_text(row, "events"), *chi_square(row, study), adjusted,
                note=note(row["reasons"], study), indent=True,
            )  # fmt: skip
    said = ["Proportional hazards: score test of a Cox model of the grouping alone."]
    kinds = set(table["term"])
    if "pairwise" in kinds:
        said.append(
            "Pairs: log-rank test of the patients of these two levels; Holm's method adjusts P for the pairs of one endpoint and grouping."
        )
    if "trend" in kinds:
        said.append("Trend: log-rank test with the scores 1, 2, 3 and so on in the order of the levels.")
    if "stratified" in kinds:
        said.append(
            "Within strata: observed and expected events are compared among patients of one stratum and summed."
        )
    shown.footnotes.append(" ".join(said))
    return shown


def _test_name(row, study):
    if row["term"] == "pairwise":
        return f"{row['level']} against {row['reference']}"
    names = {"trend": "Trend", "proportional hazards": "Proportional hazards"}
    return names.get(row["term"], f"Within strata ({_strata(study)})")

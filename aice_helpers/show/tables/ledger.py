"""Published against computed, and the headline of the landing page."""

from functools import partial

import pandas as pd

from aice_helpers.show import formats
from aice_helpers.show.formats import NOT_ESTIMABLE, percent
from aice_helpers.show.reason_words import note
from aice_helpers.show.sentences import reason
from aice_helpers.show.tables.core import (
    Cell,
    blocks,
    ci,
    count_text,
    estimate_text,
    everyone_rows,
    limits_text,
    new_table,
)
from aice_helpers.show.tables.response import RATES
from aice_helpers.show.tables.survival import CONVENTIONS
from aice_helpers.study.model import ANY_EVENT, ANY_GRADE, SEVERE


def published(table, study, links=None):
    """Every published number and claim beside the computed value, with a verdict.

    Parameters
    ----------
    table : DataFrame
        A ``published`` table.
    study : Study
    links : dict of str to str, optional
        Chapter that an item names -> address.

    Returns
    -------
    DisplayTable or Sentence
        The sentence says why the table is empty.
    """
    if table.empty:
        return reason(table, study)
    shown = new_table(
        f"Published and computed: {formats.counted(len(table), 'item')}, {study.title}",
        ("Published item", "Published", "Computed", "Method", "Verdict"),
        text=(3, 4),
    )
    # A chapter that the study cannot fill is not in its book.
    links = {chapter: address for chapter, address in (links or {}).items() if study.can_fill.get(chapter, True)}
    for (topic,), rows in blocks(table, "topic"):
        shown.add_heading(topic)
        for _, row in rows.iterrows():
            item = Cell(row["quote"], links.get(row["chapter"], ""))
            detail = f"{note(row['reasons'], study, sentences=True)} {row['explanation']}{_tolerance(row)}"
            shown.add(item, row["published"], _computed(row), row["method"], row["verdict"], indent=True, detail=detail)
    return shown


def _computed(row):
    """The computed value as printed, or why there is none."""
    absent = next((each["why"] for each in row["reasons"] if each.code == "no_counterpart"), "")
    return {"masked": formats.MASKED, "absent": NOT_ESTIMABLE}.get(absent, row["computed"])


def _tolerance(row):
    if pd.notna(row["limit"]):
        return f" Tolerance: on the same side of {row['limit']:g}."
    if pd.isna(row["decimals"]):
        return ""
    decimals = int(row["decimals"])
    return f" Tolerance: equal at {formats.counted(decimals, 'decimal')}." if decimals else " Tolerance: equal."


def headline(tables, study, links=None):
    """The main results of all result tables on one page.

    Parameters
    ----------
    tables : dict of str to DataFrame
        Result tables by name; needed are ``survival_summary``, ``survival_at``, ``response`` and
        ``adverse_events``.
    study : Study
    links : dict of str to str, optional
        Name of a result table -> address of the chapter that its lines point to.

    Returns
    -------
    DisplayTable
        A table without rows adds no lines.

    Raises
    ------
    KeyError
        When one of the needed tables is not there.
    """
    links = links or {}
    level = ci(study.analysis.confidence_level)
    shown = new_table("Main results", ("Result", "n", "Events", "Estimate", level, "Method"), text=(5,))

    def add(name, label, row, write, method, unit=""):
        known = pd.notna(row["estimate"])
        estimate = estimate_text(row, write) + (f" {unit}" if known and unit else "")
        shown.add(Cell(label, links.get(name, "")), count_text(row, "n"), count_text(row, "events"), estimate, limits_text(row, write), method,
                  note=note(row["reasons"], study))  # fmt: skip

    summary = everyone_rows(tables["survival_summary"])
    times = everyone_rows(tables["survival_at"])
    for name, endpoint in study.endpoints.items():
        for _, row in summary[(summary["endpoint"] == name) & summary["method"].isin(["SPSS", "log-log"])].iterrows():
            add(
                "survival_summary",
                f"{endpoint.label}, median",
                row,
                partial(formats.time, unit=study.time_unit),
                CONVENTIONS[row["method"]],
                study.time_unit,
            )
        kept = times[(times["endpoint"] == name) & (times["method"] == "Kaplan-Meier, log-log")]
        for _, row in kept.iterrows():
            label = f"{endpoint.label} at {formats.duration(row['time'], study.time_unit)}"
            add("survival_at", label, row, percent, row["method"])
    rates_of_all = everyone_rows(tables["response"])
    kept = (rates_of_all["population"] == "all patients") & (rates_of_all["method"] == "Clopper-Pearson")
    for _, row in rates_of_all[kept & rates_of_all["term"].isin(["ORR", "DCR"])].iterrows():
        add("response", RATES[row["term"]], row, percent, row["method"])
    harms = tables["adverse_events"]
    harms = harms[(harms["term"] == ANY_EVENT) & (harms["method"] == "Clopper-Pearson")]
    for level_name, label in (
        (ANY_GRADE, "Any recorded adverse event"),
        (SEVERE, "Adverse event, severe or worse"),
    ):
        for _, row in harms[harms["level"] == level_name].iterrows():
            add("adverse_events", label, row, percent, row["method"])
    counted = [
        *(["for a rate at a fixed time those up to it"] if study.endpoints and study.analysis.rate_times else []),
        *(["for response the patients who had it"] if study.response is not None else []),
        *(["for adverse events the patients who had any"] if study.adverse_events is not None else []),
    ]
    if counted:
        shown.footnotes.append(f"Events: {'; '.join(counted)}.")
    return shown

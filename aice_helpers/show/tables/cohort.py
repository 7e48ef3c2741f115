"""The cohort: characteristics, flow, follow-up, endpoints, variables, plan, remarks."""

from functools import partial

import pandas as pd

from aice_helpers.core.problems import SHOWN
from aice_helpers.core.reasons import hidden_reasons, is_masked
from aice_helpers.show import formats
from aice_helpers.show.formats import NOT_ESTIMABLE, decimal, percent
from aice_helpers.show.prose import dated_words, masking_words
from aice_helpers.show.reason_words import NOT_DECLARED, masked_sentence, note
from aice_helpers.show.sentences import reason, sentence
from aice_helpers.show.tables.core import (
    blocks,
    ci,
    count_text,
    estimate_text,
    limits_text,
    named_with_unit,
    new_table,
    plain_text,
    share_text,
)


def baseline(table, study):
    """Characteristics of the patients.

    Parameters
    ----------
    table : DataFrame
        A ``baseline`` table.
    study : Study

    Returns
    -------
    DisplayTable or Sentence
        The sentence says why the table is empty.
    """
    if table.empty:
        return reason(table, study)
    shown = new_table("Characteristics of the patients", ("Characteristic", "Patients", "Missing", "Value"))
    for (name,), rows in blocks(table[table["term"] != "flow"], "term"):
        first = rows.iloc[0]
        later = " (known later)" if study.known_later(name) else ""
        shown.add(named_with_unit(study, name) + later, count_text(first, "n"), count_text(first, "missing"), "")
        by_statistic = rows.set_index("statistic")
        for _, row in rows[rows["statistic"] == "share"].iterrows():
            shown.add(row["level"], "", "", share_text(row, "count", "n"), indent=True)
        if first["statistic"] == "share" or (pd.notna(first["n"]) and first["n"] == 0):
            continue
        median, mean, sd, extremes = (by_statistic.loc[key] for key in ("median", "mean", "sd", "range"))
        absent = formats.MASKED if pd.isna(median["estimate"]) else NOT_ESTIMABLE
        quartiles = formats.interval(median["low"], median["high"])
        middle = f"{decimal(median['estimate'])} ({quartiles})" if pd.notna(median["estimate"]) else absent
        mean_words = (
            f"{decimal(mean['estimate'])} ({decimal(sd['estimate'])})" if pd.notna(mean["estimate"]) else absent
        )
        hidden = formats.MASKED if is_masked(extremes) else NOT_ESTIMABLE
        shown.add("Median (quartiles)", "", "", middle, indent=True)
        shown.add("Mean (standard deviation)", "", "", mean_words, indent=True)
        shown.add(
            "Range",
            "",
            "",
            formats.interval(extremes["low"], extremes["high"], plain_text, missing=hidden),
            indent=True,
        )
    shown.footnotes += [masked_sentence(each) for each in hidden_reasons(table)[:1]]
    shown.footnotes.append("Per cent of the patients with a value. Quartiles by linear interpolation (R type 7).")
    if any(study.known_later(name) for name in table["term"]):
        shown.footnotes.append(
            "Known later: only after time zero; it describes the course, not the patients at the start."
        )
    return shown


def patient_flow(table):
    """How many patients each analysis can use.

    Parameters
    ----------
    table : DataFrame
        A ``baseline`` table whose rows have the term "flow".

    Returns
    -------
    DisplayTable or Sentence
        The sentence says why the table is empty.
    """
    if table.empty:
        return reason(table)
    shown = new_table("Patients in each analysis", ("Patients", "n", "Of all patients"))
    rows = table[table["term"] == "flow"]
    for _, row in rows.iterrows():
        share = formats.MASKED if is_masked(row) else percent(row["estimate"])
        shown.add(row["level"][:1].upper() + row["level"][1:], count_text(row, "count"), share)
    shown.footnotes += [masked_sentence(each) for each in hidden_reasons(rows)[:1]]
    return shown


def follow_up(table, study):
    """Length of follow-up.

    Parameters
    ----------
    table : DataFrame
        A ``follow_up`` table.
    study : Study

    Returns
    -------
    DisplayTable or Sentence
        Times in `study.time_unit`. The sentence says why the table is empty.
    """
    if table.empty:
        return reason(table, study)
    level = ci(study.analysis.confidence_level)
    columns = ("Follow-up", "n", study.time_unit.capitalize(), level)
    shown = new_table(f"Follow-up in {study.time_unit}", columns)
    write = partial(formats.time, unit=study.time_unit)
    for (name,), rows in blocks(table, "endpoint"):
        shown.add_heading(study.label(name))
        for _, row in rows.iterrows():
            term = f"{row['term'][:1].upper()}{row['term'][1:]} ({row['method']})"
            shown.add(
                term,
                count_text(row, "n"),
                estimate_text(row, write),
                limits_text(row, write),
                note=note(row["reasons"], study),
                indent=True,
            )
    return shown


def endpoints(study):
    """The endpoints: what counts as an event, and from when time is counted.

    Parameters
    ----------
    study : Study

    Returns
    -------
    DisplayTable or Sentence
        The sentence says that there are none.
    """
    if not study.endpoints:
        return sentence(NOT_DECLARED["endpoints"])
    shown = new_table(
        f"Endpoints, time in {study.time_unit}",
        ("Endpoint", "Short name", "Event", "Never longer than"),
        text=(1, 2, 3),
    )
    for name, endpoint in study.endpoints.items():
        bound = study.label(study.bound(name)) if study.bound(name) else ""
        shown.add(endpoint.label, name, endpoint.event_label, bound, note=_converted(study, name))
    shown.footnotes.append(f"Time zero: {study.time_zero or _start_words(study)}.")
    shown.footnotes += dated_words(study)
    return shown


def _start_words(study):
    start = study.dates.start if study.dates is not None else ""
    return (
        f"the date in the column '{start}'; what it means is not stated in the study file"
        if start
        else "not stated in the study file"
    )


def _converted(study, endpoint):
    """How an endpoint's times were converted; "" where the file holds them in the study's unit."""
    unit = study.unit_of(endpoint)
    if unit == study.time_unit:
        return ""
    lengths = [
        f"{formats.duration(1, name)} is {plain_text(study.days_in(name))} days"
        for name in (unit, study.time_unit)
        if name != "days"
    ]
    return f"recorded in {unit}, shown in {study.time_unit}: {', '.join(lengths)}"


def variables(study):
    """The data dictionary.

    Parameters
    ----------
    study : Study

    Returns
    -------
    DisplayTable
    """
    columns = ("Variable", "Unit", "Role", "Known", "Definition and levels", "Plausible range")
    shown = new_table(f"Variables of the study ({len(study.variables)})", columns, text=(1, 2, 3, 4, 5))
    for variable in study.variables.values():
        levels = [
            f"{label} (reference)" if label == variable.reference else label for label in variable.levels.values()
        ]
        named = f"{'Ordered levels' if variable.ordered else 'Levels'}: {', '.join(levels)}" if levels else ""
        words = ". ".join(filter(None, (variable.definition, named)))
        limits = formats.interval(*variable.range, write=plain_text) if variable.range else ""
        shown.add(variable.label, variable.unit, variable.role, variable.known, words, limits)
    return shown


def plan(study):
    """The analysis plan.

    Parameters
    ----------
    study : Study

    Returns
    -------
    DisplayTable
    """
    analysis, unit = study.analysis, study.time_unit

    def times(values):
        return ", ".join(formats.duration(value, unit) for value in values)

    def names(values):
        return ", ".join(study.label(value) for value in values)

    shown = new_table("Analysis plan", ("Item", "Choice"), text=(1,))
    shown.add("Confidence level", formats.level(analysis.confidence_level))
    for item, choice in (
        ("Times of the survival rates", times(analysis.rate_times)),
        ("Horizon of the restricted mean", times(() if analysis.rmst_horizon is None else (analysis.rmst_horizon,))),
        ("Groups compared", names(analysis.groups)),
        ("Strata within which they are compared too", names(analysis.strata)),
        ("Factors, one at a time", names(analysis.prognostic_factors)),
        ("Factors, together", names(analysis.multivariable)),
        ("Landmarks for the response", times(analysis.response_landmarks) if study.response else ""),
    ):
        if choice:
            shown.add(item, choice)
    for name, cut in analysis.cut_points.items():
        limits = ", ".join(formats.plain(limit) for limit in cut.at)
        shown.add(f"Cut-points of {named_with_unit(study, name)}", f"{limits}: {cut.source}")
    return shown


def remarks(analysis):
    """What the loader noticed and went on with; rows are counted, and no patient's value is shown.

    Where small counts are masked, what is masked stands in the place of the remarks, which count cells.

    Parameters
    ----------
    analysis : Analysis

    Returns
    -------
    DisplayTable or Sentence
        The sentence says that nothing was noticed, or what is masked.
    """
    cohort = analysis.cohort
    if analysis.mask_below:
        return masking_words(analysis.mask_below)
    if not cohort.remarks:
        return sentence("The loader noticed nothing unusual in the data files.")
    shown = new_table(
        f"Remarks on the data files ({len(cohort.remarks)})",
        ("Column", "File", "Remark", "Rows", "What to do"),
        text=(1, 2, 4),
    )
    alike = {}
    for remark in cohort.remarks:
        alike.setdefault((remark.column or "", remark.file, remark.rule, remark.fix), []).append(remark)
    for (column, file, rule, fix), ones in alike.items():
        # A remark that points to no row is about a column, a file or a model.
        placed = any(one.row is not None or one.rows for one in ones)
        shown.add(column, file, rule, str(sum(one.count for one in ones)) if placed else "", fix)
    if any(remark.row is not None or remark.rows for remark in cohort.remarks):
        shown.footnotes.append(f"`aice check` names the rows; of many scattered ones the first {SHOWN}.")
    return shown

"""Cox models, landmarks, proportional hazards, performance."""

import pandas as pd

from aice_helpers.core.reasons import is_masked
from aice_helpers.show import formats
from aice_helpers.show.formats import count, decimal, p_value, ratio
from aice_helpers.show.reason_words import note, parts
from aice_helpers.show.sentences import missing_words, reason
from aice_helpers.show.tables.core import (
    alpha_of,
    blocks,
    both_notes,
    chi_square,
    ci,
    count_text,
    left_out,
    limits_text,
    new_table,
    only_row,
    three,
    words_without,
)
from aice_helpers.stats.response_landmark import ADJUSTED


def cox(table, study, endpoint=""):
    """Hazard ratios of each factor alone and of all together, side by side.

    Parameters
    ----------
    table : DataFrame
        A ``cox`` table.
    study : Study
    endpoint : str
        Name of the one endpoint to show; "" for all of the table.

    Returns
    -------
    DisplayTable or Sentence
        The sentence says why there is nothing to show.
    """
    if table.empty:
        return reason(table, study)
    level = ci(study.analysis.confidence_level)
    shown = new_table(
        "Hazard ratios (HR) of the factors, Cox models",
        ("Factor", "n", "Events", f"HR ({level})", "P", f"HR ({level})", "P"),
        spans=(("", 3), ("One factor at a time", 2), ("All together", 2)),
    )
    chosen = table[table["model"].isin(["univariable", "multivariable"])]
    if endpoint:
        chosen = chosen[chosen["endpoint"] == endpoint]
    if chosen.empty:
        return reason(chosen, study)
    for (name,), rows in blocks(chosen, "endpoint"):
        together = rows[rows["model"] == "multivariable"]
        size = ""
        if len(together):
            overall = together[together["kind"] == "joint"].iloc[0]
            size = f" (all together: {_size(overall)}{left_out(overall, if_none='')})"
        shown.add_heading(f"{study.label(name)}{size}")
        for (term,), factor in blocks(rows, "term"):
            _add_factor(shown, factor, term, study)
    shown.footnotes.append(
        "n and events are those of the model with one factor, where there is one. Efron's method for ties, Wald limits. "
        "P of a factor: likelihood-ratio test; P of a level against the reference: Wald. P values are not adjusted for the "
        "number of tests."
    )
    return shown


def _add_factor(shown, factor, term, study):
    models = {model: factor[factor["model"] == model] for model in ("univariable", "multivariable")}
    size = next(rows for rows in models.values() if len(rows))
    whole = size[size["kind"] == "joint"].iloc[0]
    cells, notes = [], {}
    for model, rows in models.items():
        test, number = (only_row(rows[rows["kind"] == kind]) for kind in ("joint", "numeric"))
        cells += ["", ""] if test is None else [
            "" if number is None else _hazard_ratio(number),
            p_value(test["p_value"], alpha_of(study), missing=missing_words(test)),
        ]  # fmt: skip
        told = [] if number is None else parts(number["reasons"], study)
        notes[model] = "" if test is None else "; ".join([*told, *words_without(parts(test["reasons"], study), told)])
    name = factor_name(study, size.iloc[0])
    shown.add(name, count_text(whole, "n"), count_text(whole, "events"), *cells, note=both_notes(notes))
    # With two levels the test of the level asks what the test of the factor has answered.
    compared = len(dict.fromkeys(size.loc[size["kind"] == "level", "level"])) > 1
    for level in dict.fromkeys(size.loc[size["kind"].isin(["reference", "level"]), "level"]):
        cells, notes = [], {}
        for model, rows in models.items():
            row = only_row(rows[(rows["level"] == level) & rows["kind"].isin(["reference", "level"])])
            if row is None:
                cells += ["", ""]
            elif row["kind"] == "reference":
                cells += [formats.MASKED if is_masked(row) else "1 (reference)", ""]
            else:
                cells += [_hazard_ratio(row), p_value(row["p_value"], alpha_of(study), missing="") if compared else ""]
            # What is said of the whole factor is not said again at each of its levels.
            told = parts(whole["reasons"], study)
            notes[model] = "" if row is None else "; ".join(words_without(parts(row["reasons"], study), told))
        first = size[(size["level"] == level) & (size["kind"] != "joint")].iloc[0]
        shown.add(
            level, count_text(first, "n"), count_text(first, "events"), *cells, note=both_notes(notes), indent=True
        )


def factor_name(study, row):
    """Label of a row's factor; for a numeric one with the increase its hazard ratio stands for.

    Parameters
    ----------
    study : Study
    row : Series
        A row of a ``cox`` table; its ``step`` is in the unit of the variable.

    Returns
    -------
    str
    """
    label = study.label(row["term"])
    if row["kind"] != "numeric":
        return label
    return f"{label} ({formats.per(row['step'], study.variables[row['term']].unit)})"


def _hazard_ratio(row):
    return f"{ratio(row['estimate'])} ({limits_text(row, ratio)})" if pd.notna(row["estimate"]) else missing_words(row)


def landmark(table, study):
    """Hazard ratio of response: counted from time zero, and by landmark analysis.

    Parameters
    ----------
    table : DataFrame
        A ``cox`` table as ``landmark_cox`` of the result tables: one factor, the response; landmarks are in
        `study.time_unit`.
    study : Study

    Returns
    -------
    DisplayTable or Sentence
        One line a model, with events and patients of both levels. The sentence says why there is nothing to show.
    """
    if table.empty:
        return reason(table, study)
    chosen = table[(table["model"] == "naive") | table["landmark"].notna()]
    if chosen.empty:
        return reason(chosen, study)
    pair = dict.fromkeys(chosen.loc[chosen["kind"].isin(["reference", "level"]), "level"])
    level = ci(study.analysis.confidence_level)
    shown = new_table(
        f"Hazard ratio (HR) of {study.label(chosen['term'].iloc[0])}, Cox models",
        ("Counted from", "n", "Left out", "Responded later", *pair, f"HR ({level})", "P"),
        spans=(("", 4), ("Events / n", len(pair)), ("", 2)),
    )
    for (name,), rows in blocks(chosen, "endpoint"):
        shown.add_heading(study.label(name))
        for (model, time), levels in rows.groupby(["model", "landmark"], sort=False, dropna=False):
            start = "Time zero (naive)" if pd.isna(time) else formats.duration(time, study.time_unit)
            label = start + (", adjusted" if model == ADJUSTED else "")
            sizes = [only_row(levels[levels["level"] == each]) for each in pair]
            row = levels[levels["kind"] == "level"].iloc[0]
            shown.add(
                label, count_text(row, "n") if pd.isna(row["n"]) else count(levels["n"].sum()), count_text(row, "excluded"), count_text(row, "later"),
                *("" if size is None else f"{count_text(size, 'events')} / {count_text(size, 'n')}" for size in sizes),
                _hazard_ratio(row), p_value(row["p_value"], alpha_of(study), missing=""), note=note(row["reasons"], study), indent=True,
            )  # fmt: skip
    shown.footnotes.append(
        "Left out at a landmark: patients with an event or censored by then, and those without a needed value. Responded "
        f"later: patients counted as {formats.lowered(next(iter(pair)))} whose response came after the landmark. Reference: "
        f"{formats.lowered(next(iter(pair)))}. Efron's method for ties, Wald limits and tests."
    )
    return shown


def ph_test(table, study):
    """Tests of proportional hazards.

    Parameters
    ----------
    table : DataFrame
        A ``ph_test`` table.
    study : Study

    Returns
    -------
    DisplayTable or Sentence
        The models of one factor and of all together stand side by side. The sentence says why the table is empty.
    """
    if table.empty:
        return reason(table, study)
    models = {"univariable": "One factor at a time", "multivariable": "All together"}
    shown = new_table(
        f"Tests of proportional hazards ({formats.listing(dict.fromkeys(table['method']))})",
        ("Factor", *("Chi-square", "df", "P") * 2),
        spans=(("", 1), *((words, 3) for words in models.values())),
    )
    for (name,), rows in blocks(table, "endpoint"):
        sizes = [
            f"{words.lower()}: {_counted_range(group['n'], 'patient')}, {_counted_range(group['events'], 'event')}"
            for model, words in models.items()
            if len(group := rows[rows["model"] == model])
        ]
        shown.add_heading(f"{study.label(name)} ({'; '.join(sizes)})")
        for (term,), tests in blocks(rows, "term"):
            cells, notes = [], {}
            for model in models:
                row = only_row(tests[tests["model"] == model])
                cells += ("", "", "") if row is None else chi_square(row, study)
                notes[model] = "" if row is None else note(row["reasons"], study)
            label = "Global test" if term == "GLOBAL" else study.label(term)
            shown.add(label, *cells, note=both_notes(notes), indent=True)
    return shown


def _counted_range(numbers, noun):
    if numbers.isna().all():
        return f"{noun}s {formats.MASKED}"
    low, high = int(numbers.min()), int(numbers.max())
    return formats.counted(high, noun) if low == high else f"{low} to {formats.counted(high, noun)}"


def model_performance(table, study):
    """How well the multivariable models separate patients.

    Parameters
    ----------
    table : DataFrame
        A ``model_performance`` table.
    study : Study

    Returns
    -------
    DisplayTable or Sentence
        The sentence says why the table is empty.
    """
    if table.empty:
        return reason(table, study)
    level = ci(study.analysis.confidence_level)
    shown = new_table(
        "Performance of the models with all factors together", ("Measure", "Value", level, "Chi-square", "df", "P")
    )
    for (name,), rows in blocks(table, "endpoint"):
        first = rows.iloc[0]
        shown.add_heading(
            f"{study.label(name)} ({_size(first)}{left_out(first, if_none=', 0 left out for a missing value')})"
        )
        for _, row in rows.iterrows():
            test = row["term"] in ("likelihood ratio", "Wald", "score")
            digits = 1 if row["term"] == "events per variable" else 3
            value = "" if test else decimal(row["estimate"], digits, missing=missing_words(row))
            limits = (
                "" if test or pd.isna(row["conf_low"]) else formats.interval(row["conf_low"], row["conf_high"], three)
            )
            tested = chi_square(row, study) if test else ("", "", "")
            label = f"{row['term'].capitalize()} test" if test else row["term"][:1].upper() + row["term"][1:]
            said = "; ".join([*([] if test else [row["method"]]), *parts(row["reasons"], study)])
            shown.add(label, value, limits, *tested, note=said, indent=True)
    shown.footnotes.append(
        "Concordance: share of the pairs whose order of events is known in which the patient with the higher computed hazard "
        "has the event first."
    )
    if any(study.known_later(name) for name in study.analysis.multivariable):
        shown.footnotes.append(
            "The model holds a factor that is not known at time zero: part of its concordance is hindsight, which the "
            "bootstrap does not remove."
        )
    return shown


def _size(row):
    """Patients and events of a model."""
    return ", ".join(
        f"{noun}s {formats.MASKED}" if pd.isna(row[column]) else formats.counted(row[column], noun)
        for column, noun in (("n", "patient"), ("events", "event"))
    )

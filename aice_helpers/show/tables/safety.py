"""Adverse events."""

from aice_helpers.core.results import pick
from aice_helpers.show import formats
from aice_helpers.show.formats import count, percent
from aice_helpers.show.reason_words import note
from aice_helpers.show.sentences import reason, severe_words
from aice_helpers.show.tables.core import blocks, ci, count_text, estimate_text, limits_text, new_table, share_text
from aice_helpers.study.model import ANY_GRADE, SEVERE


def adverse_events(table, study):
    """Patients with adverse events, by term and worst grade.

    Parameters
    ----------
    table : DataFrame
        An ``adverse_events`` table.
    study : Study

    Returns
    -------
    DisplayTable or Sentence
        Counts of patients, a column a grade. The sentence says why the table is empty.

    Raises
    ------
    LookupError
        When an adverse event has not exactly one row for each grade.
    """
    if table.empty:
        return reason(table, study)
    chosen = table[table["method"] == "Clopper-Pearson"]
    grades = list(study.adverse_events.grades.values())
    heads = [_grade_head(code, label) for code, label in study.adverse_events.grades.items()]
    shown = new_table(
        f"Patients (of {count(chosen['n'].iloc[0])}) with an adverse event, by worst grade ({study.adverse_events.scheme})",
        ("Adverse event", "Any grade", ci(study.analysis.confidence_level), *heads, "Severe or worse", "Occurrences"),
    )
    for (term,), rows in blocks(chosen, "term"):
        overall = pick(rows, level=ANY_GRADE)
        by_grade = [count_text(pick(rows, level=grade), "events") for grade in grades]
        severe = pick(rows, level=SEVERE)
        shown.add(
            term, share_text(overall, "events", "n"), limits_text(overall, percent), *by_grade, count_text(severe, "events"),
            count_text(overall, "occurrences"), note=note(severe["reasons"] or overall["reasons"], study),
        )  # fmt: skip
    first = formats.lowered(study.adverse_events.severe_from)
    shown.footnotes.append(
        "A patient counts once in a line, in the worst grade; occurrences count the rows of the table of adverse events. "
        f"Severe or worse: from {first if first.startswith('grade ') else f'the grade {first}'} on. Clopper-Pearson intervals."
    )
    named = [f"{head}: {label}" for head, label in zip(heads, grades, strict=True) if head != label]
    if named:
        shown.footnotes.append("; ".join(named) + ".")
    return shown


def _grade_head(code, label):
    """The label of a grade, or its code where the label would widen the table."""
    if formats.columns(label) <= 12 or formats.columns(code) > 12:
        return label
    return code if code.lower().startswith("grade") else f"Grade {code}"


def zero_events(table, study):
    """What rate of severe adverse events the data leave possible.

    Parameters
    ----------
    table : DataFrame
        An ``adverse_events`` table (``zero_events`` of the result tables).
    study : Study

    Returns
    -------
    DisplayTable or Sentence
        Rates and limits in per cent. The sentence says why the table is empty.
    """
    if table.empty:
        return reason(table, study)
    rows = table[(table["level"] == SEVERE) & (table["method"] != "Clopper-Pearson")]
    shown = new_table(
        f"Rate of adverse events {severe_words(study)}",
        ("Method", "Patients", "n", "Rate", "Level", "Interval"),
    )
    for _, row in rows.iterrows():
        shown.add(row["method"], count_text(row, "events"), count_text(row, "n"), estimate_text(row, percent), formats.level(row["conf_level"]),
                  limits_text(row, percent), note=note(row["reasons"], study))  # fmt: skip
    return shown

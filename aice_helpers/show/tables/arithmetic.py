"""What arithmetic alone says of the numbers of an abstract, as a table and as lines for a terminal."""

import pandas as pd

from aice_helpers.show import formats
from aice_helpers.show.audit_words import GRADES, chance_words
from aice_helpers.show.reason_words import note
from aice_helpers.show.sentences import reason
from aice_helpers.show.tables.core import blocks, new_table


def arithmetic(table, study):
    """The findings by grade, each with the numbers as printed and how often chance alone would give it.

    Parameters
    ----------
    table : DataFrame
        An ``arithmetic`` table.
    study : Study

    Returns
    -------
    DisplayTable or Sentence
        The sentence says why the table is empty.
    """
    if table.empty:
        return reason(table, study)
    title = f"The numbers as printed: {formats.counted(len(table), 'finding')} of arithmetic alone"
    shown = new_table(title, ("As printed", "By accident"), text=(1,))
    for (grade,), rows in blocks(table, "grade"):
        shown.add_heading(GRADES[grade])
        for _, row in rows.iterrows():
            shown.add(row["quote"], _chance(row), indent=True, detail=note(row["reasons"], study, sentences=True))
    shown.footnotes.append(
        "By accident: how often numbers that mean nothing would show the same; empty where that is no matter of chance."
    )
    return shown


def _chance(row):
    return "" if pd.isna(row["chance"]) else chance_words(row["chance"])


def arithmetic_lines(table, source) -> list[str]:
    """The findings as lines of plain text.

    Parameters
    ----------
    table : DataFrame
        An ``arithmetic`` table.
    source : str
        What the numbers are printed in.

    Returns
    -------
    list of str
    """
    lines = [f"The numbers as printed in: {' '.join(source.split())}"]
    if table.empty:
        return [*lines, str(reason(table))]
    for grade, heading in GRADES.items():
        rows = table[table["grade"] == grade]
        lines += ["", f"{heading}: {len(rows) or 'none'}"]
        for _, row in rows.iterrows():
            chance = _chance(row)
            by_accident = f" (by accident: {chance})" if chance else ""
            lines += [f"- {row['quote']}", f"    {note(row['reasons'], sentences=True)}{by_accident}"]
    return lines

"""Which program's convention gives each printed median, rate and proportion, at the decimals that were printed."""

import pandas as pd

from aice_helpers.audit.printed import Printed
from aice_helpers.audit.quotes import quote
from aice_helpers.core.reasons import Reason, is_masked
from aice_helpers.core.results import result_table
from aice_helpers.study.abstract import NOT_REACHED
from aice_helpers.study.published import read_published

RESPONSES = ("ORR", "DCR")


def printed_conventions(study, table):
    """One row a printed median, rate or response rate of all patients.

    Parameters
    ----------
    study : Study
    table : DataFrame
        The table ``conventions`` of its cohort, as it may be told.

    Returns
    -------
    DataFrame
        The table ``printed_conventions``: ``gives`` names the programs whose computed values round to all that is printed of
        the number, ``cut`` those that give it when digits are cut off; ``tried`` counts the rows it was compared with.
    """
    if not study.published:
        return result_table("printed_conventions", [], reason=Reason("not_declared", what="published"))
    numbers = read_published(study.folder / study.published).numbers
    rows = []
    for entry, topic, found in _counterparts(numbers, table):
        row = {"id": entry.name, "quote": quote(entry, numbers), "topic": topic, "tried": len(found)}
        rows.append(row | _matches(entry, topic, found))
    return result_table("printed_conventions", rows, reason=Reason("not_declared", what="numbers"))


def _counterparts(numbers, table):
    """Each entry about all patients, its topic, and the rows that it may be compared with."""
    entries = [
        *((entry, "median", {"endpoint": entry.endpoint}) for entry in numbers.medians.values()),
        *((entry, "rate", {"endpoint": entry.endpoint, "time": float(entry.time)}) for entry in numbers.rates.values()),
        *((entry, "proportion", {"term": entry.role}) for entry in numbers.proportions.values() if entry.role in RESPONSES),
    ]  # fmt: skip
    for entry, topic, where in entries:
        group = numbers.group_of(entry)
        if group is not None and not group.of:
            rows = table[table["topic"] == topic]
            for column, value in where.items():
                rows = rows[rows[column] == value]
            yield entry, topic, rows


def _matches(entry, topic, rows):
    if rows.empty or rows["estimate"].isna().all():
        masked = any(is_masked(row) for _, row in rows.iterrows())
        why = "masked" if masked else "absent"
        return {"reasons": (Reason("no_counterpart", of="figure", why=why),)}
    gives, cut = [], []
    for _, row in rows.iterrows():
        pairs = _pairs(entry, row, 100 if topic != "median" else 1)
        if all(_agree(printed, value, Printed.rounds_from) for printed, value in pairs):
            gives.append(_name(row))
        elif all(_agree(printed, value, Printed.rounds_from, Printed.cuts_from) for printed, value in pairs):
            cut.append(_name(row))
    return {"gives": "; ".join(gives), "cut": "; ".join(cut), "reasons": ()}


def _pairs(entry, row, scale):
    """Each printed text of an entry with the computed value it stands for."""
    estimate = getattr(entry, "estimate", "") or getattr(entry, "percent", "")
    texts = {"estimate": estimate, "conf_low": entry.low, "conf_high": entry.high}
    return [(text, row[column] * scale) for column, text in texts.items() if text]


def _agree(printed, value, *ways):
    if printed == NOT_REACHED or pd.isna(value):
        return printed == NOT_REACHED and pd.isna(value)
    return any(way(Printed.of(printed), float(f"{value:.12g}")) for way in ways)


def _name(row):
    """A program and its method, once where they are called alike."""
    program, method = row["program"], row["method"]
    return program if program == method else f"{program} ({method})"

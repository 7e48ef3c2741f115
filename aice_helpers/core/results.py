"""Result tables: tidy data frames with declared columns, unrounded, checked before anyone sees them.

A proportion stays between 0 and 1 and a P value stays raw. What cannot be estimated is missing, with the `Reason` in
``reasons``; infinite values are refused. An empty table carries the `Reason` why it is empty in ``attrs["reason"]``.
"""

import numpy as np
import pandas as pd

from aice_helpers.core.reasons import Reason, to_json

CRUDE = "crude proportion, Clopper-Pearson"
"""Method of the rows of ``survival_at`` that hold a crude proportion; the others are Kaplan-Meier rates."""

KAPLAN_MEIER = {scale: f"Kaplan-Meier, {scale}" for scale in ("plain", "log", "log-log")}
"""Scale of the limits -> method of the rows of ``survival_at`` that hold a Kaplan-Meier rate."""

ESTIMATE = {
    "endpoint": "text",
    "group": "text",
    "term": "text",
    "level": "text",
    "n": "count",
    "events": "count",
    "estimate": "number",
    "conf_low": "number",
    "conf_high": "number",
    "conf_level": "number",
    "p_value": "number",
    "method": "text",
    "unit": "text",
    "reasons": "reasons",
}
"""Columns shared by all tables of estimates. ``group`` is the name of the grouping variable ("" for everyone)."""

_TEST = {"statistic": "number", "df": "count"}

CONTRACTS = {
    # n: patients with a value; missing: without; count: patients in the level; estimate: share, median or mean
    "baseline": {
        "term": "text", "level": "text", "statistic": "text", "n": "count", "missing": "count", "count": "count",
        "estimate": "number", "low": "number", "high": "number", "unit": "text", "method": "text", "reasons": "reasons",
    },
    # population: all patients or evaluable patients
    "response": ESTIMATE | {"population": "text"},
    # rule: event, competing, censored, no_follow_up, first_day, completed, dated_at_contact, cutoff, accrual; count: of the n
    "derivation": {
        "endpoint": "text", "rule": "text", "kind": "text", "n": "count", "count": "count", "reasons": "reasons",
    },
    # term: new_therapy or missed_assessments; level: its handling; changed: patients unlike in the main analysis
    "estimands": ESTIMATE | {"analysis": "text", "changed": "count"},
    "survival_summary": ESTIMATE,
    # time: the landmark; at_risk: patients with time >= landmark
    "survival_at": ESTIMATE | {"time": "number", "at_risk": "count"},
    # one row a distinct time, the first at time 0; at_risk: with time >= this time
    "survival_curve": {
        "endpoint": "text", "group": "text", "level": "text", "time": "number", "at_risk": "count", "events": "count",
        "censored": "count", "estimate": "number", "std_error": "number", "conf_low": "number", "conf_high": "number",
        "conf_level": "number", "method": "text", "reasons": "reasons",
    },
    "follow_up": ESTIMATE,
    "rmst": ESTIMATE | {"time": "number", "std_error": "number"},
    # one row a level (observed and expected events) and one row with level "" for the test
    "logrank": ESTIMATE | {"expected": "number"} | _TEST,
    # level against reference; term: hazard ratio, stratified hazard ratio, survival or restricted mean (differences at a time)
    "group_contrasts": ESTIMATE | {"reference": "text", "time": "number", "std_error": "number"},
    # term: pairwise (level against reference), trend, stratified or proportional hazards; adjusted: P by Holm's method
    "group_tests": ESTIMATE | {"reference": "text", "adjusted": "number"} | _TEST,
    # kind: reference, level, numeric or joint; estimate is the hazard ratio for an increase of `step`;
    # later: patients in the reference group of a landmark whose response came after it
    "cox": ESTIMATE | {
        "model": "text", "kind": "text", "step": "number", "coefficient": "number", "std_error": "number",
        "landmark": "number", "excluded": "count", "later": "count",
    } | _TEST,
    "ph_test": ESTIMATE | {"model": "text"} | _TEST,
    # term: events per variable, concordance, likelihood ratio, Wald, score; excluded: rows left out for missing values
    "model_performance": ESTIMATE | {"model": "text", "excluded": "count"} | _TEST,
    # level: "any grade", a grade (worst per patient) or "severe or worse"; n: patients; events: patients with it;
    # occurrences: rows of the adverse-event table
    "adverse_events": ESTIMATE | {"occurrences": "count"},
    # the same numbers by the conventions of programs; coverage: share of samples like this one whose limits hold the truth
    "conventions": ESTIMATE | {
        "topic": "text", "program": "text", "time": "number", "std_error": "number", "coverage": "number",
    } | _TEST,
    # gives, cut: programs whose computed values give all that is printed, rounded or cut off; tried: conventions compared
    "printed_conventions": {
        "id": "text", "quote": "text", "topic": "text", "gives": "text", "cut": "text", "tried": "count", "reasons": "reasons",
    },
    # one row a finding on the numbers as printed; chance: how often it would be found by accident
    "arithmetic": {
        "grade": "text", "rule": "text", "ids": "text", "quote": "text", "chance": "number", "reasons": "reasons",
    },
    "published": {
        "id": "text", "topic": "text", "quote": "text", "published": "text", "computed": "text", "method": "text",
        "decimals": "count", "limit": "number", "verdict": "text", "explanation": "text", "value": "number", "chapter": "text",
        "reasons": "reasons",
    },
}  # fmt: skip
"""Name of each result table -> its columns, in order, and their kinds (text, count, number, reasons)."""


def result_table(name, rows, *, reason=None):
    """Build the result table ``name`` from rows and check it against its contract.

    Parameters
    ----------
    name : str
        A key of `CONTRACTS`.
    rows : iterable of dict, or DataFrame
        A column that a row leaves out is missing (number, count), empty text or no reasons.
    reason : Reason, optional
        Why the table is empty; needed when there are no rows.

    Returns
    -------
    DataFrame
        The contract's columns in its order: text as ``object``, counts as ``Int64``, numbers as ``float64``, reasons as
        a tuple of `Reason` s a row.

    Raises
    ------
    ValueError
        For an unknown column, an infinite number, an interval that does not hold its estimate, a fractional count,
        reasons that are none, or an empty table without a reason.
    """
    contract = CONTRACTS[name]
    frame = pd.DataFrame(rows) if isinstance(rows, pd.DataFrame) else pd.DataFrame(list(rows))
    unknown = [column for column in frame.columns if column not in contract]
    if unknown:
        raise ValueError(f"{name}: columns outside the contract: {', '.join(map(str, unknown))}")
    if frame.empty and not isinstance(reason, Reason):
        raise ValueError(f"{name}: an empty table needs a reason")
    columns = {}
    for column, kind in contract.items():
        values = frame[column] if column in frame else pd.Series([None] * len(frame), index=frame.index, dtype=object)
        if kind == "text":
            columns[column] = values.astype(object).where(values.notna(), "").astype(str).astype(object)
        elif kind == "reasons":
            columns[column] = pd.Series([_reasons(name, each) for each in values], index=frame.index, dtype=object)
        else:
            numbers = pd.to_numeric(values).astype("float64")
            if np.isinf(numbers).any():
                raise ValueError(f"{name}: {column} holds an infinite value")
            if kind == "count" and (numbers.dropna() % 1 != 0).any():
                raise ValueError(f"{name}: {column} holds a fraction")
            columns[column] = numbers.astype("Int64") if kind == "count" else numbers
    table = pd.DataFrame(columns).reset_index(drop=True)
    if {"estimate", "conf_low", "conf_high"} <= set(contract):
        slack = 1e-9 * table["estimate"].abs().fillna(1).clip(lower=1)
        outside = (table["conf_low"] > table["estimate"] + slack) | (table["conf_high"] < table["estimate"] - slack)
        if outside.any():
            raise ValueError(f"{name}: an interval does not hold its estimate (row {int(outside.idxmax())})")
    if table.empty:
        table.attrs["reason"] = reason
    return table


def _reasons(name, value):
    if isinstance(value, tuple) and all(isinstance(each, Reason) for each in value):
        return value
    if pd.api.types.is_scalar(value) and pd.isna(value):
        return ()
    raise ValueError(f"{name}: reasons are a tuple of Reason, not {value!r}")


def written_out(table):
    """The table as a file holds it: reasons as JSON."""
    return table.assign(reasons=table["reasons"].map(to_json))


def pick(table, **where):
    """Return the one row of ``table`` whose columns equal ``where``; `LookupError` unless exactly one does."""
    keep = pd.Series(True, index=table.index)
    for column, value in where.items():
        keep &= table[column] == value
    if keep.sum() != 1:
        raise LookupError(f"{int(keep.sum())} rows match {where}")
    return table[keep].iloc[0]

"""Published against computed: each quoted number beside its counterpart, at the decimals that were printed."""

import math
from decimal import ROUND_DOWN

import pandas as pd

from aice_helpers.core.printed import at_decimals, with_unit
from aice_helpers.core.reasons import Reason, is_masked
from aice_helpers.core.results import pick, result_table
from aice_helpers.study.published import read_published


def ledger(cohort, tables):
    """One row an item of the study's file of published numbers.

    Parameters
    ----------
    cohort : Cohort
    tables : dict of DataFrame
        Result tables by name (see `analysis.Analysis.exported`).

    Returns
    -------
    DataFrame
        The table ``published``: ``published`` and ``computed`` as text with the same ``decimals`` (or a P value beside its
        ``limit``), ``value`` unrounded, how they compare in ``reasons``, the item's own ``explanation``, and a ``verdict``
        among `VERDICTS`. "match": equal after rounding. "rounding": equal after cutting digits off.
        "convention": equal under the published convention, while the field's usual software gives another value.
        "by construction": a claim about a P value that holds because the synthetic data were searched for it.
        "cannot be reproduced": different, or not a matter of data.

    Raises
    ------
    StudyError
        See `read_published`.
    """
    if not cohort.study.published:
        return result_table("published", [], reason=Reason("not_declared", what="published"))
    published = read_published(cohort.study.folder / cohort.study.published)
    return result_table("published", [_row(item, tables, synthetic=cohort.study.synthetic) for item in published.items])


def _row(item, tables, *, synthetic):
    row = {name: getattr(item, name) for name in ("id", "topic", "quote", "chapter", "explanation")}
    if item.find is None:
        return row | {
            "published": "stated", "method": "none",
            "verdict": "cannot be reproduced", "reasons": (Reason("statement"),),
        }  # fmt: skip
    found = _found(item, tables)
    if item.below is not None:
        return row | _claim(item, found, synthetic=synthetic)
    return row | _number(item, found, tables)


def _found(item, tables, changes=None):
    """The row looked up, or None when the book of this cohort has no such row."""
    table = tables[item.find.table]
    where = dict(item.find.where) | (changes or {})
    numeric = {column: float(value) for column, value in where.items() if pd.api.types.is_numeric_dtype(table[column])}
    try:
        return pick(table, **(where | numeric))
    except LookupError:
        return None


def _value(item, found):
    value = math.nan if found is None else found[item.find.column]
    if pd.isna(value):
        return None
    return float(value) * (100 if item.unit == "%" else 1)


def _number(item, found, tables):
    value = _value(item, found)
    row = {
        "published": with_unit(item.value, item.unit),
        "method": "" if found is None else found.get("method", ""),
        "decimals": int(item.decimals),
        "value": value,
    }
    if value is None:
        why = _absence(item, found)
        return row | {
            "verdict": "cannot be reproduced",
            "reasons": (Reason("no_counterpart", of="figure", why=why),),
        }
    rounded, cut = at_decimals(value, item.decimals), at_decimals(value, item.decimals, ROUND_DOWN)
    row["computed"] = with_unit(rounded, item.unit)
    if rounded == item.value:
        verdict, reasons = "match", [Reason("equal_rounded" if int(item.decimals) else "equal")]
        usual = None if item.convention is None else _found(item, tables, item.convention)
        usual_value = _value(item, usual)
        if usual_value is not None and at_decimals(usual_value, item.decimals) != item.value:
            verdict, reasons = "convention", [_compared("other_convention", item, usual)]
    elif cut == item.value:
        verdict, reasons = "rounding", [Reason("equal_cut_off", value=value, unit=item.unit)]
    else:
        verdict, reasons = "cannot be reproduced", [Reason("differs")]
    if item.counterpart is not None:
        other = _found(item, tables, item.counterpart)
        if _value(item, other) is not None:
            reasons.append(_compared("other_estimate", item, other))
    return row | {"verdict": verdict, "reasons": tuple(reasons)}


def _compared(code, item, other):
    """The reason that names another row's value of the same column."""
    value = _value(item, other)
    return Reason(code, method=other["method"], value=value, decimals=int(item.decimals), unit=item.unit)


def _absence(item, found):
    """Why there is no value to compare with."""
    return "masked" if found is not None and is_masked(found, item.find.column) else "absent"


def _claim(item, found, *, synthetic):
    value = _value(item, found)
    row = {
        "published": f"P < {item.below:g}",
        "computed": _tested(value),
        "method": "" if found is None else found["method"],
        "limit": item.below,
        "value": value,
    }
    if value is None:
        verdict = "cannot be reproduced"
        reason = Reason("no_counterpart", of="test", why=_absence(item, found))
    elif value >= item.below:
        verdict, reason = "cannot be reproduced", Reason("other_side")
    else:
        verdict, reason = "by construction" if synthetic else "match", Reason("same_side")
    return row | {"verdict": verdict, "reasons": (reason,)}


def _tested(value):
    if value is None:
        return ""
    return "P < 0.001" if value < 0.001 else f"P = {value:.3f}"

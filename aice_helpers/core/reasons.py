"""Reasons: what is to be known of a row of a result table beside its numbers, as codes with typed fields.

A row that lacks an estimate, leaves patients out or is masked carries a tuple of `Reason` s; an empty table carries one.
Counts stand in them as numbers and variables by their names in the study file, so that masking can blank a count,
and what a reader reads is made elsewhere. `CODES` lists every code with its fields.
"""

import json
import math
from collections.abc import Iterable
from dataclasses import dataclass
from numbers import Integral, Real

COUNT = "count"
"""Kind of a field: a number of patients or events, or None where it may not be told."""
WHOLE = "whole"
"""Kind of a field: a whole number that counts no patients."""
NUMBER = "number"
"""Kind of a field: a finite number."""
SPAN = "span"
"""Kind of a field: half the width of a span in which a time lies, in the study's unit, or None where it is given as it is."""
TIME = "time"
"""Kind of a field: a time in the study's unit."""
VARIABLE = "variable"
"""Kind of a field: the name of a variable in the study file."""
VARIABLES = "variables"
"""Kind of a field: names of variables in the study file."""
LEVEL = "level"
"""Kind of a field: the level of a variable, as the column ``level`` of the result tables names it."""
COLUMNS = "columns"
"""Kind of a field: names of columns of the row."""
METHOD = "method"
"""Kind of a field: a method, as the column ``method`` of the result tables names it."""
UNIT = "unit"
"""Kind of a field: a unit, which may be empty."""
TEXT = "text"
"""Kind of a field: a number as it is printed, or the name of something printed."""
TEXTS = "texts"
"""Kind of a field: several of these, perhaps none."""

CODES = {
    # -- why a number is missing; a tuple lists what the field may be
    "not_reached": {"cause": ("no_events", "above_half", "above_share", "reversed_above_half")},
    "limit_not_reached": {"limit": ("lower", "upper")},
    "limits_not_estimable": {
        "cause": ("not_crossed", "nobody_left_at_median", "above_45", "first_event_below_55", "nobody_left"),
    },
    "not_estimable": {
        "cause": (
            "beyond_last_observation", "before_horizon", "no_complete_patient", "no_value", "no_events", "no_event_in_level",
            "no_event_in_reference", "no_patient_in_level", "one_value", "one_level", "separated", "no_variation",
            "determined_or_no_variation", "no_solution", "few_event_times", "no_coefficient", "no_factor_varies",
            "coefficient_without_limit", "no_pairs", "few_resamples", "many_ties",
        ),
    },
    "no_test": {"cause": ("no_value", "no_events", "few_groups", "nothing_to_compare")},
    "too_many_coefficients": {"coefficients": COUNT, "events": COUNT},
    "ratio_beyond_computing": {"step": NUMBER},
    "upper_limit_beyond_computing": {},
    "error_not_estimable": {},
    "nobody_censored": {},
    "no_limits_given": {},
    "no_patient": {"among": ("group", "all patients", "evaluable patients")},
    # -- what qualifies a number
    "lower_limit_zero": {},
    "no_event_so_far": {},
    "no_event_in_one": {},
    "horizon_lowered": {"planned": TIME},
    "counted_as_failures": {"count": COUNT},
    "missing_left_out": {"count": COUNT, "variable": VARIABLE},
    "undated_left_out": {"count": COUNT},
    "outcome_missing": {"count": COUNT},
    "never_at_risk": {"count": COUNT},
    "ungraded": {"count": COUNT},
    "known_later": {},
    "biased_from_zero": {},
    "cannot_use": {"what": ("entry", "weights", "strata", "cluster"), "method": METHOD},
    "reference_moved": {"level": LEVEL},
    "adjusted_for": {"variables": VARIABLES},
    "test_at_limit": {},
    "curves_cross": {"levels": TEXTS, "points": NUMBER, "at_risk": WHOLE},
    "hazards_not_proportional": {},
    "without_inestimable": {},
    "resamples_left_out": {"count": WHOLE},
    # -- masking; ``below`` is K
    "masked": {"columns": COLUMNS, "below": WHOLE},
    "counts_masked": {"columns": COLUMNS, "below": WHOLE},
    "steps_joined": {"below": WHOLE},
    "blurred": {"below": WHOLE, "estimate": SPAN, "conf_low": SPAN, "conf_high": SPAN},
    # -- how a published number compares with its counterpart, in the unit and to the decimals of the published one
    "statement": {},
    "no_counterpart": {"of": ("figure", "test"), "why": ("masked", "absent")},
    "equal": {},
    "equal_rounded": {},
    "equal_cut_off": {"value": NUMBER, "unit": UNIT},
    "other_convention": {"method": METHOD, "value": NUMBER, "decimals": WHOLE, "unit": UNIT},
    "differs": {},
    "other_estimate": {"method": METHOD, "value": NUMBER, "decimals": WHOLE, "unit": UNIT},
    "other_side": {},
    "same_side": {},
    # -- what arithmetic says of the numbers of an abstract as they are printed
    "printed_count_fits": {"count": TEXT, "n": TEXT, "percent": TEXT},
    "printed_only_counts": {"counts": TEXTS, "n": TEXT, "percent": TEXT},
    "printed_cut_percent": {"counts": TEXTS, "n": TEXT, "percent": TEXT},
    "printed_no_count": {"n": TEXT, "percent": TEXT, "others": TEXTS},
    "printed_count_misfit": {"count": TEXT, "n": TEXT, "percent": TEXT, "value": NUMBER, "others": TEXTS},
    "printed_count_beyond": {"count": TEXT, "n": TEXT},
    "printed_common_n": {"ns": TEXTS, "upto": WHOLE},
    "printed_no_common_n": {"upto": WHOLE},
    "printed_other_n": {"n": TEXT, "others": TEXTS},
    "printed_interval_by": {"methods": TEXTS, "count": TEXT, "n": TEXT, "not_by": TEXTS},
    "printed_limit_cut": {"limits": ("lower", "upper", "both"), "method": TEXT, "count": TEXT, "n": TEXT, "value": NUMBER},
    "printed_limit_slip": {"limits": ("lower", "upper"), "method": TEXT, "count": TEXT, "n": TEXT, "value": NUMBER},
    "printed_interval_level": {"level": NUMBER, "methods": TEXTS, "count": TEXT, "n": TEXT},
    "printed_interval_complement": {"methods": TEXTS, "count": TEXT, "n": TEXT},
    "printed_interval_by_none": {"count": TEXT, "n": TEXT, "others": TEXTS},
    "printed_symmetric_medians": {"found": WHOLE, "among": WHOLE, "spans": TEXTS},
    "printed_asymmetric_median": {"center": NUMBER},
    "printed_rate_interval_by": {"scales": TEXTS},
    "printed_rate_interval_by_none": {},
    "printed_rate_interval_narrow": {"n": TEXT, "least": NUMBER},
    "printed_rates_are_shares": {"found": WHOLE, "among": WHOLE, "counts": TEXTS},
    "printed_endpoint_order": {"first": TEXT, "second": TEXT, "what": ("median", "rate")},
    "printed_role_order": {"smaller": TEXT, "larger": TEXT},
    "printed_rising_rate": {"earlier": TEXT, "later": TEXT},
    "printed_rate_and_median": {"rate": TEXT, "time": TEXT, "median": TEXT, "side": ("before", "after")},
    "printed_fractional_median": {"estimate": TEXT},
    "printed_sum_fits": {"parts": TEXTS, "total": TEXT},
    "printed_sum_differs": {"parts": TEXTS, "total": TEXT, "value": NUMBER},
    "printed_categories_over": {"value": NUMBER, "n": TEXT},
    "printed_categories_under": {"value": NUMBER, "n": TEXT},
    "printed_groups_differ": {"parts": TEXTS, "total": TEXT},
    "printed_shares_of_events": {"parts": TEXTS, "value": NUMBER},
    "printed_zero": {"n": TEXT, "high": NUMBER, "one_sided": NUMBER},
    "printed_outside_limits": {"estimate": TEXT, "low": TEXT, "high": TEXT},
    "printed_limits_reversed": {"low": TEXT, "high": TEXT},
    "printed_impossible": {"value": TEXT, "what": ("percentage", "P value", "ratio")},
    "printed_limit_impossible": {"value": TEXT},
    "printed_p_zero": {"p": TEXT},
    "printed_ratio_centered": {},
    "printed_ratio_off_center": {"center": NUMBER, "decimals": WHOLE, "shift": NUMBER},
    "printed_ratio_slip": {"limits": ("lower", "upper"), "value": NUMBER, "decimals": WHOLE},
    "printed_events_implied": {"events": WHOLE},
    "printed_events_beyond": {"events": WHOLE, "n": TEXT},
    "printed_p_of_interval": {"p": TEXT, "low": NUMBER, "high": NUMBER},
    "printed_p_one_sided": {"p": TEXT, "low": NUMBER, "high": NUMBER},
    "printed_p_level": {"p": TEXT, "level": NUMBER},
    "printed_p_other_test": {"p": TEXT, "low": NUMBER, "high": NUMBER, "flips": ("yes", "no")},
    "printed_p_apart": {"p": TEXT, "low": NUMBER, "high": NUMBER, "flips": ("yes", "no")},
    "printed_p_by": {"p": TEXT, "tests": TEXTS, "not_by": TEXTS},
    "printed_p_by_one_sided": {"p": TEXT, "tests": TEXTS},
    "printed_p_by_none": {"p": TEXT, "low": NUMBER, "high": NUMBER},
    "printed_significance_depends": {"below": TEXTS, "above": TEXTS},
    # -- why a table is empty
    "not_declared": {
        "what": (
            "endpoints", "baseline", "response", "dated_response", "response_date", "change", "adverse_events", "published", "numbers",
            "dates", "estimands",
        ),
    },
    "not_planned": {"what": ("times", "horizon", "groups", "response_groups", "factors", "model", "landmarks")},
    "no_patients": {},
    "no_two_groups": {},
    "no_two_levels": {},
    "nobody_has_value": {"variable": VARIABLE},
    "date_not_numeric": {},
    "no_change_recorded": {},
    "patient_level": {},
    "conventions_masked": {},
    "curves_masked": {"below": WHOLE},
    "derivation_masked": {},
}  # fmt: skip
"""Code of a reason -> its fields and their kinds; a tuple lists the values that a field may have."""


HIDDEN = ("masked", "counts_masked")
"""Codes of the reasons that name the hidden columns of a row: the second where its estimate is shown."""


@dataclass(frozen=True, init=False)
class Reason:
    """One reason: a code of `CODES` and exactly the fields it asks for, readable as ``reason["count"]``.

    Raises
    ------
    ValueError
        For an unknown code, a missing or extra field, or a value that is not of the field's kind.

    Examples
    --------
    >>> Reason("missing_left_out", count=3, variable="stage")
    Reason('missing_left_out', count=3, variable='stage')
    """

    code: str
    fields: tuple[tuple[str, object], ...]

    def __init__(self, code, /, **fields):
        if code not in CODES:
            raise ValueError(f"{code!r} is no code of a reason")
        kinds = CODES[code]
        if set(fields) != set(kinds):
            raise ValueError(f"{code}: the fields are {', '.join(kinds) or 'none'}, not {', '.join(fields) or 'none'}")
        object.__setattr__(self, "code", code)
        values = tuple((name, _checked(code, name, kind, fields[name])) for name, kind in kinds.items())
        object.__setattr__(self, "fields", values)

    def __getitem__(self, name):
        return dict(self.fields)[name]

    def __repr__(self) -> str:
        return f"Reason({', '.join([repr(self.code), *(f'{name}={value!r}' for name, value in self.fields)])})"

    def untold(self):
        """The same reason without its counts."""
        counts = {name: None for name, kind in CODES[self.code].items() if kind == COUNT}
        return Reason(self.code, **(dict(self.fields) | counts)) if counts else self


def _checked(code, name, kind, value):
    """The value of a field as it is kept; `ValueError` unless it is of its kind."""
    fault = ValueError(f"{code}: {name} is no {kind if isinstance(kind, str) else 'known value'}: {value!r}")
    if kind in (COUNT, WHOLE):
        if value is None and kind == COUNT:
            return None
        if isinstance(value, bool) or not isinstance(value, Integral) or value < 0:
            raise fault
        return int(value)
    if kind == SPAN and value is None:
        return None
    if kind in (NUMBER, TIME, SPAN):
        if isinstance(value, bool) or not isinstance(value, Real) or not math.isfinite(value):
            raise fault
        return float(value)
    if kind in (VARIABLES, COLUMNS, TEXTS):
        if isinstance(value, str) or not isinstance(value, Iterable):
            raise fault
        value = tuple(value)
        if not (value or kind == TEXTS) or not all(isinstance(each, str) and each for each in value):
            raise fault
        return value
    if not isinstance(value, str) or (value not in kind if isinstance(kind, tuple) else not value and kind != UNIT):
        raise fault
    return value


def to_json(reasons) -> str:
    """Reasons as a JSON list, one object a reason.

    >>> to_json((Reason("no_event_so_far"), Reason("counted_as_failures", count=2)))
    '[{"code": "no_event_so_far"}, {"code": "counted_as_failures", "count": 2}]'
    """
    return json.dumps([{"code": each.code, **dict(each.fields)} for each in reasons], ensure_ascii=False)


def from_json(text) -> tuple[Reason, ...]:
    """The reasons that `to_json` wrote.

    Raises
    ------
    ValueError
        When the text is no list of reasons.
    """
    listed = json.loads(text)
    if not isinstance(listed, list) or not all(isinstance(each, dict) and "code" in each for each in listed):
        raise ValueError("reasons are a list of objects with a code")
    return tuple(Reason(each.pop("code"), **each) for each in listed)


def is_masked(row, column="estimate") -> bool:
    """Whether a column of a result row is hidden."""
    return any(column in each["columns"] for each in row.get("reasons", ()) if each.code in HIDDEN)


def hidden_reasons(table) -> list:
    """The reasons of a table that name hidden columns, in the order of its rows."""
    return [each for reasons in table["reasons"] for each in reasons if each.code in HIDDEN]


def threshold(table) -> int:
    """The K of a masked table of curves, 0 for one that is not masked."""
    found = (each["below"] for reasons in table["reasons"] for each in reasons if each.code == "steps_joined")
    return next(found, 0)

"""The words of reasons: the one place where a `Reason` becomes English."""

from aice_helpers.formats import MASKED, NOT_ESTIMABLE, NOT_REACHED, counted, decimal, plain
from aice_helpers.results import CRUDE, KAPLAN_MEIER

CAUSES = {
    "no_events": "no events",
    "above_half": "the curve stays above 50%",
    "reversed_above_half": "the reversed curve stays above 50%",
    "not_crossed": "",
    "nobody_left_at_median": "no patient is left at the median",
    "above_45": "the curve stays above 45%",
    "first_event_below_55": "the first event takes the curve below 55%",
    "nobody_left": "nobody is left",
    "beyond_last_observation": "beyond the last observation",
    "before_horizon": "follow-up ends before the horizon",
    "no_complete_patient": "no patient has all values",
    "no_value": "no patient has a value",
    "no_event_in_level": "no event in this level",
    "no_event_in_reference": "no event in the reference level",
    "no_patient_in_level": "no patient in this level",
    "one_value": "all patients have the same value",
    "one_level": "all patients have the same level",
    "separated": "the estimate grows without limit, the factor orders the events perfectly",
    "no_variation": "no variation among the patients at risk at the events",
    "determined_or_no_variation": (
        "determined by the other factors, or no variation among the patients at risk at the events"
    ),
    "no_solution": "the model has no finite solution",
    "few_event_times": "too few distinct event times",
    "no_coefficient": "no coefficient has an estimate",
    "no_factor_varies": "no factor varies among the patients at risk at the events",
    "coefficient_without_limit": "a coefficient grows without limit",
    "no_pairs": "no two patients can be compared",
    "few_resamples": "most resamples hold no comparable patients",
    "few_groups": "fewer than two groups at risk",
    "nothing_to_compare": "these events leave nothing to compare",
}
"""Cause -> its words, after what it is the cause of."""

_HEADS = {
    "not_reached": NOT_REACHED,
    "limits_not_estimable": f"limits {NOT_ESTIMABLE}",
    "not_estimable": NOT_ESTIMABLE,
    "no_test": "no test",
}
"""Code of a reason with a cause -> the words before the cause."""

ESTIMATES = {CRUDE: "crude proportion", **dict.fromkeys(KAPLAN_MEIER.values(), "Kaplan-Meier")}
"""Method -> what kind of estimate it gives, without the method of its limits."""

_FIXED = {
    "upper_limit_beyond_computing": "the upper limit is beyond computing",
    "error_not_estimable": "standard error not estimable from these events",
    "nobody_censored": "no patient is censored",
    "lower_limit_zero": "lower limit set to 0",
    "no_event_so_far": "no event so far: the limits carry no information",
    "known_later": "known only after time zero: compare it from a landmark on",
    "biased_from_zero": "known only after time zero, so its hazard ratio from time zero is biased",
    "test_at_limit": "a coefficient grows without limit; the statistic is the one at the limit",
    "without_inestimable": "without the coefficients that have no estimate",
    "statement": "A statement, not a number: nothing here can confirm or refute it.",
    "equal": "The two are equal.",
    "equal_rounded": "The computed value rounds to the printed one.",
    "differs": "The computed value differs from the printed one.",
    "other_side": "The test falls on the other side of the limit.",
    "same_side": "The test falls on the same side of the limit.",
    "by_construction": "It holds because the synthetic data were searched for it, so it confirms nothing.",
    "no_patients": "The cohort holds no patients.",
    "date_not_numeric": "The time of assessment of the response is not recorded as a number.",
    "no_change_recorded": "No patient has a recorded change of the target lesions.",
    "patient_level": "A waterfall shows one bar a patient and is left out of a book with masked counts.",
}
"""Code of a reason that is always said in the same words -> these."""

NOT_DECLARED = {
    "baseline": "This study declares no baseline variables.",
    "response": "This study declares no response.",
    "dated_response": "The study declares no response.",
    "response_date": "The study does not declare when the response was assessed.",
    "change": "This study declares no change of the target lesions.",
    "adverse_events": "This study declares no adverse-event file.",
    "published": "This study file names no published numbers to compare with.",
}
NOT_PLANNED = {
    "times": "The analysis plan names no landmark times.",
    "horizon": "The analysis plan names neither a horizon nor a landmark time.",
    "groups": "The analysis plan names no groups.",
    "response_groups": "The analysis plan names no groups to compare the response in.",
    "factors": "The analysis plan names no prognostic factors.",
    "model": "The analysis plan names no multivariable model.",
    "landmarks": "The analysis plan names no landmarks for the response.",
}


def parts(reasons, study=None) -> list[str]:
    """The words of each reason.

    Parameters
    ----------
    reasons : iterable of Reason
    study : Study, optional
        Gives the labels of variables and the unit of time; without it a variable is called by its name.
    """
    return [head + (": " if head and text else "") + text for head, text in (_said(each, study) for each in reasons)]


def note(reasons, study=None, *, sentences=False) -> str:
    """The words of reasons in one text, as a footnote; ``sentences`` joins sentences, otherwise parts of one."""
    if sentences:
        return " ".join(_SENTENCES.get(each.code, _sentence)(each, study) for each in reasons)
    return "; ".join(parts(reasons, study))


def because(reasons, study=None) -> str:
    """Reasons in brackets after "not estimable" or "masked", which the first of them need not say again."""
    said = [_said(each, study) for each in reasons]
    if not said:
        return ""
    (head, text), *_ = said
    first = text if head in (NOT_ESTIMABLE, MASKED) else parts(reasons[:1], study)[0]
    return f" ({'; '.join([first, *parts(reasons[1:], study)])})"


def hidden_words(k) -> str:
    """The words of a number that is masked.

    >>> hidden_words(5)
    'masked: fewer than 5 patients, or a number that would give them away'
    """
    return f"{MASKED}: {_few(k)}"


def masked_sentence(reason) -> str:
    """What is masked, as a sentence."""
    _, text = _said(reason, None)
    return f"{MASKED.capitalize()}: {text}."


def _few(k):
    return f"fewer than {k} patients, or a number that would give them away"


def _said(reason, study) -> tuple[str, str]:
    """Words of a reason in two parts: what follows ("", where nothing does), and why."""
    code = reason.code
    if code in _HEADS:
        return _HEADS[code], CAUSES[reason["cause"]]
    return ("", _FIXED[code]) if code in _FIXED else _SAID[code](reason, study)


def _sentence(reason, study):
    return parts((reason,), study)[0]


def _label(study, name):
    return name if study is None else study.label(name)


def _too_many(reason, study):
    if reason["coefficients"] is None or reason["events"] is None:
        return NOT_ESTIMABLE, "more coefficients than events"
    return NOT_ESTIMABLE, f"more coefficients ({reason['coefficients']}) than events ({reason['events']})"


def _failures(reason, study):
    if reason["count"] is None:
        return "", "those censored before count as failures"
    return "", f"counted as failures: {counted(reason['count'], 'patient')} censored before then"


def _left_out(reason, study):
    if reason["count"] is None:
        return "", "patients without a value left out"
    label = _label(study, reason["variable"])
    return "", f"{counted(reason['count'], 'patient')} without a value of {label} left out"


def _left_out_sentence(reason, study):
    if reason["count"] is None:
        return "Patients without a value left out."
    return f"Patients left out for a missing value: {reason['count']}."


def _undated(reason, study):
    number = "" if reason["count"] is None else f": {reason['count']}"
    return "", f"responders left out for want of a date of assessment{number}"


def _ungraded(reason, study):
    number = "" if reason["count"] is None else f": {reason['count']}"
    return "", f"Events without a recorded grade, counted in 'any grade' only{number}."


def with_unit(number, unit) -> str:
    """A written number with its unit, which may be empty.

    >>> with_unit("45.1", "%"), with_unit("19.0", "months"), with_unit("113", "")
    ('45.1%', '19.0 months', '113')
    """
    return f"{number}{unit}" if unit in ("", "%") else f"{number} {unit}"


def _no_counterpart(reason, study):
    if reason["why"] == "masked":
        return "", f"The {reason['of']} is masked."
    return "", f"This cohort gives no such {reason['of']}."


def _cut_off(reason, study):
    value = with_unit(decimal(reason["value"], 2), reason["unit"])
    return "", f"The computed value {value} is the printed one before its digits were cut off."


def _as_printed(reason):
    return with_unit(decimal(reason["value"], reason["decimals"]), reason["unit"])


def _lowered(reason, study):
    unit = f" {study.time_unit}" if study is not None else ""
    return "", f"the planned horizon of {plain(reason['planned'])}{unit} lies beyond the last observation"


_SAID = {
    "limit_not_reached": lambda reason, study: ("", f"{reason['limit']} limit not reached"),
    "too_many_coefficients": _too_many,
    "ratio_beyond_computing": lambda reason, study: (
        NOT_ESTIMABLE,
        f"the hazard ratio for an increase of {plain(reason['step'])} is beyond computing",
    ),
    "no_patient": lambda reason, study: (
        "",
        {
            "group": "No patient in this group.",
            "all patients": "No patient.",
            "evaluable patients": "No evaluable patient.",
        }[reason["among"]],
    ),
    "horizon_lowered": _lowered,
    "counted_as_failures": _failures,
    "missing_left_out": _left_out,
    "undated_left_out": _undated,
    "ungraded": _ungraded,
    "reference_moved": lambda reason, study: (
        "",
        f"reference, for no patient is in the level {reason['level']}",
    ),
    "adjusted_for": lambda reason, study: (
        "",
        f"adjusted for {', '.join(_label(study, name) for name in reason['variables'])}",
    ),
    "resamples_left_out": lambda reason, study: (
        "",
        f"resamples left out for want of comparable patients: {reason['count']}",
    ),
    "masked": lambda reason, study: (MASKED, _few(reason["below"])),
    "counts_masked": lambda reason, study: (
        f"counts {MASKED}",
        f"fewer than {reason['below']} patients, or numbers that would give them away",
    ),
    "steps_joined": lambda reason, study: ("", f"no step of fewer than {reason['below']} events"),
    "no_counterpart": _no_counterpart,
    "equal_cut_off": _cut_off,
    "other_convention": lambda reason, study: (
        "",
        f"Equal under this convention; the {reason['method']} convention gives {_as_printed(reason)}.",
    ),
    "other_estimate": lambda reason, study: (
        "",
        f"As {ESTIMATES.get(reason['method'], reason['method'])} it is {_as_printed(reason)} in this cohort.",
    ),
    "not_declared": lambda reason, study: ("", NOT_DECLARED[reason["what"]]),
    "not_planned": lambda reason, study: ("", NOT_PLANNED[reason["what"]]),
    "nobody_has_value": lambda reason, study: ("", f"No patient has a value of {_label(study, reason['variable'])}."),
    "curves_masked": lambda reason, study: ("", f"The curves are {hidden_words(reason['below'])}."),
}
_SENTENCES = {"missing_left_out": _left_out_sentence}

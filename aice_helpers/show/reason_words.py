"""The words of reasons: the one place where a `core.reasons.Reason` becomes English."""

from aice_helpers.core.printed import with_unit
from aice_helpers.core.results import CRUDE, KAPLAN_MEIER
from aice_helpers.show import audit_words
from aice_helpers.show.formats import MASKED, NOT_ESTIMABLE, NOT_REACHED, counted, decimal, duration, plain

CAUSES = {
    "no_events": "no events",
    "above_half": "the curve stays above 50%",
    "above_share": "the curve does not come down so far",
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
    "many_ties": "too many events at one time for the exact likelihood",
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
    "no_limits_given": "the program gives no limits",
    "lower_limit_zero": "lower limit set to 0",
    "no_event_in_one": "no event so far in one of the two groups, whose uncertainty the limits leave out",
    "hazards_not_proportional": "the test speaks against proportional hazards: the P value weighs early and late differences together",
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
    "conventions_masked": (
        "Several conventions of one number are several equations for the patients behind it, so a book with masked counts gives none."
    ),
    "no_two_groups": "No grouping or factor of the plan has exactly two levels, or there is no event.",
    "no_two_levels": "No grouping of the plan has two levels with patients.",
    "no_patients": "The cohort holds no patients.",
    "date_not_numeric": "The time of assessment of the response is not recorded as a number.",
    "no_change_recorded": "No patient has a recorded change of the target lesions.",
    "derivation_masked": (
        "How many patients each rule of dates concerns is left out of a book with masked counts; the rules stand with the "
        "endpoints."
    ),
    "patient_level": "A waterfall shows one bar a patient and is left out of a book with masked counts.",
}
"""Code of a reason that is always said in the same words -> these."""

_ARRAYS = {
    "entry": "times of entry",
    "weights": "weights",
    "strata": "strata",
    "cluster": "groups of dependent rows",
}
_NO_PATIENT = {
    "group": "No patient in this group.",
    "all patients": "No patient.",
    "evaluable patients": "No evaluable patient.",
}

NOT_DECLARED = {
    "endpoints": "This study declares no endpoints: no time to an event was recorded.",
    "baseline": "This study declares no baseline variables.",
    "response": "This study declares no response.",
    "dated_response": "The study declares no response.",
    "response_date": "The study does not declare when the response was assessed.",
    "change": "This study declares no change of the target lesions.",
    "adverse_events": "This study declares no adverse-event file.",
    "dates": "This study derives no endpoint from dates.",
    "estimands": "This study declares neither a new therapy nor missed assessments.",
    "published": "This study file names no published numbers to compare with.",
    "numbers": "No numbers are typed under numbers in the file of published numbers.",
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

    Returns
    -------
    list of str
        One for each reason.
    """
    return [head + (": " if head and text else "") + text for head, text in (_said(each, study) for each in reasons)]


def note(reasons, study=None, *, sentences=False) -> str:
    """The words of reasons in one text, as a footnote; ``sentences`` joins sentences, otherwise parts of one.

    Parameters
    ----------
    reasons : iterable of Reason
    study : Study, optional
        Gives the labels of variables and the unit of time; without it a variable is called by its name.
    sentences : bool
        Whether to join whole sentences with spaces; parts are joined with semicolons.

    Returns
    -------
    str
        "" without reasons.
    """
    if sentences:
        return " ".join(_as_sentence(each, study) for each in reasons)
    return "; ".join(parts(reasons, study))


def because(reasons, study=None) -> str:
    """Reasons in brackets after "not estimable" or "masked", which the first of them need not say again.

    Parameters
    ----------
    reasons : tuple of Reason
    study : Study, optional
        Gives the labels of variables and the unit of time; without it a variable is called by its name.

    Returns
    -------
    str
        Begins with a space; "" without reasons.
    """
    said = [_said(each, study) for each in reasons]
    if not said:
        return ""
    (head, text), *_ = said
    first = text if head in (NOT_ESTIMABLE, MASKED) else parts(reasons[:1], study)[0]
    return f" ({'; '.join([first, *parts(reasons[1:], study)])})"


def hidden_words(k) -> str:
    """The words of a number that is masked.

    Parameters
    ----------
    k : int
        Counts of fewer patients than this are masked.

    Returns
    -------
    str

    Examples
    --------
    >>> hidden_words(5)
    'masked: fewer than 5 patients, or a number that would give them away'
    """
    return f"{MASKED}: {_few(k)}"


def masked_sentence(reason) -> str:
    """What is masked, as a sentence.

    Parameters
    ----------
    reason : Reason
        One with the code "masked" or "counts_masked".

    Returns
    -------
    str
    """
    _, text = _said(reason, None)
    return f"{MASKED.capitalize()}: {text}."


def _few(k):
    return f"fewer than {k} patients, or a number that would give them away"


def _said(reason, study) -> tuple[str, str]:
    """Words of a reason in two parts: what is so ("" where the second part says it all), and why."""
    code, fields = reason.code, dict(reason.fields)
    if code in _HEADS:
        return _HEADS[code], CAUSES[fields["cause"]]
    match code:
        case "too_many_coefficients":
            told = None not in (fields["coefficients"], fields["events"])
            numbers = (
                "more coefficients ({coefficients}) than events ({events})" if told else "more coefficients than events"
            )
            return NOT_ESTIMABLE, numbers.format(**fields)
        case "ratio_beyond_computing":
            return NOT_ESTIMABLE, f"the hazard ratio for an increase of {plain(fields['step'])} is beyond computing"
        case "masked":
            return MASKED, _few(fields["below"])
        case "counts_masked":
            return f"counts {MASKED}", f"fewer than {fields['below']} patients, or numbers that would give them away"
    if (printed := audit_words.words(code, fields)) is not None:
        return "", printed
    return "", _FIXED[code] if code in _FIXED else _whole(code, fields, study)


def _whole(code, fields, study):
    """Words of a reason that are not in two parts."""

    def label(name):
        return name if study is None else study.label(name)

    def patients():
        return counted(fields["count"], "patient")

    def after_colon():
        return "" if fields["count"] is None else f": {fields['count']}"

    def as_printed():
        return with_unit(decimal(fields["value"], fields["decimals"]), fields["unit"])

    match code:
        case "limit_not_reached":
            return f"{fields['limit']} limit {NOT_REACHED}"
        case "curves_cross":
            return (
                f"the curves of {' and '.join(fields['levels'])} cross: each lies {plain(fields['points'])} percentage "
                f"points or more above the other at some time, with {fields['at_risk']} or more at risk in both"
            )
        case "no_patient":
            return _NO_PATIENT[fields["among"]]
        case "horizon_lowered":
            planned = plain(fields["planned"]) if study is None else duration(fields["planned"], study.time_unit)
            return f"the planned horizon of {planned} lies beyond the last observation"
        case "counted_as_failures":
            if fields["count"] is None:
                return "those censored before count as failures"
            return f"counted as failures: {patients()} censored before then"
        case "missing_left_out":
            if fields["count"] is None:
                return "patients without a value left out"
            return f"{patients()} without a value of {label(fields['variable'])} left out"
        case "undated_left_out":
            return f"responders left out for want of a date of assessment{after_colon()}"
        case "outcome_missing":
            if fields["count"] is None:
                return "patients without a time or a state of this endpoint left out"
            return f"{patients()} without a time or a state of this endpoint left out"
        case "never_at_risk":
            if fields["count"] is None:
                return "patients whose observation ended by their entry left out"
            return f"{patients()} never at risk left out, whose observation ended by the day of entry"
        case "ungraded":
            return f"Events without a recorded grade, counted in 'any grade' only{after_colon()}."
        case "resamples_left_out":
            return f"resamples left out for want of comparable patients{after_colon()}"
        case "blurred":
            named = (("estimate", "median"), ("conf_low", "lower limit"), ("conf_high", "upper limit"))
            spans = ", ".join(f"{name} ±{fields[key]:g}" for key, name in named if fields[key] is not None)
            unit = "" if study is None else f", in {study.time_unit}"
            return f"blurred to spans that at least {fields['below']} patients share{unit}: {spans}"
        case "cannot_use":
            return f"{NOT_ESTIMABLE}: {fields['method']} cannot use {_ARRAYS[fields['what']]}"
        case "reference_moved":
            return f"reference, for no patient is in the level {fields['level']}"
        case "adjusted_for":
            return f"adjusted for {', '.join(map(label, fields['variables']))}"
        case "steps_joined":
            return f"each step joins at least {fields['below']} events"
        case "no_counterpart":
            return (
                f"The {fields['of']} is {MASKED}."
                if fields["why"] == "masked"
                else f"This cohort gives no such {fields['of']}."
            )
        case "equal_cut_off":
            value = with_unit(decimal(fields["value"], 2), fields["unit"])
            return f"The computed value {value} is the printed one before its digits were cut off."
        case "other_convention":
            return f"Equal under this convention; the {fields['method']} convention gives {as_printed()}."
        case "other_estimate":
            return f"As {ESTIMATES.get(fields['method'], fields['method'])} it is {as_printed()} in this cohort."
        case "not_declared":
            return NOT_DECLARED[fields["what"]]
        case "not_planned":
            return NOT_PLANNED[fields["what"]]
        case "nobody_has_value":
            return f"No patient has a value of {label(fields['variable'])}."
        case "curves_masked":
            return f"The curves are {hidden_words(fields['below'])}."


def _as_sentence(reason, study):
    """Words of a reason that stand alone."""
    if reason.code != "missing_left_out":
        return parts((reason,), study)[0]
    if reason["count"] is None:
        return "Patients without a value left out."
    return f"Patients left out for a missing value: {reason['count']}."

"""What was derived from dates, counted: events by kind, who is censored by which rule, and what other rules would give."""

import numpy as np

from aice_helpers.core.reasons import Reason
from aice_helpers.core.results import result_table
from aice_helpers.stats.kaplan_meier import kaplan_meier, median_interval

NO_DATES = Reason("not_declared", what="dates")


def derivation(cohort):
    """How the endpoints by dates came about.

    Returns
    -------
    DataFrame
        The table ``derivation``, for each endpoint the patients (``count``, of ``n``) by ``rule`` and ``kind``: "event" and
        "competing" by kind of event, "censored" by the rule that ends the observation (these add up to everyone with
        "no_follow_up"); then those observed on the day of the start only ("first_day"), with a date completed by rule
        ("completed"), with a death dated at the last contact ("dated_at_contact") and changed by the cut-off ("cutoff").
        A row with the rule "accrual" and no endpoint gives the years of the first and the last start as its kind.
    """
    found, rows = cohort.derivation, []
    for name, derived in {} if found is None else found.endpoints.items():
        outcome = derived.outcome
        known = ~derived.no_follow_up
        first = found.rules[name].first_day / found.rules[name].days_in_unit
        counts = {
            ("event" if code in outcome.events else "competing", kind): known & (outcome.cause == code)
            for code, kind in enumerate(outcome.causes, 1)
        }
        for code, kind in enumerate(outcome.censorings):
            if (whose := known & (outcome.cause == -code)).any():
                counts["censored", kind] = whose
        counts["no_follow_up", ""] = derived.no_follow_up
        counts["first_day", ""] = known & (np.abs(outcome.time - first) < 1e-9)
        counts["completed", ""] = derived.completed
        counts["dated_at_contact", ""] = derived.at_contact
        if cohort.study.dates.cutoff:
            counts["cutoff", ""] = derived.by_cutoff
        for (rule, kind), whose in counts.items():
            rows.append({"endpoint": name, "rule": rule, "kind": kind, "n": cohort.n, "count": int(whose.sum())})
    if rows:
        years = " to ".join(map(str, dict.fromkeys(found.accrual)))
        rows.append({"rule": "accrual", "kind": years, "n": cohort.n, "count": cohort.n})
    return result_table("derivation", rows, reason=NO_DATES)


def estimands(cohort):
    """The main analysis and those that handle one intercurrent event otherwise.

    Returns
    -------
    DataFrame
        The table ``estimands``: the median (log-log limits) by handling (``level``) of what happens in between (``term``:
        "new_therapy" or "missed_assessments"), the main analysis first. ``changed`` counts the patients whose time or
        event is not that of the main analysis.

    References
    ----------
    ICH E9(R1) (2019), Addendum on estimands and sensitivity analysis in clinical trials.
    """
    found, rows = cohort.derivation, []
    for name, others in {} if found is None else found.analyses.items():
        main, rules = found.endpoints[name].outcome, found.rules[name]
        handled = {"new_therapy": rules.therapy, "missed_assessments": rules.gaps}
        for term in dict.fromkeys(term for term, _ in others):
            rows.append(_estimand_row(cohort, name, term, handled[term], main, main))
            for (other, level), derived in others.items():
                if other == term:
                    rows.append(_estimand_row(cohort, name, term, level, derived.outcome, main))
    return result_table("estimands", rows, reason=Reason("not_declared", what="estimands"))


def _estimand_row(cohort, name, term, level, outcome, main):
    known = outcome.take(outcome.known)
    curve = kaplan_meier(known.time, known.event)
    confidence = cohort.study.analysis.confidence_level
    estimate, low, high, reasons = median_interval(curve, confidence, "log-log")
    changed = outcome.known & ((outcome.time != main.time) | (outcome.event != main.event))
    return {
        "endpoint": name,
        "term": term,
        "level": level,
        "analysis": "main" if outcome is main else "sensitivity",
        "n": curve.n,
        "events": int(outcome.event.sum()),
        "changed": int(changed.sum()),
        "estimate": estimate,
        "conf_low": low,
        "conf_high": high,
        "conf_level": confidence,
        "method": "log-log",
        "unit": cohort.study.time_unit,
        "reasons": reasons,
    }

"""How observation ended, counted by kind of event and reason of censoring, and what other rules for dates would give."""

import numpy as np

from aice_helpers.core.reasons import Reason
from aice_helpers.core.results import result_table
from aice_helpers.stats.kaplan_meier import kaplan_meier, median_interval
from aice_helpers.stats.samples import left_out

NO_DATES = Reason("not_declared", what="dates")


def derivation(cohort):
    """How the endpoints by dates, and those whose codes tell kinds of ends apart, came about.

    Returns
    -------
    DataFrame
        The table ``derivation``, for each such endpoint the patients (``count``, of ``n``) by ``rule`` and ``kind``: "event" and
        "competing" by kind of event, "censored" by the rule that ends the observation (these add up to everyone with
        "no_follow_up" or "entered_late"); then those observed on the day of the start only ("first_day"), with a date completed by rule
        ("completed"), with a death dated at the last contact ("dated_at_contact") and changed by the cut-off ("cutoff").
        A row with the rule "accrual" and no endpoint gives the years of the first and the last start as its kind.
    """
    found, rows = cohort.derivation, _coded_rows(cohort)
    for name, derived in {} if found is None else found.endpoints.items():
        outcome = derived.outcome
        known = outcome.known
        first = found.rules[name].first_day / found.rules[name].days_in_unit
        counts = _ends(outcome, known)
        counts["no_follow_up", ""] = derived.no_follow_up
        if outcome.entry is not None:
            counts["entered_late", ""] = derived.entered_late
        counts["first_day", ""] = known & (np.abs(outcome.time - first) < 1e-9)
        counts["completed", ""] = derived.completed
        counts["dated_at_contact", ""] = derived.at_contact
        if cohort.study.dates.cutoff:
            counts["cutoff", ""] = derived.by_cutoff
        rows += _counted(cohort, name, counts)
    if found is not None:
        years = " to ".join(map(str, dict.fromkeys(found.accrual)))
        rows.append({"rule": "accrual", "kind": years, "n": cohort.n, "count": cohort.n})
    return result_table("derivation", rows, reason=NO_DATES)


def has_kinds(cohort):
    """Whether the codes of an endpoint tell kinds of events, competing events or reasons of censoring apart."""
    return any(_tells_kinds(cohort.outcome(name)) for name in cohort.study.endpoints)


def _tells_kinds(outcome):
    return len(outcome.causes) > 1 or len(outcome.censorings) > 1


def _coded_rows(cohort):
    """The endpoints whose codes tell kinds apart, counted as those by dates are."""
    derived = {} if cohort.derivation is None else cohort.derivation.endpoints
    rows = []
    for name in cohort.study.endpoints:
        outcome = cohort.outcome(name)
        if name not in derived and _tells_kinds(outcome):
            counts = _ends(outcome, outcome.known)
            rows += _counted(cohort, name, counts | {("no_follow_up", ""): ~outcome.known})
    return rows


def _ends(outcome, known):
    """(Rule, kind) -> whose observation ended so, of those with follow-up; reasons of censoring that nobody has are left out."""
    counts = {
        ("event" if code in outcome.events else "competing", kind): known & (outcome.cause == code)
        for code, kind in enumerate(outcome.causes, 1)
    }
    for code, kind in enumerate(outcome.censorings):
        if (whose := known & (outcome.cause == -code)).any():
            counts["censored", kind] = whose
    return counts


def _counted(cohort, name, counts):
    return [
        {"endpoint": name, "rule": rule, "kind": kind, "n": cohort.n, "count": int(whose.sum())}
        for (rule, kind), whose in counts.items()
    ]


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
            rows.append(_estimand_row(cohort, name, term, handled[term], found.endpoints[name], main))
            for (other, level), derived in others.items():
                if other == term:
                    rows.append(_estimand_row(cohort, name, term, level, derived, main))
    return result_table("estimands", rows, reason=Reason("not_declared", what="estimands"))


def _estimand_row(cohort, name, term, level, derived, main):
    outcome = derived.outcome
    known = outcome.take(outcome.known)
    curve = kaplan_meier(known.time, known.event, entry=known.entry)
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
        "reasons": reasons + left_out(0, int(derived.entered_late.sum())),
    }

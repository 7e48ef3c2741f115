"""How many patients had adverse events: by term, by worst grade, and what a count of zero leaves possible."""

from aice_helpers.core.intervals import clopper_pearson
from aice_helpers.core.reasons import Reason
from aice_helpers.core.results import result_table
from aice_helpers.study.model import ADVERSE_EVENTS, ANY_EVENT, ANY_GRADE, SEVERE

NO_FILE = Reason("not_declared", what="adverse_events")


def adverse_event_rates(cohort):
    """Patients with an adverse event, by term and by worst grade.

    A patient counts once per term, in the worst grade recorded for it; ``occurrences`` counts the rows of the
    adverse-event table.

    Parameters
    ----------
    cohort : Cohort

    Returns
    -------
    DataFrame
        Contract ``adverse_events`` with Clopper-Pearson limits. ``term`` is "Any adverse event" and then each term,
        the most frequent first (by patients, then by label); a term the study file declares stays in the table when
        nobody had it. ``level`` is "any grade", each declared grade, and "severe or worse". ``reasons`` says when events
        without a recorded grade are counted in "any grade" only.

    References
    ----------
    Clopper CJ, Pearson ES (1934), Biometrika 26:404-413.
    """
    if cohort.adverse_events is None:
        return result_table("adverse_events", [], reason=NO_FILE)
    events = cohort.adverse_events
    patients = events.groupby("term")["patient"].nunique()
    terms = {*cohort.study.adverse_events.term_labels.values(), *patients.index}
    rows = _levels(cohort, ANY_EVENT, events)
    for term in sorted(terms, key=lambda term: (-patients.get(term, 0), term)):
        rows += _levels(cohort, term, events[events["term"] == term])
    return result_table("adverse_events", rows)


def rule_of_three(cohort):
    """Upper limits of the rate of severe adverse events, also when none was seen.

    Parameters
    ----------
    cohort : Cohort

    Returns
    -------
    DataFrame
        Contract ``adverse_events``: ``term`` "Any adverse event", ``level`` "severe or worse", one row a ``method``:
        "Clopper-Pearson, two-sided", "Clopper-Pearson, one-sided" (from 0 to the upper limit) and, only when no
        patient had a severe event, "rule of three" (``3 / n``, whose ``conf_level`` is 0.95 whatever the plan says).

    References
    ----------
    Hanley JA, Lippman-Hand A (1983), JAMA 249:1743-1745.
    """
    if cohort.adverse_events is None:
        return result_table("adverse_events", [], reason=NO_FILE)
    row = _levels(cohort, ANY_EVENT, cohort.adverse_events)[-1]
    # The tail of a one-sided limit is twice as wide as each tail of the two-sided interval of the same level.
    upper = clopper_pearson(row["events"], cohort.n, 2 * row["conf_level"] - 1)[1]
    rows = [
        row | {"method": "Clopper-Pearson, two-sided"},
        row | {"method": "Clopper-Pearson, one-sided", "conf_low": 0.0, "conf_high": upper},
    ]
    if row["events"] == 0:
        approximate = {"conf_low": 0.0, "conf_high": min(1.0, 3 / cohort.n), "conf_level": 0.95}
        rows.append(row | approximate | {"method": "rule of three"})
    return result_table("adverse_events", rows)


def _levels(cohort, term, events):
    """One row a level of grade for the events of one term; the last is "severe or worse"."""
    plan = cohort.study.adverse_events
    grades = list(plan.grades.values())
    grade = events["grade"].cat.codes
    worst = grade.groupby(events["patient"]).max()
    severe = grades.index(plan.severe_from)
    ungraded = int((grade < 0).sum())
    reasons = (Reason("ungraded", count=ungraded),) if ungraded else ()
    rows = [_row(cohort, term, ANY_GRADE, len(worst), len(events), ())]
    for code, label in enumerate(grades):
        rows.append(_row(cohort, term, label, (worst == code).sum(), (grade == code).sum(), reasons))
    rows.append(_row(cohort, term, SEVERE, (worst >= severe).sum(), (grade >= severe).sum(), reasons))
    return rows


def _row(cohort, term, level, count, occurrences, reasons):
    conf_level = cohort.study.analysis.confidence_level
    low, high = clopper_pearson(int(count), cohort.n, conf_level)
    return {
        "endpoint": ADVERSE_EVENTS,
        "term": term,
        "level": level,
        "n": cohort.n,
        "events": int(count),
        "estimate": int(count) / cohort.n,
        "conf_low": low,
        "conf_high": high,
        "conf_level": conf_level,
        "method": "Clopper-Pearson",
        "reasons": reasons,
        "occurrences": occurrences,
    }

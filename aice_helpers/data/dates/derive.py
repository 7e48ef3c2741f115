"""From days to outcomes: the rules by which times and causes follow from dates, on arrays, with every rule counted.

Days are ordinals, nan where there is no date. The first event counts. Without one a patient is censored, at the last
assessment or at the last contact. What lies after the cut-off is not known: it is censored at the cut-off.

References
----------
ICH E9(R1) (2019), Addendum on estimands and sensitivity analysis in clinical trials. FDA (2018), Clinical trial endpoints
for the approval of cancer drugs and biologics, appendix 3 (dates of events and of censoring in progression-free survival).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from aice_helpers.data.outcome import Outcome
from aice_helpers.study.date_plan import NEW_THERAPY

AT_ASSESSMENT, AT_CONTACT, AT_CUTOFF, AT_DEATH = (
    "last assessment",
    "last contact",
    "data cut-off",
    "death of another kind",
)
AT_THERAPY, AFTER_GAP, AT_START = NEW_THERAPY, "missed assessments", "start (never assessed)"

CENSORINGS = (AT_CONTACT, AT_ASSESSMENT, AT_CUTOFF, AT_DEATH, AT_THERAPY, AFTER_GAP, AT_START)
"""Rules of censoring, as `Outcome.censorings` names them."""


@dataclass(frozen=True)
class Recorded:
    """What the files hold of the patients, each array one value a patient.

    Attributes
    ----------
    start : array of float
    events : dict
        Kind -> days.
    fatal : frozenset of str
        The kinds that are deaths.
    entry : array of float or None
        From which day on each patient is observed.
    contact, assessment, therapy : array of float or None
    assessments : tuple of array of float
        Every column of assessments.
    unknown : array of bool
        Whose state at the last contact is not known.
    completed : dict
        Name of a date ("start", a kind, "contact", "assessment", "therapy") -> whose was completed by rule.
    dated_at_contact : array of bool
        Whose death is known by status and dated at the last contact.
    cutoff : float or None
    """

    start: np.ndarray
    events: dict
    fatal: frozenset
    entry: np.ndarray | None = None
    contact: np.ndarray | None = None
    assessment: np.ndarray | None = None
    therapy: np.ndarray | None = None
    assessments: tuple = ()
    unknown: np.ndarray | None = None
    completed: dict = field(default_factory=dict)
    dated_at_contact: np.ndarray | None = None
    cutoff: float | None = None


@dataclass(frozen=True)
class Rules:
    """By which rules one endpoint is derived.

    ``first_of`` are the kinds that are its event, ``competing`` those that end it otherwise; ``by_assessment`` tells whether
    it is censored at the last assessment, ``never_assessed`` what a patient without one is ("start", "last_contact" or ""
    where nobody may be). ``therapy`` and ``gaps`` are the handling of a new therapy and of events after a gap, which is
    longer than ``longest_gap`` days.
    """

    first_of: tuple[str, ...]
    competing: tuple[str, ...] = ()
    by_assessment: bool = False
    never_assessed: str = ""
    therapy: str = "ignored"
    gaps: str = "ignored"
    longest_gap: float = np.inf
    first_day: int = 0
    days_in_unit: float = 1.0


@dataclass(frozen=True)
class Derived:
    """An outcome and what the rules did; each array is one truth value a patient.

    ``by_cutoff``: the cut-off changed it; ``completed``: a date that decides it was completed by rule; ``at_contact``: its
    event is a death dated at the last contact; ``no_follow_up``: nothing is known after the start, so it takes no part;
    ``entered_late``: it ended by the day of entry, so the patient was never at risk and takes no part either.
    """

    outcome: Outcome
    by_cutoff: np.ndarray
    completed: np.ndarray
    at_contact: np.ndarray
    no_follow_up: np.ndarray
    entered_late: np.ndarray


def derive(recorded, rules) -> Derived:
    """The outcome of one endpoint.

    Parameters
    ----------
    recorded : Recorded
    rules : Rules

    Returns
    -------
    Derived
        Causes are the kinds of ``first_of`` (and a new therapy where it is an event), then those that compete; times are
        days from the start, plus ``first_day``, in the unit of ``days_in_unit`` days.
    """
    n = len(recorded.start)
    therapy = recorded.therapy
    if therapy is not None and recorded.cutoff is not None:
        therapy = np.where(therapy > recorded.cutoff, np.nan, therapy)
    composite = therapy is not None and rules.therapy == "event"
    kinds = (*rules.first_of, *((NEW_THERAPY,) if composite else ()), *rules.competing)
    dates = dict(recorded.events) | ({NEW_THERAPY: therapy} if composite else {})
    event, cause = _first([dates[kind] for kind in kinds], n)
    end, reason, source = _censoring(recorded, rules, kinds)
    day, cause = np.where(cause > 0, event, end), np.where(cause > 0, cause, -reason)
    source = np.where(cause > 0, "event", source)
    by_cutoff = np.zeros(n, dtype=bool)
    if recorded.cutoff is not None:
        by_cutoff = day > recorded.cutoff
        day = np.where(by_cutoff, recorded.cutoff, day)
        cause = np.where(by_cutoff, -CENSORINGS.index(AT_CUTOFF), cause)
        # Without a date of last contact the cut-off itself is how far everyone was followed.
        by_cutoff &= np.isfinite(np.where(source == "event", event, end))
    if therapy is not None and rules.therapy == "censored":
        stopped = therapy < day
        cause = np.where(stopped, -CENSORINGS.index(AT_THERAPY), cause)
        by_cutoff &= ~stopped
        day = np.where(stopped, therapy, day)
    if rules.gaps == "censored":
        before = _last_assessment(recorded, day)
        gap = (cause > 0) & (day - before > rules.longest_gap)
        day, cause = np.where(gap, before, day), np.where(gap, -CENSORINGS.index(AFTER_GAP), cause)
    time = (day - recorded.start + rules.first_day) / rules.days_in_unit
    entry, entered_late = _entries(recorded, day, rules.days_in_unit)
    known = np.isfinite(day) & ~entered_late
    outcome = Outcome(
        np.where(known, time, np.nan),
        np.where(known, cause, 0),
        causes=kinds,
        censorings=CENSORINGS,
        events=tuple(range(1, len(kinds) - len(rules.competing) + 1)),
        entry=entry,
    )
    decided = _deciding(outcome, kinds, source)
    completed = _any_of(recorded.completed, decided, n) & known
    at_contact = np.zeros(n, dtype=bool)
    if recorded.dated_at_contact is not None:
        at_contact = recorded.dated_at_contact & np.isin(decided, tuple(recorded.fatal)) & known
    return Derived(outcome, by_cutoff & known, completed, at_contact, ~np.isfinite(day), entered_late)


def _entries(recorded, day, days_in_unit):
    """Times of entry, and who enters on the last day or after it; who enters by the start is observed from before it on."""
    if recorded.entry is None:
        return None, np.zeros(len(day), dtype=bool)
    late = recorded.entry > recorded.start
    gone = late & np.isfinite(day) & (recorded.entry >= day)
    return np.where(late & ~gone, recorded.entry - recorded.start, -1.0) / days_in_unit, gone


def _first(dates, n):
    """The earliest of some dates (inf where there is none) and which it is, from 1; of equal ones the first listed."""
    if not dates:
        return np.full(n, np.inf), np.zeros(n, dtype=int)
    stacked = np.vstack([np.where(np.isnan(one), np.inf, one) for one in dates])
    earliest = stacked.min(axis=0)
    return earliest, np.where(np.isfinite(earliest), stacked.argmin(axis=0) + 1, 0)


def _censoring(recorded, rules, kinds):
    """Day, reason (place in `CENSORINGS`) and deciding date of the censoring that holds where no event is."""
    n = len(recorded.start)
    others = [days for kind, days in recorded.events.items() if kind in recorded.fatal and kind not in kinds]
    death, other = _first(others, n)
    dead = other > 0
    if recorded.contact is None:
        end = np.full(n, np.inf if recorded.cutoff is not None else np.nan)
    else:
        end = recorded.contact
    end, reason = np.where(dead, death, end), np.where(dead, CENSORINGS.index(AT_DEATH), CENSORINGS.index(AT_CONTACT))
    source = np.where(dead, "death", "contact")
    if rules.by_assessment:
        seen = np.isfinite(recorded.assessment)
        start = ~seen & (rules.never_assessed == "start")
        end = np.where(seen, recorded.assessment, np.where(start, recorded.start, end))
        reason = np.where(seen, CENSORINGS.index(AT_ASSESSMENT), np.where(start, CENSORINGS.index(AT_START), reason))
        source = np.where(seen, "assessment", np.where(start, "start", source))
    if recorded.unknown is not None:
        # Whether the last contact was a death is not known of them; an assessment was survived in any case.
        end = np.where(recorded.unknown & (source == "contact"), np.nan, end)
    return end, reason, source


def _last_assessment(recorded, day):
    """The last assessment before a day; the start where there was none, the day itself where that is not known."""
    if not recorded.assessments:
        # Where only the last assessment is known, one on or after the day says nothing of those before it.
        return np.where(np.isnan(recorded.assessment), recorded.start, np.minimum(recorded.assessment, day))
    seen = [recorded.start, *(np.where(dates < day, dates, -np.inf) for dates in recorded.assessments)]
    return np.max(np.vstack(seen), axis=0)


def _deciding(outcome, kinds, source):
    """Name of the date that ends each patient's observation, as `Recorded.completed` names it."""
    named = np.array([*kinds, ""], dtype=object)
    by_reason = {AT_CUTOFF: "", AT_THERAPY: "therapy", AFTER_GAP: "assessment"}
    ended = [
        by_reason.get(CENSORINGS[-cause], from_date)
        for cause, from_date in zip(np.minimum(outcome.cause, 0), source, strict=True)
    ]
    return np.where(outcome.cause > 0, named[np.maximum(outcome.cause, 1) - 1], np.array(ended, dtype=object))


def _any_of(completed, decided, n):
    """Whose start, or whose deciding date, was completed by rule."""
    found = completed.get("start", np.zeros(n, dtype=bool)).copy()
    for name, whose in completed.items():
        same = {name, "therapy"} if name == NEW_THERAPY else {name}
        found |= whose & np.isin(decided, tuple(same))
    return found

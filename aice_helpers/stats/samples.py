"""Which patients a time-to-event result is computed from: everyone, or the levels of a grouping."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from aice_helpers.core.reasons import Reason
from aice_helpers.data.outcome import Outcome
from aice_helpers.stats.kaplan_meier import kaplan_meier

NO_ENDPOINTS = Reason("not_declared", what="endpoints")


def no_groups(cohort):
    """Why nothing is compared: no endpoint, no planned grouping, or none that is known at time zero."""
    if not cohort.study.endpoints:
        return NO_ENDPOINTS
    return Reason("known_later") if cohort.study.analysis.groups else Reason("not_planned", what="groups")


def plan_groups(cohort):
    """Names of the plan's groups that may be compared from time zero (outcomes and what is known only later may not)."""
    return tuple(name for name in cohort.study.analysis.groups if not cohort.study.known_later(name))


@dataclass(frozen=True)
class _Stratum:
    """Patients of one level of a grouping."""

    level: str
    reasons: tuple[Reason, ...]
    outcome: Outcome

    @property
    def time(self):
        return self.outcome.time

    @property
    def event(self):
        return self.outcome.event

    @property
    def entry(self):
        return self.outcome.entry

    @property
    def curve(self):
        return kaplan_meier(self.time, self.event, entry=self.entry)

    @property
    def reversed_curve(self):
        """The curve whose event is the end of observation; like the event, a competing one hides how long it would have been."""
        return kaplan_meier(self.time, self.outcome.cause <= 0, entry=self.entry)


def outcome_reasons(cohort, endpoint):
    """How many patients an endpoint leaves out, as reasons: time or state not known, or ended by the day of entry."""
    derived = {} if cohort.derivation is None else cohort.derivation.endpoints
    never = int(derived[endpoint].entered_late.sum()) if endpoint in derived else 0
    return left_out(int((~cohort.outcome(endpoint).known).sum()) - never, never)


def left_out(missing, never):
    """Reasons for the patients without a time or state and for those who were never at risk."""
    counts = {"outcome_missing": missing, "never_at_risk": never}
    return tuple(Reason(code, count=count) for code, count in counts.items() if count)


def whole_curve(cohort, endpoint):
    """The curve of everyone."""
    outcome = cohort.followed(endpoint).outcome(endpoint)
    return kaplan_meier(outcome.time, outcome.event, entry=outcome.entry)


def strata_of(cohort, endpoint, group):
    """Samples of one endpoint by level of ``group``, in display order, without empty levels."""
    left_out, cohort = outcome_reasons(cohort, endpoint), cohort.followed(endpoint)
    outcome = cohort.outcome(endpoint)
    if not group:
        return [_Stratum("", left_out, outcome)] if cohort.n else []
    if cohort.study.known_later(group):
        raise ValueError(
            f"{group!r} is known only after time zero, so its groups cannot be compared from time zero on; "
            "use a landmark analysis"
        )
    if group not in cohort.study.variables or group not in cohort.patients:
        raise ValueError(f"{group!r} is no variable of the patient table")
    values = cohort.groups(group)
    if not isinstance(values.dtype, pd.CategoricalDtype):
        raise ValueError(f"{group!r} forms no groups: it is no category and the analysis plan gives no cut-points")
    codes = values.cat.codes.to_numpy()
    missing = int((codes < 0).sum())
    reasons = (Reason("missing_left_out", count=missing, variable=group),) if missing else ()
    reasons += left_out
    return [
        _Stratum(str(level), reasons, outcome.take(codes == code))
        for code, level in enumerate(values.cat.categories)
        if (codes == code).any()
    ]


def reference_of(cohort, group, levels):
    """The level that others are compared against: the declared reference, or the first, among those that hold patients."""
    return next(
        str(level) for level in cohort.groups(group, reference_first=True).cat.categories if str(level) in levels
    )


def plan_strata(cohort) -> pd.Series:
    """Number of the plan's stratum that each patient is in, by patient id; missing for one without all the values.

    A plan that names no strata has one, with everyone.
    """
    codes = np.zeros((cohort.n, 1 + len(cohort.study.analysis.strata)))
    for place, name in enumerate(cohort.study.analysis.strata):
        codes[:, place] = cohort.groups(name).cat.codes
    number = np.unique(codes, axis=0, return_inverse=True)[1].reshape(-1)
    return pd.Series(number, cohort.index, dtype=float).where((codes >= 0).all(axis=1))


def samples_of(cohort, group):
    return [
        (endpoint, stratum) for endpoint in cohort.study.endpoints for stratum in strata_of(cohort, endpoint, group)
    ]


def no_patients_reason(cohort, group):
    if not cohort.study.endpoints:
        return NO_ENDPOINTS
    if not group or not cohort.n:
        return Reason("no_patients")
    return Reason("nobody_has_value", variable=group)

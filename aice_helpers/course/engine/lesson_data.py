"""What a lesson works on: a cohort, and which of its endpoints, groups and measurements can carry the lesson."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from aice_helpers.course.engine.moments import round_times
from aice_helpers.data.cohort import Cohort
from aice_helpers.stats import partial_likelihood, samples, survival

EVENTS = 10
"""Fewest events of an endpoint for a lesson on it."""

CENSORED = 3
"""Fewest censored times of an endpoint for a lesson on it."""

GROUP_EVENTS = 5
"""Fewest events in each of two groups that a lesson compares."""

PERIOD_EVENTS = 2
"""Fewest events of each group in each of two periods of follow-up."""

MOST = 5000
"""Most patients of a cohort on which a lesson counts by hand."""

EVENT_TIMES = 5
"""Fewest distinct event times of an endpoint for a lesson on it."""

DISTINCT = 10
"""Fewest distinct values of a measurement in which a lesson looks for a cut-point."""

SEARCHED = 0.1
"""A search for a cut-point goes from this share of the patients to one minus it."""

CUTS = 5
"""Fewest candidate cut-points of a measurement."""


@dataclass(frozen=True, eq=False)
class LessonData:
    """The data of a lesson. Equal only to itself, so that `functools` can keep what was computed from it.

    Attributes
    ----------
    cohort : Cohort
    endpoint : str
        Name of the endpoint; "" when no endpoint of the cohort fits.
    factor : str
        Name of a variable that is known at time zero and forms two groups (`Cohort.groups`); "" when none does.
    measure : str
        Name of a numeric variable that is known at time zero; "" when none fits.
    landmark : float
        Landmark (study unit) for the comparison of responders with the others; missing (nan) when none fits.
    """

    cohort: Cohort
    endpoint: str
    factor: str
    measure: str
    landmark: float

    @cached_property
    def followed(self) -> Cohort:
        """The patients who take part in the endpoint; what follows has one place for each of them."""
        return self.cohort.followed(self.endpoint)

    @cached_property
    def time(self) -> np.ndarray:
        """Times of the endpoint, one a patient, in the study's unit."""
        return self.followed.outcome(self.endpoint).time.copy()

    @cached_property
    def event(self) -> np.ndarray:
        """Whether each patient's event was seen (bool)."""
        return self.followed.outcome(self.endpoint).event

    @property
    def unit(self) -> str:
        """The study's unit of time, plural."""
        return self.cohort.study.time_unit

    @property
    def label(self) -> str:
        """The endpoint in words."""
        return self.cohort.study.endpoints[self.endpoint].label

    @property
    def conf_level(self) -> float:
        """The confidence level of the analysis plan."""
        return self.cohort.study.analysis.confidence_level

    @cached_property
    def group(self) -> pd.Series:
        """The factor's group of each patient (`Categorical` of two levels, the reference first; missing where not known)."""
        return self.followed.groups(self.factor, reference_first=True).cat.remove_unused_categories()

    @property
    def levels(self) -> tuple[str, str]:
        """Labels of the factor's two groups; the first is the reference, as in the book's models."""
        return tuple(str(level) for level in self.group.cat.categories)

    @cached_property
    def split(self) -> float:
        """A moment with events of both groups before and after it, the best balanced one; missing (nan) when none has.

        An event counts while the other group is still at risk, for only then does it say anything of a hazard ratio.
        Round times and those of the plan come first, event times where these do not do.
        """
        known = self.group.notna().to_numpy()
        first, second = ((self.group == level).to_numpy(bool) for level in self.group.cat.categories)
        until = np.where(first, self.time[second].max(), self.time[first].max())
        counts = known & self.event & (self.time <= until)
        groups = [np.sort(self.time[counts & inside]) for inside in (first, second)]
        last = max(times.max(initial=0.0) for times in groups)
        rounded = [*self.cohort.study.analysis.rate_times, *round_times(last)]
        for candidates in (rounded, np.concatenate(groups)):
            fewest = [min(min((t <= cut).sum(), (t > cut).sum()) for t in groups) for cut in candidates]
            if max(fewest, default=0) >= PERIOD_EVENTS:
                return float(candidates[int(np.argmax(fewest))])
        return np.nan

    @cached_property
    def measured(self) -> pd.Series:
        """The measurement of each patient (float)."""
        return self.followed.column(self.measure).astype(float)


def lesson_data(cohort) -> LessonData:
    """Choose what a cohort offers to the lessons, always in the same way.

    Of the endpoints that fit, one with a median where there is one, and of these the one with most censored times, for
    there is most to learn from it; of groups, measurements and landmarks the first in the plan's order.
    """
    fitting = [name for name in cohort.study.endpoints if _carries(cohort, name)]
    if not fitting:
        return LessonData(cohort, "", "", "", np.nan)
    endpoint = max(fitting, key=lambda name: (_has_median(cohort, name), (~cohort.survival(name)["event"]).sum()))
    followed = cohort.followed(endpoint)
    return LessonData(
        cohort, endpoint, _factor(followed, endpoint), _measure(followed, endpoint), _landmark(followed, endpoint)
    )


def offers(data) -> set[str]:
    """Names of what such data have: response, endpoint, median, factor, measure, landmark, periods (`LessonData.split`)."""
    study, found = data.cohort.study, set()
    if study.response is not None and 0 < data.cohort.responder.sum() < data.cohort.n and data.cohort.n >= 10:
        found.add("response")
    found |= {name for name in ("endpoint", "factor", "measure") if getattr(data, name)}
    if data.endpoint and _has_median(data.cohort, data.endpoint):
        found.add("median")
    if not np.isnan(data.landmark):
        found.add("landmark")
    if data.factor and not np.isnan(data.split):
        found.add("periods")
    return found


def candidate_cuts(values) -> np.ndarray:
    """Values at which a measurement can be cut into "at most" and "more than": the distinct ones in the middle 80%.

    >>> candidate_cuts([2, 4, 5, 7, 8, 10, 12, 16]).tolist()
    [4.0, 5.0, 7.0, 8.0, 10.0, 12.0]
    """
    values = np.asarray(values, float)
    low, high = np.quantile(values, [SEARCHED, 1 - SEARCHED])
    distinct = np.unique(values)[:-1]
    return distinct[(distinct >= low) & (distinct <= high)]


def _carries(cohort, endpoint):
    """Enough events, censored times and distinct event times, no time zero, and everyone observed from time zero on."""
    if cohort.outcome(endpoint).entry is not None or cohort.n > MOST:
        return False
    outcome = cohort.survival(endpoint)
    if outcome["event"].sum() < EVENTS or (~outcome["event"]).sum() < CENSORED or outcome["time"].min() <= 0:
        return False
    return outcome.loc[outcome["event"], "time"].nunique() >= EVENT_TIMES


def _has_median(cohort, endpoint):
    """Whether the median is reached with both limits by every convention."""
    summary = survival.survival_summary(cohort)
    medians = summary[(summary["endpoint"] == endpoint) & (summary["term"] == "median")]
    return bool(medians[["estimate", "conf_low", "conf_high"]].notna().all(axis=None))


def known_at_start(cohort) -> list[str]:
    """Names of the variables that are known at time zero."""
    return [name for name, variable in cohort.study.variables.items() if variable.role == "baseline"]


def _factor(cohort, endpoint):
    outcome = cohort.survival(endpoint)
    event = outcome["event"].to_numpy()
    for name in dict.fromkeys([*samples.plan_groups(cohort), *known_at_start(cohort)]):
        groups = cohort.groups(name)
        if not isinstance(groups.dtype, pd.CategoricalDtype):
            continue
        counts = pd.Series(event).groupby(groups.to_numpy(), observed=True).agg(["sum", "count"])
        if len(counts) != 2 or (counts["sum"] < GROUP_EVENTS).any() or (counts["count"] - counts["sum"] < 1).any():
            continue
        known = groups.notna().to_numpy()
        second = (groups == counts.index[1]).to_numpy(dtype=float)
        # One group may have all its events before the other's first; then no finite hazard ratio exists.
        if partial_likelihood.fit(outcome["time"][known], event[known], second[known]).estimable[0]:
            return name
    return ""


def _measure(cohort, endpoint):
    planned = [name for name in cohort.study.analysis.cut_points if name in known_at_start(cohort)]
    for name in dict.fromkeys([*planned, *known_at_start(cohort)]):
        values = cohort.column(name)
        if values.dtype != float or values.isna().any():
            continue
        if len(candidate_cuts(values)) < CUTS:
            continue
        if values.nunique() >= DISTINCT and cohort.survival(endpoint)["event"].sum() >= 2 * EVENTS:
            return name
    return ""


def _landmark(cohort, endpoint):
    response = cohort.study.response
    month = None if response is None or not response.month else cohort.patients.get(response.month)
    if month is None or month.dtype != float or month[cohort.responder].isna().any():
        return np.nan
    outcome = cohort.survival(endpoint)
    for landmark in cohort.study.analysis.response_landmarks:
        stays = outcome["time"] > landmark
        early = cohort.responder & (month <= landmark)
        groups = [outcome.loc[stays & early, "event"], outcome.loc[stays & ~early, "event"]]
        if (~stays).any() and all(group.sum() >= GROUP_EVENTS for group in groups):
            return float(landmark)
    return np.nan

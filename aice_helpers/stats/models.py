"""Cox models of a cohort: the terms of the plan, their coding, and the fit."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from aice_helpers.core.reasons import Reason
from aice_helpers.stats import partial_likelihood
from aice_helpers.stats.concordance import ALL_PAIRS
from aice_helpers.stats.samples import NO_ENDPOINTS, outcome_reasons

NO_FACTORS = Reason("not_planned", what="factors")


def no_models(cohort, reason=NO_FACTORS):
    """Why there is no model: nothing that it could explain, or nothing planned."""
    return reason if cohort.study.endpoints else NO_ENDPOINTS


@dataclass(frozen=True)
class _Term:
    """One factor of a model. ``columns`` maps a level (or "" for a number) to its column in the design matrix."""

    name: str
    covariate: pd.Series
    levels: tuple[str, ...]
    reference: str
    columns: dict[str, int]
    problem: Reason | None

    @property
    def numeric(self) -> bool:
        return not isinstance(self.covariate.dtype, pd.CategoricalDtype)


@dataclass(frozen=True)
class _Model:
    """The complete cases of some factors and one endpoint.

    ``excluded`` counts the patients left out of those who take part in the endpoint; ``reasons`` say what is so of the
    endpoint itself.
    """

    endpoint: str
    terms: tuple[_Term, ...]
    time: np.ndarray
    event: np.ndarray
    entry: np.ndarray | None
    design: np.ndarray
    excluded: int
    reasons: tuple[Reason, ...] = ()
    strata: np.ndarray | None = None

    @property
    def n(self) -> int:
        return len(self.time)

    @property
    def events(self) -> int:
        return int(self.event.sum())

    @cached_property
    def fitted(self) -> partial_likelihood.CoxFit:
        return partial_likelihood.fit(self.time, self.event, self.design, entry=self.entry, strata=self.strata)

    @cached_property
    def pairs(self):
        """Patients with an event, and for each whom they can be compared with; None where these would be too many."""
        if self.n > ALL_PAIRS:
            return None
        time = partial_likelihood.tied_times(self.time)
        died = np.flatnonzero(self.event)
        first = time[died, None]
        return died, ((time > first) | ((time == first) & ~self.event)).astype(float)

    @cached_property
    def problem(self) -> Reason | None:
        """Why nothing of the model can be estimated, or None."""
        if self.n == 0:
            return not_estimable_reason("no_complete_patient")
        if self.events == 0:
            return not_estimable_reason("no_events")
        if self.fitted.df > self.events:
            return Reason("too_many_coefficients", coefficients=self.fitted.df, events=self.events)
        return None

    def count(self, term, level):
        """Patients and events in one level."""
        inside = (term.covariate == level).to_numpy(dtype=bool)
        return int(inside.sum()), int(self.event[inside].sum())

    def without(self, term):
        """Fit to the same patients without one factor."""
        keep = [column for column in range(self.design.shape[1]) if column not in term.columns.values()]
        design = self.design[:, keep]
        return partial_likelihood.fit(self.time, self.event, design, entry=self.entry, strata=self.strata)

    def why_missing(self, term, level=""):
        """Why a coefficient has no estimate, or None when it has one."""
        if term.problem and (term.numeric or level not in term.columns):
            return self.level_problem(term, level)
        if self.problem:
            return self.problem
        if level not in term.columns:
            return self.level_problem(term, level)
        column = term.columns[level]
        if self.fitted.estimable[column]:
            return None
        if not term.numeric and self.count(term, level)[1] == 0:
            return not_estimable_reason("no_event_in_level")
        if not term.numeric and self.count(term, term.reference)[1] == 0:
            return not_estimable_reason("no_event_in_reference")
        if self.fitted.separated[column]:
            return not_estimable_reason("separated")
        return self.no_variation if self.fitted.aliased[column] else not_estimable_reason("no_solution")

    @property
    def no_variation(self):
        """Why a coefficient is not determined; beside other factors these may determine it."""
        return not_estimable_reason("determined_or_no_variation" if len(self.terms) > 1 else "no_variation")

    def level_problem(self, term, level):
        if not term.numeric and not term.problem:
            return not_estimable_reason("no_patient_in_level")
        return term.problem


def model_of(cohort, endpoint, names, *, values=None, eligible=None, strata=None):
    """The model of some factors.

    ``values`` replaces covariates by name, ``eligible`` marks the patients considered, ``strata`` numbers the stratum within
    which each is compared (missing: in none, left out), all for the patients that take part in the endpoint
    (`Cohort.followed`).
    """
    reasons, cohort = outcome_reasons(cohort, endpoint), cohort.followed(endpoint)
    outcome = cohort.outcome(endpoint)
    columns = {name: cohort.covariate(name) for name in names} | (values or {})
    keep = np.ones(cohort.n, dtype=bool) if eligible is None else eligible.copy()
    if strata is not None:
        keep &= strata.notna().to_numpy()
    known = {name: columns[name].notna().to_numpy() for name in names}
    unknown = {name for name in names if not known[name][keep].any()}
    for name in names:
        # A factor nobody has a value for would leave no complete case, so it does not count for completeness.
        if name not in unknown:
            keep &= known[name]
    terms, design = [], []
    for name in names:
        term, matrix = _term(name, columns[name][keep], sum(part.shape[1] for part in design), name in unknown)
        terms.append(term)
        design.append(matrix)
    return _Model(
        endpoint=endpoint,
        terms=tuple(terms),
        time=outcome.time[keep],
        event=outcome.event[keep],
        entry=None if outcome.entry is None else outcome.entry[keep],
        design=np.hstack(design),
        excluded=cohort.n - int(keep.sum()),
        reasons=reasons,
        strata=None if strata is None else strata.to_numpy()[keep],
    )


def _term(name, values, first, unknown):
    """One factor and its part of the design matrix, whose columns are numbered from ``first``."""
    nothing = np.zeros((len(values), 0))
    problem = not_estimable_reason("no_value") if unknown or len(values) == 0 else None
    if not isinstance(values.dtype, pd.CategoricalDtype):
        numbers = values.to_numpy(dtype=float)
        if not problem and np.ptp(numbers) == 0:
            problem = not_estimable_reason("one_value")
        if problem:
            return _Term(name, values, (), "", {}, problem), nothing
        return _Term(name, values, (), "", {"": first}, None), numbers[:, None]
    levels = tuple(values.cat.categories)
    present = [level for level in levels if (values == level).any()]
    reference = present[0] if present else levels[0]
    if not problem and len(present) == 1:
        problem = not_estimable_reason("one_level")
    others = [] if problem else present[1:]
    matrix = np.column_stack([(values == level).to_numpy(dtype=float) for level in others]) if others else nothing
    columns = {level: first + place for place, level in enumerate(others)}
    return _Term(name, values, levels, reference, columns, problem), matrix


def chi_square(test, *why):
    if not np.isfinite(test.statistic) or test.df == 0:
        return {"reasons": why}
    return {"statistic": test.statistic, "df": test.df, "p_value": test.p_value}


def not_estimable_reason(cause):
    return Reason("not_estimable", cause=cause)

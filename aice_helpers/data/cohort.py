"""The validated cohort: one row a patient, typed, with its outcomes."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, replace

import pandas as pd

from aice_helpers.core.problems import Problem
from aice_helpers.data.dates.outcomes import Derivation
from aice_helpers.data.outcome import Outcome
from aice_helpers.study.model import RESPONSE_TERM, Study

RESPONSE_LEVELS = ("No response", "Response")


class _Copied:
    """A field that is copied on its way in and out, so that nothing outside changes what the cohort holds."""

    def __set_name__(self, owner, name):
        self._place = f"_{name}"

    def __get__(self, instance, owner=None):
        if instance is None:
            raise AttributeError(self._place)  # to a dataclass: the field has no default
        value = instance.__dict__[self._place]
        return None if value is None else value.copy()

    def __set__(self, instance, value):
        instance.__dict__[self._place] = None if value is None else value.copy()


@dataclass(frozen=True)
class Cohort:
    """One study's data, checked against its study file. Nothing changes it after loading: what it hands out are copies.

    Attributes
    ----------
    study : Study
    patients : DataFrame
        One row a patient, indexed by patient id (text). One column a declared variable, under its name in the study
        file: numbers as float, categories as ordered `Categorical` of labels, text as text.
    adverse_events : DataFrame or None
        One row an event: ``patient`` (id), ``term`` (label) and ``grade`` (ordered `Categorical` of labels).
    outcomes : dict of Outcome
        Name of an endpoint -> its times and causes, in the order of ``patients``.
    remarks : tuple of Problem
        What the loader noticed and went on with; `tables.remarks` shows them without rows and cell contents.
    fingerprint : str
        SHA-256 of the data files.
    derivation : Derivation or None
        How the endpoints follow from dates, where they do; it holds no date.
    """

    study: Study
    patients: pd.DataFrame = _Copied()
    adverse_events: pd.DataFrame | None = _Copied()
    outcomes: dict[str, Outcome] = _Copied()
    remarks: tuple[Problem, ...]
    fingerprint: str
    derivation: Derivation | None = None

    @property
    def n(self) -> int:
        """Number of patients."""
        return len(self._patients)

    @property
    def index(self) -> pd.Index:
        """Ids of the patients."""
        return self._patients.index

    def column(self, name) -> pd.Series:
        """One column of ``patients``."""
        return self._patients[name].copy()

    def outcome(self, endpoint) -> Outcome:
        """Times and causes of one endpoint, in the order of ``patients``."""
        return self._outcomes[endpoint]

    def followed(self, endpoint) -> Cohort:
        """The patients who take part in one endpoint: those of whom its time and its state are known.

        Whatever is computed of an endpoint is computed from them, and `n` of them is what its tables call n.
        """
        known = self.outcome(endpoint).known
        if known.all():
            return self
        outcomes = {name: outcome.take(known) for name, outcome in self._outcomes.items()}
        return replace(self, patients=self._patients[known], outcomes=outcomes, derivation=None)

    def survival(self, endpoint) -> pd.DataFrame:
        """Columns ``time`` (float, study unit) and ``event`` (bool) of those `followed` for an endpoint, by patient id."""
        outcome = self.outcome(endpoint)
        frame = pd.DataFrame({"time": outcome.time.copy(), "event": outcome.event}, index=self.index)
        return frame[outcome.known]

    @property
    def evaluable(self) -> pd.Series:
        """Whether each patient's best response could be assessed (bool)."""
        response = self.study.response
        values = self._patients[response.variable]
        return values.notna() & ~values.isin(response.not_evaluable)

    @property
    def responder(self) -> pd.Series:
        """Whether each patient's best response is an objective response (bool; not evaluable counts as no)."""
        return self._patients[self.study.response.variable].isin(self.study.response.responders)

    @property
    def controlled(self) -> pd.Series:
        """Whether each patient's best response is disease control (bool; not evaluable counts as no)."""
        return self._patients[self.study.response.variable].isin(self.study.response.controlled)

    def covariate(self, name) -> pd.Series:
        """One covariate: float, or ordered `Categorical` with the reference level first. Missing values are missing."""
        if name == RESPONSE_TERM:
            return pd.Series(
                pd.Categorical.from_codes(self.responder.astype(int), RESPONSE_LEVELS, ordered=True),
                index=self.index,
            )
        values, variable = self._patients[name], self.study.variables[name]
        if variable.reference and isinstance(values.dtype, pd.CategoricalDtype):
            levels = [variable.reference, *(level for level in values.cat.categories if level != variable.reference)]
            return values.cat.reorder_categories(levels, ordered=True)
        return values.copy()

    def groups(self, name, *, reference_first=False) -> pd.Series:
        """One covariate as groups: its levels, or a numeric variable split at the plan's cut-points.

        Levels stand in display order, or with the reference before all others where one group is compared against
        another. Groups made by cut-points have no reference; the lowest stands first.
        """
        cut = self.study.analysis.cut_points.get(name)
        if cut is None:
            return self.covariate(name) if reference_first or name == RESPONSE_TERM else self.column(name)
        values, unit = self._patients[name], self.study.variables[name].unit
        limits = [-math.inf, *cut.at, math.inf]
        return pd.cut(values, limits, labels=cut.labels or _interval_labels(cut.at, unit), right=True)


def _interval_labels(limits, unit):
    written = [f"{limit:.12g}" for limit in limits]
    middle = [f"> {low} to {high} {unit}".strip() for low, high in itertools.pairwise(written)]
    return [f"≤ {written[0]} {unit}".strip(), *middle, f"> {written[-1]} {unit}".strip()]

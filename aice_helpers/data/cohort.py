"""The validated cohort: one row a patient, typed, with its outcomes."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from aice_helpers.core.problems import Problem
from aice_helpers.study.model import RESPONSE_TERM, Study

RESPONSE_LEVELS = ("No response", "Response")


@dataclass(frozen=True)
class Cohort:
    """One study's data, checked against its study file. Nothing changes it after loading.

    Attributes
    ----------
    study : Study
    patients : DataFrame
        One row a patient, indexed by patient id (text). One column a declared variable, under its name in the study
        file: numbers as float, categories as ordered `Categorical` of labels, text as text.
    adverse_events : DataFrame or None
        One row an event: ``patient`` (id), ``term`` (label) and ``grade`` (ordered `Categorical` of labels).
    remarks : tuple of Problem
        What the loader noticed and went on with; `tables.remarks` shows them without rows and cell contents.
    fingerprint : str
        SHA-256 of the data files.
    """

    study: Study
    patients: pd.DataFrame
    adverse_events: pd.DataFrame | None
    outcomes: dict[str, pd.DataFrame]
    remarks: tuple[Problem, ...]
    fingerprint: str

    @property
    def n(self) -> int:
        """Number of patients."""
        return len(self.patients)

    def survival(self, endpoint) -> pd.DataFrame:
        """Columns ``time`` (float, study unit) and ``event`` (bool) of one endpoint, indexed by patient id."""
        return self.outcomes[endpoint]

    @cached_property
    def evaluable(self) -> pd.Series:
        """Whether each patient's best response could be assessed (bool)."""
        response = self.study.response
        values = self.patients[response.variable]
        return values.notna() & ~values.isin(response.not_evaluable)

    @cached_property
    def responder(self) -> pd.Series:
        """Whether each patient's best response is an objective response (bool; not evaluable counts as no)."""
        return self.patients[self.study.response.variable].isin(self.study.response.responders)

    @cached_property
    def controlled(self) -> pd.Series:
        """Whether each patient's best response is disease control (bool; not evaluable counts as no)."""
        return self.patients[self.study.response.variable].isin(self.study.response.controlled)

    def covariate(self, name) -> pd.Series:
        """One covariate: float, or ordered `Categorical` with the reference level first. Missing values are missing."""
        if name == RESPONSE_TERM:
            return pd.Series(
                pd.Categorical.from_codes(self.responder.astype(int), RESPONSE_LEVELS, ordered=True),
                index=self.patients.index,
            )
        values, variable = self.patients[name], self.study.variables[name]
        if variable.reference and isinstance(values.dtype, pd.CategoricalDtype):
            levels = [variable.reference, *(level for level in values.cat.categories if level != variable.reference)]
            return values.cat.reorder_categories(levels, ordered=True)
        return values

    def groups(self, name) -> pd.Series:
        """One covariate as groups: its levels in display order, or a numeric variable split at the plan's cut-points."""
        cut = self.study.analysis.cut_points.get(name)
        if cut is None:
            return self.patients[name] if name != RESPONSE_TERM else self.covariate(name)
        values, unit = self.patients[name], self.study.variables[name].unit
        limits = [-math.inf, *cut.at, math.inf]
        return pd.cut(values, limits, labels=cut.labels or _interval_labels(cut.at, unit), right=True)


def _interval_labels(limits, unit):
    written = [f"{limit:.12g}" for limit in limits]
    middle = [f"> {low} to {high} {unit}".strip() for low, high in itertools.pairwise(written)]
    return [f"≤ {written[0]} {unit}".strip(), *middle, f"> {written[-1]} {unit}".strip()]

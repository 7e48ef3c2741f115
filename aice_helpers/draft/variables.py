"""The columns that are no part of an endpoint: what each becomes in the study file, and why it is no factor."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace

import numpy as np

from aice_helpers.data import suspicion
from aice_helpers.data.quality import CORRELATED
from aice_helpers.draft import headers, roles
from aice_helpers.draft.headers import Column
from aice_helpers.draft.measures import measure
from aice_helpers.study.model import RESERVED_NAMES, UNANSWERED

MOST_FACTOR_LEVELS = 6
"""Levels beyond which a category is not drafted as a factor."""


@dataclass(frozen=True)
class DraftedVariable:
    """A column's place in the study file.

    ``known`` is "?" where only the user can say when it is known; ``why_not`` says why it is no factor ("" if it may
    be one), ``excluded`` why it stays out altogether. ``response`` is its scheme where it holds the best response.
    """

    name: str
    column: Column
    type: str
    role: str
    label: str = ""
    levels: roles.Levels | None = None
    excluded: str = ""
    known: str = ""
    why_not: str = ""
    scheme: str = ""
    response: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def coefficients(self):
        """Coefficients that it takes in a model."""
        return len(self.levels.labels) - 1 if self.levels else 1

    @property
    def is_factor(self):
        """Whether it may be drafted as a factor."""
        return self.role == "baseline" and not self.why_not and self.type != "text"


def drafted_variables(columns, ids, endpoints, spare, factors):
    """The `DraftedVariable` of every column that is no part of an endpoint.

    Parameters
    ----------
    columns : list of Column
    ids : Column or None
        The patients' id.
    endpoints : list of DraftedEndpoint
    spare : list of (str, Column)
        Parts of endpoints without a partner.
    factors : collection of str
        Headers that the user names as known at time zero.
    """
    taken, result = {*(one.name for one in endpoints), *RESERVED_NAMES}, []
    parts = {column.header: part for part, column in spare}
    labels = _labels(columns)
    for column in columns:
        name = headers.variable_name(column.header)
        if name in taken:
            name = next(new for new in (f"{name}_{n}" for n in range(1, len(columns) + 3)) if new not in taken)
        taken.add(name)
        if column is ids:
            result.append(DraftedVariable(name, column, "text", "id", "Patient"))
            continue
        variable = _variable(name, column, labels[column.header], column.header in factors, parts.get(column.header))
        result.append(_without_likeness(variable, endpoints) if column.header not in factors else variable)
    return _without_repeats(result)


def _without_repeats(variables):
    """The variables; of two factors of which one follows from the other only the first stays a factor."""
    result = []
    for variable in variables:
        if variable.is_factor and variable.levels is None:
            double = next((v for v in result if v.is_factor and v.levels is None and _say_the_same(v, variable)), None)
            if double is not None:
                variable = replace(variable, why_not=f"says the same as {double.column.header!r}")
        result.append(variable)
    return result


def _say_the_same(one, other):
    both = [(a, b) for a, b in zip(one.column.numbers, other.column.numbers, strict=True) if None not in (a, b)]
    first, second = np.array(both, dtype=float).reshape(-1, 2).T
    if len(both) < suspicion.ENOUGH or (first == first[0]).all() or (second == second[0]).all():
        return False
    return bool(abs(np.corrcoef(first, second)[0, 1]) > CORRELATED)


def _labels(columns):
    """Header -> label; where two headers give one label, the unit or the header itself tells them apart."""
    labels = {column.header: headers.label(column.title or column.header) for column in columns}

    def shared():
        counts = Counter(label.casefold() for label in labels.values())
        return [header for header, label in labels.items() if counts[label.casefold()] > 1]

    for header in shared():
        unit = headers.unit(header)
        if unit:
            labels[header] += f" ({unit})"
    for header in shared():
        labels[header] = header
    return labels


def _variable(name, column, label, is_named, part):
    type_ = roles.variable_type(column)
    scheme, levels, groups = roles.response_levels(column)
    type_ = "category" if scheme else type_
    why = roles.why_excluded(column, type_) or ("" if column.present else "is empty")
    if why:
        return DraftedVariable(name, column, "text", "excluded", label, excluded=why, why_not=why)
    if scheme:
        levels = roles.Levels(levels, "response categories")
        why = "the best response is known only later"
        return DraftedVariable(
            name, column, type_, "outcome", label, levels, why_not=why, scheme=scheme, response=groups
        )
    levels = roles.category_levels(column) if type_ == "category" else None
    role, known, why = _role(column, is_named, part)
    if not why and levels and len(levels.labels) > MOST_FACTOR_LEVELS:
        why = f"has {len(levels.labels)} levels; more than {MOST_FACTOR_LEVELS} are not drafted as a factor"
    elif not why and len(column.levels) < 2:
        why = "has one value only"
    return DraftedVariable(name, column, type_, role, label, levels, known=known, why_not=why)


def _role(column, is_named, part):
    """Role, what is said of when it is known, and why it is no factor."""
    if is_named:
        return "baseline", "", ""
    if part:
        return "outcome", "", f"looks like the {part} of an endpoint"
    if measure(column.header) or (column.title and measure(column.title)):
        return "baseline", "", ""
    role = roles.role(column)
    if role != "baseline":
        return role, "", "is known only later, by its name"
    return "baseline", UNANSWERED, "when it is known is not clear from its name"


def _without_likeness(variable, endpoints):
    """The variable, as no factor if it follows an outcome more closely than a baseline measure can."""
    if not variable.is_factor:
        return variable
    values = np.array([np.nan if number is None else number for number in variable.column.numbers])
    is_number = variable.levels is None
    if not is_number:
        places = {level: place for place, level in enumerate(variable.column.levels)}
        values = np.array([places.get(cell, np.nan) for cell in variable.column.cells], dtype=float)
    for one in endpoints:
        time = np.array([np.nan if number is None else number for number in one.time.numbers])
        if is_number and suspicion.never_exceeds(values, time):
            why = f"never exceeds {one.time.header!r}, as a follow-up time would"
        elif suspicion.rate_ratio(values, time, one.events) > suspicion.STRONGEST_RATIO:
            why = f"follows {one.name} more closely than a measure at time zero would"
        else:
            continue
        return replace(variable, known=UNANSWERED, why_not=why)
    return variable

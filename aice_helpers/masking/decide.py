"""What a book that leaves the clinic must not tell: counts of fewer than K patients, and numbers that give them away.

A `Mask` decides from the cohort alone which counts may be published, so that all tables, figures and sentences agree;
`masked` applies it to what a result-table function returns. A count is published only if neither it, nor what is left
of its total, nor its difference from another published count that contains it, lies between 1 and K - 1.

References
----------
Hundepool A et al. (2012), Statistical Disclosure Control, ch. 5 (primary and secondary suppression).
"""

import functools
import itertools
import math
from collections import Counter

import numpy as np
import pandas as pd

from aice_helpers.masking import coarse
from aice_helpers.stats.samples import plan_strata
from aice_helpers.study.model import ANY_GRADE, RESPONSE_TERM, SEVERE

ALL_FACTORS, MODEL = ("all factors",), ("model",)
"""Keys of the complete cases of the plan's factors and of its multivariable model; no variable has such a name."""

MOST_ATOMS = 12
"""Parts of a partition up to which every sum of them is checked; of more, the sums of at most three."""


_KEPT = (
    "followed",
    "known_in",
    "levels_in",
    "events_known",
    "points",
    "level_points",
    "_groups",
    "levels",
    "events_of_levels",
    "estimates_of_levels",
    "rates_of_levels",
    "response_of_levels",
    "times",
)
"""Methods of `Mask` whose answer to the same question is kept."""


class Mask:
    """Which counts of a cohort may be published.

    Parameters
    ----------
    cohort : Cohort
    k : int
        K: counts of 1 to K - 1 patients are not published.
    """

    def __init__(self, cohort, k):
        self.cohort, self.k, self.n = cohort, k, cohort.n
        # Each question is answered once; the answers go with the mask.
        for name in _KEPT:
            setattr(self, name, functools.cache(getattr(self, name)))

    def small(self, *counts) -> bool:
        """Whether any of some counts lies between 1 and K - 1."""
        return any(1 <= count < self.k for count in counts)

    # -- variables ------------------------------------------------------------------------------------------------

    @functools.cached_property
    def known(self) -> frozenset:
        """Names of the variables, and of sets of complete cases, whose number of patients with values is published."""
        described = [name for name in self.cohort.study.variables if name in self.cohort.patients]
        values = {name: self._has_value(name) for name in described}
        outcomes = {("outcome", name): self.followed(name) for name in self.cohort.study.endpoints}
        return self._published(outcomes | values | self._complete)

    def followed(self, endpoint) -> np.ndarray:
        """Which patients take part in an endpoint."""
        return self.cohort.outcome(endpoint).known

    def sized(self, endpoint) -> bool:
        """Whether the number of patients who take part in an endpoint is published, and with it that of the others."""
        return ("outcome", endpoint) in self.known

    def known_in(self, endpoint) -> frozenset:
        """Of `known`, those that may be counted among the patients who take part in an endpoint as well."""
        members = self.followed(endpoint)
        if members.all():
            return self.known
        if not self.sized(endpoint):
            return frozenset()
        names = [name for name in self.cohort.study.variables if name in self.known]
        sets = {name: self._has_value(name) for name in names}
        sets |= {name: each for name, each in self._complete.items() if name in self.known}
        inside = self._published(sets, members)
        return inside & self._published({name: each for name, each in sets.items() if name in inside}, ~members)

    def counted(self, what, endpoint) -> bool:
        """Whether the patients of an endpoint with a value of a variable, or complete cases, may be counted."""
        if what == RESPONSE_TERM:
            return self.sized(endpoint)
        return what in self.known_in(endpoint)

    @functools.cached_property
    def _complete(self):
        """Patients with all values of the plan's factors and of its multivariable model."""
        plan, patients = self.cohort.study.analysis, self.cohort.patients
        several = [name for name in plan.multivariable if name == RESPONSE_TERM or patients[name].notna().any()]
        return {
            label: np.all([self._has_value(name) for name in names], axis=0)
            for label, names in ((ALL_FACTORS, plan.prognostic_factors), (MODEL, several))
            if names
        }

    def _has_value(self, name):
        if name == RESPONSE_TERM:
            return np.ones(self.n, dtype=bool)
        return self.cohort.column(name).notna().to_numpy()

    def _published(self, candidates, within=None):
        """Names of the sets of patients that may be counted beside one another, earlier ones first."""
        kept = {}
        size = self.n if within is None else int(within.sum())
        for name, members in candidates.items():
            inside = _bits(members if within is None else members[within])
            if not self._gives_away(inside, kept.values(), size):
                kept[name] = inside
        return frozenset(kept)

    def _gives_away(self, new, others, size):
        """Whether a set of patients (as bits), counted beside others of the same ``size``, gives a small count away."""
        others = set(others)
        if new in others:
            return False
        everyone = {*others, new, (1 << size) - 1}
        # A set within another: the difference of the two counts is a count.
        if self.small(
            *(abs(new.bit_count() - each.bit_count()) for each in (*everyone, 0) if new & each in (new, each))
        ):
            return True
        # Two sets with their union: the sum of the two less the third counts who is in both. Likewise who is in neither.
        inside = [each for each in others if new & each == each]
        around = [each for each in others if new & each == new]
        pairs = itertools.chain(
            ((new, each) for each in others), itertools.combinations(inside, 2), itertools.combinations(around, 2)
        )
        for one, two in pairs:
            both, either = one & two, one | two
            if either in everyone and self.small(both.bit_count()):
                return True
            if both in everyone and self.small(size - either.bit_count()):
                return True
        return False

    def events_known(self, endpoint) -> frozenset:
        """Of `known`, those whose events and censored patients may be counted as well."""
        if not self.events(endpoint):
            return frozenset()
        names = dict.fromkeys((*self.cohort.study.analysis.prognostic_factors, *self.cohort.study.analysis.groups))
        sets = {name: self._has_value(name) for name in names} | self._complete
        sets = {name: members for name, members in sets.items() if self.counted(name, endpoint)}
        dead, alive = self._ends(endpoint)
        first = self._published(sets, dead)
        return first & self._published({name: members for name, members in sets.items() if name in first}, alive)

    def _ends(self, endpoint):
        """Which patients had an endpoint's event, and which were censored."""
        outcome = self.cohort.outcome(endpoint)
        return outcome.event, outcome.known & ~outcome.event

    def _parts(self, endpoint, *parts):
        """Parts of the patients of an endpoint, and who does not take part in it where there is anybody."""
        members = self.followed(endpoint)
        return [*parts, *([] if members.all() else [~members])]

    def outcome(self, endpoint):
        """Times and events of those who take part in an endpoint, as two arrays."""
        outcome = self.cohort.followed(endpoint).outcome(endpoint)
        return outcome.time, outcome.event

    def _grid(self, endpoint):
        study = self.cohort.study
        longest = float(self.outcome(endpoint)[0].max(initial=0.0))
        return coarse.grid(coarse.plan_times(study.analysis), longest, study.time_unit)

    def points(self, endpoint) -> tuple:
        """Times of the points of everyone's curve, in rising order."""
        return coarse.whole_points(*self.outcome(endpoint), self._grid(endpoint), self.k, fixed=self.times(endpoint))

    def level_points(self, endpoint, name) -> dict:
        """Level of a variable -> times of the points of its curve, for the levels whose estimates are published."""
        shown = self.estimates_of_levels(name, endpoint)
        groups = {level: members for level, members in self.groups_in(name, endpoint).items() if level in shown}
        groups = {level: members for level, members in groups.items() if members.any()}
        allowed = [point for point in self._grid(endpoint) if point in self.points(endpoint)]
        return coarse.level_points(groups, *self.outcome(endpoint), allowed, self.k, strict=True)

    def _groups(self, name):
        """Level of a variable -> which patients are in it; empty for a variable that forms no groups."""
        values = self.cohort.groups(name)
        if not isinstance(values.dtype, pd.CategoricalDtype):
            return {}
        return {str(level): (values == level).to_numpy(bool) for level in values.cat.categories}

    def groups_in(self, name, endpoint):
        """The same of those who take part in an endpoint, in the order of `outcome`."""
        members = self.followed(endpoint)
        return {level: each[members] for level, each in self._groups(name).items()}

    def levels_in(self, name, endpoint) -> frozenset:
        """Levels whose size among the patients of an endpoint is published."""
        if self.followed(endpoint).all():
            return self.levels(name)
        parts = self._parts(endpoint, self.followed(endpoint))
        return self._split(name, self.levels(name), parts, self.counted(name, endpoint))

    def levels(self, name) -> frozenset:
        """Levels of a variable whose size is published; none, or at least two of those that hold patients."""
        if name == RESPONSE_TERM and "ORR" not in self.response:
            return frozenset()
        known = name in self.known or name == RESPONSE_TERM
        cells = {level: np.array([members.sum()]) for level, members in self._groups(name).items()}
        missing = np.array([0 if known else (~self._has_value(name)).sum()])
        return self._cells(cells, missing)

    def events_of_levels(self, name, endpoint) -> frozenset:
        """Levels whose events are published for an endpoint."""
        if not self.events(endpoint):
            return frozenset()
        apart = name in self.events_known(endpoint)
        return self._split(name, self.levels_in(name, endpoint), self._parts(endpoint, *self._ends(endpoint)), apart)

    def estimates_of_levels(self, name, endpoint) -> frozenset:
        """Levels whose estimates (medians, hazard ratios) are published for an endpoint.

        They are those of `events_of_levels`, except where hardly anybody is censored: no level's events are published
        then, yet the events of a level may be many.
        """
        if not self.estimates(endpoint):
            return frozenset()
        if self.events(endpoint):
            return self.events_of_levels(name, endpoint)
        return self._split(name, self.levels(name), [self._ends(endpoint)[0]], False)

    def within_strata(self, name, endpoint) -> bool:
        """Whether each level holds in each of the plan's strata nobody or many, with the event of an endpoint and without."""
        strata = plan_strata(self.cohort)
        parts = self._parts(endpoint, *self._ends(endpoint))
        levels = [*self._groups(name).values(), ~self._has_value(name)]
        cells = [(strata == code) & level for code in strata.dropna().unique() for level in levels]
        cells += [strata.isna() & level for level in levels]
        return not self.small(*(int((cell & part).sum()) for cell in cells for part in parts))

    def rates_of_levels(self, name, endpoint, times) -> frozenset:
        """Levels whose survival at some times is published for an endpoint."""
        time, (event, _) = self.cohort.outcome(endpoint).time, self._ends(endpoint)
        limits = [-math.inf, *sorted(set(times)), math.inf]
        parts = [event & (time > low) & (time <= high) for low, high in itertools.pairwise(limits)]
        parts[-1] = ~np.any(parts[:-1], axis=0) if len(parts) > 1 else parts[-1]
        return self._split(name, self.estimates_of_levels(name, endpoint), parts, False)

    def response_of_levels(self, name) -> frozenset:
        """Levels in which the objective responses and the disease control are published."""
        if not {"ORR", "DCR"} <= self.response:
            return frozenset()
        objective, control = (part.to_numpy(bool) for part in (self.cohort.responder, self.cohort.controlled))
        return self._split(name, self.levels(name), [objective, control & ~objective, ~control], False)

    def _split(self, name, seen, parts, apart):
        """Levels among ``seen`` whose members may be counted in each of ``parts``.

        ``apart`` says that the parts of the patients without a value are published, so that they hide no other.
        """
        groups = self._groups(name)
        cells = {level: np.array([(members & part).sum() for part in parts]) for level, members in groups.items()}
        valued = self._has_value(name)
        missing = np.array([0 if apart else (~valued & part).sum() for part in parts])
        return self._cells(cells, missing, seen)

    def _cells(self, cells, missing, allowed=None):
        """Cells of a partition that may be published, the largest first: what is left must not be small."""
        kept, left = [], sum(cells.values(), missing)
        order = sorted(cells, key=lambda cell: -cells[cell].min())
        for cell in order:
            rest = left - cells[cell]
            if (allowed is None or cell in allowed) and not self.small(*cells[cell], *rest):
                kept.append(cell)
                left = rest
        filled = [cell for cell in kept if cells[cell].sum()]
        # Hidden cells that are one patient each are known from their number and their sum.
        while (
            filled and left.sum() and left.sum() <= sum(1 for cell in cells if cell not in kept) + bool(missing.sum())
        ):
            kept.remove(filled[-1])
            left = left + cells[filled.pop()]
        hidden = any(cells[cell].sum() for cell in cells if cell not in kept)
        return frozenset() if hidden and len(filled) < 2 else frozenset(kept)

    # -- endpoints ------------------------------------------------------------------------------------------------

    def events(self, endpoint) -> bool:
        """Whether the number of events of an endpoint, and with it that of the censored, is published."""
        dead, alive = (int(part.sum()) for part in self._ends(endpoint))
        return self.sized(endpoint) and not self.small(dead, alive)

    def estimates(self, endpoint) -> bool:
        """Whether anything is estimated for an endpoint: not with a few events, which every estimate would show."""
        return not self.small(int(self._ends(endpoint)[0].sum()))

    def times(self, endpoint, more=()) -> dict:
        """Time -> "counts" or "rate" for the plan's times (and ``more``) whose survival is published.

        "rate": only the rate and its limits, in whole per cent, for the patients censored before then are few.
        """
        plan = self.cohort.study.analysis
        horizon = () if plan.rmst_horizon is None else (plan.rmst_horizon,)
        shown = {}
        if self.estimates(endpoint):
            for time in dict.fromkeys(map(float, (*plan.rate_times, *horizon, *more))):
                for kind in ("counts", "rate") if self.sized(endpoint) else ("rate",):
                    if self._times_safe(endpoint, shown | {time: kind}):
                        shown[time] = kind
                        break
        return shown

    def _times_safe(self, endpoint, shown):
        time, event = self.outcome(endpoint)
        ends = sorted(shown)
        dead = [int((event & (time <= end)).sum()) for end in ends]
        lost = [int((~event & (time < end)).sum()) for end in ends if shown[end] == "counts"]
        free = [int(((time > end) | ((time == end) & ~event)).sum()) for end in ends]
        known = self.events(endpoint)
        steps = np.diff([0, *dead, *([event.sum()] if known else [])])
        gaps = np.diff([0, *lost, *([(~event).sum()] if known else [])])
        return not self.small(*steps, *gaps, *free, *(len(time) - each for each in dead))

    # -- response and adverse events ------------------------------------------------------------------------------

    @functools.cached_property
    def response(self) -> frozenset:
        """What of the best response is published: "ORR", "DCR", "evaluable", and categories as (label,); (None,): missing."""
        study = self.cohort.study
        if study.response is None:
            return frozenset()
        values = self.cohort.column(study.response.variable)
        atoms = {level: int((values == level).sum()) for level in values.cat.categories}
        atoms[None] = int(values.isna().sum())
        sums = {
            "ORR": set(study.response.responders),
            "DCR": set(study.response.controlled),
            "evaluable": set(atoms) - {None, *study.response.not_evaluable},
        }
        return self._sums(atoms, sums | {(level,): {level} for level in sorted(atoms, key=lambda atom: -atoms[atom])})

    def _sums(self, atoms, candidates, *, told=(), safe=lambda name: True):
        """Candidates (name -> set of atoms) that may be counted together: no sum of atoms that follows is small.

        ``told`` are further sets of atoms whose counts are known.
        """
        kept, rows = [], np.array([[1.0] * len(atoms), *(_row(atoms, members) for members in told)])
        suspect = self._suspects(atoms)
        for name, members in candidates.items():
            with_it = np.vstack([rows, _row(atoms, members)])
            if not _follow(suspect, with_it).any() and safe(name):
                kept.append(name)
                rows = with_it
        return frozenset(kept)

    def _suspects(self, atoms):
        """Sums of atoms, a row each, that nobody may be able to compute: small ones, and parts of one patient each."""
        counts = np.array(list(atoms.values()), dtype=float)
        if len(atoms) <= MOST_ATOMS:
            subsets = np.array(list(itertools.product((0.0, 1.0), repeat=len(atoms))))[1:]
        else:
            chosen = [each for size in (1, 2, 3) for each in itertools.combinations(range(len(atoms)), size)]
            subsets = np.zeros((len(chosen), len(atoms)))
            for row, each in zip(subsets, chosen, strict=True):
                row[list(each)] = 1.0
        totals = subsets @ counts
        # Parts of one patient each are known from their number and their sum.
        ones = subsets @ (counts != 1) == 0
        return subsets[((totals >= 1) & (totals < self.k)) | ones]

    @functools.cached_property
    def adverse_events(self) -> frozenset:
        """Pairs (term, level) of the adverse-event table whose patients are published; term None: any event."""
        events = self.cohort.adverse_events
        patients = {term: set(rows["patient"]) for term, rows in events.groupby("term")}
        overall = self._worst(events)
        shown, reached, told = set(), set(), []
        for term in [None, *sorted(patients, key=lambda term: (-len(patients[term]), term))]:
            worst = overall if term is None else self._worst(events[events["term"] == term])
            for level, codes in self._grades(worst, overall, told, reached).items():
                shown.add((term, level))
                told += [codes] if term is None else []
        return frozenset(shown)

    def _worst(self, events):
        """Worst grade of each patient as its place, -1 without a grade and -2 without an event."""
        worst = events["grade"].cat.codes.groupby(events["patient"]).max()
        return worst.reindex(self.cohort.index, fill_value=-2).to_numpy()

    def _grades(self, worst, overall, told, reached):
        """Levels of one term that are published -> their grades.

        ``told`` are the sets of grades that are counted for all terms together, ``reached`` the sets of patients counted
        so far with any or a severe grade, to which those of this term are added.
        """
        plan = self.cohort.study.adverse_events
        grades = list(plan.grades.values())
        codes = range(-2, len(grades))
        atoms = {code: int((worst == code).sum()) for code in codes}
        severe = grades.index(plan.severe_from)
        candidates = {ANY_GRADE: set(codes[1:]), SEVERE: set(range(severe, len(grades)))}
        candidates |= {grades[code]: {code} for code in sorted(range(len(grades)), key=lambda code: -atoms[code])}
        # Who reads that nobody had a grade knows that many pairs of grades do not occur, so only those that do are unknown.
        pairs = Counter(zip(overall.tolist(), worst.tolist(), strict=True))
        suspect = self._suspects(pairs)
        rows = [[1.0] * len(pairs), *([float(a in members) for a, _ in pairs] for members in told)]

        def safe(level):
            members = _bits(np.isin(worst, list(candidates[level])))
            row = [float(b in candidates[level]) for _, b in pairs]
            if self._gives_away(members, reached, self.n) or _follow(suspect, np.array([*rows, row])).any():
                return False
            rows.append(row)
            if level in (ANY_GRADE, SEVERE):
                reached.add(members)
            return True

        return {level: candidates[level] for level in self._sums(atoms, candidates, safe=safe)}

    @functools.cached_property
    def occurrences(self) -> frozenset:
        """Terms (None: all together) whose number of recorded events is published."""
        events = self.cohort.adverse_events
        if (None, ANY_GRADE) not in self.adverse_events:
            return frozenset()
        cells, allowed = {}, set()
        for term, rows in events.groupby("term"):
            patients = rows["patient"].nunique()
            cells[term] = np.array([len(rows)])
            if (term, ANY_GRADE) in self.adverse_events and not self.small(len(rows) - patients):
                allowed.add(term)
        repeated = len(events) - events["patient"].nunique()
        return frozenset() if self.small(repeated) else self._cells(cells, np.array([0]), allowed) | {None}

    # -- models ---------------------------------------------------------------------------------------------------

    @property
    def complete(self) -> bool:
        """Whether the multivariable model loses nobody."""
        return MODEL not in self._complete or bool(self._complete[MODEL].all())


def _row(atoms, members):
    return [float(atom in members) for atom in atoms]


def _follow(sums, told):
    """Which sums of atoms (rows) can be computed from those that are told."""
    parts = np.linalg.svd(told, full_matrices=False)
    basis = parts.Vh[parts.S > 1e-9]
    return np.abs(sums - sums @ basis.T @ basis).max(axis=1, initial=0.0) < 1e-9


def _bits(members):
    """A set of patients as the bits of a whole number."""
    return int.from_bytes(np.packbits(members, bitorder="little").tobytes(), "little")

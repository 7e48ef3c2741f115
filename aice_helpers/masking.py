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

from aice_helpers.core.reasons import Reason
from aice_helpers.results import CRUDE, result_table
from aice_helpers.study import RESPONSE_TERM
from aice_helpers.ticks import time_ticks

DIGITS = 4
"""Significant digits that a masked table keeps: a fraction written out in full would give its denominator away."""
COARSE_DIGITS = 2
"""Digits of the moments of a variable whose number of missing values is masked."""
MOST_ATOMS = 12
"""Parts of a partition up to which every sum of them is checked; of more, the sums of at most three."""

_HIDDEN = ("masked", "counts_masked")
"""Codes of the reasons that name the hidden columns of a row: the second where its estimate is shown."""
_STAY = ("known_later", "biased_from_zero")
"""Codes of the reasons that stay beside a hidden estimate: they are true of the study, whatever the numbers."""
_UNCERTAIN = ("estimate", "conf_low", "conf_high", "p_value", "statistic", "coefficient", "std_error", "expected", "df")


def masked(name):
    """Decorator of a function that returns the result table ``name`` of a cohort: masked when the cohort says so."""

    def decorate(function):
        @functools.wraps(function)
        def wrapped(cohort, **options):
            table = function(cohort, **options)
            return _APPLY[name](Mask(cohort), table) if cohort.mask_below and not table.empty else table

        return wrapped

    return decorate


def _once(method):
    """Decorator of a method of `Mask` whose answer to the same question is kept."""

    @functools.wraps(method)
    def kept(self, *asked):
        key = (method.__name__, *asked)
        if key not in self._answers:
            self._answers[key] = method(self, *asked)
        return self._answers[key]

    return kept


def is_masked(row, column="estimate") -> bool:
    """Whether a column of a result row is hidden."""
    return any(column in each["columns"] for each in row.get("reasons", ()) if each.code in _HIDDEN)


def hidden_reasons(table) -> list:
    """The reasons of a table that name hidden columns, in the order of its rows."""
    return [each for reasons in table["reasons"] for each in reasons if each.code in _HIDDEN]


def threshold(table) -> int:
    """The K of a masked table of curves, 0 for one that is not masked."""
    found = (each["below"] for reasons in table["reasons"] for each in reasons if each.code == "steps_joined")
    return next(found, 0)


class Mask:
    """Which counts of a cohort may be published.

    Parameters
    ----------
    cohort : Cohort
        With ``mask_below`` K above 0.
    """

    def __init__(self, cohort):
        self.cohort, self.k, self.n = cohort, cohort.mask_below, cohort.n
        self._answers = {}

    def small(self, *counts) -> bool:
        """Whether any of some counts lies between 1 and K - 1."""
        return any(1 <= count < self.k for count in counts)

    # -- variables ------------------------------------------------------------------------------------------------

    @functools.cached_property
    def known(self) -> frozenset:
        """Names of the variables, and of sets of complete cases, whose number of patients with values is published."""
        described = [name for name in self.cohort.study.variables if name in self.cohort.patients]
        return self._published({name: self._has_value(name) for name in described} | self._complete)

    @functools.cached_property
    def _complete(self):
        """Patients with all values of the plan's factors ("all factors") and of its multivariable model ("model")."""
        plan, patients = self.cohort.study.analysis, self.cohort.patients
        several = [name for name in plan.multivariable if name == RESPONSE_TERM or patients[name].notna().any()]
        return {
            label: np.all([self._has_value(name) for name in names], axis=0)
            for label, names in (("all factors", plan.prognostic_factors), ("model", several))
            if names
        }

    def _has_value(self, name):
        if name == RESPONSE_TERM:
            return np.ones(self.n, dtype=bool)
        return self.cohort.patients[name].notna().to_numpy()

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

    @_once
    def events_known(self, endpoint) -> frozenset:
        """Of `known`, those whose events and censored patients may be counted as well."""
        if not self.events(endpoint):
            return frozenset()
        names = dict.fromkeys((*self.cohort.study.analysis.prognostic_factors, *self.cohort.study.analysis.groups))
        sets = {name: self._has_value(name) for name in names} | self._complete
        sets = {name: members for name, members in sets.items() if name in self.known or name == RESPONSE_TERM}
        event = self._event(endpoint)
        dead = self._published(sets, event)
        alive = self._published({name: members for name, members in sets.items() if name in dead}, ~event)
        return dead & alive

    def _event(self, endpoint):
        return self.cohort.survival(endpoint)["event"].to_numpy(dtype=bool)

    @_once
    def _groups(self, name):
        """Level of a variable -> which patients are in it; empty for a variable that forms no groups."""
        values = self.cohort.groups(name)
        if not isinstance(values.dtype, pd.CategoricalDtype):
            return {}
        return {str(level): (values == level).to_numpy(bool) for level in values.cat.categories}

    @_once
    def levels(self, name) -> frozenset:
        """Levels of a variable whose size is published; none, or at least two of those that hold patients."""
        if name == RESPONSE_TERM and "ORR" not in self.response:
            return frozenset()
        known = name in self.known or name == RESPONSE_TERM
        cells = {level: np.array([members.sum()]) for level, members in self._groups(name).items()}
        missing = np.array([0 if known else (~self._has_value(name)).sum()])
        return self._cells(cells, missing)

    @_once
    def events_of_levels(self, name, endpoint) -> frozenset:
        """Levels whose events are published for an endpoint."""
        if not self.events(endpoint):
            return frozenset()
        event, seen = self._event(endpoint), self.levels(name)
        apart = name in self.events_known(endpoint)
        return self._split(name, seen, [event, ~event], apart)

    @_once
    def estimates_of_levels(self, name, endpoint) -> frozenset:
        """Levels whose estimates (medians, hazard ratios) are published for an endpoint.

        They are those of `events_of_levels`, except where hardly anybody is censored: no level's events are published
        then, yet the events of a level may be many.
        """
        if not self.estimates(endpoint):
            return frozenset()
        if self.events(endpoint):
            return self.events_of_levels(name, endpoint)
        return self._split(name, self.levels(name), [self._event(endpoint)], False)

    @_once
    def rates_of_levels(self, name, endpoint, times) -> frozenset:
        """Levels whose survival at some times is published for an endpoint."""
        time, event = (self.cohort.survival(endpoint)[column].to_numpy() for column in ("time", "event"))
        limits = [-math.inf, *sorted(set(times)), math.inf]
        parts = [event.astype(bool) & (time > low) & (time <= high) for low, high in itertools.pairwise(limits)]
        parts[-1] = ~np.any(parts[:-1], axis=0) if len(parts) > 1 else parts[-1]
        return self._split(name, self.estimates_of_levels(name, endpoint), parts, False)

    @_once
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
        events = int(self._event(endpoint).sum())
        return not self.small(events, self.n - events)

    def estimates(self, endpoint) -> bool:
        """Whether anything is estimated for an endpoint: not with a few events, which every estimate would show."""
        return not self.small(int(self._event(endpoint).sum()))

    @_once
    def times(self, endpoint, more=()) -> dict:
        """Time -> "counts" or "rate" for the plan's times (and ``more``) whose survival is published.

        "rate": only the rate and its limits, in whole per cent, for the patients censored before then are few.
        """
        plan = self.cohort.study.analysis
        horizon = () if plan.rmst_horizon is None else (plan.rmst_horizon,)
        shown = {}
        if self.estimates(endpoint):
            for time in dict.fromkeys(map(float, (*plan.landmark_times, *horizon, *more))):
                for kind in ("counts", "rate"):
                    if self._times_safe(endpoint, shown | {time: kind}):
                        shown[time] = kind
                        break
        return shown

    def _times_safe(self, endpoint, shown):
        outcome = self.cohort.survival(endpoint)
        time, event = outcome["time"].to_numpy(), self._event(endpoint)
        ends = sorted(shown)
        dead = [int((event & (time <= end)).sum()) for end in ends]
        lost = [int((~event & (time < end)).sum()) for end in ends if shown[end] == "counts"]
        free = [int(((time > end) | ((time == end) & ~event)).sum()) for end in ends]
        known = self.events(endpoint)
        steps = np.diff([0, *dead, *([event.sum()] if known else [])])
        gaps = np.diff([0, *lost, *([(~event).sum()] if known else [])])
        return not self.small(*steps, *gaps, *free, *(self.n - each for each in dead))

    # -- response and adverse events ------------------------------------------------------------------------------

    @functools.cached_property
    def response(self) -> frozenset:
        """What of the best response is published: "ORR", "DCR", "evaluable", and categories as (label,); (None,): missing."""
        study = self.cohort.study
        if study.response is None:
            return frozenset()
        values = self.cohort.patients[study.response.variable]
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
        return worst.reindex(self.cohort.patients.index, fill_value=-2).to_numpy()

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
        candidates = {"any grade": set(codes[1:]), "severe or worse": set(range(severe, len(grades)))}
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
            if level in ("any grade", "severe or worse"):
                reached.add(members)
            return True

        return {level: candidates[level] for level in self._sums(atoms, candidates, safe=safe)}

    @functools.cached_property
    def occurrences(self) -> frozenset:
        """Terms (None: all together) whose number of recorded events is published."""
        events = self.cohort.adverse_events
        if (None, "any grade") not in self.adverse_events:
            return frozenset()
        cells, allowed = {}, set()
        for term, rows in events.groupby("term"):
            patients = rows["patient"].nunique()
            cells[term] = np.array([len(rows)])
            if (term, "any grade") in self.adverse_events and not self.small(len(rows) - patients):
                allowed.add(term)
        repeated = len(events) - events["patient"].nunique()
        return frozenset() if self.small(repeated) else self._cells(cells, np.array([0]), allowed) | {None}

    # -- models ---------------------------------------------------------------------------------------------------

    @property
    def complete(self) -> bool:
        """Whether the multivariable model loses nobody."""
        return "model" not in self._complete or bool(self._complete["model"].all())


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


# -- application ----------------------------------------------------------------------------------------------------


def _hide(mask, table, rows, columns, *, code="masked"):
    """Blank columns of some rows and say so in their reasons; with "counts_masked" where the estimate is shown."""
    rows = np.asarray(rows, dtype=bool)
    if not rows.any():
        return
    columns = [column for column in table.columns if column in columns]
    for column in columns:
        table.loc[rows, column] = pd.NA if table[column].dtype == "Int64" else np.nan
    table["reasons"] = [
        _with_hidden(reasons, code, columns, mask.k) if hit else reasons
        for reasons, hit in zip(table["reasons"], rows, strict=True)
    ]


def _with_hidden(reasons, code, columns, k):
    """Reasons of a row, of which some columns are hidden now, beside those that were hidden before."""
    before = next((each for each in reasons if each.code in _HIDDEN), None)
    if before is not None:
        columns = dict.fromkeys((*before["columns"], *columns))
    if code == "masked":
        # What else is said of a hidden number may tell how small it is.
        return (*(each for each in reasons if each.code in _STAY), Reason("masked", columns=columns, below=k))
    if before is None:
        return (*reasons, Reason(code, columns=columns, below=k))
    return tuple(Reason(each.code, columns=columns, below=k) if each is before else each for each in reasons)


def _finished(name, table):
    """The masked table with fewer digits and without counts in its reasons."""
    # A crude proportion that is shown stands beside its two counts, and sentences compute with it.
    kept = table["method"] == CRUDE
    for column in table.columns:
        if table[column].dtype == "float64" and column not in ("time", "landmark", "step", "conf_level"):
            rounded = [significant(value, DIGITS) for value in table[column]]
            table[column] = table[column].where(kept, pd.Series(rounded, index=table.index))
    table["reasons"] = [tuple(each.untold() for each in reasons) for reasons in table["reasons"]]
    return result_table(name, table)


def significant(value, digits):
    """A number rounded to significant digits.

    >>> significant(0.451327, 2), significant(1234.5, 2), significant(0.0, 2)
    (0.45, 1200.0, 0.0)
    """
    return value if not value or not math.isfinite(value) else float(f"{value:.{digits}g}")


def _mask_baseline(mask, table):
    table = table.copy()
    numbers = ("estimate", "low", "high")
    for row in table.index:
        line = table.loc[row]
        at = table.index == row
        if line["term"] == "flow":
            if mask.small(line["count"], line["n"] - line["count"]) or not _flow_shown(mask, line["level"]):
                _hide(mask, table, at, ("count", *numbers))
            continue
        known = line["term"] in mask.known
        if line["statistic"] == "share":
            if line["level"] not in mask.levels(line["term"]):
                _hide(mask, table, at, ("count", *numbers))
            elif not known:
                _hide(mask, table, at, numbers)
        elif line["statistic"] == "range" or 0 < line["n"] < mask.k or _moments_tell(mask, line):
            _hide(mask, table, at, numbers)
        elif not known:
            for column in numbers:
                table.loc[at, column] = significant(line[column], COARSE_DIGITS)
        if not known:
            _hide(mask, table, at, ("n", "missing"), code="counts_masked")
    return _finished("baseline", table)


def _moments_tell(mask, line):
    """Whether mean and standard deviation give away how many patients have a value: they do for up to three values."""
    counts = mask.cohort.patients[line["term"]].value_counts()
    return line["statistic"] in ("mean", "sd") and len(counts) <= 3 and mask.small(*counts)


def _flow_shown(mask, level):
    study = mask.cohort.study
    ends = {
        f"{endpoint.label}: {what}": name
        for name, endpoint in study.endpoints.items()
        for what in ("event", "censored")
    }
    if level in ends:
        return mask.events(ends[level])
    rules = {
        "evaluable for response": lambda: "evaluable" in mask.response,
        "with at least one adverse event": lambda: (None, "any grade") in mask.adverse_events,
        "complete in all prognostic factors": lambda: "all factors" in mask.known,
        "complete in the multivariable model": lambda: "model" in mask.known,
    }
    return rules.get(level, lambda: True)()


def _mask_response(mask, table):
    table = table.copy()
    labels = set(mask.cohort.patients[mask.cohort.study.response.variable].cat.categories)
    for row in table.index:
        line, at = table.loc[row], table.index == row
        if line["group"]:
            if line["level"] not in mask.levels(line["group"]):
                _hide(mask, table, at, ("n", "events", *_UNCERTAIN))
            elif line["level"] not in mask.response_of_levels(line["group"]):
                _hide(mask, table, at, ("events", *_UNCERTAIN))
            continue
        what = line["term"]
        if what in ("ORR", "DCR"):
            shown = what in mask.response
        else:
            # A declared category may have the very name under which missing values are counted; they share its row.
            shown = {
                (name,) for name in (what if what in labels else None, None if what == "Not recorded" else what)
            } <= (mask.response)
        evaluable = line["population"] != "evaluable patients" or "evaluable" in mask.response
        if not evaluable:
            _hide(mask, table, at, ("n",))
        if not shown:
            _hide(mask, table, at, ("events",))
        if not (shown and evaluable):
            _hide(mask, table, at, _UNCERTAIN)
    return _finished("response", table)


def _mask_grouped(name):
    """Masking of medians and log-rank tests: per endpoint, for everyone, for levels and for the test."""

    def apply(mask, table):
        table = table.copy()
        for row in table.index:
            line, at = table.loc[row], table.index == row
            _mask_sizes(mask, table, at, line)
        return _finished(name, table)

    return apply


def _mask_sizes(mask, table, at, line):
    """Blank what may not be told of everyone, of a level, or of a test over levels."""
    endpoint, group, level = line["endpoint"], line["group"], line["level"]
    if not mask.estimates(endpoint):
        _hide(mask, table, at, ("n", "events", *_UNCERTAIN))
    elif not group:
        if not mask.events(endpoint):
            _hide(mask, table, at, ("events",), code="counts_masked")
    elif level:
        if level not in mask.levels(group):
            _hide(mask, table, at, ("n", "events", *_UNCERTAIN))
        elif level not in mask.estimates_of_levels(group, endpoint):
            _hide(mask, table, at, ("events", *_UNCERTAIN))
        elif level not in mask.events_of_levels(group, endpoint):
            _hide(mask, table, at, ("events", "expected"), code="counts_masked")
    else:
        _mask_whole(mask, table, at, endpoint, group)


def _mask_whole(mask, table, at, endpoint, name, *, among="", tested=True):
    """Blank the counts of all patients with a value, and the test of a factor none of whose levels is shown.

    ``among`` names the complete cases that the counts are of, where it is not the patients with a value of ``name``.
    """
    if tested and not mask.estimates_of_levels(name, endpoint):
        _hide(mask, table, at, _UNCERTAIN)
    what = among or name
    if what not in mask.known and what != RESPONSE_TERM:
        _hide(mask, table, at, ("n", "events", "excluded", "expected"), code="counts_masked")
    elif what not in mask.events_known(endpoint):
        _hide(mask, table, at, ("events", "expected"), code="counts_masked")


def _mask_survival_at(mask, table):
    table = table.copy()
    times = tuple(dict.fromkeys(table["time"]))
    for row in table.index:
        line, at = table.loc[row], table.index == row
        if line["group"]:
            _mask_rate_of_level(mask, table, at, line, times)
            continue
        shown = mask.times(line["endpoint"], times).get(float(line["time"]))
        crude = line["method"] == CRUDE
        beyond = pd.isna(line["estimate"]) and mask.events(line["endpoint"]) and mask.estimates(line["endpoint"])
        if shown == "counts":
            outcome = mask.cohort.survival(line["endpoint"])
            # With the events by then, it would tell the events at that very time.
            if (outcome["event"] & (outcome["time"] == line["time"])).any():
                _hide(mask, table, at, ("at_risk",), code="counts_masked")
        elif shown is None or crude:
            if beyond and line["at_risk"] == 0:
                continue
            _hide(mask, table, at, ("events", "at_risk", *_UNCERTAIN))
        else:
            _hide(mask, table, at, ("events", "at_risk"), code="counts_masked")
            _round_rate(table, at)
    return _finished("survival_at", table)


def _mask_rate_of_level(mask, table, at, line, times):
    sized = line["level"] in mask.levels(line["group"])
    shown = sized and line["level"] in mask.rates_of_levels(line["group"], line["endpoint"], times)
    if not shown or line["method"] == CRUDE:
        _hide(mask, table, at, (*(() if sized else ("n",)), "events", "at_risk", *_UNCERTAIN))
    else:
        _hide(mask, table, at, ("events", "at_risk"), code="counts_masked")
        _round_rate(table, at)


def _round_rate(table, at):
    for column in ("estimate", "conf_low", "conf_high"):
        table.loc[at, column] = table.loc[at, column].round(2)


def _mask_rmst(mask, table):
    table = table.copy()
    for row in table.index:
        line, at = table.loc[row], table.index == row
        # A lowered horizon is the last observation, the time of one patient.
        lowered = any(each.code == "horizon_lowered" for each in line["reasons"])
        if line["group"]:
            _mask_rate_of_level(mask, table, at, line, (line["time"],))
        else:
            shown = mask.times(line["endpoint"], (line["time"],)).get(float(line["time"]))
            if shown is None:
                _hide(mask, table, at, ("events", *_UNCERTAIN))
            elif shown == "rate":
                _hide(mask, table, at, ("events",), code="counts_masked")
        if lowered:
            _hide(mask, table, at, ("events", "time", *_UNCERTAIN))
    return _finished("rmst", table)


def _mask_curve(mask, table):
    frames = []
    longest = {}
    for (endpoint, group, level), rows in table.groupby(["endpoint", "group", "level"], sort=False):
        shown = mask.estimates(endpoint) if not group else level in mask.estimates_of_levels(group, endpoint)
        if shown:
            frames.append((group, rows, _thinned(mask, endpoint, group, level, rows)))
            longest[group] = max(longest.get(group, 0.0), float(frames[-1][2]["time"].max()))
    marked = [_with_ticks(mask, rows, kept, longest[group]) for group, rows, kept in frames]
    if not marked:
        return result_table("survival_curve", [], reason=Reason("curves_masked", below=mask.k))
    return result_table("survival_curve", pd.concat(marked, ignore_index=True))


def _thinned(mask, endpoint, group, level, rows):
    """A curve whose every step joins at least K events, and which ends while at least K patients are event-free."""
    times = list(mask.times(endpoint)) if not group else []
    if group:
        plan = mask.cohort.study.analysis.landmark_times
        times = list(plan) if level in mask.rates_of_levels(group, endpoint, plan) else []
    time, dead = rows["time"].to_numpy(), rows["events"].astype(int).cumsum().to_numpy()
    free = rows["at_risk"].astype(int).to_numpy() - rows["events"].astype(int).to_numpy()
    total = int(dead[-1])
    # The times of the tables bound the steps, so that the events between a step and such a time are not few either.
    ends = sorted({int(np.searchsorted(time, each, side="right")) - 1 for each in times if each <= time[-1]})
    kept, start, last = [], 0, 0
    for end in [*ends, len(time)]:
        goal = int(dead[end]) if end < len(time) else total
        for place in range(start, end):
            if dead[place] - last >= mask.k and goal - dead[place] >= mask.k and free[place] >= mask.k:
                kept.append(place)
                last = int(dead[place])
        if end < len(time):
            kept += [end] if dead[end] > last and free[end] >= mask.k else []
            start, last = end + 1, int(dead[end])
    # The last block ends the curve when enough patients are left after it.
    place = int(np.argmax(dead == total))
    if total - last >= mask.k and free[place] >= mask.k:
        kept.append(place)
    points = rows.iloc[kept].copy()
    first = rows.iloc[[0]].copy()
    if not kept or kept[0] != 0:
        first["estimate"], first["std_error"], first["conf_low"], first["conf_high"] = 1.0, np.nan, np.nan, np.nan
        points = pd.concat([first, points], ignore_index=True)
    columns = ["estimate", "std_error", "conf_low", "conf_high"]
    points[columns] = points[columns].round(2)
    points["at_risk"] = points["events"] = points["censored"] = pd.array([pd.NA] * len(points), dtype="Int64")
    points.iloc[0, points.columns.get_loc("at_risk")] = rows["at_risk"].iloc[0]
    points["reasons"] = [(Reason("steps_joined", below=mask.k),)] * len(points)
    return points


def _with_ticks(mask, rows, kept, longest):
    """The curve with rows at the ticks of its figure, where the number at risk is rounded down to a multiple of K."""
    time, at_risk = rows["time"].to_numpy(), [*rows["at_risk"].astype(int), 0]
    extra = []
    for tick in time_ticks(longest, mask.cohort.study.time_unit):
        if tick == 0:
            continue
        carried = kept[kept["time"] <= tick].iloc[-1].copy()
        if tick > kept["time"].max():
            carried[["estimate", "std_error", "conf_low", "conf_high"]] = np.nan
        carried["time"] = tick
        carried["at_risk"] = at_risk[int(np.searchsorted(time, tick))] // mask.k * mask.k
        extra.append(carried)
    if not extra:
        return kept
    together = pd.concat(
        [pd.DataFrame(extra).astype(kept.dtypes), kept[~kept["time"].isin([e["time"] for e in extra])]]
    )
    return together.sort_values("time", ignore_index=True)


def _mask_follow_up(mask, table):
    table = table.copy()
    for row in table.index:
        line, at = table.loc[row], table.index == row
        if not mask.events(line["endpoint"]):
            overall = line["term"] == "median follow-up" and mask.estimates(line["endpoint"])
            if overall and mask.n > line["events"]:
                _hide(mask, table, at, ("events", *_UNCERTAIN))
            else:
                _hide(mask, table, at, ("n", "events", *_UNCERTAIN))
        if line["term"] == "longest censored time" and line["n"]:
            _hide(mask, table, at, _UNCERTAIN)
    return _finished("follow_up", table)


def _mask_cox(mask, table):
    table = table.copy()
    counts = ("n", "events", "excluded", "later")
    for row in table.index:
        line, at = table.loc[row], table.index == row
        endpoint = line["endpoint"]
        if not mask.estimates(endpoint):
            _hide(mask, table, at, (*counts, *_UNCERTAIN))
        elif pd.notna(line["landmark"]):
            same = (table["endpoint"] == endpoint) & (table["model"] == line["model"])
            _mask_landmark(mask, table, at, same & (table["landmark"] == line["landmark"]))
        elif line["kind"] in ("numeric", "joint"):
            _mask_factor(mask, table, at, line)
        else:
            _mask_level(mask, table, at, line)
    for row in table.index[table["landmark"].notna()]:
        at = table.index == row
        _hide(mask, table, at, counts, code="counts_masked")
    return _finished("cox", table)


def _mask_landmark(mask, table, at, together):
    """Blank the hazard ratio of a landmark with few patients or events in a group; the counts go later."""
    parts = table.loc[together & table["n"].notna()]
    unseen = parts["n"].astype(float) - parts["events"].astype(float)
    if mask.small(*parts["n"].astype(int), *parts["events"].astype(int), *unseen.astype(int)):
        _hide(mask, table, at, _UNCERTAIN)


def _mask_factor(mask, table, at, line):
    """Blank what may not be told of a whole factor or model: a measurement, or the test of a category."""
    name = line["term"]
    tested = name == RESPONSE_TERM or (
        name in mask.cohort.patients and isinstance(mask.cohort.patients[name].dtype, pd.CategoricalDtype)
    )
    among = "model" if line["model"] == "multivariable" else ""
    _mask_whole(mask, table, at, line["endpoint"], name, among=among, tested=tested)


def _mask_level(mask, table, at, line):
    name, endpoint, level = line["term"], line["endpoint"], line["level"]
    what = "model" if line["model"] == "multivariable" else name
    if level not in mask.levels(name):
        _hide(mask, table, at, ("n", "events", *_UNCERTAIN))
    elif level not in mask.estimates_of_levels(name, endpoint):
        _hide(mask, table, at, ("events", *_UNCERTAIN))
    elif level not in mask.events_of_levels(name, endpoint):
        _hide(mask, table, at, ("events",), code="counts_masked")
    if line["model"] == "multivariable" and not mask.complete:
        # Beside the counts of the models with one factor these would tell who was left out, level by level.
        _hide(mask, table, at, ("n", "events"), code="counts_masked")
    if what not in mask.known and what != RESPONSE_TERM:
        _hide(mask, table, at, ("excluded",), code="counts_masked")


def _mask_ph_test(mask, table):
    table = table.copy()
    for row in table.index:
        line, at = table.loc[row], table.index == row
        if not mask.estimates(line["endpoint"]):
            _hide(mask, table, at, ("n", "events", *_UNCERTAIN))
        else:
            _mask_factor(mask, table, at, line)
    return _finished("ph_test", table)


def _mask_performance(mask, table):
    table = table.copy()
    for row in table.index:
        line, at = table.loc[row], table.index == row
        if not mask.estimates(line["endpoint"]):
            _hide(mask, table, at, ("n", "events", "excluded", *_UNCERTAIN))
            continue
        _mask_factor(mask, table, at, line)
        if line["term"] == "events per variable" and "model" not in mask.events_known(line["endpoint"]):
            _hide(mask, table, at, _UNCERTAIN)
    return _finished("model_performance", table)


def _mask_adverse_events(mask, table):
    table = table.copy()
    recorded = set(mask.cohort.adverse_events["term"])
    overall = table["term"].iloc[0]
    for row in table.index:
        line, at = table.loc[row], table.index == row
        if line["term"] != overall and line["term"] not in recorded:
            continue
        term = None if line["term"] == overall else line["term"]
        if (term, line["level"]) not in mask.adverse_events:
            _hide(mask, table, at, ("events", *_UNCERTAIN))
        nobody = pd.notna(table["events"].iloc[row]) and line["events"] == 0 == line["occurrences"]
        if not nobody and (line["level"] != "any grade" or term not in mask.occurrences):
            _hide(mask, table, at, ("occurrences",), code="counts_masked")
    return _finished("adverse_events", table)


_APPLY = {
    "baseline": _mask_baseline,
    "response": _mask_response,
    "survival_summary": _mask_grouped("survival_summary"),
    "survival_at": _mask_survival_at,
    "survival_curve": _mask_curve,
    "follow_up": _mask_follow_up,
    "rmst": _mask_rmst,
    "logrank": _mask_grouped("logrank"),
    "cox": _mask_cox,
    "ph_test": _mask_ph_test,
    "model_performance": _mask_performance,
    "adverse_events": _mask_adverse_events,
}

"""A reader who computes: every count of patients that follows from result tables by adding and subtracting.

The attacker knows what each number counts, so he writes each as a sum of atoms (the patients of one level with an event,
of one grade, of one interval of time ...) and solves for the rest. He shares no code with `aice_helpers.masking`.
"""

import itertools
from collections import defaultdict

import numpy as np
import pandas as pd

from aice_helpers.core.reasons import CODES, COUNT
from aice_helpers.study.model import RESPONSE_TERM

FEW = 9
"""Atoms up to which every sum of them is tried; of more, those of at most three."""


class Family:
    """Atoms with their true counts, and the sums of them that the tables tell."""

    def __init__(self, name, truth):
        self.name, self.truth, self.told = name, dict(truth), []

    def tell(self, value, keep, *, source):
        """A published number: the count of all atoms that ``keep`` accepts. Missing numbers tell nothing."""
        if pd.isna(value):
            return
        atoms = [atom for atom in self.truth if keep(atom)]
        assert float(value) == sum(self.truth[atom] for atom in atoms), (self.name, source, value, atoms)
        self.told.append([float(atom in atoms) for atom in self.truth])

    def follows(self, k):
        """Sums of atoms with 1 to k - 1 patients that the published numbers determine."""
        if not self.told:
            return []
        names = list(self.truth)
        sizes = range(1, len(names) + 1) if len(names) <= FEW else range(1, 4)
        sums = [each for size in sizes for each in itertools.combinations(range(len(names)), size)]
        rows = np.zeros((len(sums), len(names)))
        for row, each in zip(rows, sums, strict=True):
            row[list(each)] = 1.0
        counts = rows @ np.array([self.truth[name] for name in names], dtype=float)
        rows, counts = rows[(counts >= 1) & (counts < k)], counts[(counts >= 1) & (counts < k)]
        basis = np.linalg.svd(np.array(self.told), full_matrices=False)
        basis = basis.Vh[basis.S > 1e-9]
        known = np.abs(rows - rows @ basis.T @ basis).max(axis=1, initial=0) < 1e-9
        return [
            (self.name, int(count), tuple(name for name, inside in zip(names, row, strict=True) if inside))
            for row, count in zip(rows[known], counts[known], strict=True)
        ]


def disclosed(cohort, tables, k):
    """Every count of 1 to k - 1 patients that follows from the tables of a cohort, as (family, count, atoms)."""
    families = [
        *_levels_and_events(cohort, tables), *_levels_and_followed(cohort, tables), *_levels_and_response(cohort, tables), *_response(cohort, tables),
        *_adverse_events(cohort, tables), *_models(cohort, tables), *_times(cohort, tables),
    ]  # fmt: skip
    return [*(found for family in families for found in family.follows(k)), *_told_by_reasons(tables, k)]


def _told_by_reasons(tables, k):
    """Counts of 1 to k - 1 that stand in the reasons of a row."""
    return [
        (name, value, each.code)
        for name, table in tables.items()
        for each in {each for reasons in table["reasons"] for each in reasons}
        for field, value in each.fields
        if CODES[each.code][field] == COUNT and value is not None and 1 <= value < k
    ]


def _everything(_):
    return True


def _truth(*columns):
    """Atoms and their counts: one atom a combination of values."""
    counts = defaultdict(int)
    for values in itertools.product(*(dict.fromkeys(column) for column in columns)):
        counts[values] = 0
    for values in zip(*columns, strict=True):
        counts[values] += 1
    return counts


def _labels(cohort, name):
    values = cohort.groups(name)
    if not isinstance(values.dtype, pd.CategoricalDtype):
        return [None if pd.isna(value) else "" for value in values]
    return [None if pd.isna(value) else str(value) for value in values]


def _variables(cohort):
    study = cohort.study
    names = [n for n, v in study.variables.items() if v.role in ("baseline", "post-baseline") and v.type != "text"]
    return [*names, *([RESPONSE_TERM] if study.response else [])]


def _rows(table, **where):
    for column, value in where.items():
        table = table[table[column] == value]
    return [row for _, row in table.iterrows()]


def _state(cohort, endpoint):
    """True with the event, False without, None for a patient who takes no part in the endpoint."""
    outcome = cohort.outcome(endpoint)
    return np.where(outcome.known, outcome.event, None).tolist()


def _tell_compared(family, tables, name, endpoint, column, keep):
    """What comparisons of the levels of a variable tell: the patients (or events) of two levels, or of all of them."""
    for table in ("group_contrasts", "group_tests"):
        for row in _rows(tables[table], group=name, endpoint=endpoint):
            timed = column == "events" and row.get("term") in ("survival", "restricted mean")
            if row["term"].startswith("stratified") or timed:
                continue
            pair = (row["level"], row["reference"])
            here = (lambda atom, at=pair: atom[0] in at) if row["level"] else (lambda atom: atom[0] is not None)
            family.tell(row[column], _both(here, keep), source=table)


def _tell_sizes(family, cohort, tables, name, states):
    """What the tables tell of the levels of a variable, whose atoms start with the level.

    ``states`` maps endpoints to the place of their state in an atom; what is told of other endpoints that leave patients out
    is not about these atoms.
    """
    taking = {e: (lambda atom, at=place: atom[at] is not None) for e, place in states.items()}
    taking |= {e: _everything for e in cohort.study.endpoints if e not in states and cohort.outcome(e).known.all()}
    taking["response"] = _everything
    known = lambda atom: atom[0] is not None  # noqa: E731
    family.tell(cohort.n, _everything, source="n")
    for row in _rows(tables["baseline"], term=name):
        family.tell(row["n"], known, source="baseline")
        family.tell(row["missing"], lambda atom: atom[0] is None, source="baseline")
        if row["statistic"] == "share":
            family.tell(row["count"], lambda atom, at=row["level"]: atom[0] == at, source="baseline")
            if pd.notna(row["count"]) and row["count"] and pd.notna(row["estimate"]):
                family.tell(round(row["count"] / row["estimate"]), known, source="share")
    for table in ("survival_summary", "survival_at", "rmst", "logrank", "response"):
        for row in _rows(tables[table], group=name):
            if row["endpoint"] in taking:
                here = (lambda atom, at=row["level"]: atom[0] == at) if row["level"] else known
                family.tell(row["n"], _both(here, taking[row["endpoint"]]), source=table)
    for endpoint, there in taking.items():
        _tell_compared(family, tables, name, endpoint, "n", there)
    for group in ("", name):
        for row in _rows(tables["survival_curve"], group=group, time=0.0):
            if row["endpoint"] in taking:
                here = (lambda atom, at=row["level"]: atom[0] == at) if group else _everything
                family.tell(row["at_risk"], _both(here, taking[row["endpoint"]]), source="curve")
    for table in ("survival_summary", "survival_at", "rmst", "follow_up"):
        for row in _rows(tables[table], group=""):
            if row["endpoint"] in taking and "censored time" not in row["term"]:
                family.tell(row["n"], taking[row["endpoint"]], source=table)
    for endpoint, there in taking.items():
        if endpoint in cohort.study.endpoints:
            label = f"{cohort.study.endpoints[endpoint].label}: with follow-up"
            for row in _rows(tables["baseline"], term="flow", level=label):
                family.tell(row["count"], there, source="flow")
    # A factor that nobody has a value for leaves nobody out of its empty model.
    valued = any(known(atom) and count for atom, count in family.truth.items())
    for table in ("cox", "ph_test") if valued else ():
        for row in _rows(tables[table], term=name):
            if row["model"] in ("univariable", "naive") and row["endpoint"] in taking:
                there = taking[row["endpoint"]]
                here = (lambda atom, at=row["level"]: atom[0] == at) if row["level"] else known
                family.tell(row["n"], _both(here, there), source=table)
                if "excluded" in row:
                    family.tell(row["excluded"], _both(lambda atom: atom[0] is None, there), source=table)


def _both(one, other):
    return lambda atom: one(atom) and other(atom)


def _levels_and_followed(cohort, tables):
    """Who takes part in two endpoints, level by level."""
    for name, (one, two) in itertools.product(_variables(cohort), itertools.combinations(cohort.study.endpoints, 2)):
        parts = [np.where(cohort.outcome(endpoint).known, "in", None).tolist() for endpoint in (one, two)]
        family = Family(f"{name} x in {one} and {two}", _truth(_labels(cohort, name), *parts))
        _tell_sizes(family, cohort, tables, name, {one: 1, two: 2})
        yield family


def _levels_and_events(cohort, tables):
    for name, endpoint in itertools.product(_variables(cohort), cohort.study.endpoints):
        family = Family(f"{name} x {endpoint}", _truth(_labels(cohort, name), _state(cohort, endpoint)))
        _tell_sizes(family, cohort, tables, name, {endpoint: 1})
        label = cohort.study.endpoints[endpoint].label
        for level, happened in ((f"{label}: event", True), (f"{label}: censored", False)):
            for row in _rows(tables["baseline"], term="flow", level=level):
                family.tell(row["count"], lambda atom, at=happened: atom[1] is at, source="flow")
                if pd.notna(row["estimate"]):
                    family.tell(
                        round(row["estimate"] * cohort.n), lambda atom, at=happened: atom[1] is at, source="flow"
                    )
        for row in [
            r for t in ("survival_summary", "follow_up") for r in _rows(tables[t], endpoint=endpoint, group="")
        ]:
            if "censored time" in row["term"]:
                family.tell(row["n"], lambda atom: atom[1] is False, source="follow-up")
            else:
                family.tell(row["events"], lambda atom: atom[1], source="summary")
        for table in ("survival_summary", "logrank"):
            for row in _rows(tables[table], group=name, endpoint=endpoint):
                family.tell(row["events"], _with_event(row["level"]), source=table)
        _tell_compared(family, tables, name, endpoint, "events", lambda atom: atom[1])
        valued = any(level is not None and count for (level, _), count in family.truth.items())
        for table in ("cox", "ph_test") if valued else ():
            for row in _rows(tables[table], term=name, endpoint=endpoint):
                if row["model"] in ("univariable", "naive"):
                    family.tell(row["events"], _with_event(row.get("level", "")), source=table)
        yield family


def _with_event(level):
    return lambda atom: atom[1] and (atom[0] == level if level else atom[0] is not None)


def _levels_and_response(cohort, tables):
    if cohort.study.response is None:
        return
    best = np.select([cohort.responder, cohort.controlled], ["response", "control"], "neither")
    counted = {"ORR": ("response",), "DCR": ("response", "control")}
    for name in _variables(cohort)[:-1]:
        family = Family(f"{name} x response", _truth(_labels(cohort, name), best))
        _tell_sizes(family, cohort, tables, name, {})
        for row in _rows(tables["response"], population="all patients"):
            if row["term"] in counted and row["group"] in ("", name):
                here = lambda atom, row=row: atom[1] in counted[row["term"]] and row["level"] in ("", atom[0])  # noqa: E731
                family.tell(row["events"], here, source="response")
                if pd.notna(row["estimate"]) and pd.notna(row["n"]):
                    family.tell(round(row["estimate"] * row["n"]), here, source="rate")
        yield family


def _response(cohort, tables):
    study = cohort.study
    if study.response is None:
        return
    values = cohort.patients[study.response.variable].astype(object)
    family = Family("response", _truth([None if pd.isna(value) else value for value in values]))
    family.tell(cohort.n, _everything, source="n")
    absent = (None, *study.response.not_evaluable)
    for row in _rows(tables["baseline"], term="flow", level="evaluable for response"):
        family.tell(row["count"], lambda atom: atom[0] not in absent, source="flow")
    for row in _rows(tables["response"], group=""):
        chosen = {"ORR": study.response.responders, "DCR": study.response.controlled, "Not recorded": (None,)}
        here = chosen.get(row["term"], (row["term"],))
        family.tell(row["events"], lambda atom, at=here: atom[0] in at, source="response")
        if row["population"] == "evaluable patients":
            family.tell(row["n"], lambda atom: atom[0] not in absent, source="evaluable")
            if pd.notna(row["estimate"]) and pd.notna(row["events"]) and row["events"]:
                family.tell(round(row["events"] / row["estimate"]), lambda atom: atom[0] not in absent, source="rate")
        elif pd.notna(row["estimate"]):
            family.tell(round(row["estimate"] * cohort.n), lambda atom, at=here: atom[0] in at, source="rate")
    yield family


def _adverse_events(cohort, tables):
    events = cohort.adverse_events
    if events is None:
        return
    grades = list(cohort.study.adverse_events.grades.values())
    first = grades.index(cohort.study.adverse_events.severe_from)
    table = tables["adverse_events"]
    overall = table["term"].iloc[0]
    worst = {}
    for term in dict.fromkeys(table["term"]):
        rows = events if term == overall else events[events["term"] == term]
        codes = rows["grade"].cat.codes.groupby(rows["patient"]).max()
        worst[term] = codes.reindex(cohort.patients.index, fill_value=-2).to_numpy()

    def meant(level):
        if level == "any grade":
            return lambda code: code > -2
        return (lambda code: code >= first) if level == "severe or worse" else lambda code: code == grades.index(level)

    def tell(family, term, place):
        for row in _rows(table, term=term):
            here = lambda atom, at=row["level"]: meant(at)(atom[place])  # noqa: E731
            family.tell(row["events"], here, source="adverse events")
            if pd.notna(row["estimate"]):
                family.tell(round(row["estimate"] * row["n"]), here, source="rate")

    for term, codes in worst.items():
        family = Family(f"grades of {term}", _truth(codes))
        family.tell(cohort.n, _everything, source="n")
        tell(family, term, 0)
        yield family
        both = _truth(worst[overall], codes)
        # The worst grade of all terms is at least that of one term.
        family = Family(f"{term} among all", {atom: n for atom, n in both.items() if atom[0] >= atom[1]})
        family.tell(cohort.n, _everything, source="n")
        tell(family, overall, 0)
        tell(family, term, 1)
        yield family
    if len(worst) == 3:
        _, one, two = worst
        family = Family("two terms", _truth(worst[one] > -2, worst[two] > -2))
        family.tell(cohort.n, _everything, source="n")
        for place, term in enumerate((one, two)):
            for row in _rows(table, term=term, level="any grade"):
                family.tell(row["events"], lambda atom, at=place: atom[at], source="adverse events")
        for row in _rows(table, term=overall, level="any grade"):
            family.tell(row["events"], any, source="adverse events")
        yield family


def _models(cohort, tables):
    """Complete cases of the models, beside the patients with a value of one factor."""
    plan, patients = cohort.study.analysis, cohort.patients
    usable = [n for n in plan.multivariable if n != RESPONSE_TERM and patients[n].notna().any()]
    together = patients[usable].notna().all(axis=1)
    planned = [n for n in plan.prognostic_factors if n != RESPONSE_TERM]
    complete = patients[planned].notna().all(axis=1)
    for endpoint, name in itertools.product(cohort.study.endpoints, dict.fromkeys((*planned, *usable))):
        event = _state(cohort, endpoint)
        taking = lambda atom: atom[3] is not None  # noqa: E731
        known = patients[name].notna()
        family = Family(f"complete cases with {name}, {endpoint}", _truth(known, together, complete, event))
        family.tell(cohort.n, _everything, source="n")
        for place, level in ((2, "complete in all prognostic factors"), (1, "complete in the multivariable model")):
            for row in _rows(tables["baseline"], term="flow", level=level):
                if pd.notna(row["count"]):
                    family.tell(row["count"], lambda atom, at=place: atom[at], source="flow")
        for row in _rows(tables["baseline"], term=name):
            family.tell(row["n"], lambda atom: atom[0], source="baseline")
        for row in _rows(tables["survival_summary"], endpoint=endpoint, group=""):
            family.tell(row["events"], lambda atom: atom[3], source="summary")
            family.tell(row["n"], taking, source="summary")
        for table in ("cox", "ph_test", "model_performance"):
            for row in _rows(tables[table], endpoint=endpoint):
                whole = table != "cox" or row["kind"] in ("joint", "numeric")
                if whole and row["model"] == "multivariable":
                    family.tell(row["n"], lambda atom: atom[1] and taking(atom), source=table)  # noqa: B023
                    family.tell(row["events"], lambda atom: atom[1] and atom[3], source=table)
                    family.tell(row.get("excluded"), lambda atom: not atom[1] and taking(atom), source=table)  # noqa: B023
                elif whole and row["model"] == "univariable" and row["term"] == name and known.any():
                    family.tell(row["n"], lambda atom: atom[0] and taking(atom), source=table)  # noqa: B023
                    family.tell(row["events"], lambda atom: atom[0] and atom[3], source=table)
        yield family
        if not isinstance(patients[name].dtype, pd.CategoricalDtype):
            continue
        family = Family(f"levels of {name} in the model, {endpoint}", _truth(_labels(cohort, name), event, together))
        _tell_sizes(family, cohort, tables, name, {endpoint: 1})
        for row in _rows(tables["cox"], endpoint=endpoint, term=name):
            if row["level"] and row["model"] == "multivariable":
                here = lambda atom, at=row["level"]: atom[0] == at and atom[2] and atom[1] is not None  # noqa: E731
                family.tell(row["n"], here, source="cox")
                family.tell(row["events"], lambda atom, here=here: here(atom) and atom[1], source="cox")
            elif row["level"] and row["model"] == "univariable":
                family.tell(row["events"], _with_event(row["level"]), source="cox")
        yield family


def _times(cohort, tables):
    """Events and censored patients between the times of the tables; a landmark analysis counts at such times too."""
    table = tables["survival_at"]
    landmarks = tables["cox"].dropna(subset="landmark")
    for endpoint in cohort.study.endpoints:
        outcome = cohort.survival(endpoint)
        curve = tables["survival_curve"]
        curve = curve[(curve["endpoint"] == endpoint) & (curve["group"] == "")]
        horizons = tables["rmst"].loc[tables["rmst"]["group"] == "", "time"].dropna()
        times = sorted({*table["time"], *horizons, *landmarks["landmark"], *(curve["time"] if len(curve) < 40 else ())})
        if not times:
            continue
        place = np.searchsorted(times, outcome["time"])
        exactly = np.isin(outcome["time"], times)
        family = Family(f"times of {endpoint}", _truth(place.tolist(), exactly.tolist(), outcome["event"]))
        if len(outcome) == cohort.n:
            family.tell(cohort.n, _everything, source="n")

        def until(time, times=times):
            return lambda atom: atom[2] and atom[0] <= times.index(time)

        def at_risk(time, times=times):
            return lambda atom: atom[0] > times.index(time) or (atom[0] == times.index(time) and atom[1])

        def free(time, times=times):
            here = times.index(time)
            return lambda atom: atom[0] > here or (atom[0] == here and atom[1] and not atom[2])

        for row in _rows(tables["survival_summary"], endpoint=endpoint, group=""):
            family.tell(row["events"], lambda atom: atom[2], source="summary")
        for row in _rows(table, endpoint=endpoint, group=""):
            family.tell(row["events"], until(row["time"]), source="survival_at")
            family.tell(row["at_risk"], at_risk(row["time"]), source="survival_at")
            family.tell(row["n"], _everything, source="survival_at")
            if row["method"] == "crude proportion, Clopper-Pearson" and pd.notna(row["estimate"]):
                family.tell(round(row["estimate"] * len(outcome)), free(row["time"]), source="crude")
        for row in _rows(tables["rmst"], endpoint=endpoint, group=""):
            if pd.notna(row["time"]):
                family.tell(row["events"], until(row["time"]), source="rmst")
        for _, row in landmarks[(landmarks["endpoint"] == endpoint) & (landmarks["model"] == "landmark")].iterrows():
            if pd.notna(row["excluded"]) and row["kind"] == "level":
                lost = int((outcome["time"] <= row["landmark"]).sum())
                if lost == row["excluded"]:
                    place_of = times.index(row["landmark"])
                    family.tell(row["excluded"], lambda atom, at=place_of: atom[0] <= at, source="landmark")
        for row in [r for _, r in curve.iterrows()] if len(curve) < 40 else []:
            # Without censoring so far, the curve is a proportion of all patients.
            lost = (~outcome["event"] & (outcome["time"] < row["time"])).any()
            events = round((1 - row["estimate"]) * len(outcome)) if pd.notna(row["estimate"]) and not lost else None
            true = int((outcome["event"] & (outcome["time"] <= row["time"])).sum())
            if events == true:
                family.tell(events, until(row["time"]), source="curve")
        yield family

"""A reader who joins: what all that was written, put together, tells of single patients.

He knows every time at which anything happened to anybody (the exact curve of everyone, or what he knows from elsewhere)
and the true number behind every coarse one, and asks of whom the tables tell a group: by a time that only one patient
has, and by blocks of time in which, as the numbers have it, nobody of another group can be. He shares no code with
`aice_helpers.masking`.
"""

import itertools
import json
import re
from collections import defaultdict

import numpy as np
import pandas as pd
from scipy.optimize import linprog

SPANS = ("estimate", "conf_low", "conf_high")
"""Columns of a time and its limits."""
NUMBER = re.compile(r"(?<![\w.,])\d+(?:\.\d+)?(?![\w])")


def read_tables(folder):
    """The result tables of a book by name."""
    words = {"endpoint", "group", "term", "level", "reference", "method", "reasons", "unit"}
    found = {}
    for file in sorted(folder.glob("*.csv")):
        table = pd.read_csv(file, dtype=str, keep_default_na=False)
        numbers = [name for name in table if name not in words]
        found[file.stem] = table.assign(**{name: pd.to_numeric(table[name], errors="coerce") for name in numbers})
        found[file.stem]["reasons"] = table["reasons"].map(json.loads)
    return found


def told(cohort, tables):
    """Of whom the curves and the counts at fixed times tell a group: (patient, endpoint, grouping) -> level.

    The smallest inferences are those that the numbers at the plan's times allow by themselves (`margins_only`).
    """
    found = by_unique_times(cohort, tables["survival_curve"])
    for endpoint, group in _pairs(cohort, tables["survival_curve"]):
        found |= _by_blocks(cohort, endpoint, group, _known(cohort, tables, endpoint, group), known=found)
    return found


def margins_only(cohort, tables):
    """What `told` finds without curves by group, when the events at the very times of the plan are known beside those by then."""
    curve = tables["survival_curve"]
    found = {}
    for endpoint, group in _pairs(cohort, curve):
        without = tables | {"survival_curve": curve[curve["group"] != group]}
        found |= _by_blocks(cohort, endpoint, group, _known(cohort, without, endpoint, group, before=True))
    return found


def told_by_medians(cohort, tables):
    """Of whom a median of a group, or one of its limits, tells the group, as `told` does."""
    table, found = tables["survival_summary"], {}
    for row in table[table["group"] != ""].itertuples():
        member = _labels(cohort, row.group) == row.level
        for column in _sharp(row):
            holders = _holders(cohort, row.endpoint, getattr(row, column))
            if len(holders) == 1 and member[holders[0]]:
                found[holders[0], row.endpoint, row.group] = row.level
    return found


def too_narrow(cohort, tables, k):
    """Times in the table of medians that fewer than ``k`` patients of a group could hold: (endpoint, group, level, time).

    A limit of SPSS is as far from its median as the other, so the two of them give the median.
    """
    found = []
    table, curve = tables["survival_summary"], tables["survival_curve"]
    for row in table[table["group"] != ""].itertuples():
        outcome = cohort.survival(row.endpoint)[_labels(cohort, row.group) == row.level]
        events = outcome.loc[outcome["event"], "time"].to_numpy()
        shown = _rows(curve, endpoint=row.endpoint, group=row.group, level=row.level)
        edges = [-np.inf, *_steps(shown), np.inf]
        reach = _blurred(row)
        times = [(getattr(row, column), reach.get(column)) for column in SPANS]
        if row.method == "SPSS":
            middle = (row.conf_low + row.conf_high) / 2
            times = [times[0], *([(middle, reach.get("estimate"))] if row.conf_low > 0 else [])]
        for time, half in times:
            if pd.isna(time):
                continue
            # Four digits are written.
            near = np.abs(events - time) <= (half or 0.0) + abs(time) * 5e-4
            # The curve says between which of its points a median lies; a limit need not lie where its median does.
            places = np.searchsorted(edges, events[near])
            if max((int((places == place).sum()) for place in set(places)), default=0) < k:
                found.append((row.endpoint, row.group, row.level, time))
    return found


def joined_endpoints(cohort, tables):
    """Patients of whom two endpoints share a time that the tables show for everyone: patient -> endpoints."""
    shown = defaultdict(set)
    for name in ("survival_summary", "follow_up"):
        table = tables[name]
        for row in table[table["group"] == ""].itertuples():
            for column in _sharp(row):
                value = getattr(row, column)
                if pd.notna(value):
                    shown[f"{value:.4g}"].add(row.endpoint)
    found = {}
    for value, endpoints in shown.items():
        for one, other in itertools.combinations(sorted(endpoints), 2):
            for patient in range(cohort.n):
                times = [cohort.survival(name)["time"].iloc[patient] for name in (one, other)]
                if all(f"{time:.4g}" == value for time in times):
                    found[patient] = (one, other)
    return found


def exact_times_in(text, cohort):
    """Numbers of a text, of at least four digits, that are the time of a patient rounded to as many decimals."""
    times = np.concatenate([cohort.survival(name)["time"].to_numpy() for name in cohort.study.endpoints])
    found = set()
    for number in set(NUMBER.findall(text)):
        decimals = len(number.partition(".")[2])
        long = decimals and len(number.replace(".", "").lstrip("0")) >= 4
        if long and np.isclose(np.round(times, decimals), float(number), rtol=0, atol=1e-9).any():
            found.add(number)
    return found


# -- the parts ---------------------------------------------------------------------------------------------------------


def _sharp(row):
    """Columns of a row of the table of medians that hold a time as somebody has it."""
    blurred = _blurred(row)
    return [column for column in (("estimate",) if row.method == "SPSS" else SPANS) if column not in blurred]


def _said(row, code):
    """Fields of a reason of a row, in a table that was read from a file or that comes from the program; {} without it."""
    for each in row.reasons:
        fields = each if isinstance(each, dict) else {"code": each.code, **dict(each.fields)}
        if fields["code"] == code:
            return fields
    return {}


def _blurred(row):
    """Column -> half the width of the span in which its time lies, as the row says."""
    said = _said(row, "blurred")
    return {column: said[column] for column in SPANS if said.get(column) is not None}


def _pairs(cohort, curve):
    names = dict.fromkeys(curve.loc[curve["group"] != "", "group"])
    return list(itertools.product(cohort.study.endpoints, names))


def _labels(cohort, group):
    values = cohort.groups(group)
    return np.array([None if pd.isna(value) else str(value) for value in values], dtype=object)


def _holders(cohort, endpoint, time):
    """Patients with an event at a time."""
    outcome = cohort.survival(endpoint)
    return list(np.flatnonzero(outcome["event"].to_numpy() & np.isclose(outcome["time"], time, rtol=1e-12, atol=0)))


def _steps(curve):
    """Times at which a written curve goes down, or counts events."""
    curve = curve[curve["estimate"].notna()]
    value = curve["estimate"].to_numpy(float)
    drop = np.append(value[:1] < 1, np.diff(value) < 0)
    return curve.loc[drop | (curve["events"].fillna(0) > 0).to_numpy(), "time"].tolist()


def _rows(table, **where):
    for column, value in where.items():
        table = table[table[column] == value]
    return table


def by_unique_times(cohort, table):
    """A step at a time that only one patient has: the patient is of the level whose curve it is.

    Steps of an endpoint that all stand at fractions of the plan's times say nothing of the kind.
    """
    found = {}
    plan = cohort.study.analysis
    year = {"days": 365.0, "weeks": 52.0, "months": 12.0, "years": 1.0}[cohort.study.time_unit]
    marks = [0.0, *(sorted({*plan.rate_times, *filter(None, [plan.rmst_horizon])}) or [year])]
    marks += [marks[-1] * 2**power for power in range(1, 12)]
    parts = {low + (high - low) * part / 32 for low, high in itertools.pairwise(marks) for part in range(33)}
    curves = dict(iter(table[table["group"] != ""].groupby(["endpoint", "group", "level"])))
    told = {endpoint for (endpoint, *_), rows in curves.items() if not parts.issuperset(_steps(rows))}
    for (endpoint, group, level), rows in curves.items():
        outcome, inside = cohort.survival(endpoint), _labels(cohort, group) == level
        for kind, times in ((True, _steps(rows)), (False, rows.loc[rows["censored"].fillna(0) > 0, "time"])):
            for time in times if endpoint in told else ():
                here = np.flatnonzero((outcome["time"] == time).to_numpy() & (outcome["event"] == kind).to_numpy())
                if len(here) == 1 and inside[here[0]]:
                    found[here[0], endpoint, group] = level
    return found


def _known(cohort, tables, endpoint, group, *, before=False):
    """Facts of the levels of a grouping: (level, "events" or "at risk", time, lowest and highest number)."""
    labels, outcome, facts = _labels(cohort, group), cohort.survival(endpoint), []
    time, event = outcome["time"].to_numpy(), outcome["event"].to_numpy()

    def tell(level, kind, at, slack=0, number=None):
        inside = labels == level
        true = (inside & event & (time <= at)).sum() if kind == "events" else (inside & (time >= at)).sum()
        low = int(true) if number is None else int(number)
        assert low <= true <= low + slack, (level, kind, at, low, slack, true)
        facts.append((level, kind, at, low, low + slack))

    # The margins: how many patients and events there are in each level.
    for level in {each for each in labels if each is not None}:
        tell(level, "at risk", -np.inf)
        tell(level, "events", np.inf)
    for name, counted in (("survival_at", True), ("rmst", False)):
        for row in _rows(tables[name], endpoint=endpoint, group=group).itertuples():
            # A rate that is shown is given the exact number of events behind it.
            if pd.notna(row.time) and (pd.notna(row.events) or (counted and pd.notna(row.estimate))):
                tell(row.level, "events", row.time)
                if before:
                    tell(row.level, "events", np.nextafter(row.time, -np.inf))
            if counted and pd.notna(row.at_risk):
                tell(row.level, "at risk", row.time)
    # A difference that is shown is given the exact number of events behind both of its rates.
    for row in _rows(tables["group_contrasts"], endpoint=endpoint, group=group).itertuples():
        if row.term in ("survival", "restricted mean") and (pd.notna(row.events) or pd.notna(row.estimate)):
            for level in (row.level, row.reference) if row.term == "survival" or pd.notna(row.events) else ():
                tell(level, "events", row.time)
                if before:
                    tell(level, "events", np.nextafter(row.time, -np.inf))
    for (level,), curve in _rows(tables["survival_curve"], endpoint=endpoint, group=group).groupby(["level"]):
        exact = curve["events"].notna().any()
        for at in _steps(curve):
            tell(level, "events", at)
        least = _said(next(curve.itertuples()), "steps_joined").get("below")
        for row in curve[curve["at_risk"].notna()].itertuples():
            if exact or row.time == 0:
                tell(level, "at risk", row.time)
            else:
                tell(level, "at risk", row.time, least - 1, row.at_risk)
    return facts


def _by_blocks(cohort, endpoint, group, facts, known=()):
    """Blocks of time in which everyone with an event (or everyone censored) must be of one level, as far as not ``known``."""
    labels, outcome = _labels(cohort, group), cohort.survival(endpoint)
    time, event = outcome["time"].to_numpy(), outcome["event"].to_numpy()
    levels = list(dict.fromkeys(labels))
    # A number at risk ends just before a time, a number of events just after it.
    edges = np.array(sorted({(at, kind == "events") for _, kind, at, *_ in facts}))
    before = np.array([np.searchsorted(edges[:, 0], each, side="left") for each in time])
    cell = np.array([
        place + sum(1 for at, after in edges[place:] if at == each and not after)
        for place, each in zip(before, time, strict=True)
    ])  # fmt: skip
    kinds = {True: "event", False: "censored"}
    atoms = sorted({(place, kind) for place, kind in zip(cell, event, strict=True)})
    names = {name: number for number, name in enumerate(itertools.product(atoms, levels))}
    whole = {atom: int(((cell == atom[0]) & (event == atom[1])).sum()) for atom in atoms}
    equal, totals, unequal, most = [], [], [], []
    for atom in atoms:
        row = np.zeros(len(names))
        row[[names[atom, level] for level in levels]] = 1
        equal.append(row)
        totals.append(whole[atom])
    place_of = {tuple(edge): place for place, edge in enumerate(map(tuple, edges))}
    for level, kind, at, low, high in facts:
        row, place = np.zeros(len(names)), place_of[at, kind == "events"]
        for atom in atoms:
            inside = atom[0] <= place and atom[1] if kind == "events" else atom[0] > place
            row[names[atom, level]] = float(inside)
        if low == high:
            equal.append(row)
            totals.append(low)
        else:
            unequal += [row, -row]
            most += [high, -low]
    found = {}
    for atom in atoms:
        here = np.flatnonzero((cell == atom[0]) & (event == atom[1]))
        own = set(labels[here])
        if len(own) > 1 or None in own or all((patient, endpoint, group) in known for patient in here):
            continue
        level = own.pop()
        goal = np.zeros(len(names))
        goal[names[atom, level]] = 1
        least = linprog(goal, unequal or None, most or None, equal, totals, bounds=(0, None), method="highs")
        assert least.status == 0, (endpoint, group, kinds[atom[1]], least.message)
        if least.fun > whole[atom] - 1e-6:
            found |= {(patient, endpoint, group): level for patient in here}
    return found

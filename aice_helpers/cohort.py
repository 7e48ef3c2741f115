"""The validated cohort: the only place where data files are read and their values judged."""

from __future__ import annotations

import csv
import difflib
import hashlib
import io
import itertools
import math
from collections import Counter
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from aice_helpers.problems import Problem, StudyError
from aice_helpers.study import PLAIN_NUMBER, RESPONSE_TERM, Study, read_study

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
        What the loader noticed and went on with.
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


def load_cohort(study) -> Cohort:
    """Read and judge the data a study file points to.

    Parameters
    ----------
    study : path-like or Study

    Returns
    -------
    Cohort

    Raises
    ------
    StudyError
        With every fault found in the study file or in the data files.
    """
    if not isinstance(study, Study):
        study = read_study(study)
    judge = _Judge()
    digest = hashlib.sha256()
    table = _read_table(study, study.patients, judge, digest)
    events_table = None
    if study.adverse_events is not None:
        # A table of adverse events without a row says that none was seen; a cohort without a patient is a mistake.
        events_table = _read_table(study, study.adverse_events.data, judge, digest, may_be_empty=True)
    if table is None or (study.adverse_events is not None and events_table is None):
        raise StudyError(judge.faults)
    ids, patients, outcomes = _judge_patients(study, table, judge)
    adverse_events = None if events_table is None else _judge_events(study, events_table, ids, judge)
    if judge.faults:
        raise StudyError(judge.faults)
    return Cohort(study, patients, adverse_events, outcomes, tuple(judge.remarks), digest.hexdigest())


class _Judge:
    """Collects faults (the data are refused) and remarks (the book goes on and shows them)."""

    def __init__(self):
        self.faults = []
        self.remarks = []

    def fault(self, file, rule, fix, *, row=None, column=None, value=None):
        self.faults.append(Problem(file, rule, fix, row, column, None if value is None else str(value)[:40]))

    def remark(self, file, rule, fix, *, row=None, column=None, value=None):
        self.remarks.append(Problem(file, rule, fix, row, column, None if value is None else str(value)[:40]))


@dataclass(frozen=True)
class _Table:
    """A file as text: header, and cells with the row number a spreadsheet shows."""

    file: str
    header: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    source: object

    def column(self, name):
        place = self.header.index(name)
        return [(row, cells[place]) for row, cells in self.rows]


def _read_table(study, source, judge, digest, *, may_be_empty=False):
    """Read one delimited file as text; None (with faults noted) when it is no table."""
    name = source.file
    try:
        data = (study.folder / name).read_bytes()
    except OSError as error:
        judge.fault(name, f"the file cannot be read ({error.strerror})", "Check the name in the study file")
        return None
    digest.update(data)
    try:
        text = data.decode(source.encoding).removeprefix("\ufeff")
    except (ValueError, LookupError):
        judge.fault(
            name, f"the file is not {source.encoding} text", "Save it as UTF-8 or name its encoding in the study file"
        )
        return None
    if "\x00" in text:
        judge.fault(name, "the file holds NUL bytes, so it is no plain text table", "Export it as CSV in UTF-8")
        return None
    if not text.strip():
        judge.fault(name, "the file is empty", "Export the table again")
        return None
    # Blank lines and cells that span lines each take the one row that a spreadsheet gives them.
    records = []
    try:
        for cells in csv.reader(io.StringIO(text, newline=""), delimiter=source.delimiter, strict=True):
            records.append([cell.strip() for cell in cells])
    except csv.Error as error:
        judge.fault(name, f"the table breaks off ({error})", "Look for an unclosed quote", row=len(records) + 1)
        return None
    header = records[0]
    if len(header) < 2:
        other = next((mark for mark in ";,\t|" if mark in "".join(header)), None)
        hint = "Name the delimiter in the study file" + (f": it seems to be {other!r}" if other else "")
        judge.fault(name, f"the first row has no columns separated by {source.delimiter!r}", hint, row=1)
        return None
    for column, count in Counter(header).items():
        if count > 1 or not column:
            rule = "a column has no name" if not column else "two columns have the same name"
            judge.fault(name, rule, "Give every column its own name", row=1, column=column)
    rows = [(number, tuple(cells)) for number, cells in enumerate(records[1:], 2) if any(cells)]
    for number, cells in rows:
        if len(cells) != len(header):
            judge.fault(
                name,
                f"the row has {len(cells)} cells, the header {len(header)}",
                "Look for a stray or missing delimiter",
                row=number,
            )
        for column, cell in zip(header, cells, strict=False):
            if "\n" in cell or "\r" in cell:
                # An opening quote that finds a later closing one swallows the rows between without an error.
                judge.remark(
                    name, "the cell spans several lines", "Check that no quote is left open", row=number, column=column
                )
    if not rows and not may_be_empty:
        judge.fault(name, "the table has a header but no rows", "Export the table again")
    return None if judge.faults else _Table(name, tuple(header), tuple(rows), source)


def _find_column(table, column, judge, what):
    if column in table.header:
        return True
    near = difflib.get_close_matches(column, table.header, n=1, cutoff=0.5)
    hint = f"Did the study file mean {near[0]!r}?" if near else "Add it, or correct its name in the study file"
    judge.fault(table.file, f"the column for {what} is not there", hint, column=column)
    return False


def _number(text, decimal):
    """The number a cell holds, or None when it holds something else."""
    if decimal != ".":
        if "." in text:
            return None
        text = text.replace(decimal, ".")
    return float(text) if PLAIN_NUMBER.fullmatch(text) else None


def _judge_patients(study, table, judge):
    used = {
        variable.column or name: variable.label
        for name, variable in study.variables.items()
        if variable.role != "excluded"
    }
    for endpoint in study.endpoints.values():
        used[endpoint.time] = f"{endpoint.label} (time)"
        used[endpoint.event] = f"{endpoint.label} (event)"
    if not all([_find_column(table, column, judge, what) for column, what in used.items()]):
        return None, None, {}
    id_variable = study.id_variable
    ids = _judge_ids(table, id_variable.column or id_variable.name, judge)
    columns = {}
    for name, variable in study.variables.items():
        if variable.role in ("id", "excluded"):
            continue
        column = variable.column or name
        if variable.type == "category":
            columns[name] = _judge_levels(table, column, variable.levels, judge)
        elif variable.type == "text":
            columns[name] = pd.Series(
                [None if cell in table.source.missing else cell for _, cell in table.column(column)], dtype=object
            )
        else:
            columns[name] = _judge_numbers(table, column, variable, judge)
    outcomes = {name: _judge_endpoint(study, table, endpoint, judge) for name, endpoint in study.endpoints.items()}
    _judge_order(study, table, outcomes, judge)
    if judge.faults:
        return ids, None, {}
    index = pd.Index(ids, name="patient", dtype=object)
    patients = pd.DataFrame(
        {name: values.to_numpy() if values.dtype == object else values.array for name, values in columns.items()},
        index=index,
    )
    return ids, patients, {name: frame.set_axis(index) for name, frame in outcomes.items()}


def _judge_ids(table, column, judge):
    seen = {}
    for row, cell in table.column(column):
        if cell in table.source.missing:
            judge.fault(table.file, "the patient has no id", "Give every patient an id", row=row, column=column)
        elif cell in seen:
            judge.fault(
                table.file,
                f"the id is already used in row {seen[cell]}",
                "Keep one row a patient",
                row=row,
                column=column,
                value=cell,
            )
        seen.setdefault(cell, row)
    return [cell for _, cell in table.column(column)]


def _judge_levels(table, column, levels, judge):
    values = []
    for row, cell in table.column(column):
        if cell in levels:
            values.append(levels[cell])
        elif cell in table.source.missing:
            values.append(None)
        else:
            near = difflib.get_close_matches(cell, levels, n=1, cutoff=0.5)
            hint = f"Did you mean {near[0]!r}?" if near else f"Declared codes: {', '.join(levels)}"
            judge.fault(
                table.file, "the code is not declared in the study file", hint, row=row, column=column, value=cell
            )
            values.append(None)
    return pd.Series(pd.Categorical(values, categories=list(levels.values()), ordered=True))


def _judge_numbers(table, column, variable, judge):
    values = []
    for row, cell in table.column(column):
        value = math.nan if cell in table.source.missing else _number(cell, table.source.decimal)
        if value is None or math.isinf(value):
            judge.fault(
                table.file,
                "a plain number is needed",
                f"Write digits with {table.source.decimal!r} as decimal mark, nothing else",
                row=row,
                column=column,
                value=cell,
            )
            value = math.nan
        elif variable.type == "integer" and not math.isnan(value) and value % 1:
            judge.fault(
                table.file,
                "a whole number is needed",
                "Correct the cell, or declare type: number",
                row=row,
                column=column,
                value=cell,
            )
        elif variable.range and not math.isnan(value) and not variable.range[0] <= value <= variable.range[1]:
            low, high = variable.range
            judge.remark(
                table.file,
                f"outside the plausible range {low:g} to {high:g}",
                "Check it against the source",
                row=row,
                column=column,
                value=cell,
            )
        values.append(value)
    return pd.Series(values, dtype="float64")


def _judge_endpoint(study, table, endpoint, judge):
    times, events = [], []
    for row, cell in table.column(endpoint.time):
        value = None if cell in table.source.missing else _number(cell, table.source.decimal)
        if cell in table.source.missing:
            judge.fault(
                table.file,
                "a follow-up time is missing",
                "Fill it in or leave the patient out",
                row=row,
                column=endpoint.time,
            )
        elif value is None or math.isinf(value):
            judge.fault(
                table.file,
                f"a time in {study.time_unit} is needed",
                "Write a plain number",
                row=row,
                column=endpoint.time,
                value=cell,
            )
        elif value < 0:
            judge.fault(
                table.file,
                "a follow-up time is negative",
                "Correct the dates it was computed from",
                row=row,
                column=endpoint.time,
                value=cell,
            )
            value = None
        times.append(math.nan if value is None else value)
    codes = {endpoint.event_value: True, endpoint.censored_value: False}
    for row, cell in table.column(endpoint.event):
        if cell not in codes:
            rule = f"the event code is neither {endpoint.event_value} (event) nor {endpoint.censored_value} (censored)"
            judge.fault(
                table.file,
                rule,
                "Correct the cell, or the codes in the study file",
                row=row,
                column=endpoint.event,
                value=cell,
            )
        events.append(codes.get(cell, False))
    return pd.DataFrame({"time": pd.Series(times, dtype="float64"), "event": pd.Series(events, dtype=bool)})


def _judge_order(study, table, outcomes, judge):
    """No endpoint may last longer than the one that bounds it."""
    for name, endpoint in study.endpoints.items():
        if not endpoint.not_longer_than:
            continue
        bound = study.endpoints[endpoint.not_longer_than]
        longer = outcomes[name]["time"] > outcomes[bound.name]["time"] + 1e-9
        unseen = (outcomes[bound.name]["event"]) & ~outcomes[name]["event"]
        for place in longer[longer].index:
            row = table.rows[place][0]
            judge.fault(
                table.file,
                f"{name} lasts longer than {bound.name}",
                "Correct one of the two times",
                row=row,
                column=endpoint.time,
            )
        for place in unseen[unseen & ~longer].index:
            row = table.rows[place][0]
            judge.remark(
                table.file,
                f"{bound.name} has an event, yet {name} is censored",
                f"Check whether it counts as {endpoint.event_label}",
                row=row,
                column=endpoint.event,
            )


def _judge_events(study, table, ids, judge):
    plan = study.adverse_events
    if not all(
        [
            _find_column(table, c, judge, w)
            for c, w in ((plan.patient, "the patient id"), (plan.term, "the event"), (plan.grade, "the grade"))
        ]
    ):
        return None
    # Without an id column in the patient table every row here would look like a fault.
    known = None if ids is None else set(ids)
    for row, cell in table.column(plan.patient):
        if known is not None and cell not in known:
            judge.fault(
                table.file,
                "no such patient in the patient table",
                "Correct the id",
                row=row,
                column=plan.patient,
                value=cell,
            )
    for row, cell in table.column(plan.term):
        if cell in table.source.missing:
            judge.fault(table.file, "the event has no name", "Name it", row=row, column=plan.term)
    return pd.DataFrame(
        {
            "patient": [cell for _, cell in table.column(plan.patient)],
            "term": [plan.term_labels.get(cell, cell) for _, cell in table.column(plan.term)],
            "grade": _judge_levels(table, plan.grade, plan.grades, judge),
        }
    )

"""The validated cohort: the only place where the values of data files are judged and given their types."""

from __future__ import annotations

import difflib
import hashlib
import itertools
import math
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, replace
from functools import cached_property

import pandas as pd
import yaml

from aice_helpers.files import read_table
from aice_helpers.judge import DATE, judge_cohort, odd_times, personal_content, personal_header
from aice_helpers.problems import PERSONAL, QUOTED, SHOWN, Findings, Problem, StudyError, plain_form
from aice_helpers.study import PLAIN_NUMBER, RESPONSE_TERM, Study, read_study

LONGEST_TERM = 120
"""Characters beyond which the name of an adverse event is taken for a note about a patient."""
RESPONSE_LEVELS = ("No response", "Response")
_NOT_RECORDED = (
    "na",
    "n/a",
    "nan",
    "nd",
    "null",
    "none",
    "unknown",
    "unk",
    "missing",
    "-",
    "--",
    ".",
    "?",
    "无",
    "不详",
    "未知",
)
"""Cells that often mean "not recorded"; only the study file can say so."""


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
    mask_below : int
        K: result tables, figures and sentences tell no count of 1 to K - 1 patients (see `masking`); 0 masks nothing.
    """

    study: Study
    patients: pd.DataFrame
    adverse_events: pd.DataFrame | None
    outcomes: dict[str, pd.DataFrame]
    remarks: tuple[Problem, ...]
    fingerprint: str
    mask_below: int = 0

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


def load_cohort(study, *, mask_below=0) -> Cohort:
    """Read and judge the data a study file points to.

    Parameters
    ----------
    study : path-like or Study
    mask_below : int
        Smallest count of patients that results may tell; 0 for all. See `masking`.

    Returns
    -------
    Cohort

    Raises
    ------
    StudyError
        With every fault found in the study file or in the data files, or when the whole cohort is below ``mask_below``.
    ValueError
        When ``mask_below`` is neither 0 nor a whole number of at least 2.
    """
    if not isinstance(mask_below, int) or mask_below < 0 or mask_below == 1:
        raise ValueError("mask_below is 0 or a whole number of at least 2")
    if not isinstance(study, Study):
        study = read_study(study)
    findings = Findings()
    digest = hashlib.sha256()
    table = read_table(study.patients, findings, folder=study.folder, digest=digest)
    events_table = None
    if study.adverse_events is not None:
        # A table of adverse events without a row says that none was seen; a cohort without a patient is a mistake.
        data = study.adverse_events.data
        events_table = read_table(data, findings, folder=study.folder, digest=digest, may_be_empty=True)
    if findings.faults:
        raise StudyError(findings.faults)
    ids, patients, outcomes = _judge_patients(study, table, findings)
    adverse_events = None if events_table is None else _judge_events(study, events_table, ids, findings)
    if findings.faults:
        raise StudyError(findings.faults)
    cohort = Cohort(study, patients, adverse_events, outcomes, (), digest.hexdigest(), mask_below)
    if cohort.n < mask_below:
        rule = f"the cohort has fewer than {mask_below} patients, so every count would be masked"
        raise StudyError([Problem(table.file, rule, "Build the book without masking and do not share it")])
    judge_cohort(cohort, findings)
    return replace(cohort, remarks=findings.remarks)


@dataclass(frozen=True)
class _Column:
    """One used column of a table: its cells with their row numbers, and where problems with it are noted."""

    table: object
    name: str
    cells: list
    missing: tuple[str, ...]
    findings: Findings

    def fault(self, rule, fix, row=None, value=None, **more):
        self.findings.fault(self.table.file, rule, fix, row=row, column=self.name, value=value, **more)

    def remark(self, rule, fix, row=None, value=None, **more):
        self.findings.remark(self.table.file, rule, fix, row=row, column=self.name, value=value, **more)

    def is_missing(self, cell):
        """Whether a cell means "not recorded"; -9 and -9.0 are the same code where the format knows numbers."""
        if cell in self.missing:
            return True
        if not self.table.typed or not self.missing_numbers:
            return False
        return _number(cell, self.table.decimal) in self.missing_numbers

    @cached_property
    def missing_numbers(self):
        """The missing codes that are numbers: a declared 99 also means 99.0."""
        numbers = {_number(code, self.table.decimal) for code in self.missing}
        return numbers - {None}

    @cached_property
    def flawed_rows(self):
        """Rows with a fault that the format itself shows, such as an error cell of a workbook."""
        return {flaw.row for flaw in self.table.flaws.get(self.name, ())}


def _column(table, name, findings, *, missing=(), levels=(), quiet=False):
    """A column that is known to be there, after noting what the file itself says about it.

    ``levels`` are codes with a meaning in this column, so that none of them means "not recorded".
    """
    name = unicodedata.normalize("NFC", name)
    column = _Column(table, name, table.column(name), (*table.missing, *(code.strip() for code in missing)), findings)
    if quiet:
        return column
    for flaw in table.flaws.get(name, ()):
        column.fault(flaw.rule, flaw.fix, flaw.row, flaw.value)
    for note in table.notes.get(name, ()):
        column.remark(note.rule, note.fix, count=note.count, counts_cells=note.counts_cells)
    absent = Counter(cell for _, cell in column.cells if cell and cell not in levels and column.is_missing(cell))
    for code, count in absent.items():
        rule = f"the code {code!r} is declared to mean not recorded"
        column.remark(rule, "Nothing to do if so", count=count, counts_cells=True)
    return column


def _same_number(cell, codes):
    """Whether a cell equals one of the codes as a number."""
    if not PLAIN_NUMBER.fullmatch(cell):
        return False
    return any(PLAIN_NUMBER.fullmatch(code) and float(code) == float(cell) for code in codes)


def _find_column(table, column, findings, what):
    if unicodedata.normalize("NFC", column) in table.header:
        return True
    plain = {plain_form(name).replace("_", " "): name for name in table.header}
    near = difflib.get_close_matches(column, table.header, n=1, cutoff=0.5)
    alike = plain.get(plain_form(column).replace("_", " ")) or (near[0] if near else None)
    hint = f"Did the study file mean {alike!r}?" if alike else "Add it, or correct its name in the study file"
    findings.fault(table.file, f"the column for {what} is not there", hint, column=column)
    return False


def _note_unused(table, used, findings):
    """Remark on the columns that nothing reads; they reach no output, whatever they hold."""
    used = {unicodedata.normalize("NFC", name) for name in used}
    unused = [name for name in table.header if name not in used]
    if unused:
        names = ", ".join(map(repr, unused[:10])) + (f" and {len(unused) - 10} more" if len(unused) > 10 else "")
        rule = f"the column {names} is not used" if len(unused) == 1 else f"the columns {names} are not used"
        findings.remark(table.file, rule, "Declare under variables what the book is to use")
    personal = [name for name in unused if personal_header(name)]
    if personal:
        names = ", ".join(map(repr, personal[:10]))
        findings.remark(
            table.file,
            f"{names} may point to a person; not used, yet the file holds it",
            "Delete it from the file before the file is passed on",
        )


def _number(text, decimal):
    """The number a cell holds, or None when it holds something else."""
    if decimal != ".":
        if "." in text:
            return None
        text = text.replace(decimal, ".")
    value = float(text) if PLAIN_NUMBER.fullmatch(text) else None
    return None if value is None or math.isinf(value) else value


def _number_hint(cell, decimal):
    """How to mend a cell that holds no plain number."""
    if plain_form(cell) in _NOT_RECORDED or plain_form(cell) == "":
        return f"If it means not recorded, empty the cell or declare it: missing: [{_yaml(cell)}]"
    if decimal == "." and re.fullmatch(r"[+-]?\d+,\d+", cell):
        return "Write a point as decimal mark, or set decimal: ',' in the study file"
    if decimal == "," and re.fullmatch(r"[+-]?\d+\.\d+", cell):
        return "Write a comma as decimal mark, or set decimal: '.' in the study file"
    return ""


def _yaml(value):
    """A value as it can be pasted into a study file, on one line."""
    text = yaml.safe_dump(value, default_flow_style=True, allow_unicode=True, sort_keys=False, width=math.inf)
    return text.removesuffix("\n").removesuffix("\n...")


def _judge_patients(study, table, findings):
    used = {variable.source: variable.label for variable in study.variables.values() if variable.role != "excluded"}
    for endpoint in study.endpoints.values():
        used[endpoint.time] = f"{endpoint.label} (time)"
        used[endpoint.event] = f"{endpoint.label} (event)"
    if not all([_find_column(table, column, findings, what) for column, what in used.items()]):
        return None, None, {}
    excluded = [variable.source for variable in study.variables.values() if variable.role == "excluded"]
    _note_unused(table, [*used, *excluded], findings)
    if _second_header(study, table, findings):
        return None, None, {}
    ids = _judge_ids(_column(table, study.id_variable.source, findings, missing=study.id_variable.missing))
    findings.secrets = frozenset(ids) - {""}
    columns = {}
    for name, variable in study.variables.items():
        if variable.role in ("id", "excluded"):
            continue
        if _is_personal(table, variable, findings):
            continue
        column = _column(table, variable.source, findings, missing=variable.missing, levels=variable.levels)
        if variable.type == "category":
            columns[name] = _judge_levels(column, variable.levels)
        elif variable.type == "text":
            columns[name] = pd.Series(
                [None if column.is_missing(cell) else cell for _, cell in column.cells], dtype=object
            )
        else:
            columns[name] = _judge_numbers(column, variable)
    outcomes = {name: _judge_endpoint(study, table, endpoint, findings) for name, endpoint in study.endpoints.items()}
    _judge_order(study, table, outcomes, findings)
    if findings.faults:
        return ids, None, {}
    index = pd.Index(ids, name="patient", dtype=object)
    patients = pd.DataFrame(
        {name: values.to_numpy() if values.dtype == object else values.array for name, values in columns.items()},
        index=index,
    )
    return ids, patients, {name: frame.set_axis(index) for name, frame in outcomes.items()}


def _second_header(study, table, findings):
    """Whether the first row below the header names units or parts of columns instead of a patient."""
    numeric = {endpoint.time for endpoint in study.endpoints.values()} | {
        variable.source
        for variable in study.variables.values()
        if variable.type in ("number", "integer") and variable.role not in ("id", "excluded")
    }
    if len(table.rows) < 2:
        return False
    words = 0
    for name in numeric:
        (row, first), *others = _column(table, name, findings, quiet=True).cells
        if first in table.missing:
            continue
        below = [_number(cell, table.decimal) is not None for _, cell in others if cell not in table.missing]
        if DATE.fullmatch(first) or re.search(r"\d", first) or not below or sum(below) < 0.5 * len(below):
            return False
        words += 1
    if words >= 2:
        findings.fault(
            table.file,
            "the row below the header holds words where numbers are needed; it looks like a second header row",
            "Keep one header row, or give the number of the lower one in the study file (header: 2)",
            row=row,
        )
    return words >= 2


def _is_personal(table, variable, findings):
    """Whether a declared column points to a person; such a column is refused and its content never quoted."""
    column = _column(table, variable.source, findings, missing=variable.missing, quiet=True)
    cells = [cell for _, cell in column.cells if not column.is_missing(cell)]
    what = personal_header(variable.name) or personal_content(column.name, cells, type_=variable.type)
    if not what:
        return False
    if what == "dates":
        rule = "the column holds dates, which point to a person"
        fix = "Compute ages or times from them; declare the column itself as role: excluded"
    else:
        rule = f"the column seems to hold {what}, which points to a person"
        fix = "Declare it as role: excluded, or as role: id if it is the patient's id"
    findings.fault(table.file, rule, fix, column=column.name)
    return True


def _judge_ids(column):
    seen = {}
    for row, cell in column.cells:
        if column.is_missing(cell):
            if row not in column.flawed_rows:
                column.fault("the patient has no id", "Give every patient an id", row)
        elif cell in seen:
            rule = f"the id is already used in row {seen[cell]}"
            column.fault(rule, "Keep one row a patient", row, kind="duplicate id")
        seen.setdefault(cell, row)
    return [cell for _, cell in column.cells]


def _meaning(cell, levels, column):
    """What a cell means as one of ``levels`` (code -> label): (label, whether it is a variant), or None if nothing."""
    if cell in levels:
        return levels[cell], False
    if column.is_missing(cell):
        return None, False
    own = column.table.labels.get(column.name, {}).get(cell)
    if column.table.typed:
        same = {label for code, label in levels.items() if _same_number(cell, [code])}
        if len(same) == 1:
            return same.pop(), False
        if own in levels:
            return levels[own], False
        if own in levels.values():
            return own, False
    for text in (cell, own):
        for known in (levels, {label: label for label in levels.values()}) if text else ():
            alike = {label for code, label in known.items() if plain_form(code) == plain_form(text)}
            if len(alike) == 1:
                return alike.pop(), True
    return None


def _judge_levels(column, levels, *, what="code"):
    """Cells as labels of declared levels; variants in spelling are mapped and said, other codes are faults."""
    meanings = {cell: _meaning(cell, levels, column) for cell in dict.fromkeys(cell for _, cell in column.cells)}
    variants, unknown = Counter(), {}
    for row, cell in column.cells:
        if meanings[cell] is None:
            if row not in column.flawed_rows:
                unknown.setdefault(cell, []).append(row)
        elif meanings[cell][1]:
            variants[cell] += 1
    if unknown:
        _fault_unknown(column, levels, unknown, what)
    for cell, count in variants.items():
        rule = f"another spelling is read as the level {meanings[cell][0]!r}"
        column.remark(rule, "Spell it alike if it is the same", value=cell, count=count)
    _remark_swapped(column, levels)
    values = [None if meanings[cell] is None else meanings[cell][0] for _, cell in column.cells]
    return pd.Series(pd.Categorical(values, categories=list(levels.values()), ordered=True))


def _fault_unknown(column, levels, unknown, what):
    """One fault for each code that the study file does not declare, the first with the line to paste into it."""
    quotable = [code for code in unknown if column.findings.quotable(code) == code]
    paste = ""
    if what == "code" and len(quotable) == len(unknown) <= SHOWN:
        paste = f" To declare: levels: {_yaml(levels | {code: code for code in unknown})}"
    elif what == "code":
        paste = f" The column holds {len(unknown)} other values; is it a category at all?"
    for code, rows in unknown.items():
        near = difflib.get_close_matches(code, levels, n=1, cutoff=0.5)
        hint = f"Did you mean {near[0]!r}?" if near else f"Declared codes: {_short(levels)}"
        if plain_form(code) in _NOT_RECORDED:
            hint = f"If it means not recorded, declare it: missing: [{_yaml(code)}]"
        fix = hint + ("" if not paste or hint.endswith("?") else ".") + paste
        paste = ""
        column.fault(
            "the code is not declared in the study file",
            fix,
            rows[0],
            code,
            count=len(rows),
        )


def _short(codes):
    text = ", ".join(codes)
    return text if len(text) <= 5 * QUOTED else text[: 5 * QUOTED] + " ..."


def _remark_swapped(column, levels):
    """Remark where the file's own value labels give a code the meaning that the study file gives to another."""
    for code, own in column.table.labels.get(column.name, {}).items():
        declared = next(
            (label for known, label in levels.items() if _same_number(code, [known]) or known == code), None
        )
        others = {plain_form(label) for label in levels.values() if label != declared}
        if declared is not None and plain_form(own) != plain_form(declared) and plain_form(own) in others:
            column.remark(
                f"the file itself calls the code {code!r} {own!r}, the study file {declared!r}", "Check which is right"
            )


def _judge_numbers(column, variable):
    decimal, values = column.table.decimal, []
    for row, cell in column.cells:
        value = math.nan if column.is_missing(cell) else _number(cell, decimal)
        if value in column.missing_numbers:
            column.remark(
                "a number equal to a declared missing code is read as not recorded", "Nothing to do if so", row
            )
            value = math.nan
        if value is None:
            if row not in column.flawed_rows:
                fix = _number_hint(cell, decimal) or f"Write digits with {decimal!r} as decimal mark, nothing else"
                column.fault("a plain number is needed", fix, row, cell)
            value = math.nan
        elif variable.type == "integer" and not math.isnan(value) and value % 1:
            column.fault("a whole number is needed", "Correct the cell, or declare type: number", row, cell)
        elif variable.range and not math.isnan(value) and not variable.range[0] <= value <= variable.range[1]:
            low, high = variable.range
            column.remark(f"outside the plausible range {low:g} to {high:g}", "Check it against the source", row, cell)
        values.append(value)
    return pd.Series(values, dtype="float64")


def _judge_endpoint(study, table, endpoint, findings):
    times = _judge_times(study, _column(table, endpoint.time, findings))
    column = _column(table, endpoint.event, findings, quiet=True)
    for flaw in table.flaws.get(column.name, ()):
        column.fault(flaw.rule, flaw.fix, flaw.row, flaw.value)
    codes = {endpoint.event_value: "event", endpoint.censored_value: "censored"}
    meanings = {cell: _event_meaning(cell, codes, column) for cell in dict.fromkeys(cell for _, cell in column.cells)}
    unknown, variants = {}, Counter()
    for row, cell in column.cells:
        if meanings[cell] is None and row not in column.flawed_rows:
            unknown.setdefault(cell, []).append(row)
        elif meanings[cell] is not None and meanings[cell][1]:
            variants[cell] += 1
    for cell, rows in unknown.items():
        rule = f"the event code is neither {endpoint.event_value} (event) nor {endpoint.censored_value} (censored)"
        fix = "Correct the cell, or the codes in the study file"
        present = [code for code in meanings if code]
        if len(present) == 2 and cell:
            fix += (
                f" (event_value, censored_value): the column holds {present[0][:QUOTED]!r} and {present[1][:QUOTED]!r}"
            )
        column.fault(rule, fix, rows[0], cell, count=len(rows))
    for cell, count in variants.items():
        rule = f"another spelling of the event code is read as {meanings[cell][0]}"
        column.remark(rule, "Spell it alike if it is the same", value=cell, count=count)
    events = [meanings[cell] is not None and meanings[cell][0] == "event" for _, cell in column.cells]
    return pd.DataFrame({"time": pd.Series(times, dtype="float64"), "event": pd.Series(events, dtype=bool)})


def _event_meaning(cell, codes, column):
    """What an event cell means; unlike a level, an empty or missing one means nothing."""
    meaning = _meaning(cell, codes, column) if cell else None
    return None if meaning is None or meaning[0] is None else meaning


def _judge_times(study, column):
    decimal, times = column.table.decimal, []
    for row, cell in column.cells:
        missing = column.is_missing(cell)
        value = None if missing else _number(cell, decimal)
        if row in column.flawed_rows:
            value = None
        elif missing:
            column.fault("a follow-up time is missing", "Fill it in or leave the patient out", row)
        elif value is None and DATE.fullmatch(cell):
            rule = f"a date stands where a time in {study.time_unit} is needed"
            column.fault(rule, "Compute the time from time zero in the table", row, cell)
        elif value is None:
            rule = f"a time in {study.time_unit} is needed"
            column.fault(rule, _number_hint(cell, decimal) or "Write a plain number", row, cell)
        elif value < 0:
            column.fault("a follow-up time is negative", "Correct the dates it was computed from", row, cell)
            value = None
        times.append(math.nan if value is None else value)
    times = pd.Series(times, dtype="float64")
    dates = odd_times(times.to_numpy(), study.time_unit)
    if dates:
        column.fault(dates, f"Compute the time from time zero in {study.time_unit}")
    return times


def _judge_order(study, table, outcomes, findings):
    """No endpoint may last longer than the one that bounds it."""
    for name, endpoint in study.endpoints.items():
        if not study.bound(name):
            continue
        bound = study.endpoints[study.bound(name)]
        own, limit = outcomes[name], outcomes[bound.name]
        # A time stored in single precision differs from the same time in double precision by a ten-millionth.
        longer = own["time"] > limit["time"] + 1e-9 + 2e-7 * limit["time"]
        unseen = limit["event"] & ~own["event"]
        for place in longer[longer].index:
            dead = f", after the {bound.event_label}" if limit["event"][place] and own["event"][place] else ""
            findings.fault(
                table.file,
                f"{name} lasts longer than {bound.name}{dead}",
                "Correct one of the two times",
                row=table.rows[place][0],
                column=endpoint.time,
            )
        for place in unseen[unseen & ~longer].index:
            findings.remark(
                table.file,
                f"{bound.name} has an event, yet {name} is censored",
                f"Check whether it counts as {endpoint.event_label}",
                row=table.rows[place][0],
                column=endpoint.event,
            )


def _judge_events(study, table, ids, findings):
    plan = study.adverse_events
    used = {plan.patient: "the patient id", plan.term: "the event", plan.grade: "the grade"}
    if not all([_find_column(table, column, findings, what) for column, what in used.items()]):
        return None
    _note_unused(table, used, findings)
    patients = _column(table, plan.patient, findings)
    if ids is not None:
        _judge_event_patients(patients, ids)
    terms = _column(table, plan.term, findings)
    for row, cell in terms.cells:
        if terms.is_missing(cell) and row not in terms.flawed_rows:
            terms.fault("the event has no name", "Name it", row)
    named = [cell for _, cell in terms.cells if not terms.is_missing(cell)]
    what = next((what for what, pattern in PERSONAL.items() if any(map(pattern.search, set(named)))), "")
    if what or any(len(cell) > LONGEST_TERM for cell in named):
        terms.fault(
            f"the names of the events seem to hold {what or 'free text'}, which may point to a person",
            "Name each event by its term",
        )
    spelled = _term_labels(terms, plan.term_labels)
    grades = _column(table, plan.grade, findings, levels=plan.grades)
    _judge_schemes(table, grades, plan, findings)
    return pd.DataFrame(
        {
            "patient": [cell for _, cell in patients.cells],
            "term": [spelled[cell] for _, cell in terms.cells],
            "grade": _judge_levels(grades, plan.grades, what="grade"),
        }
    )


def _judge_event_patients(column, ids):
    """Every event belongs to a patient of the patient table. The id in question is not quoted."""
    known = set(ids)
    alike = {plain_form(one).lstrip("0") for one in ids}
    for row, cell in column.cells:
        if cell not in known and row not in column.flawed_rows:
            hint = "Correct the id"
            if cell and plain_form(cell).lstrip("0") in alike:
                hint += "; one of the patient table differs only in capitals, spaces or leading zeros"
            column.fault("no such patient in the patient table", hint, row)


def _term_labels(column, declared):
    """Cell -> label of each adverse event; spellings that differ only in case, spaces or a dot are one event."""
    counts = Counter(cell for _, cell in column.cells)
    forms = {}
    for code, label in declared.items():
        forms.setdefault(plain_form(code), label)
        forms.setdefault(plain_form(label), label)
    # The most frequent spelling names an event that the study file does not; the first of equally frequent ones.
    for cell, _ in counts.most_common():
        forms.setdefault(plain_form(cell), cell)
    labels = {}
    for cell, count in counts.items():
        labels[cell] = declared[cell] if cell in declared else forms[plain_form(cell)]
        if cell not in declared and labels[cell] != cell:
            rule = f"another spelling is read as the event {labels[cell]!r}"
            column.remark(rule, "Spell it alike if it is the same", value=cell, count=count)
    return labels


def _judge_schemes(table, grades, plan, findings):
    """Grades of two schemes must not be counted together."""
    for name in table.header:
        if name in (plan.patient, plan.term, plan.grade) or not re.search(r"scheme|ctcae|grading", name, re.IGNORECASE):
            continue
        schemes = {plain_form(cell) for _, cell in table.column(name)} - {""}
        if len(schemes) > 1:
            findings.fault(
                table.file,
                f"the events are graded by {len(schemes)} schemes",
                f"Grade all of them by {plan.scheme}",
                column=name,
            )
    cells = {cell for _, cell in grades.cells if not grades.is_missing(cell)}
    labels = {plain_form(label) for code, label in plan.grades.items() if plain_form(label) != plain_form(code)}
    written = {cell for cell in cells if cell not in plan.grades and plain_form(cell) in labels}
    if written and cells & set(plan.grades):
        grades.fault(
            "grades are written in two ways, as codes and as words; they may come from two schemes",
            "Write all of them as codes",
        )

"""The study file: data dictionary and analysis plan, read into checked, immutable objects.

`read_study` is the only reader of ``study.yml``. A key it does not know is an error that names the nearest known
key, and every fault of the file is reported at once.
"""

from __future__ import annotations

import dataclasses
import difflib
import math
import re
import types
import typing
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from aice_helpers.problems import Problem, StudyError

DEFAULT_STUDY = Path(__file__).resolve().parent.parent / "data" / "study.yml"
"""The study file of the synthetic cohort that comes with the book."""
FILE_FORMATS = ("csv", "xlsx", "sav", "dta", "xpt", "parquet")
TIME_UNITS = ("days", "weeks", "months", "years")
VARIABLE_TYPES = ("number", "integer", "category", "text")
ROLES = ("id", "baseline", "post-baseline", "outcome", "excluded")
PLAIN_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
"""How a study file and the data write a number: no unit, no mark such as > or a trailing +, no inf, no nan."""
BOUND_BY_DEATH = ("PFS", "DFS", "EFS", "RFS", "MFS", "DMFS", "LRFS", "FFS", "RPFS")
"""Short names of endpoints that death ends as well, so that none lasts longer than OS."""
RESPONSE_TERM = "response"
"""Name under which the analysis plan lists the best response as a prognostic factor."""


@dataclass(frozen=True)
class DataFile:
    """Where a table lies and how it is written.

    What is left empty is found out: ``format`` ("csv", "xlsx", "sav", "dta", "xpt", "parquet") from the suffix of the
    file's name, ``encoding`` and ``delimiter`` of a text file from its content, ``sheet`` is the first with content.
    ``header`` is the row of the column names, as a spreadsheet counts; rows above it are not read. ``missing`` lists
    the cell texts that mean "not recorded"; an empty cell always does.
    """

    file: str
    encoding: str = ""
    delimiter: str = ""
    decimal: str = "."
    missing: tuple[str, ...] = ("",)
    format: str = ""
    sheet: str = ""
    header: int = 1


@dataclass(frozen=True)
class Variable:
    """One column of the patient table.

    ``levels`` maps the code in the file to the label shown, in display order; ``reference`` is a label. ``step`` is
    the increase of a numeric variable that one hazard ratio stands for. ``range`` holds the plausible limits.
    ``column`` is the name in the data file where it differs; ``missing`` lists codes for "not recorded" that this
    column has beside those of the file.
    """

    name: str
    label: str
    role: str
    type: str
    column: str = ""
    unit: str = ""
    definition: str = ""
    known: str = ""
    levels: dict[str, str] = field(default_factory=dict)
    reference: str = ""
    step: float = 1.0
    range: tuple[float, ...] = ()
    missing: tuple[str, ...] = ()

    @property
    def source(self) -> str:
        """Name of the variable's column in the data file."""
        return self.column or self.name


@dataclass(frozen=True)
class Endpoint:
    """A time-to-event endpoint: its time column (in the study's unit) and its coded event column.

    ``not_longer_than`` names the endpoint whose time bounds this one (PFS is never longer than OS); `Study.bound`
    knows the usual pairs without it.
    """

    name: str
    label: str
    time: str
    event: str
    event_value: str = "1"
    censored_value: str = "0"
    event_label: str = "event"
    not_longer_than: str = ""


@dataclass(frozen=True)
class Response:
    """Best response: the variable with its categories, and which of them count.

    A patient whose category is missing or in ``not_evaluable`` is not evaluable and no responder. ``month`` and
    ``change`` name the variables with the time of assessment (study unit) and the best change in per cent.
    """

    variable: str
    label: str
    scheme: str
    responders: tuple[str, ...]
    controlled: tuple[str, ...]
    progressed: tuple[str, ...] = ()
    not_evaluable: tuple[str, ...] = ()
    change: str = ""
    month: str = ""


@dataclass(frozen=True)
class AdverseEvents:
    """The adverse-event table (one row an event) and its grading scheme, mildest grade first.

    ``severe_from`` is the label of the first grade that counts as severe.
    """

    data: DataFile
    patient: str
    term: str
    grade: str
    scheme: str
    grades: dict[str, str]
    severe_from: str
    term_labels: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class CutPoints:
    """Limits that turn a numeric variable into groups (a value equal to a limit falls below it), and their source.

    ``labels`` names the groups, lowest first; without it they read "≤ 10 cm" and "> 10 cm".
    """

    at: tuple[float, ...]
    source: str
    labels: tuple[str, ...] = ()


@dataclass(frozen=True)
class Analysis:
    """The analysis plan: what is estimated, fixed before the data are looked at."""

    confidence_level: float = 0.95
    landmark_times: tuple[float, ...] = ()
    rmst_horizon: float | None = None
    groups: tuple[str, ...] = ()
    prognostic_factors: tuple[str, ...] = ()
    multivariable: tuple[str, ...] = ()
    response_landmarks: tuple[float, ...] = ()
    cut_points: dict[str, CutPoints] = field(default_factory=dict)


@dataclass(frozen=True)
class Study:
    """A study as its file defines it. ``folder`` is where the study file lies; data paths start there."""

    title: str
    synthetic: bool
    time_unit: str
    patients: DataFile
    variables: dict[str, Variable]
    endpoints: dict[str, Endpoint]
    time_zero: str = ""
    source: str = ""
    population: str = "patients"
    response: Response | None = None
    adverse_events: AdverseEvents | None = None
    analysis: Analysis = field(default_factory=Analysis)
    published: str = ""
    file: str = "study.yml"
    folder: Path = Path()

    @property
    def id_variable(self) -> Variable:
        """The variable with role ``id``."""
        return next(variable for variable in self.variables.values() if variable.role == "id")

    @property
    def files(self) -> tuple[str, ...]:
        """The study file and every file that it names, as paths that start at ``folder``, each once."""
        events = self.adverse_events.data.file if self.adverse_events else ""
        return tuple(dict.fromkeys(filter(None, (self.file, self.patients.file, events, self.published))))

    def bound(self, name: str) -> str:
        """The endpoint whose time bounds endpoint ``name``: the declared one, or OS for PFS and its like; "" if none."""
        declared = self.endpoints[name].not_longer_than
        if declared or name.upper() not in BOUND_BY_DEATH:
            return declared
        return next((other for other in self.endpoints if other.upper() == "OS"), "")

    def label(self, name: str) -> str:
        """Label of a variable, an endpoint or the response term."""
        if name == RESPONSE_TERM and self.response is not None:
            return self.response.label
        if name in self.endpoints:
            return self.endpoints[name].label
        return self.variables[name].label


def read_study(path) -> Study:
    """Read and check a study file.

    Parameters
    ----------
    path : path-like
        A YAML file.

    Returns
    -------
    Study

    Raises
    ------
    StudyError
        With every fault of the file, when there is one.
    """
    path = Path(path)
    study, reader = read_yaml(Study, path, given={"file": path.name, "folder": path.parent})
    if not reader.problems:
        _check_references(study, reader)
    if reader.problems:
        raise StudyError(reader.problems)
    return study


def read_yaml(cls, path, *, given=()):
    """Read a YAML file into the dataclass ``cls``; return it (None if unusable) and the reader with its problems.

    ``given`` holds fields that the file does not set. A file that is no YAML at all raises `StudyError`.
    """
    path = Path(path)
    reader = _Reader(path.name)
    try:
        raw = yaml.load(path.read_text(encoding="utf-8-sig"), Loader=_StrictLoader)
    except OSError as error:
        reader.fail("", None, f"the file cannot be read ({error.strerror})", "Check the path")
        raise StudyError(reader.problems) from None
    except UnicodeDecodeError:
        reader.fail("", None, "the file is not UTF-8 text", "Save it as UTF-8")
        raise StudyError(reader.problems) from None
    except (ValueError, TypeError, AttributeError, RecursionError):
        # A value with a tag of its own (!!int, !!timestamp) that does not fit raises Python's own errors.
        reader.fail("", None, "the file is not valid YAML", "Write plain keys and values, without !! tags")
        raise StudyError(reader.problems) from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = "" if mark is None else f" at line {mark.line + 1}"
        what = getattr(error, "problem", None) or "bad syntax"
        reader.fail("", None, f"the file is not valid YAML{where}: {what}", "Correct that line")
        raise StudyError(reader.problems) from None
    return reader.build(cls, raw, "", given=given), reader


class _StrictLoader(yaml.SafeLoader):
    """YAML without duplicate keys, whose scalars stay as they are written: text, or None when there is none.

    The codes of a data file are text, so 01, 1.0, 1_000 and yes must not turn into numbers or truth values.
    """

    def construct_mapping(self, node, deep=False):
        seen = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, str):
                raise yaml.constructor.ConstructorError(None, None, "a key must be plain text", key_node.start_mark)
            if key in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key!r} is given twice", key_node.start_mark
                )
            seen.add(key)
        return super().construct_mapping(node, deep)


_StrictLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag == "tag:yaml.org,2002:null"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


class _Reader:
    """Turns plain YAML values into the dataclasses above and keeps a list of everything that does not fit."""

    def __init__(self, file):
        self.file = file
        self.problems = []

    def fail(self, key, value, rule, fix):
        # A list may be endless through YAML's references, so only scalars are quoted.
        shown = str(value)[:60] if isinstance(value, str | int | float) else None
        self.problems.append(Problem(self.file, rule, fix, column=key or None, value=shown))

    def build(self, cls, raw, key, given=()):
        given = dict(given)
        fields = {f.name: f for f in dataclasses.fields(cls)}
        allowed = [name for name in fields if name not in given]
        if not isinstance(raw, dict):
            self.fail(key, raw, "a mapping of keys to values is needed here", f"Give it the keys {', '.join(allowed)}")
            return None
        hints = typing.get_type_hints(cls)
        values = dict(given)
        for name, value in raw.items():
            place = f"{key}.{name}" if key else str(name)
            if name not in allowed:
                near = difflib.get_close_matches(str(name), allowed, n=1, cutoff=0.5)
                hint = f"Did you mean {near[0]!r}?" if near else f"Known keys: {', '.join(allowed)}"
                self.fail(place, None, "this key is not known", hint)
                continue
            values[name] = self.convert(hints[name], value, place)
        for name, f in fields.items():
            required = f.default is dataclasses.MISSING and f.default_factory is dataclasses.MISSING
            if required and name not in values:
                self.fail(f"{key}.{name}" if key else name, None, "this key is missing", "Add it")
                values[name] = None
        before = len(self.problems)
        return None if before and any(v is None for v in values.values()) and cls is Study else cls(**values)

    def convert(self, hint, value, place):
        origin, args = typing.get_origin(hint), typing.get_args(hint)
        if origin in (typing.Union, types.UnionType):
            inner = [a for a in args if a is not type(None)]
            return None if value is None else self.convert(inner[0], value, place)
        if dataclasses.is_dataclass(hint):
            return self.build(hint, value, place)
        if origin is dict:
            return self.convert_dict(args[1], value, place)
        if origin is tuple:
            if not isinstance(value, list):
                self.fail(place, value, "a list is needed here", "Write it as [first, second]")
                return ()
            return tuple(self.convert(args[0], v, f"{place}[{i}]") for i, v in enumerate(value, 1))
        return self.convert_scalar(hint, value, place)

    def convert_dict(self, hint, value, place):
        if not isinstance(value, dict):
            self.fail(place, value, "a mapping of keys to values is needed here", "Write it as key: value")
            return {}
        named = dataclasses.is_dataclass(hint) and "name" in {f.name for f in dataclasses.fields(hint)}
        result = {}
        for k, v in value.items():
            if named:
                result[k] = self.build(hint, v, f"{place}.{k}", given={"name": k})
            else:
                result[k] = self.convert(hint, v, f"{place}.{k}")
        return result

    def convert_scalar(self, hint, value, place):
        text = value if isinstance(value, str) else ""
        if hint is str:
            if not isinstance(value, str):
                self.fail(place, value, "text is needed here", "Write a word or a phrase, in quotes if in doubt")
            return text
        if hint is bool:
            if text.lower() not in ("true", "false"):
                self.fail(place, value, "true or false is needed here", "Write true or false, without quotes")
            return text.lower() == "true"
        if hint is int:
            if not (text.isascii() and text.isdigit() and len(text) < 7):
                self.fail(place, value, "a whole number is needed here", "Write digits only")
                return 0
            return int(text)
        number = float(text) if PLAIN_NUMBER.fullmatch(text) else math.inf
        if math.isinf(number):
            self.fail(place, value, "a number is needed here", "Write digits, with a point as decimal mark")
            return 0.0
        return number


def _check_references(study, reader):
    """Names that must exist, choices that must be among the known ones, numbers that must lie in a range."""

    def choose(key, value, known, what):
        if value not in known:
            near = difflib.get_close_matches(str(value), [str(k) for k in known], n=1, cutoff=0.5)
            fix = f"Did you mean {near[0]!r}?" if near else f"Choose among: {', '.join(map(str, known))}"
            reader.fail(key, value, what, fix)

    choose("time_unit", study.time_unit, TIME_UNITS, "the time unit is not known")
    ids = [name for name, variable in study.variables.items() if variable.role == "id"]
    if len(ids) != 1:
        reader.fail(
            "variables",
            ", ".join(ids) or None,
            "exactly one variable must have the role id",
            "Mark the patient number with role: id",
        )
    if not study.endpoints:
        reader.fail("endpoints", None, "at least one endpoint is needed", "Declare one with its time and event columns")
    for name, variable in study.variables.items():
        key = f"variables.{name}"
        choose(f"{key}.role", variable.role, ROLES, "the role is not known")
        choose(f"{key}.type", variable.type, VARIABLE_TYPES, "the type is not known")
        if variable.type == "category" and not variable.levels:
            reader.fail(f"{key}.levels", None, "a category needs its levels", "List code: label for each level")
        if len(set(variable.levels.values())) < len(variable.levels):
            reader.fail(f"{key}.levels", None, "two levels have the same label", "Give each level its own label")
        if not all(label.strip() for label in variable.levels.values()):
            reader.fail(f"{key}.levels", None, "a level has no label", "Write code: label for each level")
        for code in variable.missing:
            if code in variable.levels:
                reader.fail(f"{key}.missing", code, "this code is also a level", "Keep it in one of the two")
        if variable.reference:
            choose(f"{key}.reference", variable.reference, tuple(variable.levels.values()), "the reference is no level")
        if variable.range and (len(variable.range) != 2 or variable.range[0] >= variable.range[1]):
            reader.fail(f"{key}.range", None, "a range is two numbers, the lower first", "Write it as [low, high]")
        if not variable.step > 0:
            reader.fail(f"{key}.step", variable.step, "a step is a number above zero", "Write for example 1")
        if name == RESPONSE_TERM or name in study.endpoints:
            reader.fail(
                key, None, "this name has a meaning of its own in the study file", "Choose another variable name"
            )
    _check_columns(study, reader)
    tables = {"patients": study.patients}
    if study.adverse_events is not None:
        tables["adverse_events.data"] = study.adverse_events.data
    for key, table in tables.items():
        if not table.file.strip():
            reader.fail(f"{key}.file", None, "the file has no name", "Name the data file")
        if table.delimiter and (len(table.delimiter) != 1 or table.delimiter in '"\r\n'):
            fix = 'Write it in quotes, a tab as "\\t"'
            reader.fail(f"{key}.delimiter", table.delimiter, "a delimiter is one character", fix)
        choose(f"{key}.decimal", table.decimal, (".", ","), "the decimal mark is not known")
        if table.delimiter == table.decimal:
            reader.fail(f"{key}.delimiter", table.delimiter, "the decimal mark cannot be the delimiter", "Change one")
        if table.format:
            choose(f"{key}.format", table.format, FILE_FORMATS, "the format is not known")
        if table.header < 1:
            reader.fail(f"{key}.header", None, "the first row has the number 1", "Write for example 2")
    for name, endpoint in study.endpoints.items():
        if endpoint.not_longer_than:
            others = tuple(other for other in study.endpoints if other != name)
            choose(f"endpoints.{name}.not_longer_than", endpoint.not_longer_than, others, "no such endpoint")
        if endpoint.event_value == endpoint.censored_value:
            reader.fail(
                f"endpoints.{name}.censored_value",
                endpoint.censored_value,
                "events and censored times have the same code",
                "Give two codes",
            )
    covariates = tuple(
        n for n, v in study.variables.items() if v.role in ("baseline", "post-baseline") and v.type != "text"
    )
    plan = study.analysis
    allowed = covariates + ((RESPONSE_TERM,) if study.response else ())
    for key in ("prognostic_factors", "multivariable"):
        for name in getattr(plan, key):
            choose(f"analysis.{key}", name, allowed, "this factor is no declared covariate")
    for name in plan.groups:
        choose("analysis.groups", name, allowed, "this grouping is no declared covariate")
        if name in study.variables and study.variables[name].type != "category" and name not in plan.cut_points:
            reader.fail(
                "analysis.groups",
                name,
                "a numeric variable needs cut-points to form groups",
                "Add it under analysis.cut_points",
            )
    for name, cut in plan.cut_points.items():
        choose("analysis.cut_points", name, covariates, "cut-points for an undeclared covariate")
        if name in covariates and study.variables[name].type == "category":
            reader.fail(
                f"analysis.cut_points.{name}", None, "a category has levels, not cut-points", "Take the cut-points out"
            )
        if not cut.at or list(cut.at) != sorted(set(cut.at)):
            reader.fail(
                f"analysis.cut_points.{name}.at", None, "cut-points are rising numbers", "Write them as [5, 10]"
            )
        if cut.labels and len(cut.labels) != len(cut.at) + 1:
            reader.fail(
                f"analysis.cut_points.{name}.labels",
                None,
                "there is one group more than cut-points",
                "Name every group",
            )
        if len(set(cut.labels)) < len(cut.labels):
            reader.fail(
                f"analysis.cut_points.{name}.labels", None, "two groups have the same label", "Name each its own way"
            )
    if not 0.5 <= plan.confidence_level < 1:
        reader.fail(
            "analysis.confidence_level",
            plan.confidence_level,
            "the confidence level lies between 0.5 and 1",
            "Write for example 0.95",
        )
    for key in ("landmark_times", "response_landmarks"):
        for value in getattr(plan, key):
            if value <= 0:
                reader.fail(f"analysis.{key}", value, "a landmark lies after time zero", "Write a positive number")
    if plan.rmst_horizon is not None and plan.rmst_horizon <= 0:
        reader.fail(
            "analysis.rmst_horizon", plan.rmst_horizon, "the horizon lies after time zero", "Write a positive number"
        )
    if study.response is not None:
        _check_response(study, reader, choose)
    events = study.adverse_events
    if events is not None:
        choose("adverse_events.severe_from", events.severe_from, tuple(events.grades.values()), "no such grade")
        if len(set(events.grades.values())) < len(events.grades):
            reader.fail(
                "adverse_events.grades", None, "two grades have the same label", "Give each grade its own label"
            )


def _check_columns(study, reader):
    """The id serves no other purpose, and a time is no event."""
    ids = {variable.source for variable in study.variables.values() if variable.role == "id"}
    for name, variable in study.variables.items():
        if variable.role not in ("id", "excluded") and variable.source in ids:
            reader.fail(f"variables.{name}", None, "the id cannot be a variable as well", "Take it out")
    for name, endpoint in study.endpoints.items():
        for key in ("time", "event"):
            if getattr(endpoint, key) in ids:
                reader.fail(f"endpoints.{name}.{key}", None, "this is the id column", "Name the right column")
        if endpoint.time == endpoint.event:
            reader.fail(f"endpoints.{name}.event", endpoint.event, "time and event are one column", "Name both columns")


def _check_response(study, reader, choose):
    response = study.response
    kept = {name: v.type for name, v in study.variables.items() if v.role not in ("id", "excluded")}
    categories = tuple(name for name, type_ in kept.items() if type_ == "category")
    numbers = tuple(name for name, type_ in kept.items() if type_ in ("number", "integer"))
    choose("response.variable", response.variable, categories, "no such variable with levels")
    for key in ("change", "month"):
        if getattr(response, key):
            choose(f"response.{key}", getattr(response, key), numbers, "no such numeric variable")
    if response.variable not in categories:
        return
    labels = tuple(study.variables[response.variable].levels.values())
    for key in ("responders", "controlled", "progressed", "not_evaluable"):
        for label in getattr(response, key):
            choose(f"response.{key}", label, labels, "no such response category")
    if not set(response.responders) <= set(response.controlled):
        reader.fail(
            "response.controlled", None, "a responder also has disease control", "Add the responders to controlled"
        )
    if set(response.controlled) & set(response.not_evaluable + response.progressed):
        reader.fail("response.controlled", None, "a category counts both as control and as not", "List it once")

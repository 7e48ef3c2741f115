"""The study file as checked, immutable objects: data dictionary and analysis plan."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

from aice_helpers.study.date_plan import Dates

DEFAULT_STUDY = Path(__file__).resolve().parents[2] / "data" / "study.yml"
"""The study file of the synthetic cohort that comes with the book."""

FILE_FORMATS = ("csv", "xlsx", "xls", "xlsb", "ods", "sav", "dta", "xpt", "sas7bdat", "rds", "parquet")

SHAPES = ("adtte", "prism", "redcap", "start-stop", "wide-events")
"""Shapes of tables that do not have one row a patient; see `data.shapes`."""

OneOrMore = Annotated[tuple[str, ...], "one or more"]
"""A list in the study file in which a single text may stand without brackets."""

Codes = Annotated[dict[str, str], "codes"]
"""Codes in a data file, each with its meaning or ""; in the study file one code, a list, or a mapping code: meaning."""

Kinds = Annotated[dict[str, tuple[str, ...]], "kinds"]
"""Names, each with its codes in a data file; in the study file a mapping name: one or more codes, or a list of names."""

TIME_UNITS = ("days", "weeks", "months", "years")

VARIABLE_TYPES = ("number", "integer", "category", "text")

ARMS = ("none", "randomized", "observational")
"""How groups to compare came about: there are none, by chance, or by anything else."""

ROLES = ("id", "baseline", "post-baseline", "outcome", "excluded")

PLAIN_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
"""How a study file and the data write a number: no unit, no mark such as > or a trailing +, no inf, no nan."""

BOUND_BY_DEATH = ("PFS", "DFS", "EFS", "RFS", "MFS", "DMFS", "LRFS", "FFS", "RPFS")
"""Short names of endpoints that death ends as well, so that none lasts longer than OS."""

RESPONSE_TERM = "response"
"""Name under which the analysis plan lists the best response as a prognostic factor."""

ADVERSE_EVENTS = "adverse events"

FLOW, GLOBAL = "flow", "GLOBAL"

ANY_EVENT, ANY_GRADE, SEVERE = "Any adverse event", "any grade", "severe or worse"

OBJECTIVE, CONTROL = "ORR", "DCR"
"""Words by which the result tables name what no study file declares; no name or label beside them may be the same."""

RESERVED_NAMES = (RESPONSE_TERM, FLOW, GLOBAL)
"""Names that no variable may have."""

WORDS_ONLY = ("title", "population", "label", "event_label", "unit", "scheme", "term_labels")
"""Keys that name things and change no number."""

UNANSWERED = "?"
"""What ``known`` says of a variable as long as nobody has said when it is known."""


@dataclass(frozen=True)
class DataFile:
    """Where a table lies and how it is written.

    What is left empty is found out: ``format`` (one of `FILE_FORMATS`) from the file's name and content, ``encoding`` and
    ``delimiter`` of a text file from its content, ``sheet`` is the first with content.
    ``header`` is the row of the column names, as a spreadsheet counts; rows above it are not read, nor are those in
    ``skip_rows``, which are no patients (units, totals, notes). ``missing`` lists the cell texts that mean "not
    recorded"; an empty cell always does.

    A table that does not have one row a patient is brought into that form, in this order: ``rows`` chooses rows (column ->
    contents, one of which a row must hold); ``shape`` (one of `SHAPES`) and the ``columns`` that it needs, what for -> name,
    reshape them; ``joined`` brings columns of other files beside them; ``row_number`` names a column that holds the
    number of the row.
    """

    file: str
    encoding: str = ""
    delimiter: str = ""
    decimal: str = "."
    missing: tuple[str, ...] = ("",)
    format: str = ""
    sheet: str = ""
    header: int = 1
    skip_rows: tuple[int, ...] = ()
    rows: dict[str, OneOrMore] = field(default_factory=dict)
    shape: str = ""
    columns: dict[str, str] = field(default_factory=dict)
    joined: tuple[JoinedFile, ...] = ()
    row_number: str = ""

    @property
    def files(self) -> tuple[str, ...]:
        """This file and every one that is joined to it."""
        return (self.file, *(name for other in self.joined for name in other.files))


@dataclass(frozen=True)
class JoinedFile(DataFile):
    """A second table whose columns are brought beside the first one's; ``by`` is the column that both have."""

    by: str = ""


@dataclass(frozen=True)
class Variable:
    """One column of the patient table.

    ``levels`` maps the code in the file to the label shown, in display order; ``reference`` is a label; ``ordered`` says that
    the levels rise (or fall) in that order, such as stages. ``step`` is
    the increase of a numeric variable that one hazard ratio stands for. ``range`` holds the plausible limits.
    ``column`` is the name in the data file where it differs; ``missing`` lists codes for "not recorded" that this
    column has beside those of the file. ``known`` says when the variable is known; "?" says that nobody has answered
    yet, and the variable is in no table of characteristics and in no model until somebody does.
    ``at_limit`` reads a cell such as ">20" as 20; without it such a cell is a fault. ``decimal`` is the decimal mark of a
    column that is written unlike the rest of the file.
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
    ordered: bool = False
    step: float = 1.0
    range: tuple[float, ...] = ()
    missing: tuple[str, ...] = ()
    at_limit: bool = False
    decimal: str = ""

    @property
    def source(self) -> str:
        """Name of the variable's column in the data file."""
        return self.column or self.name

    @property
    def is_unanswered(self) -> bool:
        """Whether nobody has said yet when the variable is known."""
        return self.known.strip() == UNANSWERED


@dataclass(frozen=True)
class Endpoint:
    """A time-to-event endpoint: its time column and its coded event column, or the events that it is the first of.

    ``event_value`` and ``censored_value`` hold the codes of the event, which may be of several kinds, and of an end of
    observation without one, which may have several reasons; ``competing`` names each other end that rules the event out, with
    its codes (with dates: a kind of event, without). ``entry`` is the column that says from when on a patient is observed, in
    the unit of the time (delayed entry).

    ``unit`` is the unit of the time column where it is not the study's; times are converted by `Study.days_in`. A patient
    without a time or without a state takes no part in the endpoint, unless ``complete`` insists that there is none such.
    ``first_of`` lists kinds of events of the study's `Dates`; time and event follow from the dates then. ``censored_at`` is
    "last_assessment" or "last_contact" where it is not the usual one. ``not_longer_than`` names the endpoint whose time
    bounds this one (PFS is never longer than OS); `Study.bound` knows the usual pairs without it.
    """

    name: str
    label: str
    time: str = ""
    event: str = ""
    event_value: Codes = field(default_factory=lambda: {"1": ""})
    censored_value: Codes = field(default_factory=lambda: {"0": ""})
    competing: Kinds = field(default_factory=dict)
    entry: str = ""
    event_label: str = "event"
    not_longer_than: str = ""
    first_of: tuple[str, ...] = ()
    censored_at: str = ""
    unit: str = ""
    complete: bool = False

    @property
    def event_kinds(self) -> tuple[str, ...]:
        """The kinds of its event, by the study file's words; one where they are not told apart."""
        return tuple(dict.fromkeys(kind or self.event_label for kind in self.event_value.values()))

    @property
    def end_of_code(self) -> dict[str, tuple[str, str]]:
        """Code in the data file -> what it stands for: "event", "censored" or "competing", and of which kind ("" if not told)."""
        ends = {code: ("event", kind or self.event_label) for code, kind in self.event_value.items()}
        ends |= {code: ("censored", reason) for code, reason in self.censored_value.items()}
        return ends | {code: ("competing", kind) for kind, codes in self.competing.items() for code in codes}


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
    """The analysis plan: what is estimated, fixed before the data are looked at.

    ``strata`` names variables within whose levels groups are compared as well, each patient with those of the same levels only.
    """

    confidence_level: float = 0.95
    rate_times: tuple[float, ...] = ()
    rmst_horizon: float | None = None
    groups: tuple[str, ...] = ()
    strata: tuple[str, ...] = ()
    prognostic_factors: tuple[str, ...] = ()
    multivariable: tuple[str, ...] = ()
    response_landmarks: tuple[float, ...] = ()
    cut_points: dict[str, CutPoints] = field(default_factory=dict)


@dataclass(frozen=True)
class Guess:
    """A guess of a draft that nobody has confirmed: it is confirmed when its entry is taken out of the study file.

    ``what`` is the key that was guessed, ``guess`` the value written there (a key that holds another value by now has
    been corrected), ``reason`` why, ``alternatives`` what it may be instead.
    """

    what: str
    reason: str
    guess: str = ""
    alternatives: tuple[str, ...] = ()

    @property
    def is_question(self) -> bool:
        """Whether it decides who or what is counted, an endpoint, its event code or its unit: no book until it is answered."""
        first = self.what.split(".")[0]
        return self.what in ("patients.rows", "patients.row_number", "adverse_events.data.columns") or (
            first in ("endpoints", "time_unit") and not self._is_words
        )

    @property
    def changes_a_number(self) -> bool:
        """Whether another answer changes a number of the book, or what its endpoint is, not only other words."""
        return not self._is_words or self.what.startswith("endpoints")

    @property
    def _is_words(self):
        return self.what.split(".")[-1] in WORDS_ONLY


@dataclass(frozen=True)
class Study:
    """A study as its file defines it. ``folder`` is where the study file lies; data paths start there.

    ``old_keys`` are keys of the file that have another name now, each with the new one.
    ``public`` says that the patients' records are published already, so that nothing is held back in table files.
    ``arms`` is one of `ARMS`, or "" where the file does not say. ``people`` is what one and several of the people are called,
    where that is not patient and patients.
    """

    title: str
    synthetic: bool
    time_unit: str
    patients: DataFile
    variables: dict[str, Variable]
    endpoints: dict[str, Endpoint] = field(default_factory=dict)
    dates: Dates | None = None
    public: bool = False
    time_zero: str = ""
    source: str = ""
    population: str = "patients"
    people: tuple[str, ...] = ()
    arms: str = ""
    response: Response | None = None
    adverse_events: AdverseEvents | None = None
    analysis: Analysis = field(default_factory=Analysis)
    published: str = ""
    unconfirmed: tuple[Guess, ...] = ()
    file: str = "study.yml"
    folder: Path = Path()
    old_keys: tuple[tuple[str, str], ...] = ()

    @property
    def id_variable(self) -> Variable:
        """The variable with role ``id``."""
        return next(variable for variable in self.variables.values() if variable.role == "id")

    @property
    def is_default(self) -> bool:
        """Whether this is the study that comes with the book."""
        return (self.folder / self.file).resolve() == DEFAULT_STUDY

    @property
    def described(self) -> tuple[str, ...]:
        """Names of the variables that characterize the patients: of role baseline or post-baseline, text excepted.

        A variable of which nobody has said when it is known is not among them.
        """
        roles = ("baseline", "post-baseline")
        return tuple(
            name for name, v in self.variables.items() if v.role in roles and v.type != "text" and not v.is_unanswered
        )

    @property
    def open_guesses(self) -> tuple[Guess, ...]:
        """The guesses that are neither confirmed nor corrected."""
        return tuple(guess for guess in self.unconfirmed if not self._is_corrected(guess))

    def _is_corrected(self, guess):
        """Whether the key of a guess is gone, or holds something else than was guessed."""
        place = self
        for part in guess.what.split("."):
            if isinstance(place, dict):
                if part not in place:
                    return True
                place = place[part]
            elif hasattr(place, part):
                place = getattr(place, part)
            else:
                return False
        written = ", ".join(place) if isinstance(place, tuple | dict) else place
        return bool(guess.guess) and isinstance(written, str) and written != guess.guess

    @property
    def can_fill(self) -> dict[str, bool]:
        """Chapter -> whether this study has what it is about."""
        plan, responds = self.analysis, self.response is not None
        return {
            "efficacy": responds,
            "survival": bool(self.endpoints),
            "prognostic-factors": bool(self.endpoints and (plan.prognostic_factors or plan.multivariable or responds)),
            "safety": self.adverse_events is not None,
            "ledger": bool(self.published),
            "conventions": bool(self.endpoints) or responds,
        }

    def known_later(self, name) -> bool:
        """Whether a variable (or the response term) is known only after time zero."""
        variable = self.variables.get(name)
        return name == RESPONSE_TERM or (variable is not None and variable.role in ("outcome", "post-baseline"))

    def is_ordered(self, name) -> bool:
        """Whether the groups of a variable rise in their order: by cut-points, or because the study file says so."""
        return name in self.analysis.cut_points or (name in self.variables and self.variables[name].ordered)

    @property
    def files(self) -> tuple[str, ...]:
        """The study file and every file that it names, as paths that start at ``folder``, each once."""
        events = self.adverse_events.data.files if self.adverse_events else ()
        return tuple(dict.fromkeys(filter(None, (self.file, *self.patients.files, *events, self.published))))

    @property
    def date_columns(self) -> dict[str, str]:
        """Column -> what it is for, of the columns that times are derived from."""
        if self.dates is None:
            return {}
        status = {} if self.dates.status is None else {self.dates.status.column: "the vital status"}
        return self.dates.used | status

    def unit_of(self, name: str) -> str:
        """The unit in which the file holds the times of endpoint ``name``."""
        return self.endpoints[name].unit or self.time_unit

    def days_in(self, unit: str) -> float:
        """Days of a unit of time: a month has the declared number, or a twelfth of 365.25."""
        return (self.dates or Dates()).days_in(unit)

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


def check_words(study, reader):
    """No name or label is empty or is one by which the result tables name something else; endpoints differ in label."""
    response, events = study.response, study.adverse_events
    categories = study.variables.get(response.variable) if response is not None else None
    used = [
        ("variables", study.variables, RESERVED_NAMES),
        ("endpoints", study.endpoints, (RESPONSE_TERM, ADVERSE_EVENTS)),
        ("response.variable", categories.levels.values() if categories else (), (OBJECTIVE, CONTROL)),
        ("adverse_events.grades", events.grades.values() if events else (), (ANY_GRADE, SEVERE)),
        ("adverse_events.term_labels", events.term_labels.values() if events else (), (ANY_EVENT,)),
    ]
    for key, words, reserved in used:
        for word in words:
            if word in reserved:
                rule = "this name has a meaning of its own in the book"
                reader.fail(key, word, rule, "Choose another one")
            elif not word.strip():
                reader.fail(key, None, "a name or label is empty", "Fill it in")
    shared = Counter(endpoint.label for endpoint in study.endpoints.values())
    for label in (label for label, count in shared.items() if count > 1):
        reader.fail("endpoints", label, "two endpoints have the same label", "Give each endpoint its own label")

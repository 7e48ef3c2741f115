"""What a study file says of its dates: where they stand, how they are read, and by which rules times follow from them."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace

DEATH = "death"
"""Kind of event that a vital status tells of."""

NEW_THERAPY = "new therapy"
"""Cause and reason of censoring that a new therapy makes."""

HANDLINGS = ("ignored", "censored", "event")

LAST_ASSESSMENT, LAST_CONTACT, START = "last_assessment", "last_contact", "start"


@dataclass(frozen=True)
class Partial:
    """The day that stands for an unknown one, at most the last of its month, and the month where only a year is known."""

    day: int
    month: int | None = None


@dataclass(frozen=True)
class DateFormat:
    """How the cells of a column are read as dates; what is empty is found out, and asked for where it cannot be.

    ``order`` is "day-month", "month-day" or "year-month-day", ``calendar`` "gregorian", "buddhist" or "minguo",
    ``numbers`` a system that counts days or seconds (`data.dates.numbers.SYSTEMS`), ``two_digit_years`` the first of the
    hundred years that two figures stand for, ``language`` that of the month names, ``time_zone`` "as written" or a zone to
    which clock times with a zone of their own are moved before the day is taken.
    """

    order: str = ""
    calendar: str = ""
    numbers: str = ""
    two_digit_years: int | None = None
    partial: Partial | None = None
    language: str = ""
    time_zone: str = ""


@dataclass(frozen=True)
class VitalStatus:
    """The column that says who is known to have died, and its codes."""

    column: str
    dead: tuple[str, ...]
    alive: tuple[str, ...] = ()


@dataclass(frozen=True)
class NewTherapy:
    """The date of a further therapy, and what it does to the endpoints that are not of deaths alone."""

    column: str
    handling: str


@dataclass(frozen=True)
class MissedAssessments:
    """What an event after two or more missed assessments counts as.

    ``interval`` is the time between two scheduled assessments in days and ``window`` what a visit may be late; ``dates``
    are the columns of the assessments (without them the last assessment is the only one known).
    """

    handling: str
    interval: int
    window: int = 0
    dates: tuple[str, ...] = ()


@dataclass(frozen=True)
class Dates(DateFormat):
    """The dates of a study. Columns are named as in the data file.

    ``entry`` is the column of the date from which on a patient is observed, where that is later than the start (delayed entry).
    ``start_one_of`` lists columns of which one is the start, until it is decided. ``events`` maps each kind of event to the
    column of its date, ``deaths`` names those kinds that are deaths (without it the kinds whose names begin with death).
    ``no_assessment`` says where a patient without event and without assessment is censored ("start" or "last_contact"),
    ``death_without_date`` that a patient who is dead by status died at "last_contact" where no date of death is recorded.
    """

    start: str = ""
    start_one_of: tuple[str, ...] = ()
    entry: str = ""
    first_day: int = 0
    days_in_month: float = 30.4375
    events: dict[str, str] = field(default_factory=dict)
    deaths: tuple[str, ...] = ()
    last_assessment: str = ""
    last_contact: str = ""
    no_assessment: str = ""
    status: VitalStatus | None = None
    death_without_date: str = ""
    cutoff: str = ""
    new_therapy: NewTherapy | None = None
    missed_assessments: MissedAssessments | None = None
    missing: tuple[str, ...] = ()
    columns: dict[str, DateFormat] = field(default_factory=dict)

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of events, a death known by status alone included."""
        return tuple(self.events) if self.status is None or self.death_kinds else (*self.events, DEATH)

    @property
    def death_kinds(self) -> tuple[str, ...]:
        """The kinds of events with a date that are deaths."""
        return self.deaths or tuple(kind for kind in self.events if kind.casefold().startswith(DEATH))

    @property
    def fatal(self) -> frozenset:
        """All kinds that are deaths."""
        return frozenset({*self.death_kinds, DEATH})

    @property
    def used(self) -> dict[str, str]:
        """Column -> what it is for, of every column that holds dates."""
        start = {self.start: "the start"} if self.start else dict.fromkeys(self.start_one_of, "the start")
        named = start | {column: f"the date of {kind}" for kind, column in self.events.items()}
        if self.entry:
            named.setdefault(self.entry, "the entry")
        if self.last_assessment:
            named.setdefault(self.last_assessment, "the last assessment")
        if self.last_contact:
            named.setdefault(self.last_contact, "the last contact")
        if self.new_therapy is not None:
            named.setdefault(self.new_therapy.column, "the new therapy")
        for column in self.missed_assessments.dates if self.missed_assessments is not None else ():
            named.setdefault(column, "an assessment")
        return named

    def format_of(self, column) -> DateFormat:
        """How one column is read: what is declared for it alone goes before what is declared for all."""
        names = [one.name for one in fields(DateFormat)]
        common = DateFormat(**{name: getattr(self, name) for name in names})
        own = self.columns.get(column, DateFormat())
        return replace(common, **{name: getattr(own, name) for name in names if getattr(own, name) not in ("", None)})

    def days_in(self, unit) -> float:
        """Days of a time unit: a year has twelve of the declared months."""
        return {"days": 1.0, "weeks": 7.0, "months": self.days_in_month, "years": 12 * self.days_in_month}[unit]

"""Endpoints by dates: which columns hold the dates of a patient's course, and what follows from them."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field, replace

import numpy as np

from aice_helpers.core.problems import Findings, some
from aice_helpers.data.dates.cells import DIGITS, NUMBER, read_cell
from aice_helpers.data.dates.outcomes import judge_dated_endpoints
from aice_helpers.data.files.table import Table
from aice_helpers.data.privacy import personal_header
from aice_helpers.draft import timing, vocabulary
from aice_helpers.draft.date_words import VITAL, date_role, folded, vital_meaning
from aice_helpers.draft.endpoints import DraftedEndpoint
from aice_helpers.draft.headers import Column
from aice_helpers.study.date_plan import DEATH, Dates, NewTherapy, VitalStatus
from aice_helpers.study.model import DataFile, Endpoint, Guess, Study
from aice_helpers.study.writer import entry, listed, mapped, quoted

UNIT = "months"

MOST_WORDS = 10

MOSTLY = 0.9
"""Share of patients with a date from which on it is none of an event, which only some have."""


@dataclass(frozen=True)
class DraftedDates:
    """The plan drafted for a table's dates, the endpoints that follow, what was guessed and what stays open.

    ``endpoints`` are those as derived, where nothing stands in the way; ``faults`` counts what does. ``dated`` counts, by
    endpoint, the patients with a date of one of its events, which is known before the dates can be read.
    """

    plan: Dates
    first_of: dict[str, tuple[str, ...]]
    guesses: tuple[Guess, ...] = ()
    endpoints: tuple[DraftedEndpoint, ...] = ()
    faults: int = 0
    dated: dict[str, int] = field(default_factory=dict)

    @property
    def headers(self) -> frozenset:
        """Headers of the columns that are no variables."""
        status = () if self.plan.status is None else (self.plan.status.column,)
        return frozenset((*self.plan.used, *status))

    def found(self) -> list[str]:
        """What `aice init` says of it before its table."""
        lines = [f"dates: {', '.join(f'{what} {column!r}' for column, what in self.plan.used.items())}"]
        if self.plan.start_one_of:
            lines.append(f"the start of time is open: {len(self.plan.start_one_of)} columns could be it")
        if self.faults:
            count = f"{self.faults} question{'s' if self.faults > 1 else ''} or fault{'s' if self.faults > 1 else ''}"
            lines.append(f"endpoints by dates: {', '.join(self.first_of)}; {count} first, see aice check")
        return lines

    def lines(self) -> list[str]:
        """The sections ``dates`` and ``endpoints`` of the study file."""
        plan = self.plan
        lines = ["dates:"]
        if plan.start:
            lines.append(entry("start", quoted(plan.start), 1))
        else:
            note = "write start: and the right one of these in its place"
            lines.append(entry("start_one_of", listed(plan.start_one_of), 1, note=note))
        lines.append(entry("first_day", "0", 1, note="1: the day of the start is day 1"))
        if plan.events:
            lines.append(entry("events", mapped(plan.events), 1))
        if plan.new_therapy is not None:
            value = f"{{column: {quoted(plan.new_therapy.column)}, handling: {plan.new_therapy.handling}}}"
            lines.append(entry("new_therapy", value, 1, note="handling: ignored, censored or event"))
        for key in ("last_assessment", "last_contact", "cutoff"):
            if getattr(plan, key):
                lines.append(entry(key, quoted(getattr(plan, key)), 1))
        if plan.status is not None:
            status = plan.status
            value = f"{{column: {quoted(status.column)}, dead: {listed(status.dead)}, alive: {listed(status.alive)}}}"
            lines.append(entry("status", value, 1))
        if plan.missing:
            lines.append(entry("missing", listed(plan.missing), 1, note="no such date"))
        lines.append(entry("order", "day-month", 1, off=True, note="or month-day, where 05/03/2020 stands"))
        lines += ["", "endpoints:"]
        for name, kinds in self.first_of.items():
            label, event_label = vocabulary.ENDPOINTS[name][:2]
            lines += [
                entry(name, "", 1),
                entry("label", quoted(label), 2),
                entry("first_of", listed(kinds), 2),
                entry("event_label", quoted(event_label), 2),
            ]
        return lines


def find_dates(columns) -> DraftedDates | None:
    """The dates of a table and the endpoints that follow from them; None where too little is known."""
    dated = [column for column in columns if _holds_dates(column) and "birth" not in personal_header(column.header)]
    roles = {column.header: date_role(column.header) or date_role(column.title) for column in dated}
    dated = [column for column in dated if roles[column.header] != "birth"]
    status = _status(columns, {column.header for column in dated})
    if len(dated) < 2:
        return None
    named = {}
    for column in dated:
        named.setdefault(roles[column.header], []).append(column.header)
    events = {}
    for kind in ("progression", "relapse", DEATH):
        if named.get(kind):
            events[kind] = named[kind][0]
    starts = named.get("start") or named.get("", [])
    if not starts or not (events or status):
        return None
    cutoff = _cutoff([column for column in dated if roles[column.header] == "cutoff"])
    plan = Dates(
        start=starts[0] if len(starts) == 1 else "",
        start_one_of=tuple(starts) if len(starts) > 1 else (),
        events=events,
        last_assessment=next(iter(named.get("last_assessment", ())), ""),
        last_contact=next(iter(named.get("last_contact", ())), ""),
        status=status,
        cutoff=cutoff,
        new_therapy=next((NewTherapy(header, "ignored") for header in named.get("new_therapy", ())), None),
        missing=_words([column for column in dated if roles[column.header] != "cutoff"]),
    )
    first_of = _first_of(plan)
    if not first_of or not (plan.last_contact or plan.last_assessment or plan.cutoff):
        return None
    spare = [c.header for c in dated if c.header not in plan.used and len(c.present) < MOSTLY * len(c.cells)]
    drafted = DraftedDates(plan, first_of, tuple(_guesses(plan, roles, spare)))
    return _derived(drafted, columns)


def _holds_dates(column):
    """Whether most contents of a column are dates; numbers and unbroken figures only where its header says so."""
    texts = list(dict.fromkeys(column.present))
    found = [read_cell(text) for text in texts]
    named = "date" in folded(column.header) or "datum" in folded(column.header) or bool(date_role(column.header))
    days = 0
    for text, one in zip(texts, found, strict=True):
        if one.flaw:
            continue
        bare = one.form in (NUMBER, DIGITS)
        whole = any(parts.day is not None for parts in one.readings.values())
        days += (named and len(text.lstrip("-")) >= 5) if bare else whole or (named and len(text) > 4)
    return bool(texts) and days >= 0.5 * len(texts)


def _status(columns, dated):
    """The vital status: a column with words for dead and alive, or with 0 and 1 under a header that means it."""
    for column in columns:
        levels = column.levels
        if column.header in dated or not 1 <= len(levels) <= 8 or not VITAL.search(folded(column.header)):
            continue
        meant = {code: vital_meaning(column.labels.get(code, code)) for code in levels}
        dead, alive = (tuple(c for c, one in meant.items() if one == what) for what in ("dead", "alive"))
        if dead and len(dead) + len(alive) == len(levels):
            return VitalStatus(column.header, dead, alive)
        reversed_name = any(word in folded(column.header) for word in ("alive", "censor", "lebt"))
        if set(levels) <= {"0", "1"}:
            codes = ("0", "1") if reversed_name else ("1", "0")
            return VitalStatus(column.header, (codes[0],), (codes[1],))
    return None


def _cutoff(columns):
    """The one day that a column of cut-offs repeats, as a study file writes it."""
    for column in columns:
        days = {tuple(read_cell(text).readings.values()) for text in dict.fromkeys(column.present)}
        parts = next(iter(days)) if len(days) == 1 else ()
        if len(parts) == 1 and isinstance(parts[0].month, int) and parts[0].day and parts[0].year > 1900:
            return datetime.date(parts[0].year, parts[0].month, parts[0].day).isoformat()
    return ""


def _words(columns):
    """Words in columns of dates that stand for no date."""
    words = dict.fromkeys(
        cell
        for column in columns
        for cell in column.cells
        if cell and not any(map(str.isdigit, cell)) and len(cell) < 20
    )
    return tuple(words) if len(words) <= MOST_WORDS else ()


def _first_of(plan):
    kinds = [kind for kind in ("progression", "relapse") if kind in plan.events]
    deaths = DEATH in plan.kinds
    found = {}
    if "progression" in kinds:
        found["PFS" if deaths else "TTP"] = (*kinds, *((DEATH,) if deaths else ()))
    elif kinds and deaths:
        found["RFS"] = (*kinds, DEATH)
    if deaths:
        found["OS"] = (DEATH,)
    return found


def _guesses(plan, roles, spare):
    by_name = "by the names of the columns"
    if spare:
        what = " and ".join(map(repr, spare)) if len(spare) < 3 else some(spare)
        reason = f"only some patients have a date in {what}, as of an event, and no endpoint uses it"
        yield Guess("endpoints", reason, "", ("dates: events: {its kind: its column}, and the kind under first_of",))
    yield Guess("dates", f"which date is which was taken {by_name}")
    if plan.start and not roles.get(plan.start):
        reason = "no header says what the start of time is; it is the one date that is nothing else"
        yield Guess("endpoints", reason, "", ("dates: start: another column",))
    if plan.status is not None and {*plan.status.dead, *plan.status.alive} <= {"0", "1"}:
        code, other = plan.status.dead[0], plan.status.alive[0]
        reason = f"{code} in {plan.status.column!r} was taken for dead"
        yield Guess("endpoints", reason, "", (f"status: dead [{quoted(other)}], alive [{quoted(code)}]",))
    if plan.new_therapy is not None and "progression" in plan.events:
        reason = (
            f"what a new therapy ({plan.new_therapy.column!r}) does to PFS is part of the question asked; as drafted it changes "
            "nothing, and the other ways stand beside it as analyses of sensitivity"
        )
        others = ("new_therapy: handling: censored", "new_therapy: handling: event")
        yield Guess("endpoints", reason, "", others)
    if plan.missing:
        yield Guess("dates.missing", "words in columns of dates are taken for no such date")


def _derived(drafted, columns):
    """With the endpoints as they follow from the dates, or the number of faults that stand in the way."""
    table = Table.of_rows(
        "table",
        [column.header for column in columns],
        list(enumerate(zip(*(column.cells for column in columns), strict=True), 2)),
    )
    named = {name: Endpoint(name, name, first_of=kinds) for name, kinds in drafted.first_of.items()}
    study = Study("", False, UNIT, DataFile("table"), {}, named, dates=drafted.plan)
    findings = Findings()
    derivation = judge_dated_endpoints(study, table, findings)
    if derivation is None or findings.faults:
        return replace(drafted, faults=len(findings.faults), dated=_dated(drafted, columns))
    endpoints = []
    for name, one in derivation.endpoints.items():
        label, event_label = vocabulary.ENDPOINTS[name][:2]
        outcome = one.outcome
        times = tuple("" if np.isnan(time) else repr(float(time)) for time in outcome.time)
        states = tuple(
            "" if not known else "1" if seen else "0" for known, seen in zip(outcome.known, outcome.event, strict=True)
        )
        kinds = " or ".join(drafted.first_of[name])
        codes = timing.EventCodes("1", "0", "derived from dates", True, ("0", "1"))
        start = f"{UNIT} from {drafted.plan.start}"
        endpoints.append(
            DraftedEndpoint(name, label, event_label, Column(start, times), Column(kinds, states), codes, "from dates")
        )
    return replace(drafted, endpoints=tuple(endpoints))


def _dated(drafted, columns):
    """Endpoint -> how many patients have a date of one of its events, or are dead by status."""
    cells, plan = {column.header: column.cells for column in columns}, drafted.plan
    counts = {}
    for name, kinds in drafted.first_of.items():
        seen = [[bool(cell) for cell in cells[plan.events[kind]]] for kind in kinds if kind in plan.events]
        if DEATH in kinds and plan.status is not None:
            seen.append([cell in plan.status.dead for cell in cells[plan.status.column]])
        counts[name] = sum(map(any, zip(*seen, strict=True)))
    return counts

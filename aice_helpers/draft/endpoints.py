"""Endpoints of a table: which time belongs to which event, and what of it is a question for the user."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace

from aice_helpers.data.suspicion import looks_like_entry
from aice_helpers.draft import headers, timing, vocabulary
from aice_helpers.draft.headers import Column
from aice_helpers.study.model import Guess
from aice_helpers.study.writer import quoted

OUTLIVED = 0.01
"""Share of patients in whom a time may exceed overall survival before it is taken for no follow-up at all."""

ALMOST, MISSED = 0.999, 0.05
"""How near to the death a censored time must be to end with it, and the share of deaths that slips do not explain."""

NAMED = "by the names of the columns"


@dataclass(frozen=True)
class DraftedEndpoint:
    """A time and an event column that were taken for one endpoint, and why.

    ``is_named`` says that a header names the endpoint, ``leaves_out_deaths`` that its flag does not count deaths.
    """

    name: str
    label: str
    event_label: str
    time: Column
    event: Column
    codes: timing.EventCodes
    why: str
    is_named: bool = True
    leaves_out_deaths: bool = False

    @property
    def events(self):
        """Whether each patient has the event."""
        return [cell in self.codes.events for cell in self.event.cells]

    @property
    def known(self):
        """Place, time and event of the patients of whom both are known."""
        codes = dict.fromkeys((self.codes.censored, *self.codes.also_censored), False)
        codes |= dict.fromkeys(self.codes.events, True)
        pairs = zip(self.time.numbers, self.event.cells, strict=True)
        return [
            (place, time, codes[cell])
            for place, (time, cell) in enumerate(pairs)
            if time is not None and time >= 0 and cell in codes
        ]


def find_endpoints(columns):
    """Endpoints found as pairs of columns, and the (part, column) pairs that found no partner."""
    parts = {"time": [], "event": []}
    for column in columns:
        endpoint, part = timing.endpoint_part(column)
        if part:
            parts[part].append((endpoint, column))
    pairs = _pairs_by_name(parts)
    pairs += _other_pairs(parts, pairs, columns)
    paired = {column.header for _, *both, _, _ in pairs for column in both}
    spare = [(part, column) for part, side in parts.items() for _, column in side if column.header not in paired]
    pairs.sort(key=lambda pair: pair[0] == "OS")
    endpoints = [_endpoint(*pair) for pair in pairs]
    return _without_false_names(endpoints), spare


def _pairs_by_name(parts):
    pairs = []
    for name in dict.fromkeys(name for name, _ in parts["time"] if name):
        times, events = ([column for known, column in parts[part] if known == name] for part in ("time", "event"))
        if events:
            pairs.append((name, times[0], events[0], NAMED, True))
    return pairs


def _other_pairs(parts, pairs, columns):
    """What the names leave open: a nameless time or event is paired with what is left, or with its neighbor."""
    paired = {column.header for _, *both, _, _ in pairs for column in both}
    times, events = ([one for one in parts[part] if one[1].header not in paired] for part in ("time", "event"))
    # A flag whose codes say which is the event comes before one that may hold anything.
    events.sort(key=lambda one: (not timing.event_codes(one[1]).is_sure, len(one[1].levels)))
    limit = next((time for name, time, *_ in pairs if name == "OS"), None)
    found = []
    for name, time in times:
        if not name and limit is not None and _outlives(time, limit):
            continue
        partner = next((one for one in events if name in ("", one[0]) or one[0] == ""), None)
        beside = None if pairs or found or partner else _beside(time, columns)
        partner = partner or beside
        if partner is None:
            continue
        events = [one for one in events if one[1] is not partner[1]]
        endpoint, is_named = name or partner[0], bool(name or partner[0]) and beside is None
        if not endpoint:
            endpoint = "OS" if timing.endpoint_part(partner[1])[1] else headers.variable_name(partner[1].header)
        if endpoint not in {known for known, *_ in (*pairs, *found)}:
            found.append((endpoint, time, partner[1], "the time and event columns that fit each other", is_named))
    return found


def _outlives(time, limit):
    """Whether a duration exceeds overall survival in more patients than slips explain."""
    both = [(a, b) for a, b in zip(time.numbers, limit.numbers, strict=True) if a is not None and b is not None]
    return sum(a > b for a, b in both) > OUTLIVED * len(both)


def _beside(time, columns):
    """The column of two codes right after (or before) a time column."""
    place = [column.header for column in columns].index(time.header)
    for near in (place + 1, place - 1):
        if 0 <= near < len(columns) and set(columns[near].levels) == {"0", "1"}:
            return "", columns[near]
    return None


def _endpoint(name, time, event, why, is_named):
    label, event_label = vocabulary.ENDPOINTS.get(
        name, (f"Time to {headers.label(name).lower()}", headers.label(name).lower())
    )[:2]
    codes = timing.event_codes(event, time.numbers)
    if name == "OS" and codes.are_deaths:
        codes = replace(codes, is_sure=True)
    return DraftedEndpoint(name, label, event_label, time, event, codes, why, is_named)


def _without_false_names(endpoints):
    """Endpoints whose flag leaves out deaths are not called by a name that includes them."""
    overall = next((one for one in endpoints if one.name == "OS"), None)
    taken, result = {one.name for one in endpoints}, []
    for one in endpoints:
        alone = vocabulary.ALONE.get(one.name)
        if alone and alone[0] not in taken and len(one.codes.codes) <= 2 and _leaves_out_deaths(one, overall):
            one = replace(one, name=alone[0], label=alone[1], event_label=alone[2], leaves_out_deaths=True)
        result.append(one)
    return result


def _leaves_out_deaths(one, overall):
    """Whether the flag of an endpoint that death should end does not count deaths.

    A flag such as "recurrence" counts what it says unless it has an event for whoever died; one that is named after the
    endpoint is believed unless patients who were followed to their death count as censored.
    """
    named = any(
        re.search(vocabulary.ENDPOINTS[one.name][2], " ".join(column.words)) for column in (one.event, one.time)
    )
    if overall is None:
        return not named
    codes = {one.codes.event: True, one.codes.censored: False}
    rows = zip(overall.events, one.event.cells, one.time.numbers, overall.time.numbers, strict=True)
    dead = [(codes[cell], own, whole) for died, cell, own, whole in rows if died and cell in codes]
    missed = [(own, whole) for event, own, whole in dead if not event]
    if not named:
        return bool(missed) or not dead
    followed = sum(own is not None and whole is not None and own >= ALMOST * whole for own, whole in missed)
    return followed >= max(2, MISSED * len(dead))


def _other_codes(codes):
    """What the codes may mean instead of what was taken."""
    others = [code for code in codes.codes if code not in (*codes.events, codes.censored, *codes.also_censored)]
    if not others:
        return tuple(
            f"event_value: {quoted(code)} and censored_value: {quoted(codes.event)}" for code in (codes.censored,)
        )
    third = quoted(others[0])
    return (
        f"event_value: [{quoted(codes.event)}, {third}], if both are events",
        f"censored_value: [{quoted(codes.censored)}, {third}], if {third} is censored",
        f"competing: {{name of it: {third}}}, if {third} rules the event out",
    )


def entries_of(endpoints, columns) -> dict[str, Column]:
    """Endpoint -> the column that may say from when on its patients are observed."""
    found = {}
    for one in endpoints:
        time = [math.nan if number is None else number for number in one.time.numbers]
        for column in columns:
            values = [math.nan if number is None else number for number in column.numbers]
            if column.is_numeric and column is not one.time and looks_like_entry(column.header, values, time):
                found.setdefault(one.name, column)
    return found


def entry_questions(entries):
    """One question for each endpoint with such a column."""
    reason = "by its name and size {!r} may be the time from which on patients are observed (delayed entry)"
    other = "take the line out and declare the column under variables, if everyone is observed from time zero on"
    return [
        Guess(f"endpoints.{name}.entry", reason.format(column.header), column.header, (other,))
        for name, column in entries.items()
    ]


def time_unit(endpoints):
    """Unit of the endpoints' times, why it was taken ("" where the headers name it), and the units that headers name."""
    named = {
        one.time.header: timing.time_unit(one.time.header) or timing.time_unit(one.time.title) for one in endpoints
    }
    units = list(dict.fromkeys(filter(None, named.values())))
    if units:
        return units[0], "", named
    times = [number for one in endpoints for number in one.time.numbers if number is not None]
    why = "no header names the unit of the times; this one fits their size" if endpoints else "no endpoint was found"
    return (timing.time_unit_by_size(times) if endpoints else "months"), why, named


def endpoint_questions(endpoints, spare, unit, unit_why, named):
    """`Guess` es about endpoints: those that decide one are questions, which `aice check` asks until they are answered."""
    asked = []
    if endpoints and unit_why:
        others = tuple(f"time_unit: {other}" for other in ("days", "weeks", "months", "years") if other != unit)
        asked.append(Guess("time_unit", unit_why, unit, others))
    elif unnamed := [header for header, own in named.items() if not own]:
        asked.append(
            Guess("endpoints", f"the unit of {', '.join(map(repr, unnamed))} is not named; it was taken for {unit}")
        )
    for one in endpoints:
        key = f"endpoints.{one.name}"
        if not one.is_named:
            reason = (
                f"no header says what the event in {one.event.header!r} is; it was taken for {one.event_label}, "
                f"and {one.time.header!r} for its time"
            )
            asked.append(Guess(key, reason, "", ("label and event_label of what the event is",)))
        if not one.codes.is_sure:
            asked.append(Guess(f"{key}.event_value", one.codes.why, one.codes.event, _other_codes(one.codes)))
        if one.leaves_out_deaths:
            reason = (
                f"{one.event.header!r} leaves out deaths, so the endpoint is not called survival; deaths are censored"
            )
            asked.append(Guess(f"{key}.label", reason, one.label, ("a flag that counts deaths as well",)))
    if spare:
        words = " and ".join(
            f"{', '.join(repr(column.header) for kind, column in spare if kind == part)} "
            f"({'a time' if part == 'time' else 'an event'})"
            for part in dict.fromkeys(kind for kind, _ in spare)
        )
        reason = f"an endpoint was found in part: no partner for {words}"
        asked.append(Guess("endpoints", reason, "", ("one more endpoint with its time and event",)))
    return asked

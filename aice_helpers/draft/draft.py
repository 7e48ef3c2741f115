"""Drafts a study file for a table of patients: every guess is marked, nothing about a person enters it.

`draft_study` reads the table and returns the text of ``study.yml``; `core.writing.write_new` puts it on disk. What the
columns are is guessed in `guesses`; here the guesses become endpoints, roles and an analysis plan.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from aice_helpers.draft import headers, roles, timing, vocabulary
from aice_helpers.draft.headers import Column
from aice_helpers.draft.lines import (
    adverse_event_lines,
    endpoint_lines,
    file_lines,
    head_lines,
    no_events_lines,
    plan_lines,
    response_lines,
    title_lines,
    variable_lines,
)
from aice_helpers.draft.reading import NAMELESS, read_columns, relative
from aice_helpers.study.model import RESERVED_NAMES


@dataclass(frozen=True)
class Draft:
    """A drafted study file: its text, what was found in plain words, and what the user has to confirm."""

    text: str
    found: tuple[str, ...]
    confirm: tuple[str, ...]


@dataclass(frozen=True)
class _Endpoint:
    name: str
    label: str
    event_label: str
    time: Column
    event: Column
    codes: timing.EventCodes
    why: str

    @property
    def events(self):
        return [cell == self.codes.event for cell in self.event.cells]


@dataclass(frozen=True)
class _Variable:
    """A column's place in the study file; ``excluded`` says why it stays out."""

    name: str
    column: Column
    type: str
    role: str
    levels: roles.Levels | None = None
    excluded: str = ""

    @property
    def coefficients(self):
        return len(self.levels.labels) - 1 if self.levels else 1


def draft_study(file, *, events=None, sheet="", folder=None) -> Draft:
    """Draft the study file of a cohort.

    Parameters
    ----------
    file : path-like
        The table of patients.
    events : path-like, optional
        The table of adverse events.
    sheet : str
        Sheet of a workbook; the first with content when empty.
    folder : path-like, optional
        Where the study file will lie (default: beside ``file``); its data paths start there.

    Returns
    -------
    Draft

    Raises
    ------
    StudyError
        When a file cannot be read as a table.
    """
    folder = Path(folder) if folder is not None else Path(file).parent
    source, settings, columns = read_columns(Path(file), sheet)
    ids = max(columns, key=roles.id_score)
    ids = ids if roles.id_score(ids) else None
    endpoints, spare = _endpoints([column for column in columns if column is not ids])
    used = {part.header for one in endpoints for part in (one.time, one.event)}
    variables = _variables([c for c in columns if c.header not in used], ids, {one.name for one in endpoints})
    unit, unit_why, mixed = _time_unit(endpoints)
    response = next((v for v in variables if v.levels and v.levels.why == RECIST_WHY), None)
    confirm = []
    sections = [
        head_lines(source, unit, unit_why, confirm),
        file_lines(relative(file, folder), settings, confirm),
        variable_lines(variables, ids, confirm),
        endpoint_lines(endpoints, spare, columns, mixed, confirm),
        response_lines(response, variables, confirm),
    ]
    found = [f"{len(columns[0].cells)} patients, {len(columns)} columns"]
    found.append(f"id: column {ids.header!r}" if ids else "id: none found; number the patients in a column of the file")
    for one in endpoints:
        found.append(f"endpoint {one.name}: time {one.time.header!r}, event {one.event.header!r} = {one.codes.event!r}")
    if not endpoints:
        found.append("endpoint: none found; name a time and an event column in the study file")
    found.append(f"response: column {response.column.header!r}" if response else "response: none found")
    if events is None:
        sections.append(no_events_lines())
    else:
        lines, sentence = adverse_event_lines(Path(events), relative(events, folder), ids, confirm)
        sections.append(lines)
        found.append(sentence)
    excluded = [v.column.header for v in variables if v.excluded]
    if excluded:
        found.append(f"left out of the analysis: {', '.join(map(repr, excluded))}")
    sections.append(plan_lines(variables, endpoints, unit, confirm))
    text = "\n\n".join("\n".join(lines) for lines in [title_lines(confirm), *sections] if lines) + "\n"
    return Draft(text, tuple(found), tuple(confirm))


RECIST_WHY = "response categories"


def _endpoints(columns):
    """Endpoints found as pairs of columns, and the parts that found no partner."""
    parts = {"time": [], "event": []}
    for column in columns:
        endpoint, part = timing.endpoint_part(column)
        if part:
            parts[part].append((endpoint, column))
    times, events, pairs = parts["time"], parts["event"], []
    for name in dict.fromkeys(name for name, _ in times if name):
        both = [[column for known, column in side if known == name] for side in (times, events)]
        if both[1]:
            pairs.append((name, both[0][0], both[1][0], f"by the names of the columns of {name}"))
    paired = {column.header for _, *both, _ in pairs for column in both}
    times, events = ([one for one in side if one[1].header not in paired] for side in (times, events))
    # What a name leaves open is paired with a nameless partner, or else with the nearest column that fits.
    for name, time in times:
        partner = next((one for one in events if name in ("", one[0]) or one[0] == ""), None)
        if partner is None and not pairs:
            partner = _beside(time, columns)
        if partner is None or any(time is one for _, *both, _ in pairs for one in both):
            continue
        events = [one for one in events if one[1] is not partner[1]]
        endpoint, why = name or partner[0], "the time and event columns that fit each other"
        if not endpoint:
            why = NAMELESS
            endpoint = "OS" if timing.endpoint_part(partner[1])[1] else headers.variable_name(partner[1].header)
        if endpoint not in {known for known, *_ in pairs}:
            pairs.append((endpoint, time, partner[1], why))
    paired = {column.header for _, *both, _ in pairs for column in both}
    spare = [column for side in parts.values() for _, column in side if column.header not in paired]
    pairs.sort(key=lambda pair: pair[0] == "OS")
    return [_endpoint(*pair) for pair in pairs], spare


def _beside(time, columns):
    """The column of two codes right after (or before) a time column."""
    place = [column.header for column in columns].index(time.header)
    for near in (place + 1, place - 1):
        if 0 <= near < len(columns) and set(columns[near].levels) == {"0", "1"}:
            return "", columns[near]
    return None


def _endpoint(name, time, event, why):
    label, event_label = vocabulary.ENDPOINTS.get(
        name, (f"Time to {headers.label(name).lower()}", headers.label(name).lower())
    )[:2]
    return _Endpoint(name, label, event_label, time, event, timing.event_codes(event, time.numbers), why)


def _time_unit(endpoints):
    """Unit of the endpoints' times, where it comes from, and the units of the headers when they differ."""
    named = {one.time.header: timing.time_unit(one.time.header) for one in endpoints}
    units = list(dict.fromkeys(filter(None, named.values())))
    if not endpoints:
        return "months", "", {}
    if units:
        return units[0], "by the header", {header: unit for header, unit in named.items() if unit} if units[1:] else {}
    times = [number for one in endpoints for number in one.time.numbers if number is not None]
    return timing.time_unit_by_size(times), "by the size of the times; the header names no unit", {}


def _variables(columns, ids, taken):
    taken = {*taken, *RESERVED_NAMES}
    result = []
    for column in columns:
        name = headers.variable_name(column.header)
        if name in taken:
            name = next(new for new in (f"{name}_{n}" for n in range(1, len(columns) + 3)) if new not in taken)
        taken.add(name)
        result.append(_variable(name, column, column is ids))
    return result


def _variable(name, column, is_id):
    if is_id:
        return _Variable(name, column, "text", "id")
    type_ = roles.variable_type(column)
    recist = roles.recist_levels(column)
    type_ = "category" if recist else type_
    why = roles.why_excluded(column, type_) or ("" if column.present else "is empty")
    if why:
        return _Variable(name, column, "text", "excluded", excluded=why)
    if recist:
        return _Variable(name, column, "category", "outcome", roles.Levels(recist, RECIST_WHY))
    levels = roles.category_levels(column) if type_ == "category" else None
    return _Variable(name, column, type_, roles.role(column), levels)

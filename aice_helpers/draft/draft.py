"""Drafts a study file for a table of patients: no guess can make a false book, and nothing about a person enters it.

`draft_study` reads the table and returns the text of ``study.yml``; `core.writing.write_new` puts it on disk. Only
measures of the positive list (`measures`) become factors. What decides an endpoint and is not sure is a question in the
drafted file, which `aice check` asks until it is answered.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from aice_helpers.draft import roles
from aice_helpers.draft.adverse_events import adverse_event_lines, no_events_lines, wide_event_lines, wide_grades
from aice_helpers.draft.dates import find_dates
from aice_helpers.draft.endpoints import endpoint_questions, entries_of, entry_questions, find_endpoints, time_unit
from aice_helpers.draft.lines import (
    endpoint_lines,
    file_lines,
    head_lines,
    plan_lines,
    response_lines,
    title_lines,
    unconfirmed_lines,
    variable_lines,
)
from aice_helpers.draft.patients import patients_of
from aice_helpers.draft.reading import read_reshaped, relative
from aice_helpers.draft.shapes.all_shapes import reading_of, with_words
from aice_helpers.draft.summary import summary_lines
from aice_helpers.draft.variables import drafted_variables
from aice_helpers.study.model import Guess


@dataclass(frozen=True)
class Draft:
    """A drafted study file: its text, what was found in plain words, and the guesses that are open."""

    text: str
    found: tuple[str, ...]
    guesses: tuple[Guess, ...]


def draft_study(file, *, events=None, sheet="", folder=None, factors=()) -> Draft:
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
    factors : sequence of str
        Headers of columns that the user knows to be known at time zero.

    Returns
    -------
    Draft

    Raises
    ------
    StudyError
        When a file cannot be read as a table.
    """
    folder = Path(folder) if folder is not None else Path(file).parent
    source, settings, columns, shape = read_reshaped(Path(file), sheet, folder)
    columns = with_words(shape, columns, file)
    said = reading_of(shape, columns)
    columns = [column for column in columns if column.header not in said.aside]
    ids, columns, rows_guesses = (said.id, columns, []) if said.id else patients_of(columns, settings)
    endpoints, spare = list(said.endpoints), []
    if not endpoints:
        endpoints, spare = find_endpoints([column for column in columns if column is not ids])
    entries = said.entries or entries_of(endpoints, [column for column in columns if column is not ids])
    columns = [column for column in columns if column not in entries.values()]
    dates = None if endpoints else find_dates([column for column in columns if column is not ids])
    if dates is not None:
        endpoints, spare = list(dates.endpoints), []
    used = {part.header for one in endpoints for part in (one.time, one.event)} | (dates.headers if dates else set())
    left = [column for column in columns if column.header not in used]
    wide = [] if events or (shape and shape.events) or ids is None else wide_grades([c for c in left if c is not ids])
    left = [column for column in left if column not in wide]
    variables = drafted_variables(left, ids, endpoints, spare, {*factors, *said.factors})
    unit, unit_why, named = time_unit(endpoints)
    response = next((v for v in variables if v.scheme), None)
    plan, planned, plan_guesses = plan_lines(
        variables, endpoints, unit, response, dates.dated.values() if dates else ()
    )
    guesses = [
        *rows_guesses,
        *endpoint_questions(endpoints, spare, unit, unit_why, named),
        *(() if said.entries else entry_questions(entries)),
        *said.guesses,
        *(dates.guesses if dates else ()),
        *_reading_guesses(settings, ids),
        *_variable_guesses(variables, response),
        *plan_guesses,
    ]
    events_lines, events_found = no_events_lines(), ()
    events = events or (shape and shape.events) or None
    if events is not None:
        events_lines, sentence = adverse_event_lines(Path(events), relative(events, folder), ids, guesses)
        events_found = (sentence,)
    elif wide:
        events_lines, sentence = wide_event_lines(wide, relative(file, folder), settings, ids, guesses)
        events_found = (sentence,)
    units = {one.name: named[one.time.header] for one in endpoints if named.get(one.time.header) not in ("", unit)}
    sections = [
        title_lines(),
        unconfirmed_lines(guesses),
        head_lines(source, unit),
        file_lines(relative(file, folder), settings),
        variable_lines(variables),
        dates.lines() if dates else endpoint_lines(endpoints, [c for c in columns if c is not ids], units, entries),
        response_lines(response, variables, unit),
        events_lines,
        plan,
    ]
    ids_words = "none found, the number of the row" if "row_number" in settings else f"column {ids.header!r}"
    found = summary_lines(
        columns, ids_words, endpoints, spare, variables, planned, response, unit, entries, dated=dates is not None
    )
    text = "\n\n".join("\n".join(lines) for lines in sections if lines) + "\n"
    found = [*(shape.found if shape else ()), *(dates.found() if dates else ()), *found]
    return Draft(text, (*found, *events_found), tuple(guesses))


def _reading_guesses(settings, ids):
    """What was found out about the file itself, and the column that numbers the patients."""
    whys = {
        "sheet": "the first sheet with content",
        "header": "the rows above it are no table",
        "decimal": "more numbers are written with a comma than with a point",
        "encoding": "as detected; look at the letters with accents",
    }
    guesses = [Guess(f"patients.{key}", why, str(settings[key][0]), ()) for key, why in whys.items() if key in settings]
    if "row_number" not in settings:
        guesses.append(Guess("variables.id", f"the column {ids.header!r} was taken for the patients' id"))
    return guesses


def _variable_guesses(variables, response):
    """What was guessed about columns, each kind once for all of them."""
    guesses = [Guess("title", "from the file's name")]

    def add(what, reason, ones, *alternatives):
        if ones:
            names = ", ".join(variable.column.header for variable in ones)
            guesses.append(Guess(what, f"{reason}: {names}", "", alternatives))

    used = [v for v in variables if not v.excluded and v.role != "id"]
    add("variables.label", "labels and units come from the headers", used)
    few = [v for v in used if v.type == "category" and v.column.is_numeric and not v.column.labels]
    add("variables.type", "codes are taken for categories", few, "type: integer, if they are counts")
    unknown = [v for v in few if v.levels and v.levels.why == roles.UNKNOWN_CODES]
    add("variables.levels", "the meaning of the codes is missing", unknown, "levels: {code: label}")
    add("variables.missing", 'cells such as NA are taken for "not recorded"', [v for v in used if v.column.missing])
    later = [v for v in used if v.role != "baseline"]
    add("variables.role", "taken for known only after time zero, so no factors", later, "role: baseline")
    if response is not None:
        others = ("RECIST 1.1", "mRECIST", "Choi criteria", "Lugano 2014", "iRECIST")
        guesses.append(Guess("response.scheme", "by the categories and the header", response.scheme, others))
    return guesses

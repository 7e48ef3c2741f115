"""The lines of a drafted study file that declare the adverse events."""

from __future__ import annotations

import re

from aice_helpers.core.problems import PERSONAL, plain_form
from aice_helpers.draft import headers, roles
from aice_helpers.draft.lines import setting_lines
from aice_helpers.draft.reading import read_columns
from aice_helpers.study.model import Guess
from aice_helpers.study.writer import entry, mapped, quoted

GRADE_LABELS = ("Mild", "Moderate", "Severe", "Life-threatening", "Death")

_WIDE = re.compile(r"\b(grade|gr|ctcae|toxicity|tox|ae)\b")

_NO_EVENT = re.compile(r"\b(tumou?r|histo\w*|path\w*|nuclear|differentiation|worst|max|any|stage|fibrosis)\b")
"""Words of a grade that is none of an adverse event."""

_ROMAN = ("i", "ii", "iii", "iv", "v")

SIR_LETTERS = {
    "a": "A: no therapy, no consequence", "b": "B: nominal therapy, no consequence", "c": "C: therapy, short hospital stay",
    "d": "D: major therapy, prolonged stay", "e": "E: permanent sequelae", "f": "F: death",
}  # fmt: skip
"""The complication classes of the Society of Interventional Radiology (Sacks et al. 2003, J Vasc Interv Radiol 14:S199)."""

SIR_MAJOR = "c"
"""First class that counts as a major complication."""


def no_events_lines():
    return [
        "# adverse_events:  # one row an event; take the marks away to use it",
        "#   data: {file: adverse_events.csv}",
        "#   patient: patient",
        "#   term: event",
        "#   grade: grade",
        "#   scheme: CTCAE 5.0",
        f"#   grades: {mapped(dict(zip('12345', GRADE_LABELS, strict=True)))}",
        "#   severe_from: Severe",
    ]


def wide_grades(columns) -> list:
    """The columns that hold a grade for each of several adverse events, by their names and codes; none where one is alone."""
    found = [
        column
        for column in columns
        if _WIDE.search(" ".join(column.words))
        and not _NO_EVENT.search(" ".join(column.words))
        and column.levels
        and all(re.fullmatch("[0-5](\\.0)?", code) for code in column.levels)
    ]
    return found if len(found) > 1 else []


def wide_event_lines(found, name, settings, ids, guesses):
    """The lines for `wide_grades` of the patients' own table, and what is said of them."""
    names = {
        column.header: headers.label(_WIDE.sub(" ", " ".join(column.words)).strip() or column.header)
        for column in found
    }
    grades = dict(zip("12345", GRADE_LABELS, strict=True))
    reason = f"columns that hold the grades of adverse events, by their names and codes: {', '.join(names)}"
    guesses.append(Guess("adverse_events.data.columns", reason, "", ("take the part adverse_events out",)))
    guesses.append(
        Guess("adverse_events.scheme", "no column names the scheme", "CTCAE 5.0", ("SIR, CIRSE or another",))
    )
    lines = [
        "adverse_events:",
        "  data:",
        entry("file", quoted(name), 2),
        *setting_lines(settings, 2),
        entry("shape", "wide-events", 2, note="a column an event"),
        entry("columns", mapped(names), 2),
        entry("patient", quoted(ids.header), 1),
        entry("term", "event", 1),
        entry("grade", "grade", 1),
        entry("scheme", "CTCAE 5.0", 1),
        entry("grades", mapped(grades), 1, note="mildest first"),
        entry("severe_from", "Severe", 1),
    ]
    return lines, f"adverse events: {len(found)} columns of grades, one an event"


def adverse_event_lines(path, name, ids, guesses):
    _, settings, columns = read_columns(path, "")
    patient, term, grade = _event_columns(columns, ids)
    lacking = [what for what, column in (("patient", patient), ("event", term), ("grade", grade)) if column is None]
    if lacking:
        sentence = f"adverse events: no column for {' and '.join(lacking)} was found"
        names = ", ".join(quoted(column.header) for column in columns)
        return [f"# {sentence} among: {names}", *no_events_lines()], sentence
    grades = _grades(grade)
    severe, scheme = _severe_and_scheme(grade, grades)
    others = ("CTCAE 5.0", "SIR adverse event classification of 2017", "CIRSE classification")
    reason = f"severe starts at {severe}, graded by {scheme}"
    guesses.append(Guess("adverse_events.severe_from", reason, severe, tuple(grades.values())))
    guesses.append(Guess("adverse_events.scheme", "no column names the scheme", scheme, others))
    lines = [
        "adverse_events:",
        "  data:",
        entry("file", quoted(name), 2),
        *setting_lines(settings, 2),
        entry("patient", quoted(patient.header), 1),
        entry("term", quoted(term.header), 1),
        entry("grade", quoted(grade.header), 1),
        entry("scheme", quoted(scheme), 1),
        entry("grades", mapped(grades), 1, note="mildest first"),
        entry("severe_from", quoted(severe), 1),
    ]
    coded = {
        code: code.replace("_", " ").capitalize() for code in term.levels if re.fullmatch(r"[a-z]+(_[a-z]+)*", code)
    }
    if coded and len(coded) == len(term.levels) <= headers.MOST_LEVELS:
        lines.append(entry("term_labels", mapped(dict(sorted(coded.items()))), 1, note="made from the codes"))
    return lines, f"adverse events: {len(columns[0].cells)} rows, term {term.header!r}, grade {grade.header!r}"


def _severe_and_scheme(column, grades):
    """The first severe grade, and the scheme by which the codes look graded."""
    if _are_letters(column):
        return SIR_LETTERS[SIR_MAJOR], "SIR complication classes A to F (2003)"
    labels = list(grades.values())
    severe = next((label for label in ("Severe", "3") if label in labels), labels[len(labels) // 2])
    return severe, "CTCAE 5.0" if len(grades) <= 5 else "the scheme of the grades"


def _are_letters(column):
    return {plain_form(code) for code in column.levels} <= set(SIR_LETTERS)


def _event_columns(columns, ids):
    """Columns of the patient, the event and the grade; None where none fits."""
    known = set(ids.cells) if ids else set()
    left = list(columns)

    def take(fits):
        found = next((column for column in left if column.present and fits(column)), None)
        if found is not None:
            left.remove(found)
        return found

    def shared(column):
        return sum(cell in known for cell in column.present) >= headers.MOSTLY * len(column.present)

    patient = take(lambda c: ids is not None and c.header == ids.header) or take(shared)
    patient = patient or take(lambda c: {"patient", "id", "subject"} & set(c.words))
    grade = take(lambda c: {"grade", "ctcae", "severity", "gr"} & set(c.words) or re.search("级|程度", c.header))
    grade = grade or take(lambda c: set(c.levels) <= set("12345"))
    words = {"event", "term", "ae", "toxicity", "adverse", "reaction", "name", "type"}
    term = take(lambda c: not c.is_numeric and (words & set(c.words) or re.search("不良|事件|反应|毒性", c.header)))
    term = term or take(lambda c: not c.is_numeric and not _is_personal(c))
    return patient, term, grade


def _is_personal(column):
    return any(pattern.search(cell) for cell in column.present for pattern in PERSONAL.values())


def _grades(column):
    """Code -> label of every grade up to the highest found, mildest first."""
    codes = column.levels
    if all(re.fullmatch("[0-5]", code) for code in codes):
        upto = max(5, *map(int, codes))
        grades = {str(grade): GRADE_LABELS[grade - 1] for grade in range(1, upto + 1)}
        return {"0": "None", **grades} if "0" in codes else grades
    if _are_letters(column):
        by_form = {plain_form(code): code for code in codes}
        return {by_form.get(form, form.upper()): name for form, name in SIR_LETTERS.items()}
    if all(plain_form(code) in _ROMAN for code in codes):
        by_form = {plain_form(code): code for code in codes}
        return {by_form.get(form, form.upper()): name for form, name in zip(_ROMAN, GRADE_LABELS, strict=True)}
    levels = roles.category_levels(column).labels
    known = [plain_form(name) for name in GRADE_LABELS]
    rank = {code: known.index(plain_form(code)) if plain_form(code) in known else len(known) for code in levels}
    return {code: levels[code] for code in sorted(levels, key=rank.get)}

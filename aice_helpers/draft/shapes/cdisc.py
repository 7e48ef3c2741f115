"""CDISC's analysis data sets: ADTTE with ADSL and ADAE beside it.

CDISC (2009), Analysis Data Model Implementation Guide: names of variables end in FL (flag), DT (date), N (number of a text),
BL (baseline) and GRy (grouping), so that a name says what a column holds.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from aice_helpers.core.problems import Findings, Problem, StudyError, plain_form
from aice_helpers.data.files.reading import read_table
from aice_helpers.data.files.table import FORMATS
from aice_helpers.data.repeats import numbers_patients
from aice_helpers.data.shapes.adtte import COLUMNS, OF_RECORD
from aice_helpers.draft import headers, vocabulary
from aice_helpers.draft.endpoints import DraftedEndpoint
from aice_helpers.draft.shapes.recognition import Reading, Recognized
from aice_helpers.draft.timing import EventCodes
from aice_helpers.study.model import DataFile, Guess, JoinedFile

BASELINE = {"AGE", "SEX", "RACE", "ETHNIC", "TRT01P", "TRTP", "ARM", "REGION1", "COUNTRY"}
"""Columns that are known at randomization, beside those that end in BL or GR1."""

LABELS = {
    "AGE": "Age", "SEX": "Sex", "RACE": "Race", "ETHNIC": "Ethnicity", "TRT01P": "Planned treatment", "TRTP": "Planned treatment",
    "ARM": "Planned arm", "COUNTRY": "Country",
}  # fmt: skip
"""What CDISC calls a column, where the file has no label for it."""

NAMES_AN_EVENT = re.compile(
    r"(death|died|dead|deceased|progress|relaps|recur)|.*\b(death|died|deceased|progression|progressed|relapsed?|recurrence)\b"
)

DENIES_IT = re.compile(
    r"\b(no|not|non|without|free|alive|never|lost|absence|prior to|before|last|ongoing|missed|missing)\b"
)


def recognize_adtte(table, path, folder):
    """ADTTE, by its columns; ADSL and ADAE beside it are taken along."""
    if not {COLUMNS[what] for what in ("parameter", "time", "event")} <= set(table.header):
        return None
    subject = _subject_of({name: list(table.cells_of(name)) for name in table.header}, table.file)
    source = DataFile(str(path), shape="adtte")
    settings, found = {"shape": ("adtte", "a row a parameter and subject")}, []
    if subject is None:
        # Reading it says which column is wanting.
        return Recognized(source, settings, ())
    if subject not in ("USUBJID", "SUBJID"):
        source = replace(source, columns={"id": subject})
        settings["columns"] = {"id": subject}, "the subject"
    repeated = _is_repeated(table, subject)
    if repeated and "ANL01FL" in table.header and "Y" in table.cells_of("ANL01FL").texts:
        source = replace(source, rows={"ANL01FL": ("Y",)})
        settings["rows"] = {"ANL01FL": "Y"}, "the records of the analysis, as CDISC flags them"
    adsl = _beside(path, "adsl")
    if adsl is not None and _has_subject(adsl, subject):
        name = _relative(adsl, folder)
        source = replace(source, joined=(JoinedFile(str(adsl.absolute()), by=subject),))
        settings["joined"] = [{"file": name, "by": subject}], "the subjects, one row each"
        found.append(f"{adsl.name} lies beside it and is joined by {subject}")
    adae = _beside(path, "adae")
    if adae is not None:
        found.append(f"{adae.name} lies beside it and holds the adverse events")
    parameters = ", ".join(table.cells_of(COLUMNS["parameter"]).texts)
    found.insert(0, f"CDISC ADTTE: parameters {parameters}, each an endpoint")
    return Recognized(source, settings, tuple(found), str(adae) if adae else "")


def _subject_of(cells, file):
    """The column of the subjects among ``cells`` (header -> its cells): as CDISC names it, or the one that numbers patients; None.

    Raises
    ------
    StudyError
        When several number patients and part the rows differently.
    """
    if named := [name for name in ("USUBJID", "SUBJID") if name in cells]:
        return named[0]
    others = [name for name in cells if numbers_patients(name) and len(set(cells[name])) > 1]
    for name in others[1:]:
        pairs = len(set(zip(cells[others[0]], cells[name], strict=True)))
        if not pairs == len(set(cells[others[0]])) == len(set(cells[name])):
            rule = f"{others[0]!r} and {name!r} both seem to number the subjects, and they differ"
            fix = "Call the right one USUBJID, or name it in a study file of your own: patients: {shape: adtte, columns: {id: its name}}"
            raise StudyError([Problem(file, rule, fix)])
    return others[0] if others else None


def _is_repeated(table, subject):
    pairs = list(zip(table.cells_of(subject), table.cells_of(COLUMNS["parameter"]), strict=True))
    return len(set(pairs)) < len(pairs)


def _beside(path, stem):
    """A data set of this name in the same folder; None where there is none or more than one."""
    found = [
        one
        for one in sorted(Path(path).parent.iterdir())
        if one.stem.lower() == stem and one.suffix.lower().lstrip(".") in FORMATS
    ]
    return found[0] if len(found) == 1 else None


def _has_subject(path, subject):
    other = read_table(DataFile(str(path)), Findings())
    return other is not None and subject in other.header


def _relative(path, folder):
    from aice_helpers.draft.reading import relative

    return relative(path, folder)


def with_labels(columns):
    """The columns, those without a label of the file's own called as CDISC does."""
    return [
        replace(column, title=LABELS.get(column.header, "")) if column.title in ("", column.header) else column
        for column in columns
    ]


def read_adtte(columns):
    """The endpoints of the reshaped table, and which of its columns are what."""
    by_name = {column.header: column for column in columns}
    time, event = COLUMNS["time"], COLUMNS["event"]
    parameters = [name.removesuffix(f"_{time}") for name in by_name if name.endswith(f"_{time}")]
    endpoints, guesses, taken = [], [], set()
    for parameter in parameters:
        one, asked = _endpoint(parameter, by_name[f"{parameter}_{time}"], by_name[f"{parameter}_{event}"], taken)
        taken.add(one.name)
        endpoints.append(one)
        guesses += asked
    of_parameters = {f"{one}_{column}" for one in parameters for column in OF_RECORD}
    factors = {name for name in by_name if name in BASELINE or re.search(r"(BL|GR1)$", name)}
    if "TRT01P" in by_name:
        factors.discard("TRTP")
    own = {part.header for one in endpoints for part in (one.time, one.event)}
    aside = {name for name in by_name if _is_aside(name, by_name)} | (of_parameters - own)
    endpoints.sort(key=lambda one: one.name == "OS")
    subject = _subject_of({name: column.cells for name, column in by_name.items()}, "")
    return Reading(
        tuple(endpoints),
        by_name.get(subject),
        frozenset(factors),
        frozenset(aside & set(by_name)),
        guesses=tuple(guesses),
    )


def _is_aside(name, known):
    """Whether a column serves the trial's own bookkeeping: ids, dates, flags, numbers of texts, treatments as received."""
    if name in ("USUBJID",) or (name == "SUBJID" and "USUBJID" not in known):
        return False
    bookkeeping = r"STUDYID|SITEID|SITEGR\d|SUBJID|INVID|INVNAM|DOMAIN|DURDSGR\d"
    by_ending = re.search(r"(DT|DTM|DTC|FL|FN)$", name) or re.fullmatch(
        r"TRT(\d\d)?A|TRTSEQ[AP]|ARMCD|ACTARM(CD)?", name
    )
    numbered = name.endswith("N") and name[:-1] in known
    planned = name == "TRTP" and "TRT01P" in known
    return bool(re.fullmatch(bookkeeping, name) or by_ending or numbered or planned)


def _endpoint(parameter, time, event, taken):
    """The endpoint of a parameter, and the questions about its reasons of censoring."""
    title = time.title or parameter
    name = parameter if parameter in vocabulary.ENDPOINTS else _named(title)
    if not name or name in taken:
        name = parameter
    label, meant = vocabulary.ENDPOINTS.get(name, (headers.label(title), ""))[:2]
    said = event.labels.get("0", "")
    meant = meant or (said.lower() if said and ";" not in said else headers.label(title).lower())
    codes = tuple(sorted(event.levels))
    odd = [code for code in codes if _is_positive(code) and _names_event(event.labels.get(code, ""))]
    censored = [code for code in codes if _is_positive(code) and code not in odd] or ["1"]
    why = "CNSR 0 is the event, positive values are reasons of censoring (CDISC)"
    known = EventCodes("0", censored[0], why, True, codes, tuple(censored[1:]))
    guesses = [_question(name, event, code, [*censored, code]) for code in odd]
    return DraftedEndpoint(name, label, meant, time, event, known, f"the parameter {parameter}"), guesses


def _named(title):
    """Short name of the endpoint that PARAM writes out."""
    words = " ".join(headers.header_words(title))
    return next((name for name, known in vocabulary.ENDPOINTS.items() if re.search(known[2], words)), "")


def _is_positive(code):
    try:
        return float(code) > 0
    except ValueError:
        return False


def _names_event(text):
    form = plain_form(text)
    found = NAMES_AN_EVENT.match(form)
    return bool(found) and (bool(found[1]) or not DENIES_IT.search(form))


def _question(name, event, code, censored):
    reason = (
        f"code {code} of {event.header!r} is a reason of censoring by CDISC, yet it is described as {event.labels[code]!r}; "
        "it may be censored, an event, or an event that competes"
    )
    others = (
        f"censored_value: [{', '.join(censored)}], if these patients are censored",
        f"event_value: [0, {code}], if it is an event of the endpoint",
        f"competing_value: {code}, if it competes",
    )
    return Guess(f"endpoints.{name}.censored_value", reason, "", others)

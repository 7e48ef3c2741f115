"""A REDCap export, by its columns; its data dictionary gives labels and codes where it lies beside the export."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from aice_helpers.core.problems import Findings
from aice_helpers.data.files.reading import read_table
from aice_helpers.data.shapes.redcap import EVENT, INSTANCE, INSTRUMENT
from aice_helpers.draft.shapes.recognition import Reading, Recognized
from aice_helpers.study.model import DataFile

DICTIONARY = {
    "name": "Variable / Field Name", "kind": "Field Type", "label": "Field Label",
    "choices": "Choices, Calculations, OR Slider Labels",
}  # fmt: skip
"""What a column of a data dictionary is for -> its header."""

CHECKBOX = re.compile(r"(.+)___(.+)")

CHOICE = re.compile(r"(.+?)\s*\(choice=(.+)\)")


def recognize_redcap(table, path, folder):
    """An export whose records have several rows, by the columns that REDCap adds."""
    if not {*EVENT, *INSTRUMENT, *INSTANCE} & set(table.header):
        return None
    settings = {"shape": ("redcap", "the rows of a record become one")}
    found = ["a REDCap export: the rows of events and repeated instruments become one row a record"]
    return Recognized(DataFile(str(path), shape="redcap"), settings, tuple(found))


def is_export(header):
    """Whether a header is one of REDCap's, with several rows a record or not."""
    ends = [name for name in header if name.endswith("_complete") or name.startswith("Complete?")]
    return bool({*EVENT, *INSTRUMENT} & set(header)) or (
        header[0] in ("record_id", "Record ID") and (bool(ends) or any(map(CHECKBOX.fullmatch, header)))
    )


def dictionary_beside(path):
    """Rows of the data dictionary in the same folder, by field name; empty where there is none."""
    for other in sorted(Path(path).parent.glob("*.csv")):
        if "dictionary" not in other.name.lower():
            continue
        table = read_table(DataFile(str(other)), Findings())
        if table is not None and set(DICTIONARY.values()) <= set(table.header):
            columns = {what: list(table.cells_of(name)) for what, name in DICTIONARY.items()}
            return {
                name: {what: cells[row] for what, cells in columns.items()} for row, name in enumerate(columns["name"])
            }
    return {}


def choices_of(text):
    """Code -> label of the choices of a field.

    >>> choices_of("0, No | 1, Yes, at once")
    {'0': 'No', '1': 'Yes, at once'}
    """
    pairs = [part.split(",", 1) for part in text.split("|")]
    return {pair[0].strip(): pair[1].strip() for pair in pairs if len(pair) == 2}


def labelled(columns, dictionary):
    """The columns with labels and codes of the dictionary; a choice of a checkbox is called by its field and its text."""
    return [_labelled(column, dictionary) for column in columns]


def _labelled(column, dictionary):
    header, _, moment = column.header.partition(" (")
    box, choice = CHECKBOX.fullmatch(header), CHOICE.fullmatch(column.header)
    if choice:
        return replace(column, title=f"{choice[1]}: {choice[2]}")
    field = dictionary.get(box[1] if box else header)
    if field is None:
        if box and set(column.levels) <= {"0", "1"}:
            return replace(column, labels={"0": "No", "1": "Yes"})
        return column
    label = re.sub(r"<[^<>]*>", "", field["label"]).strip() or header
    choices = choices_of(field["choices"])
    if box:
        text = choices.get(box[2]) or choices.get(box[2].replace("_", "-")) or box[2]
        return replace(column, title=f"{label}: {text}", labels={"0": "No", "1": "Yes"})
    title = f"{label} ({moment.rstrip(')')})" if moment else label
    if field["kind"] in ("yesno", "truefalse"):
        choices = {"0": "No", "1": "Yes"}
    labels = choices if field["kind"] in ("radio", "dropdown", "yesno", "truefalse") else {}
    known = {code: text for code, text in labels.items() if code in column.levels}
    return replace(column, title=title, labels=known or column.labels)


def read_redcap(columns):
    """The columns that are REDCap's own bookkeeping."""
    own = {"redcap_data_access_group", "redcap_survey_identifier", "Data Access Group", "Survey Identifier"}
    aside = {
        column.header
        for column in columns
        if column.header in own or re.search(r"_complete( \(|$)|_timestamp( \(|$)|^Complete\?", column.header)
    }
    return Reading(id=columns[0], aside=frozenset(aside))

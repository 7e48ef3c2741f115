"""The one entry to the shapes: `recognized` finds one in a table, `reading_of` says what its columns are."""

from __future__ import annotations

from aice_helpers.draft.shapes.cdisc import read_adtte, recognize_adtte, with_labels
from aice_helpers.draft.shapes.prism import read_prism, recognize_prism
from aice_helpers.draft.shapes.recognition import Reading
from aice_helpers.draft.shapes.redcap import dictionary_beside, is_export, labelled, read_redcap, recognize_redcap
from aice_helpers.draft.shapes.start_stop import read_start_stop, recognize_start_stop

_RECOGNIZERS = (recognize_adtte, recognize_redcap, recognize_prism, recognize_start_stop)


def recognized(table, path, folder):
    """The shape of a table, or None when it has one row a patient as far as can be seen.

    Parameters
    ----------
    table : Table
    path : path-like
        Where its file lies; files that belong to it are looked for beside it.
    folder : path-like
        Where the study file will lie.

    Returns
    -------
    Recognized or None
    """
    return next(filter(None, (recognize(table, path, folder) for recognize in _RECOGNIZERS)), None)


def reading_of(shape, columns):
    """What a shape says of its columns; nothing for a table without one."""
    if shape is None:
        return read_redcap(columns) if is_export([column.header for column in columns]) else Reading()
    if shape.source.shape == "start-stop":
        return read_start_stop(columns, shape.source.columns)
    return {"adtte": read_adtte, "redcap": read_redcap, "prism": read_prism}[shape.source.shape](columns)


def with_words(shape, columns, path):
    """The columns with the labels that go with a shape: of a data dictionary of REDCap, or of CDISC."""
    if shape is not None and shape.source.shape == "adtte":
        return with_labels(columns)
    return labelled(columns, dictionary_beside(path)) if is_export([column.header for column in columns]) else columns

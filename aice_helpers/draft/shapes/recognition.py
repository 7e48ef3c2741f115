"""Which shape a table has, if it does not have one row a patient."""

from __future__ import annotations

from dataclasses import dataclass, field

from aice_helpers.draft.endpoints import DraftedEndpoint
from aice_helpers.draft.headers import Column
from aice_helpers.study.model import DataFile, Guess


@dataclass(frozen=True)
class Recognized:
    """What was recognized in a table.

    Attributes
    ----------
    source : DataFile
        The file with the shape and what belongs to it.
    settings : dict
        Keys of the data file -> (value, note), to be written into the study file.
    found : tuple of str
        What to say about it.
    events : str
        File of adverse events that lies beside the table; "" if none does.
    """

    source: DataFile
    settings: dict
    found: tuple[str, ...]
    events: str = ""


@dataclass(frozen=True)
class Reading:
    """What a shape says about the columns of the reshaped table.

    Attributes
    ----------
    endpoints : tuple of DraftedEndpoint
        Its endpoints, where the shape itself says which they are.
    id : Column or None
        The patients' id, where the shape says which column it is.
    factors : frozenset of str
        Headers of columns that are known at time zero by the shape's own rules.
    aside : frozenset of str
        Headers of columns that the drafted study file does not mention.
    entries : dict
        Endpoint -> the column that says from when on a patient is observed.
    guesses : tuple of Guess
    """

    endpoints: tuple[DraftedEndpoint, ...] = ()
    id: Column | None = None
    factors: frozenset[str] = frozenset()
    aside: frozenset[str] = frozenset()
    entries: dict[str, Column] = field(default_factory=dict)
    guesses: tuple[Guess, ...] = ()

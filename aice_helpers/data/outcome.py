"""A time-to-event outcome: entry, time, and what ended the observation."""

from dataclasses import dataclass

import numpy as np

CENSORED = "censored"
"""Reason of censoring where a file knows only one."""


@dataclass(frozen=True, eq=False)
class Outcome:
    """One endpoint of a cohort, one place a patient; its arrays are read-only.

    Attributes
    ----------
    time : array of float
        From time zero to the event or to the end of observation, in the study's unit; missing (nan) for a patient of whom
        the time or the state is not known, who takes no part in this endpoint.
    cause : array of int
        What ended the observation: k of at least 1 is ``causes[k - 1]``, and -k of at most 0 is ``censorings[k]``. It
        means nothing where ``time`` is missing.
    causes, censorings : tuple of str
        Names of the causes, and of the reasons of censoring.
    events : tuple of int
        The causes that are the endpoint's event; every other cause competes with it.
    entry : array of float or None
        From when on the patient is observed; None where everyone is from time zero.

    Raises
    ------
    ValueError
        For arrays of unequal length, an infinite time, a missing or infinite entry, an entry at or after its time, or an
        unknown cause.
    """

    time: np.ndarray
    cause: np.ndarray
    causes: tuple[str, ...] = ("event",)
    censorings: tuple[str, ...] = (CENSORED,)
    events: tuple[int, ...] = (1,)
    entry: np.ndarray | None = None

    def __post_init__(self):
        time, cause = np.array(self.time, dtype=float), np.array(self.cause, dtype=int)
        entry = None if self.entry is None else np.array(self.entry, dtype=float)
        if len(cause) != len(time) or (entry is not None and len(entry) != len(time)):
            raise ValueError("time, cause and entry have one value a patient")
        known = np.isfinite(time)
        if np.isinf(time).any() or (entry is not None and not np.isfinite(entry[known]).all()):
            raise ValueError("a time is infinite, or an entry missing")
        # Nothing that forgets to ask who is known may count a patient who is not as an event.
        cause = np.where(known, cause, 0)
        if entry is not None and (entry >= time).any():
            raise ValueError("a patient enters at or after the end of observation")
        if len(cause) and not -len(self.censorings) < cause.min() <= cause.max() <= len(self.causes):
            raise ValueError("a cause has no name")
        for name, values in (("time", time), ("cause", cause), ("entry", entry)):
            if values is not None:
                values.flags.writeable = False
            object.__setattr__(self, name, values)

    @classmethod
    def of(cls, time, event, *, cause="event"):
        """The outcome of a file with one cause and one kind of censoring; ``event`` is an array of truth values."""
        return cls(time, np.asarray(event, dtype=bool).astype(int), causes=(cause,))

    @property
    def known(self) -> np.ndarray:
        """Who takes part in the endpoint: patients of whom time and state are known."""
        return np.isfinite(self.time)

    @property
    def event(self) -> np.ndarray:
        """Whether the endpoint's event was seen."""
        return np.isin(self.cause, self.events)

    def take(self, places):
        """The outcome of some patients, named by their places."""
        entry = None if self.entry is None else self.entry[places]
        return Outcome(self.time[places], self.cause[places], self.causes, self.censorings, self.events, entry)

"""Time-to-event data as arrays, checked before any method meets them, and refused by methods that cannot use them."""

from dataclasses import dataclass

import numpy as np

from aice_helpers.core.reasons import Reason


class CannotUseError(ValueError):
    """A method was given something that it cannot use; ``reason`` says what, as a code."""

    def __init__(self, what, method):
        self.reason = Reason("cannot_use", what=what, method=method)
        super().__init__(f"{method} cannot use {what}")


@dataclass(frozen=True, eq=False)
class Sample:
    """Time-to-event data of some patients: arrays of one length.

    Attributes
    ----------
    time : array of float
    event : array of bool
    entry : array of float or None
        From when on each patient is observed, before ``time``: a patient is at risk at t when entry < t <= time.
    weights : array of float or None
        Positive case weights.
    strata, cluster : array of int or None
        Codes of the stratum, and of the group of rows that are not independent.
    """

    time: np.ndarray
    event: np.ndarray
    entry: np.ndarray | None = None
    weights: np.ndarray | None = None
    strata: np.ndarray | None = None
    cluster: np.ndarray | None = None


def checked(time, event, *, entry=None, weights=None, strata=None, cluster=None) -> Sample:
    """The arrays as a `Sample`.

    Raises
    ------
    ValueError
        For arrays of unequal length, a missing or infinite number, an event that is neither true nor false, an entry at or
        after its time, or a weight that is not positive.

    Examples
    --------
    >>> checked([1, 2], [True, False]).event.tolist()
    [True, False]
    >>> checked([1.0, float("nan")], [True, False])
    Traceback (most recent call last):
    ValueError: time: a value is missing or infinite
    """
    time, event = _numbers("time", time), np.asarray(event)
    if event.dtype != bool:
        # 1 and 2, or a missing value, would be taken for events by a plain conversion.
        if not np.isin(event, (0, 1)).all():
            raise ValueError("event: a value is neither true nor false")
        event = event.astype(bool)
    given = {"event": event}
    for name, values in (("entry", entry), ("weights", weights)):
        given[name] = None if values is None else _numbers(name, values)
    for name, values in (("strata", strata), ("cluster", cluster)):
        given[name] = None if values is None else np.unique(np.asarray(values), return_inverse=True)[1].reshape(-1)
    for name, values in given.items():
        if values is not None and values.shape != time.shape:
            raise ValueError(f"{name}: one value is needed for each time, {len(time)} in all")
    if entry is not None and (given["entry"] >= time).any():
        raise ValueError("entry: a value is not before its time")
    if weights is not None and (given["weights"] <= 0).any():
        raise ValueError("weights: a value is not positive")
    return Sample(time, **given)


def refuse(method, **given):
    """`CannotUseError` when one of some arrays is given to a method that cannot use it."""
    for what, values in given.items():
        if values is not None:
            raise CannotUseError(what, method)


def _numbers(name, values):
    values = np.asarray(values, dtype=float)
    if values.ndim != 1:
        raise ValueError(f"{name}: one list of numbers is needed")
    if not np.isfinite(values).all():
        raise ValueError(f"{name}: a value is missing or infinite")
    return values

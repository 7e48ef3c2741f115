"""Concordance of a risk with times to event."""

from dataclasses import dataclass

import numpy as np

from aice_helpers.stats.arrays import checked, refuse
from aice_helpers.stats.partial_likelihood import checked_matrix, tied_times

ALL_PAIRS = 400
"""Patients up to whom all pairs are compared at once."""


def concordance(time, event, risk, *, entry=None, weights=None, strata=None, cluster=None):
    """Harrell's C: the share of comparable pairs in which the higher risk fails first; equal risks count one half.

    A pair is comparable when the earlier time is an event, or when the times are equal and one of the two is an
    event.

    Parameters
    ----------
    time : array of float
    event : array of bool
    risk : array of float
        Higher means an earlier event.
    entry, weights, strata, cluster
        Refused.

    Returns
    -------
    tuple of float
        C and its standard error by the infinitesimal jackknife; nan without a comparable pair.

    Examples
    --------
    >>> concordance([1, 2, 3], [True, True, False], [2.0, 2.0, 1.0])[0]
    0.8333333333333334
    """
    refuse("Harrell's C", entry=entry, weights=weights, strata=strata, cluster=cluster)
    sample = checked(time, event)
    time, event = tied_times(sample.time), sample.event
    rank = np.unique(checked_matrix(risk, time)[:, 0], return_inverse=True)[1].reshape(-1)
    found = _counts_of(time, event, rank)
    pairs = int(found.later.sum())
    if pairs == 0:
        return np.nan, np.nan
    estimate = (int(found.later_lower.sum()) + int(found.later_equal.sum()) / 2) / pairs
    # A pair counts once for each of its two members: those who outlive i, and the events that i outlives.
    agree = found.later_lower + found.earlier_higher + (found.later_equal + found.earlier_equal) / 2
    influence = (agree - estimate * (found.later + found.earlier)) / pairs
    return estimate, float(np.sqrt(np.sum(influence**2)))


def concordance_estimate(time, event, risk):
    """Harrell's C alone, for much less work than `concordance`."""
    time, event, risk = tied_times(time), np.asarray(event, dtype=bool), np.asarray(risk, dtype=float)
    if len(time) <= ALL_PAIRS:
        died = np.flatnonzero(event)
        first = time[died, None]
        comparable = (time > first) | ((time == first) & ~event)
        gap = (risk[died, None] - risk)[comparable]
        return float(((gap > 0).sum() + (gap == 0).sum() / 2) / len(gap)) if len(gap) else np.nan
    rank = np.unique(np.asarray(risk, dtype=float), return_inverse=True)[1].reshape(-1)
    found = _counts_of(time, event, rank)
    lower, equal, total = (int(counts.sum()) for counts in (found.later_lower, found.later_equal, found.later))
    return (lower + equal / 2) / total if total else np.nan


@dataclass(frozen=True)
class _Counts:
    """For each subject, of those whom it may be compared with: later ones of lower, equal and any rank, earlier ones of higher, equal and any.

    A subject with the event is compared with all who last longer; each subject with the events that come before it.
    """

    later_lower: np.ndarray
    later_equal: np.ndarray
    later: np.ndarray
    earlier_higher: np.ndarray
    earlier_equal: np.ndarray
    earlier: np.ndarray


def _counts_of(time, event, rank) -> _Counts:
    if not len(time):
        nobody = np.zeros(0, dtype=np.int64)
        return _Counts(*[nobody] * 6)
    # Sorted so that all comparable subjects stand before an event. Events at one time are not comparable: by falling
    # rank none of them stands before another of higher rank.
    order = np.lexsort((-rank, event, -time))
    time, event, rank = time[order], event[order], rank[order]
    lower, higher = _inversions(rank, event)
    n, position = len(order), np.arange(len(order))
    # An event looks back from the first event of its time and on from the last, a censored subject from its own place.
    same = np.concatenate([[False], (time[1:] == time[:-1]) & event[1:] & event[:-1]])
    first = np.maximum.accumulate(np.where(same, 0, position))
    last = n - 1 - np.maximum.accumulate(np.where(np.append(same[1:], False)[::-1], 0, position))[::-1]
    events_up_to = np.cumsum(event)
    later, earlier = first * event, events_up_to[-1] - events_up_to[last]
    later_equal = earlier_equal = np.zeros(n, dtype=np.int64)
    if rank.max() + 1 < n:
        keys = np.sort(rank * (n + 1) + position)
        later_equal = np.searchsorted(keys, rank * (n + 1) + first) - np.searchsorted(keys, rank * (n + 1))
        keys = np.sort(rank[event] * (n + 1) + position[event])
        upto = np.searchsorted(keys, rank * (n + 1) + last, side="right")
        earlier_equal = np.searchsorted(keys, (rank + 1) * (n + 1)) - upto
    back = np.empty(n, dtype=np.int64)
    back[order] = position
    counts = (lower * event, later_equal * event, later, higher, earlier_equal, earlier)
    return _Counts(*(values[back] for values in counts))


def _inversions(rank, event):
    """For each subject: those before it of lower rank, and the events after it of higher rank.

    Bit by bit from the highest on: of the subjects with the same higher bits, in their order, a one-bit stands above every
    zero-bit. The subjects are kept sorted by their higher bits, which costs a counting step a bit and no sorting.
    """
    n = len(rank)
    starts = np.concatenate([[0], np.cumsum(np.bincount(rank, minlength=1))]).astype(np.int32)
    top = len(starts) - 1
    rank, event, at = rank.astype(np.int32), event.astype(np.int32), np.arange(n, dtype=np.int32)
    lower, higher = np.zeros(n, dtype=np.int32), np.zeros(n, dtype=np.int32)
    zeros, events = np.zeros(n + 1, dtype=np.int32), np.zeros(n + 1, dtype=np.int32)
    for bit in range(int(top - 1).bit_length() - 1, -1, -1):
        base = (rank >> (bit + 1)) << (bit + 1)
        begin, end = starts[base], starts[np.minimum(base + (2 << bit), top)]
        is_one = ((rank >> bit) & 1).astype(bool)
        np.cumsum(~is_one, out=zeros[1:])
        np.cumsum(event * is_one, out=events[1:])
        before = zeros[:-1] - zeros[begin]
        lower += np.where(is_one, before, 0)
        higher += np.where(is_one, 0, events[end] - events[1:])
        ones = starts[np.minimum(base + (1 << bit), top)] + (np.arange(n, dtype=np.int32) - begin - before)
        place = np.where(is_one, ones, begin + before)
        for values in (rank, event, at, lower, higher):
            moved = np.empty_like(values)
            moved[place] = values
            values[:] = moved
    found = np.empty((2, n), dtype=np.int64)
    found[0][at], found[1][at] = lower, higher
    return found[0], found[1]

"""Concordance of a risk with times to event."""

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
    later_lower, later_equal, later = _later_counts(time, event, rank)
    pairs = int(later.sum())
    if pairs == 0:
        return np.nan, np.nan
    lower, equal = int(later_lower.sum()), int(later_equal.sum())
    estimate = (lower + equal / 2) / pairs
    # A pair counts once for each of its two members: those who outlive i, and the events that i outlives.
    earlier_higher, earlier_equal, earlier = _earlier_counts(time, event, rank)
    agree = later_lower + earlier_higher + (later_equal + earlier_equal) / 2
    influence = (agree - estimate * (later + earlier)) / pairs
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
    lower, equal, total = (int(counts.sum()) for counts in _later_counts(time, event, rank))
    return (lower + equal / 2) / total if total else np.nan


def _later_counts(time, event, rank):
    """For each event: comparable subjects who last longer, split by rank below or equal; zero for the censored."""
    # Sorted so that all comparable subjects stand before an event. Events at one time are not comparable: by falling
    # rank none of them stands before another of higher rank.
    order = np.lexsort((-rank, event, -time))
    below, equal, total = _counts_before(order, time, event, rank, np.ones(len(time), dtype=bool))
    return below * event, equal * event, total * event


def _earlier_counts(time, event, rank):
    """For each subject: comparable events that come earlier, split by rank above or equal."""
    reverse = rank.max() - rank
    order = np.lexsort((-reverse, ~event, time))
    return _counts_before(order, time, event, reverse, event)


def _counts_before(order, time, event, rank, counted):
    """Counted subjects that stand before each subject, events tied with an event left aside: (below, equal, all)."""
    n = len(order)
    rank, counted = rank[order].astype(np.int64), counted[order]
    time, event = time[order], event[order]
    position = np.arange(n)
    # An event looks back from the first event of its time, a censored subject from its own place.
    same = np.concatenate([[False], (time[1:] == time[:-1]) & event[1:] & event[:-1]])
    block = np.maximum.accumulate(np.where(same, 0, position))
    running = np.concatenate([[0], np.cumsum(counted)])
    total = running[block]

    keys = np.sort(rank[counted] * (n + 1) + position[counted])
    low = np.searchsorted(keys, rank * (n + 1))
    equal = np.searchsorted(keys, rank * (n + 1) + block) - low

    # Bit by bit: among subjects with the same higher bits of the rank, a one-bit stands above every zero-bit before it.
    below = np.zeros(n, dtype=np.int64)
    for bit in range(int(rank.max()).bit_length() if n else 0):
        prefix = rank >> (bit + 1)
        arranged = np.argsort(prefix, kind="stable")
        ones = (rank[arranged] >> bit) & 1
        zeros = np.concatenate([[0], np.cumsum((1 - ones) * counted[arranged])])
        starts = np.searchsorted(prefix[arranged], prefix[arranged])
        below[arranged] += ones * (zeros[:-1] - zeros[starts])
    result = []
    for counts in (below, equal, total):
        back = np.empty(n, dtype=np.int64)
        back[order] = counts
        result.append(back)
    return tuple(result)

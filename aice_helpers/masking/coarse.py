"""Survival curves and times in coarse steps, so that no single patient's time can be read off or joined.

A curve by group with a step at every event gives patients away: a time that one patient has, seen in the curve by sex and
in the curve by stage, says of this patient both. Thinning alone does not help, for the steps that are kept stand at such
times, and a stretch in which everyone with an event is of one group says the group of each of them. Therefore the points
of a coarse curve stand on a grid that comes from the analysis plan, the same for all groupings, and every stretch between
two points holds at least K events of the group and K of others.

Why that is enough: what is written of a grouping depends on how many events of each level lie in each stretch. Two
patients of different levels with events in the same stretch can change places without a trace, so nobody's level follows.
"""

import itertools
import math
from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass

import numpy as np
import pandas as pd

from aice_helpers.core.reasons import Reason
from aice_helpers.core.ticks import time_ticks

HALVINGS = 5
"""How often the stretches between the plan's times are halved to form the grid."""

FIRST_TIME = {"days": 365.0, "weeks": 52.0, "months": 12.0, "years": 1.0}
"""Where a grid begins when the plan names no time."""

FINEST_SPAN = {"days": 1.0, "weeks": 1.0, "months": 0.25, "years": 0.125}
"""Time unit -> the narrowest span to which a time is blurred; wider ones are twice as wide, and so on."""

WIDEST_SPAN = 0.25
"""Half a span, as a share of its middle, beyond which a blurred time is worth nothing and is left out."""

_UNCERTAIN = ["estimate", "std_error", "conf_low", "conf_high"]

_COUNTS = ["at_risk", "events", "censored"]


def plan_times(plan) -> tuple:
    """The times of an analysis plan at which survival is told, in rising order."""
    horizon = () if plan.rmst_horizon is None else (plan.rmst_horizon,)
    return tuple(sorted({float(time) for time in (*plan.rate_times, *horizon)}))


def grid(times, longest, unit) -> list:
    """Times at which a coarse curve may have a point, the coarsest first.

    Parameters
    ----------
    times : sequence of float
        Times of the analysis plan, above 0; they are doubled until ``longest`` is passed, and what lies between two of
        them is halved `HALVINGS` times.
    longest : float
        Time up to which points may be wanted.
    unit : str
        Time unit of the study.

    Examples
    --------
    >>> grid([12, 24], 30, "months")[:7]
    [12.0, 24.0, 48.0, 6.0, 18.0, 36.0, 3.0]
    """
    found = sorted({float(time) for time in times}) or [FIRST_TIME[unit]]
    while found[-1] <= longest:
        found.append(2 * found[-1])
    edges = [0.0, *found]
    for _ in range(HALVINGS):
        middles = [(low + high) / 2 for low, high in itertools.pairwise(edges)]
        found += middles
        edges = sorted([*edges, *middles])
    return found


def whole_points(time, event, candidates, k, *, fixed=()) -> tuple:
    """Points of the coarse curve of everyone: at least ``k`` events in each stretch, ``k`` patients event-free at its end.

    Parameters
    ----------
    time, event : array of float, array of bool
    candidates : sequence of float
        See `grid`; an earlier one goes before a later one.
    k : int
    fixed : sequence of float
        Times at which the events are told anyhow, so that they end a stretch too.
    """
    count, free = _counter(time[event]), _free(time, event)

    def fits(low, point, high):
        ends = not count(point, math.inf)
        return free(point) >= k and count(low, point) >= k and (ends or count(point, high) >= k)

    points = _kept(candidates, fits, fixed)
    return tuple(sorted({*points, *(point for point in fixed if point > 0 and free(point) >= k)}))


def level_points(groups, time, event, allowed, k, *, fixed=(), strict=False) -> dict:
    """Points of the coarse curves of the levels of one grouping.

    The level with the most events has the finest points, those of each further level are among them: what is left of
    everyone's events is then known where the levels before are, and nowhere else.

    Parameters
    ----------
    groups : dict
        Level -> which patients are in it (bool array), for the levels whose curves are wanted.
    time, event : array of float, array of bool
        Everyone's, patients without a level included.
    allowed : sequence of float
        Points that may be used, the coarsest first.
    k : int
    fixed : sequence of float
        Times at which the events of each level are told anyhow.
    strict : bool
        Whether the events of the levels that are left must not be few either, where there are any.

    Returns
    -------
    dict
        Level -> its points in rising order; none for a level with too few events.
    """
    everyone, points = _counter(time[event]), {}
    left = np.asarray(event, dtype=bool)
    for place, level in enumerate(sorted(groups, key=lambda level: -int((groups[level] & event).sum()))):
        members = groups[level]
        left = left & ~members
        own, others, free = _counter(time[members & event]), _counter(time[left]), _free(time[members], event[members])

        def many(low, high, own=own, others=others, first=not place):
            rest = others(low, high)
            return own(low, high) >= k and (rest >= k if first else not strict or not 0 < rest < k)

        def fits(low, point, high, free=free, many=many):
            ends = not everyone(point, math.inf)
            return free(point) >= k and many(low, point) and (ends or many(point, high))

        kept = set(_kept(allowed, fits, fixed))
        allowed = [point for point in allowed if point in kept]
        points[level] = tuple(sorted(kept))
    return points


def _kept(candidates, fits, fixed):
    """Candidates, in their order, that fit between the points around them."""
    edges, kept = sorted({-math.inf, math.inf, *fixed}), []
    for point in candidates:
        place = bisect_left(edges, point)
        there = edges[place] == point
        if fits(edges[place - 1], point, edges[place + there]):
            kept.append(point)
            if not there:
                edges.insert(place, point)
    return kept


def _counter(times):
    """Function that counts the times after one limit and up to another."""
    ordered = np.sort(times)

    def count(low, high):
        return int(np.searchsorted(ordered, high, side="right") - np.searchsorted(ordered, low, side="right"))

    return count


def _free(time, event):
    """Function that counts the patients who are known to be event-free at a time."""
    return lambda point: int(((time > point) | ((time == point) & ~event)).sum())


def coarse_curve(rows, points, k):
    """A curve with the given points only.

    Parameters
    ----------
    rows : DataFrame
        Rows of one endpoint and level of the table ``survival_curve``, exact.
    points : sequence of float
    k : int
        Fewest events that a step joins.

    Returns
    -------
    DataFrame
        A row at time 0 with everyone at risk, and one a point. Estimates have two decimals, for more would tell the
        patients behind them; events, censored and later numbers at risk are missing. Between its points the curve is not
        known: it does not stay where it was.
    """
    time = rows["time"].to_numpy()
    kept = rows.iloc[[0, *(int(np.searchsorted(time, point, side="right")) - 1 for point in points)]].copy()
    kept["time"] = [0.0, *points]
    kept[_UNCERTAIN] = kept[_UNCERTAIN].round(2)
    # What happened at time 0 itself is part of the first step.
    start = np.nan if rows["events"].iloc[0] else 1.0
    kept.iloc[0, [kept.columns.get_loc(name) for name in _UNCERTAIN]] = [start, np.nan, np.nan, np.nan]
    for column in _COUNTS:
        kept[column] = pd.array([pd.NA] * len(kept), dtype="Int64")
    kept.iloc[0, kept.columns.get_loc("at_risk")] = rows["at_risk"].iloc[0]
    kept["reasons"] = [(Reason("steps_joined", below=k),)] * len(kept)
    return kept.reset_index(drop=True)


def with_numbers_at_risk(curve, numbers):
    """A coarse curve with the number at risk at each tick of its figure (``numbers``: tick -> number).

    A tick without a point of the curve has a row without an estimate: what is not told there must not look like a value.
    """
    by_time = curve.set_index("time")
    together = by_time.reindex(sorted({*curve["time"], *numbers}))
    for tick, number in numbers.items():
        together.loc[tick, "at_risk"] = number
    for column in by_time.columns.difference([*_UNCERTAIN, *_COUNTS]):
        together[column] = [by_time[column].iloc[0]] * len(together)
    return together.reset_index()[list(curve.columns)]


@dataclass(frozen=True)
class Sample:
    """What the coarse curves of one grouping are made of.

    Everyone's times and events; level -> who is in it, for all levels (one level "" for everyone); level -> points, for the
    levels whose curves are written; and the times at which events and numbers at risk of each level are told elsewhere.
    """

    time: np.ndarray
    event: np.ndarray
    groups: dict
    points: dict
    told: tuple = ()


def coarse_table(table, chosen, unit, k):
    """The curves of a table ``survival_curve`` in coarse steps, with numbers at risk at the ticks of their figures.

    Parameters
    ----------
    table : DataFrame
        Exact curves.
    chosen : callable
        From endpoint and group to the `Sample` of the curves.
    unit : str
        Time unit of the study.
    k : int

    Returns
    -------
    list of DataFrame
        One a curve.
    """
    frames, samples, longest = [], {}, defaultdict(float)
    for endpoint, group in dict.fromkeys(zip(table["endpoint"], table["group"], strict=True)):
        sample = samples[endpoint, group] = chosen(endpoint, group)
        longest[group] = max(longest[group], *itertools.chain(*sample.points.values()), 0.0)
    for (endpoint, group, level), rows in table.groupby(["endpoint", "group", "level"], sort=False):
        sample = samples[endpoint, group]
        if level in sample.points:
            curve = coarse_curve(rows, sample.points[level], k)
            ticks = time_ticks(longest[group], unit)
            frames.append(with_numbers_at_risk(curve, numbers_at_risk(sample, level, ticks, k)))
    return frames


def numbers_at_risk(sample, level, ticks, k) -> dict:
    """Number at risk of a level at ticks after time 0, rounded down to a multiple of ``k``; missing where it would tell.

    A number at risk cuts a stretch between two points in two. It is left out for all levels when one of the parts would hold
    events, or censored patients, of one level only: those of two levels could not change places there.
    """
    safe = _safe_ticks(sample, ticks) if len(sample.groups) > 1 else set(ticks)
    time = sample.time[sample.groups[level]]
    return {tick: int((time >= tick).sum()) // k * k if tick in safe else pd.NA for tick in ticks if tick > 0}


def _safe_ticks(sample, ticks):
    names = np.full(len(sample.time), -1)
    for place, members in enumerate(sample.groups.values()):
        names[members] = place
    # Points count the events up to a time, numbers at risk everyone who leaves before it: an edge (time, whether it lies
    # after that time) of the former does not cut the censored.
    leaving = {(time, False) for time in sample.told}
    counted = {(point, True) for point in itertools.chain(sample.told, *sample.points.values())}
    safe = set()
    for tick in ticks:
        new = (tick, False)
        if all(
            len(set(names[part & (sample.event == kind)])) != 1
            for kind, edges in ((True, leaving | counted), (False, leaving))
            for part in _parts(sample.time, edges, new)
        ):
            safe.add(tick)
            leaving.add(new)
    return safe


def _parts(time, edges, new):
    """Which times lie between a new edge and the next ones on either side."""
    before = max((edge for edge in edges if edge < new), default=(-math.inf, True))
    after = min((edge for edge in edges if edge >= new), default=(math.inf, True))
    return _between(time, before, new), _between(time, new, after)


def _between(time, low, high):
    """Which times lie between two edges, each (time, whether it lies after that time)."""
    beyond = time > low[0] if low[1] else time >= low[0]
    return beyond & (time <= high[0] if high[1] else time < high[0])


def blurred(value, held, unit, k, *, points=()):
    """A time given as the middle of a span that at least ``k`` patients share.

    Parameters
    ----------
    value : float
    held : array of float
        Times of the patients who could hold it.
    unit : str
        Time unit of the study. Spans are `FINEST_SPAN` long or that doubled several times, and each begins at a multiple
        of its length: of two spans one holds the other or they do not touch, so that several together tell no more than
        the narrowest.
    k : int
    points : sequence of float
        Points of the curve from which the time is read; the curve tells between which two of them it lies.

    Returns
    -------
    tuple of float or None
        Middle and half the width of the span; None when it is wider than `WIDEST_SPAN`.

    Examples
    --------
    >>> blurred(13.2, np.array([5.0, 12.1, 13.2, 13.9, 15.0, 40.0]), "months", 3)
    (13.0, 1.0)
    """
    edges = [-math.inf, *points, math.inf]
    place = bisect_left(edges, value)
    after, until = edges[place - 1], edges[place]
    near = held[(held > after) & (held <= until)]
    width = FINEST_SPAN[unit]
    while len(near) >= k:
        low = math.floor(value / width) * width
        if int(((near >= low) & (near < low + width)).sum()) >= k:
            low, high = max(low, after, 0.0), min(low + width, until)
            middle, half = (low + high) / 2, (high - low) / 2
            return (middle, half) if half <= WIDEST_SPAN * middle else None
        width *= 2
    return None

"""Moments that a lesson asks about."""

import numpy as np
from matplotlib.ticker import MaxNLocator


def round_times(last, count=12) -> np.ndarray:
    """About ``count`` round times from 0 to somewhat beyond ``last``; steps that suit months, as 3, 6 or 12."""
    return MaxNLocator(count, steps=[1, 2, 3, 5, 6, 10]).tick_values(0, last)


def moment_after_censoring(data) -> float:
    """A time at which ignoring censoring shows: some were censored before an earlier event, and some are still at risk.

    The first of the plan's times or of round times for which that holds; else the last event time that somebody gets
    past. The curve is never down to 0 there, where it would have neither a standard error nor limits.
    """
    event_times = np.unique(data.time[data.event])
    passed = [time for time in event_times if _gets_past(data, time)]
    for time in (*data.cohort.study.analysis.rate_times, *round_times(event_times[-1])):
        before = data.time[~data.event & (data.time < time)]
        if (
            len(before) >= 3
            and (data.time >= time).sum() >= 5
            and (data.event & (data.time > np.sort(before)[2]) & (data.time <= time)).any()
            and _gets_past(data, time)
        ):
            return float(time)
    return float(passed[-1])


def _gets_past(data, time):
    """Whether anyone at risk at a time does not have the event at it."""
    return bool(((data.time > time) | ((data.time == time) & ~data.event)).any())

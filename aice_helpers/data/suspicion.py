"""What betrays that a column is no baseline measure: it follows the outcome too closely.

Arrays in, answers out; nothing here knows a study file. The draft asks before it proposes a factor, the loader asks
whoever wrote the study file.
"""

from __future__ import annotations

import re

import numpy as np

from aice_helpers.core.intervals import clopper_pearson

ENOUGH = 20
"""Patients below which a coincidence says nothing."""

CHANCE = 1e-6
"""Probability below which it is no coincidence that a number exceeds nobody's follow-up."""

STRONGEST_RATIO = 20.0
"""Ratio of event rates beyond which a variable is likelier to be known from the outcome than at time zero."""

SUREST_RATIO = 6.0
"""Lower 95% limit that such a ratio must have, so that a handful of events is not remarked on."""


_ENTRY = re.compile(
    r"\b(entry|enter|entered|entrytime|trunc|truncation|lefttrunc|ltrunc|delayed|tstart|eintritt|ingreso|entrada)\b|入组|入院时间"
)

_NO_ENTRY = re.compile(r"\b(age|date|year|alter|edad|diagnosis|status|criteria|site|center)\b|日期|年龄")


def named_like_entry(name) -> bool:
    """Whether a header may name a time of entry.

    >>> named_like_entry("entry_months"), named_like_entry("age_at_entry")
    (True, False)
    """
    words = " ".join(re.findall(r"[a-z]+|[\u4e00-\u9fff]+", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower()))
    return bool(_ENTRY.search(words)) and not _NO_ENTRY.search(words)


def looks_like_entry(name, values, time) -> bool:
    """Whether a column may say from when on each patient is observed: by its name, and never at or after the follow-up time.

    Examples
    --------
    >>> time = np.arange(1.0, 41.0)
    >>> looks_like_entry("entry_months", time / 2, time), looks_like_entry("age_at_entry", time / 2, time)
    (True, False)
    >>> looks_like_entry("EntryTime", time * 0, time)
    False
    """
    if not named_like_entry(name):
        return False
    values, time = np.asarray(values, dtype=float), np.asarray(time, dtype=float)
    both = np.isfinite(values) & np.isfinite(time)
    late = values[both] > 0
    return bool(late.any() and both.mean() > 0.5 and (values[both] < time[both]).all())


def never_exceeds(values, time) -> bool:
    """Whether a number is never above the follow-up time, where numbers dealt out at random often would be.

    Of the n! ways to deal the numbers out to the times, the share in which none exceeds its time is the product over
    the numbers, largest first, of (times that are long enough and not yet taken) / (times not yet taken).

    Examples
    --------
    >>> time = np.arange(1.0, 41.0)
    >>> bool(never_exceeds(time / 2, time)), bool(never_exceeds(np.full(40, 0.5), time)), bool(never_exceeds(time[::-1], time))
    (True, False, False)
    """
    values, time = np.asarray(values, dtype=float), np.asarray(time, dtype=float)
    both = np.isfinite(values) & np.isfinite(time)
    values, time = values[both], time[both]
    if len(values) < ENOUGH or (values > time).any() or values.min() < 0:
        return False
    largest = np.sort(values)[::-1]
    taken = np.arange(len(values))
    long_enough = len(time) - np.searchsorted(np.sort(time), largest, side="left") - taken
    left = len(time) - taken
    return float(np.log(long_enough / left).sum()) < np.log(CHANCE)


def rate_ratio(values, time, event) -> float:
    """Largest ratio of event rates (events by time at risk) between two parts of the patients; 1.0 where nothing stands out.

    ``values`` are codes of levels, or a number that is cut into thirds (the outer two are compared). Half an event is
    added to each part, so that a part without events has a rate. Ratios whose lower 95% limit stays below
    `SUREST_RATIO` count as 1.0.
    """
    values, time, event = (np.asarray(one, dtype=float) for one in (values, time, event))
    both = np.isfinite(values) & np.isfinite(time)
    values, time, event = values[both], time[both], event[both]
    if len(values) < ENOUGH:
        return 1.0
    levels = np.unique(values)
    if len(levels) > 6:
        low, high = np.quantile(values, [1 / 3, 2 / 3])
        values = np.where(values <= low, 0, np.where(values > high, 2, 1))
        levels = np.array([0, 2])
    rates = []
    for level in levels:
        part = values == level
        if part.sum() >= ENOUGH / 2 and time[part].sum() > 0:
            rates.append(((event[part].sum() + 0.5) / time[part].sum(), event[part].sum(), time[part].sum()))
    if len(rates) < 2:
        return 1.0
    (low, few, short), (high, many, long) = min(rates), max(rates)
    # Of the events of both parts the share in one is binomial, whatever their number.
    share = clopper_pearson(int(many), int(many + few), 0.95)[0] if many else 0.0
    surest = share / (1 - share) * short / long
    return float(high / low) if surest >= SUREST_RATIO else 1.0

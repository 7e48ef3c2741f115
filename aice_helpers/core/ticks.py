"""Times at which a survival curve is labelled, so that its figure and its numbers at risk agree."""

import numpy as np

STEPS = {
    "days": (1, 2, 5, 10, 30, 60, 90, 180, 365, 730, 1825, 3650),
    "weeks": (1, 2, 4, 8, 13, 26, 52, 104, 260, 520),
    "months": (1, 2, 3, 6, 12, 24, 36, 60, 120),
    "years": (0.5, 1, 2, 5, 10, 20),
}
"""Time unit -> distances between ticks that suit it."""


def time_ticks(longest, unit):
    """Ticks from 0 to the longest time, in usual steps of the unit.

    >>> time_ticks(50, "months")
    [0.0, 12.0, 24.0, 36.0, 48.0]
    """
    if longest <= 0:
        return [0.0]
    steps = [step for step in STEPS[unit] if 3 <= longest / step <= 7]
    if steps:
        return [float(tick) for tick in np.arange(0, longest + 1e-9, steps[0])]
    from matplotlib.ticker import MaxNLocator

    ticks = MaxNLocator(nbins=6, steps=[1, 2, 5, 10]).tick_values(0, longest)
    return [float(f"{tick:.12g}") for tick in ticks if 0 <= tick <= longest]

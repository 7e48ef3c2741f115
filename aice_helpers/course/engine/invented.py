"""Invented patients whose times follow a hazard exactly, and their median."""

import math

import numpy as np
import pandas as pd

from aice_helpers.course.engine.two_groups import tables


def piecewise(hazards, changes=(), *, n=60, end=36.0) -> pd.DataFrame:
    """Invented patients whose times follow a hazard that changes at given times exactly: no luck is in them.

    Parameters
    ----------
    hazards : sequence of float
        Per month, one more than ``changes``.
    changes : sequence of float
    n : int
    end : float
        Everyone later is censored here.
    """
    wanted = -np.log(1 - (np.arange(n) + 0.5) / n)
    starts = np.array([0.0, *changes])
    reached = np.concatenate([[0.0], np.cumsum(np.diff(starts) * np.asarray(hazards)[:-1])])
    part = np.searchsorted(reached, wanted, side="right") - 1
    time = starts[part] + (wanted - reached[part]) / np.asarray(hazards)[part]
    return pd.DataFrame({"time": np.round(np.minimum(time, end), 2), "event": time <= end})


def median(patients) -> float:
    """Median of some patients (``time``, ``event``) by their Kaplan-Meier curve; missing when it is not reached."""
    table = tables(patients["time"], patients["event"], np.ones(len(patients), bool))
    below = table["time"][np.cumprod(1 - table["events"] / table["at_risk"]) <= 0.5 + 1e-9]
    return float(below.iloc[0]) if len(below) else math.nan

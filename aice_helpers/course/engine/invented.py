"""Invented patients whose times follow a hazard exactly."""

import numpy as np
import pandas as pd


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

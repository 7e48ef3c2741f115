"""Arithmetic of the lesson "km"."""

import pandas as pd

from aice_helpers.stats import survival

FIVE = pd.DataFrame(
    {"time": [2.0, 3.0, 5.0, 5.0, 8.0], "event": [True, False, True, False, True]},
    index=pd.Index(list("ABCDE"), name="patient"),
)
"""Five invented patients: one censored early, one censored at the very time of another's event."""

TEN = pd.DataFrame(
    {
        "time": [1.0, 2.0, 3.0, 4.0, 4.0, 6.0, 7.0, 9.0, 11.0, 12.0],
        "event": [True, False, True, True, False, True, False, True, True, False],
    },
    index=pd.Index(list("ABCDEFGHIJ"), name="patient"),
)
"""Ten invented patients for the interactive figure."""


def risk_table(data) -> pd.DataFrame:
    """The book's curve of the lesson's endpoint: time, at_risk, events, censored, estimate, std_error and limits."""
    curve = survival.survival_curve(data.cohort)
    return curve[curve["endpoint"] == data.endpoint].reset_index(drop=True)

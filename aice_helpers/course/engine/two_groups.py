"""Two groups compared: who is in them, the table of each event time, and what fills the texts about them."""

import math

import numpy as np
import pandas as pd

from aice_helpers.core.results import pick
from aice_helpers.stats import kaplan_meier


def outcome(data) -> pd.DataFrame:
    """Time, event and ``second`` (is in the factor's second group) of the patients whose group is known."""
    known = data.group.notna().to_numpy()
    second = (data.group == data.group.cat.categories[1]).to_numpy(dtype=bool)
    return pd.DataFrame({"time": data.time, "event": data.event, "second": second})[known].reset_index(drop=True)


def tables(time, event, second) -> pd.DataFrame:
    """One row for the 2x2 table of each distinct event time.

    Parameters
    ----------
    time, event, second : arrays
        ``second`` marks the patients of the second group.

    Returns
    -------
    DataFrame
        ``time``, ``at_risk`` and ``events`` of everyone and of the second group (``at_risk_second``,
        ``events_second``), the events ``expected`` in the second group and their hypergeometric ``variance``.
    """
    time, event, second = np.asarray(time, float), np.asarray(event, bool), np.asarray(second, bool)
    times = np.unique(time[event])
    at_risk, n = ((time[rows][:, None] >= times).sum(axis=0) for rows in (slice(None), second))
    died, d = ((time[rows & event][:, None] == times).sum(axis=0) for rows in (np.ones(len(time), bool), second))
    spread = np.divide(at_risk - died, at_risk - 1, out=np.zeros(len(times)), where=at_risk > 1)
    share = n / at_risk
    return pd.DataFrame(
        {
            "time": times,
            "at_risk": at_risk,
            "at_risk_second": n,
            "events": died,
            "events_second": d,
            "expected": died * share,
            "variance": died * share * (1 - share) * spread,
        }
    )


def cohort_tables(data) -> pd.DataFrame:
    """`tables` of the cohort's endpoint between the factor's groups."""
    return tables(**outcome(data))


def moment(data) -> float:
    """An event time in the middle at which the groups' shares of the risk set differ from those at the start."""
    known = outcome(data)
    table = tables(**known)
    others = table["at_risk"] - table["at_risk_second"]
    table = table[(table["at_risk_second"] > 1) & (others > 1)]
    fits = (table["at_risk_second"] / table["at_risk"] - known["second"].mean()).abs() > 0.004
    chosen = table[fits] if fits.any() else table
    return float(chosen["time"].iloc[len(chosen) // 2])


def median(patients) -> float:
    """Median of some patients (``time``, ``event``) by their Kaplan-Meier curve; missing when it is not reached."""
    curve = kaplan_meier.kaplan_meier(patients["time"].to_numpy(), patients["event"].to_numpy())
    below = curve.time[curve.survival <= 0.5 + kaplan_meier.TIE]
    return float(below[0]) if len(below) else math.nan


def group_values(data) -> dict:
    """What fills the fields of a text on the comparison: endpoint, factor, the two groups, the unit."""
    reference, second = data.levels
    return {
        "endpoint": data.label,
        "factor": data.cohort.study.label(data.factor),
        "reference": reference,
        "second": second,
        "unit": data.unit,
    }


def group_and_time(data) -> dict:
    """The same and the `moment`."""
    return group_values(data) | {"time": f"{moment(data):g}"}


def table_at(data) -> pd.Series:
    """The table of `moment`."""
    return pick(cohort_tables(data), time=moment(data))


def observed_and_expected(data) -> tuple[int, float, int]:
    """Events observed and expected in the second group, and the events of both groups."""
    table, known = cohort_tables(data), outcome(data)
    return int(table["events_second"].sum()), float(table["expected"].sum()), int(known["event"].sum())


def ratio_of_ratios(data) -> float:
    """Observed over expected in the second group, divided by the same in the first."""
    observed, expected, events = observed_and_expected(data)
    return (observed / expected) / ((events - observed) / (events - expected))

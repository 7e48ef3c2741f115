"""Arithmetic of the lesson "logrank"."""

from itertools import combinations

import numpy as np
import pandas as pd
from scipy.special import chdtrc

from aice_helpers.course.engine.invented import piecewise
from aice_helpers.course.engine.two_groups import median, tables
from aice_helpers.stats import logrank

SIX = pd.DataFrame(
    {
        "group": list("AAABBB"),
        "time": [2.0, 4.0, 5.0, 4.0, 7.0, 9.0],
        "event": [True, True, False, True, True, False],
    },
    index=pd.Index(list("PQRSTU"), name="patient"),
)
"""Six invented patients: two events at one time, and a last event when only one group is left."""

TWELVE = pd.DataFrame(
    {
        "group": list("AAAAAABBBBBB"),
        "time": [2.0, 3.0, 4.0, 6.0, 8.0, 9.0, 3.0, 5.0, 7.0, 10.0, 11.0, 12.0],
        "event": [True, True, False, True, True, False, True, False, True, True, False, True],
    },
    index=range(1, 13),
)
"""Twelve invented patients for the interactive figure."""

WEIGHTS = {
    "log-rank": "every event counts the same",
    "Gehan-Wilcoxon": "weight: number at risk (early events)",
    "Fleming-Harrington (0, 1)": "weight: share who have had the event (late events)",
}
"""Weightings of `weighted` -> what they stress."""


def weighted(table, kind="log-rank") -> pd.Series:
    """The log-rank test of such tables, or one of its weighted relatives.

    Parameters
    ----------
    table : DataFrame
        From `tables`.
    kind : str
        A key of `WEIGHTS`, or "Fleming-Harrington (1, 0)", which weights by the share still without the event.

    Returns
    -------
    Series
        ``difference`` (weighted sum of observed minus expected events of the second group), its ``variance``,
        the chi-square ``statistic`` and its ``p_value``.
    """
    before = np.concatenate([[1.0], np.cumprod(1 - table["events"] / table["at_risk"])[:-1]])
    weight = {
        "log-rank": np.ones(len(table)),
        "Gehan-Wilcoxon": table["at_risk"].to_numpy(float),
        "Fleming-Harrington (1, 0)": before,
        "Fleming-Harrington (0, 1)": 1 - before,
    }[kind]
    difference = float((weight * (table["events_second"] - table["expected"])).sum())
    variance = float((weight**2 * table["variance"]).sum())
    statistic = difference**2 / variance
    return pd.Series(
        {
            "difference": difference,
            "variance": variance,
            "statistic": statistic,
            "p_value": float(chdtrc(1, statistic)),
        }
    )


def relabelled(patients) -> np.ndarray:
    """The log-rank statistic for every way of giving the group labels to the patients."""
    second = int((patients["group"] == patients["group"].max()).sum())
    places = np.arange(len(patients))
    return np.array(
        [
            weighted(tables(patients["time"], patients["event"], np.isin(places, chosen)))["statistic"]
            for chosen in combinations(places, second)
        ]
    )


def _paired(first, second):
    return pd.concat([first.assign(second=False), second.assign(second=True)], ignore_index=True)


def crossing() -> pd.DataFrame:
    """Two invented groups: the second has more events early and fewer later."""
    return _paired(piecewise([0.055]), piecewise([0.125, 0.018], [6]))


def late() -> pd.DataFrame:
    """Two invented groups that share one curve up to and past their median, and then part."""
    return _paired(piecewise([0.055]), piecewise([0.055, 0.012], [13]))


def unequal_follow_up() -> pd.DataFrame:
    """Two invented groups with one and the same hazard; the second has been followed three times as long."""
    return _paired(piecewise([0.05], end=10), piecewise([0.05], end=30))


def three_groups() -> pd.DataFrame:
    """Three invented groups, ``group`` 1 to 3, whose hazard falls from one to the next."""
    parts = [piecewise([rate], n=30).assign(group=group) for group, rate in enumerate((0.08, 0.06, 0.04), 1)]
    return pd.concat(parts, ignore_index=True)


def compared() -> pd.DataFrame:
    """Medians of the two pairs of invented curves and the P value of each weighting."""
    rows = {}
    for name, pair in (("crossing", crossing()), ("parting late", late())):
        table = tables(pair["time"], pair["event"], pair["second"])
        medians = {f"median {label}": median(pair[pair["second"] == second]) for label, second in (("A", 0), ("B", 1))}
        rows[name] = medians | {f"P, {kind}": weighted(table, kind)["p_value"] for kind in WEIGHTS}
    return pd.DataFrame(rows).T


def book_rows(data) -> pd.DataFrame:
    """The book's log-rank table of the lesson's endpoint between the factor's groups: reference, other group, test."""
    table = logrank.logrank(data.cohort, groups=[data.factor])
    table = table[table["endpoint"] == data.endpoint].set_index("level", drop=False)
    return table.loc[[*data.levels, ""]].reset_index(drop=True)

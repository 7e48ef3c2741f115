"""Arithmetic of the lesson "cox"."""

import math
from itertools import permutations

import numpy as np
import pandas as pd
from scipy.special import chdtrc

from aice_helpers.course.engine import invented, two_groups
from aice_helpers.stats import cox, partial_likelihood

SIX = pd.DataFrame(
    {
        "time": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0],
        "event": [True, True, False, True, True, False],
        "exposed": [True, False, True, True, False, False],
    },
    index=pd.Index(list("ABCDEF"), name="patient"),
)
"""Six invented patients, half of them exposed, without ties."""

SEPARATED = SIX.assign(exposed=[True, True, True, False, False, False])
"""The same times; now everyone exposed has gone before anyone else has the event."""

TIED = SIX.assign(time=[1.0, 4.0, 3.0, 4.0, 5.0, 6.0])
"""The same patients, but for B, whose event is at the time of D's."""

TIES = ("Efron", "Breslow")


def choices(patients, ratio=1.0) -> pd.DataFrame:
    """Each event as a choice among those at risk; for patients without tied events.

    Parameters
    ----------
    patients : DataFrame
        Columns ``time``, ``event``, ``exposed``, indexed by name.
    ratio : float
        The hazard ratio, so that an exposed patient at risk has this many tickets and any other one has one.

    Returns
    -------
    DataFrame
        By patient with the event: ``time``, ``exposed``, tickets ``own`` and ``all``, ``probability`` (own / all).
    """
    tickets = pd.Series(np.where(patients["exposed"], float(ratio), 1.0), index=patients.index)
    seen = patients[patients["event"]].sort_values("time")
    total = [tickets[patients["time"] >= time].sum() for time in seen["time"]]
    own = tickets[seen.index]
    return seen[["time", "exposed"]].assign(own=own, all=total, probability=own / total)


def likelihood(table, beta, ties="Efron") -> pd.DataFrame:
    """Partial log-likelihood of one yes-or-no covariate, with slope and curvature.

    Only counts at the event times are needed, the very tables of the log-rank test.

    Parameters
    ----------
    table : DataFrame
        From `logrank.tables`; the second group is the exposed one.
    beta : float or array
        Log hazard ratios.
    ties : {"Efron", "Breslow"}
        Of d tied events the l-th (l = 0, 1, ...) sees the d patients with weight 1 - l/d (Efron), or in full.

    Returns
    -------
    DataFrame
        ``beta``, ``log_likelihood``, ``score`` (first derivative) and ``information`` (minus the second).
    """
    beta = np.atleast_1d(np.asarray(beta, float))
    ratio = np.exp(beta)
    total, score, information = (np.zeros(len(beta)) for _ in range(3))
    for row in table.itertuples():
        total += row.events_second * beta
        score += row.events_second
        for place in range(row.events):
            gone = place / row.events if ties == "Efron" else 0.0
            exposed = (row.at_risk_second - gone * row.events_second) * ratio
            other = (row.at_risk - row.at_risk_second) - gone * (row.events - row.events_second)
            share = exposed / (exposed + other)
            total -= np.log(exposed + other)
            score -= share
            information += share * (1 - share)
    return pd.DataFrame({"beta": beta, "log_likelihood": total, "score": score, "information": information})


def newton_steps(table, *, start=0.0, count=5, ties="Efron") -> pd.DataFrame:
    """Newton's way to the top: at each step slope and curvature, and the beta to which they lead (``next_beta``)."""
    rows, beta = [], start
    for _ in range(count):
        row = likelihood(table, beta, ties).iloc[0]
        beta = beta + row["score"] / row["information"]
        rows.append(dict(row) | {"next_beta": beta})
    return pd.DataFrame(rows, index=pd.RangeIndex(1, count + 1, name="step"))


def estimate(table, ties="Efron") -> pd.Series:
    """Row of `likelihood` at its maximum, with ``std_error`` of beta; the maximum must be finite."""
    beta = 0.0
    for _ in range(60):
        row = likelihood(table, beta, ties).iloc[0]
        step = row["score"] / row["information"]
        # A long step from where the curve is flat would leap over the top.
        beta += min(max(step, -1.0), 1.0)
        if abs(step) < 1e-12:
            break
    return pd.concat([row, pd.Series({"std_error": 1 / math.sqrt(row["information"])})])


def three_tests(table) -> pd.DataFrame:
    """Likelihood-ratio, Wald and score test of "beta is zero", with Efron's ties: ``statistic`` and ``p_value``."""
    top, zero = estimate(table), likelihood(table, 0.0).iloc[0]
    statistics = {
        "likelihood ratio": 2 * (top["log_likelihood"] - zero["log_likelihood"]),
        "Wald": (top["beta"] / top["std_error"]) ** 2,
        "score": zero["score"] ** 2 / zero["information"],
    }
    made = pd.DataFrame({"statistic": pd.Series(statistics)})
    return made.assign(p_value=chdtrc(1, made["statistic"])).rename_axis("test")


def tied_likelihoods(beta) -> pd.Series:
    """The factor of the tied events of `TIED` at a log hazard ratio: both possible orders, and what replaces them."""
    tied, later = ["B", "D"], ["E", "F"]
    ticket = np.exp(beta * TIED["exposed"])
    orders = {
        f"{' before '.join(order)}": np.prod(
            [ticket[name] / ticket[[*order[place:], *later]].sum() for place, name in enumerate(order)]
        )
        for order in permutations(tied)
    }
    everyone, dying = ticket[[*tied, *later]].sum(), ticket[tied].sum()
    own = ticket[tied].prod()
    return pd.Series(
        orders
        | {
            "mean of the orders": np.mean(list(orders.values())),
            "Efron": own / (everyone * (everyone - dying / 2)),
            "Breslow": own / everyone**2,
        }
    )


def hazard_and_risk(ratio=2.0) -> pd.DataFrame:
    """What a hazard ratio does to risks of several sizes: 1 - (1 - risk)^ratio."""
    risk = pd.Series([0.01, 0.1, 0.3, 0.5, 0.7, 0.9])
    exposed = 1 - (1 - risk) ** ratio
    return pd.DataFrame({"risk, not exposed": risk, "risk, exposed": exposed, "ratio of risks": exposed / risk})


def median_ratios(ratio=2.0) -> pd.DataFrame:
    """Median of the exposed over that of the others under Weibull hazards of three shapes, by the hazard ratio."""
    shapes = {"hazard falls (shape 0.5)": 0.5, "hazard stays (shape 1)": 1.0, "hazard rises (shape 2)": 2.0}
    return pd.DataFrame({"ratio of medians": {name: ratio ** (-1 / shape) for name, shape in shapes.items()}})


def risks(data) -> pd.DataFrame:
    """Risk of the event under both groups by the cohort's model, at the quarters of the event times.

    The reference group's survival is Breslow's estimate from the model; the second group's is its power.
    """
    table, top = two_groups.cohort_tables(data), book_estimate(data)
    ratio = math.exp(top["beta"])
    hazard = baseline_hazard(table, ratio)
    places = [round(quarter * (len(table) - 1)) for quarter in (0.25, 0.5, 0.75)]
    first, second = 1 - np.exp(-hazard[places]), 1 - np.exp(-ratio * hazard[places])
    reference, other = data.levels
    return pd.DataFrame(
        {
            f"time ({data.unit})": table["time"][places].to_numpy(),
            f"risk, {reference}": first.to_numpy(),
            f"risk, {other}": second.to_numpy(),
            "ratio of risks": (second / first).to_numpy(),
        }
    )


def baseline_hazard(table, ratio):
    """Breslow's cumulative hazard of the reference group at each event time, from both groups."""
    tickets = table["at_risk"] + (ratio - 1) * table["at_risk_second"]
    return (table["events"] / tickets).cumsum()


def book_estimate(data) -> pd.Series:
    """The cohort's log hazard ratio of the second group by the book's own fit: ``beta``, ``std_error`` and the tests."""
    known = two_groups.outcome(data)
    fitted = partial_likelihood.fit(known["time"], known["event"], known["second"])
    return pd.Series(
        {
            "beta": fitted.coefficients[0],
            "std_error": fitted.std_errors[0],
            "likelihood ratio": fitted.likelihood_ratio.statistic,
            "Wald": fitted.wald.statistic,
            "score": fitted.score.statistic,
        }
    )


def book_rows(data) -> pd.DataFrame:
    """The row of the book's table of hazard ratios that compares the same two groups; empty when it has none."""
    table = cox.cox(data.cohort)
    return table[
        (table["endpoint"] == data.endpoint)
        & (table["term"] == data.factor)
        & (table["model"] == "univariable")
        & (table["level"] == data.levels[1])
    ]


def two_worlds() -> pd.DataFrame:
    """Hazard ratio of a treatment, crude and adjusted for the stage, in two invented worlds of 160 patients each.

    Stage IV has five times the hazard of stage II. In the first world the treatment does nothing and goes mostly to stage
    II; in the second it halves the hazard and each stage is treated in one half.
    """
    worlds = {
        "no effect, mostly stage II treated": (1.0, {(0, 0): 20, (0, 1): 60, (1, 0): 60, (1, 1): 20}),
        "hazard halved, both stages treated alike": (0.5, {(0, 0): 40, (0, 1): 40, (1, 0): 40, (1, 1): 40}),
    }
    rows = {}
    for name, (effect, sizes) in worlds.items():
        patients = pd.concat(
            [
                invented.piecewise([0.02 * 5**late * effect**treated], n=size).assign(late=late, treated=treated)
                for (late, treated), size in sizes.items()
            ]
        )
        fits = [
            partial_likelihood.fit(patients["time"], patients["event"], patients[columns])
            for columns in (["treated"], ["treated", "late"])
        ]
        rows[name] = {"true": effect} | {
            kind: math.exp(fitted.coefficients[0]) for kind, fitted in zip(("crude", "adjusted"), fits, strict=True)
        }
    return pd.DataFrame(rows).T

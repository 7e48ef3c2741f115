"""Arithmetic of the lesson "landmark"."""

import dataclasses

import numpy as np
import pandas as pd
from matplotlib.ticker import MaxNLocator

from aice_helpers.core.results import pick
from aice_helpers.course.engine.moments import round_times
from aice_helpers.stats import partial_likelihood, response_landmark

SIX = pd.DataFrame(
    {
        "time": [2.0, 4.0, 8.0, 7.0, 12.0, 10.0],
        "event": [True, False, True, True, False, True],
        "response": [np.nan, np.nan, 3.0, np.nan, 5.0, np.nan],
    },
    index=pd.Index(list("ABCDEF"), name="patient"),
)
"""Six invented patients: months of follow-up, whether they died, and the month of response, if any."""


def sample(data) -> pd.DataFrame:
    """Every patient's ``time``, ``event`` and month of ``response`` (missing without one).

    A response dated after the patient's own time is taken to have come at it.
    """
    month = data.followed.column(data.followed.study.response.month)
    response = month.where(data.followed.responder).to_numpy(float)
    return pd.DataFrame({"time": data.time, "event": data.event, "response": np.minimum(response, data.time)})


def at_landmark(patients, landmark) -> pd.DataFrame:
    """Patients still at risk after a landmark: time counted from it, event, and whether they had responded by then."""
    stays = patients[patients["time"] > landmark]
    return pd.DataFrame(
        {
            "time": stays["time"] - landmark,
            "event": stays["event"],
            "responder": (stays["response"] <= landmark).astype(float),
        }
    )


def hazard_ratio(rows) -> float:
    """Cox's hazard ratio of responders against the others; columns as in `at_landmark`."""
    return float(np.exp(partial_likelihood.fit(rows["time"], rows["event"], rows[["responder"]]).coefficients[0]))


def naive(patients) -> pd.DataFrame:
    """All patients from time zero, the responders as if they had been known then."""
    return patients[["time", "event"]].assign(responder=patients["response"].notna().astype(float))


def spells(patients) -> pd.DataFrame:
    """Counting-process rows: a responder has one row up to the response and one after it, everyone else a single row.

    Columns ``id``, ``start``, ``stop``, ``responder`` (0 before the response, 1 after) and ``event`` (at ``stop``).
    """
    rows = []
    for name, patient in patients.iterrows():
        change = patient["response"]
        if change > 0 and change < patient["time"]:
            rows.append((name, 0.0, change, 0, False))
            rows.append((name, change, patient["time"], 1, bool(patient["event"])))
        else:
            rows.append((name, 0.0, patient["time"], int(change == 0), bool(patient["event"])))
    return pd.DataFrame(rows, columns=["id", "start", "stop", "responder", "event"])


def rates(patients) -> pd.DataFrame:
    """Events, time and events per unit of time of responders and others: with the groups of the end, and as they were.

    ``naive`` gives a responder's whole time to the responders; ``as it was`` the time before the response to the others.
    """
    responded = patients["response"].notna()
    rows = {("naive", group): patients[inside] for group, inside in (("response", responded), ("none", ~responded))}
    found = {key: (int(part["event"].sum()), float(part["time"].sum())) for key, part in rows.items()}
    before = float(patients.loc[responded, "response"].sum())
    (events, time), (other_events, other_time) = found["naive", "response"], found["naive", "none"]
    found["as it was", "response"] = (events, time - before)
    found["as it was", "none"] = (other_events, other_time + before)
    table = pd.DataFrame(found, index=["events", "time"]).T
    table["rate"] = table["events"] / table["time"]
    return table.rename_axis(["time before response", "group"])


def invented(n=2000, seed=1) -> pd.DataFrame:
    """Invented patients whose response has nothing to do with how long they live; columns as in `SIX`.

    Deaths come at one constant rate (median 12 months), responses at another (median 6 months) to whoever is still
    alive, in the first year; everyone is followed to 36 months.
    """
    rng = np.random.default_rng(seed)
    death = rng.exponential(12 / np.log(2), n)
    response = rng.exponential(6 / np.log(2), n)
    seen = (response < death) & (response < 12)
    return pd.DataFrame(
        {"time": np.minimum(death, 36.0), "event": death < 36, "response": np.where(seen, response, np.nan)}
    )


def landmark_table(cohort, endpoint, landmarks) -> pd.DataFrame:
    """The book's landmark analysis of one endpoint at any landmarks.

    Returns
    -------
    DataFrame
        One row a landmark: ``landmark``, ``estimate``, ``conf_low``, ``conf_high``, ``reasons``; patients and events of
        both groups (``responders``, ``responder_events``, ``others``, ``other_events``); ``later`` responders among the
        others; and those left out, ``events_before`` and ``censored_before``.
    """
    analysis = dataclasses.replace(cohort.study.analysis, response_landmarks=tuple(landmarks), multivariable=())
    endpoints = {endpoint: cohort.study.endpoints[endpoint]}
    study = dataclasses.replace(cohort.study, analysis=analysis, endpoints=endpoints)
    table = response_landmark.landmark_cox(dataclasses.replace(cohort, study=study))
    table = table[table["model"] == "landmark"]
    outcome, rows = cohort.survival(endpoint), []
    for landmark in landmarks:
        here = table[table["landmark"] == landmark]
        responders, others = pick(here, kind="level"), pick(here, kind="reference")
        gone = outcome["time"] <= landmark
        rows.append(
            {
                "landmark": float(landmark),
                **{name: responders[name] for name in ("estimate", "conf_low", "conf_high", "reasons")},
                "responders": int(responders["n"]),
                "responder_events": int(responders["events"]),
                "others": int(others["n"]),
                "other_events": int(others["events"]),
                "later": int(responders["later"]),
                "events_before": int((gone & outcome["event"]).sum()),
                "censored_before": int((gone & ~outcome["event"]).sum()),
            }
        )
    return pd.DataFrame(rows)


def grid(data) -> list[float]:
    """About thirty landmarks from 0 to half as far again as the last response, those of the plan among them."""
    plan = data.cohort.study.analysis.response_landmarks
    furthest = min(max(1.5 * sample(data)["response"].max(), *plan), float(data.time.max()))
    ticks = MaxNLocator(30, steps=[1, 2, 2.5, 5, 10]).tick_values(0, furthest)
    times = {round(float(time), 6) for time in ticks} | set(plan)
    return sorted(time for time in times if 0 <= time <= furthest)


def later_time(data) -> float:
    """A round time after the landmark at which both groups still have three patients at risk, late but not at the end."""
    rows = at_landmark(sample(data), data.landmark)
    last = float(rows.groupby("responder")["time"].apply(lambda times: times.nlargest(3).iloc[-1]).min())
    found = [time for time in round_times(last, 10) if 0 < time <= 0.7 * last]
    return float(found[-1]) if found else last


def planned_row(data) -> pd.Series:
    """The row of `landmark_table` for the lesson's endpoint and landmark."""
    return landmark_table(data.cohort, data.endpoint, [data.landmark]).iloc[0]


def immortal_share(data) -> float:
    """Share of the responders' time that lies before their response."""
    patients = sample(data)
    return float(patients["response"].sum() / patients.loc[patients["response"].notna(), "time"].sum())

"""Lesson "landmark": immortal time, the landmark analysis by hand, and its limits."""

import dataclasses

import numpy as np
import pandas as pd
from matplotlib.ticker import MaxNLocator

from aice_helpers.core.results import pick
from aice_helpers.course.engine.exercise import Exercise, Mistake
from aice_helpers.course.engine.play import Play
from aice_helpers.course.engine.quiz import Option, Question
from aice_helpers.show import formats, reason_words
from aice_helpers.stats import kaplan_meier, partial_likelihood, response_landmark

NEEDS = ("endpoint", "response", "landmark")

SIX = pd.DataFrame(
    {
        "time": [2.0, 4.0, 8.0, 7.0, 12.0, 10.0],
        "event": [True, False, True, True, False, True],
        "response": [np.nan, np.nan, 3.0, np.nan, 5.0, np.nan],
    },
    index=pd.Index(list("ABCDEF"), name="patient"),
)
"""Six invented patients: months of follow-up, whether they died, and the month of response, if any."""


def sample(subject) -> pd.DataFrame:
    """Every patient's ``time``, ``event`` and month of ``response`` (missing without one).

    A response dated after the patient's own time is taken to have come at it.
    """
    month = subject.cohort.column(subject.cohort.study.response.month)
    response = month.where(subject.cohort.responder).to_numpy(float)
    return pd.DataFrame({"time": subject.time, "event": subject.event, "response": np.minimum(response, subject.time)})


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


def grid(subject) -> list[float]:
    """About thirty landmarks from 0 to half as far again as the last response, those of the plan among them."""
    plan = subject.cohort.study.analysis.response_landmarks
    furthest = min(max(1.5 * sample(subject)["response"].max(), *plan), float(subject.time.max()))
    round_times = MaxNLocator(30, steps=[1, 2, 2.5, 5, 10]).tick_values(0, furthest)
    times = {round(float(time), 6) for time in round_times} | set(plan)
    return sorted(time for time in times if 0 <= time <= furthest)


def landmark_play(subject) -> Play:
    """The interactive figure: one landmark after the other, with all that the cohort's analysis gives there."""
    table = landmark_table(subject.cohort, subject.endpoint, grid(subject))
    whole = hazard_ratio(naive(sample(subject)))
    numbers = table.drop(columns="reasons").astype(object)
    rows = [
        {name: None if pd.isna(value) else value for name, value in row.items()}
        | {"note": reason_words.note(reasons, subject.cohort.study)}
        for row, reasons in zip(numbers.to_dict("records"), table["reasons"], strict=True)
    ]
    return Play(
        "landmark",
        "Move the landmark",
        "Early landmarks know few responders; late ones have lost many patients. Watch the **interval**, and who is left out.",
        {
            "rows": rows,
            "start": grid(subject).index(subject.landmark),
            "naive": whole if np.isfinite(whole) else None,
            "level": formats.level(subject.conf_level),
            "endpoint": subject.label,
            "unit": subject.unit,
        },
        "With scripts on, this figure repeats the landmark analysis of this cohort at about thirty landmarks and shows the hazard "
        "ratio with its interval, the patients left out, the responders and those who count as not responding yet.",
    )


def comparison_words() -> str:
    """The cohort's naive and landmark results as text of `markup.written`, to be filled with `comparison_values`."""
    return (
        "**{endpoint}.** Counted from time zero, as if response had been known then: hazard ratio {naive}. From the landmark at "
        "{landmark} {unit}: {estimate} ({level} CI {limits}), among {kept} of {n} patients. Left out: {events_before} with the event and {censored_before} "
        "censored by then. {responders} had responded; {later} of the {others} others responded later. The naive rates count {before} {unit} "
        "of the responders before their response, {share} of all their time, as time of response."
    )


def comparison_values(subject) -> dict:
    """What fills `comparison_words`."""
    row, patients = _row(subject), sample(subject)
    before = patients["response"].sum()
    return _values(subject) | {
        "naive": formats.ratio(hazard_ratio(naive(patients))),
        "estimate": formats.ratio(row["estimate"]),
        "limits": formats.interval(row["conf_low"], row["conf_high"], formats.ratio),
        "kept": row["responders"] + row["others"],
        "before": formats.decimal(before, 0),
        "share": formats.percent(_immortal_share(subject), 0),
        **{name: row[name] for name in ("events_before", "censored_before", "responders", "later", "others")},
    }


def later_time(subject) -> float:
    """A round time after the landmark at which both groups still have three patients at risk, late but not at the end."""
    rows = at_landmark(sample(subject), subject.landmark)
    last = float(rows.groupby("responder")["time"].apply(lambda times: times.nlargest(3).iloc[-1]).min())
    found = [time for time in MaxNLocator(10, steps=[1, 2, 3, 5, 6, 10]).tick_values(0, last) if 0 < time <= 0.7 * last]
    return float(found[-1]) if found else last


def _row(subject):
    return landmark_table(subject.cohort, subject.endpoint, [subject.landmark]).iloc[0]


def _values(subject):
    return {
        "endpoint": subject.label,
        "event": subject.cohort.study.endpoints[subject.endpoint].event_label,
        "unit": subject.unit,
        "n": len(subject.time),
        "landmark": f"{subject.landmark:g}",
        "level": formats.level(subject.conf_level),
        "later_time": f"{later_time(subject):g}",
        "clock": f"{subject.landmark + later_time(subject):g}",
    }


def _immortal_share(subject):
    patients = sample(subject)
    return float(patients["response"].sum() / patients.loc[patients["response"].notna(), "time"].sum())


def _immortal_mistake(subject, denominator):
    patients = sample(subject)
    return float(patients["response"].sum() / denominator(patients))


def _groups(subject, responder=None, rows=None):
    """Counts (responders, others) among the patients at risk after the landmark."""
    patients = sample(subject)
    patients = patients[patients["time"] > subject.landmark] if rows is None else rows(patients)
    inside = patients["response"] <= subject.landmark if responder is None else responder(patients)
    return int(inside.sum()), int((~inside).sum())


def _rate_ratio(subject, kind="as it was"):
    table = rates(sample(subject))["rate"]
    return float(table[kind, "response"] / table[kind, "none"])


def _time_thrown_away(subject):
    table = rates(sample(subject))["rate"]
    return float(table["as it was", "response"] / table["naive", "none"])


def _ratio_with(subject, rows):
    ratio = hazard_ratio(rows(sample(subject)))
    return ratio if np.isfinite(ratio) else None


def _ever_among_the_kept(patients, landmark):
    return naive(patients[patients["time"] > landmark])


def _nobody_left_out(patients, landmark):
    return patients[["time", "event"]].assign(responder=(patients["response"] <= landmark).astype(float))


def _two_rates(rows, time):
    """Kaplan-Meier rates (responders, others) at one time."""
    found = []
    for code in (1, 0):
        part = rows[rows["responder"] == code]
        curve = kaplan_meier.kaplan_meier(part["time"].to_numpy(), part["event"].to_numpy())
        found.append(float(curve.survival[curve.time <= time][-1]))
    return tuple(found)


def _from_landmark(subject, after):
    return _two_rates(at_landmark(sample(subject), subject.landmark), after)


def _crude_from_landmark(subject):
    rows = at_landmark(sample(subject), subject.landmark)
    past = rows.assign(past=rows["time"] > later_time(subject)).groupby("responder")["past"].mean()
    return float(past[1]), float(past[0])


EXERCISES = (
    Exercise(
        "landmark-1",
        "Who is left out?",
        1,
        "Endpoint: **{endpoint}**. How many of the {n} patients are left out of an analysis with the landmark at {landmark} {unit}? Only "
        "patients with a time longer than {landmark} are kept.",
        lambda s: int((s.time <= s.landmark).sum()),
        values=_values,
        hints=("Left out is everyone whose time is {landmark} or shorter, whatever ended it.", "`(patients[\"time\"] <= landmark).sum()`"),
        mistakes=(
            Mistake("Those are the patients who are kept.", lambda s: int((s.time > s.landmark).sum())),
            Mistake("That leaves out only those with the event. Whoever was censored by then cannot be followed from the landmark on either.",
                    lambda s: int((s.event & (s.time <= s.landmark)).sum())),
            Mistake("That counts those without a response by the landmark. They are kept, in the other group, if they are still at risk.",
                    lambda s: int((~(sample(s)["response"] <= s.landmark)).sum())),
        ),
        because="They are left out of both groups alike, whether or not they had responded. That makes the comparison fair.",
    ),
    Exercise(
        "landmark-2",
        "The two groups",
        1,
        "Endpoint: **{endpoint}**, landmark at {landmark} {unit}. How large are the two groups, as (responders, others)?",
        lambda s: _groups(s),
        values=_values,
        hints=(
            "First keep those with a time longer than {landmark}. Then ask what was known at the landmark.",
            "A response at exactly {landmark} is known. One that comes later is not: the patient belongs to the others.",
        ),
        mistakes=(
            Mistake("That lets later responses count. At the landmark nobody knew of them.", lambda s: _groups(s, lambda p: p["response"].notna())),
            Mistake("Those are all patients from time zero, by whether they ever responded.",
                    lambda s: _groups(s, lambda p: p["response"].notna(), lambda p: p)),
            Mistake("That keeps the patients who had left by the landmark. They cannot be followed from there.",
                    lambda s: _groups(s, rows=lambda p: p)),
            Mistake("That drops those who responded later. They are at risk and count with the others.",
                    lambda s: (_groups(s)[0], int(((sample(s)["time"] > s.landmark) & sample(s)["response"].isna()).sum()))),
        ),
        because="Both groups are formed by what was known at the landmark, and the clock starts there for both.",
    ),
    Exercise(
        "landmark-3",
        "How much time is immortal?",
        2,
        "Add up the time of all responders of the cohort ({endpoint}). What share of it lies **before** their response?",
        _immortal_share,
        values=_values,
        hints=(
            "Before the response a responder cannot have had the event: that time is immortal.",
            "`patients[\"response\"].sum()` over the sum of the responders' times",
        ),
        mistakes=(
            Mistake("That is the share after the response.", lambda s: 1 - _immortal_share(s)),
            Mistake("That divides by the time of all patients. Asked is the share of the responders' own time.",
                    lambda s: _immortal_mistake(s, lambda p: p["time"].sum())),
            Mistake("That divides by the time after the response. Divide by all the time of the responders.",
                    lambda s: _immortal_mistake(s, lambda p: (p["time"] - p["response"]).sum())),
        ),
        because="The naive comparison gives this time to the responders, who could not have had an event in it.",
    ),
    Exercise(
        "landmark-4",
        "The hazard ratio from the landmark on",
        2,
        "Endpoint: **{endpoint}**. What is Cox's hazard ratio of responders against the others in the analysis with the landmark at {landmark} "
        "{unit}?",
        lambda s: float(_row(s)["estimate"]),
        digits=2,
        values=_values,
        hints=(
            "Keep those with a time longer than {landmark}, form the groups at the landmark, count the time from there.",
            "`CoxPHFitter().fit(rows, \"time\", \"event\")` on the rows of `landmark.at_landmark(patients, ...)`",
        ),
        mistakes=(
            Mistake("That is the naive ratio: everyone from time zero, response as if known then.", lambda s: hazard_ratio(naive(sample(s)))),
            Mistake("That is the other way round: asked are responders against the others.", lambda s: 1 / float(_row(s)["estimate"])),
            Mistake("That keeps the right patients, but counts later responders as responders: immortal time is back.",
                    lambda s: _ratio_with(s, lambda p: _ever_among_the_kept(p, s.landmark))),
            Mistake("That forms the groups rightly, but leaves the patients in who had left by the landmark; none of them had the time "
                    "to respond late.", lambda s: _ratio_with(s, lambda p: _nobody_left_out(p, s.landmark))),
            Mistake("That is the log hazard ratio. Take its exponential.", lambda s: float(np.log(_row(s)["estimate"]))),
        ),
        because="It compares patients who were all alive and under observation at the landmark. It is not the effect of responding.",
    ),
    Exercise(
        "landmark-5",
        "Every month where it belongs",
        3,
        "Give the ratio of the rates of **{endpoint}** (events per time at risk), responders against the others, with every patient's time "
        "before a response counted with the others.",
        _rate_ratio,
        values=_values,
        hints=(
            "Responders: their events over their time after the response.",
            "Others: the events of those who never responded, over their time plus the responders' time before the response.",
        ),
        mistakes=(
            Mistake("That is the naive ratio: the time before the response is counted as time of response.", lambda s: _rate_ratio(s, "naive")),
            Mistake("That takes the immortal time from the responders and throws it away. In that time they were at risk as not yet responding: "
                    "it belongs to the others.", _time_thrown_away),
            Mistake("That is upside down: asked are responders against the others.", lambda s: 1 / _rate_ratio(s)),
        ),
        because="This is what a time-dependent covariate does, here with rates that are taken to be constant.",
    ),
    Exercise(
        "landmark-6",
        "Curves that start at the landmark",
        3,
        "Endpoint: **{endpoint}**, landmark at {landmark} {unit}. Give the Kaplan-Meier estimate of being without event {later_time} {unit} "
        "**after the landmark**, as (responders, others).",
        lambda s: _from_landmark(s, later_time(s)),
        values=_values,
        hints=(
            "Use the rows of the landmark analysis: its clock starts at the landmark.",
            "`KaplanMeierFitter().fit(rows[\"time\"], rows[\"event\"]).predict({later_time})` for each group",
        ),
        mistakes=(
            Mistake("That reads the curves {landmark} {unit} too late: on the clock of the landmark the time is {later_time}, not {clock}.",
                    lambda s: _from_landmark(s, later_time(s) + s.landmark)),
            Mistake("That reads the curves {landmark} {unit} too early: {later_time} {unit} from time zero are fewer from the landmark on.",
                    lambda s: _from_landmark(s, later_time(s) - s.landmark) if later_time(s) > s.landmark else None),
            Mistake("Those are naive curves from time zero by whether patients ever responded.",
                    lambda s: _two_rates(naive(sample(s)), later_time(s))),
            Mistake("Those are the shares still under observation. Whoever was censored earlier may be event-free.", _crude_from_landmark),
        ),
        because="Such rates hold for patients who reached the landmark, and for nobody else.",
    ),
)  # fmt: skip

QUESTIONS = (
    Question(
        "landmark-q1",
        "Response does nothing at all for survival. What does the naive comparison of responders with the others show?",
        (
            Option("A hazard ratio around 1.", False, "It would, if both groups had the same chance to die early. Responders had to live until their response."),
            Option("A hazard ratio below 1.", True, "Deaths before the response can only fall among the others; whoever dies first cannot respond any more."),
            Option("Either, depending on chance.", False, "The error has a direction, and more patients do not make it smaller."),
        ),
    ),
    Question(
        "landmark-q2",
        "A patient responds at 5 months; the landmark is at 3. Where does the patient count?",
        (
            Option("Among the responders.", False, "That would use knowledge from after the landmark, and with it immortal time."),
            Option("Nowhere; the patient is left out.", False, "Only those no longer at risk at the landmark are left out."),
            Option("Among the others.", True, "At 3 months there was no response yet. This thins out the contrast: a price of the method."),
        ),
    ),
    Question(
        "landmark-q3",
        "You analyze from the landmark on but forget to subtract it from the times. What happens to Cox's hazard ratio?",
        (
            Option("It does not change.", True, "Cox's model uses only the order of the times. Curves, medians and rates would be wrong, though."),
            Option("It moves towards 1.", False, "The order of the times, and who is at risk at each event, is the same with both clocks."),
            Option("It cannot be computed.", False, "It can, and comes out the same."),
        ),
    ),
    Question(
        "landmark-q4",
        "Several landmarks give different hazard ratios. Which one do you report?",
        (
            Option("The smallest P value.", False, "Then chance chooses the landmark, and the P value is no longer what it says."),
            Option("The one fixed in the plan, with the others beside it.", True,
                   "A landmark needs a reason before the data are seen: such as the month of the planned assessment."),
            Option("Their average.", False, "They are about different patients and share most of their events; an average answers no question."),
        ),
    ),
    Question(
        "landmark-q5",
        "The landmark analysis shows a hazard ratio clearly below 1. May one conclude that responding prolongs life?",
        (
            Option("Yes, immortal time has been taken out.", False, "That removes one error. Responders may have been the fitter patients from the start."),
            Option("No: patients who respond may differ in what made them live longer anyway.", True,
                   "A small tumor or a good general state may lead both to a response and to a longer life."),
            Option("Yes, if the adjusted analysis agrees.", False, "Adjustment helps against what was measured, and only as well as it was measured."),
        ),
    ),
)  # fmt: skip

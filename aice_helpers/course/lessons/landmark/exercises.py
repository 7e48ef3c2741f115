"""Exercises and questions of the lesson "landmark"."""

import numpy as np

from aice_helpers.course.engine.exercise import Exercise, Mistake
from aice_helpers.course.engine.quiz import Option, Question
from aice_helpers.course.lessons.landmark.arithmetic import (
    at_landmark,
    hazard_ratio,
    immortal_share,
    later_time,
    naive,
    planned_row,
    rates,
    sample,
)
from aice_helpers.course.lessons.landmark.words import fields
from aice_helpers.stats import kaplan_meier

NEEDS = ("endpoint", "response", "landmark")


def _immortal_mistake(data, denominator):
    patients = sample(data)
    return float(patients["response"].sum() / denominator(patients))


def _groups(data, responder=None, rows=None):
    """Counts (responders, others) among the patients at risk after the landmark."""
    patients = sample(data)
    patients = patients[patients["time"] > data.landmark] if rows is None else rows(patients)
    inside = patients["response"] <= data.landmark if responder is None else responder(patients)
    return int(inside.sum()), int((~inside).sum())


def _rate_ratio(data, kind="as it was"):
    table = rates(sample(data))["rate"]
    return float(table[kind, "response"] / table[kind, "none"])


def _time_thrown_away(data):
    table = rates(sample(data))["rate"]
    return float(table["as it was", "response"] / table["naive", "none"])


def _ratio_with(data, rows):
    ratio = hazard_ratio(rows(sample(data)))
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


def _from_landmark(data, after):
    return _two_rates(at_landmark(sample(data), data.landmark), after)


def _crude_from_landmark(data):
    rows = at_landmark(sample(data), data.landmark)
    past = rows.assign(past=rows["time"] > later_time(data)).groupby("responder")["past"].mean()
    return float(past[1]), float(past[0])


EXERCISES = (
    Exercise(
        "landmark-1",
        "Who is left out?",
        1,
        "Endpoint: **{endpoint}**. How many of the {n} patients are left out of an analysis with the landmark at {landmark} {unit}? Only "
        "patients with a time longer than {landmark} are kept.",
        lambda d: int((d.time <= d.landmark).sum()),
        values=fields,
        hints=("Left out is everyone whose time is {landmark} or shorter, whatever ended it.", "`(patients[\"time\"] <= landmark).sum()`"),
        mistakes=(
            Mistake("Those are the patients who are kept.", lambda d: int((d.time > d.landmark).sum())),
            Mistake("That leaves out only those with the event. Whoever was censored by then cannot be followed from the landmark on either.",
                    lambda d: int((d.event & (d.time <= d.landmark)).sum())),
            Mistake("That counts those without a response by the landmark. They are kept, in the other group, if they are still at risk.",
                    lambda d: int((~(sample(d)["response"] <= d.landmark)).sum())),
        ),
        because="They are left out of both groups alike, whether or not they had responded. That makes the comparison fair.",
    ),
    Exercise(
        "landmark-2",
        "The two groups",
        1,
        "Endpoint: **{endpoint}**, landmark at {landmark} {unit}. How large are the two groups, as (responders, others)?",
        lambda d: _groups(d),
        values=fields,
        hints=(
            "First keep those with a time longer than {landmark}. Then ask what was known at the landmark.",
            "A response at exactly {landmark} is known. One that comes later is not: the patient belongs to the others.",
        ),
        mistakes=(
            Mistake("That lets later responses count. At the landmark nobody knew of them.", lambda d: _groups(d, lambda p: p["response"].notna())),
            Mistake("Those are all patients from time zero, by whether they ever responded.",
                    lambda d: _groups(d, lambda p: p["response"].notna(), lambda p: p)),
            Mistake("That keeps the patients who had left by the landmark. They cannot be followed from there.",
                    lambda d: _groups(d, rows=lambda p: p)),
            Mistake("That drops those who responded later. They are at risk and count with the others.",
                    lambda d: (_groups(d)[0], int(((sample(d)["time"] > d.landmark) & sample(d)["response"].isna()).sum()))),
        ),
        because="Both groups are formed by what was known at the landmark, and the clock starts there for both.",
    ),
    Exercise(
        "landmark-3",
        "How much time is immortal?",
        2,
        "Add up the time of all responders of the cohort ({endpoint}). What share of it lies **before** their response?",
        immortal_share,
        values=fields,
        hints=(
            "Before the response a responder cannot have had the event: that time is immortal.",
            "`patients[\"response\"].sum()` over the sum of the responders' times",
        ),
        mistakes=(
            Mistake("That is the share after the response.", lambda d: 1 - immortal_share(d)),
            Mistake("That divides by the time of all patients. Asked is the share of the responders' own time.",
                    lambda d: _immortal_mistake(d, lambda p: p["time"].sum())),
            Mistake("That divides by the time after the response. Divide by all the time of the responders.",
                    lambda d: _immortal_mistake(d, lambda p: (p["time"] - p["response"]).sum())),
        ),
        because="The naive comparison gives this time to the responders, who could not have had an event in it.",
    ),
    Exercise(
        "landmark-4",
        "The hazard ratio from the landmark on",
        2,
        "Endpoint: **{endpoint}**. What is Cox's hazard ratio of responders against the others in the analysis with the landmark at {landmark} "
        "{unit}?",
        lambda d: float(planned_row(d)["estimate"]),
        digits=2,
        values=fields,
        hints=(
            "Keep those with a time longer than {landmark}, form the groups at the landmark, count the time from there.",
            "`CoxPHFitter().fit(rows, \"time\", \"event\")` on the rows of `landmark.at_landmark(patients, ...)`",
        ),
        mistakes=(
            Mistake("That is the naive ratio: everyone from time zero, response as if known then.", lambda d: hazard_ratio(naive(sample(d)))),
            Mistake("That is the other way round: asked are responders against the others.", lambda d: 1 / float(planned_row(d)["estimate"])),
            Mistake("That keeps the right patients, but counts later responders as responders: immortal time is back.",
                    lambda d: _ratio_with(d, lambda p: _ever_among_the_kept(p, d.landmark))),
            Mistake("That forms the groups rightly, but leaves the patients in who had left by the landmark; none of them had the time "
                    "to respond late.", lambda d: _ratio_with(d, lambda p: _nobody_left_out(p, d.landmark))),
            Mistake("That is the log hazard ratio. Take its exponential.", lambda d: float(np.log(planned_row(d)["estimate"]))),
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
        values=fields,
        hints=(
            "Responders: their events over their time after the response.",
            "Others: the events of those who never responded, over their time plus the responders' time before the response.",
        ),
        mistakes=(
            Mistake("That is the naive ratio: the time before the response is counted as time of response.", lambda d: _rate_ratio(d, "naive")),
            Mistake("That takes the immortal time from the responders and throws it away. In that time they were at risk as not yet responding: "
                    "it belongs to the others.", _time_thrown_away),
            Mistake("That is upside down: asked are responders against the others.", lambda d: 1 / _rate_ratio(d)),
        ),
        because="This is what a time-dependent covariate does, here with rates that are taken to be constant.",
    ),
    Exercise(
        "landmark-6",
        "Curves that start at the landmark",
        3,
        "Endpoint: **{endpoint}**, landmark at {landmark} {unit}. Give the Kaplan-Meier estimate of being without event {later_time} {unit} "
        "**after the landmark**, as (responders, others).",
        lambda d: _from_landmark(d, later_time(d)),
        values=fields,
        hints=(
            "Use the rows of the landmark analysis: its clock starts at the landmark.",
            "`KaplanMeierFitter().fit(rows[\"time\"], rows[\"event\"]).predict({later_time})` for each group",
        ),
        mistakes=(
            Mistake("That reads the curves {landmark} {unit} too late: on the clock of the landmark the time is {later_time}, not {clock}.",
                    lambda d: _from_landmark(d, later_time(d) + d.landmark)),
            Mistake("That reads the curves {landmark} {unit} too early: {later_time} {unit} from time zero are fewer from the landmark on.",
                    lambda d: _from_landmark(d, later_time(d) - d.landmark) if later_time(d) > d.landmark else None),
            Mistake("Those are naive curves from time zero by whether patients ever responded.",
                    lambda d: _two_rates(naive(sample(d)), later_time(d))),
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

"""Lesson "km": censoring and the Kaplan-Meier product by hand."""

import math

import numpy as np
import pandas as pd
from matplotlib.ticker import MaxNLocator

from aice_helpers.core.intervals import normal_quantile
from aice_helpers.core.results import pick
from aice_helpers.course.engine.exercise import Exercise, Mistake
from aice_helpers.course.engine.play import Play
from aice_helpers.course.engine.quiz import Option, Question
from aice_helpers.stats import survival

NEEDS = ("endpoint", "median")

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


def moment(subject) -> float:
    """A time at which ignoring censoring shows: some were censored before an earlier event, and some are still at risk.

    The first of the plan's times or of round times for which that holds; else the last event time that somebody gets
    past. The curve is never down to 0 there, where it would have neither a standard error nor limits.
    """
    event_times = np.unique(subject.time[subject.event])
    passed = [time for time in event_times if _gets_past(subject, time)]
    round_times = MaxNLocator(12, steps=[1, 2, 3, 5, 6, 10]).tick_values(0, event_times[-1])
    for time in (*subject.cohort.study.analysis.landmark_times, *round_times):
        before = subject.time[~subject.event & (subject.time < time)]
        if (
            len(before) >= 3
            and (subject.time >= time).sum() >= 5
            and (subject.event & (subject.time > np.sort(before)[2]) & (subject.time <= time)).any()
            and _gets_past(subject, time)
        ):
            return float(time)
    return float(passed[-1])


def _gets_past(subject, time):
    """Whether anyone at risk at a time does not have the event at it."""
    return bool(((subject.time > time) | ((subject.time == time) & ~subject.event)).any())


def risk_table(subject) -> pd.DataFrame:
    """The book's curve of the lesson's endpoint: time, at_risk, events, censored, estimate, std_error and limits."""
    curve = survival.survival_curve(subject.cohort)
    return curve[curve["endpoint"] == subject.endpoint].reset_index(drop=True)


def stepper() -> Play:
    """The interactive figure: ten invented patients, one after the other, each with the event or censored."""
    return Play(
        "km",
        "A curve, patient by patient",
        "Pass the patients one by one in the order of their times. Untick a patient to make the time a censored one, and watch the risk set and "
        "the size of the **later** steps.",
        {"patients": [[row.Index, row.time, int(row.event)] for row in TEN.itertuples()], "unit": "months"},
        "With scripts on, this figure steps through ten invented patients. What it shows: an event multiplies the curve by one "
        "minus events over patients at risk; a censored patient changes nothing at once, but leaves the risk set, so that "
        "every later step is larger.",
    )


def _rate(subject, time):
    row = survival.survival_at(subject.cohort, times=[time])
    return pick(row, endpoint=subject.endpoint, method="Kaplan-Meier, log-log")


def _moment_values(subject):
    return {
        "time": f"{moment(subject):g}",
        "unit": subject.unit,
        "endpoint": subject.label,
        "n": len(subject.time),
        "event": subject.cohort.study.endpoints[subject.endpoint].event_label,
        "level": f"{100 * subject.conf_level:g}%",
    }


def _first_factors(subject):
    table = risk_table(subject).query("events > 0").head(3)
    return tuple(float(value) for value in 1 - table["events"] / table["at_risk"])


def _loglog_limits(subject, z):
    row = _rate(subject, moment(subject))
    table = risk_table(subject)
    error = table.loc[table["time"] <= moment(subject), "std_error"].iloc[-1]
    share = row["estimate"]
    width = z * error / (share * math.log(share))
    return tuple(sorted((share ** math.exp(width), share ** math.exp(-width))))


def _plain_limits(subject):
    table = risk_table(subject)
    row = table[table["time"] <= moment(subject)].iloc[-1]
    half = normal_quantile(subject.conf_level) * row["std_error"]
    return float(row["estimate"] - half), float(row["estimate"] + half)


def _binomial_error(subject):
    share = _rate(subject, moment(subject))["estimate"]
    return math.sqrt(share * (1 - share) / len(subject.time))


def _greenwood(subject):
    table = risk_table(subject)
    return float(table.loc[table["time"] <= moment(subject), "std_error"].iloc[-1])


def _median(subject):
    table = risk_table(subject)
    return float(table.loc[table["estimate"] <= 0.5 + 1e-9, "time"].iloc[0])


EXERCISES = (
    Exercise(
        "km-1",
        "Who is at risk?",
        1,
        "Endpoint: **{endpoint}**. How many of the {n} patients are **at risk** at {time} {unit}?",
        lambda s: int((s.time >= moment(s)).sum()),
        values=_moment_values,
        hints=(
            "At risk is everyone who could still be seen to have the event at that moment.",
            "Censored before that moment: no longer at risk. Time equal to {time}: still at risk.",
            "`(outcome[\"time\"] >= t).sum()`",
        ),
        mistakes=(
            Mistake("That counts only times longer than {time}. Whoever has exactly this time is still at risk at it.",
                    lambda s: int((s.time > moment(s)).sum())),
            Mistake("That is everyone. Those with the event or censored before {time} have left the risk set.",
                    lambda s: len(s.time)),
            Mistake("That leaves out only the patients with an earlier event. Those censored earlier are not at risk either.",
                    lambda s: int(len(s.time) - (s.event & (s.time < moment(s))).sum())),
            Mistake("Those are the patients who are gone by then. At risk are the others.",
                    lambda s: int((s.time < moment(s)).sum())),
        ),
        because="At risk means: observed at least that long, whatever happened afterwards.",
    ),
    Exercise(
        "km-2",
        "The first three factors",
        1,
        "The curve of **{endpoint}** is a product. Which are its first three factors $1 - d_i / n_i$, at the first three "
        "distinct event times?",
        _first_factors,
        digits=4,
        values=_moment_values,
        hints=(
            "Look only at times at which an event was seen; a censored time has the factor 1.",
            "For each of the three times: $d_i$ patients have the event then, $n_i$ have that time or a longer one.",
        ),
        mistakes=(
            Mistake("Those are the values of the curve, which are already multiplied. Give the single factors.",
                    lambda s: tuple(np.cumprod(_first_factors(s)).tolist())),
            Mistake("Those are the shares who have the event. The factor is the share who get past: one minus that.",
                    lambda s: tuple(1 - f for f in _first_factors(s))),
            Mistake("That divides by all {n} patients each time. Divide by those still at risk.",
                    lambda s: tuple((1 - risk_table(s).query("events > 0").head(3)["events"] / len(s.time)).tolist())),
        ),
        because="Every factor is the estimated chance to get past one event time for those who reached it.",
    ),
    Exercise(
        "km-3",
        "The rate at a fixed time",
        2,
        "What is the Kaplan-Meier estimate of **{endpoint}** at {time} {unit}?",
        lambda s: float(_rate(s, moment(s))["estimate"]),
        values=_moment_values,
        hints=(
            "Multiply the factors of all event times up to and including {time}.",
            "It is not the share of patients whose time is longer than {time}: some of the others were censored, not seen to "
            "have the event.",
            "`np.prod([1 - d / n for ...])` over the distinct event times, or "
            "`KaplanMeierFitter().fit(outcome[\"time\"], outcome[\"event\"]).predict(t)`",
        ),
        mistakes=(
            Mistake("That is the share of all {n} patients observed longer than {time}: it counts everyone censored earlier "
                    "as if they had had the event.",
                    lambda s: float((s.time > moment(s)).mean())),
            Mistake("That forgets censoring: it is one minus events over all {n} patients, as if everyone censored had been "
                    "followed to {time} without the event.",
                    lambda s: float(1 - (s.event & (s.time <= moment(s))).mean())),
            Mistake("That drops the patients censored before {time}. They were at risk for part of the time and belong in the "
                    "early risk sets.",
                    lambda s: float(1 - (s.event & (s.time <= moment(s))).sum() / (~(~s.event & (s.time < moment(s)))).sum())),
            Mistake("That is the share who have had the event. The curve is one minus that.",
                    lambda s: float(1 - _rate(s, moment(s))["estimate"])),
        ),
        because="Each patient counts in exactly those risk sets in which the patient was under observation.",
    ),
    Exercise(
        "km-4",
        "The median",
        2,
        "What is the median of **{endpoint}** in {unit}: the first time at which the curve is at or below one half?",
        _median,
        digits=2,
        values=_moment_values,
        hints=(
            "Read the curve, not the column of times.",
            "`table.loc[table[\"estimate\"] <= 0.5, \"time\"].iloc[0]`",
        ),
        mistakes=(
            Mistake("That is the median of all observed times, as if a censored time were the time to the event.", lambda s: float(np.median(s.time))),
            Mistake("That is the median time of the patients who had the event. It leaves out those who have not had it yet; their true times are longer than what was seen.", lambda s: float(np.median(s.time[s.event]))),
            Mistake("That is the mean of the observed times.", lambda s: float(s.time.mean())),
            Mistake("That is the last time at which the curve is still above one half; the median is the next step.",
                    lambda s: float(risk_table(s).query("events > 0 and estimate > 0.5 + 1e-9")["time"].iloc[-1])),
        ),
        because="Half of the patients are estimated to have had the event by then, whether or not anyone saw it.",
    ),
    Exercise(
        "km-5",
        "Greenwood's standard error",
        3,
        "What is Greenwood's standard error of the Kaplan-Meier estimate of **{endpoint}** at {time} {unit}?",
        _greenwood,
        digits=4,
        values=_moment_values,
        hints=(
            r"$\widehat{\mathrm{se}} = \hat S(t) \sqrt{\sum_{t_i \le t} \frac{d_i}{n_i (n_i - d_i)}}$",
            "Take the sum over the event times up to {time}, its root, and multiply by the estimate of the exercise before.",
        ),
        mistakes=(
            Mistake("That is the binomial standard error with all {n} patients. It would be right if nobody had been censored "
                    "before {time}; here it is too small.", _binomial_error),
            Mistake("That is the variance. Take its square root.", lambda s: _greenwood(s) ** 2),
            Mistake("That is the root of the sum alone. Multiply it by the estimate.",
                    lambda s: _greenwood(s) / float(_rate(s, moment(s))["estimate"])),
        ),
        because="Without censoring before {time} it would be the binomial standard error; censoring before an event can only make it larger.",
    ),
    Exercise(
        "km-6",
        "An interval that cannot leave 0 to 1",
        3,
        "Give the {level} confidence interval of the Kaplan-Meier estimate of **{endpoint}** at {time} {unit} on the log(−log) "
        "scale, as (lower, upper).",
        lambda s: tuple(_rate(s, moment(s))[["conf_low", "conf_high"]].astype(float)),
        values=_moment_values,
        hints=(
            r"$\log(-\log S)$ has the standard error $\widehat{\mathrm{se}} / (S \, |\log S|)$.",
            r"The limits are $S^{\exp(\pm w)}$ with $w = z \, \widehat{\mathrm{se}} / (S \log S)$; $z$ is the two-sided normal "
            "quantile (1.96 for 95%).",
        ),
        mistakes=(
            Mistake("That is the plain interval, estimate plus or minus $z$ standard errors. It is symmetric, and near 0 or 1 it "
                    "can leave the range.", _plain_limits),
            Mistake("That is one-sided: the quantile leaves {level} below it instead of in the middle.",
                    lambda s: _loglog_limits(s, normal_quantile(2 * s.conf_level - 1))),
            Mistake("That uses one standard error on each side. Multiply by the normal quantile.", lambda s: _loglog_limits(s, 1.0)),
        ),
        because="The limits lie unequally far from the estimate, and they can never leave 0 to 1.",
    ),
)  # fmt: skip

QUESTIONS = (
    Question(
        "km-q1",
        "A patient was last seen alive and well at 10 months. What do the data say about the time to the event?",
        (
            Option("It is 10 months.", False, "Then the event would have been seen at 10 months. It was not."),
            Option("It is longer than 10 months.", True, "That is all a censored time says, and it is used in full."),
            Option("Nothing; leave the patient out.", False,
                   "Those were 10 months at risk without the event. Leaving them out makes the others look worse."),
        ),
    ),
    Question(
        "km-q2",
        "At a censored time, what does the Kaplan-Meier curve do?",
        (
            Option("It steps down a little.", False, "Only events make it step down."),
            Option("It stays level, and later steps get larger.", True,
                   "The risk set is smaller from then on, so each later event weighs more."),
            Option("It ends.", False, "It ends with the last observation of all."),
        ),
    ),
    Question(
        "km-q3",
        "Patients who feel worse stop coming to their visits and are censored. What happens to the curve?",
        (
            Option("Nothing; censoring is accounted for.", False,
                   "Only censoring that has nothing to do with prognosis is accounted for."),
            Option("It lies too high.", True,
                   "Those who stay do better than those who left, and the estimate takes the ones for the others."),
            Option("It lies too low.", False, "That would happen if the healthier ones left."),
        ),
    ),
)  # fmt: skip

"""Exercises and questions of the lesson "km"."""

import math

import numpy as np

from aice_helpers.core.intervals import normal_quantile
from aice_helpers.core.results import pick
from aice_helpers.course.engine.exercise import Exercise, Mistake
from aice_helpers.course.engine.moments import moment_after_censoring
from aice_helpers.course.engine.quiz import Option, Question
from aice_helpers.course.lessons.km.arithmetic import risk_table
from aice_helpers.show import formats
from aice_helpers.stats import survival
from aice_helpers.stats.kaplan_meier import TIE

NEEDS = ("endpoint", "median")


def _rate(data, time):
    row = survival.survival_at(data.cohort, times=[time])
    return pick(row, endpoint=data.endpoint, method="Kaplan-Meier, log-log")


def _moment_values(data):
    return {
        "time": f"{moment_after_censoring(data):g}",
        "unit": data.unit,
        "endpoint": data.label,
        "n": len(data.time),
        "event": data.cohort.study.endpoints[data.endpoint].event_label,
        "level": formats.level(data.conf_level),
    }


def _first_factors(data):
    table = risk_table(data).query("events > 0").head(3)
    return tuple(float(value) for value in 1 - table["events"] / table["at_risk"])


def _loglog_limits(data, z):
    row = _rate(data, moment_after_censoring(data))
    table = risk_table(data)
    error = table.loc[table["time"] <= moment_after_censoring(data), "std_error"].iloc[-1]
    share = row["estimate"]
    width = z * error / (share * math.log(share))
    return tuple(sorted((share ** math.exp(width), share ** math.exp(-width))))


def _plain_limits(data):
    table = risk_table(data)
    row = table[table["time"] <= moment_after_censoring(data)].iloc[-1]
    half = normal_quantile(data.conf_level) * row["std_error"]
    return float(row["estimate"] - half), float(row["estimate"] + half)


def _binomial_error(data):
    share = _rate(data, moment_after_censoring(data))["estimate"]
    return math.sqrt(share * (1 - share) / len(data.time))


def _greenwood(data):
    table = risk_table(data)
    return float(table.loc[table["time"] <= moment_after_censoring(data), "std_error"].iloc[-1])


def _median(data):
    table = risk_table(data)
    return float(table.loc[table["estimate"] <= 0.5 + TIE, "time"].iloc[0])


EXERCISES = (
    Exercise(
        "km-1",
        "Who is at risk?",
        1,
        "Endpoint: **{endpoint}**. How many of the {n} patients are **at risk** at {time} {unit}?",
        lambda d: int((d.time >= moment_after_censoring(d)).sum()),
        values=_moment_values,
        hints=(
            "At risk is everyone who could still be seen to have the event at that moment.",
            "Censored before that moment: no longer at risk. Time equal to {time}: still at risk.",
            "`(outcome[\"time\"] >= t).sum()`",
        ),
        mistakes=(
            Mistake("That counts only times longer than {time}. Whoever has exactly this time is still at risk at it.",
                    lambda d: int((d.time > moment_after_censoring(d)).sum())),
            Mistake("That is everyone. Those with the event or censored before {time} have left the risk set.",
                    lambda d: len(d.time)),
            Mistake("That leaves out only the patients with an earlier event. Those censored earlier are not at risk either.",
                    lambda d: int(len(d.time) - (d.event & (d.time < moment_after_censoring(d))).sum())),
            Mistake("Those are the patients who are gone by then. At risk are the others.",
                    lambda d: int((d.time < moment_after_censoring(d)).sum())),
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
                    lambda d: tuple(np.cumprod(_first_factors(d)).tolist())),
            Mistake("Those are the shares who have the event. The factor is the share who get past: one minus that.",
                    lambda d: tuple(1 - f for f in _first_factors(d))),
            Mistake("That divides by all {n} patients each time. Divide by those still at risk.",
                    lambda d: tuple((1 - risk_table(d).query("events > 0").head(3)["events"] / len(d.time)).tolist())),
        ),
        because="Every factor is the estimated chance to get past one event time for those who reached it.",
    ),
    Exercise(
        "km-3",
        "The rate at a fixed time",
        2,
        "What is the Kaplan-Meier estimate of **{endpoint}** at {time} {unit}?",
        lambda d: float(_rate(d, moment_after_censoring(d))["estimate"]),
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
                    lambda d: float((d.time > moment_after_censoring(d)).mean())),
            Mistake("That forgets censoring: it is one minus events over all {n} patients, as if everyone censored had been "
                    "followed to {time} without the event.",
                    lambda d: float(1 - (d.event & (d.time <= moment_after_censoring(d))).mean())),
            Mistake("That drops the patients censored before {time}. They were at risk for part of the time and belong in the "
                    "early risk sets.",
                    lambda d: float(1 - (d.event & (d.time <= moment_after_censoring(d))).sum() / (~(~d.event & (d.time < moment_after_censoring(d)))).sum())),
            Mistake("That is the share who have had the event. The curve is one minus that.",
                    lambda d: float(1 - _rate(d, moment_after_censoring(d))["estimate"])),
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
            Mistake("That is the median of all observed times, as if a censored time were the time to the event.", lambda d: float(np.median(d.time))),
            Mistake("That is the median time of the patients who had the event. It leaves out those who have not had it yet; their true times are longer than what was seen.", lambda d: float(np.median(d.time[d.event]))),
            Mistake("That is the mean of the observed times.", lambda d: float(d.time.mean())),
            Mistake("That is the last time at which the curve is still above one half; the median is the next step.",
                    lambda d: float(risk_table(d).query("events > 0 and estimate > 0.5 + @TIE")["time"].iloc[-1])),
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
            Mistake("That is the variance. Take its square root.", lambda d: _greenwood(d) ** 2),
            Mistake("That is the root of the sum alone. Multiply it by the estimate.",
                    lambda d: _greenwood(d) / float(_rate(d, moment_after_censoring(d))["estimate"])),
        ),
        because="Without censoring before {time} it would be the binomial standard error; censoring before an event can only make it larger.",
    ),
    Exercise(
        "km-6",
        "An interval that cannot leave 0 to 1",
        3,
        "Give the {level} confidence interval of the Kaplan-Meier estimate of **{endpoint}** at {time} {unit} on the log(−log) "
        "scale, as (lower, upper).",
        lambda d: tuple(_rate(d, moment_after_censoring(d))[["conf_low", "conf_high"]].astype(float)),
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
                    lambda d: _loglog_limits(d, normal_quantile(2 * d.conf_level - 1))),
            Mistake("That uses one standard error on each side. Multiply by the normal quantile.", lambda d: _loglog_limits(d, 1.0)),
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

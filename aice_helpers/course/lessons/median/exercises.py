"""Exercises and questions of the lesson "median"."""

import math

from aice_helpers.course.engine.exercise import Exercise, Mistake
from aice_helpers.course.engine.quiz import Option, Question
from aice_helpers.course.lessons.median.arithmetic import METHODS, band, conventions, density, moment, ranks
from aice_helpers.show import formats
from aice_helpers.stats.kaplan_meier import CONF_TYPES, SPSS, TIE

NEEDS = ("endpoint", "median")


def _values(data):
    return {
        "time": f"{moment(data):g}",
        "unit": data.unit,
        "endpoint": data.label,
        "n": len(data.time),
        "level": formats.level(data.conf_level),
    }


def _limits(data, method, conf_level=None):
    row = conventions(data.time, data.event, conf_level or data.conf_level).loc[method]
    limits = float(row["lower"]), float(row["upper"])
    return None if any(map(math.isnan, limits)) else limits


def _at(data, time, scale="log-log"):
    table = band(data.time, data.event, scale, data.conf_level)
    return table[table["time"] <= time + TIE].iloc[-1]


def _side(data):
    lower, upper = _limits(data, "log-log")
    return "too short" if moment(data) < lower else "too long" if moment(data) >= upper else "possible"


def _distance(data):
    row = _at(data, moment(data))
    return float((row["share"] - 0.5) / row["std_error"])


def _binomial_distance(data):
    share = _at(data, moment(data))["share"]
    return float((share - 0.5) / math.sqrt(share * (1 - share) / len(data.time)))


def _band_at_median(data):
    row = _at(data, conventions(data.time, data.event).loc[SPSS, "median"])
    return float(row["low"]), float(row["high"])


def _one_step(data):
    rows = band(data.time, data.event, "plain").query("events > 0")
    after = rows[rows["share"] <= 0.5 + TIE].iloc[0]
    before = rows[rows["share"] > 0.5 + TIE].tail(1)
    if before.empty:
        return None
    slope = (before["share"].iloc[0] - after["share"]) / (after["time"] - before["time"].iloc[0])
    return float(after["std_error"] / slope)


def _lengths(data, methods=METHODS):
    return [upper - lower for lower, upper in (_limits(data, method) for method in methods)]


def _spread(values):
    return float(max(values) - min(values))


EXERCISES = (
    Exercise(
        "median-1",
        "Is this time possible?",
        1,
        "Endpoint: **{endpoint}**. Judge by the {level} band on the **log(−log)** scale: is {time} {unit} too short to be the "
        "median, possible, or too long?",
        _side,
        values=_values,
        choices=lambda d: ("too short", "possible", "too long"),
        hints=(
            "Read the lower and the upper limit of the **curve** at {time} {unit}.",
            "One half between the two: possible. Both limits above one half: the curve is still up, and the median "
            "comes later.",
            "`median.band(data.time, data.event, \"log-log\", data.conf_level)`, the last row whose time is not beyond {time}.",
        ),
        mistakes=(
            Mistake("Too short means that even the **lower** limit of the band is still above one half at {time}. Look at it.",
                    lambda d: "too short"),
            Mistake("Possible means that one half lies between the two limits of the band at {time}. Look at both of them.",
                    lambda d: "possible"),
            Mistake("Upside down: too long means that even the **upper** limit of the curve has come below one half by then.",
                    lambda d: "too long"),
        ),
        because="All the times that are possible in this sense make the confidence interval of the median.",
    ),
    Exercise(
        "median-2",
        "How far from one half?",
        1,
        "By how many Greenwood standard errors does the curve of **{endpoint}** differ from one half at {time} {unit} (positive "
        "when it is above)?",
        _distance,
        digits=2,
        values=_values,
        hints=(
            "Subtract 0.5 from the Kaplan-Meier estimate, and divide by its standard error.",
            "Estimate and error stand in `median.band(...)`, in the last row whose time is not beyond {time}.",
        ),
        mistakes=(
            Mistake("That is the distance itself, not counted in standard errors.", lambda d: float(_at(d, moment(d))["share"] - 0.5)),
            Mistake("That divides by the variance. Divide by its root.",
                    lambda d: _distance(d) / float(_at(d, moment(d))["std_error"])),
            Mistake("That counts in binomial standard errors of all {n} patients. Some were censored before {time}, so that error is too small.",
                    _binomial_distance),
            Mistake("That is the distance from 1. The hypothesis is that the curve stands at one half.",
                    lambda d: float((_at(d, moment(d))["share"] - 1) / _at(d, moment(d))["std_error"])),
        ),
        because="On the plain scale a time is possible where this number lies between −z and z (1.96 for 95%).",
    ),
    Exercise(
        "median-3",
        "The interval of the median",
        2,
        "Give the {level} confidence interval of the median of **{endpoint}** on the **log(−log)** scale, in {unit}, as (lower, upper).",
        lambda d: _limits(d, "log-log"),
        digits=2,
        values=_values,
        hints=(
            "Lower limit: the first time at which the **lower** limit of the curve is at or below one half.",
            "Upper limit: the first time at which the **upper** limit of the curve is.",
            "`median.band(data.time, data.event, \"log-log\", data.conf_level)` has the limits of the curve, a line a time, in `low` and `high`.",
        ),
        mistakes=(
            Mistake("That is the interval on the plain scale.", lambda d: _limits(d, "plain")),
            Mistake("That is the interval on the log scale, R's default.", lambda d: _limits(d, "log")),
            Mistake("That is SPSS's interval, symmetric around the median.", lambda d: _limits(d, SPSS)),
            Mistake("Those are the limits of the **share** at the median. Wanted are times: go along the line at one half, not "
                    "down at the median.", _band_at_median),
            Mistake("The band is too narrow: its quantile leaves the whole error on one side. Half belongs on each.",
                    lambda d: _limits(d, "log-log", max(2 * d.conf_level - 1, 0.1))),
        ),
        because="The band is read sideways: from left to right along the line at one half.",
    ),
    Exercise(
        "median-4",
        "SPSS's standard error",
        2,
        "What is the standard error of the median of **{endpoint}** in {unit}, as SPSS computes it: the standard error of the "
        "share at the median, divided by the slope of the curve around it?",
        lambda d: float(density(d.time, d.event)["std_error"]),
        digits=2,
        values=_values,
        hints=(
            "The median here is the first event time at which the curve is at or below one half; take Greenwood's error there.",
            "The slope uses two points: the last event time with a share of 0.55 or more, the first one with 0.45 or less.",
            "Slope: difference of the two shares over the difference of the two times.",
        ),
        mistakes=(
            Mistake("That is the error of the share, without a unit. Divide it by the slope to come from shares to times.",
                    lambda d: float(density(d.time, d.event)["std_error_share"])),
            Mistake("That multiplies by the slope. A flat curve must give a **large** error, so divide.",
                    lambda d: float(density(d.time, d.event)[["std_error_share", "slope"]].prod())),
            Mistake("That is half of the interval. The standard error comes before the multiplication by z.",
                    lambda d: float(1.96 * density(d.time, d.event)["std_error"])),
            Mistake("That takes one step alone for the slope. SPSS looks from 0.55 to 0.45.", _one_step),
        ),
        because="Where the curve is steep the median is known well; where it is flat, small changes move it far.",
    ),
    Exercise(
        "median-5",
        "How far do the conventions differ?",
        2,
        "Four conventions give four {level} intervals for the median of **{endpoint}**. By how many {unit} is the longest of "
        "them longer than the shortest?",
        lambda d: _spread(_lengths(d)),
        digits=2,
        values=_values,
        hints=(
            "Length: upper minus lower limit. Work out all four, SPSS's too.",
            "`median.conventions(data.time, data.event, data.conf_level)` lists them.",
        ),
        mistakes=(
            Mistake("That leaves SPSS out. There are four.", lambda d: _spread(_lengths(d, CONF_TYPES))),
            Mistake("That is the largest difference between the upper limits. Compare whole lengths.",
                    lambda d: _spread([_limits(d, method)[1] for method in METHODS])),
            Mistake("That is the length of the longest interval itself.", lambda d: max(_lengths(d))),
            Mistake("That is the ratio of the two lengths. Subtract.", lambda d: max(_lengths(d)) / min(_lengths(d))),
        ),
        because="One and the same data file: all of this difference is convention.",
    ),
    Exercise(
        "median-6",
        "If nobody had been censored",
        3,
        "Imagine {n} patients whose events were all seen. Which of their times, counted from the shortest, are the limits of "
        "a {level} interval for the median by counting alone? Give the two ranks as (lower, upper).",
        lambda d: ranks(len(d.time), d.conf_level),
        values=_values,
        hints=(
            "The number of times shorter than the true median is binomial with $n$ patients and one half.",
            "Rank $j$ will do while the probability of fewer than $j$ such times is no more than half of what the level leaves. "
            "Take the largest such $j$.",
            "The upper rank mirrors the lower one: $n + 1 - j$.",
        ),
        mistakes=(
            Mistake("Those leave the whole error on each side. Half of it belongs there.",
                    lambda d: ranks(len(d.time), 2 * d.conf_level - 1)),
            Mistake("One step too far in: fewer than $j$ is not the same as $j$ or fewer.",
                    lambda d: (ranks(len(d.time), d.conf_level)[0] + 1, ranks(len(d.time), d.conf_level)[1] - 1)),
            Mistake("The upper rank does not mirror the lower one: from the longest, count just as many as from the shortest.",
                    lambda d: (ranks(len(d.time), d.conf_level)[0], len(d.time) - ranks(len(d.time), d.conf_level)[0])),
            Mistake("That holds the middle {level} of the **patients**. The median is known much better than that.",
                    lambda d: (math.floor(len(d.time) * (1 - d.conf_level) / 2) + 1,
                               len(d.time) - math.floor(len(d.time) * (1 - d.conf_level) / 2))),
        ),
        because="No curve, no variance and no scale: with everyone's event seen, counting is enough.",
    ),
)  # fmt: skip

QUESTIONS = (
    Question(
        "median-q1",
        "Two programs, the same data: median 15.8 months both times, but the intervals are 12.5 to 34.9 and 9.6 to 22.1. What is the matter?",
        (
            Option("One of the programs has a bug.", False, "Both do what their manuals say. They follow different conventions."),
            Option("They use different scales or formulas for the interval.", True,
                   "The first reads a band sideways, the second adds and subtracts a multiple of a standard error."),
            Option("One of them left out the censored patients.", False, "Then the medians would differ too."),
        ),
    ),
    Question(
        "median-q2",
        "The median is 21 months and the upper limit \"not reached\". What does that say?",
        (
            Option("The upper limit of the curve has not come down to one half within the follow-up.", True,
                   "So these data contradict no median, however long, beyond the lower limit."),
            Option("The interval could not be computed, so the median should not be reported.", False,
                   "The median and the lower limit are both known, and the open end is a result."),
            Option("The upper limit is the longest time observed.", False,
                   "Nothing happens at the end of the follow-up that would contradict longer medians."),
        ),
    ),
    Question(
        "median-q3",
        "The 95% interval of the median is 15 to 30 months. Which sentence is right?",
        (
            Option("95% of the patients have the event between 15 and 30 months.", False,
                   "The interval is about the median of all such patients, not about single ones."),
            Option("Half of the patients have the event before 15 months.", False,
                   "Half have it before the true median, which may well be 15 but need not be."),
            Option("True medians below 15 and above 30 months go badly with these data.", True,
                   "And the method that says so is wrong in about 5 of 100 studies, if its coverage is as promised."),
        ),
    ),
    Question(
        "median-q4",
        "Twenty patients, no censoring, events at 1, 2, ..., 20 months. At 10 months the curve stands at exactly one half. What is the median?",
        (
            Option("10.", False, "SPSS says so: the first time at or below one half. Other programs follow other rules."),
            Option("10.5.", False, "R and SAS say so: the middle of the stretch at one half, where the curve falls on after it. "
                   "Other programs follow other rules."),
            Option("Any time from 10 to 11 has half on each side; which one is printed is a convention.", True,
                   "State the program. And compare such numbers only with a tolerance."),
        ),
    ),
    Question(
        "median-q5",
        "Why does the SPSS interval hold the true median less often than promised?",
        (
            Option("It uses 1.96 instead of 2.", False, "The difference between those is far too small to matter."),
            Option("It takes one slope from a short stretch of a rough curve for the truth, and puts equal lengths on both sides.", True,
                   "The slope is itself uncertain, and times to an event are skewed: more room is needed on the right."),
            Option("It ignores the censored patients.", False, "They are in the curve and in Greenwood's error, as everywhere else."),
        ),
    ),
)  # fmt: skip

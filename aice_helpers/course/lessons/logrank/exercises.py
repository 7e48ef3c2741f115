"""Exercises and questions of the lesson "logrank"."""

import math

import pandas as pd
from scipy.stats import chi2, chi2_contingency

from aice_helpers.course.engine.exercise import Exercise, Mistake
from aice_helpers.course.engine.quiz import Option, Question
from aice_helpers.course.engine.two_groups import (
    cohort_tables,
    group_and_time,
    observed_and_expected,
    outcome,
    ratio_of_ratios,
    table_at,
)
from aice_helpers.course.lessons.logrank.arithmetic import weighted

NEEDS = ("endpoint", "factor")


def _follow_up_share(data):
    known = outcome(data)
    return float(known["event"].sum() * known.loc[known["second"], "time"].sum() / known["time"].sum())


def _pearson(data, *, event_counts=False):
    observed, expected, events = observed_and_expected(data)
    if event_counts:
        known = outcome(data)
        return float(chi2_contingency(pd.crosstab(known["second"], known["event"]), correction=False).statistic)
    return (observed - expected) ** 2 * (1 / expected + 1 / (events - expected))


def _shares(data):
    events = outcome(data).groupby("second")["event"].mean()
    return float(events[True] / events[False])


def _statistic(data, kind="log-rank"):
    return float(weighted(cohort_tables(data), kind)["statistic"])


EXERCISES = (
    Exercise(
        "logrank-1",
        "Expected at one time",
        1,
        "**{endpoint}**, {factor}: how many events are **expected** in the group {second} at {time} {unit}, among those at risk then, if "
        "the group makes no difference?",
        lambda d: float(table_at(d)["expected"]),
        values=group_and_time,
        hints=(
            "Three numbers are needed: the events at that time, everyone at risk, and those at risk who belong to the group.",
            "At risk is whoever has this time or a longer one. Share the events out in proportion to those at risk.",
        ),
        mistakes=(
            Mistake("That is the number observed. Expected is what would fall on the group if it made no difference.",
                    lambda d: float(table_at(d)["events_second"])),
            Mistake("That uses the group's share at the start. Since then some have left; take the share among those still at risk.",
                    lambda d: float(table_at(d)["events"] * outcome(d)["second"].mean())),
            Mistake("That is what is expected in the other group.", lambda d: float(table_at(d)["events"] - table_at(d)["expected"])),
            Mistake("That splits the events in equal halves. Those at risk then are not equally many in the two groups.",
                    lambda d: float(table_at(d)["events"] / 2)),
        ),
        because="An expected number need not be whole: it is an average over all the ways the events could have fallen.",
    ),
    Exercise(
        "logrank-2",
        "Expected in all",
        1,
        "How many events of **{endpoint}** are expected in the group {second} over all event times together?",
        lambda d: observed_and_expected(d)[1],
        digits=2,
        values=group_and_time,
        hints=(
            "Sum the expected number over all distinct event times.",
            "`sum(d * n_second / n for ...)`; or look at the table of the test.",
        ),
        mistakes=(
            Mistake("That is the number observed.", lambda d: float(observed_and_expected(d)[0])),
            Mistake("That shares all events out by the size of the groups at the start. The risk sets change: whoever has had the event "
                    "is not at risk again.", lambda d: float(observed_and_expected(d)[2] * outcome(d)["second"].mean())),
            Mistake("That is what is expected in the group {reference}.", lambda d: observed_and_expected(d)[2] - observed_and_expected(d)[1]),
            Mistake("That shares the events out by total follow-up time. It would do if the hazard were the same at all times; the test "
                    "does without that.", _follow_up_share),
        ),
        because="Together the groups' expected numbers make all the events there were: expected is a share of the seen events, "
                "no forecast.",
    ),
    Exercise(
        "logrank-3",
        "The statistic",
        2,
        "What is the chi-square statistic of the log-rank test of **{endpoint}** between the two groups of {factor}?",
        _statistic,
        values=group_and_time,
        hints=(
            r"$\chi^2 = (O - E)^2 / V$ with $O$, $E$ and $V$ summed over the event times, of either group.",
            r"At one time $V = d \, \frac{n_1}{n} \left(1 - \frac{n_1}{n}\right) \frac{n - d}{n - 1}$.",
        ),
        mistakes=(
            Mistake("That is $z$, before squaring.", lambda d: math.sqrt(_statistic(d))),
            Mistake("That divides by expected numbers, as in a single table: $(O - E)^2 / E$, summed over both groups. It is the usual "
                    "approximation; the log-rank test divides by the hypergeometric variance.", _pearson),
            Mistake("That divides by the expected number of one group. Divide by the variance.",
                    lambda d: (observed_and_expected(d)[0] - observed_and_expected(d)[1]) ** 2 / observed_and_expected(d)[1]),
            Mistake("That compares how many had the event, however long they were followed. The log-rank test makes a table at each "
                    "event time.", lambda d: _pearson(d, event_counts=True)),
        ),
        because="Either group gives the same number: what one has too many of, the other has too few.",
    ),
    Exercise(
        "logrank-4",
        "The P value",
        2,
        "What is the P value of the log-rank test of **{endpoint}** by {factor}?",
        lambda d: float(weighted(cohort_tables(d))["p_value"]),
        significant=True,
        values=group_and_time,
        hints=(
            "How often would a chi-square with one degree of freedom be this large or larger?",
            "`scipy.stats.chi2.sf(statistic, 1)`",
        ),
        mistakes=(
            Mistake("That is the lower tail: the chance of a smaller statistic. Take the upper one.",
                    lambda d: float(chi2.cdf(_statistic(d), 1))),
            Mistake("That is one-sided. The square has already put both directions together.",
                    lambda d: float(weighted(cohort_tables(d))["p_value"] / 2)),
            Mistake("That is for two degrees of freedom. Two groups leave one: the second difference follows from the first.",
                    lambda d: float(chi2.sf(_statistic(d), 2))),
            Mistake("That takes the chi-square for $z$. Take its root first, or the chi-square tail.",
                    lambda d: math.erfc(_statistic(d) / math.sqrt(2))),
        ),
        because="It is computed under the assumption that both groups share one hazard; it cannot say how likely that assumption is.",
    ),
    Exercise(
        "logrank-5",
        "A ratio from the table",
        2,
        "Give the ratio of the two groups' $O/E$, {second} against {reference}, for **{endpoint}**: a quick hazard ratio.",
        ratio_of_ratios,
        values=group_and_time,
        hints=(
            "$O/E$ above 1: more events than the group's share. Do it for both groups.",
            r"$\frac{O_1 / E_1}{O_0 / E_0}$, with {second} on top.",
        ),
        mistakes=(
            Mistake("That is upside down: {reference} against {second}.", lambda d: 1 / ratio_of_ratios(d)),
            Mistake("That is $O/E$ of one group alone. Divide it by that of the other.", lambda d: observed_and_expected(d)[0] / observed_and_expected(d)[1]),
            Mistake("That is the ratio of the shares with the event. It ignores how long each patient was at risk.", _shares),
            Mistake("That is Peto's estimate, $\\exp((O - E)/V)$: another quick one, but not the ratio that was asked for.",
                    lambda d: math.exp(weighted(cohort_tables(d))["difference"] / weighted(cohort_tables(d))["variance"])),
        ),
        because="It is a quick look, and tends to lie too near 1 when the groups differ a lot; the next lesson does better.",
    ),
    Exercise(
        "logrank-6",
        "Early events first",
        3,
        "**{endpoint}** by {factor}: weight each event time with the number at risk (Gehan's version of Wilcoxon's test). What is the "
        "chi-square now?",
        lambda d: _statistic(d, "Gehan-Wilcoxon"),
        values=group_and_time,
        hints=(
            "Multiply each difference $d_1 - e_1$ by $n$ before summing.",
            r"$\chi^2 = \left(\sum n (d_1 - e_1)\right)^2 / \sum n^2 v$",
        ),
        mistakes=(
            Mistake("That is the log-rank test: every event time counts the same.", _statistic),
            Mistake("Only the differences are weighted there. A weighted sum has the squared weights in its variance.",
                    lambda d: float((cohort_tables(d)["at_risk"] * (cohort_tables(d)["events_second"] - cohort_tables(d)["expected"])).sum() ** 2
                                    / (cohort_tables(d)["at_risk"] * cohort_tables(d)["variance"]).sum())),
            Mistake("That weights with the number at risk in one group. Take everyone at risk.",
                    lambda d: float((cohort_tables(d)["at_risk_second"] * (cohort_tables(d)["events_second"] - cohort_tables(d)["expected"])).sum() ** 2
                                    / (cohort_tables(d)["at_risk_second"] ** 2 * cohort_tables(d)["variance"]).sum())),
        ),
        because="Which weights fit must be said before the curves are seen; trying several and keeping the best spoils the P value.",
    ),
)  # fmt: skip

QUESTIONS = (
    Question(
        "logrank-q1",
        "What does the log-rank test ask?",
        (
            Option("Whether the medians are equal.", False, "Medians enter nowhere. Curves can differ with equal medians."),
            Option("Whether the hazards are equal at all times.", True,
                   "Under that assumption the events at each time fall on those at risk regardless of their group."),
            Option("Whether equal shares had the event by the end.", False,
                   "That would ignore when events came and how long each patient was followed."),
        ),
    ),
    Question(
        "logrank-q2",
        "A study of 24 patients reports P = 0.30. What follows?",
        (
            Option("The two groups have the same survival.", False,
                   "A small study can miss a large difference. Look at the interval of the hazard ratio."),
            Option("The chance that they are the same is 30%.", False,
                   "The P value assumes they are the same; it cannot also be the probability of it."),
            Option("Such a difference, or a larger one, is not rare among equal groups.", True,
                   "It would be seen in about 30 of 100 such studies. Whether the groups are equal stays open."),
        ),
    ),
    Question(
        "logrank-q3",
        "Two curves cross in the middle, and the log-rank test gives P = 0.80. What is the best reading?",
        (
            Option("The curves are the same; what is seen is noise.", False,
                   "The surplus of early events and the deficit of late ones cancel in the sum. Whether there is a difference, P does not say."),
            Option("The test is nearly blind to this kind of difference; whether the crossing is more than chance stays open.", True,
                   "Describe the curves otherwise, for example by the rates at fixed times or the mean time up to a horizon, chosen beforehand."),
            Option("Use the weighting that gives the smallest P value.", False,
                   "Choosing the test by its result makes small P values common even among equal groups."),
        ),
    ),
    Question(
        "logrank-q4",
        "One group was recruited earlier and therefore followed longer. May it be compared with the other by the log-rank test?",
        (
            Option("No, the groups must be followed equally long.", False,
                   "Each event is compared only with those at risk at the same time since entry, so unequal follow-up does no harm."),
            Option("Yes, if in each group those censored have the same prospects as those who stay.", True,
                   "How much censoring there is may differ between the groups; its reason must not be the prognosis."),
            Option("Yes, always.", False,
                   "If in one group the sickest stop coming, its curve and its hazard are wrong, and the comparison is too."),
        ),
    ),
    Question(
        "logrank-q5",
        "Four groups give a log-rank P of 0.04 on three degrees of freedom. What does it say?",
        (
            Option("Each group differs from each other one.", False, "It is one joint question; a single odd group can be enough."),
            Option("The hazards of the four are not all the same, as far as this P value goes.", True,
                   "Which ones differ is another question, with six pairs and so six chances to be fooled."),
            Option("There is a trend from the first to the last.", False,
                   "The test does not know the order of the groups. A trend needs a test of its own."),
        ),
    ),
)  # fmt: skip

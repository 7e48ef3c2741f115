"""Lesson "logrank": comparing two curves by a table of observed and expected events."""

import math
from itertools import combinations

import numpy as np
import pandas as pd
from scipy.special import chdtrc
from scipy.stats import chi2, chi2_contingency

from aice_helpers.core.results import pick
from aice_helpers.course.engine.exercise import Exercise, Mistake
from aice_helpers.course.engine.markup import written
from aice_helpers.course.engine.play import Play
from aice_helpers.course.engine.quiz import Option, Question
from aice_helpers.show import formats
from aice_helpers.stats import logrank

NEEDS = ("endpoint", "factor")

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


def outcome(subject) -> pd.DataFrame:
    """Time, event and ``second`` (is in the factor's second group) of the patients whose group is known."""
    known = subject.group.notna().to_numpy()
    second = (subject.group == subject.group.cat.categories[1]).to_numpy(dtype=bool)
    return pd.DataFrame({"time": subject.time, "event": subject.event, "second": second})[known].reset_index(drop=True)


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


def cohort_tables(subject) -> pd.DataFrame:
    """`tables` of the cohort's endpoint between the factor's groups."""
    return tables(**outcome(subject))


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


def piecewise(hazards, changes=(), *, n=60, end=36.0) -> pd.DataFrame:
    """Invented patients whose times follow a hazard that changes at given times exactly: no luck is in them.

    Parameters
    ----------
    hazards : sequence of float
        Per month, one more than ``changes``.
    changes : sequence of float
    n : int
    end : float
        Everyone later is censored here.
    """
    wanted = -np.log(1 - (np.arange(n) + 0.5) / n)
    starts = np.array([0.0, *changes])
    reached = np.concatenate([[0.0], np.cumsum(np.diff(starts) * np.asarray(hazards)[:-1])])
    part = np.searchsorted(reached, wanted, side="right") - 1
    time = starts[part] + (wanted - reached[part]) / np.asarray(hazards)[part]
    return pd.DataFrame({"time": np.round(np.minimum(time, end), 2), "event": time <= end})


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


def book_rows(subject) -> pd.DataFrame:
    """The book's log-rank table of the lesson's endpoint between the factor's groups: reference, other group, test."""
    table = logrank.logrank(subject.cohort, groups=[subject.factor])
    table = table[table["endpoint"] == subject.endpoint].set_index("level", drop=False)
    return table.loc[[*subject.levels, ""]].reset_index(drop=True)


def p_words(subject):
    """What the P value of the cohort's comparison says, and what it does not."""
    row = pick(book_rows(subject), level="")
    p, alpha = row["p_value"], formats.alpha(subject.conf_level)
    often = formats.percent(p) if p >= 0.001 else "less than 0.1%"
    text = (
        "{endpoint}, {second} against {reference}: chi-square {chi}, {p}. If both groups shared one hazard at all times, about "
        "**{often}** of such studies would show a chi-square this large or larger. That is all it says: it is not the probability "
        "that the groups are equal, and it is no measure of how much they differ. "
    )
    text += (
        "It is below {alpha}: one hazard for both groups is hard to reconcile with these numbers."
        if p < alpha
        else "It is not below {alpha}: these numbers are compatible with one hazard for both groups, and with different ones too. "
        "It does not show that the groups are equal."
    )
    return written(
        text,
        group_values(subject)
        | {
            "chi": formats.decimal(row["statistic"], 2),
            "p": formats.p_words(p, alpha),
            "often": often,
            "alpha": f"{alpha:g}",
        },
    )


def stepper() -> Play:
    """The interactive figure: twelve invented patients who can change groups, and the test's table as it grows."""
    return Play(
        "logrank",
        "Observed and expected, event by event",
        "Pass the event times one by one and watch the sum of observed minus expected in group B. Untick a patient to move them to "
        "group A. What happens when the groups are mixed evenly?",
        {"patients": [[row.group, row.time, int(row.event)] for row in TWELVE.itertuples()], "unit": "months"},
        "With scripts on, this figure builds the log-rank test of twelve invented patients event by event. What it shows: at each "
        "event time the expected number is the number of events times the group's share of those at risk, and what counts in the "
        "end is the sum of the differences, so that a surplus early and a deficit later cancel.",
    )


def moment(subject) -> float:
    """An event time in the middle at which the groups' shares of the risk set differ from those at the start."""
    known = outcome(subject)
    table = tables(**known)
    others = table["at_risk"] - table["at_risk_second"]
    table = table[(table["at_risk_second"] > 1) & (others > 1)]
    fits = (table["at_risk_second"] / table["at_risk"] - known["second"].mean()).abs() > 0.004
    chosen = table[fits] if fits.any() else table
    return float(chosen["time"].iloc[len(chosen) // 2])


def median(patients) -> float:
    """Median of some patients (``time``, ``event``) by their Kaplan-Meier curve; missing when it is not reached."""
    table = tables(patients["time"], patients["event"], np.ones(len(patients), bool))
    below = table["time"][np.cumprod(1 - table["events"] / table["at_risk"]) <= 0.5 + 1e-9]
    return float(below.iloc[0]) if len(below) else math.nan


def group_values(subject) -> dict:
    """What fills the fields of a text on the comparison: endpoint, factor, the two groups, the unit."""
    reference, second = subject.levels
    return {
        "endpoint": subject.label,
        "factor": subject.cohort.study.label(subject.factor),
        "reference": reference,
        "second": second,
        "unit": subject.unit,
    }


def group_and_time(subject) -> dict:
    """The same and the `moment`."""
    return group_values(subject) | {"time": f"{moment(subject):g}"}


def table_at(subject) -> pd.Series:
    """The table of `moment`."""
    return pick(cohort_tables(subject), time=moment(subject))


def _sums(subject):
    table, known = cohort_tables(subject), outcome(subject)
    return int(table["events_second"].sum()), float(table["expected"].sum()), int(known["event"].sum())


def _follow_up_share(subject):
    known = outcome(subject)
    return float(known["event"].sum() * known.loc[known["second"], "time"].sum() / known["time"].sum())


def _pearson(subject, *, event_counts=False):
    observed, expected, events = _sums(subject)
    if event_counts:
        known = outcome(subject)
        return float(chi2_contingency(pd.crosstab(known["second"], known["event"]), correction=False).statistic)
    return (observed - expected) ** 2 * (1 / expected + 1 / (events - expected))


def ratio_of_ratios(subject) -> float:
    """Observed over expected in the second group, divided by the same in the first."""
    observed, expected, events = _sums(subject)
    return (observed / expected) / ((events - observed) / (events - expected))


def _shares(subject):
    events = outcome(subject).groupby("second")["event"].mean()
    return float(events[True] / events[False])


def _statistic(subject, kind="log-rank"):
    return float(weighted(cohort_tables(subject), kind)["statistic"])


EXERCISES = (
    Exercise(
        "logrank-1",
        "Expected at one time",
        1,
        "**{endpoint}**, {factor}: how many events are **expected** in the group {second} at {time} {unit}, among those at risk then, if "
        "the group makes no difference?",
        lambda s: float(table_at(s)["expected"]),
        values=group_and_time,
        hints=(
            "Three numbers are needed: the events at that time, everyone at risk, and those at risk who belong to the group.",
            "At risk is whoever has this time or a longer one. Share the events out in proportion to those at risk.",
        ),
        mistakes=(
            Mistake("That is the number observed. Expected is what would fall on the group if it made no difference.",
                    lambda s: float(table_at(s)["events_second"])),
            Mistake("That uses the group's share at the start. Since then some have left; take the share among those still at risk.",
                    lambda s: float(table_at(s)["events"] * outcome(s)["second"].mean())),
            Mistake("That is what is expected in the other group.", lambda s: float(table_at(s)["events"] - table_at(s)["expected"])),
            Mistake("That splits the events in equal halves. Those at risk then are not equally many in the two groups.",
                    lambda s: float(table_at(s)["events"] / 2)),
        ),
        because="An expected number need not be whole: it is an average over all the ways the events could have fallen.",
    ),
    Exercise(
        "logrank-2",
        "Expected in all",
        1,
        "How many events of **{endpoint}** are expected in the group {second} over all event times together?",
        lambda s: _sums(s)[1],
        digits=2,
        values=group_and_time,
        hints=(
            "Sum the expected number over all distinct event times.",
            "`sum(d * n_second / n for ...)`; or look at the table of the test.",
        ),
        mistakes=(
            Mistake("That is the number observed.", lambda s: float(_sums(s)[0])),
            Mistake("That shares all events out by the size of the groups at the start. The risk sets change: whoever has had the event "
                    "is not at risk again.", lambda s: float(_sums(s)[2] * outcome(s)["second"].mean())),
            Mistake("That is what is expected in the group {reference}.", lambda s: _sums(s)[2] - _sums(s)[1]),
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
            Mistake("That is $z$, before squaring.", lambda s: math.sqrt(_statistic(s))),
            Mistake("That divides by expected numbers, as in a single table: $(O - E)^2 / E$, summed over both groups. It is the usual "
                    "approximation; the log-rank test divides by the hypergeometric variance.", _pearson),
            Mistake("That divides by the expected number of one group. Divide by the variance.",
                    lambda s: (_sums(s)[0] - _sums(s)[1]) ** 2 / _sums(s)[1]),
            Mistake("That compares how many had the event, however long they were followed. The log-rank test makes a table at each "
                    "event time.", lambda s: _pearson(s, event_counts=True)),
        ),
        because="Either group gives the same number: what one has too many of, the other has too few.",
    ),
    Exercise(
        "logrank-4",
        "The P value",
        2,
        "What is the P value of the log-rank test of **{endpoint}** by {factor}?",
        lambda s: float(weighted(cohort_tables(s))["p_value"]),
        significant=True,
        values=group_and_time,
        hints=(
            "How often would a chi-square with one degree of freedom be this large or larger?",
            "`scipy.stats.chi2.sf(statistic, 1)`",
        ),
        mistakes=(
            Mistake("That is the lower tail: the chance of a smaller statistic. Take the upper one.",
                    lambda s: float(chi2.cdf(_statistic(s), 1))),
            Mistake("That is one-sided. The square has already put both directions together.",
                    lambda s: float(weighted(cohort_tables(s))["p_value"] / 2)),
            Mistake("That is for two degrees of freedom. Two groups leave one: the second difference follows from the first.",
                    lambda s: float(chi2.sf(_statistic(s), 2))),
            Mistake("That takes the chi-square for $z$. Take its root first, or the chi-square tail.",
                    lambda s: math.erfc(_statistic(s) / math.sqrt(2))),
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
            Mistake("That is upside down: {reference} against {second}.", lambda s: 1 / ratio_of_ratios(s)),
            Mistake("That is $O/E$ of one group alone. Divide it by that of the other.", lambda s: _sums(s)[0] / _sums(s)[1]),
            Mistake("That is the ratio of the shares with the event. It ignores how long each patient was at risk.", _shares),
            Mistake("That is Peto's estimate, $\\exp((O - E)/V)$: another quick one, but not the ratio that was asked for.",
                    lambda s: math.exp(weighted(cohort_tables(s))["difference"] / weighted(cohort_tables(s))["variance"])),
        ),
        because="It is a quick look, and tends to lie too near 1 when the groups differ a lot; the next lesson does better.",
    ),
    Exercise(
        "logrank-6",
        "Early events first",
        3,
        "**{endpoint}** by {factor}: weight each event time with the number at risk (Gehan's version of Wilcoxon's test). What is the "
        "chi-square now?",
        lambda s: _statistic(s, "Gehan-Wilcoxon"),
        values=group_and_time,
        hints=(
            "Multiply each difference $d_1 - e_1$ by $n$ before summing.",
            r"$\chi^2 = \left(\sum n (d_1 - e_1)\right)^2 / \sum n^2 v$",
        ),
        mistakes=(
            Mistake("That is the log-rank test: every event time counts the same.", _statistic),
            Mistake("Only the differences are weighted there. A weighted sum has the squared weights in its variance.",
                    lambda s: float((cohort_tables(s)["at_risk"] * (cohort_tables(s)["events_second"] - cohort_tables(s)["expected"])).sum() ** 2
                                    / (cohort_tables(s)["at_risk"] * cohort_tables(s)["variance"]).sum())),
            Mistake("That weights with the number at risk in one group. Take everyone at risk.",
                    lambda s: float((cohort_tables(s)["at_risk_second"] * (cohort_tables(s)["events_second"] - cohort_tables(s)["expected"])).sum() ** 2
                                    / (cohort_tables(s)["at_risk_second"] ** 2 * cohort_tables(s)["variance"]).sum())),
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

"""Exercises and questions of the lesson "cutpoint"."""

import math

import numpy as np
from scipy.stats import norm

from aice_helpers.course.engine.exercise import Exercise, Mistake
from aice_helpers.course.engine.lesson_data import SEARCHED
from aice_helpers.course.engine.quiz import Option, Question
from aice_helpers.course.lessons.cutpoint.arithmetic import (
    SHUFFLES,
    adjusted_p,
    approximate_p,
    baseline_count,
    best,
    best_of_shuffles,
    chi_squares,
    level,
    p_values,
    planned,
    search,
    split,
)
from aice_helpers.course.lessons.cutpoint.words import fields

NEEDS = ("endpoint", "measure")


def _sides(data, above):
    return int((~above).sum()), int(above.sum())


def _everywhere(data):
    """Largest chi-square over all cuts, the outermost ones included."""
    cuts = np.unique(data.measured)[:-1]
    return float(chi_squares(data.time, data.event, split(data.measured, cuts)).max())


def _reached(data):
    return int((best_of_shuffles(data) >= best(data)["chi_square"]).sum())


def _approximation(chi_square, z, width, *, second=True):
    if z <= 1:
        return None
    return float(min(1.0, norm.pdf(z) * ((z - 1 / z) * width + (4 / z if second else 0))))


def _altered(data, **change):
    chi_square = best(data)["chi_square"]
    given = {"z": math.sqrt(chi_square), "width": 2 * math.log((1 - SEARCHED) / SEARCHED)} | change
    return _approximation(chi_square, **given) / float(best(data)["p_value"])


EXERCISES = (
    Exercise(
        "cutpoint-1",
        "Two sides",
        1,
        "Cut **{measure}** at {plan}: a value equal to the cut belongs to the lower group, as everywhere in this book. How many patients lie at or "
        "below the cut, and how many above it?",
        lambda d: (int(planned(d)["at_most"]), int(planned(d)["more"])),
        values=fields,
        hints=(
            "The two numbers add up to {n}.",
            "`(data.measured <= t).sum(), (data.measured > t).sum()` with {plan} for `t`",
        ),
        mistakes=(
            Mistake("That puts the patients whose value equals the cut into the upper group. Studies differ in this, so it must be "
                    "written down; here they belong below.",
                    lambda d: _sides(d, (d.measured >= planned(d)["cut"]).to_numpy())),
            Mistake("Those are the events on the two sides. The patients are asked for.",
                    lambda d: _sides_of_events(d)),
            Mistake("That is the split at the median. The cut asked for is {plan}.",
                    lambda d: _sides(d, (d.measured > d.measured.median()).to_numpy())),
        ),
        because="Whoever reads the study must be able to sort a new patient: the value, and the side to which it belongs itself.",
    ),
    Exercise(
        "cutpoint-2",
        "How many tries?",
        1,
        "How many candidate cuts does the search over **{measure}** have: distinct values from the 10th to the 90th percentile (both "
        "included, `np.quantile`), without the largest value of all?",
        lambda d: len(search(d)),
        values=fields,
        hints=(
            "Two patients with the same value make one cut, not two.",
            "`np.unique(data.measured)`, then keep those between `np.quantile(data.measured, 0.1)` and "
            "`np.quantile(data.measured, 0.9)`",
        ),
        mistakes=(
            Mistake("That counts patients. Patients with the same value lie on the same side of every cut.",
                    lambda d: int(d.measured.between(*d.measured.quantile([SEARCHED, 1 - SEARCHED])).sum())),
            Mistake("That counts all distinct values. The outermost ones would leave almost nobody on one side.",
                    lambda d: int(d.measured.nunique())),
            Mistake("That is one cut too few: with $k$ values inside the range, all $k$ can be cuts, for there are patients above each.",
                    lambda d: len(search(d)) - 1),
            Mistake("That is the number of patients.", lambda d: len(d.measured)),
        ),
        because="Each candidate is a test. Whoever tries them all and shows one has made that many tests.",
    ),
    Exercise(
        "cutpoint-3",
        "The best of them",
        2,
        "What is the largest log-rank chi-square for **{endpoint}** over all these candidate cuts?",
        lambda d: float(best(d)["chi_square"]),
        digits=2,
        values=fields,
        hints=(
            "`cutpoint.cut_table(data.measured, data.time, data.event)` holds a row for each cut.",
            "Without it: `logrank_test` of lifelines in a list comprehension over the cuts, and the maximum of its `test_statistic`.",
        ),
        mistakes=(
            Mistake("That is the chi-square at {plan}, {plan_words}. Search over all candidates.",
                    lambda d: float(planned(d)["chi_square"])),
            Mistake("That is its P value. The chi-square is asked for.", lambda d: float(best(d)["p_value"])),
            Mistake("That is its square root, the z value.", lambda d: math.sqrt(best(d)["chi_square"])),
            Mistake("That searches all values, out to groups of one or two patients. Stay between the 10th and the 90th percentile.",
                    _everywhere),
            Mistake("That is the mean over the cuts. A search keeps the largest.", lambda d: float(search(d)["chi_square"].mean())),
        ),
        because="It is a maximum, and a maximum of many does not follow the distribution of one.",
    ),
    Exercise(
        "cutpoint-4",
        "One of them will do",
        2,
        "Suppose that all {factors} characteristics known at time zero were meaningless and independent, and each were tested once at the level "
        "{alpha}. What is the probability that **at least one** is significant?",
        lambda d: 1 - (1 - level(d)) ** baseline_count(d),
        values=fields,
        hints=(
            "Ask for the opposite first: the probability that none is significant.",
            "Each is not significant with probability 1 minus {alpha}; for all of them together multiply.",
        ),
        mistakes=(
            Mistake("That is the sum. It counts the cases with two significant factors twice; with many factors it even exceeds 1.",
                    lambda d: level(d) * baseline_count(d)),
            Mistake("That is the probability that none of them is significant.", lambda d: (1 - level(d)) ** baseline_count(d)),
            Mistake("That is the probability that all of them are significant at once.", lambda d: level(d) ** baseline_count(d)),
            Mistake("That is the level of a single test. There are {factors}.", lambda d: level(d)),
        ),
        because="A list of significant factors needs no true one among them.",
    ),
    Exercise(
        "cutpoint-5",
        "The P value of the search",
        3,
        "`cutpoint.best_of_shuffles(data)` holds the largest chi-square of the same search in each of {shuffles} shuffles. What is "
        "the permutation P value of the best cut, when the data themselves count as one more shuffle?",
        lambda d: float(adjusted_p(best(d)["chi_square"], best_of_shuffles(d))),
        values=fields,
        hints=(
            "How many shuffles have a best chi-square at least as large as the one you found?",
            "Add one to that count and one to the number of shuffles, and divide.",
        ),
        mistakes=(
            Mistake("That is the P value of the best cut as if it were the only test.", lambda d: float(best(d)["p_value"])),
            Mistake("Nearly: that leaves the data themselves out. They are one of the possible shuffles, and with them the P value is never 0.",
                    lambda d: _reached(d) / SHUFFLES),
            Mistake("That multiplies by the number of cuts (Bonferroni). It treats neighboring cuts as independent tests, which they are far from, "
                    "and is too strict.", lambda d: min(1.0, len(search(d)) * float(best(d)["p_value"]))),
            Mistake("That is the share of shuffles that stay below. Those that reach as much are asked for.",
                    lambda d: 1 - _reached(d) / SHUFFLES),
            Mistake("That is how often a shuffle passes the level {alpha}. Compare with your own chi-square instead.",
                    lambda d: float((p_values(best_of_shuffles(d)) < level(d)).mean())),
        ),
        because="The same search, done where there is nothing to find, is the fair comparison.",
    ),
    Exercise(
        "cutpoint-6",
        "Without a computer",
        3,
        "By what factor does Miller and Siegmund's approximation, for a search from the 10th to the 90th percentile, multiply the P value "
        "of the best cut of **{measure}** taken by itself?",
        lambda d: approximate_p(best(d)["chi_square"]) / float(best(d)["p_value"]),
        digits=1,
        values=fields,
        hints=(
            "$z$ is the root of the largest chi-square, and the share left out at each end is 0.1.",
            r"$P = \varphi(z) \left[ (z - 1/z) \, \log\frac{0.9^2}{0.1^2} + 4/z \right]$, and never more than 1; `scipy.stats.norm.pdf`",
            "Divide it by `scipy.stats.chi2.sf(chi_square, 1)`, the P value of a single test.",
        ),
        mistakes=(
            Mistake("That puts the chi-square where its root belongs.", lambda d: _altered(d, z=best(d)["chi_square"])),
            Mistake("That forgets the squares in the logarithm: both ends of the range count.",
                    lambda d: _altered(d, width=math.log((1 - SEARCHED) / SEARCHED))),
            Mistake("That leaves out the last term, 4 over z.", lambda d: _altered(d, second=False)),
            Mistake("That uses the logarithm to base 10. The natural one is meant.",
                    lambda d: _altered(d, width=2 * math.log10((1 - SEARCHED) / SEARCHED))),
            Mistake("That is the P value of the best cut taken by itself. Asked for is the factor between it and the approximation.",
                    lambda d: float(best(d)["p_value"])),
            Mistake("That is the approximate P value itself. Asked for is how many times the printed one it is.",
                    lambda d: approximate_p(best(d)["chi_square"])),
        ),
        because="Good enough to correct a printed \"optimal\" cut-point when nothing but its P value is known.",
    ),
)  # fmt: skip


def _sides_of_events(data):
    above = (data.measured > planned(data)["cut"]).to_numpy()
    return int(data.event[~above].sum()), int(data.event[above].sum())


QUESTIONS = (
    Question(
        "cutpoint-q1",
        "A tumor size is cut at 10 cm. Which two patients does the analysis treat as alike?",
        (
            Option("9.9 cm and 10.1 cm", False, "They lie on different sides and count as opposites, though they hardly differ."),
            Option("10.1 cm and 20 cm", True, "Both are simply \"large\". What lies between them is thrown away."),
            Option("2 cm and 20 cm", False, "These lie on different sides, and rightly so."),
        ),
    ),
    Question(
        "cutpoint-q2",
        "A paper: \"The optimal cut-off was 6.3 (P = 0.02).\" The search is not described. What may be concluded?",
        (
            Option("The factor is prognostic at the 5% level.", False,
                   "The level holds for one test. A search among noise often finds as much."),
            Option("Little: the P value belongs to the best of many tests.", True,
                   "Corrected for a search over the middle 80%, a P value of 0.02 becomes about 0.27."),
            Option("The factor is not prognostic.", False, "That does not follow either. The evidence is weaker than it looks."),
        ),
    ),
    Question(
        "cutpoint-q3",
        "Why is Bonferroni's correction over all candidate cuts too strict?",
        (
            Option("Neighboring cuts share nearly all their patients.", True,
                   "Their tests rise and fall together, so they are worth far fewer independent tests."),
            Option("The P values are not exact.", False, "That matters little here; the tests hang together."),
            Option("It is not; it is the right one.", False, "It would be for independent tests."),
        ),
    ),
    Question(
        "cutpoint-q4",
        "Three of twenty factors were chosen by P value, and the bootstrap refitted those three in each resample. The corrected concordance is ...",
        (
            Option("about right.", False, "The resamples never pay for the choice, which was the greater part of the luck."),
            Option("still too high.", True, "The choice belongs to the model. Every resample must make it anew."),
            Option("too low.", False, "It corrects for too little, not for too much."),
        ),
    ),
    Question(
        "cutpoint-q5",
        "Two groups are needed for a bedside rule. Which cut can be defended best?",
        (
            Option("The one with the smallest P value.", False, "It is chosen by the luck of these patients."),
            Option("The median of these patients.", False,
                   "Better, for it did not look at the outcome. But it is another value in every hospital."),
            Option("One named before the analysis, with its source.", True,
                   "Then one test is one test, and others can apply the same cut and check it."),
        ),
    ),
)  # fmt: skip

"""Exercises and questions of the lesson "exact"."""

from scipy.stats import beta, binom

from aice_helpers.course.engine.exercise import Exercise, Mistake
from aice_helpers.course.engine.quiz import Option, Question
from aice_helpers.course.lessons.exact.arithmetic import METHODS, coverage, denominators, everyone, limits, old_rate
from aice_helpers.show import formats

NEEDS = ("response",)


def _values(data):
    count, n = everyone(data)
    return {
        "n": n,
        "k": count,
        "response": data.cohort.study.response.label,
        "missing": n - denominators(data)["evaluable patients"][1],
        "level": formats.level(data.conf_level),
        "tail": f"{100 * (1 - data.conf_level) / 2:g}%",
        "rate": f"{old_rate(data):g}",
    }


def _share(data, population="all patients"):
    count, n = denominators(data)[population]
    return count / n


def _extremes(data):
    count, n = everyone(data)
    return count / n, (count + n - denominators(data)["evaluable patients"][1]) / n


def _zero_bound(data, alpha):
    return float(1 - alpha ** (1 / data.cohort.n))


def _tail(data):
    count, n = everyone(data)
    return float(binom.sf(count - 1, n, old_rate(data)))


def _interval(data, method, population="all patients", conf_level=None):
    return METHODS[method](*denominators(data)[population], conf_level or data.conf_level)


def _one_beta(data):
    count, n = everyone(data)
    tail = (1 - data.conf_level) / 2
    return tuple(float(beta.ppf(share, count, n - count + 1)) for share in (tail, 1 - tail))


def _counts_held(data):
    low, high = limits("Wald", data.cohort.n, data.conf_level).T
    rate = old_rate(data)
    return float(((low <= rate) & (rate <= high)).mean())


EXERCISES = (
    Exercise(
        "exact-1",
        "The rate among all patients",
        1,
        "**{response}**: what is the objective response rate when all {n} patients count?",
        _share,
        values=_values,
        hints=(
            "A patient who could not be assessed has not been shown to respond, and still belongs to the {n}.",
            "`data.cohort.responder.mean()`",
        ),
        mistakes=(
            Mistake("That divides by the evaluable patients only. Here all patients count.",
                    lambda d: _share(d, "evaluable patients")),
            Mistake("That is the disease control rate: stable disease is no objective response.",
                    lambda d: float(d.cohort.controlled.mean())),
            Mistake("Those are the odds, responders over the others. A rate has everyone below the line.",
                    lambda d: _share(d) / (1 - _share(d))),
            Mistake("That is the share without a response.", lambda d: 1 - _share(d)),
        ),
        because="The denominator is a decision that is made before the counting, and it is named beside the rate.",
    ),
    Exercise(
        "exact-2",
        "What the patients without an assessment could do",
        1,
        "{missing} of the {n} patients could not be assessed. Between which two values would the response rate of all {n} lie "
        "if none of them had responded, and if all of them had? Give (lowest, highest); with nobody unassessed both are the same.",
        _extremes,
        values=_values,
        hints=(
            "The denominator stays {n} in both.",
            "In the second case they join the responders above the line.",
        ),
        mistakes=(
            Mistake("The first of these divides by the evaluable patients. All {n} stay below the line in both cases.",
                    lambda d: (_share(d, "evaluable patients"), _extremes(d)[1])),
            Mistake("The second of these adds them above the line and takes them away below it. Below the line stay all {n}.",
                    lambda d: (_share(d), _extremes(d)[1] / d.cohort.evaluable.mean())),
            Mistake("That is the confidence interval. It tells what chance can do, not what these patients could do.",
                    lambda d: _interval(d, "exact")),
        ),
        because="No confidence interval covers this kind of not knowing; it is said separately.",
    ),
    Exercise(
        "exact-3",
        "None of them",
        2,
        "Imagine that none of the {n} patients had had a certain side effect. Up to which true rate is that compatible, by "
        "the exact **one-sided** {level} bound?",
        lambda d: _zero_bound(d, 1 - d.conf_level),
        digits=4,
        values=_values,
        hints=(
            "If the true rate is $p$, nobody of $n$ has it with the probability $(1 - p)^n$.",
            "Which $p$ makes that as small as one minus the level? Take the $n$-th root.",
        ),
        mistakes=(
            Mistake("None seen does not mean that none is possible: a small rate leaves {n} patients untouched quite often.",
                    lambda d: 0.0),
            Mistake("That is the rule of three, a good approximation for the 95% level and many patients. Here the exact "
                    "bound at the level of this page is wanted.", lambda d: 3 / d.cohort.n),
            Mistake("That is the upper limit of the two-sided interval, with half of the allowed error in each tail.",
                    lambda d: _zero_bound(d, (1 - d.conf_level) / 2)),
            Mistake("That is the chance for one patient to stay without it. Take one minus that.",
                    lambda d: 1 - _zero_bound(d, 1 - d.conf_level)),
            Mistake("That is the root of the level. The root is taken of what is left of it, one minus the level.",
                    lambda d: _zero_bound(d, d.conf_level)),
        ),
        because="At the 95% level this is about 3/n: with 30 patients, rates of nearly 10% remain possible.",
    ),
    Exercise(
        "exact-4",
        "One of the two tests",
        2,
        "Imagine an older treatment with a response rate of {rate}. If the true rate here were just that, how probable "
        "would {k} **or more** responders among {n} patients be?",
        _tail,
        digits=4,
        values=_values,
        hints=(
            "Add the binomial probabilities of {k}, {k} + 1, ... up to {n}.",
            "`scipy.stats.binom.sf(k, n, p)` is the probability of **more than** `k`.",
        ),
        mistakes=(
            Mistake("That leaves out the count that was observed. More extreme **or equal** is what counts.",
                    lambda d: float(binom.sf(everyone(d)[0], d.cohort.n, old_rate(d)))),
            Mistake("That is the probability of exactly {k}. A single count is improbable at any rate; add what lies beyond.",
                    lambda d: float(binom.pmf(everyone(d)[0], d.cohort.n, old_rate(d)))),
            Mistake("That is the other tail, {k} or fewer.",
                    lambda d: float(binom.cdf(everyone(d)[0], d.cohort.n, old_rate(d)))),
            Mistake("That is doubled. The question names one side only.", lambda d: 2 * _tail(d)),
        ),
        because="The lower limit of the exact interval is the rate at which this probability is {tail}.",
    ),
    Exercise(
        "exact-5",
        "The exact interval",
        2,
        "Give the exact {level} confidence interval of the response rate of all {n} patients, as (lower, upper).",
        lambda d: _interval(d, "exact"),
        digits=4,
        values=_values,
        hints=(
            "Lower: the rate at which {k} or more have the probability {tail}. Upper: the rate at which {k} or fewer have it.",
            "Beta quantiles: Beta($k$, $n - k + 1$) for the lower limit, Beta($k + 1$, $n - k$) for the upper one.",
        ),
        mistakes=(
            Mistake("That is Wald's interval, estimate plus and minus $z$ standard errors.", lambda d: _interval(d, "Wald")),
            Mistake("That is Wilson's interval: a good one, and not the exact one.", lambda d: _interval(d, "Wilson")),
            Mistake("Those limits leave one minus the level out on **each** side. Half of it belongs on each.",
                    lambda d: _interval(d, "exact", conf_level=2 * d.conf_level - 1)),
            Mistake("The lower limit is right. The upper one needs a beta distribution of its own: the observed count belongs "
                    "to both tails.", _one_beta),
            Mistake("That is the interval of the evaluable patients.", lambda d: _interval(d, "exact", "evaluable patients")),
        ),
        because="Each limit is the rate at which one of two one-sided tests just stops rejecting.",
    ),
    Exercise(
        "exact-6",
        "The coverage of a promise",
        3,
        "Let the true rate be {rate}, and let study after study with {n} patients report **Wald's** {level} interval. What "
        "share of these studies holds the true rate in its interval?",
        lambda d: coverage("Wald", d.cohort.n, old_rate(d), d.conf_level),
        values=_values,
        hints=(
            "No simulation is needed: a study can only give one of the counts 0, 1, ..., {n}.",
            "For each count work out the interval, and see whether it holds {rate}.",
            "Add the binomial probabilities, at {rate}, of the counts whose interval does.",
        ),
        mistakes=(
            Mistake("That is the level that was promised, not the one that is kept.", lambda d: d.conf_level),
            Mistake("That is the share of **possible counts** whose interval holds the rate. Weight each count by its probability.",
                    _counts_held),
            Mistake("That is the share of studies that miss.",
                    lambda d: 1 - coverage("Wald", d.cohort.n, old_rate(d), d.conf_level)),
            Mistake("That is the coverage of the exact interval.",
                    lambda d: coverage("exact", d.cohort.n, old_rate(d), d.conf_level)),
            Mistake("That is the coverage of Wilson's interval.",
                    lambda d: coverage("Wilson", d.cohort.n, old_rate(d), d.conf_level)),
        ),
        because="A confidence level is a promise about the method, and whether it is kept can be worked out.",
    ),
)  # fmt: skip

QUESTIONS = (
    Question(
        "exact-q1",
        "A study reports a response rate with a 95% interval from 0.28 to 0.47. What do the 95% say?",
        (
            Option("The true rate lies between 0.28 and 0.47 with a probability of 95%.", False,
                   "This one interval holds the true rate or does not. The 95% belong to the method, over many studies."),
            Option("A method was used that is meant to hold the true rate in about 95 of 100 studies.", True,
                   "Whether it does depends on the method; whether this study is one of the others, nobody can tell."),
            Option("95% of the patients have a rate between 0.28 and 0.47.", False,
                   "A patient responds or does not. The interval is about the one rate behind all of them."),
            Option("If the study is repeated, its rate will lie in this interval 95 times in 100.", False,
                   "A new rate varies around the true one, and this interval is itself off by chance. It falls inside less often."),
        ),
    ),
    Question(
        "exact-q2",
        "None of 60 patients had a severe bleeding. Which sentence is right?",
        (
            Option("The treatment causes no severe bleeding.", False, "None of 60 says nothing of the kind about the next 60."),
            Option("The rate is 0, with a standard error of 0.", False,
                   "The formula gives that; it shows that the formula fails at 0, not that the rate is known."),
            Option("A true rate of up to about 5% is compatible with that.", True,
                   "The rule of three: 3/60, the one-sided 95% bound."),
        ),
    ),
    Question(
        "exact-q3",
        "Why is the exact interval usually wider than its level demands?",
        (
            Option("Counts jump: it may err by at most 2.5% on each side, and with whole patients it cannot use that up.", True,
                   "A tail probability leaps over 2.5%, so that the rest of it stays unused, at most true rates."),
            Option("It adds a margin for patients who could not be assessed.", False,
                   "It knows only the count and the number of patients. Nothing else is allowed for."),
            Option("It uses the normal distribution.", False, "That is what Wald and Wilson do."),
        ),
    ),
    Question(
        "exact-q4",
        "Of 50 patients 20 respond, 25 do not, and 5 were never assessed. Which report is the fair one?",
        (
            Option("20 of 45, because the five say nothing.", False,
                   "Patients are often not assessed because they did badly. Alone, this rate looks better than the treatment."),
            Option("20 of 50, and beside it that 5 were not assessed and count as no response.", True,
                   "The reader can see the decision, and can work out the other one."),
            Option("25 of 50, because some of the five may have responded.", False,
                   "May have is no response. That is the upper end of what is possible, not an estimate."),
        ),
    ),
    Question(
        "exact-q5",
        "A study has four times as many patients and the same rate. What happens to the interval?",
        (
            Option("It is about a quarter as wide.", False, "The width goes with the square root of the number of patients."),
            Option("It is about half as wide.", True, "The root of four. Halving the width is expensive."),
            Option("It keeps its width, and the level rises.", False, "The level is chosen; it does not depend on the size."),
        ),
    ),
)  # fmt: skip

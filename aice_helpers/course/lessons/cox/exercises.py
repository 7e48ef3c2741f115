"""Exercises and questions of the lesson "cox"."""

import math

from scipy.special import chdtrc

from aice_helpers.core.intervals import normal_quantile
from aice_helpers.core.results import pick
from aice_helpers.course.engine import two_groups
from aice_helpers.course.engine.exercise import Exercise, Mistake
from aice_helpers.course.engine.quiz import Option, Question
from aice_helpers.course.lessons.cox.arithmetic import baseline_hazard, book_estimate, likelihood
from aice_helpers.show import formats
from aice_helpers.stats import survival

NEEDS = ("endpoint", "factor")


def _values(data):
    return two_groups.group_and_time(data) | {"level": formats.level(data.conf_level)}


def _beta(data):
    return float(book_estimate(data)["beta"])


def _chance(data, ratio):
    row = two_groups.table_at(data)
    exposed = ratio * row["at_risk_second"]
    return float(exposed / (exposed + row["at_risk"] - row["at_risk_second"]))


def _chance_without_the_failing(data):
    known = two_groups.outcome(data)
    later = known.loc[known["time"] > two_groups.moment(data), "second"]
    return float(2 * later.sum() / (2 * later.sum() + (~later).sum()))


def _limits(data, z=None):
    row = book_estimate(data)
    half = (normal_quantile(data.conf_level) if z is None else z) * row["std_error"]
    return math.exp(row["beta"] - half), math.exp(row["beta"] + half)


def _symmetric_limits(data):
    row = book_estimate(data)
    half = normal_quantile(data.conf_level) * row["std_error"] * math.exp(row["beta"])
    return math.exp(row["beta"]) - half, math.exp(row["beta"]) + half


def _reference_survival(data):
    """Kaplan-Meier estimate of the reference group at `logrank.moment`."""
    rates = survival.survival_at(data.cohort, group=data.factor, times=[two_groups.moment(data)])
    row = pick(rates, endpoint=data.endpoint, method="Kaplan-Meier, log-log", level=data.levels[0])
    return float(row["estimate"])


def _other_risk(data):
    return 1 - _reference_survival(data) ** math.exp(_beta(data))


def _breslow_risk(data):
    """The second group's risk by the model, whose baseline comes from both groups."""
    table, ratio = two_groups.cohort_tables(data), math.exp(_beta(data))
    early = table["time"] <= two_groups.moment(data)
    return float(1 - math.exp(-ratio * baseline_hazard(table, ratio)[early].iloc[-1]))


def _at_zero(data):
    return likelihood(two_groups.cohort_tables(data), 0.0).iloc[0]


def _median_ratio(data):
    known = two_groups.outcome(data)
    first, second = (two_groups.median(known[known["second"] == second]) for second in (False, True))
    return None if math.isnan(first * second) else second / first


EXERCISES = (
    Exercise(
        "cox-1",
        "Whom does it hit?",
        1,
        "**{endpoint}**: somebody has the event at {time} {unit}. Suppose the hazard ratio of {second} against {reference} is **2**. What is "
        "the probability that it hits a patient of the group {second}?",
        lambda d: _chance(d, 2.0),
        values=_values,
        hints=(
            "Everyone at risk at that time holds tickets: two for each patient of {second}, one for each other.",
            "$2 n_1 / (2 n_1 + n_0)$ with the numbers at risk, the patient with the event among them.",
        ),
        mistakes=(
            Mistake("That is the group's share of those at risk: the probability for a hazard ratio of 1.",
                    lambda d: _chance(d, 1.0)),
            Mistake("That gives the two tickets to the other group.", lambda d: _chance(d, 0.5)),
            Mistake("That would hold if both groups had equally many at risk.", lambda d: 2 / 3),
            Mistake("That leaves out whoever has the event at {time}. They are at risk until it happens.",
                    _chance_without_the_failing),
        ),
        because="The partial likelihood is the product of such probabilities, each for the patient whom it did hit.",
    ),
    Exercise(
        "cox-2",
        "The hazard ratio",
        1,
        "Fit Cox's model of **{endpoint}** with {factor} as the only covariate. What is the hazard ratio of {second} against {reference}?",
        lambda d: math.exp(_beta(d)),
        values=_values,
        hints=(
            "The model has one column: 1 for {second}, 0 for {reference}.",
            "`CoxPHFitter().fit(outcome.astype(float), \"time\", \"event\")`, then the exponential of the coefficient.",
        ),
        mistakes=(
            Mistake("That is the coefficient, the log of the hazard ratio. Take its exponential.", _beta),
            Mistake("That is upside down: {reference} against {second}.", lambda d: math.exp(-_beta(d))),
            Mistake("That is the ratio of $O/E$ of the lesson before: a quick look, but not the top of the likelihood.", two_groups.ratio_of_ratios),
            Mistake("That is the ratio of the medians. A hazard ratio compares rates, not times.", _median_ratio),
        ),
        because="At any time, as the model has it, the rate of events among those still event-free is this many times the other.",
    ),
    Exercise(
        "cox-3",
        "Its interval",
        2,
        "Give the {level} confidence interval of that hazard ratio from the standard error of the coefficient, as (lower, upper).",
        _limits,
        values=_values,
        hints=(
            r"The interval is built for $\beta$ and then carried over: $\exp(\hat\beta \pm z \, \mathrm{se})$.",
            "$z$ is the two-sided normal quantile: 1.96 for 95%, 1.645 for 90%.",
        ),
        mistakes=(
            Mistake("Those are the limits of the coefficient. Take their exponentials.",
                    lambda d: tuple(math.log(limit) for limit in _limits(d))),
            Mistake("That is symmetric around the hazard ratio. It is $\\beta$ that is roughly normal: build the interval there.",
                    _symmetric_limits),
            Mistake("That uses one standard error on each side. Multiply by the normal quantile.", lambda d: _limits(d, 1.0)),
            Mistake("That is one-sided: the quantile leaves {level} below it instead of in the middle.",
                    lambda d: _limits(d, normal_quantile(2 * d.conf_level - 1))),
        ),
        because="The upper limit is as many times the estimate as the estimate is the lower limit: symmetric by factors, not by differences.",
    ),
    Exercise(
        "cox-4",
        "The likelihood-ratio test",
        2,
        "What is the likelihood-ratio statistic of {factor}, which compares the top of the log partial likelihood with its height at "
        r"$\beta = 0$?",
        lambda d: float(book_estimate(d)["likelihood ratio"]),
        values=_values,
        hints=(
            "Two heights are needed, and their difference is not yet the statistic.",
            r"$2 \, (\ell(\hat\beta) - \ell(0))$",
        ),
        mistakes=(
            Mistake("That is the difference of the heights. Twice that is compared with chi-square.",
                    lambda d: float(book_estimate(d)["likelihood ratio"] / 2)),
            Mistake("That is Wald's statistic, $(\\hat\\beta / \\mathrm{se})^2$.", lambda d: float(book_estimate(d)["Wald"])),
            Mistake("That is the score statistic, which looks only at the slope and curvature at zero.",
                    lambda d: float(book_estimate(d)["score"])),
            Mistake("That is the P value. The statistic comes before it.",
                    lambda d: float(chdtrc(1, book_estimate(d)["likelihood ratio"]))),
        ),
        because="It needs no standard error, and holds where Wald's statistic breaks down.",
    ),
    Exercise(
        "cox-5",
        "From hazard to risk",
        3,
        "**{endpoint}**: take the risk in the group {reference} by {time} {unit} from its own Kaplan-Meier curve. Which risk in the "
        "group {second} follows from it with the hazard ratio of exercise cox-2?",
        _other_risk,
        values=_values,
        hints=(
            "The hazard ratio multiplies the hazard, not the risk.",
            r"Under proportional hazards $S_1(t) = S_0(t)^{\mathrm{HR}}$, and the risk is $1 - S$.",
        ),
        mistakes=(
            Mistake("That multiplies the risk by the hazard ratio. Such a product can even exceed 1.",
                    lambda d: (1 - _reference_survival(d)) * math.exp(_beta(d))),
            Mistake("That is the share without the event. The risk is one minus that.", lambda d: 1 - _other_risk(d)),
            Mistake("That is the risk in the reference group.", lambda d: 1 - _reference_survival(d)),
            Mistake("That is the model's own baseline, estimated from both groups, as in the table above. Here start from the "
                    "Kaplan-Meier curve of {reference} alone.", _breslow_risk),
            Mistake("That raises the curve to the inverse of the hazard ratio, which is the other way round.",
                    lambda d: 1 - _reference_survival(d) ** math.exp(-_beta(d))),
        ),
        because="The ratio of the two risks depends on the time; it approaches 1 as both approach certainty.",
    ),
    Exercise(
        "cox-6",
        "One step of Newton's",
        3,
        r"Cox's model of **{endpoint}** by {factor}: start at $\beta = 0$. To which $\beta$ does Newton's first step lead?",
        lambda d: float(_at_zero(d)["score"] / _at_zero(d)["information"]),
        values=_values,
        hints=(
            "Two numbers are needed at zero: the slope of the log partial likelihood and its curvature.",
            "Step = slope divided by minus the second derivative. `cox.likelihood(table, 0)` gives both.",
        ),
        mistakes=(
            Mistake("That is the slope. Divide it by the curvature.", lambda d: float(_at_zero(d)["score"])),
            Mistake("That divides by the root of the curvature: it is the $z$ of the score test.",
                    lambda d: float(_at_zero(d)["score"] / math.sqrt(_at_zero(d)["information"]))),
            Mistake("That is the top itself. One step comes near it, but does not reach it.", _beta),
            Mistake("That is the hazard ratio after the step. Asked for is its logarithm, $\\beta$.",
                    lambda d: math.exp(_at_zero(d)["score"] / _at_zero(d)["information"])),
        ),
        because="Where the log likelihood is nearly a parabola, one step goes most of the way; a few more reach the last digit.",
    ),
)  # fmt: skip

QUESTIONS = (
    Question(
        "cox-q1",
        "Why does the partial likelihood need no assumption about the shape of the hazard over time?",
        (
            Option("It assumes that the hazard is constant.", False, "It may rise and fall in any way, as long as it does so in both groups."),
            Option("At each event it asks only whom the event hit, and what both groups share cancels.", True,
                   "The common hazard stands above and below the line of the fraction. When events come is taken as given."),
            Option("It estimates the shape first.", False, "No shape is needed for the hazard ratio. It can be estimated afterwards."),
        ),
    ),
    Question(
        "cox-q2",
        "The hazard ratio is 2, and 60% of the unexposed have had the event after two years. What is right about the exposed?",
        (
            Option("120% of them have had it, so the model is wrong.", False, "The hazard is doubled, not the risk. A risk never exceeds 1."),
            Option("Their median time is half as long.", False, "In general only where the hazard is constant over time."),
            Option("By the model 84% of them have had it.", True, "Event-free are 0.4 squared = 0.16 of them."),
        ),
    ),
    Question(
        "cox-q3",
        "A program reports a hazard ratio of 41 million with a standard error of 9000 for a group whose members all had the event first. What is it?",
        (
            Option("A very strong effect, measured badly.", False, "No number was measured. The program stopped somewhere on its way to infinity."),
            Option("A sign that no finite estimate exists.", True,
                   "The likelihood keeps rising. Report that, the likelihood-ratio test, or an estimate that is penalized and says so."),
            Option("Proof that the group is doomed.", False, "A handful of early events in a small group can do this by chance."),
        ),
    ),
    Question(
        "cox-q4",
        "The crude hazard ratio of a treatment is 0.6; adjusted for the stage it is 1.0. What may explain it?",
        (
            Option("The treatment was given mostly to patients of a better stage.", True,
                   "Then the crude ratio compares stages as much as treatments. Adjusting compares within the stage."),
            Option("Adjusting always pulls towards 1.", False, "It can move either way. With balanced groups it moves away from 1."),
            Option("The adjusted model is overloaded; the crude ratio is the true one.", False,
                   "With enough events two covariates are no load. The crude ratio answers another question."),
        ),
    ),
    Question(
        "cox-q5",
        "Without ties, which of the three tests of one two-group factor equals the log-rank test?",
        (
            Option("Wald's test.", False, "It uses the estimate and the curvature at the top."),
            Option("The likelihood-ratio test.", False, "It compares two heights of the curve."),
            Option("The score test.", True, "Slope and curvature at zero are observed minus expected events, and the log-rank variance."),
        ),
    ),
)  # fmt: skip

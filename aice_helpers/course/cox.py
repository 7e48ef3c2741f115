"""Lesson "cox": the partial likelihood by hand."""

import math
from itertools import permutations

import numpy as np
import pandas as pd
from scipy.special import chdtrc

from aice_helpers.core.intervals import normal_quantile
from aice_helpers.core.results import pick
from aice_helpers.course import logrank
from aice_helpers.course.engine.exercise import Exercise, Mistake
from aice_helpers.course.engine.markup import written
from aice_helpers.course.engine.play import Play
from aice_helpers.course.engine.quiz import Option, Question
from aice_helpers.show import formats
from aice_helpers.stats import cox, partial_likelihood, survival
from aice_helpers.study.model import RESPONSE_TERM

NEEDS = ("endpoint", "factor")

SIX = pd.DataFrame(
    {
        "time": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0],
        "event": [True, True, False, True, True, False],
        "exposed": [True, False, True, True, False, False],
    },
    index=pd.Index(list("ABCDEF"), name="patient"),
)
"""Six invented patients, half of them exposed, without ties."""

SEPARATED = SIX.assign(exposed=[True, True, True, False, False, False])
"""The same times; now everyone exposed has gone before anyone else has the event."""

TIED = SIX.assign(time=[1.0, 4.0, 3.0, 4.0, 5.0, 6.0])
"""The same patients, but for B, whose event is at the time of D's."""

TIES = ("Efron", "Breslow")


def choices(patients, ratio=1.0) -> pd.DataFrame:
    """Each event as a choice among those at risk; for patients without tied events.

    Parameters
    ----------
    patients : DataFrame
        Columns ``time``, ``event``, ``exposed``, indexed by name.
    ratio : float
        The hazard ratio, so that an exposed patient at risk has this many tickets and any other one has one.

    Returns
    -------
    DataFrame
        By patient with the event: ``time``, ``exposed``, tickets ``own`` and ``all``, ``probability`` (own / all).
    """
    tickets = pd.Series(np.where(patients["exposed"], float(ratio), 1.0), index=patients.index)
    seen = patients[patients["event"]].sort_values("time")
    total = [tickets[patients["time"] >= time].sum() for time in seen["time"]]
    own = tickets[seen.index]
    return seen[["time", "exposed"]].assign(own=own, all=total, probability=own / total)


def likelihood(table, beta, ties="Efron") -> pd.DataFrame:
    """Partial log-likelihood of one yes-or-no covariate, with slope and curvature.

    Only counts at the event times are needed, the very tables of the log-rank test.

    Parameters
    ----------
    table : DataFrame
        From `logrank.tables`; the second group is the exposed one.
    beta : float or array
        Log hazard ratios.
    ties : {"Efron", "Breslow"}
        Of d tied events the l-th (l = 0, 1, ...) sees the d patients with weight 1 - l/d (Efron), or in full.

    Returns
    -------
    DataFrame
        ``beta``, ``log_likelihood``, ``score`` (first derivative) and ``information`` (minus the second).
    """
    beta = np.atleast_1d(np.asarray(beta, float))
    ratio = np.exp(beta)
    total, score, information = (np.zeros(len(beta)) for _ in range(3))
    for row in table.itertuples():
        total += row.events_second * beta
        score += row.events_second
        for place in range(row.events):
            gone = place / row.events if ties == "Efron" else 0.0
            exposed = (row.at_risk_second - gone * row.events_second) * ratio
            other = (row.at_risk - row.at_risk_second) - gone * (row.events - row.events_second)
            share = exposed / (exposed + other)
            total -= np.log(exposed + other)
            score -= share
            information += share * (1 - share)
    return pd.DataFrame({"beta": beta, "log_likelihood": total, "score": score, "information": information})


def newton_steps(table, *, start=0.0, count=5, ties="Efron") -> pd.DataFrame:
    """Newton's way to the top: at each step slope and curvature, and the beta to which they lead (``next_beta``)."""
    rows, beta = [], start
    for _ in range(count):
        row = likelihood(table, beta, ties).iloc[0]
        beta = beta + row["score"] / row["information"]
        rows.append(dict(row) | {"next_beta": beta})
    return pd.DataFrame(rows, index=pd.RangeIndex(1, count + 1, name="step"))


def estimate(table, ties="Efron") -> pd.Series:
    """Row of `likelihood` at its maximum, with ``std_error`` of beta; the maximum must be finite."""
    beta = 0.0
    for _ in range(60):
        row = likelihood(table, beta, ties).iloc[0]
        step = row["score"] / row["information"]
        # A long step from where the curve is flat would leap over the top.
        beta += min(max(step, -1.0), 1.0)
        if abs(step) < 1e-12:
            break
    return pd.concat([row, pd.Series({"std_error": 1 / math.sqrt(row["information"])})])


def three_tests(table) -> pd.DataFrame:
    """Likelihood-ratio, Wald and score test of "beta is zero", with Efron's ties: ``statistic`` and ``p_value``."""
    top, zero = estimate(table), likelihood(table, 0.0).iloc[0]
    statistics = {
        "likelihood ratio": 2 * (top["log_likelihood"] - zero["log_likelihood"]),
        "Wald": (top["beta"] / top["std_error"]) ** 2,
        "score": zero["score"] ** 2 / zero["information"],
    }
    made = pd.DataFrame({"statistic": pd.Series(statistics)})
    return made.assign(p_value=chdtrc(1, made["statistic"])).rename_axis("test")


def tied_likelihoods(beta) -> pd.Series:
    """The factor of the tied events of `TIED` at a log hazard ratio: both possible orders, and what replaces them."""
    tied, later = ["B", "D"], ["E", "F"]
    ticket = np.exp(beta * TIED["exposed"])
    orders = {
        f"{' before '.join(order)}": np.prod(
            [ticket[name] / ticket[[*order[place:], *later]].sum() for place, name in enumerate(order)]
        )
        for order in permutations(tied)
    }
    everyone, dying = ticket[[*tied, *later]].sum(), ticket[tied].sum()
    own = ticket[tied].prod()
    return pd.Series(
        orders
        | {
            "mean of the orders": np.mean(list(orders.values())),
            "Efron": own / (everyone * (everyone - dying / 2)),
            "Breslow": own / everyone**2,
        }
    )


def hazard_and_risk(ratio=2.0) -> pd.DataFrame:
    """What a hazard ratio does to risks of several sizes: 1 - (1 - risk)^ratio."""
    risk = pd.Series([0.01, 0.1, 0.3, 0.5, 0.7, 0.9])
    exposed = 1 - (1 - risk) ** ratio
    return pd.DataFrame({"risk, not exposed": risk, "risk, exposed": exposed, "ratio of risks": exposed / risk})


def median_ratios(ratio=2.0) -> pd.DataFrame:
    """Median of the exposed over that of the others under Weibull hazards of three shapes, by the hazard ratio."""
    shapes = {"hazard falls (shape 0.5)": 0.5, "hazard stays (shape 1)": 1.0, "hazard rises (shape 2)": 2.0}
    return pd.DataFrame({"ratio of medians": {name: ratio ** (-1 / shape) for name, shape in shapes.items()}})


def risks(subject) -> pd.DataFrame:
    """Risk of the event under both groups by the cohort's model, at the quarters of the event times.

    The reference group's survival is Breslow's estimate from the model; the second group's is its power.
    """
    table, top = logrank.cohort_tables(subject), book_estimate(subject)
    ratio = math.exp(top["beta"])
    hazard = _baseline_hazard(table, ratio)
    places = [round(quarter * (len(table) - 1)) for quarter in (0.25, 0.5, 0.75)]
    first, second = 1 - np.exp(-hazard[places]), 1 - np.exp(-ratio * hazard[places])
    reference, other = subject.levels
    return pd.DataFrame(
        {
            f"time ({subject.unit})": table["time"][places].to_numpy(),
            f"risk, {reference}": first.to_numpy(),
            f"risk, {other}": second.to_numpy(),
            "ratio of risks": (second / first).to_numpy(),
        }
    )


def _baseline_hazard(table, ratio):
    """Breslow's cumulative hazard of the reference group at each event time, from both groups."""
    tickets = table["at_risk"] + (ratio - 1) * table["at_risk_second"]
    return (table["events"] / tickets).cumsum()


def book_estimate(subject) -> pd.Series:
    """The cohort's log hazard ratio of the second group by the book's own fit: ``beta``, ``std_error`` and the tests."""
    known = logrank.outcome(subject)
    fitted = partial_likelihood.fit(known["time"], known["event"], known["second"])
    return pd.Series(
        {
            "beta": fitted.coefficients[0],
            "std_error": fitted.std_errors[0],
            "likelihood ratio": fitted.likelihood_ratio.statistic,
            "Wald": fitted.wald.statistic,
            "score": fitted.score.statistic,
        }
    )


def cohort_words(subject):
    """The cohort's hazard ratio with its limits, in a sentence."""
    row, known = book_estimate(subject), logrank.outcome(subject)
    ratio = _ratio_words(row["beta"], row["std_error"], subject.conf_level)
    return written(
        "{endpoint}, {second} against {reference}: {n} patients, {events} events, hazard ratio **{ratio}**.",
        logrank.group_values(subject) | {"n": len(known), "events": int(known["event"].sum()), "ratio": ratio},
    )


def book_rows(subject) -> pd.DataFrame:
    """The row of the book's table of hazard ratios that compares the same two groups; empty when it has none."""
    table = cox.cox(subject.cohort)
    return table[
        (table["endpoint"] == subject.endpoint)
        & (table["term"] == subject.factor)
        & (table["model"] == "univariable")
        & (table["level"] == subject.levels[1])
    ]


def adjusted_words(subject):
    """The factor's hazard ratio alone and beside the plan's other factors that are known at time zero."""
    values = _other_factors(subject)
    keep = (subject.group.notna() & values.notna().all(axis=1)).to_numpy()
    fits = []
    if keep.any() and len(values.columns):
        second = (subject.group == subject.group.cat.categories[1])[keep].to_numpy(dtype=float)
        others = pd.get_dummies(values[keep], drop_first=True, dtype=float).to_numpy(dtype=float)
        for columns in ([second], [second, others]):
            fits.append(partial_likelihood.fit(subject.time[keep], subject.event[keep], np.column_stack(columns)))
    label = subject.cohort.study.label
    if not fits or not all(fitted.estimable[0] for fitted in fits):
        return written(
            "In this cohort the plan offers no other factor that can stand beside {factor}, so there is no adjusted hazard "
            "ratio here.",
            {"factor": label(subject.factor)},
        )
    alone, beside = (_ratio_words(fitted.coefficients[0], fitted.std_errors[0], subject.conf_level) for fitted in fits)
    return written(
        "{endpoint}, {second} against {reference}, in the {n} patients ({events} events) with all values: crude hazard ratio "
        "**{alone}**; adjusted for {others}: **{beside}**.",
        logrank.group_values(subject)
        | {
            "n": int(keep.sum()),
            "events": int(subject.event[keep].sum()),
            "alone": alone,
            "beside": beside,
            "others": formats.listing(formats.lowered(label(name)) for name in values),
        },
    )


def _other_factors(subject):
    """Covariates of the plan's multivariable model, one a column: known at time zero, with values, not the factor."""
    study = subject.cohort.study
    names = [
        name
        for name in study.analysis.multivariable
        if name not in (subject.factor, RESPONSE_TERM) and study.variables[name].role == "baseline"
    ]
    values = pd.DataFrame({name: subject.cohort.covariate(name) for name in names}, index=subject.group.index)
    return values.dropna(axis=1, how="all")


def two_worlds() -> pd.DataFrame:
    """Hazard ratio of a treatment, crude and adjusted for the stage, in two invented worlds of 160 patients each.

    Stage IV has five times the hazard of stage II. In the first world the treatment does nothing and goes mostly to stage
    II; in the second it halves the hazard and each stage is treated in one half.
    """
    worlds = {
        "no effect, mostly stage II treated": (1.0, {(0, 0): 20, (0, 1): 60, (1, 0): 60, (1, 1): 20}),
        "hazard halved, both stages treated alike": (0.5, {(0, 0): 40, (0, 1): 40, (1, 0): 40, (1, 1): 40}),
    }
    rows = {}
    for name, (effect, sizes) in worlds.items():
        patients = pd.concat(
            [
                logrank.piecewise([0.02 * 5**late * effect**treated], n=size).assign(late=late, treated=treated)
                for (late, treated), size in sizes.items()
            ]
        )
        fits = [
            partial_likelihood.fit(patients["time"], patients["event"], patients[columns])
            for columns in (["treated"], ["treated", "late"])
        ]
        rows[name] = {"true": effect} | {
            kind: math.exp(fitted.coefficients[0]) for kind, fitted in zip(("crude", "adjusted"), fits, strict=True)
        }
    return pd.DataFrame(rows).T


def slider() -> Play:
    """The interactive figure: the partial likelihood of the invented patients, at any log hazard ratio."""
    patients = [
        [
            list(map(str, data.index)),
            data["time"].tolist(),
            data["event"].astype(int).tolist(),
            data["exposed"].astype(int).tolist(),
        ]
        for data in (SIX, SEPARATED)
    ]
    return Play(
        "likelihood",
        "Climb the partial likelihood",
        "Move the log hazard ratio and watch each event's probability, the height of the curve and its slope. Find the top, or let "
        "Newton's step find it. Then take the patients without a finite estimate.",
        {"sets": {"six": patients[0], "separated": patients[1]}, "unit": "months"},
        "With scripts on, this figure moves the log hazard ratio of six invented patients. What it shows: a larger ratio makes the events "
        "of exposed patients more probable and those of the others less; where the product is largest the slope is zero. When "
        "everyone exposed has the event before anyone else, the curve rises for ever and there is no top.",
    )


def _ratio_words(beta, std_error, conf_level):
    z = normal_quantile(conf_level)
    limits = formats.interval(math.exp(beta - z * std_error), math.exp(beta + z * std_error), formats.ratio)
    return f"{formats.ratio(math.exp(beta))} ({formats.level(conf_level)} CI {limits})"


def _values(subject):
    return logrank.group_and_time(subject) | {"level": f"{100 * subject.conf_level:g}%"}


def _beta(subject):
    return float(book_estimate(subject)["beta"])


def _chance(subject, ratio):
    row = logrank.table_at(subject)
    exposed = ratio * row["at_risk_second"]
    return float(exposed / (exposed + row["at_risk"] - row["at_risk_second"]))


def _chance_without_the_failing(subject):
    known = logrank.outcome(subject)
    later = known.loc[known["time"] > logrank.moment(subject), "second"]
    return float(2 * later.sum() / (2 * later.sum() + (~later).sum()))


def _limits(subject, z=None):
    row = book_estimate(subject)
    half = (normal_quantile(subject.conf_level) if z is None else z) * row["std_error"]
    return math.exp(row["beta"] - half), math.exp(row["beta"] + half)


def _symmetric_limits(subject):
    row = book_estimate(subject)
    half = normal_quantile(subject.conf_level) * row["std_error"] * math.exp(row["beta"])
    return math.exp(row["beta"]) - half, math.exp(row["beta"]) + half


def _reference_survival(subject):
    """Kaplan-Meier estimate of the reference group at `logrank.moment`."""
    rates = survival.survival_at(subject.cohort, group=subject.factor, times=[logrank.moment(subject)])
    row = pick(rates, endpoint=subject.endpoint, method="Kaplan-Meier, log-log", level=subject.levels[0])
    return float(row["estimate"])


def _other_risk(subject):
    return 1 - _reference_survival(subject) ** math.exp(_beta(subject))


def _breslow_risk(subject):
    """The second group's risk by the model, whose baseline comes from both groups."""
    table, ratio = logrank.cohort_tables(subject), math.exp(_beta(subject))
    early = table["time"] <= logrank.moment(subject)
    return float(1 - math.exp(-ratio * _baseline_hazard(table, ratio)[early].iloc[-1]))


def _at_zero(subject):
    return likelihood(logrank.cohort_tables(subject), 0.0).iloc[0]


def _median_ratio(subject):
    known = logrank.outcome(subject)
    first, second = (logrank.median(known[known["second"] == second]) for second in (False, True))
    return None if math.isnan(first * second) else second / first


EXERCISES = (
    Exercise(
        "cox-1",
        "Whom does it hit?",
        1,
        "**{endpoint}**: somebody has the event at {time} {unit}. Suppose the hazard ratio of {second} against {reference} is **2**. What is "
        "the probability that it hits a patient of the group {second}?",
        lambda s: _chance(s, 2.0),
        values=_values,
        hints=(
            "Everyone at risk at that time holds tickets: two for each patient of {second}, one for each other.",
            "$2 n_1 / (2 n_1 + n_0)$ with the numbers at risk, the patient with the event among them.",
        ),
        mistakes=(
            Mistake("That is the group's share of those at risk: the probability for a hazard ratio of 1.",
                    lambda s: _chance(s, 1.0)),
            Mistake("That gives the two tickets to the other group.", lambda s: _chance(s, 0.5)),
            Mistake("That would hold if both groups had equally many at risk.", lambda s: 2 / 3),
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
        lambda s: math.exp(_beta(s)),
        values=_values,
        hints=(
            "The model has one column: 1 for {second}, 0 for {reference}.",
            "`CoxPHFitter().fit(outcome.astype(float), \"time\", \"event\")`, then the exponential of the coefficient.",
        ),
        mistakes=(
            Mistake("That is the coefficient, the log of the hazard ratio. Take its exponential.", _beta),
            Mistake("That is upside down: {reference} against {second}.", lambda s: math.exp(-_beta(s))),
            Mistake("That is the ratio of $O/E$ of the lesson before: a quick look, but not the top of the likelihood.", logrank.ratio_of_ratios),
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
                    lambda s: tuple(math.log(limit) for limit in _limits(s))),
            Mistake("That is symmetric around the hazard ratio. It is $\\beta$ that is roughly normal: build the interval there.",
                    _symmetric_limits),
            Mistake("That uses one standard error on each side. Multiply by the normal quantile.", lambda s: _limits(s, 1.0)),
            Mistake("That is one-sided: the quantile leaves {level} below it instead of in the middle.",
                    lambda s: _limits(s, normal_quantile(2 * s.conf_level - 1))),
        ),
        because="The upper limit is as many times the estimate as the estimate is the lower limit: symmetric by factors, not by differences.",
    ),
    Exercise(
        "cox-4",
        "The likelihood-ratio test",
        2,
        "What is the likelihood-ratio statistic of {factor}, which compares the top of the log partial likelihood with its height at "
        r"$\beta = 0$?",
        lambda s: float(book_estimate(s)["likelihood ratio"]),
        values=_values,
        hints=(
            "Two heights are needed, and their difference is not yet the statistic.",
            r"$2 \, (\ell(\hat\beta) - \ell(0))$",
        ),
        mistakes=(
            Mistake("That is the difference of the heights. Twice that is compared with chi-square.",
                    lambda s: float(book_estimate(s)["likelihood ratio"] / 2)),
            Mistake("That is Wald's statistic, $(\\hat\\beta / \\mathrm{se})^2$.", lambda s: float(book_estimate(s)["Wald"])),
            Mistake("That is the score statistic, which looks only at the slope and curvature at zero.",
                    lambda s: float(book_estimate(s)["score"])),
            Mistake("That is the P value. The statistic comes before it.",
                    lambda s: float(chdtrc(1, book_estimate(s)["likelihood ratio"]))),
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
                    lambda s: (1 - _reference_survival(s)) * math.exp(_beta(s))),
            Mistake("That is the share without the event. The risk is one minus that.", lambda s: 1 - _other_risk(s)),
            Mistake("That is the risk in the reference group.", lambda s: 1 - _reference_survival(s)),
            Mistake("That is the model's own baseline, estimated from both groups, as in the table above. Here start from the "
                    "Kaplan-Meier curve of {reference} alone.", _breslow_risk),
            Mistake("That raises the curve to the inverse of the hazard ratio, which is the other way round.",
                    lambda s: 1 - _reference_survival(s) ** math.exp(-_beta(s))),
        ),
        because="The ratio of the two risks depends on the time; it approaches 1 as both approach certainty.",
    ),
    Exercise(
        "cox-6",
        "One step of Newton's",
        3,
        r"Cox's model of **{endpoint}** by {factor}: start at $\beta = 0$. To which $\beta$ does Newton's first step lead?",
        lambda s: float(_at_zero(s)["score"] / _at_zero(s)["information"]),
        values=_values,
        hints=(
            "Two numbers are needed at zero: the slope of the log partial likelihood and its curvature.",
            "Step = slope divided by minus the second derivative. `cox.likelihood(table, 0)` gives both.",
        ),
        mistakes=(
            Mistake("That is the slope. Divide it by the curvature.", lambda s: float(_at_zero(s)["score"])),
            Mistake("That divides by the root of the curvature: it is the $z$ of the score test.",
                    lambda s: float(_at_zero(s)["score"] / math.sqrt(_at_zero(s)["information"]))),
            Mistake("That is the top itself. One step comes near it, but does not reach it.", _beta),
            Mistake("That is the hazard ratio after the step. Asked for is its logarithm, $\\beta$.",
                    lambda s: math.exp(_at_zero(s)["score"] / _at_zero(s)["information"])),
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

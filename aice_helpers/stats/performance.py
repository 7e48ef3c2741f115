"""How well a model predicts: events per variable, concordance, optimism by Harrell's bootstrap."""

from dataclasses import dataclass

import numpy as np

from aice_helpers.core.intervals import normal_quantile
from aice_helpers.core.reasons import Reason
from aice_helpers.core.results import result_table
from aice_helpers.core.seeds import BOOTSTRAP as SEED
from aice_helpers.core.workers import resampled
from aice_helpers.stats import concordance, partial_likelihood
from aice_helpers.stats.models import chi_square, model_of, not_estimable_reason
from aice_helpers.stats.partial_likelihood import DECREMENT_DONE
from aice_helpers.stats.samples import NO_ENDPOINTS

METHOD_CONCORDANCE = "Harrell's C, infinitesimal jackknife limits"

RESAMPLES, FEWEST = 200, 20

BOUNDED = 10_000
"""Patients beyond which the resamples become fewer, down to `FEWEST`: what they estimate shrinks with the cohort."""

AT_ONCE = 25
"""Resamples of one task."""

_NUMBERS_AT_ONCE = 400_000
"""Entries of the design matrices of the resamples that are fitted together."""

_STEPS_TOGETHER = 12

_CURVED = 1e-6
"""Least information for each event, on standardized covariates, that counts as curvature."""


def resamples_for(n) -> int:
    """How many resamples a cohort of ``n`` patients gets.

    >>> [resamples_for(n) for n in (100, 10_000, 20_000, 1_000_000)]
    [200, 200, 100, 20]
    """
    return max(FEWEST, min(RESAMPLES, RESAMPLES * BOUNDED // max(n, 1)))


def model_performance(cohort, *, resamples=None, seed=SEED):
    """How well the multivariable model separates patients, and how much it asks of the data.

    The optimism of the concordance is the mean, over bootstrap resamples, of the concordance of a model fitted to the
    resample there minus its concordance in the cohort. The model is the one that the plan lists, so a resample
    repeats the fit and no selection.

    Parameters
    ----------
    cohort : Cohort
    resamples : int, optional
        As many as `resamples_for` says if left out.
    seed : int
        Of the random numbers; the same for each endpoint.

    Returns
    -------
    DataFrame
        Result table ``model_performance``, per endpoint the terms ``events per variable`` (events for each
        coefficient), ``concordance``, ``optimism-corrected concordance``, ``likelihood ratio``, ``Wald``, ``score``.
    """
    plan = cohort.study.analysis
    if not plan.multivariable:
        return result_table("model_performance", [], reason=Reason("not_planned", what="model"))
    rows = []
    for endpoint in cohort.study.endpoints:
        model = model_of(cohort, endpoint, plan.multivariable)
        rows += _performance_rows(cohort, model, resamples or resamples_for(model.n), seed)
    return result_table("model_performance", rows, reason=NO_ENDPOINTS)


def _performance_rows(cohort, model, resamples, seed):
    base = {
        "endpoint": model.endpoint,
        "model": "multivariable",
        "n": model.n,
        "events": model.events,
        "excluded": model.excluded,
    }
    fitted, df = model.fitted, model.fitted.df
    why = model.problem or (None if df else not_estimable_reason("no_factor_varies"))
    unbounded = None if fitted.converged else not_estimable_reason("no_solution")
    missing = tuple(filter(None, (why or unbounded,)))
    per_variable = {"term": "events per variable", "method": "events for each coefficient", "unit": "events"}
    if df:
        per_variable |= {"estimate": model.events / df}
    else:
        per_variable |= {"reasons": (why,)}
    concordance = {
        "term": "concordance",
        "method": METHOD_CONCORDANCE,
        "unit": "share of pairs",
        "reasons": missing,
    }
    corrected = {
        "term": "optimism-corrected concordance",
        "method": f"Harrell's bootstrap, {resamples} resamples, each refitting the listed model (no selection step)",
        "unit": "share of pairs",
        "reasons": missing,
    }
    if model.entry is not None:
        concordance["reasons"] = corrected["reasons"] = (Reason("cannot_use", what="entry", method="Harrell's C"),)
    elif not missing:
        concordance |= _concordance(cohort, model)
        corrected |= _corrected_concordance(model, resamples, seed)
    rows = [per_variable, concordance, corrected]
    for term, test in (("likelihood ratio", fitted.likelihood_ratio), ("Wald", fitted.wald), ("score", fitted.score)):
        tested = (
            {"reasons": (why,)}
            if why
            else chi_square(test, unbounded or not_estimable_reason("coefficient_without_limit"))
        )
        rows.append({"term": term, "method": f"{term} test"} | tested)
    return [base | row | {"reasons": row.get("reasons", ()) + model.reasons} for row in rows]


def _concordance(cohort, model):
    risk = model.fitted.linear_predictor(model.design)
    estimate, error = concordance.concordance(model.time, model.event, risk)
    if not np.isfinite(estimate):
        return {"reasons": (not_estimable_reason("no_pairs"),)}
    conf_level = cohort.study.analysis.confidence_level
    margin = normal_quantile(conf_level) * error
    return {
        "estimate": estimate,
        "conf_low": max(estimate - margin, 0.0),
        "conf_high": min(estimate + margin, 1.0),
        "conf_level": conf_level,
    }


def _corrected_concordance(model, resamples, seed):
    """Concordance less the mean optimism of models fitted to bootstrap resamples."""
    apparent = concordance.concordance_estimate(model.time, model.event, model.fitted.linear_predictor(model.design))
    if not np.isfinite(apparent):
        return {"reasons": (not_estimable_reason("no_pairs"),)}
    found = resampled(_Optimism(model), resamples, seed, at_once=AT_ONCE if model.n <= BOUNDED else 1)
    optimism = [each for each in found if each is not None]
    if len(optimism) < resamples / 2 or not optimism:
        return {"reasons": (not_estimable_reason("few_resamples"),)}
    skipped = resamples - len(optimism)
    return {
        "estimate": apparent - float(np.mean(optimism)),
        "reasons": (Reason("resamples_left_out", count=skipped),) if skipped else (),
    }


@dataclass(frozen=True)
class _Optimism:
    """By how much a model looks better in each resample that it was fitted to than in the cohort; None where it has no fit."""

    model: object

    def __call__(self, rng, count):
        model = self.model
        drawn = [np.sort(rng.integers(0, model.n, model.n)) for _ in range(count)]
        found = []
        for chosen, risk in zip(drawn, _resampled_risks(model, drawn), strict=True):
            inside, outside = (np.nan, np.nan) if risk is None else _inside_and_outside(model, chosen, risk)
            found.append(inside - outside if np.isfinite(inside) else None)
        return found


def _inside_and_outside(model, chosen, risk):
    """Concordance of a resample, and of the whole cohort, with the risks a model gives to each patient of the cohort."""
    if model.pairs is None:
        estimate = concordance.concordance_estimate
        return estimate(model.time[chosen], model.event[chosen], risk[chosen]), estimate(model.time, model.event, risk)
    died, comparable = model.pairs
    gap = risk[died, None] - risk
    agree = comparable * ((gap > 0) + (gap == 0) / 2)
    times = np.bincount(chosen, minlength=model.n).astype(float)
    pairs = times[died] @ comparable @ times
    return (times[died] @ agree @ times / pairs if pairs else np.nan), agree.sum() / comparable.sum()


def _resampled_risks(model, drawn):
    """Linear predictor of every patient by the model fitted to each resample; None for a resample without an event.

    All resamples take Newton's steps together, from the estimate of the whole cohort. Those that do not arrive where
    the likelihood is clearly curved are fitted one by one, with all that guards against separated coefficients.
    """
    reached = [None] * len(drawn)
    if model.fitted.estimable.all():
        together = max(1, _NUMBERS_AT_ONCE // model.design.size)
        batches = [drawn[first : first + together] for first in range(0, len(drawn), together)]
        reached = [beta for batch in batches for beta in _newton_together(model, np.array(batch))]
    start = np.where(model.fitted.separated, 0.0, model.fitted.working)
    risks = []
    for chosen, beta in zip(drawn, reached, strict=True):
        if not model.event[chosen].any():
            risks.append(None)
        elif beta is not None:
            # Column by column, so that patients with equal covariates get the very same number.
            risks.append(sum(column * each for column, each in zip(model.design.T, beta, strict=True)))
        else:
            fitted = partial_likelihood.fit(model.time[chosen], model.event[chosen], model.design[chosen], start=start)
            risks.append(fitted.linear_predictor(model.design))
    return risks


def _newton_together(model, drawn):
    """Coefficients of each resample (a row of ``drawn``), or None where the search went astray."""
    scale = model.design.std(axis=0)
    design = (model.design - model.design.mean(axis=0)) / scale
    time = partial_likelihood.tied_times(model.time)
    order = np.argsort(time, kind="stable")
    # Positions in the order of time, so that every resample is sorted by time as well.
    rank = np.empty(model.n, dtype=int)
    rank[order] = np.arange(model.n)
    drawn = order[np.sort(rank[drawn], axis=1)]
    beta = np.tile(model.fitted.coefficients * scale, (len(drawn), 1))
    arrived, lost = np.zeros(len(drawn), dtype=bool), np.zeros(len(drawn), dtype=bool)
    for _ in range(_STEPS_TOGETHER):
        going = np.flatnonzero(~arrived & ~lost)
        if not len(going):
            break
        rows = drawn[going]
        score, information = _score_and_information(design[rows], time[rows], model.event[rows], beta[going])
        curved = np.isfinite(information).all(axis=(1, 2)) & np.isfinite(score).all(axis=1)
        information[~curved] = np.eye(len(scale))
        curved &= np.linalg.eigvalsh(information)[:, 0] > _CURVED * model.event[rows].sum(axis=1)
        information[~curved] = np.eye(len(scale))
        step = np.linalg.solve(information, score[:, :, None])[:, :, 0]
        lost[going[~curved]] = True
        beta[going[curved]] += step[curved]
        arrived[going] = curved & (np.einsum("bp,bp->b", score, step) < DECREMENT_DONE)
    return [each / scale if there else None for each, there in zip(beta, arrived, strict=True)]


def _score_and_information(rows, time, event, beta):
    """First and negative second derivatives of Efron's partial likelihood, for one sample a row, sorted by time."""
    count, n = time.shape
    here = np.arange(count)[:, None]
    position = np.arange(n)
    new = np.concatenate([np.ones((count, 1), dtype=bool), time[:, 1:] != time[:, :-1]], axis=1)
    first = np.maximum.accumulate(np.where(new, position, 0), axis=1)
    ends = np.concatenate([new[:, 1:], np.ones((count, 1), dtype=bool)], axis=1)
    last = np.minimum.accumulate(np.where(ends, position, n)[:, ::-1], axis=1)[:, ::-1]

    def running(values):
        return np.concatenate([np.zeros_like(values[:, :1]), values.cumsum(axis=1)], axis=1)

    def of_ties(values):
        sums = running(values)
        return sums[here, last + 1] - sums[here, first]

    deaths = running(event.astype(float))
    tied = deaths[here, last + 1] - deaths[here, first]
    share = np.where(event, (deaths[:, :-1] - deaths[here, first]) / np.maximum(tied, 1), 0.0)
    with np.errstate(all="ignore"):
        predictor = np.einsum("bnp,bp->bn", rows, beta)
        hazard = np.exp(predictor - predictor.max(axis=1, keepdims=True))
        weighted = hazard[:, :, None] * rows
        died = event[:, :, None]
        total = hazard[:, ::-1].cumsum(axis=1)[:, ::-1][here, first] - share * of_ties(hazard * event)
        sums = weighted[:, ::-1].cumsum(axis=1)[:, ::-1][here, first] - share[:, :, None] * of_ties(weighted * died)
        mean = np.where(died, sums / total[:, :, None], 0.0)
        rate = np.where(event, 1 / total, 0.0)
        exposure = running(rate)[here, last + 1] - event * of_ties(rate * share)
        score = np.where(died, rows, 0.0).sum(axis=1) - mean.sum(axis=1)
        across = (weighted * exposure[:, :, None]).transpose(0, 2, 1)
        return score, across @ rows - mean.transpose(0, 2, 1) @ mean

"""Prognostic factors: Cox models, the landmark analysis of response, proportional hazards, model performance.

The factors are those the analysis plan names; nothing is selected from the data. Each model uses the patients who
have a value for all of its factors and says how many it left out. A factor that nobody has a value for, or that does
not vary, is left out of its model with a reason, so that the others can still be estimated.

References
----------
Cox DR (1972), J R Stat Soc B 34:187-220. Efron B (1977), J Am Stat Assoc 72:557-565.
Anderson JR, Cain KC, Gelber RD (1983), J Clin Oncol 1:710-719 (landmark analysis).
Therneau TM, Grambsch PM (2000), Modeling Survival Data. Harrell FE, Lee KL, Mark DB (1996), Stat Med 15:361-387.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from scipy.special import ndtr

from aice_helpers import partial_likelihood
from aice_helpers.core.reasons import Reason
from aice_helpers.core.seeds import BOOTSTRAP as SEED
from aice_helpers.intervals import normal_quantile
from aice_helpers.masking import masked
from aice_helpers.results import result_table
from aice_helpers.study import RESPONSE_TERM

METHOD_COX = "Cox, Efron ties, Wald limits"
ADJUSTED = "landmark, adjusted"
"""Model of the rows of ``cox`` that adjust the landmark analysis for baseline factors."""
METHOD_JOINT = "likelihood ratio"
METHOD_PH = "score test, Kaplan-Meier transform"
METHOD_CONCORDANCE = "Harrell's C, infinitesimal jackknife limits"
RESAMPLES = 200

_ALL_PAIRS = 400
_NUMBERS_AT_ONCE = 400_000
"""Entries of the design matrices of the resamples that are fitted together."""
_STEPS_TOGETHER = 12
_DECREMENT_DONE = 1e-18
_CURVED = 1e-6
"""Least information for each event, on standardized covariates, that counts as curvature."""

_NO_FACTORS = Reason("not_planned", what="factors")


@masked("cox")
def cox(cohort):
    """Hazard ratios of the plan's prognostic factors, one at a time and together.

    Parameters
    ----------
    cohort : Cohort

    Returns
    -------
    DataFrame
        Result table ``cox``: per endpoint the models ``univariable`` (each of ``prognostic_factors`` alone) and
        ``multivariable`` (all of ``multivariable`` together). A factor has a row of kind ``reference`` and one of kind
        ``level`` for each other level, with the patients and events of the level; a number has one row of kind
        ``numeric``. Their P values are Wald's. Both have a row of kind ``joint`` with the likelihood-ratio test against
        the model without the factor, so that every factor has one test of the same kind. ``estimate`` is the hazard ratio for an increase of ``step``; ``coefficient`` and ``std_error`` are its
        logarithm and the standard error of that. ``excluded`` counts the patients without all values.
    """
    plan = cohort.study.analysis
    rows = []
    for endpoint in cohort.study.endpoints:
        models = [("univariable", _model(cohort, endpoint, [name])) for name in plan.prognostic_factors]
        if plan.multivariable:
            models.append(("multivariable", _model(cohort, endpoint, plan.multivariable)))
        for label, model in models:
            for term in model.terms:
                rows += _term_rows(cohort, model, term, model=label)
    return result_table("cox", rows, reason=_NO_FACTORS)


@masked("cox")
def landmark_cox(cohort):
    """Hazard ratio of response, naively from time zero and by landmark analysis.

    At a landmark only patients still at risk count (time > landmark); a responder is a patient whose response was
    assessed by then. A responder without a date of assessment is left out, for the group is not known.

    Parameters
    ----------
    cohort : Cohort

    Returns
    -------
    DataFrame
        Result table ``cox``: per endpoint the models ``naive`` (response as if known at time zero), ``landmark``
        (one for each of the plan's ``response_landmarks``) and ``landmark, adjusted`` (with the baseline factors of
        the plan's multivariable model; only the rows of response are returned). ``excluded`` counts the patients left
        out, first of all those with time <= landmark; ``later`` those counted as no response at the landmark whose
        response came after it. Empty when the study has no dated response.
    """
    study = cohort.study
    reason = _no_landmark_reason(cohort)
    if reason:
        return result_table("cox", [], reason=reason)
    adjusting = [
        name
        for name in study.analysis.multivariable
        if name != RESPONSE_TERM and study.variables[name].role == "baseline"
    ]
    rows = []
    for endpoint in study.endpoints:
        rows += _response_rows(
            cohort, _model(cohort, endpoint, [RESPONSE_TERM]), "naive", (Reason("biased_from_zero"),)
        )
        analyses = [("landmark", [RESPONSE_TERM], ())]
        if adjusting:
            adjusted_for = (Reason("adjusted_for", variables=adjusting),)
            analyses.append((ADJUSTED, [*adjusting, RESPONSE_TERM], adjusted_for))
        for label, names, reasons in analyses:
            for landmark in study.analysis.response_landmarks:
                at_risk = (cohort.survival(endpoint)["time"] > landmark).to_numpy()
                values = {RESPONSE_TERM: _response_by(cohort, landmark)}
                model = _model(cohort, endpoint, names, values=values, eligible=at_risk)
                undated = int((at_risk & values[RESPONSE_TERM].isna().to_numpy()).sum())
                left_out = (Reason("undated_left_out", count=undated),) if undated else ()
                rows += _response_rows(cohort, model, label, reasons + left_out, landmark=landmark)
    return result_table("cox", rows)


@masked("ph_test")
def ph_test(cohort):
    """Test of proportional hazards for the models of `cox`.

    Parameters
    ----------
    cohort : Cohort

    Returns
    -------
    DataFrame
        Result table ``ph_test``: ``statistic``, ``df`` and ``p_value`` of the score test per factor, and for the
        model ``multivariable`` also for the term ``GLOBAL``.
    """
    plan = cohort.study.analysis
    rows = []
    for endpoint in cohort.study.endpoints:
        for name in plan.prognostic_factors:
            rows += _ph_rows(_model(cohort, endpoint, [name]), "univariable")
        if plan.multivariable:
            rows += _ph_rows(_model(cohort, endpoint, plan.multivariable), "multivariable")
    return result_table("ph_test", rows, reason=_NO_FACTORS)


@masked("model_performance")
def model_performance(cohort, *, resamples=RESAMPLES, seed=SEED):
    """How well the multivariable model separates patients, and how much it asks of the data.

    The optimism of the concordance is the mean, over bootstrap resamples, of the concordance of a model fitted to the
    resample there minus its concordance in the cohort. The model is the one that the plan lists, so a resample
    repeats the fit and no selection.

    Parameters
    ----------
    cohort : Cohort
    resamples : int
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
        rows += _performance_rows(cohort, _model(cohort, endpoint, plan.multivariable), resamples, seed)
    return result_table("model_performance", rows)


@dataclass(frozen=True)
class _Term:
    """One factor of a model. ``columns`` maps a level (or "" for a number) to its column in the design matrix."""

    name: str
    covariate: pd.Series
    levels: tuple[str, ...]
    reference: str
    columns: dict[str, int]
    problem: Reason | None

    @property
    def numeric(self) -> bool:
        return not isinstance(self.covariate.dtype, pd.CategoricalDtype)


@dataclass(frozen=True)
class _Model:
    """The complete cases of some factors and one endpoint. ``excluded`` counts the patients left out."""

    endpoint: str
    terms: tuple[_Term, ...]
    time: np.ndarray
    event: np.ndarray
    design: np.ndarray
    excluded: int

    @property
    def n(self) -> int:
        return len(self.time)

    @property
    def events(self) -> int:
        return int(self.event.sum())

    @cached_property
    def fitted(self) -> partial_likelihood.CoxFit:
        return partial_likelihood.fit(self.time, self.event, self.design)

    @cached_property
    def pairs(self):
        """Patients with an event, and for each whom they can be compared with; None where these would be too many."""
        if self.n > _ALL_PAIRS:
            return None
        time = partial_likelihood.tied_times(self.time)
        died = np.flatnonzero(self.event)
        first = time[died, None]
        return died, ((time > first) | ((time == first) & ~self.event)).astype(float)

    @cached_property
    def problem(self) -> Reason | None:
        """Why nothing of the model can be estimated, or None."""
        if self.n == 0:
            return _not_estimable("no_complete_patient")
        if self.events == 0:
            return _not_estimable("no_events")
        if self.fitted.df > self.events:
            return Reason("too_many_coefficients", coefficients=self.fitted.df, events=self.events)
        return None

    def count(self, term, level):
        """Patients and events in one level."""
        inside = (term.covariate == level).to_numpy(dtype=bool)
        return int(inside.sum()), int(self.event[inside].sum())

    def without(self, term):
        """Fit to the same patients without one factor."""
        keep = [column for column in range(self.design.shape[1]) if column not in term.columns.values()]
        return partial_likelihood.fit(self.time, self.event, self.design[:, keep])

    def why_missing(self, term, level=""):
        """Why a coefficient has no estimate, or None when it has one."""
        if term.problem and (term.numeric or level not in term.columns):
            return self.level_problem(term, level)
        if self.problem:
            return self.problem
        if level not in term.columns:
            return self.level_problem(term, level)
        column = term.columns[level]
        if self.fitted.estimable[column]:
            return None
        if not term.numeric and self.count(term, level)[1] == 0:
            return _not_estimable("no_event_in_level")
        if not term.numeric and self.count(term, term.reference)[1] == 0:
            return _not_estimable("no_event_in_reference")
        if self.fitted.separated[column]:
            return _not_estimable("separated")
        return self.no_variation if self.fitted.aliased[column] else _not_estimable("no_solution")

    @property
    def no_variation(self):
        """Why a coefficient is not determined; beside other factors these may determine it."""
        return _not_estimable("determined_or_no_variation" if len(self.terms) > 1 else "no_variation")

    def level_problem(self, term, level):
        if not term.numeric and not term.problem:
            return _not_estimable("no_patient_in_level")
        return term.problem


def _model(cohort, endpoint, names, *, values=None, eligible=None):
    """The model of some factors. ``values`` replaces covariates by name; ``eligible`` marks the patients considered."""
    outcome = cohort.survival(endpoint)
    columns = {name: cohort.covariate(name) for name in names} | (values or {})
    keep = np.ones(len(outcome), dtype=bool) if eligible is None else eligible.copy()
    known = {name: columns[name].notna().to_numpy() for name in names}
    unknown = {name for name in names if not known[name][keep].any()}
    for name in names:
        # A factor nobody has a value for would leave no complete case, so it does not count for completeness.
        if name not in unknown:
            keep &= known[name]
    terms, design = [], []
    for name in names:
        term, matrix = _term(name, columns[name][keep], sum(part.shape[1] for part in design), name in unknown)
        terms.append(term)
        design.append(matrix)
    return _Model(
        endpoint=endpoint,
        terms=tuple(terms),
        time=outcome["time"].to_numpy()[keep],
        event=outcome["event"].to_numpy()[keep],
        design=np.hstack(design),
        excluded=len(outcome) - int(keep.sum()),
    )


def _term(name, values, first, unknown):
    """One factor and its part of the design matrix, whose columns are numbered from ``first``."""
    nothing = np.zeros((len(values), 0))
    problem = _not_estimable("no_value") if unknown or len(values) == 0 else None
    if not isinstance(values.dtype, pd.CategoricalDtype):
        numbers = values.to_numpy(dtype=float)
        if not problem and np.ptp(numbers) == 0:
            problem = _not_estimable("one_value")
        if problem:
            return _Term(name, values, (), "", {}, problem), nothing
        return _Term(name, values, (), "", {"": first}, None), numbers[:, None]
    levels = tuple(values.cat.categories)
    present = [level for level in levels if (values == level).any()]
    reference = present[0] if present else levels[0]
    if not problem and len(present) == 1:
        problem = _not_estimable("one_level")
    others = [] if problem else present[1:]
    matrix = np.column_stack([(values == level).to_numpy(dtype=float) for level in others]) if others else nothing
    columns = {level: first + place for place, level in enumerate(others)}
    return _Term(name, values, levels, reference, columns, problem), matrix


def _term_rows(cohort, fitted_model, term, *, model, reasons=(), landmark=None):
    """All rows of one factor of a model in the result table ``cox``."""
    base = {
        "endpoint": fitted_model.endpoint,
        "term": term.name,
        "model": model,
        "method": METHOD_COX,
        "excluded": fitted_model.excluded,
        "landmark": landmark,
    }
    if model in ("univariable", "multivariable"):
        variable = cohort.study.variables.get(term.name)
        late = term.name == RESPONSE_TERM or (variable is not None and variable.role == "post-baseline")
        reasons = ((Reason("biased_from_zero"),) if late else ()) + reasons
    if term.numeric:
        step = cohort.study.variables[term.name].step
        estimate = _hazard_ratio(cohort, fitted_model, term, "", step)
        row = base | {"kind": "numeric", "n": fitted_model.n, "events": fitted_model.events, "step": step} | estimate
        rows = [row | {"reasons": estimate["reasons"] + reasons}]
    else:
        rows = _level_rows(cohort, fitted_model, term, base, reasons)
    if landmark is None and model != "naive":
        joint = _joint_test(fitted_model, term)
        row = base | {"kind": "joint", "n": fitted_model.n, "events": fitted_model.events, "method": METHOD_JOINT}
        rows.append(row | joint | {"reasons": joint["reasons"] + reasons})
    return rows


def _level_rows(cohort, fitted_model, term, base, reasons):
    """The reference of a factor and its other levels."""
    rows = []
    for level in term.levels:
        n, events = fitted_model.count(term, level)
        row = base | {"level": level, "n": n, "events": events}
        if level == term.reference:
            moved = () if level == term.levels[0] else (Reason("reference_moved", level=term.levels[0]),)
            rows.insert(0, row | {"kind": "reference", "reasons": moved + reasons})
            continue
        estimate = _hazard_ratio(cohort, fitted_model, term, level, 1.0)
        rows.append(row | {"kind": "level"} | estimate | {"reasons": estimate["reasons"] + reasons})
    return rows


def _response_rows(cohort, model, label, reasons, *, landmark=None):
    term = next(term for term in model.terms if term.name == RESPONSE_TERM)
    rows = _term_rows(cohort, model, term, model=label, reasons=reasons, landmark=landmark)
    if landmark is None:
        return rows
    patients = term.covariate.index
    later = cohort.responder[patients] & (cohort.patients.loc[patients, cohort.study.response.month] > landmark)
    return [row | {"later": int(later.sum())} for row in rows]


def _hazard_ratio(cohort, model, term, level, step):
    """Hazard ratio with its Wald limits and p-value, or the reason why there is none."""
    conf_level = cohort.study.analysis.confidence_level
    empty = {"conf_level": conf_level, "unit": "hazard ratio"}
    why = model.why_missing(term, level)
    if why:
        return empty | {"reasons": (why,)}
    column = term.columns[level]
    coefficient = model.fitted.coefficients[column] * step
    error = model.fitted.std_errors[column] * step
    margin = normal_quantile(conf_level) * error
    with np.errstate(over="ignore"):
        estimate, low, high = np.exp(coefficient + np.array([0, -1, 1]) * margin)
    if not np.isfinite(estimate) or estimate == 0:
        return empty | {"reasons": (Reason("ratio_beyond_computing", step=step),)}
    return empty | {
        "estimate": estimate,
        "conf_low": low,
        "conf_high": high if np.isfinite(high) else None,
        "p_value": 2 * ndtr(-abs(coefficient / error)),
        "coefficient": coefficient,
        "std_error": error,
        "reasons": () if np.isfinite(high) else (Reason("upper_limit_beyond_computing"),),
    }


def _joint_test(model, term):
    """Likelihood-ratio test of a whole factor within its model."""
    why = term.problem or model.problem
    if why:
        return {"reasons": (why,)}
    reduced = model.without(term)
    df = model.fitted.df - reduced.df
    if df == 0:
        return {"reasons": (model.no_variation,)}
    if not (model.fitted.converged and reduced.converged):
        return {"reasons": (_not_estimable("no_solution"),)}
    statistic = max(2 * (model.fitted.log_likelihood - reduced.log_likelihood), 0.0)
    test = partial_likelihood.ChiSquare(statistic, df)
    limit = model.fitted.separated[list(term.columns.values())].any()
    at_limit = (Reason("test_at_limit"),) if limit else ()
    return _chi_square(test, *at_limit) | {"reasons": at_limit}


def _ph_rows(model, label):
    base = {
        "endpoint": model.endpoint,
        "model": label,
        "n": model.n,
        "events": model.events,
        "method": METHOD_PH,
    }
    names = [term.name for term in model.terms] + (["GLOBAL"] if label == "multivariable" else [])
    if model.problem:
        problems = [term.problem or model.problem for term in model.terms] + [model.problem]
        return [base | {"term": name, "reasons": (why,)} for name, why in zip(names, problems, strict=False)]
    tests, overall = partial_likelihood.proportional_hazards_test(
        model.fitted, model.time, model.event, model.design, [list(term.columns.values()) for term in model.terms]
    )
    rows = []
    for term, test in zip(model.terms, tests, strict=True):
        reasons = [model.why_missing(term, level) for level in term.columns] or [term.problem]
        why = next((reason for reason in reasons if reason), _not_estimable("few_event_times"))
        rows.append(base | {"term": term.name} | _chi_square(test, why))
    if label == "multivariable":
        partial = bool(model.fitted.separated.any())
        why = _not_estimable("few_event_times" if model.fitted.estimable.any() else "no_coefficient")
        row = base | {"term": "GLOBAL"} | _chi_square(overall, why)
        if partial and np.isfinite(overall.statistic):
            row["reasons"] = (Reason("without_inestimable"),)
        rows.append(row)
    return rows


def _performance_rows(cohort, model, resamples, seed):
    base = {
        "endpoint": model.endpoint,
        "model": "multivariable",
        "n": model.n,
        "events": model.events,
        "excluded": model.excluded,
    }
    fitted, df = model.fitted, model.fitted.df
    why = model.problem or (None if df else _not_estimable("no_factor_varies"))
    unbounded = None if fitted.converged else _not_estimable("no_solution")
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
    if not missing:
        concordance |= _concordance(cohort, model)
        corrected |= _corrected_concordance(model, resamples, seed)
    rows = [per_variable, concordance, corrected]
    for term, test in (("likelihood ratio", fitted.likelihood_ratio), ("Wald", fitted.wald), ("score", fitted.score)):
        tested = (
            {"reasons": (why,)} if why else _chi_square(test, unbounded or _not_estimable("coefficient_without_limit"))
        )
        rows.append({"term": term, "method": f"{term} test"} | tested)
    return [base | row for row in rows]


def _concordance(cohort, model):
    risk = model.fitted.linear_predictor(model.design)
    estimate, error = partial_likelihood.concordance(model.time, model.event, risk)
    if not np.isfinite(estimate):
        return {"reasons": (_not_estimable("no_pairs"),)}
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
    apparent = partial_likelihood.concordance_estimate(
        model.time, model.event, model.fitted.linear_predictor(model.design)
    )
    if not np.isfinite(apparent):
        return {"reasons": (_not_estimable("no_pairs"),)}
    rng = np.random.default_rng(seed)
    drawn = [np.sort(rng.integers(0, model.n, model.n)) for _ in range(resamples)]
    optimism = []
    for chosen, risk in zip(drawn, _resampled_risks(model, drawn), strict=True):
        if risk is not None:
            inside, outside = _inside_and_outside(model, chosen, risk)
            if np.isfinite(inside):
                optimism.append(inside - outside)
    if len(optimism) < resamples / 2 or not optimism:
        return {"reasons": (_not_estimable("few_resamples"),)}
    skipped = resamples - len(optimism)
    return {
        "estimate": apparent - float(np.mean(optimism)),
        "reasons": (Reason("resamples_left_out", count=skipped),) if skipped else (),
    }


def _inside_and_outside(model, chosen, risk):
    """Concordance of a resample, and of the whole cohort, with the risks a model gives to each patient of the cohort."""
    if model.pairs is None:
        estimate = partial_likelihood.concordance_estimate
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
        arrived[going] = curved & (np.einsum("bp,bp->b", score, step) < _DECREMENT_DONE)
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


def _chi_square(test, *why):
    if not np.isfinite(test.statistic) or test.df == 0:
        return {"reasons": why}
    return {"statistic": test.statistic, "df": test.df, "p_value": test.p_value}


def _no_landmark_reason(cohort):
    study = cohort.study
    if study.response is None:
        return Reason("not_declared", what="dated_response")
    month = study.response.month
    if not month:
        return Reason("not_declared", what="response_date")
    if month not in cohort.patients or not pd.api.types.is_float_dtype(cohort.patients[month]):
        return Reason("date_not_numeric")
    if not study.analysis.response_landmarks:
        return Reason("not_planned", what="landmarks")
    return None


def _response_by(cohort, landmark):
    """Response assessed by the landmark; missing for a responder without a date."""
    month = cohort.patients[cohort.study.response.month]
    response = cohort.covariate(RESPONSE_TERM)
    levels = response.cat.categories
    codes = np.where(cohort.responder & (month <= landmark), 1, 0)
    codes = np.where(cohort.responder & month.isna(), -1, codes)
    return pd.Series(pd.Categorical.from_codes(codes, levels, ordered=True), index=response.index)


def _not_estimable(cause):
    return Reason("not_estimable", cause=cause)

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

import numpy as np
from scipy.special import ndtr

from aice_helpers.core.intervals import normal_quantile
from aice_helpers.core.reasons import Reason
from aice_helpers.core.results import result_table
from aice_helpers.stats import partial_likelihood
from aice_helpers.stats.models import chi_square, model_of, no_models, not_estimable_reason
from aice_helpers.study.model import RESPONSE_TERM

METHOD_COX = "Cox, Efron ties, Wald limits"

METHOD_JOINT = "likelihood ratio"


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
        models = [("univariable", model_of(cohort, endpoint, [name])) for name in plan.prognostic_factors]
        if plan.multivariable:
            models.append(("multivariable", model_of(cohort, endpoint, plan.multivariable)))
        for label, model in models:
            for term in model.terms:
                rows += _term_rows(cohort, model, term, model=label)
    return result_table("cox", rows, reason=no_models(cohort))


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
    reasons += fitted_model.reasons
    if model in ("univariable", "multivariable"):
        late = cohort.study.known_later(term.name)
        reasons = ((Reason("biased_from_zero"),) if late else ()) + reasons
    if term.numeric:
        step = cohort.study.variables[term.name].step
        estimate = hazard_ratio(cohort, fitted_model, term, "", step)
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
        estimate = hazard_ratio(cohort, fitted_model, term, level, 1.0)
        rows.append(row | {"kind": "level"} | estimate | {"reasons": estimate["reasons"] + reasons})
    return rows


def response_rows(cohort, model, label, reasons, *, landmark=None):
    term = next(term for term in model.terms if term.name == RESPONSE_TERM)
    rows = _term_rows(cohort, model, term, model=label, reasons=reasons, landmark=landmark)
    if landmark is None:
        return rows
    patients = term.covariate.index
    later = cohort.responder[patients] & (cohort.patients.loc[patients, cohort.study.response.month] > landmark)
    return [row | {"later": int(later.sum())} for row in rows]


def hazard_ratio(cohort, model, term, level, step):
    """Hazard ratio with its Wald limits and P value, or the reason why there is none."""
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
        return {"reasons": (not_estimable_reason("no_solution"),)}
    statistic = max(2 * (model.fitted.log_likelihood - reduced.log_likelihood), 0.0)
    test = partial_likelihood.ChiSquare(statistic, df)
    limit = model.fitted.separated[list(term.columns.values())].any()
    at_limit = (Reason("test_at_limit"),) if limit else ()
    return chi_square(test, *at_limit) | {"reasons": at_limit}

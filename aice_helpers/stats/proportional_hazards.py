"""Tests of proportional hazards for the fitted models."""

import numpy as np

from aice_helpers.core.reasons import Reason
from aice_helpers.core.results import result_table
from aice_helpers.stats import ph_score
from aice_helpers.stats.models import chi_square, model_of, no_models, not_estimable_reason
from aice_helpers.stats.samples import outcome_reasons

METHOD_PH = "score test, Kaplan-Meier transform"


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
            rows += ph_rows(model_of(cohort, endpoint, [name]), "univariable")
        if plan.multivariable:
            rows += ph_rows(model_of(cohort, endpoint, plan.multivariable), "multivariable")
    rows = [row | {"reasons": row["reasons"] + outcome_reasons(cohort, row["endpoint"])} for row in rows]
    return result_table("ph_test", rows, reason=no_models(cohort))


def ph_rows(model, label):
    """Rows of the table ``ph_test`` of one model, which is called ``label`` there."""
    base = {
        "endpoint": model.endpoint,
        "model": label,
        "n": model.n,
        "events": model.events,
        "method": METHOD_PH,
        "reasons": (),
    }
    names = [term.name for term in model.terms] + (["GLOBAL"] if label == "multivariable" else [])
    if model.problem:
        problems = [term.problem or model.problem for term in model.terms] + [model.problem]
        return [base | {"term": name, "reasons": (why,)} for name, why in zip(names, problems, strict=False)]
    tests, overall = ph_score.proportional_hazards_test(
        model.fitted,
        model.time,
        model.event,
        model.design,
        [list(term.columns.values()) for term in model.terms],
        entry=model.entry,
        strata=model.strata,
    )
    rows = []
    for term, test in zip(model.terms, tests, strict=True):
        reasons = [model.why_missing(term, level) for level in term.columns] or [term.problem]
        why = next((reason for reason in reasons if reason), not_estimable_reason("few_event_times"))
        rows.append(base | {"term": term.name} | chi_square(test, why))
    if label == "multivariable":
        partial = bool(model.fitted.separated.any())
        why = not_estimable_reason("few_event_times" if model.fitted.estimable.any() else "no_coefficient")
        row = base | {"term": "GLOBAL"} | chi_square(overall, why)
        if partial and np.isfinite(overall.statistic):
            row["reasons"] = (Reason("without_inestimable"),)
        rows.append(row)
    return rows

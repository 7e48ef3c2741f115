"""The response as a factor from a landmark on."""

import numpy as np
import pandas as pd

from aice_helpers.core.reasons import Reason
from aice_helpers.core.results import result_table
from aice_helpers.stats.cox import response_rows
from aice_helpers.stats.models import model_of
from aice_helpers.stats.samples import NO_ENDPOINTS
from aice_helpers.study.model import RESPONSE_TERM

ADJUSTED = "landmark, adjusted"
"""Model of the rows of ``cox`` that adjust the landmark analysis for baseline factors."""


def landmark_cox(cohort):
    """Hazard ratio of response, naively from time zero and by landmark analysis.

    At a landmark only patients at risk count (time > landmark, and with delayed entry entry <= landmark); a responder is a patient whose response was
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
        rows += response_rows(
            cohort, model_of(cohort, endpoint, [RESPONSE_TERM]), "naive", (Reason("biased_from_zero"),)
        )
        analyses = [("landmark", [RESPONSE_TERM], ())]
        if adjusting:
            adjusted_for = (Reason("adjusted_for", variables=adjusting),)
            analyses.append((ADJUSTED, [*adjusting, RESPONSE_TERM], adjusted_for))
        for label, names, reasons in analyses:
            followed = cohort.followed(endpoint)
            for landmark in study.analysis.response_landmarks:
                at_risk = _observed_at(followed.outcome(endpoint), landmark)
                values = {RESPONSE_TERM: _response_by(followed, landmark)}
                model = model_of(cohort, endpoint, names, values=values, eligible=at_risk)
                undated = int((at_risk & values[RESPONSE_TERM].isna().to_numpy()).sum())
                left_out = (Reason("undated_left_out", count=undated),) if undated else ()
                rows += response_rows(cohort, model, label, reasons + left_out, landmark=landmark)
    return result_table("cox", rows, reason=NO_ENDPOINTS)


def _observed_at(outcome, landmark):
    """Who is under observation at a landmark: entered by then and followed beyond it."""
    entered = True if outcome.entry is None else outcome.entry <= landmark
    return (outcome.time > landmark) & entered


def _no_landmark_reason(cohort):
    study = cohort.study
    if study.response is None:
        return Reason("not_declared", what="dated_response")
    month = study.response.month
    if not month:
        return Reason("not_declared", what="response_date")
    if month not in cohort.patients or not pd.api.types.is_float_dtype(cohort.column(month)):
        return Reason("date_not_numeric")
    if not study.analysis.response_landmarks:
        return Reason("not_planned", what="landmarks")
    return None


def _response_by(cohort, landmark):
    """Response assessed by the landmark; missing for a responder without a date."""
    month = cohort.column(cohort.study.response.month)
    response = cohort.covariate(RESPONSE_TERM)
    levels = response.cat.categories
    codes = np.where(cohort.responder & (month <= landmark), 1, 0)
    codes = np.where(cohort.responder & month.isna(), -1, codes)
    return pd.Series(pd.Categorical.from_codes(codes, levels, ordered=True), index=response.index)

"""Time-to-event estimates: Kaplan-Meier curves, medians, rates, follow-up, restricted means and log-rank tests.

A grouped call names a baseline variable; its levels keep their display order, levels without patients are skipped and
patients without a value are left out (and counted in ``reasons``). Numbers agree with R's `survival` package.

References
----------
Kaplan EL, Meier P (1958), J Am Stat Assoc 53:457-481. Greenwood M (1926), Reports on Public Health and Medical
Subjects 33. Brookmeyer R, Crowley J (1982), Biometrics 38:29-41 (limits of the median). Schemper M, Smith TL (1996),
Control Clin Trials 17:343-346 (reverse Kaplan-Meier). Mantel N (1966), Cancer Chemother Rep 50:163-170 (log-rank).
Klein JP, Moeschberger ML (2003), Survival Analysis, 2nd ed., sections 4.2-4.5 and 7.3.
"""

import numpy as np
import pandas as pd

from aice_helpers.core.intervals import normal_quantile
from aice_helpers.core.reasons import Reason
from aice_helpers.core.results import CRUDE, KAPLAN_MEIER, result_table
from aice_helpers.stats.kaplan_meier import (
    CONF_TYPES,
    NAN,
    SPSS,
    band_limits,
    crude_proportion,
    median_interval,
    rate_at,
    restricted_mean,
)
from aice_helpers.stats.samples import no_patients_reason, samples_of, whole_curve


def survival_curve(cohort, *, group="", conf_type="log-log"):
    """Kaplan-Meier curves of every endpoint, one row a distinct time.

    Parameters
    ----------
    cohort : Cohort
    group : str
        A baseline variable, or "" for everyone together.
    conf_type : {"log-log", "log", "plain"}
        Scale on which the pointwise limits are symmetric.

    Returns
    -------
    DataFrame
        The table ``survival_curve``. The first row of each curve stands at time 0 with everyone at risk; it also
        holds the events and censorings of time 0 itself, so ``estimate`` is always the share surviving *beyond* the
        row's time. ``std_error`` is Greenwood's error of the survival probability. As in R, error and limits are
        missing where the curve is 0, and log-log limits also while it is still 1.

    Raises
    ------
    ValueError
        For an unknown ``conf_type`` or a variable that cannot form groups at time zero (see `survival_summary`).
    """
    if conf_type not in CONF_TYPES:
        raise ValueError(f"conf_type is one of {', '.join(CONF_TYPES)}, not {conf_type!r}")
    level = cohort.study.analysis.confidence_level
    frames = []
    for endpoint, stratum in samples_of(cohort, group):
        curve = stratum.curve
        low, high = band_limits(curve, normal_quantile(level), conf_type)
        columns = {
            "time": curve.time,
            "at_risk": curve.at_risk,
            "events": curve.events,
            "censored": curve.censored,
            "estimate": curve.survival,
            "std_error": curve.std_error,
            "conf_low": low,
            "conf_high": high,
        }
        frames.append(
            pd.DataFrame(columns).assign(
                endpoint=endpoint,
                group=group,
                level=stratum.level,
                conf_level=level,
                method=f"Kaplan-Meier, {conf_type} limits",
            )
        )
    rows = pd.concat(frames, ignore_index=True) if frames else []
    return result_table("survival_curve", rows, reason=no_patients_reason(cohort, group))


def survival_summary(cohort, *, group=""):
    """Median survival by four conventions: SPSS, then R's plain, log and log-log.

    SPSS reports the first time at which the curve is at most one half and takes the limits from a density estimate
    around it (with the quantile of the level, exactly 1.96 for 95%). R inverts the pointwise limits
    and, where the curve runs exactly at one half, reports the middle of that stretch.

    Parameters
    ----------
    cohort : Cohort
    group : str
        A baseline variable (categories, or a number with cut-points in the analysis plan), or "" for everyone.

    Returns
    -------
    DataFrame
        The table ``survival_summary``: term "median", one row an endpoint, level and method, in the study's time
        unit. A median or limit that is not reached is missing, and ``reasons`` says so.

    Raises
    ------
    ValueError
        When the variable is the response, another outcome or of role ``post-baseline`` (patients must live long
        enough to respond, so groups formed by it cannot be compared from time zero), is not declared, or forms no
        groups.
    """
    confidence = cohort.study.analysis.confidence_level
    rows = []
    for endpoint, stratum in samples_of(cohort, group):
        curve = stratum.curve
        for method in (SPSS, *CONF_TYPES):
            estimate, low, high, remark = median_interval(curve, confidence, method)
            rows.append(
                {
                    "endpoint": endpoint,
                    "group": group,
                    "term": "median",
                    "level": stratum.level,
                    "n": curve.n,
                    "events": int(curve.events.sum()),
                    "estimate": estimate,
                    "conf_low": low,
                    "conf_high": high,
                    "conf_level": confidence,
                    "method": method,
                    "unit": cohort.study.time_unit,
                    "reasons": remark + stratum.reasons,
                }
            )
    return result_table("survival_summary", rows, reason=no_patients_reason(cohort, group))


def survival_at(cohort, *, group="", times=None):
    """Survival at fixed times: Kaplan-Meier with three kinds of limits, and the crude proportion beside it.

    The Kaplan-Meier rate at 24 counts events *at* 24. The crude proportion is the share of all patients known to be
    event-free at the time: those followed longer and those censored at that very time. It counts everyone censored
    before then as a failure, and ``reasons`` says how many.

    Parameters
    ----------
    cohort : Cohort
    group : str
        As in `survival_summary`.
    times : sequence of float, optional
        In the study's unit; the plan's landmark times when left out.

    Returns
    -------
    DataFrame
        The table ``survival_at``: term "survival", methods "Kaplan-Meier, log-log", "... log", "... plain" and "crude
        proportion, Clopper-Pearson". ``events`` counts up to and including ``time``, ``at_risk`` the patients with at
        least that time. A time beyond the last observation is not estimable unless the curve has reached 0.

    Raises
    ------
    ValueError
        As in `survival_summary`, and for a negative or infinite time.
    """
    confidence = cohort.study.analysis.confidence_level
    times = cohort.study.analysis.rate_times if times is None else tuple(float(time) for time in times)
    if any(not 0 <= time < np.inf for time in times):
        raise ValueError("a time lies at or after time zero")
    rows = []
    for endpoint, stratum in samples_of(cohort, group):
        curve = stratum.curve
        for time in times:
            shared = {
                "endpoint": endpoint,
                "group": group,
                "term": "survival",
                "level": stratum.level,
                "n": curve.n,
                "events": int(curve.events[curve.time <= time].sum()),
                "conf_level": confidence,
                "time": time,
                "at_risk": curve.at_risk_at(time),
            }
            for conf_type in reversed(CONF_TYPES):
                estimate, low, high, remark = rate_at(curve, time, confidence, conf_type)
                rows.append(
                    shared
                    | {
                        "estimate": estimate,
                        "conf_low": low,
                        "conf_high": high,
                        "method": KAPLAN_MEIER[conf_type],
                        "reasons": remark + stratum.reasons,
                    }
                )
            estimate, low, high, remark = crude_proportion(curve, time, confidence)
            rows.append(
                shared
                | {
                    "estimate": estimate,
                    "conf_low": low,
                    "conf_high": high,
                    "method": CRUDE,
                    "reasons": remark + stratum.reasons,
                }
            )
    planned = times or not cohort.study.endpoints
    reason = no_patients_reason(cohort, group) if planned else Reason("not_planned", what="times")
    return result_table("survival_at", rows, reason=reason)


def follow_up(cohort):
    """Length of follow-up: reverse Kaplan-Meier median, and the times of the censored patients as observed.

    Returns
    -------
    DataFrame
        The table ``follow_up``, three rows an endpoint: terms "median follow-up" (all patients; censoring is the event
        of the reversed curve; log-log limits), "median of censored times" and "longest censored time" (``n`` is the
        number of censored patients). ``events`` counts the endpoint's own events among the ``n``.
    """
    confidence = cohort.study.analysis.confidence_level
    rows = []
    for endpoint, stratum in samples_of(cohort, ""):
        curve = stratum.curve
        censored = stratum.time[stratum.outcome.cause <= 0]
        reverse = stratum.reversed_curve
        none = (Reason("nobody_censored"),)
        estimate, low, high, remark = median_interval(reverse, confidence, "log-log", reversed_curve=True)
        shared = {"endpoint": endpoint, "unit": cohort.study.time_unit}
        rows.append(
            shared
            | {
                "term": "median follow-up",
                "n": curve.n,
                "events": int(curve.events.sum()),
                "estimate": estimate,
                "conf_low": low,
                "conf_high": high,
                "conf_level": confidence,
                "method": "reverse Kaplan-Meier, log-log limits",
                "reasons": (remark if len(censored) else none) + stratum.reasons,
            }
        )
        for term, value in (("median of censored times", np.median), ("longest censored time", np.max)):
            rows.append(
                shared
                | {
                    "term": term,
                    "n": len(censored),
                    "events": 0,
                    "estimate": float(value(censored)) if len(censored) else NAN,
                    "method": "observed among the censored",
                    "reasons": () if len(censored) else none,
                }
            )
    return result_table("follow_up", rows, reason=no_patients_reason(cohort, ""))


def rmst(cohort, *, group="", horizon=None):
    """Restricted mean survival time: the area under the Kaplan-Meier curve up to a horizon.

    Parameters
    ----------
    cohort : Cohort
    group : str
        As in `survival_summary`.
    horizon : float, optional
        In the study's unit. When left out: the plan's horizon, or else its last landmark time, lowered to the last
        observation of the endpoint where the whole cohort's curve ends earlier. All levels share the horizon.

    Returns
    -------
    DataFrame
        The table ``rmst``: term "restricted mean", horizon in ``time``, events up to it in ``events``. ``std_error`` is
        the Greenwood-type error (that of R's ``survmean``); the limits are normal and stay within 0 and the horizon.
        A level whose follow-up ends before the horizon, with patients still event-free, is not estimable.

    Raises
    ------
    ValueError
        As in `survival_summary`, and for a horizon that is not above 0.
    """
    plan = cohort.study.analysis
    planned = horizon
    if horizon is None:
        planned = plan.rmst_horizon if plan.rmst_horizon is not None else max(plan.rate_times, default=None)
    elif not 0 < horizon < np.inf:
        raise ValueError("a horizon lies after time zero")
    z = normal_quantile(plan.confidence_level)
    rows = []
    for endpoint, stratum in samples_of(cohort, group) if planned is not None else ():
        curve, unit = stratum.curve, cohort.study.time_unit
        at, lowered = float(planned), ()
        if horizon is None:
            whole = whole_curve(cohort, endpoint)
            if whole.survival[-1] > 0 and whole.time[-1] < planned:
                at = float(whole.time[-1])
                lowered = (Reason("horizon_lowered", planned=planned),)
        estimate, error, remark = restricted_mean(curve, at)
        rows.append(
            {
                "endpoint": endpoint,
                "group": group,
                "term": "restricted mean",
                "level": stratum.level,
                "n": curve.n,
                "events": int(curve.events[curve.time <= at].sum()),
                "estimate": estimate,
                "conf_low": max(0.0, estimate - z * error) if error > 0 else NAN,
                "conf_high": min(at, estimate + z * error) if error > 0 else NAN,
                "conf_level": plan.confidence_level,
                "method": "area under Kaplan-Meier, Greenwood-type error",
                "unit": unit,
                "reasons": remark + lowered + stratum.reasons,
                "time": at,
                "std_error": error,
            }
        )
    unplanned = planned is None and cohort.study.endpoints
    reason = Reason("not_planned", what="horizon") if unplanned else no_patients_reason(cohort, group)
    return result_table("rmst", rows, reason=reason)

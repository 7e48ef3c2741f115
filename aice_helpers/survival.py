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

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import chdtrc

from aice_helpers.core.reasons import Reason
from aice_helpers.intervals import clopper_pearson, normal_quantile
from aice_helpers.masking import masked
from aice_helpers.results import CRUDE, KAPLAN_MEIER, result_table
from aice_helpers.study import RESPONSE_TERM

CONF_TYPES = ("plain", "log", "log-log")
SPSS = "SPSS"
TIE = float(np.sqrt(np.finfo(float).eps))
"""Two survival probabilities closer than this are equal (R's tolerance): 0.5000000000000002 is one half."""

_NAN = float("nan")


@masked("survival_curve")
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
    for endpoint, stratum in _samples(cohort, group):
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
    return result_table("survival_curve", rows, reason=_no_patients(cohort, group))


@masked("survival_summary")
def survival_summary(cohort, *, group=""):
    """Median survival by four conventions: SPSS, then R's plain, log and log-log.

    SPSS reports the first time at which the curve is at most one half and takes the limits from a density estimate
    around it (with the quantile of the level, exactly 1.96 for 95%); simulated for about a hundred patients, they cover the truth less
    often than they say (in 91 to 92 of 100 samples). R inverts the pointwise limits and, where the curve runs exactly at one half,
    reports the middle of that stretch.

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
    for endpoint, stratum in _samples(cohort, group):
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
    return result_table("survival_summary", rows, reason=_no_patients(cohort, group))


@masked("survival_at")
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
    times = cohort.study.analysis.landmark_times if times is None else tuple(float(time) for time in times)
    if any(not 0 <= time < np.inf for time in times):
        raise ValueError("a time lies at or after time zero")
    rows = []
    for endpoint, stratum in _samples(cohort, group):
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
                estimate, low, high, remark = _rate(curve, time, confidence, conf_type)
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
            estimate, low, high, remark = _crude(curve, time, confidence)
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
    reason = _no_patients(cohort, group) if times else Reason("not_planned", what="times")
    return result_table("survival_at", rows, reason=reason)


@masked("follow_up")
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
    for endpoint, stratum in _samples(cohort, ""):
        curve = stratum.curve
        censored = np.repeat(curve.time, curve.censored)
        reverse = kaplan_meier(*_reversed(curve))
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
                "reasons": remark if len(censored) else none,
            }
        )
        for term, value in (("median of censored times", np.median), ("longest censored time", np.max)):
            rows.append(
                shared
                | {
                    "term": term,
                    "n": len(censored),
                    "events": 0,
                    "estimate": float(value(censored)) if len(censored) else _NAN,
                    "method": "observed among the censored",
                    "reasons": () if len(censored) else none,
                }
            )
    return result_table("follow_up", rows, reason=_no_patients(cohort, ""))


@masked("rmst")
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
        planned = plan.rmst_horizon if plan.rmst_horizon is not None else max(plan.landmark_times, default=None)
    elif not 0 < horizon < np.inf:
        raise ValueError("a horizon lies after time zero")
    z = normal_quantile(plan.confidence_level)
    rows = []
    for endpoint, stratum in _samples(cohort, group) if planned is not None else ():
        curve, unit = stratum.curve, cohort.study.time_unit
        at, lowered = float(planned), ()
        if horizon is None:
            whole = _whole(cohort, endpoint)
            if whole.survival[-1] > 0 and whole.time[-1] < planned:
                at = float(whole.time[-1])
                lowered = (Reason("horizon_lowered", planned=planned),)
        estimate, error, remark = _restricted_mean(curve, at)
        rows.append(
            {
                "endpoint": endpoint,
                "group": group,
                "term": "restricted mean",
                "level": stratum.level,
                "n": curve.n,
                "events": int(curve.events[curve.time <= at].sum()),
                "estimate": estimate,
                "conf_low": max(0.0, estimate - z * error) if error > 0 else _NAN,
                "conf_high": min(at, estimate + z * error) if error > 0 else _NAN,
                "conf_level": plan.confidence_level,
                "method": "area under Kaplan-Meier, Greenwood-type error",
                "unit": unit,
                "reasons": remark + lowered + stratum.reasons,
                "time": at,
                "std_error": error,
            }
        )
    reason = Reason("not_planned", what="horizon")
    return result_table("rmst", rows, reason=reason if planned is None else _no_patients(cohort, group))


@masked("logrank")
def logrank(cohort, *, groups=None):
    """Log-rank tests of every endpoint between the levels of each grouping variable.

    Parameters
    ----------
    cohort : Cohort
    groups : sequence of str, optional
        Variable names; the groups of the analysis plan when left out.

    Returns
    -------
    DataFrame
        The table ``logrank``: term "log-rank"; per endpoint and group one row a level (patients, observed and expected
        events) and then the test, with level "". The test is missing, with a reason, when fewer than two levels hold
        patients at risk, when there is no event, or when the plan groups by what is known
        only later.

    Raises
    ------
    ValueError
        As in `survival_summary`, for a variable named in ``groups``.
    """
    names = cohort.study.analysis.groups if groups is None else tuple(groups)
    rows = []
    for endpoint in cohort.study.endpoints:
        for group in names:
            shared = {"endpoint": endpoint, "group": group, "term": "log-rank", "method": "log-rank"}
            if groups is None and _is_known_later(cohort, group):
                rows.append(shared | {"reasons": (Reason("known_later"),)})
                continue
            rows += [shared | row for row in _logrank_rows(_strata(cohort, endpoint, group))]
    return result_table("logrank", rows, reason=Reason("not_planned", what="groups"))


def plan_groups(cohort):
    """Names of the plan's groups that may be compared from time zero (outcomes and what is known only later may not)."""
    return tuple(name for name in cohort.study.analysis.groups if not _is_known_later(cohort, name))


def at_risk(curve, times):
    """Numbers at risk at given times, as printed under a figure: patients with at least that time.

    Parameters
    ----------
    curve : DataFrame
        Rows of one endpoint and level from `survival_curve`.
    times : sequence of float

    Returns
    -------
    list of int

    Examples
    --------
    >>> curve = pd.DataFrame({"time": [0.0, 6.0, 12.0, 24.0], "at_risk": [4, 4, 3, 1]})
    >>> at_risk(curve, [0, 6, 12, 24, 36])
    [4, 4, 3, 1, 0]
    """
    counts = [*curve["at_risk"].astype(int), 0]
    return [int(counts[place]) for place in np.searchsorted(curve["time"].to_numpy(), times)]


@dataclass(frozen=True)
class _Curve:
    """A Kaplan-Meier curve at time 0 and every distinct time; ``variance`` is Greenwood's sum d / (n (n - d))."""

    n: int
    time: np.ndarray
    at_risk: np.ndarray
    events: np.ndarray
    censored: np.ndarray
    survival: np.ndarray
    variance: np.ndarray

    @property
    def std_error(self):
        return self.survival * np.sqrt(self.variance)

    def at_risk_at(self, time):
        place = int(np.searchsorted(self.time, time))
        return int(self.at_risk[place]) if place < len(self.time) else 0

    def ends_before(self, time):
        """Whether the curve says nothing at ``time``: the last observation lies before it and some are event-free."""
        return time > self.time[-1] and self.survival[-1] > 0


@dataclass(frozen=True)
class _Stratum:
    level: str
    reasons: tuple[Reason, ...]
    time: np.ndarray
    event: np.ndarray

    @property
    def curve(self):
        return kaplan_meier(self.time, self.event)


def kaplan_meier(time, event):
    """The `_Curve` of times (array, the study's unit) and events (bool array)."""
    # Time 0 is a row of its own even when nobody is observed there.
    distinct, place = np.unique(np.append(time, 0.0), return_inverse=True)
    place = place[:-1]
    total = np.bincount(place, minlength=len(distinct))
    events = np.bincount(place[event], minlength=len(distinct))
    at_risk = len(time) - np.concatenate(([0], np.cumsum(total)[:-1]))
    left = at_risk - events
    survival = np.cumprod(left / at_risk)
    terms = np.divide(events, at_risk * left, out=np.full(len(distinct), _NAN), where=left > 0)
    return _Curve(len(time), distinct, at_risk, events, total - events, survival, np.cumsum(terms))


def _reversed(curve):
    time = np.concatenate([np.repeat(curve.time, curve.events), np.repeat(curve.time, curve.censored)])
    return time, np.arange(len(time)) >= curve.events.sum()


def _whole(cohort, endpoint):
    outcome = cohort.survival(endpoint)
    return kaplan_meier(outcome["time"].to_numpy(float), outcome["event"].to_numpy(bool))


def _is_known_later(cohort, name):
    variable = cohort.study.variables.get(name)
    return name == RESPONSE_TERM or (variable is not None and variable.role in ("outcome", "post-baseline"))


def _strata(cohort, endpoint, group):
    """Samples of one endpoint by level of ``group``, in display order, without empty levels."""
    outcome = cohort.survival(endpoint)
    time, event = outcome["time"].to_numpy(float), outcome["event"].to_numpy(bool)
    if not group:
        return [_Stratum("", (), time, event)] if len(time) else []
    if _is_known_later(cohort, group):
        raise ValueError(
            f"{group!r} is known only after time zero, so its groups cannot be compared from time zero on; "
            "use a landmark analysis"
        )
    if group not in cohort.study.variables or group not in cohort.patients:
        raise ValueError(f"{group!r} is no variable of the patient table")
    values = cohort.groups(group)
    if not isinstance(values.dtype, pd.CategoricalDtype):
        raise ValueError(f"{group!r} forms no groups: it is no category and the analysis plan gives no cut-points")
    codes = values.cat.codes.to_numpy()
    missing = int((codes < 0).sum())
    reasons = (Reason("missing_left_out", count=missing, variable=group),) if missing else ()
    return [
        _Stratum(str(level), reasons, time[codes == code], event[codes == code])
        for code, level in enumerate(values.cat.categories)
        if (codes == code).any()
    ]


def _samples(cohort, group):
    return [(endpoint, stratum) for endpoint in cohort.study.endpoints for stratum in _strata(cohort, endpoint, group)]


def _no_patients(cohort, group):
    if not group or not cohort.n:
        return Reason("no_patients")
    return Reason("nobody_has_value", variable=group)


def band_limits(curve, z, conf_type):
    """Pointwise limits of the survival probability, missing where it is 0 and, for log-log, where it is 1."""
    survival, error = curve.survival, np.sqrt(curve.variance)
    if conf_type == "plain":
        half = z * survival * error
        return np.maximum(survival - half, 0.0), np.minimum(survival + half, 1.0)
    known = (survival > 0) if conf_type == "log" else (survival > 0) & (survival < 1)
    logarithm = np.log(np.where(known, survival, 0.5))
    if conf_type == "log":
        low, high = np.exp(logarithm - z * error), np.minimum(np.exp(logarithm + z * error), 1.0)
    else:
        factor = np.exp(z * error / -logarithm)
        low, high = np.exp(logarithm * factor), np.exp(logarithm / factor)
    return np.where(known, low, _NAN), np.where(known, high, _NAN)


def _half_time(time, curve):
    """First time ``curve`` is at most one half; the middle of the stretch where it stays exactly there (R's rule)."""
    reached = curve < 0.5 + TIE
    if not reached.any():
        return _NAN
    time, curve = time[reached], curve[reached]
    below = curve < curve[0]
    if abs(curve[0] - 0.5) < TIE and below.any():
        return float(time[0] + time[below.argmax()]) / 2
    return float(time[0])


def median_interval(curve, confidence, method, *, reversed_curve=False):
    """Median, lower and upper limit, and the reasons for what is missing; ``reversed_curve`` is one of censoring."""
    if method == SPSS:
        return _spss_median(curve, confidence)
    estimate = _half_time(curve.time, curve.survival)
    low, high = (_half_time(curve.time, limit) for limit in band_limits(curve, normal_quantile(confidence), method))
    if np.isnan(estimate):
        return estimate, low, high, _not_reached(curve, "reversed_above_half" if reversed_curve else "above_half")
    missing = [name for name, limit in (("lower", low), ("upper", high)) if np.isnan(limit)]
    if len(missing) == 2:
        return estimate, low, high, (Reason("limits_not_estimable", cause="not_crossed"),)
    return estimate, low, high, tuple(Reason("limit_not_reached", limit=name) for name in missing)


def _not_reached(curve, cause):
    return (Reason("not_reached", cause=cause if curve.events.any() else "no_events"),)


def _spss_median(curve, confidence):
    dies = curve.events > 0
    time, survival = curve.time[dies], curve.survival[dies]
    reached = survival <= 0.5 + TIE
    if not reached.any():
        return _NAN, _NAN, _NAN, _not_reached(curve, "above_half")
    place = int(reached.argmax())
    estimate, error = float(time[place]), float(curve.std_error[dies][place])
    before, after = np.flatnonzero(survival >= 0.55 - TIE), np.flatnonzero(survival <= 0.45 + TIE)
    if np.isnan(error) or not len(after) or not len(before):
        cause = "first_event_below_55" if len(after) else "above_45"
        cause = "nobody_left_at_median" if np.isnan(error) else cause
        return estimate, _NAN, _NAN, (Reason("limits_not_estimable", cause=cause),)
    upper, lower = before[-1], after[0]
    density = (survival[upper] - survival[lower]) / (time[lower] - time[upper])
    # SPSS writes 1.96, not the normal quantile.
    half = (1.96 if confidence == 0.95 else normal_quantile(confidence)) * error / density
    remark = (Reason("lower_limit_zero"),) if half > estimate else ()
    return estimate, max(0.0, estimate - half), estimate + half, remark


def _rate(curve, time, confidence, conf_type):
    if curve.ends_before(time):
        return _NAN, _NAN, _NAN, (Reason("not_estimable", cause="beyond_last_observation"),)
    place = int(np.searchsorted(curve.time, time, side="right")) - 1
    low, high = (float(limit[place]) for limit in band_limits(curve, normal_quantile(confidence), conf_type))
    survival = float(curve.survival[place])
    remark = {0.0: (Reason("limits_not_estimable", cause="nobody_left"),), 1.0: (Reason("no_event_so_far"),)}
    return survival, low, high, remark.get(survival, ())


def _crude(curve, time, confidence):
    lost = int(curve.censored[curve.time < time].sum())
    if curve.ends_before(time):
        return _NAN, _NAN, _NAN, (Reason("not_estimable", cause="beyond_last_observation"),)
    count = curve.n - lost - int(curve.events[curve.time <= time].sum())
    remark = (Reason("counted_as_failures", count=lost),) if lost else ()
    return count / curve.n, *clopper_pearson(count, curve.n, confidence), remark


def _restricted_mean(curve, horizon):
    """Area under the curve up to ``horizon``, its standard error, and the reasons for what is missing."""
    if curve.ends_before(horizon):
        return _NAN, _NAN, (Reason("not_estimable", cause="before_horizon"),)
    keep = curve.time <= horizon
    steps = curve.survival[keep] * np.diff(np.append(curve.time[keep], horizon))
    area_after = np.cumsum(steps[::-1])[::-1]
    events, at_risk = curve.events[keep], curve.at_risk[keep]
    left = at_risk - events
    terms = np.divide(area_after**2 * events, at_risk * left, out=np.zeros(len(steps)), where=left > 0)
    variance = float(terms.sum())
    if variance == 0:
        return float(area_after[0]), _NAN, (Reason("error_not_estimable"),)
    return float(area_after[0]), variance**0.5, ()


def _logrank_rows(strata):
    """Rows per level and for the test, without the columns that name endpoint and group."""
    if not strata:
        return [{"n": 0, "events": 0, "reasons": (Reason("no_test", cause="no_value"),)}]
    times = np.unique(np.concatenate([s.time[s.event] for s in strata]))
    at_risk = np.array([len(s.time) - np.searchsorted(np.sort(s.time), times) for s in strata], float)
    died = np.array([np.bincount(np.searchsorted(times, s.time[s.event]), minlength=len(times)) for s in strata], float)
    n, d = at_risk.sum(axis=0), died.sum(axis=0)
    expected = (at_risk * d / n).sum(axis=1)
    reasons = strata[0].reasons
    rows = [
        {
            "level": s.level,
            "n": len(s.time),
            "events": int(s.event.sum()),
            "expected": float(e),
            "reasons": reasons,
        }
        for s, e in zip(strata, expected, strict=True)
    ]
    test = {
        "n": sum(len(s.time) for s in strata),
        "events": int(d.sum()),
        "expected": float(expected.sum()),
    }
    used = expected > 0
    if used.sum() < 2:
        cause = "no_events" if len(strata) > 1 and not d.any() else "few_groups"
        return [*rows, test | {"reasons": (Reason("no_test", cause=cause), *reasons)}]
    share = at_risk[used] / n
    weight = np.divide(d * (n - d), n - 1, out=np.zeros(len(n)), where=n > 1)
    covariance = np.diag(share @ weight) - (share * weight) @ share.T
    difference = (died.sum(axis=1) - expected)[used][1:]
    covariance = covariance[1:, 1:]
    if np.linalg.matrix_rank(covariance, tol=1e-12 * max(1.0, d.sum()), hermitian=True) < len(difference):
        return [*rows, test | {"reasons": (Reason("no_test", cause="nothing_to_compare"), *reasons)}]
    statistic = float(difference @ np.linalg.solve(covariance, difference))
    df = len(difference)
    test |= {"statistic": statistic, "df": df, "p_value": float(chdtrc(df, statistic)), "reasons": reasons}
    return [*rows, test]

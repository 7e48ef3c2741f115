"""Each headline number of a cohort by the conventions of different programs, as a result table."""

import warnings

import numpy as np
from lifelines import KaplanMeierFitter
from lifelines.utils import median_survival_times

from aice_helpers.core.intervals import PROPORTION_INTERVALS
from aice_helpers.core.reasons import Reason
from aice_helpers.core.results import result_table
from aice_helpers.stats import ph_score
from aice_helpers.stats.conventions import coverage, times, two_groups
from aice_helpers.stats.kaplan_meier import NAN, SPSS, kaplan_meier, rate_at
from aice_helpers.stats.partial_likelihood import fit
from aice_helpers.stats.samples import no_patients_reason, strata_of
from aice_helpers.study.model import RESPONSE_TERM

NO_LIMITS = "no limits"

MEDIANS = (
    ("SPSS", SPSS, times.FIRST),
    ("R; JASP; jamovi", "log", times.MIDDLE),
    ("SAS 9.2 and later", "log-log", times.SAS),
    ("SAS before 9.2", "plain", times.SAS),
    ("Stata", "log-log", times.FIRST),
    ("Prism 10.5 and later", "log-log", times.PRISM),
    ("Prism before 10.5", NO_LIMITS, times.PRISM),
    ("lifelines", "log-log", "lifelines"),
)
"""Programs that compute a median alike, the scale of its limits, and what they do where the curve runs flat at one half."""

QUARTILES = (
    ("SPSS", SPSS, times.FIRST),
    ("R; JASP; jamovi", "log", times.MIDDLE),
    ("SAS 9.2 and later", "log-log", times.SAS),
    ("Stata", "log-log", times.FIRST),
)
QUARTILE_SHARES = {"first quartile": 0.75, "third quartile": 0.25}
"""Quartile of the times -> share of patients still without the event."""

RATES = (
    ("R; JASP; jamovi", "log"),
    ("SAS; Stata; lifelines; Prism", "log-log"),
    ("SPSS (its standard error by hand)", "plain"),
)

MEANS = (
    ("SPSS; Stata; R on request", "to the last time", times.mean_to_last_time),
    ("SAS", "to the last event, m / (m - 1)", times.mean_to_last_event),
)

TIES = (
    ("SAS; SPSS; Stata", "Breslow"),
    ("R; lifelines", "Efron"),
    ("on request: R exact, SAS DISCRETE, Stata exactp", "exact, discrete"),
    ("on request: SAS EXACT, Stata exactm", "exact, averaged"),
)

TESTS = (
    ("all programs", "log-rank"),
    ("SAS, Prism beside it; SPSS, Stata, lifelines on request", "Gehan-Breslow"),
    ("on request: SPSS, SAS, Stata, lifelines", "Tarone-Ware"),
    ("on request: R (rho = 1)", "Peto-Prentice, S(t-)"),
    ("on request: SAS, Stata, lifelines", "Peto-Peto"),
    ("on request: SAS", "Peto-Peto, modified"),
    ("on request: SAS, Stata, lifelines", "Fleming-Harrington (0, 1)"),
    ("on request: SAS, Stata, lifelines", "Fleming-Harrington (1, 1)"),
)

QUOTIENTS = (
    ("Prism, log-rank", "(O1 / E1) / (O0 / E0)", two_groups.ratio_of_quotients),
    ("Prism, Mantel-Haenszel", "exp((O1 - E1) / V)", two_groups.ratio_of_difference),
)

PH_TESTS = {
    ("score test", "km"): "R 3.0 and later",
    ("score test", "rank"): "R on request",
    ("score test", "identity"): "R on request",
    ("score test", "log"): "R on request",
    ("residuals", "km"): "R before 3.0",
    ("residuals", "rank"): "lifelines",
    ("residuals", "identity"): "Stata",
    ("residuals", "log"): "on request: Stata, lifelines",
}
"""Kind of test of proportional hazards and function of time -> programs that use it."""

PROPORTIONS = {
    "Clopper-Pearson": "R binom.test; Stata ci; SAS (exact); JASP; jamovi",
    "Wilson": "SPSS 27 and later, beside two others; R prop.test without correction",
    "Wilson, continuity-corrected": "R prop.test",
    "Wald": "SAS; statsmodels",
    "Agresti-Coull": "SPSS 27 and later, beside two others",
    "Jeffreys": "SPSS 27 and later, beside two others",
    "mid-P": "OpenEpi",
    "Blaker": "on request: SAS, R packages",
}
"""Method -> programs that give it without being asked for another."""

FLAT = np.arange(1.0, 21.0)
"""Times of the twenty invented patients whose curve runs flat at one half."""


def conventions(cohort):
    """Medians, quartiles, rates, means, comparisons of two groups and proportions by each program's convention.

    Parameters
    ----------
    cohort : Cohort

    Returns
    -------
    DataFrame
        The table ``conventions``. ``topic`` says what is computed, ``program`` who computes it so, ``method`` how. The two
        groups are the first grouping or factor of the plan with exactly two levels; ``level`` is compared with the other.
        ``coverage`` is the share of samples like this one in which the limits hold the truth (see `coverage`). Topic "exact
        half" is about twenty invented patients, the same in every book.
    """
    rows = []
    for endpoint in cohort.study.endpoints:
        sample = next(iter(strata_of(cohort, endpoint, "")), None)
        if sample is not None:
            rows += _of_endpoint(cohort, endpoint, sample.outcome)
            rows += _of_two_groups(cohort, endpoint)
    rows += _proportions(cohort)
    if rows:
        rows += _exact_halves()
    return result_table("conventions", rows, reason=no_patients_reason(cohort, ""))


def _of_endpoint(cohort, endpoint, outcome):
    level, unit = cohort.study.analysis.confidence_level, cohort.study.time_unit
    curve = kaplan_meier(outcome.time, outcome.event, entry=outcome.entry)
    base = {"endpoint": endpoint, "n": curve.n, "events": int(curve.events.sum()), "conf_level": level, "unit": unit}
    held = _survival_coverage(cohort, curve, level)
    rows = [
        base | {"topic": "median", "term": "median", "program": program, "method": method}
        | _median(curve, outcome, level, method, rule) | {"coverage": held.get(("median", method))}
        for program, method, rule in MEDIANS
    ]  # fmt: skip
    for term, share in QUARTILE_SHARES.items():
        for program, method, rule in QUARTILES:
            row = base | {"topic": "quartile", "term": term, "program": program, "method": method}
            rows.append(row | _quantile(curve, share, level, method, rule))
    for time in cohort.study.analysis.rate_times:
        for program, method in RATES:
            estimate, low, high, reasons = rate_at(curve, time, level, method)
            row = base | {
                "topic": "rate",
                "term": "survival",
                "time": time,
                "program": program,
                "method": method,
                "unit": "",
            }
            found = {"estimate": estimate, "conf_low": low, "conf_high": high, "reasons": reasons}
            rows.append(row | found | {"coverage": held.get((estimate, method))})
    for program, method, function in MEANS:
        estimate, error = function(curve)
        row = base | {
            "topic": "mean",
            "term": "restricted mean",
            "program": program,
            "method": method,
            "conf_level": None,
        }
        why = () if estimate == estimate else (Reason("not_estimable", cause="no_events"),)
        rows.append(row | {"estimate": estimate, "std_error": error, "reasons": why})
    return rows


def _survival_coverage(cohort, curve, level):
    if curve.delayed or not curve.n:
        return {}
    rates = [rate_at(curve, time, level, "plain")[0] for time in cohort.study.analysis.rate_times]
    known = tuple(rate for rate in rates if rate == rate and 0 < rate < 1)
    return coverage.survival_coverage(curve.n, 1 - float(curve.events.sum()) / curve.n, level, known)


def _median(curve, outcome, level, method, rule):
    if rule == "lifelines":
        return _reasoned(curve, _lifelines_median(outcome, level), method)
    return _quantile(curve, 0.5, level, method, rule)


def _quantile(curve, share, level, method, rule):
    if method == SPSS:
        if curve.delayed:
            return {"reasons": (Reason("cannot_use", what="entry", method=SPSS),)}
        estimate, low, high, error = times.spss_quantile(curve, share, level)
        return _reasoned(curve, (estimate, low, high), method) | {"std_error": error}
    if method == NO_LIMITS:
        estimate = times.quantile_time(curve, curve.survival, share, rule)
        return _reasoned(curve, (estimate, NAN, NAN), method)
    return _reasoned(curve, times.banded_quantile(curve, share, level, method, rule), method)


def _reasoned(curve, found, method):
    """Estimate and limits with the reasons for what is missing."""
    estimate, low, high = found
    row = {"estimate": estimate, "conf_low": low, "conf_high": high}
    if np.isnan(estimate):
        cause = "above_share" if curve.events.any() else "no_events"
        return row | {"reasons": (Reason("not_reached", cause=cause),)}
    if method == NO_LIMITS:
        return row | {"conf_level": None, "reasons": (Reason("no_limits_given"),)}
    missing = [name for name, limit in (("lower", low), ("upper", high)) if np.isnan(limit)]
    if len(missing) == 2:
        return row | {"reasons": (Reason("limits_not_estimable", cause="not_crossed"),)}
    return row | {"reasons": tuple(Reason("limit_not_reached", limit=name) for name in missing)}


def _lifelines_median(outcome, level):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fitted = KaplanMeierFitter(alpha=1 - level).fit(outcome.time, outcome.event, entry=outcome.entry)
        limits = median_survival_times(fitted.confidence_interval_).iloc[0]
    found = (fitted.median_survival_time_, *limits)
    return tuple(float(value) if np.isfinite(value) else NAN for value in found)


# ---- two groups -------------------------------------------------------------------------------------------------------
def two_level_group(cohort):
    """The first grouping or factor of the plan that has exactly two levels with patients, or "" when there is none."""
    plan = cohort.study.analysis
    for name in dict.fromkeys((*plan.groups, *plan.prognostic_factors)):
        if name in cohort.study.variables and not cohort.study.known_later(name):
            values = cohort.groups(name)
            if hasattr(values, "cat") and values.nunique() == 2:
                return name
    return ""


def _of_two_groups(cohort, endpoint):
    group = two_level_group(cohort)
    strata = strata_of(cohort, endpoint, group) if group else []
    if len(strata) != 2:
        return []
    parts = [(s.time, s.event, s.entry) for s in strata]
    time, event = (np.concatenate([part[k] for part in parts]) for k in (0, 1))
    entry = None if parts[0][2] is None else np.concatenate([part[2] for part in parts])
    second = np.repeat([False, True], [len(s.time) for s in strata])
    counts = two_groups.counts_of(time, event, second, entry=entry)
    base = {
        "endpoint": endpoint, "group": group, "level": strata[1].level, "n": len(time), "events": int(event.sum()),
    }  # fmt: skip
    if not event.any():
        return []
    level = cohort.study.analysis.confidence_level
    return [
        row | {"reasons": row["reasons"] + strata[0].reasons}
        for row in (
            *_ties(base, counts, level), *_tests(base, counts), *_quotients(base, counts, level),
            *_ph_tests(base, counts, (time, event, second, entry)),
        )
    ]  # fmt: skip


def _ties(base, counts, level):
    for program, ties in TIES:
        beta, error = two_groups.hazard_ratio(counts, ties)
        row = base | {"topic": "ties", "term": "hazard ratio", "program": program, "method": ties, "conf_level": level}
        if np.isnan(beta):
            many = ties.startswith("exact") and not np.isnan(two_groups.hazard_ratio(counts, "Breslow")[0])
            cause = "many_ties" if many else "separated"
            yield row | {"reasons": (Reason("not_estimable", cause=cause),)}
            continue
        margin = two_groups.normal_quantile(level) * error
        estimate, low, high = (float(np.exp(beta + sign * margin)) for sign in (0, -1, 1))
        p = two_groups.chdtrc(1, (beta / error) ** 2)
        found = {"estimate": estimate, "conf_low": low, "conf_high": high, "std_error": error, "p_value": float(p)}
        yield row | found | {"reasons": ()}


def _tests(base, counts):
    for program, test in TESTS:
        statistic, p = two_groups.weighted_test(counts, test)
        row = base | {"topic": "test", "term": "test", "program": program, "method": test}
        yield row | _tested(statistic, p, "nothing_to_compare")


def _tested(statistic, p, cause):
    if np.isnan(statistic):
        return {"reasons": (Reason("no_test", cause=cause),)}
    return {"statistic": statistic, "df": 1, "p_value": p, "reasons": ()}


def _quotients(base, counts, level):
    for program, method, function in QUOTIENTS:
        estimate, low, high = function(counts, level)
        row = base | {
            "topic": "quotient",
            "term": "hazard ratio",
            "program": program,
            "method": method,
            "conf_level": level,
        }
        why = () if estimate == estimate else (Reason("not_estimable", cause="separated"),)
        yield row | {"estimate": estimate, "conf_low": low, "conf_high": high, "reasons": why}


def _ph_tests(base, counts, data):
    time, event, second, entry = data
    covariates = second.astype(float)[:, None]
    fitted = fit(time, event, covariates, entry=entry)
    for (kind, transform), program in PH_TESTS.items():
        row = base | {
            "topic": "proportional hazards",
            "term": "test",
            "program": program,
            "method": f"{kind}, {transform}",
        }
        if transform == "log" and (time[event] <= 0).any():
            found = np.nan, np.nan
        elif kind == "residuals":
            found = two_groups.older_ph_test(counts, transform)
        else:
            (test,), _ = ph_score.proportional_hazards_test(
                fitted, time, event, covariates, [[0]], entry=entry, transform=transform
            )
            found = test.statistic, test.p_value
        yield row | _tested(*found, "nothing_to_compare")


# ---- proportions, and the invented patients ---------------------------------------------------------------------------
def _proportions(cohort):
    if cohort.study.response is None or not cohort.n:
        return []
    level, rows = cohort.study.analysis.confidence_level, []
    for term, successes in (("ORR", cohort.responder), ("DCR", cohort.controlled)):
        count, n = int(successes.sum()), cohort.n
        base = {
            "topic": "proportion", "endpoint": RESPONSE_TERM, "term": term, "n": n, "events": count, "estimate": count / n,
            "conf_level": level,
        }  # fmt: skip
        for method, program in PROPORTIONS.items():
            low, high = PROPORTION_INTERVALS[method](count, n, level)
            held = coverage.proportion_coverage(method, n, count / n, level)
            rows.append(
                base | {"program": program, "method": method, "conf_low": low, "conf_high": high, "coverage": held}
            )
    return rows


def _exact_halves():
    """The medians of twenty invented patients: all with the event, and the last ten of them censored."""
    rows = []
    for term, event in (("crossed", FLAT > 0), ("to the end", FLAT <= 10)):
        curve = kaplan_meier(FLAT, event)
        base = {"topic": "exact half", "term": term, "n": 20, "events": int(event.sum())}
        for program, rule in (
            ("SPSS; Stata", times.FIRST), ("R", times.MIDDLE), ("SAS", times.SAS), ("Prism", times.PRISM),
        ):  # fmt: skip
            estimate = times.quantile_time(curve, curve.survival, 0.5, rule)
            why = () if estimate == estimate else (Reason("not_reached", cause="above_share"),)
            rows.append(base | {"program": program, "method": rule, "estimate": estimate, "reasons": why})
        found = float(KaplanMeierFitter().fit(FLAT, event).median_survival_time_)
        why = () if np.isfinite(found) else (Reason("not_reached", cause="above_share"),)
        shown = {"method": "as computed", "estimate": found if np.isfinite(found) else NAN, "reasons": why}
        rows.append(base | {"program": "lifelines"} | shown)
    return rows

"""How far the planned groups differ: differences of survival and of restricted means, hazard ratios.

Each level is compared with the reference: the declared one, or else the first that holds patients.

References
----------
Greenwood M (1926), Reports on Public Health and Medical Subjects 33. Klein JP, Moeschberger ML (2003), Survival Analysis, 2nd
ed., section 7.8 (differences at a fixed time). Royston P, Parmar MK (2013), BMC Med Res Methodol 13:152 (restricted means).
Cox DR (1972), J R Stat Soc B 34:187-220.
"""

import numpy as np
from scipy.special import ndtr

from aice_helpers.core.intervals import normal_quantile
from aice_helpers.core.reasons import Reason
from aice_helpers.core.results import result_table
from aice_helpers.stats.cox import METHOD_COX, hazard_ratio
from aice_helpers.stats.models import model_of
from aice_helpers.stats.samples import no_groups, plan_groups, plan_strata, reference_of, strata_of
from aice_helpers.stats.survival import rmst

METHOD_RATES = "difference of Kaplan-Meier rates, Greenwood variances added"

METHOD_MEANS = "difference of restricted means, variances added"

METHOD_STRATIFIED = "Cox within strata, Efron ties, Wald limits"


def group_contrasts(cohort):
    """Each level of each planned grouping against its reference.

    Parameters
    ----------
    cohort : Cohort

    Returns
    -------
    DataFrame
        The table ``group_contrasts``, for each level but the reference: terms "hazard ratio" (a Cox model of the grouping alone)
        and, where the plan names strata, "stratified hazard ratio"; "survival" (level less reference, as a proportion) at each
        of the plan's times; "restricted mean" (level less reference, in the study's unit of time). ``std_error`` is that of the difference or
        of the logarithm of the ratio; limits are normal on that scale, P values those of Wald's test. ``n`` and ``events`` (of the differences: up to
        ``time``) are those of the two levels together. A grouping with one level has no rows.
    """
    rows = []
    for endpoint in cohort.study.endpoints:
        for group in plan_groups(cohort):
            shared = {"endpoint": endpoint, "group": group, "conf_level": cohort.study.analysis.confidence_level}
            found = [
                *_ratios(cohort, endpoint, group),
                *_rates(cohort, endpoint, group),
                *_means(cohort, endpoint, group),
            ]
            rows += [shared | row for row in found]
    reason = no_groups(cohort)
    if plan_groups(cohort) and cohort.study.endpoints:
        reason = Reason("no_two_levels")
    return result_table("group_contrasts", rows, reason=reason)


def model_of_group(cohort, endpoint, group, *, stratified=False):
    """The Cox model of one grouping alone, its reference first; ``stratified`` by the plan's strata."""
    followed = cohort.followed(endpoint)
    values = {group: followed.groups(group, reference_first=True)}
    return model_of(cohort, endpoint, [group], values=values, strata=plan_strata(followed) if stratified else None)


def _ratios(cohort, endpoint, group):
    rows = []
    for stratified in (False, True) if cohort.study.analysis.strata else (False,):
        model = model_of_group(cohort, endpoint, group, stratified=stratified)
        (term,) = model.terms
        shared = {
            "term": "stratified hazard ratio" if stratified else "hazard ratio",
            "reference": term.reference,
            "method": METHOD_STRATIFIED if stratified else METHOD_COX,
        }
        reasons = missing_reasons(cohort, endpoint, group, stratified=stratified)
        base, base_events = model.count(term, term.reference)
        for level in term.levels:
            n, events = model.count(term, level)
            if level == term.reference or not n:
                continue
            found = hazard_ratio(cohort, model, term, level, 1.0)
            found.pop("coefficient", None)
            counts = {"level": level, "n": base + n, "events": base_events + events}
            rows.append(shared | counts | found | {"reasons": found["reasons"] + reasons})
    return rows


def missing_reasons(cohort, endpoint, group, *, stratified=False):
    """How many patients of an endpoint are in no group, in no stratum, or not followed, as reasons."""
    strata = strata_of(cohort, endpoint, group)
    reasons = strata[0].reasons if strata else ()
    if stratified:
        followed = cohort.followed(endpoint)
        for name in cohort.study.analysis.strata:
            if missing := int(followed.groups(name).isna().sum()):
                reasons += (Reason("missing_left_out", count=missing, variable=name),)
    return reasons


def _rates(cohort, endpoint, group):
    """Differences of survival at the plan's times."""
    strata = {stratum.level: stratum for stratum in strata_of(cohort, endpoint, group)}
    if len(strata) < 2:
        return []
    reference = reference_of(cohort, group, strata)
    curves = {level: stratum.curve for level, stratum in strata.items()}
    rows = []
    for level, stratum in strata.items():
        for time in cohort.study.analysis.rate_times if level != reference else ():
            pair = curves[level], curves[reference]
            row = {
                "term": "survival",
                "level": level,
                "reference": reference,
                "n": sum(curve.n for curve in pair),
                "events": sum(int(curve.events[curve.time <= time].sum()) for curve in pair),
                "time": time,
                "method": METHOD_RATES,
            }
            if any(curve.ends_before(time) for curve in pair):
                rows.append(
                    row | {"reasons": (Reason("not_estimable", cause="beyond_last_observation"), *stratum.reasons)}
                )
                continue
            places = [int(np.searchsorted(curve.time, time, side="right")) - 1 for curve in pair]
            of_level, of_reference = (float(curve.survival[place]) for curve, place in zip(pair, places, strict=True))
            variance = sum(curve.std_error[place] ** 2 for curve, place in zip(pair, places, strict=True))
            remark = () if variance > 0 else (Reason("error_not_estimable"),)
            if variance > 0 and 1.0 in (of_level, of_reference):
                remark = (Reason("no_event_in_one"),)
            rows.append(row | _difference(cohort, of_level - of_reference, variance, 1.0, remark + stratum.reasons))
    return rows


def _means(cohort, endpoint, group):
    """Differences of restricted means up to the plan's horizon."""
    table = rmst(cohort, group=group)
    table = table[table["endpoint"] == endpoint]
    if len(table) < 2:
        return []
    reference = table[table["level"] == reference_of(cohort, group, set(table["level"]))].iloc[0]
    rows = []
    for _, line in table[table["level"] != reference["level"]].iterrows():
        row = {
            "term": "restricted mean",
            "level": line["level"],
            "reference": reference["level"],
            "n": line["n"] + reference["n"],
            "events": line["events"] + reference["events"],
            "time": line["time"],
            "unit": line["unit"],
            "method": METHOD_MEANS,
        }
        # What is said of either level is said of their difference, once.
        reasons = tuple(dict.fromkeys((*line["reasons"], *reference["reasons"])))
        variance = line["std_error"] ** 2 + reference["std_error"] ** 2
        difference = line["estimate"] - reference["estimate"]
        rows.append(row | _difference(cohort, difference, variance, line["time"], reasons))
    return rows


def _difference(cohort, estimate, variance, most, reasons):
    """A difference of at most ``most`` either way with its normal limits and P value, as far as there are any."""
    found = {"estimate": estimate, "reasons": reasons}
    if not variance > 0 or np.isnan(estimate):
        return found
    error = float(np.sqrt(variance))
    margin = normal_quantile(cohort.study.analysis.confidence_level) * error
    return found | {
        "std_error": error,
        "conf_low": max(-most, estimate - margin),
        "conf_high": min(most, estimate + margin),
        "p_value": float(2 * ndtr(-abs(estimate) / error)),
    }

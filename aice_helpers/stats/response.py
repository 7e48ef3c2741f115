"""How many patients responded: response categories, objective response rate and disease control rate."""

import pandas as pd

from aice_helpers.core.intervals import clopper_pearson, wilson
from aice_helpers.core.reasons import Reason
from aice_helpers.core.results import result_table
from aice_helpers.study.model import RESPONSE_TERM

METHODS = {"Clopper-Pearson": clopper_pearson, "Wilson": wilson}

NOT_RECORDED = "Not recorded"

NO_RESPONSE = Reason("not_declared", what="response")


def response_rates(cohort, *, group=""):
    """Share of patients in each response category, objective response rate (ORR) and disease control rate (DCR).

    Parameters
    ----------
    cohort : Cohort
    group : str
        Name of a variable with levels or cut-points: ORR and DCR are then given in each of its groups.

    Returns
    -------
    DataFrame
        Contract ``response``; ``events`` of ``n`` patients. Without ``group``: one row a category, in display order
        (``term`` is its label; "Not recorded" where the response is missing), then "ORR" and "DCR" for "all
        patients" (who is not evaluable counts as no responder) and for "evaluable patients", each with
        Clopper-Pearson and Wilson limits. With ``group``: ORR and DCR of all patients in each ``level`` with
        Clopper-Pearson limits; patients without a value are left out, and ``reasons`` says how many.

    Raises
    ------
    ValueError
        When ``group`` is no variable with levels or cut-points.

    References
    ----------
    Clopper CJ, Pearson ES (1934), Biometrika 26:404-413. Wilson EB (1927), J Am Stat Assoc 22:209-212.
    """
    if cohort.study.response is None:
        return result_table("response", [], reason=NO_RESPONSE)
    rows = _rates_in_groups(cohort, group) if group else _category_rows(cohort) + _overall_rates(cohort)
    return result_table("response", rows)


def response_by_subgroup(cohort):
    """ORR and DCR in the groups of the analysis plan and in the levels of its categorical prognostic factors.

    Parameters
    ----------
    cohort : Cohort

    Returns
    -------
    DataFrame
        Contract ``response``, the rows of ``response_rates(cohort, group=...)`` stacked: the plan's groups first,
        then the categorical prognostic factors that are not among them.
    """
    if cohort.study.response is None:
        return result_table("response", [], reason=NO_RESPONSE)
    plan = cohort.study.analysis
    categorical = [
        name
        for name in plan.prognostic_factors
        if name != RESPONSE_TERM and cohort.study.variables[name].type == "category"
    ]
    names = [name for name in dict.fromkeys([*plan.groups, *categorical]) if name != RESPONSE_TERM]
    rows = [row for name in names for row in _rates_in_groups(cohort, name)]
    return result_table("response", rows, reason=Reason("not_planned", what="response_groups"))


def best_changes(cohort):
    """Best change of each assessed patient, for the waterfall: no result table, and without patient ids.

    Parameters
    ----------
    cohort : Cohort

    Returns
    -------
    DataFrame
        ``change`` (float, per cent) and ``category`` (ordered `Categorical` of response labels), the largest growth
        first. Patients without a recorded change are left out. Empty, with ``attrs["reason"]``, when there are none.
    """
    response = cohort.study.response
    if response is None or not response.change:
        return no_changes(NO_RESPONSE if response is None else Reason("not_declared", what="change"))
    frame = pd.DataFrame(
        {"change": cohort.column(response.change), "category": cohort.column(response.variable)}
    ).dropna(subset="change")
    # Among equal changes the worse category first, so that the order of the file does not show.
    frame = frame.sort_values(["change", "category"], ascending=[False, False], ignore_index=True)
    if frame.empty:
        frame.attrs["reason"] = Reason("no_change_recorded")
    return frame


def no_changes(reason):
    """The empty table of changes, with the `Reason` why it is empty."""
    frame = pd.DataFrame({"change": pd.Series(dtype="float64"), "category": pd.Categorical([])})
    frame.attrs["reason"] = reason
    return frame


def _category_rows(cohort):
    values = cohort.column(cohort.study.response.variable)
    counts = values.value_counts(sort=False).to_dict()
    unrecorded = int(values.isna().sum())
    if unrecorded:
        counts[NOT_RECORDED] = counts.get(NOT_RECORDED, 0) + unrecorded
    return [_rate(cohort, label, count, cohort.n) for label, count in counts.items()]


def _overall_rates(cohort):
    rows = []
    for term, successes in _successes(cohort).items():
        for population, members in (("all patients", successes.notna()), ("evaluable patients", cohort.evaluable)):
            for method in METHODS:
                rows.append(
                    _rate(cohort, term, successes[members].sum(), members.sum(), population=population, method=method)
                )
    return rows


def _rates_in_groups(cohort, group):
    if group not in cohort.study.variables:
        raise ValueError(f"{group!r} is no variable to compare the response in")
    groups = cohort.groups(group)
    if not isinstance(groups.dtype, pd.CategoricalDtype):
        raise ValueError(f"{group!r} has neither levels nor cut-points to form groups")
    left_out = int(groups.isna().sum())
    reasons = (Reason("missing_left_out", count=left_out, variable=group),) if left_out else ()
    rows = []
    for term, successes in _successes(cohort).items():
        for level in groups.cat.categories:
            members = groups == level
            row = _rate(cohort, term, successes[members].sum(), members.sum(), group=group, level=level)
            rows.append(row | {"reasons": row["reasons"] + reasons})
    return rows


def _successes(cohort):
    return {"ORR": cohort.responder, "DCR": cohort.controlled}


def _rate(cohort, term, count, n, *, group="", level="", population="all patients", method="Clopper-Pearson"):
    conf_level = cohort.study.analysis.confidence_level
    low, high = METHODS[method](int(count), int(n), conf_level)
    empty = (Reason("no_patient", among="group" if group else population),)
    return {
        "endpoint": RESPONSE_TERM,
        "group": group,
        "term": term,
        "level": level,
        "n": n,
        "events": count,
        "estimate": count / n if n else None,
        "conf_low": low,
        "conf_high": high,
        "conf_level": conf_level,
        "method": method,
        "reasons": () if n else empty,
        "population": population,
    }

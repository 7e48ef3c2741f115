"""Who the patients are: baseline characteristics, and how many of them each analysis can use."""

from aice_helpers.core.reasons import Reason
from aice_helpers.core.results import result_table
from aice_helpers.study.model import RESPONSE_TERM

QUARTILES = "median and quartiles, R type 7"


def baseline_table(cohort):
    """Characteristics of the patients, variable by variable in the order of the study file.

    Variables of role ``baseline`` or ``post-baseline`` are described, text excepted.

    Parameters
    ----------
    cohort : Cohort

    Returns
    -------
    DataFrame
        Contract ``baseline``; ``term`` is the name of the variable, ``n`` the patients with a value and ``missing``
        those without. A category has one row a level (``statistic`` "share": ``count / n``). A number has the rows
        "median" (``low`` and ``high`` are the quartiles), "mean", "sd" and "range" (``low`` and ``high`` are the
        extremes, ``estimate`` is missing).

    References
    ----------
    Hyndman RJ, Fan Y (1996), Am Stat 50:361-365 (type 7: linear interpolation between order statistics).
    """
    rows = []
    for variable in map(cohort.study.variables.get, cohort.study.described):
        values = cohort.column(variable.name)
        common = {
            "term": variable.name,
            "n": values.notna().sum(),
            "missing": values.isna().sum(),
            "unit": variable.unit,
        }
        describe = _shares if variable.type == "category" else _moments
        rows += [common | row for row in describe(values)]
    return result_table("baseline", rows, reason=Reason("not_declared", what="baseline"))


def _shares(values):
    counts = values.value_counts(sort=False)
    return [
        {"level": level, "statistic": "share", **_share(counts[level], values.notna().sum())}
        for level in values.cat.categories
    ]


def _share(count, n):
    return {"count": count, "estimate": count / n if n else None, "method": "proportion"}


def _moments(values):
    low, median, high = values.quantile([0.25, 0.5, 0.75], interpolation="linear")
    return [
        {"statistic": "median", "estimate": median, "low": low, "high": high, "method": QUARTILES},
        {"statistic": "mean", "estimate": values.mean(), "method": "arithmetic mean"},
        {"statistic": "sd", "estimate": values.std(ddof=1), "method": "standard deviation, divisor n - 1"},
        {"statistic": "range", "low": values.min(), "high": values.max(), "method": "minimum and maximum"},
    ]


def patient_flow(cohort):
    """How many of the patients in the file each analysis can use.

    Parameters
    ----------
    cohort : Cohort

    Returns
    -------
    DataFrame
        Contract ``baseline`` with ``term`` "flow" and ``statistic`` "share": ``n`` is all patients, ``count`` those
        that ``level`` describes. Levels are "in the file", "evaluable for response", "with at least one adverse
        event", for each endpoint its label with ": with follow-up", ": event" and ": censored" (": without the event" where others compete), "complete in all
        prognostic factors" and "complete in the multivariable model" (a factor that nobody has a value for is not
        in that model); a level the study has no data for is left out.
    """
    counts = {"in the file": cohort.n}
    if cohort.study.response is not None:
        counts["evaluable for response"] = cohort.evaluable.sum()
    if cohort.adverse_events is not None:
        counts["with at least one adverse event"] = cohort.adverse_events["patient"].nunique()
    for name, endpoint in cohort.study.endpoints.items():
        event = cohort.survival(name)["event"]
        counts[f"{endpoint.label}: with follow-up"] = len(event)
        counts[f"{endpoint.label}: event"] = event.sum()
        counts[f"{endpoint.label}: {'without the event' if endpoint.competing else 'censored'}"] = (~event).sum()
    plan = cohort.study.analysis
    known = cohort.patients.notna()
    if plan.prognostic_factors:
        factors = [name for name in plan.prognostic_factors if name != RESPONSE_TERM]
        counts["complete in all prognostic factors"] = known[factors].all(axis=1).sum()
    if plan.multivariable:
        factors = [name for name in plan.multivariable if name != RESPONSE_TERM and known[name].any()]
        counts["complete in the multivariable model"] = known[factors].all(axis=1).sum()
    rows = [
        {"term": "flow", "level": level, "statistic": "share", "n": cohort.n, "missing": 0, **_share(count, cohort.n)}
        for level, count in counts.items()
    ]
    return result_table("baseline", rows)

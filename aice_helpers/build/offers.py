"""What a cohort offers the notebooks: a cell that needs something else is left out of its book."""

from aice_helpers.stats import derivation, samples

COMMITTED = frozenset({"dates", "estimands", "codes", "ends", "observation"})
"""Needs whose cells the committed notebooks keep although their cohort does not meet them; the cells say what is not there."""


MOST_BY_HAND = 5000
"""Patients up to whom a chapter counts at every event time by hand, which takes the square of their number."""


def requirements_met(analysis) -> set[str]:
    """Names of what a cohort offers; a cell tagged ``needs:NAME`` runs only when NAME is among them.

    The lessons have their own names, because a comparison with another program needs data on which that program can
    be relied. Comparisons by hand count patients themselves, so a book with masked counts has none.
    """
    cohort, masked = analysis.cohort, bool(analysis.mask_below)
    study, plan = cohort.study, cohort.study.analysis
    compared = set() if masked else _comparable(analysis)
    offers = {
        "default-cohort": study.is_default,
        "recist": study.response is not None and "RECIST" in study.response.scheme.upper(),
        "published": study.can_fill["ledger"],
        "dates": cohort.derivation is not None,
        "estimands": cohort.derivation is not None and bool(cohort.derivation.analyses),
        "response": study.can_fill["efficacy"],
        "change": study.response is not None and bool(study.response.change),
        "adverse-events": study.can_fill["safety"],
        "factors": bool(study.endpoints and plan.prognostic_factors),
        "multivariable": bool(study.endpoints and plan.multivariable),
        "groups": bool(study.endpoints and samples.plan_groups(cohort)),
        "more-groups": bool(study.endpoints and samples.plan_groups(cohort)[1:]),
        "landmark": bool(study.endpoints) and study.response is not None,
        "endpoints": study.can_fill["survival"],
        "prognosis": study.can_fill["prognostic-factors"],
        "conventions": study.can_fill["conventions"],
        "rate-times": bool(study.endpoints and plan.rate_times),
        "rmst": bool(study.endpoints and (plan.rmst_horizon or plan.rate_times)),
        "cox-lesson": "hazard-ratio" in compared and _cox_lesson_possible(cohort),
        "codes": cohort.derivation is None and derivation.has_kinds(cohort),
        "ends": cohort.derivation is not None or derivation.has_kinds(cohort),
        "observation": any(
            study.endpoints[name].competing or cohort.outcome(name).entry is not None for name in study.endpoints
        ),
        "by-hand": not masked,
        "curve-by-hand": not masked and cohort.n <= MOST_BY_HAND and _from_zero(cohort),
        "orr-lesson": not masked and study.synthetic and bool(study.published) and study.response is not None,
    }
    return {name for name, offered in offers.items() if offered} | compared


def _cox_lesson_possible(cohort):
    """Whether lifelines can be expected to fit the first planned factor: ten events, and some in every level."""
    factors, endpoints = cohort.study.analysis.prognostic_factors, cohort.study.endpoints
    if not factors or not endpoints:
        return False
    if not _from_zero(cohort):
        return False
    followed = cohort.followed(next(iter(endpoints)))
    values = followed.covariate(factors[0]).dropna()
    event = followed.survival(next(iter(endpoints)))["event"].loc[values.index]
    if event.sum() < 10 or values.nunique() < 2:
        return False
    return values.dtype != "category" or bool((event.groupby(values, observed=False).sum() > 0).all())


def _from_zero(cohort):
    """Whether the first endpoint follows everyone from time zero on, as the cells that compare by hand do."""
    first = next(iter(cohort.study.endpoints), None)
    return first is not None and cohort.outcome(first).entry is None


def _comparable(analysis):
    """Which values of the first endpoint the book has, so that the chapters can compare them by hand.

    ``follow-up-median``: the reversed curve comes down to one half, later than at time 0. ``logrank-test``: there is a test
    for the plan's first grouping. ``hazard-ratio``: the plan's first factor, alone in its model, has a finite estimate.
    """
    if not _from_zero(analysis.cohort):
        return set()
    endpoint, plan = next(iter(analysis.study.endpoints)), analysis.study.analysis

    def rows(name, **where):
        table = analysis.table(name)
        for column, value in where.items():
            table = table[table[column] == value]
        return table

    follow_up = rows("follow_up", endpoint=endpoint, term="median follow-up")["estimate"]
    values = {"follow-up-median": follow_up.where(follow_up > 0)}
    if analysis.groups[1:]:
        values["logrank-test"] = rows("logrank", endpoint=endpoint, group=analysis.groups[1], level="")["statistic"]
    if plan.prognostic_factors:
        alone = rows("cox", endpoint=endpoint, model="univariable", term=plan.prognostic_factors[0])
        values["hazard-ratio"] = alone.loc[alone["kind"].isin(["numeric", "level"]), "coefficient"]
    return {name for name, found in values.items() if len(found) and found.notna().all()}

"""The endpoints of a study that follow from dates, with the analyses that differ in one rule beside each."""

from __future__ import annotations

from dataclasses import dataclass, replace

from aice_helpers.data.dates.derive import Derived, Rules, derive
from aice_helpers.data.dates.judge import DateJudge, accrual
from aice_helpers.study.date_plan import HANDLINGS, LAST_ASSESSMENT

MAIN = "main"


@dataclass(frozen=True)
class Derivation:
    """What was derived of each endpoint by dates.

    Attributes
    ----------
    endpoints : dict of Derived
        Endpoint -> its main analysis.
    rules : dict of Rules
    analyses : dict of dict of Derived
        Endpoint -> (what differs, its handling) -> the analysis; only where the study file declares an intercurrent event.
    accrual : tuple of int
        Years of the first and of the last start.
    """

    endpoints: dict[str, Derived]
    rules: dict[str, Rules]
    analyses: dict[str, dict[tuple[str, str], Derived]]
    accrual: tuple[int, int]


def judge_dated_endpoints(study, table, findings, today=None) -> Derivation | None:
    """Derive every endpoint that the study file defines by dates; None where there is none, or with faults noted."""
    named = {name: endpoint for name, endpoint in study.endpoints.items() if endpoint.first_of}
    if study.dates is None or not named:
        return None
    recorded = DateJudge(study, table, findings, today).recorded()
    if recorded is None:
        return None
    rules = {name: rules_of(study, endpoint) for name, endpoint in named.items()}
    derived = {name: derive(recorded, rules[name]) for name in named}
    for name, one in derived.items():
        _judge_followed(named[name], one, table, findings)
    analyses = {
        name: {key: derive(recorded, other) for key, other in _other_rules(study.dates, rules[name]).items()}
        for name in named
    }
    return Derivation(derived, rules, {name: found for name, found in analyses.items() if found}, accrual(recorded))


def rules_of(study, endpoint) -> Rules:
    """The rules of an endpoint's main analysis.

    An endpoint of deaths alone is censored at the last contact and knows neither assessments nor a new therapy.
    """
    plan = study.dates
    of_deaths = set(endpoint.first_of) <= plan.fatal
    by_assessment = bool(plan.last_assessment) and not of_deaths
    if endpoint.censored_at:
        by_assessment = endpoint.censored_at == LAST_ASSESSMENT
    therapy, missed = plan.new_therapy, plan.missed_assessments
    return Rules(
        first_of=endpoint.first_of,
        competing=tuple(endpoint.competing),
        by_assessment=by_assessment,
        never_assessed=plan.no_assessment,
        therapy="ignored" if therapy is None or of_deaths else therapy.handling,
        gaps="ignored" if missed is None or of_deaths else missed.handling,
        longest_gap=float("inf") if missed is None else 2 * missed.interval + missed.window,
        first_day=plan.first_day,
        days_in_unit=plan.days_in(study.time_unit),
    )


def _other_rules(plan, rules):
    """(What differs, its handling) -> the rules of each analysis beside the main one."""
    if set(rules.first_of) <= plan.fatal:
        return {}
    found = {}
    if plan.new_therapy is not None:
        others = (one for one in HANDLINGS if one != rules.therapy)
        found |= {("new_therapy", other): replace(rules, therapy=other) for other in others}
    if plan.missed_assessments is not None:
        other = "ignored" if rules.gaps == "censored" else "censored"
        found["missed_assessments", other] = replace(rules, gaps=other)
    return found


def _judge_followed(endpoint, derived, table, findings):
    """Say who takes no part in an endpoint for want of a date, or as never at risk; a fault where that may not be."""
    if derived.entered_late.any():
        findings.remark(
            table.file,
            f"the observation for {endpoint.name} ended by the day of entry, so it leaves the patient out, who was never at risk",
            "Check the dates",
            rows=table.numbers[derived.entered_late].tolist(),
        )
    rows, name = table.numbers[derived.no_follow_up].tolist(), endpoint.name
    rule = "neither an event nor a date up to which the patient was followed is recorded"
    if rows and (endpoint.complete or len(rows) == table.n):
        findings.fault(table.file, f"{rule}, and {name} needs it", "Fill in the date of last contact", rows=rows)
    elif rows:
        fix = f"Fill in what can be found; `complete: true` under {name} makes it a fault"
        findings.remark(table.file, f"{rule}, so {name} leaves the patient out", fix, rows=rows)

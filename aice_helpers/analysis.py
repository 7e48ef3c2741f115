"""All result tables of a cohort, under the names by which they are exported and looked up."""

import pandas as pd

from aice_helpers.ledger import compare
from aice_helpers.stats import (
    baseline,
    cox,
    logrank,
    performance,
    proportional_hazards,
    response,
    response_landmark,
    safety,
    samples,
    survival,
)


def result_tables(cohort) -> dict:
    """Every result table of a cohort, by the name under which it is exported."""
    groups = ["", *samples.plan_groups(cohort)]

    def stacked(function):
        return pd.concat([function(cohort, group=group) for group in groups], ignore_index=True)

    tables = {
        "baseline": pd.concat([baseline.patient_flow(cohort), baseline.baseline_table(cohort)], ignore_index=True),
        "response": pd.concat(
            [response.response_rates(cohort), response.response_by_subgroup(cohort)], ignore_index=True
        ),
        "survival_summary": stacked(survival.survival_summary),
        "survival_at": stacked(survival.survival_at),
        "survival_curve": stacked(survival.survival_curve),
        "follow_up": survival.follow_up(cohort),
        "rmst": stacked(survival.rmst),
        "logrank": logrank.logrank(cohort),
        "cox": pd.concat([cox.cox(cohort), response_landmark.landmark_cox(cohort)], ignore_index=True),
        "ph_test": proportional_hazards.ph_test(cohort),
        "model_performance": performance.model_performance(cohort),
        "adverse_events": pd.concat(
            [safety.adverse_event_rates(cohort), safety.rule_of_three(cohort)], ignore_index=True
        ),
    }
    return tables | {"published": compare.ledger(cohort, tables)}

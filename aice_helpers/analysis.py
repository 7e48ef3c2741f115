"""All result tables of a cohort, under the names by which they are exported and looked up."""

import pandas as pd

from aice_helpers import baseline, prognosis, published, response, safety, survival


def result_tables(cohort) -> dict:
    """Every result table of a cohort, by the name under which it is exported."""
    groups = ["", *survival.plan_groups(cohort)]

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
        "logrank": survival.logrank(cohort),
        "cox": pd.concat([prognosis.cox(cohort), prognosis.landmark_cox(cohort)], ignore_index=True),
        "ph_test": prognosis.ph_test(cohort),
        "model_performance": prognosis.model_performance(cohort),
        "adverse_events": pd.concat(
            [safety.adverse_event_rates(cohort), safety.rule_of_three(cohort)], ignore_index=True
        ),
    }
    return tables | {"published": published.ledger(cohort, tables)}

"""The result tables as files hold them: what would tell single patients apart is left out."""

import pandas as pd

from aice_helpers.core.results import result_table
from aice_helpers.masking import coarse

EVENTS = 5
"""Fewest events, of a group and of all others, that a step of a written curve by group joins."""


def written_tables(cohort, tables, *, mask_below=0, exact_curves=False) -> dict:
    """The result tables of a cohort as files hold them.

    Parameters
    ----------
    cohort : Cohort
    tables : dict of DataFrame
        Result tables by name (see `analysis.Analysis.results`).
    mask_below : int
        K of tables that are masked already, 0 for others.
    exact_curves : bool
        Whether curves by group keep a step at every event although real patients stand behind them.

    Returns
    -------
    dict of DataFrame
        The same tables. In ``survival_curve`` the curves by group have points on the grid of `coarse.grid` only, where
        each step joins at least `EVENTS` events of the group and of the others; so no time tells a patient's group. The
        tables are as given when they are masked, which is stricter, and for synthetic or public data.
    """
    study = cohort.study
    if mask_below or exact_curves or study.synthetic or study.public:
        return tables
    curve = tables["survival_curve"]
    grouped = curve["group"] != ""
    if not grouped.any():
        return tables
    told = coarse.plan_times(study.analysis)

    def chosen(endpoint, group):
        followed = cohort.followed(endpoint)
        outcome, values = followed.survival(endpoint), followed.groups(group)
        time, event = outcome["time"].to_numpy(float), outcome["event"].to_numpy(bool)
        groups = {str(level): (values == level).to_numpy(bool) for level in values.cat.categories}
        candidates = coarse.grid(told, float(time.max(initial=0.0)), study.time_unit)
        everyone = coarse.whole_points(time, event, candidates, EVENTS, fixed=told)
        allowed = [point for point in candidates if point in everyone]
        points = coarse.level_points(groups, time, event, allowed, EVENTS, fixed=told)
        return coarse.Sample(time, event, groups, points, told)

    frames = coarse.coarse_table(curve[grouped], chosen, study.time_unit, EVENTS)
    written = pd.concat([curve[~grouped], *frames], ignore_index=True)
    return tables | {"survival_curve": result_table("survival_curve", written)}

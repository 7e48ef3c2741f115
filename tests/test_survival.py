"""Survival estimates against R's `survival` and against arithmetic by hand."""

import dataclasses
import math

import numpy as np
import pandas as pd
import pytest
from cohorts import make_cohort_from, public_cohort, reference_table, times_cohort
from numpy.testing import assert_allclose

from aice_helpers.core.reasons import Reason
from aice_helpers.core.results import pick
from aice_helpers.stats.kaplan_meier import at_risk
from aice_helpers.stats.logrank import logrank
from aice_helpers.stats.samples import plan_groups
from aice_helpers.stats.survival import follow_up, rmst, survival_at, survival_curve, survival_summary

COHORTS = ("default", "lung", "lymph_node", "rossi", "larynx", "leukemia")
LIMITS = {"plain": "plain", "log": "log", "log-log": "loglog"}
EXACT = {"rtol": 1e-10, "atol": 1e-12}


@pytest.fixture(params=COHORTS)
def named(request, cohort):
    """Name and cohort, for each cohort with reference numbers."""
    return request.param, cohort if request.param == "default" else public_cohort(request.param)


def keyed(frame, *keys):
    return frame.set_index(list(keys)).sort_index()


def grouped(name, cohort, reference, compute, **keywords):
    """Ours for every grouping that the reference file holds, in one frame."""
    groups = reference_table(reference, cohort=name)["group"].unique()
    return pd.concat([compute(cohort, group=group, **keywords) for group in groups], ignore_index=True)


# ---- against R ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("conf_type", ["plain", "log", "log-log"])
def test_curve_agrees_with_r(named, conf_type):
    name, cohort = named
    ours = grouped(name, cohort, "km", survival_curve, conf_type=conf_type)
    # R has no row at time 0 unless someone is observed there.
    ours = ours[(ours["time"] > 0) | (ours["events"] + ours["censored"] > 0)]
    keys = ("endpoint", "group", "level", "time")
    ours, r = keyed(ours, *keys), keyed(reference_table("km", cohort=name), *keys)
    assert list(ours.index) == list(r.index)
    for column, other in {"at_risk": "n_risk", "events": "n_event", "censored": "n_censor"}.items():
        assert ours[column].tolist() == r[other].tolist()
    limit = LIMITS[conf_type]
    for column, other in {
        "estimate": "surv",
        "std_error": "std_err",
        "conf_low": f"{limit}_low",
        "conf_high": f"{limit}_high",
    }.items():
        assert_allclose(ours[column], r[other], **EXACT)


def test_medians_agree_with_r(named):
    name, cohort = named
    keys = ("endpoint", "group", "level", "method")
    ours = keyed(grouped(name, cohort, "medians", survival_summary), *keys)
    r = keyed(reference_table("medians", cohort=name), *keys)
    assert list(ours.index) == list(r.index)
    assert ours["n"].tolist() == r["n"].tolist()
    assert ours["events"].tolist() == r["events"].tolist()
    assert_allclose(ours["estimate"], r["estimate"], **EXACT)
    assert_allclose(ours["conf_low"], r["low"].clip(lower=0), **EXACT)
    assert_allclose(ours["conf_high"], r["high"], **EXACT)
    assert set(ours["unit"]) == {cohort.study.time_unit}


def test_rates_agree_with_r(named):
    name, cohort = named
    times = reference_table("rates", cohort=name)["time"].unique()
    ours = grouped(name, cohort, "rates", survival_at, times=times)
    ours = ours[ours["method"].str.startswith("Kaplan-Meier")]
    ours = ours.assign(method=ours["method"].str.removeprefix("Kaplan-Meier, "))
    keys = ("endpoint", "group", "level", "time", "method")
    ours, r = keyed(ours, *keys), keyed(reference_table("rates", cohort=name), *keys)
    assert list(ours.index) == list(r.index)
    assert ours["at_risk"].tolist() == r["n_risk"].tolist()
    assert ours["events"].tolist() == r["n_event"].tolist()
    # Beyond the last observation R gives nothing; a curve that has reached 0 stays there.
    gone = ours["estimate"].eq(0) & r["surv"].isna()
    assert_allclose(ours["estimate"][~gone], r["surv"][~gone], **EXACT)
    # Before the first observation R fills in limits of 1; on a curve that runs at 1 the log-log scale has none.
    filled = ours["conf_low"].isna() & r["low"].eq(1) & r["high"].eq(1)
    assert all(reasons[0].code == "no_event_so_far" for reasons in ours["reasons"][filled])
    assert_allclose(ours["conf_low"][~filled], r["low"][~filled], **EXACT)
    assert_allclose(ours["conf_high"][~filled], r["high"][~filled], **EXACT)


def test_follow_up_agrees_with_r(named):
    name, cohort = named
    ours = follow_up(cohort)
    ours = ours[ours["term"] == "median follow-up"]
    r = reference_table("follow_up", cohort=name, method="log-log")
    assert ours["endpoint"].tolist() == r["endpoint"].tolist()
    assert (ours["n"] - ours["events"]).tolist() == r["events"].tolist()
    for column, other in {"estimate": "estimate", "conf_low": "low", "conf_high": "high"}.items():
        assert_allclose(ours[column], r[other], **EXACT)


def test_restricted_mean_agrees_with_r(named):
    name, cohort = named
    keys = ("endpoint", "group", "level")
    ours = keyed(grouped(name, cohort, "rmst", rmst), *keys)
    r = keyed(reference_table("rmst", cohort=name), *keys)
    horizon = cohort.study.analysis.rmst_horizon
    assert set(ours["time"]) == {horizon}
    # R extends a curve that ended at 0 before the horizon in silence; the reference leaves those levels out.
    ours = ours.loc[r.index]
    assert_allclose(ours["estimate"], r["rmst"], **EXACT)
    assert_allclose(ours["std_error"], r["std_err"], **EXACT)
    assert_allclose(ours["conf_low"], np.maximum(0, r["rmst"] - 1.959963984540054 * r["std_err"]), **EXACT)
    assert_allclose(ours["conf_high"], np.minimum(horizon, r["rmst"] + 1.959963984540054 * r["std_err"]), **EXACT)


def test_logrank_agrees_with_r(named):
    name, cohort = named
    r = reference_table("logrank", cohort=name)
    table = logrank(cohort, groups=r["group"].unique())
    levels = table[table["level"] != ""]
    assert (
        levels[["endpoint", "group", "level"]].to_numpy().tolist()
        == r[["endpoint", "group", "level"]].to_numpy().tolist()
    )
    assert levels["n"].tolist() == r["n"].tolist()
    assert levels["events"].tolist() == r["observed"].tolist()
    assert_allclose(levels["expected"], r["expected"], **EXACT)
    tests = table[table["level"] == ""]
    r = r.drop_duplicates(["endpoint", "group"])
    assert tests["df"].tolist() == r["df"].tolist()
    assert_allclose(tests["statistic"], r["chisq"], rtol=1e-9)
    assert_allclose(tests["p_value"], r["p"], rtol=1e-8)


# ---- by hand --------------------------------------------------------------------------------------------------------
def medians(cohort):
    table = survival_summary(cohort)
    return {row.method: (row.estimate, row.conf_low, row.conf_high) for row in table.itertuples()}


def test_median_when_the_curve_runs_exactly_at_one_half():
    found = medians(times_cohort(range(1, 21), [1] * 20))
    assert {method: values[0] for method, values in found.items()} == {
        "SPSS": 10.0,
        "plain": 10.5,
        "log": 10.5,
        "log-log": 10.5,
    }
    # Greenwood at S = 1/2 is sqrt(1/80); the density runs from S(9) = 0.55 to S(11) = 0.45.
    half = 1.96 * math.sqrt(0.25 / 20) / 0.05
    assert_allclose(found["SPSS"], (10.0, 10.0 - half, 10.0 + half), rtol=1e-12)


def test_upper_limit_of_the_median_is_not_reached_in_six_patients():
    table = survival_summary(times_cohort(range(1, 7), [1] * 6))
    row = pick(table, method="log-log")
    assert (row.estimate, row.conf_low) == (3.5, 1.0)
    assert math.isnan(row.conf_high)
    assert row.reasons == (Reason("limit_not_reached", limit="upper"),)


def test_all_censored_says_not_reached():
    cohort = times_cohort([3, 5, 8], [0, 0, 0])
    table = survival_summary(cohort)
    assert table[["estimate", "conf_low", "conf_high"]].isna().all(axis=None)
    assert set(table["reasons"]) == {(Reason("not_reached", cause="no_events"),)}
    curve = survival_curve(cohort)
    assert curve["time"].tolist() == [0, 3, 5, 8]
    assert curve["estimate"].tolist() == [1, 1, 1, 1]
    assert curve["conf_low"].isna().all()
    rates = survival_at(cohort, times=[4, 9])
    assert rates["estimate"][:4].tolist() == pytest.approx([1, 1, 1, 2 / 3])
    assert rates["estimate"][4:].isna().all()
    assert set(rates["reasons"][4:]) == {(Reason("not_estimable", cause="beyond_last_observation"),)}
    area = rmst(cohort, horizon=6).iloc[0]
    assert area.estimate == 6
    assert math.isnan(area.std_error)
    assert math.isnan(area.conf_high)
    times = follow_up(cohort)
    assert times["estimate"].tolist() == [5, 5, 8]
    assert times["n"].tolist() == [3, 3, 3]


def test_a_median_above_one_half_is_not_reached():
    row = survival_summary(times_cohort([1, 2, 3, 4], [1, 0, 0, 0])).iloc[0]
    assert math.isnan(row.estimate)
    assert row.reasons == (Reason("not_reached", cause="above_half"),)


@pytest.mark.parametrize(
    ("time", "event", "remark"),
    [
        ([1, 2, 3, 4], [1, 1, 0, 0], Reason("limits_not_estimable", cause="above_45")),
        ([5, 5, 5], [1, 1, 1], Reason("limits_not_estimable", cause="nobody_left_at_median")),
        ([5, 5, 5, 9], [1, 1, 1, 0], Reason("limits_not_estimable", cause="first_event_below_55")),
        ([1, 2, 9, 10], [1, 1, 1, 1], Reason("lower_limit_zero")),
    ],
)
def test_spss_limits_say_why_they_are_missing(time, event, remark):
    row = pick(survival_summary(times_cohort(time, event)), method="SPSS")
    assert row.reasons == (remark,)
    assert math.isnan(row.conf_high) == (remark.code == "limits_not_estimable")


def test_spss_uses_the_normal_quantile_at_other_levels():
    row = pick(
        survival_summary(times_cohort(range(1, 21), [1] * 20, analysis={"confidence_level": 0.9})), method="SPSS"
    )
    assert row.conf_high - 10 == pytest.approx(1.6448536269514722 * math.sqrt(0.25 / 20) / 0.05, rel=1e-12)


def test_landmark_counts_the_events_at_it():
    cohort = times_cohort([6, 12, 24, 24, 30], [1, 0, 1, 1, 0])
    table = survival_at(cohort, times=[24])
    km = pick(table, method="Kaplan-Meier, plain")
    # 4/5 after the first, times 1/3 after two of the three at risk at 24.
    assert km.estimate == pytest.approx(4 / 15, rel=1e-12)
    assert (km.events, km.at_risk, km.n) == (3, 3, 5)
    crude = pick(table, method="crude proportion, Clopper-Pearson")
    assert crude.estimate == pytest.approx(1 / 5)
    assert crude.reasons == (Reason("counted_as_failures", count=1),)
    # Clopper-Pearson 1/5: the lower limit solves 1 - (1 - p)^5 = 0.025.
    assert crude.conf_low == pytest.approx(1 - 0.975**0.2, rel=1e-10)


def test_the_crude_proportion_counts_who_is_censored_at_the_time_as_event_free():
    cohort = times_cohort([6, 12, 24, 24, 24, 30], [1, 0, 0, 1, 0, 1])
    table = survival_at(cohort, times=[24])
    crude = pick(table, method="crude proportion, Clopper-Pearson")
    # Event-free at 24: one followed to 30 and two censored at 24; only the one censored at 12 counts as a failure.
    assert crude.estimate == pytest.approx(3 / 6)
    assert (crude.events, crude.reasons) == (2, (Reason("counted_as_failures", count=1),))
    # Whoever is event-free is censored at the end of the study: nobody is lost, so both methods agree.
    study_end = times_cohort([5, 9, 52, 52, 52, 52, 52], [1, 1, 1, 0, 0, 0, 0])
    rates = survival_at(study_end, times=[52])
    assert rates["estimate"].to_numpy() == pytest.approx([4 / 7] * 4, rel=1e-12)
    assert rates["reasons"].tolist() == [()] * 4


def test_the_crude_proportion_at_the_end_of_a_study_without_losses_is_that_of_kaplan_meier():
    rates = survival_at(public_cohort("rossi"), times=[52])
    # R's survfit on rossi at week 52: 0.7361; 114 of 432 were arrested, the others are censored at week 52.
    assert rates["estimate"].to_numpy() == pytest.approx([318 / 432] * 4, rel=1e-12)
    assert rates["reasons"].tolist() == [()] * 4


def test_rate_after_the_curve_reached_zero_is_zero():
    table = survival_at(times_cohort([1, 2], [1, 1]), times=[10])
    assert table["estimate"].tolist() == [0, 0, 0, 0]
    assert table["conf_low"][:3].isna().all()
    assert table["conf_high"][3] == pytest.approx(1 - 0.025**0.5)
    assert set(table["reasons"][:3]) == {(Reason("limits_not_estimable", cause="nobody_left"),)}


def test_numbers_at_risk_count_those_observed_at_the_time():
    curve = survival_curve(times_cohort([6, 12, 12, 24], [1, 1, 0, 0]))
    assert at_risk(curve, [0, 6, 12, 24, 25]) == [4, 4, 3, 1, 0]


def test_events_at_time_zero_lower_the_curve_at_once():
    curve = survival_curve(times_cohort([0, 0, 1, 2], [1, 0, 1, 1]), conf_type="plain")
    assert curve["time"].tolist() == [0, 1, 2]
    assert curve["at_risk"].tolist() == [4, 2, 1]
    assert curve["events"].tolist() == [1, 1, 1]
    assert curve["censored"].tolist() == [1, 0, 0]
    assert curve["estimate"].tolist() == [0.75, 0.375, 0]
    assert curve["std_error"][0] == pytest.approx(math.sqrt(0.75 * 0.25 / 4))
    assert curve[["std_error", "conf_low", "conf_high"]].iloc[2].isna().all()


def test_restricted_mean_by_hand():
    # Steps: 1 on [0, 2), 3/4 on [2, 4), 3/8 on [4, 5).
    cohort = times_cohort([2, 3, 4, 6], [1, 0, 1, 0])
    row = rmst(cohort, horizon=5).iloc[0]
    assert row.estimate == pytest.approx(2 + 1.5 + 0.375)
    variance = (1.5 + 0.375) ** 2 * 1 / (4 * 3) + 0.375**2 * 1 / (2 * 1)
    assert row.std_error == pytest.approx(math.sqrt(variance))
    assert row.events == 2


def test_restricted_mean_chooses_its_horizon():
    patients = {"time": [2, 3, 4, 6], "event": [1, 0, 1, 0]}
    planned = rmst(times_cohort(**patients, analysis={"rmst_horizon": 24.0})).iloc[0]
    assert planned.time == 6
    assert planned.reasons == (Reason("horizon_lowered", planned=24),)
    assert rmst(times_cohort(**patients, analysis={"rate_times": (3.0, 5.0)})).iloc[0].time == 5
    nothing = rmst(times_cohort(**patients))
    assert nothing.empty
    assert nothing.attrs["reason"] == Reason("not_planned", what="horizon")
    beyond = rmst(times_cohort(**patients), horizon=7).iloc[0]
    assert math.isnan(beyond.estimate)
    assert beyond.reasons == (Reason("not_estimable", cause="before_horizon"),)
    extinct = rmst(times_cohort([2, 4], [1, 1]), horizon=10).iloc[0]
    assert extinct.estimate == pytest.approx(3)


def test_limits_of_a_restricted_mean_stay_within_zero_and_the_horizon():
    late = rmst(times_cohort([9, *[12] * 9], [1, *[0] * 9]), horizon=10).iloc[0]
    # One event of 10 patients at 9: 9 + 0.9; the area after it is 0.9, and its error 0.9 / sqrt(10 * 9).
    assert late.estimate == pytest.approx(9.9)
    assert late.estimate + 1.96 * late.std_error > 10
    assert late.conf_high == 10
    assert late.conf_low == pytest.approx(9.9 - 1.959963984540054 * 0.9 / math.sqrt(90))
    soon = rmst(times_cohort([1, 1, 1, 100], [1, 1, 1, 0]), horizon=50).iloc[0]
    assert soon.estimate - 1.96 * soon.std_error < 0
    assert soon.conf_low == 0


def test_follow_up_without_censoring():
    table = follow_up(times_cohort([1, 2, 3], [1, 1, 1]))
    assert table["estimate"].isna().all()
    assert table["n"].tolist() == [3, 0, 0]
    assert set(table["reasons"]) == {(Reason("nobody_censored"),)}


def test_reverse_curve_that_stays_high_is_called_so():
    row = follow_up(times_cohort([1, 2, 3, 4], [0, 1, 1, 1])).iloc[0]
    assert math.isnan(row.estimate)
    assert row.reasons == (Reason("not_reached", cause="reversed_above_half"),)


def arms(time, event, arm, **keywords):
    variables = {"arm": {"label": "Arm", "levels": ["A", "B", "C"]}} | keywords.pop("variables", {})
    keywords.setdefault("analysis", {"groups": ("arm",)})
    return times_cohort(time, event, columns={"arm": arm}, variables=variables, **keywords)


def test_groups_skip_empty_levels_and_count_missing_values():
    cohort = arms([1, 2, 3, 4, 5], [1, 1, 1, 1, 0], ["C", "A", None, "C", "A"])
    table = survival_summary(cohort, group="arm")
    assert table["level"].tolist() == ["A"] * 4 + ["C"] * 4
    assert set(table["group"]) == {"arm"}
    assert table["n"].tolist() == [2] * 8
    assert all(reasons[-1] == Reason("missing_left_out", count=1, variable="arm") for reasons in table["reasons"])
    test = pick(logrank(cohort), level="")
    assert (test.n, test.df) == (4, 1)
    assert test.reasons == (Reason("missing_left_out", count=1, variable="arm"),)
    # Events at 1 (C; A has 2 of 4 at risk), 2 (A; 2 of 3) and 4 (C; 1 of 2).
    expected = 1 / 2 + 2 / 3 + 1 / 2
    variance = 1 / 4 + 2 / 9 + 1 / 4
    assert test.statistic == pytest.approx((1 - expected) ** 2 / variance)


@pytest.mark.parametrize(
    ("time", "event", "arm", "cause"),
    [
        ([1, 2], [1, 1], ["A", "A"], "few_groups"),
        ([1, 2], [0, 0], ["A", "B"], "no_events"),
        ([3, 3], [1, 1], ["A", "B"], "nothing_to_compare"),
        ([1, 5], [0, 1], ["A", "B"], "few_groups"),
        ([1, 5], [0, 1], [None, None], "no_value"),
    ],
)
def test_logrank_that_cannot_be_done_says_so(time, event, arm, cause):
    test = pick(logrank(arms(time, event, arm)), level="")
    assert test.reasons == (Reason("no_test", cause=cause),)
    assert math.isnan(test.p_value)
    assert math.isnan(test.statistic)
    assert pd.isna(test.df)


def test_logrank_leaves_out_a_group_never_at_risk_at_an_event():
    # Group C is censored before the first event: R compares the other two with one degree of freedom.
    cohort = arms([1, 2, 3, 4, 5], [0, 1, 1, 1, 0], ["C", "A", "B", "A", "B"])
    two = arms([2, 3, 4, 5], [1, 1, 1, 0], ["A", "B", "A", "B"])
    found, alone = pick(logrank(cohort), level=""), pick(logrank(two), level="")
    assert found.df == 1
    assert found.statistic == pytest.approx(alone.statistic, rel=1e-12)


def test_response_is_no_group_from_time_zero(cohort):
    for group in ("response", "best_response"):
        for compute in (survival_curve, survival_summary, survival_at, rmst):
            with pytest.raises(ValueError, match="known only after time zero"):
                compute(cohort, group=group)
        with pytest.raises(ValueError, match="landmark"):
            logrank(cohort, groups=[group])


def test_a_plan_that_groups_by_response_gets_a_reason(cohort):
    analysis = dataclasses.replace(cohort.study.analysis, groups=("sex", "response"))
    other = dataclasses.replace(cohort, study=dataclasses.replace(cohort.study, analysis=analysis))
    assert plan_groups(other) == ("sex",)
    rows = logrank(other)
    rows = rows[rows["group"] == "response"]
    assert rows["endpoint"].tolist() == ["PFS", "OS"]
    assert rows["p_value"].isna().all()
    assert set(rows["reasons"]) == {(Reason("known_later"),)}


def test_what_is_known_later_is_no_group_from_time_zero(cohort):
    variable = dataclasses.replace(cohort.study.variables["sex"], role="post-baseline")
    analysis = dataclasses.replace(cohort.study.analysis, groups=("sex", "differentiation"))
    study = dataclasses.replace(cohort.study, variables=cohort.study.variables | {"sex": variable}, analysis=analysis)
    other = dataclasses.replace(cohort, study=study)
    for compute in (survival_curve, survival_summary, survival_at, rmst):
        with pytest.raises(ValueError, match="'sex' is known only after time zero"):
            compute(other, group="sex")
    with pytest.raises(ValueError, match="landmark"):
        logrank(other, groups=["sex"])
    assert plan_groups(other) == ("differentiation",)
    rows = logrank(other).query("group == 'sex'")
    assert rows["p_value"].isna().all()
    assert rows["reasons"].tolist() == [(Reason("known_later"),)] * 2


@pytest.mark.parametrize("group", ["nonsense", "PFS", "age_years", "patient"])
def test_what_forms_no_groups_is_refused(cohort, group):
    with pytest.raises(ValueError, match=r"no variable|no groups"):
        survival_summary(cohort, group=group)


def test_bad_arguments_are_refused(cohort):
    with pytest.raises(ValueError, match="conf_type"):
        survival_curve(cohort, conf_type="logit")
    with pytest.raises(ValueError, match="time zero"):
        survival_at(cohort, times=[-1])
    with pytest.raises(ValueError, match="time zero"):
        rmst(cohort, horizon=0)


def test_tables_without_a_plan_say_why_they_are_empty():
    cohort = times_cohort([1, 2], [1, 0])
    assert survival_at(cohort).attrs["reason"] == Reason("not_planned", what="times")
    assert logrank(cohort).attrs["reason"] == Reason("not_planned", what="groups")
    nobody = arms([1, 2], [1, 0], [None, None])
    for compute in (survival_curve, survival_summary, rmst):
        keywords = {"horizon": 1} if compute is rmst else {}
        assert compute(nobody, group="arm", **keywords).attrs["reason"] == Reason("nobody_has_value", variable="arm")


@pytest.mark.parametrize(
    ("time", "event"),
    [
        ([0], [1]),
        ([0], [0]),
        ([4], [1]),
        ([4], [0]),
        ([0, 0, 0], [1, 1, 0]),
        ([2, 2, 2, 2], [1, 1, 1, 1]),
        ([2, 2, 2, 2], [1, 1, 0, 0]),
        ([1e-9, 1e9], [1, 1]),
    ],
)
def test_odd_cohorts_give_tables_of_the_declared_shape(time, event):
    arm = ["ÄB <b>", None, "$x$", "ÄB <b>"][: len(time)]
    cohort = make_cohort_from(
        pd.DataFrame({"t": time, "e": event, "arm": arm}),
        endpoints={"Überleben": ("t", "e"), "TTP": ("t", "e"), "third": ("t", "e")},
        variables={"arm": {"levels": ["ÄB <b>", "$x$"]}},
        analysis={"groups": ("arm",), "rate_times": (1.0, 2.0, 50.0), "confidence_level": 0.8},
        time_unit="weeks",
    )
    for group in ("", "arm"):
        curve = survival_curve(cohort, group=group)
        assert curve.groupby(["endpoint", "level"], sort=False)["time"].first().eq(0).all()
        assert curve["estimate"].between(0, 1).all()
        for table in (
            survival_summary(cohort, group=group),
            survival_at(cohort, group=group),
            rmst(cohort, group=group),
        ):
            assert list(dict.fromkeys(table["endpoint"])) == ["Überleben", "TTP", "third"]
            lost = table["estimate"].isna() | table["conf_low"].isna() | table["conf_high"].isna()
            assert table.loc[lost, "reasons"].map(bool).all()
    assert len(follow_up(cohort)) == 9
    assert (logrank(cohort)["level"] == "").sum() == 3


def test_row_order_does_not_matter(cohort):
    order = np.random.default_rng(1).permutation(cohort.n)
    shuffled = dataclasses.replace(
        cohort,
        patients=cohort.patients.iloc[order],
        outcomes={name: outcome.take(order) for name, outcome in cohort.outcomes.items()},
    )
    for compute in (survival_curve, survival_summary, survival_at, follow_up, rmst, logrank):
        pd.testing.assert_frame_equal(compute(cohort), compute(shuffled), rtol=1e-13)

"""Planned groups compared: differences, hazard ratios, tests by pairs, for trend and within strata, each against R."""

import dataclasses
import itertools

import numpy as np
import pandas as pd
import pytest
from cohorts import STUDY_FILE, TESTS, make_cohort_from, public_cohort, reference_table, times_cohort
from numpy.testing import assert_allclose

from aice_helpers.analysis import Analysis
from aice_helpers.core.reasons import Reason
from aice_helpers.core.results import pick
from aice_helpers.data.load import load_cohort
from aice_helpers.stats.group_contrasts import group_contrasts
from aice_helpers.stats.group_doubts import curves_cross
from aice_helpers.stats.group_tests import group_tests, holm
from aice_helpers.stats.kaplan_meier import kaplan_meier
from aice_helpers.stats.logrank import logrank
from aice_helpers.stats.samples import plan_strata

EXACT = {"rtol": 1e-8, "atol": 1e-10}
NAMES = ("default", "lung", "lymph_node", "rossi", "larynx", "leukemia")
KEYS = ("endpoint", "group", "term", "level", "reference")


def planned(cohort, **plan):
    """A cohort whose plan is changed, and whose categories are ordered."""
    study = cohort.study
    variables = {
        name: dataclasses.replace(each, ordered=each.type == "category") for name, each in study.variables.items()
    }
    analysis = dataclasses.replace(study.analysis, **plan)
    return dataclasses.replace(cohort, study=dataclasses.replace(study, variables=variables, analysis=analysis))


def compared(name, strata=""):
    """A cohort with the groups and strata of the reference file."""
    cohort = load_cohort(STUDY_FILE) if name == "default" else public_cohort(name)
    r = reference_table("group_contrasts", cohort=name)
    groups = dict.fromkeys(r.loc[r["strata"].eq(strata) if strata else r["group"].ne(""), "group"])
    within = tuple("age" if each == "age_group" else each for each in strata.split())
    times = tuple(sorted(set(r.loc[r["term"] == "survival", "time"])))
    groups = tuple(group for group in groups if group not in within)
    plan = cohort.study.analysis
    return planned(cohort, groups=groups, strata=within, rate_times=times, rmst_horizon=plan.rmst_horizon)


def within(name):
    return next(filter(None, reference_table("group_contrasts", cohort=name)["strata"]))


def keyed(table, *more):
    return table.set_index([*KEYS, *more]).sort_index()


@pytest.mark.parametrize("name", NAMES)
def test_differences_and_hazard_ratios_agree_with_r(name):
    for strata in ("", within(name)):
        cohort = compared(name, strata)
        r = reference_table("group_contrasts", cohort=name, strata=strata)
        r = r[r["group"].isin(cohort.study.analysis.groups)]
        ours = group_contrasts(cohort)
        ours = ours[ours["term"].str.startswith("stratified") == bool(strata)]
        for ratio in (True, False):
            theirs = r[r["term"].str.endswith("ratio") == ratio].assign(time=lambda rows: rows["time"].fillna(-1))
            mine = ours[ours["term"].str.endswith("ratio") == ratio].assign(time=lambda rows: rows["time"].fillna(-1))
            mine, theirs = keyed(mine, "time"), keyed(theirs, "time")
            # R's rows end with the last observation of either level, also where its curve has come down to 0.
            assert mine.index.difference(theirs.index).isin(mine.index[mine["std_error"].isna()]).all()
            mine = mine.loc[theirs.index]
            if ratio:
                # R gives a level without an event an enormous error; here it has no estimate.
                assert (mine["estimate"].isna() == (theirs["std_err"] > 100)).all()
                mine, theirs = mine[mine["estimate"].notna()], theirs[mine["estimate"].notna()]
            close = {"rtol": 1e-6} if ratio else EXACT
            assert_allclose(mine["estimate"], theirs["estimate"], **close)
            with_error = mine["std_error"].notna()
            assert_allclose(mine["std_error"][with_error], theirs["std_err"][with_error], **close)
            assert (theirs["std_err"][~with_error].isna() | theirs["std_err"][~with_error].eq(0)).all()
            scale = np.log if ratio else np.asarray
            error = mine["std_error"][with_error]
            assert_allclose(
                scale(mine["conf_low"][with_error]),
                scale(mine["estimate"][with_error]) - 1.959963984540054 * error,
                rtol=1e-7,
            )


@pytest.mark.parametrize("name", NAMES)
def test_tests_by_pairs_for_trend_and_within_strata_agree_with_r(name):
    for strata in ("", within(name)):
        cohort = compared(name, strata)
        r = reference_table("group_tests", cohort=name, strata=strata)
        r = r[r["group"].isin(cohort.study.analysis.groups)]
        ours = group_tests(cohort)
        mine, theirs = keyed(ours[(ours["term"] == "stratified") == bool(strata)]), keyed(r)
        assert mine.index.tolist() == theirs.index.tolist()
        for column in ("n", "events", "df"):
            assert mine[column].tolist() == theirs[column].tolist()
        assert_allclose(mine["statistic"], theirs["chisq"], rtol=1e-6)
        exact = mine.index.get_level_values("term") != "proportional hazards"
        assert_allclose(mine["statistic"][exact], theirs["chisq"][exact], **EXACT)
        assert_allclose(mine["p_value"][exact], theirs["p"][exact], **EXACT)
        assert_allclose(mine["adjusted"], theirs["adjusted"], **EXACT)


@pytest.fixture(scope="module")
def late():
    """Three centers with delayed entry, compared within arms."""
    frame = pd.read_csv(TESTS / "reference" / "entry_data.csv")
    cohort = make_cohort_from(
        frame,
        variables={"center": {"levels": ["1", "2", "3"], "ordered": True}, "arm": {"levels": ["0", "1"]}},
        analysis={"groups": ("center",), "strata": ("arm",), "rate_times": (12.0, 24.0), "rmst_horizon": 36.0},
    )
    outcome = dataclasses.replace(cohort.outcome("OS"), entry=frame["entry"].to_numpy())
    return dataclasses.replace(cohort, outcomes={"OS": outcome})


def test_all_of_it_agrees_with_r_where_patients_enter_late(late):
    r = reference_table("late_groups").rename(columns={"term": "which"})
    tests, contrasts = group_tests(late), group_contrasts(late)
    for row in r.itertuples():
        kind, *rest = row.what.rsplit(" ", 1) if row.what.startswith("survival") else [row.what]
        if row.what in ("trend", "stratified", "proportional hazards"):
            found = pick(tests, term=row.what)["statistic"]
        elif row.what == "pairwise":
            level, reference = row.which.split()
            found = pick(tests, term="pairwise", level=level, reference=reference)["statistic"]
        else:
            level, column = row.which.split()
            where = {"time": float(rest[0])} if rest else {}
            found = pick(contrasts, term=kind, level=level, **where)[column]
        assert_allclose(found, row.value, rtol=1e-6 if "hazard" in row.what else 1e-8, err_msg=row.what)


# -- what is compared with what ----------------------------------------------------------------------------------------


def test_the_reference_is_the_declared_one_or_the_first_with_patients():
    time, event = [1, 2, 3, 4, 5, 6], [1] * 6
    for reference, level, expected in (("", "abcabc", "a"), ("b", "abcabc", "b"), ("a", "bcbcbc", "b")):
        cohort = times_cohort(
            time, event, columns={"arm": list(level)},
            variables={"arm": {"levels": list("abc"), "reference": reference}},
            analysis={"groups": ("arm",), "rate_times": (2.5,), "rmst_horizon": 3.0},
        )  # fmt: skip
        table = group_contrasts(cohort)
        assert set(table["reference"]) == {expected}
        assert set(table["level"]) == set(level) - {expected}
        assert set(table["term"]) == {"hazard ratio", "survival", "restricted mean"}


def arms(time, event, arm, **plan):
    plan = {"groups": ("arm",), "rate_times": (2.5,), "rmst_horizon": 3.0} | plan
    return times_cohort(time, event, columns={"arm": arm}, variables={"arm": {"levels": ["a", "b"]}}, analysis=plan)


def test_a_difference_by_hand():
    table = group_contrasts(arms([1, 2, 3, 4, 2, 3, 4, 5], [1] * 8, list("aaaabbbb")))
    row = pick(table, term="survival")
    # 2 of 4 are left in a, 3 of 4 in b; no one is censored, so each variance is p (1 - p) / 4.
    assert row["estimate"] == pytest.approx(0.25)
    assert row["std_error"] == pytest.approx((0.25 / 4 + 0.1875 / 4) ** 0.5)
    row = pick(table, term="restricted mean")
    # Means of min(T, 3): 2.25 and 2.75.
    assert row["estimate"] == pytest.approx(0.5)
    assert row["events"] == 5


def test_differences_that_cannot_be_told_say_why():
    beyond = group_contrasts(arms([1, 2, 1, 4], [1, 0, 1, 0], list("aabb")))
    assert pick(beyond, term="survival")["reasons"] == (Reason("not_estimable", cause="beyond_last_observation"),)
    none = pick(group_contrasts(arms([3, 4, 3, 4], [1] * 4, list("aabb"))), term="survival")
    assert none["estimate"] == 0
    assert none["reasons"] == (Reason("error_not_estimable"),)
    one = pick(group_contrasts(arms([1, 4, 3, 4], [1] * 4, list("aabb"))), term="survival")
    assert one["reasons"] == (Reason("no_event_in_one"),)
    assert one["conf_high"] == 1
    single = group_contrasts(arms([1, 2], [1, 1], ["a", "a"]))
    assert single.attrs["reason"] == Reason("no_two_levels")


def test_there_are_pairs_and_a_trend_from_three_levels_on_and_a_trend_only_of_ordered_levels():
    rng = np.random.default_rng(2)
    columns = {"stage": rng.integers(1, 5, 80)}
    for levels, ordered, terms in ((4, True, ["trend"]), (4, False, []), (2, True, None)):
        frame = {"stage": np.minimum(columns["stage"], levels)}
        cohort = times_cohort(
            rng.exponential(9, 80), [1] * 80, columns=frame,
            variables={"stage": {"levels": [str(each + 1) for each in range(levels)], "ordered": ordered}},
            analysis={"groups": ("stage",)},
        )  # fmt: skip
        expected = [] if terms is None else [*terms, *["pairwise"] * 6]
        assert group_tests(cohort)["term"].tolist() == ["proportional hazards", *expected]


def test_cut_points_make_ordered_groups():
    cohort = times_cohort(
        [1, 2, 3, 4, 5, 6], [1] * 6, columns={"age": [50, 60, 70, 50, 60, 70]}, variables={"age": {}},
        analysis={"groups": ("age",), "cut_points": {"age": [55, 65]}},
    )  # fmt: skip
    assert "trend" in set(group_tests(cohort)["term"])


def test_holms_adjustment_in_any_order():
    p_values = [0.01, 0.04, 0.03, 0.005]
    assert holm(p_values) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    for order in itertools.permutations(range(4)):
        assert holm([p_values[place] for place in order]) == pytest.approx([[0.03, 0.06, 0.06, 0.02][p] for p in order])
    assert holm([0.6, 0.7]) == [1.0, 1.0]
    assert holm([]) == []


def test_who_is_in_no_stratum_is_left_out_and_counted():
    cohort = times_cohort(
        [1, 2, 3, 4, 5, 6], [1] * 6, columns={"arm": list("ababab"), "site": ["x", "x", "y", "y", None, "y"]},
        variables={"arm": {"levels": ["a", "b"]}, "site": {"levels": ["x", "y"]}},
        analysis={"groups": ("arm",), "strata": ("site",)},
    )  # fmt: skip
    assert plan_strata(cohort).isna().tolist() == [False] * 4 + [True, False]
    left_out = Reason("missing_left_out", count=1, variable="site")
    for row in (
        pick(group_tests(cohort), term="stratified"),
        pick(group_contrasts(cohort), term="stratified hazard ratio"),
    ):
        assert row["n"] == 5
        assert left_out in row["reasons"]
    assert left_out not in pick(group_tests(cohort), term="proportional hazards")["reasons"]


# -- what is to be known beside a log-rank test ------------------------------------------------------------------------


def test_curves_cross_where_each_is_above_the_other_with_enough_at_risk():
    early = kaplan_meier(np.array([1.0] * 8 + [9.0] * 22), np.array([True] * 8 + [False] * 22))
    late = kaplan_meier(np.array([2.0] * 16 + [9.0] * 14), np.array([True] * 16 + [False] * 14))
    assert curves_cross(early, late)
    assert curves_cross(late, early)
    assert not curves_cross(early, late, at_risk=31)
    assert not curves_cross(early, late, points=27)
    assert not curves_cross(early, early)
    never = kaplan_meier(np.array([9.0] * 30), np.zeros(30, dtype=bool))
    assert not curves_cross(early, never)


def test_who_is_at_risk_where_curves_cross_is_told_by_entry():
    time, event = np.array([1.0] * 8 + [9.0] * 22), np.array([True] * 8 + [False] * 22)
    other = np.array([2.0] * 16 + [9.0] * 14), np.array([True] * 16 + [False] * 14)
    entered = kaplan_meier(time, event, entry=np.array([0.5] * 8 + [1.0] * 22))
    # Only 8 are at risk at the first event: those who enter at 1 are at risk after it.
    assert entered.at_risk[np.searchsorted(entered.time, 1.0)] == 8
    assert not curves_cross(entered, kaplan_meier(*other))


def test_a_log_rank_test_says_that_curves_cross_and_that_hazards_are_not_proportional():
    time = [*[1.0] * 8, *[9.0] * 22, *[2.0] * 16, *[9.0] * 14]
    event = [*[1] * 8, *[0] * 22, *[1] * 16, *[0] * 14]
    cohort = arms(time, event, ["a"] * 30 + ["b"] * 30)
    reasons = pick(logrank(cohort), level="")["reasons"]
    assert Reason("curves_cross", levels=("a", "b"), points=5, at_risk=10) in reasons
    test = pick(group_tests(cohort), term="proportional hazards")
    assert (test["p_value"] < 0.05) == (Reason("hazards_not_proportional") in reasons)
    sex = logrank(public_cohort("leukemia"), groups=["sex"])
    assert pick(sex, level="")["reasons"] == (Reason("hazards_not_proportional"),)
    assert pick(logrank(public_cohort("leukemia"), groups=["treatment"]), level="")["reasons"] == ()


# -- masked ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["lung", "lymph_node", "larynx"])
def test_a_masked_contrast_is_one_of_two_levels_that_are_told(name):
    cohort = public_cohort(name)
    opened, exact = Analysis(cohort, mask_below=5), group_contrasts(cohort)
    table = opened.table("group_contrasts")
    assert table[["n", "events"]].isna().all(axis=None)
    seen = set()
    for (_, row), (_, true) in zip(table.iterrows(), exact.iterrows(), strict=True):
        shown = opened.mask.estimates_of_levels(row["group"], row["endpoint"])
        told = pd.notna(row["estimate"])
        seen.add(told)
        assert not told or {row["level"], row["reference"]} <= shown
        if told and not row["term"].endswith("ratio"):
            assert row["estimate"] == round(true["estimate"], 2) or true["time"] > 100
            assert pd.isna(row["p_value"])
            assert pd.isna(row["std_error"])
        if told and row["term"] == "survival":
            rates = opened.table("survival_at", group=row["group"]).query("method == 'Kaplan-Meier, log-log'")
            for level in (row["level"], row["reference"]):
                rate = pick(rates, endpoint=row["endpoint"], level=level, time=row["time"])
                assert pd.notna(rate["estimate"])
    assert True in seen


def test_a_p_value_adjusted_for_hidden_pairs_is_hidden():
    opened = Analysis(public_cohort("lung"), mask_below=5)
    pairs = opened.table("group_tests").query("term == 'pairwise'")
    assert pairs["p_value"].notna().any()
    assert pairs["p_value"].isna().any()
    assert pairs["adjusted"].isna().all()
    everyone = Analysis(public_cohort("lymph_node"), mask_below=5).table("group_tests").query("term == 'pairwise'")
    assert everyone["adjusted"].notna().all()


def test_a_stratum_with_few_patients_of_a_level_hides_what_is_computed_within_strata():
    rng = np.random.default_rng(4)
    n = 120
    columns = {"arm": rng.choice(["a", "b"], n), "site": np.repeat(["x", "y"], [n - 3, 3])}
    for site, told in ((columns["site"], False), (rng.choice(["x", "y"], n), True)):
        cohort = times_cohort(
            rng.exponential(9, n), rng.random(n) < 0.6, columns=columns | {"site": site},
            variables={"arm": {"levels": ["a", "b"]}, "site": {"levels": ["x", "y"]}},
            analysis={"groups": ("arm",), "strata": ("site",)},
        )  # fmt: skip
        opened = Analysis(cohort, mask_below=5)
        assert pd.notna(pick(opened.table("group_tests"), term="stratified")["p_value"]) == told
        assert pd.notna(pick(opened.table("group_contrasts"), term="stratified hazard ratio")["estimate"]) == told
        assert pd.notna(pick(opened.table("group_contrasts"), term="hazard ratio")["estimate"])


def test_a_masked_log_rank_test_names_no_hidden_level_whose_curve_crosses():
    opened = Analysis(public_cohort("lung"), mask_below=5)
    shown = opened.mask.estimates_of_levels("ph_ecog", "death")
    for row in opened.table("logrank").itertuples():
        for each in row.reasons:
            assert each.code != "curves_cross" or set(each["levels"]) <= shown

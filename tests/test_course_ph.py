"""What the lessons on proportional hazards and the landmark compute, against R and against values worked out by hand."""

import dataclasses

import numpy as np
import pytest
from cohorts import reference_table
from lifelines import CoxPHFitter
from studies import clinic, write_study

from aice_helpers.course.engine.lesson_data import lesson_data, offers
from aice_helpers.course.lessons.landmark import arithmetic as landmark
from aice_helpers.course.lessons.ph import arithmetic as ph
from aice_helpers.data.load import load_cohort
from aice_helpers.stats import response_landmark
from aice_helpers.study.model import DEFAULT_STUDY


@pytest.fixture(scope="module")
def data():
    return lesson_data(load_cohort(DEFAULT_STUDY))


def reference(what, **where):
    rows = reference_table("course_ph", what=what, **where)
    return rows.set_index("at")["value"]


def seven():
    return ph.SEVEN.rename(columns={"exposed": "second"}).astype({"second": float})


def test_the_seven_have_a_hazard_ratio_of_two_and_rs_tests():
    assert np.exp(ph.cox_fit(seven()).coefficients[0]) == pytest.approx(2, abs=1e-12)
    for transform in ("identity", "km", "rank", "log"):
        expected = reference(f"chi-square {transform}", cohort="seven").item()
        assert ph.score_test(seven(), transform).statistic == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("endpoint", ["PFS", "OS"])
@pytest.mark.parametrize("factor", ["distant_metastasis", "sex"])
def test_every_comparison_without_proportional_hazards_agrees_with_r(data, endpoint, factor):
    chosen = dataclasses.replace(data, endpoint=endpoint, factor=factor)

    def expected(what):
        return reference(what, cohort="default", endpoint=endpoint, factor=factor)

    for time in expected("rate difference").index:
        for name, found in (("rate", ph.rate_difference(chosen, time)), ("rmst", ph.rmst_difference(chosen, time))):
            assert found[0] == pytest.approx(expected(f"{name} difference")[time], abs=1e-10)
            assert found[1] == pytest.approx(expected(f"{name} difference se")[time], abs=1e-10)
            assert (found[2] + found[3]) / 2 == pytest.approx(found[0])
            assert (found[3] - found[2]) / 2 / found[1] == pytest.approx(1.959964, abs=1e-6)
        table = ph.periods(chosen, time)
        for place, name in enumerate(("early", "late")):
            assert table["log_ratio"].iloc[place] == pytest.approx(expected(f"log ratio {name}")[time], abs=1e-8)
            assert table["std_error"].iloc[place] == pytest.approx(expected(f"log ratio {name} se")[time], abs=1e-8)
    for transform in ("identity", "km", "rank", "log"):
        statistic = ph.score_test(ph.sample(chosen), transform).statistic
        assert statistic == pytest.approx(expected(f"chi-square {transform}").item(), rel=1e-7)
    rows = ph.sample(chosen).assign(value=ph.standardized_measure(chosen))
    stratified = CoxPHFitter().fit(rows, "time", "event", strata="second", fit_options={"precision": 1e-12})
    assert stratified.params_["value"] == pytest.approx(expected("stratified").item(), abs=1e-6)


def test_the_first_and_the_last_part_of_follow_up_are_those_of_the_whole(data):
    thirds, ends = ph.by_thirds(data), ph.by_follow_up(data)
    assert thirds["events"].sum() == data.event.sum() == ends["events"].iloc[-1]
    assert ends["log_ratio"].iloc[-1] == pytest.approx(ph.cox_fit(ph.sample(data)).coefficients[0])
    first = ph.periods(data, thirds["end"].iloc[0]).iloc[0]
    assert thirds["log_ratio"].iloc[0] == pytest.approx(first["log_ratio"])


def test_the_split_has_events_of_both_groups_on_both_sides(data, tmp_path):
    clinics = [lesson_data(load_cohort(write_study(tmp_path / str(s), *clinic(40, s)))) for s in range(6)]
    for each in (data, *clinics):
        if "periods" not in offers(each):
            continue
        events = ph.sample(each).query("event")
        late = events["time"] > each.split
        assert events.groupby([late, "second"]).size().min() >= 2
        assert ph.periods(each, each.split)[["estimate", "conf_low", "conf_high"]].notna().all(axis=None)


def test_events_of_one_group_before_all_of_the_other_offer_no_split(tmp_path):
    patients, events, study = clinic(40, 2)
    first = (patients["os"].rank(method="first") <= 20).to_numpy()
    patients["sex"] = np.where(first, "f", "m")
    study["analysis"]["groups"] = ["sex"]
    apart = dataclasses.replace(
        lesson_data(load_cohort(write_study(tmp_path, patients, events, study))), factor="sex", endpoint="OS"
    )
    assert np.isnan(apart.split)
    assert "periods" not in offers(apart)


def test_power_grows_with_the_number_of_patients():
    table = ph.power(sizes=(40, 300), studies=60)
    assert table["noticed"].loc[40] < 0.5 < table["noticed"].loc[300]


def test_the_six_agree_with_r_and_with_the_closed_forms():
    by_hand = {4: np.sqrt(6), 6: (np.sqrt(17) - 1) / 8}
    for at, value in by_hand.items():
        found = landmark.hazard_ratio(landmark.at_landmark(landmark.SIX, at))
        assert found == pytest.approx(value, abs=1e-9)
        assert found == pytest.approx(reference("landmark", cohort="six")[at], abs=1e-9)
    assert by_hand[6] == pytest.approx(reference("time-dependent", cohort="six").item(), abs=1e-9)
    table = landmark.rates(landmark.SIX)
    assert table["rate"].tolist() == pytest.approx([1 / 20, 3 / 23, 1 / 12, 3 / 31])
    spells = landmark.spells(landmark.SIX)
    assert (spells["stop"] - spells["start"]).sum() == landmark.SIX["time"].sum()
    assert spells.loc[spells["responder"] == 1, "start"].tolist() == [3, 5]


@pytest.mark.parametrize("seed", range(5))
def test_a_response_without_effect_looks_protective_only_from_time_zero(seed):
    patients = landmark.invented(2000, seed)
    assert landmark.hazard_ratio(landmark.naive(patients)) < 0.6
    for month in (3, 6, 9):
        assert 0.8 < landmark.hazard_ratio(landmark.at_landmark(patients, month)) < 1.25


def test_the_table_of_landmarks_is_the_books_at_the_plans(data):
    cohort = data.cohort
    plan = cohort.study.analysis.response_landmarks
    book = response_landmark.landmark_cox(cohort)
    for endpoint in cohort.study.endpoints:
        ours = landmark.landmark_table(cohort, endpoint, plan)
        rows = book[(book["endpoint"] == endpoint) & (book["model"] == "landmark")]
        levels, others = rows[rows["kind"] == "level"], rows[rows["kind"] == "reference"]
        for name in ("estimate", "conf_low", "conf_high"):
            assert ours[name].tolist() == levels[name].tolist()
        assert (ours["responders"].tolist(), ours["others"].tolist()) == (levels["n"].tolist(), others["n"].tolist())
        assert (ours["events_before"] + ours["censored_before"]).tolist() == levels["excluded"].tolist()
        assert ours["later"].tolist() == levels["later"].tolist()


def test_a_planned_horizon_before_the_first_event_of_a_group_gives_way_to_the_end_of_follow_up(data):
    planned = data.cohort.study.analysis
    early = dataclasses.replace(planned, rmst_horizon=0.01)
    study = dataclasses.replace(data.cohort.study, analysis=early)
    chosen = dataclasses.replace(data, cohort=dataclasses.replace(data.cohort, study=study))
    assert ph.horizon(data) == planned.rmst_horizon
    assert ph.horizon(chosen) == ph.sample(data).groupby("second")["time"].max().min()
    assert ph.rmst_difference(chosen, ph.horizon(chosen))[1] > 0

import numpy as np
import pandas as pd
import pytest
from cohorts import make_cohort_from

from aice_helpers.core.reasons import Reason
from aice_helpers.core.results import pick
from aice_helpers.stats.baseline import baseline_table, patient_flow
from aice_helpers.study.model import AdverseEvents, DataFile

# sum 31, sum of squares 173; R: quantile(x, type = 7) and sd(x)
NUMBERS = [3, 1, 4, 1, 5, 9, 2, 6]


def small(**columns):
    n = len(next(iter(columns.values())))
    frame = pd.DataFrame({"time": [1.0] * n, "event": [1] * n} | columns)
    kinds = {name: {"levels": ["a", "b", "c"]} if name.startswith("level") else {"unit": "cm"} for name in columns}
    return make_cohort_from(frame, variables=kinds)


def test_numbers_agree_with_r():
    table = baseline_table(small(size=[*NUMBERS, None]))
    assert table["statistic"].tolist() == ["median", "mean", "sd", "range"]
    assert set(table["n"]) == {8}
    assert set(table["missing"]) == {1}
    assert set(table["unit"]) == {"cm"}
    assert table["count"].isna().all()
    median = pick(table, statistic="median")
    assert (median["estimate"], median["low"], median["high"]) == (3.5, 1.75, 5.25)
    assert "R type 7" in median["method"]
    mean = pick(table, statistic="mean")
    assert mean["estimate"] == 31 / 8
    assert np.isnan([mean["low"], mean["high"]]).all()
    assert pick(table, statistic="sd")["estimate"] == pytest.approx(2.74837614393871, abs=1e-13)
    extremes = pick(table, statistic="range")
    assert (extremes["low"], extremes["high"]) == (1, 9)
    assert np.isnan(extremes["estimate"])


def test_categories_are_shares_of_the_patients_with_a_value():
    table = baseline_table(small(level=["b", "a", "b", None]))
    assert table["level"].tolist() == ["a", "b", "c"]
    assert table["statistic"].tolist() == ["share"] * 3
    assert table["count"].tolist() == [1, 2, 0]
    assert table["estimate"].tolist() == [1 / 3, 2 / 3, 0]
    assert set(table["n"]) == {3}
    assert set(table["missing"]) == {1}


def test_one_patient_has_no_standard_deviation():
    table = baseline_table(small(size=[7.5]))
    assert pick(table, statistic="median")[["estimate", "low", "high"]].tolist() == [7.5, 7.5, 7.5]
    assert np.isnan(pick(table, statistic="sd")["estimate"])


def test_a_variable_without_any_value():
    table = baseline_table(small(size=[np.nan, np.nan], level=[None, None]))
    assert set(table["n"]) == {0}
    assert set(table["missing"]) == {2}
    assert table[["estimate", "low", "high"]].isna().all(axis=None)
    assert table.loc[table["term"] == "level", "count"].tolist() == [0, 0, 0]


def test_no_variables_at_all():
    frame = pd.DataFrame({"time": [1.0], "event": [1]})
    table = baseline_table(make_cohort_from(frame))
    assert len(table) == 0
    assert table.attrs["reason"] == Reason("not_declared", what="baseline")


def test_only_baseline_and_post_baseline_in_the_order_of_the_study(cohort):
    table = baseline_table(cohort)
    assert list(dict.fromkeys(table["term"])) == [
        "age_years", "sex", "ecog", "histology", "primary_site", "disease_status", "tumor_size_cm",
        "distant_metastasis", "postoperative_regimens", "differentiation", "nlr", "aice_sessions",
    ]  # fmt: skip
    ecog = table[table["term"] == "ecog"]
    assert ecog["count"].tolist() == [41, 53, 15]
    assert set(ecog["n"] + ecog["missing"]) == {113}
    assert pick(table, term="distant_metastasis", level="Yes")["estimate"] == 70 / 113


def test_nothing_is_changed(cohort):
    before = cohort.patients.copy()
    baseline_table(cohort)
    pd.testing.assert_frame_equal(cohort.patients, before)


def test_flow_of_the_default_cohort(cohort):
    flow = patient_flow(cohort)
    assert dict(zip(flow["level"], flow["count"], strict=True)) == {
        "in the file": 113,
        "evaluable for response": 110,
        "with at least one adverse event": 45,
        "Progression-free survival: with follow-up": 113,
        "Progression-free survival: event": 101,
        "Progression-free survival: censored": 12,
        "Overall survival: with follow-up": 113,
        "Overall survival: event": 86,
        "Overall survival: censored": 27,
        "complete in all prognostic factors": 106,
        "complete in the multivariable model": 113,
    }
    assert set(flow["term"]) == {"flow"}
    assert set(flow["n"]) == {113}
    assert flow["estimate"].tolist() == [count / 113 for count in flow["count"]]


def test_flow_leaves_out_what_the_study_does_not_have():
    frame = pd.DataFrame({"time": [0.0, 2.0], "event": [0, 0]})
    assert patient_flow(make_cohort_from(frame))["level"].tolist() == [
        "in the file",
        "OS: with follow-up",
        "OS: event",
        "OS: censored",
    ]


def test_flow_of_several_endpoints_factors_and_no_event():
    frame = pd.DataFrame({"t": [1.0, 2.0], "e": [0, 1], "size": [1.0, None], "level": ["a", "b"], "best": ["a", None]})
    cohort = make_cohort_from(
        frame,
        endpoints={"Rückfall": ("t", "e"), "Tod": ("t", "e"), "DFS": ("t", "e")},
        variables={"size": {}, "level": {"levels": ["a", "b"]}, "best": {"role": "outcome", "levels": ["a", "b"]}},
        response={"variable": "best", "responders": ("a",), "controlled": ("a",)},
        analysis={"prognostic_factors": ("size", "level", "response")},
        adverse_events=pd.DataFrame({"patient": [], "term": [], "grade": pd.Categorical([], ["mild"], ordered=True)}),
        adverse_events_plan=AdverseEvents(DataFile("x"), "patient", "term", "grade", "none", {"1": "mild"}, "mild"),
    )
    flow = patient_flow(cohort)
    assert pick(flow, level="Rückfall: event")["count"] == 1
    assert pick(flow, level="complete in all prognostic factors")["count"] == 1
    assert pick(flow, level="evaluable for response")["estimate"] == 0.5
    assert pick(flow, level="with at least one adverse event")["count"] == 0

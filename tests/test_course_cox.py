"""The arithmetic of the lesson on Cox's partial likelihood against R and numbers worked out by hand."""

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from lifelines.datasets import load_leukemia
from studies import clinic, odd_clinics, write_study

from aice_helpers.course.engine import two_groups
from aice_helpers.course.engine.lesson_data import lesson_data
from aice_helpers.course.lessons.cox import arithmetic as cox
from aice_helpers.course.lessons.cox import pictures, words
from aice_helpers.course.lessons.logrank import arithmetic as logrank
from aice_helpers.data.load import load_cohort
from aice_helpers.stats import partial_likelihood

REFERENCE = pd.read_csv(Path(__file__).parent / "reference" / "course_cox.csv")


def patients(name):
    if name != "leukemia":
        return {"six": cox.SIX, "tied": cox.TIED}[name]
    raw = load_leukemia()
    return pd.DataFrame({"time": raw["t"].astype(float), "event": raw["status"] == 1, "exposed": raw["Rx"] == 1})


def table_of(data):
    return two_groups.tables(data["time"], data["event"], data["exposed"])


@pytest.mark.parametrize("row", list(REFERENCE.itertuples()), ids=lambda row: f"{row.cohort}, {row.ties}")
def test_estimate_and_tests_equal_those_of_r(row):
    table, ties = table_of(patients(row.cohort)), row.ties.capitalize()
    top, zero = cox.estimate(table, ties), cox.likelihood(table, 0.0, ties).iloc[0]
    assert top["beta"] == pytest.approx(row.beta, rel=1e-8)
    assert top["std_error"] == pytest.approx(row.std_error, rel=1e-8)
    assert top["log_likelihood"] == pytest.approx(row.top, rel=1e-10)
    assert zero["log_likelihood"] == pytest.approx(row.null, rel=1e-10)
    assert zero["score"] ** 2 / zero["information"] == pytest.approx(row.score, rel=1e-8)
    if ties == "Efron":
        tests = cox.three_tests(table)["statistic"]
        expected = [2 * (row.top - row.null), row.wald, row.score]
        assert tests.tolist() == pytest.approx(expected, rel=1e-7)


def test_the_six_patients_give_what_the_text_works_out():
    ratio = 2.0
    assert cox.choices(cox.SIX, ratio)["probability"].tolist() == pytest.approx([2 / 9, 1 / 7, 1 / 2, 1 / 2])
    row = cox.likelihood(table_of(cox.SIX), [0.0, math.log(ratio)])
    assert np.exp(row["log_likelihood"]).tolist() == pytest.approx([1 / 180, 1 / 126])
    assert row["score"][0] == pytest.approx(2 - 3 / 6 - 2 / 5 - 1 / 3)
    assert row["information"][0] == pytest.approx(1 / 4 + 6 / 25 + 2 / 9)


def test_tied_events_give_both_orders_and_their_stand_ins():
    made = cox.tied_likelihoods(math.log(2))
    expected = [1 / 5 * 2 / 4, 2 / 5 * 1 / 3, (0.1 + 2 / 15) / 2, 2 / (5 * 3.5), 2 / 25]
    assert made.tolist() == pytest.approx(expected)
    assert list(made.index[:2]) == ["B before D", "D before B"]


def test_the_invented_worlds_show_what_the_text_says():
    worlds = cox.two_worlds()
    confounded, balanced = worlds.iloc[0], worlds.iloc[1]
    assert confounded["crude"] < 0.7
    assert confounded["adjusted"] == pytest.approx(1, abs=0.05)
    assert balanced["adjusted"] == pytest.approx(0.5, abs=0.02)
    assert balanced["adjusted"] + 0.05 < balanced["crude"] < 1


def test_risks_follow_from_the_hazard_ratio():
    risks = cox.hazard_and_risk(2)
    assert risks["risk, exposed"].tolist() == pytest.approx([0.0199, 0.19, 0.51, 0.75, 0.91, 0.99])
    assert cox.median_ratios(2)["ratio of medians"].tolist() == pytest.approx([0.25, 0.5, math.sqrt(0.5)])


def test_the_cohorts_risks_are_those_of_the_model(cohort):
    data = lesson_data(cohort)
    risks, ratio = cox.risks(data), math.exp(cox.book_estimate(data)["beta"])
    first, second = risks.iloc[:, 1], risks.iloc[:, 2]
    assert (1 - second).tolist() == pytest.approx(((1 - first) ** ratio).tolist())
    known = two_groups.outcome(data)
    # Expected events by Breslow's cumulative hazard add up to those seen.
    table = two_groups.cohort_tables(data)
    tickets = table["at_risk"] + (ratio - 1) * table["at_risk_second"]
    steps = np.concatenate([[0], (table["events"] / tickets).cumsum()])
    hazard = steps[np.searchsorted(table["time"], known["time"], side="right")]
    assert (hazard * np.where(known["second"], ratio, 1)).sum() == pytest.approx(known["event"].sum())


def test_adjusted_words_name_both_ratios_or_say_why_there_is_one(cohort, tmp_path):
    own = repr(words.adjusted_words(lesson_data(cohort)))
    assert "crude hazard ratio 1.96" in own
    assert "adjusted for Tumor size" in own
    without = clinic()
    without[2]["analysis"]["multivariable"] = ["age"]
    alone = lesson_data(load_cohort(write_study(tmp_path / "alone", *without)))
    assert "no adjusted hazard ratio" in repr(words.adjusted_words(alone))
    gaps = lesson_data(load_cohort(write_study(tmp_path / "gaps", *odd_clinics()["plain"])))
    assert "adjusted for Stage" in repr(words.adjusted_words(gaps))


def test_figures_carry_the_numbers_of_the_lesson(cohort):
    data = lesson_data(cohort)
    table = two_groups.cohort_tables(data)
    picture = pictures.likelihood_curve(table, data)
    best = picture.data["log_likelihood"].idxmax()
    assert picture.data["beta"][best] == pytest.approx(cox.estimate(table)["beta"], abs=0.02)
    assert (picture.data["parabola"].max() - picture.data["log_likelihood"].max()) == pytest.approx(0, abs=1e-6)
    endless = pictures.endless(cox.SEPARATED)
    assert endless.data["without one"].is_monotonic_increasing
    assert pictures.risk_sets(cox.SIX).data.groupby("time").size().tolist() == [6, 5, 3, 2]
    assert partial_likelihood.fit(*(cox.SEPARATED[c] for c in ("time", "event", "exposed"))).separated[0]


def test_groups_without_a_finite_hazard_ratio_are_passed_over(tmp_path):
    patients, events, study = clinic()
    study["analysis"] |= {"groups": ["sex"], "cut_points": {}}
    assert lesson_data(load_cohort(write_study(tmp_path / "mixed", patients, events, study))).factor == "sex"
    order = patients["os"].rank(method="first")
    ordered = patients.assign(sex=np.where(order <= 30, "f", "m"))
    for endpoint in ("os", "pfs"):
        ordered[endpoint] = order
        ordered[f"{endpoint}_event"] = (order % 4 != 0).astype(int)
    data = lesson_data(load_cohort(write_study(tmp_path / "ordered", ordered, events, study)))
    assert (data.endpoint, data.factor) == ("PFS", "")


@pytest.mark.parametrize("reference", ["Female", "Male"])
def test_the_lessons_compare_against_the_reference_that_the_study_file_names(reference, tmp_path):
    patients, events, study = clinic()
    sex = {"levels": {"x": "Unknown", "f": "Female", "m": "Male"}, "reference": reference}
    study["variables"]["sex"] |= sex
    study["analysis"] |= {"groups": ["sex"], "prognostic_factors": ["sex"], "multivariable": ["sex"], "cut_points": {}}
    data = lesson_data(load_cohort(write_study(tmp_path, patients, events, study)))
    other = {"Female": "Male", "Male": "Female"}[reference]
    assert data.levels == (reference, other)
    exposed = patients["sex"] == {"Female": "f", "Male": "m"}[other]
    assert two_groups.outcome(data)["second"].tolist() == exposed.tolist()
    # One row, although the factor has a level without patients.
    row = cox.book_rows(data)
    assert row["level"].tolist() == [other]
    assert row["coefficient"].tolist() == pytest.approx([cox.estimate(two_groups.cohort_tables(data))["beta"]])
    assert logrank.book_rows(data)["level"].tolist() == [reference, other, ""]
    assert logrank.book_rows(data)["expected"][1] == pytest.approx(two_groups.cohort_tables(data)["expected"].sum())

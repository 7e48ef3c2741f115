"""The search for a cut-point: against R's survdiff, against enumeration, and what it does with noise."""

import itertools

import numpy as np
import pandas as pd
import pytest
from cohorts import make_cohort_from, reference_table
from numpy.testing import assert_allclose
from scipy.special import ndtri
from studies import clinic, write_study

from aice_helpers.core.results import pick
from aice_helpers.course.engine.lesson_data import candidate_cuts, lesson_data
from aice_helpers.course.lessons.cutpoint import arithmetic, pictures, play, words
from aice_helpers.data.load import load_cohort
from aice_helpers.stats import kaplan_meier, logrank, partial_likelihood


@pytest.fixture(scope="module")
def data(cohort):
    """What the default cohort offers."""
    return lesson_data(cohort)


def eight_tries():
    return arithmetic.cut_table(arithmetic.EIGHT["size"], arithmetic.EIGHT["time"], arithmetic.EIGHT["event"])


@pytest.mark.parametrize("name", ["default", "eight"])
def test_every_cut_agrees_with_survdiff(data, name):
    assert (data.endpoint, data.measure) == ("OS", "tumor_size_cm")
    ours = arithmetic.search(data) if name == "default" else eight_tries()
    reference = reference_table("course_cutpoint", data=name)
    assert_allclose(ours["cut"], reference["cut"], rtol=1e-15)
    assert ours["more"].tolist() == reference["more"].tolist()
    assert_allclose(ours["chi_square"], reference["chi_square"], rtol=1e-9, atol=1e-12)


def test_the_planned_cut_agrees_with_the_books_own_table(data):
    table = logrank.logrank(data.cohort, groups=[data.measure])
    test = pick(table, endpoint=data.endpoint, level="")
    planned = arithmetic.planned(data)
    assert planned["named"]
    assert planned["chi_square"] == pytest.approx(test["statistic"], rel=1e-9)
    assert planned["p_value"] == pytest.approx(test["p_value"], rel=1e-9)


def test_a_measurement_has_the_score_test_of_coxs_model():
    # Without tied times Breslow's and Efron's likelihoods are one.
    rng = np.random.default_rng(3)
    time, event, values = rng.permutation(40) + 1.0, rng.random(40) < 0.7, rng.normal(50, 9, 40)
    fitted = partial_likelihood.fit(time, event, values[:, None])
    ours = arithmetic.chi_squares(time, event, (values - values.mean())[:, None])
    assert ours[0] == pytest.approx(fitted.score.statistic, rel=1e-9)


def test_many_groupings_at_once_are_the_same_as_one_by_one(data):
    above = arithmetic.split(data.measured, arithmetic.search(data)["cut"])
    orders = np.random.default_rng(1).permuted(np.tile(np.arange(len(above)), (5, 1)), axis=1)
    together = arithmetic.chi_squares(data.time, data.event, above[orders])
    for order, row in zip(orders, together, strict=True):
        assert_allclose(row, arithmetic.chi_squares(data.time, data.event, above[order]), rtol=1e-12)


def test_nothing_to_compare_is_zero_and_not_missing():
    chi_square = arithmetic.chi_squares(
        [1.0, 1.0, 2.0, 3.0], [True, True, False, False], np.array([[True] * 4, [True] * 4]).T
    )
    assert chi_square.tolist() == [0, 0]
    late = arithmetic.chi_squares([1.0, 2.0, 3.0], [False, False, True], np.array([[True], [False], [False]]))
    assert late.tolist() == [0]


def test_the_exact_search_by_plain_enumeration():
    three = pd.DataFrame(
        {"size": [1.0, 2.0, 3.0, 4.0], "time": [1.0, 2.0, 3.0, 4.0], "event": [True, True, False, True]}
    )
    expected = []
    for order in itertools.permutations(range(4)):
        tests = arithmetic.cut_table(three["size"].to_numpy()[list(order)], three["time"], three["event"])
        expected.append(tests["chi_square"].max())
    assert_allclose(np.sort(arithmetic.exact_best(three)), np.sort(expected), atol=1e-12)


def test_adjusted_p_counts_the_data_as_a_shuffle():
    shuffles = np.array([1.0, 2.0, 3.0, 4.0])
    assert arithmetic.adjusted_p(3.0, shuffles) == 3 / 5
    assert arithmetic.adjusted_p(np.array([0.5, 9.0]), shuffles).tolist() == [1, 1 / 5]


def test_the_approximation_follows_altmans_short_form():
    # Altman et al. (1994): for a search from 10% to 90%, P = -1.63 p (1 + 2.35 ln p) for p from 0.0001 to 0.1.
    for p in (0.05, 0.02, 0.01, 0.001):
        short = -1.63 * p * (1 + 2.35 * np.log(p))
        assert arithmetic.approximate_p(ndtri(p / 2) ** 2) == pytest.approx(short, rel=0.03)
    assert arithmetic.approximate_p(0.5) == 1.0


def test_a_search_among_noise_passes_far_too_often(data):
    lowest = arithmetic.p_values(arithmetic.best_of_shuffles(data))
    assert len(lowest) == arithmetic.SHUFFLES
    assert 0.25 < (lowest < 0.05).mean() < 0.5
    single = arithmetic.noise_factors(data)
    assert single.shape == (arithmetic.SHUFFLES, arithmetic.NOISE_FACTORS)
    # 10 000 tests: three standard errors of 5% are 0.65 points.
    assert (single < 0.05).mean() == pytest.approx(0.05, abs=0.0065)
    table = arithmetic.any_significant(data)
    assert (table["seen"] - table["formula"]).abs().max() < 0.07


def test_the_same_shuffles_every_time(cohort, data):
    again = lesson_data(cohort)
    assert_allclose(arithmetic.best_of_shuffles(again), arithmetic.best_of_shuffles(data), rtol=0)
    assert arithmetic.best_of_shuffles(again) is arithmetic.best_of_shuffles(again)


def test_only_a_bootstrap_that_repeats_the_choice_comes_near_the_truth(data):
    means = arithmetic.noise_concordance(data)["mean"]
    assert means["apparent"] > 0.57
    assert means["apparent"] > means["refit only"] > means["choice repeated"] + 0.02
    assert abs(means["choice repeated"] - 0.5) < 0.05


def test_the_hazard_ratio_shrinks_where_nobody_searched(data):
    pairs = arithmetic.halves(data)
    assert len(pairs) > 150
    assert (pairs["searched"] > 1).all()
    assert pairs["fresh"].median() < pairs["searched"].median()


def own_data(folder, cut_points, **columns):
    """The data of a plain clinic whose plan groups by stage alone and has these cut-points of the age."""
    patients, events, study = clinic()
    cut_points = {"age": {"at": cut_points, "source": "an assumption"}} if cut_points else {}
    study["analysis"] = {**study["analysis"], "cut_points": cut_points, "groups": ["stage"]}
    return lesson_data(load_cohort(write_study(folder, patients.assign(**columns), events, study)))


def test_a_plan_without_cut_gives_the_median(tmp_path):
    own = own_data(tmp_path, [])
    planned = arithmetic.planned(own)
    assert not planned["named"]
    assert planned["cut"] == own.measured.median()
    assert "(the median, for the plan names no cut-point for it)" in repr(words.search_words(own))


@pytest.mark.parametrize(
    ("cuts", "why"),
    [
        ([25], "the plan's cut-point 25 years leaves all patients on one side"),
        ([25, 99], "the plan's cut-points 25 years and 99 years leave all patients on one side"),
    ],
)
def test_a_cut_point_that_is_passed_over_is_not_denied(tmp_path, cuts, why):
    own = own_data(tmp_path, cuts)
    assert own.measured.between(26, 98).all()
    assert arithmetic.planned(own)["cut"] == own.measured.median()
    for said in (words.search_words(own), words.loss_words(own)):
        assert f"(the median, for {why})" in repr(said)


def test_a_cut_point_that_is_passed_over_gives_way_to_the_next(tmp_path):
    own = own_data(tmp_path, [25, 60])
    assert arithmetic.planned(own)["cut"] == 60
    assert "The cut at 60 years (named in the plan)" in repr(words.search_words(own))


def test_a_median_that_is_the_largest_value_is_not_called_a_cut(tmp_path):
    ages = np.where(np.arange(60) < 35, 90, 20 + np.arange(60))
    own = own_data(tmp_path, [], age=ages)
    planned = arithmetic.planned(own)
    assert own.measured.median() == own.measured.max() == 90
    assert planned["cut"] == 79
    assert planned["words"] == "the highest candidate cut"
    assert "The cut at 79 years (the highest candidate cut, for" in repr(words.search_words(own))
    assert pictures.searched(own).alt.count("At 79, the highest candidate cut, it is") == 1


def test_the_page_names_the_cuts_that_were_really_tried(data):
    tried = candidate_cuts(data.measured)
    limits = np.quantile(data.measured, [0.1, 0.9])
    assert tried[0] > limits[0]
    assert tried[-1] < limits[1]
    said = repr(words.search_words(data))
    assert f"{len(tried)} candidate cuts, the lowest at {tried[0]:g}, the highest at {tried[-1]:g} cm." in said


def test_a_measurement_that_hardly_varies_carries_no_search(tmp_path):
    patients, events, study = clinic(150, 7)
    rare = np.where(patients.index < 138, 50, patients.index - 100)
    own = lesson_data(load_cohort(write_study(tmp_path, patients.assign(age=rare), events, study)))
    assert len(candidate_cuts(rare)) < 5
    assert own.measure == ""


def test_the_interactive_figure_holds_every_cut_of_the_page_but_no_patient(data):
    figure = play.mover(data)
    table = arithmetic.search(data)
    real = figure.data["sets"][0]
    assert real["cuts"] == table["cut"].tolist()
    assert real["more"] == table["more"].tolist()
    assert_allclose(real["chi"], table["chi_square"], atol=5.1e-5)
    assert_allclose(real["p"], table["p_value"], rtol=1e-3)
    assert (np.array(real["adjusted"]) >= real["p"]).all()
    lowest = real["p"].index(min(real["p"]))
    said = repr(words.search_words(data))
    assert f"is {real['chi'][lowest]:.2f}, at {real['cuts'][lowest]:g} cm" in said
    assert f"All {len(table)} candidate cuts can be chosen." in repr(figure)
    estimate = kaplan_meier.kaplan_meier(
        *(each[(data.measured <= real["cuts"][0]).to_numpy()] for each in (data.time, data.event))
    )
    shown = dict(zip(figure.data["moments"], real["curves"][0][0], strict=True))
    for moment, share in shown.items():
        if share is not None:
            before = estimate.survival[estimate.time <= moment * (1 + 1e-3)]
            assert abs(share / 1000 - (before[-1] if len(before) else 1)) < 0.03


def test_the_figure_of_a_real_cohort_holds_the_best_cut_and_no_two_cuts_that_one_patient_parts(tmp_path):
    own = own_data(tmp_path, [])
    figure, table = play.mover(own), arithmetic.search(own)
    for one in figure.data["sets"]:
        assert (-np.diff(one["more"]) >= 5).all()
        assert len(one["cuts"]) == len(one["more"]) == len(one["curves"]) < len(table)
    real = figure.data["sets"][0]
    assert real["chi"][real["p"].index(min(real["p"]))] == round(table["chi_square"].max(), 4)
    chosen = f"Of the {len(table)} candidate cuts {len(real['cuts'])} can be chosen, the best of all among them."
    assert chosen in repr(figure)


def test_the_figure_of_a_large_cohort_stays_small():
    frame = pd.DataFrame(
        {"time": np.arange(1.0, 1001), "event": np.arange(1000) % 3 > 0, "x": np.arange(1000) * 7 % 1000}
    )
    own = lesson_data(make_cohort_from(frame, variables={"x": {"label": "X"}}))
    real = play.mover(own).data["sets"][0]
    assert 60 < len(real["cuts"]) <= 100
    assert max(real["chi"]) == round(arithmetic.search(own)["chi_square"].max(), 4)

"""Conventions of programs against R (tests/reference/make_conventions.R), published outputs and arithmetic by hand."""

import math

import numpy as np
import pandas as pd
import pytest
from cohorts import public_cohort, reference_table
from numpy.testing import assert_allclose

from aice_helpers.core.results import pick
from aice_helpers.stats import ph_score
from aice_helpers.stats.conventions import coverage, times, two_groups
from aice_helpers.stats.conventions.table import _lifelines_median, conventions
from aice_helpers.stats.kaplan_meier import kaplan_meier
from aice_helpers.stats.partial_likelihood import fit

COHORTS = ("gehan", "tied")


def data_of(name):
    frame = reference_table("conventions_data", cohort=name)
    return frame["time"].to_numpy(float), frame["event"].to_numpy() == 1, frame["second"].to_numpy() == 1


def counts_of(name):
    return two_groups.counts_of(*data_of(name))


def curve_of(name, group):
    time, event, second = data_of(name)
    return kaplan_meier(time[second == group], event[second == group])


def expected(name, what):
    rows = reference_table("conventions", cohort=name, what=what)
    return {row.term: row.value for row in rows.itertuples()}


@pytest.mark.parametrize("name", COHORTS)
@pytest.mark.parametrize("group", [0, 1])
@pytest.mark.parametrize("conf_type", ["plain", "log", "log-log"])
@pytest.mark.parametrize("share", [0.75, 0.5, 0.25])
def test_quantiles_agree_with_r(name, group, conf_type, share):
    r = expected(name, f"{conf_type} {group} {100 - 100 * share:g}")
    ours = times.banded_quantile(curve_of(name, group), share, 0.95, conf_type, times.MIDDLE)
    assert_allclose(ours, [r["quantile"], r["lower"], r["upper"]], rtol=1e-12)


@pytest.mark.parametrize("name", COHORTS)
@pytest.mark.parametrize("group", [0, 1])
def test_means_agree_with_r(name, group):
    r, curve = expected(name, f"mean {group}"), curve_of(name, group)
    assert_allclose(times.mean_to_last_time(curve), [r["to the last time"], r["error to the last time"]], rtol=1e-12)
    assert_allclose(times.mean_to_last_event(curve), [r["to the last event"], r["error to the last event"]], rtol=1e-12)


@pytest.mark.parametrize("name", COHORTS)
@pytest.mark.parametrize(
    ("ties", "named"),
    [("Breslow", "breslow"), ("Efron", "efron"), ("exact, discrete", "exact"), ("exact, averaged", "averaged")],
)
def test_coefficients_agree_with_r_whatever_the_ties(name, ties, named):
    beta, error = two_groups.hazard_ratio(counts_of(name), ties)
    assert_allclose(beta, expected(name, "coefficient")[named], rtol=2e-6 if named == "averaged" else 1e-8)
    assert_allclose(error, expected(name, "error")[named], rtol=1e-5 if named == "averaged" else 1e-6)


@pytest.mark.parametrize("name", COHORTS)
@pytest.mark.parametrize("test", two_groups.WEIGHTS)
def test_weighted_tests_agree_with_r(name, test):
    assert_allclose(two_groups.weighted_test(counts_of(name), test)[0], expected(name, "test")[test], rtol=1e-11)


@pytest.mark.parametrize("name", COHORTS)
def test_ratios_from_observed_and_expected_events_agree_with_r(name):
    r, counts = expected(name, "quotient"), counts_of(name)
    quotients, difference = two_groups.ratio_of_quotients(counts, 0.95), two_groups.ratio_of_difference(counts, 0.95)
    assert_allclose(quotients[0], r["(O1 / E1) / (O0 / E0)"], rtol=1e-12)
    assert_allclose(difference[0], r["exp((O1 - E1) / V)"], rtol=1e-12)
    for estimate, low, high in (quotients, difference):
        assert low * high == pytest.approx(estimate**2)


@pytest.mark.parametrize("name", COHORTS)
@pytest.mark.parametrize("transform", ["km", "rank", "identity", "log"])
def test_both_tests_of_proportional_hazards_agree_with_r(name, transform):
    time, event, second = data_of(name)
    older = two_groups.older_ph_test(counts_of(name), transform)[0]
    assert_allclose(older, expected(name, "residuals")[transform], rtol=1e-6)
    covariates = second.astype(float)[:, None]
    fitted = fit(time, event, covariates)
    (newer,), _ = ph_score.proportional_hazards_test(fitted, time, event, covariates, [[0]], transform=transform)
    assert_allclose(newer.statistic, expected(name, "score test")[transform], rtol=1e-7)


def test_gehans_hazard_ratios():
    ratios = {ties: math.exp(two_groups.hazard_ratio(counts_of("gehan"), ties)[0]) for ties in two_groups.LIKELIHOODS}
    assert {ties: round(ratio, 3) for ties, ratio in ratios.items()} == {
        "Breslow": 0.221, "Efron": 0.208, "exact, discrete": 0.196, "exact, averaged": 0.202,
    }  # fmt: skip


def test_spss_median_of_gehans_data():
    estimate, low, high, error = times.spss_quantile(curve_of("gehan", 1), 0.5, 0.95)
    assert (estimate, round(error, 3), round(low, 3), round(high, 3)) == (23, 5.255, 12.699, 33.301)
    estimate, low, high, error = times.spss_quantile(curve_of("gehan", 0), 0.5, 0.95)
    assert (estimate, round(error, 3), round(low, 3), round(high, 3)) == (8, 1.669, 4.729, 11.271)


@pytest.mark.parametrize(
    ("events", "found"),
    [(20, {times.FIRST: 10, times.MIDDLE: 10.5, times.SAS: 10.5, times.PRISM: 10.5}),
     (10, {times.FIRST: 10, times.MIDDLE: 10, times.SAS: math.nan, times.PRISM: 15}),
     (9, dict.fromkeys((times.FIRST, times.MIDDLE, times.SAS, times.PRISM), math.nan)),
     (11, {times.FIRST: 10, times.MIDDLE: 10.5, times.SAS: 10.5, times.PRISM: 10.5})],
)  # fmt: skip
def test_a_curve_that_runs_flat_at_one_half(events, found):
    time = np.arange(1.0, 21.0)
    curve = kaplan_meier(time, time <= events)
    for rule, median in found.items():
        assert_allclose(times.quantile_time(curve, curve.survival, 0.5, rule), median, err_msg=rule)


def test_groups_without_an_event_have_no_ratio():
    counts = two_groups.counts_of([1.0, 2.0, 3.0, 4.0], [True, True, False, False], [False, False, True, True])
    for ties in two_groups.LIKELIHOODS:
        assert np.isnan(two_groups.hazard_ratio(counts, ties)).all()
    assert np.isnan(two_groups.ratio_of_quotients(counts, 0.95)).all()


def test_more_ties_than_the_exact_likelihoods_take():
    time = np.repeat([1.0, 2.0], 300)
    counts = two_groups.counts_of(time, np.ones(600, bool), np.arange(600) % 3 == 0)
    assert np.isnan(two_groups.hazard_ratio(counts, "exact, discrete")).all()
    assert np.isfinite(two_groups.hazard_ratio(counts, "Breslow")).all()


def test_delayed_entry_counts_nobody_before_entry():
    time, entry = [3.0, 5.0, 6.0, 8.0], [0.0, 4.0, 0.0, 5.5]
    counts = two_groups.counts_of(time, [True] * 4, [False, True, False, True], entry=entry)
    assert counts.at_risk.tolist() == [[2, 1, 1, 0], [0, 1, 1, 1]]


# -- coverage -----------------------------------------------------------------------------------------------------------
def test_coverage_of_a_proportion_is_the_sum_over_counts():
    # Of one patient Wald's interval is a point, 0 or 1; that of Clopper and Pearson holds everything within its limits.
    assert coverage.proportion_coverage("Wald", 1, 0.5, 0.95) == 0
    assert coverage.proportion_coverage("Clopper-Pearson", 1, 0.5, 0.95) == pytest.approx(1)
    # Two patients, true rate 0.1: 0/2 is Wald's point, 1/2 its interval -0.19 to 1.19, 2/2 a point.
    assert coverage.proportion_coverage("Wald", 2, 0.1, 0.95) == pytest.approx(2 * 0.1 * 0.9)


def test_coverage_of_a_median_by_the_real_functions():
    """The vectorized simulation against the same samples, interval by interval."""
    rng = np.random.default_rng(coverage.COVERAGE)
    n, longest = 60, coverage._longest(0.3)
    assert -math.expm1(-longest) / longest == pytest.approx(0.3)
    time, survival, variance, event = coverage._curves(rng, coverage._CHUNK, n, longest)
    place = (time <= math.log(2)).sum(axis=1) - 1
    at, spread = coverage._at(survival, place, 1.0), coverage._at(variance, place, 0.0)
    spss = coverage._spss_holds(time, survival, variance, event, 0.95)
    for row in range(60):
        curve = kaplan_meier(time[row], event[row])
        estimate, low, high, _ = times.spss_quantile(curve, 0.5, 0.95)
        assert spss[row] == (abs(estimate - math.log(2)) <= high - estimate)
        for method in ("plain", "log", "log-log"):
            _, low, high = times.banded_quantile(curve, 0.5, 0.95, method, times.FIRST)
            inside = low <= math.log(2) <= (math.inf if np.isnan(high) else high)
            assert coverage._holds(at, np.sqrt(spread), 0.5, 1.959964, method)[row] == inside


def test_spss_limits_of_a_median_hold_the_truth_less_often_than_they_say():
    held = coverage.survival_coverage(113, 0.2, 0.95)
    assert 0.90 < held["median", "SPSS"] < 0.925
    assert 0.935 < held["median", "log-log"] < 0.955


# -- the table ----------------------------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def default(cohort):
    return conventions(cohort)


def test_the_default_medians_by_program(default):
    rows = default[(default["topic"] == "median") & (default["endpoint"] == "OS")].set_index("program")
    limits = {program: (row["conf_low"], row["conf_high"]) for program, row in rows.iterrows()}
    assert limits["R; JASP; jamovi"] == (15.41, 31.69)
    assert limits["SAS 9.2 and later"] == limits["Stata"] == limits["lifelines"] == (15.05, 30.21)
    assert [round(limit, 1) for limit in limits["SPSS"]] == [12.8, 25.3]
    assert rows.loc["Prism before 10.5", ["conf_low", "conf_high"]].isna().all()


def test_two_groups_of_the_leukemia_example_are_gehans():
    table = conventions(public_cohort("leukemia"))
    efron = pick(table, topic="ties", method="Efron")
    # The example takes placebo as the reference.
    assert round(efron["estimate"], 3) == 0.208
    assert round(pick(table, topic="test", method="Gehan-Breslow")["statistic"], 4) == 13.4579
    means = table[table["topic"] == "mean"]
    assert list(means["program"]) == ["SPSS; Stata; R on request", "SAS"]


def test_lifelines_median_is_what_lifelines_says_where_the_curve_reaches_zero():
    time = np.array([1.0, 2, 3, 4, 5, 6])
    curve = kaplan_meier(time, np.ones(6, bool))
    assert np.isnan(times.banded_quantile(curve, 0.5, 0.95, "log-log", times.SAS)[2])
    outcome = pd.Series({"time": time, "event": np.ones(6, bool), "entry": None})
    # The curve's one half is a little more than that in binary, so the first time at or below it is 4, not 3.
    assert _lifelines_median(outcome, 0.95) == (4.0, 1.0, 6.0)

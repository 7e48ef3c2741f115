"""The Cox engine against arithmetic by hand, plain definitions and R's `survival`."""

import dataclasses
import math

import numpy as np
import pytest
from cohorts import public_cohort, reference_table
from numpy.testing import assert_allclose

from aice_helpers.stats.concordance import concordance, concordance_estimate
from aice_helpers.stats.partial_likelihood import ChiSquare, RiskSets, fit, tied_times
from aice_helpers.stats.ph_score import proportional_hazards_test, transformed_time

ROOT = math.sqrt(2)
THREE = ([1.0, 2.0, 3.0], [True, True, True], [[0.0], [1.0], [0.0]])


def simulated(seed, n=80, rounded=True):
    """Times with many ties, three covariates; about a third censored."""
    rng = np.random.default_rng(seed)
    covariates = np.column_stack([rng.normal(50, 10, n), rng.integers(0, 2, n), rng.normal(size=n)])
    time = rng.exponential(np.exp(-0.03 * (covariates[:, 0] - 50) - 0.7 * covariates[:, 1]) * 10)
    return np.ceil(time) if rounded else time, rng.random(n) < 0.65, covariates


def efron_log_likelihood(time, event, covariates, beta):
    """The definition, death by death."""
    predictor = covariates @ beta
    total = 0.0
    for moment in np.unique(time[event]):
        dead = event & (time == moment)
        at_risk, dying = np.exp(predictor[time >= moment]).sum(), np.exp(predictor[dead]).sum()
        count = dead.sum()
        total += predictor[dead].sum() - sum(math.log(at_risk - rank / count * dying) for rank in range(count))
    return total


def concordance_by_pairs(time, event, risk, leave_out=None):
    """Concordant share and number of pairs, pair by pair."""
    agree = pairs = 0.0
    for i in np.flatnonzero(event):
        for j in range(len(time)):
            if leave_out in (i, j) or not (time[j] > time[i] or (time[j] == time[i] and not event[j])):
                continue
            pairs += 1
            agree += 1.0 if risk[i] > risk[j] else 0.5 if risk[i] == risk[j] else 0.0
    return agree, pairs


class TestByHand:
    def test_three_patients(self):
        # L = t / ((2 + t)(1 + t)) with t the hazard ratio; the last event has nobody to be compared with.
        fitted = fit(*THREE)
        information = 2 * ROOT / (2 + ROOT) ** 2 + ROOT / (1 + ROOT) ** 2
        assert_allclose(fitted.coefficients, [math.log(ROOT)], rtol=1e-14)
        assert_allclose(fitted.std_errors, [information**-0.5], rtol=1e-14)
        assert_allclose(fitted.log_likelihood_null, -math.log(6), rtol=1e-14)
        assert_allclose(fitted.log_likelihood, math.log(ROOT / ((2 + ROOT) * (1 + ROOT))), rtol=1e-14)
        # At zero the score is 1 - 1/3 - 1/2 = 1/6 and the information 2/9 + 1/4 = 17/36.
        assert_allclose(fitted.score.statistic, 1 / 17, rtol=1e-13)
        assert_allclose(fitted.wald.statistic, math.log(ROOT) ** 2 * information, rtol=1e-13)
        assert (fitted.df, fitted.n, fitted.events, fitted.converged) == (1, 3, 3, True)

    def test_three_patients_proportional_hazards(self):
        # With g = -1, 0, 1: u = t/(2+t); variance V1 - V1^2/(V1+V2), V1 = V2 at t = sqrt(2). The statistic is sqrt(2).
        fitted = fit(*THREE)
        for transform in ("identity", "rank", "km"):
            (test,), overall = proportional_hazards_test(fitted, *THREE, [[0]], transform=transform)
            assert_allclose([test.statistic, overall.statistic], ROOT, rtol=1e-13)
            assert (test.df, overall.df) == (1, 1)

    def test_tied_events_share_the_risk_set(self):
        # L = t / ((1 + t)(1 + t)/2): largest at t = 1, information 1/4 for each of the two events.
        fitted = fit([5, 5], [True, True], [[0], [1]])
        assert_allclose(fitted.coefficients, [0.0], atol=1e-14)
        assert_allclose(fitted.std_errors, [ROOT], rtol=1e-14)
        assert_allclose(fitted.log_likelihood, -math.log(2), rtol=1e-14)

    def test_chi_square(self):
        assert_allclose(ChiSquare(3.841458820694124, 1).p_value, 0.05, rtol=1e-12)
        assert_allclose(ChiSquare(5.991464547107979, 2).p_value, 0.05, rtol=1e-12)
        assert math.isnan(ChiSquare(math.nan, 1).p_value)
        assert math.isnan(ChiSquare(0.0, 0).p_value)

    def test_transformed_times(self):
        time, event = [3.0, 1.0, 1.0, 7.0], [True, True, False, False]
        assert transformed_time(time, event, "identity").tolist() == time
        assert transformed_time(time, event, "rank").tolist() == [3.0, 1.5, 1.5, 4.0]
        # S is 1, 3/4 from 1 on, 3/8 from 3 on; each time takes the value just before it.
        assert transformed_time(time, event, "km").tolist() == [0.25, 0.0, 0.0, 0.625]
        assert_allclose(transformed_time(time, event, "log"), np.log(time))
        with pytest.raises(ValueError, match="after time zero"):
            transformed_time([0.0, 1.0], [True, True], "log")
        with pytest.raises(ValueError, match="transform is one of"):
            transformed_time(time, event, "sqrt")

    def test_censoring_at_time_zero_does_not_disturb_the_logarithm(self):
        assert np.isfinite(transformed_time([0.0, 1.0], [False, True], "log")).all()

    def test_rounding_makes_no_order(self):
        third = 0.1 + 0.2
        assert tied_times([third, 0.3, 5.0]).tolist() == [0.3, 0.3, 5.0]
        apart, tied = (fit([t, 0.3, 0.9, 0.9], [True] * 4, [1.0, 0.0, 0.0, 1.0]) for t in (third, 0.3))
        assert apart.log_likelihood == tied.log_likelihood


class TestDefinition:
    @pytest.mark.parametrize("rounded", [True, False])
    @pytest.mark.parametrize("seed", [1, 2, 3])
    def test_log_likelihood_and_its_derivatives(self, seed, rounded):
        time, event, covariates = simulated(seed, rounded=rounded)
        fitted = fit(time, event, covariates)
        beta = fitted.coefficients
        top = efron_log_likelihood(time, event, covariates, beta)
        assert_allclose(fitted.log_likelihood, top, rtol=1e-12)
        assert_allclose(fitted.log_likelihood_null, efron_log_likelihood(time, event, covariates, 0 * beta), rtol=1e-12)
        assert_allclose(fitted.likelihood_ratio.statistic, 2 * (top - fitted.log_likelihood_null), rtol=1e-9)
        step = 1e-3 * fitted.std_errors
        curvature = np.zeros((3, 3))
        for i in range(3):
            for j in range(3):
                a, b = step[i] * np.eye(3)[i], step[j] * np.eye(3)[j]
                values = [
                    efron_log_likelihood(time, event, covariates, beta + s * a + r * b)
                    for s, r in ((1, 1), (1, -1), (-1, 1), (-1, -1))
                ]
                curvature[i, j] = -(values[0] - values[1] - values[2] + values[3]) / (4 * step[i] * step[j])
        # Second differences of a sum of 50 logarithms keep about five digits.
        assert_allclose(np.linalg.inv(fitted.covariance), curvature, rtol=1e-4, atol=1e-4)

    def test_start_shift_and_scale_do_not_matter(self):
        time, event, covariates = simulated(4)
        plain = fit(time, event, covariates)
        again = fit(time, event, covariates, start=[0.5, -3.0, 2.0])
        assert_allclose(again.coefficients, plain.coefficients, rtol=1e-11)
        assert_allclose(again.covariance, plain.covariance, rtol=1e-10)
        unit = np.array([1e-6, 1e3, 1e9])
        scaled = fit(time, event, covariates * unit + [0, 1e4, 5e9])
        assert_allclose(scaled.coefficients * unit, plain.coefficients, rtol=1e-9)
        assert_allclose(scaled.std_errors * unit, plain.std_errors, rtol=1e-9)

    def test_order_of_rows_does_not_matter(self):
        time, event, covariates = simulated(5)
        order = np.random.default_rng(0).permutation(len(time))
        plain, mixed = fit(time, event, covariates), fit(time[order], event[order], covariates[order])
        assert_allclose(mixed.coefficients, plain.coefficients, rtol=1e-11)
        assert_allclose(mixed.covariance, plain.covariance, rtol=1e-11)


class TestReference:
    @pytest.mark.parametrize("transform", ["km", "identity", "rank"])
    def test_multivariable_model_with_ties(self, transform):
        cohort = public_cohort("rossi")
        names = cohort.study.analysis.multivariable
        outcome = cohort.survival("arrest")
        columns = [cohort.covariate(name) for name in names]
        covariates = np.column_stack(
            [c.cat.codes.to_numpy(float) if c.dtype == "category" else c.to_numpy(float) for c in columns]
        )
        time, event = outcome["time"].to_numpy(), outcome["event"].to_numpy()
        fitted = fit(time, event, covariates)
        where = {"cohort": "rossi", "model": "multivariable"}
        expected = reference_table("cox", **where)
        assert_allclose(fitted.coefficients, expected["coef"], rtol=1e-9)
        assert_allclose(fitted.std_errors, expected["se"], rtol=1e-9)
        tests, overall = proportional_hazards_test(
            fitted, time, event, covariates, [[place] for place in range(len(names))], transform=transform
        )
        expected = reference_table("ph_test", transform=transform, **where)
        assert_allclose([test.statistic for test in [*tests, overall]], expected["chisq"], rtol=1e-8)
        assert_allclose([test.p_value for test in [*tests, overall]], expected["p"], rtol=1e-8)


class TestNotEstimable:
    @pytest.fixture
    def factor(self):
        rng = np.random.default_rng(1)
        level, number = rng.integers(0, 4, 100), rng.normal(size=100)
        return rng.exponential(size=100), rng.random(100) < 0.7, level, number

    def design(self, level, number):
        return np.column_stack([level == 1, level == 2, level == 3, number]).astype(float)

    def test_level_without_event(self, factor):
        time, event, level, number = factor
        event = event & (level != 2)
        fitted = fit(time, event, self.design(level, number))
        assert fitted.separated.tolist() == [False, True, False, False]
        assert fitted.converged
        assert fitted.df == 4
        assert math.isnan(fitted.wald.statistic)
        # In the limit the patients of that level leave every risk set.
        kept = level != 2
        limit = fit(time[kept], event[kept], self.design(level, number)[kept][:, [0, 2, 3]])
        assert_allclose(fitted.coefficients[[0, 2, 3]], limit.coefficients, rtol=1e-10)
        assert_allclose(fitted.std_errors[[0, 2, 3]], limit.std_errors, rtol=1e-10)
        assert_allclose(fitted.log_likelihood, limit.log_likelihood, rtol=1e-12)
        assert np.isnan(fitted.coefficients[1])
        assert np.isnan(fitted.std_errors[1])
        terms, overall = proportional_hazards_test(fitted, time, event, self.design(level, number), [[0, 1, 2], [3]])
        expected, _ = proportional_hazards_test(
            limit, time[kept], event[kept], self.design(level, number)[kept][:, [0, 2, 3]], [[0, 1], [2]],
            transform="identity",
        )  # fmt: skip
        same, _ = proportional_hazards_test(
            fitted, time, event, self.design(level, number), [[0, 1, 2], [3]], transform="identity"
        )
        assert math.isnan(terms[0].statistic)
        assert_allclose(same[1].statistic, expected[1].statistic, rtol=1e-9)
        assert overall.df == 3

    def test_reference_without_event(self, factor):
        time, event, level, number = factor
        event = event & (level != 0)
        fitted = fit(time, event, self.design(level, number))
        assert fitted.separated.tolist() == [True, True, True, False]
        kept = level != 0
        limit = fit(time[kept], event[kept], self.design(level, number)[kept][:, 1:])
        assert_allclose(fitted.coefficients[3], limit.coefficients[2], rtol=1e-10)
        assert_allclose(fitted.std_errors[3], limit.std_errors[2], rtol=1e-10)
        assert_allclose(fitted.log_likelihood, limit.log_likelihood, rtol=1e-12)

    def test_two_levels_without_event(self, factor):
        time, event, level, number = factor
        event = event & (level < 2)
        fitted = fit(time, event, self.design(level, number))
        assert fitted.separated.tolist() == [False, True, True, False]
        kept = level < 2
        limit = fit(time[kept], event[kept], self.design(level, number)[kept][:, [0, 3]])
        assert_allclose(fitted.coefficients[[0, 3]], limit.coefficients, rtol=1e-10)

    def test_only_the_first_event_is_exposed(self, factor):
        # The first Newton step lands so far out that the likelihood is flat to the last digit.
        time, event, _, number = factor
        first = np.argmin(time)
        event = event.copy()
        event[first] = True
        exposed = np.zeros(100)
        exposed[first] = 1
        fitted = fit(time, event, np.column_stack([exposed, number]))
        assert fitted.separated.tolist() == [True, False]
        rest = np.arange(100) != first
        assert_allclose(fitted.coefficients[1], fit(time[rest], event[rest], number[rest]).coefficients[0], rtol=1e-10)

    def test_two_patients(self):
        fitted = fit([1, 2], [True, True], [1, 0])
        assert fitted.separated.tolist() == [True]
        assert_allclose(fitted.log_likelihood, 0.0, atol=1e-12)
        # Score 1/2, information 1/4.
        assert_allclose(fitted.score.statistic, 1.0, rtol=1e-13)

    def test_number_in_the_order_of_the_events(self):
        fitted = fit(np.arange(100), np.ones(100, dtype=bool), -np.arange(100.0))
        assert fitted.separated.tolist() == [True]
        assert np.isnan(fitted.coefficients[0])
        assert math.isnan(fitted.likelihood_ratio.statistic) or fitted.converged

    def test_collinear_columns_keep_the_first(self):
        time, event, covariates = simulated(6)
        plain = fit(time, event, covariates)
        doubled = fit(time, event, np.column_stack([covariates, 2 * covariates[:, 0] - covariates[:, 2] + 1]))
        assert doubled.aliased.tolist() == [False, False, False, True]
        assert_allclose(doubled.coefficients[:3], plain.coefficients, rtol=1e-10)
        assert doubled.df == 3
        assert_allclose(doubled.score.statistic, plain.score.statistic, rtol=1e-10)

    @pytest.mark.parametrize(
        ("time", "event", "covariates"),
        [
            ([1.0], [True], [1.0]),
            ([1, 2, 3], [False] * 3, [1, 2, 3]),
            ([1, 2, 3], [True] * 3, [0.1, 0.1, 0.1]),
            ([2, 3, 1], [True, True, False], [0, 0, 1]),
            ([], [], []),
        ],
    )
    def test_nothing_to_estimate(self, time, event, covariates):
        fitted = fit(time, event, covariates)
        assert fitted.aliased.tolist() == [True]
        assert (fitted.df, fitted.converged) == (0, True)
        assert np.isnan(fitted.coefficients).all()
        assert math.isnan(fitted.likelihood_ratio.p_value)
        (test,), overall = proportional_hazards_test(fitted, time, event, covariates, [[0]])
        assert math.isnan(test.statistic)
        assert math.isnan(overall.statistic)

    def test_all_events_at_one_time_leave_no_test_of_proportional_hazards(self):
        data = ([5.0] * 6, [True, True, True, False, False, False], [1.0, 2.0, 3.0, 2.0, 5.0, 3.0])
        fitted = fit(*data)
        assert fitted.estimable.all()
        (test,), overall = proportional_hazards_test(fitted, *data, [[0]])
        assert math.isnan(test.statistic)
        assert math.isnan(overall.statistic)

    def test_no_columns(self):
        fitted = fit([1, 2, 3], [True, True, False], np.zeros((3, 0)))
        assert_allclose(fitted.log_likelihood, -math.log(6), rtol=1e-14)
        assert fitted.coefficients.shape == (0,)


class TestConcordance:
    def test_by_hand(self):
        # Pairs 1-2, 1-3, 2-3; risks 3, 1, 2: the last pair disagrees.
        estimate, _ = concordance([1, 2, 3], [True, True, False], [3, 1, 2])
        assert_allclose(estimate, 2 / 3, rtol=1e-15)
        # Equal times: event and censored are comparable, two events are not.
        assert concordance([1, 1], [True, False], [2, 1])[0] == 1
        assert math.isnan(concordance([1, 1], [True, True], [2, 1])[0])
        assert math.isnan(concordance([], [], [])[0])
        assert math.isnan(concordance([1, 2], [False, False], [2, 1])[0])

    @pytest.mark.parametrize("n", [2, 7, 90])
    @pytest.mark.parametrize("seed", [1, 2, 3])
    def test_against_all_pairs(self, seed, n):
        rng = np.random.default_rng(seed)
        time, event, risk = rng.integers(0, 12, n), rng.random(n) < 0.6, rng.integers(0, 9, n)
        event[time.argmin()] = True
        agree, pairs = concordance_by_pairs(time, event, risk)
        if pairs == 0:
            assert math.isnan(concordance(time, event, risk)[0])
            return
        estimate, error = concordance(time, event, risk)
        assert_allclose(estimate, agree / pairs, rtol=1e-14)
        # Infinitesimal jackknife: each patient's own pairs against the overall share.
        influence = []
        for i in range(n):
            rest_agree, rest_pairs = concordance_by_pairs(time, event, risk, leave_out=i)
            influence.append(((agree - rest_agree) - estimate * (pairs - rest_pairs)) / pairs)
        assert_allclose(error, np.linalg.norm(influence), rtol=1e-12, atol=1e-15)
        assert_allclose(concordance_estimate(time, event, risk), estimate, rtol=1e-14)

    def test_both_ways_of_counting_agree(self):
        rng = np.random.default_rng(8)
        time, event, risk = rng.integers(0, 60, 1500), rng.random(1500) < 0.5, rng.integers(0, 40, 1500)
        agree = ((risk[:, None] > risk) + 0.5 * (risk[:, None] == risk))[event]
        comparable = ((time > time[:, None]) | ((time == time[:, None]) & ~event))[event]
        expected = agree[comparable].mean()
        assert_allclose(concordance(time, event, risk)[0], expected, rtol=1e-13)
        assert_allclose(concordance_estimate(time, event, risk), expected, rtol=1e-13)

    def test_equal_covariates_are_tied(self):
        rng = np.random.default_rng(2)
        covariates = np.repeat(rng.normal(size=(7, 5)), 13, axis=0)[rng.permutation(91)]
        fitted = fit(rng.exponential(size=91), np.ones(91, dtype=bool), covariates)
        assert len(np.unique(fitted.linear_predictor(covariates))) == 7


def test_a_likelihood_that_sinks_by_its_rounding_does_not_hold_up_the_search(monkeypatch):
    """With a million patients the sum of the logarithms is known to about twelve figures: the last steps cannot be seen in it."""
    rng = np.random.default_rng(4)
    group = rng.choice(3, 400)
    time, censored = rng.exponential(np.exp(-0.4 * group)), rng.uniform(0, 3, 400)
    data = np.minimum(time, censored), time <= censored, np.column_stack([group == 1, group == 2]).astype(float)
    exact, evaluated, likelihood = fit(*data), [], RiskSets.likelihood

    def sinking(sets, *arguments):
        found = likelihood(sets, *arguments)
        evaluated.append(found)
        return dataclasses.replace(found, log_likelihood=found.log_likelihood * (1 + 5e-13 * len(evaluated)))

    monkeypatch.setattr(RiskSets, "likelihood", sinking)
    rounded = fit(*data)
    assert len(evaluated) < 12
    assert rounded.coefficients == pytest.approx(exact.coefficients, rel=1e-9)
    assert rounded.std_errors == pytest.approx(exact.std_errors, rel=1e-9)

"""Time-to-event data as arrays: what is refused, and delayed entry and strata against R's `survival`."""

import itertools
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from aice_helpers.core.intervals import normal_quantile
from aice_helpers.core.reasons import Reason
from aice_helpers.data.outcome import Outcome
from aice_helpers.stats.arrays import CannotUseError, checked
from aice_helpers.stats.concordance import concordance
from aice_helpers.stats.kaplan_meier import (
    SPSS,
    band_limits,
    crude_proportion,
    kaplan_meier,
    median_interval,
    rate_at,
    restricted_mean,
)
from aice_helpers.stats.logrank import log_rank
from aice_helpers.stats.partial_likelihood import fit
from aice_helpers.stats.ph_score import proportional_hazards_test

REFERENCE = Path(__file__).parent / "reference"
DATA = pd.read_csv(REFERENCE / "entry_data.csv")
R = pd.read_csv(REFERENCE / "entry.csv", keep_default_na=False).set_index(["what", "term"])["value"]
TIME, EVENT, ENTRY = DATA["time"].to_numpy(float), DATA["event"].to_numpy(bool), DATA["entry"].to_numpy()
COVARIATES, CENTER = DATA[["age", "arm"]].to_numpy(float), DATA["center"].to_numpy()
TIED = ([1.0, 2.0, 2.0, 3.0], [True, True, False, True])


# -- what is refused ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"time": [1.0, np.nan, 2.0, 3.0]}, "time: a value is missing or infinite"),
        ({"time": [1.0, np.inf, 2.0, 3.0]}, "time: a value is missing or infinite"),
        ({"time": [1.0, 2.0]}, "event: one value is needed for each time"),
        ({"event": [1, 2, 1, 2]}, "event: a value is neither true nor false"),
        ({"event": [1.0, np.nan, 0.0, 1.0]}, "event: a value is neither true nor false"),
        ({"entry": [0.0, 2.0, 0.0, 0.0]}, "entry: a value is not before its time"),
        ({"entry": [0.0, np.nan, 0.0, 0.0]}, "entry: a value is missing or infinite"),
        ({"weights": [1.0, 0.0, 1.0, 1.0]}, "weights: a value is not positive"),
        ({"strata": [1, 2]}, "strata: one value is needed for each time"),
    ],
)
def test_arrays_that_do_not_fit_are_errors(changes, words):
    given = {"time": TIED[0], "event": TIED[1]} | changes
    with pytest.raises(ValueError, match=words):
        checked(**given)


@pytest.mark.parametrize(
    "method",
    [
        lambda time: kaplan_meier(time, TIED[1]),
        lambda time: fit(time, TIED[1], [0.0, 1.0, 0.0, 1.0]),
        lambda time: concordance(time, TIED[1], [0.0, 1.0, 0.0, 1.0]),
        lambda time: log_rank(time, TIED[1], [0, 0, 1, 1]),
    ],
)
@pytest.mark.parametrize("time", [[1.0, np.nan, 2.0, 3.0], [1.0, 2.0, 3.0]])
def test_no_method_takes_a_missing_time_or_arrays_of_unequal_length(method, time):
    with pytest.raises(ValueError, match=r"missing|needed for each time"):
        method(time)


def test_a_missing_covariate_is_an_error():
    with pytest.raises(ValueError, match="covariates: a value is missing"):
        fit(*TIED, [0.0, np.nan, 0.0, 1.0])
    with pytest.raises(ValueError, match="covariates: one row is needed for each time"):
        fit(*TIED, [0.0, 1.0])


@pytest.mark.parametrize(
    ("method", "what"),
    [
        (lambda more: fit(*TIED, [0.0, 1.0, 0.0, 1.0], **more), ("weights", "cluster")),
        (lambda more: log_rank(*TIED, [0, 0, 1, 1], **more), ("weights", "cluster")),
        (lambda more: concordance(*TIED, [0.0, 1.0, 0.0, 1.0], **more), ("entry", "weights", "strata", "cluster")),
    ],
)
def test_what_a_method_cannot_use_it_refuses_with_a_code(method, what):
    for name in what:
        with pytest.raises(CannotUseError) as refused:
            method({name: np.ones(4) / 2})
        assert refused.value.reason.code == "cannot_use"
        assert refused.value.reason["what"] == name


def test_conventions_without_delayed_entry_say_so():
    curve = kaplan_meier(TIME, EVENT, entry=ENTRY)
    assert median_interval(curve, 0.95, SPSS)[3] == (Reason("cannot_use", what="entry", method="SPSS"),)
    assert crude_proportion(curve, 12.0, 0.95)[3][0]["what"] == "entry"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"cause": [0, 1]}, "one value a patient"),
        ({"time": [1.0, np.inf, 2.0]}, "infinite"),
        ({"entry": [0.0, np.nan, 0.0]}, "an entry missing"),
        ({"entry": [0.0, 2.0, 0.0]}, "enters at or after"),
        ({"cause": [0, 1, 3]}, "no name"),
        ({"cause": [0, 1, -2]}, "no name"),
    ],
)
def test_an_outcome_that_cannot_be_is_an_error(changes, words):
    given = {"time": [1.0, 2.0, 3.0], "cause": [0, 1, 2], "causes": ("relapse", "death")} | changes
    with pytest.raises(ValueError, match=words):
        Outcome(**given)


def test_an_outcome_knows_its_event_its_competitors_and_is_not_changed():
    outcome = Outcome([1.0, 2.0, 3.0, 4.0], [0, 1, 2, -1], ("relapse", "death"), ("censored", "moved away"))
    assert outcome.event.tolist() == [False, True, False, False]
    assert outcome.take([2, 1]).cause.tolist() == [2, 1]
    with pytest.raises(ValueError, match="read-only"):
        outcome.time[0] = -5


def test_what_a_cohort_hands_out_is_a_copy(cohort):
    for frame in (cohort.survival("OS"), cohort.patients, cohort.adverse_events):
        frame.iloc[:, 0] = frame.iloc[0, 0]
    cohort.outcomes.clear()
    for values in (cohort.groups("sex"), cohort.covariate("age_years"), cohort.responder):
        values.iloc[:] = values.iloc[0]
    assert cohort.survival("OS")["time"].nunique() > 50
    assert cohort.patients.iloc[:, 0].nunique() > 20
    assert cohort.adverse_events["patient"].nunique() > 20
    assert cohort.groups("sex").nunique() == 2
    assert cohort.covariate("age_years").nunique() > 20
    assert cohort.responder.nunique() == 2


# -- delayed entry and strata against R --------------------------------------------------------------------------------


@pytest.mark.parametrize("scale", ["log", "log-log", "plain"])
def test_curve_and_median_with_delayed_entry_agree_with_r(scale):
    curve = kaplan_meier(TIME, EVENT, entry=ENTRY)
    found = median_interval(curve, 0.95, scale)[:3]
    np.testing.assert_allclose(found, [R[f"median {scale}", term] for term in ("estimate", "low", "high")])
    for time in (6, 12, 24, 36):
        estimate, low, high, _ = rate_at(curve, time, 0.95, scale)
        place = np.searchsorted(curve.time, time, side="right") - 1
        here = [estimate, curve.std_error[place], low, high, curve.at_risk_at(time)]
        wanted = [R[f"rate {scale}", f"{time} {what}"] for what in ("estimate", "error", "low", "high", "at risk")]
        np.testing.assert_allclose(here, wanted, rtol=1e-10)


def test_the_restricted_mean_with_delayed_entry_agrees_with_r():
    estimate, error, _ = restricted_mean(kaplan_meier(TIME, EVENT, entry=ENTRY), 36)
    np.testing.assert_allclose([estimate, error], [R["rmst", "36"], R["rmst", "error"]], rtol=1e-9)


@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("entry", {"entry": ENTRY}),
        ("strata", {"strata": CENTER}),
        ("entry and strata", {"entry": ENTRY, "strata": CENTER}),
    ],
)
def test_cox_and_its_test_of_proportional_hazards_agree_with_r(name, more):
    fitted = fit(TIME, EVENT, COVARIATES, **more)
    for place in (0, 1):
        assert fitted.coefficients[place] == pytest.approx(R[name, f"coefficient {place + 1}"], rel=1e-8)
        assert fitted.std_errors[place] == pytest.approx(R[name, f"error {place + 1}"], rel=1e-8)
    assert fitted.log_likelihood_null == pytest.approx(R[name, "null"], rel=1e-10)
    assert fitted.log_likelihood == pytest.approx(R[name, "likelihood"], rel=1e-10)
    assert fitted.score.statistic == pytest.approx(R[name, "score"], rel=1e-8)
    for transform in ("km", "rank", "identity"):
        tests, overall = proportional_hazards_test(
            fitted, TIME, EVENT, COVARIATES, [[0], [1]], transform=transform, **more
        )
        for place, test in enumerate((*tests, overall), 1):
            assert test.statistic == pytest.approx(R[f"{name} {transform}", f"chi-square {place}"], rel=1e-6)


def test_log_rank_with_strata_and_with_entry_agrees_with_r():
    arm = DATA["arm"].to_numpy()
    compared = log_rank(TIME, EVENT, arm, strata=CENTER)
    assert compared.chi_square[0] == pytest.approx(R["log-rank in strata", "chi-square"], rel=1e-10)
    np.testing.assert_allclose(compared.expected, [R["log-rank in strata", f"expected {k}"] for k in (1, 2)])
    untied = TIME + np.arange(1, len(TIME) + 1) / 1e4
    with_entry = log_rank(untied, EVENT, arm, entry=ENTRY)
    assert with_entry.chi_square[0] == pytest.approx(R["log-rank with entry", "chi-square"], rel=1e-8)


def test_weights_of_two_count_everyone_twice():
    once, twice = kaplan_meier(TIME, EVENT, weights=np.full(len(TIME), 2.0)), kaplan_meier(TIME, EVENT)
    np.testing.assert_allclose(once.survival, twice.survival)
    np.testing.assert_allclose(once.at_risk, 2 * twice.at_risk)
    low, high = band_limits(once, normal_quantile(0.95), "log")
    assert (low[1:-1] > band_limits(twice, normal_quantile(0.95), "log")[0][1:-1]).all()
    assert (high[1:-1] <= band_limits(twice, normal_quantile(0.95), "log")[1][1:-1]).all()


def test_a_risk_set_that_is_empty_between_two_patients_ends_no_curve():
    curve = kaplan_meier([2.0, 9.0, 10.0], [False, True, False], entry=[0.0, 5.0, 6.0])
    assert curve.time.tolist() == [0.0, 2.0, 5.0, 6.0, 9.0, 10.0]
    assert curve.at_risk.tolist() == [1, 1, 0, 1, 2, 1]
    assert curve.survival.tolist() == [1.0, 1.0, 1.0, 1.0, 0.5, 0.5]


def test_concordance_counts_every_pair_with_ties_of_times_and_of_risks():
    rng = np.random.default_rng(5)
    for n in rng.integers(2, 90, 60):
        time, event = rng.integers(0, 12, n).astype(float), rng.random(n) < 0.6
        risk = rng.integers(0, 8, n).astype(float)
        agree = total = 0.0
        for first, second in itertools.permutations(range(n), 2):
            if event[first] and (time[first] < time[second] or (time[first] == time[second] and not event[second])):
                total += 1
                agree += 1.0 if risk[first] > risk[second] else 0.5 if risk[first] == risk[second] else 0.0
        assert concordance(time, event, risk)[0] == (
            pytest.approx(agree / total, rel=1e-12) if total else pytest.approx(np.nan, nan_ok=True)
        )

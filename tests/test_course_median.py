"""The numbers of the lesson on the median: limits against R, SPSS's by hand, the simulation against single samples."""

import math

import numpy as np
import pandas as pd
import pytest
from cohorts import TESTS
from scipy.stats import binom

from aice_helpers.course.lessons.median import arithmetic, pictures
from aice_helpers.stats import kaplan_meier

SAMPLES = {
    "ten": (arithmetic.TEN["time"], arithmetic.TEN["event"]),
    "twenty": (np.arange(1, 21), np.ones(20)),
    "six": (np.arange(1, 7), np.ones(6)),
}


def test_medians_and_limits_agree_with_r():
    for row in pd.read_csv(TESTS / "reference" / "course_median.csv").itertuples():
        found = arithmetic.conventions(*SAMPLES[row.sample], row.level).loc[row.scale]
        assert found.tolist() == pytest.approx([row.median, row.lower, row.upper], nan_ok=True), row


def test_spss_by_hand():
    # Ten patients: S is 0.9 * 8/9 = 0.8, then times 6/7, 5/6, 4/5, 3/4; at 10 months 16/35, error by Greenwood.
    found = arithmetic.density(*SAMPLES["ten"])
    greenwood = 1 / 90 + 1 / 72 + 1 / 42 + 1 / 30 + 1 / 20
    assert found["std_error_share"] == pytest.approx(16 / 35 * math.sqrt(greenwood))
    assert found["slope"] == pytest.approx((20 / 35 - 12 / 35) / 5)
    half = 1.96 * found["std_error"]
    assert arithmetic.conventions(*SAMPLES["ten"]).loc["SPSS"].tolist() == pytest.approx([10, 10 - half, 10 + half])


def test_ranks_are_the_widest_pair_that_counting_allows():
    # The usual table of the sign test at the 95% level.
    table = {5: (0, 6), 6: (1, 6), 10: (2, 9), 20: (6, 15), 50: (18, 33), 100: (40, 61)}
    assert {n: arithmetic.ranks(n) for n in table} == table
    for n in range(6, 60):
        lower, upper = arithmetic.ranks(n)
        assert binom.cdf(lower - 1, n, 0.5) <= 0.025 < binom.cdf(lower, n, 0.5)
        assert lower + upper == n + 1


@pytest.mark.parametrize("size", [8, 20, 60])
@pytest.mark.parametrize("level", [0.9, 0.95])
def test_many_samples_at_once_have_the_limits_of_each(size, level):
    time, event = arithmetic.simulated_times(size, 120)
    found = arithmetic._many_limits(time, event, level)
    for place in range(len(time)):
        one = arithmetic.conventions(time[place], event[place], level)
        for method, (low, high) in found.items():
            lower, upper = one.loc[method, ["lower", "upper"]]
            upper = math.inf if math.isnan(upper) and not math.isnan(lower) else upper
            assert (low[place], high[place]) == pytest.approx((lower, upper), nan_ok=True), (place, method)


def test_the_simulation_counts_what_it_says_and_is_the_same_in_every_run():
    table = arithmetic.simulated(sizes=(20,), studies=300)
    assert table.equals(arithmetic.simulated(sizes=(20,), studies=300))
    time, event = arithmetic.simulated_times(20, 300)
    row = table.set_index("convention").loc["log"]
    limits = [
        kaplan_meier.median_interval(arithmetic._curve(t, e), 0.95, "log")[1:3]
        for t, e in zip(time, event, strict=True)
    ]
    early = np.mean([high < 20 for _, high in limits])
    late = np.mean([low > 20 for low, _ in limits])
    assert row["too_early"] == pytest.approx(early)
    assert row["too_late"] == pytest.approx(late)
    assert row["coverage"] == pytest.approx(1 - early - late)
    assert row["open"] == pytest.approx(np.mean([math.isnan(high) for _, high in limits]))
    # The share of events in the model: 1 - (mean of exp(-h c) over c from 12 to 60), h = log 2 / 20.
    hazard = math.log(2) / 20
    expected = 1 - (math.exp(-12 * hazard) - math.exp(-60 * hazard)) / (48 * hazard)
    assert arithmetic.simulated_times(100, 2000)[1].mean() == pytest.approx(expected, abs=0.004)


def test_the_three_bands_keep_the_promise_at_the_size_of_the_book():
    table = arithmetic.simulated(sizes=(113,)).set_index("convention")["coverage"]
    assert table[["plain", "log", "log-log"]].between(0.94, 0.965).all()
    assert table["SPSS"] < 0.94


def test_what_is_missing_is_said_in_words():
    shown = arithmetic.displayed(arithmetic.conventions(*SAMPLES["six"]))
    assert shown.loc["log-log"].tolist() == ["3.50", "1.00", "not reached"]
    steep = arithmetic.displayed(arithmetic.conventions([1, 1, 2, 3], [1, 1, 0, 0]))
    assert steep.loc["SPSS"].tolist() == ["1.00", "not estimable", "not estimable"]


def test_pictures_say_their_numbers():
    picture = pictures.sideways(*SAMPLES["ten"])
    assert "log 10.00 (7.00 to not reached)" in picture.alt
    assert picture.data.set_index("convention").loc["plain", "upper"] == 18
    assert "interval from 2.88 to 17.12" in pictures.slope(*SAMPLES["ten"]).alt
    table = arithmetic.simulated(sizes=(20, 30), studies=50)
    assert f"{table['coverage'].iloc[0]:.3f} with 20" in pictures.coverages(table).alt

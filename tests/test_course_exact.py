"""The numbers of the lesson on exact intervals: coverage and width against R, the rest against hand-computed values."""

import numpy as np
import pandas as pd
import pytest
from cohorts import TESTS
from scipy.stats import binom

from aice_helpers.core.intervals import clopper_pearson
from aice_helpers.course.lessons.exact import arithmetic, pictures


def test_coverage_and_limits_agree_with_r():
    for row in pd.read_csv(TESTS / "reference" / "course_exact.csv").itertuples():
        assert arithmetic.coverage(row.method, row.n, row.rate, row.level) == pytest.approx(row.coverage, abs=1e-12)
        low, high = arithmetic.limits(row.method, row.n, row.level).T
        mean_width = binom.pmf(np.arange(row.n + 1), row.n, row.rate) @ (high - low)
        assert mean_width == pytest.approx(row.width, abs=1e-10)


def test_wald_by_hand():
    # 2 of 5: 0.4 plus and minus 1.959964 * sqrt(0.4 * 0.6 / 5) = 0.4 plus and minus 0.429406.
    assert arithmetic.wald(2, 5) == pytest.approx((-0.029406, 0.829406), abs=1e-6)
    assert arithmetic.wald(0, 7) == (0, 0)


def test_coverage_of_five_patients_by_hand():
    # Wald holds 0.4 at 1, 2 and 3 of 5; the exact interval misses it at 5 of 5 only.
    assert arithmetic.coverage("Wald", 5, 0.4) == pytest.approx(0.2592 + 0.3456 + 0.2304)
    assert arithmetic.coverage("exact", 5, 0.4) == pytest.approx(1 - 0.4**5)
    table = arithmetic.five_counts(0.4)
    assert table["Wald holds 0.4"].tolist() == [False, True, True, True, False, False]


def test_the_exact_interval_never_covers_less_than_its_level():
    rates = np.arange(2, 199) / 200
    for n in (5, 13, 50):
        assert arithmetic.coverage("exact", n, rates).min() >= 0.95
        assert arithmetic.coverage("Wald", n, rates).min() < 0.5


def test_bounds_when_nobody_had_the_event():
    # (1 - p)^10 = 0.05 at p = 0.258866; the two-sided limit is Clopper and Pearson's.
    bounds = arithmetic.zero_bounds([10, 113])
    assert bounds.loc[10].tolist() == pytest.approx([0.258866, 0.3, 0.308497], abs=1e-6)
    assert bounds.loc[113, "two-sided"] == pytest.approx(clopper_pearson(0, 113)[1])


def test_the_hundred_studies_are_the_same_in_every_run():
    hundred = arithmetic.studies()
    assert hundred.equals(arithmetic.studies())
    assert hundred["held"].tolist() == [low <= 0.3 <= high for low, high in zip(hundred.low, hundred.high, strict=True)]
    picture = pictures.hundred_studies(hundred, 20, 0.3)
    assert f"{(~hundred['held']).sum()} miss it" in picture.alt


def test_pictures_show_the_numbers_they_stand_for():
    tails = pictures.two_tails(2, 5).data
    assert tails.loc[tails["responders"] >= 2, "lower"].sum() == pytest.approx(0.025)
    assert tails.loc[tails["responders"] <= 2, "upper"].sum() == pytest.approx(0.025)
    crossing = pictures.tails_over_rates(2, 5).data
    inside = crossing[(crossing["or_more"] >= 0.025) & (crossing["or_fewer"] >= 0.025)]["rate"]
    assert (inside.min(), inside.max()) == pytest.approx(clopper_pearson(2, 5), abs=0.003)
    counts = pictures.all_counts(10).data
    outside = counts[(counts["low"] < 0) | (counts["high"] > 1)]
    assert set(outside["method"]) == {"Wald"}

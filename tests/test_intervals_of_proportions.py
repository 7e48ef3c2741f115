"""Intervals of a proportion against R: tests/reference/make_proportions.R."""

import math

import pytest
from cohorts import reference_table
from numpy.testing import assert_allclose

from aice_helpers.core.intervals import PROPORTION_INTERVALS, blaker, clopper_pearson


@pytest.mark.parametrize("method", PROPORTION_INTERVALS)
def test_limits_agree_with_r(method):
    rows = reference_table("proportions")
    rows = rows[rows["method"] == method]
    assert len(rows) > 40
    # Blaker's limits are searched in R in steps of 1e-9; the gap of a discrete test needs no finer one.
    slack = 2e-8 if method == "Blaker" else 1e-9
    for row in rows.itertuples():
        ours = PROPORTION_INTERVALS[method](int(row.count_), int(row.n), float(row.level))
        assert_allclose(ours, (row.low, row.high), rtol=0, atol=slack, err_msg=f"{row.count_}/{row.n} {row.level}")


@pytest.mark.parametrize(
    ("method", "limits"),
    [("Wald", (0.1669, 0.3006)), ("mid-P", (0.1720, 0.3055))],
)
def test_limits_of_36_of_154(method, limits):
    assert [round(limit, 4) for limit in PROPORTION_INTERVALS[method](36, 154)] == list(limits)


@pytest.mark.parametrize("method", PROPORTION_INTERVALS)
def test_nobody_and_counts_that_cannot_be(method):
    function = PROPORTION_INTERVALS[method]
    assert all(math.isnan(limit) for limit in function(0, 0))
    with pytest.raises(ValueError, match="no proportion"):
        function(3, 2)


@pytest.mark.parametrize("method", PROPORTION_INTERVALS)
def test_an_interval_mirrors_that_of_the_others(method):
    low, high = PROPORTION_INTERVALS[method](7, 31, 0.9)
    other_low, other_high = PROPORTION_INTERVALS[method](24, 31, 0.9)
    assert_allclose((low, high), (1 - other_high, 1 - other_low), atol=1e-9)


def test_blaker_of_a_million_patients():
    """Within Clopper and Pearson's interval and near it, without the probabilities of a million counts."""
    inner, outer = blaker(300_000, 1_000_000), clopper_pearson(300_000, 1_000_000)
    assert outer[0] < inner[0] < 0.3 < inner[1] < outer[1]
    assert inner == pytest.approx(outer, abs=1e-6)

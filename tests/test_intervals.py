"""Limits of a proportion against R 4.2: binom.test (exact) and prop.test(correct = FALSE) (Wilson)."""

import math

import pytest

from aice_helpers.core.intervals import clopper_pearson, normal_quantile, wilson

EXACT = {
    (42, 113): (0.282631007980029, 0.467634796264945),
    (86, 113): (0.671719395084604, 0.836254093706617),
    (0, 113): (0.0, 0.032117855745739),
    (3, 10): (0.066739511177734, 0.652452850059997),
    (10, 10): (0.691502892181239, 1.0),
}
SCORE = {
    (42, 113): (0.288174328345868, 0.463626100263093),
    (86, 113): (0.674682097137951, 0.830275651554162),
    (0, 113): (0.0, 0.032877532165952),
    (3, 10): (0.107791267406301, 0.603221852538855),
    (10, 10): (0.722467200137111, 1.0),
}


@pytest.mark.parametrize(("method", "reference"), [(clopper_pearson, EXACT), (wilson, SCORE)])
def test_agree_with_r(method, reference):
    for (count, n), limits in reference.items():
        assert method(count, n) == pytest.approx(limits, abs=1e-12)


def test_other_confidence_level():
    assert clopper_pearson(3, 10, 0.9) == pytest.approx((0.087264433914150, 0.606624216105413), abs=1e-12)


@pytest.mark.parametrize("method", [clopper_pearson, wilson])
def test_edges_are_closed(method):
    for n in (1, 2, 113):
        assert method(0, n)[0] == 0
        assert method(n, n)[1] == 1


@pytest.mark.parametrize("method", [clopper_pearson, wilson])
def test_no_patients_no_limits(method):
    assert all(math.isnan(limit) for limit in method(0, 0))


@pytest.mark.parametrize("method", [clopper_pearson, wilson])
def test_mirror_image(method):
    low, high = method(7, 30)
    assert method(23, 30) == pytest.approx((1 - high, 1 - low), abs=1e-14)


@pytest.mark.parametrize("method", [clopper_pearson, wilson])
@pytest.mark.parametrize(("count", "n"), [(-1, 5), (6, 5)])
def test_refuse_what_is_no_proportion(method, count, n):
    with pytest.raises(ValueError, match="no proportion"):
        method(count, n)


def test_one_patient_exact():
    # P(X >= 1 | p) = p, so the limit for 1/1 is the tail probability itself.
    assert clopper_pearson(1, 1) == pytest.approx((0.025, 1.0))
    assert clopper_pearson(0, 1) == pytest.approx((0.0, 0.975))


def test_normal_quantile():
    assert normal_quantile(0.95) == pytest.approx(1.959963984540054, abs=1e-14)
    assert normal_quantile(0.5) == pytest.approx(0.6744897501960817, abs=1e-14)

"""Medians whose limits lie at equal distances, as SPSS's do, and medians of what is counted in whole numbers."""

import math
from fractions import Fraction

from aice_helpers.audit.findings import CONVENTION, FITS, finding
from aice_helpers.audit.printed import Printed, apart
from aice_helpers.study.abstract import NOT_REACHED

DENSITY = 3.7
"""How densely the place of a median within its limits lies around their middle when the limits are R's, SAS's or Stata's.

Simulated: 1,500 samples of 30 to 300 patients; plain, log and log-log limits; the median stood, on average, at 0.41 to 0.47
of the way with a standard deviation of 0.11. The densest of the three is taken, so that chance is not made too small.
"""

SURPRISING = 0.05
"""Symmetry that chance gives more often than this shows nothing."""


def check(numbers):
    """Findings on the limits of medians, all of one abstract together, and on medians of whole numbers."""
    measured = [entry for entry in numbers.medians.values() if _has_limits(entry)]
    symmetric = [entry for entry in measured if span_of(entry) is not None]
    if symmetric:
        chance = at_least(len(symmetric), [_by_accident(entry) for entry in measured])
        if chance <= SURPRISING:
            yield finding(
                CONVENTION,
                symmetric,
                "printed_symmetric_medians",
                found=len(symmetric),
                among=len(measured),
                spans=[_span_words(entry) for entry in symmetric],
                chance=chance,
            )
    for entry in measured:
        if span_of(entry) is None:
            center = float(Printed.of(entry.low).value + Printed.of(entry.high).value) / 2
            yield finding(FITS, [entry], "printed_asymmetric_median", center=center)
    for entry in numbers.medians.values():
        if entry.whole and entry.estimate != NOT_REACHED and (2 * Printed.of(entry.estimate).value).denominator != 1:
            yield finding(CONVENTION, [entry], "printed_fractional_median", estimate=entry.estimate)


def _has_limits(entry):
    return bool(entry.low) and entry.interval == "confidence" and NOT_REACHED not in (entry.estimate, entry.high)


def span_of(entry):
    """Where the median lies if its limits are symmetric, as two Fractions; None where they are not, whatever the rounding.

    The middle of the limits is known to within one in their last digit.
    """
    estimate, low, high = (Printed.of(text) for text in (entry.estimate, entry.low, entry.high))
    middle = tuple((a + b) / 2 for a, b in zip(low.rounded, high.rounded, strict=True))
    if apart(estimate.rounded, middle):
        return None
    return max(estimate.rounded[0], middle[0]), min(estimate.rounded[1], middle[1])


def _span_words(entry):
    digits = Printed.of(entry.estimate).decimals + 1
    return " to ".join(
        f"{float(end):.{digits if (end * 10**digits).denominator == 1 else digits + 1}f}" for end in span_of(entry)
    )


def _by_accident(entry):
    """How often limits that are not made symmetric are so: within rounding, or because times were recorded coarsely."""
    estimate, low, high = (Printed.of(text) for text in (entry.estimate, entry.low, entry.high))
    width = high.value - low.value
    if width <= 0:
        return 1.0
    slack = estimate.unit + max(low.unit, high.unit)
    if all(each.value.denominator == 1 for each in (estimate, low, high)):
        # Whole numbers, whatever their decimals: the middle of the limits can only fall on every half.
        slack = max(slack, Fraction(1, 2))
    return min(1.0, DENSITY * float(slack / width))


def at_least(found, chances):
    """Probability that at least ``found`` of independent events with these chances happen."""
    spread = [1.0]
    for chance in chances:
        spread = [
            (spread[k] * (1 - chance) if k < len(spread) else 0.0) + (spread[k - 1] * chance if k else 0.0)
            for k in range(len(spread) + 1)
        ]
    return math.fsum(spread[found:])

"""Ratios: whether the interval lies around its estimate, how many events it implies, and whether the P value goes with it."""

import math

from scipy.special import ndtr, ndtri

from aice_helpers.audit.findings import CANNOT_BE, CONVENTION, FITS, NEEDS, finding
from aice_helpers.audit.printed import Printed, PrintedP, apart
from aice_helpers.core.intervals import normal_quantile

NEAR = 0.25
"""How far from the middle of the limits, as a share of half their width on the log scale, a profile likelihood, an exact
method or a bootstrap may put an estimate."""

TESTS_APART = (0.35, 0.15)
"""How far the z of another test of the same hypothesis (log-rank, score, likelihood ratio) may lie from that of the
interval: as a number, and as a share of it."""

OTHER_LEVELS = (0.90, 0.95, 0.99)

ALPHA = 0.05


def check(numbers):
    """Findings on the ratios of an abstract."""
    for entry in numbers.ratios.values():
        if _usable(entry):
            yield _center(entry)
            if entry.kind == "HR" and entry.between:
                yield _events(numbers, entry)
            if entry.p and Printed.of(entry.p.lstrip("<> ")).value <= 1:
                yield _p_value(entry, numbers.level_of(entry))


def _usable(entry):
    if not entry.low:
        return False
    estimate, low, high = (Printed.of(text).value for text in (entry.estimate, entry.low, entry.high))
    return 0 < low < high and low <= estimate <= high


def _logs(text):
    """What the logarithm of a printed number may be, rounded or cut off."""
    low, high = Printed.of(text).either
    return math.log(max(float(low), float(high) / 1e6)), math.log(float(high))


def _center(entry):
    low, high, estimate = map(_logs, (entry.low, entry.high, entry.estimate))
    middle = (low[0] + high[0]) / 2, (low[1] + high[1]) / 2
    if not apart(middle, estimate):
        return finding(FITS, [entry], "printed_ratio_centered")
    printed, lower, upper = (float(Printed.of(text).value) for text in (entry.estimate, entry.low, entry.high))
    for name, text, right in (("lower", entry.low, printed**2 / upper), ("upper", entry.high, printed**2 / lower)):
        decimals = Printed.of(text).decimals
        if Printed.of(text).one_slip_from(f"{right:.{decimals}f}"):
            return finding(NEEDS, [entry], "printed_ratio_slip", limits=name, value=right, decimals=decimals)
    center = math.sqrt(lower * upper)
    shift = math.log(printed / center) / (math.log(upper / lower) / 2)
    return finding(
        CONVENTION if abs(shift) <= NEAR else NEEDS, [entry], "printed_ratio_off_center",
        center=center, decimals=Printed.of(entry.estimate).decimals, shift=abs(shift),
    )  # fmt: skip


def errors_of(entry, level):
    """Smallest and largest standard error of the log ratio that the limits allow."""
    z = normal_quantile(level)
    low, high = _logs(entry.low), _logs(entry.high)
    return max(high[0] - low[1], 1e-9) / (2 * z), (high[1] - low[0]) / (2 * z)


def _events(numbers, entry):
    """The fewest events behind the interval: two groups tell at most one quarter of an event's information each time."""
    largest = errors_of(entry, numbers.level_of(entry))[1]
    events = math.ceil(4 / largest**2 - 1e-9)
    sizes = [numbers.groups[name].n for name in entry.between]
    if all(sizes) and events > sum(map(int, sizes)):
        n = str(sum(map(int, sizes)))
        return finding(NEEDS, [entry], "printed_events_beyond", events=events, n=n)
    return finding(FITS, [entry], "printed_events_implied", events=events)


def z_of(entry, level):
    """Smallest and largest absolute z of the ratio against 1 that the printed numbers allow."""
    estimate, errors = _logs(entry.estimate), errors_of(entry, level)
    crosses = estimate[0] <= 0 <= estimate[1]
    nearest = 0.0 if crosses else min(map(abs, estimate))
    return nearest / errors[1], max(map(abs, estimate)) / errors[0]


def _p_value(entry, level):
    printed, sides = PrintedP.of(entry.p), int(entry.sided)
    z = z_of(entry, level)
    low, high = (sides * float(ndtr(-each)) for each in reversed(z))
    if sides == 1:
        # The side is not known from the ratio alone.
        high = max(high, float(ndtr(z[1])) if printed.low > 0.5 else high)
    shown = {"p": printed.text, "low": low, "high": high}
    if _meet(printed, low, high):
        span = min(1.0, (high - low) + (printed.high - printed.low))
        return finding(FITS, [entry], "printed_p_of_interval", chance=span, **shown)
    if sides == 2 and _meet(printed, low / 2, high / 2):
        return finding(NEEDS, [entry], "printed_p_one_sided", p=printed.text, low=low / 2, high=high / 2)
    flips = _flips(printed, low, high, level)
    if entry.test != "Wald" and _z_distance(printed, z, sides) <= max(TESTS_APART[0], TESTS_APART[1] * z[1]):
        return finding(CONVENTION, [entry], "printed_p_other_test", flips=flips, **shown)
    for other in OTHER_LEVELS if printed.exact else ():
        ends = [sides * float(ndtr(-each)) for each in reversed(z_of(entry, other))]
        if other != level and _meet(printed, *ends):
            return finding(NEEDS, [entry], "printed_p_level", p=printed.text, level=other)
    grade = CANNOT_BE if entry.test == "Wald" else NEEDS
    return finding(grade, [entry], "printed_p_apart", flips=flips, **shown)


def _meet(printed, low, high):
    return not apart((printed.low, printed.high), (low - 1e-12, high + 1e-12))


def _z_distance(printed, z, sides):
    ends = [abs(float(ndtri(max(p, 1e-300) / sides))) for p in (printed.high, printed.low)]
    return max(ends[0] - z[1], z[0] - ends[1], 0.0)


def _flips(printed, low, high, level):
    """Whether P value and 95% interval fall on different sides of 0.05."""
    if level != 0.95:
        return "no"
    side = True if high <= ALPHA else False if low >= ALPHA else None
    told = printed.below(ALPHA)
    return "yes" if None not in (side, told) and side != told else "no"

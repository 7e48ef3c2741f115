"""Which method gives the printed interval of a proportion; a limit cut off or mistyped, another level, the complement."""

from functools import lru_cache

from aice_helpers.audit.findings import FITS, NEEDS, finding
from aice_helpers.audit.percentages import SHOWN, counts_of, rounding_counts, size_of
from aice_helpers.audit.printed import Printed
from aice_helpers.core.intervals import PROPORTION_INTERVALS

OTHER_LEVELS = (0.80, 0.90, 0.95, 0.975, 0.99)
LARGEST = 3000
"""Largest denominator for which intervals are computed."""

DENOMINATORS_TRIED = 40
SLIP_BY_ACCIDENT = 1 / 9
"""A slip in the last digit would look like a digit cut off in one case of nine."""


@lru_cache(maxsize=8192)
def limits_of(method, count, n, level):
    """Limits in per cent by a method of `PROPORTION_INTERVALS`."""
    low, high = PROPORTION_INTERVALS[method](count, n, level)
    return 100 * low, 100 * high


def check(numbers):
    """Findings on the intervals of proportions whose count and denominator are known."""
    for entry in numbers.proportions.values():
        n = size_of(numbers, entry)
        if not entry.low or n is None or n > LARGEST:
            continue
        counts = counts_of(numbers, entry)
        low, high, level = Printed.of(entry.low), Printed.of(entry.high), numbers.level_of(entry)
        if counts and low.value <= high.value:
            yield _interval(entry, counts, n, low, high, level)


def _interval(entry, counts, n, low, high, level):
    count, by = _best(counts, n, low, high, level)
    shared = {"count": str(count), "n": str(n)}
    if by:
        not_by = [method for method in PROPORTION_INTERVALS if method not in by]
        chance = _span_chance(count, n, low, high, level)
        return finding(FITS, [entry], "printed_interval_by", methods=by, not_by=not_by, chance=chance, **shared)
    if cut := _cut(counts, n, low, high, level):
        return finding(NEEDS, [entry], "printed_limit_cut", **cut, chance=SLIP_BY_ACCIDENT)
    for other in OTHER_LEVELS:
        found, by = _best(counts, n, low, high, other)
        if by and other != level:
            return finding(
                NEEDS, [entry], "printed_interval_level", level=other, methods=by, count=str(found), n=str(n)
            )
    if by := [name for name in PROPORTION_INTERVALS if _both(name, n - count, n, low, high, level)]:
        return finding(NEEDS, [entry], "printed_interval_complement", methods=by, **shared)
    if slip := _slip(counts, n, low, high, level):
        return finding(NEEDS, [entry], "printed_limit_slip", **slip)
    others = _elsewhere(entry, n, low, high, level)
    return finding(NEEDS, [entry], "printed_interval_by_none", others=others, **shared)


def _both(method, count, n, low, high, level):
    ends = limits_of(method, count, n, level)
    return low.rounds_from(_shown(ends[0], low)) and high.rounds_from(_shown(ends[1], high))


def _shown(limit, printed):
    """A limit beyond 0 to 100 per cent may be printed as it is or set to the edge."""
    if limit < 0 and printed.value >= 0:
        return 0.0
    return 100.0 if limit > 100 and printed.value <= 100 else limit


def _best(counts, n, low, high, level):
    """The first count for which some method gives both limits, and the methods; the first count and none otherwise."""
    for count in counts:
        by = [method for method in PROPORTION_INTERVALS if _both(method, count, n, low, high, level)]
        if by:
            return count, by
    return counts[0], []


def _cut(counts, n, low, high, level):
    """The first method, count and limits that agree once digits are cut off."""
    for count in counts:
        for method in PROPORTION_INTERVALS:
            cut = []
            for name, printed, limit in zip(
                ("lower", "upper"), (low, high), limits_of(method, count, n, level), strict=True
            ):
                limit = _shown(limit, printed)
                if not printed.rounds_from(limit):
                    if not printed.cuts_from(limit):
                        break
                    cut.append((name, limit))
            else:
                name = cut[0][0] if len(cut) == 1 else "both"
                return {"limits": name, "method": method, "count": str(count), "n": str(n), "value": cut[0][1]}
    return None


def _slip(counts, n, low, high, level):
    """The first method whose interval is printed but for one slip of a digit in one limit."""
    for count in counts:
        for method in PROPORTION_INTERVALS:
            ends = limits_of(method, count, n, level)
            pairs = (("lower", low, ends[0], high, ends[1]), ("upper", high, ends[1], low, ends[0]))
            for name, odd, right, other, limit in pairs:
                if other.rounds_from(limit) and odd.one_slip_from(f"{right:.{odd.decimals}f}"):
                    return {"limits": name, "method": method, "count": str(count), "n": str(n), "value": right}
    return None


def _elsewhere(entry, n, low, high, level):
    """Counts out of smaller denominators that give percentage and interval by some method, as text."""
    found = []
    if not entry.percent or entry.out_of:
        return found
    for size in range(n - 1, max(1, n - DENOMINATORS_TRIED), -1):
        for count in rounding_counts(Printed.of(entry.percent), size):
            by = [method for method in PROPORTION_INTERVALS if _both(method, count, size, low, high, level)]
            found += [f"{count}/{size} ({by[0]})"] if by else []
            if len(found) == SHOWN:
                return found
    return found


def _span_chance(count, n, low, high, level):
    """How often a pair of limits, taken blindly from the span of all methods' limits, is one that a method gives."""
    pairs = set()
    for method in PROPORTION_INTERVALS:
        ends = limits_of(method, count, n, level)
        pairs.add(tuple(round(end * 10**printed.decimals) for end, printed in zip(ends, (low, high), strict=True)))
    span = [max(side) - min(side) + 1 for side in zip(*pairs, strict=True)]
    return len(pairs) / (span[0] * span[1])

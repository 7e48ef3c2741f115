"""Which counts give a printed percentage, when it is rounded or cut off, and which denominators would."""

import math
from fractions import Fraction
from functools import lru_cache

from aice_helpers.audit.findings import CANNOT_BE, FITS, NEEDS, finding
from aice_helpers.audit.printed import Printed

SHOWN = 5
"""How many counts or denominators a finding names."""


def counts_within(ends, n) -> list[int]:
    """Counts out of ``n`` whose percentage lies between two ends, both included."""
    low, high = (Fraction(end) * n / 100 for end in ends)
    return list(range(max(0, math.ceil(low)), min(n, math.floor(high)) + 1))


def rounding_counts(percent, n) -> list[int]:
    """Counts out of ``n`` that round to a printed percentage.

    >>> rounding_counts(Printed.of("37.2"), 113), rounding_counts(Printed.of("37.1"), 113)
    ([42], [])
    """
    return counts_within(percent.rounded, n)


def cutting_counts(percent, n) -> list[int]:
    """Counts out of ``n`` that give a printed percentage when digits are cut off.

    >>> cutting_counts(Printed.of("37.1"), 113)
    [42]
    """
    return [count for count in counts_within(percent.cut, n) if percent.cuts_from(Fraction(100 * count, n))]


@lru_cache(maxsize=4096)
def reach(n, decimals) -> float:
    """Share of all printed percentages with so many decimals that some count out of ``n`` rounds to.

    >>> round(reach(113, 1), 3)
    0.114
    """
    scale = 10**decimals
    printed = {(2 * 100 * scale * count + n) // (2 * n) for count in range(n + 1)}
    return len(printed) / (100 * scale + 1)


def size_of(numbers, entry) -> int | None:
    """Denominator of a proportion or rate: the one printed beside it, or its group's; None where there is none."""
    if getattr(entry, "out_of", ""):
        return int(entry.out_of)
    group = numbers.group_of(entry)
    return int(group.n) if group is not None and group.n and int(group.n) else None


def counts_of(numbers, entry) -> list[int]:
    """The counts that a proportion may stand for: the one printed, or those that give its percentage, by rounding first."""
    n = size_of(numbers, entry)
    if entry.count:
        return [int(entry.count)] if n is None or int(entry.count) <= n else []
    if n is None:
        return []
    percent = Printed.of(entry.percent)
    return rounding_counts(percent, n) or cutting_counts(percent, n)


def check(numbers):
    """Findings on the percentages of an abstract."""
    for entry in numbers.proportions.values():
        n = size_of(numbers, entry)
        if n is None:
            continue
        if entry.count and int(entry.count) > n:
            grade = CANNOT_BE if entry.out_of else NEEDS
            yield finding(grade, [entry], "printed_count_beyond", count=entry.count, n=str(n))
        elif entry.count and entry.percent:
            yield _of_count(entry, n)
        elif entry.percent:
            yield _of_percentage(entry, n)


def _of_count(entry, n):
    percent, value = Printed.of(entry.percent), Fraction(100 * int(entry.count), n)
    shared = {"n": str(n), "percent": entry.percent}
    if percent.rounds_from(value):
        return finding(FITS, [entry], "printed_count_fits", count=entry.count, **shared)
    if percent.cuts_from(value):
        return finding(NEEDS, [entry], "printed_cut_percent", counts=[entry.count], **shared)
    others = [] if entry.out_of else _denominators(percent, int(entry.count))
    grade = CANNOT_BE if entry.out_of else NEEDS
    return finding(
        grade, [entry], "printed_count_misfit", count=entry.count, value=float(value), others=others[:SHOWN], **shared
    )


def _denominators(percent, count):
    """Denominators out of which a printed count gives the percentage, as text."""
    low, high = percent.rounded
    if count == 0 or high <= 0:
        return []
    least = max(count, math.ceil(100 * count / high))
    most = math.floor(100 * count / low) if low > 0 else least
    return [str(n) for n in range(least, most + 1)]


def _of_percentage(entry, n):
    percent = Printed.of(entry.percent)
    shared = {"n": str(n), "percent": entry.percent}
    chance = reach(n, percent.decimals)
    if found := rounding_counts(percent, n):
        named = [f"{found[0]} to {found[-1]}"] if len(found) > SHOWN else map(str, found)
        return finding(FITS, [entry], "printed_only_counts", counts=named, chance=chance, **shared)
    if found := cutting_counts(percent, n):
        return finding(NEEDS, [entry], "printed_cut_percent", counts=map(str, found[:SHOWN]), chance=chance, **shared)
    others = []
    if not entry.out_of:
        fitting = ((size, rounding_counts(percent, size)) for size in range(n - 1, max(0, n // 2), -1))
        others = [f"{counts[0]}/{size}" for size, counts in fitting if counts][:SHOWN]
    return finding(CANNOT_BE if entry.out_of else NEEDS, [entry], "printed_no_count", others=others, **shared)

"""The number of patients solved jointly from several percentages of one group."""

import math

from aice_helpers.audit.findings import FITS, NEEDS, finding
from aice_helpers.audit.percentages import SHOWN, reach, rounding_counts
from aice_helpers.audit.printed import Printed

LARGEST = 1000
"""Largest denominator that is tried."""

PLAUSIBLE = 0.5
"""A joint solution that chance gives more often than this shows nothing."""


def check(numbers):
    """Findings on groups whose number is not printed, and on those whose number some percentages do not fit."""
    for group in [None, *numbers.groups.values()]:
        members = [
            entry
            for entry in numbers.proportions.values()
            if numbers.group_of(entry) is group and entry.percent and not entry.out_of
        ]
        if len(members) < 2:
            continue
        if group is not None and group.n:
            yield from _other_n(group, members)
        elif group is not None:
            yield _common_n(members)


def fits_all(entries, n) -> bool:
    """Whether every percentage rounds from some count out of ``n``, from its own count where one is printed."""
    return all(
        int(entry.count) in counts if entry.count else counts
        for entry in entries
        for counts in [rounding_counts(Printed.of(entry.percent), n)]
    )


def _common_n(members):
    fitting = [n for n in range(2, LARGEST + 1) if fits_all(members, n)]
    if not fitting:
        return finding(NEEDS, members, "printed_no_common_n", upto=LARGEST)
    least = fitting[0]
    missed = math.prod(1 - _by_accident(members, n) for n in range(2, least + 1))
    named = [*map(str, fitting[:SHOWN])]
    return finding(FITS, members, "printed_common_n", ns=named, upto=LARGEST, chance=1 - missed)


def _other_n(group, members):
    n = int(group.n)
    odd = [entry for entry in members if not fits_all([entry], n)]
    if len(odd) < 2:
        return
    others = [size for size in range(max(n // 2, 2), n) if fits_all(odd, size)]
    missed = math.prod(1 - _by_accident(odd, size) for size in range(max(n // 2, 2), n))
    if others and 1 - missed < PLAUSIBLE:
        named = [str(size) for size in others[-SHOWN:]]
        yield finding(NEEDS, odd, "printed_other_n", n=group.n, others=named, chance=1 - missed)


def _by_accident(entries, n):
    """How often as many percentages without meaning all fit ``n``."""
    return math.prod(reach(n, Printed.of(entry.percent).decimals) for entry in entries)

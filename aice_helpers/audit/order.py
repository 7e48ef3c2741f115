"""What must not be larger than what: PFS and OS, CR, ORR and DCR, later rates, the rate and the median of one curve."""

from itertools import combinations

from aice_helpers.audit.findings import CANNOT_BE, NEEDS, finding
from aice_helpers.audit.percentages import size_of
from aice_helpers.audit.printed import Printed
from aice_helpers.study.abstract import NOT_REACHED

EARLIER = ("PFS", "DFS", "RFS", "EFS")
"""Endpoints that a death ends too, so that they cannot last longer than survival."""

MONTHS = {"days": 12 / 365.25, "weeks": 7 * 12 / 365.25, "months": 1.0, "years": 12.0}
"""Time unit -> its length in months."""

UNIT_SLACK = 0.09
"""A month may have 28 to 31 days: how far times of different units may lie apart."""

_NESTED = (("CR", "ORR"), ("PR", "ORR"), ("ORR", "DCR"), ("SD", "DCR"), ("adverse event", "any adverse event"))


def check(numbers):
    """Findings on the order of the numbers of each group."""
    yield from _endpoints(numbers)
    yield from _roles(numbers)
    yield from _falling(numbers)
    yield from _rate_and_median(numbers)


def _same_group(numbers, first, second):
    group = numbers.group_of(first)
    return group is not None and group is numbers.group_of(second)


def _endpoints(numbers):
    medians = [entry for entry in numbers.medians.values() if not entry.whole]
    for what, entries, text in (("median", medians, "estimate"), ("rate", numbers.rates.values(), "percent")):
        for first in entries:
            for second in entries:
                comparable = first.endpoint in EARLIER and second.endpoint == "OS" and first.unit == second.unit
                at_once = what == "median" or getattr(first, "time", 0) == getattr(second, "time", 0)
                if comparable and at_once and _same_group(numbers, first, second) and _longer(first, second, text):
                    yield finding(
                        NEEDS, [first, second], "printed_endpoint_order",
                        first=getattr(first, text), second=getattr(second, text), what=what,
                    )  # fmt: skip


def _longer(first, second, text):
    earlier, later = getattr(first, text), getattr(second, text)
    if NOT_REACHED in (earlier, later):
        return earlier == NOT_REACHED and later != NOT_REACHED
    earlier, later = Printed.of(earlier).either, Printed.of(later).either
    return earlier[0] > later[1]


def _roles(numbers):
    entries = numbers.proportions.values()
    for smaller_role, larger_role in _NESTED:
        for small in (entry for entry in entries if entry.role == smaller_role):
            for large in (entry for entry in entries if entry.role == larger_role):
                if not _same_group(numbers, small, large) or size_of(numbers, small) != size_of(numbers, large):
                    continue
                if small.count and large.count:
                    wrong, grade = int(small.count) > int(large.count), CANNOT_BE
                elif small.percent and large.percent:
                    ends = Printed.of(small.percent).either, Printed.of(large.percent).either
                    wrong, grade = ends[0][0] > ends[1][1], CANNOT_BE if small.out_of and large.out_of else NEEDS
                else:
                    continue
                if wrong:
                    yield finding(
                        grade,
                        [small, large],
                        "printed_role_order",
                        smaller=_as_printed(small),
                        larger=_as_printed(large),
                    )


def _as_printed(entry):
    return f"{entry.percent}%" if entry.percent else entry.count


def _falling(numbers):
    for first, second in combinations(numbers.rates.values(), 2):
        if first.endpoint != second.endpoint or not _same_group(numbers, first, second):
            continue
        early, late = sorted((first, second), key=lambda entry: float(entry.time) * MONTHS[entry.unit])
        if float(early.time) * MONTHS[early.unit] == float(late.time) * MONTHS[late.unit]:
            continue
        if Printed.of(late.percent).either[0] > Printed.of(early.percent).either[1]:
            yield finding(
                CANNOT_BE, [early, late], "printed_rising_rate", earlier=f"{early.percent}%", later=f"{late.percent}%"
            )


def _rate_and_median(numbers):
    for rate in numbers.rates.values():
        for median in numbers.medians.values():
            one_curve = rate.endpoint == median.endpoint and _same_group(numbers, rate, median)
            if one_curve and (side := _wrong_side(rate, median)):
                grade = CANNOT_BE if rate.method.casefold() == "kaplan-meier" else NEEDS
                yield finding(
                    grade, [rate, median], "printed_rate_and_median",
                    rate=f"{rate.percent}%", time=f"{rate.time} {rate.unit}", median=_with_unit(median), side=side,
                )  # fmt: skip


def _with_unit(median):
    return median.estimate if median.estimate == NOT_REACHED else f"{median.estimate} {median.unit}"


def _wrong_side(rate, median):
    """Return "before" where at most half are free of the event before the median, "after" where more than half are after it."""
    low, high = Printed.of(rate.percent).either
    below, above = high < 50, low > 50
    if median.estimate == NOT_REACHED:
        # A curve may come down to one half at the very end and its program still call the median not reached.
        return "before" if below else ""
    if median.unit not in MONTHS:
        return ""
    time = float(rate.time) * MONTHS[rate.unit]
    slack = 0.0 if rate.unit == median.unit else UNIT_SLACK
    ends = [float(end) * MONTHS[median.unit] for end in Printed.of(median.estimate).either]
    if below and time < ends[0] * (1 - slack):
        return "before"
    return "after" if above and time > ends[1] * (1 + slack) else ""

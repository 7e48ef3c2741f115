"""Limits and values that no estimate has, and what a count of zero excludes."""

from aice_helpers.audit.findings import CANNOT_BE, CONVENTION, FITS, finding
from aice_helpers.audit.percentages import size_of
from aice_helpers.audit.printed import Printed
from aice_helpers.core.intervals import clopper_pearson
from aice_helpers.study.abstract import NOT_REACHED


def check(numbers):
    """Findings on each entry by itself."""
    for entry in numbers.all.values():
        yield from _impossible(entry)
        if getattr(entry, "low", ""):
            yield from _order(entry)
    for entry in numbers.proportions.values():
        if size_of(numbers, entry) and (
            entry.count == "0" or (not entry.count and Printed.of(entry.percent).value == 0)
        ):
            yield _zero(numbers, entry)


def _impossible(entry):
    percent, kind = getattr(entry, "percent", ""), getattr(entry, "kind", "")
    if percent and not 0 <= Printed.of(percent).value <= 100:
        yield finding(CANNOT_BE, [entry], "printed_impossible", value=f"{percent}%", what="percentage")
    if kind and Printed.of(entry.estimate).value < 0:
        yield finding(CANNOT_BE, [entry], "printed_impossible", value=entry.estimate, what="ratio")
    if p := getattr(entry, "p", ""):
        value = Printed.of(p.lstrip("<> ")).value
        if value > 1:
            yield finding(CANNOT_BE, [entry], "printed_impossible", value=p, what="P value")
        elif value == 0 and p[0] not in "<>":
            yield finding(CONVENTION, [entry], "printed_p_zero", p=p)


def _order(entry):
    estimate = getattr(entry, "percent", "") or getattr(entry, "estimate", "")
    low, high = Printed.of(entry.low), None if entry.high == NOT_REACHED else Printed.of(entry.high)
    if high is not None and low.value > high.value:
        yield finding(CANNOT_BE, [entry], "printed_limits_reversed", low=entry.low, high=entry.high)
        return
    if estimate and estimate != NOT_REACHED:
        value = Printed.of(estimate).either
        under, over = low.either[0] > value[1], high is not None and high.either[1] < value[0]
        if under or over:
            yield finding(
                CANNOT_BE, [entry], "printed_outside_limits", estimate=estimate, low=entry.low, high=entry.high
            )
    if getattr(entry, "percent", ""):
        for text in (entry.low, entry.high):
            if not 0 <= Printed.of(text).value <= 100:
                yield finding(CONVENTION, [entry], "printed_limit_impossible", value=f"{text}%")


def _zero(numbers, entry):
    n, level = size_of(numbers, entry), numbers.level_of(entry)
    return finding(
        FITS, [entry], "printed_zero", n=str(n),
        high=clopper_pearson(0, n, level)[1], one_sided=clopper_pearson(0, n, 2 * level - 1)[1],
    )  # fmt: skip

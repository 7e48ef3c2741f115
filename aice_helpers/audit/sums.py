"""Parts and wholes: response categories, groups, and percentages of events that are taken for risks."""

from itertools import product

from aice_helpers.audit.findings import CANNOT_BE, FITS, NEEDS, finding
from aice_helpers.audit.percentages import counts_of, counts_within, size_of
from aice_helpers.audit.printed import Printed
from aice_helpers.study.abstract import RESPONSES

_SUMS = ((("CR", "PR"), "ORR"), (("ORR", "SD"), "DCR"), (("CR", "PR", "SD"), "DCR"))

PLAUSIBLE = 0.02
"""A sum near 100 that chance gives more often than this shows nothing, as with whole percentages."""

ACCIDENT_OF_SHARES = 100
"""Over how many percentage points a sum of unrelated percentages may as well lie."""


def check(numbers):
    """Findings on sums within each group, and on groups that are parts of others."""
    for group in numbers.groups.values():
        for size in dict.fromkeys(size_of(numbers, entry) for entry in numbers.proportions.values()):
            members = [
                entry
                for entry in numbers.proportions.values()
                if numbers.group_of(entry) is group and size_of(numbers, entry) == size
            ]
            roles = {entry.role: entry for entry in members if entry.role in (*RESPONSES, "ORR", "DCR")}
            yield from _response_sums(numbers, roles)
            yield from _categories(numbers, roles)
            yield from _shares(members)
        yield from _groups(numbers, group)


def _response_sums(numbers, roles):
    done = set()
    for parts, total in _SUMS:
        if total in roles and total not in done and all(part in roles for part in parts):
            done.add(total)
            yield _sum(numbers, [roles[part] for part in parts], roles[total])


def _sum(numbers, parts, total):
    printed = {"parts": [_as_printed(entry) for entry in parts], "total": _as_printed(total)}
    if _adds_up(numbers, parts, total):
        return finding(FITS, [*parts, total], "printed_sum_fits", **printed)
    return finding(NEEDS, [*parts, total], "printed_sum_differs", value=_added(parts), **printed)


def _as_printed(entry):
    return entry.count or f"{entry.percent}%"


def _added(parts):
    if all(entry.count for entry in parts):
        return float(sum(int(entry.count) for entry in parts))
    return float(sum(Printed.of(entry.percent).value for entry in parts if entry.percent))


def _adds_up(numbers, parts, total):
    """Whether some counts, or where there are none some percentages, behind the printed numbers add up."""
    choices = [_choices(numbers, entry) for entry in (*parts, total)]
    if all(choices) and all(len(each) <= 60 for each in choices):
        return any(sum(chosen) in choices[-1] for chosen in product(*choices[:-1]))
    if not all(entry.percent for entry in (*parts, total)):
        return True
    lows, highs = zip(*(Printed.of(entry.percent).either for entry in parts), strict=True)
    low, high = Printed.of(total.percent).either
    return sum(lows) <= high and low <= sum(highs)


def _choices(numbers, entry):
    """Counts that the printed number may stand for, rounded or cut off."""
    n = size_of(numbers, entry)
    if entry.count or n is None:
        return counts_of(numbers, entry)
    return counts_within(Printed.of(entry.percent).either, n)


def _categories(numbers, roles):
    """Response categories exclude one another: together they are at most everyone."""
    parts = [roles[role] for role in RESPONSES if role in roles]
    if len(parts) < 3:
        return
    size = size_of(numbers, parts[0])
    if size is not None and all(entry.count for entry in parts):
        total, printed = sum(int(entry.count) for entry in parts), float(size)
        over, under, grade = total > size, total < size, CANNOT_BE
    elif all(entry.percent for entry in parts):
        lows, highs = zip(*(Printed.of(entry.percent).either for entry in parts), strict=True)
        total, printed = _added(parts), 100.0
        over, under, grade = sum(lows) > printed, sum(highs) < printed, NEEDS
    else:
        return
    if over:
        yield finding(grade, parts, "printed_categories_over", value=float(total), n=f"{printed:g}")
    elif under and {"CR", "PR", "SD", "PD"} <= set(roles):
        yield finding(NEEDS, parts, "printed_categories_under", value=float(total), n=f"{printed:g}")


def _shares(members):
    """Percentages of adverse events that add up to 100 are shares of the events, not risks of the patients."""
    events = [entry for entry in members if entry.role == "adverse event" and entry.percent]
    if len(events) < 3:
        return
    lows, highs = zip(*(Printed.of(entry.percent).either for entry in events), strict=True)
    if sum(lows) <= 100 <= sum(highs):
        chance = min(1.0, float(sum(highs) - sum(lows)) / ACCIDENT_OF_SHARES)
        if chance < PLAUSIBLE:
            parts = [f"{entry.percent}%" for entry in events]
            yield finding(NEEDS, events, "printed_shares_of_events", parts=parts, value=_added(events), chance=chance)


def _groups(numbers, whole):
    parts = [group for group in numbers.groups.values() if group.of == whole.name and group.unit == whole.unit]
    if len(parts) < 2 or not whole.n or not all(part.n for part in parts):
        return
    total, printed = sum(int(part.n) for part in parts), {"parts": [part.n for part in parts], "total": whole.n}
    if total == int(whole.n):
        yield finding(FITS, [*parts, whole], "printed_sum_fits", **printed)
    elif any(int(part.n) > int(whole.n) for part in parts):
        yield finding(CANNOT_BE, [*parts, whole], "printed_groups_differ", **printed)
    else:
        yield finding(NEEDS, [*parts, whole], "printed_groups_differ", **printed)

"""The numbers of an abstract as they are printed, typed for arithmetic: the part ``numbers`` of `published`.

Every value is text, for its decimals count. Ids are the keys; none is used twice, whatever the section.
"""

import re
from dataclasses import dataclass, field, fields

NOT_STATED = "not stated"
NOT_REACHED = "not reached"

UNITS = ("patients", "sessions", "lesions", "events")
RESPONSES = ("CR", "PR", "SD", "PD", "NE")
ROLES = (*RESPONSES, "ORR", "DCR", "adverse event", "any adverse event", "")
RATIOS = ("HR", "OR", "RR")
TESTS = (
    "", "Wald", "log-rank", "likelihood ratio", "score", "Pearson chi-square", "Yates chi-square", "Fisher",
)  # fmt: skip
INTERVALS = ("confidence", "quartiles", "range")

_NUMBER = re.compile(r"-?\d*[.·]?\d+")
_P = re.compile(r"[<>]?\d*[.·]?\d+")


@dataclass(frozen=True)
class Group:
    """Who is counted: ``n`` ("" when it is not printed) of a ``unit``, as a part ``of`` another group."""

    name: str
    n: str = ""
    of: str = ""
    unit: str = "patients"


@dataclass(frozen=True)
class Proportion:
    """A count, a percentage, or both. ``out_of`` is a denominator printed beside it; ``of`` the group it is taken to be of."""

    name: str
    of: str = ""
    label: str = ""
    role: str = ""
    count: str = ""
    out_of: str = ""
    percent: str = ""
    low: str = ""
    high: str = ""
    level: str = ""


@dataclass(frozen=True)
class Median:
    """A median with its limits; ``whole`` says that what it is the median of is counted in whole numbers."""

    name: str
    of: str = ""
    label: str = ""
    endpoint: str = ""
    estimate: str = ""
    low: str = ""
    high: str = ""
    level: str = ""
    unit: str = "months"
    interval: str = "confidence"
    whole: bool = False


@dataclass(frozen=True)
class Rate:
    """A percentage free of the event at a ``time``; ``method`` as the abstract names it, or ""."""

    name: str
    endpoint: str
    time: str
    percent: str
    of: str = ""
    label: str = ""
    unit: str = "months"
    low: str = ""
    high: str = ""
    level: str = ""
    method: str = ""


@dataclass(frozen=True)
class Ratio:
    """A ratio with its limits and its P value; ``between`` names the two groups where it compares two."""

    name: str
    kind: str = "HR"
    label: str = ""
    estimate: str = ""
    low: str = ""
    high: str = ""
    level: str = ""
    p: str = ""
    sided: str = "2"
    test: str = ""
    between: tuple[str, ...] = ()


@dataclass(frozen=True)
class Comparison:
    """A P value of the proportions ``between``."""

    name: str
    between: tuple[str, ...]
    p: str
    label: str = ""
    sided: str = "2"
    test: str = ""


@dataclass(frozen=True)
class Numbers:
    """Every number of an abstract that arithmetic can use; ``level`` is that of the intervals, in per cent."""

    groups: dict[str, Group] = field(default_factory=dict)
    proportions: dict[str, Proportion] = field(default_factory=dict)
    medians: dict[str, Median] = field(default_factory=dict)
    rates: dict[str, Rate] = field(default_factory=dict)
    ratios: dict[str, Ratio] = field(default_factory=dict)
    comparisons: dict[str, Comparison] = field(default_factory=dict)
    level: str = "95"

    @property
    def all(self) -> dict:
        """Every entry of every section by its id."""
        sections = [getattr(self, each.name) for each in fields(self) if each.name != "level"]
        return {name: entry for section in sections for name, entry in section.items()}

    def group_of(self, entry):
        """The group of an entry, None where it is not stated: the one named, or the only one that is part of no other."""
        if entry.of == NOT_STATED:
            return None
        if entry.of:
            return self.groups[entry.of]
        whole = [group for group in self.groups.values() if not group.of]
        return whole[0] if len(whole) == 1 else None

    def level_of(self, entry) -> float:
        """Confidence level of an entry's interval, as a proportion."""
        return float(entry.level or self.level) / 100


def faults(numbers):
    """What does not fit in the part ``numbers``, as (id, key, value, rule, way to mend it)."""
    found, seen = [], set()
    for section in fields(numbers):
        for name, entry in getattr(numbers, section.name).items() if section.name != "level" else ():
            if name in seen:
                found.append((name, "", None, "two entries have this id", "Rename one"))
            seen.add(name)
            found += [(name, *fault) for fault in _entry_faults(numbers, section.name, entry)]
    if not _level(numbers.level):
        found.append(("level", "", numbers.level, *_LEVEL_FAULT))
    return found


_LEVEL_FAULT = ("a confidence level is needed here, in per cent", "Write 95, 90 or 99, or leave the key out")


def _level(text):
    return bool(_NUMBER.fullmatch(text)) and 50 <= float(text) < 100


_WHOLE = ("n", "count", "out_of")
_PRINTED = ("percent", "estimate", "low", "high", "time")
_LISTED = {
    "unit": UNITS, "role": ROLES, "kind": RATIOS, "test": TESTS, "interval": INTERVALS, "sided": ("1", "2"),
}  # fmt: skip
_TIME_UNITS = ("days", "weeks", "months", "years", "")


def _entry_faults(numbers, section, entry):
    for each in fields(entry):
        key, value = each.name, getattr(entry, each.name)
        if key in _WHOLE and value and not (value.isascii() and value.isdigit()):
            yield key, value, "a whole number is needed here", "Write it with digits only"
        elif key in _PRINTED and value and not _printed(section, key, value):
            yield key, value, "a number as printed is needed here", "Write it with its decimals and without its unit"
        elif key == "p" and value and not _P.fullmatch(value.replace(" ", "")):
            yield key, value, "a P value is needed here", "Write 0.03, <0.001 or >0.05"
        elif key == "level" and value and not _level(value):
            yield key, value, *_LEVEL_FAULT
        elif key in _LISTED and isinstance(value, str):
            known = _TIME_UNITS if key == "unit" and section in ("medians", "rates") else _LISTED[key]
            if section == "medians" and key == "unit":
                continue
            if value not in known:
                yield key, value, "this word is not known here", f"Known are {', '.join(filter(None, known))}"
    yield from _reference_faults(numbers, section, entry)
    yield from _lack(section, entry)


def _printed(section, key, value):
    unreached = section == "medians" and key in ("estimate", "high") and value == NOT_REACHED
    return unreached or bool(_NUMBER.fullmatch(value))


def _reference_faults(numbers, section, entry):
    of = getattr(entry, "of", "")
    if of and of != NOT_STATED and of not in numbers.groups:
        yield "of", of, "no group has this name", f"Known are {', '.join(numbers.groups)}, {NOT_STATED}"
    known = numbers.proportions if section == "comparisons" else numbers.groups
    for name in getattr(entry, "between", ()):
        if name not in known:
            yield "between", name, "nothing has this name", f"Known are {', '.join(known)}"


def _lack(section, entry):
    if section == "proportions" and not (entry.count or entry.percent):
        yield "percent", None, "neither a count nor a percentage is given", "Give what is printed"
    if section in ("medians", "ratios") and not entry.estimate:
        yield "estimate", None, "the estimate is missing", "Give what is printed"
    if hasattr(entry, "low") and bool(entry.low) != bool(entry.high):
        yield "low", None, "one limit is given without the other", "Give both or neither"
    if section == "comparisons" and len(entry.between) < 2:
        yield "between", None, "fewer than two proportions are compared", "Name two or more"

"""Printed survival rates: which scale gives their limits, whether they are crude proportions, and how narrow limits can be."""

import math

from aice_helpers.audit.findings import CONVENTION, FITS, NEEDS, finding
from aice_helpers.audit.medians import SURPRISING, at_least
from aice_helpers.audit.percentages import reach, rounding_counts, size_of
from aice_helpers.audit.printed import Printed, apart
from aice_helpers.audit.proportion_intervals import LARGEST, limits_of
from aice_helpers.core.intervals import PROPORTION_INTERVALS, normal_quantile

SCALES = {
    "plain": lambda share: share,
    "log": lambda share: math.log(share),
    "log-log": lambda share: math.log(-math.log(share)),
    "logit": lambda share: math.log(share / (1 - share)),
    "arcsine": lambda share: math.asin(math.sqrt(share)),
}
"""Scale -> the function of a share on whose values the limits are symmetric."""

_SLOPES = {
    "plain": lambda share: 1.0,
    "log": lambda share: 1 / share,
    "log-log": lambda share: 1 / abs(share * math.log(share)),
    "logit": lambda share: 1 / (share * (1 - share)),
    "arcsine": lambda share: 1 / (2 * math.sqrt(share * (1 - share))),
}


def check(numbers):
    """Findings on the rates of an abstract."""
    for entry in numbers.rates.values():
        if entry.low:
            yield from _limits(numbers, entry)
    yield from _crude(numbers)


def _inside(ends):
    """An interval of percentages as shares strictly between 0 and 1."""
    return tuple(min(max(float(end) / 100, 1e-6), 1 - 1e-6) for end in ends)


def scales_of(entry) -> list[str]:
    """Scales on which the limits lie at equal distances from the rate, as far as rounding lets one see."""
    rate, low, high = (Printed.of(text) for text in (entry.percent, entry.low, entry.high))
    if not 0 < rate.value < 100 or low.value < 0:
        return ["plain"] if low.value < 0 else []
    by = []
    for name, scale in SCALES.items():
        lows, highs, rates = (sorted(map(scale, _inside(each.rounded))) for each in (low, high, rate))
        middle = (lows[0] + highs[0]) / 2, (lows[1] + highs[1]) / 2
        if not apart(middle, rates) or _set_to_edge(name, entry):
            by.append(name)
    return by


def _set_to_edge(name, entry):
    """Plain limits may have been set to 0 or 100."""
    return name in ("plain", "log") and (Printed.of(entry.high).value == 100 or Printed.of(entry.low).value == 0)


def _limits(numbers, entry):
    n, level = size_of(numbers, entry), numbers.level_of(entry)
    scales = scales_of(entry)
    exact = []
    if n is not None and n <= LARGEST:
        low, high = Printed.of(entry.low), Printed.of(entry.high)
        exact = [
            method
            for method in PROPORTION_INTERVALS
            if any(
                low.rounds_from(ends[0]) and high.rounds_from(ends[1])
                for count in rounding_counts(Printed.of(entry.percent), n)
                for ends in [limits_of(method, count, n, level)]
            )
        ]
    narrow = n is not None and _narrow(entry, n, level)
    if narrow:
        yield finding(NEEDS, [entry], "printed_rate_interval_narrow", n=str(n), least=narrow)
    elif scales or exact:
        yield finding(FITS, [entry], "printed_rate_interval_by", scales=[*scales, *exact])
    else:
        yield finding(CONVENTION, [entry], "printed_rate_interval_by_none")


def _narrow(entry, n, level):
    """How many patients the limits imply at least on every scale, where that is more than ``n``; 0 otherwise.

    Greenwood's variance is never smaller than that of a proportion of all ``n``: whoever is censored only takes away.
    """
    rate, low, high = (Printed.of(text) for text in (entry.percent, entry.low, entry.high))
    if not 0 < low.value < rate.value < high.value < 100:
        return 0
    implied = []
    for name, scale in SCALES.items():
        lows, highs = (_inside(each.either) for each in (low, high))
        width = max(abs(scale(a) - scale(b)) for a in lows for b in highs)
        error = width / 2 / normal_quantile(level)
        shares = _inside(rate.either)
        sizes = [share * (1 - share) * _SLOPES[name](share) ** 2 / error**2 for share in shares]
        implied.append(min(sizes))
    least = min(implied)
    return math.ceil(least) if least > 1.05 * n + 1 else 0


def _crude(numbers):
    """Rates that equal a whole number of patients over all of them, taken together."""
    tried = [entry for entry in numbers.rates.values() if size_of(numbers, entry)]
    hits = [entry for entry in tried if rounding_counts(Printed.of(entry.percent), size_of(numbers, entry))]
    if not hits:
        return
    chances = [reach(size_of(numbers, entry), Printed.of(entry.percent).decimals) for entry in tried]
    chance = at_least(len(hits), chances)
    if chance <= SURPRISING:
        counts = [f"{counts_of_rate(numbers, entry)[0]}/{size_of(numbers, entry)}" for entry in hits]
        yield finding(
            CONVENTION, hits, "printed_rates_are_shares",
            found=len(hits), among=len(tried), counts=counts, chance=chance,
        )  # fmt: skip


def counts_of_rate(numbers, entry):
    """Counts whose percentage rounds to a rate."""
    return rounding_counts(Printed.of(entry.percent), size_of(numbers, entry))

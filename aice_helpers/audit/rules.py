"""All rules together: the numbers of an abstract in, findings out, the gravest first."""

from aice_helpers.audit import (
    denominators,
    limits,
    medians,
    order,
    percentages,
    proportion_intervals,
    rates,
    ratios,
    sums,
    two_by_two,
)
from aice_helpers.audit.findings import GRADES

RULES = {
    "limits and zeros": limits.check,
    "counts and percentages": percentages.check,
    "denominators": denominators.check,
    "intervals of proportions": proportion_intervals.check,
    "medians": medians.check,
    "rates": rates.check,
    "order": order.check,
    "sums": sums.check,
    "ratios": ratios.check,
    "tests of proportions": two_by_two.check,
}
"""Name of each rule -> function of the numbers that yields findings."""


def audit(numbers):
    """Findings of every rule as pairs of the rule's name and the finding.

    Parameters
    ----------
    numbers : Numbers
        Checked by `study.published.read_published`.

    Returns
    -------
    list of (str, Finding)
        By grade, then in the order of the rules.
    """
    found = [(name, each) for name, rule in RULES.items() for each in rule(numbers)]
    return sorted(found, key=lambda pair: GRADES.index(pair[1].grade))

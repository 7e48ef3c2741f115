"""What a rule finds: the grade, the numbers it is about, what is so as a reason, and how often chance alone gives it."""

from dataclasses import dataclass

from aice_helpers.core.reasons import Reason

CANNOT_BE = "cannot be"
NEEDS = "needs something not stated"
CONVENTION = "depends on a convention"
FITS = "fits"
GRADES = (CANNOT_BE, NEEDS, CONVENTION, FITS)
"""From the gravest on: no denominator, rounding or method makes the numbers fit; a denominator, a rounding or a test that
is not stated would; programs differ and the numbers tell which; the numbers fit."""


@dataclass(frozen=True)
class Finding:
    """One finding.

    Attributes
    ----------
    grade : str
        One of `GRADES`.
    ids : tuple of str
        Entries of the abstract that it is about.
    reason : Reason
    chance : float or None
        How often numbers without the feature found would show it by accident; None where that is no matter of chance.
    """

    grade: str
    ids: tuple[str, ...]
    reason: Reason
    chance: float | None = None


def finding(grade, entries, code, *, chance=None, **fields):
    """A `Finding` about entries, with the reason of a code."""
    return Finding(grade, tuple(entry.name for entry in entries), Reason(code, **fields), chance)

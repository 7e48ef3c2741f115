"""A printed number as an exact value with the interval of what it may stand for, rounded or cut off."""

from dataclasses import dataclass
from fractions import Fraction

SLACK = 1e-9
"""Relative to the last digit: a computed value this close to the edge of an interval lies in it."""


@dataclass(frozen=True)
class Printed:
    """A number as printed.

    Attributes
    ----------
    text : str
    value : Fraction
    decimals : int
    """

    text: str
    value: Fraction
    decimals: int

    @classmethod
    def of(cls, text):
        """The printed number of a text with a point or a raised point as decimal mark.

        >>> Printed.of("0·05").value, Printed.of("19.0").decimals
        (Fraction(1, 20), 1)
        """
        plain = text.replace("·", ".")
        return cls(text, Fraction(plain), len(plain.partition(".")[2]))

    @property
    def unit(self) -> Fraction:
        """One in the last digit."""
        return Fraction(1, 10**self.decimals)

    @property
    def rounded(self) -> tuple[Fraction, Fraction]:
        """What rounds to it; both ends belong to it, for halves are rounded up by one program and to even by another."""
        return self.value - self.unit / 2, self.value + self.unit / 2

    @property
    def cut(self) -> tuple[Fraction, Fraction]:
        """What gives it when digits are cut off."""
        if self.value < 0:
            return self.value - self.unit, self.value
        return self.value, self.value + self.unit

    @property
    def either(self) -> tuple[Fraction, Fraction]:
        """What rounds to it or gives it when digits are cut off."""
        return min(self.rounded[0], self.cut[0]), max(self.rounded[1], self.cut[1])

    def rounds_from(self, value) -> bool:
        """Whether ``value`` rounds to it.

        >>> Printed.of("37.2").rounds_from(Fraction(4200, 113)), Printed.of("67.1").rounds_from(67.17)
        (True, False)
        """
        return self._within(value, self.rounded)

    def cuts_from(self, value) -> bool:
        """Whether ``value`` gives it when its digits are cut off.

        >>> Printed.of("67.1").cuts_from(67.17)
        True
        """
        low, high = self.cut
        return self._within(value, (low, high)) and abs(value - (high if self.value >= 0 else low)) > SLACK * self.unit

    def _within(self, value, ends):
        slack = 0 if isinstance(value, Fraction) else SLACK * float(self.unit)
        return ends[0] - slack <= value <= ends[1] + slack

    def one_slip_from(self, other) -> bool:
        """Whether one digit changed, or two neighbors swapped, makes it the text ``other``.

        >>> printed = Printed.of("25.3")
        >>> [printed.one_slip_from(other) for other in ("23.3", "52.3", "23.5", "26.4")]
        [True, True, True, False]
        """
        own = self.text.replace("·", ".")
        if len(own) != len(other) or own.find(".") != other.find("."):
            return False
        pairs = list(zip(own.replace(".", ""), other.replace(".", ""), strict=True))
        places = [place for place, (mine, right) in enumerate(pairs) if mine != right]
        if len(places) == 2:
            first, second = places
            return second == first + 1 and pairs[first] == pairs[second][::-1]
        return len(places) == 1


def apart(first, second) -> bool:
    """Whether two intervals have no point in common."""
    return first[1] < second[0] or second[1] < first[0]


@dataclass(frozen=True)
class PrintedP:
    """A P value as printed: the interval of what it may be, and its text with its sign."""

    text: str
    low: float
    high: float

    @classmethod
    def of(cls, text):
        """The P value of a text such as 0.03, <0.001 or >0.05.

        >>> PrintedP.of("<0.001").high, PrintedP.of("0.03").text
        (0.001, 'P = 0.03')
        """
        sign, number = (text[0], text[1:]) if text[:1] in "<>" else ("=", text)
        number = Printed.of(number.strip())
        low, high = number.either
        if sign == "<":
            low, high = 0, number.value
        elif sign == ">":
            low, high = number.value, 1
        return cls(f"P {sign} {number.text}", max(0.0, float(low)), float(high))

    @property
    def exact(self) -> bool:
        """Whether a value is printed, not a bound."""
        return "=" in self.text

    def below(self, alpha):
        """Whether it lies below ``alpha``; None where what is printed leaves that open."""
        if self.high <= alpha and (self.low < alpha or not self.exact):
            return True
        return False if self.low >= alpha else None

    def holds(self, value) -> bool:
        """Whether it may stand for ``value``."""
        return self.low - 1e-12 <= value <= self.high + 1e-12

"""How numbers and names are written: the one place that decides digits, signs and words for missing values."""

import math
import re
import unicodedata
from decimal import ROUND_HALF_UP, Decimal

import pandas as pd

NOT_REACHED = "not reached"

NOT_ESTIMABLE = "not estimable"

MASKED = "masked"

UNIT_NAMES = {"days": "day", "weeks": "week", "months": "month", "years": "year"}
"""Plural time unit -> singular."""


def is_missing(value) -> bool:
    """Whether a table cell holds no value.

    >>> is_missing(float("nan")), is_missing(None), is_missing(0)
    (True, True, False)
    """
    return bool(pd.isna(value))


def decimal(value, digits=1, missing=NOT_ESTIMABLE) -> str:
    """A number with fixed decimals, halves rounded up, and a true minus sign; a rounded zero carries no sign.

    Parameters
    ----------
    value : float or None
    digits : int
        Decimals.
    missing : str
        What stands for a value that is not known.

    Returns
    -------
    str

    Examples
    --------
    >>> decimal(19.04), decimal(-0.04), decimal(0.25), decimal(-2.25, 2), decimal(None)
    ('19.0', '0.0', '0.3', '−2.25', 'not estimable')
    """
    if is_missing(value):
        return missing
    # Twelve digits first: 0.25 stored as 0.24999999999999997 is a quarter.
    written = f"{Decimal(f'{float(value):.12g}').quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP):f}"
    if written.startswith("-"):
        written = "−" + written[1:] if float(written) else written[1:]
    return written


def percent(value, digits=1, missing=NOT_ESTIMABLE) -> str:
    """A proportion as per cent.

    Parameters
    ----------
    value : float or None
        A proportion, 0 to 1.
    digits : int
        Decimals of the percentage.
    missing : str
        What stands for a value that is not known.

    Returns
    -------
    str

    Examples
    --------
    >>> percent(51 / 113), percent(0.95, 0)
    ('45.1%', '95%')
    """
    return missing if is_missing(value) else decimal(100 * float(value), digits) + "%"


def level(value) -> str:
    """A confidence level, without needless decimals.

    >>> level(0.95), level(0.975)
    ('95%', '97.5%')
    """
    return NOT_ESTIMABLE if is_missing(value) else f"{round(100 * float(value), 6):g}%"


def ratio(value, missing=NOT_ESTIMABLE) -> str:
    """A ratio with two decimals; one too small for them is "< 0.01", one too large to be read "> 9999".

    >>> ratio(1.2345), ratio(0.001), ratio(3.7e7), ratio(None)
    ('1.23', '< 0.01', '> 9999', 'not estimable')
    """
    if is_missing(value):
        return missing
    if value >= 10_000:
        return "> 9999"
    return "< 0.01" if 0 < value < 0.005 else decimal(value, 2)


def count(value, missing="") -> str:
    """A whole number.

    >>> count(113), count(None)
    ('113', '')
    """
    return missing if is_missing(value) else str(int(value))


def plain(value) -> str:
    """A number as short as it can be, for limits, steps and time points.

    >>> plain(24.0), plain(0.5), plain(-30)
    ('24', '0.5', '−30')
    """
    number = float(value)
    return (str(int(number)) if number.is_integer() else f"{number:g}").replace("-", "−")


def p_value(p, alpha=0.05, missing=NOT_ESTIMABLE) -> str:
    """A P value with three decimals; more where three would round it onto ``alpha``.

    Parameters
    ----------
    p : float or None
    alpha : float
        Significance level, as a proportion.
    missing : str
        What stands for a value that is not known.

    Returns
    -------
    str

    Examples
    --------
    >>> p_value(0.0123), p_value(1e-9), p_value(0.0496), p_value(0.9999)
    ('0.012', '< 0.001', '0.0496', '> 0.999')
    """
    if is_missing(p):
        return missing
    if p < 0.001:
        return "< 0.001"
    if p > 0.999:
        return "> 0.999"
    digits = 3
    while p != alpha and digits < 12 and math.isclose(float(decimal(p, digits)), alpha, rel_tol=0, abs_tol=1e-12):
        digits += 1
    return decimal(p, digits)


def p_words(p, alpha=0.05) -> str:
    """A P value with its letter, as it stands in a sentence.

    >>> p_words(0.0123), p_words(1e-9), p_words(None)
    ('P = 0.012', 'P < 0.001', 'P not estimable')
    """
    written = p_value(p, alpha)
    return f"P {written}" if written[0] in "<>n" else f"P = {written}"


def interval(low, high, write=decimal, missing=NOT_ESTIMABLE) -> str:
    """Two limits joined by "to"; one word when neither is known.

    Parameters
    ----------
    low, high : float or None
    write : callable
        Writes one limit: number -> str. It takes ``missing`` by name.
    missing : str
        What stands for a value that is not known.

    Returns
    -------
    str

    Examples
    --------
    >>> interval(12.84, 25.3), interval(12.84, None, missing="not reached"), interval(None, None)
    ('12.8 to 25.3', '12.8 to not reached', 'not estimable')
    """
    if is_missing(low) and is_missing(high):
        return missing
    return f"{write(low, missing=missing)} to {write(high, missing=missing)}"


def ratio_words(estimate, low, high, conf_level=None) -> str:
    """A ratio with its limits, and with their level where nothing else says it.

    Parameters
    ----------
    estimate, low, high : float or None
    conf_level : float, optional
        As a proportion.

    Returns
    -------
    str

    Examples
    --------
    >>> ratio_words(1.961, 1.2, 3.2), ratio_words(1.961, 1.2, 3.2, 0.95)
    ('1.96 (1.20 to 3.20)', '1.96 (95% CI 1.20 to 3.20)')
    """
    named = "" if conf_level is None else f"{level(conf_level)} CI "
    return f"{ratio(estimate)} ({named}{interval(low, high, ratio)})"


def listing(words) -> str:
    """Words joined for a sentence.

    >>> listing(["a"]), listing(["a", "b"]), listing(["a", "b", "c"])
    ('a', 'a and b', 'a, b and c')
    """
    words = list(words)
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


def counted(number, singular, plural="") -> str:
    """A count with its noun.

    Parameters
    ----------
    number : int
    singular : str
        The noun.
    plural : str
        Its plural; by default the singular with an s.

    Returns
    -------
    str

    Examples
    --------
    >>> counted(1, "event"), counted(0, "event"), counted(2, "study", "studies")
    ('1 event', '0 events', '2 studies')
    """
    return f"{int(number)} {singular if number == 1 else plural or singular + 's'}"


def duration(value, unit) -> str:
    """A time with its unit, in the singular for one.

    >>> duration(1, "months"), duration(24.0, "months")
    ('1 month', '24 months')
    """
    return f"{plain(value)} {UNIT_NAMES.get(unit, unit) if value == 1 else unit}"


def time(value, unit, missing=NOT_ESTIMABLE) -> str:
    """A computed time: one decimal, none for a whole number of days or weeks.

    Parameters
    ----------
    value : float or None
        In ``unit``.
    unit : str
        "days", "weeks", "months" or "years".
    missing : str
        What stands for a value that is not known.

    Returns
    -------
    str
        The number without its unit.

    Examples
    --------
    >>> time(2450.0, "days"), time(286.04, "days"), time(19.0, "months")
    ('2450', '286.0', '19.0')
    """
    whole = unit in ("days", "weeks") and not is_missing(value) and float(f"{value:.12g}").is_integer()
    return decimal(value, 0 if whole else 1, missing)


def per(step, unit) -> str:
    """The increase that a hazard ratio stands for.

    >>> per(1, "years"), per(10, "years"), per(1, "cm"), per(1, ""), per(0.5, "")
    ('per year', 'per 10 years', 'per cm', 'per unit', 'per 0.5')
    """
    if step != 1:
        return f"per {plain(step)} {unit}".rstrip()
    # An English plural in one word; "inches" or "celsius" would need more than an s taken off.
    plural = re.fullmatch(r"[a-z-]{3,}(?<![sui])(?<!he|xe|ie)s", unit)
    return f"per {(unit[:-1] if plural else unit) or 'unit'}"


def alpha(conf_level) -> float:
    """The significance level that goes with a confidence level, free of binary dust.

    >>> alpha(0.95)
    0.05
    """
    return round(1 - float(conf_level), 12)


def lowered(label) -> str:
    """A label as it stands within a sentence: its first letter small, unless its first word is an acronym or a name
    with a digit or a single letter.

    >>> lowered("Tumor size"), lowered("ECOG performance status"), lowered("Ki-67"), lowered("T stage")
    ('tumor size', 'ECOG performance status', 'Ki-67', 'T stage')
    """
    first = label.split(" ")[0]
    keep = len(first) == 1 or any(char.isupper() or char.isdigit() for char in first[1:])
    return label if keep else label[:1].lower() + label[1:]


def columns(text) -> int:
    """Columns a text takes where letters have one width: wide (East Asian) characters take two, combining ones none.

    >>> columns("ab"), columns("\u80bf\u7624")
    (2, 4)
    """
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text
    )

"""How the book writes numbers, said once more and plainly: what the tests of the display expect.

Nothing here comes from `aice_helpers.show`: a rule that changes there must change here as well.
"""

import math

import pandas as pd

MASKED, NOT_REACHED, NOT_ESTIMABLE = "masked", "not reached", "not estimable"


def fixed(value, digits=1):
    """Fixed decimals, halves away from zero, a true minus sign, no sign on a rounded zero."""
    units = math.floor(abs(value) * 10**digits + 0.5 + 1e-9)
    text = str(units).zfill(digits + 1)
    text = f"{text[:-digits]}.{text[-digits:]}" if digits else text
    return f"−{text}" if value < 0 and units else text


def three(value):
    return fixed(value, 3)


def per_cent(share):
    return f"{fixed(100 * share)}%"


def short(value):
    """As short as it can be: 24, 0.5, −30."""
    return f"{value:g}".replace("-", "−")


def ratio(value):
    return "< 0.01" if 0 < value < 0.005 else fixed(value, 2)


def time_in(unit):
    """One decimal; none for a whole number of days or weeks."""

    def write(value):
        whole = unit in ("days", "weeks") and abs(value - round(value)) < 1e-9
        return str(round(value)) if whole else fixed(value)

    return write


def lasting(value, unit):
    return f"1 {unit[:-1]}" if value == 1 else f"{short(value)} {unit}"


def how_many(number, noun):
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def p_alone(p, conf_level=0.95):
    """Three decimals, more where three would put it onto the limit; very small and very large ones by a bound."""
    if p < 0.001:
        return "< 0.001"
    if p > 0.999:
        return "> 0.999"
    limit = round(1 - conf_level, 9)
    digits = next(digits for digits in range(3, 12) if p == limit or float(fixed(p, digits)) != limit)
    return fixed(p, digits)


def p_named(p, conf_level=0.95):
    written = p_alone(p, conf_level)
    return f"P {written}" if written[0] in "<>" else f"P = {written}"


def level(conf_level):
    return f"{100 * conf_level:.10g}%"


def is_hidden(row, column="estimate"):
    return any(column in reason["columns"] for reason in row["reasons"] if reason.code in ("masked", "counts_masked"))


def word(row, column="estimate"):
    """What stands for a missing number of a row."""
    if is_hidden(row, column):
        return MASKED
    if row["term"] not in ("median", "median follow-up") or column not in ("estimate", "conf_low", "conf_high"):
        return NOT_ESTIMABLE
    if column == "estimate":
        return NOT_REACHED
    without = pd.notna(row["estimate"]) and pd.isna(row["conf_low"]) and pd.isna(row["conf_high"])
    return NOT_ESTIMABLE if row["method"] == "SPSS" or without else NOT_REACHED


def number(row, column, write=fixed):
    """A number of a row, or the word for it."""
    return word(row, column) if pd.isna(row[column]) else write(row[column])


def whole(row, column):
    """A count of a row: nothing where there is none, a word where it is hidden."""
    if pd.notna(row[column]):
        return f"{row[column]:.0f}"
    return MASKED if is_hidden(row, column) else ""


def limits(row, write=fixed):
    """Both limits of a row; nothing for a row of a kind that has none, one word where neither is known."""
    if pd.isna(row["conf_level"]):
        return ""
    low, high = (number(row, column, write) for column in ("conf_low", "conf_high"))
    return low if pd.isna(row["conf_low"]) and low == high else f"{low} to {high}"


def and_list(words):
    *most, last = words
    return f"{', '.join(most)} and {last}" if most else last

"""Numbers as they are printed: at fixed decimals, exactly, with their unit."""

from decimal import ROUND_HALF_UP, Decimal


def at_decimals(value, decimals, rounding=ROUND_HALF_UP) -> str:
    """A number as printed: rounded to decimals, or cut off with ``ROUND_DOWN``.

    >>> from decimal import ROUND_DOWN
    >>> at_decimals(67.17, 1), at_decimals(0.24999999999999997 * 100, 0), at_decimals(67.17, 1, ROUND_DOWN)
    ('67.2', '25', '67.1')
    """
    # Twelve digits first: 0.25 stored as 0.24999999999999997 is a quarter.
    return str(Decimal(f"{value:.12g}").quantize(Decimal(1).scaleb(-int(decimals)), rounding=rounding))


def with_unit(number, unit) -> str:
    """A written number with its unit, which may be empty.

    >>> with_unit("45.1", "%"), with_unit("19.0", "months"), with_unit("113", "")
    ('45.1%', '19.0 months', '113')
    """
    return f"{number}{unit}" if unit in ("", "%") else f"{number} {unit}"

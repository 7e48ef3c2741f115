"""Numbers with the digits that each program prints them with."""

import math

from aice_helpers.show.formats import decimal, is_missing

FAMILIES = ("SPSS", "R", "SAS", "Stata", "Prism", "lifelines")

_DECIMALS = {
    "SPSS": {"time": 3, "ratio": 3, "chi": 3, "share": 3},
    "SAS": {"time": 4, "ratio": 3, "chi": 4, "share": 4},
    "Stata": {"chi": 2, "ph": 2},
    "lifelines": {"ratio": 2, "chi": 2, "ph": 2, "share": 2},
    "R": {"chi": 1},
}
"""Program -> kind of number -> decimals, where it prints a fixed number of them."""

_SIGNIFICANT = {
    "R": {"time": 3, "ratio": 4, "share": 3, "ph": 3},
    "Stata": {"time": 7, "ratio": 7, "share": 7},
    "Prism": {"time": 4, "ratio": 4, "chi": 4, "share": 4},
    "lifelines": {"time": 12},
}
"""Program -> kind of number -> significant digits, where it prints a fixed number of these."""

_P = {"SPSS": 3, "SAS": 4, "Stata": 4, "Prism": 4, "lifelines": 2}


def family(program) -> str:
    """The program whose digits a row is printed with: the first that its text names.

    >>> family("SAS; SPSS; Stata"), family("on request: R (rho = 1)"), family("all programs")
    ('SAS', 'R', 'R')
    """
    words = [word.strip("();,:") for word in program.split()]
    return next((word for word in words if word in FAMILIES), "R")


def as_printed(program, kind, value, missing="") -> str:
    """A number as a program prints it.

    Parameters
    ----------
    program : str
        One of `FAMILIES`.
    kind : {"time", "ratio", "chi", "ph", "share"}
    value : float or None
    missing : str
        What stands for a value that is not known.

    Returns
    -------
    str

    Examples
    --------
    >>> as_printed("SPSS", "time", 11.0), as_printed("R", "time", 15.05), as_printed("Stata", "time", 14.51)
    ('11.000', '15.1', '14.51')
    """
    if is_missing(value):
        return missing
    if kind in _DECIMALS.get(program, {}):
        return decimal(value, _DECIMALS[program][kind])
    digits = _SIGNIFICANT[program][kind]
    if not value:
        return "0"
    places = max(0, digits - 1 - math.floor(math.log10(abs(value))))
    written = decimal(value, places)
    # Prism keeps the zeros that fill its four digits; R, Stata and lifelines drop them.
    return written if program == "Prism" or "." not in written else written.rstrip("0").rstrip(".")


def p_as_printed(program, p, missing="", *, digits=1) -> str:
    """A P value as a program prints it; R with ``digits`` significant ones.

    >>> p_as_printed("SAS", 0.00002), p_as_printed("SPSS", 0.0086), p_as_printed("R", 0.0086)
    ('<.0001', '0.009', '0.009')
    """
    if is_missing(p):
        return missing
    if program == "R":
        return f"{p:.{digits}g}"
    digits = _P[program]
    if p < 10.0**-digits / 2 or (program in ("SAS", "Prism", "SPSS") and p < 10.0**-digits):
        return {"SPSS": "<0.001", "SAS": "<.0001", "Prism": "<0.0001", "lifelines": "<0.005"}.get(
            program, decimal(0, digits)
        )
    return decimal(p, digits)

"""Numbers that stand for dates: how programs count days and seconds."""

from __future__ import annotations

import datetime
import math

_DAY = 86_400

SYSTEMS = {
    "excel-1900": (datetime.date(1899, 12, 30), 1), "excel-1904": (datetime.date(1904, 1, 1), 1),
    "days-1960": (datetime.date(1960, 1, 1), 1), "days-1970": (datetime.date(1970, 1, 1), 1),
    "seconds-1582": (datetime.date(1582, 10, 14), _DAY), "seconds-1960": (datetime.date(1960, 1, 1), _DAY),
    "seconds-1970": (datetime.date(1970, 1, 1), _DAY), "milliseconds-1960": (datetime.date(1960, 1, 1), 1000 * _DAY),
    "milliseconds-1970": (datetime.date(1970, 1, 1), 1000 * _DAY),
}  # fmt: skip
"""System -> the day that is 0 and how many units make a day: Excel counts days from 1900 or 1904; Stata and SAS days from 1960,
seconds (SAS) or milliseconds (Stata) besides; R and Unix from 1970; SPSS seconds from 1582."""

EARLIEST_LIKELY = datetime.date(1980, 1, 1)


def day_of(number, system):
    """Ordinal day of a number in one system, and whether it has a part of a day; None when it is no day of it.

    >>> datetime.date.fromordinal(day_of(43831, "excel-1900")[0]), day_of(60, "excel-1900")
    (datetime.date(2020, 1, 1), None)
    """
    start, units = SYSTEMS[system]
    days = number / units
    # Excel's calendar has a 29 February 1900 and a day 0 of January; a day before is an empty cell that was computed with.
    if not math.isfinite(days) or (system == "excel-1900" and days < 61) or abs(days) > 1_000_000:
        return None
    day = start.toordinal() + math.floor(days)
    return (day, days % 1 != 0) if 1 <= day <= datetime.date.max.toordinal() else None


def likely_systems(numbers, today) -> list[str]:
    """The systems in which all of some numbers are days from `EARLIEST_LIKELY` to ``today``."""
    found = []
    for system in SYSTEMS:
        days = [day_of(number, system) for number in numbers]
        if all(day and EARLIEST_LIKELY.toordinal() <= day[0] <= today.toordinal() for day in days):
            found.append(system)
    return found


def system_of_file(serials, numbers) -> str:
    """The system in which a file counts numbers of this size, from what it says of itself; "" where it does not tell.

    >>> system_of_file("sav", [13_802_745_600]), system_of_file("dta", [21_979]), system_of_file("", [43_895])
    ('seconds-1582', 'days-1960', '')
    """
    large = min(map(abs, numbers), default=0)
    if serials == "sav":
        return "seconds-1582" if large > 1e9 else ""
    if serials == "dta":
        return "milliseconds-1960" if large > 1e11 else "days-1960"
    if serials in ("xpt", "sas7bdat"):
        return "seconds-1960" if large > 1e8 else "days-1960"
    return serials if serials in SYSTEMS else ""

"""A column of dates: what all of its cells together say, or the question that they leave open."""

from __future__ import annotations

import calendar
import datetime
import re
import zoneinfo
from collections import Counter
from dataclasses import dataclass, field

import numpy as np

from aice_helpers.data.dates import cells
from aice_helpers.data.dates.cells import CALENDARS, DAY_MONTH, DIGITS, NAMED, NUMBER, NUMERIC, PLAIN, YEAR_FIRST
from aice_helpers.data.dates.months import month_named
from aice_helpers.data.dates.numbers import day_of, likely_systems, system_of_file
from aice_helpers.study.date_plan import DateFormat

EARLIEST = 1920
"""Year before which no date of a study lies; what is earlier is a slip or an empty cell of a spreadsheet."""

WRITE = "Write it as 2020-03-05 (year, month, day)"


@dataclass(frozen=True)
class Finding:
    """A fault, a question or a remark about some cells of a column, which are named by their places."""

    rule: str
    fix: str
    places: tuple[int, ...] = ()
    value: str | None = None


@dataclass
class Days:
    """A column as days: ordinals (nan where the cell is empty or at fault), and which were completed by rule.

    ``earliest`` and ``latest`` are the first and last day that a cell with an incomplete date may mean.
    """

    day: np.ndarray
    completed: np.ndarray
    faults: list[Finding] = field(default_factory=list)
    remarks: list[Finding] = field(default_factory=list)


class _NoDecision(Exception):
    """The column leaves a question open; carries what to say of it."""

    def __init__(self, rule, fix, places=()):
        super().__init__(rule)
        self.finding = Finding(rule, fix, tuple(places))


def read_days(texts, how=None, *, today=None, serials="") -> Days:
    """A column of cells as days.

    Parameters
    ----------
    texts : sequence of str
        The cells; an empty one holds no date.
    how : DateFormat, optional
        What the study file declares of the column.
    today : datetime.date, optional
        No date lies after it.
    serials : str
        How the file counts time where a cell holds a date as a number, as `Table.serials` says it.

    Returns
    -------
    Days
        With every fault; a question is the one fault that stands for the whole column.
    """
    how, today = how or DateFormat(), today or datetime.date.today()
    found = Days(np.full(len(texts), np.nan), np.zeros(len(texts), dtype=bool))
    written = {place: cells.read_cell(text) for place, text in enumerate(texts) if text.strip()}
    for place in [place for place, one in written.items() if one.flaw or _DAY_ZERO.fullmatch(texts[place])]:
        found.faults.append(_flaw(texts[place], written.pop(place).flaw, place))
    try:
        _judge_forms(written, how, serials, found)
        numbers = {
            place for place, one in written.items() if one.form == NUMBER or (how.numbers and one.form == DIGITS)
        }
        _read_numbers(texts, numbers, how, today, serials, found)
        rest = {place: one for place, one in written.items() if place not in numbers}
        parts = _in_one_order(rest, how, today)
        _judge_calendar(parts, rest, how, today)
        months = _month_numbers(parts, how)
        _judge_zones(rest, how)
    except _NoDecision as open_question:
        found.faults.append(open_question.finding)
        return found
    for place, one in parts.items():
        _place_day(place, one, months[place], texts[place], how, today, found)
    _move_to_zone(rest, how, found)
    _judge_range(texts, found, today)
    _remark(parts, rest, found)
    return found


_DAY_ZERO = re.compile(r"(1900-01-00|1899-12-3[01]|0?0:00(:00)?)( 00:00:00)?")


def _flaw(text, flaw, place):
    if _DAY_ZERO.fullmatch(text):
        rule = "the spreadsheet holds its day 0 here, as a formula on an empty cell gives it"
        return Finding(rule, "Empty the cell", (place,), text)
    if flaw == "midnight":
        return Finding("24:00 may mean this day or the next", "Write the date without the clock time", (place,), text)
    if flaw == "no clock time":
        return Finding("there is no such time of the day", "Correct it, or write the date alone", (place,), text)
    if flaw == "no day of the calendar":
        return Finding("there is no such day in the calendar", "Correct the date", (place,), text)
    if not re.search(r"\d", text):
        fix = f"If it means that there is no such date, declare it under dates: missing: [{_quoted(text)}]"
        return Finding("a date is needed", fix, (place,), text)
    return Finding("a date is needed", WRITE, (place,), text)


def _quoted(text):
    return text if re.fullmatch(r"[^\W\d_][\w ]*", text) and text.lower() not in ("no", "yes", "null") else f'"{text}"'


def _judge_forms(written, how, serials, found):
    """Refuse a column that mixes forms of which one may have been changed by a program on its way."""
    forms = {}
    for place, one in written.items():
        clear = one.form in (PLAIN, NAMED) or (one.form == DIGITS and set(one.readings) == {YEAR_FIRST})
        forms.setdefault("clear" if clear else f"{one.form}{one.mark}", []).append(place)
    counts = Counter(written[place].form for places in forms.values() for place in places)
    if len(forms) == 1:
        if len(counts) > 1:
            found.remarks.append(
                Finding("the dates are written in more than one form", "Nothing to do if all look right")
            )
        return
    own_numbers = set(forms) == {"clear", NUMBER} and serials and not counts[NAMED]
    if not forms or own_numbers or (how.order and NUMBER not in forms):
        return
    parts = [f"{len(places)} {_FORM_WORDS.get(form, 'in figures')}" for form, places in forms.items()]
    fewest = min(forms.values(), key=len)
    rule = f"the column mixes forms of dates ({', '.join(parts)}); a program may have changed day and month in some"
    raise _NoDecision(rule, f"{WRITE}, all cells alike, from the source", fewest)


_FORM_WORDS = {"clear": "with the year first or a month by name", NUMBER: "as a number of days or seconds"}


def _read_numbers(texts, places, how, today, serials, found):
    if not places:
        return
    numbers = {place: float(texts[place].replace(",", ".")) for place in sorted(places)}
    chosen = how.numbers or system_of_file(serials, numbers.values())
    if not chosen:
        likely = likely_systems(numbers.values(), today)
        if not likely:
            rule = "a date is needed, and these numbers count no days that a study may hold"
            raise _NoDecision(rule, WRITE, numbers)
        spans = [f"{one} gives {_span(day_of(number, one)[0] for number in numbers.values())}" for one in likely]
        rule = f"numbers stand for the dates, and what they count is not stated: {', '.join(spans)}"
        raise _NoDecision(rule, f"Declare under dates: numbers: {' or '.join(likely)}", numbers)
    for place, number in numbers.items():
        day = day_of(number, chosen)
        if day is None:
            found.faults.append(Finding(f"the number is no day of {chosen}", WRITE, (place,), texts[place]))
        else:
            found.day[place] = day[0]
    if not how.numbers:
        rule = f"numbers are read as dates as the file counts them ({chosen})"
        found.remarks.append(Finding(rule, "Nothing to do if the times look right", tuple(numbers)))


def _span(days):
    years = [datetime.date.fromordinal(day).year for day in days]
    return f"{min(years)} to {max(years)}" if min(years) < max(years) else str(years[0])


def _in_one_order(written, how, today):
    """Place -> `Parts` of every cell, all read in one order."""
    parts, open_cells = {}, {}
    for place, one in written.items():
        if one.form in (NUMERIC, DIGITS):
            open_cells[place] = one.readings
        else:
            order = how.order if how.order in one.readings else next(iter(one.readings))
            parts[place] = one.readings[order]
    if not open_cells:
        return parts
    if how.order:
        wrong = [place for place, readings in open_cells.items() if how.order not in readings]
        if wrong:
            rule = f"this is no date in the declared order {how.order}"
            raise _NoDecision(rule, "Correct the cells, or the order under dates", wrong)
        return parts | {place: readings[how.order] for place, readings in open_cells.items()}
    orders = _possible_orders(open_cells, how, today)
    if len({tuple(readings[order] for readings in open_cells.values()) for order in orders}) > 1:
        _ask_order(open_cells, orders, how, today)
    return parts | {place: readings[orders[0]] for place, readings in open_cells.items()}


def _possible_orders(open_cells, how, today):
    """The orders in which every cell is a date; a contradiction among the cells is raised."""
    count = Counter(order for readings in open_cells.values() for order in readings)
    orders = [order for order, found in count.items() if found == len(open_cells)]
    if YEAR_FIRST in orders and len(orders) > 1 and all(r[YEAR_FIRST].short for r in open_cells.values()):
        # Day and month in figures of two are always a year, too; one that would lie ahead, or in old times, is none.
        years = [_full_year(readings[YEAR_FIRST], how, today) for readings in open_cells.values()]
        if max(years) > today.year or min(years) < 1950:
            orders.remove(YEAR_FIRST)
    if orders:
        return orders
    told = [
        f"{sum(set(r) == {one} for r in open_cells.values())} only as {one}" for one in (DAY_MONTH, cells.MONTH_DAY)
    ]
    rule = f"the cells contradict one another: {' and '.join(told)} are dates"
    least = min((DAY_MONTH, cells.MONTH_DAY), key=lambda one: sum(set(r) == {one} for r in open_cells.values()))
    wrong = [place for place, readings in open_cells.items() if set(readings) == {least}]
    raise _NoDecision(rule, f"{WRITE}, all cells alike, from the source", wrong or list(open_cells))


def _ask_order(open_cells, orders, how, today):
    first = orders[0]
    others = [sum(r[first] != r[order] for r in open_cells.values()) for order in orders[1:]]
    spans = []
    for order in orders:
        years = [_full_year(readings[order], how, today) for readings in open_cells.values()]
        spans.append(f"as {order} {len(years)} dates from {min(years)} to {max(years)}")
    rule = f"the dates can be read in {len(orders)} ways: {', '.join(spans)}; {max(others)} are other days"
    fix = f"Declare under dates: order: {' or order: '.join(orders)} (for this column alone under columns)"
    raise _NoDecision(rule, fix)


def _full_year(parts, how, today):
    """The year of the Gregorian calendar that a cell means."""
    shift = CALENDARS[parts.calendar or how.calendar or "gregorian"]
    if not parts.short:
        return parts.year + shift
    if shift == CALENDARS["buddhist"]:
        return 2500 + parts.year + shift
    if shift:
        return parts.year + shift
    first = how.two_digit_years
    first = today.year - 99 if first is None else first if first >= 100 else 1900 + first
    return first + (parts.year - first) % 100


def _judge_calendar(parts, written, how, today):
    """Years of another calendar than the declared one are a question."""
    if how.calendar:
        return
    ahead = [
        p
        for p, one in parts.items()
        if not one.short and not one.calendar and today.year + 443 <= one.year <= today.year + 544
    ]
    thai = [
        place
        for place, one in parts.items()
        if one.short and not one.calendar and isinstance(one.month, str) and re.search("[\u0e00-\u0e7f]", one.month)
    ]
    republic = [place for place, one in parts.items() if not one.short and not one.calendar and 70 <= one.year <= 199]
    for places, name in ((ahead or thai, "buddhist"), (republic, "minguo")):
        if not places:
            continue
        if len(places) < len(parts):
            raise _NoDecision(f"years of two calendars stand in the column ({name} and another)", WRITE, places)
        spans = [_full_year(parts[place], DateFormat(calendar=name), today) for place in places]
        as_they_stand = "lie in the future" if ahead else "are of two figures" if thai else "are long past"
        rule = f"the years as they stand {as_they_stand}; as years of the {name} calendar they are {min(spans)} to {max(spans)}"
        raise _NoDecision(rule, f"Declare under dates: calendar: {name} (or gregorian)", ())
    other = [place for place, one in parts.items() if not one.short and 1300 <= one.year <= 1500]
    if other:
        rule = "the years look like those of the Persian or the Islamic calendar, which is not read"
        raise _NoDecision(rule, "Write the dates in the Gregorian calendar", other)


def _month_numbers(parts, how):
    """Place -> number of the month, where names are read in one language if there is one that has them all."""
    named = {place: month_named(one.month) for place, one in parts.items() if isinstance(one.month, str)}
    common = set.intersection(*map(set, named.values())) if named else set()
    if how.language:
        common = {how.language}
    months = {place: one.month for place, one in parts.items()}
    for place, meanings in named.items():
        meant = {month for language, month in meanings.items() if language in common or not common}
        if len(meant) != 1:
            rule = "a name of a month means two months in two languages, or none in the declared one"
            languages = sorted(set().union(*(set(one) for one in named.values())))
            raise _NoDecision(rule, f"Declare under dates: language: one of {', '.join(languages)}", [place])
        months[place] = meant.pop()
    return months


def _place_day(place, parts, month, text, how, today, found):
    """Note the day of one cell, or why there is none."""
    year, day, rule = _full_year(parts, how, today), parts.day, how.partial
    if not EARLIEST <= year <= 9000:
        what = f"the year {parts.year} is none that a study may hold"
        found.faults.append(Finding(what, "Correct the date", (place,), text))
        return
    if day is None:
        if rule is None or (month is None and rule.month is None):
            known = "year" if month is None else "year and the month"
            need = "day and month" if month is None else "day"
            what = f"only the {known} of the date is known"
            example = "partial: {day: 15, month: 7}" if month is None else "partial: {day: 15}"
            fix = f"Complete it, or declare under dates which {need} stands for it: {example}"
            found.faults.append(Finding(what, fix, (place,), text))
            return
        month = rule.month if month is None else month
        day = min(rule.day, calendar.monthrange(year, month)[1])
        found.completed[place] = True
    try:
        found.day[place] = datetime.date(year, month, day).toordinal()
    except ValueError:
        found.faults.append(Finding("there is no such day in the calendar", "Correct the date", (place,), text))


def _judge_range(texts, found, today):
    for place in np.flatnonzero(found.day > today.toordinal()):
        found.faults.append(Finding("the date lies in the future", "Correct the date", (int(place),), texts[place]))
    for place in np.flatnonzero(found.day < datetime.date(EARLIEST, 1, 1).toordinal()):
        found.faults.append(
            Finding(f"the date lies before {EARLIEST}", "Correct the date", (int(place),), texts[place])
        )


def _judge_zones(written, how):
    """Midnights of a zone to the east, written in universal time, are the evening before: which day is meant is a question."""
    universal = [one.clock for one in written.values() if one.zone == "Z" and one.clock]
    evenings = {clock for clock in universal if clock >= "13:00" and clock[3:] in ("00:00", "30:00")}
    if how.time_zone or len(universal) < 3 or len(set(universal)) > 2 or evenings != set(universal):
        return
    rule = (
        f"the dates are evenings in universal time ({' and '.join(sorted(evenings))}), as midnights further east become; the "
        "day meant may be the one after"
    )
    fix = "Declare under dates: time_zone: as written, or the zone of the clinic, such as time_zone: Europe/Berlin"
    raise _NoDecision(rule, fix)


def _move_to_zone(written, how, found):
    """Take the day of the declared zone where a clock time names its own."""
    if not how.time_zone or how.time_zone == "as written":
        return
    zone = zoneinfo.ZoneInfo(how.time_zone)
    for place, one in written.items():
        if not one.clock or not one.zone or np.isnan(found.day[place]):
            continue
        offset = re.fullmatch(r"([+-])(\d{2}):?(\d{2})?", "+00:00" if one.zone == "Z" else one.zone)
        if offset is None:
            found.faults.append(
                Finding("the time zone is not known", "Write its difference to UTC, as +01:00", (place,))
            )
            continue
        minutes = int(offset[1] + "1") * (60 * int(offset[2]) + int(offset[3] or 0))
        there = datetime.timezone(datetime.timedelta(minutes=minutes))
        day = datetime.date.fromordinal(int(found.day[place]))
        clock = datetime.time.fromisoformat(one.clock.replace(":60", ":59"))
        found.day[place] = datetime.datetime.combine(day, clock, there).astimezone(zone).toordinal()


def _remark(parts, written, found):
    clocks = tuple(place for place, one in written.items() if one.clock not in ("", "00:00:00"))
    if clocks:
        rule = "a clock time stands beside the date; times are counted in whole days, from date to date"
        found.remarks.append(Finding(rule, "Nothing to do if so", clocks))
    short = tuple(place for place, one in parts.items() if one.short and not np.isnan(found.day[place]))
    if short:
        rule = f"years of two figures are read as {_span(int(found.day[place]) for place in short)}"
        found.remarks.append(Finding(rule, "Declare two_digit_years under dates if that is wrong", short))
    completed = tuple(int(place) for place in np.flatnonzero(found.completed))
    if completed:
        found.remarks.append(
            Finding("an incomplete date is completed by the declared rule", "Nothing to do if so", completed)
        )

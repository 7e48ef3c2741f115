"""One cell as a date: everything that it may say, with nothing decided that only its column can decide.

A cell becomes a `Written`: the form in which it is written and, for each order in which its parts can be read, year, month
and day. What stands in it as it is (2020-03-05) has one reading, 05/03/2020 has two, 13/03/2020 one again.
"""

from __future__ import annotations

import calendar
import datetime
import re
import unicodedata
from dataclasses import dataclass, replace

from aice_helpers.data.dates.months import is_weekday, month_named

DAY_MONTH, MONTH_DAY, YEAR_FIRST = "day-month", "month-day", "year-month-day"

ORDERS = (DAY_MONTH, MONTH_DAY, YEAR_FIRST)

NUMERIC, NAMED, PLAIN, DIGITS, NUMBER = "numeric", "named", "plain", "digits", "number"
"""Forms: parts in figures whose order is open (05/03/20), a month by its name, year first or in ideographs, an unbroken row
of eight or six figures, and a number that counts days or seconds."""

_UNKNOWN = re.compile(r"0{1,2}|[x?*_]{1,4}|un|unk|uk|nk|nd", re.IGNORECASE)
"""How an unknown day or month is written in its place."""

_ERAS = {
    "令和": 2018, "平成": 1988, "昭和": 1925, "大正": 1911, "民国": 1911, "民國": 1911, "中華民國": 1911, "中华民国": 1911,
}  # fmt: skip
"""Era -> the year before its first."""

_BUDDHIST = 543

CALENDARS = {"gregorian": 0, "buddhist": -_BUDDHIST, "minguo": 1911}
"""Calendar -> what is added to its years."""

_IDEOGRAPHS = dict(zip("〇零一二三四五六七八九", "00123456789", strict=True))

_FILLERS = {
    "de", "del", "di", "of", "the", "st", "nd", "rd", "th", "er", "º", "ª", "den", "d", "do", "gada", "g", "г", "года", "р", "року",
    "วันที่", "ที่", "year", "y",
}  # fmt: skip

_CLOCK = re.compile(
    r"""(?:[\s,]+(?:at|um|à|kl\.?|om|alle|a\s+las|às|klo|o|в)?\s*|(?<=\d)T|(?<=\d):(?=\d\d:\d\d))
        (?P<early>上午|下午|午前|午後|오전|오후)?\s*
        (?P<hour>\d{1,2})\s?(?:[:.時时시h]\s?(?P<minute>\d{2})?)(?:\s?[:.分분]\s?(?P<second>\d{2})?(?:[.,]\d+)?\s?[秒초]?)?
        \s*(?P<half>[ap]\.?\s?m\.?)?\s*(?:uhr|h|hrs)?
        \s*(?P<zone>(?:z|utc|gmt|[a-z]{3,5})?\s*(?:[+\-−]\d{2}:?(?:\d{2})?)?)\s*(?:[(\[][^)\]]*[)\]])?$""",
    re.IGNORECASE | re.VERBOSE,
)


@dataclass(frozen=True)
class Parts:
    """Year, month and day as figures; ``month`` may be a name, both are None where the cell does not tell them.

    ``short`` says that the year is written with two figures; ``calendar`` is the calendar that the cell itself names.
    """

    year: int
    month: int | str | None = None
    day: int | None = None
    short: bool = False
    calendar: str = ""


@dataclass(frozen=True)
class Written:
    """What a cell may say: its form, order -> `Parts`, and what stands beside the date.

    ``mark`` is the separator of a numeric form; ``clock`` tells whether a clock time stands beside the date and ``zone`` in
    which zone, as hours and minutes ("+01:00"), "Z", a name, or "" if none is named. ``flaw`` says why it is no date.
    """

    form: str = ""
    readings: dict[str, Parts] | None = None
    mark: str = ""
    clock: str = ""
    zone: str = ""
    flaw: str = ""


def read_cell(text) -> Written:
    """What a cell may say as a date; a `Written` with a ``flaw`` where it says none.

    >>> read_cell("2020-03-05").readings
    {'': Parts(year=2020, month=3, day=5, short=False, calendar='')}
    >>> sorted(read_cell("05/03/2020").readings), sorted(read_cell("13/03/2020").readings)
    (['day-month', 'month-day'], ['day-month'])
    >>> read_cell("5. März 2020").readings[""].month, read_cell("alive").flaw
    ('März', 'no date')
    """
    text = _in_figures(text)
    whole = _date(text)
    if whole is not None:
        return whole
    clock = _CLOCK.search(text)
    if clock is None:
        return Written(flaw="no date")
    date = _date(text[: clock.start()].strip().rstrip(","))
    if date is None or (date.form in (DIGITS, NUMBER) and not re.fullmatch(r"\d{8}", text[: clock.start()].strip())):
        return Written(flaw="no date")
    flaw, time = _clock_time(clock)
    if flaw or date.flaw:
        return Written(flaw=date.flaw or flaw)
    zone = re.sub(r"\s", "", clock["zone"] or "").upper().replace("−", "-")
    zone = re.sub(r"^(UTC|GMT)(?=[+-])", "", zone)
    zone = "Z" if zone in ("Z", "UTC", "GMT", "+00:00", "+0000", "+00", "-00:00") else zone
    return Written(date.form, date.readings, date.mark, time, zone)


def _in_figures(text):
    """The text with the figures 0 to 9 for those of other scripts, and plain spaces and dashes."""
    text = unicodedata.normalize("NFKC", text)
    text = "".join(str(unicodedata.digit(letter)) if letter.isdigit() else letter for letter in text)
    return re.sub(r"\s+", " ", re.sub("[‐‑‒–—]", "-", text)).strip()


def _clock_time(clock):
    """Why a clock time is none ("" if it is one), and it as HH:MM:SS."""
    hour, minute, second = (int(clock[name] or 0) for name in ("hour", "minute", "second"))
    half = (clock["half"] or "").replace(".", "").replace(" ", "").lower()
    half = half or ("pm" if clock["early"] in ("下午", "午後", "오후") else "am" if clock["early"] else "")
    if (hour, minute, second) == (24, 0, 0):
        return "midnight", ""
    if hour > 23 or minute > 59 or second > 60 or (half and clock["half"] and not 1 <= hour <= 12):
        return "no clock time", ""
    if half and hour <= 12:
        hour = hour % 12 + (12 if half == "pm" else 0)
    return "", f"{hour:02d}:{minute:02d}:{second:02d}"


def _date(text):
    """What a text without a clock time may say, or None."""
    text = re.sub(r"\s?г\.?$", "", text.strip())
    text = re.sub(r"(?<=\d)\s?[(]\s?[^\W\d_]+\.?\s?[)]$", "", text)
    for read in (_figures_alone, _iso, _era, _ideographs, _vietnamese, _separated, _with_month_name):
        found = read(text)
        if found is not None:
            return found
    return None


def _figures_alone(text):
    if re.fullmatch(r"[+-]?\d+[.,]\d+", text) and not _partial(text) and not re.fullmatch(r"\d{1,2}[.,]\d{4}", text):
        return Written(NUMBER, {}) if re.fullmatch(r"\d{4,14}[.,]\d+", text) else Written(flaw="no date")
    if not re.fullmatch(r"-?\d+", text):
        return None
    if re.fullmatch(r"(19|2\d)\d\d", text):
        return Written(PLAIN, {"": Parts(int(text))})
    if len(text) in (12, 14) and int(text[8:10]) < 24 and (parts := _parts(text[:4], text[4:6], text[6:8])) is not None:
        return Written(PLAIN, {"": parts}, clock=f"{text[8:10]}:{text[10:12]}:{text[12:] or '00'}")
    if len(text) in (6, 7, 8):
        figures = text.zfill(8) if len(text) == 7 else text
        readings = _orders(_cut(figures), len(text) != 7)
        if re.fullmatch(r"(19|2\d)\d\d(0[1-9]|1[0-2])", text):
            readings["year-month"] = Parts(int(text[:4]), int(text[4:]))
        if readings:
            return Written(DIGITS, readings)
    return Written(NUMBER, {})


def _cut(figures):
    """Order -> (year, month, day) as figures, of an unbroken row of eight or six."""
    width = len(figures) - 4
    last, first = figures[4:], figures[:width]
    return {
        DAY_MONTH: (last, figures[2:4], figures[:2]),
        MONTH_DAY: (last, figures[:2], figures[2:4]),
        YEAR_FIRST: (first, figures[width : width + 2], figures[width + 2 :]),
    }


def _orders(cut, year_first=True):
    """The orders under which three figures are a day of the calendar."""
    readings = {}
    for order, (year, month, day) in cut.items():
        if order == YEAR_FIRST and not year_first:
            continue
        parts = _parts(year, month, day)
        if parts is not None:
            readings[order] = parts
    return readings


def _parts(year, month, day):
    """`Parts` of three figures as text, or None when no calendar has such a day; unknown figures are None."""
    if not re.fullmatch(r"\d{2,4}", year):
        return None
    month = None if _UNKNOWN.fullmatch(month) else int(month) if month.isdigit() else 0
    day = None if _UNKNOWN.fullmatch(day) else int(day) if day.isdigit() else 0
    # 29 February is judged where the calendar of the year is known.
    longest = 31 if month is None else calendar.monthrange(2000, month)[1] if 1 <= month <= 12 else 0
    if not longest or (day is not None and not 1 <= day <= longest):
        return None
    return Parts(int(year), month, None if month is None else day, short=len(year) == 2)


def _ideographs(text):
    """2020年3月5日, 令和2年3月5日, 二〇二〇年三月五日, 2020년 3월 5일, and the same without day or month."""
    found = re.fullmatch(
        r"(?P<era>\D{2,4}?)?\s?(?P<year>\d{1,4}|元|[〇零一二三四五六七八九]{4})\s?[年년]度?\s?"
        r"(?:(?P<month>\d{1,2}|[一二三四五六七八九十]{1,2})\s?[月월]\s?(?:(?P<day>\d{1,2}|[一二三四五六七八九十]{1,3})\s?[日号號일]?)?)?"
        r"(?:\s?[(]?(?:星期|周|週|礼拜)?[一二三四五六日天月火水木金土월화수목금토일](?:曜日|요일)?[)]?)?",
        text,
    )
    if found is None:
        return None
    year = found["year"].replace("元", "1")
    year = "".join(_IDEOGRAPHS.get(letter, letter) for letter in year)
    era = (found["era"] or "").strip()
    if era and era not in _ERAS and era not in ("公元", "西暦", "西元", "พ.ศ."):
        return None
    month, day = (_ideograph_number(found[name]) for name in ("month", "day"))
    if (month is not None and not 1 <= month <= 12) or (day is not None and not 1 <= day <= 31):
        return Written(flaw="no day of the calendar")
    number = int(year) + _ERAS.get(era, 0)
    short = len(year) <= 2 and not era
    return Written(PLAIN, {"": Parts(number, month, day, short=short, calendar="gregorian" if era else "")})


def _ideograph_number(text):
    if text is None or (text.isdigit() and text.isascii()):
        return None if text is None else int(text)
    tens, mark, ones = text.rpartition("十")
    value = (int(_IDEOGRAPHS[tens]) if tens else 1) * 10 if mark else 0
    return value + (int("".join(_IDEOGRAPHS[letter] for letter in ones)) if ones else 0)


def _iso(text):
    """The further forms of ISO 8601: a day of the year, a day of a week, a date with a zone."""
    if zoned := re.fullmatch(r"(\d{4})-(\d{2})-(\d{2})(?:Z|[+-]\d{2}:\d{2})", text):
        parts = _parts(*zoned.groups())
        return Written(flaw="no day of the calendar") if parts is None else Written(PLAIN, {"": parts})
    form = (
        "%Y-%j" if re.fullmatch(r"\d{4}-\d{3}", text) else "%G-W%V-%u" if re.fullmatch(r"\d{4}-W\d{2}-\d", text) else ""
    )
    if not form:
        return None
    try:
        day = datetime.datetime.strptime(text, form)
    except ValueError:
        return Written(flaw="no day of the calendar")
    return Written(PLAIN, {"": Parts(day.year, day.month, day.day)})


def _era(text):
    """Japanese eras by their letter: R2.3.5, H31/4/30."""
    found = re.fullmatch(r"([TSHR])\s?(\d{1,2})([./-])(\d{1,2})\3(\d{1,2})", text)
    if found is None:
        return None
    start = {"T": "大正", "S": "昭和", "H": "平成", "R": "令和"}[found[1]]
    parts = _parts(f"{_ERAS[start] + int(found[2])}", found[4], found[5])
    if parts is None:
        return Written(flaw="no day of the calendar")
    return Written(PLAIN, {"": replace(parts, calendar="gregorian")})


def _vietnamese(text):
    found = re.fullmatch(r"(?:ngày )?(\d{1,2}) ?(?:tháng|thg) ?(\d{1,2}),?(?: ?năm)? ?(\d{4})", text.casefold())
    parts = None if found is None else _parts(found[3], found[2], found[1])
    return None if parts is None else Written(PLAIN, {"": parts})


def _separated(text):
    """Three parts with one separator, of which the year is known by its four figures or not at all."""
    text = text.strip().rstrip(".")
    pieces = re.fullmatch(r"'?([\w?*]{1,4})\s?([-/._ ])\s?([\w?*]{1,4})\s?\2\s?'?([\w?*]{1,4})", text)
    if pieces is None or not all(one.isdigit() or _UNKNOWN.fullmatch(one) for one in pieces.group(1, 3, 4)):
        return _partial(text)
    first, mark, second, third = pieces.groups()
    if re.fullmatch(r"\d{3,4}", first) and len(second) <= 2 and len(third) <= 4:
        parts = _parts(first, second, third)
        if parts is None:
            return Written(flaw="no day of the calendar")
        return Written(PLAIN, {"": parts})
    cut = {DAY_MONTH: (third, second, first), MONTH_DAY: (third, first, second)}
    if len(third) <= 2:
        cut[YEAR_FIRST] = (first, second, third)
    readings = _orders(cut)
    # An unknown day says by itself where the day stands: there is no month 0.
    readings = {order: parts for order, parts in readings.items() if parts.month is not None or parts.day is None}
    if not readings:
        return Written(flaw="no day of the calendar")
    known = {order: parts for order, parts in readings.items() if parts.month is not None}
    return Written(NUMERIC, known or readings, mark)


def _partial(text):
    """A year with or without its month: 2020-03, 03/2020."""
    found = re.fullmatch(r"(?P<year>\d{4})\s?[-/. ]\s?(?P<month>\d{1,2})|(?P<m>\d{1,2})\s?[-/. ]\s?(?P<y>\d{4})", text)
    if found is None:
        return None
    year, month = int(found["year"] or found["y"]), int(found["month"] or found["m"])
    if month > 12:
        return Written(flaw="no day of the calendar")
    return Written(PLAIN, {"": Parts(year, month or None)})


def _with_month_name(text):
    """A date whose month is a word: 5 March 2020, 05MAR2020, Mar 5, 2020, 2020. március 5."""
    own = "buddhist" if re.search(r"พ\.?\s?ศ\.?|\bb\.?e\.?\b", text, re.IGNORECASE) else ""
    text = re.sub(
        r"พ\.?\s?ศ\.?|ค\.?\s?ศ\.?|\bb\.?e\.?(?=\s|\d|$)|\ba\.?d\.?(?=\s|\d|$)", " ", text, flags=re.IGNORECASE
    )
    text = re.sub(r"(?<=[^\d\s])\.", "", text)
    pieces = re.findall(r"\d+|[^\d\s.,/_()'’\-]+", text)
    words = [piece for piece in pieces if not piece.isdigit() and piece.casefold() not in _FILLERS]
    unknown = [word for word in words if _UNKNOWN.fullmatch(word)]
    words = [word for word in words if word not in unknown]
    if len(words) == 2 and is_weekday(words[0]) and words[0] == pieces[0]:
        words = words[1:]
    figures = [piece for piece in pieces if piece.isdigit()]
    if len(words) != 1 or not month_named(words[0]) or not 1 <= len(figures) <= 2 or len(unknown) > 1:
        return None
    zeros = [one for one in figures if int(one) == 0 and len(one) <= 2]
    if zeros and len(figures) == 2:
        figures, unknown = [one for one in figures if one not in zeros], zeros
    if any(len(one) > 4 for one in figures) or not figures:
        return None
    return _named_parts(words[0], figures, own)


def _named_parts(month, figures, own):
    if len(figures) == 1:
        year = figures[0]
        if len(year) not in (2, 4):
            return Written(flaw="no date")
        return Written(NAMED, {"": Parts(int(year), month, None, len(year) == 2, own)})
    long = [one for one in figures if len(one) >= 3]
    if len(long) > 1:
        return Written(flaw="no date")
    if long:
        other = figures[0] if figures[1] == long[0] else figures[1]
        if not 1 <= int(other) <= 31:
            return Written(flaw="no day of the calendar")
        return Written(NAMED, {"": Parts(int(long[0]), month, int(other), calendar=own)})
    readings = {}
    for order, (day, year) in ((DAY_MONTH, figures), (YEAR_FIRST, figures[::-1])):
        if 1 <= int(day) <= 31 and len(year) == 2:
            readings[order] = Parts(int(year), month, int(day), True, own)
    # A year is written first only where all of a date is, and then with four figures as a rule.
    if not readings:
        return Written(flaw="no day of the calendar")
    return Written(NAMED, readings if DAY_MONTH not in readings else {DAY_MONTH: readings[DAY_MONTH]} | readings)

"""Endpoints in a table: which column is a time, which its event, and what the codes mean."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace

from aice_helpers.core.problems import plain_form
from aice_helpers.draft.headers import CHINESE_FILLER, FEW_CODES, header_words, number_in
from aice_helpers.draft.vocabulary import (
    CENSORED_WORDS,
    CHINESE_CLOCK,
    CHINESE_FLAG,
    CHINESE_TIME,
    CLOCK,
    COMPOSITE,
    ENDPOINTS,
    EVENT_WORDS,
    FALSE_WORDS,
    FILLER,
    FLAG,
    HINTS,
    SCOPED,
    TIME_WORDS,
    TRUE_WORDS,
)

FEW_TIMES = 3
"""Different values that are too few for follow-up times; they are codes or years."""

LATE = 0.75
"""Share of pairs in which an event comes after a censored time that makes reversed codes likely."""

SLIPS = 0.1
"""Share of negative times that may be slips."""


def time_unit(header) -> str:
    """Unit of time that a header names: "days", "weeks", "months", "years" or "".

    >>> time_unit("os_months"), time_unit("OS（天）"), time_unit("week"), time_unit("time")
    ('months', 'days', 'weeks', '')
    """
    words = header_words(header)
    for name, known in TIME_WORDS.items():
        if any(word in known for word in words if len(word) > 1):
            return name
    text = unicodedata.normalize("NFKC", header)
    if letter := re.search(r"\(([dwmy])\)|_([dwmy])$", text.lower()):
        return {"d": "days", "w": "weeks", "m": "months", "y": "years"}[letter[1] or letter[2]]
    return next((name for name, marks in CHINESE_TIME.items() if any(mark in text for mark in marks)), "")


def time_unit_by_size(times) -> str:
    """Unit of time that fits the size of follow-up times: days when they would be very many months.

    >>> time_unit_by_size([100, 400, 900]), time_unit_by_size([3.5, 12, 40])
    ('days', 'months')
    """
    middle = sorted(times)[len(times) // 2] if times else 0
    return "days" if middle > 120 or max(times, default=0) > 600 else "months"


def endpoint_part(column) -> tuple[str, str]:
    """Endpoint and part of it that a column seems to hold.

    Returns
    -------
    endpoint : str
        Short name such as "OS"; "" when the header names none (``time``, ``status``).
    part : str
        "time", "event" or "" when the column is no part of an endpoint.
    """
    text = unicodedata.normalize("NFKC", column.header)
    joined = " ".join(column.words)
    endpoint, rest, named = "", joined, False
    for patterns in ({name: known[2] for name, known in ENDPOINTS.items()}, COMPOSITE, HINTS):
        for name, pattern in patterns.items():
            if not endpoint and re.search(pattern, joined):
                endpoint, rest, named = name, re.sub(pattern, " ", joined), patterns not in (COMPOSITE, HINTS)
    if endpoint in COMPOSITE and re.search(COMPOSITE[endpoint], joined):
        # What stands beside the one kind of event is the other.
        rest = re.sub(rf"{HINTS['OS']}|\bor\b|\band\b|或|及|和", " ", rest)
    clock = bool(CLOCK & set(rest.split())) or bool(CHINESE_CLOCK.search(text))
    flag = bool(FLAG & set(rest.split())) or bool(CHINESE_FLAG.search(text))
    chinese = re.sub(r"[^\u4e00-\u9fff]", "", rest)
    for pattern in (CHINESE_CLOCK, CHINESE_FLAG, CHINESE_FILLER):
        chinese = pattern.sub("", chinese)
    others = [word for word in rest.split() if word.isascii() and not word.isdigit()]
    others = [word for word in others if word not in CLOCK | FLAG | FILLER] + [chinese] * bool(chinese)
    if "date" in others or "日期" in text or not column.present or (others and not named) or joined == "year":
        return "", ""
    if flag and not re.search(r"\btime\b", rest):
        few = len(column.levels) <= FEW_CODES and not SCOPED.search(joined)
        return (endpoint, "event") if few else ("", "")
    few = len(column.levels) <= 2 and _looks_coded(column)
    if few and endpoint and not clock:
        return ("", "") if SCOPED.search(joined) else (endpoint, "event")
    # A number called "death" may be a day of the calendar as well.
    is_time = clock or named or (endpoint and bool({"survival", "surv"} & set(column.words) or not joined.isascii()))
    return (endpoint, "time") if is_time and not few and holds_times(column) else ("", "")


def holds_times(column) -> bool:
    """Whether a column holds follow-up times: numbers of many sizes, hardly any negative, no years.

    A negative or missing time or two is a slip for the check to name; the column stays a time.
    """
    known = [number for number in column.numbers if number is not None]
    if not column.is_numeric or sum(number < 0 for number in known) > SLIPS * len(known):
        return False
    calendar = all(1900 <= number <= 2100 and number % 1 == 0 for number in known)
    several = len(set(known)) > FEW_TIMES or len(known) <= 2 * FEW_TIMES
    return several and not calendar


def _looks_coded(column):
    """Whether the few contents of a column are codes or words rather than measurements."""
    return not column.is_numeric or set(column.levels) <= {"0", "1", "2"} or len(column.present) >= 5


@dataclass(frozen=True)
class EventCodes:
    """Which code of an event column is the event, which is censored, why this was taken, and whether it is sure.

    ``codes`` are all that were found, ``also_events`` and ``also_censored`` those of each kind beside the first;
    ``are_deaths`` says that the words of several events all mean death.
    """

    event: str
    censored: str
    why: str
    is_sure: bool = False
    codes: tuple[str, ...] = ()
    also_censored: tuple[str, ...] = ()
    also_events: tuple[str, ...] = ()
    are_deaths: bool = False

    @property
    def events(self):
        """Every code of the event."""
        return (self.event, *self.also_events)


def event_codes(column, times=()) -> EventCodes:
    """Codes of an event column, from its words, the file's labels, its header and, last, the times beside it."""
    codes = tuple(sorted(column.levels))
    return replace(_event_codes(column, codes, times), codes=codes)


def _event_codes(column, codes, times):
    reversed_name = any(word.startswith("cens") or word == "alive" for word in column.words) or "删失" in column.header
    by_words = _codes_by_words(column, codes, reversed_name)
    if by_words is not None:
        return by_words
    if len(codes) > 2:
        why = f"{len(codes)} codes were found ({', '.join(codes[:6])}); which are events is not known"
        event = "1" if "1" in codes and codes[0] != "1" else codes[-1]
        return EventCodes(event, codes[0], why)
    if len(codes) == 1:
        first = codes[0]
        if first in ("0", "1"):
            return EventCodes("1", "0", f"only {first} was found, and 1 is usually the event", not reversed_name)
        return EventCodes(first, "0" if first != "0" else "1", f"one code only was found: {first}")
    low, high = sorted(codes, key=lambda code: (number_in(code, column.decimal) is None, code))
    share = _later(column, times, high)
    if reversed_name and share is not None and share < 0.5:
        why = (
            f"the name suggests that {high} is censored, but the times with {high} are the shorter ones, as events are"
        )
        return EventCodes(high, low, why)
    if reversed_name:
        return EventCodes(low, high, f"by the name {high} is censored; it may be the other way round")
    if share is not None and share > LATE:
        why = f"usually {high} is the event, yet its times are the longer ones; the codes may be reversed"
        return EventCodes(high, low, why)
    if {low, high} == {"0", "1"}:
        return EventCodes(high, low, "1 is the event where 0 and 1 stand beside a time", True)
    return EventCodes(high, low, f"{high} is often the event where {low} and {high} are written, but not always")


def _codes_by_words(column, codes, reversed_name):
    """The codes by what their words mean; None where they do not say it."""
    texts = {code: column.labels.get(code, code) for code in codes}
    meant = {code: _event_meaning(text) for code, text in texts.items()}
    answers = {code: _yes_or_no(text) for code, text in texts.items()}
    if len(codes) <= 2 and all(answers.values()) and len(set(answers.values())) == len(codes):
        # "Alive: yes" is no event.
        yes = "censored" if reversed_name else "event"
        meant = {code: yes if answer == "yes" else {"event": "censored", "censored": "event"}[yes]
                 for code, answer in answers.items()}  # fmt: skip
    events = [code for code in codes if meant[code] == "event"]
    censored = [code for code in codes if meant[code] == "censored"]
    if len(codes) > 2 and events and censored and len(events) + len(censored) == len(codes):
        why = f"by the words {', '.join(events)} {'are events' if len(events) > 1 else 'is the event'}, the others are censored"
        deaths = all(_is_death(texts[code]) for code in events)
        return EventCodes(events[0], censored[0], why, False, (), tuple(censored[1:]), tuple(events[1:]), deaths)
    if len(events) + len(censored) == 0 or (len(events) != 1 and len(censored) != 1):
        return None
    event = events[0] if events else next((code for code in codes if code not in censored), "event")
    other = censored[0] if censored else next((code for code in codes if code != event), "censored")
    if len(codes) > 2:
        why = f"{len(codes)} codes were found ({', '.join(codes[:6])}); which of them are events is not known"
        return EventCodes(event, other, why)
    sure = (bool(events) and bool(censored)) or len(codes) == 1
    return EventCodes(event, other, "by the words" if sure else f"{event!r} was taken for the event", sure)


def _yes_or_no(text):
    form = plain_form(text)
    return "yes" if form in TRUE_WORDS else "no" if form in FALSE_WORDS else ""


def _event_meaning(text):
    form = plain_form(re.sub(r"^\d\s*[:：=]\s*", "", text))
    if form in CENSORED_WORDS or form.startswith(("alive", "censor", "living", "no ", "未", "无")):
        return "censored"
    if form in EVENT_WORDS or form.startswith(("dead", "died", "deceased", "death", "progress", "recur", "relaps")):
        return "event"
    return ""


def _is_death(text):
    return plain_form(re.sub(r"^\d\s*[:：=]\s*", "", text)).startswith(("dead", "died", "deceased", "death"))


def _later(column, times, code):
    """Share of pairs in which a time with ``code`` is the longer one; None when there is too little to tell."""
    one = [time for cell, time in zip(column.cells, times, strict=False) if cell == code and time is not None]
    other = [time for cell, time in zip(column.cells, times, strict=False) if cell != code and time is not None]
    if min(len(one), len(other)) < 5:
        return None
    wins = sum((a > b) + (a == b) / 2 for a in one for b in other) if len(one) * len(other) <= 250_000 else None
    if wins is None:
        middle = sorted(other)[len(other) // 2]
        return sum(time > middle for time in one) / len(one)
    return wins / (len(one) * len(other))

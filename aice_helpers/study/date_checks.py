"""What the dates and the endpoints of a study file say of one another."""

from __future__ import annotations

import datetime

from aice_helpers.study.date_plan import HANDLINGS, LAST_ASSESSMENT, LAST_CONTACT, NEW_THERAPY, START, DateFormat

ORDERS = ("day-month", "month-day", "year-month-day")

CALENDARS = ("gregorian", "buddhist", "minguo")

NUMBERS = (
    "excel-1900", "excel-1904", "days-1960", "days-1970", "seconds-1582", "seconds-1960", "seconds-1970", "milliseconds-1960",
    "milliseconds-1970",
)  # fmt: skip
"""Systems in which programs count dates: Excel's two; Stata and SAS from 1960; R and Unix from 1970; SPSS from 1582."""


def check_dates(study, reader, choose):
    """An endpoint has a time and an event column or is the first of kinds of events; the dates name what they need.

    Parameters
    ----------
    study : Study
    reader : reader of the study file
        Its ``fail`` is called with every fault.
    choose : callable
        Fails for a value that is not among the known ones.
    """
    plan = study.dates
    for name, endpoint in study.endpoints.items():
        _check_endpoint(f"endpoints.{name}", endpoint, plan, reader, choose)
    if plan is None:
        return
    _check_format("dates", plan, reader, choose)
    for column, how in plan.columns.items():
        _check_format(f"dates.columns.{column}", how, reader, choose)
        if column not in plan.used:
            reader.fail("dates.columns", column, "no date is declared in this column", "Name a column of a date")
    _check_start(plan, reader)
    _check_follow_up(plan, reader, choose)
    _check_estimands(plan, reader)


def _check_endpoint(key, endpoint, plan, reader, choose):
    if not endpoint.first_of:
        for column in ("time", "event"):
            if not getattr(endpoint, column):
                fix = "Name the column, or derive the endpoint from dates: first_of: [progression, death]"
                reader.fail(f"{key}.{column}", None, "this key is missing", fix)
        if endpoint.censored_at:
            reader.fail(f"{key}.censored_at", None, "the endpoint is not derived from dates", "Take it out")
        return
    for column in ("time", "event", "entry"):
        if getattr(endpoint, column):
            reader.fail(f"{key}.{column}", None, "the endpoint is derived from dates (first_of)", "Keep one of the two")
    if endpoint.unit:
        reader.fail(f"{key}.unit", None, "dates give the times in the study's time unit", "Take it out")
    if plan is None:
        reader.fail(f"{key}.first_of", None, "the study file declares no dates", "Declare them under dates")
        return
    for kind in endpoint.first_of:
        choose(f"{key}.first_of", kind, plan.kinds, "no such event is declared under dates")
    for kind, codes in endpoint.competing.items():
        choose(f"{key}.competing", kind, plan.kinds, "no such event is declared under dates")
        if kind in endpoint.first_of:
            reader.fail(f"{key}.competing", kind, "this is an event of the endpoint", "Name it in one of the two")
        if codes:
            reader.fail(f"{key}.competing", kind, "dates have no codes", "Write a list: competing: [death]")
    if endpoint.censored_at:
        known = [one for one in (LAST_ASSESSMENT, LAST_CONTACT) if getattr(plan, one)]
        choose(f"{key}.censored_at", endpoint.censored_at, known, "no such date is declared under dates")
    if (
        not plan.last_contact
        and not plan.cutoff
        and not (plan.last_assessment and not set(endpoint.first_of) <= plan.fatal)
    ):
        fix = "Declare last_contact under dates"
        reader.fail(f"{key}.first_of", None, "nothing says up to which date a patient without event was followed", fix)


def _check_format(key, how, reader, choose):
    for name, known in (("order", ORDERS), ("calendar", CALENDARS), ("numbers", NUMBERS)):
        if getattr(how, name):
            choose(f"{key}.{name}", getattr(how, name), known, "this way of writing dates is not known")
    if how.two_digit_years is not None and not (how.two_digit_years < 100 or 1900 <= how.two_digit_years <= 2000):
        fix = "Write the first of the hundred years, such as 1950"
        reader.fail(f"{key}.two_digit_years", how.two_digit_years, "this is no year of the last century", fix)
    if how.partial is not None:
        month = how.partial.month
        if not 1 <= how.partial.day <= 31 or (month is not None and not 1 <= month <= 12):
            reader.fail(f"{key}.partial", None, "there is no such day", "Write for example {day: 15, month: 7}")
    if how.time_zone and how.time_zone != "as written" and not _is_zone(how.time_zone):
        fix = "Write as written, or a name such as Europe/Berlin"
        reader.fail(f"{key}.time_zone", how.time_zone, "the time zone is not known", fix)
    if isinstance(how, DateFormat) and how.language and not how.language.isalpha():
        reader.fail(f"{key}.language", how.language, "a language has two letters", "Write for example en")


def _is_zone(name):
    import zoneinfo

    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def _check_start(plan, reader):
    if not plan.start and len(plan.start_one_of) < 2:
        reader.fail("dates.start", None, "this key is missing", "Name the column of the start of time")
    if plan.start and plan.start_one_of:
        reader.fail("dates.start_one_of", None, "the start is decided", "Keep one of start and start_one_of")
    if plan.first_day not in (0, 1):
        reader.fail("dates.first_day", plan.first_day, "the day of the start is day 0 or day 1", "Write 0 or 1")
    if not 28 <= plan.days_in_month <= 31:
        fix = "Write 30.4375 (a twelfth of 365.25)"
        reader.fail("dates.days_in_month", plan.days_in_month, "a month has 28 to 31 days", fix)
    columns = [plan.start, *plan.events.values()]
    for column in dict.fromkeys(one for one in columns if one and columns.count(one) > 1):
        reader.fail("dates", column, "one column holds two kinds of dates", "Name a column for each")
    if plan.cutoff:
        try:
            datetime.date.fromisoformat(plan.cutoff)
        except ValueError:
            reader.fail(
                "dates.cutoff", plan.cutoff, "the cut-off is a date", "Write it as 2024-03-31 (year, month, day)"
            )
    for kind in plan.events:
        if kind == NEW_THERAPY or not kind.strip():
            reader.fail("dates.events", kind, "this name has a meaning of its own in the book", "Choose another one")


def _check_follow_up(plan, reader, choose):
    for kind in plan.deaths:
        choose("dates.deaths", kind, tuple(plan.events), "no such event is declared")
    if plan.no_assessment:
        choose("dates.no_assessment", plan.no_assessment, (START, LAST_CONTACT), "no such rule is known")
        if not plan.last_assessment:
            reader.fail("dates.no_assessment", None, "no last assessment is declared", "Declare last_assessment")
        if plan.no_assessment == LAST_CONTACT and not plan.last_contact:
            reader.fail("dates.no_assessment", None, "no last contact is declared", "Declare last_contact")
    if plan.death_without_date:
        choose("dates.death_without_date", plan.death_without_date, (LAST_CONTACT,), "no such rule is known")
    if plan.status is None:
        return
    if not plan.status.dead:
        reader.fail("dates.status.dead", None, "a code for the dead is needed", "Write for example [Dead]")
    for code in set(plan.status.dead) & set(plan.status.alive):
        reader.fail("dates.status", code, "this code means both dead and alive", "Keep it in one of the two")
    if not plan.last_contact and not plan.death_kinds:
        fix = "Declare last_contact"
        reader.fail(
            "dates.status", None, "a death without its date is dated at the last contact, which is not declared", fix
        )
    if len(plan.death_kinds) > 1 and plan.death_without_date:
        fix = "Give such a death its date"
        reader.fail("dates.death_without_date", None, "which kind of death it was is not known by the status", fix)


def _check_estimands(plan, reader):
    therapy, missed = plan.new_therapy, plan.missed_assessments
    if therapy is not None and therapy.handling not in HANDLINGS:
        fix = f"Choose among: {', '.join(HANDLINGS)}"
        reader.fail("dates.new_therapy.handling", therapy.handling, "the handling is not known", fix)
    if missed is None:
        return
    if missed.handling not in HANDLINGS[:2]:
        fix = f"Choose among: {', '.join(HANDLINGS[:2])}"
        reader.fail("dates.missed_assessments.handling", missed.handling, "the handling is not known", fix)
    if missed.interval < 1:
        fix = "Write the days between two scheduled assessments"
        reader.fail("dates.missed_assessments.interval", missed.interval, "the schedule is needed", fix)
    if not missed.dates and not plan.last_assessment:
        rule = "which assessments were missed cannot be known without dates of assessments"
        fix = "Name their columns (dates: [scan_1, scan_2]) or declare last_assessment"
        reader.fail("dates.missed_assessments", None, rule, fix)

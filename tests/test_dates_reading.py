"""Dates as files hold them: every form, the questions that a column leaves open, and what is no date."""

import datetime

import numpy as np
import pytest

from aice_helpers.data.dates.cells import read_cell
from aice_helpers.data.dates.column import read_days
from aice_helpers.data.dates.months import month_named
from aice_helpers.data.dates.numbers import SYSTEMS, day_of
from aice_helpers.study.date_checks import CALENDARS, NUMBERS
from aice_helpers.study.date_plan import DateFormat, Partial

TODAY = datetime.date(2026, 6, 30)
FIFTH_OF_MARCH = datetime.date(2020, 3, 5)


def read(*texts, serials="", **how):
    return read_days(texts, DateFormat(**how), today=TODAY, serials=serials)


def dates(found):
    assert not found.faults, found.faults
    return [None if np.isnan(day) else datetime.date.fromordinal(int(day)) for day in found.day]


def fault(found):
    """The one fault of a column."""
    (one,) = found.faults
    return one


@pytest.mark.parametrize(
    "text",
    [
        "2020-03-05", "2020/3/5", "2020.03.05", "2020. 03. 05.", "20200305", "2020-065", "2020-W10-4", "2020-03-05+01:00", "R2.3.5", "05-Mar-2020 (Thu)", "２０２０-03-05", "2020-03-05 00:00:00",
        "2020年3月5日", "2020年03月05号", "二〇二〇年三月五日", "令和2年3月5日", "民國109年3月5日", "2020년 3월 5일", "2020年3月5日(木)",
        "5 March 2020", "05MAR2020", "5-Mar-2020", "March 5, 2020", "Mar 5 2020", "5th March 2020", "Thursday, 5 March 2020",
        "5. März 2020", "05-Mrz-2020", "Donnerstag, 5. März 2020", "5 mars 2020", "5 de marzo de 2020", "5 marzo 2020",
        "5 de março de 2020", "5 maart 2020", "5 mrt 2020", "5. marts 2020", "5. maaliskuuta 2020", "5 marca 2020",
        "5 březen 2020", "5. března 2020", "5 Mart 2020", "5 марта 2020 г.", "05.мар.2020", "2020. március 5.", "5 martie 2020",
        "5 ožujka 2020", "5 березня 2020", "5 Μαρτίου 2020", "5 Maret 2020", "5 tháng 3 năm 2020", "5.III.2020",
        "๕ มีนาคม พ.ศ. ๒๕๖๓", "5 มี.ค. 2563 พ.ศ.", "05-Mar-20", "2020 Mar 05", "20200305143000",
        "2020-03-05 14:30", "2020-03-05T14:30:00.000Z", "2020-03-05T23:59:59+01:00", "5 Mar 2020 2:30 PM", "5. März 2020 14:30 Uhr",
        "2020年3月5日 14时30分", "2020年3月5日 下午2:30", "05MAR2020:14:30:00", "Thu Mar 05 2020 00:00:00 GMT+0100 (CET)",
    ],
)  # fmt: skip
def test_one_day_however_it_is_written(text):
    assert dates(read(text)) == [FIFTH_OF_MARCH]


@pytest.mark.parametrize(
    "text", ["05/03/2020", "5.3.2020", "05-03-2020", "5. 3. 2020", "05 03 2020", "05032020", "5032020"]
)
def test_the_order_of_figures_is_a_question_until_it_is_declared(text):
    assert "can be read in 2 ways" in fault(read(text)).rule
    assert dates(read(text, order="day-month")) == [FIFTH_OF_MARCH]
    assert dates(read(text, order="month-day")) == [datetime.date(2020, 5, 3)]


def test_the_question_counts_both_readings():
    asked = fault(read("05/03/2020", "07/07/2019", "01/12/2018"))
    assert asked.rule == (
        "the dates can be read in 2 ways: as day-month 3 dates from 2018 to 2020, as month-day 3 dates from 2018 to 2020; "
        "2 are other days"
    )
    assert "order: day-month or order: month-day" in asked.fix


def test_a_column_in_which_the_order_changes_no_day_is_no_question():
    assert dates(read("05/05/2020", "", "12/12/2019")) == [datetime.date(2020, 5, 5), None, datetime.date(2019, 12, 12)]


def test_a_column_in_which_no_cell_contradicts_says_its_order():
    assert dates(read("05/03/2020", "13/03/2020")) == [FIFTH_OF_MARCH, datetime.date(2020, 3, 13)]
    assert dates(read("03/05/2020", "03/13/2020")) == [FIFTH_OF_MARCH, datetime.date(2020, 3, 13)]


def test_one_thirteen_settles_nothing_where_another_contradicts():
    wrong = fault(read("05/03/2020", "13/03/2020", "14/03/2020", "03/25/2020"))
    assert wrong.rule == "the cells contradict one another: 2 only as day-month and 1 only as month-day are dates"
    assert wrong.places == (3,)


def test_a_cell_against_the_declared_order_is_a_fault():
    assert fault(read("05/03/2020", "03/25/2020", order="day-month")).places == (1,)


def test_two_figures_each_may_have_the_year_first():
    # As years the days 1 to 24 are past years, too: three readings.
    assert "in 3 ways" in fault(read("05-03-07", "11-02-10")).rule
    assert dates(read("20-03-05", order="year-month-day")) == [FIFTH_OF_MARCH]
    # A day of 31 is no past year, so the year stands at the end; 13 and more then tell day from month.
    assert dates(read("31.03.20", "05.03.20")) == [datetime.date(2020, 3, 31), FIFTH_OF_MARCH]


def test_years_of_two_figures_are_the_last_hundred_years_unless_declared():
    assert dates(read("5 Mar 98", "5 Mar 26", "5 Mar 27")) == [datetime.date(year, 3, 5) for year in (1998, 2026, 1927)]
    found = read("5 Mar 98", "5 Mar 20")
    assert [(one.rule, one.places) for one in found.remarks] == [
        ("years of two figures are read as 1998 to 2020", (0, 1))
    ]
    assert dates(read("5 Mar 49", two_digit_years=1940)) == [datetime.date(1949, 3, 5)]
    assert dates(read("5 Mar 50", two_digit_years=50)) == [datetime.date(1950, 3, 5)]


def test_thai_years_are_a_question_until_the_calendar_is_declared():
    asked = fault(read("05/03/2563", "29/02/2563", order="day-month"))
    assert "as years of the buddhist calendar they are 2020 to 2020" in asked.rule
    assert dates(read("05/03/2563", "29/02/2563", order="day-month", calendar="buddhist")) == [
        FIFTH_OF_MARCH,
        datetime.date(2020, 2, 29),
    ]
    assert "buddhist" in fault(read("5 มี.ค. 63")).rule
    assert dates(read("5 มี.ค. 63", calendar="buddhist")) == [FIFTH_OF_MARCH]
    assert "two calendars" in fault(read("2563-03-05", "2020-03-05")).rule


def test_years_of_the_republic_of_china_and_of_calendars_that_are_not_read():
    assert "minguo" in fault(read("109/03/05")).rule
    assert dates(read("109/03/05", calendar="minguo")) == [FIFTH_OF_MARCH]
    assert "Persian or the Islamic" in fault(read("1398-12-15")).rule


@pytest.mark.parametrize(
    ("number", "system"),
    [
        ("43895", "excel-1900"), ("42433", "excel-1904"), ("21979", "days-1960"), ("18326", "days-1970"),
        ("13802745600", "seconds-1582"), ("1898985600", "seconds-1960"), ("1583366400", "seconds-1970"),
        ("1898985600000", "milliseconds-1960"), ("1583366400000", "milliseconds-1970"),
    ],
)  # fmt: skip
def test_numbers_of_every_program(number, system):
    assert dates(read(number, numbers=system)) == [FIFTH_OF_MARCH]


def test_what_numbers_count_is_a_question_unless_the_file_says_it():
    asked = fault(read("43895", "43000"))
    assert "excel-1900 gives 2017 to 2020, excel-1904 gives 2021 to 2024" in asked.rule
    assert dates(read("43895", serials="excel-1900")) == [FIFTH_OF_MARCH]
    assert dates(read("42433.75", serials="excel-1904")) == [FIFTH_OF_MARCH]
    assert dates(read("13802745600", serials="sav")) == [FIFTH_OF_MARCH]
    assert dates(read("21979", serials="dta")) == dates(read("1898985600", serials="xpt")) == [FIFTH_OF_MARCH]
    assert "count no days" in fault(read("12", "40")).rule


def test_days_that_excel_has_and_the_calendar_has_not():
    assert [day_of(day, "excel-1900") for day in (0, 60)] == [None, None]
    assert day_of(61, "excel-1900") == (datetime.date(1900, 3, 1).toordinal(), False)
    for text in ("1900-01-00", "00:00:00", "1899-12-31"):
        assert "day 0" in fault(read(text, "2020-03-05")).rule


def test_the_names_of_systems_and_calendars_are_those_of_the_study_file():
    assert set(NUMBERS) == set(SYSTEMS)
    assert all(not read("5 Mar 2020", calendar=name).faults for name in CALENDARS[:1])


def test_partial_dates_only_under_a_declared_rule():
    for text in (
        "2020-03",
        "03/2020",
        "March 2020",
        "2020年3月",
        "00.03.2020",
        "UNK-MAR-2020",
        "2020-03-XX",
        "202003",
        "Mar-20",
    ):
        assert fault(read(text)).rule == "only the year and the month of the date is known"
        found = read(text, partial=Partial(15))
        assert dates(found) == [datetime.date(2020, 3, 15)]
        assert found.completed.tolist() == [True]
    assert fault(read("2020", partial=Partial(15))).rule == "only the year of the date is known"
    assert dates(read("2020", "2020-02", "2020-UN-UN", partial=Partial(31, 7))) == [
        datetime.date(2020, 7, 31),
        datetime.date(2020, 2, 29),
        datetime.date(2020, 7, 31),
    ]
    assert read("2020-03-05", "2020-03", partial=Partial(1)).completed.tolist() == [False, True]


@pytest.mark.parametrize(
    "text", ["2019-02-29", "29.02.2019", "31.04.2020", "2020-13-05", "30 Feb 2020", "2020年2月30日", "32 Mar 2020"]
)
def test_days_that_no_calendar_has(text):
    assert fault(read(text)).rule == "there is no such day in the calendar"


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("0024-03-05", "the year 24 is none that a study may hold"), ("1020-03-05", "the year 1020 is none that a study may hold"),
        ("2026-07-01", "the date lies in the future"), ("9999-12-31", "the year 9999 is none that a study may hold"),
        ("2020-03-05 25:00", "there is no such time of the day"), ("2020-03-05 24:00", "24:00 may mean this day or the next"),
        ("soon after 2020", "a date is needed"), ("05/03", "a date is needed"), ("alive", "a date is needed"),
    ],
)  # fmt: skip
def test_what_is_no_date_of_a_study(text, rule):
    assert fault(read(text, "2020-03-05")).rule == rule
    assert fault(read(text, "2020-03-05")).places == (0,)


def test_words_in_the_place_of_a_date_name_the_key_that_explains_them():
    assert fault(read("alive", "2020-03-05")).fix.endswith("declare it under dates: missing: [alive]")
    assert fault(read("-", "2020-03-05")).fix.endswith('missing: ["-"]')


def test_forms_are_not_mixed_where_a_program_may_have_changed_some():
    # A spreadsheet of another country turns 05/03/2020 into a date and leaves 13/03/2020 as text.
    mixed = fault(read("2020-05-03", "13/03/2020", "2020-06-01"))
    assert "mixes forms of dates" in mixed.rule
    assert mixed.places == (1,)
    assert "mixes forms" in fault(read("05.03.2020", "13/03/2020")).rule
    assert "mixes forms" in fault(read("43895", "13/03/2020", numbers="excel-1900")).rule
    found = read("2020-03-05", "5 March 2020", "2020年3月5日")
    assert set(dates(found)) == {FIFTH_OF_MARCH}
    assert [one.rule for one in found.remarks] == ["the dates are written in more than one form"]
    assert set(dates(read("2020-03-05", "05.03.2020", "05/03/2020", order="day-month"))) == {FIFTH_OF_MARCH}
    # In a workbook a date cell without the format of a date is the number of its day.
    assert set(dates(read("2020-03-05", "43895", serials="excel-1900"))) == {FIFTH_OF_MARCH}


def test_a_name_of_a_month_that_languages_share_is_read_in_one_that_knows_all():
    assert month_named("listopad") == {"pl": 11, "cs": 11, "hr": 10}
    assert "two languages" in fault(read("5 listopad 2020")).rule
    assert dates(read("5 listopad 2020", language="hr")) == [datetime.date(2020, 10, 5)]
    assert dates(read("5 listopad 2020", "1 leden 2020"))[0] == datetime.date(2020, 11, 5)


def test_clock_times_are_set_aside_and_zones_are_a_question_only_where_they_move_the_day():
    found = read("2020-03-05 23:59", "2020-03-06T00:00:00")
    assert dates(found) == [FIFTH_OF_MARCH, datetime.date(2020, 3, 6)]
    assert [one.places for one in found.remarks] == [(0,)]
    evenings = ["2020-03-04T23:00:00Z", "2020-07-04T22:00:00Z", "2021-01-04T23:00:00.000Z"]
    assert "evenings in universal time" in fault(read(*evenings)).rule
    assert dates(read(*evenings, time_zone="Europe/Berlin")) == [
        FIFTH_OF_MARCH,
        datetime.date(2020, 7, 5),
        datetime.date(2021, 1, 5),
    ]
    assert dates(read(*evenings, time_zone="as written"))[0] == datetime.date(2020, 3, 4)
    assert (
        dates(read("2020-03-05T00:30:00+01:00", "2020-03-05T22:10:00Z", "2020-03-05T05:00:00-0500"))
        == [FIFTH_OF_MARCH] * 3
    )
    assert dates(read("2020-03-05T01:30:00+09:00", time_zone="UTC")) == [datetime.date(2020, 3, 4)]


def test_every_fault_of_a_column_is_told():
    found = read("2020-03-05", "alive", "2020-02-30", "2030-01-01", "")
    assert [one.places for one in found.faults] == [(1,), (2,), (3,)]


def test_a_cell_says_what_it_may_mean():
    assert set(read_cell("05/03/20").readings) == {"day-month", "month-day", "year-month-day"}
    assert read_cell("13/03/2020").mark == "/"
    assert read_cell("2020-03-05T14:30+01:00").zone == "+01:00"

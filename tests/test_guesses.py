"""Guesses about single columns, by hand."""

import pytest

from aice_helpers.draft import headers, roles, timing
from aice_helpers.draft.headers import Column

TWO = ("0", "1") * 5
TIMES = tuple(str(number) for number in range(1, 11))


@pytest.mark.parametrize(
    ("header", "cells", "expected"),
    [
        ("os_months", TIMES, ("OS", "time")),
        ("OS", TWO, ("OS", "event")),
        ("OS.time", TIMES, ("OS", "time")),
        ("pfs_event", TWO, ("PFS", "event")),
        ("Progression-free survival (months)", TIMES, ("PFS", "time")),
        ("rfstime", TIMES, ("RFS", "time")),
        ("dtime", TIMES, ("OS", "time")),
        ("censdead", TWO, ("OS", "event")),
        ("censrec", TWO, ("RFS", "event")),
        ("death", TWO, ("OS", "event")),
        ("time", TIMES, ("", "time")),
        ("status", TWO, ("", "event")),
        ("week", TIMES, ("", "time")),
        ("总生存期(月)", TIMES, ("OS", "time")),
        ("无进展生存时间", TIMES, ("PFS", "time")),
        ("是否进展", ("是", "否"), ("PFS", "event")),
        ("生存状态", ("死亡", "存活"), ("OS", "event")),
        ("disease_status", TWO, ("", "")),
        ("smoking status", TWO, ("", "")),
        ("response_month", TIMES, ("", "")),
        ("prog_recp", TIMES, ("", "")),
        ("year", ("1990", "1991", "1992"), ("", "")),
        ("death date", TIMES, ("", "")),
        ("time", ("-1", "2", "3"), ("", "")),
    ],
)
def test_the_part_of_an_endpoint_is_known_by_header_and_cells(header, cells, expected):
    assert timing.endpoint_part(Column(header, cells)) == expected


@pytest.mark.parametrize(
    ("column", "times", "expected"),
    [
        (Column("status", ("0", "1")), (), ("1", "0")),
        (Column("status", ("1", "2")), (), ("2", "1")),
        (Column("status", ("1",)), (), ("1", "0")),
        (Column("status", ("0",)), (), ("1", "0")),
        (Column("vital", ("Alive with disease", "Dead of disease")), (), ("Dead of disease", "Alive with disease")),
        (Column("OS_STATUS", ("0:LIVING", "1:DECEASED")), (), ("1:DECEASED", "0:LIVING")),
        (Column("vital", ("1", "2"), labels={"1": "Dead", "2": "Alive"}), (), ("1", "2")),
        (Column("alive", ("0", "1")), (), ("0", "1")),
        (Column("censored", ("0", "1")), (), ("0", "1")),
        (Column("cens", ("1",) * 5 + ("0",) * 5), range(10), ("1", "0")),
        (Column("cens", ("0",) * 5 + ("1",) * 5), range(10), ("0", "1")),
    ],
)
def test_event_codes(column, times, expected):
    codes = timing.event_codes(column, times)
    assert (codes.event, codes.censored) == expected


def test_a_flag_that_may_be_reversed_is_said():
    late = Column("status", ("0",) * 5 + ("1",) * 5)
    assert "may be reversed" in timing.event_codes(late, range(10)).why
    assert "other way round" in timing.event_codes(Column("censored", ("0", "1"))).why
    early = Column("cens", ("1",) * 5 + ("0",) * 5)
    assert "the name suggests that 1 is censored" in timing.event_codes(early, range(10)).why


@pytest.mark.parametrize(
    ("header", "cells", "expected"),
    [
        ("age", ("40", "50", "60"), "integer"),
        ("size_cm", ("4.5", "5", "6"), "number"),
        ("sex", ("1", "2", "1"), "category"),
        ("ecog", ("0", "1", "2"), "category"),
        ("regimens", ("0", "1") * 20, "integer"),
        ("klass3", ("1", "2", "3") * 10, "category"),
        ("x", ("1", "2", "3"), "integer"),
        ("histology", ("LMS", "UPS", "LMS"), "category"),
        ("crp", ("1.5", "<0.5", "2", "3.1", "4", "8"), "number"),
        ("town", tuple(f"Town {number}" for number in range(40)), "text"),
    ],
)
def test_variable_types(header, cells, expected):
    assert roles.variable_type(Column(header, cells)) == expected


def test_levels_are_ordered_and_labelled():
    assert roles.category_levels(Column("sex", ("M", "F"))).labels == {"F": "Female", "M": "Male"}
    grade = roles.category_levels(Column("differentiation", ("poor", "well", "moderate")))
    assert list(grade.labels.items()) == [("well", "Well"), ("moderate", "Moderate"), ("poor", "Poor")]
    assert list(roles.category_levels(Column("Stage", ("IV", "I", "III"))).labels) == ["I", "III", "IV"]
    coded = roles.category_levels(Column("Sex (1=male, 2=female)", ("1", "2")))
    assert coded.labels == {"1": "male", "2": "female"}
    assert roles.category_levels(Column("metastasis", ("1", "0"))).labels == {"0": "No", "1": "Yes"}
    assert roles.category_levels(Column("sex", ("1", "0"))).labels == {"0": "0", "1": "1"}
    own = roles.category_levels(Column("x", ("1", "2"), labels={"1": "Low", "2": "High"}))
    assert own == roles.Levels({"1": "Low", "2": "High"}, "labels as in the file")


def test_spellings_of_one_level_are_one_level_and_na_is_none():
    column = Column("grade", ("High", "high", "High", "low", "NA", "None", ""))
    assert set(column.levels) == {"High", "low", "None"}
    assert column.missing == ("NA",)


def test_response_words_in_any_case_or_language():
    assert roles.recist_levels(Column("r", ("PD", "CR", "ne"))) == {
        "CR": "Complete response", "PD": "Progressive disease", "ne": "Not evaluable",
    }  # fmt: skip
    assert list(roles.recist_levels(Column("疗效", ("部分缓解", "完全缓解")))) == ["完全缓解", "部分缓解"]
    assert roles.recist_levels(Column("r", ("CR", "maybe"))) == {}


def test_what_points_to_a_person_is_excluded():
    many = tuple(f"note on patient {number}" for number in range(12))
    assert roles.why_excluded(Column("Patient name", ("A", "B")), "text") == "seems to hold a name"
    assert "dates" in roles.why_excluded(Column("recdate", ("01-02-1990", "03-04-1991")), "text")
    assert "nearly every patient" in roles.why_excluded(Column("x", many), "text")
    assert "staff" in roles.why_excluded(Column("Surgeon", ("Li", "Wu", "Li")), "category")
    assert roles.why_excluded(Column("sex", ("F", "M")), "category") == ""


def test_roles():
    named = {
        "tumor_size_cm": "baseline",
        "aice_sessions": "post-baseline",
        "介入治疗次数": "post-baseline",
        "best_change_percent": "outcome",
        "crtime": "outcome",
        "diagtime": "baseline",
    }
    assert {header: roles.role(Column(header, ("3", "4", "5"))) for header in named} == named


def test_id_columns():
    assert roles.id_score(Column("patient", ("P1", "P2", "P3"))) == 3
    assert roles.id_score(Column("住院号", ("001", "002", "003"))) == 3
    assert roles.id_score(Column("姓名", ("张三", "李四", "王五"))) == 0
    assert roles.id_score(Column("x", ("5", "6", "7"))) == 1
    assert roles.id_score(Column("id", ("1", "1", "2", "2"))) == 0
    assert roles.id_score(Column("age", ("40", "51", "63"))) == 0


def test_decimal_mark_and_time_units():
    assert headers.decimal_mark([["1,5", "2,25"], ["a,b", "3"]]) == ","
    assert headers.decimal_mark([["1.5", "2,000"], ["2.5"]]) == "."
    units = {
        "PFS (Tage)": "days",
        "OS(m)": "months",
        "os_d": "days",
        "生存时间": "",
        "随访（月）": "months",
        "fuyears": "years",
    }
    assert {header: timing.time_unit(header) for header in units} == units
    assert timing.time_unit_by_size([10, 80, 999]) == "days"

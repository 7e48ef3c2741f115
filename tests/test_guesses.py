"""Guesses about single columns, by hand."""

from pathlib import Path

import pytest

from aice_helpers.draft import headers, lines, roles, timing
from aice_helpers.draft.headers import Column
from aice_helpers.draft.measures import MEASURES, measure

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
        ("time", ("-1", "-2", "3"), ("", "")),
        # One slip does not cost an endpoint; the check names the cell.
        ("os_months", ("-1.2", "?", *TIMES), ("OS", "time")),
        ("year", ("1", "2", "3") * 4, ("", "")),
        ("year", TIMES, ("", "")),
        ("death", tuple(str(9000 + 7 * n) for n in range(20)), ("", "")),
        ("followup", ("1", "2", "3") * 4, ("", "")),
        # Flags of a shorter span belong to no time of follow-up.
        ("death_within_5y", TWO, ("", "")),
        ("hospital death", TWO, ("", "")),
        ("death30", TWO, ("", "")),
        ("dstat", TWO, ("", "")),
        ("lenfol", TIMES, ("", "time")),
        ("fstat", TWO, ("", "event")),
        ("Progression or death?", TWO, ("PFS", "event")),
        ("OverallTime", TIMES, ("", "time")),
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
        (Column("alive", ("yes", "no")), (), ("no", "yes")),
        (Column("Death", ("YANLIŞ", "DOĞRU")), (), ("DOĞRU", "YANLIŞ")),
        (Column("Tod", ("WAHR", "FALSCH")), (), ("WAHR", "FALSCH")),
        (Column("exitus", ("fallecido", "vivo")), (), ("fallecido", "vivo")),
        (Column("cens", ("1",) * 5 + ("0",) * 5), range(10), ("1", "0")),
        (Column("cens", ("0",) * 5 + ("1",) * 5), range(10), ("0", "1")),
    ],
)
def test_event_codes(column, times, expected):
    codes = timing.event_codes(column, times)
    assert (codes.event, codes.censored) == expected


def test_codes_are_sure_only_where_nothing_else_can_be_meant():
    sure = [
        Column("status", ("0", "1")),
        Column("os", ("Dead", "Alive")),
        Column("x", ("1", "2"), labels={"1": "Dead", "2": "Alive"}),
    ]
    assert [timing.event_codes(column).is_sure for column in sure] == [True, True, True]
    asked = [
        Column("status", ("1", "2")), Column("censored", ("0", "1")), Column("status", ("0", "1", "2")),
        Column("state", ("Dead of disease", "Dead of other causes", "Alive")), Column("status", ("2",)),
    ]  # fmt: skip
    assert [timing.event_codes(column).is_sure for column in asked] == [False] * 5
    late = Column("status", ("0",) * 5 + ("1",) * 5)
    assert not timing.event_codes(late, range(10)).is_sure


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


@pytest.mark.parametrize(
    ("header", "levels", "scheme", "controlled", "progressed"),
    [
        ("best", ("PD", "CR", "ne"), "RECIST 1.1", ("Complete response",), ("Progressive disease",)),
        ("mRECIST", ("PR", "SD", "PD"), "mRECIST", ("Partial response", "Stable disease"), ("Progressive disease",)),
        ("Choi response", ("CR", "SD"), "Choi criteria", ("Complete response", "Stable disease"), ()),
        ("response", ("CR", "no CR"), "complete response or none", ("Complete response",), ()),
        ("response", ("Responder", "Non-responder"), "response or none", ("Response",), ()),
        (
            "pet", ("CMR", "PMR", "NMR", "PMD"), "Lugano 2014",
            ("Complete metabolic response", "Partial metabolic response", "No metabolic response"),
            ("Progressive metabolic disease",),
        ),
        (
            "best", ("iCR", "iSD", "iUPD", "iCPD"), "iRECIST", ("Complete response", "Stable disease"),
            ("Unconfirmed progressive disease", "Confirmed progressive disease"),
        ),
        ("疗效", ("部分缓解", "完全缓解"), "RECIST 1.1", ("Complete response", "Partial response"), ()),
    ],
)  # fmt: skip
def test_the_scheme_of_a_response_and_what_its_categories_count_as(header, levels, scheme, controlled, progressed):
    found, _, groups = roles.response_levels(Column(header, levels))
    assert (found, groups["controlled"], groups["progressed"]) == (scheme, controlled, progressed)


def test_response_words_in_any_case_or_language():
    assert roles.response_levels(Column("r", ("PD", "CR", "ne")))[1] == {
        "CR": "Complete response", "PD": "Progressive disease", "ne": "Not evaluable",
    }  # fmt: skip
    assert list(roles.response_levels(Column("疗效", ("部分缓解", "完全缓解")))[1]) == ["完全缓解", "部分缓解"]
    assert roles.response_levels(Column("r", ("CR", "maybe"))) == ("", {}, {})
    assert roles.response_levels(Column("grade", ("PD", "SD"))) == ("", {}, {})


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


@pytest.mark.parametrize(
    ("levels", "expected"),
    [
        ((">50", "<=20", "20-50"), ["<=20", "20-50", ">50"]),
        (("70+", "<60", "60-69"), ["<60", "60-69", "70+"]),
        ((">10 cm", "≤5 cm", "5-10 cm"), ["≤5 cm", "5-10 cm", ">10 cm"]),
        (("IV", "IIIA", "I", "IIIB", "II"), ["I", "II", "IIIA", "IIIB", "IV"]),
        (("T4b", "T1", "T2"), ["T1", "T2", "T4b"]),
        (("G3", "G1", "G2"), ["G1", "G2", "G3"]),
        (("severe", "none", "moderate", "mild"), ["none", "mild", "moderate", "severe"]),
        (("current", "never", "former"), ["never", "former", "current"]),
        (("squamous", "adeno"), ["adeno", "squamous"]),
    ],
)
def test_levels_with_an_order_stand_in_it(levels, expected):
    assert list(roles.category_levels(Column("x", levels)).labels) == expected


@pytest.mark.parametrize(
    ("levels", "expected"),
    [
        (("Lev", "Lev+5FU", "Obs"), "Obs"),
        (("drug", "placebo"), "Placebo"),
        (("chemo", "none"), "None"),
        (("A", "B"), ""),
    ],
)
def test_the_reference_is_named_where_it_is_not_the_first(levels, expected):
    assert roles.category_levels(Column("rx", levels)).reference == expected


def test_four_spellings_of_two_sexes_are_two_levels():
    assert roles.category_levels(Column("sex", ("M", "male", "F", "Female"))).labels == {"F": "Female", "M": "Male"}
    assert roles.category_levels(Column("Geschlecht", ("m", "w"))).labels == {"w": "Female", "m": "Male"}
    assert roles.category_levels(Column("x", ("M", "F", "D"))).labels == {"D": "D", "F": "Female", "M": "Male"}


@pytest.mark.parametrize(
    ("numbers", "step"),
    [
        ([52, 55, 60, 66, 71], 1),
        ([30, 45, 60, 75, 90], 10),
        ([100, 350, 600, 850, 1100], 100),
        ([0.01, 0.03, 0.05, 0.07], 0.01),
        ([1, 2, 3, 4], 1),
        ([7, 7, 7], 1),
    ],
)
def test_a_step_is_offered_where_a_ratio_for_one_would_say_nothing(numbers, step):
    assert lines.step_of(numbers) == pytest.approx(step)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("Age (years)", "age"), ("age_months", "age"), ("Geschlecht", "sex"), ("Sexe", "sex"), ("возраст", "age"),
        ("Yaş", "age"), ("年龄（岁）", "年龄"), ("ph.ecog", "performance status"), ("tumor_size_cm", "tumor"),
        ("Tumorgröße (mm)", "tumor"), ("protime", "laboratory value"), ("stagegrp", "stage"), ("rx", "treatment arm"),
        ("metastasis at diagnosis", "at diagnosis"), ("prior chemo", "history"),
        # Nothing that comes, or may come, later.
        ("age at death", ""), ("grade of toxicity", ""), ("max grade", ""), ("metastasis", ""), ("OSEV", ""),
        ("transplant", ""), ("GVHD", ""), ("relapse", ""), ("recovered", ""), ("Progression or death?", ""),
        ("death_within_5y", ""), ("year", ""), ("time before surgery", ""), ("los", ""), ("center", ""), ("txtime", ""),
        ("treatment response", ""), ("weeks of treatment", ""), ("介入次数", ""), ("术后淋巴结", ""), ("x1", ""),
    ],
)  # fmt: skip
def test_the_positive_list_holds_what_is_measured_at_the_start(header, expected):
    assert measure(header) == expected


def test_the_page_for_clinics_names_every_measure_of_the_positive_list():
    page = (Path(__file__).parents[1] / "book" / "own_cohort.md").read_text(encoding="utf-8")
    stated = page[page.index("usually taken at the start:") : page.index("in several\nlanguages")]
    assert [name for name in MEASURES if name not in " ".join(stated.split())] == []

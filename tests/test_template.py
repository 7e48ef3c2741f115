"""The template: what its sheets hold, and that a filled one loads."""

import datetime

import openpyxl
import pytest

from aice_helpers.cli import main
from aice_helpers.core.writing import ExistsError
from aice_helpers.data.load import load_cohort
from aice_helpers.study.reader import read_study
from aice_helpers.study.template import write_template

ROWS = [
    ["001", 54, "female", 0, 5.2, "no", "low", 2.5, 3, "PR", 8.1, "yes", 20.4, "no"],
    ["002", 61, "male", 1, 10, "yes", "high", 4.1, 1, "PD", 2, "yes", 6.5, "yes"],
    ["003", None, "male", 2, None, "no", None, None, 2, "NE", 3.5, "no", 3.5, "no"],
    ["004", 47, "female", 1, 7.7, "yes", "intermediate", 1.9, 4, "CR", 30, "no", 30, "no"],
]


@pytest.fixture
def filled(tmp_path):
    workbook, study = write_template(tmp_path / "cohort.xlsx")
    book = openpyxl.load_workbook(workbook)
    for number, row in enumerate(ROWS, 2):
        for place, value in enumerate(row, 1):
            book["patients"].cell(number, place, value)
    for number, row in enumerate([["001", "fever", 2], ["003", "pain", 1]], 2):
        for place, value in enumerate(row, 1):
            book["adverse_events"].cell(number, place, value)
    book.save(workbook)
    return study


def test_a_filled_template_loads_without_a_remark_on_its_columns(filled):
    cohort = load_cohort(filled)
    assert list(cohort.patients.index) == ["001", "002", "003", "004"]
    assert cohort.survival("PFS")["time"].tolist() == [8.1, 2.0, 3.5, 30.0]
    assert cohort.survival("PFS")["event"].tolist() == [True, True, False, False]
    assert cohort.survival("OS")["event"].tolist() == [False, True, False, False]
    assert cohort.responder.tolist() == [True, False, False, True]
    assert cohort.patients["ecog"].tolist() == ["0", "1", "2", "1"]
    assert cohort.adverse_events["grade"].tolist() == ["Moderate", "Mild"]
    assert not [one for one in cohort.remarks if "not used" in one.rule or "sheets" in one.rule]


def test_the_check_command_accepts_a_filled_template(filled, capsys):
    assert main(["check", str(filled)]) == 0
    assert "4 patients, no fault" in capsys.readouterr().out


def test_a_filled_sheet_of_dates_gives_the_endpoints(tmp_path, capsys):
    workbook, study = write_template(tmp_path / "my cohort.xlsx", dates=True)
    book = openpyxl.load_workbook(workbook)
    day = datetime.date
    dates = {
        "001": {"first_treatment": day(2020, 1, 1), "progression": day(2020, 7, 1), "last_assessment": day(2020, 7, 1),
                "last_contact": day(2021, 1, 1), "vital_status": "alive", "new_therapy": day(2020, 7, 10)},
        "002": {"first_treatment": day(2020, 2, 1), "death": day(2020, 3, 2), "last_assessment": day(2020, 2, 15),
                "last_contact": day(2020, 3, 2), "vital_status": "dead", "diagnosis": day(2019, 12, 1)},
        "003": {"first_treatment": day(2020, 3, 1), "last_assessment": day(2020, 6, 1), "last_contact": day(2020, 9, 1),
                "vital_status": "alive", "cause_of_death": ""},
        "004": {"first_treatment": day(2020, 4, 1), "last_assessment": day(2020, 8, 1), "last_contact": day(2020, 8, 1),
                "vital_status": "alive"},
    }  # fmt: skip
    header = [cell.value for cell in book["dates"][1]]
    assert len(header) == 10
    for number, (row, (patient, own)) in enumerate(zip(ROWS, dates.items(), strict=True), 2):
        for place, value in enumerate(row[:10], 1):
            book["patients"].cell(number, place, value)
        for place, name in enumerate(header, 1):
            book["dates"].cell(number, place, patient if name == "patient" else own.get(name))
    book["adverse_events"].append([None])
    for place, value in enumerate(["001", "fever", 2], 1):
        book["adverse_events"].cell(2, place, value)
    book.save(workbook)
    cohort = load_cohort(study)
    month = 30.4375
    assert cohort.survival("PFS")["time"].tolist() == pytest.approx([182 / month, 30 / month, 92 / month, 122 / month])
    assert cohort.survival("PFS")["event"].tolist() == [True, True, False, False]
    assert cohort.survival("OS")["time"].tolist() == pytest.approx([366 / month, 30 / month, 184 / month, 122 / month])
    assert cohort.survival("OS")["event"].tolist() == [False, True, False, False]
    assert not [one for one in cohort.remarks if "not used" in one.rule or "sheets" in one.rule]


def test_an_empty_template_is_refused_for_having_no_rows(tmp_path, capsys):
    _, study = write_template(tmp_path / "cohort.xlsx")
    assert main(["check", str(study)]) == 1
    assert "a header but no rows" in capsys.readouterr().err


def test_workbook_dictionary_and_study_file_say_the_same(tmp_path):
    workbook, path = write_template(tmp_path / "cohort.xlsx")
    book, study = openpyxl.load_workbook(workbook), read_study(path)
    assert book.sheetnames == ["patients", "dates", "adverse_events", "dictionary"]
    sheet = book["patients"]
    header = [cell.value for cell in sheet[1]]
    times = [name for endpoint in study.endpoints.values() for name in (endpoint.time, endpoint.event)]
    assert header == [*study.variables, *times]
    assert sheet["A2"].number_format == "@"
    rules = {str(rule.sqref): rule for rule in sheet.data_validations.dataValidation}
    for place, name in enumerate(header):
        rule = rules.get(f"{chr(65 + place)}2:{chr(65 + place)}1001")
        variable = study.variables.get(name)
        if variable is not None and variable.levels:
            assert rule.formula1 == f'"{",".join(variable.levels)}"'
        elif variable is not None and variable.range:
            assert (float(rule.formula1), float(rule.formula2)) == variable.range
    first, *rows = book["dictionary"].iter_rows(values_only=True)
    assert first == ("sheet", "column", "meaning", "unit", "allowed values", "when known", "required")
    plan = study.adverse_events
    dated = [row for row in rows if row[0] == "dates"]
    assert [row[1] for row in dated] == [cell.value for cell in book["dates"][1]]
    rows = [row for row in rows if row[0] != "dates"]
    assert [row[1] for row in rows] == [*header, plan.patient, plan.term, plan.grade]
    for row in rows[: len(study.variables)]:
        variable = study.variables[row[1]]
        assert (row[2], row[3] or "", row[5]) == (variable.definition, variable.unit, variable.known)
    required = {row[1] for row in rows if row[0] == "patients" and row[6] == "yes"}
    assert required == {"patient", *times}


@pytest.mark.parametrize("present", ["cohort.xlsx", "study.yml"])
def test_nothing_is_overwritten_and_no_half_is_written(tmp_path, present):
    (tmp_path / present).write_text("mine")
    with pytest.raises(ExistsError, match="never overwritten"):
        write_template(tmp_path / "cohort.xlsx")
    assert [one.name for one in tmp_path.iterdir()] == [present]
    assert (tmp_path / present).read_text() == "mine"


def test_the_command_names_the_next_steps_and_refuses_other_suffixes(tmp_path, capsys):
    assert main(["template", "--out", str(tmp_path / "my cohort.xlsx")]) == 0
    assert "aice check " in capsys.readouterr().out
    assert main(["template", "--out", str(tmp_path / "my.csv")]) == 2
    assert main(["template", "--out", str(tmp_path / "no" / "my.xlsx")]) == 2
    assert "cannot be written" in capsys.readouterr().err

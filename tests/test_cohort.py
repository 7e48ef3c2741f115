from pathlib import Path

import pandas as pd
import pytest

from aice_helpers.cohort import load_cohort
from aice_helpers.problems import StudyError

DEFAULT = Path(__file__).parents[1] / "data" / "study.yml"

STUDY = """\
title: Small
synthetic: true
time_unit: months
patients: {file: patients.csv}
variables:
  id: {label: Patient, role: id, type: text}
  grade:
    label: Grade
    role: baseline
    type: category
    levels: {NA: Not applicable, None: None, G1: Low}
    reference: Low
  age: {label: Age, role: baseline, type: integer, range: [0, 100]}
  size: {label: Size, role: baseline, type: number}
  note: {label: Note, role: outcome, type: text}
endpoints:
  PFS: {label: PFS, time: pfs, event: prog, not_longer_than: OS}
  OS: {label: OS, time: os, event: dead}
adverse_events:
  data: {file: events.csv}
  patient: id
  term: event
  grade: grade
  scheme: none
  grades: {1: Mild, 2: Severe}
  severe_from: Severe
  term_labels: {pain: Pain}
analysis:
  cut_points: {age: {at: [40, 60], source: none}, size: {at: [1.5], source: none, labels: [small, large]}}
"""
HEADER = "id,grade,age,size,note,pfs,prog,os,dead\n"
ROWS = "01,NA,40,1.5,,3,1,5,1\n002,None,61,,fine,4,0,4,0\nz,,,2,,0,1,9.5,0\n"
EVENTS = "id,event,grade\n01,pain,1\n01,rash,2\nz,pain,\n"


@pytest.fixture
def load(tmp_path):
    def load(patients=HEADER + ROWS, events=EVENTS, study=STUDY):
        for name, content in {"patients.csv": patients, "events.csv": events, "study.yml": study}.items():
            data = content if isinstance(content, bytes) else content.encode()
            (tmp_path / name).write_bytes(data)
        return load_cohort(tmp_path / "study.yml")

    return load


@pytest.fixture
def faults(load):
    def faults(*args, **kwargs):
        with pytest.raises(StudyError) as error:
            load(*args, **kwargs)
        return list(error.value.problems)

    return faults


def cell(column, value, row="01,NA,40,1.5,,3,1,5,1"):
    """The patient file with one cell of its first patient replaced."""
    cells = row.split(",")
    cells[HEADER.strip().split(",").index(column)] = value
    return HEADER + ROWS.replace(row, ",".join(cells))


def test_values_and_types(load):
    cohort = load()
    assert cohort.n == 3
    assert cohort.patients.index.tolist() == ["01", "002", "z"]
    assert cohort.patients["age"].tolist()[:2] == [40.0, 61.0]
    assert cohort.patients["note"].tolist() == [None, "fine", None]
    assert cohort.survival("OS").to_dict("list") == {"time": [5.0, 4.0, 9.5], "event": [True, False, False]}
    assert cohort.survival("PFS")["event"].dtype == bool
    assert cohort.survival("PFS").index.equals(cohort.patients.index)
    assert cohort.adverse_events["term"].tolist() == ["Pain", "rash", "Pain"]
    assert cohort.adverse_events["grade"].tolist()[:2] == ["Mild", "Severe"]
    assert cohort.adverse_events["grade"].isna().tolist() == [False, False, True]
    assert cohort.remarks == ()


def test_levels_called_na_or_none_stay_levels(load):
    values = load().patients["grade"]
    assert values.tolist()[:2] == ["Not applicable", "None"]
    assert values.isna().tolist() == [False, False, True]
    assert values.cat.categories.tolist() == ["Not applicable", "None", "Low"]


def test_covariate_puts_the_reference_first(load):
    cohort = load()
    assert cohort.covariate("grade").cat.categories.tolist() == ["Low", "Not applicable", "None"]
    assert cohort.patients["grade"].cat.categories.tolist() == ["Not applicable", "None", "Low"]
    assert cohort.covariate("size").isna().tolist() == [False, True, False]


def test_groups_at_cut_points(load):
    cohort = load()
    assert cohort.groups("age").cat.categories.tolist() == ["≤ 40", "> 40 to 60", "> 60"]
    assert cohort.groups("age").tolist()[:2] == ["≤ 40", "> 60"]
    assert cohort.groups("size").tolist()[::2] == ["small", "large"]
    assert cohort.groups("size").isna().tolist() == [False, True, False]
    assert cohort.groups("grade").equals(cohort.patients["grade"])


def test_response_of_the_default_cohort():
    cohort = load_cohort(DEFAULT)
    assert (cohort.evaluable.sum(), cohort.responder.sum(), cohort.controlled.sum()) == (110, 42, 86)
    assert cohort.covariate("response").value_counts().to_dict() == {"No response": 71, "Response": 42}
    assert cohort.covariate("response").cat.categories.tolist() == ["No response", "Response"]


def test_fingerprint_follows_every_data_file(load):
    one = load().fingerprint
    assert load().fingerprint == one
    assert load(events=EVENTS + "z,rash,1\n").fingerprint != one
    assert load(patients=HEADER + ROWS.replace("9.5", "9.6")).fingerprint != one


def test_a_file_without_events_says_there_were_none(load):
    assert load(events="id,event,grade\n").adverse_events.to_dict("list") == {"patient": [], "term": [], "grade": []}


def test_one_patient_is_a_cohort(load):
    assert load(patients=HEADER + "a,G1,1,1,,0,0,0,0\n", events="id,event,grade\n").n == 1


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("os", "24+", "a time in months is needed"),
        ("os", ">20", "a time in months is needed"),
        ("os", '"12,5"', "a time in months is needed"),
        ("os", "inf", "a time in months is needed"),
        ("os", "nan", "a time in months is needed"),
        ("os", "1e999", "a time in months is needed"),
        ("os", "12 months", "a time in months is needed"),
        ("os", "", "a follow-up time is missing"),
        ("os", "-1", "a follow-up time is negative"),
        ("dead", "2", "neither 1 (event) nor 0 (censored)"),
        ("dead", "yes", "neither 1 (event) nor 0 (censored)"),
        ("dead", "1.0", "neither 1 (event) nor 0 (censored)"),
        ("dead", "", "neither 1 (event) nor 0 (censored)"),
        ("pfs", "5.1", "PFS lasts longer than OS"),
        ("grade", "G2", "Did you mean 'G1'?"),
        ("age", "forty", "a plain number is needed"),
        ("age", "40.5", "a whole number is needed"),
        ("size", "<1", "a plain number is needed"),
        ("size", "inf", "a plain number is needed"),
        ("id", "", "the patient has no id"),
        ("id", "002", "the id is already used in row 2"),
    ],
)
def test_one_bad_cell(faults, column, value, message):
    events = EVENTS if column != "id" else "id,event,grade\n"
    (fault,) = faults(cell(column, value), events=events)
    assert message in str(fault)
    # The second of two equal ids is the one to look at.
    assert (fault.row, fault.column) == (3 if value == "002" else 2, column)
    assert fault.file == "patients.csv"


def test_pfs_may_equal_os_within_rounding(load):
    assert load(cell("pfs", "5.0000000001")).n == 3


def test_remarks_do_not_stop(load):
    implausible, unseen = load(cell("age", "140").replace(",3,1,5,1", ",3,0,5,1")).remarks
    assert (implausible.row, implausible.value) == (2, "140")
    assert "outside the plausible range 0 to 100" in implausible.rule
    assert (unseen.row, unseen.column) == (2, "prog")
    assert unseen.rule == "OS has an event, yet PFS is censored"


def test_several_faults_at_once(faults):
    patients = HEADER + "01,G9,x,1.5,,3,1,2,7\n01,NA,61,,,4,0,,0\n"
    found = {(fault.file, fault.row, fault.column) for fault in faults(patients, events="id,event,grade\nq,,9\n")}
    assert found == {
        ("patients.csv", 2, "grade"),
        ("patients.csv", 2, "age"),
        ("patients.csv", 2, "pfs"),
        ("patients.csv", 2, "dead"),
        ("patients.csv", 3, "id"),
        ("patients.csv", 3, "os"),
        ("events.csv", 2, "id"),
        ("events.csv", 2, "event"),
        ("events.csv", 2, "grade"),
    }


def test_missing_columns_name_the_nearest_and_do_not_blame_the_events(faults):
    found = [str(fault) for fault in faults(HEADER.replace("id,", "idd,").replace("prog", "x") + ROWS)]
    assert found == [
        "patients.csv, column 'id': the column for Patient is not there. Did the study file mean 'idd'?",
        "patients.csv, column 'prog': the column for PFS (event) is not there. "
        "Add it, or correct its name in the study file.",
    ]


def test_faults_of_the_events(faults):
    found = faults(events="id,event,grade\n01,pain,3\n1,pain,1\n,,1\n")
    assert [(fault.row, fault.column, fault.rule) for fault in found] == [
        (3, "id", "no such patient in the patient table"),
        (4, "id", "no such patient in the patient table"),
        (4, "event", "the event has no name"),
        (2, "grade", "the code is not declared in the study file"),
    ]
    (fault,) = faults(events="id,term,grade\n01,pain,1\n")
    assert fault.column == "event"


@pytest.mark.parametrize(
    ("content", "row", "message"),
    [
        (b"", None, "the file is empty"),
        (b" \n\n", None, "the file is empty"),
        (b"\xef\xbb\xbf", None, "the file is empty"),
        (HEADER, None, "a header but no rows"),
        (HEADER + "\n,,,,,,,,\n", None, "a header but no rows"),
        (HEADER.replace("note", "age") + ROWS, 1, "two columns have the same name"),
        (HEADER.replace("note", "") + ROWS, 1, "a column has no name"),
        (HEADER + ROWS + "a,b,c\n", 5, "the row has 3 cells, the header 9"),
        (HEADER + ROWS.replace("3,1,5,1", "3,1,5,1,"), 2, "the row has 10 cells, the header 9"),
        (HEADER + ROWS.replace("None", '"None'), 3, "the table breaks off"),
        (HEADER + ROWS.replace("None", '"None').replace("z,", 'z",'), 3, "the row has 10 cells, the header 9"),
        (HEADER + ROWS.replace("None", '"None').replace("9.5", '"9.5'), 3, "the table breaks off"),
        (HEADER.replace(",", " ") + ROWS, 1, "Name the delimiter in the study file."),
        (HEADER + ROWS.replace("z", "z\0"), None, "NUL bytes"),
        (HEADER + ROWS.replace("z", "z\x07"), 4, "the control character '\\x07'"),
        (b"\xff\xfe" + HEADER.encode("utf-16-le") + b"x", None, "not the UTF-16 text that its first bytes announce"),
        ((HEADER + ROWS.replace("fine", "f\x81ne")).encode("latin-1"), None, "the encoding of the text is not known"),
    ],
)
def test_files_that_are_no_table(faults, content, row, message):
    (fault,) = faults(content)
    assert message in str(fault)
    assert (fault.file, fault.row) == ("patients.csv", row)


def test_rows_count_as_in_a_spreadsheet(faults):
    patients = (
        HEADER.replace("note", '"no\nte"') + '01,NA,40,1.5,"two\nlines, quoted",3,1,5,1\n\n\n002,None,x,,,4,0,4,0\n'
    )
    (fault,) = faults(
        patients, study=STUDY.replace("  note: {", '  note: {column: "no\\nte", '), events="id,event,grade\n"
    )
    assert (fault.row, fault.column) == (5, "age")
    (ragged,) = faults(HEADER + '01,NA,40,1.5,"a\r\nb",3,1,5,1\r\n\r\nshort\r\n')
    assert ragged.row == 4


def test_a_quote_that_swallows_a_row_is_seen(load):
    cohort = load(HEADER + '01,NA,40,1.5,"a,3,1,5,1\n002,None,61,,b",4,0,4,0\n', events="id,event,grade\n")
    assert cohort.n == 1
    (remark,) = cohort.remarks
    assert (remark.row, remark.column, remark.rule) == (2, "note", "the cell spans several lines")


def test_missing_file(load, faults, tmp_path):
    (fault,) = faults(study=STUDY.replace("patients.csv", "other.csv"))
    assert "other.csv: the file cannot be read" in str(fault)
    found = faults(study=STUDY.replace("patients.csv", "other.csv").replace("events.csv", "nothing.csv"))
    assert [problem.file for problem in found] == ["other.csv", "nothing.csv"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
def test_encodings(load, encoding):
    name = "utf-8" if encoding == "utf-8-sig" else encoding
    data = (HEADER + ROWS.replace("fine", "schön")).encode(encoding)
    cohort = load(data, study=STUDY.replace("patients.csv", f"patients.csv, encoding: {name}"))
    assert cohort.patients["note"].tolist()[1] == "schön"


@pytest.mark.parametrize("encoding", ["klingon", "rot13", "undefined"])
def test_unusable_encodings(faults, encoding):
    found = faults(study=STUDY.replace("patients.csv", f"patients.csv, encoding: {encoding}"))
    assert [f"the file is not {encoding} text" in str(fault) for fault in found] == [True]


def test_decimal_comma_and_semicolons(load, faults):
    study = STUDY.replace("patients.csv", 'patients.csv, delimiter: ";", decimal: ","')
    table = (HEADER + ROWS).replace(",", ";").replace(".", ",")
    assert load(table, study=study).survival("OS")["time"].tolist() == [5.0, 4.0, 9.5]
    (fault,) = faults(table.replace("9,5", "9.5"), study=study)
    assert (fault.row, fault.column, fault.value) == (4, "os", "9.5")


def test_declared_missing_codes(load):
    study = STUDY.replace("patients.csv", 'patients.csv, missing: ["", "-9"]')
    cohort = load(cell("size", "-9"), study=study)
    assert pd.isna(cohort.patients["size"].iloc[0])


def test_spaces_around_cells_are_no_part_of_them(load):
    spaced = (HEADER + ROWS).replace(",", " , ")
    pd.testing.assert_frame_equal(load(spaced).patients, load().patients)


def test_column_order_and_extra_columns_do_not_matter(load):
    lines = [line.split(",") for line in (HEADER + ROWS).splitlines()]
    turned = "\n".join(",".join([*reversed(line), "extra" if i == 0 else "x"]) for i, line in enumerate(lines))
    pd.testing.assert_frame_equal(load(turned).patients, load().patients)


def test_an_excluded_variable_is_not_read(load):
    study = STUDY.replace("  age: {label: Age, role: baseline", "  age: {label: Age, role: excluded").replace(
        "age: {at: [40, 60], source: none}, ", ""
    )
    assert "age" not in load(cell("age", "no number"), study=study).patients


def test_problems_read_as_sentences(faults):
    (fault,) = faults(cell("os", "24+"))
    assert str(fault) == (
        "patients.csv, row 2, column 'os': found '24+'; a time in months is needed. Write a plain number."
    )

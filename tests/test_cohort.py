import datetime
import random
import re
import time
import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyreadstat
import pytest
import yaml

from aice_helpers.analysis import Analysis
from aice_helpers.core.problems import Problem, StudyError
from aice_helpers.data.load import load_cohort
from aice_helpers.data.privacy import personal_content, personal_header
from aice_helpers.data.quality import odd_times
from aice_helpers.show import tables
from aice_helpers.study.reader import read_study

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
    assert [(remark.column, remark.rule.split(",")[0]) for remark in cohort.remarks] == [
        ("pfs", "PFS: one patient has the event at time zero"),
        ("note", "by its name the column holds notes"),
    ]


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
    assert cohort.groups("grade", reference_first=True).equals(cohort.covariate("grade"))
    assert cohort.groups("age", reference_first=True).equals(cohort.groups("age"))


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


def test_a_row_that_counts_all_events_together_is_no_event(faults):
    (found,) = faults(events=EVENTS + "z,any adverse event,1\n")
    assert (found.row, found.rule) == (5, "this name stands for all events together")


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
        ("os", "-1", "a follow-up time is negative"),
        ("dead", "2", "none of those declared for OS: 1 (event), 0 (censored)"),
        ("dead", "yes", "none of those declared for OS: 1 (event), 0 (censored)"),
        ("dead", "1.0", "none of those declared for OS: 1 (event), 0 (censored)"),
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
    implausible, unseen, *_ = load(cell("age", "140").replace(",3,1,5,1", ",3,0,5,1")).remarks
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
        ("patients.csv", 2, "dead"),
        ("patients.csv", 3, "id"),
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
        (HEADER.replace("note", "") + ROWS, 1, "has no name but holds values"),
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
    remark = cohort.remarks[0]
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


# The default cohort, changed


@pytest.fixture
def default(tmp_path):
    """Load the default cohort after ``change`` has altered its tables (text) and its study (plain YAML values)."""

    def default(change=lambda patients, events, study: None, suffix="csv", write=None):
        folder = DEFAULT.parent
        study = yaml.safe_load(DEFAULT.read_text(encoding="utf-8"))
        patients, events = (
            pd.read_csv(folder / name, dtype=str, keep_default_na=False)
            for name in ("cohort.csv", "adverse_events.csv")
        )
        changed = change(patients, events, study)
        patients, events = changed or (patients, events)
        study["patients"]["file"] = f"cohort.{suffix}"
        study["published"] = ""
        (write or (lambda frame, path: frame.to_csv(path, index=False)))(patients, tmp_path / f"cohort.{suffix}")
        events.to_csv(tmp_path / "adverse_events.csv", index=False)
        (tmp_path / "study.yml").write_text(
            yaml.safe_dump(study, allow_unicode=True, sort_keys=False), encoding="utf-8"
        )
        return load_cohort(tmp_path / "study.yml")

    return default


@pytest.fixture
def refused(default):
    """The messages with which a changed default cohort is refused."""

    def refused(*args, **kwargs):
        with pytest.raises(StudyError) as error:
            default(*args, **kwargs)
        return [str(problem) for problem in error.value.problems]

    return refused


def setting(column, cells, table="patients"):
    """A change that writes cells (row as the spreadsheet counts -> text) into one column."""

    def change(patients, events, study):
        frame = {"patients": patients, "events": events}[table]
        for row, cell in cells.items():
            frame.loc[row - 2, column] = cell

    return change


def typed(frame):
    """The text table with its numeric columns as numbers, as a program other than an editor stores it."""
    return frame.apply(lambda cells: cells if _is_text(cells) else pd.to_numeric(cells.replace("", None)))


def _is_text(cells):
    return pd.to_numeric(cells.replace("", None), errors="coerce").isna().sum() > (cells == "").sum()


@pytest.mark.parametrize(
    ("suffix", "write"),
    [
        ("xlsx", lambda frame, path: typed(frame).to_excel(path, index=False)),
        ("xlsx", lambda frame, path: frame.to_excel(path, index=False)),
        ("sav", lambda frame, path: pyreadstat.write_sav(typed(frame), path)),
        ("dta", lambda frame, path: pyreadstat.write_dta(typed(frame), path)),
        ("xpt", lambda frame, path: pyreadstat.write_xport(typed(frame), path, file_format_version=8)),
        ("parquet", lambda frame, path: typed(frame).to_parquet(path)),
        ("parquet", lambda frame, path: frame.to_parquet(path)),
        ("csv", lambda frame, path: frame.to_csv(path, index=False, sep=";", encoding="utf-16")),
        ("txt", lambda frame, path: frame.to_csv(path, index=False, sep="\t", encoding="utf-8-sig")),
    ],
)
def test_every_format_gives_the_same_cohort(default, suffix, write):
    cohort, usual = default(suffix=suffix, write=write), load_cohort(DEFAULT)
    pd.testing.assert_frame_equal(cohort.patients, usual.patients)
    for name in cohort.outcomes:
        pd.testing.assert_frame_equal(cohort.survival(name), usual.survival(name))
    kept = [remark for remark in cohort.remarks if "(detected)" not in remark.rule]
    assert [remark.rule for remark in kept] == [remark.rule for remark in usual.remarks]


def test_codes_of_spss_may_be_given_as_code_or_as_label(default):
    def change(patients, events, study):
        study["variables"]["sex"]["levels"] = {"Man": "Male", "Woman": "Female"}
        study["endpoints"]["OS"] |= {"event_value": "Dead", "censored_value": "Alive"}
        study["variables"]["nlr"]["missing"] = ["-9"]

    def write(frame, path):
        frame = frame.assign(sex=frame["sex"].map({"M": 1.0, "F": 2.0}))
        frame.loc[0, "nlr"] = "-9"
        labels = {"sex": {1.0: "Man", 2.0: "Woman"}, "os_event": {0: "Alive", 1: "Dead"}}
        pyreadstat.write_sav(typed(frame), path, variable_value_labels=labels)

    cohort, usual = default(change, "sav", write), load_cohort(DEFAULT)
    assert cohort.patients["sex"].astype(str).tolist() == usual.patients["sex"].astype(str).tolist()
    pd.testing.assert_frame_equal(cohort.survival("OS"), usual.survival("OS"))
    assert np.isnan(cohort.patients["nlr"].iloc[0])
    (remark,) = [remark for remark in cohort.remarks if remark.column == "nlr" and "declared" in remark.rule]
    assert (remark.rule, remark.count) == ("the code '-9' is declared to mean not recorded", 1)


@pytest.mark.parametrize(
    ("suffix", "codes"), [("csv", ("TRUE", "FALSE")), ("xlsx", (True, False)), ("parquet", (True, False))]
)
def test_events_may_be_truth_values(default, suffix, codes):
    def change(patients, events, study):
        patients["os_event"] = [codes[0] if cell == "1" else codes[1] for cell in patients["os_event"]]
        study["endpoints"]["OS"] |= {"event_value": "TRUE", "censored_value": "FALSE"}

    writers = {"csv": None, "xlsx": lambda frame, path: frame.to_excel(path, index=False)}
    cohort = default(change, suffix, writers.get(suffix, lambda frame, path: frame.to_parquet(path)))
    pd.testing.assert_frame_equal(cohort.survival("OS"), load_cohort(DEFAULT).survival("OS"))


def test_codes_of_a_typed_format_are_numbers(default):
    def change(patients, events, study):
        study["endpoints"]["OS"] |= {"event_value": "1.0", "censored_value": "0.0"}
        study["variables"]["ecog"]["levels"] = {"0.0": "0", "1.0": "1", "02": "2"}
        study["patients"]["missing"] = ["-9.0"]
        patients.loc[3, "ecog"] = "-9"

    cohort, usual = (
        default(change, "sav", lambda frame, path: pyreadstat.write_sav(typed(frame), path)),
        load_cohort(DEFAULT),
    )
    pd.testing.assert_frame_equal(cohort.survival("OS"), usual.survival("OS"))
    assert cohort.patients["ecog"].isna().sum() == usual.patients["ecog"].isna().sum() + 1
    assert cohort.patients["ecog"].tolist()[4:9] == usual.patients["ecog"].tolist()[4:9]


def test_patients_and_events_may_be_two_sheets_of_one_workbook(tmp_path):
    study = yaml.safe_load(DEFAULT.read_text(encoding="utf-8"))
    study["patients"] = {"file": "both.xlsx", "sheet": "Patients"}
    study["adverse_events"]["data"] = {"file": "both.xlsx", "sheet": "Events", "header": "2"}
    with pd.ExcelWriter(tmp_path / "both.xlsx") as book:
        for sheet, name, above in (("Patients", "cohort.csv", 0), ("Events", "adverse_events.csv", 1)):
            frame = pd.read_csv(DEFAULT.parent / name, dtype=str, keep_default_na=False)
            frame.to_excel(book, sheet_name=sheet, index=False, startrow=above)
    (tmp_path / "study.yml").write_text(yaml.safe_dump(study, sort_keys=False), encoding="utf-8")
    cohort, usual = load_cohort(tmp_path / "study.yml"), load_cohort(DEFAULT)
    pd.testing.assert_frame_equal(cohort.patients, usual.patients)
    pd.testing.assert_frame_equal(cohort.adverse_events, usual.adverse_events)


def test_labels_of_the_file_that_contradict_the_study_are_said(default):
    def change(patients, events, study):
        study["variables"]["sex"]["levels"] = {"1": "Female", "2": "Male"}

    def write(frame, path):
        frame = frame.assign(sex=frame["sex"].map({"M": 1.0, "F": 2.0}))
        pyreadstat.write_sav(typed(frame), path, variable_value_labels={"sex": {1.0: "male", 2.0: "female"}})

    rules = [remark.rule for remark in default(change, "sav", write).remarks if remark.column == "sex"]
    assert rules == [
        "the file itself calls the code '1' 'male', the study file 'Female'",
        "the file itself calls the code '2' 'female', the study file 'Male'",
    ]


def test_leading_zeros_of_ids_stay(default):
    def change(patients, events, study):
        patients["patient"] = patients["patient"].str.replace("P", "0")
        events["patient"] = events["patient"].str.replace("P", "0")

    for suffix, write in {"csv": None, "xlsx": lambda frame, path: frame.to_excel(path, index=False)}.items():
        assert default(change, suffix, write).patients.index[0] == "0001"


def test_ids_stored_as_numbers_meet_ids_written_as_text(default):
    def change(patients, events, study):
        for frame in (patients, events):
            frame["patient"] = frame["patient"].str.lstrip("P0")

    cohort = default(change, "sav", lambda frame, path: pyreadstat.write_sav(typed(frame), path))
    assert cohort.patients.index[6] == "7"
    assert len(cohort.adverse_events) == len(load_cohort(DEFAULT).adverse_events)


def test_cells_beyond_what_was_measured_are_read_as_the_limit_when_declared(default):
    def change(patients, events, study):
        patients.loc[0, "nlr"], patients.loc[1, "nlr"], patients.loc[2, "nlr"] = ">20", "< 0.5", "\uff13.\uff15"
        study["variables"]["nlr"]["at_limit"] = True

    cohort = default(change)
    assert cohort.column("nlr").tolist()[:3] == [20, 0.5, 3.5]
    said = [(remark.rule, remark.rows) for remark in cohort.remarks if remark.column == "nlr"]
    assert said == [
        ("numbers with full-width digits, such as '\uff13.\uff15', are read as plain ones: 3.5", (4,)),
        ("cells such as '>20' are read as the limit itself (at_limit)", (2, 3)),
    ]


# Refused


@pytest.mark.parametrize(
    ("column", "cells", "message"),
    [
        ("os_months", {3: "24+"}, "found '24+'; a time in months is needed. Write a plain number."),
        ("nlr", {3: ">20"}, "found '>20'; a plain number is needed. It is a limit, not a number; write the value that was measured, or read it as its limit: variables: nlr: at_limit: true."),
        ("nlr", {3: "1,234"}, "found '1,234'; a plain number is needed. It may mean 1234 or 1.234: write it without a mark between the thousands."),
        ("nlr", {3: "12 mg"}, "found '12 mg'; a plain number is needed. Write the number alone; its unit belongs into the study file (unit)."),
        ("nlr", {3: "12,5"}, "found '12,5'; a plain number is needed. Write a point as decimal mark."),
        ("nlr", {3: "n/a"}, "found 'n/a'; a plain number is needed. If it means not recorded, empty the cell or declare it: missing: [n/a]."),
        ("os_months", {3: "-1"}, "found '-1'; a follow-up time is negative. Correct the dates it was computed from."),
        ("os_months", {3: "inf"}, "found 'inf'; a time in months is needed. Write a plain number."),
        ("os_months", {3: "2020-01-05"}, "found '2020-01-05'; a date stands where a time in months is needed. Compute the time from time zero, or declare the columns of dates under dates and the endpoint by first_of."),
        ("os_months", {3: "5.1.2020"}, "found '5.1.2020'; a date stands where a time in months is needed. Compute the time from time zero, or declare the columns of dates under dates and the endpoint by first_of."),
        ("os_months", {3: "2020年1月5日"}, "found '2020年1月5日'; a date stands where a time in months is needed. Compute the time from time zero, or declare the columns of dates under dates and the endpoint by first_of."),
        ("pfs_months", {3: "99"}, " PFS lasts longer than OS. Correct one of the two times."),
        ("pfs_months", {2: "99"}, " PFS lasts longer than OS, after the death. Correct one of the two times."),
        ("os_event", {3: "2"}, "found '2'; the event code is none of those declared for OS: 1 (death), 0 (censored). Correct the cell, or declare the code: event_value if it means death, censored_value if the observation ended without it, competing if it rules it out (each may list several)."),
        ("sex", {3: "X"}, "found 'X'; the code is not declared in the study file. Declared codes: F, M. To declare: levels: {F: Female, M: Male, X: X}."),
        ("patient", {3: ""}, " the patient has no id. Give every patient an id."),
        ("patient", {3: "P001"}, " the id is already used in row 2. Keep one row a patient."),
        ("age_years", {3: "\u202e56"}, "found '\\u202e56'; a plain number is needed. Write digits with '.' as decimal mark, nothing else."),
        ("age_years", {3: "9" * 400}, f"found '{'9' * 40}'; a plain number is needed. Write digits with '.' as decimal mark, nothing else."),
    ],
)  # fmt: skip
def test_each_refusal_says_where_what_and_how(refused, column, cells, message):
    (row,) = cells
    found = [line for line in refused(setting(column, cells)) if line.startswith("cohort.csv")]
    assert found == [f"cohort.csv, row {row}, column {column!r}:{'' if message[0] == ' ' else ' '}{message}"]


@pytest.mark.parametrize(
    ("column", "cells", "message"),
    [
        ("patient", {3: "P999"}, "row 3, column 'patient': no such patient in the patient table. Correct the id."),
        ("patient", {3: "p 4"}, "row 3, column 'patient': no such patient in the patient table. Correct the id."),
        ("patient", {3: "p004"}, "row 3, column 'patient': no such patient in the patient table. Correct the id; one of the patient table differs only in capitals, spaces or leading zeros."),
        ("grade", {3: "6"}, "row 3, column 'grade': found '6'; the code is not declared in the study file. Declared codes: 1, 2, 3, 4, 5."),
        ("grade", {3: "G2"}, "row 3, column 'grade': found 'G2'; the code is not declared in the study file. Did you mean '2'?"),
        ("grade", {3: "moderate"}, "column 'grade': grades are written in two ways, as codes and as words; they may come from two schemes. Write all of them as codes."),
        ("event", {3: ""}, "row 3, column 'event': the event has no name. Name it."),
        ("event", {3: "pain, call 13812345678"}, "column 'event': the names of the events seem to hold phone numbers, which may point to a person. Name each event by its term."),
        ("event", {3: "pain " * 30}, "column 'event': the names of the events seem to hold free text, which may point to a person. Name each event by its term."),
        ("event", {3: "pain, ask wang@clinic.org"}, "column 'event': the names of the events seem to hold e-mail addresses, which may point to a person. Name each event by its term."),
    ],
)  # fmt: skip
def test_refused_adverse_events(refused, column, cells, message):
    assert refused(setting(column, cells, "events")) == [f"adverse_events.csv, {message}"]


def test_two_grading_schemes(refused):
    def change(patients, events, study):
        events["scheme"] = ["CTCAE 5.0"] * 3 + ["SIR"] * (len(events) - 3)

    assert refused(change) == [
        "adverse_events.csv, column 'scheme': the events are graded by 2 schemes. "
        "Grade all of them by SIR adverse event classification of 2017 (assumed)."
    ]


def test_undeclared_codes_are_grouped(refused):
    assert refused(setting("ecog", {5: "3", 9: "4", 11: "3"})) == [
        "cohort.csv, rows 5, 11, column 'ecog': found '3'; the code is not declared in the study file. "
        "Declared codes: 0, 1, 2. To declare: levels: {'0': '0', '1': '1', '2': '2', '3': '3', '4': '4'}.",
        "cohort.csv, row 9, column 'ecog': found '4'; the code is not declared in the study file. "
        "Declared codes: 0, 1, 2.",
    ]


def test_a_number_declared_as_a_category(refused):
    def change(patients, events, study):
        study["variables"]["age_years"] = {"label": "Age", "role": "baseline", "type": "category", "levels": {"1": "x"}}
        study["analysis"] = {}

    found = refused(change)
    assert len(found) == 21
    assert "is it a category at all?" in found[0]
    assert found[20].endswith("more rows like this: the code is not declared in the study file.")


@pytest.mark.parametrize("codes", [{"1": "2", "0": "1"}, {"1": "2"}])
def test_event_codes_of_another_program(refused, codes):
    def change(patients, events, study):
        patients["os_event"] = patients["os_event"].replace(codes)

    (found,) = refused(change)
    present = "'2' and '1'" if len(codes) == 2 else "'2' and '0'"
    assert (
        "found '2'; the event code is none of those declared for OS: 1 (death), 0 (censored). Correct the cell" in found
    )
    assert found.endswith(f"The column holds {present}.")


def test_a_wrong_unit_does_not_fill_the_screen(refused):
    def change(patients, events, study):
        patients["pfs_months"] = [f"{float(cell) * 30:.1f}" for cell in patients["pfs_months"]]

    found = refused(change)
    assert len(found) <= 42
    assert "more rows like this: PFS lasts longer than OS" in "\n".join(found)


def test_a_second_header_row(refused):
    def change(patients, events, study):
        units = {"age_years": "years", "nlr": "ratio", "os_months": "months", "pfs_months": "months"}
        head = pd.DataFrame([{column: units.get(column, "") for column in patients.columns}])
        return pd.concat([head, patients], ignore_index=True), events

    assert refused(change)[0] == (
        "cohort.csv, row 2: the row below the header holds words where numbers are needed; it looks like a second "
        "header row. If it holds names, give its number in the study file (header: 2); if it holds units, skip_rows: [2]."
    )


@pytest.mark.parametrize("cell", [lambda i: f"{20200101 + i % 28}", lambda i: f"{43831 + i}"])
def test_dates_written_as_numbers(refused, cell):
    def change(patients, events, study):
        patients["os_months"] = [cell(i) for i in range(len(patients))]

    assert any(
        "stand where times are needed. Compute the time from time zero, or declare" in line for line in refused(change)
    )


def test_dates_of_a_workbook_are_refused_as_times(refused):
    def change(patients, events, study):
        patients["os_months"] = [datetime.date(2020, 1, 1 + i % 28) for i in range(len(patients))]

    found = refused(change, "xlsx", lambda frame, path: frame.to_excel(path, index=False))
    assert found[0].startswith("cohort.xlsx, row 2, column 'os_months': found '2020-01-01'; a date stands where")


def test_an_error_cell_matters_only_in_a_used_column(refused, default):
    def change(column):
        def change(patients, events, study):
            patients["unused"] = "1"
            patients.loc[4, column] = "#DIV/0!"

        return change

    def write(frame, path):
        frame.to_excel(path, index=False)

    assert refused(change("nlr"), "xlsx", write) == [
        "cohort.xlsx, row 6, column 'nlr': found '#DIV/0!'; the cell holds an error of the spreadsheet. "
        "Mend the formula, or empty the cell if it is not recorded."
    ]
    assert refused(change("os_months"), "xlsx", write)[0].startswith("cohort.xlsx, row 6, column 'os_months': found")
    assert default(change("unused"), "xlsx", write).n == 113


# Columns that point to a person


@pytest.mark.parametrize(
    ("header", "what"),
    [
        ("Name", "a name"), ("patient_name", "a name"), ("LastName", "a name"), ("姓名", "a name"),
        ("MRN", "a record number"), ("住院号", "a record number"), ("身份证号", "a record number"),
        ("Hospital No.", "a record number"), ("subject-id", "a record number"),
        ("DOB", "a birth date"), ("birth date", "a birth date"), ("出生日期", "a birth date"),
        ("phone", "a phone number"), ("Tel.", "a phone number"), ("联系电话", "a phone number"),
        ("E-mail", "an e-mail address"), ("address", "an address"), ("家庭住址", "an address"),
        ("drug_name", ""), ("birth_weight", ""), ("histology", ""), ("center_id", ""), ("hotel", ""), ("性别", ""),
    ],
)  # fmt: skip
def test_headers_that_point_to_a_person(header, what):
    assert personal_header(header) == what


@pytest.mark.parametrize(
    ("type_", "cells", "what"),
    [
        ("text", ["a@b.org"], "e-mail addresses"),
        ("category", ["11010519491231002X"], "ID-card numbers"),
        ("integer", ["110105194912310021"] * 3, "ID-card numbers"),
        ("text", ["138 1234 5678", "+49 30 1234567"], "phone numbers"),
        ("text", ["010-62345678", "555-123-4567"], "phone numbers"),
        ("text", ["2020-01-05", "1950/2/3", "5 Jan 1950"], "dates"),
        ("text", [f"w{i}" for i in range(10)], "a different text for nearly every patient"),
        ("category", [f"w{i}" for i in range(10)], "a different text for nearly every patient"),
        ("text", ["Came with her husband, who reported pain", "x", "y"], "free text"),
        ("integer", [str(i) for i in range(5, 25)], "a running number"),
        ("integer", [str(1_234_567 + 13 * i) for i in range(20)], "record or phone numbers"),
        ("number", [str(10 + 1.5 * i) for i in range(20)], ""),
        ("integer", [str(150_000 + 1_370 * i) for i in range(20)], ""),
        ("category", ["1", "2", "3"] * 10, ""),
        ("category", ["2015-18", "2019-22"] * 10, ""),
        ("category", [f"2015-{1 + i % 12}-03" for i in range(40)], "dates"),
        ("integer", [str(i) for i in range(50, 65)], ""),
        ("category", [f"w{i}" for i in range(9)], ""),
        ("text", ["fine", "ill", "fine"], ""),
        ("text", [], ""),
    ],
)
def test_contents_that_point_to_a_person(type_, cells, what):
    assert personal_content("x", cells, type_=type_) == what


def test_a_declared_column_that_points_to_a_person_is_refused_unless_it_is_excluded(refused, default):
    names = [f"Zhang Number{i}" for i in range(113)]

    def change(role, column="who"):
        def change(patients, events, study):
            patients[column] = names
            study["variables"][column] = {"label": "Who", "role": role, "type": "text"}

        return change

    for column, what in {"who": "a different text for nearly every patient", "name": "a name"}.items():
        (found,) = refused(change("baseline", column))
        assert found == (
            f"cohort.csv, column {column!r}: the column seems to hold {what}, which points to a person. "
            "Declare it as role: excluded, or as role: id if it is the patient's id."
        )
    assert "who" not in default(change("excluded")).patients


def test_names_as_levels_are_refused_without_being_quoted(refused):
    def change(patients, events, study):
        patients["sex"] = [f"Zhang Number{i}" for i in range(113)]

    assert [line for line in refused(change) if "Zhang" in line] == []


def test_an_undeclared_column_is_said_and_never_read(default):
    def change(patients, events, study):
        patients["姓名"] = [f"张{i}" for i in range(113)]
        patients["ward"] = "3"

    rules = [remark.rule for remark in default(change).remarks if remark.file == "cohort.csv"]
    assert rules[:2] == [
        "the columns '姓名', 'ward' are not used",
        "'姓名' may point to a person; not used, yet the file holds it",
    ]


def test_no_message_quotes_an_id(refused):
    def change(patients, events, study):
        patients.loc[3, "patient"] = "P001"
        patients.loc[4, "nlr"] = "P005"
        patients.loc[5, "sex"] = "P006"
        patients.loc[7, "ecog"] = "see P008, 2"
        patients.loc[6, "age_years"] = "13812345678 wang@clinic.org"
        events.loc[2, "patient"] = "Q-secret"

    text = "\n".join(refused(change))
    assert [word for word in ("P001", "P005", "P006", "P008", "1381234", "wang@", "Q-secret") if word in text] == []
    assert "cohort.csv, row 6, column 'nlr': a plain number is needed" in text


# Remarks


def remarks(cohort, column=None):
    return [str(remark) for remark in cohort.remarks if column is None or remark.column == column]


def shown_remarks(cohort):
    """Column, remark and number of cells, as the page shows them."""
    rows = tables.remarks(Analysis(cohort)).rows
    return [(row.header.text, row.cells[1].text, row.cells[2].text) for row in rows]


def test_remarks_of_the_default_cohort():
    assert remarks(load_cohort(DEFAULT)) == [
        "adverse_events.csv: the column 'session' is not used. Declare under variables what the book is to use.",
        "cohort.csv, rows 35, 84, 91, 92, column 'ecog': ECOG performance status: 4 of 113 patients have no value and are "
        "left out of its model. Fill in what can be found.",
        "cohort.csv, rows 65, 106, 109, column 'primary_site': Primary site: 3 of 113 patients have no value and are left "
        "out of its model. Fill in what can be found.",
    ]


def test_rows_without_a_value_in_the_model_are_named(default):
    def change(patients, events, study):
        patients.loc[[0, 1, 2, 9], "tumor_size_cm"] = ""
        patients.loc[[9, 11], "nlr"] = ""

    found = [remark for remark in default(change).remarks if "multivariable model leaves out" in remark.rule]
    assert [remark.rows for remark in found] == [(2, 3, 4, 11, 13)]
    assert str(found[0]).startswith("cohort.csv, rows 2 to 4, 11, 13: the multivariable model leaves out 5 of 113")


def test_rows_in_another_spelling_of_the_event_code_are_named(default):
    (remark,) = [one for one in default(setting("os_event", {2: "０", 7: "０"})).remarks if one.column == "os_event"]
    assert (remark.rows, remark.rule) == (
        (2, 7),
        "numbers with full-width digits, such as '０', are read as plain ones: 0",
    )


def test_of_many_scattered_rows_the_first_are_named_and_the_rest_counted():
    said = str(Problem("a.csv", "a rule", "Mend it", column="x", rows=tuple(range(2, 102, 2)), count=50))
    assert said == f"a.csv, rows {', '.join(map(str, range(2, 42, 2)))} and 30 more, column 'x': a rule. Mend it."


def test_spelling_variants_are_mapped_and_said(default):
    cohort = default(setting("primary_site", {2: "Extremity.", 4: "TRUNK", 5: "trunk ", 6: "ＴＲＵＮＫ", 9: "TRUNK"}))
    assert cohort.patients["primary_site"].tolist()[0] == "Extremity"
    assert cohort.patients["primary_site"].tolist()[2:5] == ["Trunk"] * 3
    assert remarks(cohort, "primary_site")[:3] == [
        "cohort.csv, row 2, column 'primary_site': found 'Extremity.'; another spelling is read as the level 'Extremity'. "
        "Spell it alike if it is the same.",
        "cohort.csv, rows 4, 9, column 'primary_site': found 'TRUNK'; another spelling is read as the level 'Trunk'. "
        "Spell it alike if it is the same.",
        "cohort.csv, row 6, column 'primary_site': found 'ＴＲＵＮＫ'; another spelling is read as the level 'Trunk'. "
        "Spell it alike if it is the same.",
    ]


def test_levels_that_differ_only_in_case_are_not_mixed_up(refused):
    def change(patients, events, study):
        study["variables"]["sex"]["levels"] = {"M": "Male", "m": "Other", "F": "Female"}
        patients.loc[0, "sex"] = "M."

    assert "found 'M.'; the code is not declared" in refused(change)[0]


def test_spellings_of_an_adverse_event(default):
    cohort = default(setting("event", {2: "Pain", 3: "PAIN.", 4: "Rash", 5: "rash", 6: "rash"}, "events"))
    assert cohort.adverse_events["term"].tolist()[:5] == ["Pain", "Pain", "rash", "rash", "rash"]
    assert remarks(cohort, "event") == [
        "adverse_events.csv, row 3, column 'event': found 'PAIN.'; another spelling is read as the event 'Pain'. "
        "Spell it alike if it is the same.",
        "adverse_events.csv, row 4, column 'event': found 'Rash'; another spelling is read as the event 'rash'. "
        "Spell it alike if it is the same.",
    ]


def test_grades_written_in_words_throughout(default):
    def change(patients, events, study):
        events["grade"] = events["grade"].map({"1": "mild", "2": "Moderate"})

    assert set(default(change).adverse_events["grade"]) == {"Mild", "Moderate"}


def test_declared_missing_codes_are_counted(default):
    def change(patients, events, study):
        study["variables"]["nlr"]["missing"] = ["99", "-9"]
        patients.loc[[0, 1], "nlr"] = "99"
        patients.loc[2, "nlr"] = "99.0"

    cohort = default(change)
    assert cohort.patients["nlr"].isna().tolist()[:4] == [True, True, True, False]
    assert remarks(cohort, "nlr")[:2] == [
        "cohort.csv, rows 2, 3, column 'nlr': the code '99' is declared to mean not recorded. Nothing to do if so.",
        "cohort.csv, row 4, column 'nlr': a number equal to a declared missing code is read as not recorded. "
        "Nothing to do if so.",
    ]


def test_a_code_that_means_missing_elsewhere_stays_a_level(load):
    study = STUDY.replace("patients.csv", 'patients.csv, missing: ["NA"]')
    cohort = load(study=study)
    assert cohort.patients["grade"].tolist()[:2] == ["Not applicable", "None"]
    assert remarks(cohort, "grade") == []


def scaled(factor):
    def change(patients, events, study):
        for column in ("os_months", "pfs_months"):
            patients[column] = [f"{float(cell) * factor:.2f}" for cell in patients[column]]

    return change


def test_months_that_look_like_days(default):
    (found,) = remarks(default(scaled(30.4375)), "os_months")
    assert found == (
        "cohort.csv, column 'os_months': OS: the median time is over 120 months; the times look like days. "
        "Check the unit (months) and how the times were computed."
    )


def test_days_that_look_like_months(default):
    def change(patients, events, study):
        study["time_unit"] = "days"
        patients["os"], patients["pfs"] = patients.pop("os_months"), patients.pop("pfs_months")
        study["endpoints"]["OS"]["time"], study["endpoints"]["PFS"]["time"] = "os", "pfs"

    (found,) = remarks(default(change), "os")
    assert "the times look like months" in found


def test_reversed_event_flags(default):
    def change(patients, events, study):
        patients["os_event"] = patients["os_event"].map({"0": "1", "1": "0"})

    found = remarks(default(change), "os_event")
    assert found == [
        "cohort.csv, column 'os_event': OS: events come late and censored times are short; the event codes look "
        "reversed. Check which code means death: 1 is declared."
    ]


@pytest.mark.parametrize(
    ("code", "rule"), [("0", "OS: no patient has an event"), ("1", "OS: every patient has an event")]
)
def test_an_improbable_share_of_events(default, code, rule):
    def change(patients, events, study):
        patients["os_event"] = code

    (found,) = remarks(default(change), "os_event")
    assert rule in found


def test_death_with_pfs_censored(default):
    found = remarks(default(setting("pfs_event", {2: "0"})), "pfs_event")
    assert found == [
        "cohort.csv, row 2, column 'pfs_event': OS has an event, yet PFS is censored. "
        "Check whether it counts as progression or death."
    ]


def test_pfs_is_bounded_by_os_without_being_told(refused):
    def change(patients, events, study):
        del study["endpoints"]["PFS"]["not_longer_than"]
        patients.loc[0, "pfs_months"] = "99"

    assert "PFS lasts longer than OS" in refused(change)[0]


def test_constant_and_empty_covariates(default):
    def change(patients, events, study):
        patients["nlr"] = ""
        patients["sex"] = "F"

    cohort = default(change)
    assert remarks(cohort, "nlr") == [
        "cohort.csv, column 'nlr': Neutrophil-to-lymphocyte ratio: no patient has a value. "
        "Check the column; no model can use it."
    ]
    assert remarks(cohort, "sex") == [
        "cohort.csv, column 'sex': Sex: all patients have the same value. Check the column; no model can use it."
    ]


def test_collinear_covariates(default):
    def change(patients, events, study):
        patients["age_months"] = [str(12 * int(cell)) for cell in patients["age_years"]]
        patients["gender"] = patients["sex"].map({"M": "1", "F": "2"})
        study["variables"] |= {
            "age_months": {"label": "Age in months", "role": "baseline", "type": "integer"},
            "gender": {"label": "Gender", "role": "baseline", "type": "category", "levels": {"1": "m", "2": "f"}},
        }
        study["analysis"]["multivariable"] += ["disease_status"]

    found = [remark.rule for remark in default(change).remarks if "say nearly the same" in remark.rule]
    assert sorted(found) == [
        "Age and Age in months say nearly the same (one follows from the other)",
        "Disease status and Distant metastasis say nearly the same (one follows from the other)",
        "Sex and Gender say nearly the same (one follows from the other)",
    ]


def test_factors_that_add_up(default):
    def change(patients, events, study):
        patients["sum"] = [
            f"{float(one) + float(two):.3f}"
            for one, two in zip(patients["nlr"], patients["tumor_size_cm"], strict=True)
        ]
        study["variables"]["sum"] = {"label": "Sum", "role": "baseline", "type": "number"}
        study["analysis"]["multivariable"] += ["sum"]

    rules = [remark.rule for remark in default(change).remarks]
    assert "the factors of the multivariable model determine one another (collinear)" in rules


def test_a_level_without_events(default):
    def change(patients, events, study):
        few = patients["os_event"] == "0"
        patients.loc[few & (few.cumsum() <= 5), "differentiation"] = "none"
        study["variables"]["differentiation"]["levels"]["none"] = "None at all"

    assert any(
        "Pathological differentiation: no patient of the level 'None at all' has an event of OS" in line
        for line in remarks(default(change), "differentiation")
    )


def test_a_category_of_fifty_levels(default):
    def change(patients, events, study):
        patients["center"] = [f"c{i % 50}" for i in range(113)]
        levels = {f"c{i}": f"Center {i}" for i in range(50)}
        study["variables"]["center"] = {"label": "Center", "role": "baseline", "type": "category", "levels": levels}

    assert (
        "cohort.csv, column 'center': Center: 50 levels occur. Group them; so many levels leave few patients in each."
        in remarks(default(change))
    )


def test_what_the_planned_model_asks_of_the_data(default):
    def change(patients, events, study):
        study["analysis"]["multivariable"] += ["ecog", "age_years", "histology"]
        patients.loc[:59, "age_years"] = ""

    rules = [remark.rule for remark in default(change).remarks]
    assert "Age: 60 of 113 patients have no value and are left out of its model" in rules
    (lost,) = [rule for rule in rules if rule.startswith("the multivariable model leaves out")]
    assert lost.startswith("the multivariable model leaves out 6")
    assert lost.endswith("who lack a value of: ECOG performance status, Age, Histology")
    (few,) = [rule for rule in rules if rule.startswith("OS: the multivariable model has")]
    assert "events for 15 coefficients" in few


def test_remarks_for_the_page_hold_no_row_and_no_value(default):
    cohort = default(setting("age_years", {2: "140", 3: "141", 4: "142"}))
    assert ("age_years", "outside the plausible range 14 to 95", "3") in shown_remarks(cohort)
    assert not re.search(r"\brow \d|14[012]", str(tables.remarks(Analysis(cohort))))


def test_hundreds_of_remarks_are_counted(default):
    def change(patients, events, study):
        study["variables"]["nlr"]["range"] = [100, 200]

    cohort = default(change)
    assert len(remarks(cohort, "nlr")) == 21
    assert remarks(cohort, "nlr")[20].endswith("and 93 more rows like this: outside the plausible range 100 to 200.")
    assert ("nlr", "outside the plausible range 100 to 200", "113") in shown_remarks(cohort)


def test_times_that_are_dates():
    days = np.arange(43831.0, 43931.0)
    assert odd_times(days, "months").startswith("the day numbers of a spreadsheet's dates")
    assert odd_times(days, "days").startswith("the day numbers of a spreadsheet's dates")
    assert odd_times(days - 40_000, "days") == odd_times(days + 0.5, "months") == odd_times(days[:0], "days") == ""
    assert (
        odd_times(np.array([20200105.0, 20191231.0]), "days")
        == "dates written as one number stand where times are needed"
    )


# Anything else


def test_enormous_cells_take_no_enormous_time(refused):
    def change(patients, events, study):
        patients["note"] = ["word" * 30_000] * 113
        patients["number"] = ["1" + "0" * 5000 + str(i) for i in range(113)]
        patients.loc[5, "sex"] = "M" * 100_000
        study["variables"]["note"] = {"label": "Note", "role": "outcome", "type": "text"}
        study["variables"]["number"] = {"label": "Number", "role": "baseline", "type": "integer"}

    begin = time.perf_counter()
    found = refused(change)
    assert max(map(len, found)) < 500
    assert time.perf_counter() - begin < 20


def test_mutated_files_load_or_are_refused(tmp_path):
    """Whatever happens to a file, the answer is a cohort or a list of faults: no other exception, no warning."""
    rng = random.Random(20240613)
    folder = DEFAULT.parent
    original = {name: (folder / name).read_bytes() for name in ("cohort.csv", "adverse_events.csv")}
    study = replace(read_study(DEFAULT), folder=tmp_path)
    odd = [
        b'"',
        b",",
        b";",
        b"\n",
        b"\r",
        b"\t",
        b"\0",
        b"\xff",
        b"\xe4\xbd",
        b"\xef\xbb\xbf",
        b"NA",
        b"-",
        b"1e999",
        b"=1+1",
        b" ",
        b"\x1a",
    ]
    answers = {"cohort": 0, "refused": 0}
    for _ in range(150):
        for name, data in original.items():
            for _ in range(rng.choice((0, 1, 1, 2, 5))):
                data = _mutated(data, odd, rng)
            (tmp_path / name).write_bytes(data)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            try:
                cohort = load_cohort(study)
            except StudyError:
                answers["refused"] += 1
            else:
                answers["cohort"] += 1
                assert all(np.isfinite(cohort.survival(name)["time"]).all() for name in cohort.study.endpoints)
                assert str(tables.remarks(Analysis(cohort)))
    assert min(answers.values()) > 10


def _mutated(data, odd, rng):
    lines = data.split(b"\n")
    place = rng.randrange(len(lines))
    cells = lines[place].split(b",")
    at = rng.randrange(len(cells))
    kind = rng.randrange(10)
    if kind == 0:
        cells.pop(at)
    elif kind == 1:
        cells.insert(at, cells[at])
    elif kind == 2:
        cells = [*cells[at:], *cells[:at]]
    elif kind == 3:
        cells[at] = rng.choice(odd)
    elif kind == 4:
        cells[at] = b""
    elif kind == 5:
        lines.insert(place, lines[rng.randrange(len(lines))])
    elif kind == 6:
        lines.pop(place)
    elif kind == 7:
        other = lines[rng.randrange(len(lines))].split(b",")
        cells[at] = other[at % len(other)]
    elif kind == 8:
        lines = lines[: place + 1]
    if kind not in (5, 6, 8):
        lines[place] = b",".join(cells)
    data = b"\n".join(lines)
    if kind == 9:
        at = rng.randrange(len(data) + 1)
        data = data[:at] + rng.choice(odd) + data[at + rng.randrange(2) :]
    return data


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ({row: f"{row},5" for row in range(2, 7)}, "found '2,5'; the numbers have ',' as decimal mark, unlike the rest of the file."),
        ({row: f"{row},250" for row in range(2, 7)}, "'2,250' may mean 2250 or 2.250. Write the numbers without a mark"),
    ],
)  # fmt: skip
def test_a_column_with_a_decimal_mark_of_its_own_is_one_question(tmp_path, cells, message):
    rows = "".join(f'{row - 1},{row}.5,{row % 2},"{cell}"\n' for row, cell in cells.items())
    (tmp_path / "p.csv").write_text("id,os,dead,nlr\n" + rows, encoding="utf-8")
    text = """
title: T
synthetic: true
time_unit: months
patients: {file: p.csv}
variables:
  id: {label: Patient, role: id, type: text}
  nlr: {label: NLR, role: baseline, type: number}
endpoints:
  OS: {label: OS, time: os, event: dead, event_label: death}
"""
    (tmp_path / "study.yml").write_text(text, encoding="utf-8")
    with pytest.raises(StudyError) as refused:
        load_cohort(tmp_path / "study.yml")
    (fault,) = refused.value.problems
    assert message in str(fault)
    assert "variables: nlr: decimal: ','" in str(fault)
    (tmp_path / "study.yml").write_text(text.replace("type: number", "type: number, decimal: ','"), encoding="utf-8")
    expected = [float(cell.replace(",", ".")) for cell in cells.values()]
    assert load_cohort(tmp_path / "study.yml").covariate("nlr").tolist() == expected

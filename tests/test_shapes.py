"""Tables of other shapes than one row a patient: rows chosen, reshaped, joined; every cell keeps the number of its row."""

from pathlib import Path

import pytest

from aice_helpers.core.problems import Findings, StudyError
from aice_helpers.data.load import load_cohort
from aice_helpers.data.shapes.reading import read_shaped
from aice_helpers.stats.logrank import logrank
from aice_helpers.stats.survival import survival_summary
from aice_helpers.study.model import DataFile, JoinedFile
from aice_helpers.study.reader import read_study

MADE = Path(__file__).parent / "shapes"


@pytest.fixture
def read(tmp_path):
    """Write texts and read the first: (table, faults, remarks) with the last two as lists of sentences."""

    def read(text, *, files=(), may_be_empty=False, **source):
        for name, content in {"a.csv": text, **dict(files)}.items():
            (tmp_path / name).write_text(content, encoding="utf-8")
        findings = Findings()
        table = read_shaped(DataFile("a.csv", **source), findings, folder=tmp_path, may_be_empty=may_be_empty)
        return table, [str(one) for one in findings.faults], [str(one) for one in findings.remarks]

    return read


def columns(table):
    return {name: list(table.cells_of(name)) for name in table.header}


def cohort_of(tmp_path, text):
    (tmp_path / "study.yml").write_text(text, encoding="utf-8")
    return load_cohort(tmp_path / "study.yml")


def median_of(cohort):
    """The row of the median with log limits, as R has them unless told otherwise."""
    return survival_summary(cohort).set_index("method").loc["log"]


def fault_of(tmp_path, text):
    with pytest.raises(StudyError) as error:
        cohort_of(tmp_path, text)
    return str(error.value)


# Rows chosen, numbered, joined

PARAMETERS = "ID,PARAM,T,D\na,OS,5,1\na,PFS,3,1\nb,OS,6,0\nb,PFS,6,0\n"


def test_only_the_rows_asked_for(read):
    table, faults, remarks = read(PARAMETERS, rows={"PARAM": ("OS",)})
    assert (faults, table.rows) == ([], ((2, ("a", "OS", "5", "1")), (4, ("b", "OS", "6", "0"))))
    assert remarks == [
        "a.csv: only the rows with PARAM = OS are read: 2 of 4. Nothing to do if these are the right ones."
    ]
    assert read(PARAMETERS, rows={"PARAM": ("OS", "PFS"), "ID": ("b",)})[0].numbers.tolist() == [4, 5]
    assert read(PARAMETERS, rows={"PARAM": ("os",)})[1] == [
        "a.csv, column 'PARAM': no row holds 'os', which the study file asks for (rows). The column holds 'OS', 'PFS'."
    ]
    assert read(PARAMETERS, rows={"PARAM": ("OS",), "T": ("3",)})[1] == [
        "a.csv: no row is left of those with PARAM = OS, T = 3. Correct the choice (rows)."
    ]
    assert "Did the study file mean 'PARAM'?" in read(PARAMETERS, rows={"param": ("OS",)})[1][0]
    assert read("ID,PARAM\n", rows={"PARAM": ("OS",)}, may_be_empty=True)[0].n == 0


def test_the_row_number_as_id_on_request(read):
    table, faults, _ = read("t,d\n5,1\n\n6,0\n", row_number="row")
    assert (faults, table.rows) == ([], ((2, ("2", "5", "1")), (4, ("4", "6", "0"))))
    assert "which the file has already" in read("t,d\n5,1\n", row_number="t")[1][0]


def test_columns_of_a_second_file(read):
    second = {"b.csv": "key,age,t\nb,50,6.0\na,40,9\nc,1,1\n"}
    table, faults, remarks = read("key,t\na,5\nb,6\nd,7\n", files=second, joined=(JoinedFile("b.csv", by="key"),))
    assert (faults, columns(table)) == ([], {"key": ["a", "b", "d"], "t": ["5", "6", "7"], "age": ["40", "50", ""]})
    assert table.column("age") == [(3, "40"), (2, "50"), (0, "")]
    assert (table.file_of("age"), table.file_of("t")) == ("b.csv", "a.csv")
    assert remarks == [
        "a.csv, row 4, column 'key': patients have no row in b.csv; its columns are empty for them. Check whether that is so.",
        "b.csv: rows of b.csv belong to no patient of a.csv and are not read. Nothing to do if so.",
    ]
    # 6 and 6.0 are the same number, 5 and 9 are not: this matters only when the column is used.
    (flaw,) = table.flaws["t"]
    assert (flaw.row, flaw.rule) == (2, "the column is in b.csv too, with other contents")
    assert columns(read("key,t\na,5\n", files=second, joined=(JoinedFile("b.csv"),))[0])["age"] == ["40"]


def test_a_second_file_with_several_rows_a_patient_is_asked(read):
    samples = {"b.csv": "key,kind,x\na,Primary,1\na,Metastasis,2\nb,Primary,3\n"}
    table, faults, _ = read("key,t\na,5\nb,6\n", files=samples, joined=(JoinedFile("b.csv", by="key"),))
    assert table is None
    assert faults == [
        "b.csv, rows 2, 3, column 'key': a patient has several rows, so it is not known which one counts."
        " Choose the rows in the study file, for example: rows: {SAMPLE_TYPE: Primary}."
    ]
    one = JoinedFile("b.csv", by="key", rows={"kind": ("Primary",)})
    assert columns(read("key,t\na,5\nb,6\n", files=samples, joined=(one,))[0])["x"] == ["1", "3"]
    assert "no column is shared" in read("z,t\na,5\n", files=samples, joined=(JoinedFile("b.csv"),))[1][0]


# CDISC ADTTE

ADTTE = f"""
title: A
synthetic: false
time_unit: days
patients: {{file: {MADE.as_posix()}/adtte.csv, shape: adtte}}
variables:
  id: {{column: USUBJID, label: Subject, role: id, type: text}}
  arm: {{column: TRT01P, label: Arm, role: baseline, type: category, levels: {{Placebo: Placebo, Drug A: Drug A}}}}
endpoints:
  PFS: {{label: PFS, time: PFS_AVAL, event: PFS_CNSR, event_value: 0, censored_value: 1}}
analysis: {{groups: [arm]}}
"""


PFS_CENSORED = [
    str(row)
    for row, line in enumerate((MADE / "adtte.csv").read_text(encoding="utf-8").splitlines(), 1)
    if ",PFS," in line and ",LAST CONTACT," in line
]


def test_adtte_gives_the_numbers_of_r(tmp_path):
    cohort = cohort_of(tmp_path, ADTTE)
    whole = median_of(cohort)
    assert (cohort.n, *whole[["events", "estimate", "conf_low", "conf_high"]]) == (40, 36, 63.5, 46, 162)
    test = logrank(cohort).set_index("level").loc[""]
    assert (test["statistic"], test["p_value"]) == (pytest.approx(0.3219312), pytest.approx(0.570, abs=5e-4))


def test_a_reason_of_censoring_that_is_not_declared_is_asked_with_its_own_row(tmp_path):
    text = ADTTE.replace(
        "endpoints:", "endpoints:\n  OS: {label: OS, time: OS_AVAL, event: OS_CNSR, event_value: 0, censored_value: 1}"
    )
    fault = fault_of(tmp_path, text)
    assert "adtte.csv, row 42, column 'OS_CNSR': found '2'" in fault
    swapped = fault_of(
        tmp_path, ADTTE.replace("event_value: 0, censored_value: 1", "event_value: 0, censored_value: 3")
    )
    assert "column 'PFS_CNSR': found '1'" in swapped
    assert f"rows {', '.join(PFS_CENSORED)}" in swapped


def test_each_parameter_keeps_its_rows_titles_and_reasons(read):
    table, faults, remarks = read(
        "USUBJID,AGE,PARAM,PARAMCD,AVAL,CNSR,EVNTDESC,CNSDTDSC,VISIT,SRCDOM\n"
        "a,40,Overall Survival (days),OS,5,1,,Alive,1,X\n"
        "a,40,Progression-Free Survival (days),PFS,3,0,Progression,,2,X\n"
        "b,50,Progression-Free Survival (days),PFS,4,2,,Death,1,X\n"
        "b,50,Overall Survival (days),OS,6,0,Death,,1,X\n"
        "c,60,Overall Survival (days),OS,7,2,,Lost,1,X\n",
        shape="adtte",
    )
    assert faults == []
    assert table.header[:2] == ("USUBJID", "AGE")
    found = columns(table)
    assert found["OS_AVAL"] == ["5", "6", "7"]
    assert found["PFS_AVAL"] == ["3", "4", ""]
    assert found["PFS_CNSR"] == ["0", "2", ""]
    assert not {"PARAM", "SRCDOM", "VISIT"} & set(found)
    assert table.column("OS_AVAL") == [(2, "5"), (5, "6"), (6, "7")]
    # A subject without a record is at home in the first row that names it.
    assert table.column("PFS_AVAL") == [(3, "3"), (4, "4"), (6, "")]
    assert table.titles["OS_AVAL"] == "Overall Survival (days)"
    assert table.labels["PFS_CNSR"] == {"0": "Progression", "2": "Death"}
    assert table.labels["OS_CNSR"] == {"0": "Death", "1": "Alive", "2": "Lost"}
    assert "a.csv: ADTTE: 5 rows of 2 parameters became 3 subjects. Nothing to do." in remarks
    assert "the columns 'VISIT' differ between the rows of a subject" in remarks[1]


def test_adtte_with_two_records_of_one_parameter_is_asked(read):
    text = "USUBJID,PARAMCD,AVAL,CNSR,ANL01FL\na,OS,5,1,Y\na,OS,4,1,\n"
    table, faults, _ = read(text, shape="adtte")
    assert table is None
    assert faults == [
        "a.csv, rows 2, 3: subjects have several records of one parameter (OS). "
        "Choose the records of the analysis in the study file, for example: rows: {ANL01FL: Y}."
    ]
    assert columns(read(text, shape="adtte", rows={"ANL01FL": ("Y",)})[0])["OS_AVAL"] == ["5"]
    assert (
        "the column for the event of ADTTE is not there" in read("USUBJID,PARAMCD,AVAL\na,OS,5\n", shape="adtte")[1][0]
    )
    assert "the record names no parameter" in read("USUBJID,PARAMCD,AVAL,CNSR\na,,5,1\n", shape="adtte")[1][0]


# Prism


def test_the_survival_table_of_prism(read):
    table, faults, _ = read("Months,Placebo,Drug A\n5,1,\n6,,0\n7.5,0,\n", shape="prism")
    assert faults == []
    assert columns(table) == {
        "row": ["2", "3", "4"],
        "Months": ["5", "6", "7.5"],
        "event": ["1", "0", "0"],
        "group": ["Placebo", "Drug A", "Placebo"],
    }
    assert read("Months,P,D\n5,1,0\n6,,\n7,2,\n", shape="prism")[1] == [
        "a.csv, row 2: the row holds codes of several groups. Give every subject a row of its own with one code in the column of its group.",
        "a.csv, row 3: the row holds no code of any group. Give every subject a row of its own with one code in the column of its group.",
        "a.csv, row 4, column 'P': found '2'; a Prism survival table holds 1 (event), 0 (censored) or nothing here. Correct the cell.",
    ]  # fmt: skip


# Start-stop rows


def test_start_stop_rows_give_the_numbers_of_r(tmp_path):
    cohort = cohort_of(
        tmp_path,
        f"""
title: A
synthetic: false
time_unit: months
patients: {{file: {MADE.as_posix()}/startstop.csv, shape: start-stop}}
variables:
  id: {{label: Patient, role: id, type: text}}
  age: {{label: Age, role: baseline, type: number}}
endpoints:
  OS: {{label: OS, time: stop, event: event}}
""",
    )
    whole = median_of(cohort)
    # survfit(Surv(start, stop, event) ~ 1) of the 70 rows.
    assert (cohort.n, whole["events"], whole["estimate"]) == (40, 24, 16.0)
    said = " ".join(str(remark) for remark in cohort.remarks)
    assert "70 intervals became 40 patients" in said
    assert "the columns 'transplant' change during follow-up" in said


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ("1,0,5,0\n1,4,9,1\n", "row 3: the interval overlaps that of row 2"),
        ("1,0,5,0\n1,6,9,1\n", "row 3: time is missing between this interval and that of row 2"),
        ("1,0,5,1\n1,5,9,1\n", "row 3: the intervals go on after the event of row 2"),
        ("1,5,5,1\n2,0,9,1\n", "row 2: the interval does not end after its start"),
        ("1,x,5,1\n2,0,9,1\n", "row 2, column 'start': found 'x'; a number is needed here"),
    ],
)
def test_intervals_that_do_not_follow_each_other(read, rows, words):
    table, faults, _ = read("id,start,stop,event\n" + rows, shape="start-stop")
    assert table is None
    assert words in faults[0]


def test_recurrent_events_are_one_fault_with_all_its_rows(read):
    rows = "".join(f"{patient},0,5,1\n{patient},5,9,1\n{patient},9,12,0\n" for patient in range(1, 31))
    table, faults, _ = read("id,start,stop,event\n" + rows, shape="start-stop")
    assert table is None
    (fault,) = faults
    assert "rows 3, 4, 6, 7, 9, 10" in fault
    assert "go on after the event of row 2, and so on in 60 rows; the book counts one event a patient" in fault


def test_intervals_in_any_order(read):
    table, faults, _ = read("id,x,start,stop,event\n2,7,0,3,1\n1,8,5,9,1\n1,9,0,5,0\n", shape="start-stop")
    assert (faults, columns(table)) == ([], {"id": ["2", "1"], "x": ["7", "9"], "start": ["0", "0"], "stop": ["3", "9"], "event": ["1", "1"]})  # fmt: skip
    assert table.column("stop") == [(2, "3"), (3, "9")]


# REDCap


def test_events_of_redcap_become_one_row_a_record(read):
    table, faults, remarks = read(
        "record_id,redcap_event_name,redcap_repeat_instrument,redcap_repeat_instance,age,os,ecog\n"
        "1,baseline_arm_1,,,60,,1\n"
        "1,fu_arm_1,,,,12,2\n"
        "1,baseline_arm_1,adverse_events,1,,,\n"
        "2,baseline_arm_1,,,70,,0\n",
        shape="redcap",
    )
    assert faults == []
    assert columns(table) == {
        "record_id": ["1", "2"], "age": ["60", "70"], "os": ["12", ""],
        "ecog (baseline_arm_1)": ["1", "0"], "ecog (fu_arm_1)": ["2", ""],
    }  # fmt: skip
    assert table.column("os") == [(3, "12"), (5, "")]
    assert "rows of repeated instruments are no patients and are left out here: adverse_events (1)" in remarks[0]
    assert "have a column for each: 'ecog'" in remarks[2]


def test_rows_of_redcap_that_nothing_tells_apart(read):
    table, faults, _ = read("record_id,age,x_complete\n1,60,2\n1,61,2\n", shape="redcap")
    assert table is None
    assert (
        "a.csv, rows 2, 3, column 'record_id': records have several rows that are told apart by no event" in faults[0]
    )


# Adverse events in columns


def test_columns_of_grades_become_rows_of_events(read):
    terms = {"nausea": "Nausea", "anemia_grade": "Anemia"}
    table, faults, remarks = read(
        "id,nausea,anemia_grade,age\n1,2,0,60\n2,,3,70\n3,1,4,50\n4,none,,40\n", shape="wide-events", columns=terms
    )
    assert faults == []
    assert [(row, cells[0], *cells[2:]) for row, cells in table.rows] == [
        (2, "1", "Nausea", "2"), (3, "2", "Anemia", "3"), (4, "3", "Nausea", "1"), (4, "3", "Anemia", "4"),
    ]  # fmt: skip
    assert "adverse events: 2 columns of 4 patients hold 4 events" in remarks[0]
    assert "say that the patient did not have the event (2 rows)" in remarks[1]
    assert "which columns hold the grades" in read("id,nausea\n1,2\n", shape="wide-events")[1][0]
    assert read("id,nausea\n1,0\n", shape="wide-events", columns={"nausea": "Nausea"}, may_be_empty=True)[0].n == 0


# The study file


def test_keys_of_shapes_in_the_study_file(tmp_path):
    text = ADTTE.replace(
        "shape: adtte}", "shape: adtte, rows: {PARAMCD: [OS, PFS], ITTFL: Y}, joined: [{file: b.csv, by: USUBJID}]}"
    )
    (tmp_path / "study.yml").write_text(text, encoding="utf-8")
    study = read_study(tmp_path / "study.yml")
    assert study.patients.rows == {"PARAMCD": ("OS", "PFS"), "ITTFL": ("Y",)}
    assert study.patients.joined == (JoinedFile("b.csv", by="USUBJID"),)
    assert study.files == ("study.yml", f"{MADE.as_posix()}/adtte.csv", "b.csv")
    assert "Did you mean 'adtte'?" in fault_of(tmp_path, ADTTE.replace("shape: adtte", "shape: adte"))
    assert "columns belong to a shape" in fault_of(tmp_path, ADTTE.replace("shape: adtte", "columns: {id: x}"))
    nested = ADTTE.replace("shape: adtte}", "shape: adtte, joined: [{file: b.csv, header: 0}]}")
    assert "'patients.joined[1].header'" in fault_of(tmp_path, nested)

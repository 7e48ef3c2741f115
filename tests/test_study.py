from pathlib import Path

import pytest
from studies import clinic, write_study

from aice_helpers.core.problems import StudyError
from aice_helpers.data.load import load_cohort
from aice_helpers.study.reader import read_study

DEFAULT = Path(__file__).parents[1] / "data" / "study.yml"

SMALL = """\
title: Small
synthetic: true
time_unit: days
patients: {file: patients.csv}
variables:
  id: {label: Patient, role: id, type: text}
  grade: {label: Grade, role: baseline, type: category, levels: {01: Low, 02: High}, reference: High}
  age: {label: Age, role: baseline, type: number}
endpoints:
  OS: {label: Overall survival, time: days, event: dead}
"""


@pytest.fixture
def read(tmp_path):
    def read(text):
        path = tmp_path / "study.yml"
        path.write_text(text, encoding="utf-8")
        return read_study(path)

    return read


@pytest.fixture
def faults(read):
    def faults(text):
        with pytest.raises(StudyError) as error:
            read(text)
        return [str(problem) for problem in error.value.problems]

    return faults


def test_default_study():
    study = read_study(DEFAULT)
    assert study.synthetic is True
    assert list(study.endpoints) == ["PFS", "OS"]
    assert study.endpoints["PFS"].event_value == {"1": ""}
    assert study.analysis.rate_times == (12.0, 24.0)
    assert study.analysis.rmst_horizon == 24.0
    assert study.variables["age_years"].step == 10.0
    assert study.adverse_events.grades["3"] == study.adverse_events.severe_from == "Severe"
    assert study.folder == DEFAULT.parent


def test_defaults_of_a_small_study(read):
    study = read(SMALL)
    assert study.public is False
    assert read(SMALL + "public: true\n").public is True
    assert study.patients.missing == ("",)
    assert (study.patients.encoding, study.patients.delimiter, study.patients.header) == ("", "", 1)
    assert (study.variables["age"].source, study.variables["age"].missing) == ("age", ())
    assert study.response is None
    assert study.adverse_events is None
    assert study.analysis.confidence_level == 0.95
    assert study.analysis.rmst_horizon is None
    assert study.id_variable.name == "id"


def test_labels(read):
    study = read_study(DEFAULT)
    assert study.label("OS") == "Overall survival"
    assert study.label("nlr") == "Neutrophil-to-lymphocyte ratio"
    assert study.label("response") == "Short-term efficacy (objective response)"


def test_codes_stay_as_they_are_written(read):
    codes = "{01: a, 1: b, 1.0: c, 1_0: d, 1:30: e, yes: f, No: g, TRUE: h, 2020-01-01: i, 0x1F: j, NA: k, None: l}"
    study = read(SMALL.replace("{01: Low, 02: High}, reference: High", codes))
    assert list(study.variables["grade"].levels) == [
        "01", "1", "1.0", "1_0", "1:30", "yes", "No", "TRUE", "2020-01-01", "0x1F", "NA", "None",
    ]  # fmt: skip
    event = read(SMALL.replace("event: dead", "event: dead, event_value: 01, censored_value: no")).endpoints["OS"]
    assert (event.event_value, event.censored_value) == ({"01": ""}, {"no": ""})


def test_an_unknown_key_names_the_nearest(faults):
    assert faults(SMALL.replace("reference:", "referense:")) == [
        "study.yml, key 'variables.grade.referense': this key is not known. Did you mean 'reference'?"
    ]
    (fault,) = faults(SMALL + "zzz: 1\n")
    assert "Known keys: title, synthetic" in fault


def test_every_fault_at_once(faults):
    text = SMALL.replace("title: Small\n", "").replace("synthetic: true", "synthetic: maybe")
    found = faults(text.replace("type: number", "type: number, step: big"))
    assert len(found) == 3
    assert any("'title': this key is missing" in fault for fault in found)
    assert any("found 'maybe'; true or false is needed" in fault for fault in found)
    assert any("found 'big'; a number is needed" in fault for fault in found)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("time_unit: days", "time_unit: dayz", "Did you mean 'days'?"),
        ("role: id", "role: baseline", "exactly one variable must have the role id"),
        ("role: baseline, type: number", "role: id, type: text", "exactly one variable must have the role id"),
        ("levels: {01: Low, 02: High}, reference: High", "levels: {}", "a category needs its levels"),
        ("02: High", "02: Low", "two levels have the same label"),
        ("reference: High", "reference: Hihg", "Did you mean 'High'?"),
        ("type: number", "type: number, range: [5, 1]", "a range is two numbers"),
        ("type: number", "type: number, step: 0", "a step is a number above zero"),
        ("type: number", "type: number, ordered: true", "only the levels of a category"),
        ("  age:", "  response:", "this name has a meaning of its own"),
        ("  age:", "  OS:", "this name has a meaning of its own"),
        ("  age:", "  flow:", "this name has a meaning of its own"),
        ("  age:", "  GLOBAL:", "this name has a meaning of its own"),
        ("  age:", '  " ":', "a name or label is empty"),
        ("  OS:", "  adverse events:", "this name has a meaning of its own"),
        ("event: dead", "event: dead, event_value: 0", "the same code"),
        ("event: dead", "event: dead, not_longer_than: PFS", "no such endpoint"),
        ("patients.csv}", 'patients.csv, delimiter: ";;"}', "a delimiter is one character"),
        ("patients.csv}", 'patients.csv, decimal: ",", delimiter: ","}', "the decimal mark cannot be the delimiter"),
        ("patients.csv}", "patients.csv, format: exel}", "Did you mean 'xls'?"),
        ("patients.csv}", "patients.csv, header: 0}", "the first row has the number 1"),
        ("patients.csv}", "patients.csv, header: 1.5}", "a whole number is needed"),
        ("patients.csv}", 'patients.csv, header: "-1"}', "a whole number is needed"),
        ("{file: patients.csv}", '{file: " "}', "the file has no name"),
        ("02: High", '02: " "', "a level has no label"),
        ("reference: High", "reference: High, missing: [01]", "this code is also a level"),
        ("role: baseline, type: number", "role: baseline, type: number, column: id", "the id cannot be a variable"),
        ("time: days", "time: id", "this is the id column"),
        ("event: dead", "event: days", "time and event are one column"),
        ("patients.csv}", 'patients.csv, decimal: "x"}', "the decimal mark is not known"),
        ("patients: {file: patients.csv}", "patients: patients.csv", "a mapping of keys to values is needed"),
        ("title: Small", "title: [Small]", "text is needed"),
        ("title: Small", "title:", "text is needed"),
        ("type: number", "type: number, step: .inf", "a number is needed"),
        ("type: number", "type: number, step: 1e999", "a number is needed"),
        ("type: number", "type: number, range: 5", "a list is needed"),
    ],
)
def test_faults(faults, old, new, message):
    assert SMALL.count(old) == 1
    found = faults(SMALL.replace(old, new))
    assert any(message in fault for fault in found), found


@pytest.mark.parametrize(
    ("plan", "message"),
    [
        ("confidence_level: 95", "between 0.5 and 1"),
        ("rate_times: [0]", "a landmark lies after time zero"),
        ("rmst_horizon: -1", "the horizon lies after time zero"),
        ("groups: [age]", "needs cut-points"),
        ("groups: [response]", "no declared covariate"),
        ("strata: [agee]", "this stratum is no declared covariate"),
        ("strata: [age]", "needs cut-points"),
        ("strata: [grade, grade]", "this is listed more than once"),
        ("strata: [grade], groups: [grade]", "a stratum is compared nowhere"),
        ("strata: [grade], multivariable: [age, grade]", "a stratum is compared nowhere"),
        ("prognostic_factors: [agee]", "Did you mean 'age'?"),
        ("cut_points: {age: {at: [9, 5], source: x}}", "rising numbers"),
        ("cut_points: {age: {at: [], source: x}}", "rising numbers"),
        ("cut_points: {grade: {at: [5], source: x}}", "a category has levels, not cut-points"),
        ("cut_points: {age: {at: [5], source: x, labels: [young]}}", "one group more than cut-points"),
        ("cut_points: {age: {at: [5], source: x, labels: [old, old]}}", "two groups have the same label"),
        ('cut_points: {age: {at: [5], source: x, labels: [old, " "]}}', "a group has no label"),
        ("prognostic_factors: [age, grade, age]", "found 'age'; this is listed more than once"),
        ("multivariable: [age, age]", "this is listed more than once"),
        ("rate_times: [12, 12.0]", "this is listed more than once"),
    ],
)
def test_faults_of_the_plan(faults, plan, message):
    assert [message in fault for fault in faults(SMALL + f"analysis: {{{plan}}}\n")] == [True]


RESPONSE = """\
response: {variable: grade, label: Response, scheme: none, responders: [Low], controlled: [Low]}
"""
EVENTS = """\
adverse_events:
  data: {file: events.csv}
  patient: id
  term: event
  grade: grade
  scheme: none
  grades: {1: Mild, 2: Severe}
  severe_from: Severe
"""


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (RESPONSE.replace("variable: grade", "variable: age"), "no such variable with levels"),
        (RESPONSE.replace("variable: grade", "variable: id"), "no such variable with levels"),
        (RESPONSE.replace("scheme: none", "scheme: none, change: grade"), "no such numeric variable"),
        (RESPONSE.replace("responders: [Low]", "responders: [Lo]"), "Did you mean 'Low'?"),
        (RESPONSE.replace("controlled: [Low]", "controlled: [High]"), "a responder also has disease control"),
        (RESPONSE.replace("controlled: [Low]", "controlled: [Low], progressed: [Low]"), "counts both as control"),
        (EVENTS.replace("severe_from: Severe", "severe_from: 2"), "no such grade"),
        (EVENTS.replace("2: Severe", "2: Severe, 3: Severe"), "two grades have the same label"),
        (EVENTS.replace("1: Mild", "1: any grade"), "this name has a meaning of its own"),
        (EVENTS + "  term_labels: {any: Any adverse event}\n", "this name has a meaning of its own"),
        (EVENTS.replace("events.csv", 'events.csv, delimiter: "::"'), "a delimiter is one character"),
    ],
)
def test_faults_of_response_and_events(read, faults, text, message):
    read(SMALL + RESPONSE + EVENTS)
    assert message in faults(SMALL + text)[0]


def test_two_endpoints_need_two_labels(faults):
    text = SMALL + "  DFS: {label: Overall survival, time: free, event: back}\n"
    assert ["two endpoints have the same label" in fault for fault in faults(text)] == [True]


def test_a_response_category_is_no_rate(faults):
    text = SMALL.replace("02: High", "02: ORR").replace("reference: High", "reference: ORR")
    assert ["this name has a meaning of its own" in fault for fault in faults(text + RESPONSE)] == [True]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("title: [", "not valid YAML at line"),
        ("title: a\ntitle: b\n", "the key 'title' is given twice"),
        ("? [a, b]\n: c\n", "a key must be plain text"),
        ("~: c\n", "a key must be plain text"),
        ("", "a mapping of keys to values is needed"),
        ("just words", "a mapping of keys to values is needed"),
        ("title: !!python/object/apply:os.system [true]\n", "not valid YAML"),
        ("title: !!int small\n", "not valid YAML"),
        ("title: " + "[" * 5000 + "\n", "not valid YAML"),
    ],
)
def test_what_is_no_study_file(faults, text, message):
    assert [message in fault for fault in faults(text)] == [True]


def test_references_that_multiply_are_not_written_out(faults):
    lines = ["title: &a0 [x, x]", *(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 40))]
    found = faults("\n".join(lines))
    assert "study.yml, key 'title': text is needed here. Write a word or a phrase, in quotes if in doubt." in found


def test_what_bounds_an_endpoint(read):
    ends = "  OS: {label: OS, time: days, event: dead}\n  pfs: {label: PFS, time: p, event: q}\n"
    study = read(SMALL.replace("  OS: {label: Overall survival, time: days, event: dead}\n", ends))
    assert (study.bound("pfs"), study.bound("OS")) == ("OS", "")
    assert read(SMALL).bound("OS") == ""


def test_unreadable_files(tmp_path):
    with pytest.raises(StudyError, match="cannot be read"):
        read_study(tmp_path / "nowhere.yml")
    path = tmp_path / "study.yml"
    path.write_bytes("title: Größe".encode("latin-1"))
    with pytest.raises(StudyError, match="not UTF-8 text"):
        read_study(path)


def test_a_study_cannot_be_changed(read):
    with pytest.raises(AttributeError):
        read(SMALL).title = "Other"


def test_an_old_key_is_read_with_a_remark_and_not_beside_the_new_one(tmp_path):
    patients, events, study = clinic()
    times = study["analysis"].pop("rate_times")
    study["analysis"]["landmark_times"] = times
    cohort = load_cohort(write_study(tmp_path / "old", patients, events, study))
    assert cohort.study.analysis.rate_times == tuple(map(float, times))
    assert str(cohort.remarks[0]) == (
        "study.yml: the key analysis.landmark_times is called rate_times now. Rename it; the old name is still read."
    )
    study["analysis"]["rate_times"] = times
    with pytest.raises(StudyError, match="the old name of 'rate_times', which is given too"):
        load_cohort(write_study(tmp_path / "both", patients, events, study))


def test_which_chapters_a_study_can_fill(read):
    study = read_study(DEFAULT)
    assert all(study.can_fill.values())
    small = read(SMALL)
    assert {chapter for chapter, filled in small.can_fill.items() if filled} == {"survival", "conventions"}

"""Drafted study files: they load, say what is to be confirmed, and hold nothing about a person."""

import os
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pyreadstat
import pytest
from lifelines import datasets
from openpyxl.styles import PatternFill

from aice_helpers.cli import main
from aice_helpers.core.problems import StudyError
from aice_helpers.data.load import load_cohort
from aice_helpers.draft import timing
from aice_helpers.draft.draft import draft_study
from aice_helpers.draft.headers import Column
from aice_helpers.study.reader import read_study

DATA = Path(__file__).parent.parent / "data"
PUBLIC = {
    # events by endpoint, time unit
    "load_lung": ({"OS": ("time", 165)}, "days"),
    # Everyone who died has an event of the first flag too, so that it is recurrence-free survival.
    "load_lymph_node": ({"RFS": ("rectime", 299), "OS": ("survtime", 171)}, "days"),
    "load_gbsg2": ({"OS": ("time", 299)}, "days"),
    "load_rossi": ({"arrest": ("week", 114)}, "weeks"),
    # Ten years of follow-up look like ten months: a question.
    "load_larynx": ({"OS": ("time", 50)}, "months"),
    "load_leukemia": ({"OS": ("t", 30)}, "months"),
}


TIMES = [float(number) for number in range(1, 21)]
TWO, ONE_TWO = [0, 1] * 10, [1, 2] * 10


def public(name):
    """A public cohort with an id column."""
    frame = getattr(datasets, name)()
    if frame.index.name is None:
        frame.insert(0, "id", range(1, len(frame) + 1))
        return frame
    return frame.reset_index()


def write(frame, path):
    """Write a frame in the format of the path's suffix."""
    if path.suffix == ".xlsx":
        frame.to_excel(path, index=False)
    elif path.suffix == ".sav":
        pyreadstat.write_sav(frame.set_axis([name.replace(".", "_") for name in frame], axis=1), str(path))
    else:
        frame.to_csv(path, index=False)


def confirmed(text):
    """A drafted study file after its user has confirmed every guess: the entries of unconfirmed taken out."""
    head, mark, rest = text.partition("unconfirmed:\n")
    return head + rest[rest.index("\n\n") :] if mark else text


def drafted(path, **options):
    """The draft of a file, and the cohort that it loads once its guesses are confirmed."""
    draft = draft_study(path, **options)
    study = path.parent / "drafted.yml"
    study.write_text(confirmed(draft.text), encoding="utf-8")
    return draft, load_cohort(study)


def asked(path, **options):
    """What `aice check` says of an untouched draft: (key, value) of each fault of the study file."""
    study = path.parent / "drafted.yml"
    study.write_text(draft_study(path, **options).text, encoding="utf-8")
    try:
        load_cohort(study)
    except StudyError as error:
        return [(problem.column, problem.value) for problem in error.problems if problem.file == "drafted.yml"]
    return []


@pytest.mark.parametrize("suffix", ["csv", "xlsx", "sav"])
@pytest.mark.parametrize("name", PUBLIC)
def test_public_cohorts_load_by_their_draft(tmp_path, name, suffix):
    file = tmp_path / f"cohort.{suffix}"
    frame = public(name)
    write(frame, file)
    _, cohort = drafted(file)
    endpoints, unit = PUBLIC[name]
    found = {
        endpoint: (plan.time, int(cohort.survival(endpoint)["event"].sum()))
        for endpoint, plan in cohort.study.endpoints.items()
    }
    assert found == endpoints
    assert list(found) == list(endpoints)
    assert (cohort.study.time_unit, cohort.study.synthetic, cohort.n) == (unit, False, len(frame))
    assert cohort.study.id_variable.name == "id"


def test_dates_are_left_out_and_a_reversed_name_is_said(tmp_path):
    write(public("load_lymph_node"), tmp_path / "nodes.csv")
    draft, cohort = drafted(tmp_path / "nodes.csv")
    excluded = [name for name, variable in cohort.study.variables.items() if variable.role == "excluded"]
    assert excluded == ["diagdateb", "recdate", "deathdate"]
    question = next(guess for guess in draft.guesses if guess.what == "endpoints.OS.event_value")
    assert question.is_question
    assert "the name suggests that 1 is censored" in question.reason
    assert question.alternatives == ('event_value: "0" and censored_value: "1"',)


def test_the_default_cohort_loads_with_its_roles_and_types(tmp_path):
    for name in ("cohort.csv", "adverse_events.csv"):
        (tmp_path / name).write_bytes((DATA / name).read_bytes())
    draft, cohort = drafted(tmp_path / "cohort.csv", events=tmp_path / "adverse_events.csv")
    assert "adverse events: 65 rows, term 'event', grade 'grade'" in draft.found
    truth = load_cohort(DATA / "study.yml")
    for name, variable in truth.study.variables.items():
        guessed = cohort.study.variables[name]
        assert (guessed.role, guessed.type) == (variable.role, variable.type), name
        assert guessed.unit == variable.unit, name
        assert set(guessed.levels) == set(variable.levels), name
    for endpoint in ("PFS", "OS"):
        assert cohort.survival(endpoint).equals(truth.survival(endpoint))
    assert cohort.responder.equals(truth.responder)
    assert cohort.study.response.change == "best_change_percent"
    assert cohort.study.response.month == "response_month"
    assert len(cohort.adverse_events) == len(truth.adverse_events)
    assert cohort.study.analysis.rate_times == (12, 24, 36)


def chinese_frame(n=40):
    rng = np.random.default_rng(3)
    os_months = np.round(rng.exponential(20, n) + 2, 1)
    return pd.DataFrame(
        {
            "姓名": [f"张某{number}" for number in range(n)],
            "住院号": [f"00{7 * number + 31234}" for number in range(n)],
            "年龄（岁）": rng.integers(20, 80, n),
            "性别": rng.choice(["男", "女"], n),
            "肿瘤大小(cm)": np.round(rng.uniform(1, 20, n), 1),
            "病理分级": np.resize(["低", "中", "高"], n),
            "介入次数": rng.integers(1, 7, n),
            "疗效": np.resize(["CR", "PR", "SD", "PD"], n),
            "无进展生存期(月)": np.round(os_months / 2, 1),
            "是否进展": np.resize(["是", "是", "否"], n),
            "总生存期(月)": os_months,
            "生存状态": np.resize(["死亡", "存活"], n),
        }
    )


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-16"])
def test_a_chinese_table_loads_and_no_name_or_number_of_a_person_is_written(tmp_path, encoding):
    frame = chinese_frame()
    frame.to_csv(tmp_path / "队列.csv", index=False, encoding=encoding)
    draft, cohort = drafted(tmp_path / "队列.csv")
    study = cohort.study
    assert study.id_variable.source == "住院号"
    assert study.variables["姓名"].role == "excluded"
    assert (study.variables["年龄_岁"].label, study.variables["年龄_岁"].unit) == ("年龄", "years")
    assert (study.variables["肿瘤大小_cm"].label, study.variables["肿瘤大小_cm"].unit) == ("肿瘤大小", "cm")
    assert list(study.variables["病理分级"].levels) == ["低", "中", "高"]
    assert study.variables["介入次数"].role == "post-baseline"
    assert cohort.survival("PFS")["event"].sum() == (frame["是否进展"] == "是").sum()
    assert cohort.survival("OS")["event"].sum() == (frame["生存状态"] == "死亡").sum()
    assert cohort.responder.sum() == 20
    for value in (*frame["姓名"], *frame["住院号"]):
        assert value not in draft.text


def test_settings_of_a_european_text_file_are_written(tmp_path):
    frame = pd.DataFrame(
        {
            "Nr": ["007", "008", "009"],
            "Größe (mm)": [5.5, 7.25, 8.0],
            "OS (Tage)": [300, 20, 100],
            "OS-Status": [1, 0, 1],
        }
    )
    frame.to_csv(tmp_path / "de.csv", sep=";", decimal=",", index=False, encoding="latin-1")
    _, cohort = drafted(tmp_path / "de.csv")
    source = cohort.study.patients
    assert (source.encoding, source.delimiter, source.decimal) == ("cp1252", ";", ",")
    assert cohort.patients["größe_mm"].tolist() == [5.5, 7.25, 8.0]
    assert list(cohort.patients.index) == ["007", "008", "009"]
    assert cohort.study.time_unit == "days"


def test_a_title_above_the_header_and_another_sheet(tmp_path):
    frame = pd.DataFrame({"id": ["a", "b"], "os_months": [3.0, 4.5], "os_event": [1, 0]})
    with pd.ExcelWriter(tmp_path / "book.xlsx") as book:
        pd.DataFrame({"notes": ["x"], "more": ["y"]}).to_excel(book, sheet_name="Read me", index=False)
        frame.to_excel(book, sheet_name="Data", index=False, startrow=2)
        book.sheets["Data"]["A1"] = "Cohort of 2020"
    _, cohort = drafted(tmp_path / "book.xlsx", sheet="Data")
    assert (cohort.study.patients.sheet, cohort.study.patients.header) == ("Data", 3)
    assert cohort.survival("OS")["time"].tolist() == [3.0, 4.5]


def test_hostile_headers_and_levels_are_only_text(tmp_path):
    header = '{{x}}: # "q"\ttab'
    levels = ["<b>a</b>", "# no", "a: b", "- x", "'"]
    frame = pd.DataFrame(
        {
            "Case": range(1, 21),
            "months": range(1, 21),
            "alive": [0, 1] * 10,
            header: levels * 4,
            "response": ["CR", "PD"] * 10,
        }
    )
    frame.to_csv(tmp_path / "odd.csv", index=False)
    _, cohort = drafted(tmp_path / "odd.csv")
    assert set(cohort.study.variables["x_q_tab"].levels) == set(levels)
    assert cohort.study.variables["x_q_tab"].column == header
    # "response" is a word of the study file itself.
    assert cohort.study.response.variable == "response_1"
    assert cohort.survival("OS")["event"].tolist() == [True, False] * 10


@pytest.mark.parametrize("n", [1, 3])
def test_a_handful_of_patients(tmp_path, n):
    frame = pd.DataFrame(
        {
            "id": ["01", "02", "03"],
            "Age": [50, 61, 70],
            "Sex": ["F", "M", "F"],
            "OS_days": [300, 20, 100],
            "OS": [1, 0, 1],
        }
    ).head(n)
    frame.to_csv(tmp_path / "few.csv", index=False)
    _, cohort = drafted(tmp_path / "few.csv")
    assert cohort.survival("OS")["event"].tolist() == [True, False, True][:n]
    assert cohort.study.variables["Age"].type == "integer"
    assert cohort.study.analysis.prognostic_factors == ()


def test_what_is_not_found_is_said_and_the_check_asks_for_it(tmp_path):
    frame = pd.DataFrame({"a": [1.5, 2.5, 4.1, 1.7], "b": [2.1, 1.1, 0.4, 3.3]})
    frame.to_csv(tmp_path / "bare.csv", index=False)
    draft = draft_study(tmp_path / "bare.csv")
    assert "id: none found, the number of the row" in draft.found
    assert "endpoint: none found; name its time and event columns under endpoints in the study file" in draft.found
    (tmp_path / "study.yml").write_text(draft.text, encoding="utf-8")
    with pytest.raises(StudyError) as error:
        read_study(tmp_path / "study.yml")
    assert [problem.rule for problem in error.value.problems] == [
        "the time column of this endpoint is not named yet",
        "the event column of this endpoint is not named yet",
    ]
    assert 'time: "?"  # name the column, one of: a, b' in draft.text


def test_endpoints_in_two_units_declare_them_and_are_counted_in_one(tmp_path):
    frame = pd.DataFrame(
        {
            "id": range(1, 9),
            "pfs_months": range(1, 9),
            "pfs_event": [1, 0] * 4,
            "os_days": range(100, 900, 100),
            "os_event": [0, 1] * 4,
        }
    )
    frame.to_csv(tmp_path / "units.csv", index=False)
    _, cohort = drafted(tmp_path / "units.csv")
    assert cohort.study.time_unit == "months"
    assert cohort.study.endpoints["OS"].unit == "days"
    assert cohort.survival("OS")["time"].tolist() == pytest.approx([day / 30.4375 for day in range(100, 900, 100)])
    assert cohort.survival("PFS")["time"].tolist() == list(range(1, 9))


def test_every_model_has_about_ten_events_for_a_coefficient(tmp_path):
    n = 60
    frame = pd.DataFrame({"id": range(1, n + 1), "os_months": range(1, n + 1), "os_event": [1] * 25 + [0] * 35})
    rng = np.random.default_rng(5)
    for name in ("wbc", "crp", "ldh", "age", "marker"):
        frame[name] = np.round(rng.normal(60, 3, n), 2)
    frame["stage"] = np.resize(["I", "II", "III", "IV"], n)
    frame.to_csv(tmp_path / "plan.csv", index=False)
    _, cohort = drafted(tmp_path / "plan.csv")
    assert cohort.study.analysis.multivariable == ("wbc", "crp")
    # What is on no list waits for an answer and is in no model.
    assert cohort.study.analysis.prognostic_factors == ("wbc", "crp", "ldh", "age")
    assert cohort.study.variables["marker"].is_unanswered
    assert "marker" not in cohort.study.described
    assert cohort.study.analysis.groups == ("stage",)


def test_grades_written_in_roman_and_a_table_without_grades(tmp_path):
    pd.DataFrame({"id": ["a", "b"], "os_months": [3.0, 4.5], "os_event": [1, 0]}).to_csv(
        tmp_path / "c.csv", index=False
    )
    events = tmp_path / "events.csv"
    pd.DataFrame({"id": ["a", "a"], "toxicity": ["Fever", "Pain"], "grade": ["II", "III"]}).to_csv(events, index=False)
    _, cohort = drafted(tmp_path / "c.csv", events=events)
    assert cohort.adverse_events["grade"].tolist() == ["Moderate", "Severe"]
    assert cohort.study.adverse_events.severe_from == "Severe"
    pd.DataFrame({"id": ["a", "a"], "toxicity": ["Fever", "Pain"]}).to_csv(events, index=False)
    draft, cohort = drafted(tmp_path / "c.csv", events=events)
    assert cohort.adverse_events is None
    assert "adverse events: no column for grade was found" in draft.found


def test_the_command_drafts_once_and_names_the_next_commands(tmp_path, capsys):
    file = tmp_path / "cohort.csv"
    write(public("load_larynx"), file)
    assert main(["init", str(file)]) == 0
    said = capsys.readouterr().out
    assert "  OS        'time'  'death' = '1'  90  50      6       6.5\n" in said
    assert "  factors: age, Stage_II, Stage_III, Stage_IV\n" in said
    assert "aice check" in said
    assert "aice build" in said
    study = tmp_path / "study.yml"
    text = study.read_text(encoding="utf-8")
    assert main(["check", str(study)]) == 1
    said = capsys.readouterr().err
    assert "key 'time_unit': found 'months'; a guess decides this: no header names the unit of the times" in said
    assert "time_unit: days or time_unit: weeks or time_unit: years" in said
    # The right unit answers the question; its line need not be taken out.
    study.write_text(text.replace("time_unit: months\n", "time_unit: years\n"), encoding="utf-8")
    assert main(["check", str(study)]) == 0
    study.write_text(text, encoding="utf-8")
    assert main(["init", str(file)]) == 2
    assert "never overwritten" in capsys.readouterr().err
    assert (tmp_path / "study.yml").read_text(encoding="utf-8") == text
    (tmp_path / "other").mkdir()
    other = tmp_path / "other" / "mine.yml"
    assert main(["init", str(file), "--out", str(other)]) == 0
    assert read_study(other).patients.file == "../cohort.csv"
    assert main(["check", str(other)]) == 1


FALSE = {
    # What used to become a factor or an endpoint though it is neither: columns beside a sound OS pair.
    "days_to_transplant": lambda rng, time: np.round(time * rng.uniform(0.1, 1, len(time))),
    "response_duration": lambda rng, time: np.round(time * rng.uniform(0.1, 0.9, len(time))),
    "relapse": lambda rng, time: rng.integers(0, 2, len(time)),
    "GVHD": lambda rng, time: rng.integers(0, 2, len(time)),
    "recovered": lambda rng, time: rng.choice(["yes", "no"], len(time)),
    "death_within_5y": lambda rng, time: (time < 5).astype(int),
    "Progression or death?": lambda rng, time: rng.integers(0, 2, len(time)),
    "OSEV": lambda rng, time: rng.integers(0, 2, len(time)),
    "year": lambda rng, time: rng.integers(1990, 2005, len(time)),
    "cohort": lambda rng, time: rng.integers(1, 4, len(time)),
    # By its name a measure, by its values a follow-up time.
    "age of the record": lambda rng, time: time,
}


@pytest.mark.parametrize("header", FALSE)
def test_only_measures_of_the_positive_list_become_factors(tmp_path, header):
    rng = np.random.default_rng(8)
    time = np.round(rng.exponential(500, 100)) + 1
    frame = pd.DataFrame({"id": range(1, 101), "age": rng.integers(30, 80, 100), "os_days": time})
    frame["os_status"] = rng.integers(0, 2, 100)
    frame[header] = FALSE[header](rng, time)
    frame.to_csv(tmp_path / "c.csv", index=False)
    study = tmp_path / "study.yml"
    study.write_text(confirmed(draft_study(tmp_path / "c.csv").text), encoding="utf-8")
    plan = read_study(study).analysis
    assert plan.prognostic_factors == plan.multivariable == ("age",)
    assert plan.groups == ()
    assert list(read_study(study).endpoints) == ["OS"]


def test_a_column_that_the_user_names_is_a_factor(tmp_path):
    rng = np.random.default_rng(8)
    frame = pd.DataFrame({"id": range(1, 101), "os_days": range(1, 101), "os_status": [0, 1] * 50})
    frame["marker"] = rng.normal(size=100).round(2)
    frame.to_csv(tmp_path / "c.csv", index=False)
    assert main(["init", str(tmp_path / "c.csv"), "--factor", "marker"]) == 0
    study = read_study(tmp_path / "study.yml")
    assert study.analysis.prognostic_factors == ("marker",)
    assert not study.variables["marker"].is_unanswered


def test_a_factor_that_follows_from_another_is_drafted_once(tmp_path):
    age = np.random.default_rng(1).integers(30, 90, 60)
    frame = pd.DataFrame(
        {"id": range(1, 61), "os_months": range(1, 61), "os_event": 1, "age": age, "age_months": age * 12}
    )
    frame.to_csv(tmp_path / "c.csv", index=False)
    _, cohort = drafted(tmp_path / "c.csv")
    assert cohort.study.analysis.prognostic_factors == ("age",)
    assert [cohort.study.variables[name].label for name in ("age", "age_months")] == ["Age (years)", "Age (months)"]


def test_an_endpoint_in_part_is_a_question_until_its_line_is_taken_out(tmp_path):
    frame = pd.DataFrame(
        {"id": range(1, 21), "os_months": range(1, 21), "os_event": [0, 1] * 10, "pfs_event": [1, 0] * 10}
    )
    frame.to_csv(tmp_path / "c.csv", index=False)
    assert asked(tmp_path / "c.csv") == [("endpoints", None)]
    draft = draft_study(tmp_path / "c.csv")
    assert draft.text.index("no partner for 'pfs_event' (an event)") < draft.text.index("title:")
    _, cohort = drafted(tmp_path / "c.csv")
    assert cohort.study.variables["pfs_event"].role == "outcome"


@pytest.mark.parametrize(
    ("columns", "questions"),
    [
        ({"os_months": TIMES, "os_event": TWO}, []),
        ({"time": TIMES, "status": TWO}, [("time_unit", "months"), ("endpoints.OS", None)]),
        ({"os_months": TIMES, "os_status": ONE_TWO}, [("endpoints.OS.event_value", "2")]),
        ({"months": TIMES, "death": TWO}, []),
        ({"os_months": TIMES, "alive": TWO}, [("endpoints.OS.event_value", "0")]),
        ({"os_months": TIMES, "vital": ["Dead", "Alive"] * 10}, []),
    ],
)
def test_what_decides_an_endpoint_and_is_not_sure_is_asked(tmp_path, columns, questions):
    pd.DataFrame({"id": range(1, 21), **columns}).to_csv(tmp_path / "c.csv", index=False)
    assert asked(tmp_path / "c.csv") == questions


def test_a_flag_of_recurrence_alone_is_not_called_survival(tmp_path):
    frame = pd.DataFrame({"id": range(1, 21), "rfs_months": TIMES, "rfs_event": [1] * 5 + [0] * 15})
    frame["os_months"], frame["os_event"] = TIMES, [0] * 5 + [1] * 10 + [0] * 5
    frame.to_csv(tmp_path / "c.csv", index=False)
    _, cohort = drafted(tmp_path / "c.csv")
    assert {name: one.event_label for name, one in cohort.study.endpoints.items()} == {
        "TTR": "recurrence",
        "OS": "death",
    }
    # A death long after the last visit without recurrence is counted by no recurrence-free survival.
    frame["os_months"] = [time + 30 for time in TIMES]
    frame.to_csv(tmp_path / "c.csv", index=False)
    _, cohort = drafted(tmp_path / "c.csv")
    assert list(cohort.study.endpoints) == ["RFS", "OS"]


def test_a_bad_cell_costs_no_endpoint(tmp_path):
    frame = pd.DataFrame({"id": range(1, 21), "os_months": [-1.5, *TIMES[1:]], "os_event": TWO, "age": range(40, 60)})
    frame.to_csv(tmp_path / "c.csv", index=False)
    (tmp_path / "drafted.yml").write_text(draft_study(tmp_path / "c.csv").text, encoding="utf-8")
    with pytest.raises(StudyError) as error:
        load_cohort(tmp_path / "drafted.yml")
    assert [(fault.row, fault.column, fault.rule) for fault in error.value.problems] == [
        (2, "os_months", "a follow-up time is negative")
    ]


def test_the_response_block_has_its_month_and_landmarks(tmp_path):
    frame = pd.DataFrame({"id": range(1, 21), "os_months": [time + 10 for time in TIMES], "os_event": TWO})
    frame["best_response"] = ["CR", "PR", "SD", "PD"] * 5
    frame["response_month"] = [1.5, 2.5, 2.8, 5.5] * 5
    frame.to_csv(tmp_path / "c.csv", index=False)
    _, cohort = drafted(tmp_path / "c.csv")
    assert cohort.study.response.month == "response_month"
    assert cohort.study.analysis.response_landmarks == (3, 6, 9)


def test_a_file_that_is_no_table_is_refused_and_nothing_is_written(tmp_path, capsys):
    (tmp_path / "bad.csv").write_text("a,a\n1,2\n")
    assert main(["init", str(tmp_path / "bad.csv")]) == 1
    assert "two columns have the same name" in capsys.readouterr().err
    assert main(["init", str(tmp_path / "none.csv")]) == 1
    assert os.listdir(tmp_path) == ["bad.csv"]


def _clinic_table(**more):
    rng = np.random.default_rng(3)
    n = 60
    frame = pd.DataFrame({"id": [f"P{i:03d}" for i in range(n)], "age": rng.integers(30, 80, n)})
    frame["os_months"] = rng.exponential(20, n).round(1) + 0.1
    frame["os_event"] = rng.integers(0, 2, n)
    return frame.assign(**{name: make(rng, n) if callable(make) else make for name, make in more.items()})


def test_columns_of_grades_are_adverse_events_and_no_factors(tmp_path):
    names = ["nausea_grade", "pain_grade", "fever_grade"]
    table = _clinic_table(
        tumor_grade=lambda rng, n: rng.integers(1, 4, n), **{one: lambda rng, n: rng.integers(0, 4, n) for one in names}
    )
    table.to_csv(tmp_path / "cohort.csv", index=False)
    draft = draft_study(tmp_path / "cohort.csv")
    (tmp_path / "study.yml").write_text(draft.text, encoding="utf-8")
    # Grades may as well be known at the start, so that it is a question.
    assert [guess.what for guess in draft.guesses if guess.is_question] == ["adverse_events.data.columns"]
    with pytest.raises(StudyError, match="columns that hold the grades of adverse events"):
        load_cohort(tmp_path / "study.yml")
    answered = [line for line in draft.text.splitlines() if "what: adverse_events.data.columns" not in line]
    (tmp_path / "study.yml").write_text("\n".join(answered), encoding="utf-8")
    cohort = load_cohort(tmp_path / "study.yml")
    assert set(cohort.study.adverse_events.data.columns) == set(names)
    assert set(names).isdisjoint(cohort.study.variables)
    assert "tumor_grade" in cohort.study.variables
    assert len(cohort.adverse_events) == (table[names] > 0).sum().sum()
    assert not [remark for remark in cohort.remarks if "not used" in remark.rule]


def test_a_class_of_a_measure_has_not_its_limits(tmp_path):
    _clinic_table(bmi_class=lambda rng, n: rng.choice([1, 2, 3], n)).to_csv(tmp_path / "cohort.csv", index=False)
    draft = draft_study(tmp_path / "cohort.csv")
    (tmp_path / "study.yml").write_text(draft.text, encoding="utf-8")
    assert not [remark for remark in load_cohort(tmp_path / "study.yml").remarks if "plausible" in remark.rule]


def test_a_sentinel_beyond_the_range_is_named_as_such(tmp_path):
    table = _clinic_table()
    table.loc[4, "age"] = 999
    table.to_csv(tmp_path / "cohort.csv", index=False)
    (tmp_path / "study.yml").write_text(draft_study(tmp_path / "cohort.csv").text, encoding="utf-8")
    found = [str(remark) for remark in load_cohort(tmp_path / "study.yml").remarks if "999" in str(remark)]
    assert found
    assert all('missing: ["999"]' in one for one in found)


def test_numbers_with_another_decimal_mark_are_left_out_for_that_reason(tmp_path):
    table = _clinic_table(nlr=lambda rng, n: [f"{value:.2f}".replace(".", ",") for value in rng.gamma(3, 1, n)])
    table.to_csv(tmp_path / "cohort.csv", index=False)
    assert "nlr (seems to hold numbers with another decimal mark" in "\n".join(
        draft_study(tmp_path / "cohort.csv").found
    )


@pytest.mark.parametrize(
    ("header", "endpoint"),
    [("进展或死亡", "PFS"), ("progression_or_death", "PFS"), ("relapse or death", "RFS"), ("死亡", "OS")],
)
def test_an_event_of_either_kind_is_that_of_the_composite(header, endpoint):
    assert timing.endpoint_part(Column(header, ("0", "1") * 10)) == (endpoint, "event")


def test_a_workbook_whose_first_sheet_is_no_table_names_the_others(tmp_path):
    book = openpyxl.Workbook()
    book.active.title = "Info"
    book.active["A1"] = "Cohort of our clinic"
    sheet = book.create_sheet("Data")
    for row in ["id", "age"], ["1", 30], ["2", 40]:
        sheet.append(row)
    book.save(tmp_path / "cohort.xlsx")
    with pytest.raises(StudyError, match=r"another sheet \(.*'Info' was read, not 'Data'\): name it, sheet: NAME"):
        draft_study(tmp_path / "cohort.xlsx")


@pytest.mark.parametrize(
    ("name", "words"), [("a.omv", "in jamovi"), ("a.jasp", "in JASP"), ("a.numbers", "in Numbers")]
)
def test_files_of_other_programs_are_named_even_if_damaged(tmp_path, name, words):
    (tmp_path / name).write_bytes(b"PK\x03\x04abc")
    with pytest.raises(StudyError, match=f"Open it {words} and export"):
        draft_study(tmp_path / name)


def test_rows_of_totals_and_notes_are_no_patients(tmp_path):
    table = _clinic_table().astype(str)
    table.loc[len(table)] = ["Total", "55.1", "", ""]
    table.loc[len(table)] = ["Source: the registry of our town", "", "", ""]
    table.to_csv(tmp_path / "cohort.csv", index=False)
    (tmp_path / "study.yml").write_text(draft_study(tmp_path / "cohort.csv").text, encoding="utf-8")
    with pytest.raises(
        StudyError,
        match=r"rows 62, 63: the row seems to hold a total or a note.*skip_rows: \[62, 63\]",
    ):
        load_cohort(tmp_path / "study.yml")
    text = (tmp_path / "study.yml").read_text(encoding="utf-8")
    skipped = text.replace("  file: cohort.csv\n", "  file: cohort.csv\n  skip_rows: [62, 63]\n", 1)
    (tmp_path / "study.yml").write_text(skipped, encoding="utf-8")
    assert load_cohort(tmp_path / "study.yml").n == 60


def test_numbers_with_a_unit_in_the_cell_are_left_out_for_that_reason(tmp_path):
    _clinic_table(weight=lambda rng, n: [f"{value} kg" for value in rng.integers(50, 99, n)]).to_csv(
        tmp_path / "c.csv", index=False
    )
    assert "weight (seems to hold numbers with their unit in the cell" in "\n".join(
        draft_study(tmp_path / "c.csv").found
    )


@pytest.mark.parametrize(
    ("colored", "said"), [(range(5, 20), True), (range(2, 62, 2), False), (range(2, 62), False), ((), False)]
)
def test_what_only_a_color_says_is_said(tmp_path, colored, said):
    table, book = _clinic_table(), openpyxl.Workbook()
    book.active.append(list(table.columns))
    for row in table.itertuples(index=False):
        book.active.append([value.item() if hasattr(value, "item") else value for value in row])
    for row in colored:
        book.active.cell(row, 2).fill = PatternFill("solid", fgColor="FFFFFF00")
    book.save(tmp_path / "cohort.xlsx")
    (tmp_path / "study.yml").write_text(draft_study(tmp_path / "cohort.xlsx").text, encoding="utf-8")
    found = [remark for remark in load_cohort(tmp_path / "study.yml").remarks if "color" in remark.rule]
    assert len(found) == said
    assert not said or found[0].rows == tuple(colored)


@pytest.mark.parametrize(
    "ids", [[f"SD-{k:03d}" for k in range(60)], [f"SUM-{k}" for k in range(60)], [f"Total {k}" for k in range(60)]]
)
def test_ids_that_begin_like_a_total_are_ids(tmp_path, ids):
    _clinic_table(id=ids).to_csv(tmp_path / "cohort.csv", index=False)
    (tmp_path / "study.yml").write_text(draft_study(tmp_path / "cohort.csv").text, encoding="utf-8")
    assert load_cohort(tmp_path / "study.yml").n == 60


def test_a_patient_of_whom_nothing_is_recorded_is_a_patient(tmp_path):
    table = _clinic_table().astype(str)
    table.loc[len(table)] = ["P060", "", "", ""]
    table.to_csv(tmp_path / "cohort.csv", index=False)
    (tmp_path / "study.yml").write_text(draft_study(tmp_path / "cohort.csv").text, encoding="utf-8")
    cohort = load_cohort(tmp_path / "study.yml")
    assert (cohort.n, len(cohort.survival("OS"))) == (61, 60)

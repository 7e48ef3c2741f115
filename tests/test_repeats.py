"""Patients in several rows are faults, whoever wrote the study file; files with one row a patient are let alone."""

import numpy as np
import pandas as pd
import pytest
from lifelines import datasets
from studies import clinic, survival_only, without, write_study

from aice_helpers.core.problems import StudyError
from aice_helpers.data.load import load_cohort
from aice_helpers.data.repeats import numbers_patients


def faults(path):
    with pytest.raises(StudyError) as error:
        load_cohort(path)
    return error.value.problems


def two_rows(n=40, seed=2):
    """A table of two rows a patient (recurrence and death), and its study file with a running row number as the id."""
    patients, _, study = clinic(n, seed)
    frame = patients[["id", "age", "stage", "sex", "os", "os_event"]].rename(columns={"id": "patient"})
    frame = frame.loc[frame.index.repeat(2)].reset_index(drop=True)
    frame["etype"] = [1, 2] * n
    frame["os"] = np.where(frame["etype"] == 1, (frame["os"] * 0.7).round(1), frame["os"])
    frame.insert(0, "id", range(1, 2 * n + 1))
    study = without(survival_only(study), "endpoints")
    study["endpoints"] = {"OS": {"label": "Overall survival", "time": "os", "event": "os_event"}}
    return frame, study


def test_a_running_number_before_the_patients_own_makes_no_patients(tmp_path):
    frame, study = two_rows()
    (fault,) = faults(write_study(tmp_path, frame, None, study))
    assert (fault.column, fault.count) == ("patient", 80)
    assert fault.rule == "this column numbers the patients and repeats: 40 patients in 80 rows"
    assert "under patients: rows: {etype: '1'} or rows: {etype: '2'}" in fault.fix
    # The way out that the message names is the right book.
    study["patients"]["rows"] = {"etype": "2"}
    study["variables"]["id"]["column"] = "patient"
    path = write_study(tmp_path / "chosen", frame, None, study)
    cohort = load_cohort(path)
    assert cohort.n == 40
    assert cohort.survival("OS")["time"].tolist() == frame.loc[frame["etype"] == 2, "os"].tolist()


def test_the_declared_id_with_several_rows_each_is_one_fault(tmp_path):
    frame, study = two_rows()
    (fault,) = faults(write_study(tmp_path, frame.drop(columns="id").rename(columns={"patient": "id"}), None, study))
    assert fault.rule == "the patients have several rows each: 40 ids in 80 rows"


@pytest.mark.parametrize("order", ["beside", "below"])
def test_rows_that_share_their_characteristics_are_twins_without_any_id(tmp_path, order):
    frame, study = two_rows()
    category = {"role": "baseline", "type": "category"}
    study["variables"] |= {
        "age": {"label": "Age", "role": "baseline", "type": "number"},
        "stage": {"label": "Stage", **category, "levels": {"II": "II", "III": "III", "IV": "IV"}},
        "sex": {"label": "Sex", **category, "levels": {"f": "Female", "m": "Male"}},
        "crp": {"label": "CRP", "role": "baseline", "type": "number"},
        # Declared like the others, though it tells the rows apart.
        "etype": {"label": "Kind", **category, "levels": {"1": "1", "2": "2"}},
    }
    frame = frame.drop(columns="patient").assign(crp=np.repeat(np.arange(40) * 1.7, 2))
    if order == "below":
        frame = frame.sort_values("etype", kind="stable").assign(id=range(1, 81))
    (fault,) = faults(write_study(tmp_path, frame, None, study))
    assert fault.count == 80
    assert fault.rule.startswith("most rows have a twin with the same age, stage, sex")
    assert "rows: {etype: '1'}" in fault.fix


def test_one_row_twice_is_a_fault_where_chance_cannot_make_it(tmp_path):
    patients, _, study = clinic()
    patients["crp"] = np.arange(60) * 0.3
    again = pd.concat([patients, patients.iloc[[7]].assign(id="9001")])
    (fault,) = faults(write_study(tmp_path, again, None, without(study, "adverse_events")))
    assert fault.rows == (9, 62)
    assert "rows agree in every column but their number" in fault.rule


@pytest.mark.parametrize(("one", "other"), [("P01", "p01"), ("0912", "912"), ("A-007", "A-7"), ("p 5", "P5")])
def test_ids_that_differ_in_capitals_spaces_or_zeros_may_be_one_patients(tmp_path, one, other):
    patients, _, study = clinic()
    patients.loc[[3, 20], "id"] = one, other
    (fault,) = faults(write_study(tmp_path, patients, None, without(study, "adverse_events")))
    assert (fault.column, fault.rows) == ("id", (5, 22))
    assert "only in capitals, spaces or leading zeros" in fault.rule


def test_numbers_that_differ_are_different_patients(tmp_path):
    patients, _, study = clinic()
    patients["id"] = [f"P{number}" for number in (1, 10, 100, 1000, *range(2001, 2057))]
    assert load_cohort(write_study(tmp_path, patients, None, without(study, "adverse_events"))).n == 60


def test_which_headers_number_the_patients():
    names = {
        "patient": True, "Patient_ID": True, "USUBJID": True, "pid": True, "id": True, "患者编号": True, "study id": True,
        "center_id": False, "family id": False, "number": False, "inst": False, "case": False, "litter": False, "pair": False,
    }  # fmt: skip
    assert {name: numbers_patients(name) for name in names} == names


def test_the_set_of_a_matched_case_is_no_patient(tmp_path):
    rng = np.random.default_rng(4)
    patients, _, study = clinic()
    patients["case_id"] = np.repeat(range(15), 4)
    patients["age"], patients["sex"] = rng.integers(30, 80, 60), rng.choice(["f", "m"], 60)
    assert load_cohort(write_study(tmp_path, patients, None, without(study, "adverse_events"))).n == 60


@pytest.mark.parametrize(
    "name", ["load_lung", "load_rossi", "load_larynx", "load_gbsg2", "load_leukemia", "load_lymph_node"]
)
def test_public_cohorts_have_one_row_a_patient(tmp_path, name):
    frame = getattr(datasets, name)()
    frame = frame.reset_index() if frame.index.name else frame
    numbers = frame.select_dtypes("number").drop(columns=["id", "pid"], errors="ignore").dropna(axis=1)
    frame = numbers.set_axis([f"c{place}" for place in range(numbers.shape[1])], axis=1)
    frame.insert(0, "id", range(1, len(frame) + 1))
    _, _, study = clinic()
    study = without(survival_only(study), "endpoints")
    study["variables"] |= {
        f"c{n}": {"label": f"C{n}", "role": "baseline", "type": "number"} for n in range(numbers.shape[1])
    }
    frame["t"], frame["e"] = range(1, len(frame) + 1), 1
    # Of the factors alone, without the times, many rows are alike.
    study["endpoints"] = {"OS": {"label": "Overall survival", "time": "t", "event": "e"}}
    assert load_cohort(write_study(tmp_path, frame, None, study)).n == len(frame)

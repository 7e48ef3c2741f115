"""Patients of whom one endpoint's time or state is not known: they are left out of that endpoint, counted and said."""

import copy

import numpy as np
import pandas as pd
import pytest
from studies import clinic, missing_outcomes, response_only, write_study

from aice_helpers.analysis import Analysis
from aice_helpers.build.offers import requirements_met
from aice_helpers.core.problems import StudyError
from aice_helpers.core.reasons import Reason
from aice_helpers.core.results import pick
from aice_helpers.course.engine.lesson_data import lesson_data
from aice_helpers.data.load import load_cohort
from aice_helpers.masking.decide import Mask
from aice_helpers.show import tables
from aice_helpers.show.prose import cohort_counts

HOLES = """id,os_months,os_status,ttr_months,ttr_status,sex
2,0,1:DECEASED,,,Female
3,,1:DECEASED,,,Male
4,24.1,0:LIVING,,,Male
5,12.0,1:DECEASED,,,Male
6,34.0,0:LIVING,3.2,1:Recurred,Male
7,0.7,0:LIVING,0.5,,Female
8,62.8,1:DECEASED,10.5,1:Recurred,Female
9,18.0,0:LIVING,18.0,0:DiseaseFree,Female
"""

STUDY = {
    "title": "Holes",
    "synthetic": False,
    "time_unit": "months",
    "patients": {"file": "patients.csv"},
    "variables": {
        "id": {"label": "Patient", "role": "id", "type": "text"},
        "sex": {"label": "Sex", "role": "baseline", "type": "category", "levels": {"Female": "F", "Male": "M"}},
    },
    "endpoints": {
        "OS": {
            "label": "Overall survival", "time": "os_months", "event": "os_status",
            "event_value": "1:DECEASED", "censored_value": "0:LIVING", "event_label": "death",
        },
        "TTR": {
            "label": "Time to recurrence", "time": "ttr_months", "event": "ttr_status",
            "event_value": "1:Recurred", "censored_value": "0:DiseaseFree", "event_label": "recurrence",
        },
    },
    "analysis": {"rate_times": [12], "groups": ["sex"], "prognostic_factors": ["sex"]},
}  # fmt: skip


@pytest.fixture
def load(tmp_path):
    """Load the table ``text`` with a study mapping that ``change`` may alter."""

    def load(text=HOLES, change=None):
        study = copy.deepcopy(STUDY)
        if change:
            change(study)
        path = write_study(tmp_path, pd.DataFrame({"id": []}), None, study)
        (tmp_path / "patients.csv").write_text(text, encoding="utf-8")
        return load_cohort(path)

    return load


@pytest.fixture
def faults(load):
    def faults(*args):
        with pytest.raises(StudyError) as error:
            load(*args)
        return [str(problem) for problem in error.value.problems]

    return faults


def test_who_lacks_a_time_or_a_state_is_left_out_of_that_endpoint_alone(load):
    cohort = load()
    assert cohort.n == 8
    assert cohort.survival("OS").to_dict("list") == {
        "time": [0.0, 24.1, 12.0, 34.0, 0.7, 62.8, 18.0],
        "event": [True, False, True, False, False, True, False],
    }
    assert cohort.survival("TTR").index.tolist() == ["6", "8", "9"]
    assert cohort.followed("TTR").n == 3
    assert cohort.followed("TTR").groups("sex").tolist() == ["M", "F", "F"]


def test_each_kind_of_gap_is_a_remark_with_its_rows(load):
    found = [str(remark) for remark in load().remarks if "recorded" in remark.rule]
    assert found == [
        "patients.csv, row 3, column 'os_months': no time is recorded, so OS leaves the patient out. "
        "Fill in what can be found; `complete: true` under OS makes it a fault.",
        "patients.csv, rows 2 to 5, column 'ttr_months': no time is recorded, so TTR leaves the patient out. "
        "Fill in what can be found; `complete: true` under TTR makes it a fault.",
        "patients.csv, row 7, column 'ttr_status': no state is recorded, so TTR leaves the patient out. "
        "Fill in what can be found; `complete: true` under TTR makes it a fault.",
    ]


def test_an_endpoint_may_insist_on_being_complete(faults):
    assert faults(HOLES, lambda study: study["endpoints"]["OS"].update(complete=True)) == [
        "patients.csv, row 3, column 'os_months': OS is declared complete, and the time is missing. "
        "Fill it in, or take `complete: true` away."
    ]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("4,24.1,", "4,-24.1,", "row 4, column 'os_months': found '-24.1'; a follow-up time is negative"),
        ("4,24.1,", "4,two years,", "row 4, column 'os_months': found 'two years'; a time in months is needed"),
        ("4,24.1,", "4,2020-01-05,", "row 4, column 'os_months': found '2020-01-05'; a date stands where"),
        ("4,24.1,0:LIVING", "4,24.1,2:GONE", "row 4, column 'os_status': found '2:GONE'; the event code is none of"),
    ],
)
def test_a_bad_cell_is_no_missing_one(faults, old, new, words):
    (found,) = faults(HOLES.replace(old, new))
    assert words in found


def test_an_endpoint_of_nobody_is_a_fault(faults):
    (found,) = faults("id,os_months,os_status,ttr_months,ttr_status,sex\n1,5,1:DECEASED,,,Male\n2,6,0:LIVING,,,Male\n")
    assert "TTR: no patient has both a time and a state" in found


def test_an_empty_state_that_may_be_the_code_never_written_is_asked_for(faults, load):
    """Where a file writes a 1 for the event and nothing else, two readings give two numbers."""
    text = HOLES.replace("0:LIVING", "")
    (found,) = faults(text)
    assert found == (
        "patients.csv, rows 4, 6, 7, 9, column 'os_status': OS: every recorded state is '1:DECEASED', and patients with a "
        'time have none; an empty state may be the other one. Where it is, write censored_value: ""; where it is not '
        "known, write unknown there and declare it under missing."
    )
    meant = load(text, lambda study: study["endpoints"]["OS"].update(censored_value=""))
    assert meant.survival("OS")["event"].tolist() == [True, False, True, False, False, True, False]

    def unknown(study):
        study["patients"]["missing"] = ["", "unknown"]

    left = load(text.replace("4,24.1,,", "4,24.1,unknown,").replace("6,34.0,,", "6,34.0,unknown,")
                .replace("7,0.7,,", "7,0.7,unknown,").replace("9,18.0,,", "9,18.0,unknown,"), unknown)  # fmt: skip
    assert left.survival("OS")["time"].tolist() == [0.0, 12.0, 62.8]


def test_every_table_counts_those_who_take_part_and_says_who_does_not(tmp_path):
    patients, events, study = clinic()
    analysis = Analysis(load_cohort(write_study(tmp_path, missing_outcomes(patients), events, study)))
    gone = {"PFS": 10, "OS": 7}
    for name in ("survival_summary", "survival_at", "rmst", "follow_up", "cox", "landmark_cox", "ph_test",
                 "model_performance", "logrank"):  # fmt: skip
        table = analysis.table(name)
        for endpoint, missing in gone.items():
            rows = table[table["endpoint"] == endpoint]
            if name == "follow_up":
                rows = rows[rows["term"] == "median follow-up"]
            assert rows["reasons"].map(lambda each, n=missing: Reason("outcome_missing", count=n) in each).all(), name
    summary = analysis.table("survival_summary")
    assert set(summary.loc[summary["endpoint"] == "PFS", "n"]) == {50}
    flow = analysis.table("patient_flow").set_index("level")["count"]
    assert flow["Progression-free survival: with follow-up"] == 50
    assert flow[["Overall survival: event", "Overall survival: censored"]].sum() == 53
    assert "censored, not known in 10 patients." in repr(cohort_counts(analysis))
    assert "10 patients without a time or a state of this endpoint left out" in repr(
        tables.medians(summary, analysis.study)
    )


def test_a_model_is_that_of_the_patients_who_take_part(tmp_path):
    """The rows of the endpoint alone, in a file of their own, give the same numbers."""
    patients, events, study = clinic()
    holes = missing_outcomes(patients)
    known = patients[holes["pfs"].notna()]
    alone = {**study, "endpoints": {"PFS": {**study["endpoints"]["PFS"], "not_longer_than": ""}}}
    some = Analysis(load_cohort(write_study(tmp_path / "holes", holes, events, study)))
    few = Analysis(load_cohort(write_study(tmp_path / "few", known, events[events["id"].isin(known["id"])], alone)))
    for name in ("cox", "landmark_cox", "ph_test", "model_performance", "logrank", "survival_at", "rmst"):
        one, other = (a.table(name).query("endpoint == 'PFS'").drop(columns="reasons") for a in (some, few))
        pd.testing.assert_frame_equal(one.reset_index(drop=True), other.reset_index(drop=True))


def test_a_lesson_sees_the_patients_of_its_endpoint(tmp_path):
    patients, events, study = clinic()
    data = lesson_data(load_cohort(write_study(tmp_path, missing_outcomes(patients), events, study)))
    assert data.endpoint == "OS"
    assert len(data.time) == len(data.event) == len(data.group) == len(data.measured) == 53
    assert data.cohort.n == 60


def test_a_book_to_be_shared_does_not_tell_that_one_patient_is_missing(tmp_path):
    patients, events, study = clinic()
    patients["pfs_event"] = patients["pfs_event"].where(patients.index != 5).astype("Int64")
    cohort = load_cohort(write_study(tmp_path, patients, events, study))
    masked = Analysis(cohort, mask_below=5)
    row = pick(masked.table("survival_summary"), endpoint="PFS", method="log-log")
    assert pd.isna(row["n"])
    assert pd.isna(row["events"])
    assert row["estimate"] > 0
    assert pick(masked.table("survival_summary"), endpoint="OS", method="log-log")["n"] == 60
    assert Reason("outcome_missing", count=None) in row["reasons"]


def test_of_two_endpoints_that_differ_by_one_patient_only_one_is_counted(tmp_path):
    patients, events, study = clinic()
    holes = patients.assign(pfs=patients["pfs"].where(patients.index > 9), os=patients["os"].where(patients.index > 10))
    mask = Mask(load_cohort(write_study(tmp_path, holes, events, study)), 5)
    assert [mask.sized(endpoint) for endpoint in ("PFS", "OS")] == [True, False]


@pytest.mark.parametrize(("unit", "days"), [("days", 1), ("weeks", 7), ("months", 30.4375), ("years", 365.25)])
def test_an_endpoint_in_a_unit_of_its_own_is_converted(tmp_path, unit, days):
    patients, events, study = clinic()
    study["endpoints"]["PFS"] |= {"unit": unit}
    in_unit = patients.assign(pfs=(patients["pfs"] * 30.4375 / days).map("{:.9f}".format))
    cohort = load_cohort(write_study(tmp_path, in_unit, events, study))
    np.testing.assert_allclose(cohort.outcome("PFS").time, patients["pfs"], atol=1e-8)
    said = repr(tables.endpoints(cohort.study))
    assert ("recorded in" in said) == (unit != "months")
    assert unit != "days" or "recorded in days, shown in months: 1 month is 30.4375 days" in said


def test_two_roundings_of_one_day_are_no_disorder(load, faults):
    """A recurrence on day 376, the day of death at 12.3 months: 376 days are 12.35 of them."""
    text = "id,os_months,os_status,ttr_months,ttr_status,sex\n1,12.3,1:DECEASED,376,1:Recurred,Male\n"
    text += "2,9,0:LIVING,30,0:DiseaseFree,Female\n"

    def in_days(study):
        study["endpoints"]["TTR"] |= {"unit": "days", "not_longer_than": "OS"}

    assert load(text, in_days).outcome("TTR").time[0] == pytest.approx(376 / 30.4375, abs=1e-12)
    (found,) = faults(text.replace("376", "386"), in_days)
    assert "TTR lasts longer than OS, after the death" in found


def test_a_study_of_the_response_alone_has_its_tables_and_says_what_it_lacks(tmp_path):
    patients, events, study = clinic()
    analysis = Analysis(load_cohort(write_study(tmp_path, patients, events, response_only(study))))
    assert len(analysis.table("response")) > 5
    for name in ("survival_summary", "survival_at", "survival_curve", "follow_up", "rmst", "logrank", "cox", "ph_test"):
        assert analysis.table(name).attrs["reason"] == Reason("not_declared", what="endpoints"), name
    assert not {"endpoints", "factors", "groups", "rate-times", "rmst", "landmark"} & requirements_met(analysis)
    assert "declares no endpoints" in repr(tables.endpoints(analysis.study))

"""Remarks on columns that cannot be what they are declared as, and silence where they can."""

import numpy as np
import pytest
from studies import clinic, without, write_study

from aice_helpers.core.problems import Findings, StudyError
from aice_helpers.data.doubts import judge_doubts
from aice_helpers.data.load import load_cohort
from aice_helpers.data.suspicion import never_exceeds, rate_ratio
from aice_helpers.study.model import DEFAULT_STUDY

NUMBER = {"role": "baseline", "type": "number"}


def remarks(tmp_path, column=None, *, declared=None, header="x", **changes):
    """The rules of the remarks on a clinic's file with one more column, beyond those of the clinic itself."""
    patients, _, study = clinic(100)
    study = without(study, "adverse_events")
    plain = {str(one) for one in load_cohort(write_study(tmp_path / "plain", patients, None, study)).remarks}
    if column is not None:
        patients[header] = column(patients) if callable(column) else column
        study["variables"][header] = {"label": "Added", **(declared or NUMBER)}
    patients = patients.assign(**changes)
    cohort = load_cohort(write_study(tmp_path / "more", patients, None, study))
    return [one.rule for one in cohort.remarks if str(one) not in plain]


def test_a_number_that_never_exceeds_the_follow_up_is_remarked_on(tmp_path):
    rng = np.random.default_rng(1)
    found = remarks(tmp_path, lambda p: (p["os"] * rng.uniform(0.2, 1, 100)).round(2))
    assert "Added: never above the time of OS, as a follow-up time would be" in found
    # A small measure is below every time without having to do with it.
    assert remarks(tmp_path / "small", rng.uniform(0.001, 0.01, 100).round(4)) == []


def test_a_flag_that_follows_the_outcome_is_remarked_on(tmp_path):
    category = {"role": "baseline", "type": "category", "levels": {"0": "No", "1": "Yes"}}
    time = np.array([0.1] * 50 + [50.0] * 50)
    assert rate_ratio([1] * 50 + [0] * 50, time, [1] * 50 + [0, 1] * 25) == pytest.approx((50.5 / 5) / (25.5 / 2500))
    assert rate_ratio([0, 1] * 50, time, [0, 0, 1, 1] * 25) == 1.0
    found = remarks(tmp_path, lambda p: (p["os_event"] == 1).astype(int), declared=category)
    assert any("differ more than 20-fold" in rule for rule in found)


def test_chance_is_told_from_a_follow_up_time():
    time = np.arange(1.0, 41.0)
    assert never_exceeds(time / 2, time)
    assert not never_exceeds(time / 2, time[:10].repeat(4))
    assert not never_exceeds(time[::-1], time)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ([999.0] * 2 + [12.5] * 98, True),
        ([-9.0] * 3 + [4.0] * 97, True),
        ([99.0, *range(1, 100)], False),
        ([-1.0, -2.0] * 50, False),
    ],
)
def test_numbers_that_mean_not_recorded(tmp_path, values, said):
    found = [rule for rule in remarks(tmp_path, values) if "may mean not recorded" in rule]
    assert bool(found) == said


def test_values_that_no_person_has(tmp_path):
    found = remarks(tmp_path, [400.0, 22.0] + [25.0, 30.0] * 49, header="bmi")
    assert "1 value beyond 8 to 90, which no person has" in found
    assert remarks(tmp_path / "sound", [21.0, 28.0] * 50, header="bmi") == []


def test_events_at_time_zero_are_counted(tmp_path):
    patients, _, _ = clinic(100)
    dead = patients.index[patients["os_event"] == 1][:2]
    zero = {name: patients[name].mask(patients.index.isin(dead), 0.0) for name in ("os", "pfs", "seen")}
    assert "OS: 2 patients have the event at time zero" in remarks(tmp_path, **zero)


@pytest.mark.parametrize(
    ("header", "what"), [("birth_year", "a year of birth"), ("city", "a place"), ("Surgeon", "a person of the staff")]
)
def test_columns_that_may_point_to_a_person(tmp_path, header, what):
    found = remarks(tmp_path, [1, 2] * 50, header=header)
    assert f"by its name the column holds {what}, which may point to a person and is no measure" in found


def test_two_variables_with_one_label(tmp_path):
    found = remarks(tmp_path, [1.0, 2.0] * 50, declared={**NUMBER, "label": "Age"})
    assert "the variables 'age', 'x' have one label" in found


def test_one_patient_and_a_response_that_nobody_has(tmp_path):
    patients, _, study = clinic()
    study = without(study, "adverse_events")
    one = load_cohort(write_study(tmp_path / "one", patients.head(1), None, study))
    assert "there is one patient; nothing can be compared" in [remark.rule for remark in one.remarks]
    found = remarks(tmp_path, best="NE", change=np.nan, seen=np.nan)
    assert "no patient's response is evaluable" in found


@pytest.mark.parametrize(("key", "what"), [("os", "the time of OS"), ("pfs_event", "the event of PFS")])
def test_an_endpoints_column_is_no_baseline_variable(tmp_path, key, what):
    patients, _, study = clinic()
    study["variables"]["leak"] = {"label": "Leak", "column": key, **NUMBER}
    with pytest.raises(StudyError) as error:
        load_cohort(write_study(tmp_path, patients, None, without(study, "adverse_events")))
    assert [fault.rule for fault in error.value.problems] == [f"its column is {what}, so it is no baseline variable"]


def test_the_default_cohort_raises_no_doubt():
    findings = Findings()
    judge_doubts(load_cohort(DEFAULT_STUDY), findings, "cohort.csv")
    assert findings.remarks == ()


@pytest.mark.parametrize(
    ("column", "unit", "refused"), [("os_days", "", True), ("os_days", "days", False), ("os_months", "", False)]
)
def test_a_time_column_named_in_another_unit_says_which_it_is(tmp_path, column, unit, refused):
    patients, _, study = clinic()
    study = without(study, "adverse_events")
    study["endpoints"] = {"OS": {**study["endpoints"]["OS"], "time": column, **({"unit": unit} if unit else {})}}
    path = write_study(tmp_path, patients.rename(columns={"os": column}), None, study)
    if not refused:
        assert load_cohort(path).n == 60
        return
    with pytest.raises(StudyError) as error:
        load_cohort(path)
    (fault,) = error.value.problems
    assert fault.rule == "by its name this column holds days, the study counts in months"
    assert fault.fix == "Write unit: days under this endpoint, or unit: months if the name is wrong"

"""Counts by hand; limits against R 4.2 (binom.test)."""

import pandas as pd
import pytest
from cohorts import make_cohort_from

from aice_helpers.core.reasons import Reason
from aice_helpers.core.results import pick
from aice_helpers.stats.safety import adverse_event_rates, rule_of_three
from aice_helpers.study.model import AdverseEvents, DataFile

GRADES = {"1": "leicht", "2": "mäßig", "3": "schwer", "4": "tödlich"}


def small(rows, *, n=5, labels=(), conf_level=0.95, severe_from="schwer"):
    """A cohort of ``n`` patients; each row is (patient, term, grade label or None)."""
    events = pd.DataFrame(rows, columns=["patient", "term", "grade"])
    events["grade"] = pd.Categorical(events["grade"], categories=list(GRADES.values()), ordered=True)
    return make_cohort_from(
        pd.DataFrame({"time": [1.0] * n, "event": [1] * n}),
        analysis={"confidence_level": conf_level},
        adverse_events=events,
        adverse_events_plan=AdverseEvents(
            DataFile("x"), "patient", "term", "grade", "none", GRADES, severe_from, {label: label for label in labels}
        ),
    )


ROWS = [
    ("0", "rash", "leicht"),
    ("0", "rash", "schwer"),
    ("0", "pain", "leicht"),
    ("1", "pain", "mäßig"),
    ("1", "pain", "mäßig"),
    ("2", "fever", "tödlich"),
]


def test_worst_grade_counts_once_per_patient_and_term():
    table = adverse_event_rates(small(ROWS))
    counted = {
        term: rows[["events", "occurrences"]].to_numpy().tolist() for term, rows in table.groupby("term", sort=False)
    }
    assert table["level"].tolist()[:6] == ["any grade", *GRADES.values(), "severe or worse"]
    assert counted == {
        "Any adverse event": [[3, 6], [0, 2], [1, 2], [1, 1], [1, 1], [2, 2]],
        "pain": [[2, 3], [1, 1], [1, 2], [0, 0], [0, 0], [0, 0]],
        "fever": [[1, 1], [0, 0], [0, 0], [0, 0], [1, 1], [1, 1]],
        "rash": [[1, 2], [0, 1], [0, 0], [1, 1], [0, 0], [1, 1]],
    }
    assert set(table["n"]) == {5}
    assert set(table["reasons"]) == {()}


def test_terms_fall_by_patients_then_rise_by_label():
    terms = list(dict.fromkeys(adverse_event_rates(small(ROWS, labels=["anemia"]))["term"]))
    assert terms == ["Any adverse event", "pain", "fever", "rash", "anemia"]


def test_limits_agree_with_r():
    row = pick(adverse_event_rates(small(ROWS)), term="pain", level="any grade")
    assert row["estimate"] == 0.4
    assert (row["conf_low"], row["conf_high"]) == pytest.approx((0.052744950526317, 0.853367200365327), abs=1e-12)


def test_events_without_a_grade():
    table = adverse_event_rates(small([("0", "pain", None), ("0", "pain", "leicht"), ("1", "pain", None)]))
    pain = table[table["term"] == "pain"]
    assert pain["events"].tolist() == [2, 1, 0, 0, 0, 0]
    assert pain["occurrences"].tolist() == [3, 1, 0, 0, 0, 0]
    assert pain["reasons"].tolist() == [()] + [(Reason("ungraded", count=2),)] * 5


def test_no_adverse_events_at_all():
    table = adverse_event_rates(small([], n=113, labels=["pain"]))
    assert list(dict.fromkeys(table["term"])) == ["Any adverse event", "pain"]
    assert set(table["events"]) == set(table["occurrences"]) == {0}
    assert set(table["estimate"]) == set(table["conf_low"]) == {0.0}
    assert table["conf_high"].tolist() == pytest.approx([0.032117855745739] * 12, abs=1e-12)


def test_without_an_adverse_event_file():
    cohort = make_cohort_from(pd.DataFrame({"time": [1.0], "event": [1]}))
    for table in (adverse_event_rates(cohort), rule_of_three(cohort)):
        assert len(table) == 0
        assert table.attrs["reason"] == Reason("not_declared", what="adverse_events")


def test_severity_may_begin_anywhere():
    table = adverse_event_rates(small(ROWS, severe_from="leicht"))
    assert pick(table, term="Any adverse event", level="severe or worse")["events"] == 3


def test_default_cohort(cohort):
    table = adverse_event_rates(cohort)
    any_grade = table[table["level"] == "any grade"]
    assert any_grade[["term", "events", "occurrences"]].to_numpy().tolist() == [
        ["Any adverse event", 45, 65],
        ["Pain", 26, 37],
        ["Transient bone marrow suppression", 17, 19],
        ["Postoperative fever", 7, 9],
    ]
    assert set(any_grade["n"]) == {113}
    assert table.loc[table["level"] == "severe or worse", "events"].tolist() == [0] * 4
    for _, rows in table.groupby("term"):
        graded = rows[rows["level"].isin(cohort.study.adverse_events.grades.values())]
        assert graded["events"].sum() == pick(rows, level="any grade")["events"]


def test_rule_of_three_for_no_event(cohort):
    table = rule_of_three(cohort)
    assert table["method"].tolist() == ["Clopper-Pearson, two-sided", "Clopper-Pearson, one-sided", "rule of three"]
    assert table["conf_high"].tolist() == pytest.approx([0.032117855745739, 0.026162575993197, 3 / 113], abs=1e-12)
    assert set(table["estimate"]) == set(table["conf_low"]) == {0.0}
    assert set(table["term"]) == {"Any adverse event"}
    assert set(table["level"]) == {"severe or worse"}


def test_rule_of_three_only_without_events():
    table = rule_of_three(small(ROWS))
    assert table["method"].tolist() == ["Clopper-Pearson, two-sided", "Clopper-Pearson, one-sided"]
    assert table["events"].tolist() == [2, 2]
    assert table["conf_low"].tolist() == pytest.approx([0.052744950526317, 0], abs=1e-12)
    # R: binom.test(2, 5, alternative = "less")
    assert table["conf_high"].tolist() == pytest.approx([0.853367200365327, 0.810744622562229], abs=1e-12)


def test_rule_of_three_stays_a_share_and_names_its_level():
    table = rule_of_three(small([], n=2, conf_level=0.9))
    assert table["conf_level"].tolist() == [0.9, 0.9, 0.95]
    # 1 - 0.05 ** (1 / 2), 1 - 0.1 ** (1 / 2), and 3 / 2 cut off at 1
    assert table["conf_high"].tolist() == pytest.approx([0.776393202250021, 0.683772233983162, 1.0])


def test_nothing_is_changed(cohort):
    before = cohort.adverse_events.copy()
    adverse_event_rates(cohort)
    pd.testing.assert_frame_equal(cohort.adverse_events, before)

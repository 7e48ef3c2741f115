"""Sentences: exactly one row, escaped labels, words for what is missing, verdicts and directions as computed."""

import numpy as np
import pandas as pd
import pytest
from cohorts import make_cohort_from, times_cohort

from aice_helpers.analysis import Analysis
from aice_helpers.core.printed import at_decimals
from aice_helpers.core.reasons import Reason
from aice_helpers.core.results import result_table
from aice_helpers.show import formats, prose, sentences
from aice_helpers.stats import cox, response_landmark, safety, survival
from aice_helpers.study.model import AdverseEvents, DataFile

NASTY = "<script>alert(1)</script> $x$ {{ y }} **b** {estimate}"


def median_row(**changes):
    row = {
        "endpoint": "OS", "term": "median", "n": 113, "events": 86, "estimate": 19.04, "conf_low": 12.79,
        "conf_high": 25.29, "conf_level": 0.95, "p_value": 0.0123, "method": "log-log", "unit": "months",
    }  # fmt: skip
    return row | changes


def summary(*rows):
    return result_table("survival_summary", rows)


PATTERN = "The median was {estimate:.1f} {unit} ({conf_level:%} CI {conf_low:.1f} to {conf_high:.1f}; {p_value:p})."


def test_a_pattern_is_filled_from_the_one_matching_row():
    said = sentences.inline(summary(median_row()), PATTERN, endpoint="OS", term="median")
    assert repr(said) == "The median was 19.0 months (95% CI 12.8 to 25.3; P = 0.012)."
    assert said._repr_html_() == "<p>The median was 19.0 months (95% CI 12.8 to 25.3; P = 0.012).</p>"


def test_none_or_two_matching_rows_are_an_error():
    table = summary(median_row(), median_row(method="SPSS"))
    with pytest.raises(LookupError, match="2 rows"):
        sentences.inline(table, PATTERN, endpoint="OS")
    with pytest.raises(LookupError, match="0 rows"):
        sentences.inline(table, PATTERN, endpoint="PFS")


@pytest.mark.parametrize("field", ["{estimat:.1f}", "{0}", "{}", "{estimate.real}", "{estimate!r}"])
def test_a_field_that_is_no_column_is_an_error(field):
    with pytest.raises(LookupError, match="no field"):
        sentences.inline(summary(median_row()), field, endpoint="OS")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"conf_high": None}, "The median was 19.0 months (95% CI 12.8 to not reached; P = 0.012)."),
        (
            {"estimate": None, "conf_high": None},
            "The median was not reached (95% CI 12.8 to not reached; P = 0.012).",
        ),
        (
            {"estimate": None, "conf_low": None, "conf_high": None, "p_value": None},
            "The median was not reached (95% CI not reached; P not estimable).",
        ),
        (
            {"conf_low": None, "conf_high": None, "method": "SPSS"},
            "The median was 19.0 months (95% CI not estimable; P = 0.012).",
        ),
        (
            {"estimate": None, "term": "restricted mean"},
            "The median was not estimable (95% CI 12.8 to 25.3; P = 0.012).",
        ),
    ],
)
def test_a_missing_number_is_written_in_words_without_its_unit(changes, expected):
    # A missing P value is not estimable whatever the row is about.
    assert str(sentences.inline(summary(median_row(**changes)), PATTERN, endpoint="OS")) == expected


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("{estimate:%}", 51 / 113, "45.1%"),
        ("{estimate:.0%}", 0.5, "50%"),
        ("{estimate:.2f}", -0.004, "0.00"),
        ("{estimate:.1f}", -2.25, "−2.3"),
        ("{estimate:ratio}", 0.001, "< 0.01"),
        ("{estimate}", 24.0, "24"),
        ("{n}", 0, "1234567"),
        ("{conf_level:.0%}", 0, "97.5%"),
    ],
)
def test_number_formats(field, value, expected):
    row = {"estimate": value, "n": 1234567, "conf_level": 0.975}
    assert str(sentences.inline(result_table("response", [row]), field)) == expected


def test_labels_are_escaped_and_read_back_plain():
    said = sentences.inline(summary(median_row(endpoint=NASTY)), "For <em>{endpoint}</em> &amp; n = {n}", term="median")
    assert str(said) == f"For {NASTY} & n = 113"
    assert said.markup == f"For <em>{formats_escaped(NASTY)}</em> &amp; n = 113"
    assert "<script" not in said._repr_html_()


def formats_escaped(text):
    return text.replace("<", "&lt;").replace(">", "&gt;")


def test_an_empty_table_speaks_its_reason_and_sentences_add_up():
    empty = result_table("response", [], reason=Reason("nobody_has_value", variable="<x>"))
    assert str(sentences.inline(empty, "{estimate}", term="ORR")) == "No patient has a value of <x>."
    joined = sentences.reason(empty) + sentences.sentence("") + sentences.sentence("Next.")
    assert str(joined) == "No patient has a value of <x>. Next."
    assert joined.markup == "No patient has a value of &lt;x&gt;. Next."


def test_p_values_keep_their_side_of_the_limit():
    assert [formats.p_words(p) for p in (0.0009999, 0.001, 0.04951, 0.05, 0.0504, 1.0)] == [
        "P < 0.001", "P = 0.001", "P = 0.0495", "P = 0.050", "P = 0.0504", "P > 0.999",
    ]  # fmt: skip
    assert formats.p_value(0.0999, alpha=0.1) == "0.0999"


def test_halves_are_rounded_as_the_ledger_rounds_them():
    assert formats.decimal(8.865, 2) == at_decimals(8.865, "2")
    assert formats.decimal(0.15) == at_decimals(0.15, "1") == "0.2"


def test_the_notice_says_synthetic_or_names_the_study(cohort):
    box = prose.notice(Analysis(cohort))
    assert "SYNTHETIC DATA: no patient, no evidence" in box._repr_html_()
    assert repr(box).startswith("SYNTHETIC DATA")
    frame = pd.DataFrame({"time": [1.0], "event": [1]})
    real = make_cohort_from(frame)
    object.__setattr__(real.study, "synthetic", False)
    object.__setattr__(real.study, "title", "A <b>")
    assert "A &lt;b&gt;" in prose.notice(Analysis(real))._repr_html_()
    assert "Computed from 1 patient." in repr(prose.notice(Analysis(real)))
    assert "synthetic" not in repr(prose.notice(Analysis(real))).lower()


def test_the_counts_of_the_default_cohort(cohort):
    assert str(prose.cohort_counts(Analysis(cohort))) == (
        "113 patients. Progression-free survival: 101 events (progression or death), 12 censored. Overall survival: 86 "
        "events (death), 27 censored. Response evaluable in 110 patients. 65 adverse events in 45 patients."
    )


def factor_cohort():
    return times_cohort(
        [1.0, 2, 3, 4], [1, 1, 1, 0], columns={"a": [1, 2, 3, 4], "b": [0, 1, 0, 1]},
        variables={"a": {"label": "First <a>"}, "b": {"label": "Second", "levels": ["0", "1"]}},
    )  # fmt: skip


def test_significant_factors_are_judged_by_the_likelihood_ratio_test():
    rows = [
        {"endpoint": "OS", "term": "a", "kind": "numeric", "p_value": 0.01, "n": 4, "events": 3},
        {"endpoint": "OS", "term": "a", "kind": "joint", "p_value": 0.2, "n": 4, "events": 3},
        {"endpoint": "OS", "term": "b", "kind": "level", "level": "1", "p_value": 0.5, "n": 2, "events": 1},
        {"endpoint": "OS", "term": "b", "kind": "joint", "p_value": 0.001, "n": 4, "events": 3},
    ]
    table = result_table("cox", [row | {"model": "multivariable"} for row in rows])
    study = factor_cohort().study
    said = prose.significant_factors(table, study)
    assert str(said) == (
        "- OS, multivariable (4 patients, 3 events): P below 0.05 for second (P = 0.001); P not below 0.05 for first <a> "
        "(P = 0.200).\nThe P values are not adjusted for the number of tests."
    )
    assert said._repr_html_() == (
        "<ul><li>OS, multivariable (4 patients, 3 events): P below 0.05 for second (P = 0.001); P not below 0.05 for first "
        "&lt;a&gt; (P = 0.200).</li></ul><p>The P values are not adjusted for the number of tests.</p>"
    )
    missing = result_table("cox", [{**rows[1], "model": "univariable", "p_value": None}])
    assert str(prose.significant_factors(missing, study)).startswith(
        "- OS, univariable: P below 0.05 for no factor; no test is estimable for first <a>.\n"
    )


def test_each_model_has_its_bullet_and_the_response_is_marked(cohort):
    said = str(prose.significant_factors(cox.cox(cohort), cohort.study, endpoint="OS")).split("\n")
    assert len(said) == 3
    assert said[0] == (
        "- Overall survival, univariable: P below 0.05 for tumor size, distant metastasis, postoperative treatment regimens, "
        "pathological differentiation, neutrophil-to-lymphocyte ratio and short-term efficacy (objective response) (naive: "
        "counted from time zero); P not below 0.05 for age, sex, ECOG performance status and primary site."
    )
    assert "short-term efficacy (objective response) (P < 0.001; naive: counted from time zero)" in said[1]


def test_the_word_significant_follows_the_confidence_level():
    cohort = times_cohort(
        [1.0, 2], [1, 1], columns={"a": [1, 2]}, variables={"a": {}}, analysis={"confidence_level": 0.9}
    )
    row = {"endpoint": "OS", "term": "a", "kind": "joint", "p_value": 0.08, "model": "multivariable"}
    row |= {"n": 2, "events": 2}
    assert "P below 0.1 for a (P = 0.080)" in str(prose.significant_factors(result_table("cox", [row]), cohort.study))


def test_proportional_hazards_are_never_proven():
    study = factor_cohort().study
    rows = [
        {"endpoint": "OS", "term": "a", "p_value": 0.2, "model": "multivariable"},
        {"endpoint": "OS", "term": "b", "p_value": None, "model": "multivariable"},
        {"endpoint": "OS", "term": "GLOBAL", "p_value": 0.3, "model": "multivariable"},
    ]
    assert str(prose.ph_words(result_table("ph_test", rows), study)) == (
        "OS, multivariable: no factor has a P value below 0.05, which does not prove that the hazards are proportional; the "
        "test is not estimable for second; global test: P = 0.300."
    )
    rows[0]["p_value"] = 0.01
    rows.append({"endpoint": "OS", "term": "b", "p_value": 0.02, "model": "univariable"})
    rows.append({"endpoint": "OS", "term": "a", "p_value": 0.06, "model": "univariable"})
    said = str(prose.ph_words(result_table("ph_test", rows), study))
    assert "speaks against a constant hazard ratio for first <a> (P = 0.010)" in said
    assert said.endswith("global test: P = 0.300; one factor at a time, P below 0.05 for second (P = 0.020).")


@pytest.mark.parametrize(
    ("naive", "later", "expected"),
    [
        (0.3, (0.5,), "The landmark estimate is closer to 1 than the naive one."),
        (0.5, (0.3,), "The landmark estimate is not closer to 1 than the naive one."),
        (
            0.5,
            (2.0,),
            "The landmark estimate is not closer to 1 than the naive one. The landmark estimate is on the other side of 1.",
        ),
        (0.3, (0.5, 0.6), "Both landmark estimates are closer to 1 than the naive one."),
        (0.3, (0.5, 0.6, 0.7), "All 3 landmark estimates are closer to 1 than the naive one."),
        (0.3, (0.5, 0.6, 0.2), "2 of 3 landmark estimates are closer to 1 than the naive one."),
        (0.3, (0.5, 0.1, 0.2), "1 of 3 landmark estimates is closer to 1 than the naive one."),
        (0.3, (0.1, 0.2), "None of 2 landmark estimates is closer to 1 than the naive one."),
    ],
)
def test_landmark_directions_are_computed(naive, later, expected):
    study = make_cohort_from(
        pd.DataFrame({"time": [1.0], "event": [1], "r": [0]}),
        variables={"r": {"levels": ["0", "1"]}},
        response={"variable": "r", "responders": ("1",), "controlled": ("1",)},
    ).study
    row = {"endpoint": "OS", "term": "response", "level": "Response", "kind": "level", "conf_level": 0.95}
    table = result_table(
        "cox",
        [
            row | {"model": "naive", "kind": "reference", "level": "No response"},
            row | {"model": "naive", "estimate": naive, "conf_low": naive / 2, "conf_high": naive * 2},
            *(
                row
                | {"model": "landmark", "landmark": 2 + place, "estimate": estimate, "conf_low": 0.1, "conf_high": 9}
                | {"excluded": 1}
                for place, estimate in enumerate(later)
            ),
        ],
    )
    said = str(prose.landmark_words(table, study))
    assert said.endswith(f"(1 patient left out). {expected}")
    assert f"the hazard ratio of response against no response, counted from time zero, is {naive:.2f} (95% CI" in said
    assert "from 2 months on (1 patient left out)" in said


def test_rates_agree_or_differ_for_a_stated_reason():
    uncensored = times_cohort([1.0, 2, 3, 4], [1, 1, 1, 1], analysis={"rate_times": (2.0,)})
    assert str(prose.rates_words(survival.survival_at(uncensored), uncensored.study)) == (
        "At every time shown the Kaplan-Meier and crude rates agree, because nobody was censored before then."
    )
    # Nobody is left at 3, so both rates are 0 although one patient was censored.
    emptied = times_cohort([1.0, 2, 3], [0, 1, 1], analysis={"rate_times": (3.0,)})
    assert str(prose.rates_words(survival.survival_at(emptied), emptied.study)) == (
        "At every time shown the Kaplan-Meier and crude rates agree."
    )
    # One censored at 1: 3 at risk at 2, so 2/3 against 2/4; beyond 4 there is nothing.
    censored = times_cohort([1.0, 2, 3, 4], [0, 1, 1, 0], analysis={"rate_times": (2.0, 9.0)})
    assert str(prose.rates_words(survival.survival_at(censored), censored.study)) == (
        "OS at 2 months: Kaplan-Meier 66.7%, crude 50.0%; the Kaplan-Meier rate is higher, because 1 patient was censored "
        "before then and the crude proportion counts them as failures. "
        "OS at 9 months: not estimable (beyond the last observation)."
    )


def test_conventions_of_the_median_are_said_once_when_they_agree():
    rows = [
        median_row(method="SPSS"),
        median_row(method="plain", conf_high=30.21),
        median_row(method="log", conf_high=None),
    ]
    study = times_cohort([1.0], [1]).study
    assert str(prose.median_conventions_words(summary(*rows), study)) == (
        "OS in months: median 19.0 by every convention; lower limit 12.8 by every convention; upper limit 25.3 (SPSS) to "
        "30.2 (plain), not reached (log)."
    )
    never = summary(median_row(estimate=None, conf_low=None, conf_high=None))
    assert str(prose.median_conventions_words(never, study)) == (
        "OS in months: median not reached by any convention; no limit is reached by any convention."
    )
    at_once = times_cohort([5.0, 5], [1, 1])
    assert str(prose.median_conventions_words(survival.survival_summary(at_once), at_once.study)) == (
        "OS in months: median 5.0 by every convention; no limit is estimable by any convention."
    )


def test_a_missing_limit_is_no_end_of_a_range_and_whole_days_have_no_decimal():
    rows = [
        median_row(method="SPSS", estimate=2450.0, conf_low=None, conf_high=None),
        median_row(method="plain", estimate=2450.0, conf_low=1900.0, conf_high=None),
        median_row(method="log", estimate=2450.0, conf_low=1900.0, conf_high=None),
        median_row(method="log-log", estimate=2450.0, conf_low=1850.5, conf_high=2900.0),
    ]
    study = times_cohort([1.0], [1], time_unit="days").study
    assert str(prose.median_conventions_words(summary(*rows), study)) == (
        "OS in days: median 2450 by every convention; lower limit 1850.5 (log-log) to 1900 (plain, log), not estimable "
        "(SPSS); upper limit 2900 (log-log), not estimable (SPSS), not reached (plain, log)."
    )


def harm_study(rows):
    plan = AdverseEvents(
        DataFile("ae.csv"), "patient", "term", "grade", "scheme", {"1": "Mild", "3": "Severe"}, "Severe"
    )
    events = pd.DataFrame(
        {
            "patient": [patient for patient, _ in rows],
            "term": "Pain",
            "grade": pd.Categorical([grade for _, grade in rows], ["Mild", "Severe"], ordered=True),
        }
    )
    return times_cohort(np.arange(1.0, 21), [1] * 20, adverse_events=events, adverse_events_plan=plan)


def test_no_severe_event_is_no_proof_of_none():
    cohort = harm_study([("0", "Mild")])
    assert str(prose.zero_events_words(safety.rule_of_three(cohort), cohort.study)) == (
        "No adverse event of grade severe or worse (scheme) is recorded in 20 patients. A true rate of up to 16.8% is "
        "compatible with that (exact two-sided 95% interval); the one-sided 95% limit is 13.9%, and the rule of three (95%) "
        "gives 15.0%."
    )


def test_a_severe_event_is_counted():
    cohort = harm_study([("0", "Severe"), ("0", "Mild")])
    assert str(prose.zero_events_words(safety.rule_of_three(cohort), cohort.study)) == (
        "1 of 20 patients (5.0%) had an adverse event of grade severe or worse (scheme); the exact 95% interval runs from "
        "0.1% to 24.9%."
    )


def test_verdicts_are_counted_in_their_order():
    rows = [{"id": str(i), "verdict": v} for i, v in enumerate(["rounding", "match", "match"])]
    assert str(prose.verdict_counts(result_table("published", rows))) == "3 published items. Match: 2; rounding: 1."


def test_tables_without_rows_give_their_reason():
    cohort = times_cohort([1.0], [1])
    assert str(prose.significant_factors(cox.cox(cohort), cohort.study)) == (
        "The analysis plan names no prognostic factors."
    )
    assert (
        str(prose.landmark_words(response_landmark.landmark_cox(cohort), cohort.study))
        == "The study declares no response."
    )
    assert str(prose.zero_events_words(safety.rule_of_three(cohort), cohort.study)) == (
        "This study declares no adverse-event file."
    )

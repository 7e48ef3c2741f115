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
from aice_helpers.show.factor_words import factors_words
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


def factor_row(term, estimate, low, high, **more):
    row = {"endpoint": "OS", "term": term, "kind": "numeric", "model": "multivariable", "step": 1, "n": 4, "events": 3}
    return row | {"estimate": estimate, "conf_low": low, "conf_high": high, "conf_level": 0.95} | more


JOINT = {"endpoint": "OS", "term": "a", "kind": "joint", "model": "multivariable", "n": 4, "events": 3, "p_value": 0.2}


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (
            [("a", 2.0, 1.5, 2.7), ("b", 1.1, 0.5, 2.4)],
            "1 of the 2 hazard ratios has an interval that leaves out 1. The clearest is First <a> (per unit) (HR 2.00, 95% CI 1.50 "
            "to 2.70), the least sure Second (per unit) (HR 1.10, 95% CI 0.50 to 2.40).",
        ),
        (
            [("a", 1.2, 0.9, 1.6), ("b", 0.9, 0.5, 1.6)],
            "none of the 2 hazard ratios has an interval that leaves out 1. The clearest is First <a> (per unit) (HR 1.20, 95% CI 0.90 "
            "to 1.60), the least sure Second (per unit) (HR 0.90, 95% CI 0.50 to 1.60).",
        ),
        (
            [("a", 0.5, 0.3, 0.8), ("b", 9.0, 2.0, 40.0)],
            "2 of the 2 hazard ratios have an interval that leaves out 1. The clearest is Second (per unit) (HR 9.00, 95% CI 2.00 to "
            "40.00).",
        ),
        ([("a", 0.5, 0.3, 0.8)], "the interval of the one hazard ratio leaves out 1: First <a> (per unit) (HR 0.50, 95% CI 0.30 to 0.80)."),
        ([("a", None, None, None)], "No interval is estimable for First <a> (per unit)."),
    ],
)  # fmt: skip
def test_the_ratios_are_told_by_effect_and_interval(rows, expected):
    study = factor_cohort().study
    table = result_table("cox", [JOINT, *(factor_row(*row) for row in rows)])
    told = str(factors_words(table, study)).split("\n")
    assert told[0].startswith("- OS, all factors together (4 patients, 3 events): ")
    assert told[0].removeprefix("- OS, all factors together (4 patients, 3 events): ").startswith(expected)
    assert told[1].startswith("An interval that holds 1 does not say")
    assert "<a>" not in factors_words(table, study)._repr_html_()


def test_a_direction_that_turns_is_told_beside_the_ratio():
    alone = factor_row("a", 1.19, 1.02, 1.39, model="univariable")
    table = result_table("cox", [JOINT, alone, factor_row("a", 0.86, 0.7, 1.06)])
    assert "On one side of 1 alone and on the other together: First <a> (per unit) (1.19 alone, 0.86 together)." in str(
        factors_words(table, factor_cohort().study)
    )


def test_what_is_known_later_is_not_counted_among_the_ratios(cohort):
    said = str(factors_words(cox.cox(cohort), cohort.study, endpoint="OS")).split("\n")
    assert len(said) == 2
    assert "4 of the 6 hazard ratios have an interval that leaves out 1" in said[0]
    assert "Not counted, for it is known only after time zero: Short-term efficacy (objective response)." in said[0]


def test_proportional_hazards_are_never_proven():
    study = factor_cohort().study
    rows = [
        {"endpoint": "OS", "term": "a", "p_value": 0.2, "model": "multivariable"},
        {"endpoint": "OS", "term": "b", "p_value": None, "model": "multivariable"},
        {"endpoint": "OS", "term": "GLOBAL", "p_value": 0.3, "model": "multivariable"},
    ]
    assert str(prose.ph_words(result_table("ph_test", rows), study)) == (
        "OS, multivariable: no factor has a P value below 0.05, which does not prove that the hazards are proportional; the "
        "test is not estimable for Second; global test: P = 0.300."
    )
    rows[0]["p_value"] = 0.01
    rows.append({"endpoint": "OS", "term": "b", "p_value": 0.02, "model": "univariable"})
    rows.append({"endpoint": "OS", "term": "a", "p_value": 0.06, "model": "univariable"})
    said = str(prose.ph_words(result_table("ph_test", rows), study))
    assert "speaks against a constant hazard ratio for First <a> (P = 0.010)" in said
    assert said.endswith("global test: P = 0.300; one factor at a time, P below 0.05 for Second (P = 0.020).")


@pytest.mark.parametrize(
    ("naive", "later", "expected"),
    [
        (0.3, (0.5,), "The unadjusted landmark estimate is closer to 1 than the naive one."),
        (0.5, (0.3,), "The unadjusted landmark estimate is not closer to 1 than the naive one."),
        (
            0.5,
            (2.0,),
            "The unadjusted landmark estimate is not closer to 1 than the naive one. The unadjusted landmark estimate is on the other side of 1.",
        ),
        (0.3, (0.5, 0.6), "Both unadjusted landmark estimates are closer to 1 than the naive one."),
        (0.3, (0.5, 0.6, 0.7), "All 3 unadjusted landmark estimates are closer to 1 than the naive one."),
        (0.3, (0.5, 0.6, 0.2), "2 of the 3 unadjusted landmark estimates are closer to 1 than the naive one."),
        (0.3, (0.5, 0.1, 0.2), "1 of the 3 unadjusted landmark estimates is closer to 1 than the naive one."),
        (0.3, (0.1, 0.2), "None of the 2 unadjusted landmark estimates is closer to 1 than the naive one."),
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
    overlap = "the two intervals overlap" if len(later) == 1 else "all of their intervals overlap with the naive one"
    expected = expected.replace(" than the naive one", f" than the naive one; {overlap}")
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
        "before then and the crude proportion counts that one as a failure. "
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
    assert str(factors_words(cox.cox(cohort), cohort.study)) == ("The analysis plan names no prognostic factors.")
    assert (
        str(prose.landmark_words(response_landmark.landmark_cox(cohort), cohort.study))
        == "The study declares no response."
    )
    assert str(prose.zero_events_words(safety.rule_of_three(cohort), cohort.study)) == (
        "This study declares no adverse-event file."
    )

"""Endpoints whose codes tell several ends apart, and patients who are observed late, against R's survival.

The files in tests/cases are of our own making; their right values are from R 4.2.2, survival 3.5-3.
"""

import json
import shutil

import numpy as np
import pandas as pd
import pytest
from cohorts import TESTS
from studies import dated_clinic, write_study

from aice_helpers.analysis import Analysis
from aice_helpers.core.problems import StudyError
from aice_helpers.core.results import pick
from aice_helpers.data.load import load_cohort
from aice_helpers.draft.draft import draft_study
from aice_helpers.show import figures, tables
from aice_helpers.show.observation_words import observation_words
from aice_helpers.show.prose import cohort_counts, rates_words
from aice_helpers.stats.conventions.two_groups import counts_of, weighted_test
from aice_helpers.stats.samples import outcome_reasons
from aice_helpers.study.reader import read_study

ENTRY = pd.read_csv(TESTS / "reference" / "entry.csv", keep_default_na=False).set_index(["what", "term"])["value"]

STUDY = """title: A study
synthetic: false
time_unit: months
patients: {file: FILE}
variables:
  id: {label: Patient, role: id, type: text}
  age: {label: Age, unit: years, role: baseline, type: integer, step: 10, known: at the start}
endpoints:
ENDPOINTS
analysis:
  rate_times: [12, 24]
  rmst_horizon: 24
  groups: [age]
  cut_points: {age: {at: [55], source: none}}
  prognostic_factors: [age]
  multivariable: [age]
"""

RELAPSE = """  TTR: {label: Time to relapse, time: months, event: status, event_label: relapse, competing: {death in remission: 2}}
  RFS: {label: Relapse-free survival, time: months, event: status, event_label: relapse or death,
        event_value: {1: relapse, 2: death in remission}}"""

STATES = """  OS: {label: Overall survival, time: months, event: outcome, event_label: death,
       event_value: [Dead of disease, Dead of other causes],
       censored_value: {Alive with disease: with disease, Alive without disease: without disease}}
  DSS: {label: Disease-specific survival, time: months, event: outcome, event_label: death of disease,
        event_value: Dead of disease, competing: {other death: Dead of other causes},
        censored_value: [Alive with disease, Alive without disease]}"""

LATE = "  OS: {label: Overall survival, time: os_months, event: os_event, event_label: death, entry: entry_months}"


@pytest.fixture
def study(tmp_path):
    def study(file, endpoints, change=lambda text: text):
        text = (TESTS / "cases" / file).read_text(encoding="utf-8")
        (tmp_path / file).write_text(change(text), encoding="utf-8")
        (tmp_path / "study.yml").write_text(
            STUDY.replace("FILE", file).replace("ENDPOINTS", endpoints), encoding="utf-8"
        )
        return tmp_path / "study.yml"

    return study


@pytest.fixture
def faults(study):
    def faults(*arguments):
        with pytest.raises(StudyError) as error:
            load_cohort(study(*arguments))
        return [str(problem) for problem in error.value.problems]

    return faults


def ends(analysis, endpoint):
    table = analysis.table("derivation")
    return {(row.rule, row.kind): row.count for row in table[table["endpoint"] == endpoint].itertuples()}


def test_a_competing_event_is_no_event_and_no_fault(study):
    analysis = Analysis(load_cohort(study("competing.csv", RELAPSE)))
    outcome = analysis.cohort.outcome("TTR")
    assert outcome.causes == ("relapse", "death in remission")
    assert (outcome.event == (outcome.cause == 1)).all()
    cells = pd.read_csv(TESTS / "cases" / "competing.csv")["status"]
    assert ends(analysis, "TTR") == {
        ("event", "relapse"): (cells == 1).sum(),
        ("competing", "death in remission"): (cells == 2).sum(),
        ("censored", "censored"): (cells == 0).sum(),
        ("no_follow_up", ""): 0,
    }
    rate = pick(analysis.table("survival_at"), endpoint="TTR", time=24.0, method="Kaplan-Meier, log-log")
    assert 1 - rate["estimate"] == pytest.approx(0.4625, abs=5e-5)
    said = repr(observation_words(analysis))
    assert said.startswith("- Time to relapse: death in remission rules the event out (competing)")
    assert "cause-specific Kaplan-Meier" in said
    assert "Relapse-free" not in said


def test_kinds_of_the_event_are_counted_apart_and_analyzed_as_one(study):
    analysis = Analysis(load_cohort(study("competing.csv", RELAPSE)))
    found = ends(analysis, "RFS")
    outcome = analysis.cohort.outcome("RFS")
    assert outcome.event.sum() == found["event", "relapse"] + found["event", "death in remission"]
    assert ends(analysis, "TTR")["event", "relapse"] == found["event", "relapse"]
    shown = repr(tables.derivation(analysis.table("derivation"), analysis.study))
    assert shown.startswith("How observation ended")
    for words in ("Event: death in remission", "Competing event: death in remission", "No time or no state, left out"):
        assert words in shown


def test_four_states(study):
    analysis = Analysis(load_cohort(study("fourstates.csv", STATES)))
    median = pick(analysis.table("survival_summary"), endpoint="OS", method="log-log")
    assert (median["n"], median["events"], median["estimate"]) == (80, 33, 24.0)
    assert ends(analysis, "OS") == {
        ("event", "death"): 33,
        ("censored", "with disease"): 21,
        ("censored", "without disease"): 26,
        ("no_follow_up", ""): 0,
    }
    assert ends(analysis, "DSS")["competing", "other death"] + ends(analysis, "DSS")["event", "death of disease"] == 33


def test_follow_up_counts_no_competing_event_as_its_end(study):
    analysis = Analysis(load_cohort(study("fourstates.csv", STATES)))
    follow_up = analysis.table("follow_up").set_index(["endpoint", "term"])
    for column in ("n", "estimate"):
        own, all_deaths = (follow_up.loc[(name, "median of censored times"), column] for name in ("DSS", "OS"))
        assert own == all_deaths
    assert (
        follow_up.loc[("DSS", "median follow-up"), "estimate"] == follow_up.loc[("OS", "median follow-up"), "estimate"]
    )


def test_a_masked_book_does_not_tell_how_many_had_a_competing_event(study):
    rows = "id,months,status,age\n" + "".join(
        f"{k},{5 + k * 0.37:.2f},{(1, 1, 0)[k % 3]},{30 + k}\n" for k in range(78)
    )
    rows += "".join(f"{k},{9 + k * 0.11:.2f},2,50\n" for k in (78, 79))
    analysis = Analysis(load_cohort(study("competing.csv", RELAPSE.split("\n  RFS")[0], lambda _: rows)), mask_below=5)
    assert (analysis.cohort.outcome("TTR").cause == 2).sum() == 2
    follow_up = analysis.table("follow_up").set_index("term")
    censored = follow_up.loc[["median of censored times", "longest censored time"]]
    assert censored[["n", "estimate"]].isna().all(axis=None)
    assert pd.isna(follow_up.loc["median follow-up", "estimate"])
    censored = (analysis.cohort.outcome("TTR").cause <= 0).sum()
    for name in ("follow_up", "baseline", "survival_summary", "derivation"):
        numbers = analysis.table(name).select_dtypes("number").to_numpy(dtype=float, na_value=np.nan)
        assert not (numbers == censored).any(), name


def test_a_code_that_is_not_declared_is_a_fault_with_its_rows_and_the_way_out(faults):
    found = faults("fourstates.csv", STATES.replace("Dead of disease, Dead of other causes", "Dead of disease"))
    assert "'Dead of other causes'" in found[0]
    assert "none of those declared for OS: Dead of disease (death), Alive with disease (with disease)" in found[0]
    assert "censored_value if the observation ended without it, competing if it rules it out" in found[0]


@pytest.mark.parametrize(
    ("endpoints", "words"),
    [
        (RELAPSE.replace("remission: 2", "remission: 1"), "the same code"),
        (RELAPSE.replace("{1: relapse,", "{0: relapse,"), "the same code"),
        (RELAPSE.replace("death in remission: 2}}", "relapse: 2}}", 1), "no name of its own"),
        (RELAPSE.replace("{death in remission: 2}", "[death]"), "a code is needed here"),
        (RELAPSE.replace("{death in remission: 2}", "death"), "a mapping of keys to values is needed"),
        (RELAPSE.replace("competing:", "event_value: [], competing:"), "a code is needed here"),
    ],
)
def test_codes_that_contradict_one_another(faults, endpoints, words):
    assert any(words in fault for fault in faults("competing.csv", endpoints))


def test_a_single_code_is_written_as_before(study):
    endpoint = read_study(study("entry.csv", LATE)).endpoints["OS"]
    assert (endpoint.event_value, endpoint.censored_value, endpoint.competing) == ({"1": ""}, {"0": ""}, {})


def test_delayed_entry(study):
    analysis = Analysis(load_cohort(study("entry.csv", LATE)))
    median = pick(analysis.table("survival_summary"), method="log")
    assert (median["estimate"], median["conf_low"], median["conf_high"]) == (18.5, 12.5, 32.3)
    rate = pick(analysis.table("survival_at"), time=12.0, method="Kaplan-Meier, log")
    assert rate["estimate"] == pytest.approx(0.6365768, abs=5e-8)
    assert rate["at_risk"] == 38
    assert analysis.table("model_performance")["estimate"].isna().sum() >= 2
    for name, row in (
        ("survival_summary", {"method": "SPSS"}),
        ("survival_at", {"time": 12.0, "method": "crude proportion, Clopper-Pearson"}),
    ):
        assert [reason.code for reason in pick(analysis.table(name), **row)["reasons"]] == ["cannot_use"]
    said = repr(observation_words(analysis))
    assert "counts as at risk from the entry on" in said
    assert "crude proportion has no meaning" in repr(rates_words(analysis.table("survival_at"), analysis.study))
    assert "60 patients, 32 events" in figures.survival_curves(analysis.table("survival_curve"), analysis.study).alt
    assert "not estimable" in figures.interval_conventions(analysis.table("survival_summary"), analysis.study).alt


def late(name):
    """R's values of a cohort with delayed entry, by what and term."""
    return pd.read_csv(TESTS / "reference" / f"late_{name}_values.csv").set_index(["what", "term"])["value"]


@pytest.mark.parametrize("name", ["invented", "pbc", "mgus"])
def test_weighted_log_rank_tests_with_delayed_entry_as_in_r(name):
    wanted = late(name)
    data = pd.read_csv(TESTS / "reference" / ("entry_data.csv" if name == "invented" else f"late_{name}.csv"))
    counts = counts_of(data["time"], data["event"] == 1, data["arm"] == 1, entry=data["entry"])
    for test, term in (("Gehan-Breslow", "Gehan"), ("Tarone-Ware", "Tarone-Ware")):
        assert weighted_test(counts, test)[0] == pytest.approx(wanted[term].iloc[0], rel=1e-9)


def test_delayed_entry_as_in_r(tmp_path):
    """Through the study file, from the file to the result tables."""
    data = pd.read_csv(TESTS / "reference" / "entry_data.csv")
    data.to_csv(tmp_path / "data.csv", index=False)
    text = """title: A study
synthetic: false
time_unit: months
patients: {file: data.csv, row_number: id}
variables:
  id: {label: Patient, role: id, type: text}
  age: {label: Age, role: baseline, type: integer}
  arm: {label: Arm, role: baseline, type: category, levels: {0: a, 1: b}}
endpoints:
  OS: {label: Overall survival, time: time, event: event, entry: entry}
analysis:
  rate_times: [6, 12, 24, 36]
  rmst_horizon: 36
  groups: [arm]
  prognostic_factors: [age, arm]
  multivariable: [age, arm]
"""
    (tmp_path / "study.yml").write_text(text, encoding="utf-8")
    analysis = Analysis(load_cohort(tmp_path / "study.yml"))
    assert pick(analysis.table("logrank"), level="")["statistic"] == pytest.approx(
        late("invented")["log-rank", "invented"], rel=1e-8
    )
    for kind in ("log", "log-log", "plain"):
        row = pick(analysis.table("survival_summary"), method=kind)
        for column, term in (("estimate", "estimate"), ("conf_low", "low"), ("conf_high", "high")):
            assert row[column] == pytest.approx(ENTRY[f"median {kind}", term], rel=1e-8)
        for time in (6.0, 12.0, 24.0, 36.0):
            row = pick(analysis.table("survival_at"), method=f"Kaplan-Meier, {kind}", time=time)
            for column, term in (
                ("estimate", "estimate"),
                ("conf_low", "low"),
                ("conf_high", "high"),
                ("at_risk", "at risk"),
            ):
                assert row[column] == pytest.approx(ENTRY[f"rate {kind}", f"{time:g} {term}"], rel=1e-8)
    assert pick(analysis.table("rmst"))["estimate"] == pytest.approx(ENTRY["rmst", "36"], rel=1e-8)
    assert pick(analysis.table("rmst"))["std_error"] == pytest.approx(ENTRY["rmst", "error"], rel=1e-8)
    for place, where in ((1, {"term": "age"}), (2, {"term": "arm", "level": "b"})):
        row = pick(analysis.table("cox"), model="multivariable", kind="numeric" if place == 1 else "level", **where)
        assert row["coefficient"] == pytest.approx(ENTRY["entry", f"coefficient {place}"], rel=1e-6)
        assert row["std_error"] == pytest.approx(ENTRY["entry", f"error {place}"], rel=1e-6)
        row = pick(analysis.table("ph_test"), model="multivariable", term=where["term"])
        assert row["statistic"] == pytest.approx(ENTRY["entry km", f"chi-square {place}"], rel=1e-5)
    with pytest.raises(StudyError, match="cannot be masked where patients enter late"):
        Analysis(analysis.cohort, mask_below=5)


@pytest.mark.parametrize(
    ("name", "unit", "times"), [("pbc", "years", "45, 55, 65, 75"), ("mgus", "months", "600, 720, 840, 960")]
)
def test_published_cohorts_with_age_as_time_scale_as_in_r(tmp_path, name, unit, times):
    """Two of survival's cohorts, followed from birth and observed from their diagnosis on (`make_entry.R`)."""
    wanted = late(name)
    shutil.copy(TESTS / "reference" / f"late_{name}.csv", tmp_path / "data.csv")
    (tmp_path / "study.yml").write_text(
        f"""title: A study
synthetic: false
time_unit: {unit}
patients: {{file: data.csv}}
variables:
  id: {{label: Patient, role: id, type: text}}
  measure: {{label: Measure, role: baseline, type: number}}
  arm: {{label: Arm, role: baseline, type: category, levels: {{0: a, 1: b}}}}
endpoints:
  OS: {{label: Overall survival, time: time, event: event, entry: entry}}
analysis:
  rate_times: [{times}]
  rmst_horizon: {times.split(", ")[-1]}
  groups: [arm]
  prognostic_factors: [measure, arm]
  multivariable: [measure, arm]
""",
        encoding="utf-8",
    )
    analysis = Analysis(load_cohort(tmp_path / "study.yml"))
    for kind in ("log", "log-log", "plain"):
        found = {f"median {kind}": pick(analysis.table("survival_summary"), method=kind)}
        for time in times.split(", "):
            found[f"rate {kind} {time}"] = pick(
                analysis.table("survival_at"), method=f"Kaplan-Meier, {kind}", time=float(time)
            )
        for what, row in found.items():
            for term, value in wanted[what].items():
                assert row[term] == pytest.approx(value, rel=1e-8), (what, term)
    for term, value in wanted["rmst"].items():
        assert pick(analysis.table("rmst"))[term] == pytest.approx(value, rel=1e-8)
    assert pick(analysis.table("logrank"), level="")["statistic"] == pytest.approx(
        wanted["log-rank", "chi-square"], rel=1e-8
    )
    for term, where in (("measure", {"kind": "numeric"}), ("arm", {"kind": "level", "level": "b"})):
        row = pick(analysis.table("cox"), model="multivariable", term=term, **where)
        assert row["coefficient"] == pytest.approx(wanted["coefficient", term], rel=1e-6)
        assert row["std_error"] == pytest.approx(wanted["std_error", term], rel=1e-6)
        row = pick(analysis.table("ph_test"), model="multivariable", term=term)
        assert row["statistic"] == pytest.approx(wanted["ph", term], rel=1e-5)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("1,0.8,35.9", "1,35.9,35.9", "row 2, column 'entry_months': OS: the patient enters at or after the end"),
        ("1,0.8,35.9", "1,,35.9", "row 2, column 'entry_months': OS: no time of entry is recorded"),
        ("1,0.8,35.9", "1,-0.8,35.9", "found '-0.8'; a time of entry is negative"),
    ],
)
def test_an_entry_that_cannot_be(faults, old, new, words):
    (found,) = faults("entry.csv", LATE, lambda text: text.replace(old, new))
    assert words in found


def test_small_early_risk_sets_and_a_curve_at_zero_are_said(study):
    rows = "id,entry_months,os_months,os_event,age\n1,0,1,1,50\n2,0,2,1,60\n" + "".join(
        f"{k},{5 + k / 10:g},{20 + k},{k % 2},{40 + k}\n" for k in range(3, 40)
    )
    analysis = Analysis(load_cohort(study("entry.csv", LATE, lambda _: rows)))
    said = repr(observation_words(analysis))
    assert "2 events up to 2 months while fewer than 10 were (as few as 1)" in said
    assert "The curve is down to 0 at 2 months" in said


def test_an_undeclared_time_of_entry_is_asked_for(faults, study, tmp_path):
    (found,) = faults("entry.csv", LATE.replace(", entry: entry_months", ""))
    assert "column 'entry_months'" in found
    assert "Write entry: entry_months under OS if it is" in found
    text = study("entry.csv", LATE.replace(", entry: entry_months", "")).read_text(encoding="utf-8")
    answered = text.replace("endpoints:", "  entry_months: {label: Entry, role: excluded, type: number}\nendpoints:")
    (tmp_path / "study.yml").write_text(answered, encoding="utf-8")
    assert load_cohort(tmp_path / "study.yml").outcome("OS").entry is None


def test_drafts_ask_for_entries_and_third_codes(tmp_path):
    for file in ("entry.csv", "competing.csv", "fourstates.csv"):
        shutil.copyfile(TESTS / "cases" / file, tmp_path / file)
    late = draft_study(tmp_path / "entry.csv")
    assert "    entry: entry_months" in late.text
    assert [guess.what for guess in late.guesses if guess.is_question] == ["endpoints.OS.entry"]
    assert "18.5" in "\n".join(late.found)
    (asked,) = (one for one in draft_study(tmp_path / "competing.csv").guesses if one.what.endswith("event_value"))
    assert asked.is_question
    assert [other.split(":")[0] for other in asked.alternatives] == ["event_value", "censored_value", "competing"]
    states = draft_study(tmp_path / "fourstates.csv")
    assert "event_value: {Dead of disease: Dead of disease, Dead of other causes: Dead of other causes}" in states.text
    assert "33" in "\n".join(states.found)


def test_dates_of_entry(tmp_path):
    patients, events, study = dated_clinic()
    start, seen = (pd.to_datetime(patients[name], format="mixed") for name in ("start", "seen"))
    late = np.arange(len(patients)) % 3 == 0
    entered = start.where(~late, start + (seen - start) / 4)
    patients["referral"] = entered.dt.strftime("%Y-%m-%d")
    study["dates"]["entry"] = "referral"
    cohort = load_cohort(write_study(tmp_path, patients, events, study))
    outcome = cohort.outcome("OS")
    days = (pd.to_datetime(patients["referral"]) - start).dt.days.to_numpy() / 30.4375
    assert outcome.entry[late & outcome.known] == pytest.approx(days[late & outcome.known])
    assert (outcome.entry[~late] < 0).all()
    never = cohort.derivation.endpoints["PFS"].entered_late
    assert never.any()
    assert np.isnan(cohort.outcome("PFS").time[never]).all()
    assert any("never at risk" in str(remark) for remark in cohort.remarks)
    analysis = Analysis(cohort)
    unknown = int((~cohort.outcome("PFS").known).sum() - never.sum())
    reasons = {reason.code: reason["count"] for reason in outcome_reasons(cohort, "PFS")}
    assert reasons == {"never_at_risk": never.sum()} | ({"outcome_missing": unknown} if unknown else {})
    assert f"{never.sum()} patients never at risk left out" in repr(
        tables.medians(analysis.table("survival_summary"), cohort.study)
    )
    assert f"{never.sum()} patients never at risk." in repr(cohort_counts(analysis))
    for row in analysis.table("estimands").itertuples():
        kept = [reason["count"] for reason in row.reasons if reason.code == "never_at_risk"]
        assert sum(kept) + row.n == len(patients) - unknown
    table = analysis.table("derivation")
    told = table[
        (table["endpoint"] == "PFS") & table["rule"].isin(["event", "censored", "no_follow_up", "entered_late"])
    ]
    assert told["count"].sum() == len(patients)
    dead = pd.to_datetime(patients["death"]).notna()
    patients.loc[dead.idxmax(), "referral"] = patients.loc[dead.idxmax(), "death"]
    with pytest.raises(StudyError, match="the entry lies on or after the death"):
        load_cohort(write_study(tmp_path, patients, events, study))
    patients.loc[5, "referral"] = ""
    with pytest.raises(StudyError, match="the date of the entry is missing"):
        load_cohort(write_study(tmp_path, patients, events, study))


def test_dates_know_competing_events(tmp_path):
    patients, events, study = dated_clinic()
    name = next(iter(study["endpoints"]))
    plan = study["dates"]["events"]
    others = [kind for kind in plan if kind not in study["endpoints"][name]["first_of"]]
    first = study["endpoints"][name]["first_of"]
    if not others:
        others, first = first[1:], first[:1]
        study["endpoints"][name]["first_of"] = first
    study["endpoints"] = {name: study["endpoints"][name] | {"competing": others}}
    cohort = load_cohort(write_study(tmp_path, patients, events, study))
    outcome = cohort.outcome(name)
    assert outcome.causes == (*first, *others)
    assert (outcome.cause > len(first)).any()
    assert not outcome.event[outcome.cause > len(first)].any()
    assert np.isfinite(outcome.time).all()
    assert json.dumps(outcome.events) == json.dumps(list(range(1, len(first) + 1)))

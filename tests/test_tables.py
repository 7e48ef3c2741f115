"""Display tables: escaped, named, aligned; what they print against the result tables they print."""

import dataclasses
import re
from xml.etree import ElementTree

import pandas as pd
import pytest
from cohorts import make_cohort_from, times_cohort
from studies import clinic, write_study
from test_figures import ODD_COHORTS, odd_results

from aice_helpers.analysis import Analysis
from aice_helpers.cli import main
from aice_helpers.core.problems import Problem
from aice_helpers.core.reasons import Reason
from aice_helpers.core.results import result_table
from aice_helpers.data.load import load_cohort
from aice_helpers.show import formats, tables
from aice_helpers.show.sentences import Sentence
from aice_helpers.show.tables import Cell, DisplayTable
from aice_helpers.stats import baseline, cox, survival

NASTY = "<script>alert(1)</script> $x$ {{ y }} **b**"

SHOWN = {
    "baseline": lambda t, s: tables.baseline(t["baseline"], s),
    "flow": lambda t, s: tables.patient_flow(t["baseline"]),
    "follow_up": lambda t, s: tables.follow_up(t["follow_up"], s),
    "endpoints": lambda t, s: tables.endpoints(s),
    "variables": lambda t, s: tables.variables(s),
    "plan": lambda t, s: tables.plan(s),
    "response": lambda t, s: tables.response(t["response"], s),
    "response_by_subgroup": lambda t, s: tables.response_by_subgroup(t["response"], s),
    "medians": lambda t, s: tables.medians(t["survival_summary"], s),
    "rates": lambda t, s: tables.rates(t["survival_at"], s),
    "rmst": lambda t, s: tables.rmst(t["rmst"], s),
    "logrank": lambda t, s: tables.logrank(t["logrank"], s),
    "group contrasts": lambda t, s: tables.group_contrasts(t["group_contrasts"], s),
    "group tests": lambda t, s: tables.group_tests(t["group_tests"], s),
    "cox": lambda t, s: tables.cox(t["cox"], s),
    "landmark": lambda t, s: tables.landmark(t["cox"], s),
    "ph_test": lambda t, s: tables.ph_test(t["ph_test"], s),
    "model_performance": lambda t, s: tables.model_performance(t["model_performance"], s),
    "adverse_events": lambda t, s: tables.adverse_events(t["adverse_events"], s),
    "zero_events": lambda t, s: tables.zero_events(t["adverse_events"], s),
    "arithmetic": lambda t, s: tables.arithmetic(t["arithmetic"], s),
    "times": lambda t, s: tables.time_conventions(t["conventions"], s),
    "two groups": lambda t, s: tables.group_conventions(t["conventions"], s),
    "proportions": lambda t, s: tables.proportion_conventions(t["conventions"], s),
    "halves": lambda t, s: tables.exact_halves(t["conventions"]),
    "printed": lambda t, s: tables.printed_conventions(t["printed_conventions"], s),
    "published": lambda t, s: tables.published(t["published"], s, {"survival": "03.html"}),
    "headline": lambda t, s: tables.headline(t, s, {"response": "02.html#a&b"}),
}


@pytest.fixture(scope="module")
def everything(cohort):
    return Analysis(cohort).results()


def lines(shown):
    """Each printed row as header -> cells, as plain text."""
    return {row.header.text: [cell.text for cell in row.cells] for row in shown.rows if not row.heading}


def parsed(shown):
    """The HTML, which must be well formed, as an element tree."""
    return ElementTree.fromstring(f"<div>{shown._repr_html_()}</div>")


def small(**changes):
    shown = DisplayTable("Title <b>", ("Name", "n"), (False, True))
    shown.add(changes.get("header", "row"), "1", note=changes.get("note", ""))
    return shown


def test_html_escapes_everything_and_names_the_scrolling_region():
    shown = small(header=NASTY, note=NASTY)
    tree = parsed(shown)
    region = tree.find("div")
    assert region.attrib == {"class": "aice-scroll", "tabindex": "0", "role": "region", "aria-label": "Title <b>"}
    assert tree.find(".//caption").text == "Title <b>"
    header = tree.find(".//tbody/tr/th")
    assert (header.attrib["scope"], header.text, header.find("sup").text) == ("row", NASTY, "a")
    assert "<script" not in shown._repr_html_()
    assert [cell.attrib["class"] for cell in tree.findall(".//thead/tr/th")] == ["text", "number"]
    assert f"[a] {NASTY}" in repr(shown)


def test_plain_text_is_aligned_with_wide_characters():
    shown = DisplayTable("T", ("Name", "n"), (False, True))
    shown.add("肿瘤大小", "5")
    shown.add_heading("Group")
    shown.add("Größe", "12", indent=True)
    assert repr(shown) == "T\nName       n\n------------\n肿瘤大小   5\nGroup\n  Größe   12"


def test_equal_notes_share_a_letter_and_letters_go_on_after_z():
    shown = small()
    marks = [shown.mark(f"note {i}") for i in range(28)]
    assert (marks[0], marks[25], marks[26], marks[27]) == ("a", "z", "aa", "ab")
    assert shown.mark("note 3") == "d"
    assert shown.mark("") == ""


def test_a_link_is_escaped_and_only_a_cell_carries_one():
    assert Cell("a<b", 'x"y&z').to_html() == '<a href="x&quot;y&amp;z">a&lt;b</a>'


@pytest.mark.parametrize("name", SHOWN)
def test_every_table_is_well_formed_and_deterministic(name, everything, cohort):
    shown, again = SHOWN[name](everything, cohort.study), SHOWN[name](everything, cohort.study)
    tree = parsed(shown)
    assert tree.find(".//caption").text == shown.title
    assert {len(row) for row in tree.findall(".//tbody/tr") if "class" not in row.attrib} == {len(shown.columns)}
    assert shown._repr_html_() == again._repr_html_()
    assert repr(shown) == repr(again)
    assert not re.search(r"\b(nan|inf|None|<NA>)\b", repr(shown))


def test_printed_numbers_are_those_of_the_result_tables(everything, cohort):
    study = cohort.study
    response = lines(tables.response(everything["response"], study))
    assert response["Objective response (ORR), all patients"] == [
        "42", "113", "37.2%", "28.3% to 46.8%", "28.8% to 46.4%",
    ]  # fmt: skip
    assert lines(tables.zero_events(everything["adverse_events"], study))["rule of three"] == [
        "0", "113", "0.0%", "95%", "0.0% to 2.7%",
    ]  # fmt: skip
    harms = tables.adverse_events(everything["adverse_events"], study)
    assert lines(harms)["Pain"] == ["26 (23.0%)", "15.6% to 31.9%", "15", "11", "0", "0", "0", "0", "37"]
    assert harms.title.startswith("Patients (of 113) with an adverse event, by worst grade (")
    assert harms.columns[3:8] == ("Mild", "Moderate", "Severe", "Grade 4", "Death")
    assert harms.footnotes[-1] == "Grade 4: Life-threatening or disabling."
    assert "Severe or worse: from the grade severe on." in harms.footnotes[0]
    numbered = dataclasses.replace(study.adverse_events, severe_from="Grade 3")
    other = tables.adverse_events(everything["adverse_events"], dataclasses.replace(study, adverse_events=numbered))
    assert "Severe or worse: from grade 3 on." in other.footnotes[0]
    first = tables.medians(everything["survival_summary"].query("group == '' and endpoint == 'OS'"), study)
    assert lines(first)["SPSS"] == ["113", "86", "19.0", "12.8 to 25.3"]
    assert first.rows[0].heading
    assert first.rows[0].header.text == "Overall survival"
    head = tables.headline(everything, study, {"response": "02.html"})
    row = next(row for row in head.rows if row.header.text == "Disease control (DCR)")
    assert [cell.text for cell in row.cells] == ["113", "86", "76.1%", "67.2% to 83.6%", "Clopper-Pearson"]
    assert row.header.href == "02.html"
    assert lines(head)["Any recorded adverse event"][:3] == ["113", "45", "39.8%"]


def test_cox_shows_both_models_with_reference_joint_test_and_step(cohort):
    models = cox.cox(cohort)
    shown = tables.cox(models, cohort.study, endpoint="OS")
    printed = lines(shown)
    joint = models.query("endpoint == 'OS' and term == 'differentiation' and kind == 'joint'").set_index("model")[
        "p_value"
    ]
    row = printed["Pathological differentiation"]
    assert row[:2] == ["113", "86"]
    assert (row[2], row[4]) == ("", "")
    assert row[3] == formats.p_value(joint["univariable"])
    assert row[5] == formats.p_value(joint["multivariable"])
    assert printed["Well"] == ["32", "22", "1 (reference)", "", "1 (reference)", ""]
    # Three levels: each with Wald's P; two levels: the test of the factor says it; a number: its likelihood-ratio test.
    assert printed["Poor"][3::2] == ["< 0.001", "0.006"]
    assert printed["Distant metastasis"][2:] == ["", "0.003", "", "< 0.001"]
    assert printed["Yes"] == ["70", "58", "1.96 (1.25 to 3.09)", "", "2.48 (1.53 to 4.02)", ""]
    size = models.query("endpoint == 'OS' and term == 'tumor_size_cm' and kind == 'joint'")
    assert printed["Tumor size (per cm)"][3::2] == [formats.p_value(p) for p in size["p_value"]]
    assert "P of a factor: likelihood-ratio test; P of a level against the reference: Wald." in shown.footnotes[0]
    assert printed["Age (per 10 years)"][4:] == ["", ""]
    assert len([row for row in shown.rows if row.heading]) == 1


def test_what_is_not_estimable_is_said_in_words_with_its_reason():
    cohort = times_cohort([1.0, 2, 3, 4], [0, 0, 0, 0], columns={"a": [1, 2, 3, 4]}, variables={"a": {}},
                          analysis={"prognostic_factors": ("a",)})  # fmt: skip
    shown = tables.cox(cox.cox(cohort), cohort.study)
    assert lines(shown)["a (per unit)"] == ["4", "0", "not estimable", "not estimable", "", ""]
    assert list(shown.notes) == ["one at a time: not estimable: no events"]
    medians = tables.medians(survival.survival_summary(cohort), cohort.study)
    assert lines(medians)["SPSS"] == ["4", "0", "not reached", "not estimable"]
    assert lines(medians)["plain (R)"] == ["4", "0", "not reached", "not reached"]
    assert list(medians.notes) == ["not reached: no events"]


def test_baseline_counts_the_missing_and_an_empty_variable_has_no_numbers():
    frame = {"time": [1.0, 2], "event": [1, 1], "x": [None, None], "y": [2.0, None], "c": ["1", None]}
    cohort = make_cohort_from(
        pd.DataFrame(frame), variables={"x": {}, "y": {"unit": "cm"}, "c": {"levels": {"1": NASTY, "2": "two"}}}
    )
    printed = lines(tables.baseline(baseline.baseline_table(cohort), cohort.study))
    assert printed["x"] == ["0", "2", ""]
    assert printed["y, cm"] == ["1", "1", ""]
    assert printed["Median (quartiles)"] == ["", "", "2.0 (2.0 to 2.0)"]
    assert printed["Mean (standard deviation)"] == ["", "", "2.0 (not estimable)"]
    assert printed[NASTY] == ["", "", "1 (100.0%)"]
    assert printed["two"] == ["", "", "0 (0.0%)"]


def test_remarks_are_counted_without_a_patients_value():
    noticed = times_cohort([1.0], [1])
    assert repr(tables.remarks(Analysis(noticed))) == "The loader noticed nothing unusual in the data files."
    remark = ("c.csv", "outside the plausible range", "Check it")
    object.__setattr__(
        noticed, "remarks", (Problem(*remark, 2, "age", "999"), Problem(*remark, 5, "age", "888", count=3))
    )
    shown = tables.remarks(Analysis(noticed))
    assert lines(shown)["age"] == ["c.csv", "outside the plausible range", "4", "Check it"]
    assert "999" not in repr(shown)
    lost = Problem("c.csv", "Size: 3 of 20 patients have no value", "Fill it in", column="size")
    said = ("c.csv", "the code '9' is declared to mean not recorded", "Nothing to do")
    code, once = Problem(*said, column="grade", count=3, rows=(2, 5, 6)), Problem(*said, column="stage", rows=(7,))
    object.__setattr__(noticed, "remarks", (lost, code, once))
    printed = lines(tables.remarks(Analysis(noticed)))
    assert [printed[column][2] for column in ("size", "grade", "stage")] == ["", "3", "1"]
    assert "names the rows" in repr(tables.remarks(Analysis(noticed)))
    object.__setattr__(noticed, "remarks", (lost,))
    assert "names the rows" not in repr(tables.remarks(Analysis(noticed)))


def test_what_the_page_says_of_the_check_is_what_the_check_does(tmp_path, capsys):
    """Every remark that the page gives a number of rows is listed by the command with just so many rows."""
    patients, events, study = clinic()
    study["variables"]["age"] |= {"missing": ["99"], "range": [0, 75]}
    patients = patients.assign(age=patients["age"].astype(str), sex=patients["sex"].where(patients.index > 2))
    patients.loc[[4, 7], "age"], patients.loc[[8, 20, 21], "stage"] = "99", "iv"
    events.loc[events.index[[0, 2]], "event"] = "PAIN"
    path = write_study(tmp_path, patients, events, study)
    page = tables.remarks(Analysis(load_cohort(path)))
    assert "`aice check` names the rows" in repr(page)
    assert main(["check", str(path)]) == 0
    lines = capsys.readouterr().out.splitlines()
    counted = [row for row in page.rows if row.cells[2].text]
    assert len(counted) >= 5
    for row in counted:
        alike = [
            line
            for line in lines
            if row.cells[1].text in line and (f"column '{row.header.text}'" in line or not row.header.text)
        ]
        assert sum(map(rows_named, alike)) == int(row.cells[2].text), row


def rows_named(line):
    """Number of rows that a line of `aice check` names."""
    (named,) = re.findall(r"^- [^,:]+, rows? ([\d, to]+?)(?:, column|: )", line)
    spans = [[int(number) for number in part.split(" to ")] for part in named.split(", ")]
    return sum(span[-1] - span[0] + 1 for span in spans)


def test_the_plan_shows_what_is_planned():
    study = times_cohort([1.0], [1], analysis={"rate_times": (1.0,), "response_landmarks": (2.0,)}).study
    assert lines(tables.plan(study)) == {"Confidence level": ["95%"], "Times of the survival rates": ["1 month"]}


def test_medians_are_of_survival_only_where_the_endpoint_is_and_whole_weeks_have_no_decimal():
    cohort = times_cohort([4.0, 5, 9, 10], [1, 1, 1, 1], time_unit="weeks")
    summary = survival.survival_summary(cohort)
    shown = tables.medians(summary, cohort.study)
    assert shown.title == "Median time to event, in weeks, by convention of the interval"
    assert lines(shown)["log (R's default)"][2] == "7"
    endpoint = dataclasses.replace(cohort.study.endpoints["OS"], label="Overall survival")
    study = dataclasses.replace(cohort.study, endpoints={"OS": endpoint})
    assert tables.medians(summary, study).title == "Median survival in weeks, by convention of the interval"
    area = tables.rmst(survival.rmst(cohort, horizon=5), study)
    # 1 up to 4, then 3/4 up to 5.
    assert lines(area)["Overall survival"][3] == "4.8"


def test_the_flow_names_endpoints_by_their_labels(everything):
    flow = lines(tables.patient_flow(everything["baseline"]))
    assert flow["Progression-free survival: event"] == ["101", "89.4%"]
    assert flow["Overall survival: censored"] == ["27", "23.9%"]


def test_an_empty_result_table_gives_its_reason():
    study = make_cohort_from(
        pd.DataFrame({"time": [1.0], "event": [1], "x": [1.0]}), variables={"x": {"label": "<plan>"}}
    ).study
    for name, show in (("rmst", tables.rmst), ("cox", tables.cox), ("response", tables.response)):
        said = show(result_table(name, [], reason=Reason("nobody_has_value", variable="x")), study)
        assert isinstance(said, Sentence)
        assert said._repr_html_() == "<p>No patient has a value of &lt;plan&gt;.</p>"


@pytest.mark.parametrize("name", ODD_COHORTS)
def test_odd_cohorts_give_tables_without_nonsense(name):
    cohort, results = odd_results(name)
    for show in SHOWN.values():
        shown = show(results, cohort.study)
        assert not re.search(r"\b(nan|inf|None|<NA>)\b", repr(shown)), repr(shown)
        parsed(shown)


def test_the_ledger_puts_the_explanation_under_its_line_and_links_the_chapter(cohort):
    from aice_helpers.analysis import Analysis

    ledger = Analysis(cohort).results()["published"]
    shown = tables.published(ledger, cohort.study, {"efficacy": "02_efficacy.html"})
    page, text = shown._repr_html_(), repr(shown)
    assert page.count('class="aice-detail"') == len(ledger)
    assert '<a href="02_efficacy.html">DCR 76.1%</a>' in page
    assert "67.17%" in text
    assert "patients are counted, not events. Tolerance: equal at 1 decimal" in text
    assert "Tolerance: none" not in text


def test_the_landmark_table_counts_who_responded_later(everything, cohort):
    shown = tables.landmark(everything["cox"], cohort.study)
    assert shown.columns[:6] == ("Counted from", "n", "Left out", "Responded later", "No response", "Response")
    assert shown.spans == (("", 4), ("Events / n", 2), ("", 2))
    start, two, three, six = ([cell.text for cell in row.cells] for row in shown.rows[1:5])
    assert start[:3] == ["113", "0", ""]
    month = cohort.patients["response_month"][cohort.responder]
    at_risk = cohort.survival("PFS")["time"][month.index]
    for cells, landmark in ((two, 2), (three, 3), (six, 6)):
        assert int(cells[2]) == ((month > landmark) & (at_risk > landmark)).sum()
    assert two[2] == "32"
    assert "Reference: no response." in shown.footnotes[0]


def test_the_sizes_of_several_models_are_a_range(everything, cohort):
    heading = tables.ph_test(everything["ph_test"], cohort.study).rows[0].header.text
    assert heading == (
        "Progression-free survival (one factor at a time: 109 to 113 patients, 98 to 101 events; all together: 113 "
        "patients, 101 events)"
    )


def test_what_is_known_later_is_said_where_it_counts(everything, cohort):
    shown = tables.baseline(everything["baseline"], cohort.study)
    assert lines(shown)["AICE sessions (known later)"] == ["113", "0", ""]
    assert shown.footnotes[-1].startswith("Known later: only after time zero")
    hindsight = "The model holds a factor that is not known at time zero"
    performance = everything["model_performance"]
    assert tables.model_performance(performance, cohort.study).footnotes[-1].startswith(hindsight)
    plan = dataclasses.replace(cohort.study.analysis, multivariable=("tumor_size_cm", "nlr"))
    known = tables.model_performance(performance, dataclasses.replace(cohort.study, analysis=plan))
    assert not any(note.startswith(hindsight) for note in known.footnotes)


def test_cut_points_stand_under_the_tables_that_use_them(everything, cohort):
    cut = cohort.study.analysis.cut_points
    told = [
        f"Tumor size: groups at 10 cm ({cut['tumor_size_cm'].source}).",
        f"Postoperative treatment regimens: groups at 1 ({cut['postoperative_regimens'].source}).",
    ]
    assert tables.logrank(everything["logrank"], cohort.study).footnotes[1:] == told
    assert tables.response_by_subgroup(everything["response"], cohort.study).footnotes[1:] == told


@pytest.mark.parametrize(
    ("level", "said"),
    [
        (0.95, "1.96 standard errors. The others"),
        (0.9, "1.645 standard errors. The others"),
    ],
)
def test_the_width_of_the_spss_interval_follows_the_level(level, said):
    cohort = times_cohort([1.0, 2, 3], [1, 1, 1], analysis={"confidence_level": level})
    assert said in tables.medians(survival.survival_summary(cohort), cohort.study).footnotes[0]

"""A book to be shared tells no small count: planted ones, a reader who computes, chapters, and a whole build."""

import copy
import html
import json
import re
import subprocess
import sys

import attack_join
import nbformat
import numpy as np
import pandas as pd
import pytest
from attack import disclosed
from cells import run_cells
from cohorts import STUDY_FILE, public_cohort, times_cohort
from studies import clinic, odd_clinics, write_study
from test_odd_books import CHAPTERS, LESSONS

from aice_helpers import cli
from aice_helpers.analysis import Analysis, open_analysis
from aice_helpers.build import book, execution, pages
from aice_helpers.build.contents import Contents
from aice_helpers.build.facts import facts_of
from aice_helpers.core.problems import BookError, StudyError, UsageError
from aice_helpers.core.reasons import Reason, is_masked
from aice_helpers.core.results import pick
from aice_helpers.data.load import load_cohort
from aice_helpers.show import figures, formats, tables
from aice_helpers.show.factor_words import factors_words
from aice_helpers.show.promise import promise
from aice_helpers.show.prose import cohort_counts, landmark_words, notice, rates_words
from aice_helpers.show.reason_words import hidden_words, note
from aice_helpers.show.sentences import Sentence
from aice_helpers.show.tables import DisplayTable
from aice_helpers.stats import baseline, logrank

K = 5
ODD = odd_clinics()
ODD_TO_ATTACK = (
    "plain", "median not reached", "everyone at time zero", "response never evaluable", "survival only", "separation",
    "days, 90% confidence", "missing covariates", "hostile labels", "missing outcomes",
)  # fmt: skip


def planted():
    """Name -> a clinic with a small count planted at one place, and the atoms that the attacker then finds."""
    patients, events, study = clinic()
    four = copy.deepcopy(study)
    four["variables"]["stage"]["levels"] = {code: code for code in ("I", "II", "III", "IV")}
    # Levels of 28, 20, 10 and 2 patients: the third must go with the fourth, and two remain.
    level = np.repeat(["I", "II", "III", "IV"], [28, 20, 10, 2])
    late = patients["pfs"].rank(method="first")
    gone = (patients["os"].rank(method="first") <= 2).astype(int)
    only_pain = pd.DataFrame({"id": patients["id"].head(20), "event": "pain", "grade": 1})
    fatal = only_pain.assign(grade=[5] + [1] * 19)
    also_fever = pd.concat([only_pain, pd.DataFrame({"id": ["0021", "0022"], "event": "fever", "grade": 1})])
    twenty = [*["CR"] * 10, *["PR"] * 10, *["SD"] * 20, *["PD"] * 20]
    three = [*["CR"] * 3, *["SD"] * 27, *["PD"] * 30]
    no_event = patients.assign(pfs_event=(late > 2).astype(int), os_event=0)
    return {
        "a level of two": ((patients.assign(stage=level), events, four), "('stage x PFS', 2, (('IV', False), ('IV', True)))"),
        "one missing value": (
            (patients.assign(sex=patients["sex"].where(patients.index != 7)), events, study), "((None, True),)",
        ),
        "two without a state": (
            (patients.assign(os_event=patients["os_event"].astype("Int64").mask(patients.index.isin([4, 9]))), events, study),
            "('stage x OS', 2, ",
        ),
        "two events": ((patients.assign(os_event=gone, pfs_event=1), events, study), "('sex x OS', 2, "),
        "all but two have the event": ((no_event, events, study), "('age x PFS', 1, (('≤ 60 years', False),))"),
        "three responders": ((patients.assign(best=three, change=0.0), events, study), "('response', 3, (('CR',),))"),
        "two not evaluable": (
            (patients.assign(best=[*twenty[:-2], "NE", "NE"], change=0.0), events, study), "('response', 2, (('NE',),))",
        ),
        "one fatal event": ((patients, fatal, study), "('grades of pain', 1, ((4,),))"),
        "two without pain among those with any event": ((patients, also_fever, study), "('grades of fever', 2"),
    }  # fmt: skip


PLANTED = planted()


def load(folder, name, k=0):
    return open_analysis(write_study(folder, *PLANTED[name][0]), mask_below=k)


def masked_default(k=K):
    return open_analysis(STUDY_FILE, mask_below=k)


# -- the attack --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PLANTED)
def test_the_attacker_finds_what_is_planted_and_nothing_once_it_is_masked(name, tmp_path):
    unmasked = load(tmp_path, name)
    found = str(disclosed(unmasked.cohort, unmasked.results(), K)).replace("np.int8(4)", "4")
    assert PLANTED[name][1] in found
    opened = load(tmp_path, name, K)
    assert disclosed(opened.cohort, opened.results(), K) == []


@pytest.mark.parametrize("k", [5, 12])
def test_nothing_small_follows_from_the_tables_of_the_default_cohort(k):
    opened = masked_default(k)
    tables_ = opened.results()
    assert disclosed(opened.cohort, tables_, k) == []
    assert len(disclosed(load_cohort(STUDY_FILE), Analysis(load_cohort(STUDY_FILE)).results(), k)) > 20


@pytest.mark.parametrize("name", ODD_TO_ATTACK)
def test_nothing_small_follows_from_the_tables_of_an_odd_clinic(name, tmp_path):
    opened = open_analysis(write_study(tmp_path, *ODD[name]), mask_below=K)
    assert disclosed(opened.cohort, opened.results(), K) == []


@pytest.mark.parametrize("name", ["lung", "leukemia"])
def test_nothing_small_follows_from_the_tables_of_a_public_cohort(name):
    cohort = public_cohort(name)
    assert disclosed(cohort, Analysis(cohort, mask_below=K).results(), K) == []


@pytest.mark.parametrize("name", ["group_contrasts", "group_tests"])
def test_the_attacker_reads_the_comparisons_of_groups(name):
    """Were one of them left as it is computed, he would find the small level that all others hide."""
    cohort = times_cohort(
        [float(each) for each in range(1, 61)], [1, 0] * 30, columns={"stage": np.repeat(["I", "II", "III", "IV"], [28, 20, 10, 2])},
        variables={"stage": {"levels": ["I", "II", "III", "IV"]}},
        analysis={"groups": ("stage",), "rate_times": (12.0,), "rmst_horizon": 24.0},
    )  # fmt: skip
    masked, exact = Analysis(cohort, mask_below=K).results(), Analysis(cohort).results()
    assert disclosed(cohort, masked, K) == []
    assert disclosed(cohort, masked | {name: exact[name]}, K)


# -- what is hidden, and what is not -----------------------------------------------------------------------------------


def test_a_small_level_goes_with_the_next_one_and_the_others_stay(tmp_path):
    opened = load(tmp_path, "a level of two", K)
    assert opened.mask.levels("stage") == {"I", "II"}
    rows = opened.table("baseline").query("term == 'stage'").set_index("level")
    assert rows["count"].tolist()[:2] == [28, 20]
    assert rows["count"].isna().tolist() == [False, False, True, True]
    hidden = {"count", "estimate", "low", "high"}
    assert [(each.code, set(each["columns"]) & hidden) for each in rows["reasons"]["IV"]] == [("masked", hidden)]
    assert rows.loc["IV", "method"] == rows.loc["I", "method"]
    rows = opened.table("cox").query("term == 'stage' and level in ['III', 'IV']")
    assert rows[["n", "events", "estimate", "conf_low", "p_value"]].isna().all(axis=None)
    shown = str(tables.baseline(opened.table("baseline"), opened.study))
    assert re.search(r"I +28 \(46\.7%\)", shown)
    assert re.search(r"IV +masked", shown)
    assert "Masked: fewer than 5 patients" in shown


def test_two_levels_that_would_remain_as_one_are_both_masked(tmp_path):
    patients, events, study = clinic()
    few = patients.assign(stage=np.repeat(["II", "III", "IV"], [38, 20, 2]))
    opened = open_analysis(write_study(tmp_path, few, events, study), mask_below=K)
    assert opened.mask.levels("stage") == frozenset()
    tested = opened.table("logrank").query("group == 'stage' and level == ''")
    assert tested["p_value"].isna().all()
    assert tested["n"].tolist() == [60, 60]


def test_single_patients_are_not_known_from_their_number_and_their_sum(tmp_path):
    patients, events, study = clinic()
    study["variables"]["stage"]["levels"] = {code: code for code in "abcd"}
    few = patients.assign(stage=[*"a" * 30, *"b" * 28, "c", "d"])
    opened = open_analysis(write_study(tmp_path, few, events, study), mask_below=2)
    # Both hidden levels of two patients in all would be known to hold one each, so a third is hidden: too few remain.
    assert opened.mask.levels("stage") == frozenset()


def test_one_missing_value_hides_the_denominator_and_the_digits_that_tell_it(tmp_path):
    patients, events, study = clinic()
    lacking = patients.assign(age=patients["age"].where(patients.index != 7))
    opened = open_analysis(write_study(tmp_path, lacking, events, study), mask_below=K)
    rows = opened.table("baseline").query("term == 'age'").set_index("statistic")
    assert rows[["n", "missing"]].isna().all(axis=None)
    assert rows.loc["range", ["low", "high"]].isna().all()
    assert rows.loc["mean", "estimate"] == round(lacking["age"].mean())
    numeric = opened.table("cox").query("term == 'age' and model == 'univariable'")
    assert numeric[["n", "events", "excluded"]].isna().all(axis=None)
    assert numeric.query("kind == 'numeric'")["estimate"].notna().all()


@pytest.mark.parametrize("name", ["model", "all factors", "score"])
def test_no_name_of_a_variable_changes_what_is_masked(name, tmp_path):
    patients, events, study = clinic()
    lacking = patients.assign(age=patients["age"].where(patients.index != 7))
    study["analysis"] |= {"groups": ["stage"], "cut_points": {}}
    tables_of = {}
    for each in ("age", name):
        renamed = json.loads(json.dumps(study).replace('"age"', json.dumps(each)))
        files = lacking.rename(columns={"age": each}), events, renamed
        tables_of[each] = open_analysis(write_study(tmp_path / each, *files), mask_below=K).results()
    for key, table in tables_of["age"].items():
        # Reasons name the variable too; which of them there are does not depend on its name.
        codes = [[each.code for each in reasons] for reasons in table.pop("reasons")]
        other = tables_of[name][key]
        assert [[each.code for each in reasons] for reasons in other.pop("reasons")] == codes
        pd.testing.assert_frame_equal(table.replace({"term": {"age": name}}), other)


def test_a_number_of_two_values_is_not_counted_by_its_mean(tmp_path):
    patients, events, study = clinic()
    study["variables"]["age"] = {"label": "Diabetes", "role": "baseline", "type": "integer"}
    study["analysis"]["groups"] = ["stage"]
    del study["analysis"]["cut_points"]
    few = patients.assign(age=(patients.index < 3).astype(int))
    opened = open_analysis(write_study(tmp_path, few, events, study), mask_below=K)
    rows = opened.table("baseline").query("term == 'age'").set_index("statistic")
    assert rows.loc[["mean", "sd"], "estimate"].isna().all()
    assert rows.loc["median", "estimate"] == 0


def test_an_endpoint_with_two_events_has_no_estimate_and_the_other_keeps_its_own(tmp_path):
    opened = load(tmp_path, "two events", K)
    for table in (opened.table("survival_summary"), opened.table("survival_at"), opened.table("rmst")):
        rows = table.query("endpoint == 'OS'")
        assert rows[["events", "estimate", "conf_low"]].isna().all(axis=None)
        assert all(note(reasons) == hidden_words(K) for reasons in rows["reasons"])
    assert set(opened.table("survival_curve")["endpoint"]) == {"PFS"}
    assert pick(opened.table("survival_summary"), endpoint="PFS", method="log-log")["events"] == 60
    assert "events (death) and censored masked" in str(cohort_counts(opened))


def test_where_all_but_two_have_the_event_only_the_counts_are_masked(tmp_path):
    opened = load(tmp_path, "all but two have the event", K)
    row = pick(opened.table("survival_summary"), endpoint="PFS", method="log-log")
    plain = pick(
        load(tmp_path, "all but two have the event").table("survival_summary"), endpoint="PFS", method="log-log"
    )
    assert pd.isna(row["events"])
    assert row["estimate"] == pytest.approx(plain["estimate"], rel=1e-3)
    assert is_masked(row, "events")
    assert not is_masked(row)


def test_three_responders_are_hidden_but_zero_is_not(tmp_path):
    opened = load(tmp_path, "three responders", K)
    rates = opened.table("response")
    assert pick(rates, term="ORR", population="all patients", method="Wilson")[["events", "estimate"]].isna().all()
    assert pick(rates, term="DCR", population="all patients", method="Wilson")["events"] == 30
    assert pick(rates, term="PR")["events"] == 0
    assert str(figures.response_forest(opened.table("response_by_subgroup"), rates, opened.study)).endswith(
        f"{hidden_words(K)}."
    )
    assert opened.table("best_changes").attrs["reason"] == Reason("patient_level")


def test_one_fatal_event_hides_its_grade_and_the_sum_that_holds_it(tmp_path):
    opened = load(tmp_path, "one fatal event", K)
    rates = opened.table("adverse_events")
    assert pick(rates, term="pain", level="any grade")["events"] == 20
    for level in ("Grade 1", "Grade 5", "severe or worse"):
        assert pick(rates, term="pain", level=level)[["events", "estimate", "occurrences"]].isna().all()
    assert pick(rates, term="pain", level="Grade 2")["events"] == 0
    picture = figures.adverse_event_bars(rates, opened.study)
    assert "Grade masked 20" in picture.alt
    assert "No patient had an event that was severe" not in picture.alt


def test_steps_of_a_masked_curve_join_events_and_numbers_at_risk_are_multiples():
    opened = masked_default()
    curve = opened.table("survival_curve").query("endpoint == 'OS'")
    outcome = opened.cohort.survival("OS")
    until = [int((outcome["event"] & (outcome["time"] <= time)).sum()) for time in curve["time"]]
    steps = np.diff(np.array(until)[curve["estimate"].diff().fillna(-1) < 0])
    assert len(steps) > 10
    assert steps.min() >= K
    assert curve[["events", "censored"]].isna().all(axis=None)
    later = curve["at_risk"].dropna().iloc[1:]
    assert (later % K == 0).all()
    assert pick(curve, time=12.0)["at_risk"] == 75
    assert (curve["estimate"].dropna() * 100 % 1 < 1e-6).sum() + (
        curve["estimate"].dropna() * 100 % 1 > 1 - 1e-6
    ).sum() == (curve["estimate"].notna().sum())


ENDS = {
    "all have the event": ([1] * 40, 12.0),
    "all have the event by a time of the plan": ([1] * 40, 40.0),
    "three are left after the last event": ([1] * 37 + [0] * 3, 12.0),
    "many are left after the last event": ([1] * 20 + [0] * 20, 12.0),
    "two are left among the censored": ([1, 0] * 19 + [0] * 2, 12.0),
}
"""Name -> who has the event among 40 patients with the times 1 to 40, and a time of the plan."""


@pytest.mark.parametrize("name", ENDS)
def test_a_masked_curve_ends_while_enough_patients_are_event_free(name):
    event, planned = ENDS[name]
    cohort = times_cohort(np.arange(1.0, 41), event, analysis={"rate_times": (planned,)})
    curve = Analysis(cohort, mask_below=K).table("survival_curve")
    assert (curve["estimate"].dropna() < 1).any()
    outcome = cohort.survival("OS")
    last = curve.loc[curve["estimate"].notna(), "time"].max()
    free = (outcome["time"] > last) | ((outcome["time"] == last) & ~outcome["event"])
    assert free.sum() >= K


@pytest.mark.parametrize("name", ["plain", "days, 90% confidence", "heavy ties", "missing covariates"])
def test_each_masked_curve_of_a_clinic_ends_while_enough_patients_are_event_free(name, tmp_path):
    opened = open_analysis(write_study(tmp_path, *ODD[name]), mask_below=K)
    ends = []
    for group in opened.groups:
        curves = opened.table("survival_curve", group=group).dropna(subset="estimate")
        for (endpoint, level), curve in curves.groupby(["endpoint", "level"]):
            outcome = opened.cohort.survival(endpoint)
            if group:
                outcome = outcome[(opened.cohort.groups(group) == level).to_numpy()]
            last = curve["time"].max()
            free = (outcome["time"] > last) | ((outcome["time"] == last) & ~outcome["event"])
            ends.append(free.sum())
    assert len(ends) >= 2
    assert min(ends) >= K


def test_figures_and_sentences_say_what_is_masked():
    opened = masked_default()
    picture = figures.survival_curves(opened.table("survival_curve"), opened.study)
    assert "at least 5 events lie between two of them" in picture.alt
    assert " events, without" not in picture.alt
    assert isinstance(figures.distributions(opened), Sentence)
    assert "Counts of fewer than 5 patients are masked" in str(notice(opened))
    assert "Evaluable" not in str(cohort_counts(opened))
    assert "Response evaluable: masked." in str(cohort_counts(opened))
    models = opened.table("cox")
    assert "No interval is shown (masked) for Pathological differentiation" in str(factors_words(models, opened.study))
    words = str(landmark_words(opened.table("landmark_cox"), opened.study))
    assert "(patients masked)" in words
    assert "left out" not in words
    assert "agree" in str(rates_words(opened.table("survival_at"), opened.study))
    said = str(tables.remarks(opened))
    assert "What is masked in this book" in said
    assert "Masking has limits" in said


def test_no_digit_of_a_masked_table_tells_a_denominator():
    tables_ = masked_default().results()
    for name, table in tables_.items():
        # A share whose two counts are shown is theirs, to the last digit.
        part = {"baseline": "count", "response": "events", "adverse_events": "events"}.get(name)
        if part:
            told = table[part].notna() & table["n"].notna()
            assert table.loc[told, "estimate"].tolist() == (table[part] / table["n"])[told].tolist()
            table = table[~told]
        for column in ("estimate", "conf_low", "conf_high", "statistic", "coefficient", "std_error"):
            if column in table and table[column].dtype == "float64" and name != "survival_at":
                values = table[column].dropna()
                assert all(float(f"{value:.4g}") == value for value in values), (name, column)


# -- chapters and the whole book ---------------------------------------------------------------------------------------

SMALL = re.compile(r"(?<![\d.,])(?<!to )\b[1-4] (?:patients?|(?:adverse )?events?|responders?|of \d+|\(\d+\.\d%\))")
CHAPTERS_OF = ("everyone at time zero", "missing covariates", "a level of two", "two events", "one fatal event")
COUNTS = (
    "n",
    "patients",
    "missing",
    "events",
    "at risk",
    "left out",
    "responded later",
    "occurrences",
    "severe or worse",
)


def small_counts(value):
    """Small counts in what a cell shows."""
    text = value.alt if hasattr(value, "alt") else repr(value)
    found = [] if isinstance(value, DisplayTable) else SMALL.findall(text)
    if isinstance(value, DisplayTable):
        for row in value.rows:
            for head, cell in zip(value.columns[1:], row.cells, strict=False):
                counted = head.lower() in COUNTS or "events" in head.lower() or head.startswith("Grade")
                if counted and re.match(r"[1-4](?:$| [(/])", cell.text):
                    found.append((row.header.text, head, cell.text))
    return found


@pytest.mark.parametrize("name", CHAPTERS_OF)
def test_chapters_of_a_masked_clinic_run_and_show_no_small_count(name, tmp_path):
    case = PLANTED[name][0] if name in PLANTED else ODD[name]
    path = write_study(tmp_path, *case)
    for page in CHAPTERS:
        for source, value in run_cells(page, path, mask_below=K):
            assert small_counts(value) == [], (page, source, repr(value))
            assert not re.search(r"\b(nan|<NA>|NaN|None)\b", repr(value)), (page, source, repr(value))
            if hasattr(value, "png"):
                assert value.png()[:4] == b"\x89PNG"


def test_small_counts_are_seen_where_nothing_is_masked(tmp_path):
    path = write_study(tmp_path, *PLANTED["a level of two"][0])
    shown = [found for page in CHAPTERS for _, value in run_cells(page, path) for found in small_counts(value)]
    assert ("IV", "n", "2") in shown
    assert len(shown) > 10


def test_a_masked_book_from_end_to_end(tmp_path):
    patients, events, study = PLANTED["a level of two"][0]
    # Times of four digits and more, so that one of them is known for a patient's wherever it stands.
    sharp = {time: patients[time] + (patients.index % 9 + 1) / 1000 for time in ("os", "pfs")}
    path = write_study(tmp_path / "data", patients.assign(**sharp), events, study)
    out = tmp_path / "out"
    command = [sys.executable, "-m", "aice_helpers.cli", "build", str(path), "--out", str(out), "--mask-below", str(K)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    opened = open_analysis(path, mask_below=K)
    record = json.loads((out / "run.json").read_text(encoding="utf-8"))
    assert record["mask_below"] == K
    assert record["promise"] == promise(opened) == done.stdout.splitlines()[-2]
    told_of_nobody(opened.cohort, out)
    stage = pd.read_csv(out / "results" / "baseline.csv").query("term == 'stage'").set_index("level")
    assert stage["count"].isna().tolist() == [False, False, True, True]
    for file in (out / "results").glob("*.csv"):
        table = pd.read_csv(file)
        for column in ("n", "events", "missing", "count", "excluded", "later", "occurrences", "censored", "at_risk"):
            if column in table:
                assert not table[column].isin(range(1, K)).any(), (file.name, column)
    # Nothing is published of this clinic, so that the book has no chapter on it.
    chapters = [page for page in CHAPTERS if "published" not in page.stem]
    pages = {page.stem: (out / "html" / page).with_suffix(".html").read_text(encoding="utf-8") for page in chapters}
    for page in LESSONS:
        text = (out / "html" / page).with_suffix(".html").read_text(encoding="utf-8")
        assert "This book masks small counts of its cohort" in text, page
        assert promise(opened) in text, page
        assert "SYNTHETIC DATA" in text, page
    for name, page in pages.items():
        assert "Counts of fewer than 5 patients are masked" in page, name
        text = re.sub(r"<[^>]+>", " ", page)
        assert SMALL.findall(re.sub(r"\s+", " ", text)) == [], name
        assert "<h3>By hand" not in page, name
    assert "What is masked in this book" in pages["data"]
    for executed in (out / "notebooks").glob("*.ipynb"):
        sources = [cell.source for cell in nbformat.read(executed, as_version=4).cells]
        assert "mask_below = 5" in "\n".join(sources)


def told_of_nobody(cohort, out):
    """The tables of a book, joined, tell of nobody; pages and notebooks hold no times but those of everyone's medians."""
    tables_ = attack_join.read_tables(out / "results")
    assert attack_join.told(cohort, tables_).keys() == attack_join.margins_only(cohort, tables_).keys()
    assert attack_join.too_narrow(cohort, tables_, K) == []
    assert attack_join.joined_endpoints(cohort, tables_) == {}
    medians = tables_["survival_summary"].query("group == ''")[["estimate", "conf_low", "conf_high"]].to_numpy().ravel()
    allowed = {f"{value:.{digits}f}" for value in medians for digits in (1, 2, 3)}
    read = {"index": (out / "html" / "searchindex.js").read_text(encoding="utf-8")}
    for page in (out / "html").rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        read[page.name] = html.unescape(re.sub(r"<[^>]+>", " ", text)) + " ".join(re.findall(r'alt="([^"]*)"', text))
    for file in (out / "notebooks").glob("*.ipynb"):
        cells = nbformat.read(file, as_version=4).cells
        shown = [output.get("data", {}) for cell in cells for output in cell.get("outputs", [])]
        read[file.name] = "\n".join(str(each.get(kind, "")) for each in shown for kind in ("text/plain", "text/html"))
    lessons = {page.name for page in LESSONS} | {page.with_suffix(".html").name for page in LESSONS}
    for name, text in read.items():
        assert cohort.fingerprint not in text, name
        if name not in lessons:
            assert attack_join.exact_times_in(text, cohort) <= allowed, name
    assert cohort.fingerprint not in (out / "run.json").read_text(encoding="utf-8")


# -- the command -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["1", "0", "-3", "five", "2.5"])
def test_the_limit_is_a_whole_number_from_two_on(text, capsys):
    assert cli.main(["build", "--mask-below", text]) == 2
    assert "at least 2" in capsys.readouterr().err


def test_a_cohort_below_the_limit_is_refused_in_plain_words(tmp_path):
    path = write_study(tmp_path, *ODD["3 patients"])
    with pytest.raises(StudyError, match="the cohort has fewer than 5 patients, so every count would be masked"):
        open_analysis(path, mask_below=K)
    with pytest.raises(ValueError, match="at least 2"):
        open_analysis(path, mask_below=1)


def test_the_limit_is_no_free_parameter_and_a_chapter_without_it_is_refused(tmp_path, monkeypatch):
    with pytest.raises(UsageError, match="unknown parameter mask_below"):
        pages.check_parameters({"mask_below": 3})
    with pytest.raises(UsageError, match="at least 2"):
        book.build(STUDY_FILE, tmp_path / "out", mask_below=1)
    page = CHAPTERS[-1]
    monkeypatch.setattr(pages, "notebook_parameters", lambda notebook: {"study"})
    with pytest.raises(BookError, match="no parameter mask_below"):
        execution._order(page, facts_of(masked_default()), STUDY_FILE, None, Contents(tuple(CHAPTERS)), {}, K)


def test_without_the_option_every_table_is_as_it_was():
    cohort = load_cohort(STUDY_FILE)
    unmasked = Analysis(cohort)
    for name, function in (("baseline", baseline.baseline_table), ("logrank", logrank.logrank)):
        pd.testing.assert_frame_equal(unmasked.table(name), function(cohort))
    assert formats.MASKED not in str(tables.baseline(unmasked.table("baseline"), cohort.study))

"""Labels that look like the book's own words do not let a hidden count out of a book with masked counts.

The clinic has three patients of every kind that must not be told: without a stage, responders without a date of
assessment, censored before the first landmark, with an adverse event of no grade. Nothing else in it counts to three.
"""

import copy
import html
import json
import re
import subprocess
import sys

import nbformat
import numpy as np
import pandas as pd
import pytest
from cells import run_cells
from studies import clinic, write_study
from test_odd_books import CHAPTERS

from aice_helpers.analysis import Analysis, open_analysis
from aice_helpers.core.reasons import CODES, COUNT, Reason, from_json
from aice_helpers.core.results import CONTRACTS, written_out
from aice_helpers.data.load import load_cohort
from aice_helpers.show import figures, prose, reason_words, tables

K = 5
FEW = 3
NOTE = "12 patients without a value of Grade left out; masked: fewer than 7 patients; planned horizon of 24 months"
LABELS = {
    "line breaks": "Stage\nof the\r\ndisease",
    "quotes": "He's at \"stage 'II'\" \\",
    "digits": "T7 1204 (85%)",
    "regex": r"^(?:\d+|.*?)[ab]+$ \1 {x} %s",
    "a note": NOTE,
    "a crude word": "crude; not estimable: Kaplan-Meier, log-log; counts masked: fewer than 9 patients",
}
"""What the labels of the hostile clinics are made of."""


def clinic_of(label):
    """The clinic of the docstring, whose variables, levels and endpoints are labelled with ``label``."""
    patients, events, study = clinic(120)
    study = copy.deepcopy(study)
    order = patients["os"].rank(method="first")
    event = (order > FEW) & (order < 71)
    best = np.where(patients.index % 3 == 0, "PR", np.where(patients.index % 3 == 1, "SD", "PD"))
    responders = patients.index[best == "PR"]
    patients = patients.assign(
        stage=np.repeat(["II", "III", "IV"], [50, 50, 20]), best=best, change=0.0, seen=1.0,
        pfs=patients["os"], pfs_event=event.astype(int), os_event=event.astype(int),
    )  # fmt: skip
    patients.loc[patients.index[10 : 10 + FEW], "stage"] = None
    patients["seen"] = np.minimum(patients["seen"], patients["pfs"])
    patients.loc[responders[-FEW:], "seen"] = np.nan
    events = pd.DataFrame({"id": patients["id"].head(20), "event": "pain", "grade": [""] * FEW + ["1"] * 17})
    study["variables"]["stage"].update(label=label, levels={c: f"{label} {c}" for c in ("II", "III", "IV")})
    for name, endpoint in study["endpoints"].items():
        endpoint["label"] = f"{label} {name}"
    study["adverse_events"]["grades"] = {"1": f"{label} mild", "2": f"{label} severe"}
    study["adverse_events"]["severe_from"] = f"{label} severe"
    # Four coefficients, for degrees of freedom are numbers too.
    study["analysis"] |= {"response_landmarks": [1, 2], "multivariable": ["age", "stage", "sex"]}
    return patients, events, study


@pytest.fixture(params=LABELS)
def hostile(request, tmp_path):
    return LABELS[request.param], write_study(tmp_path, *clinic_of(LABELS[request.param]))


def texts_of(value):
    """What a cell shows, as plain text and as HTML."""
    shown = [value.alt if hasattr(value, "alt") else repr(value)]
    return [*shown, value._repr_html_()] if hasattr(value, "_repr_html_") else shown


def without(text, label):
    """A text without a label, however it is written there."""
    as_json = json.dumps(label, ensure_ascii=False)[1:-1]
    for form in (label, as_json, html.escape(label), html.escape(label, quote=False), " ".join(label.split())):
        text = text.replace(form, " ")
    return text


def told_counts(text, label):
    """Three of something, in a text whose labels are taken out."""
    text = re.sub(r"<[^>]+>", " ", without(text, label))
    found = re.findall(rf"[^.;]{{0,30}}(?<![\d.,−-]){FEW}(?![\d%]|\.\d)[^.;]{{0,30}}", text)
    # Three on its own axis of time is no count.
    # Three hazard ratios are no patients either.
    return [each for each in found if not re.search(rf"at {FEW} months|the {FEW} hazard ratios", each)]


def test_the_count_is_told_where_nothing_is_masked(hostile):
    label, path = hostile
    cohort = load_cohort(path)
    counted = {
        each.code
        for table in Analysis(cohort).results().values()
        for reasons in table["reasons"]
        for each in reasons
        if FEW in dict(each.fields).values()
    }
    assert counted == {"missing_left_out", "undated_left_out", "counted_as_failures", "ungraded"}
    shown = [text for page in CHAPTERS for _, value in run_cells(page, path) for text in texts_of(value)]
    assert sum(bool(told_counts(text, label)) for text in shown) > 5


def test_no_table_or_text_of_a_masked_clinic_holds_the_count(hostile):
    label, path = hostile
    opened = open_analysis(path, mask_below=K)
    said = set()
    for name, table in opened.results().items():
        for column in table.columns[table.dtypes == "Int64"]:
            # Degrees of freedom count no patients.
            assert column == "df" or not table[column].isin(range(1, K)).any(), (name, column)
        for reasons in table["reasons"]:
            said |= set(reasons)
            for each in reasons:
                kinds = CODES[each.code]
                assert all(value is None for field, value in each.fields if kinds[field] == COUNT), each
        assert told_counts(written_out(table).select_dtypes(object).to_csv(index=False), label) == [], name
    # Not all is hidden: what is left out is said without its count.
    assert {Reason("missing_left_out", count=None, variable="stage"), Reason("ungraded", count=None)} <= said
    for page in CHAPTERS:
        for source, value in run_cells(page, path, mask_below=K):
            for text in texts_of(value):
                assert told_counts(text, label) == [], (page, source)


def test_every_word_about_what_is_masked_is_the_books_own(hostile):
    _, path = hostile
    opened = open_analysis(path, mask_below=K)
    medians = opened.table("survival_summary", group="stage")
    assert "patients without a value left out" in repr(tables.medians(medians, opened.study))
    # A label that speaks of masking masks nothing: the medians of everyone are shown, with their counts.
    everyone = opened.table("survival_summary")
    assert everyone[["n", "events", "estimate"]].notna().all(axis=None)
    assert not any(everyone["reasons"].map(lambda reasons: any("masked" in each.code for each in reasons)))
    # A label that speaks of a lowered horizon lowers none.
    assert opened.table("rmst", group="stage")["time"].tolist() == [24.0] * 6
    curves = figures.survival_curves(opened.table("survival_curve", group="stage"), opened.study, group="stage")
    assert f"at least {K} events lie between two of them" in curves.alt
    assert "fewer than 7" not in without(str(prose.rates_words(opened.table("survival_at"), opened.study)), NOTE)


def test_a_masked_book_of_hostile_labels_from_end_to_end(tmp_path):
    label = f"{NOTE}\n{LABELS['regex']}"
    path = write_study(tmp_path / "data", *clinic_of(label))
    out = tmp_path / "out"
    command = [sys.executable, "-m", "aice_helpers.cli", "build", str(path), "--out", str(out), "--mask-below", str(K)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    said = set()
    for file in (out / "results").glob("*.csv"):
        table, kinds = pd.read_csv(file, keep_default_na=False), CONTRACTS[file.stem]
        for text in table["reasons"]:
            said |= set(from_json(text))
        for column, kind in kinds.items():
            if kind == "count" and column != "df":
                assert not table[column].astype(str).isin([str(few) for few in range(1, K)]).any(), (file.name, column)
        words = table[[column for column, kind in kinds.items() if kind in ("text", "reasons")]]
        assert told_counts(words.to_csv(index=False), label) == [], file.name
    assert Reason("missing_left_out", count=None, variable="stage") in said
    for page in (page for page in CHAPTERS if "published" not in page.stem):  # nothing is published of it
        text = (out / "html" / page).with_suffix(".html").read_text(encoding="utf-8")
        for note in re.findall(r'<div class="aice-notes">.*?</div>', text, flags=re.DOTALL):
            assert told_counts(note, label) == [], page
        executed = nbformat.read(out / "notebooks" / page.name, as_version=4)
        for cell in executed.cells:
            for output in cell.get("outputs", ()):
                shown = output.get("data", {}).get("text/plain", "") or output.get("text", "")
                assert told_counts(shown, label) == [], (page, cell.source)


def test_words_of_a_reason_take_labels_as_they_are():
    cohort_words = reason_words.note((Reason("missing_left_out", count=FEW, variable=r"\1 {x} %s"),))
    assert cohort_words == rf"{FEW} patients without a value of \1 {{x}} %s left out"

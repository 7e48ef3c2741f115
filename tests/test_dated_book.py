"""The whole book of a clinic that keeps dates: none of them is in anything written, but the declared cut-off."""

import re
import subprocess
import sys

import pandas as pd
import pytest
from cohorts import TESTS
from studies import dated_clinic, write_study

from aice_helpers.analysis import Analysis
from aice_helpers.core.results import pick
from aice_helpers.data.load import load_cohort
from aice_helpers.draft.draft import draft_study

DATES = ["start", "progression", "death", "scan", "therapy", "seen"]

TEXT = {".html", ".ipynb", ".csv", ".json", ".js", ".svg", ".txt", ".yml", ".xml", ".inv", ".md"}


@pytest.fixture(scope="module")
def clinic(tmp_path_factory):
    folder = tmp_path_factory.mktemp("dated")
    patients, events, study = dated_clinic()
    path = write_study(folder / "data", patients, events, study)
    for name, more in (("open", ()), ("masked", ("--mask-below", "5"))):
        command = [sys.executable, "-m", "aice_helpers.cli", "build", str(path), "--out", str(folder / name), *more]
        done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        (folder / name / "printed.txt").write_text(done.stdout, encoding="utf-8")
    return patients, study, folder


def forms(days):
    """Every way in which a date of a patient may stand somewhere: text in several orders, serial numbers."""
    for day in days:
        for pattern in ("%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%Y%m%d", "%Y/%m/%d"):
            yield day.strftime(pattern)
        for month in ("%B", "%b"):
            yield f"{day.day} {day.strftime(month)} {day.year}"
            yield f"{day.strftime(month)} {day.day}, {day.year}"


@pytest.mark.parametrize("book", ["open", "masked"])
def test_no_date_of_a_patient_is_in_anything_written(clinic, book):
    patients, study, folder = clinic
    days = {pd.Timestamp(cell) for name in DATES for cell in patients[name].dropna() if cell}
    cutoff = pd.Timestamp(study["dates"]["cutoff"])
    # Dates in the book's own texts are nobody's.
    own = "".join(page.read_text(encoding="utf-8") for page in (TESTS.parent / "book").glob("*.md"))
    wanted = re.compile("|".join(sorted({re.escape(form) for form in forms(days - {cutoff}) if form not in own})))
    files = [file for file in (folder / book).rglob("*") if file.is_file()]
    assert {".html", ".ipynb", ".csv", ".json"} <= {file.suffix for file in files}
    for file in files:
        text = file.read_bytes().decode("utf-8" if file.suffix in TEXT else "latin-1", errors="replace")
        found = wanted.search(text)
        assert found is None, (file.name, found[0], text[max(0, found.start() - 60) : found.end() + 30])


@pytest.mark.parametrize("book", ["open", "masked"])
def test_no_serial_number_of_a_date_is_in_the_tables(clinic, book):
    patients, _, folder = clinic
    days = {pd.Timestamp(cell) for name in DATES for cell in patients[name].dropna() if cell}
    origins = (
        pd.Timestamp("1899-12-30"),
        pd.Timestamp("1904-01-01"),
        pd.Timestamp("1960-01-01"),
        pd.Timestamp("1970-01-01"),
    )
    serials = {str((day - origin).days) for day in days for origin in origins}
    for file in (folder / book / "results").iterdir():
        cells = re.findall(r"(?<![\d.])\d{5}(?![\d.])", file.read_text(encoding="utf-8"))
        assert not serials & set(cells), file.name


def test_the_cut_off_and_the_years_are_told(clinic):
    _, study, folder = clinic
    page = (folder / "open" / "html" / "notebooks" / "01_cohort.html").read_text(encoding="utf-8")
    assert study["dates"]["cutoff"] in page
    assert re.search(r"Starts: 20\d\d to 20\d\d", page)


def test_the_small_file_of_a_clinic_gives_the_right_numbers(tmp_path):
    """tests/cases/dates.xlsx; right values from R 4.2.2, survival 3.5-3."""
    (tmp_path / "dates.xlsx").write_bytes((TESTS / "cases" / "dates.xlsx").read_bytes())
    draft = draft_study(tmp_path / "dates.xlsx")
    assert not [guess for guess in draft.guesses if guess.is_question]
    (tmp_path / "study.yml").write_text(draft.text, encoding="utf-8")
    analysis = Analysis(load_cohort(tmp_path / "study.yml"))
    for name, events, estimate, low, high in (
        ("OS", 27, 18.2012, 12.8460, 27.4990),
        ("PFS", 43, 7.2279, 2.7926, 8.9035),
    ):
        row = pick(analysis.table("survival_summary"), endpoint=name, method="log-log")
        assert (row["n"], row["events"]) == (50, events)
        assert [row[c] for c in ("estimate", "conf_low", "conf_high")] == pytest.approx([estimate, low, high], abs=5e-5)
    table = analysis.table("derivation")
    kinds = table[(table["endpoint"] == "PFS") & (table["rule"] == "event")].set_index("kind")["count"]
    assert kinds.tolist() == [37, 6]

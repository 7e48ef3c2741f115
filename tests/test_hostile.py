"""A clinic with hostile labels and planted names: the whole site, files first, then in a browser."""

import json
import re
import subprocess
import sys

import pytest
from studies import HOSTILE, clinic, odd_clinics, write_study
from test_site import Links

from aice_helpers.build import pages

PAGES = [
    page.with_suffix(".html").as_posix()
    for page in pages.pages()
    if page.stem != "06_published_vs_computed"  # nothing is published of this clinic
]
PLANTED = ("Zebulon Quackenbush", "zebulon@planted.example", "ZQ-7741")


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The book of a clinic whose every label is hostile and whose file holds columns that name people."""
    folder = tmp_path_factory.mktemp("clinic")
    patients, events, study = odd_clinics()["hostile labels"]
    patients = patients.assign(name=PLANTED[0], mail=PLANTED[1])
    patients.loc[0, "id"] = PLANTED[2]
    events = events.assign(id=events["id"].where(events["id"] != clinic()[0]["id"][0], PLANTED[2]))
    path = write_study(folder / "data", patients, events, study)
    out = folder / "out"
    command = [sys.executable, "-m", "aice_helpers.cli", "build", str(path), "--out", str(out)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return out


def test_no_planted_name_is_in_anything_written(built):
    for file in built.rglob("*"):
        if file.is_file():
            content = file.read_bytes()
            for planted in PLANTED:
                assert planted.encode() not in content, file.name
            assert str(built.parent).encode() not in content, file.name


def test_no_label_becomes_a_formula_in_the_exported_tables(built):
    for file in (built / "results").glob("*.csv"):
        for cell in re.findall(r'(?:^|,)"?([=+@][^,"]*)', file.read_text(encoding="utf-8"), flags=re.MULTILINE):
            pytest.fail(f"{file.name}: {cell}")


def test_the_synthetic_banner_is_gone_and_the_record_says_real(built):
    assert json.loads((built / "run.json").read_text(encoding="utf-8"))["synthetic"] is False
    for page in PAGES:
        assert "Synthetic data." not in (built / "html" / page).read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES)
def test_no_script_but_the_themes_own_is_on_the_page(built, page):
    text = (built / "html" / page).read_text(encoding="utf-8")
    assert "<script>document.title" not in text
    assert not [link for link in Links(text).points if "x.invalid" in link]


@pytest.mark.browser
@pytest.mark.parametrize("page", PAGES)
def test_hostile_labels_show_as_text(built, browser, page):
    browser.open((built / "html" / page).as_uri())
    assert browser.run("document.title") != "owned"
    assert browser.errors == []
    if "survival" in page or "prognostic" in page:
        assert HOSTILE in browser.run("document.body.innerText").replace("\u00a0", " ")

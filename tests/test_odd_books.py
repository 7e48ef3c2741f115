"""Every chapter, cell by cell, on cohorts that lack something or have too much of it."""

import re
import warnings

import pytest
from cells import run_cells
from studies import odd_clinics, write_study

from aice_helpers.build import pages
from aice_helpers.course.engine.exercise import Verdict

ODD = odd_clinics()
NOTEBOOKS = [page for page in pages.pages() if page.suffix == ".ipynb"]
LESSONS = [page for page in NOTEBOOKS if "methods" in page.parts]
CHAPTERS = [page for page in NOTEBOOKS if page not in LESSONS]
TAUGHT = [
    "plain",
    "good prognosis",
    "survival only",
    "heavy ties",
    "days, 90% confidence",
    "Chinese labels",
    "hostile labels",
]
"""Odd cohorts for the lessons, which choose from a cohort only what can carry them."""
UNREADABLE = re.compile(r"(?<![\w-])(nan|inf|NaN|None(?! of)|NaT|<NA>|-0\.0)(?![\w-])|\d{7,}\.\d|\de[-+]\d")


@pytest.mark.parametrize("name", ODD)
def test_every_chapter_runs_and_shows_nothing_unreadable(name, tmp_path, capsys):
    run_and_read(CHAPTERS, name, tmp_path)
    assert not UNREADABLE.search(capsys.readouterr().out)


@pytest.mark.parametrize("page", LESSONS, ids=lambda page: page.stem)
@pytest.mark.parametrize("name", TAUGHT)
def test_every_lesson_runs_and_its_solutions_are_right(name, page, tmp_path, capsys):
    for source, value in run_and_read([page], name, tmp_path):
        if isinstance(value, Verdict):
            assert value.right is (None if "answer = ..." in source else True), (source, value)
    assert not UNREADABLE.search(capsys.readouterr().out)


def run_and_read(pages, name, folder):
    study = write_study(folder, *ODD[name])
    identifiers = [re.compile(rf"(?<![\d.]){re.escape(i)}(?!\d)") for i in ODD[name][0]["id"]]
    everything = []
    for page in pages:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            shown = run_cells(page, study)
        for source, value in shown:
            text = repr(value)
            assert text.strip(), source
            assert not UNREADABLE.search(text), (page, source, UNREADABLE.search(text)[0], text)
            assert not [i.pattern for i in identifiers if i.search(text)], (page, source)
            if hasattr(value, "_repr_html_"):
                assert "<script>" not in value._repr_html_()
            if hasattr(value, "png"):
                assert value.png()[:4] == b"\x89PNG"
        everything += shown
    return everything

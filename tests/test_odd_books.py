"""Every chapter, cell by cell, on cohorts that lack something or have too much of it."""

import ast
import re
import warnings

import nbformat
import pytest
from studies import odd_clinics, write_study

from aice_helpers.build import execution, pages
from aice_helpers.cohort import load_cohort
from aice_helpers.course.exercise import Verdict

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


def run_cells(page, study):
    """Run a notebook's code cells in one namespace, as the book prepares them; return what they show."""
    cohort = load_cohort(study)
    notebook = nbformat.read(pages.ROOT / page, as_version=4)
    space, shown = {}, []
    for cell in execution.prepared(notebook, execution.requirements_met(cohort)).cells:
        if cell.cell_type != "code":
            continue
        body = ast.parse(cell.source).body
        last = body.pop() if body and isinstance(body[-1], ast.Expr) else None
        exec(compile(ast.Module(body, []), str(page), "exec"), space)
        tags = cell.metadata.get("tags", [])
        if "parameters" in tags:
            space["study"] = str(study)
        if last is not None:
            value = eval(compile(ast.Expression(last.value), str(page), "eval"), space)
            if value is not None:
                shown.append((cell.source, value))
    return shown


@pytest.mark.parametrize("name", ODD)
def test_every_chapter_runs_and_shows_nothing_unreadable(name, tmp_path, capsys):
    run_and_read(CHAPTERS, name, tmp_path)


@pytest.mark.parametrize("page", LESSONS, ids=lambda page: page.stem)
@pytest.mark.parametrize("name", TAUGHT)
def test_every_lesson_runs_and_its_solutions_are_right(name, page, tmp_path, capsys):
    for source, value in run_and_read([page], name, tmp_path):
        if isinstance(value, Verdict):
            assert value.right is (None if "answer = ..." in source else True), (source, value)


def run_and_read(pages, name, folder):
    study = write_study(folder, *ODD[name])
    identifiers = [re.compile(rf"(?<!\d){re.escape(i)}(?!\d)") for i in ODD[name][0]["id"]]
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

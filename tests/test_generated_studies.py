"""Random study files: what the loader accepts runs through every page of the book.

``AICE_GENERATED_SEEDS=200`` tries more of them than the usual number.
"""

import os
import re
import shutil
import warnings

import pytest
from cells import run_cells
from generated import generated
from studies import write_study
from test_book import run
from test_odd_books import CHAPTERS, LESSONS, UNREADABLE

from aice_helpers.analysis import open_analysis
from aice_helpers.build import pages
from aice_helpers.core.problems import StudyError
from aice_helpers.course.engine.exercise import Verdict
from aice_helpers.course.engine.lesson import open_lesson

SEEDS = range(int(os.environ.get("AICE_GENERATED_SEEDS", 16)))
WHOLE = 33
"""Seed of the study whose book is built: grouped, with response, adverse events and hostile labels."""


def write(folder, seed):
    """Write the study of a seed; return its path, and its mask, or None where the loader refuses it."""
    patients, events, study, mask = generated(seed)
    path = write_study(folder, patients, events, study)
    try:
        open_analysis(path, mask_below=mask)
    except StudyError:
        return path, None
    return path, mask


def read(source, value):
    """Look at what a cell shows as a reader would."""
    text = repr(value)
    assert text.strip(), source
    assert not UNREADABLE.search(text), (source, UNREADABLE.search(text)[0], text)
    if hasattr(value, "_repr_html_"):
        assert not re.search("<script>|<b>bold|<i>x|<b> observed", value._repr_html_()), source
    if hasattr(value, "png"):
        assert value.png()[:4] == b"\x89PNG"
    if isinstance(value, Verdict):
        assert value.right is (None if "answer = ..." in source else True), (source, value)


@pytest.mark.parametrize("seed", SEEDS)
def test_every_chapter_and_table_of_an_accepted_study(seed, tmp_path, capsys):
    path, mask = write(tmp_path, seed)
    if mask is None:
        return
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        open_analysis(path, mask_below=mask).results()
        for page in CHAPTERS:
            for source, value in run_cells(page, path, mask_below=mask):
                read(source, value)


@pytest.mark.parametrize("seed", SEEDS)
def test_every_lesson_that_an_accepted_study_carries(seed, tmp_path, capsys):
    path, mask = write(tmp_path, seed)
    if mask is None:
        return
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for page in LESSONS:
            key = re.search(r'open_lesson\(\\"(\w+)', (pages.ROOT / page).read_text(encoding="utf-8"))[1]
            lesson = open_lesson(key, path, mask_below=mask)
            if lesson.instead:
                # The synthetic cohort stands in; its lessons run elsewhere.
                read(key, lesson.notice())
                continue
            for source, value in run_cells(page, path, mask_below=mask):
                read(source, value)


def test_most_generated_studies_are_accepted_and_some_carry_the_lessons(tmp_path):
    """Otherwise the tests above would prove little."""
    masks = [write(tmp_path / str(seed), seed)[1] for seed in range(16)]
    assert sum(mask is not None for mask in masks) >= 12
    carried = [
        seed for seed, mask in enumerate(masks)
        if mask == 0 and not open_lesson("cox", tmp_path / str(seed) / "study.yml").instead
    ]  # fmt: skip
    assert len(carried) >= 2


def test_the_whole_book_of_a_generated_study_builds(tmp_path):
    path, mask = write(tmp_path / "clinic", WHOLE)
    root = tmp_path / "source"
    for folder in ("book", "notebooks", "data"):
        shutil.copytree(pages.ROOT / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for file in ("_toc.yml", "_config.yml"):
        shutil.copyfile(pages.ROOT / file, root / file)
    options = ["--mask-below", str(mask)] if mask else []
    code, printed = run(root, tmp_path / "out", str(path), *options)
    assert code == 0, printed

"""The lecturer's commands: a folder with a cohort and notebooks for each student, answer keys, grades."""

import itertools
import json
import os
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import nbformat
import pandas as pd

from aice_helpers.build import pages, processes, products
from aice_helpers.core.problems import Problem, StudyError, UsageError
from aice_helpers.core.spreadsheets import spreadsheet_safe
from aice_helpers.core.writing import ExistsError, write_new
from aice_helpers.course.classroom import cohorts, grade, notebooks
from aice_helpers.data.load import load_cohort
from aice_helpers.study.model import DEFAULT_STUDY

LARGEST = 500

STUDENT_TEXT = """# Your cohort

This folder holds a cohort of your own: synthetic patients, dealt to you alone. Most of your answers will fit nobody else's, and nothing in it
is evidence about any treatment.

1. Start JupyterLab in this folder, with the book's environment: `jupyter lab`.
2. Open the lessons in their order, `01_...` first. Run the cells from the top (Shift+Enter).
3. At each exercise replace the three dots by your answer, or by the lines that compute it, and run the cell: it says whether
   the answer is right, and if not, often why.
4. Save the notebooks and hand in the folder. Only what stands in the exercise cells is read.
"""

CLASS_TEXT = """# A class of {students} students (seed {seed})

- `student-01` to `student-{last}`: hand one to each student. It holds a synthetic cohort, the lessons without solutions, and a README.
- `keys`: the answers to every exercise for every student, with what the typical mistakes lead to. Keep it to yourself.
- `class.json`: how the class was dealt. The same seed deals the same cohorts again.

Grade what comes back, as folders of notebooks or as a table with the columns student, exercise, answer:

    aice grade . --answers handed-in
    aice grade . --answers answers.csv
"""


def make_class(out, *, students, seed, study=None, say=print):
    """Deal a class: ``out`` holds a folder for each student, the answer keys and ``class.json``.

    Raises
    ------
    StudyError
        The study cannot be dealt from.
    UsageError
        ``out`` is already there, or the number of students makes no class.
    """
    out = Path(out).resolve()
    if out.exists():
        raise ExistsError(out)
    if not 1 <= students <= LARGEST:
        raise UsageError(f"a class has 1 to {LARGEST} students")
    source = cohorts.source_of(study or DEFAULT_STUDY)
    with products.Place(out, say=say) as place:
        stage = place.work / "class"
        stage.mkdir()
        _fill(stage, source, students=students, seed=seed, say=say)
        if out.exists():
            raise ExistsError(out)
        stage.rename(out)


def _fill(stage, source, *, students, seed, say):
    """Write everything of a class into the folder ``stage``."""
    lessons = {
        page: nbformat.read(pages.ROOT / page, as_version=4) for page in pages.pages() if "methods" in page.parts
    }
    titles = notebooks.titles_of(pages.ROOT, pages.pages())
    (stage / "keys").mkdir()
    prints = {}
    for number in range(1, students + 1):
        student = f"{number:02d}"
        folder = stage / f"student-{student}"
        folder.mkdir()
        for name, text in cohorts.cohort_files(source, seed, number).items():
            (folder / name).write_text(text, encoding="utf-8")
        for page, notebook in lessons.items():
            nbformat.write(notebooks.student_notebook(notebook, titles, student=student), folder / page.name)
        (folder / "README.md").write_text(STUDENT_TEXT, encoding="utf-8")
        prints[student] = load_cohort(folder / "study.yml").fingerprint
    studies = [stage / f"student-{student}" / "study.yml" for student in prints]
    for number, key in enumerate(_on_all_cores(grade.answer_key, studies), 1):
        (stage / "keys" / f"student-{number:02d}.csv").write_text(_csv(key), encoding="utf-8")
        say(f"[{number}/{students}] student-{number:02d}")
    record = {"seed": seed, "students": students, "data_sha256": prints}
    (stage / "class.json").write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
    text = CLASS_TEXT.format(students=students, seed=seed, last=f"{students:02d}")
    (stage / "README.md").write_text(text, encoding="utf-8")


def grade_class(folder, answers=None, *, say=print):
    """Grade a class; returns the grades (see `grade.grades`) of everyone, and what could not be read, in words.

    Parameters
    ----------
    folder : path-like
        What `make_class` made.
    answers : path-like, optional
        A table of answers (CSV) or a folder of notebooks; the students' folders themselves if left out.

    Raises
    ------
    StudyError
        A cohort was changed since it was dealt, or the table of answers is faulty.
    UsageError
        ``folder`` holds no class.
    """
    folder = Path(folder)
    try:
        prints = json.loads((folder / "class.json").read_text(encoding="utf-8"))["data_sha256"]
    except (OSError, ValueError, KeyError):
        raise UsageError(f"{folder.name} holds no class; `aice class` makes one") from None
    _refuse_changed(folder, prints)
    handed_in, unread = _handed_in(Path(answers) if answers else folder, prints)
    parts = []
    studies = [folder / f"student-{student}" / "study.yml" for student in prints]
    given = [handed_in.get(student, {}) for student in prints]
    for number, table in enumerate(_on_all_cores(grade.grades, studies, given, prints), 1):
        parts.append(table)
        say(f"[{number}/{len(prints)}] student-{table['student'].iloc[0]}")
    return pd.concat(parts, ignore_index=True), unread


def _on_all_cores(function, *arguments):
    """Results of a function for each set of arguments, in order, as they come."""
    pool = ProcessPoolExecutor(
        mp_context=processes.context(), initializer=processes.tie, initargs=(processes.lifeline(),)
    )
    jobs = [pool.submit(function, *each) for each in zip(*arguments, strict=True)]
    try:
        for job in jobs:
            yield job.result()
    finally:
        pool.shutdown(cancel_futures=True)


def _refuse_changed(folder, prints):
    faults = []
    for student, fingerprint in prints.items():
        name = f"student-{student}"
        try:
            same = load_cohort(folder / name / "study.yml").fingerprint == fingerprint
        except StudyError:
            same = False
        if not same:
            fix = "Deal the class anew with its seed (class.json), and give what was handed in with --answers"
            faults.append(Problem(name, "the cohort is not the one that was dealt", fix))
    if faults:
        raise StudyError(faults)


def _handed_in(place, prints):
    """Answers of each student, and a sentence on everything that a lecturer should look at."""
    if place.is_file():
        answers = grade.read_answers(place)
        strangers = [Problem(place.name, f"there is no student {name!r} in this class", "Correct the number")
                     for name in answers if name not in prints]  # fmt: skip
        if strangers:
            raise StudyError(strangers)
        return answers, []
    if not place.is_dir():
        raise UsageError(f"{place.name} is neither a folder nor a table")
    answers, said, known = {}, [], {}
    for file in sorted(place.rglob("*.ipynb"), key=lambda path: (path.stat().st_mtime, str(path))):
        if ".ipynb_checkpoints" in file.parts:
            continue
        name = file.relative_to(place)
        try:
            student, found, unrun = grade.read_notebook(file.read_text(encoding="utf-8-sig"))
        except (OSError, ValueError):
            said.append(f"{name}: it is no notebook")
            continue
        if student not in prints:
            said.append(f"{name}: it names no student of this class")
            continue
        known.setdefault(student, {})
        for key, answer in found.items():
            if key in known[student] and answers[student][key] != answer:
                said.append(f"{name}: {key} differs from {known[student][key]}; the newer file counts")
            known[student][key] = name
        answers.setdefault(student, {}).update(found)
        said += [f"{name}: the cell of {key} was not run, so it holds no answer" for key in unrun if key not in found]
    if not answers:
        raise UsageError(f"{place.name} holds no notebook of this class; unpack archives first")
    return answers, said


def write_key(study, out):
    """Write the answer key of one cohort as a new CSV; `ExistsError` when the file is already there."""
    if os.path.lexists(out):
        raise ExistsError(out)
    write_new(out, _csv(grade.answer_key(study or DEFAULT_STUDY)))


def write_grades(table, path):
    """Write the grades as a new CSV; returns its path, or raises `ExistsError`."""
    write_new(path, _csv(table))
    return path


def free_name(folder):
    """The first of ``grades.csv``, ``grades-2.csv`` ... that is not there: earlier grades may hold a lecturer's remarks."""
    names = itertools.chain(["grades.csv"], (f"grades-{number}.csv" for number in itertools.count(2)))
    return next(folder / name for name in names if not os.path.lexists(folder / name))


def _csv(table):
    return spreadsheet_safe(table).to_csv(index=False, lineterminator="\n")

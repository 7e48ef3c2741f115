"""Answer keys, and the grading of answers handed in as notebooks or as a table.

No student's code is ever run: a notebook's answers are read from what `check` left in it, or from a typed number.
"""

import ast
import csv
import importlib
import json
import re
from collections import Counter
from pathlib import Path

import nbformat
import pandas as pd

from aice_helpers.cohort import load_cohort
from aice_helpers.course.exercise import ANSWER_TYPE, LEVELS, verdict, wanted
from aice_helpers.course.lesson import LESSONS, lesson_on
from aice_helpers.course.markup import inline_text
from aice_helpers.course.subject import subject_of
from aice_helpers.problems import Problem, StudyError

COLUMNS = ("student", "exercise", "answer")
"""Columns of a table of answers."""
_CHECKED = re.compile(r"""check\(\s*["']([\w-]+)["']""")


def answer_key(study) -> pd.DataFrame:
    """Every exercise's answer for one cohort.

    Returns
    -------
    DataFrame
        Columns exercise, title, level, answer, wanted (the form of the answer), mistakes (what typical wrong ways lead
        to, and how the verdict words them).
    """
    rows, own = [], subject_of(load_cohort(study))
    for key in LESSONS:
        lesson = lesson_on(key, own)
        for exercise in lesson.exercises.values():
            subject, values = lesson.subject, exercise.values(lesson.subject)
            wrong = [(m.value(subject), inline_text(m.says, values)) for m in exercise.mistakes]
            answer = exercise.answer(subject)
            rows.append(
                {
                    "exercise": exercise.key,
                    "title": exercise.title,
                    "level": LEVELS[exercise.level],
                    "answer": written_answer(answer, exercise),
                    "wanted": wanted(exercise, subject),
                    "mistakes": " | ".join(
                        f"{written_answer(value, exercise)}: {says}" for value, says in wrong if value is not None
                    ),
                }
            )
    return pd.DataFrame(rows)


def written_answer(answer, exercise) -> str:
    """An answer as a cell of a table: numbers with one digit more than wanted, several of them between semicolons."""
    if isinstance(answer, tuple | list):
        return "; ".join(written_answer(part, exercise) for part in answer)
    if isinstance(answer, float) or (hasattr(answer, "dtype") and answer.dtype.kind == "f"):
        return f"{answer:.{exercise.digits + 1}{'g' if exercise.significant else 'f'}}"
    return str(answer)


def read_notebook(text) -> tuple[str, dict]:
    """Student and answers (exercise -> answer) of a notebook that was handed in.

    Raises
    ------
    ValueError
        The text is no notebook.
    """
    try:
        notebook = nbformat.reads(text, as_version=4)
        cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
        student = str(notebook.metadata.get("aice", {}).get("student", ""))
    except Exception as error:
        # nbformat raises whatever its parsing meets; to a lecturer it is one thing.
        raise ValueError("it is no notebook") from error
    answers = {}
    for cell in cells:
        for output in cell.get("outputs", []):
            kept = output.get("data", {}).get(ANSWER_TYPE)
            if isinstance(kept, dict) and isinstance(kept.get("exercise"), str) and kept.get("answer") is not None:
                answers[kept["exercise"]] = kept["answer"]
        typed, key = _typed(cell.source), _CHECKED.search(cell.source)
        if key and typed is not None:
            # What stands in the cell is the answer, even when it was not run again.
            answers[key[1]] = typed
    return student, answers


def _typed(source):
    """The value of a plain ``answer = 0.37``; None for anything that would have to be run."""
    try:
        for statement in ast.parse(source).body:
            if isinstance(statement, ast.Assign) and getattr(statement.targets[0], "id", "") == "answer":
                value = ast.literal_eval(statement.value)
                return None if value is ... else value
    except (SyntaxError, ValueError):
        pass
    return None


def read_answers(file) -> dict[str, dict]:
    """Answers (student -> exercise -> answer) of a table with the columns student, exercise, answer.

    Several numbers of one answer stand between semicolons.

    Raises
    ------
    StudyError
        With every fault of the table.
    """
    file = Path(file)
    try:
        with file.open(encoding="utf-8-sig", newline="") as store:
            reader = csv.DictReader(store)
            rows, header = list(reader), reader.fieldnames or []
    except (OSError, UnicodeDecodeError, csv.Error):
        raise StudyError([Problem(file.name, "the file cannot be read", "Save it as CSV (UTF-8)")]) from None
    absent = [name for name in COLUMNS if name not in header]
    if absent:
        rule = f"the column {' and '.join(absent)} is not there"
        raise StudyError([Problem(file.name, rule, f"The columns are {', '.join(COLUMNS)}")])
    exercises = {key for lesson in LESSONS for key in open_keys(lesson)}
    faults, answers = [], {}
    for number, row in enumerate(rows, 2):
        key = (row["exercise"] or "").strip()
        if key not in exercises:
            faults.append(Problem(file.name, "there is no such exercise", "Name it as on the page, such as km-3",
                                  row=number, column="exercise", value=key[:40]))  # fmt: skip
            continue
        answers.setdefault(_student(row["student"]), {})[key] = _parsed(row["answer"] or "")
    if faults:
        raise StudyError(faults)
    return answers


def open_keys(lesson) -> list[str]:
    """Keys of a lesson's exercises, without opening it on a cohort."""
    return [exercise.key for exercise in importlib.import_module(f"aice_helpers.course.{lesson}").EXERCISES]


def _student(text):
    """A student's number as the class has it: 7, 07 and student-07 are the same."""
    text = (text or "").strip().removeprefix("student-")
    return f"{int(text):02d}" if text.isdecimal() else text


def _parsed(text):
    # A key that is copied carries the apostrophe that keeps a spreadsheet from taking "-1; 2" for a formula.
    text = text.strip().removeprefix("'").strip("()[]")
    parts = [part.strip() for part in text.split(";")]
    numbers = []
    for part in parts:
        try:
            numbers.append(float(part))
        except ValueError:
            return text or None
    return numbers[0] if len(numbers) == 1 else tuple(numbers)


def grades(study, answers, student) -> pd.DataFrame:
    """Judge one student's answers by that student's cohort.

    Parameters
    ----------
    study : path-like
        The study file that was dealt.
    answers : dict
        Exercise -> answer.
    student : str

    Returns
    -------
    DataFrame
        Columns student, exercise, level, result (right, wrong, open), answer, comment; one row an exercise.
    """
    rows, own = [], subject_of(load_cohort(study))
    for key in LESSONS:
        lesson = lesson_on(key, own)
        for exercise in lesson.exercises.values():
            said = verdict(exercise, lesson.subject, answers.get(exercise.key))
            rows.append(
                {
                    "student": student,
                    "exercise": exercise.key,
                    "level": LEVELS[exercise.level],
                    "result": {True: "right", False: "wrong", None: "open"}[said.right],
                    "answer": "" if said.right is None else json.dumps(said.answer, ensure_ascii=False),
                    "comment": "" if said.right is None else said.text,
                }
            )
    return pd.DataFrame(rows)


def summary_lines(table) -> list[str]:
    """A class's grades in lines to read: each student's count, then each exercise's share and commonest comment."""
    lines = []
    for student, rows in table.groupby("student"):
        counts = Counter(rows["result"])
        lines.append(f"student {student}: {counts['right']} right, {counts['wrong']} wrong, {counts['open']} open")
    for exercise, rows in table.groupby("exercise", sort=False):
        counts = Counter(rows["result"])
        wrong = Counter(rows.loc[rows["result"] == "wrong", "comment"]).most_common(1)
        commonest = f"; most often: {wrong[0][0]}" if wrong else ""
        lines.append(f"{exercise}: {counts['right']} of {len(rows)} right{commonest}")
    return lines

"""Answer keys, and the grading of answers handed in as notebooks or as a table.

No student's code is ever run: a notebook's answers are read from what `check` left in it, or from a typed number.
"""

import ast
import importlib
import json
import re
from collections import Counter
from pathlib import Path

import nbformat
import pandas as pd

from aice_helpers.core.media import ANSWER_TYPE
from aice_helpers.core.problems import Findings, Problem, StudyError
from aice_helpers.course.engine.exercise import LEVELS, verdict, wanted
from aice_helpers.course.engine.lesson import lesson_on
from aice_helpers.course.engine.lesson_data import lesson_data
from aice_helpers.course.engine.markup import inline_text
from aice_helpers.course.lessons import lesson_keys
from aice_helpers.data.files.reading import read_table
from aice_helpers.data.load import load_cohort
from aice_helpers.study.model import DataFile

COLUMNS = ("student", "exercise", "answer")
"""Columns of a table of answers."""

_OPEN = ("", "...", "…", "na", "n/a", "-")
"""Cells of a table that mean: no answer."""

_CHECKED = re.compile(r"""check\(\s*["']([\w-]+)["']""")


def answer_key(study) -> pd.DataFrame:
    """Every exercise's answer for one cohort.

    Returns
    -------
    DataFrame
        Columns exercise, title, level, answer, wanted (the form of the answer), mistakes (what typical wrong ways lead
        to, and how the verdict words them).
    """
    rows, own = [], lesson_data(load_cohort(study))
    for key in lesson_keys():
        lesson = lesson_on(key, own)
        for exercise in lesson.exercises.values():
            data, values = lesson.data, exercise.values(lesson.data)
            wrong = [(m.value(data), inline_text(m.says, values)) for m in exercise.mistakes]
            answer = exercise.answer(data)
            rows.append(
                {
                    "exercise": exercise.key,
                    "title": exercise.title,
                    "level": LEVELS[exercise.level],
                    "answer": written_answer(answer, exercise),
                    "wanted": wanted(exercise, data),
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


def read_notebook(text) -> tuple[str, dict, list]:
    """What a notebook that was handed in holds: its student, the answers (exercise -> answer), and what was not run.

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
    answers, unrun = {}, []
    for cell in cells:
        checked = False
        for output in cell.get("outputs", []):
            kept = output.get("data", {}).get(ANSWER_TYPE)
            if isinstance(kept, dict) and isinstance(kept.get("exercise"), str) and kept.get("answer") is not None:
                answers[kept["exercise"]] = kept["answer"]
                checked = True
        key = _CHECKED.search(cell.source)
        if key:
            typed, is_open = _typed(cell.source)
            if typed is not None:
                # What stands in the cell is the answer, even when it was not run again.
                answers[key[1]] = typed
            elif not checked and not is_open:
                unrun.append(key[1])
    return student, answers, unrun


def _typed(source):
    """The value in a cell that only types it (``answer = 0.37`` and the check), and whether the cell is still open.

    Anything else would have to be run, and is not: then the value is None.
    """
    try:
        body = ast.parse(source).body
        if len(body) != 2 or not isinstance(body[0], ast.Assign) or not isinstance(body[1], ast.Expr):
            return None, False
        if [getattr(target, "id", "") for target in body[0].targets] != ["answer"]:
            return None, False
        value = ast.literal_eval(body[0].value)
    except (SyntaxError, ValueError, TypeError, RecursionError, MemoryError):
        return None, False
    return (None, True) if value in (..., None) else (value, False)


class Cell(str):
    """An answer as it stands in a table; what it says depends on what was asked, see `interpreted`."""


def read_answers(file) -> dict[str, dict]:
    """Answers (student -> exercise -> `Cell`) of a table with the columns student, exercise, answer.

    The table may be CSV, with any usual delimiter and encoding, or Excel. Rows without an answer are left out.

    Raises
    ------
    StudyError
        With every fault of the table.
    """
    file, findings = Path(file), Findings()
    table = read_table(DataFile(file.name), findings, folder=file.parent)
    if findings.faults:
        raise StudyError(findings.faults)
    header = [name.strip().casefold() for name in table.header]
    absent = [name for name in COLUMNS if header.count(name) != 1]
    if absent:
        rule = f"there must be one column {' and one '.join(absent)}"
        raise StudyError([Problem(file.name, rule, f"The columns are {', '.join(COLUMNS)}")])
    exercises = {key for lesson in lesson_keys() for key in open_keys(lesson)}
    faults, answers = [], {}
    for number, cells in table.rows:
        row = dict(zip(header, cells, strict=True))
        key, student, given = row["exercise"].strip().casefold(), _student(row["student"]), Cell(row["answer"].strip())
        if key not in exercises:
            faults.append(Problem(file.name, "there is no such exercise", "Name it as on the page, such as km-3",
                                  row=number, column="exercise", value=key[:40]))  # fmt: skip
        elif given.casefold() in _OPEN:
            continue
        elif key in answers.get(student, {}):
            faults.append(Problem(file.name, "this student has answered this exercise in an earlier row", "Keep one",
                                  row=number, column="exercise", value=key))  # fmt: skip
        else:
            answers.setdefault(student, {})[key] = given
    if faults:
        raise StudyError(faults)
    return answers


def open_keys(lesson) -> list[str]:
    """Keys of a lesson's exercises, without opening it on a cohort."""
    return [
        exercise.key
        for exercise in importlib.import_module(f"aice_helpers.course.lessons.{lesson}.exercises").EXERCISES
    ]


def _student(text):
    """A student's number as the class has it: 7, 07, 7.0 and student-07 are the same."""
    match = re.fullmatch(r"(?:student[-_ ]*)?0*(\d+)(?:\.0)?", text.strip().removeprefix("'").casefold())
    return f"{int(match[1]):02d}" if match else text.strip()


def interpreted(text, key):
    """What a cell of a table answers, given the form of the right answer: a word, a number, or several numbers.

    >>> interpreted("0,738", 0.5), interpreted("(0.425, 0.469)", (0.1, 0.2)), interpreted("−1,5; 2", (0.1, 0.2))
    (0.738, (0.425, 0.469), (-1.5, 2.0))
    """
    # A key that is copied carries the apostrophe that keeps a spreadsheet from taking "-1; 2" for a formula.
    text = str(text).strip().removeprefix("'")
    if isinstance(key, str):
        return text
    text = text.strip("()[] ").replace("−", "-").replace("\u00a0", " ").replace("%", "")
    if not isinstance(key, tuple):
        number = _number(text)
        return text if number is None else number
    for mark in (";", ", ", ",", None):
        parts = [_number(part) for part in text.split(mark)]
        if len(parts) == len(key) and None not in parts:
            return tuple(parts)
    return text


def _number(text):
    """A number with a point or a comma as decimal mark."""
    try:
        return float(text.strip().replace(",", "."))
    except ValueError:
        return None


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
    rows, own = [], lesson_data(load_cohort(study))
    for key in lesson_keys():
        lesson = lesson_on(key, own)
        for exercise in lesson.exercises.values():
            given = answers.get(exercise.key)
            if isinstance(given, Cell):
                given = interpreted(given, exercise.answer(lesson.data))
            said = verdict(exercise, lesson.data, given)
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

"""A class dealt, worked on and graded, as a lecturer and the students would do it."""

import json
import os
import shutil

import nbformat
import pandas as pd
import pytest
from nbclient import NotebookClient
from studies import clinic, write_study

from aice_helpers import cli
from aice_helpers.build import pages
from aice_helpers.core.media import ANSWER_TYPE
from aice_helpers.course.classroom import assign, cohorts, grade
from aice_helpers.course.lessons import lesson_keys
from aice_helpers.data.load import load_cohort
from aice_helpers.study.model import DEFAULT_STUDY

EXERCISES = [key for lesson in lesson_keys() for key in grade.open_keys(lesson)]


@pytest.fixture(scope="module")
def dealt(tmp_path_factory):
    """A class of two."""
    out = tmp_path_factory.mktemp("class") / "class"
    assert cli.main(["class", "--students", "2", "--seed", "11", "--out", str(out)]) == 0
    return out


@pytest.fixture
def classroom(dealt, tmp_path):
    """A copy of it that a test may change."""
    return shutil.copytree(dealt, tmp_path / "class")


def key_of(folder, student):
    return pd.read_csv(folder / "keys" / f"student-{student}.csv", dtype=str).set_index("exercise")


def test_each_student_gets_a_cohort_of_their_own_and_lessons_without_solutions(dealt):
    cohorts = [load_cohort(dealt / f"student-{n}" / "study.yml") for n in ("01", "02")]
    assert cohorts[0].fingerprint != cohorts[1].fingerprint
    for cohort in cohorts:
        assert cohort.study.synthetic
        assert cohort.n == 113
        assert (cohort.survival("PFS")["time"] <= cohort.survival("OS")["time"] + 1e-9).all()
    names = sorted(path.name for path in (dealt / "student-01").glob("*.ipynb"))
    assert names == sorted(page.name for page in pages.pages() if "methods" in page.parts)
    for name in names:
        notebook = nbformat.read(dealt / "student-01" / name, as_version=4)
        text = "\n".join(cell.source for cell in notebook.cells)
        assert notebook.metadata["aice"]["student"] == "01"
        assert all("solution" not in cell.metadata.get("tags", []) for cell in notebook.cells)
        assert all(not cell.get("outputs") for cell in notebook.cells)
        assert 'study = "study.yml"' in text
        assert "{cite" not in text
        assert "](lesson" not in text
    keys = [key_of(dealt, n)["answer"] for n in ("01", "02")]
    assert list(keys[0].index) == EXERCISES
    assert (keys[0] != keys[1]).mean() > 0.7


def test_the_same_seed_deals_the_same_cohorts_and_another_seed_others():
    source = cohorts.source_of(DEFAULT_STUDY)
    first = cohorts.cohort_files(source, 3, 1)
    assert cohorts.cohort_files(source, 3, 1) == first
    assert cohorts.cohort_files(source, 4, 1) != first
    assert cohorts.cohort_files(source, 3, 2) != first


def test_a_table_with_the_key_gets_full_marks_and_with_mistakes_their_names(classroom, capsys):
    rows = [("1", key, row["answer"]) for key, row in key_of(classroom, "01").iterrows()]
    wrong = key_of(classroom, "02")["mistakes"].str.split(" | ", regex=False).str[-1].str.split(": ", n=1)
    rows += [("student-02", key, value) for key, (value, _) in wrong.items()]
    table = pd.DataFrame(rows, columns=grade.COLUMNS)
    table.to_csv(classroom / "answers.csv", index=False)
    assert cli.main(["grade", str(classroom), "--answers", str(classroom / "answers.csv")]) == 0
    grades = pd.read_csv(classroom / "grades.csv", dtype=str)
    assert list(grades["exercise"]) == EXERCISES * 2
    one, two = (grades[grades["student"] == n].set_index("exercise") for n in ("01", "02"))
    assert (one["result"] == "right").all(), one[one["result"] != "right"]
    named = [key for key, (_, says) in wrong.items() if two.loc[key, "comment"] == says]
    assert len(named) > 0.6 * len(EXERCISES)
    assert f"student 01: {len(EXERCISES)} right, 0 wrong, 0 open" in capsys.readouterr().out


def test_notebooks_worked_on_by_a_student_are_graded_without_running_them(classroom, capsys):
    name = "02_kaplan_meier.ipynb"
    notebook = nbformat.read(classroom / "student-01" / name, as_version=4)
    key = key_of(classroom, "01")["answer"]
    answers = {"km-1": 'outcome["time"].size', "km-4": key["km-4"], "km-6": f"({key['km-6'].replace(';', ',')})"}
    for cell in notebook.cells:
        for exercise, text in answers.items():
            if "exercise" in cell.metadata.get("tags", []) and exercise in cell.source:
                cell.source = cell.source.replace("...", text)
    NotebookClient(notebook, resources={"metadata": {"path": str(classroom / "student-01")}}).execute()
    kept = [
        o["data"][ANSWER_TYPE] for c in notebook.cells for o in c.get("outputs", []) if ANSWER_TYPE in o.get("data", {})
    ]
    assert {"exercise": "km-1", "answer": 113} in kept
    # Typed later and not run again; a line that would have to be run; code that must never run.
    for cell in notebook.cells:
        if "exercise" in cell.metadata.get("tags", []) and "km-2" in cell.source:
            cell.source = cell.source.replace("...", "(0.5, 0.5, 0.5)")
        if "exercise" in cell.metadata.get("tags", []) and "km-3" in cell.source:
            cell.source = cell.source.replace("...", "__import__('os').remove('study.yml')")
    handed_in = classroom / "handed-in"
    handed_in.mkdir()
    nbformat.write(notebook, handed_in / "renamed.ipynb")
    (handed_in / "broken.ipynb").write_text("{", encoding="utf-8")
    nbformat.write(nbformat.v4.new_notebook(), handed_in / "stranger.ipynb")
    assert cli.main(["grade", str(classroom), "--answers", str(handed_in), "--out", str(classroom / "g.csv")]) == 0
    grades = pd.read_csv(classroom / "g.csv", dtype=str).set_index(["student", "exercise"])["result"]
    found = {k: grades["01", k] for k in ("km-1", "km-2", "km-3", "km-4", "km-5", "km-6")}
    assert found == {"km-1": "wrong", "km-2": "wrong", "km-3": "open", "km-4": "right", "km-5": "open", "km-6": "right"}
    assert (grades["02"] == "open").all()
    assert (classroom / "student-01" / "study.yml").is_file()
    said = capsys.readouterr().err
    assert "broken.ipynb: it is no notebook" in said
    assert "stranger.ipynb: it names no student" in said


def test_faulty_tables_are_refused_with_rows(classroom, capsys):
    table = classroom / "answers.csv"
    table.write_text("student,exercise,answer\n1,km-1,5\n1,km-99,5\n9,km-1,5\n", encoding="utf-8")
    assert cli.main(["grade", str(classroom), "--answers", str(table)]) == 1
    assert "row 3" in capsys.readouterr().err
    table.write_text("student,exercise,answer\n9,km-1,5\n", encoding="utf-8")
    assert cli.main(["grade", str(classroom), "--answers", str(table)]) == 1
    assert "there is no student '09'" in capsys.readouterr().err
    table.write_text("who;what\n1;2\n", encoding="utf-8")
    assert cli.main(["grade", str(classroom), "--answers", str(table)]) == 1
    assert "one column student and one exercise and one answer" in capsys.readouterr().err
    table.write_text("student,exercise,answer\n1,km-1,5\n\n1,KM-1,6\n1,km-2,0.9,0.8\n", encoding="utf-8")
    assert cli.main(["grade", str(classroom), "--answers", str(table)]) == 1
    assert "row 5" in capsys.readouterr().err
    table.write_text("student,exercise,answer\n1,km-1,5\n\n1,KM-1,6\n", encoding="utf-8")
    assert cli.main(["grade", str(classroom), "--answers", str(table)]) == 1
    assert "row 4, column 'exercise': found 'km-1'; this student has answered" in capsys.readouterr().err
    assert not (classroom / "grades.csv").exists()


def test_a_changed_cohort_is_not_graded(classroom, capsys):
    data = classroom / "student-02" / "cohort.csv"
    lines = data.read_text(encoding="utf-8").splitlines(keepends=True)
    data.write_text("".join(lines[:-1]), encoding="utf-8")
    assert cli.main(["grade", str(classroom)]) == 1
    assert "student-02: the cohort is not the one that was dealt" in capsys.readouterr().err


def test_wrong_use_is_refused_in_a_sentence(dealt, tmp_path, capsys):
    assert cli.main(["class", "--students", "2", "--seed", "1", "--out", str(dealt)]) == 2
    assert "never overwritten" in capsys.readouterr().err
    assert cli.main(["class", "--students", "0", "--seed", "1", "--out", str(tmp_path / "x")]) == 2
    assert cli.main(["grade", str(tmp_path)]) == 2
    assert "holds no class" in capsys.readouterr().err


def test_real_patients_are_never_dealt(tmp_path, capsys):
    study = write_study(tmp_path / "clinic", *clinic())
    assert (
        cli.main(["class", "--students", "2", "--seed", "1", "--study", str(study), "--out", str(tmp_path / "x")]) == 1
    )
    assert "not declared synthetic" in capsys.readouterr().err
    assert not (tmp_path / "x").exists()


def test_a_key_for_ones_own_cohort(tmp_path):
    study = write_study(tmp_path / "clinic", *clinic())
    assert cli.main(["key", str(study), "--out", str(tmp_path / "key.csv")]) == 0
    assert list(pd.read_csv(tmp_path / "key.csv")["exercise"]) == EXERCISES
    assert cli.main(["key", str(study), "--out", str(tmp_path / "key.csv")]) == 2


def test_what_a_dealt_class_records(dealt):
    record = json.loads((dealt / "class.json").read_text(encoding="utf-8"))
    assert (record["seed"], record["students"], sorted(record["data_sha256"])) == (11, 2, ["01", "02"])


@pytest.mark.parametrize(
    "written",
    [
        "\ufeffStudent;Exercise;Answer;remark\r\n1.0;KM-1;{0};x\r\n;;;\r\nStudent-01;km-3;{1};\r\n'001;km-2;({2});\r\n",
        "student\texercise\tanswer\n01\tkm-1\t{0}\n1\tkm-3\t{1}\n1\tkm-2\t{2}\n1\tkm-4\t...\n",
    ],
    ids=["European Excel", "tabs"],
)
def test_tables_as_spreadsheets_save_them(classroom, written):
    key = key_of(classroom, "01")["answer"]
    table = classroom / "answers.csv"
    comma = [key[k].replace(".", ",") if k != "km-2" else key[k].replace("; ", ", ") for k in ("km-1", "km-3", "km-2")]
    table.write_text(written.format(*comma), encoding="utf-8", newline="")
    answers = grade.read_answers(table)
    assert set(answers) == {"01"}
    assert set(answers["01"]) == {"km-1", "km-2", "km-3"}
    graded = grade.grades(classroom / "student-01" / "study.yml", answers["01"], "01").set_index("exercise")["result"]
    for exercise in set(answers["01"]):
        assert graded[exercise] == "right", (exercise, answers["01"][exercise])
    assert graded["km-4"] == "open"


def cell(source, kept=None):
    made = nbformat.v4.new_code_cell(source)
    if kept is not None:
        made.outputs = [nbformat.v4.new_output("display_data", {ANSWER_TYPE: {"exercise": "km-1", "answer": kept}})]
    return made


@pytest.mark.parametrize(
    ("source", "kept", "answers", "unrun"),
    [
        ('answer = 40\ncheck("km-1", answer)', 70, {"km-1": 40}, []),
        ('answer = 0\nfor t in range(9):\n    answer += t\ncheck("km-1", answer)', 36, {"km-1": 36}, []),
        ('answer = 1  # first try\nanswer = n - 3\ncheck("km-1", answer)', 70, {"km-1": 70}, []),
        ('answer = n - 3\ncheck("km-1", answer)', None, {}, ["km-1"]),
        ('answer = ...\ncheck("km-1", answer)', None, {}, []),
        ('answer = {[1]: 2}\ncheck("km-1", answer)', None, {}, ["km-1"]),
        ("answer = " + "-" * 5000 + '1\ncheck("km-1", answer)', None, {}, ["km-1"]),
        ('answer = (\ncheck("km-1", answer)', None, {}, ["km-1"]),
    ],
)
def test_what_a_cell_of_a_notebook_answers(source, kept, answers, unrun):
    notebook = nbformat.v4.new_notebook(cells=[cell(source, kept)], metadata={"aice": {"student": "01"}})
    assert grade.read_notebook(nbformat.writes(notebook)) == ("01", answers, unrun)


def test_the_newer_of_two_versions_counts_and_is_named(classroom, capsys):
    handed_in = classroom / "handed-in"
    handed_in.mkdir()
    for name, answer, when in (("b (corrected).ipynb", 41, 2000), ("b.ipynb", 40, 1000)):
        made = nbformat.v4.new_notebook(cells=[cell(f'answer = {answer}\ncheck("km-1", answer)')])
        made.metadata["aice"] = {"student": "01"}
        (handed_in / name).write_text("\ufeff" + nbformat.writes(made), encoding="utf-8")
        os.utime(handed_in / name, (when, when))
    assert cli.main(["grade", str(classroom), "--answers", str(handed_in), "--out", str(classroom / "g.csv")]) == 0
    assert "b (corrected).ipynb: km-1 differs from b.ipynb; the newer file counts" in capsys.readouterr().err
    grades = pd.read_csv(classroom / "g.csv", dtype=str).set_index(["student", "exercise"])["answer"]
    assert grades["01", "km-1"] == "41"


def test_a_folder_without_notebooks_is_no_class_of_zeros(classroom, tmp_path, capsys):
    (tmp_path / "zipped").mkdir()
    assert cli.main(["grade", str(classroom), "--answers", str(tmp_path / "zipped")]) == 2
    assert "unpack archives first" in capsys.readouterr().err
    assert not (classroom / "grades.csv").exists()


def test_earlier_grades_and_files_of_the_same_name_are_never_written_over(classroom, tmp_path, capsys):
    (classroom / "grades.csv").write_text("my remarks")
    assert assign.free_name(classroom).name == "grades-2.csv"
    (classroom / "grades-2.csv").touch()
    assert assign.free_name(classroom).name == "grades-3.csv"
    taken = tmp_path / "taken.csv"
    taken.write_text("mine")
    for command in (["grade", str(classroom), "--out", str(taken)], ["key", "--out", str(taken)]):
        assert cli.main(command) == 2
        assert "taken.csv is already there and is never overwritten" in capsys.readouterr().err
    assert cli.main(["class", "--students", "1", "--seed", "1", "--out", str(classroom)]) == 2
    assert (classroom / "grades.csv").read_text() == "my remarks"
    assert taken.read_text() == "mine"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["class", "taken.csv"]

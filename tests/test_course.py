"""The exercises of every lesson: keys in several cohorts, the naming of mistakes, questions with one right answer."""

import importlib
import math
import re

import nbformat
import numpy as np
import pandas as pd
import pytest
from studies import clinic, odd_clinics, write_study

from aice_helpers.build import pages
from aice_helpers.core.media import ANSWER_TYPE
from aice_helpers.course.engine import moments
from aice_helpers.course.engine.exercise import Exercise, Mistake, tolerance, verdict
from aice_helpers.course.engine.lesson import open_lesson
from aice_helpers.course.engine.lesson_data import lesson_data, offers
from aice_helpers.course.engine.markup import written
from aice_helpers.course.lessons import lesson_keys
from aice_helpers.course.lessons.cutpoint import arithmetic, pictures
from aice_helpers.data.load import load_cohort
from aice_helpers.study.model import DEFAULT_STUDY

MODULES = {key: importlib.import_module(f"aice_helpers.course.lessons.{key}.exercises") for key in lesson_keys()}
EXERCISES = [exercise for module in MODULES.values() for exercise in module.EXERCISES]
QUESTIONS = [question for module in MODULES.values() for question in module.QUESTIONS]
NOTEBOOKS = {page: nbformat.read(pages.ROOT / page, as_version=4) for page in pages.pages() if "methods" in page.parts}


@pytest.fixture(scope="module")
def several(tmp_path_factory):
    """Data of several cohorts: the default one, three clinics, one in days at another confidence level."""
    folder = tmp_path_factory.mktemp("clinics")
    studies = [write_study(folder / str(seed), *clinic(n, seed)) for n, seed in ((60, 1), (90, 5), (150, 7))]
    studies.append(write_study(folder / "days", *odd_clinics()["days, 90% confidence"]))
    return [lesson_data(load_cohort(study)) for study in (DEFAULT_STUDY, *studies)]


def able(several, exercise):
    """Those that can carry an exercise's lesson."""
    return [s for s in several if set(MODULES[exercise.lesson].NEEDS) <= offers(s)]


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda e: e.key)
def test_the_key_is_right_and_anything_else_is_not(several, exercise):
    assert len(able(several, exercise)) >= 2
    for data in able(several, exercise):
        key = exercise.answer(data)
        assert verdict(exercise, data, key).right, key
        if isinstance(key, str):
            assert key in exercise.choices(data)
            assert len(set(exercise.choices(data))) >= 2
            others = [choice for choice in exercise.choices(data) if choice != key]
        else:
            parts = key if isinstance(key, tuple) else (key,)
            assert all(math.isfinite(part) for part in parts), key
            others = [type(key)(part + 0.37 for part in key) if isinstance(key, tuple) else key + 0.37]
            if tolerance(exercise, key) and not exercise.significant:
                rounded = tuple(round(part, exercise.digits) for part in parts)
                assert verdict(exercise, data, rounded if isinstance(key, tuple) else rounded[0]).right
            assert verdict(exercise, data, "a word").right is False
        for other in others:
            assert verdict(exercise, data, other).right is False
        for open_answer in (None, ...):
            assert verdict(exercise, data, open_answer).right is None


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda e: e.key)
def test_every_named_mistake_is_recognized_somewhere_and_never_called_right_elsewhere(several, exercise):
    assert exercise.mistakes
    for mistake in exercise.mistakes:
        told = 0
        for data in able(several, exercise):
            value = mistake.value(data)
            if value is None:
                continue
            said = verdict(exercise, data, value)
            message = repr(written(mistake.says, exercise.values(data)))
            told += said.right is False and said.text == message
        assert told, (exercise.key, mistake.says)


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda e: e.key)
def test_every_field_is_filled_and_hints_wait(several, exercise):
    assert exercise.level in (1, 2, 3)
    assert exercise.hints
    assert exercise.because
    for data in able(several, exercise):
        values = exercise.values(data)
        texts = [exercise.question, exercise.because, *exercise.hints, *(m.says for m in exercise.mistakes)]
        for text in texts:
            shown = repr(written(re.sub(r"\$[^$]*\$|`[^`]*`", "", text), values))
            assert not re.search(r"[{}]|\bnan\b|\binf\b", shown), shown


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda q: q.key)
def test_every_question_has_one_right_option_and_a_comment_on_each(question):
    assert len(question.options) >= 3
    assert sum(option.right for option in question.options) == 1
    assert all(len(option.comment) > 15 for option in question.options)


def test_keys_are_unique_and_name_their_lesson():
    keys = [item.key for item in (*EXERCISES, *QUESTIONS)]
    assert len(set(keys)) == len(keys)
    for key, module in MODULES.items():
        assert [e.key for e in module.EXERCISES] == [f"{key}-{n}" for n in range(1, len(module.EXERCISES) + 1)]
        assert [q.key for q in module.QUESTIONS] == [f"{key}-q{n}" for n in range(1, len(module.QUESTIONS) + 1)]
        assert len(module.EXERCISES) >= 4
        assert [e.level for e in module.EXERCISES] == sorted(e.level for e in module.EXERCISES)


def test_every_folder_of_lessons_has_its_page_and_its_number_in_the_table_of_contents():
    folder = pages.ROOT / "aice_helpers" / "course" / "lessons"
    folders = {path.parent.name for path in folder.glob("*/__init__.py")}
    opened = {
        page: re.search(r'open_lesson\("(\w+)"', "\n".join(cell.source for cell in notebook.cells))[1]
        for page, notebook in NOTEBOOKS.items()
    }
    assert list(opened.values()) == list(lesson_keys())
    assert set(opened.values()) == folders
    for page, key in opened.items():
        assert page.name.startswith(f"{importlib.import_module(f'aice_helpers.course.lessons.{key}').NUMBER:02d}_")


@pytest.mark.parametrize("page", NOTEBOOKS, ids=lambda page: page.stem)
def test_every_exercise_is_asked_open_and_solved_on_its_page(page):
    cells = [cell for cell in NOTEBOOKS[page].cells if cell.cell_type == "code"]
    key = re.search(r'open_lesson\("(\w+)"', "\n".join(cell.source for cell in cells))[1]
    asked = [re.search(r'lesson\.exercise\("([\w-]+)"\)', cell.source) for cell in cells]
    assert [match[1] for match in asked if match] == [e.key for e in MODULES[key].EXERCISES]
    by_tag = {
        tag: {
            output["data"][ANSWER_TYPE]["exercise"]: output["data"]["text/plain"]
            for cell in cells
            if tag in cell.metadata.get("tags", [])
            for output in cell.outputs
            if ANSWER_TYPE in output.get("data", {})
        }
        for tag in ("exercise", "solution")
    }
    for exercise in MODULES[key].EXERCISES:
        assert by_tag["exercise"][exercise.key].startswith(f"{exercise.key}: No answer yet.")
        assert by_tag["solution"][exercise.key].startswith(f"{exercise.key}: Right.")
    assert any("lesson.quiz()" in cell.source for cell in cells)


def test_a_cohort_that_cannot_carry_a_lesson_gives_way_to_the_default_one_and_says_so(tmp_path):
    study = write_study(tmp_path, *odd_clinics()["1 patients"])
    lesson = open_lesson("km", study)
    assert lesson.data.cohort.study.synthetic
    assert "cannot carry this lesson" in lesson.notice().text
    assert "SYNTHETIC" in lesson.notice().title
    own = open_lesson("km", write_study(tmp_path / "own", *clinic()))
    assert own.data.cohort.study.title == "A clinic"
    assert "cannot carry" not in own.notice().text


def test_a_lesson_names_what_a_cohort_really_lacks(tmp_path):
    patients, events, study = clinic(80)
    study["analysis"] |= {"groups": ["sex"], "cut_points": {}}
    everyone = {name: patients[name].where(patients["sex"] == "m", 1) for name in ("os_event", "pfs_event")}
    lesson = open_lesson("logrank", write_study(tmp_path, patients.assign(**everyone), events, study))
    assert (patients.assign(**everyone).groupby("sex")["os_event"].sum() >= 5).all()
    assert "with five events and a censored patient in each" in lesson.notice().text
    rare = np.where(patients.index < 70, 50, patients.index)
    lesson = open_lesson("cutpoint", write_study(tmp_path / "rare", patients.assign(age=rare), events, study))
    assert len(set(rare)) >= 10
    assert "five cuts to choose from between its 10th and 90th percentile" in lesson.notice().text


def plain(key, **more):
    return Exercise("x-1", "t", 1, "q {n}", lambda d: key, values=lambda d: {"n": "<b>5"}, because="yes {n}", **more)


@pytest.mark.parametrize(
    ("key", "given", "right", "words"),
    [
        (0.372, 0.3716, True, "yes"),
        (0.372, 0.37, False, "Rounded too early"),
        (0.372, 0.366, False, "Near, but not"),
        (0.372, 37.0, False, "The hints"),
        (0.372, 37.2, False, "not per cent"),
        (0.372, -0.372, False, "sign"),
        (0.372, np.float64(0.372), True, "yes"),
        (0.372, pd.Series([0.372]), True, "yes"),
        (0.372, "0,372", False, "without quotation marks"),
        ((0.1, 0.2), pd.DataFrame({"l": [0.1], "u": [0.2]}), True, "yes"),
        (0.372, True, False, "a number"),
        (0.372, float("nan"), False, "a number"),
        (0.372, 1.0, False, "The hints"),
        (7, 7.0, True, "yes"),
        (7, 7.001, False, "hints"),
        (7, "7", False, "a whole number"),
        ((0.1, 0.2), (0.2, 0.1), False, "wrong order"),
        ((0.1, 0.2), [0.1, 0.3], False, "number 2"),
        ((0.1, 0.2), np.array([0.1, 0.2]), True, "yes"),
        ((0.1, 0.2), 0.1, False, "2 numbers"),
        ((0.1, 0.2), (0.1, 0.2, 0.3), False, "2 numbers"),
        ("up", " UP! ", True, "yes"),
        ("up", "down", False, "That is not it"),
        ("up", 3, False, "one of 'up', 'down'"),
    ],
)
def test_verdicts_on_odd_answers(key, given, right, words):
    said = verdict(plain(key, choices=lambda d: ("up", "down")), None, given)
    assert said.right is right
    assert words in said.text


def test_a_mistake_is_named_only_where_it_leads_elsewhere():
    mistaken = plain(0.5, mistakes=(Mistake("the wrong way", lambda d: d),))
    assert verdict(mistaken, 0.3, 0.3).text == "the wrong way"
    assert verdict(mistaken, 0.5, 0.5).right
    assert verdict(mistaken, None, 0.3).text != "the wrong way"


def test_an_answer_is_kept_for_grading_and_shown_safely():
    said = verdict(plain((0.1, 0.2)), None, (np.float64(0.1), 0.2))
    bundle = said._repr_mimebundle_()
    assert bundle[ANSWER_TYPE] == {"exercise": "x-1", "answer": [0.1, 0.2]}
    assert "<b>" not in bundle["text/html"]
    assert "&lt;b&gt;5" in bundle["text/html"]
    assert verdict(plain(1), None, "<script>")._repr_mimebundle_()[ANSWER_TYPE]["answer"] == "<script>"
    assert verdict(plain(1), None, {"a": 1})._repr_mimebundle_()[ANSWER_TYPE]["answer"] == "{'a': 1}"


def test_markup_shows_values_as_they_are():
    text = written("**A** {x} $n_i$ `{y}`\n\nb", {"x": "<i>$1$ **b** {y}"})
    assert repr(text) == "A <i>$1$ **b** {y} n_i {y}\nb"
    assert "&lt;i&gt;$1$ **b** {y}" in text.markup
    assert text.markup.count("<p>") == 2
    assert "<math" in text.markup


def test_the_map_of_lessons_and_chapters_holds_both_ways():
    """What book/course.md says is what each lesson says of its chapters and each chapter of its lessons."""
    first = {
        page: nbformat.read(pages.ROOT / page, as_version=4).cells[0].source
        for page in pages.pages()
        if page.parts[0] == "notebooks"
    }
    label = {page: re.match(r"\(([\w-]+)\)=", text)[1] for page, text in first.items()}

    def linked(page, after):
        """Labels linked to in the paragraph after some words."""
        found = re.search(rf"{re.escape(after)}(.*?)(\n\n|$)", first[page], re.DOTALL)
        return {*re.findall(r"\[\]\(([\w-]+)\)", found[1])} if found else set()

    lessons = {label[page]: linked(page, "In the analysis:") for page in first if "methods" in page.parts}
    rows = re.findall(r"^\| \[\]\((lesson-\w+)\) \|.*\| (.*) \|$", (pages.ROOT / "book/course.md").read_text(), re.M)
    assert {lesson: {*re.findall(r"\[\]\(([\w-]+)\)", used)} for lesson, used in rows} == lessons
    assert list(lessons) == [f"lesson-{key}" for key in MODULES] == [lesson for lesson, _ in rows]
    for page in first:
        if "methods" not in page.parts:
            named = linked(page, "**By hand:**")
            assert named == {lesson for lesson, used in lessons.items() if label[page] in used}, page


@pytest.mark.parametrize(
    ("key", "given", "right"),
    [
        (0.000123, 0.000123, True),
        (0.000123, 0.000126, False),
        (0.000123, 0.00006, False),
        (0.0456, 0.0456, True),
        (0.0456, 0.046, False),
    ],
)
def test_a_small_p_value_is_judged_by_its_significant_digits(key, given, right):
    assert verdict(plain(key, significant=True), None, given).right is right


def test_a_mistake_near_zero_is_named_only_when_it_was_made():
    mistaken = plain(0.5, mistakes=(Mistake("the wrong way", lambda d: 0.0001),))
    assert verdict(mistaken, None, 0.0001).text == "the wrong way"
    assert verdict(mistaken, None, 0).text != "the wrong way"


def test_words_are_met_without_their_commas_where_only_one_is_meant():
    asked = plain("≤ 10, cm", choices=lambda d: ("≤ 10, cm", "> 10, cm", "no, none"))
    assert verdict(asked, None, "≤ 10, CM").right
    assert verdict(asked, None, "10 cm").right is False
    assert verdict(plain("no, none", choices=asked.choices), None, "No none.").right


def test_formulas_are_formulas_on_the_page_and_words_elsewhere():
    said = verdict(plain(0.5, mistakes=(Mistake(r"That is $\exp(\beta)$ of {n}.", lambda d: 0.3),)), None, 0.3)
    assert said.text == "That is exp(β) of <b>5."
    assert "<math" in said._repr_mimebundle_()["text/html"]
    assert "<b>" not in said._repr_mimebundle_()["text/html"]


def carried(study):
    """Keys of the lessons that the cohort of a study carries itself."""
    return {key for key in MODULES if not open_lesson(key, study).instead}


def test_a_cohort_without_a_median_carries_the_lessons_that_need_none(tmp_path):
    study = write_study(tmp_path / "good", *odd_clinics()["good prognosis"])
    assert carried(study) == set(MODULES) - {"km", "median"}
    assert "median is reached" in open_lesson("km", study).instead
    assert carried(write_study(tmp_path / "one", *odd_clinics()["1 patients"])) == set()


def test_an_endpoint_with_a_median_goes_before_one_with_more_censored_times(tmp_path):
    patients, events, study = clinic(120)
    patients["os_event"] = odd_clinics()["good prognosis"][0]["os_event"]
    data = lesson_data(load_cohort(write_study(tmp_path, patients, events, study)))
    assert data.endpoint == "PFS"
    assert data.cohort.survival("OS")["event"].sum() < data.event.sum()
    assert {"endpoint", "median"} <= offers(data)
    without = {**study, "endpoints": {"OS": study["endpoints"]["OS"]}}
    alone = lesson_data(load_cohort(write_study(tmp_path / "os", patients, events, without)))
    assert alone.endpoint == "OS"
    assert "median" not in offers(alone)


def test_no_exercise_asks_for_a_value_where_the_curve_is_down_to_zero(tmp_path):
    # Many events, four late censored times, and then a last event: the curve ends at 0, without error or limits.
    patients, events, study = clinic(30)
    order = patients["os"].rank(method="first")
    seen = ((order <= 25) | (order == 30)).astype(int)
    late = patients.assign(pfs=patients["os"], os_event=seen, pfs_event=seen)
    study["analysis"]["rate_times"] = []
    data = lesson_data(load_cohort(write_study(tmp_path, late, events, study)))
    assert offers(data) >= {"endpoint", "median"}
    assert moments.moment_after_censoring(data) == np.sort(data.time)[24]
    for exercise in open_lesson("km", DEFAULT_STUDY).exercises.values():
        assert np.isfinite(exercise.answer(data)).all(), exercise.key
        for mistake in exercise.mistakes:
            mistake.value(data)


def test_without_a_cut_in_the_plan_nothing_says_that_one_was_named(tmp_path):
    patients, events, study = clinic()
    study["analysis"] |= {"cut_points": {}, "groups": ["stage"]}
    data = lesson_data(load_cohort(write_study(tmp_path, patients, events, study)))
    exercise = open_lesson("cutpoint", DEFAULT_STUDY).exercises["cutpoint-3"]
    said = verdict(exercise, data, round(float(arithmetic.planned(data)["chi_square"]), 2)).text
    alt = pictures.searched(data).alt
    assert "the median" in said
    assert "the median" in alt
    assert "beforehand" not in said + alt

"""A lesson opened on a cohort: its data, its exercises with their checks, its questions."""

import importlib
from dataclasses import dataclass, replace

from aice_helpers.analysis import Analysis, open_analysis
from aice_helpers.course.engine.exercise import Exercise, Sheet, Verdict, verdict
from aice_helpers.course.engine.lesson_data import LessonData, lesson_data, offers
from aice_helpers.course.engine.quiz import Question, Quiz
from aice_helpers.data.load import load_cohort
from aice_helpers.show import prose, sentences
from aice_helpers.study.model import DEFAULT_STUDY

_LACKS = {
    "response": "at least ten patients, and a response that some of them had and others had not",
    "endpoint": "an endpoint of at most 5000 patients observed from time zero, with ten events, three censored times, five distinct "
    "event times and no time of zero",
    "median": "an endpoint whose median is reached, with both limits, by every convention",
    "factor": "two groups known at time zero with five events and a censored patient in each, and a finite hazard ratio between them",
    "measure": "a measurement known at time zero in every patient, with twenty events, ten distinct values and five cuts to choose from "
    "between its 10th and 90th percentile",
    "landmark": "a date of every response and a landmark, before which somebody leaves and after which responders and others have "
    "five events each",
    "periods": "two groups with two events each early and two late, while the other group is still followed",
}


@dataclass(frozen=True)
class Lesson:
    """One lesson on the data of one cohort. ``instead`` says why the default cohort stands in for the reader's, if it does."""

    key: str
    data: LessonData
    exercises: dict[str, Exercise]
    questions: tuple[Question, ...]
    instead: str = ""

    def notice(self):
        """The box at the head of the lesson: what kind of data its numbers come from."""
        box = prose.notice(Analysis(self.data.cohort))
        if not self.instead:
            return box
        why = sentences.sentence(
            f"{self.instead} The lesson therefore uses the synthetic cohort that comes with the book."
        )
        return prose.Notice(f"{box.text} {why.text}", f"{box.markup} {why.markup}", title=box.title)

    def exercise(self, key) -> Sheet:
        """One exercise, to be shown."""
        return Sheet(self.exercises[key], self.data)

    def check(self, key, given=...) -> Verdict:
        """Judge an answer; see `exercise.verdict`."""
        if key not in self.exercises:
            raise KeyError(f"no exercise {key!r} in this lesson; there are {', '.join(self.exercises)}")
        return verdict(self.exercises[key], self.data, given)

    def quiz(self) -> Quiz:
        """The multiple-choice questions, to be shown."""
        return Quiz(self.questions)


def open_lesson(key, study, *, mask_below=0) -> Lesson:
    """Open a lesson on the cohort of a study file, or on the synthetic default cohort where that one cannot carry it.

    Parameters
    ----------
    key : str
        Name of the lesson's package in `aice_helpers.course.lessons`.
    study : path-like
        Study file.
    mask_below : int
        Above 0 the book masks small counts of its cohort; a lesson, which counts at every step, then leaves it alone.

    Returns
    -------
    Lesson

    Raises
    ------
    StudyError
        The study file or its data cannot be used.
    """
    if mask_below:
        lesson = lesson_on(key, lesson_data(load_cohort(DEFAULT_STUDY)))
        return replace(lesson, instead="This book masks small counts of its cohort, and a lesson counts at every step.")
    return lesson_on(key, lesson_data(open_analysis(study).cohort))


def lesson_on(key, data) -> Lesson:
    """The same on data that are at hand."""
    module = importlib.import_module(f"aice_helpers.course.lessons.{key}.exercises")
    lacking = [name for name in module.NEEDS if name not in offers(data)]
    instead = ""
    if lacking:
        needs = "; ".join(_LACKS[name] for name in lacking)
        instead = f"The cohort of this book cannot carry this lesson: it needs {needs}."
        data = lesson_data(load_cohort(DEFAULT_STUDY))
    return Lesson(key, data, {exercise.key: exercise for exercise in module.EXERCISES}, module.QUESTIONS, instead)

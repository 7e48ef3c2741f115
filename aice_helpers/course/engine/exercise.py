"""Exercises whose answers are computed from the data at hand, and the verdict on an answer.

A verdict names the mistake where it can: every exercise lists the typical wrong ways together with the value to which
each of them leads in these very data.
"""

import html
import math
import numbers
import re
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from aice_helpers.core.media import ANSWER_TYPE
from aice_helpers.course.engine.markup import inline_html, inline_text, written

LEVELS = ("", "easy", "medium", "hard")


@dataclass(frozen=True)
class Mistake:
    """A typical wrong way: the value it leads to, computed from a lesson's data, and what to say about it."""

    says: str
    value: Callable = field(repr=False)


@dataclass(frozen=True)
class Exercise:
    """A question with one right answer in any cohort that can carry its lesson.

    Attributes
    ----------
    key : str
        Such as ``km-3``.
    title : str
    level : int
        1 easy, 2 medium, 3 hard.
    question : str
        Text of `markup.written`; its fields are filled from ``values``.
    answer : callable
        LessonData -> int (a count), float, tuple of floats (an interval, a list) or str (one of ``choices``).
    digits : int
        Decimals to which a float is wanted; half a unit of the last one is allowed either way.
    significant : bool
        The digits are significant ones: for a P value, which may be small.
    values : callable
        LessonData -> dict of what fills the fields of question, hints and messages.
    choices : callable
        LessonData -> the answers to choose from, for an exercise that is answered with a word.
    hints : tuple of str
        From a nudge to nearly the whole way.
    mistakes : tuple of Mistake
    because : str
        What a right answer shows, said when it is given.
    """

    key: str
    title: str
    level: int
    question: str
    answer: Callable = field(repr=False)
    digits: int = 3
    significant: bool = False
    values: Callable = field(default=lambda data: {}, repr=False)
    choices: Callable = field(default=lambda data: (), repr=False)
    hints: tuple[str, ...] = ()
    mistakes: tuple[Mistake, ...] = ()
    because: str = ""

    @property
    def lesson(self) -> str:
        """Key of the lesson the exercise belongs to."""
        return self.key.rpartition("-")[0]


@dataclass(frozen=True)
class Verdict:
    """What became of one answer: ``right`` is None while there is none, ``text`` says why."""

    key: str
    right: bool | None
    text: str
    answer: object = field(default=None, repr=False)
    markup: str = field(default="", repr=False)

    @property
    def title(self) -> str:
        """One word or two on the whole."""
        return {True: "Right", False: "Not yet", None: "No answer yet"}[self.right]

    def __repr__(self) -> str:
        return f"{self.key}: {self.title}. {self.text}"

    def _repr_mimebundle_(self, include=None, exclude=None):
        kind = {True: "right", False: "wrong", None: "open"}[self.right]
        markup = (
            f'<p class="aice-verdict aice-{kind}" role="status"><strong>{html.escape(self.key)}: {self.title}.</strong> '
            f"{self.markup or html.escape(self.text)}</p>"
        )
        return {
            "text/plain": repr(self),
            "text/html": markup,
            ANSWER_TYPE: {"exercise": self.key, "answer": self.answer},
        }


def verdict(exercise, data, given) -> Verdict:
    """Judge an answer by the data of a lesson.

    Parameters
    ----------
    exercise : Exercise
    data : LessonData
    given : object
        The answer: a number, a pair or list of numbers, a word; ``...`` or None while it is open.

    Returns
    -------
    Verdict
    """
    if given is None or given is ...:
        return Verdict(exercise.key, None, f"Replace ... by {wanted(exercise, data)}, and run the cell again.")
    key = exercise.answer(data)
    answer = _in_the_form_of(key, _plain(given), exercise.choices(data))
    if not _same_kind(answer, key):
        how = ", without quotation marks and with a decimal point" if isinstance(answer, str) else ""
        return Verdict(exercise.key, False, f"The answer should be {wanted(exercise, data)}{how}.", _kept(answer))

    def says(right, text):
        values = exercise.values(data)
        return Verdict(exercise.key, right, inline_text(text, values), _kept(answer), inline_html(text, values))

    slack = tolerance(exercise, key)
    if _close(answer, key, slack):
        return says(True, exercise.because)
    for mistake in exercise.mistakes:
        value = mistake.value(data)
        # Where the wrong way happens to lead to the right value, it is no sign of the mistake.
        if value is not None and _comes_from(answer, value, slack) and not _close(value, key, slack):
            return says(False, mistake.says)
    return says(False, _general_mistake(exercise, answer, key, slack))


def wanted(exercise, data) -> str:
    """The form of the answer, in words."""
    key = exercise.answer(data)
    kind = "significant digit" if exercise.significant else "decimal"
    decimals = f"{exercise.digits} {kind}{'' if exercise.digits == 1 else 's'}"
    if isinstance(key, str):
        return "one of " + ", ".join(repr(choice) for choice in exercise.choices(data))
    if isinstance(key, tuple):
        form = "whole numbers" if all(_is_whole(part) for part in key) else f"numbers with {decimals}"
        return f"({', '.join(['...'] * len(key))}): {len(key)} {form}"
    return "a whole number" if _is_whole(key) else f"a number with {decimals}"


def tolerance(exercise, key) -> float:
    """How far an answer may be from the key: nothing for counts and words, else half a unit of the last decimal.

    A whole unit of the last significant digit, for programs that stop early differ by as much in a P value.
    """
    parts = key if isinstance(key, tuple) else (key,)
    if all(_is_whole(part) or isinstance(part, str) for part in parts):
        return 0.0
    if not exercise.significant:
        return 0.505 * 10.0**-exercise.digits
    first = math.floor(math.log10(min(abs(part) for part in parts))) + 1
    return 1.01 * 10.0 ** (first - exercise.digits)


def _general_mistake(exercise, answer, key, slack):
    if isinstance(key, str):
        return "That is not it. Read the question again, then the hints."
    if slack and _close(_scaled(answer, 0.01), key, max(slack, 0.000505)):
        return "That is a hundred times too large: give the number itself, not per cent."
    if isinstance(key, tuple) and _close(answer[::-1], key, slack):
        return "The numbers are right and in the wrong order."
    if _close(_scaled(answer, -1), key, slack):
        return "The size is right, the sign is not."
    if slack and any(_close(answer, _rounded(key, digits), 1e-9) for digits in range(exercise.digits)):
        return "Rounded too early: keep all digits while calculating, and round only the result."
    if slack and _close(answer, key, 20 * slack):
        return "Near, but not by rounding alone: look again at who is counted."
    if isinstance(key, tuple):
        fits = [_close(a, k, slack) for a, k in zip(answer, key, strict=True)]
        if any(fits):
            places = " and ".join(str(place) for place, fit in enumerate(fits, 1) if not fit)
            return f"Part of it is right; look at number {places} again."
    return "That is not it. The hints go one step at a time."


def _plain(value):
    """An answer in plain Python: numpy and pandas types become numbers, words and tuples."""
    if isinstance(value, np.generic):
        value = value.item()
    if hasattr(value, "__array__"):
        value = np.asarray(value, dtype=object).ravel().tolist()
    if isinstance(value, list | tuple):
        return tuple(_plain(part) for part in value)
    return value.strip() if isinstance(value, str) else value


def _in_the_form_of(key, answer, choices):
    """One number out of a container of one; a word as it is spelled among the choices, where only one is meant."""
    if isinstance(answer, tuple) and len(answer) == 1 and not isinstance(key, tuple):
        answer = answer[0]
    if isinstance(key, str) and isinstance(answer, str):
        meant = [choice for choice in choices if _letters(choice) == _letters(answer)]
        exact = [choice for choice in choices if choice.casefold() == answer.casefold()]
        return (exact or meant)[0] if len(exact or meant) == 1 else answer
    return answer


def _letters(text):
    return " ".join(re.findall(r"\w+", text.casefold()))


def _kept(answer):
    """What a notebook keeps of an answer: what JSON can hold, and nothing long."""
    if isinstance(answer, tuple):
        return [_kept(part) for part in answer[:20]]
    if isinstance(answer, bool) or not isinstance(answer, (numbers.Real, str)):
        return repr(answer)[:80]
    if isinstance(answer, str):
        return answer[:200]
    if not math.isfinite(answer):
        return str(answer)
    # Processors differ in the last digits of a float, and a notebook that is executed again must not.
    return answer if _is_whole(answer) else float(f"{answer:.12g}")


def _is_whole(value):
    return isinstance(value, numbers.Integral)


def _is_number(value):
    return isinstance(value, numbers.Real) and not isinstance(value, bool) and math.isfinite(value)


def _same_kind(answer, key):
    if isinstance(key, tuple):
        return isinstance(answer, tuple) and len(answer) == len(key) and all(map(_is_number, answer))
    return isinstance(answer, str) if isinstance(key, str) else _is_number(answer)


def _close(answer, key, slack):
    if isinstance(key, tuple):
        if not isinstance(answer, tuple) or len(answer) != len(key):
            return False
        return all(_close(a, k, slack) for a, k in zip(answer, key, strict=True))
    if isinstance(key, str) or isinstance(answer, (str, tuple)):
        return isinstance(answer, str) and isinstance(key, str) and answer.casefold() == key.casefold()
    return abs(answer - key) <= slack + 1e-12 * abs(key)


def _comes_from(answer, value, slack):
    """Whether an answer is the value of a mistake; a value near 0 must be met to a fiftieth of itself."""
    if isinstance(value, tuple):
        same = isinstance(answer, tuple) and len(answer) == len(value)
        return same and all(_comes_from(a, v, slack) for a, v in zip(answer, value, strict=True))
    if isinstance(value, str):
        return _close(answer, value, 0)
    return _close(answer, value, min(slack, 0.02 * abs(value)))


def _rounded(key, digits):
    return tuple(round(part, digits) for part in key) if isinstance(key, tuple) else round(key, digits)


def _scaled(answer, factor):
    return tuple(part * factor for part in answer) if isinstance(answer, tuple) else answer * factor


@dataclass(frozen=True)
class Sheet:
    """An exercise as it stands on the page: the question, the form of the answer, and hints to open one by one."""

    exercise: Exercise
    data: object

    def __repr__(self) -> str:
        exercise, values = self.exercise, self.exercise.values(self.data)
        lines = [f"Exercise {exercise.key} ({LEVELS[exercise.level]}): {exercise.title}"]
        lines += [repr(written(exercise.question, values)), f"Answer: {wanted(exercise, self.data)}"]
        lines += [f"Hint {n}: {inline_text(hint, values)}" for n, hint in enumerate(exercise.hints, 1)]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        exercise, values = self.exercise, self.exercise.values(self.data)
        hints = "".join(
            f"<details><summary>Hint {n}</summary><p>{inline_html(hint, values)}</p></details>"
            for n, hint in enumerate(exercise.hints, 1)
        )
        return (
            f'<section class="aice-exercise" id="exercise-{exercise.key}" aria-label="Exercise {exercise.key}">'
            f'<p class="aice-exercise-title"><strong>Exercise {exercise.key}</strong> '
            f"{html.escape(exercise.title)} <span>{LEVELS[exercise.level]}</span></p>"
            f"{written(exercise.question, values)._repr_html_()}"
            f'<p class="aice-form">Answer: {html.escape(wanted(exercise, self.data))}.</p>{hints}</section>'
        )

"""Lesson "cox": the partial likelihood by hand."""

from aice_helpers.course.lessons.cox.arithmetic import (
    SEPARATED,
    SIX,
    TIED,
    TIES,
    book_estimate,
    book_rows,
    choices,
    estimate,
    hazard_and_risk,
    likelihood,
    median_ratios,
    newton_steps,
    risks,
    three_tests,
    tied_likelihoods,
    two_worlds,
)
from aice_helpers.course.lessons.cox.play import slider
from aice_helpers.course.lessons.cox.words import adjusted_words, cohort_words

NUMBER = 5

__all__ = [
    "NUMBER",
    "SEPARATED",
    "SIX",
    "TIED",
    "TIES",
    "adjusted_words",
    "book_estimate",
    "book_rows",
    "choices",
    "cohort_words",
    "estimate",
    "hazard_and_risk",
    "likelihood",
    "median_ratios",
    "newton_steps",
    "risks",
    "slider",
    "three_tests",
    "tied_likelihoods",
    "two_worlds",
]

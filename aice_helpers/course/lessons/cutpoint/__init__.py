"""Lesson "cutpoint": what cutting a measurement in two loses, and what searching for the best cut invents."""

from aice_helpers.course.lessons.cutpoint.arithmetic import (
    EIGHT,
    approximate_p,
    best,
    best_of_shuffles,
    cut_table,
    exact_best,
    planned,
    search,
    share_kept,
)
from aice_helpers.course.lessons.cutpoint.play import mover
from aice_helpers.course.lessons.cutpoint.words import (
    adjusted_words,
    concordance_words,
    halves_words,
    loss_words,
    noise_words,
    search_words,
)

NUMBER = 8

__all__ = [
    "EIGHT",
    "NUMBER",
    "adjusted_words",
    "approximate_p",
    "best",
    "best_of_shuffles",
    "concordance_words",
    "cut_table",
    "exact_best",
    "halves_words",
    "loss_words",
    "mover",
    "noise_words",
    "planned",
    "search",
    "search_words",
    "share_kept",
]

"""Lesson "exact": the interval of a proportion by hand, and what its level promises."""

from aice_helpers.core.intervals import clopper_pearson
from aice_helpers.course.lessons.exact.arithmetic import (
    coverage,
    five_counts,
    intervals,
    old_rate,
    studies,
    zero_bounds,
)
from aice_helpers.course.lessons.exact.play import explorer

NUMBER = 1

__all__ = [
    "NUMBER",
    "clopper_pearson",
    "coverage",
    "explorer",
    "five_counts",
    "intervals",
    "old_rate",
    "studies",
    "zero_bounds",
]

"""Lesson "logrank": comparing two curves by a table of observed and expected events."""

from aice_helpers.course.engine.two_groups import moment, outcome, tables
from aice_helpers.course.lessons.logrank.arithmetic import (
    SIX,
    TWELVE,
    book_rows,
    compared,
    relabelled,
    three_groups,
    unequal_follow_up,
    weighted,
)
from aice_helpers.course.lessons.logrank.play import stepper
from aice_helpers.course.lessons.logrank.words import p_words

NUMBER = 4

__all__ = [
    "NUMBER",
    "SIX",
    "TWELVE",
    "book_rows",
    "compared",
    "moment",
    "outcome",
    "p_words",
    "relabelled",
    "stepper",
    "tables",
    "three_groups",
    "unequal_follow_up",
    "weighted",
]

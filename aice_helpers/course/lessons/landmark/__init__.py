"""Lesson "landmark": immortal time, the landmark analysis by hand, and its limits."""

from aice_helpers.course.lessons.landmark.arithmetic import (
    SIX,
    at_landmark,
    hazard_ratio,
    invented,
    landmark_table,
    later_time,
    naive,
    rates,
    sample,
    spells,
)
from aice_helpers.course.lessons.landmark.play import landmark_play
from aice_helpers.course.lessons.landmark.words import comparison_values, comparison_words

NUMBER = 7

__all__ = [
    "NUMBER",
    "SIX",
    "at_landmark",
    "comparison_values",
    "comparison_words",
    "hazard_ratio",
    "invented",
    "landmark_play",
    "landmark_table",
    "later_time",
    "naive",
    "rates",
    "sample",
    "spells",
]

"""Lesson "median": the confidence interval of a median survival time, and why programs differ."""

from aice_helpers.course.lessons.median.arithmetic import TEN, band, conventions, displayed, moment, ranks, simulated
from aice_helpers.course.lessons.median.play import reader

NUMBER = 3

__all__ = [
    "NUMBER",
    "TEN",
    "band",
    "conventions",
    "displayed",
    "moment",
    "ranks",
    "reader",
    "simulated",
]

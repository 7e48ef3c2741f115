"""Lesson "ph": what proportional hazards mean, how the test works, and what to report without them."""

from aice_helpers.course.lessons.ph.arithmetic import (
    NO_EVIDENCE,
    SEVEN,
    SPEAKS_AGAINST,
    horizon,
    moment,
    periods,
    power,
    programs,
    rate_difference,
    rmst_difference,
    sample,
    score_test,
    standardized_measure,
)
from aice_helpers.course.lessons.ph.play import crossing_play
from aice_helpers.course.lessons.ph.words import result_values, result_words

NUMBER = 6

__all__ = [
    "NO_EVIDENCE",
    "NUMBER",
    "SEVEN",
    "SPEAKS_AGAINST",
    "crossing_play",
    "horizon",
    "moment",
    "periods",
    "power",
    "programs",
    "rate_difference",
    "result_values",
    "result_words",
    "rmst_difference",
    "sample",
    "score_test",
    "standardized_measure",
]

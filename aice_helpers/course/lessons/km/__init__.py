"""Lesson "km": censoring and the Kaplan-Meier product by hand."""

from aice_helpers.course.engine.moments import moment_after_censoring as moment
from aice_helpers.course.lessons.km.arithmetic import FIVE, TEN, risk_table
from aice_helpers.course.lessons.km.play import stepper

NUMBER = 2

__all__ = [
    "FIVE",
    "NUMBER",
    "TEN",
    "moment",
    "risk_table",
    "stepper",
]

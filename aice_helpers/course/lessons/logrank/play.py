"""The interactive figure of the lesson "logrank"."""

from aice_helpers.course.engine.play import Play
from aice_helpers.course.lessons.logrank.arithmetic import TWELVE


def stepper() -> Play:
    """The interactive figure: twelve invented patients who can change groups, and the test's table as it grows."""
    return Play(
        "logrank",
        "Observed and expected, event by event",
        "Pass the event times one by one and watch the sum of observed minus expected in group B. Untick a patient to move them to "
        "group A. What happens when the groups are mixed evenly?",
        {"patients": [[row.group, row.time, int(row.event)] for row in TWELVE.itertuples()], "unit": "months"},
        "With scripts on, this figure builds the log-rank test of twelve invented patients event by event. What it shows: at each "
        "event time the expected number is the number of events times the group's share of those at risk, and what counts in the "
        "end is the sum of the differences, so that a surplus early and a deficit later cancel.",
    )

"""The interactive figure of the lesson "km"."""

from aice_helpers.course.engine.play import Play
from aice_helpers.course.lessons.km.arithmetic import TEN


def stepper() -> Play:
    """The interactive figure: ten invented patients, one after the other, each with the event or censored."""
    return Play(
        "km",
        "A curve, patient by patient",
        "Pass the patients one by one in the order of their times. Untick a patient to make the time a censored one, and watch the risk set and "
        "the size of the **later** steps.",
        {"patients": [[row.Index, row.time, int(row.event)] for row in TEN.itertuples()], "unit": "months"},
        "With scripts on, this figure steps through ten invented patients. What it shows: an event multiplies the curve by one "
        "minus events over patients at risk; a censored patient changes nothing at once, but leaves the risk set, so that "
        "every later step is larger.",
    )

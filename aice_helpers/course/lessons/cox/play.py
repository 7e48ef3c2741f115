"""The interactive figure of the lesson "cox"."""

from aice_helpers.course.engine.play import Play
from aice_helpers.course.lessons.cox.arithmetic import SEPARATED, SIX


def slider() -> Play:
    """The interactive figure: the partial likelihood of the invented patients, at any log hazard ratio."""
    patients = [
        [
            list(map(str, each.index)),
            each["time"].tolist(),
            each["event"].astype(int).tolist(),
            each["exposed"].astype(int).tolist(),
        ]
        for each in (SIX, SEPARATED)
    ]
    return Play(
        "likelihood",
        "Climb the partial likelihood",
        "Move the log hazard ratio and watch each event's probability, the height of the curve and its slope. Find the top, or let "
        "Newton's step find it. Then take the patients without a finite estimate.",
        {"sets": {"six": patients[0], "separated": patients[1]}, "unit": "months"},
        "With scripts on, this figure moves the log hazard ratio of six invented patients. What it shows: a larger ratio makes the events "
        "of exposed patients more probable and those of the others less; where the product is largest the slope is zero. When "
        "everyone exposed has the event before anyone else, the curve rises for ever and there is no top.",
    )

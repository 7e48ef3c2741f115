"""The interactive figure of the lesson "ph"."""

from aice_helpers.course.engine.play import Play
from aice_helpers.course.lessons.ph.arithmetic import REFERENCE_MEDIAN

RATIOS = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.2, 1.5, 2.0, 2.5, 3.0)
"""Hazard ratios among which the figure's two sliders choose."""


def crossing_play() -> Play:
    """The interactive figure: two curves, and what one hazard ratio makes of them."""
    return Play(
        "crossing",
        "One hazard ratio for two periods",
        "Choose a hazard ratio before and after the change. Then leave both as they are and move only the **end of "
        "follow-up**: the patients are the same, and the average hazard ratio is not.",
        {
            "ratios": RATIOS,
            "median": REFERENCE_MEDIAN,
            "unit": "months",
            "start": {"early": 0.5, "late": 2.0, "change": 9, "end": 24},
        },
        "With scripts on, this figure shows two invented groups whose hazard ratio changes once. What it shows: the one "
        "hazard ratio of Cox's model lies between the early and the late one, nearer to the period with more events, so it "
        "moves with the end of follow-up. The difference of the restricted means depends on the end too, but its horizon is "
        "part of its name.",
    )

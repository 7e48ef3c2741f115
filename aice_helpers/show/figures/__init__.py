"""Figures of the chapters, each with a text that says what it shows; a module a kind."""

from aice_helpers.show.figures.cohort import distributions
from aice_helpers.show.figures.curves import survival_curves
from aice_helpers.show.figures.forests import Line, forest_picture, hazard_forest, interval_conventions, landmark_forest
from aice_helpers.show.figures.grouped import grouped_curves
from aice_helpers.show.figures.response import response_forest, waterfall
from aice_helpers.show.figures.safety import adverse_event_bars
from aice_helpers.show.figures.style import (
    HATCHES,
    LAPS,
    LINES,
    MARKERS,
    OKABE_ITO,
    WIDTH,
    Look,
    Picture,
    add_legend,
    axes_at,
    breadth,
    drawing_style,
    legend_lines,
    line_look,
    look,
    masked_note,
    new_figure,
    only,
    sign_picture,
    text_height,
    wrapped_lines,
)

__all__ = [
    "HATCHES",
    "LAPS",
    "LINES",
    "MARKERS",
    "OKABE_ITO",
    "WIDTH",
    "Line",
    "Look",
    "Picture",
    "add_legend",
    "adverse_event_bars",
    "axes_at",
    "breadth",
    "distributions",
    "drawing_style",
    "forest_picture",
    "grouped_curves",
    "hazard_forest",
    "interval_conventions",
    "landmark_forest",
    "legend_lines",
    "line_look",
    "look",
    "masked_note",
    "new_figure",
    "only",
    "response_forest",
    "sign_picture",
    "survival_curves",
    "text_height",
    "waterfall",
    "wrapped_lines",
]

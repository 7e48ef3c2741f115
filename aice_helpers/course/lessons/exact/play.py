"""The interactive figure of the lesson "exact"."""

from aice_helpers.core.intervals import normal_quantile
from aice_helpers.course.engine.play import Play


def explorer() -> Play:
    """The interactive figure: coverage and width of the three intervals as patients, true rate and level change."""
    levels = (0.8, 0.9, 0.95, 0.99)
    return Play(
        "coverage",
        "How often an interval holds the true rate",
        "Choose how many patients a study has, the true rate and the level. Each line gives, for every true rate, the share of "
        "studies whose interval holds it. **Solid** is the exact interval, **dashes** Wald, **dots** Wilson; the straight "
        "line is the level that was promised.",
        {"levels": [[level, normal_quantile(level)] for level in levels], "n": 20, "rate": 30, "level": 0.95},
        "With scripts on, this figure draws the coverage of the three intervals over all true rates. What it shows: the exact "
        "interval never falls below its level and often lies well above it; Wilson's swings around the level; Wald's falls far "
        "below it where the rate is near 0 or 1 or the patients are few, and even a hundred patients do not mend that.",
    )

"""Pictures of the lesson "ph"."""

import numpy as np
import pandas as pd
from matplotlib.ticker import FuncFormatter, NullLocator

from aice_helpers.course.engine import drawing
from aice_helpers.course.lessons.ph import arithmetic
from aice_helpers.show import figures, formats
from aice_helpers.show.figures import MARKERS

_TICKS = (0.1, 0.2, 0.5, 1, 2, 5, 10)


def residuals(table):
    """Schoenfeld residuals of invented patients over time.

    Parameters
    ----------
    table : DataFrame
        Columns ``time``, ``exposed`` and ``residual``.

    Returns
    -------
    Picture
    """
    with drawing.panel(
        2.9, title="Observed less expected", xlabel="Months", ylabel="Residual", ylim=(-0.8, 0.8), xlim=(0, None)
    ) as axes:
        axes.axhline(0, color="0.5", linewidth=1)
        for code, name in ((1, "event in the exposed group"), (0, "event in the other group")):
            rows = table[table["exposed"] == code]
            axes.plot(
                rows["time"], rows["residual"], MARKERS[code], color=figures.OKABE_ITO[code], markersize=8, label=name
            )
        drawing.legend_of(axes, loc="upper right", ncols=2)
    points = "; ".join(
        f"{formats.duration(row.time, 'months')} {formats.decimal(row.residual, 2)}" for row in table.itertuples()
    )
    return drawing.picture(axes, f"Residuals at the event times: {points}.", table)


def log_log(data):
    """Both groups' curves on the log(-log) scale, and the hazard ratio in three periods with about as many events each.

    Parameters
    ----------
    data : LessonData

    Returns
    -------
    Picture
    """
    thirds, factor = arithmetic.by_thirds(data), data.cohort.study.label(data.factor)
    with drawing.panels(2, height=3.9, gap=0.25) as (left, right):
        for order, (level, curve) in enumerate(zip(data.levels, arithmetic.curves(data), strict=True)):
            inside = curve[(curve["estimate"] > 0) & (curve["estimate"] < 1)]
            color, style = figures.line_look(order)
            height = np.log(-np.log(inside["estimate"].astype(float)))
            left.step(
                inside["time"],
                height,
                where="post",
                color=color,
                linestyle=style,
                label=figures.wrapped_lines(level, 22),
            )
        left.set_xscale("log")
        left.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        left.xaxis.set_minor_locator(NullLocator())
        left.set(title="log(−log) of the curve", xlabel=f"{data.unit.capitalize()} (log scale)")
        drawing.legend_of(left, fontsize=9, title=figures.wrapped_lines(factor, 22), title_fontsize=9)
        middles = (thirds["start"] + thirds["end"]) / 2
        drawing.ratios(right, middles, thirds, ticks=_TICKS)
        right.set(title="Hazard ratio by period", xlabel=data.unit.capitalize(), xlim=(0, thirds["end"].max()))
        for edge in thirds["end"].iloc[:-1]:
            right.axvline(edge, color="0.75", linewidth=1, linestyle=":")
    said = "; ".join(
        f"from {formats.time(row.start, data.unit)} to {formats.time(row.end, data.unit)}, {_words(row)}"
        for row in thirds.itertuples()
    )
    alt = (
        f"Left: {data.label} by {factor}, {data.levels[0]} and {data.levels[1]}, on the log(-log) scale against the logarithm of "
        f"time. Right: hazard ratio with its interval by period in {data.unit}: {said}."
    )
    return drawing.picture(left, alt, thirds, data)


def ratio_by_follow_up(data):
    """The hazard ratio with its interval as it would have been at earlier ends of follow-up.

    Parameters
    ----------
    data : LessonData

    Returns
    -------
    Picture
    """
    table = arithmetic.by_follow_up(data)
    with drawing.panel(
        3.2, title="Hazard ratio", xlabel=f"End of follow-up ({data.unit})", xlim=(0, table["end"].max() * 1.05)
    ) as axes:
        drawing.ratios(axes, table["end"], table, ticks=_TICKS)
    rows = table.iloc[[3, 7, 11]].itertuples()
    said = "; ".join(f"up to {formats.time(row.end, data.unit)}, {row.events} events, {_words(row)}" for row in rows)
    alt = f"Hazard ratio of {data.label}, {data.levels[1]} against {data.levels[0]}, by end of follow-up in {data.unit}: {said}."
    return drawing.picture(axes, alt, table, data)


def crossing(early=0.5, late=2.0, change=9, ends=range(1, 61)):
    """Two invented curves that cross, and the average hazard ratio and difference of means by end of follow-up.

    Returns
    -------
    Picture
    """
    table = pd.DataFrame([{"end": end} | arithmetic.crossing(early, late, change, end) for end in ends])
    with drawing.panels(2, height=3.3, gap=0.25) as (left, right):
        for order, name in enumerate(("reference", "other")):
            color, style = figures.line_look(order)
            left.plot([0, *table["end"]], [1, *table[name]], color=color, linestyle=style, linewidth=1.9, label=name)
        left.set(title="Survival", xlabel="Months", xlim=(0, 60), ylim=(0, 1.04))
        drawing.legend_of(left)
        right.axhline(1, color="0.5", linewidth=1)
        right.plot(table["end"], table["average"], color="black", linewidth=1.9)
        right.set(title="Average hazard ratio", xlabel="End of follow-up (months)", xlim=(0, 60))
    some = table[table["end"].isin((12, 24, 48))]
    said = "; ".join(f"up to {row.end} months {row.average:.2f}" for row in some.itertuples())
    alt = f"Left: two survival curves that cross once. Right: average hazard ratio of the same two groups by end of follow-up: {said}."
    return drawing.picture(left, alt, table)


def _words(row):
    if np.isnan(row.estimate):
        return formats.NOT_ESTIMABLE
    return formats.ratio_words(row.estimate, row.conf_low, row.conf_high)

"""Pictures of the lesson "median"."""

import numpy as np
import pandas as pd
from matplotlib.ticker import MaxNLocator

from aice_helpers.course.engine import drawing
from aice_helpers.course.lessons.median import arithmetic
from aice_helpers.show import formats
from aice_helpers.show.figures import LINES, MARKERS, OKABE_ITO
from aice_helpers.stats.kaplan_meier import CONF_TYPES


def sideways(time, event, conf_level=0.95, data=None):
    """The curve with the bands of three scales, and below it the four intervals of the median on the same axis of time.

    Parameters
    ----------
    time, event : array-like
    conf_level : float
    data : LessonData, optional
        Whose data they are; invented patients when left out.

    Returns
    -------
    Picture
    """
    bands = {scale: arithmetic.band(time, event, scale, conf_level) for scale in CONF_TYPES}
    table = arithmetic.conventions(time, event, conf_level)
    last = float(np.max(time))
    unit = "months" if data is None else data.unit
    with drawing.panels(2, height=5.4) as (top, below):
        top.set_position([0.15, 0.46, 0.81, 0.46])
        below.set_position([0.15, 0.15, 0.81, 0.2])
        curve = bands["plain"]
        top.step(
            [*curve["time"], last], [*curve["share"], curve["share"].iloc[-1]], where="post", color="black", linewidth=2
        )
        top.axhline(0.5, color="0.35", linewidth=1)
        for order, (scale, rows) in enumerate(bands.items()):
            for side in ("low", "high"):
                top.step(
                    [*rows["time"], last], [*rows[side], rows[side].iloc[-1]], where="post", linewidth=1.5,
                    color=OKABE_ITO[order], linestyle=LINES[order], label=scale if side == "low" else None,
                )  # fmt: skip
        for place, (name, row) in enumerate(table.iterrows()):
            color, mark = OKABE_ITO[place], MARKERS[place]
            open_end = np.isnan(row["upper"])
            below.hlines(place, row["lower"], last * 1.04 if open_end else row["upper"], color=color, linewidth=2)
            below.plot(row["median"], place, mark, color=color, markersize=7)
            if open_end:
                below.plot(last * 1.04, place, ">", color=color, markersize=8, clip_on=False)
            if name in bands:
                for limit in row[["lower", "upper"]].dropna():
                    top.plot(limit, 0.5, mark, color=color, markersize=5, zorder=4)
        title = f"{formats.level(conf_level)} bands on three scales" if data is None else data.label
        top.set(title=title, ylabel="Share without event", ylim=(0, 1.04), xlim=(0, last * 1.05))
        drawing.legend_of(top, loc="upper right")
        top.xaxis.set_major_locator(MaxNLocator(7))
        below.set_yticks(range(len(table)), table.index)
        below.set(xlabel=unit.capitalize(), xlim=(0, last * 1.05), ylim=(len(table) - 0.4, -0.6))
        below.xaxis.set_major_locator(MaxNLocator(7))
    words = arithmetic.displayed(table)
    said = "; ".join(f"{name} {row['median']} ({row['lower']} to {row['upper']})" for name, row in words.iterrows())
    alt = (
        f"Above: a survival curve, three {formats.level(conf_level)} bands and a line at one half. Below: the intervals of the median "
        f"that result, in {unit}: {said}."
    )
    return drawing.picture(top, alt, table.reset_index(), data)


def slope(time, event):
    """How SPSS makes an interval: the slope of the curve around the median turns an error of the share into one of time.

    Parameters
    ----------
    time, event : array-like

    Returns
    -------
    Picture
    """
    found, curve = arithmetic.density(time, event), arithmetic.band(time, event, "plain")
    half = 1.96 * found["std_error"]
    with drawing.panel(
        3.4,
        legend="upper right",
        title="SPSS: the slope around the median",
        xlabel="Months",
        ylabel="Share without event",
    ) as axes:
        drawing.step_line(axes, curve["time"], curve["share"])
        ends = [found["before"], found["after"]], [found["share_before"], found["share_after"]]
        axes.plot(*ends, "o--", color=OKABE_ITO[1], linewidth=2, markersize=7, label="slope")
        axes.axhline(0.5, color="0.35", linewidth=1)
        axes.errorbar(found["median"], 0.08, xerr=half, color=OKABE_ITO[2], fmt="s", capsize=5, linewidth=2,
                      label="median ± 1.96 standard errors")  # fmt: skip
    alt = (
        f"A survival curve with a dashed line from {found['share_before']:.3f} at {found['before']:g} months to "
        f"{found['share_after']:.3f} at {found['after']:g} months, and below it the median {found['median']:g} with an interval from "
        f"{found['median'] - half:.2f} to {found['median'] + half:.2f}."
    )
    return drawing.picture(axes, alt, pd.DataFrame([found]))


def coverages(table, conf_level=0.95):
    """Share of simulated studies whose interval holds the true median, by convention and size.

    Parameters
    ----------
    table : DataFrame
        From `median.simulated`.
    conf_level : float

    Returns
    -------
    Picture
    """
    sizes = table["patients"].unique()
    with drawing.panel(
        3.4,
        legend="upper left",
        title="Invented studies with a known median",
        xlabel="Share whose interval holds it",
        xlim=(min(0.75, table["coverage"].min() - 0.02), 1),
    ) as axes:
        axes.axvline(conf_level, color="black", linewidth=1)
        for order, size in enumerate(sizes):
            rows = table[table["patients"] == size]
            places = np.arange(len(rows)) + (order - (len(sizes) - 1) / 2) * 0.2
            axes.plot(
                rows["coverage"], places, MARKERS[order], color=OKABE_ITO[order], markersize=8, label=f"{size} patients"
            )
        names = table["convention"].unique()
        axes.set_yticks(range(len(names)), names)
        axes.set_ylim(len(names) - 0.5, -0.5)
    said = "; ".join(
        f"{name}: " + ", ".join(f"{row.coverage:.3f} with {row.patients}" for row in rows.itertuples())
        for name, rows in table.groupby("convention", sort=False)
    )
    return drawing.picture(
        axes, f"Coverage of four intervals of the median, promised {conf_level:g}. {said} patients.", table
    )

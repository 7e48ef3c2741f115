"""Forest plots: estimates with their limits, one line each."""

import dataclasses
import math
from dataclasses import dataclass

import pandas as pd
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullFormatter, NullLocator, PercentFormatter

from aice_helpers.core.reasons import is_masked
from aice_helpers.show import formats
from aice_helpers.show.figures.style import (
    WIDTH,
    Picture,
    axes_at,
    breadth,
    drawing_style,
    look,
    new_figure,
    only,
    sign_picture,
    text_height,
    wrapped_lines,
)
from aice_helpers.show.sentences import missing_words, reason
from aice_helpers.show.tables import factor_name, median_title
from aice_helpers.stats.response_landmark import ADJUSTED


@dataclass(frozen=True)
class Line:
    """One line of a forest: a label, and a point with its limits and its value in words, or a heading without."""

    label: str
    words: str = ""
    estimate: float = math.nan
    low: float = math.nan
    high: float = math.nan
    order: int = 0
    heading: bool = False
    hollow: bool = False
    open_ended: bool = False


def hazard_forest(table, study, *, endpoint="", model="multivariable"):
    """Hazard ratios of one Cox model, a panel an endpoint; levels under their factor, the reference marked.

    When the table has no such model, the other one of the two is drawn.

    Parameters
    ----------
    table : DataFrame
        A ``cox`` table.
    study : Study
    endpoint : str
        Name of the one endpoint to draw; "" for all of the table.
    model : str
        "multivariable" or "univariable".

    Returns
    -------
    Picture or Sentence
        The sentence says why there is nothing to draw.
    """
    rows = table[table["kind"].isin(["reference", "level", "numeric"]) & table["landmark"].isna()]
    kinds = [kind for kind in (model, "multivariable", "univariable") if (rows["model"] == kind).any()]
    rows = only(rows, endpoint=endpoint, model=kinds[0] if kinds else model)
    if rows.empty:
        return reason(rows, study)
    words = "all factors together" if rows["model"].iloc[0] == "multivariable" else "one factor at a time"
    panels, said = [], []
    for (name,), shown in rows.groupby(["endpoint"], sort=False):
        lines, spoken = [], []
        for _, factor in shown.groupby("term", sort=False):
            label = factor_name(study, factor.iloc[0])
            if factor["kind"].iloc[0] != "numeric":
                lines.append(Line(label, heading=True))
            for _, row in factor.iterrows():
                reference = row["kind"] == "reference"
                hidden = is_masked(row)
                value = "reference" if reference and not hidden else _ratio_words(row)
                lines.append(
                    Line(f"  {row['level']}" if row["level"] else label, value,
                          1.0 if reference and not hidden else row["estimate"],
                          row["conf_low"], row["conf_high"], hollow=reference,
                          open_ended=pd.notna(row["estimate"]) and pd.isna(row["conf_high"]))
                )  # fmt: skip
                spoken.append(f"{label} {row['level']}".strip() + f" {value}")
        panels.append((study.label(name), lines))
        said.append(f"{study.label(name)}: {'; '.join(spoken)}.")
    level = formats.level(study.analysis.confidence_level)
    figure = forest_picture(panels, study, f"HR ({level} CI)", "Hazard ratio, log scale", log=True, mark=1.0)
    alt = f"Forest plot of hazard ratios with {level} confidence intervals, {words}. {' '.join(said)}"
    return Picture(figure, alt, rows.reset_index(drop=True))


def landmark_forest(table, study, *, endpoint=""):
    """Hazard ratio of response counted from time zero and from each landmark on, a panel an endpoint.

    Parameters
    ----------
    table : DataFrame
        A ``cox`` table as ``landmark_cox`` of the result tables; landmarks are in `study.time_unit`.
    study : Study
    endpoint : str
        Name of the one endpoint to draw; "" for all of the table.

    Returns
    -------
    Picture or Sentence
        The sentence says why there is nothing to draw.
    """
    rows = table[(table["kind"] == "level") & ((table["model"] == "naive") | table["landmark"].notna())]
    rows = only(rows, endpoint=endpoint)
    if rows.empty:
        return reason(rows, study)
    looks = {"naive": 1, "landmark": 0, ADJUSTED: 2}
    panels, said = [], []
    for (name,), shown in rows.groupby(["endpoint"], sort=False):
        lines = []
        for _, row in shown.iterrows():
            start = "Time zero (naive)"
            if pd.notna(row["landmark"]):
                start = formats.duration(row["landmark"], study.time_unit)
                start += ", adjusted" if row["model"] == ADJUSTED else ""
            lines.append(
                Line(start, _ratio_words(row), row["estimate"], row["conf_low"], row["conf_high"],
                      order=looks.get(row["model"], 0),
                      open_ended=pd.notna(row["estimate"]) and pd.isna(row["conf_high"]))
            )  # fmt: skip
        panels.append((study.label(name), lines))
        said.append(f"{study.label(name)}: {'; '.join(f'{line.label} {line.words}' for line in lines)}.")
    level = formats.level(study.analysis.confidence_level)
    figure = forest_picture(
        panels, study, f"HR ({level} CI)", "Hazard ratio of response, log scale", log=True, mark=1.0
    )
    alt = (
        f"Forest plot of the hazard ratio of {study.label(rows['term'].iloc[0])} with {level} confidence intervals, counted "
        f"from time zero and from each landmark on. {' '.join(said)}"
    )
    return Picture(figure, alt, rows.reset_index(drop=True))


def interval_conventions(summary, study):
    """The median of everyone with its interval by each convention, a panel an endpoint.

    Parameters
    ----------
    summary : DataFrame
        A ``survival_summary`` table.
    study : Study

    Returns
    -------
    Picture or Sentence
        Medians and limits in `study.time_unit`. The sentence says why there is nothing to draw.
    """
    rows = summary[summary["group"] == ""].reset_index(drop=True)
    if rows.empty:
        return reason(rows, study)
    panels, said = [], []
    for (name,), shown in rows.groupby(["endpoint"], sort=False):
        lines = []
        for order, (_, row) in enumerate(shown.iterrows()):
            estimate, low, high = (
                formats.time(row[column], study.time_unit, missing=missing_words(row, column))
                for column in ("estimate", "conf_low", "conf_high")
            )
            limits = low if low == high and pd.isna(row["conf_low"]) else f"{low} to {high}"
            lines.append(
                Line(row["method"], estimate if estimate == limits else f"{estimate} ({limits})", row["estimate"],
                      row["conf_low"], row["conf_high"], order=order,
                      open_ended=pd.notna(row["conf_low"]) and pd.isna(row["conf_high"]))
            )  # fmt: skip
        panels.append((study.label(name), lines))
        said.append(f"{study.label(name)}: {'; '.join(f'{line.label} {line.words}' for line in lines)}.")
    level = formats.level(study.analysis.confidence_level)
    axis = f"Median in {study.time_unit}, {level} CI"
    figure = forest_picture(panels, study, f"Median ({level} CI)", axis, start=0.0)
    alt = f"{median_title(rows, study)} with its {level} interval by each convention. {' '.join(said)}"
    return Picture(figure, alt, rows)


def forest_picture(panels, study, head, axis, *, log=False, percent=False, mark=None, start=None):
    """Panels of lines: labels on the left, points with limits on one common scale, values in words on the right.

    Parameters
    ----------
    panels : list of (str, list of Line)
        Title and lines of each panel.
    study : Study
    head : str
        Header of the values in words.
    axis : str
        Label of the axis under each panel.
    log : bool
        Whether the scale is logarithmic, for ratios.
    percent : bool
        Whether the values are proportions, on a scale from 0 to 1 labelled in per cent.
    mark : float, optional
        Where a dashed line stands across all lines, on the scale of the values.
    start : float, optional
        Value that a linear scale includes at its lower end; needed unless ``log`` or ``percent``.

    Returns
    -------
    matplotlib.figure.Figure
    """
    panels = [(wrapped_lines(title, 52), [_wrapped(line) for line in lines]) for title, lines in panels]
    everything = [line for _, lines in panels for line in lines]
    words = max(breadth(text) for text in (head, *(line.words for line in everything)))
    labels = max([breadth(line.label) for line in everything])
    right = min(2.2, 0.2 + 0.082 * words)
    left = min(2.6, 0.2 + 0.084 * labels)
    limits = _scale(everything, log=log, percent=percent, mark=mark, start=start)
    heights = [0.3 + 0.21 * text_height(title) + 0.62 + sum(map(_line_height, lines)) for title, lines in panels]
    with drawing_style():
        figure = new_figure(sum(heights) + 0.25)
        top = 0.0
        for (title, lines), height in zip(panels, heights, strict=True):
            body = sum(map(_line_height, lines))
            axes = axes_at(figure, left, top + height - 0.55 - body, WIDTH - left - right, body)
            top += height
            _draw_forest(axes, lines, body, limits, log=log, mark=mark)
            axes.set_xlabel(axis, labelpad=1)
            axes.tick_params(labelsize=10)
            axes.annotate(head, (1, 1), (8, 4), xycoords="axes fraction", textcoords="offset points", fontsize=9.5,
                          fontweight="bold", annotation_clip=False)  # fmt: skip
            across = -left / (WIDTH - left - right)
            axes.annotate(title, (across, 1), (6, 18), xycoords="axes fraction", textcoords="offset points", fontsize=12,
                          fontweight="bold", annotation_clip=False)  # fmt: skip
            _scale_axis(axes, limits, log=log, percent=percent)
        sign_picture(figure, study)
    return figure


def _wrapped(line):
    lead = "  " if line.label.startswith("  ") else ""
    label = "\n".join(lead + part for part in wrapped_lines(line.label, 29 - len(lead)).split("\n"))
    return dataclasses.replace(line, label=label, words=wrapped_lines(line.words, 26))


def _line_height(line):
    return 0.08 + 0.17 * max(text_height(line.label), text_height(line.words))


def _draw_forest(axes, lines, body, limits, *, log, mark):
    axes.set_ylim(body, 0)
    if log:
        axes.set_xscale("log")
    axes.set_xlim(limits)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    if mark is not None and pd.notna(mark):
        axes.axvline(mark, color="0.45", linewidth=1, linestyle="--", zorder=0)
    top, (lowest, highest) = 0.0, limits
    for line in lines:
        middle = top + _line_height(line) / 2
        top += _line_height(line)
        axes.annotate(line.label, (0, middle), (-6, 0), xycoords=axes.get_yaxis_transform(), textcoords="offset points",
                      ha="right", va="center", fontsize=9.5, fontweight="bold" if line.heading else "normal", linespacing=1.0,
                      annotation_clip=False)  # fmt: skip
        axes.annotate(line.words, (1, middle), (8, 0), xycoords=axes.get_yaxis_transform(), textcoords="offset points",
                      va="center", fontsize=9.5, linespacing=1.0, annotation_clip=False)  # fmt: skip
        color, marker = look(line.order).color, look(line.order).marker
        low, high = line.low, math.inf if line.open_ended else line.high
        if pd.notna(low) and pd.notna(high):
            ends = max(low, lowest), min(high, highest)
            axes.plot(ends, [middle] * 2, color=color, linewidth=1.8, solid_capstyle="butt")
            # An arrow says that the interval goes on beyond the scale.
            for end, beyond, arrow in ((lowest, low < lowest, "<"), (highest, high > highest, ">")):
                if beyond:
                    axes.plot(end, middle, arrow, color=color, markersize=7, clip_on=False)
        if pd.notna(line.estimate) and lowest <= line.estimate <= highest:
            axes.plot(line.estimate, middle, marker, color=color, markersize=6.5,
                      markerfacecolor="white" if line.hollow else color)  # fmt: skip


def _scale(lines, *, log, percent, mark, start):
    """Limits of the common axis; a ratio scale ends at 1/50 and 50, beyond which arrows stand."""
    if percent:
        return 0.0, 1.0
    points = [value for line in lines for value in (line.estimate, line.low, line.high) if pd.notna(value)]
    points += [mark] if mark is not None else []
    if log:
        low, high = max(min([*points, 0.5]) / 1.15, 0.02), min(max([*points, 2.0]) * 1.15, 50.0)
        return low, high
    low = min([start, *points])
    high = max([*points, low + 1e-9]) if points else low + 1
    return low, high + 0.06 * (high - low) if high > low + 1e-6 else low + 1


def _scale_axis(axes, limits, *, log, percent):
    if percent:
        axes.xaxis.set_major_locator(FixedLocator([0, 0.25, 0.5, 0.75, 1]))
        axes.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
        return
    if log:
        ticks = [tick for tick in (0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50) if limits[0] <= tick <= limits[1]]
        kept = ticks if len(ticks) <= 6 else [tick for tick in ticks if tick in (0.02, 0.1, 0.5, 1, 2, 10, 50)]
        axes.xaxis.set_major_locator(FixedLocator(kept))
        axes.xaxis.set_minor_locator(NullLocator())
        axes.xaxis.set_minor_formatter(NullFormatter())
    else:
        axes.xaxis.set_major_locator(MaxNLocator(nbins=5))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: formats.plain(value)))


def _ratio_words(row):
    if pd.isna(row["estimate"]):
        return missing_words(row)
    return formats.ratio_words(row["estimate"], row["conf_low"], row["conf_high"])

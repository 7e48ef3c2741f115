"""Survival curves with numbers at risk."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from matplotlib.ticker import FixedLocator, FuncFormatter, PercentFormatter

from aice_helpers.core.reasons import threshold
from aice_helpers.core.ticks import time_ticks
from aice_helpers.show import formats
from aice_helpers.show.figures.style import (
    WIDTH,
    Picture,
    axes_at,
    breadth,
    drawing_style,
    look,
    new_figure,
    sign_picture,
    text_height,
    wrapped_lines,
)
from aice_helpers.show.sentences import reason
from aice_helpers.show.tables import cut_point_words
from aice_helpers.stats import kaplan_meier

MOST_STEPS = 3000
"""Rows of a curve beyond which a figure of this width has less than a pixel for each."""


def survival_curves(curve, study, *, group="", endpoints=(), title=""):
    """Kaplan-Meier curves, one panel an endpoint on a common time axis, each over its rows of numbers at risk.

    Parameters
    ----------
    curve : DataFrame
        A ``survival_curve`` table.
    study : Study
    group : str
        Name of the grouping variable; "" for everyone together.
    endpoints : sequence of str
        Which endpoints, in which order; all of the table by default.
    title : str
        Put before the endpoint's label over each panel.

    Returns
    -------
    Picture or Sentence
        The sentence says why there is nothing to draw.
    """
    data = curve[curve["group"] == group]
    endpoints = tuple(endpoints) or tuple(dict.fromkeys(data["endpoint"]))
    data = data[data["endpoint"].isin(endpoints)].reset_index(drop=True)
    if data.empty:
        return reason(data, study)
    return curves_picture([Panel.of(data, study, endpoint, group, title) for endpoint in endpoints], study, data)


@dataclass(frozen=True, eq=False)
class Panel:
    """One endpoint, of everyone or by a grouping: the rows of its curves, and what is written and drawn beside them.

    Attributes
    ----------
    rows : DataFrame
        Of a table ``survival_curve``.
    endpoint, group, head : str
        ``head`` is the title.
    levels : tuple of str
        Those of all panels of the grouping, so that a level looks alike in each; ("",) for everyone.
    longest : float
        End of the axis of time.
    beside : tuple of str
        Lines under the title.
    medians : dict
        Level -> the median to be marked, in the study's unit.
    """

    rows: pd.DataFrame
    endpoint: str
    group: str
    head: str
    levels: tuple[str, ...]
    longest: float
    beside: tuple[str, ...] = ()
    medians: dict[str, float] = field(default_factory=dict)

    @classmethod
    def of(cls, data, study, endpoint, group, title="", **beside):
        """The panel of an endpoint; ``data`` are the rows of all panels of its grouping."""
        by = f"by {study.label(group)}" if group else ""
        head = f"{title} {study.label(endpoint)} {by}".strip()
        rows, levels = data[data["endpoint"] == endpoint], tuple(dict.fromkeys(data["level"]))
        return cls(rows, endpoint, group, head, levels, float(data["time"].max()), **beside)

    @property
    def names(self):
        """Level -> how it is written under the curves."""
        return {level: wrapped_lines(level, 20) if level else "At risk" for level in self.levels}

    @property
    def grouped(self):
        return self.levels != ("",)

    @property
    def left(self):
        """Inches left of the axis."""
        return max(0.95, 0.62 + 0.088 * max(map(breadth, self.names.values()))) if self.grouped else 0.95

    @property
    def under(self):
        """Inches under the axis."""
        return 0.62 + 0.2 * sum(map(text_height, self.names.values())) + (0.22 if self.grouped else 0)


def curves_picture(panels, study, data):
    """A picture of some panels, one under the other.

    Parameters
    ----------
    panels : list of Panel
    study : Study
    data : DataFrame
        The frame whose numbers are shown.

    Returns
    -------
    Picture
    """
    left = max(panel.left for panel in panels)
    wide = int((WIDTH - left) / 0.115)
    heads = [wrapped_lines(panel.head, wide) for panel in panels]
    asides = ["\n".join(wrapped_lines(line, int(1.3 * wide)) for line in panel.beside) for panel in panels]
    over = [0.18 * text_height(aside) if aside else 0.0 for aside in asides]
    heights = [
        0.25 + 0.21 * text_height(head) + above + 2.3 + panel.under
        for head, above, panel in zip(heads, over, panels, strict=True)
    ]
    top, said = 0.0, []
    with drawing_style():
        figure = new_figure(sum(heights) + 0.3)
        for panel, head, aside, height in zip(panels, heads, asides, heights, strict=True):
            under, ticks = panel.under, time_ticks(panel.longest, study.time_unit)
            axes = axes_at(figure, left, top + height - under - 2.3, WIDTH - left - 0.2, 2.3)
            risk = axes_at(figure, left, top + height - under + 0.52, WIDTH - left - 0.2, under - 0.62)
            top += height
            for order, level in enumerate(panel.levels):
                band = 0.16 if len(panel.levels) < 4 else 0.07
                _draw_curve(axes, panel.rows[panel.rows["level"] == level], look(order), ticks, band)
            _dress_curve(axes, head, ticks, study.time_unit, panel.longest)
            _write_beside(axes, head, aside)
            _mark_medians(axes, panel)
            _write_at_risk(risk, axes.get_xlim(), panel.rows, panel.names, ticks, panel.grouped)
            said.append(_curve_words(panel.rows, study, panel.endpoint, panel.group, ticks))
            said += _beside_words(panel, study)
        sign_picture(figure, study)
    groups = dict.fromkeys(panel.group for panel in panels)
    return Picture(figure, " ".join([*said, *cut_point_words(study, groups)]), data)


def _write_beside(axes, head, aside):
    """A line between the title and the curves."""
    if not aside:
        return
    axes.set_title(head, pad=6 + 13 * text_height(aside))
    axes.annotate(aside, (0, 1), (0, 5), xycoords="axes fraction", textcoords="offset points", fontsize=9.5, va="bottom",
                  linespacing=1.1, annotation_clip=False)  # fmt: skip


def _mark_medians(axes, panel):
    """From each curve at one half down to the axis of time, and one line at one half as far as the last of them."""
    known = {level: time for level, time in panel.medians.items() if pd.notna(time)}
    if not known:
        return
    axes.plot([0, max(known.values())], [0.5, 0.5], color="0.45", linewidth=0.9, linestyle=(0, (2, 2)), gid="half")
    for order, level in enumerate(panel.levels):
        if level in known:
            ends = [known[level]] * 2, [0.5, 0]
            axes.plot(*ends, color=look(order).color, linewidth=1.1, linestyle=(0, (2, 2)), gid=f"median {level}")


def _beside_words(panel, study):
    """What is marked and written beside the curves, for the description."""
    medians = [
        f"{level} {formats.time(time, study.time_unit, formats.NOT_REACHED)}"
        for level, time in panel.medians.items()
        if pd.notna(time)
    ]
    said = [f"Median in {study.time_unit}: {', '.join(medians)}."] if medians else []
    return [*said, *(f"{line}." for line in panel.beside)]


def _draw_curve(axes, curve, drawn, ticks, band):
    if curve.empty:
        return
    if threshold(curve):
        # Nothing is known between the points of a masked curve; a step would say that nothing happened there.
        known = curve[curve["estimate"].notna() & (curve["time"] > 0)]
        axes.fill_between(known["time"], known["conf_low"], known["conf_high"], **drawn.band(band))
        axes.plot([0, *known["time"]], [1, *known["estimate"]], color=drawn.color, linestyle=drawn.line, linewidth=1.8)
        axes.plot(known["time"], known["estimate"], drawn.marker, color=drawn.color, markersize=5)
        return
    curve = thinned(curve)
    # Each value holds until the next time, so both ends of a stretch are drawn; after the last there is no curve.
    x = np.repeat(curve["time"].to_numpy(float), 2)[1:]
    steps = {name: np.repeat(curve[name].to_numpy(float), 2)[:-1] for name in ("estimate", "conf_low", "conf_high")}
    axes.fill_between(x, steps["conf_low"], steps["conf_high"], **drawn.band(band))
    # The row of time 0 is what is left after events at time 0 itself; the curve comes down from 100%.
    axes.plot([0, *x], [1, *steps["estimate"]], color=drawn.color, linestyle=drawn.line, linewidth=1.8)
    censored = curve[curve["censored"] > 0]
    axes.plot(
        censored["time"], censored["estimate"], drawn.censored, color=drawn.color, markersize=7, markeredgewidth=1.2
    )
    if drawn.mark:
        known = curve[curve["estimate"].notna()]
        last = known["time"].max()
        spots = [tick for tick in ticks if 0 < tick <= last] or [last]
        heights = [known.loc[known["time"] <= spot, "estimate"].iloc[-1] for spot in spots]
        axes.plot(spots, heights, color=drawn.color, **drawn.marked)


def thinned(curve, most=MOST_STEPS):
    """A curve of at most so many rows: of those that fall on one pixel the last, with what was censored on any of them.

    >>> thinned(pd.DataFrame({"time": [0.0, 1.0, 1.1, 9.0], "estimate": [1, 0.9, 0.8, 0.2], "censored": [0, 2, 0, 1]}), 3)[["time", "censored"]].values.tolist()
    [[0.0, 0.0], [1.1, 2.0], [9.0, 1.0]]
    """
    if len(curve) <= most:
        return curve
    pixel = np.floor(curve["time"] / curve["time"].max() * most)
    pixel.iloc[0] = -1  # the beginning stays
    last = curve.groupby(pixel).tail(1)
    return last.assign(censored=curve.groupby(pixel)["censored"].sum().to_numpy())


def _dress_curve(axes, title, ticks, unit, longest):
    axes.set_title(title)
    axes.set_ylim(0, 1.04)
    axes.set_xlim(0, max(longest, ticks[-1]) * 1.03 or 1)
    axes.xaxis.set_major_locator(FixedLocator(ticks))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: formats.plain(value)))
    axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    axes.set_ylabel("Without event")
    axes.set_xlabel(unit.capitalize(), labelpad=1)
    axes.tick_params(labelsize=10)


def _write_at_risk(axes, limits, curve, names, ticks, grouped):
    """Numbers at risk under the ticks; the sample of each line makes the row labels the legend too."""
    axes.axis("off")
    axes.set_xlim(limits)
    axes.set_ylim(sum(map(text_height, names.values())), -1.1 if grouped else 0)
    across = axes.get_yaxis_transform()
    points = axes.bbox.width / axes.figure.dpi * 72
    # Half the width of the number under time 0, which is centered on the axis.
    half = 3 * len(formats.count(curve["at_risk"].max()))
    if grouped:
        axes.text(0, -0.6, "At risk", fontsize=9.5, fontweight="bold", va="center")
    start = 0
    for order, (level, name) in enumerate(names.items()):
        middle = start + text_height(name) / 2
        start += text_height(name)
        if grouped:
            drawn, ends = look(order), [-(half + 33) / points, -(half + 5) / points]
            sample = {"color": drawn.color, "transform": across, "clip_on": False}
            axes.plot(ends, [middle] * 2, linestyle=drawn.line, linewidth=2, **sample)
            if drawn.mark:
                axes.plot(ends[0] + 3 / points, middle, **drawn.marked, **sample)
        aside = -(half + (37 if grouped else 7)) / points
        axes.text(aside, middle, name, fontsize=9.5, ha="right", va="center", transform=across, linespacing=1.0)
        shown = curve[curve["level"] == level]
        below = threshold(shown)
        # A number that is left out of a masked curve is not that of the next time, which the others would be.
        kept = set(shown.loc[shown["at_risk"].isna(), "time"]) if below else ()
        for tick, number in zip(ticks, kaplan_meier.at_risk(shown.dropna(subset="at_risk"), ticks), strict=True):
            written = "–" if tick in kept else f"< {below}" if number < below else formats.count(number)
            axes.text(tick, middle, written, fontsize=9.5, ha="center", va="center")


def _curve_words(curve, study, endpoint, group, ticks):
    said = []
    for (level,), shown in curve.groupby(["level"], sort=False):
        below = threshold(shown)
        last = float(shown.loc[shown["estimate"].notna(), "time"].max()) if shown["estimate"].notna().any() else 0.0
        # Between its points a masked curve has no value.
        within = [tick for tick in ticks if 0 < tick <= last and (not below or tick in _points(shown))]
        within = within or _points(shown) if below else within
        # A grouped description stays short enough to be listened to.
        kept = within if not level else within[: 2 if len(within) > 1 else 1]
        values = [
            f"{formats.percent(shown.loc[shown['time'] <= tick, 'estimate'].iloc[-1])} at "
            f"{formats.duration(tick, study.time_unit)}"
            for tick in kept
        ]
        said.append(
            (f"{study.label(group)} {level}: " if level else "")
            + (f"{formats.counted(_everyone(shown), 'patient')}, " if pd.notna(shown["at_risk"].iloc[0]) else "")
            + ("" if below else f"{formats.counted(shown['events'].sum(), 'event')}, ")
            + (f"without event {formats.listing(values)}, " if values else "")
            + f"{'shown up to' if below else 'last observation at'} {formats.time(last, study.time_unit)} {study.time_unit}."
        )
    if below := threshold(curve):
        said.append(
            f"The curve has points only, joined by straight lines: at least {below} events lie between two of them, and the last "
            f"stands where at least {below} patients are event-free. Numbers at risk after time 0 are rounded down to a multiple "
            f"of {below} or left out."
        )
    return f"Kaplan-Meier curve of {study.label(endpoint)} with confidence band. {' '.join(said)}"


def _everyone(curve):
    """How many patients a curve is of; at time 0 some may not have entered yet."""
    return curve["at_risk"].iloc[0] if threshold(curve) else int((curve["events"] + curve["censored"]).sum())


def _points(curve):
    """Times after 0 at which a curve has a value."""
    return curve.loc[curve["estimate"].notna() & (curve["time"] > 0), "time"].tolist()

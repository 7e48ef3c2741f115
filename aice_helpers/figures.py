"""Figures of result tables: each function returns a `Picture` with its computed alt text and the data it shows.

Color never stands alone: lines differ in style, points in marker, bars in hatching, and values are written out.
"""

import io
import math
import textwrap
import warnings
from dataclasses import dataclass, field
from functools import cache

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullFormatter, NullLocator, PercentFormatter

from aice_helpers import formats
from aice_helpers.prose import reason

OKABE_ITO = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
"""Okabe & Ito's palette for color-blind readers, darkest hues first; its yellow is too light for lines on white."""

LINES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (8, 2)), (0, (1, 3)))
HATCHES = ("", "//", "..", "xx", "--", "++", "oo")
MARKERS = ("o", "s", "D", "^", "v", "P", "X")
WIDTH = 6.4
"""Inches: on a phone of 360 pixels the letters keep about eight pixels."""

_FONTS = (
    "DejaVu Sans", "Noto Sans CJK SC", "Noto Sans CJK JP", "Noto Sans SC", "Source Han Sans SC", "WenQuanYi Zen Hei",
    "WenQuanYi Micro Hei", "Microsoft YaHei", "SimHei", "PingFang SC", "Hiragino Sans GB", "Arial Unicode MS",
    "Noto Sans Arabic", "Noto Sans Hebrew", "Noto Sans Devanagari",
)  # fmt: skip

_TICKS = {
    "days": (1, 2, 5, 10, 30, 60, 90, 180, 365, 730, 1825, 3650),
    "weeks": (1, 2, 4, 8, 13, 26, 52, 104, 260, 520),
    "months": (1, 2, 3, 6, 12, 24, 36, 60, 120),
    "years": (0.5, 1, 2, 5, 10, 20),
}


@dataclass(frozen=True)
class Picture:
    """A drawn figure, its description for those who cannot see it, and the frame whose numbers it shows."""

    figure: Figure
    alt: str
    data: pd.DataFrame = field(repr=False)

    def __repr__(self) -> str:
        return f"Figure: {self.alt}"

    def png(self) -> bytes:
        """The figure as PNG at 150 dpi; the same figure gives the same bytes."""
        store = io.BytesIO()
        with _style():
            self.figure.savefig(store, format="png", dpi=150, metadata={"Software": None})
        return store.getvalue()

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {"image/png": self.png(), "text/plain": repr(self)}, {"image/png": {"alt": self.alt}}


class _style:
    """Local drawing rules: fonts with fallbacks, no math in labels, no warning about a glyph no font has."""

    def __enter__(self):
        self._rules = mpl.rc_context(
            {
                "font.family": _fonts(),
                "font.size": 11,
                "axes.titlesize": 12,
                "axes.titleweight": "bold",
                "axes.titlelocation": "left",
                "axes.spines.top": False,
                "axes.spines.right": False,
                "axes.unicode_minus": True,
                "text.parse_math": False,
                "text.usetex": False,
                "hatch.linewidth": 0.8,
                "svg.hashsalt": "aice",
            }
        )
        self._rules.__enter__()
        self._quiet = warnings.catch_warnings()
        self._quiet.__enter__()
        warnings.filterwarnings("ignore", message=r"Glyph .* missing from")
        warnings.filterwarnings("ignore", message=r"Matplotlib currently does not support")

    def __exit__(self, *error):
        self._quiet.__exit__(*error)
        return self._rules.__exit__(*error)


@cache
def _fonts():
    """The wanted fonts that are installed; a name that is not would make matplotlib log a complaint."""
    from matplotlib.font_manager import get_font_names

    installed = set(get_font_names())
    return [name for name in _FONTS if name in installed] or ["DejaVu Sans"]


def survival_curves(curve, study, *, group="", endpoints=(), title=""):
    """Kaplan-Meier curves, one panel an endpoint, each over its row of numbers at risk.

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
    if curve.empty:
        return reason(curve)
    data = curve[curve["group"] == group]
    endpoints = tuple(endpoints) or tuple(dict.fromkeys(data["endpoint"]))
    data = data[data["endpoint"].isin(endpoints)].reset_index(drop=True)
    levels = tuple(dict.fromkeys(data["level"]))
    names = {level: _wrap(level, 22) if level else "At risk" for level in levels}
    lines = sum(name.count("\n") + 1 for name in names.values())
    grouped = len(levels) > 1
    left = 0.95 if not grouped else max(0.95, min(2.1, 0.25 + 0.092 * max(map(_columns, names.values()))))
    heights = {"top": 0.42, "plot": 2.35, "gap": 0.72, "risk": 0.23 * lines + (0.24 if grouped else 0)}
    panel = sum(heights.values())
    total = panel * len(endpoints) + 0.3
    said = []
    with _style():
        figure = _figure(total)
        for place, endpoint in enumerate(endpoints):
            shown = data[data["endpoint"] == endpoint]
            top = total - place * panel - heights["top"]
            width = (WIDTH - left - 0.2) / WIDTH
            axes = figure.add_axes((left / WIDTH, (top - heights["plot"]) / total, width, heights["plot"] / total))
            bottom = top - heights["plot"] - heights["gap"] - heights["risk"]
            risk = figure.add_axes((left / WIDTH, bottom / total, width, heights["risk"] / total), sharex=axes)
            ticks = _time_ticks(float(shown["time"].max()), study.time_unit)
            for order, level in enumerate(levels):
                _draw_curve(axes, shown[shown["level"] == level], order, names[level] if grouped else "")
            _dress_curve(axes, _wrap(f"{title} {study.label(endpoint)}".strip(), 60), ticks, study.time_unit, shown)
            if grouped:
                axes.legend(loc="upper right", frameon=False, fontsize=9.5, handlelength=2.2)
            _write_at_risk(risk, shown, levels, names, ticks, grouped)
            said.append(_curve_words(shown, study, endpoint, group, levels, ticks))
        _sign(figure, study)
    return Picture(figure, " ".join(said), data)


def _draw_curve(axes, curve, order, name):
    if curve.empty:
        return
    color, style = OKABE_ITO[order % len(OKABE_ITO)], LINES[order % len(LINES)]
    times = curve["time"].to_numpy(float)
    # Each value holds until the next time, so both ends of a stretch are drawn; after the last there is no curve.
    x = np.repeat(times, 2)[1:]
    steps = {name: np.repeat(curve[name].to_numpy(float), 2)[:-1] for name in ("estimate", "conf_low", "conf_high")}
    axes.fill_between(x, steps["conf_low"], steps["conf_high"], color=color, alpha=0.15, linewidth=0)
    axes.plot(x, steps["estimate"], color=color, linestyle=style, linewidth=1.8, label=name or None)
    censored = curve[curve["censored"] > 0]
    axes.plot(censored["time"], censored["estimate"], "|", color=color, markersize=8, markeredgewidth=1.2)


def _dress_curve(axes, title, ticks, unit, curve):
    axes.set_title(title)
    axes.set_ylim(0, 1.04)
    axes.set_xlim(0, max(float(curve["time"].max()), ticks[-1]) * 1.03)
    axes.xaxis.set_major_locator(FixedLocator(ticks))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: formats.plain(value)))
    axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    axes.set_ylabel("Without event")
    axes.set_xlabel(unit.capitalize(), labelpad=2)
    axes.tick_params(labelsize=10)


def _write_at_risk(axes, curve, levels, names, ticks, grouped):
    lines = [names[level].count("\n") + 1 for level in levels]
    axes.set_ylim(sum(lines), -1 if grouped else 0)
    axes.axis("off")
    if grouped:
        axes.text(0, -0.5, "Number at risk", fontsize=9.5, fontweight="bold", va="center")
    start = 0
    for order, (level, height) in enumerate(zip(levels, lines, strict=True)):
        middle = start + height / 2
        color = OKABE_ITO[order % len(OKABE_ITO)] if grouped else "black"
        axes.annotate(
            names[level], (0, middle), xycoords=axes.get_yaxis_transform(), xytext=(-14, 0), fontsize=9.5,
            textcoords="offset points", ha="right", va="center", color=color, annotation_clip=False,
        )  # fmt: skip
        shown = curve[curve["level"] == level]
        for tick in ticks:
            axes.text(tick, middle, str(at_risk(shown, tick)), fontsize=9.5, ha="center", va="center", color=color)
        start += height


def at_risk(curve, time) -> int:
    """Number with a time of at least ``time``, from one curve's rows."""
    later = curve[curve["time"] >= time]
    return 0 if later.empty else int(later["at_risk"].iloc[0])


def _curve_words(curve, study, endpoint, group, levels, ticks):
    said = []
    for level in levels:
        shown = curve[curve["level"] == level]
        if shown.empty:
            continue
        last = float(shown["time"].max())
        values = [
            f"{formats.percent(shown.loc[shown['time'] <= tick, 'estimate'].iloc[-1])} at "
            f"{formats.duration(tick, study.time_unit)}"
            for tick in ticks
            if 0 < tick <= last
        ]
        who = f"{study.label(group)} {level}: " if level else ""
        said.append(
            f"{who}{formats.counted(shown['at_risk'].iloc[0], 'patient')}, "
            f"{formats.counted(shown['events'].sum(), 'event')}, "
            + (f"without event {formats.listing(values)}, " if values else "")
            + f"last observation at {formats.decimal(last)} {study.time_unit}."
        )
    return f"Kaplan-Meier curve of {study.label(endpoint)} with confidence band. " + " ".join(said)


def _time_ticks(longest, unit):
    if longest <= 0:
        return [0.0]
    steps = [step for step in _TICKS[unit] if 3 <= longest / step <= 7]
    if steps:
        return [float(tick) for tick in np.arange(0, longest + 1e-9, steps[0])]
    ticks = MaxNLocator(nbins=6, steps=[1, 2, 5, 10]).tick_values(0, longest)
    return [float(round(tick, 10)) for tick in ticks if 0 <= tick <= longest]


def _figure(height):
    figure = Figure(figsize=(WIDTH, height))
    FigureCanvasAgg(figure)
    return figure


def _sign(figure, study):
    if study.synthetic:
        figure.text(0.995, 0.06 / figure.get_figheight(), "Synthetic data: no patient, no evidence",
                    ha="right", va="bottom", fontsize=8, color="0.35")  # fmt: skip


def _wrap(text, width):
    return "\n".join(textwrap.wrap(" ".join(str(text).split()), width)) or " "


def _columns(text):
    return max(map(len, text.split("\n")))

"""Figures of result tables: each function returns a `Picture` with its computed alt text and the data it shows.

Color never stands alone: lines differ in style, points in marker, bars in hatching, and values are written out.
"""

import dataclasses
import importlib.util
import io
import logging
import math
import warnings
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib import font_manager
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullFormatter, NullLocator, PercentFormatter

from aice_helpers import formats, masking, survival
from aice_helpers.prognosis import ADJUSTED
from aice_helpers.prose import missing_words, reason, sentence
from aice_helpers.reason_words import hidden_words
from aice_helpers.results import pick
from aice_helpers.tables import cut_point_words, factor_name, median_title
from aice_helpers.ticks import time_ticks

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

_FONT_LOG = logging.getLogger("matplotlib.font_manager")


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
        with drawing_style():
            self.figure.savefig(store, format="png", dpi=150, metadata={"Software": None})
        return store.getvalue()

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {"image/png": self.png(), "text/plain": repr(self)}, {"image/png": {"alt": self.alt}}


class drawing_style:
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
        # A fallback font without a bold face is worth no message in a notebook.
        self._level = _FONT_LOG.level
        _FONT_LOG.setLevel(logging.ERROR)

    def __exit__(self, *error):
        _FONT_LOG.setLevel(self._level)
        self._quiet.__exit__(*error)
        return self._rules.__exit__(*error)


@cache
def _fonts():
    """The wanted fonts that are installed; a name that is not would make matplotlib log a complaint."""
    _add_packaged_font()
    installed = set(font_manager.get_font_names())
    return [name for name in _FONTS if name in installed] or ["DejaVu Sans"]


def _add_packaged_font():
    """Make the Chinese font known that comes as the data of a package, so that its glyphs are there on any machine."""
    package = importlib.util.find_spec("zhplot")
    if package is not None:
        for file in sorted(Path(package.origin).parent.glob("fonts/*.ttf")):
            font_manager.fontManager.addfont(file)


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
    levels = tuple(dict.fromkeys(data["level"]))
    names = {level: wrapped_lines(level, 20) if level else "At risk" for level in levels}
    grouped = levels != ("",)
    lines = sum(_height(name) for name in names.values())
    left = max(0.95, 0.62 + 0.088 * max(map(_breadth, names.values()))) if grouped else 0.95
    by = f"by {formats.lowered(study.label(group))}" if group else ""
    heads = {
        name: wrapped_lines(f"{title} {study.label(name)} {by}".strip(), int((WIDTH - left) / 0.115))
        for name in endpoints
    }
    longest = float(data["time"].max())
    ticks = time_ticks(longest, study.time_unit)
    under = 0.62 + 0.2 * lines + (0.22 if grouped else 0)
    heights = [0.25 + 0.21 * _height(head) + 2.3 + under for head in heads.values()]
    total, top, said = sum(heights) + 0.3, 0.0, []
    with drawing_style():
        figure = new_figure(total)
        for endpoint, height in zip(endpoints, heights, strict=True):
            shown = data[data["endpoint"] == endpoint]
            axes = axes_at(figure, left, top + height - under - 2.3, WIDTH - left - 0.2, 2.3)
            risk = axes_at(figure, left, top + height - under + 0.52, WIDTH - left - 0.2, under - 0.62)
            top += height
            for order, level in enumerate(levels):
                _draw_curve(axes, shown[shown["level"] == level], order, band=0.16 if len(levels) < 4 else 0.07)
            _dress_curve(axes, heads[endpoint], ticks, study.time_unit, longest)
            _write_at_risk(risk, axes.get_xlim(), shown, names, ticks, grouped)
            said.append(_curve_words(shown, study, endpoint, group, ticks))
        sign_picture(figure, study)
    return Picture(figure, " ".join([*said, *cut_point_words(study, [group])]), data)


def _draw_curve(axes, curve, order, *, band):
    if curve.empty:
        return
    color, style = line_look(order)
    # Each value holds until the next time, so both ends of a stretch are drawn; after the last there is no curve.
    x = np.repeat(curve["time"].to_numpy(float), 2)[1:]
    steps = {name: np.repeat(curve[name].to_numpy(float), 2)[:-1] for name in ("estimate", "conf_low", "conf_high")}
    axes.fill_between(x, steps["conf_low"], steps["conf_high"], color=color, alpha=band, linewidth=0)
    # The row of time 0 is what is left after events at time 0 itself; the curve comes down from 100%.
    axes.plot([0, *x], [1, *steps["estimate"]], color=color, linestyle=style, linewidth=1.8)
    censored = curve[curve["censored"] > 0]
    axes.plot(censored["time"], censored["estimate"], "|", color=color, markersize=7, markeredgewidth=1.2)


def line_look(order):
    """Color and line style of the series number ``order``."""
    return OKABE_ITO[order % len(OKABE_ITO)], LINES[order % len(LINES)]


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
    axes.set_ylim(sum(map(_height, names.values())), -1.1 if grouped else 0)
    across = axes.get_yaxis_transform()
    points = axes.bbox.width / axes.figure.dpi * 72
    # Half the width of the number under time 0, which is centered on the axis.
    half = 3 * len(formats.count(curve["at_risk"].max()))
    if grouped:
        axes.text(0, -0.6, "At risk", fontsize=9.5, fontweight="bold", va="center")
    start = 0
    for order, (level, name) in enumerate(names.items()):
        middle = start + _height(name) / 2
        start += _height(name)
        if grouped:
            color, style = line_look(order)
            ends = (-(half + 33) / points, -(half + 5) / points)
            axes.plot(ends, [middle] * 2, color=color, linestyle=style, linewidth=2, transform=across, clip_on=False)
        aside = -(half + (37 if grouped else 7)) / points
        axes.text(aside, middle, name, fontsize=9.5, ha="right", va="center", transform=across, linespacing=1.0)
        shown = curve[curve["level"] == level]
        below = masking.threshold(shown)
        for tick, number in zip(ticks, survival.at_risk(shown.dropna(subset="at_risk"), ticks), strict=True):
            written = f"< {below}" if number < below else formats.count(number)
            axes.text(tick, middle, written, fontsize=9.5, ha="center", va="center")


def _curve_words(curve, study, endpoint, group, ticks):
    said = []
    for (level,), shown in curve.groupby(["level"], sort=False):
        below = masking.threshold(shown)
        last = float(shown.loc[shown["estimate"].notna(), "time"].max())
        within = [tick for tick in ticks if 0 < tick <= last]
        # A grouped description stays short enough to be listened to.
        kept = within if not level else within[: 2 if len(within) > 1 else 1]
        values = [
            f"{formats.percent(shown.loc[shown['time'] <= tick, 'estimate'].iloc[-1])} at "
            f"{formats.duration(tick, study.time_unit)}"
            for tick in kept
        ]
        said.append(
            (f"{study.label(group)} {level}: " if level else "")
            + f"{formats.counted(shown['at_risk'].iloc[0], 'patient')}, "
            + ("" if below else f"{formats.counted(shown['events'].sum(), 'event')}, ")
            + (f"without event {formats.listing(values)}, " if values else "")
            + f"{'shown up to' if below else 'last observation at'} {formats.time(last, study.time_unit)} {study.time_unit}."
        )
    if below := masking.threshold(curve):
        said.append(
            f"Each step joins at least {below} events, the curve ends while at least {below} patients are event-free, and "
            f"numbers at risk after time 0 are rounded down to a multiple of {below}."
        )
    return f"Kaplan-Meier curve of {study.label(endpoint)} with confidence band. {' '.join(said)}"


def waterfall(changes, study):
    """Best change of each assessed patient as one bar, the largest growth first (see `response.best_changes`)."""
    if changes.empty:
        return reason(changes, study)
    data = changes.assign(
        category=changes["category"].astype(object).where(changes["category"].notna(), "Not recorded")
    )
    declared = [*study.variables[study.response.variable].levels.values(), "Not recorded"]
    present = [label for label in declared if (data["category"] == label).any()]
    limits = {" (partial response)": -30, "": 20} if "RECIST" in study.response.scheme.upper() else {}
    names = {label: wrapped_lines(label, 26) for label in present}
    below = 0.35 + 0.21 * _legend_lines(names.values())
    with drawing_style():
        figure = new_figure(3.5 + below)
        axes = axes_at(figure, 1.0, 0.35, WIDTH - 1.2, 2.9)
        for label in present:
            place, shown = declared.index(label), data[data["category"] == label]
            axes.bar(
                shown.index, shown["change"], width=1.0 if len(data) > 60 else 0.85, label=names[label], linewidth=0.4,
                color=OKABE_ITO[place % 7], hatch=HATCHES[place % 7], edgecolor="white",
            )  # fmt: skip
        axes.axhline(0, color="black", linewidth=0.8)
        for words, limit in limits.items():
            axes.axhline(limit, color="0.25", linewidth=1, linestyle="--")
            axes.annotate(
                f"{limit:+d}%{words}".replace("-", "−"), (0.99 if limit > 0 else 0.01, limit), (0, 2),
                xycoords=axes.get_yaxis_transform(), textcoords="offset points", fontsize=9,
                ha="right" if limit > 0 else "left", va="bottom",
            )  # fmt: skip
        axes.set_xlim(-0.6, len(data) - 0.4)
        lowest, highest = min(data["change"].min(), -35), max(data["change"].max(), 25)
        axes.set_ylim(lowest - 5, highest + 0.08 * (highest - lowest))
        axes.set_xticks([])
        axes.spines["bottom"].set_visible(False)
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{formats.plain(value)}%"))
        axes.set_ylabel("Best change")
        axes.set_title(wrapped_lines(study.variables[study.response.change].label, 52))
        _legend(figure, axes, below)
        sign_picture(figure, study)
    counts = [f"{label} {int((data['category'] == label).sum())}" for label in present]
    alt = (
        f"Waterfall of the best change in {formats.counted(len(data), 'patient')}, from {_signed(data['change'].max())} to "
        f"{_signed(data['change'].min())}, median {_signed(data['change'].median())}. "
        f"By category: {', '.join(counts)}."
    )
    if limits:
        shrunk, grown = int((data["change"] <= -30).sum()), int((data["change"] >= 20).sum())
        alt += f" {shrunk} at or below −30%, {grown} at or above +20%."
    return Picture(figure, alt, data)


def _signed(change):
    written = formats.decimal(change)
    return f"{'+' if change > 0 and written != '0.0' else ''}{written}%"


def distributions(patients, study, *, mask_below=0):
    """Histogram of each numeric baseline variable (columns of ``Cohort.patients``), two in a row.

    With ``mask_below``, a sentence: the bars of the smallest and of the largest values are single patients.
    """
    import seaborn as sns

    if mask_below:
        return sentence("Histograms have bars of one patient and are left out of a book with masked counts.")
    numeric = [n for n, v in study.variables.items() if v.role == "baseline" and v.type in ("number", "integer")]
    shown = [name for name in numeric if patients[name].notna().any()]
    if not shown:
        return sentence("No numeric baseline variable is recorded.")
    lines = math.ceil(len(shown) / 2)
    with drawing_style():
        figure = new_figure(2.2 * lines + 0.3)
        for place, name in enumerate(shown):
            variable, values = study.variables[name], patients[name].dropna()
            column, line = place % 2, place // 2
            axes = axes_at(figure, 0.65 + 3.2 * column, 0.45 + 2.2 * line, 2.4, 1.15)
            whole = variable.type == "integer" and values.max() - values.min() <= 20
            sns.histplot(x=values, ax=axes, color=OKABE_ITO[0], edgecolor="white", discrete=whole)
            axes.set_title(wrapped_lines(variable.label, 26), fontsize=10)
            axes.set_xlabel(variable.unit)
            axes.set_ylabel("Patients")
            axes.yaxis.set_major_locator(MaxNLocator(4, integer=True))
            axes.xaxis.set_major_locator(MaxNLocator(5, integer=whole))
        sign_picture(figure, study)
    words = [
        f"{study.variables[name].label} ({formats.counted(patients[name].count(), 'patient')}, "
        f"median {formats.decimal(patients[name].median())})"
        for name in shown
    ]
    return Picture(figure, f"Histograms of {formats.listing(words)}.", patients[shown])


def adverse_event_bars(table, study):
    """Patients with each adverse event, stacked by worst grade."""
    if table.empty:
        return reason(table, study)
    chosen = table[table["method"] == "Clopper-Pearson"]
    grades = list(study.adverse_events.grades.values())
    counts = chosen.pivot_table(
        index="term", columns="level", values="events", sort=False, aggfunc="first", dropna=False
    ).astype("Int64")
    hidden = counts["any grade"].isna()
    if hidden.all():
        return sentence(f"The numbers of patients with adverse events are {_hidden_words(chosen)}.")
    partly = counts[~hidden].isna().any(axis=1)
    counts = counts[~hidden].fillna(0).astype(int)
    n = int(chosen["n"].iloc[0])
    ungraded = counts["any grade"] - counts[grades].sum(axis=1)
    data = counts[grades].assign(
        **({"Grade masked": ungraded.where(partly, 0)} if partly.any() else {}),
        **({"Grade not recorded": ungraded.where(~partly, 0)} if ungraded[~partly].any() else {}),
    )
    labels = [wrapped_lines(term, 24) for term in data.index]
    left = min(2.5, max(1.0, 0.25 + 0.088 * max(map(_breadth, labels))))
    seen = [grade for grade in data.columns if data[grade].any()]
    names = {grade: wrapped_lines(grade, 26) for grade in seen}
    below = 0.72 + 0.21 * _legend_lines(names.values())
    tops = np.cumsum([0, *(0.2 * _height(label) + 0.2 for label in labels)])
    with drawing_style():
        figure = new_figure(tops[-1] + 0.4 + below)
        axes = axes_at(figure, left, 0.35, WIDTH - left - 0.95, tops[-1])
        middles, thick = (tops[:-1] + tops[1:]) / 2, 0.28
        start = np.zeros(len(data))
        widest = max(int(counts["any grade"].max()), 1)
        for grade in seen:
            place = list(data.columns).index(grade)
            values = data[grade].to_numpy(float)
            axes.barh(
                middles, values, thick, left=start, label=names[grade], color=OKABE_ITO[place % 7],
                hatch=HATCHES[place % 7], edgecolor="white", linewidth=0.6,
            )  # fmt: skip
            for middle, begin, value in zip(middles, start, values, strict=True):
                if value / widest > 0.06:
                    axes.text(
                        begin + value / 2, middle, formats.count(value), ha="center", va="center", fontsize=9,
                        bbox={"facecolor": "white", "edgecolor": "none", "pad": 1},
                    )  # fmt: skip
            start += values
        for middle, value in zip(middles, counts["any grade"], strict=True):
            axes.text(
                value + 0.02 * widest, middle, f"{value} ({formats.percent(value / n)})", va="center", fontsize=9.5
            )
        axes.set_title("Patients with adverse events", x=-left / (WIDTH - left - 0.95) + 0.02)
        axes.set_ylim(tops[-1], 0)
        axes.set_xlim(0, widest * 1.02)
        axes.set_yticks(middles, labels, fontsize=9.5)
        axes.tick_params(axis="y", length=0)
        axes.xaxis.set_major_locator(MaxNLocator(nbins=5, integer=True))
        axes.set_xlabel(f"Patients (of {n}) with an adverse event, by worst grade", labelpad=1)
        if seen:
            _legend(figure, axes, below - 0.4)
        sign_picture(figure, study)
    said = []
    for term in data.index:
        by_grade = ", ".join(f"{grade} {data.loc[term, grade]}" for grade in seen if data.loc[term, grade])
        value = counts.loc[term, "any grade"]
        said.append(f"{term} {value} ({formats.percent(value / n)}{'; ' + by_grade if by_grade else ''})")
    alt = f"Bars of the patients (of {n}) with an adverse event, by worst grade: {'; '.join(said)}."
    if hidden.any():
        alt += f" Left out: {formats.listing(hidden.index[hidden])}, {_hidden_words(chosen)}."
    if (counts["severe or worse"] == 0).all() and not hidden.any() and not partly.any():
        alt += " No patient had an event that was severe or worse."
    return Picture(figure, alt, data)


@dataclass(frozen=True)
class _Line:
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
    """
    rows = table[table["kind"].isin(["reference", "level", "numeric"]) & table["landmark"].isna()]
    kinds = [kind for kind in (model, "multivariable", "univariable") if (rows["model"] == kind).any()]
    rows = _only(rows, endpoint=endpoint, model=kinds[0] if kinds else model)
    if rows.empty:
        return reason(rows, study)
    words = "all factors together" if rows["model"].iloc[0] == "multivariable" else "one factor at a time"
    panels, said = [], []
    for (name,), shown in rows.groupby(["endpoint"], sort=False):
        lines, spoken = [], []
        for _, factor in shown.groupby("term", sort=False):
            label = factor_name(study, factor.iloc[0])
            if factor["kind"].iloc[0] != "numeric":
                lines.append(_Line(label, heading=True))
            for _, row in factor.iterrows():
                reference = row["kind"] == "reference"
                hidden = masking.is_masked(row)
                value = "reference" if reference and not hidden else _ratio_words(row)
                lines.append(
                    _Line(f"  {row['level']}" if row["level"] else label, value,
                          1.0 if reference and not hidden else row["estimate"],
                          row["conf_low"], row["conf_high"], hollow=reference,
                          open_ended=pd.notna(row["estimate"]) and pd.isna(row["conf_high"]))
                )  # fmt: skip
                spoken.append(f"{label} {row['level']}".strip() + f" {value}")
        panels.append((study.label(name), lines))
        said.append(f"{study.label(name)}: {'; '.join(spoken)}.")
    level = formats.level(study.analysis.confidence_level)
    figure = _forest(panels, study, f"HR ({level} CI)", "Hazard ratio, log scale", log=True, mark=1.0)
    alt = f"Forest plot of hazard ratios with {level} confidence intervals, {words}. {' '.join(said)}"
    return Picture(figure, alt, rows.reset_index(drop=True))


def landmark_forest(table, study, *, endpoint=""):
    """Hazard ratio of response counted from time zero and from each landmark on, a panel an endpoint."""
    rows = table[(table["kind"] == "level") & ((table["model"] == "naive") | table["landmark"].notna())]
    rows = _only(rows, endpoint=endpoint)
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
                _Line(start, _ratio_words(row), row["estimate"], row["conf_low"], row["conf_high"],
                      order=looks.get(row["model"], 0),
                      open_ended=pd.notna(row["estimate"]) and pd.isna(row["conf_high"]))
            )  # fmt: skip
        panels.append((study.label(name), lines))
        said.append(f"{study.label(name)}: {'; '.join(f'{line.label} {line.words}' for line in lines)}.")
    level = formats.level(study.analysis.confidence_level)
    figure = _forest(panels, study, f"HR ({level} CI)", "Hazard ratio of response, log scale", log=True, mark=1.0)
    alt = (
        f"Forest plot of the hazard ratio of {study.label(rows['term'].iloc[0])} with {level} confidence intervals, counted "
        f"from time zero and from each landmark on. {' '.join(said)}"
    )
    return Picture(figure, alt, rows.reset_index(drop=True))


def response_forest(subgroups, overall, study, *, term="ORR"):
    """Objective response rate (or ``term`` "DCR") in groups of patients, with a line at the rate of all."""
    if subgroups.empty or overall.empty:
        return reason(subgroups if subgroups.empty else overall, study)
    whole = pick(overall, group="", term=term, population="all patients", method="Clopper-Pearson")
    if masking.is_masked(whole):
        return sentence(f"The response in groups of patients is {_hidden_words(overall)}.")
    rows = subgroups[(subgroups["group"] != "") & (subgroups["term"] == term)]
    lines = [_share_line("All patients", whole, order=1)]
    said = [f"all patients {lines[0].words}"]
    for (group,), levels in rows.groupby(["group"], sort=False):
        lines.append(_Line(study.label(group), heading=True))
        for _, row in levels.iterrows():
            lines.append(_share_line(f"  {row['level']}", row))
            said.append(f"{study.label(group)} {row['level']} {lines[-1].words}")
    level = formats.level(study.analysis.confidence_level)
    name = {"ORR": "Objective response rate", "DCR": "Disease control rate"}[term]
    figure = _forest([(name, lines)], study, "Patients", f"{term}, {level} CI", percent=True, mark=whole["estimate"])
    alt = f"Forest plot of the {name.lower()} with {level} Clopper-Pearson intervals: {'; '.join(said)}."
    alt = " ".join([alt, *cut_point_words(study, rows["group"])])
    return Picture(figure, alt, pd.concat([whole.to_frame().T, rows], ignore_index=True))


def _hidden_words(table):
    """What is masked in a table some of whose estimates are."""
    return hidden_words(next(each["below"] for each in masking.hidden_reasons(table)))


def _share_line(label, row, order=0):
    words = formats.MASKED if masking.is_masked(row) else "no patient"
    if pd.notna(row["estimate"]):
        words = f"{formats.count(row['events'])}/{formats.count(row['n'])} ({formats.percent(row['estimate'])})"
    return _Line(label, words, row["estimate"], row["conf_low"], row["conf_high"], order=order)


def interval_conventions(summary, study):
    """The median of everyone with its interval by each convention, a panel an endpoint."""
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
                _Line(row["method"], estimate if estimate == limits else f"{estimate} ({limits})", row["estimate"],
                      row["conf_low"], row["conf_high"], order=order,
                      open_ended=pd.notna(row["conf_low"]) and pd.isna(row["conf_high"]))
            )  # fmt: skip
        panels.append((study.label(name), lines))
        said.append(f"{study.label(name)}: {'; '.join(f'{line.label} {line.words}' for line in lines)}.")
    level = formats.level(study.analysis.confidence_level)
    axis = f"Median in {study.time_unit}, {level} CI"
    figure = _forest(panels, study, f"Median ({level} CI)", axis, start=0.0)
    alt = f"{median_title(rows, study)} with its {level} interval by each convention. {' '.join(said)}"
    return Picture(figure, alt, rows)


def _forest(panels, study, head, axis, *, log=False, percent=False, mark=None, start=None):
    """Panels of lines: labels on the left, points with limits on one common scale, values in words on the right."""
    panels = [(wrapped_lines(title, 52), [_wrapped(line) for line in lines]) for title, lines in panels]
    everything = [line for _, lines in panels for line in lines]
    words = max(_breadth(text) for text in (head, *(line.words for line in everything)))
    labels = max([_breadth(line.label) for line in everything])
    right = min(2.2, 0.2 + 0.082 * words)
    left = min(2.6, 0.2 + 0.084 * labels)
    limits = _scale(everything, log=log, percent=percent, mark=mark, start=start)
    heights = [0.3 + 0.21 * _height(title) + 0.62 + sum(map(_line_height, lines)) for title, lines in panels]
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
    return 0.08 + 0.17 * max(_height(line.label), _height(line.words))


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
        color, marker = OKABE_ITO[line.order % 7], MARKERS[line.order % 7]
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
    return f"{formats.ratio(row['estimate'])} ({formats.interval(row['conf_low'], row['conf_high'], formats.ratio)})"


def _only(rows, **where):
    for column, value in where.items():
        if value:
            rows = rows[rows[column] == value]
    return rows


def _legend_lines(names):
    """Lines of text that a legend of two columns needs."""
    heights = list(map(_height, names))
    rows = math.ceil(len(heights) / 2)
    return max(sum(heights[:rows]), sum(heights[rows:]))


def _legend(figure, axes, below):
    """Legend in two columns at the foot of the figure."""
    figure.legend(
        *axes.get_legend_handles_labels(), loc="upper left", ncols=2, frameon=False, fontsize=9.5,
        bbox_to_anchor=(0.01, below / figure.get_figheight()), borderaxespad=0.2,
    )  # fmt: skip


def new_figure(height):
    """An empty figure of the book's width and of ``height`` inches."""
    figure = Figure(figsize=(WIDTH, height))
    FigureCanvasAgg(figure)
    return figure


def axes_at(figure, left, top, width, height):
    """Axes placed in inches from the left and from the top, so that text keeps its room whatever the height."""
    whole = figure.get_figheight()
    return figure.add_axes((left / WIDTH, 1 - (top + height) / whole, width / WIDTH, height / whole))


def sign_picture(figure, study):
    """Write into the corner of a figure that its data are synthetic, if they are."""
    if study.synthetic:
        figure.text(0.99, 0.05 / figure.get_figheight(), "Synthetic data: no patient, no evidence",
                    ha="right", va="bottom", fontsize=8, color="0.35")  # fmt: skip


def wrapped_lines(text, width):
    """Lines of at most ``width`` columns; a wide (East Asian) character takes two of them."""
    lines, line = [], ""
    for word in str(text).split():
        joined = f"{line} {word}".strip()
        if line and _breadth(joined) > width:
            lines.append(line)
            joined = word
        while _breadth(joined) > width:
            cut = next(place for place in range(len(joined), 0, -1) if _breadth(joined[:place]) <= width or place == 1)
            lines.append(joined[:cut])
            joined = joined[cut:]
        line = joined
    return "\n".join([*lines, line])


def _height(text):
    return text.count("\n") + 1


def _breadth(text):
    return max(formats.columns(line) for line in text.split("\n"))

"""How every figure looks: colours, lines, fonts, the picture with its alt text."""

import importlib.util
import io
import logging
import math
import warnings
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import matplotlib as mpl
import pandas as pd
from matplotlib import colors as mcolors
from matplotlib import font_manager
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text

from aice_helpers.core.reasons import hidden_reasons
from aice_helpers.core.wording import current
from aice_helpers.show import formats
from aice_helpers.show.reason_words import hidden_words

OKABE_ITO = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
"""Okabe & Ito's palette for color-blind readers, darkest hues first; its yellow is too light for lines on white."""

LINES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (8, 2)), (0, (1, 3)))

HATCHES = ("", "//", "..", "xx", "--", "++", "oo", "\\\\", "||", "**", "//..", "--..", "||..")

MARKERS = ("o", "s", "D", "^", "v", "P", "X", "*", "<", ">", "d", "p", "h")

LAPS = (("", "|"), ("o", "+"), ("^", "x"), ("s", "1"))
"""What tells a line apart when colors and dashes begin again: the mark it carries, and that of its censored patients."""

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
        return current()(f"Figure: {self.alt}")

    def png(self) -> bytes:
        """The figure as PNG at 150 dpi; the same figure gives the same bytes."""
        store = io.BytesIO()
        for text in () if current().is_usual else self.figure.findobj(Text):
            text.set_text(current()(text.get_text()))
        with drawing_style():
            self.figure.savefig(store, format="png", dpi=150, metadata={"Software": None})
        return store.getvalue()

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {"image/png": self.png(), "text/plain": repr(self)}, {"image/png": {"alt": current()(self.alt)}}


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


def line_look(order):
    """Color and line style of the series number ``order``, for a handful of lines; see `look`."""
    return look(order).color, look(order).line


@dataclass(frozen=True)
class Look:
    """How one level of many is drawn. No two of the first thirteen share a marker, a hatch, or a line with its mark."""

    color: str
    line: object
    mark: str
    censored: str
    marker: str
    hatch: str

    @property
    def marked(self):
        """Keywords of the mark on a line; none in the first lap, where color and dash are enough."""
        return (
            {"marker": self.mark, "linestyle": "", "markersize": 5.5, "markerfacecolor": "white"} if self.mark else {}
        )

    def band(self, alpha):
        """Keywords of a confidence band of opacity ``alpha`` (0 to 1); from the second lap on it is hatched."""
        hatched = {"hatch": self.hatch, "edgecolor": mcolors.to_rgba(self.color, 2 * alpha)} if self.mark else {}
        return {"facecolor": mcolors.to_rgba(self.color, alpha), "linewidth": 0} | hatched


def look(order) -> Look:
    """The look of level number ``order``: each lap through the colors shifts the dashes and has marks of its own."""
    lap, place = divmod(order, len(OKABE_ITO))
    mark, censored = LAPS[lap % len(LAPS)]
    return Look(
        color=OKABE_ITO[place],
        line=LINES[(place + lap) % len(LINES)],
        mark=mark,
        censored=censored,
        marker=MARKERS[order % len(MARKERS)],
        hatch=HATCHES[order % len(HATCHES)],
    )


def masked_note(table):
    """What is masked in a table some of whose estimates are; `StopIteration` for one with nothing masked."""
    return hidden_words(next(each["below"] for each in hidden_reasons(table)))


def only(rows, **where):
    """Rows whose columns equal ``where``; an empty value does not narrow."""
    for column, value in where.items():
        if value:
            rows = rows[rows[column] == value]
    return rows


def legend_lines(names):
    """Lines of text that a legend of two columns needs."""
    heights = list(map(text_height, names))
    rows = math.ceil(len(heights) / 2)
    return max(sum(heights[:rows]), sum(heights[rows:]))


def add_legend(figure, axes, below):
    """Legend in two columns at the foot of the figure.

    Parameters
    ----------
    figure : Figure
        One of `new_figure`.
    axes : Axes
        Whose labelled series are named.
    below : float
        Inches from the foot of the figure to the top of the legend.
    """
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
    """Axes placed in inches from the left and from the top, so that text keeps its room whatever the height.

    Parameters
    ----------
    figure : Figure
        One of `new_figure`.
    left, top, width, height : float
        Inches.

    Returns
    -------
    matplotlib.axes.Axes
    """
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
        if line and breadth(joined) > width:
            lines.append(line)
            joined = word
        while breadth(joined) > width:
            cut = next(place for place in range(len(joined), 0, -1) if breadth(joined[:place]) <= width or place == 1)
            lines.append(joined[:cut])
            joined = joined[cut:]
        line = joined
    return "\n".join([*lines, line])


def text_height(text):
    """Number of lines of a text."""
    return text.count("\n") + 1


def breadth(text):
    """Columns of the widest line of a text; a wide (East Asian) character takes two of them."""
    return max(formats.columns(line) for line in text.split("\n"))

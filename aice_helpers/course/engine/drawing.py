"""Pictures of the lessons: axes in the book's style, and what says whose data they show."""

from contextlib import contextmanager

from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from aice_helpers.show import figures
from aice_helpers.show.figures import Picture

INVENTED = "Invented patients"

LOWEST_RATIO, HIGHEST_RATIO = 0.05, 20
"""Ends of an axis of ratios."""


@contextmanager
def panels(count=1, *, height=3.0, widths=None, gap=0.5):
    """Axes side by side in a new figure, drawn in the book's style.

    Parameters
    ----------
    count : int
        Number of panels.
    height : float
        Height of the figure in inches.
    widths : sequence of float, optional
        Shares of the panels in the width; equal if left out.
    gap : float
        Inches between panels, beside the room for the labels of the left axis.

    Yields
    ------
    list of matplotlib axes
    """
    widths = widths or [1] * count
    with figures.drawing_style():
        figure = figures.new_figure(height)
        room = figures.WIDTH - 0.2 - count * 0.75 - (count - 1) * gap
        left, drawn = 0.75, []
        for share in widths:
            width = room * share / sum(widths)
            drawn.append(figures.axes_at(figure, left, 0.4, width, height - 1.15))
            left += width + gap + 0.75
        yield drawn


@contextmanager
def panel(height=3.2, *, legend="", **labels):
    """One panel, which gets its labels and its legend when it is drawn.

    Parameters
    ----------
    height : float
        Height of the figure in inches.
    legend : str, optional
        Where its legend stands, such as "upper right" or "best"; no legend if left out.
    **labels
        Title, labels, limits and ticks of the axes, as in ``axes.set``.

    Yields
    ------
    matplotlib axes
    """
    with panels(height=height) as (axes,):
        yield axes
        axes.set(**labels)
        if legend:
            legend_of(axes, legend)


def legend_of(axes, loc="best", *, fontsize=9.5, **options):
    """The legend of a panel in the style of the lessons; ``options`` as in ``axes.legend``."""
    axes.legend(frameon=False, fontsize=fontsize, loc=loc, **options)


def picture(axes, alt, numbers, data=None) -> Picture:
    """The finished figure of these axes.

    Parameters
    ----------
    axes : matplotlib axes
        Any of the figure.
    alt : str
        What the figure shows, in words with its numbers.
    numbers : DataFrame
        The numbers it shows.
    data : LessonData, optional
        Whose data they are; without one they are invented patients, and the figure says so.
    """
    figure = axes.figure
    with figures.drawing_style():
        if data is None:
            figure.text(
                0.99, 0.05 / figure.get_figheight(), INVENTED, ha="right", va="bottom", fontsize=8, color="0.35"
            )
        else:
            figures.sign_picture(figure, data.cohort.study)
    return Picture(figure, alt, numbers)


def step_line(axes, times, shares, order=0, *, until=None, label=None):
    """A Kaplan-Meier step curve from (0, 1), in the book's color and line style number ``order``."""
    color, style = figures.line_look(order)
    x, y = [0.0, *times], [1.0, *shares]
    if until is not None:
        x, y = [*x, until], [*y, y[-1]]
    axes.step(x, y, where="post", color=color, linestyle=style, linewidth=1.9, label=label)
    axes.set_ylim(0, 1.04)
    axes.set_xlim(left=0)


def ratios(axes, places, table, *, ticks, markersize=6, linewidth=1.5):
    """Ratios with their intervals on a log axis; an interval that goes on beyond its ends is cut there.

    Parameters
    ----------
    axes : matplotlib axes
    places : Series of float
        Where each ratio stands on the other axis.
    table : DataFrame
        Columns ``estimate``, ``conf_low``, ``conf_high``; a missing ratio, or one beyond the axis, is not drawn.
    ticks : sequence of float
    markersize, linewidth : float
    """
    there = table["estimate"].between(LOWEST_RATIO, HIGHEST_RATIO).to_numpy()
    shown = table[there]
    bars = [
        shown["estimate"] - shown["conf_low"].clip(lower=LOWEST_RATIO),
        shown["conf_high"].clip(upper=HIGHEST_RATIO) - shown["estimate"],
    ]
    look = {"fmt": "o", "color": figures.OKABE_ITO[0], "markersize": markersize, "linewidth": linewidth}
    axes.set_yscale("log")
    axes.axhline(1, color="0.5", linewidth=1)
    axes.errorbar(places[there], shown["estimate"], bars, **look)
    axes.set_ylim(LOWEST_RATIO, HIGHEST_RATIO)
    axes.yaxis.set_major_locator(FixedLocator(ticks))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.yaxis.set_minor_locator(NullLocator())

"""Pictures of the lesson "cutpoint"."""

import numpy as np
import pandas as pd
from matplotlib.ticker import FuncFormatter, PercentFormatter

from aice_helpers.course.engine import drawing
from aice_helpers.course.lessons.cutpoint import arithmetic
from aice_helpers.show import formats
from aice_helpers.show.figures import OKABE_ITO


def two_sides(patients, cut):
    """Invented patients by size and time, on the two sides of a cut.

    Parameters
    ----------
    patients : DataFrame
        Columns ``size``, ``time`` and ``event``, indexed by name.
    cut : float

    Returns
    -------
    Picture
    """
    with drawing.panel(3.4, xlabel="Size (cm)", ylabel="Months", xlim=(0, 18), ylim=(0, 25)) as axes:
        for order, side in enumerate((patients["size"] <= cut, patients["size"] > cut)):
            for seen in (True, False):
                shown = patients[side & (patients["event"] == seen)]
                style = {"marker": "X" if seen else "o", "mfc": OKABE_ITO[order] if seen else "white"}
                axes.plot(shown["size"], shown["time"], linestyle="", markersize=9, color=OKABE_ITO[order], **style)
        for name, row in patients.iterrows():
            axes.annotate(name, (row["size"], row["time"]), xytext=(8, 4), textcoords="offset points", fontsize=9.5)
        axes.axvline(cut, color="0.35", linestyle="--", linewidth=1.2)
        axes.text(cut, 24.5, f"at most {cut:g} cm ", ha="right", va="top", fontsize=9.5)
        axes.text(cut, 24.5, f" more than {cut:g} cm", ha="left", va="top", fontsize=9.5)
    places = "; ".join(
        f"{name} {row['size']:g} cm, {row['time']:g} months, {'event' if row['event'] else 'censored'}"
        for name, row in patients.iterrows()
    )
    alt = f"Eight points by size and time, crosses for events, open circles for censored, and a line at {cut:g} cm: {places}."
    return drawing.picture(axes, alt, patients)


def searched(data):
    """P value of every candidate cut: taken by itself, and for the whole search.

    Parameters
    ----------
    data : LessonData

    Returns
    -------
    Picture
    """
    table = arithmetic.search(data)
    adjusted = arithmetic.adjusted_p(table["chi_square"], arithmetic.best_of_shuffles(data))
    numbers = pd.DataFrame({"cut": table["cut"], "by itself": table["p_value"], "for the whole search": adjusted})
    plan, best, alpha = arithmetic.planned(data), arithmetic.best(data), arithmetic.level(data)
    study = data.cohort.study
    with drawing.panel(3.7, legend="best") as axes:
        for order, name in enumerate(numbers.columns[1:]):
            drawn = numbers[name].clip(lower=1e-6)
            axes.plot(
                numbers["cut"], drawn, color=OKABE_ITO[order], linestyle=("-", "--")[order], linewidth=1.8, label=name
            )
        axes.axhline(alpha, color="0.35", linewidth=1, linestyle=":")
        axes.axvline(
            plan["cut"],
            color="0.35",
            linewidth=1,
            linestyle="-.",
            label=plan["words"].removeprefix("the ").removeprefix("cut "),
        )
        axes.set_yscale("log")
        axes.set_ylim(top=1.3)
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axes.yaxis.set_minor_formatter(FuncFormatter(lambda value, _: ""))
        label = study.label(data.measure)
        unit = study.variables[data.measure].unit
        axes.set(xlabel=f"Cut of {label} ({unit})" if unit else f"Cut of {label}")
        _name_y(axes, "P value")
    alt = (
        f"P value of the log-rank test against the cut of {label}, over {len(numbers)} cuts, with a line at {alpha:g}. Taken by itself the lowest is "
        f"{formats.p_value(best['p_value'], alpha)}, at {formats.plain(best['cut'])}; for the whole search that one is "
        f"{formats.p_value(adjusted[best.name], alpha)}. "
        f"At {formats.plain(plan['cut'])}, {plan['words']}, it is {formats.p_value(plan['p_value'], alpha)}."
    )
    return drawing.picture(axes, alt, numbers, data)


def best_of_noise(data):
    """How often the best cut of a shuffle reaches each P value, beside what one honest test would do.

    Parameters
    ----------
    data : LessonData

    Returns
    -------
    Picture
    """
    lowest = arithmetic.p_values(arithmetic.best_of_shuffles(data))
    edges = np.linspace(0, 1, 21)
    share = np.histogram(lowest, edges)[0] / len(lowest)
    numbers = pd.DataFrame({"from": edges[:-1], "to": edges[1:], "share": share})
    with drawing.panel(3.2, legend="best", xlabel="P value of the best cut in a shuffle", xlim=(0, 1)) as axes:
        axes.bar(
            numbers["from"],
            numbers["share"],
            width=0.05,
            align="edge",
            color=OKABE_ITO[0],
            edgecolor="white",
            label="best of a search",
        )
        axes.axhline(0.05, color=OKABE_ITO[1], linestyle="--", linewidth=1.8, label="one cut named beforehand")
        axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
        _name_y(axes, "Shuffles")
    alt = (
        f"Bars: P value of the best cut in {len(lowest)} shuffles, in twentieths; the first bar, below 0.05, holds "
        f"{formats.percent(numbers['share'][0])}. A line at 5% shows what a single cut named beforehand would give in every bar."
    )
    return drawing.picture(axes, alt, numbers, data)


def any_significant(data):
    """Share of studies of noise with at least one significant factor, against the number of factors.

    Parameters
    ----------
    data : LessonData

    Returns
    -------
    Picture
    """
    numbers = arithmetic.any_significant(data)
    alpha = arithmetic.level(data)
    with drawing.panel(
        3.2, legend="best", ylim=(0, 1), xlabel="Meaningless factors tested", xticks=[1, 5, 10, 15, 20]
    ) as axes:
        axes.plot(
            numbers["factors"],
            numbers["formula"],
            color=OKABE_ITO[1],
            linestyle="--",
            linewidth=1.8,
            label=f"1 − (1 − {alpha:g})^k",
        )
        axes.plot(numbers["factors"], numbers["seen"], "o", color=OKABE_ITO[0], label="shuffled factors")
        axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
        _name_y(axes, "At least one significant")
    said = ", ".join(
        f"{formats.percent(row.seen)} with {row.factors}"
        for row in numbers.itertuples()
        if row.factors in (1, 5, 10, 20)
    )
    alt = f"Share of {arithmetic.SHUFFLES} studies of shuffled factors with at least one P value below {alpha:g}: {said}. A curve shows the formula."
    return drawing.picture(axes, alt, numbers, data)


def halves(data):
    """Hazard ratios at the best cut of one half and at the same cut in the other half, over many splits.

    Parameters
    ----------
    data : LessonData

    Returns
    -------
    Picture
    """
    numbers = arithmetic.halves(data)
    # A small half can give an absurd ratio; it is drawn at the edge.
    shown = numbers.clip(upper=20, lower=0.05)
    top = float(shown[["searched", "fresh"]].to_numpy().max())
    low = min(0.5, float(shown["fresh"].min()))
    with drawing.panel(
        3.9,
        legend="upper left",
        xlim=(0.95, top * 1.1),
        ylim=(low * 0.95, top * 1.1),
        xlabel="Hazard ratio in the half that was searched",
        ylabel="In the other half",
    ) as axes:
        axes.plot(
            shown["searched"], shown["fresh"], "o", color=OKABE_ITO[0], markersize=4, alpha=0.6, label="one split"
        )
        axes.plot([0.95, top], [0.95, top], color="0.35", linestyle=":", linewidth=1, label="equal")
        axes.axhline(1, color=OKABE_ITO[1], linestyle="--", linewidth=1.4, label="no difference")
        axes.set(xscale="log", yscale="log")
        ticks = [tick for tick in (0.05, 0.1, 0.2, 0.5, 1, 2, 3, 5, 10, 20) if low <= tick <= top]
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_ticks(ticks, [f"{tick:g}" for tick in ticks])
            axis.set_ticks([], minor=True)
    below = (numbers["fresh"] < numbers["searched"]).mean()
    alt = (
        f"{len(numbers)} points, one a split: hazard ratio at the best cut in the half that was searched, against the ratio at the same cut in the other "
        f"half. {formats.percent(below)} lie below the diagonal. Medians {formats.ratio(numbers['searched'].median())} and "
        f"{formats.ratio(numbers['fresh'].median())}."
    )
    return drawing.picture(axes, alt, numbers, data)


def _name_y(axes, text):
    """Name an axis whose tick labels leave little room."""
    axes.set_ylabel(text, labelpad=0, fontsize=9.5)

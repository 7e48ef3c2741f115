"""Waterfall of the best changes, and the response in groups."""

import numpy as np
import pandas as pd
from matplotlib.ticker import FuncFormatter

from aice_helpers.core.reasons import is_masked
from aice_helpers.core.results import pick
from aice_helpers.show import formats
from aice_helpers.show.figures.forests import Line, forest_picture
from aice_helpers.show.figures.style import (
    WIDTH,
    Picture,
    add_legend,
    axes_at,
    drawing_style,
    legend_lines,
    look,
    masked_note,
    new_figure,
    sign_picture,
    wrapped_lines,
)
from aice_helpers.show.sentences import reason, sentence
from aice_helpers.show.tables import cut_point_words

MOST_BARS = 1200
"""Bars beyond which a figure of this width has less than a pixel for each."""


def waterfall(changes, study):
    """Best change of each assessed patient as one bar, the largest growth first (see `response.best_changes`).

    Parameters
    ----------
    changes : DataFrame
        Columns ``change`` (per cent) and ``category``, one row a patient, as `response.best_changes` returns them.
    study : Study

    Returns
    -------
    Picture or Sentence
        The axis is in per cent. The sentence says why there is nothing to draw.
    """
    if changes.empty:
        return reason(changes, study)
    data = changes.assign(
        category=changes["category"].astype(object).where(changes["category"].notna(), "Not recorded")
    )
    declared = list(dict.fromkeys([*study.variables[study.response.variable].levels.values(), "Not recorded"]))
    present = [label for label in declared if (data["category"] == label).any()]
    limits = {" (partial response)": -30, "": 20} if "RECIST" in study.response.scheme.upper() else {}
    names = {label: wrapped_lines(label, 26) for label in present}
    below = 0.35 + 0.21 * legend_lines(names.values())
    with drawing_style():
        figure = new_figure(3.5 + below)
        axes = axes_at(figure, 1.0, 0.35, WIDTH - 1.2, 2.9)
        drawn = (
            data if len(data) <= MOST_BARS else data.iloc[np.linspace(0, len(data) - 1, MOST_BARS).round().astype(int)]
        )
        drawn = drawn.reset_index(drop=True)
        for label in present:
            place, shown = declared.index(label), drawn[drawn["category"] == label]
            axes.bar(
                shown.index, shown["change"], width=1.0 if len(drawn) > 60 else 0.85, label=names[label], linewidth=0.4,
                color=look(place).color, hatch=look(place).hatch, edgecolor="white",
            )  # fmt: skip
        axes.axhline(0, color="black", linewidth=0.8)
        for words, limit in limits.items():
            axes.axhline(limit, color="0.25", linewidth=1, linestyle="--")
            axes.annotate(
                f"{limit:+d}%{words}".replace("-", "−"), (0.99 if limit > 0 else 0.01, limit), (0, 2),
                xycoords=axes.get_yaxis_transform(), textcoords="offset points", fontsize=9,
                ha="right" if limit > 0 else "left", va="bottom",
            )  # fmt: skip
        axes.set_xlim(-0.6, len(drawn) - 0.4)
        lowest, highest = min(data["change"].min(), -35), max(data["change"].max(), 25)
        axes.set_ylim(lowest - 5, highest + 0.08 * (highest - lowest))
        axes.set_xticks([])
        axes.spines["bottom"].set_visible(False)
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{formats.plain(value)}%"))
        axes.set_ylabel("Best change")
        axes.set_title(wrapped_lines(study.variables[study.response.change].label, 52))
        add_legend(figure, axes, below)
        sign_picture(figure, study)
    counts = [f"{label} {int((data['category'] == label).sum())}" for label in present]
    alt = (
        f"Waterfall of the best change in {formats.counted(len(data), 'patient')}, from {_signed(data['change'].max())} to "
        f"{_signed(data['change'].min())}, median {_signed(data['change'].median())}. "
        f"By category: {', '.join(counts)}."
    )
    if len(data) > MOST_BARS:
        alt += f" Of so many {MOST_BARS} are drawn, evenly spaced from the largest growth to the largest reduction."
    if limits:
        shrunk, grown = int((data["change"] <= -30).sum()), int((data["change"] >= 20).sum())
        alt += f" {shrunk} at or below −30%, {grown} at or above +20%."
    return Picture(figure, alt, data)


def _signed(change):
    written = formats.decimal(change)
    return f"{'+' if change > 0 and written != '0.0' else ''}{written}%"


def response_forest(subgroups, overall, study, *, term="ORR"):
    """Objective response rate (or ``term`` "DCR") in groups of patients, with a line at the rate of all.

    Parameters
    ----------
    subgroups : DataFrame
        A ``response`` table with groups (``response_by_subgroup`` of the result tables).
    overall : DataFrame
        A ``response`` table of everyone.
    study : Study
    term : str
        "ORR" or "DCR".

    Returns
    -------
    Picture or Sentence
        The axis is in per cent. The sentence says why one of the tables is empty, or that the response is masked.

    Raises
    ------
    LookupError
        When ``overall`` has not exactly one Clopper-Pearson row of ``term`` among all patients.
    """
    if subgroups.empty or overall.empty:
        return reason(subgroups if subgroups.empty else overall, study)
    whole = pick(overall, group="", term=term, population="all patients", method="Clopper-Pearson")
    if is_masked(whole):
        return sentence(f"The response in groups of patients is {masked_note(overall)}.")
    rows = subgroups[(subgroups["group"] != "") & (subgroups["term"] == term)]
    lines = [_share_line("All patients", whole, order=1)]
    said = [f"all patients {lines[0].words}"]
    for (group,), levels in rows.groupby(["group"], sort=False):
        lines.append(Line(study.label(group), heading=True))
        for _, row in levels.iterrows():
            lines.append(_share_line(f"  {row['level']}", row))
            said.append(f"{study.label(group)} {row['level']} {lines[-1].words}")
    level = formats.level(study.analysis.confidence_level)
    name = {"ORR": "Objective response rate", "DCR": "Disease control rate"}[term]
    figure = forest_picture(
        [(name, lines)], study, "Patients", f"{term}, {level} CI", percent=True, mark=whole["estimate"]
    )
    alt = f"Forest plot of the {name.lower()} with {level} Clopper-Pearson intervals: {'; '.join(said)}."
    alt = " ".join([alt, *cut_point_words(study, rows["group"])])
    return Picture(figure, alt, pd.concat([whole.to_frame().T, rows], ignore_index=True))


def _share_line(label, row, order=0):
    words = formats.MASKED if is_masked(row) else "no patient"
    if pd.notna(row["estimate"]):
        words = f"{formats.count(row['events'])}/{formats.count(row['n'])} ({formats.percent(row['estimate'])})"
    return Line(label, words, row["estimate"], row["conf_low"], row["conf_high"], order=order)

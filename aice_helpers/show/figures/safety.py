"""Adverse events by grade."""

import numpy as np
from matplotlib.ticker import MaxNLocator

from aice_helpers.show import formats
from aice_helpers.show.figures.style import (
    WIDTH,
    Picture,
    add_legend,
    axes_at,
    breadth,
    drawing_style,
    legend_lines,
    look,
    masked_note,
    new_figure,
    sign_picture,
    text_height,
    wrapped_lines,
)
from aice_helpers.show.sentences import reason, sentence
from aice_helpers.study.model import ANY_GRADE, SEVERE


def adverse_event_bars(table, study):
    """Patients with each adverse event, stacked by worst grade.

    Parameters
    ----------
    table : DataFrame
        An ``adverse_events`` table.
    study : Study

    Returns
    -------
    Picture or Sentence
        The axis counts patients. The sentence says why the table is empty, or that all its numbers are masked.
    """
    if table.empty:
        return reason(table, study)
    chosen = table[table["method"] == "Clopper-Pearson"]
    grades = list(study.adverse_events.grades.values())
    counts = chosen.pivot_table(
        index="term", columns="level", values="events", sort=False, aggfunc="first", dropna=False
    ).astype("Int64")
    hidden = counts[ANY_GRADE].isna()
    if hidden.all():
        return sentence(f"The numbers of patients with adverse events are {masked_note(chosen)}.")
    partly = counts[~hidden].isna().any(axis=1)
    counts = counts[~hidden].fillna(0).astype(int)
    n = int(chosen["n"].iloc[0])
    ungraded = counts[ANY_GRADE] - counts[grades].sum(axis=1)
    data = counts[grades].assign(
        **({"Grade masked": ungraded.where(partly, 0)} if partly.any() else {}),
        **({"Grade not recorded": ungraded.where(~partly, 0)} if ungraded[~partly].any() else {}),
    )
    labels = [wrapped_lines(term, 24) for term in data.index]
    left = min(2.5, max(1.0, 0.25 + 0.088 * max(map(breadth, labels))))
    seen = [grade for grade in data.columns if data[grade].any()]
    names = {grade: wrapped_lines(grade, 26) for grade in seen}
    below = 0.72 + 0.21 * legend_lines(names.values())
    tops = np.cumsum([0, *(0.2 * text_height(label) + 0.2 for label in labels)])
    with drawing_style():
        figure = new_figure(tops[-1] + 0.4 + below)
        axes = axes_at(figure, left, 0.35, WIDTH - left - 0.95, tops[-1])
        middles, thick = (tops[:-1] + tops[1:]) / 2, 0.28
        start = np.zeros(len(data))
        widest = max(int(counts[ANY_GRADE].max()), 1)
        for grade in seen:
            place = list(data.columns).index(grade)
            values = data[grade].to_numpy(float)
            axes.barh(
                middles, values, thick, left=start, label=names[grade], color=look(place).color,
                hatch=look(place).hatch, edgecolor="white", linewidth=0.6,
            )  # fmt: skip
            for middle, begin, value in zip(middles, start, values, strict=True):
                if value / widest > 0.06:
                    axes.text(
                        begin + value / 2, middle, formats.count(value), ha="center", va="center", fontsize=9,
                        bbox={"facecolor": "white", "edgecolor": "none", "pad": 1},
                    )  # fmt: skip
            start += values
        for middle, value in zip(middles, counts[ANY_GRADE], strict=True):
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
            add_legend(figure, axes, below - 0.4)
        sign_picture(figure, study)
    said = []
    for term in data.index:
        by_grade = ", ".join(f"{grade} {data.loc[term, grade]}" for grade in seen if data.loc[term, grade])
        value = counts.loc[term, ANY_GRADE]
        said.append(f"{term} {value} ({formats.percent(value / n)}{'; ' + by_grade if by_grade else ''})")
    alt = f"Bars of the patients (of {n}) with an adverse event, by worst grade: {'; '.join(said)}."
    if hidden.any():
        alt += f" Left out: {formats.listing(hidden.index[hidden])}, {masked_note(chosen)}."
    if (counts[SEVERE] == 0).all() and not hidden.any() and not partly.any():
        alt += " No patient had an event that was severe or worse."
    return Picture(figure, alt, data)

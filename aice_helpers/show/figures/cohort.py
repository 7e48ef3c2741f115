"""Distributions of the patients' characteristics."""

import math

from matplotlib.ticker import MaxNLocator

from aice_helpers.show import formats
from aice_helpers.show.figures.style import (
    OKABE_ITO,
    Picture,
    axes_at,
    drawing_style,
    new_figure,
    sign_picture,
    wrapped_lines,
)
from aice_helpers.show.sentences import sentence


def distributions(analysis):
    """Histogram of each numeric baseline variable, two in a row.

    Where small counts are masked, a sentence: the bars of the smallest and of the largest values are single patients.

    Parameters
    ----------
    analysis : Analysis

    Returns
    -------
    Picture or Sentence
        Each axis is in the unit of its variable. The sentence says why there is nothing to draw.
    """
    import seaborn as sns

    patients, study = analysis.cohort.patients, analysis.study
    if analysis.mask_below:
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

"""Pictures of the lesson "exact"."""

import numpy as np
import pandas as pd
from scipy.stats import binom

from aice_helpers.core.intervals import clopper_pearson
from aice_helpers.course.engine import drawing
from aice_helpers.course.lessons.exact import arithmetic
from aice_helpers.show import figures, formats
from aice_helpers.show.figures import MARKERS, OKABE_ITO


def two_tails(count, n, conf_level=0.95):
    """The counts to expect at each limit of the exact interval, with the tail that makes it the limit.

    Parameters
    ----------
    count, n : int
    conf_level : float

    Returns
    -------
    Picture
    """
    limits = clopper_pearson(count, n, conf_level)
    counts = np.arange(n + 1)
    numbers, said = pd.DataFrame({"responders": counts}), []
    with drawing.panels(2, height=3.2) as axes:
        for ax, name, limit, tail in zip(
            axes, ("lower", "upper"), limits, (counts >= count, counts <= count), strict=True
        ):
            numbers[name] = binom.pmf(counts, n, limit)
            ax.bar(counts, numbers[name], color="0.8", edgecolor="0.35")
            ax.bar(counts[tail], numbers.loc[tail, name], color=OKABE_ITO[1], edgecolor="black", hatch="//")
            side = "or more" if name == "lower" else "or fewer"
            ax.set(title=f"{name.capitalize()} limit, {limit:.4f}", xlabel="Responders", ylim=(0, 1), xticks=counts)
            total = numbers.loc[tail, name].sum()
            ax.text(0.5, 0.9, f"{count} {side}: {total:.3f}", transform=ax.transAxes, ha="center", fontsize=10)
            heights = ", ".join(f"{value:.3f}" for value in numbers[name])
            said.append(
                f"at the {name} limit {limit:.4f} the counts 0 to {n} have {heights}; {count} {side}: {total:.3f}"
            )
        axes[0].set_ylabel("Probability")
    return drawing.picture(axes[0], f"Bars of binomial probabilities: {'; '.join(said)}.", numbers)


def tails_over_rates(count, n, conf_level=0.95):
    """Both tail probabilities of a count over all true rates: the interval is where both exceed half the error allowed.

    Parameters
    ----------
    count, n : int
    conf_level : float

    Returns
    -------
    Picture
    """
    rates, tail = np.linspace(0.001, 0.999, 500), (1 - conf_level) / 2
    low, high = clopper_pearson(count, n, conf_level)
    more, fewer = binom.sf(count - 1, n, rates), binom.cdf(count, n, rates)
    with drawing.panel(
        3.3,
        title=f"{count} responders among {n}",
        xlabel="True rate",
        ylabel="Probability",
        xlim=(0, 1),
        ylim=(0, 1.04),
    ) as axes:
        axes.axvspan(low, high, color="0.92")
        axes.plot(rates, more, color=OKABE_ITO[0], label=f"{count} or more")
        axes.plot(rates, fewer, color=OKABE_ITO[1], linestyle="--", label=f"{count} or fewer")
        axes.axhline(tail, color="black", linewidth=0.9, linestyle=":")
        for limit, side in ((low, "left"), (high, "right")):
            axes.axvline(limit, color="0.3", linewidth=0.9)
            axes.annotate(f"{limit:.3f}", (limit, 0.5), (4 if side == "left" else -4, 0), textcoords="offset points",
                          ha=side, fontsize=10)  # fmt: skip
        drawing.legend_of(axes, loc="center right", bbox_to_anchor=(0.86, 0.66))
    alt = (
        f"Two curves over the true rate. The probability of {count} or more of {n} rises and passes {tail:g} at {low:.3f}; "
        f"that of {count} or fewer falls and passes {tail:g} at {high:.3f}. Between them the interval is shaded."
    )
    return drawing.picture(axes, alt, pd.DataFrame({"rate": rates, "or_more": more, "or_fewer": fewer}))


def all_counts(n, conf_level=0.95):
    """The three intervals at every count that a study of ``n`` patients can give.

    Parameters
    ----------
    n : int
    conf_level : float

    Returns
    -------
    Picture
    """
    frames = []
    with drawing.panel(
        3.4,
        legend="lower right",
        xlabel=f"Responders among {n}",
        ylabel="Rate",
        xticks=range(n + 1),
        ylim=(-0.2, 1.2),
        title="Three intervals; the mark is the middle",
    ) as axes:
        axes.axhline(0, color="0.4", linewidth=0.8)
        axes.axhline(1, color="0.4", linewidth=0.8)
        for order, method in enumerate(arithmetic.METHODS):
            low, high = arithmetic.limits(method, n, conf_level).T
            place = np.arange(n + 1) + (order - 1) * 0.22
            axes.vlines(place, low, high, color=OKABE_ITO[order], linewidth=1.8)
            axes.plot(place, (low + high) / 2, MARKERS[order], color=OKABE_ITO[order], markersize=5, label=method)
            frames.append(pd.DataFrame({"method": method, "responders": np.arange(n + 1), "low": low, "high": high}))
    numbers = pd.concat(frames, ignore_index=True)
    words = "; ".join(
        f"{row.method} {row.low:.2f} to {row.high:.2f} at {row.responders}"
        for row in numbers[numbers["responders"].isin((0, 1, n // 2))].itertuples()
    )
    alt = f"Vertical intervals of three methods at the counts 0 to {n}. Among them: {words}. Only Wald's leave 0 to 1."
    return drawing.picture(axes, alt, numbers)


def coverages(n, conf_level=0.95):
    """How often the intervals of three methods hold the true rate, over all true rates.

    Parameters
    ----------
    n : int
        Patients in each study.
    conf_level : float

    Returns
    -------
    Picture
    """
    rates = np.linspace(0.005, 0.995, 199)
    numbers = pd.DataFrame(
        {"rate": rates} | {m: arithmetic.coverage(m, n, rates, conf_level) for m in arithmetic.METHODS}
    )
    with drawing.panel(
        3.2,
        legend="lower center",
        title=f"{n} patients in each study",
        xlabel="True rate",
        ylabel="Coverage",
        ylim=(0.6, 1.01),
        xlim=(0, 1),
    ) as axes:
        for order, method in enumerate(arithmetic.METHODS):
            color, style = figures.line_look(order)
            axes.plot(rates, numbers[method], color=color, linestyle=style, linewidth=1.5, label=method)
        axes.axhline(conf_level, color="0.3", linewidth=0.9)
    words = "; ".join(
        f"{method} between {numbers[method].min():.3f} and {numbers[method].max():.3f}, {arithmetic.coverage(method, n, 0.3, conf_level):.3f} at 0.3"
        for method in arithmetic.METHODS
    )
    alt = f"Coverage of three methods over the true rate with {n} patients, promised {conf_level:g}: {words}."
    return drawing.picture(axes, alt, numbers)


def hundred_studies(table, n, rate):
    """Intervals of repeated invented studies side by side; those that miss the true rate stand out.

    Parameters
    ----------
    table : DataFrame
        From `exact.studies`.
    n : int
        Patients in each study.
    rate : float

    Returns
    -------
    Picture
    """
    with drawing.panel(
        3.2,
        title=f"{len(table)} studies of {n} patients, true rate {rate:g}",
        xlabel="Study",
        ylabel="Exact 95% interval",
        ylim=(0, 1),
    ) as axes:
        for held, color, mark, label in ((True, "0.55", "o", "holds it"), (False, OKABE_ITO[1], "X", "misses it")):
            part = table[table["held"] == held]
            axes.vlines(part.index, part["low"], part["high"], color=color, linewidth=1.4 if held else 2.4)
            axes.plot(part.index, (part["low"] + part["high"]) / 2, mark, color=color, linestyle="",
                      markersize=2.5 if held else 7, label=label)  # fmt: skip
        axes.axhline(rate, color="black", linewidth=1)
        drawing.legend_of(axes, ncols=2, loc="upper right")
    missed = table.index[~table["held"]]
    alt = (
        f"Vertical exact intervals of {len(table)} invented studies of {n} patients with a line at the true rate {rate:g}. "
        f"{len(missed)} miss it: {', '.join(str(place) for place in missed) or 'no study'}."
    )
    return drawing.picture(axes, alt, table)


def cohort_intervals(table, data):
    """Three intervals of the cohort's response rate, with all and with the evaluable patients below the line.

    Parameters
    ----------
    table : DataFrame
        From `exact.intervals`.
    data : LessonData

    Returns
    -------
    Picture
    """
    with drawing.panel(
        3.0, title=f"All patients above, evaluable below ({formats.level(data.conf_level)})", xlabel="Response rate"
    ) as axes:
        box = axes.get_position()
        axes.set_position([0.36, box.y0, 0.6, box.height])
        for place, row in enumerate(table.itertuples()):
            order = place % len(arithmetic.METHODS)
            axes.hlines(place, row.conf_low, row.conf_high, color=OKABE_ITO[order], linewidth=2)
            axes.plot(row.estimate, place, MARKERS[order], color=OKABE_ITO[order], markersize=7)
        names = [f"{row.method}, {row.responders} of {row.n}" for row in table.itertuples()]
        axes.set_yticks(range(len(table)), names)
        axes.invert_yaxis()
        axes.axhline(len(arithmetic.METHODS) - 0.5, color="0.5", linewidth=0.8, linestyle=":")
    words = "; ".join(
        f"{row.population}, {row.method}: {row.responders} of {row.n}, {row.estimate:.3f} ({row.conf_low:.3f} to {row.conf_high:.3f})"
        for row in table.itertuples()
    )
    return drawing.picture(axes, f"Horizontal intervals of the objective response rate. {words}.", table, data)

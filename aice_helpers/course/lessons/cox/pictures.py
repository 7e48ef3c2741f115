"""Pictures of the lesson "cox"."""

import math

import numpy as np
import pandas as pd

from aice_helpers.course.engine import drawing, two_groups
from aice_helpers.course.lessons.cox import arithmetic
from aice_helpers.show import formats
from aice_helpers.show.figures import OKABE_ITO


def risk_sets(patients):
    """Who is at risk at each event, as a column of marks; the one with the event stands out.

    Parameters
    ----------
    patients : DataFrame
        Columns ``time``, ``event``, ``exposed``, indexed by name; without tied events.

    Returns
    -------
    Picture
    """
    seen = patients[patients["event"]].sort_values("time")
    words, rows = [], []
    with drawing.panel(3.4, xlim=(-0.5, len(seen) - 0.5), yticks=[], ylim=(len(patients) - 0.4, -0.6)) as axes:
        for column, (who, event) in enumerate(seen.iterrows()):
            there = patients[patients["time"] >= event["time"]]
            for name, row in there.iterrows():
                place = patients.index.get_loc(name)
                color = OKABE_ITO[1] if row["exposed"] else OKABE_ITO[0]
                face = color if name == who else "white"
                axes.plot(column, place, "s" if row["exposed"] else "o", color=color, mfc=face, markersize=15)
                axes.annotate(
                    name, (column, place), ha="center", va="center", fontsize=9.5, color="white" if name == who else "black"
                )  # fmt: skip
                rows.append({"time": event["time"], "patient": name, "event": name == who})
            words.append(f"at {formats.duration(event['time'], 'months')} {who} out of {', '.join(there.index)}")
        axes.set_xticks(range(len(seen)), [formats.duration(time, "months") for time in seen["time"]])
        axes.set_title("At risk at each event: square exposed, circle not, filled: had the event", fontsize=10)
        axes.spines["left"].set_visible(False)
    alt = f"Four columns of patients at risk, squares for the exposed. The event: {'; '.join(words)}."
    return drawing.picture(axes, alt, pd.DataFrame(rows))


def likelihood_curve(table, data=None):
    """The log partial likelihood with its top, the parabola of the same curvature, and what the three tests measure.

    Parameters
    ----------
    table : DataFrame
        From `logrank.tables`.
    data : LessonData, optional
        Whose data they are; invented patients without one.

    Returns
    -------
    Picture
    """
    top = arithmetic.estimate(table)
    reach = max(2.7 * top["std_error"], abs(top["beta"]) + 0.7 * top["std_error"])
    grid = np.linspace(top["beta"] - reach, top["beta"] + reach, 161)
    numbers = arithmetic.likelihood(table, grid)
    numbers["parabola"] = top["log_likelihood"] - top["information"] * (grid - top["beta"]) ** 2 / 2
    zero = arithmetic.likelihood(table, 0.0).iloc[0]
    with drawing.panel(
        3.9, title="Log partial likelihood", xlabel="Log hazard ratio β", xlim=(grid[0], grid[-1])
    ) as axes:
        axes.plot(grid, numbers["log_likelihood"], color=OKABE_ITO[0], linewidth=2, label="log partial likelihood")
        axes.plot(grid, numbers["parabola"], color=OKABE_ITO[1], linestyle="--", label="parabola with the same top")
        run = np.array([-1, 1]) * 0.45 * top["std_error"]
        axes.plot(run, zero["log_likelihood"] + zero["score"] * run, color=OKABE_ITO[2], linewidth=2.6, linestyle="-.",
                  label="slope at 0 (score)")  # fmt: skip
        axes.plot([0, top["beta"]], [zero["log_likelihood"], top["log_likelihood"]], "o", color="black", markersize=6)
        axes.plot([0, 0, top["beta"]], [zero["log_likelihood"], *[top["log_likelihood"]] * 2], color="0.4", linewidth=1)
        axes.axvline(top["beta"], color="0.7", linestyle=":", linewidth=1)
        beyond = -1 if top["beta"] > 0 else 1
        axes.annotate("height", (0, (zero["log_likelihood"] + top["log_likelihood"]) / 2), (6 * beyond, 0), fontsize=9,
                      textcoords="offset points", ha="right" if beyond < 0 else "left", va="center")  # fmt: skip
        axes.annotate("distance", (top["beta"] / 2, top["log_likelihood"]), (0, 3), textcoords="offset points", ha="center",
                      fontsize=9)  # fmt: skip
        low = numbers["log_likelihood"].min()
        axes.set_ylim(low, top["log_likelihood"] + 0.1 * (top["log_likelihood"] - low))
        drawing.legend_of(axes, fontsize=9, loc="lower center")
    alt = (
        f"Log partial likelihood over the log hazard ratio: {zero['log_likelihood']:.3f} at 0, where its slope is {zero['score']:.3f}; "
        f"the top, {top['log_likelihood']:.3f}, at {top['beta']:.3f}. The parabola with the same top and curvature has the "
        f"standard error {top['std_error']:.3f}."
    )
    return drawing.picture(axes, alt.replace("-", "−"), numbers, data)


def endless(patients):
    """The log partial likelihood of the six patients beside one that never comes to a top.

    Parameters
    ----------
    patients : DataFrame
        Columns ``time``, ``event``, ``exposed``; those without a finite estimate.

    Returns
    -------
    Picture
    """
    grid = np.linspace(-3, 8, 111)
    sets = {"with a top": arithmetic.SIX, "without one": patients}
    numbers = pd.DataFrame({"beta": grid})
    with drawing.panel(
        3.2, legend="best", xlabel="Log hazard ratio β", ylabel="Log partial likelihood", xlim=(-3, 8)
    ) as axes:
        for order, (name, chosen) in enumerate(sets.items()):
            table = two_groups.tables(chosen["time"], chosen["event"], chosen["exposed"])
            numbers[name] = arithmetic.likelihood(table, grid)["log_likelihood"]
            axes.plot(
                grid,
                numbers[name],
                color=OKABE_ITO[order],
                linestyle="-" if order == 0 else "--",
                linewidth=2,
                label=name,
            )
    last = numbers.iloc[-1]
    alt = (
        f"Two curves of the log partial likelihood. One has its top at {grid[numbers['with a top'].argmax()]:.1f} and falls to "
        f"{last['with a top']:.2f} at 8; the other rises all the way, to {last['without one']:.3f} at 8."
    )
    return drawing.picture(axes, alt.replace(" -", " −"), numbers)


def same_ratio():
    """Survival of two invented groups with a hazard ratio of 2, under a hazard that stays and one that rises.

    Returns
    -------
    Picture
    """
    time = np.linspace(0, 36, 145)
    numbers = pd.DataFrame({"time": time})
    with drawing.panels(2, height=3.3) as panels:
        for axes, (title, shape) in zip(
            panels, {"The hazard stays": 1.0, "The hazard rises": 2.0}.items(), strict=True
        ):
            curve = 0.5 ** ((time / 16) ** shape)
            for order, (name, power) in enumerate((("not exposed", 1), ("exposed", 2))):
                color, style = OKABE_ITO[order], ("-", "--")[order]
                axes.plot(time, curve**power, color=color, linestyle=style, linewidth=1.9, label=name)
                axes.plot(16 * power ** (-1 / shape), 0.5, "o", color=color, markersize=6)
                numbers[f"{title.lower()}, {name}"] = curve**power
            axes.axhline(0.5, color="0.6", linewidth=0.8)
            axes.set(title=title, xlabel="Months", xlim=(0, 36), ylim=(0, 1.04))
        drawing.legend_of(panels[0])
    alt = (
        "Two panels, each with two survival curves whose hazards stand 1 to 2. Median of those not exposed: 16 months in both. Median "
        f"of the exposed: 8 months where the hazard stays, {16 / math.sqrt(2):.1f} months where it rises."
    )
    return drawing.picture(panels[0], alt, numbers)

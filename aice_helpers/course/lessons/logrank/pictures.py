"""Pictures of the lesson "logrank"."""

import numpy as np
import pandas as pd

from aice_helpers.core.intervals import normal_quantile
from aice_helpers.course.engine import drawing, two_groups
from aice_helpers.course.lessons.logrank import arithmetic
from aice_helpers.show import figures
from aice_helpers.show.figures import OKABE_ITO
from aice_helpers.stats import kaplan_meier


def follow_up_and_curves(patients):
    """Follow-up of the invented patients by group, beside the two curves.

    Parameters
    ----------
    patients : DataFrame
        Columns ``group``, ``time`` (months) and ``event`` (bool), indexed by name.

    Returns
    -------
    Picture
    """
    curves = []
    with drawing.panels(2, height=3.4) as (left, right):
        for order, (group, members) in enumerate(patients.groupby("group")):
            color, style = figures.line_look(order)
            for name, row in members.iterrows():
                place = patients.index.get_loc(name)
                left.plot([0, row["time"]], [place, place], color=color, linestyle=style, linewidth=1.6)
                mark = {"marker": "X"} if row["event"] else {"marker": "o", "mfc": "white"}
                left.plot(row["time"], place, color=color, markersize=9, linestyle="", **mark)
            times, shares = _curve(members["time"], members["event"])
            drawing.step_line(right, times, shares, order, until=members["time"].max(), label=f"Group {group}")
            curves.append(pd.DataFrame({"group": group, "time": times, "share": shares}))
        left.set_yticks(range(len(patients)), [f"{row.Index} ({row.group})" for row in patients.itertuples()])
        left.invert_yaxis()
        left.set(title="Follow-up", xlabel="Months", xlim=(0, patients["time"].max() + 1))
        right.set(title="Two curves", xlabel="Months", xlim=(0, patients["time"].max() + 1))
        drawing.legend_of(right)
    numbers = pd.concat(curves, ignore_index=True)
    stays = "; ".join(
        f"{row.Index} in group {row.group}, {row.time:g} months, {'event' if row.event else 'censored'}"
        for row in patients.itertuples()
    )
    steps = "; ".join(f"{row.group} {row.share:.3f} from {row.time:g}" for row in numbers.itertuples())
    alt = f"Left: follow-up lines, crosses for events, open circles for censored: {stays}. Right: both curves, 1 at first; {steps}."
    return drawing.picture(left, alt, numbers)


def running_difference(table, data):
    """The two groups' curves over the running sum of observed minus expected events of the second group.

    Parameters
    ----------
    table : DataFrame
        From `logrank.tables`.
    data : LessonData

    Returns
    -------
    Picture
    """
    z = normal_quantile(data.conf_level)
    numbers = pd.DataFrame(
        {
            "time": table["time"],
            "difference": (table["events_second"] - table["expected"]).cumsum(),
            "limit": z * np.sqrt(table["variance"].cumsum()),
        }
    )
    known = two_groups.outcome(data)
    with drawing.panels(2, height=3.6) as (left, right):
        for order, level in enumerate(data.levels):
            members = known[known["second"] == bool(order)]
            times, shares = _curve(members["time"], members["event"])
            name = figures.wrapped_lines(level, 22)
            drawing.step_line(left, times, shares, order, until=members["time"].max(), label=name)
        left.set(title=figures.wrapped_lines(data.label, 26), xlabel=data.unit.capitalize(), ylabel="Without event")
        drawing.legend_of(left, fontsize=9)
        right.step(numbers["time"], numbers["difference"], where="post", color=OKABE_ITO[1], linewidth=1.9)
        for sign in (-1, 1):
            right.step(
                numbers["time"], sign * numbers["limit"], where="post", color="0.45", linestyle=":", linewidth=1.2
            )
        right.axhline(0, color="0.6", linewidth=0.8)
        right.set(title="Observed − expected", xlabel=data.unit.capitalize(), xlim=(0, None))
    last, extreme = numbers.iloc[-1], numbers.loc[numbers["difference"].abs().idxmax()]
    alt = (
        f"Left: Kaplan-Meier curves of {data.label} by group. Right: running sum of observed minus expected events in the group "
        f"{data.levels[1]}; farthest from zero {_signed(extreme['difference'])} at {extreme['time']:g} {data.unit}, "
        f"{_signed(last['difference'])} at the end, where {z:.2f} standard errors are {last['limit']:.1f}."
    )
    return drawing.picture(left, alt, numbers, data)


def two_pairs():
    """Two pairs of invented curves: one that crosses, one that parts only after the median.

    Returns
    -------
    Picture
    """
    words, parts = [], []
    with drawing.panels(2, height=3.3) as panels:
        pairs = {"Crossing": arithmetic.crossing(), "Parting late": arithmetic.late()}
        for axes, (title, pair) in zip(panels, pairs.items(), strict=True):
            for order, name in enumerate("AB"):
                members = pair[pair["second"] == bool(order)]
                times, shares = _curve(members["time"], members["event"])
                drawing.step_line(axes, times, shares, order, until=members["time"].max(), label=f"Group {name}")
                parts.append(pd.DataFrame({"pair": title, "group": name, "time": times, "share": shares}))
                words.append(
                    f"{title}, group {name}: {shares[times <= 12][-1]:.2f} at 12 months, {shares[-1]:.2f} at 36"
                )
            axes.axhline(0.5, color="0.6", linewidth=0.8)
            axes.set(title=title, xlabel="Months")
            drawing.legend_of(axes)
    alt = f"Two panels with two survival curves each. {'; '.join(words)}."
    return drawing.picture(panels[0], alt, pd.concat(parts, ignore_index=True))


def _curve(time, event):
    """Event times and the Kaplan-Meier estimate at each."""
    curve = kaplan_meier.kaplan_meier(time.to_numpy(), event.to_numpy())
    return curve.time[curve.events > 0], curve.survival[curve.events > 0]


def _signed(value):
    return f"{value:+.1f}".replace("-", "−")

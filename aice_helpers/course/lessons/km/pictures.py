"""Pictures of the lesson "km"."""

import pandas as pd

from aice_helpers.course.engine import drawing
from aice_helpers.show.figures import OKABE_ITO
from aice_helpers.stats import kaplan_meier


def follow_up_and_curve(patients):
    """Each patient's follow-up as a line, beside the curve that they make.

    Parameters
    ----------
    patients : DataFrame
        Columns ``time`` (months) and ``event`` (bool), indexed by name.

    Returns
    -------
    Picture
    """
    made = kaplan_meier.kaplan_meier(patients["time"].to_numpy(), patients["event"].to_numpy())
    curve = pd.DataFrame({"time": made.time, "at_risk": made.at_risk, "events": made.events, "share": made.survival})
    curve = curve[curve["time"] > 0].reset_index(drop=True)
    last = curve["time"].max() + 1
    with drawing.panels(2, height=3.2) as (left, right):
        for place, (_, row) in enumerate(patients.iterrows()):
            left.plot([0, row["time"]], [place, place], color="0.35", linewidth=1.6)
            mark = (
                {"marker": "X", "color": OKABE_ITO[1]}
                if row["event"]
                else {"marker": "o", "mfc": "white", "color": OKABE_ITO[0]}
            )
            left.plot(row["time"], place, markersize=9, linestyle="", **mark)
        left.set_yticks(range(len(patients)), patients.index)
        left.invert_yaxis()
        left.set(title="Follow-up", xlabel="Months", xlim=(0, last))
        drawing.step_line(right, curve["time"], curve["share"])
        censored = patients.loc[~patients["event"], "time"]
        right.plot(
            censored,
            [curve.loc[curve["time"] == t, "share"].iloc[0] for t in censored],
            "|",
            color="black",
            markersize=9,
        )
        right.set(title="Kaplan-Meier curve", xlabel="Months", xlim=(0, last))
    stays = "; ".join(
        f"{name} {row['time']:g} months, {'event' if row['event'] else 'censored'}" for name, row in patients.iterrows()
    )
    steps = "; ".join(f"{row.share:.3f} from {row.time:g}" for row in curve[curve["events"] > 0].itertuples())
    alt = f"Left: {len(patients)} follow-up lines, crosses for events, open circles for censored: {stays}. Right: the curve, 1 at first; {steps}."
    return drawing.picture(left, alt, curve)


def ignoring_censoring(table, data):
    """The curve of a cohort beside two wrong ones: censored patients left out, and censored patients taken for events.

    Parameters
    ----------
    table : DataFrame
        Rows of the lesson's endpoint from ``survival_curve``.
    data : LessonData

    Returns
    -------
    Picture
    """
    kinds = {
        "Kaplan-Meier": table["estimate"],
        "censored left out": 1 - table["events"].cumsum() / table["events"].sum(),
        "censored taken for events": 1 - (table["events"] + table["censored"]).cumsum() / table["at_risk"].iloc[0],
    }
    numbers = pd.DataFrame({"time": table["time"]} | {name: values.astype(float) for name, values in kinds.items()})
    with drawing.panel(
        3.4, legend="best", title=data.label, xlabel=data.unit.capitalize(), ylabel="Without event"
    ) as axes:
        for order, name in enumerate(kinds):
            drawing.step_line(axes, numbers["time"], numbers[name], order, label=name)
    halves = ", ".join(f"{name} {_half(numbers['time'], numbers[name])}" for name in kinds)
    alt = f"Three step curves of {data.label}. First time at or below one half, in {data.unit}: {halves}."
    return drawing.picture(axes, alt, numbers, data)


def _half(times, shares):
    below = times[shares <= 0.5 + kaplan_meier.TIE]
    return f"{below.iloc[0]:g}" if len(below) else "not reached"

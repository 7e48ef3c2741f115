"""Pictures of the lesson "landmark"."""

import pandas as pd

from aice_helpers.course.engine import drawing
from aice_helpers.course.lessons.landmark import arithmetic
from aice_helpers.show import figures, formats
from aice_helpers.show.figures import MARKERS, OKABE_ITO
from aice_helpers.stats import kaplan_meier

_TICKS = (0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20)


def six_patients(patients, at):
    """Each patient's follow-up as a line, thick after the response, with the landmark as a vertical line.

    Parameters
    ----------
    patients : DataFrame
        Columns ``time``, ``event`` and month of ``response``, indexed by name.
    at : float
        The landmark.

    Returns
    -------
    Picture
    """
    with drawing.panel(
        3.5, legend="center right", xlabel="Months", xlim=(0, 16.5), ylim=(len(patients) - 0.5, -0.9)
    ) as axes:
        for place, (_, row) in enumerate(patients.iterrows()):
            axes.plot([0, row["time"]], [place, place], color="0.4", linewidth=1.6)
            axes.plot(
                [row["response"], row["time"]], [place, place], color=OKABE_ITO[2], linewidth=5, solid_capstyle="butt"
            )
        kinds = {
            "response": (patients["response"], "^", OKABE_ITO[2], OKABE_ITO[2]),
            "death": (patients["time"].where(patients["event"]), "X", OKABE_ITO[1], OKABE_ITO[1]),
            "censored": (patients["time"].where(~patients["event"]), "o", OKABE_ITO[0], "white"),
        }
        for name, (times, marker, color, face) in kinds.items():
            axes.plot(times, range(len(patients)), marker, color=color, mfc=face, markersize=10, label=name)
        axes.axvline(at, color="black", linestyle="--", linewidth=1.2)
        axes.text(at, -0.85, f"landmark at {at:g}", ha="center", va="bottom", fontsize=9.5)
        axes.set_yticks(range(len(patients)), patients.index)
    said = "; ".join(
        f"{name}{'' if pd.isna(month) else f' responds at {month:g},'} {'dies' if died else 'censored'} at {time:g}"
        for name, time, died, month in patients[["time", "event", "response"]].itertuples()
    )
    return drawing.picture(axes, f"Six follow-up lines in months, with a landmark at {at:g}: {said}.", patients)


def response_without_effect(patients, at):
    """Curves of invented responders and others: naively from time zero, and from a landmark on.

    Parameters
    ----------
    patients : DataFrame
        As `landmark.invented` makes them.
    at : float
        The landmark in months.

    Returns
    -------
    Picture
    """
    panels = {
        "From time zero": arithmetic.naive(patients),
        f"From month {at:g} on": arithmetic.at_landmark(patients, at),
    }
    said, frames = [], []
    with drawing.panels(2, height=3.3, gap=0.2) as axes:
        for panel, (title, rows) in zip(axes, panels.items(), strict=True):
            for order, (name, code) in enumerate((("no response", 0), ("response", 1))):
                part = rows[rows["responder"] == code]
                curve = kaplan_meier.kaplan_meier(part["time"].to_numpy(), part["event"].to_numpy())
                drawing.step_line(panel, curve.time, curve.survival, order, label=name)
                frames.append(
                    pd.DataFrame({"panel": title, "group": name, "time": curve.time, "estimate": curve.survival})
                )
                year = curve.survival[curve.time <= 12][-1]
                said.append(f"{title.lower()}, {name}: {formats.percent(year, 0)} alive 12 months later")
            panel.set(title=title, xlabel="Months", xlim=(0, 36))
            drawing.legend_of(panel)
    return drawing.picture(axes[0], f"Survival curves. {'; '.join(said)}.", pd.concat(frames, ignore_index=True))


def by_landmark(data):
    """Hazard ratio of response with its interval at many landmarks, beside the numbers of patients.

    Parameters
    ----------
    data : LessonData

    Returns
    -------
    Picture
    """
    table = arithmetic.landmark_table(data.cohort, data.endpoint, arithmetic.grid(data))
    naive = arithmetic.hazard_ratio(arithmetic.naive(arithmetic.sample(data)))
    with drawing.panels(2, height=3.7, gap=0.2) as (left, right):
        left.axhline(naive, color=OKABE_ITO[1], linestyle="--", linewidth=1.4)
        left.text(0, naive * 0.93, "naive", color=OKABE_ITO[1], fontsize=9.5, va="top")
        drawing.ratios(left, table["landmark"], table, ticks=_TICKS, markersize=4, linewidth=1.2)
        left.set(title="Hazard ratio", xlabel=f"Landmark ({data.unit})")
        left.set_xlim(0, table["landmark"].max() * 1.04)
        counts = {
            "left out": table["events_before"] + table["censored_before"],
            "responders": table["responders"],
            "respond later": table["later"],
        }
        for order, (name, numbers) in enumerate(counts.items()):
            color, style = figures.line_look(order)
            right.plot(
                table["landmark"],
                numbers,
                marker=MARKERS[order],
                markersize=3.5,
                color=color,
                linestyle=style,
                label=name,
            )
        right.set(title="Patients", xlabel=f"Landmark ({data.unit})", xlim=(0, None), ylim=(0, None))
        right.set_ylim(top=1.5 * max(numbers.max() for numbers in counts.values()))
        drawing.legend_of(right, loc="upper left")
    return drawing.picture(left, _words(table, data, naive), table, data)


def _words(table, data, naive):
    plan = table[table["landmark"].isin(data.cohort.study.analysis.response_landmarks)]
    said = "; ".join(
        f"{formats.duration(row.landmark, data.unit)} {formats.ratio(row.estimate)}, {row.events_before + row.censored_before} left "
        f"out, {row.responders} responders, {row.later} later"
        for row in plan.itertuples()
    )
    return (
        f"Left: hazard ratio of response for {data.label} at {len(table)} landmarks, and {formats.ratio(naive)} naively from time zero. "
        f"Right: numbers of patients. At the plan's landmarks: {said}."
    )

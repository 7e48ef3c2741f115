"""Sentences of the lesson "landmark" with the cohort's numbers."""

from aice_helpers.course.lessons.landmark.arithmetic import (
    hazard_ratio,
    immortal_share,
    later_time,
    naive,
    planned_row,
    sample,
)
from aice_helpers.show import formats


def comparison_words() -> str:
    """The cohort's naive and landmark results as text of `markup.written`, to be filled with `comparison_values`."""
    return (
        "**{endpoint}.** Counted from time zero, as if response had been known then: hazard ratio {naive}. From the landmark at "
        "{landmark} {unit}: {estimate} ({level} CI {limits}), among {kept} of {n} patients. Left out: {events_before} with the event and {censored_before} "
        "censored by then. {responders} had responded; {later} of the {others} others responded later. The naive rates count {before} {unit} "
        "of the responders before their response, {share} of all their time, as time of response."
    )


def comparison_values(data) -> dict:
    """What fills `comparison_words`."""
    row, patients = planned_row(data), sample(data)
    before = patients["response"].sum()
    return fields(data) | {
        "naive": formats.ratio(hazard_ratio(naive(patients))),
        "estimate": formats.ratio(row["estimate"]),
        "limits": formats.interval(row["conf_low"], row["conf_high"], formats.ratio),
        "kept": row["responders"] + row["others"],
        "before": formats.decimal(before, 0),
        "share": formats.percent(immortal_share(data), 0),
        **{name: row[name] for name in ("events_before", "censored_before", "responders", "later", "others")},
    }


def fields(data) -> dict:
    """What fills the fields of texts: names, counts, the landmark and a later time on both clocks."""
    return {
        "endpoint": data.label,
        "event": data.cohort.study.endpoints[data.endpoint].event_label,
        "unit": data.unit,
        "n": len(data.time),
        "landmark": f"{data.landmark:g}",
        "level": formats.level(data.conf_level),
        "later_time": f"{later_time(data):g}",
        "clock": f"{data.landmark + later_time(data):g}",
    }

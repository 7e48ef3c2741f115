"""The interactive figure of the lesson "median"."""

import math

from aice_helpers.course.engine.play import Play
from aice_helpers.course.lessons.median.arithmetic import TEN, band, conventions
from aice_helpers.stats.kaplan_meier import CONF_TYPES


def reader() -> Play:
    """The interactive figure: the band of the ten invented patients, read at one time after the other."""
    bands = []
    for level in (0.8, 0.9, 0.95, 0.99):
        limits = conventions(TEN["time"], TEN["event"], level)
        for scale in CONF_TYPES:
            columns = band(TEN["time"], TEN["event"], scale, level)[["time", "share", "low", "high"]]
            rows = [_jsonable(row) for row in columns.itertuples(index=False)]
            bands.append(
                {
                    "scale": scale,
                    "level": level,
                    "rows": rows,
                    "limits": _jsonable(limits.loc[scale, ["lower", "upper"]]),
                }
            )
    return Play(
        "band",
        "Reading a band sideways",
        "Move the time through the follow-up of the ten invented patients. As long as the band holds one half, the time is a "
        "possible median. Then change the scale, and the level.",
        {
            "bands": bands,
            "last": float(TEN["time"].max()),
            "time": 4,
            "scale": "log-log",
            "level": 0.95,
            "unit": "months",
        },
        "With scripts on, this figure moves a time along the curve and says whether it is too short to be the median, possible, or "
        "too long. What it shows: the possible times make the interval; another scale or level moves its ends to other steps of "
        "the curve, and with few patients the band may never come down to one half.",
    )


def _jsonable(values):
    return [None if math.isnan(value) else float(value) for value in values]

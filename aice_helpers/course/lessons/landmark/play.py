"""The interactive figure of the lesson "landmark"."""

import numpy as np
import pandas as pd

from aice_helpers.course.engine.play import Play
from aice_helpers.course.lessons.landmark.arithmetic import grid, hazard_ratio, landmark_table, naive, sample
from aice_helpers.show import formats, reason_words


def landmark_play(data) -> Play:
    """The interactive figure: one landmark after the other, with all that the cohort's analysis gives there."""
    table = landmark_table(data.cohort, data.endpoint, grid(data))
    whole = hazard_ratio(naive(sample(data)))
    numbers = table.drop(columns="reasons").astype(object)
    rows = [
        {name: None if pd.isna(value) else value for name, value in row.items()}
        | {"note": reason_words.note(reasons, data.cohort.study)}
        for row, reasons in zip(numbers.to_dict("records"), table["reasons"], strict=True)
    ]
    return Play(
        "landmark",
        "Move the landmark",
        "Early landmarks know few responders; late ones have lost many patients. Watch the **interval**, and who is left out.",
        {
            "rows": rows,
            "start": grid(data).index(data.landmark),
            "naive": whole if np.isfinite(whole) else None,
            "level": formats.level(data.conf_level),
            "endpoint": data.label,
            "unit": data.unit,
        },
        "With scripts on, this figure repeats the landmark analysis of this cohort at about thirty landmarks and shows the hazard "
        "ratio with its interval, the patients left out, the responders and those who count as not responding yet.",
    )

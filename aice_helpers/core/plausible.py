"""Limits of common measures beyond which a value is a slip, and the numbers that programs write for "not recorded"."""

from __future__ import annotations

import re

RANGES = {
    "age": {"years": (0, 115), "": (0, 115), "months": (0, 1380), "days": (0, 42_000)},
    "bmi": {"": (8, 90)},
    "height": {"cm": (30, 250), "m": (0.3, 2.5), "": (0.3, 250)},
    "weight": {"kg": (0.4, 400), "": (0.4, 900)},
    "kps": {"": (0, 100)},
    "ecog": {"": (0, 5)},
    "gleason": {"": (2, 10)},
    "temperature": {"": (25, 115)},
    "systolic": {"": (30, 350)},
    "diastolic": {"": (10, 250)},
    "hemoglobin": {"g/dL": (1, 28), "g/L": (10, 280), "": (1, 280)},
    "nlr": {"": (0.01, 300)},
    "ki67": {"": (0, 100)},
    "lvef": {"": (0, 95)},
}
"""Measure -> unit -> lowest and highest value that a person can have; "" is a unit that nobody states."""

WORDS = {
    "age": {"age", "alter", "edad", "eta", "idade", "leeftijd", "yas", "wiek"},
    "bmi": {"bmi"},
    "height": {"height", "hgt", "groesse", "talla", "altura", "taille"},
    "weight": {"weight", "wgt", "gewicht", "poids", "peso"},
    "kps": {"kps", "karno", "karnofsky"},
    "ecog": {"ecog", "zubrod"},
    "gleason": {"gleason"},
    "temperature": {"temperature", "temp"},
    "systolic": {"sbp", "sysbp", "systolic"},
    "diastolic": {"dbp", "diasbp", "diastolic"},
    "hemoglobin": {"hemoglobin", "haemoglobin", "hgb", "hb"},
    "nlr": {"nlr"},
    "ki67": {"ki67"},
    "lvef": {"lvef"},
}  # fmt: skip
"""Measure -> words of a column's name or label that mean it."""

CHANGED = {
    "loss",
    "gain",
    "change",
    "delta",
    "log",
    "ratio",
    "score",
    "group",
    "grp",
    "cat",
    "category",
    "class",
    "klasse",
    "stage",
    "grade",
    "quartile",
    "tertile",
    "status",
    "birth",
    "z",
    "sd",
    "percentile",
    "first",
}
"""Words beside a measure's name that make it another measure."""

SENTINELS = {-1.0, -9.0, -99.0, -999.0, -9999.0, -88.0, -888.0, -77.0, -8.0, -7.0, 99.0, 999.0, 9999.0, 99999.0, 999999.0, 88.0, 888.0, 8888.0, 777.0, 9998.0, 998.0,
             99.9, 999.9}  # fmt: skip
"""Numbers by which programs and people write "not recorded"."""


def plausible_range(names, unit) -> tuple[float, float] | None:
    """Limits of the measure that a name or label means, in its unit; None for a measure that is not listed.

    >>> plausible_range(["age_months"], "months"), plausible_range(["BMI"], ""), plausible_range(["weight_loss"], "kg")
    ((0, 1380), (8, 90), None)
    """
    words = {word for name in names for word in re.findall(r"[a-z]+\d*", name.lower())}
    if words & CHANGED:
        return None
    for measure, known in WORDS.items():
        if words & known:
            limits = RANGES[measure]
            # A measure with one entry has these limits in whatever unit; a unit that is not listed says nothing.
            return limits.get("" if len(limits) == 1 else unit)
    return None

"""Write the data file beside each example's study file: ``python examples/make_data.py``.

The public cohorts ship with lifelines, so the project need not carry a second copy. Every run writes the same bytes. What is
changed: patients get a running number, whole numbers are written without a decimal point, and what is missing is NA.
"""

import datetime
from pathlib import Path

import numpy as np
import pandas as pd
from lifelines import datasets

from aice_helpers.study.model import DEFAULT_STUDY

LOADERS = {
    "lymph_node": datasets.load_lymph_node,
    "lung": datasets.load_lung,
    "rossi": datasets.load_rossi,
    "larynx": datasets.load_larynx,
    "leukemia": datasets.load_leukemia,
}


def example_data(name):
    """The patient table of one example, one row a patient, with a running number as id."""
    frame = LOADERS[name]().reset_index(drop=True).convert_dtypes()
    if name == "larynx":
        frame = _with_one_stage_column(frame)
    frame.insert(0, "patient", range(1, len(frame) + 1))
    return frame


def _with_one_stage_column(frame):
    indicators = {f"Stage_{stage}": stage for stage in ("II", "III", "IV")}
    stage = frame[list(indicators)].mul(list(indicators.values())).sum(axis=1).replace("", "I")
    return frame.drop(columns=list(indicators)).assign(stage=stage)


def dated_cohort():
    """The book's synthetic cohort as a clinic keeps it: invented dates in the place of its months, in whole days."""
    patients = pd.read_csv(DEFAULT_STUDY.parent / "cohort.csv", dtype=str)
    draw = np.random.default_rng(11)
    start = [datetime.date(2012, 1, 1) + datetime.timedelta(int(days)) for days in draw.integers(0, 900, len(patients))]
    days = {name: (patients[f"{name}_months"].astype(float) * 30.4375).astype(int) for name in ("os", "pfs")}
    died, failed = (patients[f"{name}_event"] == "1" for name in ("os", "pfs"))
    # Who died without a progression has the time of the death as time of both.
    progressed = failed & ~(died & (patients["pfs_months"] == patients["os_months"]))

    def written(length, keep):
        later = (one + datetime.timedelta(int(days)) for one, days in zip(start, length, strict=True))
        return [f"{one:%d.%m.%Y}" if kept else "" for one, kept in zip(later, keep, strict=True)]

    kept = ["patient", "age_years", "sex", "tumor_size_cm", "distant_metastasis"]
    return patients[kept].assign(
        first_session=written(0 * days["os"], died | True),
        progression_date=written(days["pfs"], progressed),
        last_contact=written(days["os"], died | True),
        vital_status=np.where(died, "dead", "alive"),
    )


def write_data(folder):
    """Write each example's table into its folder below ``folder``."""
    dated_cohort().to_csv(Path(folder) / "dates" / "dates.csv", index=False, lineterminator="\n")
    for name in LOADERS:
        example_data(name).to_csv(Path(folder) / name / f"{name}.csv", index=False, na_rep="NA", lineterminator="\n")


if __name__ == "__main__":
    write_data(Path(__file__).parent)

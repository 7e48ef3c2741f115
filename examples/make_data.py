"""Write the data file beside each example's study file: ``python examples/make_data.py``.

The cohorts ship with lifelines, so the project need not carry a second copy. Every run writes the same bytes. What is
changed: patients get a running number, whole numbers are written without a decimal point, and what is missing is NA.
"""

from pathlib import Path

from lifelines import datasets

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


def write_data(folder):
    """Write each example's table into its folder below ``folder``."""
    for name in LOADERS:
        example_data(name).to_csv(Path(folder) / name / f"{name}.csv", index=False, na_rep="NA", lineterminator="\n")


if __name__ == "__main__":
    write_data(Path(__file__).parent)

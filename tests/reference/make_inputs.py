"""Write the public cohorts that the reference numbers rest on as CSV files: ``python make_inputs.py FOLDER``.

The cohorts ship with lifelines, so the project need not carry a second copy. Only column names change, and only
where a dot stands in them.
"""

import sys
from pathlib import Path

from lifelines import datasets

PUBLIC = {
    "lung": datasets.load_lung,
    "lymph_node": datasets.load_lymph_node,
    "rossi": datasets.load_rossi,
    "larynx": datasets.load_larynx,
    "leukemia": datasets.load_leukemia,
}


def write_inputs(folder):
    """Write one CSV file per public cohort into ``folder``."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for name, load in PUBLIC.items():
        frame = load().rename(columns=lambda column: column.replace(".", "_"))
        frame.to_csv(folder / f"{name}.csv", index=False)


if __name__ == "__main__":
    write_inputs(sys.argv[1])

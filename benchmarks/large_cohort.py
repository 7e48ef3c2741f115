"""Write an invented cohort of any size with its study file, to measure how the book bears large tables.

Usage: python benchmarks/large_cohort.py ROWS FOLDER

17 columns: an id, ten baseline measures (five categories, two whole numbers, three measures), the best response, its
change, and two endpoints whose times are written to six decimals, so that nearly every patient has a time of his own.
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd

STUDY = """\
title: An invented cohort of {rows} patients
synthetic: true
population: invented patients
time_unit: months
time_zero: the first treatment
patients:
  file: cohort.csv
variables:
  patient: {{label: Patient, role: id, type: text}}
  age_years: {{label: Age, unit: years, role: baseline, type: integer, range: [18, 95], step: 10}}
  sex: {{label: Sex, role: baseline, type: category, levels: {{F: Female, M: Male}}}}
  ecog: {{label: ECOG performance status, role: baseline, type: category, levels: {{"0": "0", "1": "1", "2": "2"}}}}
  site: {{label: Primary site, role: baseline, type: category, levels: {{extremity: Extremity, trunk: Trunk, abdomen: Abdomen}}}}
  grade: {{label: Grade, role: baseline, type: category, levels: {{"1": Low, "2": Intermediate, "3": High}}}}
  metastasis: {{label: Distant metastasis, role: baseline, type: category, levels: {{"0": "No", "1": "Yes"}}}}
  regimens: {{label: Earlier regimens, role: baseline, type: integer, range: [0, 10]}}
  size_cm: {{label: Tumor size, unit: cm, role: baseline, type: number, range: [0.5, 50]}}
  nlr: {{label: Neutrophil-to-lymphocyte ratio, role: baseline, type: number, range: [0.1, 60]}}
  albumin: {{label: Albumin, unit: g/l, role: baseline, type: number, range: [10, 70], step: 10}}
  best_response:
    label: Best response
    role: outcome
    type: category
    levels: {{CR: Complete response, PR: Partial response, SD: Stable disease, PD: Progressive disease, NE: Not evaluable}}
  best_change: {{label: Best change, unit: per cent, role: outcome, type: number, range: [-100, 300]}}
endpoints:
  PFS:
    label: Progression-free survival
    time: pfs_months
    event: pfs_event
    event_value: 1
    censored_value: 0
    event_label: progression or death
    not_longer_than: OS
  OS: {{label: Overall survival, time: os_months, event: os_event, event_value: 1, censored_value: 0, event_label: death}}
response:
  variable: best_response
  label: Objective response
  scheme: RECIST 1.1
  responders: [Complete response, Partial response]
  controlled: [Complete response, Partial response, Stable disease]
  progressed: [Progressive disease]
  not_evaluable: [Not evaluable]
  change: best_change
adverse_events: null
analysis:
  rate_times: [12, 24]
  rmst_horizon: 24
  groups: [metastasis, grade, size_cm]
  prognostic_factors: [age_years, sex, ecog, site, grade, metastasis, regimens, size_cm, nlr, albumin, response]
  multivariable: [age_years, ecog, grade, metastasis, regimens, size_cm, nlr, albumin]
  cut_points:
    size_cm: {{at: [10], source: invented}}
"""


def cohort(rows, seed=1) -> pd.DataFrame:
    """The table of patients; equal for equal ``rows`` and ``seed``."""
    rng = np.random.default_rng(seed)

    def missing(values, share):
        return pd.Series(values).mask(rng.random(rows) < share)

    age = rng.normal(58, 13, rows).clip(18, 95).round().astype(int)
    ecog = rng.choice(3, rows, p=[0.5, 0.4, 0.1])
    grade = rng.choice([1, 2, 3], rows, p=[0.2, 0.35, 0.45])
    metastasis = (rng.random(rows) < 0.4).astype(int)
    regimens = rng.poisson(1.2, rows).clip(0, 10)
    size = rng.gamma(4, 2, rows).clip(0.5, 50).round(1)
    nlr = rng.lognormal(1.1, 0.6, rows).clip(0.1, 60).round(3)
    albumin = rng.normal(40, 5, rows).clip(10, 70).round(1)
    risk = 0.012 * (age - 58) + 0.25 * ecog + 0.3 * (grade - 2) + 0.6 * metastasis + 0.03 * (size - 8) + 0.1 * regimens
    risk = risk + 0.15 * np.log(nlr) - 0.02 * (albumin - 40)
    death = rng.exponential(30 * np.exp(-risk)) + 1e-3
    progression = rng.exponential(14 * np.exp(-risk)) + 1e-3
    end = rng.uniform(6, 72, rows)
    os, pfs = np.minimum(death, end).round(6), np.minimum(np.minimum(death, progression), end).round(6)
    best = rng.choice(["CR", "PR", "SD", "PD", "NE"], rows, p=[0.05, 0.25, 0.4, 0.25, 0.05])
    low = pd.Series(best).map({"CR": -100, "PR": -90, "SD": -29, "PD": 21, "NE": 0}).to_numpy()
    high = pd.Series(best).map({"CR": -100, "PR": -31, "SD": 19, "PD": 120, "NE": 0}).to_numpy()
    change = pd.Series((low + (high - low) * rng.random(rows)).round(1)).mask(best == "NE")
    return pd.DataFrame(
        {
            "patient": [f"P{number:07d}" for number in range(1, rows + 1)],
            "age_years": age,
            "sex": rng.choice(["F", "M"], rows),
            "ecog": ecog,
            "site": rng.choice(["extremity", "trunk", "abdomen"], rows),
            "grade": missing(grade, 0.02).astype("Int64"),
            "metastasis": metastasis,
            "regimens": regimens,
            "size_cm": size,
            "nlr": missing(nlr, 0.03),
            "albumin": albumin,
            "best_response": best,
            "best_change": change,
            "pfs_months": pfs,
            "pfs_event": (pfs < end.round(6)).astype(int),
            "os_months": os,
            "os_event": (os < end.round(6)).astype(int),
        }
    )


def write(rows, folder):
    """Write ``cohort.csv`` and ``study.yml`` into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    cohort(rows).to_csv(folder / "cohort.csv", index=False)
    (folder / "study.yml").write_text(STUDY.format(rows=rows), encoding="utf-8")


if __name__ == "__main__":
    write(int(sys.argv[1]), Path(sys.argv[2]))

"""The default cohort gives back what the abstract prints, computed here without the helpers."""

import importlib.util
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from lifelines import CoxPHFitter
from scipy.stats import beta, chi2

DATA = Path(__file__).parents[1] / "data"
ENDPOINTS = [("os_months", "os_event"), ("pfs_months", "pfs_event")]


@pytest.fixture(scope="module")
def patients():
    return pd.read_csv(DATA / "cohort.csv", dtype={"ecog": str})


@pytest.fixture(scope="module")
def adverse_events():
    return pd.read_csv(DATA / "adverse_events.csv")


def clopper_pearson_percent(count, n):
    return 100 * beta.ppf(0.025, count, n - count + 1), 100 * beta.ppf(0.975, count + 1, n - count)


def spss_median(time, event):
    """Median and limits as SPSS prints them: median -/+ 1.96 Greenwood(S) / f, f the slope between S 0.55 and 0.45."""
    points, survival, variance = [], 1.0, 0.0
    for t in np.unique(time[event == 1]):
        at_risk, deaths = (time >= t).sum(), ((time == t) & (event == 1)).sum()
        survival *= 1 - deaths / at_risk
        variance += deaths / (at_risk * (at_risk - deaths)) if at_risk > deaths else np.nan
        points.append((t, survival, survival * np.sqrt(variance)))
    median, _, error = next(point for point in points if point[1] <= 0.5 + 1e-9)
    upper = max((point for point in points if point[1] >= 0.55 - 1e-9), key=lambda point: point[0])
    lower = min((point for point in points if point[1] <= 0.45 + 1e-9), key=lambda point: point[0])
    half = 1.96 * error / ((upper[1] - lower[1]) / (lower[0] - upper[0]))
    return median, median - half, median + half


def cox_p_values(patients, columns, time, event):
    """Column -> (Wald p or nan for a factor of several levels, likelihood-ratio p), complete cases."""
    frame = patients[[*columns, time, event]].dropna()
    coded = {column: pd.get_dummies(frame[[column]], drop_first=True, dtype=float) for column in columns}

    def fit(used):
        return CoxPHFitter().fit(pd.concat([*(coded[c] for c in used), frame[[time, event]]], axis=1), time, event)

    full = fit(columns)
    found = {}
    for column in columns:
        others = [other for other in columns if other != column]
        without = fit(others).log_likelihood_ if others else full._ll_null_
        df = coded[column].shape[1]
        wald = full.summary.loc[coded[column].columns[0], "p"] if df == 1 else np.nan
        found[column] = wald, chi2.sf(2 * (full.log_likelihood_ - without), df)
    return found


def test_size_and_ids(patients):
    assert len(patients) == 113
    assert patients["patient"].is_unique


def test_response_rates(patients):
    counts = patients["best_response"].value_counts()
    assert counts.sum() == 113
    assert counts[["CR", "PR"]].sum() == 42
    assert counts[["CR", "PR", "SD"]].sum() == 86
    assert [f"{value:.1f}" for value in (100 * 42 / 113, *clopper_pearson_percent(42, 113))] == ["37.2", "28.3", "46.8"]
    # The abstract prints 67.1: its lower limit is cut, not rounded.
    assert [f"{value:.1f}" for value in (100 * 86 / 113, *clopper_pearson_percent(86, 113))] == ["76.1", "67.2", "83.6"]


def test_best_change_fits_the_category(patients):
    change = {name: group["best_change_percent"] for name, group in patients.groupby("best_response")}
    assert (change["CR"] == -100).all()
    assert change["PR"].between(-100, -30, inclusive="right").all()
    assert change["SD"].between(-30, 20, inclusive="neither").all()
    assert (change["PD"] >= 20).all()
    assert change["NE"].isna().all()


def test_response_fits_the_times(patients):
    assessed = patients[patients["best_response"] != "NE"]
    assert (assessed["response_month"] <= assessed["pfs_months"]).all()
    progressed = patients[patients["best_response"] == "PD"]
    assert (progressed["pfs_event"] == 1).all()
    assert (progressed["response_month"] == progressed["pfs_months"]).all()
    assert progressed["pfs_months"].max() <= 5.5
    assert patients.loc[patients["best_response"].isin(["CR", "PR", "SD"]), "pfs_months"].min() >= 1.5


def test_times_are_possible(patients):
    assert (patients["pfs_months"] <= patients["os_months"]).all()
    unprogressed = patients[patients["pfs_event"] == 0]
    assert (unprogressed["os_event"] == 0).all()
    assert (unprogressed["pfs_months"] == unprogressed["os_months"]).all()
    assert (patients["pfs_months"] > 0).all()
    for time, event in ENDPOINTS:
        assert patients.loc[patients[event] == 0, time].min() > 24


def test_overall_survival(patients):
    median, low, high = spss_median(patients["os_months"].to_numpy(), patients["os_event"].to_numpy())
    assert 19.00 < median <= 19.05
    assert (f"{low:.1f}", f"{high:.1f}") == ("12.8", "25.3")
    assert (patients["os_months"] > 24).sum() == 51
    assert f"{100 * 51 / 113:.1f}" == "45.1"


def test_progression_free_survival(patients):
    median, low, high = spss_median(patients["pfs_months"].to_numpy(), patients["pfs_event"].to_numpy())
    assert median == 11.0
    assert (f"{low:.1f}", f"{high:.1f}") == ("8.6", "13.4")
    assert (patients["pfs_months"] > 24).sum() == 29
    assert f"{100 * 29 / 113:.1f}" == "25.7"


def test_adverse_events(patients, adverse_events):
    assert adverse_events["patient"].isin(patients["patient"]).all()
    having = adverse_events.groupby("event")["patient"].nunique().to_dict()
    assert having == {"pain": 26, "bone_marrow_suppression": 17, "fever": 7}
    assert set(adverse_events["grade"]) == {1, 2}
    sessions = patients.set_index("patient")["aice_sessions"]
    assert (adverse_events["session"] <= adverse_events["patient"].map(sessions)).all()
    assert not adverse_events.duplicated(["patient", "event", "session"]).any()


def test_missing_values(patients):
    unassessed = {"best_change_percent": 3, "response_month": 3}
    missing = patients.isna().sum()
    assert missing[missing > 0].to_dict() == {"ecog": 4, "histology": 2, "primary_site": 3} | unassessed
    assert patients.loc[patients["best_change_percent"].isna(), "best_response"].tolist() == ["NE"] * 3


def test_metastasis_fits_the_disease_status(patients):
    assert ((patients["disease_status"] != "recurrent") == (patients["distant_metastasis"] == 1)).all()


@pytest.mark.parametrize(("time", "event"), ENDPOINTS)
def test_univariable_cox(patients, time, event):
    for name in ("tumor_size_cm", "distant_metastasis", "postoperative_regimens", "differentiation", "nlr"):
        assert np.nanmax(cox_p_values(patients, [name], time, event)[name]) < 0.05, name
    for name in ("age_years", "sex", "ecog", "primary_site"):
        assert np.nanmin(cox_p_values(patients, [name], time, event)[name]) >= 0.05, name


def test_multivariable_cox_of_overall_survival(patients):
    frame = patients.assign(response=patients["best_response"].isin(["CR", "PR"]).astype(float))
    independent = ["tumor_size_cm", "distant_metastasis", "postoperative_regimens", "differentiation", "response"]
    found = cox_p_values(frame, [*independent, "nlr"], "os_months", "os_event")
    for name in independent:
        assert np.nanmax(found[name]) < 0.05, name
    assert np.nanmin(found["nlr"]) >= 0.05


def test_the_script_writes_both_files_byte_for_byte(tmp_path, monkeypatch):
    spec = importlib.util.spec_from_file_location("make_cohort", DATA / "make_cohort.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr("sys.argv", ["make_cohort.py", "--out", str(tmp_path)])
    module.main()
    for name in ("cohort.csv", "adverse_events.csv"):
        assert (tmp_path / name).read_bytes() == (DATA / name).read_bytes(), name


@pytest.mark.parametrize("name", ["cohort.csv", "adverse_events.csv"])
def test_the_readme_names_every_column(name):
    readme = (DATA / "README.md").read_text(encoding="utf-8")
    header = (DATA / name).read_text(encoding="utf-8").splitlines()[0]
    assert [column for column in header.split(",") if f"`{column}`" not in readme] == []

"""The examples as a reader runs them: data made, checked, analyzed (against R) and built into a book."""

import dataclasses
import json
import os
import shutil
import subprocess
import sys
from types import SimpleNamespace

import pandas as pd
import pytest
from cohorts import STUDY_FILE, TESTS, public_cohort, reference_table
from numpy.testing import assert_allclose

from aice_helpers.analysis import Analysis
from aice_helpers.build import pages
from aice_helpers.build.contents import contents_of
from aice_helpers.build.making import digest
from aice_helpers.build.offers import requirements_met
from aice_helpers.core.results import written_out
from aice_helpers.data.load import load_cohort
from aice_helpers.show.promise import promise

ROOT = TESTS.parent
EXAMPLES = sorted(
    study.parent.name for study in (ROOT / "examples").glob("*/study.yml") if study.parent.name != "dates"
)
PUBLISHED = "the patients' records are published already, as the study file declares."
KAPLAN_MEIER = {"rtol": 1e-8, "atol": 1e-8}
COX = {"rtol": 1e-6, "atol": 1e-6}
PROPORTIONAL = {"rtol": 1e-5, "atol": 1e-5}


def run(*command, **keywords):
    """What a command printed; it must end well."""
    done = subprocess.run(
        [sys.executable, *map(str, command)], capture_output=True, text=True, timeout=600, check=False, **keywords
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    """A copy of the examples with their data, made as examples/README.md says."""
    copy = tmp_path_factory.mktemp("copy") / "examples"
    shutil.copytree(ROOT / "examples", copy, ignore=shutil.ignore_patterns("*.csv", "__pycache__"))
    run(copy / "make_data.py")
    return copy


def test_invented_dates_give_the_endpoints_of_the_synthetic_cohort(folder):
    """Whole days cannot say a hundredth of a month, so times agree to a day, medians as printed and events exactly."""
    dated, months = load_cohort(folder / "dates" / "study.yml"), load_cohort(STUDY_FILE)
    printed = {}
    for name in ("PFS", "OS"):
        own, other = dated.outcome(name), months.outcome(name)
        assert (own.event == other.event).all()
        assert ((other.time - own.time >= -1e-9) & (other.time - own.time < 1 / 30.4375)).all()
        days = own.time * 30.4375
        assert_allclose(days, days.round(), rtol=0, atol=1e-9)
    for cohort in (dated, months):
        rows = Analysis(cohort).table("survival_summary")
        printed[cohort.study.title] = [f"{row.estimate:.1f} {row.events}" for row in rows.itertuples()]
    assert len(set(map(tuple, printed.values()))) == 1
    told = dated.derivation.endpoints["PFS"].outcome
    assert told.causes == ("progression", "death")
    assert not dated.derivation.endpoints["OS"].by_cutoff.any()


@pytest.fixture(scope="module", params=EXAMPLES)
def example(request, folder):
    """Name, study file, cohort and result tables of one example."""
    study = folder / request.param / "study.yml"
    cohort = load_cohort(study)
    return SimpleNamespace(name=request.param, study=study, cohort=cohort, tables=Analysis(cohort).results())


@pytest.fixture(scope="module")
def built(example, tmp_path_factory):
    """The book of one example, built once."""
    out = tmp_path_factory.mktemp("run") / "book"
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    environment = os.environ | {"PYTHONPATH": path}
    run("-m", "aice_helpers.cli", "build", example.study, "--out", out, env=environment, cwd=example.study.parent)
    return out


def reference_levels(example, name):
    """Label of each level of a variable -> what the reference calls it, which both know by its code in the data."""
    theirs = public_cohort(example.name).study.variables[name].levels
    return {label: theirs[code] for code, label in example.cohort.study.variables[name].levels.items()}


def as_reference(example, table, *, variable):
    """The rows of a table whose levels are called what the reference calls them."""
    names = {name: reference_levels(example, name) for name in set(table[variable]) - {""}}
    level = [names.get(name, {}).get(label, label) for name, label in zip(table[variable], table["level"], strict=True)]
    return table.assign(level=level)


def paired(ours, reference, *keys):
    """Both tables in the same order; they hold the same rows."""
    ours, reference = (frame.set_index(list(keys)).sort_index() for frame in (ours, reference))
    assert ours.index.is_unique
    assert list(ours.index) == list(reference.index)
    return ours, reference


def assert_columns_agree(ours, reference, columns, tolerance):
    for column, other in columns.items():
        expected = reference[other].to_numpy(float)
        assert_allclose(ours[column].to_numpy(float), expected, **tolerance, err_msg=column)


# ---- the plan --------------------------------------------------------------------------------------------------------
def test_the_issue_asks_for_four_cohorts_one_of_them_with_two_endpoints(folder):
    studies = [load_cohort(folder / name / "study.yml").study for name in EXAMPLES]
    assert len(studies) >= 4
    assert max(len(study.endpoints) for study in studies) == 2
    assert {study.time_unit for study in studies} == {"days", "weeks", "years"}


def test_making_the_data_again_gives_the_same_bytes(folder, tmp_path):
    copy = tmp_path / "examples"
    shutil.copytree(folder, copy, ignore=shutil.ignore_patterns("*.csv", "__pycache__"))
    run(copy / "make_data.py")
    for name in EXAMPLES:
        assert (copy / name / f"{name}.csv").read_bytes() == (folder / name / f"{name}.csv").read_bytes()


def test_the_data_are_not_part_of_the_project():
    assert "examples/*/*.csv" in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()


def test_the_readme_names_every_example():
    text = (ROOT / "examples" / "README.md").read_text(encoding="utf-8")
    for name in EXAMPLES:
        assert f"examples/{name}/study.yml" in text


def test_the_cohort_is_the_public_one(example):
    public = public_cohort(example.name)
    assert example.cohort.n == public.n
    assert example.cohort.study.time_unit == public.study.time_unit
    ours, theirs = example.cohort.study.analysis, public.study.analysis
    assert {name: cut.at for name, cut in ours.cut_points.items()} == {n: c.at for n, c in theirs.cut_points.items()}
    assert dataclasses.replace(ours, cut_points={}) == dataclasses.replace(theirs, cut_points={})
    assert list(example.cohort.study.endpoints) == list(public.study.endpoints)
    for endpoint in public.study.endpoints:
        ours, theirs = example.cohort.survival(endpoint), public.survival(endpoint)
        assert ours["time"].tolist() == theirs["time"].tolist()
        assert ours["event"].tolist() == theirs["event"].tolist()
    for name in public.study.analysis.prognostic_factors:
        levels = reference_levels(example, name)
        ours, theirs = example.cohort.covariate(name), public.covariate(name)
        assert ours.isna().tolist() == theirs.isna().tolist()
        ours = ours.dropna().astype(object).map(lambda value, levels=levels: levels.get(value, value))
        assert ours.tolist() == theirs.dropna().tolist()


def test_remarks_name_what_is_missing(example):
    text = "\n".join(str(remark) for remark in example.cohort.remarks)
    missing = example.cohort.patients.isna().any()
    assert bool(text) == missing.any()
    for name in missing.index[missing]:
        assert example.cohort.study.variables[name].source in text


# ---- against R -------------------------------------------------------------------------------------------------------
def test_survival_at_fixed_times_agrees_with_r(example):
    ours = as_reference(example, example.tables["survival_at"], variable="group")
    ours = ours[ours["method"].str.startswith("Kaplan-Meier, ")]
    ours = ours.assign(method=ours["method"].str.removeprefix("Kaplan-Meier, "))
    keys = ("endpoint", "group", "level", "time", "method")
    ours, r = paired(ours, reference_table("rates", cohort=example.name), *keys)
    assert ours["at_risk"].tolist() == r["n_risk"].tolist()
    assert ours["events"].tolist() == r["n_event"].tolist()
    # Beyond the last observation R gives nothing; a curve that has reached 0 stays there.
    gone = ours["estimate"].eq(0) & r["surv"].isna()
    assert_columns_agree(ours[~gone], r[~gone], {"estimate": "surv"}, KAPLAN_MEIER)
    # Before the first observation R fills in limits of 1; on a curve that runs at 1 the log-log scale has none.
    filled = ours["conf_low"].isna() & r["low"].eq(1) & r["high"].eq(1)
    assert all(reasons[0].code == "no_event_so_far" for reasons in ours["reasons"][filled])
    assert_columns_agree(ours[~filled], r[~filled], {"conf_low": "low", "conf_high": "high"}, KAPLAN_MEIER)


def test_curves_agree_with_r(example):
    r = reference_table("km", cohort=example.name)
    ours = as_reference(example, example.tables["survival_curve"], variable="group")
    ours = ours[ours["group"].isin(r["group"]) & ours["time"].gt(0)]
    ours, r = paired(ours, r, "endpoint", "group", "level", "time")
    columns = {"at_risk": "n_risk", "events": "n_event", "censored": "n_censor", "estimate": "surv"}
    columns |= {"std_error": "std_err", "conf_low": "loglog_low", "conf_high": "loglog_high"}
    assert_columns_agree(ours, r, columns, KAPLAN_MEIER)


def test_medians_agree_with_r_by_every_convention(example):
    ours = as_reference(example, example.tables["survival_summary"], variable="group")
    r = reference_table("medians", cohort=example.name)
    named = dict(zip(sorted(ours["method"].unique()), sorted(r["method"].unique()), strict=True))
    assert all(theirs in method for method, theirs in named.items())
    ours = ours.assign(method=ours["method"].map(named))
    ours, r = paired(ours, r.assign(low=r["low"].clip(lower=0)), "endpoint", "group", "level", "method")
    columns = {"n": "n", "events": "events", "estimate": "estimate", "conf_low": "low", "conf_high": "high"}
    assert_columns_agree(ours, r, columns, KAPLAN_MEIER)


def test_restricted_means_agree_with_r(example):
    r = reference_table("rmst", cohort=example.name)
    ours = as_reference(example, example.tables["rmst"], variable="group")
    assert set(ours["time"]) == {example.cohort.study.analysis.rmst_horizon}
    keys = ["endpoint", "group", "level"]
    # The reference leaves out levels whose follow-up ends before the horizon.
    ours, r = paired(ours.merge(r[keys]), r, *keys)
    assert_columns_agree(ours, r, {"estimate": "rmst", "std_error": "std_err"}, KAPLAN_MEIER)


def test_logrank_tests_agree_with_r(example):
    table = as_reference(example, example.tables["logrank"], variable="group")
    r = reference_table("logrank", cohort=example.name)
    ours, levels = paired(table[table["level"] != ""], r, "endpoint", "group", "level")
    assert_columns_agree(ours, levels, {"n": "n", "events": "observed", "expected": "expected"}, KAPLAN_MEIER)
    ours, r = paired(table[table["level"] == ""], r.drop_duplicates(["endpoint", "group"]), "endpoint", "group")
    assert_columns_agree(ours, r, {"statistic": "chisq", "df": "df", "p_value": "p"}, KAPLAN_MEIER)


def test_cox_models_agree_with_r(example):
    table = example.tables["cox"]
    ours = as_reference(example, table[table["kind"].isin(["numeric", "level"])], variable="term")
    ours, r = paired(ours, reference_table("cox", cohort=example.name), "endpoint", "model", "term", "level")
    # The examples choose steps that read well (per 10 years); a coefficient grows with its step.
    variables = public_cohort(example.name).study.variables
    step = ours["step"].fillna(1) / [variables[term].step for term in ours.index.get_level_values("term")]
    r = r.assign(coef=r["coef"] * step, se=r["se"] * step)
    r = r.assign(hr=r["hr"] ** step, low=r["low"] ** step, high=r["high"] ** step)
    columns = {"coefficient": "coef", "std_error": "se", "estimate": "hr", "conf_low": "low", "conf_high": "high"}
    assert_columns_agree(ours, r, columns | {"p_value": "p"}, COX)


def test_joint_tests_of_factors_agree_with_r(example):
    table = example.tables["cox"]
    keys = ["endpoint", "model", "term"]
    ours = table[table["kind"] == "joint"]
    factors = {name for name in ours["term"] if example.cohort.study.variables[name].levels}
    planned = example.cohort.study.analysis.prognostic_factors
    assert factors == {name for name in planned if example.cohort.study.variables[name].levels}
    r = reference_table("cox_joint", cohort=example.name)
    ours, r = paired(ours, r.merge(ours[keys]), *keys)
    assert_columns_agree(ours, r, {"statistic": "lr", "df": "df", "p_value": "lr_p"}, COX)


def test_whole_models_agree_with_r(example):
    table = example.tables["model_performance"].set_index(["endpoint", "term"])
    for expected in reference_table("cox_fit", cohort=example.name, model="multivariable").itertuples():
        for term, short in (("likelihood ratio", "lr"), ("Wald", "wald"), ("score", "score")):
            row = table.loc[(expected.endpoint, term)]
            assert_allclose(row["statistic"], getattr(expected, short), **COX)
            assert_allclose(row["p_value"], getattr(expected, f"{short}_p"), **COX)
        assert_allclose(table["estimate"][expected.endpoint, "concordance"], expected.concordance, **COX)


def test_proportional_hazards_agree_with_cox_zph(example):
    r = reference_table("ph_test", cohort=example.name, transform="km")
    r = r[(r["model"] == "multivariable") | (r["term"] != "GLOBAL")]
    ours, r = paired(example.tables["ph_test"], r, "endpoint", "model", "term")
    assert_columns_agree(ours, r, {"statistic": "chisq", "df": "df", "p_value": "p"}, PROPORTIONAL)


# ---- the book --------------------------------------------------------------------------------------------------------
def test_the_whole_book_is_built(example, built):
    offers = requirements_met(Analysis(example.cohort))
    contents = contents_of(pages.ROOT, pages.pages(), offers)
    for page in set(pages.pages()) - set(contents.pages):
        assert not (built / "html" / page.with_suffix(".html")).exists()
    for page in contents.pages:
        text = (built / "html" / page.with_suffix(".html")).read_text(encoding="utf-8")
        assert "Synthetic data." not in text
        assert "Not masked: " in text
        if page.suffix == ".ipynb":
            assert example.cohort.study.title in text
            executed = json.loads((built / "notebooks" / page.name).read_text(encoding="utf-8"))
            outputs = [output for cell in executed["cells"] for output in cell.get("outputs", [])]
            assert outputs
            assert not [output for output in outputs if output["output_type"] == "error"]
    record = json.loads((built / "run.json").read_text(encoding="utf-8"))
    assert record["synthetic"] is False
    assert record["results_sha256"] == digest(built / "results")
    assert record["promise"] == promise(Analysis(example.cohort)) == "Not masked: " + PUBLISHED
    assert "data_sha256" not in record


def test_results_of_the_book_are_the_tables(example, built):
    assert {file.stem for file in (built / "results").iterdir()} == set(example.tables)
    for name, table in example.tables.items():
        table = written_out(table)
        # Levels that are digits ("1") are texts: left to itself, pandas makes them numbers where some cells are empty.
        texts = {column: str for column in table if table[column].dtype == object}
        file = built / "results" / f"{name}.csv"
        written = pd.read_csv(file, keep_default_na=False, na_values=[""], dtype=texts)
        assert list(written.columns) == list(table.columns)
        assert len(written) == len(table)
        for column in table:
            if table[column].dtype == object:
                assert written[column].fillna("").tolist() == table[column].tolist(), (name, column)
            else:
                expected = table[column].astype("float64")
                assert_allclose(written[column].astype("float64"), expected, rtol=1e-12, err_msg=f"{name} {column}")

"""Cohorts for tests: small ones made from a frame, the public ones of the reference files, and those files' tables."""

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
from lifelines import datasets

from aice_helpers.data.cohort import Cohort
from aice_helpers.data.outcome import Outcome
from aice_helpers.study.model import Analysis, CutPoints, DataFile, Endpoint, Response, Study, Variable

TESTS = Path(__file__).parent
STUDY_FILE = TESTS.parent / "data" / "study.yml"


def make_cohort_from(
    frame,
    *,
    endpoints=None,
    variables=None,
    response=None,
    analysis=None,
    adverse_events=None,
    time_unit="months",
    **study,
):
    """A `Cohort` made of the columns of ``frame``, without a file.

    Parameters
    ----------
    frame : DataFrame
        One row a patient; the patients are named by the position of their row.
    endpoints : dict, optional
        Name -> (time column, event column), events as truth values or 0 and 1. Default ``{"OS": ("time", "event")}``.
    variables : dict, optional
        Name (a column of ``frame``) -> keywords of `Variable`; ``label``, ``role`` and ``type`` have defaults. A
        category gives ``levels`` as code -> label, or as a list when code and label are the same.
    response, analysis : dict, optional
        Keywords of `Response` (``label`` and ``scheme`` have defaults) and of `Analysis`; ``cut_points`` may map a name
        to a list of limits.
    adverse_events : DataFrame, optional
        The table as the cohort holds it; pass the plan as ``adverse_events_plan``.
    """
    declared = {"patient": Variable("patient", "Patient", "id", "text")}
    columns = {}
    for name, keywords in (variables or {}).items():
        keywords = {"label": name, "role": "baseline", "type": "number", **keywords}
        levels = keywords.get("levels", {})
        if not isinstance(levels, dict):
            levels = {str(level): str(level) for level in levels}
        if levels:
            keywords |= {"type": "category", "levels": levels}
            labels = [levels.get(_code(value)) for value in frame[name]]
            columns[name] = pd.Categorical(labels, categories=list(levels.values()), ordered=True)
        else:
            columns[name] = frame[name].to_numpy(float)
        declared[name] = Variable(name=name, **keywords)
    index = pd.Index([str(place) for place in range(len(frame))], name="patient", dtype=object)
    outcomes = {}
    named = {}
    for name, (time, event) in (endpoints or {"OS": ("time", "event")}).items():
        named[name] = Endpoint(name, name, time, event)
        outcomes[name] = Outcome.of(frame[time].to_numpy(float), frame[event].to_numpy(bool))
    plan = dict(analysis or {})
    plan["cut_points"] = {
        name: cut if isinstance(cut, CutPoints) else CutPoints(tuple(map(float, cut)), "test")
        for name, cut in plan.get("cut_points", {}).items()
    }
    definition = Study(
        title="Test",
        synthetic=True,
        time_unit=time_unit,
        patients=DataFile("test.csv"),
        variables=declared,
        endpoints=named,
        response=None if response is None else Response(**{"label": "Response", "scheme": "test", **response}),
        adverse_events=study.pop("adverse_events_plan", None),
        analysis=Analysis(**plan),
        **study,
    )
    patients = pd.DataFrame(columns, index=index)
    return Cohort(definition, patients, adverse_events, outcomes, (), "test")


def _code(value):
    if pd.isna(value):
        return None
    return str(int(value)) if isinstance(value, float) and value == int(value) else str(value)


def times_cohort(time, event, **keywords):
    """A cohort of one endpoint, "OS", from times and event flags; further columns as a dict ``columns``."""
    frame = pd.DataFrame({"time": time, "event": event} | keywords.pop("columns", {}))
    return make_cohort_from(frame, **keywords)


@cache
def public_cohort(name):
    """One of the public cohorts of the reference files (lifelines' names), with the same plan."""
    plan = {
        "lung": {
            "endpoints": {"death": ("time", "status")},
            "variables": {
                "age": {},
                "sex": {"levels": {"1": "Male", "2": "Female"}},
                "ph_ecog": {"levels": ["0", "1", "2", "3"]},
                "ph_karno": {},
                "wt_loss": {},
            },
            "analysis": {
                "rate_times": (180.0, 365.0, 1000.0, 2000.0),
                "rmst_horizon": 365.0,
                "groups": ("sex", "ph_ecog"),
                "prognostic_factors": ("age", "sex", "ph_ecog", "ph_karno", "wt_loss"),
                "multivariable": ("age", "sex", "ph_karno", "wt_loss"),
            },
            "time_unit": "days",
        },
        "lymph_node": {
            "endpoints": {"recurrence": ("rectime", "censrec"), "death": ("survtime", "censdead")},
            "variables": {
                "age": {"step": 10.0},
                "menopause": {"levels": ["1", "2"]},
                "hormone": {"levels": ["1", "2"]},
                "size": {},
                "grade": {"levels": ["1", "2", "3"]},
                "nodes": {},
                "prog_recp": {},
            },
            "analysis": {
                "rate_times": (365.0, 1095.0, 1826.0, 4000.0),
                "rmst_horizon": 1826.0,
                "groups": ("hormone", "grade"),
                "prognostic_factors": ("age", "menopause", "hormone", "size", "grade", "nodes", "prog_recp"),
                "multivariable": ("age", "menopause", "hormone", "size", "grade", "nodes", "prog_recp"),
            },
            "time_unit": "days",
        },
        "rossi": {
            "endpoints": {"arrest": ("week", "arrest")},
            "variables": {
                "fin": {"levels": ["0", "1"]},
                "age": {},
                "race": {"levels": ["0", "1"]},
                "wexp": {"levels": ["0", "1"]},
                "mar": {"levels": ["0", "1"]},
                "paro": {"levels": ["0", "1"]},
                "prio": {},
            },
            "analysis": {
                "rate_times": (10.0, 26.0, 52.0, 60.0),
                "rmst_horizon": 52.0,
                "groups": ("fin", "wexp"),
                "prognostic_factors": ("fin", "age", "race", "wexp", "mar", "paro", "prio"),
                "multivariable": ("fin", "age", "race", "wexp", "mar", "paro", "prio"),
            },
            "time_unit": "weeks",
        },
        "larynx": {
            "endpoints": {"death": ("time", "death")},
            "variables": {"age": {"step": 10.0, "unit": "years"}, "stage": {"levels": ["I", "II", "III", "IV"]}},
            "analysis": {
                "rate_times": (1.0, 3.0, 5.0, 12.0),
                "rmst_horizon": 5.0,
                "groups": ("stage", "age"),
                "prognostic_factors": ("age", "stage"),
                "multivariable": ("age", "stage"),
                "cut_points": {"age": [65]},
            },
            "time_unit": "years",
        },
        "leukemia": {
            "endpoints": {"relapse": ("t", "status")},
            "variables": {
                "treatment": {"levels": ["1", "0"]},
                "sex": {"levels": ["0", "1"]},
                "log_wbc": {},
            },
            "analysis": {
                "rate_times": (5.0, 10.0, 20.0, 40.0),
                "rmst_horizon": 20.0,
                "groups": ("treatment", "sex"),
                "prognostic_factors": ("treatment", "sex", "log_wbc"),
                "multivariable": ("treatment", "sex", "log_wbc"),
            },
            "time_unit": "weeks",
        },
    }[name]
    frame = getattr(datasets, f"load_{name}")().rename(columns=lambda column: column.replace(".", "_"))
    if name == "larynx":
        stages = ["II", "III", "IV"]
        frame["stage"] = np.select([frame[f"Stage_{stage}"] == 1 for stage in stages], stages, "I")
    return make_cohort_from(frame.rename(columns={"Rx": "treatment", "logWBC": "log_wbc"}), **plan)


@cache
def _reference_file(name):
    text = (
        "cohort",
        "endpoint",
        "group",
        "level",
        "reference",
        "strata",
        "method",
        "model",
        "factor",
        "term",
        "transform",
    )
    frame = pd.read_csv(TESTS / "reference" / f"{name}.csv", dtype=dict.fromkeys(text, str), encoding="utf-8")
    return frame.fillna({column: "" for column in text if column in frame})


def reference_table(name, **where):
    """Rows of one of R's reference tables (see ``reference/make_reference.R``) whose columns equal ``where``."""
    frame = _reference_file(name)
    for column, value in where.items():
        frame = frame[frame[column] == value]
    return frame.reset_index(drop=True)

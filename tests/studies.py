"""Study files and data written to disk for tests: a sound clinic cohort and ways to make it odd."""

import copy

import numpy as np
import pandas as pd
import yaml


def clinic(n=60, seed=1):
    """A plain two-endpoint cohort (patients, adverse events, study mapping) of ``n`` patients."""
    rng = np.random.default_rng(seed)
    overall = np.round(rng.exponential(20, n) + 0.5, 1)
    progression = np.round(overall * rng.uniform(0.3, 1.0, n), 1)
    died = (rng.random(n) < 0.7).astype(int)
    patients = pd.DataFrame(
        {
            "id": [f"{i:04d}" for i in range(1, n + 1)],
            "age": rng.integers(30, 80, n),
            "stage": rng.choice(["II", "III", "IV"], n),
            "sex": rng.choice(["f", "m"], n),
            "best": rng.choice(["CR", "PR", "SD", "PD", "NE"], n, p=[0.1, 0.3, 0.3, 0.2, 0.1]),
            "pfs": np.minimum(progression, overall),
            "pfs_event": np.maximum(died, (rng.random(n) < 0.8).astype(int)),
            "os": overall,
            "os_event": died,
        }
    )
    patients["seen"] = np.round(np.minimum(patients["pfs"], 2.0), 1)
    patients["change"] = patients["best"].map({"CR": -100.0, "PR": -45.0, "SD": 3.0, "PD": 40.0})
    rows = rng.choice(n, min(n, 20), replace=False)
    events = pd.DataFrame(
        {"id": patients["id"].iloc[np.sort(rows)], "event": "pain", "grade": rng.integers(1, 4, len(rows))}
    )
    category = {"role": "baseline", "type": "category"}
    study = {
        "title": "A clinic",
        "synthetic": False,
        "time_unit": "months",
        "patients": {"file": "patients.csv"},
        "variables": {
            "id": {"label": "Patient", "role": "id", "type": "text"},
            "age": {"label": "Age", "unit": "years", "role": "baseline", "type": "number", "step": 10},
            "stage": {"label": "Stage", **category, "levels": {"II": "II", "III": "III", "IV": "IV"}},
            "sex": {"label": "Sex", **category, "levels": {"f": "Female", "m": "Male"}},
            "best": {
                "label": "Best response", "role": "outcome", "type": "category",
                "levels": {"CR": "CR", "PR": "PR", "SD": "SD", "PD": "PD", "NE": "NE"},
            },
            "seen": {"label": "Month of assessment", "role": "outcome", "type": "number"},
            "change": {"label": "Best change", "role": "outcome", "type": "number"},
        },
        "endpoints": {
            "PFS": {"label": "Progression-free survival", "time": "pfs", "event": "pfs_event", "not_longer_than": "OS"},
            "OS": {"label": "Overall survival", "time": "os", "event": "os_event", "event_label": "death"},
        },
        "response": {
            "variable": "best", "label": "Response", "scheme": "RECIST 1.1", "responders": ["CR", "PR"],
            "controlled": ["CR", "PR", "SD"], "progressed": ["PD"], "not_evaluable": ["NE"], "change": "change",
            "month": "seen",
        },
        "adverse_events": {
            "data": {"file": "events.csv"}, "patient": "id", "term": "event", "grade": "grade", "scheme": "CTCAE",
            "grades": {"1": "Grade 1", "2": "Grade 2", "3": "Grade 3", "4": "Grade 4", "5": "Grade 5"},
            "severe_from": "Grade 3",
        },
        "analysis": {
            "confidence_level": 0.95, "rate_times": [12, 24], "rmst_horizon": 24, "groups": ["stage", "age"],
            "prognostic_factors": ["age", "stage", "sex", "response"], "multivariable": ["age", "stage"],
            "response_landmarks": [1, 3], "cut_points": {"age": {"at": [60], "source": "an assumption"}},
        },
    }  # fmt: skip
    return patients, events, study


def good_prognosis(n=120):
    """A clinic in which a third have each event, most of them early, so that no median is reached."""
    patients, events, study = clinic(n)
    seen = {time: (patients[time].rank(method="first") <= n / 2) & (patients.index % 3 > 0) for time in ("os", "pfs")}
    flags = {f"{time}_event": values.astype(int) for time, values in seen.items()}
    # A letter, for four digits may also be those of a number on a page.
    return patients.assign(id="P" + patients["id"], **flags), events.assign(id="P" + events["id"]), study


def write_study(folder, patients, events, study):
    """Write the three files and return the path of the study file."""
    folder.mkdir(parents=True, exist_ok=True)
    patients.to_csv(folder / "patients.csv", index=False)
    if events is not None:
        events.to_csv(folder / "events.csv", index=False)
    path = folder / "study.yml"
    path.write_text(yaml.safe_dump(_texts(study), allow_unicode=True, sort_keys=False), encoding="utf-8")
    return path


def _texts(value):
    if isinstance(value, dict):
        return {key: _texts(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_texts(inner) for inner in value]
    return value if isinstance(value, bool) else str(value)


def without(study, *keys):
    """The study mapping without some of its keys ("analysis.groups" names an inner one)."""
    study = copy.deepcopy(study)
    for key in keys:
        outer, _, inner = key.partition(".")
        (study[outer] if inner else study).pop(inner or outer)
    return study


def survival_only(study):
    """The study mapping reduced to id, endpoints and times."""
    study = without(study, "response", "adverse_events")
    study["variables"] = {"id": study["variables"]["id"]}
    study["analysis"] = {"rate_times": [12], "rmst_horizon": 12}
    return study


def missing_outcomes(patients, first=6, second=9):
    """The patients, a sixth of them without a progression time and some of the others without a state of survival."""
    order = patients.index.to_numpy()
    return patients.assign(
        pfs=patients["pfs"].where(order % first != 0),
        os_event=patients["os_event"].astype("Int64").mask(order % second == 1),
    )


def response_only(study):
    """The study mapping without endpoints."""
    study = without(study, "endpoints")
    study["analysis"] = {"groups": ["stage", "age"], "cut_points": study["analysis"]["cut_points"]}
    return study


HOSTILE = "<script>document.title='owned'</script> $x^2$ {{ y }} **b** `c` [l](http://x.invalid) =1+1"


def odd_clinics():
    """Name -> (patients, events, study) of every odd cohort that the book must survive."""
    patients, events, study = clinic()
    odd = {"plain": (patients, events, study)}

    early = {time: (patients[time].rank(method="first") <= 10).astype(int) for time in ("os", "pfs")}
    long = patients.assign(os_event=early["os"], pfs_event=early["pfs"])
    odd["median not reached"] = (long, events, study)
    odd["good prognosis"] = good_prognosis()
    odd["no events"] = (patients.assign(os_event=0, pfs_event=0), events, study)
    one_time = patients.assign(os=12.0, pfs=12.0, os_event=1, pfs_event=1, seen=1.0)
    odd["all events at one time"] = (one_time, events, study)
    zero = patients.assign(os=0.0, pfs=0.0, seen=0.0)
    odd["everyone at time zero"] = (zero, events, study)
    some_zero = patients.assign(
        pfs=patients["pfs"].where(patients.index > 5, 0.0), seen=patients["seen"].where(patients.index > 5, 0.0)
    )
    odd["some at time zero"] = (some_zero, events, study)
    for count in (1, 3):
        few = patients.head(count)
        odd[f"{count} patients"] = (few, events[events["id"].isin(few["id"])], study)
    odd["no progression endpoint"] = (
        patients, events, {**study, "endpoints": {"OS": study["endpoints"]["OS"]}},
    )  # fmt: skip
    no_response = without(study, "response")
    no_response["analysis"] = {
        **study["analysis"],
        "prognostic_factors": ["age", "stage", "sex"],
        "response_landmarks": [],
    }
    odd["no response"] = (patients, events, no_response)
    odd["response never evaluable"] = (patients.assign(best="NE", change=np.nan, seen=np.nan), events, study)
    odd["nobody responds"] = (patients.assign(best="PD", change=40.0), events, study)
    odd["no adverse events recorded"] = (patients, events.head(0), study)
    odd["no adverse-event file"] = (patients, None, without(study, "adverse_events"))
    odd["survival only"] = (patients, None, survival_only(study))
    odd["missing outcomes"] = (missing_outcomes(patients), events, study)
    odd["response only"] = (patients, events, response_only(study))
    odd["single group"] = (patients.assign(stage="II", sex="f"), events, study)
    ties = patients.assign(os=np.ceil(patients["os"] / 6) * 6, pfs=np.ceil(patients["pfs"] / 6) * 6)
    odd["heavy ties"] = (ties, events, study)
    days = patients.assign(**{c: (patients[c] * 30).round() for c in ("os", "pfs", "seen")})
    in_days = {
        **study,
        "time_unit": "days",
        "analysis": {**study["analysis"], "rate_times": [365], "rmst_horizon": 365},
    }
    in_days["analysis"]["response_landmarks"] = [30, 90]
    odd["days, 90% confidence"] = (
        days,
        events,
        {**in_days, "analysis": {**in_days["analysis"], "confidence_level": 0.9}},
    )
    three = copy.deepcopy(study)
    three["endpoints"] = {
        "DFS": {"label": "Disease-free survival", "time": "pfs", "event": "pfs_event"},
        "LC": {"label": "Local control", "time": "pfs", "event": "os_event", "event_label": "local relapse"},
        "OS": study["endpoints"]["OS"],
    }
    odd["three endpoints with other names"] = (patients, events, three)
    separated = patients.assign(stage=np.where(patients["os_event"] + patients["pfs_event"] == 0, "IV", "II"))
    odd["separation"] = (separated, events, study)
    gaps = patients.assign(age=patients["age"].where(patients.index % 2 == 0), sex=None)
    odd["missing covariates"] = (gaps, events, study)
    chinese = copy.deepcopy(study)
    chinese["title"] = "软组织肉瘤队列"
    chinese["variables"]["stage"].update(label="临床分期", levels={"II": "二期", "III": "三期", "IV": "四期 é"})
    odd["Chinese labels"] = (patients, events, chinese)
    hostile = copy.deepcopy(study)
    hostile["title"] = HOSTILE
    hostile["variables"]["stage"].update(label=f"Stage {HOSTILE}", levels={"II": HOSTILE, "III": "III", "IV": "IV"})
    hostile["endpoints"]["OS"]["label"] = f"Overall {HOSTILE}"
    odd["hostile labels"] = (patients, events.assign(event=HOSTILE), hostile)
    return odd


def odd_in_every_way():
    """A clinic whose tables hold every kind of gap: nothing about it is as the default cohort is.

    Days and 90% intervals, a median that is not reached, values missing in every kind of variable, a level without
    patients and one without events, a factor of the joint model alone, times beyond the last observation, events
    without a grade, a planned term that nobody had, and responders assessed at the very day of a landmark.
    """
    patients, events, study = clinic(90, seed=5)
    order = patients["os"].rank(method="first")
    patients = patients.assign(
        os_event=((order <= 45) & (patients.index % 3 > 0)).astype(int),
        pfs_event=((order <= 62) & (patients.index % 4 > 0)).astype(int),
        age=patients["age"].where(patients.index % 5 > 0),
        sex=patients["sex"].where(patients.index % 11 > 0),
        site=np.where(patients.index % 3 == 0, "rare", np.where(patients.index % 2 == 0, "leg", "arm")),
        best=patients["best"].where(patients.index % 17 > 0),
        change=patients["change"].where(patients.index % 7 > 0),
        sessions=np.where(patients.index % 6 == 0, np.nan, 1 + patients.index % 4),
        seen=patients["seen"].where(patients.index % 13 > 0),
        **{time: (patients[time] * 30).round() for time in ("os", "pfs")},
    )
    patients["seen"] = np.minimum((patients["seen"] * 15).round(), patients["pfs"])
    at_landmark = patients["best"].isin(["CR", "PR"]) & patients["seen"].notna() & (patients["pfs"] > 60)
    patients.loc[at_landmark & (patients.index % 2 == 0), "seen"] = 30.0
    patients.loc[at_landmark & (patients.index % 2 == 1), "seen"] = 45.0
    events = pd.concat([events, events.head(6).assign(event="fever")], ignore_index=True)
    events["grade"] = events["grade"].astype("Int64").where(events.index % 8 > 0)
    study = copy.deepcopy(study)
    study["time_unit"] = "days"
    study["published"] = "published.yml"
    study["variables"]["stage"]["levels"] = {"I": "I", "II": "II", "III": "III", "IV": "IV"}
    study["variables"]["site"] = {
        "label": "Site", "role": "baseline", "type": "category",
        "levels": {"arm": "Arm", "leg": "Leg", "rare": "Rare"},
    }  # fmt: skip
    study["variables"]["sessions"] = {
        "label": "Sessions",
        "role": "post-baseline",
        "type": "integer",
        "range": [0.5, 9],
    }
    study["adverse_events"]["term_labels"] = {"pain": "Pain", "fever": "Fever", "rash": "Rash"}
    study["endpoints"]["PFS"]["event_label"] = "progression or death"
    study["analysis"] |= {
        "confidence_level": 0.9, "rate_times": [90, 365, 9000], "rmst_horizon": 9000, "response_landmarks": [30, 60],
        "prognostic_factors": ["age", "stage", "site", "response", "sessions"], "multivariable": ["age", "sex"],
        "groups": ["stage", "age", "site"],
    }  # fmt: skip
    return patients, events, study


PUBLISHED = [
    {"id": "n", "quote": "90 patients", "value": "90", "chapter": "cohort",
     "find": {"table": "baseline", "where": {"term": "flow", "level": "in the file"}, "column": "count"}},
    {"id": "median", "quote": "median 100.0 days", "value": "100.0", "decimals": "1", "unit": "days", "chapter": "survival",
     "find": {"table": "survival_summary", "where": {"endpoint": "PFS", "group": "", "method": "SPSS"}, "column": "estimate"},
     "convention": {"method": "log-log"}},
    {"id": "none", "quote": "median not given", "value": "10", "unit": "days", "chapter": "survival",
     "find": {"table": "survival_summary", "where": {"endpoint": "OS", "group": "", "method": "SPSS"}, "column": "estimate"}},
    {"id": "test", "quote": "age: P < 0.05", "below": "0.05", "chapter": "prognostic-factors",
     "find": {"table": "cox", "where": {"endpoint": "PFS", "model": "univariable", "term": "age", "kind": "joint"}, "column": "p_value"}},
    {"id": "said", "quote": "one center", "chapter": "cohort"},
]  # fmt: skip
"""Published numbers of `odd_in_every_way`."""


def write_odd_study(folder):
    """`odd_in_every_way` with its published numbers, as files; returns the path of the study file."""
    path = write_study(folder, *odd_in_every_way())
    items = [{"topic": "All", "explanation": "Made for a test.", **item} for item in PUBLISHED]
    text = yaml.safe_dump({"source": "A test", "items": items}, sort_keys=False)
    (folder / "published.yml").write_text(text, encoding="utf-8")
    return path


def dated_clinic(n=60, seed=7):
    """A clinic that keeps dates (patients, study mapping): progression, death, scans, a new therapy, a cut-off."""
    rng = np.random.default_rng(seed)
    start = pd.Timestamp("2016-01-01") + pd.to_timedelta(rng.integers(0, 1200, n), unit="D")
    seen = start + pd.to_timedelta(rng.integers(60, 1500, n), unit="D")
    share = rng.uniform(0.1, 0.9, n)
    between = start + pd.to_timedelta((share * (seen - start).days).astype(int), unit="D")
    scan = start + pd.to_timedelta((0.8 * (between - start).days).astype(int), unit="D")
    therapy = start + pd.to_timedelta((rng.uniform(0.5, 1.0, n) * (seen - start).days).astype(int), unit="D")
    days = pd.DataFrame(
        {"start": start, "progression": between, "death": seen, "scan": scan, "therapy": therapy, "seen": seen}
    )
    days.loc[rng.random(n) < 0.4, "progression"] = pd.NaT
    days.loc[rng.random(n) < 0.5, "death"] = pd.NaT
    days.loc[rng.random(n) < 0.7, "therapy"] = pd.NaT
    patients = pd.DataFrame({"id": [f"D{i:03d}" for i in range(n)], "sex": rng.choice(["f", "m"], n)})
    for name, values in days.items():
        patients[name] = values.dt.strftime("%Y-%m-%d")
    patients.loc[3, "start"] = patients.loc[3, "start"][:7]
    study = {
        "title": "A clinic that keeps dates", "synthetic": False, "time_unit": "months", "patients": {"file": "patients.csv"},
        "variables": {
            "id": {"label": "Patient", "role": "id", "type": "text"},
            "sex": {"label": "Sex", "role": "baseline", "type": "category", "levels": {"f": "Female", "m": "Male"}},
        },
        "dates": {
            "start": "start", "events": {"progression": "progression", "death": "death"}, "last_assessment": "scan",
            "last_contact": "seen", "cutoff": "2019-06-30", "partial": {"day": 1},
            "new_therapy": {"column": "therapy", "handling": "ignored"},
            "missed_assessments": {"handling": "ignored", "interval": 60},
        },
        "endpoints": {
            "PFS": {
                "label": "Progression-free survival", "event_label": "progression or death", "first_of": ["progression", "death"],
            },
            "OS": {"label": "Overall survival", "event_label": "death", "first_of": ["death"]},
        },
        "analysis": {"rate_times": [12, 24], "groups": ["sex"], "prognostic_factors": ["sex"]},
    }  # fmt: skip
    return patients, None, study

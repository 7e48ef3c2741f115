"""Random study files with data, one a seed: whatever a study file may say, in combinations nobody thought of."""

import numpy as np
import pandas as pd

HOSTILE = (
    "says \"quoted\", 'twice'; and more",
    "<b>bold</b> & <i>x</i>",
    "$x_1^2$ costs $5",
    "{field} {{y}} %s %d",
    r"back\slash \frac{1}{2}",
    "# hash - dash | pipe `code` **b** [l](http://x.invalid)",
    "=1+1",
    "三期 临床分期",
    "é ü ß Ω ≥ 5 °C",
    "A label that goes on and on, as those of registries do, until nobody remembers how it began or why",
    "masked: fewer than 5 patients; not estimable",
    "Unbrokenlabelwithoutanyspacewhichtakesmorethanonelineofanyfigure",
    "- 1: yes, no",
    "two\nlines",
    "NA",
    "0",
)
"""Labels that a page, a figure, a table or a parser of texts may stumble over."""

SCALES = {"days": 600.0, "weeks": 80.0, "months": 20.0, "years": 2.0}
"""Unit of time -> a usual length of follow-up."""

LEVELS = (
    ("No", "Yes"), ("I", "II", "III", "IV"), ("low", "middle", "high"), ("A", "B", "C", "D", "E", "F"),
    ("0", "1", "2"), ("female", "male"), ("一期", "二期"),
)  # fmt: skip

TAKEN = ("time", "event", "x", "patient", "value", "second", "index", "level", "all factors", "model", "score", "Wald")
"""Names of variables that the book uses for something else as well."""

RESERVED = ("flow", "GLOBAL", "response", "adverse events")
"""Names that no variable or endpoint may have."""

WORDS = (
    "Any adverse event",
    "any grade",
    "severe or worse",
    "ORR",
    "DCR",
    "Not recorded",
    "Response",
    "No response",
    "GLOBAL",
)
"""Labels that the book uses for something else."""

BOUNDED = ("PFS", "DFS", "EFS", "无进展")
"""Names of endpoints that are never longer than overall survival."""


class _Draw:
    """Random choices of one seed."""

    def __init__(self, seed):
        self.rng = np.random.default_rng(seed)
        self.sound = self.chance(0.5)
        """Whether the cohort is large and complete enough for the lessons; oddities of the study file remain."""

    def chance(self, share):
        return bool(self.rng.random() < share)

    def pick(self, choices):
        return choices[int(self.rng.integers(len(choices)))]

    def some(self, choices, most=None):
        """A random selection in random order, of any size up to ``most``; it may be empty."""
        choices = list(choices)
        most = len(choices) if most is None else min(most, len(choices))
        count = int(self.rng.integers(most + 1))
        return [choices[place] for place in self.rng.permutation(len(choices))[:count]]

    def label(self, plain, share=0.25):
        if self.chance(0.03):
            return self.pick(WORDS)
        return self.pick(HOSTILE) if self.chance(share) else plain


def generated(seed):
    """A study of one seed.

    Returns
    -------
    tuple
        Patients and adverse events (or None) as DataFrames of cell contents, the study mapping as `studies.write_study`
        takes them, and the limit of masking (0 or 5).
    """
    draw = _Draw(seed)
    n = draw.pick((80, 100, 120) if draw.sound else (1, 2, 3, 5, 8, 15, 30, 45, 60, 80, 100, 120))
    unit = draw.pick(tuple(SCALES))
    patients = pd.DataFrame({"no": [f"P-{place:03d}x" for place in draw.rng.permutation(n) + 1]})
    variables = {"no": {"label": "Patient", "role": "id", "type": "text"}}
    risk = _covariates(draw, patients, variables)
    endpoints = _endpoints(draw, patients, unit, risk)
    response = _response(draw, patients, variables, endpoints) if draw.chance(0.65) else None
    events, plan = _adverse_events(draw, patients) if draw.chance(0.6) else (None, None)
    study = {
        "title": draw.label("A study"),
        "synthetic": draw.chance(0.3),
        "time_unit": unit,
        "patients": {"file": "patients.csv", "missing": ["", "n.a."]},
        "variables": variables,
        "endpoints": endpoints,
        "analysis": _plan(draw, patients, variables, endpoints, response, unit),
    }
    if draw.chance(0.3):
        study["population"] = draw.label("patients of one clinic")
    if draw.chance(0.3):
        study["time_zero"] = draw.label("the first treatment")
    study |= {"response": response} if response else {}
    study |= {"adverse_events": plan} if plan else {}
    if draw.chance(0.2):
        patients = patients.sample(frac=1, random_state=seed, ignore_index=True)
    return patients, events, study, 5 if draw.chance(0.2 if draw.sound else 0.4) and n >= 5 else 0


# ---- variables ----------------------------------------------------------------------------------------------------
def _covariates(draw, patients, variables):
    """Add columns and their declarations; return a score of each patient's risk, on which some endpoints depend."""
    n, risk = len(patients), np.zeros(len(patients))
    for place in range(int(draw.rng.integers(0, 8))):
        name = draw.pick((f"v{place}", f"v{place}", f"factor {place}", f"变量{place}", f"v{place}.x"))
        if draw.chance(0.15):
            name = draw.pick([each for each in TAKEN + RESERVED * draw.chance(0.05) if each not in variables])
        kind = draw.pick(("number", "number", "integer", "category", "category", "category", "category", "text"))
        role = draw.pick(("baseline",) * 7 + ("post-baseline", "outcome", "excluded"))
        declared = {"label": draw.label(f"Factor {place}"), "role": role, "type": kind}
        if kind == "category":
            values, codes = _category(draw, declared, n)
        elif kind == "text":
            values, codes = draw.rng.choice(["left", "right", draw.pick(HOSTILE[:4])], n).astype(object), np.zeros(n)
        else:
            values, codes = _number(draw, declared, kind, n)
        column = name
        if draw.chance(0.2):
            column = declared["column"] = f"column of {place}"
        if draw.chance(0.2):
            declared["definition"] = draw.label("measured at the first visit")
        patients[column] = _with_gaps(draw, values, declared)
        variables[name] = declared
        if codes.std() > 0:
            risk = risk + draw.pick((0.0, 0.5, 1.0, -1.0, 4.0)) * (codes - codes.mean()) / codes.std()
    return risk


def _category(draw, declared, n):
    count = 2 if draw.sound and draw.chance(0.5) else int(draw.rng.integers(2, 7))
    plain = draw.pick(LEVELS)
    labels = list(dict.fromkeys([*plain, *(f"level {place}" for place in range(6))]))[:count]
    labels = list(dict.fromkeys(draw.label(label, 0.12) for label in labels))
    labels = [labels[place] for place in draw.rng.permutation(len(labels))]
    codes = [str(place) for place in range(len(labels))] if draw.chance(0.5) else [f"c{i}" for i in range(len(labels))]
    declared["levels"] = dict(zip(codes, labels, strict=True))
    if draw.chance(0.6):
        declared["reference"] = draw.pick(labels)
    used = draw.rng.permutation(len(labels))
    if draw.chance(0.3):
        used = used[: max(1, len(used) - int(draw.rng.integers(1, 3)))]
    weights = draw.rng.dirichlet(np.full(len(used), draw.pick((2.0, 10.0) if draw.sound else (0.5, 2.0, 10.0))))
    chosen = draw.rng.choice(used, n, p=weights)
    return np.array([codes[place] for place in chosen], object), chosen.astype(float)


def _number(draw, declared, kind, n):
    center, spread = draw.pick(((60, 12), (5, 2), (0.01, 0.004), (250_000, 90_000), (0, 1), (3, 0)))
    values = draw.rng.normal(center, spread, n) if draw.chance(0.6) else center + spread * draw.rng.exponential(1, n)
    digits = 0 if kind == "integer" else draw.pick((0, 1, 2, 5))
    values = np.round(values, digits)
    if draw.chance(0.5):
        declared["unit"] = draw.pick(("years", "cm", "10^9/L", "$/µg", "ng/mL"))
    if draw.chance(0.5):
        declared["step"] = draw.pick((10, 0.5, 5, 100, 0.001))
    if draw.chance(0.2):
        declared["range"] = [center - 2 * spread - 1, center + 2 * spread]
    written = np.array([f"{value:.{digits}f}" for value in values], object)
    return written, np.array([float(text) for text in written])


def _with_gaps(draw, values, declared):
    """The values with none, some or all of them missing, as an empty cell or a code."""
    share = draw.pick((0, 0, 0, 0, 0.03) if draw.sound else (0, 0, 0, 0, 0.1, 0.4, 0.03, 1.0))
    code = draw.pick(("", "", "n.a.", "-99"))
    if code == "-99":
        declared["missing"] = ["-99"]
    return np.where(draw.rng.random(len(values)) < share, code, values)


# ---- outcomes -----------------------------------------------------------------------------------------------------
def _endpoints(draw, patients, unit, risk):
    """Add one to three endpoints; return their declarations."""
    n, scale = len(patients), SCALES[unit]
    names = draw.pick(
        (
            ("OS",),
            ("PFS", "OS"),
            ("OS", "PFS"),
            ("DFS", "OS"),
            ("PFS", "LC", "OS"),
            ("无进展", "总生存"),
            ("EFS",),
            ("time to x",),
        )
    )
    if draw.chance(0.02):
        names = (draw.pick(RESERVED), "OS")
    digits = draw.pick((0, 1, 1, 2)) if unit != "years" else draw.pick((1, 2, 2, 0))
    effect = draw.pick((0.0, 0.3, 1.0))
    bound, declared = None, {}
    # What bounds another comes first.
    for name in sorted(names, key=lambda name: name in BOUNDED):
        rate = np.exp(np.clip(effect * risk, -6, 6)) / scale
        time, end = draw.rng.exponential(1 / rate), draw.rng.uniform(0.3 * scale, 3 * scale, n)
        event = time <= end
        time = np.minimum(time, end)
        odd = draw.pick(("none", "all", "one time", "zero", "coarse", "few", "separated", "", "", "", "", ""))
        odd = draw.pick(("", "", "coarse")) if draw.sound else odd
        if odd in ("none", "all"):
            event[:] = odd == "all"
        elif odd == "one time":
            time[:] = scale / 2
        elif odd == "zero":
            time[draw.rng.random(n) < 0.2] = 0
        elif odd == "coarse":
            time = np.ceil(time / (scale / 4)) * (scale / 4)
        elif odd == "few":
            event &= draw.rng.random(n) < 0.1
        elif odd == "separated":
            event &= risk > np.median(risk)
        # The lessons cannot use a time of zero.
        time = np.maximum(np.round(time, digits), 10.0**-digits if draw.sound else 0)
        if name in BOUNDED and bound:
            time = np.minimum(time, patients[declared[bound]["time"]].astype(float))
        column, (yes, no) = f"{name} time", draw.pick((("1", "0"), ("yes", "no"), ("2", "1")))
        patients[column] = [f"{value:.{digits}f}" for value in time]
        patients[f"{name} event"] = np.where(event, yes, no)
        declared[name] = {
            "label": draw.label(f"{name} survival"), "time": column, "event": f"{name} event", "event_value": yes,
            "censored_value": no,
        }  # fmt: skip
        if draw.chance(0.5):
            declared[name]["event_label"] = draw.label("relapse")
        if name in BOUNDED and bound and draw.chance(0.7):
            declared[name]["not_longer_than"] = bound
        if name in ("OS", "总生存"):
            bound = name
    return {name: declared[name] for name in names}


def _response(draw, patients, variables, endpoints):
    n = len(patients)
    labels = ["CR", "PR", "SD", "PD", "NE"]
    if draw.chance(0.3):
        labels = ["gone", draw.pick(HOSTILE + WORDS), "same", "grown", "?!"]
    order = draw.rng.permutation(5)
    weights = draw.rng.dirichlet(np.full(5, 10.0 if draw.sound else draw.pick((0.3, 2.0))))
    chosen = draw.rng.choice(5, n, p=weights)
    declared = {"label": draw.label("Best response"), "role": "outcome", "type": "category"}
    declared["levels"] = {f"r{place}": labels[place] for place in order}
    if draw.chance(0.3):
        declared["reference"] = draw.pick(labels)
    patients["best"] = _with_gaps(draw, np.array([f"r{place}" for place in chosen], object), declared)
    variables["best"] = declared
    response = {
        "variable": "best",
        "label": draw.label("Response"),
        "scheme": draw.pick(("RECIST 1.1", "mRECIST", "a <scheme>")),
        "responders": labels[:2] if draw.chance(0.9) else [],
        "controlled": labels[:3],
    }
    if draw.chance(0.6):
        response["progressed"] = [labels[3]]
    if draw.chance(0.6):
        response["not_evaluable"] = [labels[4]]
    if draw.chance(0.6):
        middle = np.array([-100, -45, 0, 40, 0])[chosen]
        change = np.round(middle + draw.rng.uniform(-10, 10, n), draw.pick((0, 1)))
        declared = {"label": draw.label("Best change"), "role": "outcome", "type": "number", "unit": "%"}
        patients["change"] = _with_gaps(draw, np.array([f"{value:g}" for value in change], object), declared)
        variables["change"] = declared
        response["change"] = "change"
    if draw.chance(0.7):
        times = patients[next(iter(endpoints.values()))["time"]].astype(float)
        month = np.round(times * draw.rng.uniform(0, draw.pick((0.3, 1.0, 1.2)), n), 2)
        declared = {"label": draw.label("Time of assessment"), "role": "outcome", "type": "number"}
        patients["assessed"] = _with_gaps(draw, np.array([f"{value:g}" for value in month], object), declared)
        variables["assessed"] = declared
        response["month"] = "assessed"
    return response


def _adverse_events(draw, patients):
    count = draw.pick((0, 0, 1, 5, 40, 150))
    terms = [draw.label(term, 0.3) for term in ("pain", "fever", "nausea", "rash", "anemia")][: draw.pick((1, 3, 5))]
    if draw.chance(0.05):
        terms[0] = draw.pick(WORDS)
    grades = draw.pick(
        (
            {str(grade): f"Grade {grade}" for grade in range(1, 6)},
            {"mild": "mild", "severe": "severe"},
            {"A": "no consequence", "B": "<b> observed", "C": "treated, \"in hospital\""},
            {"1": "Grade 1", "2": draw.label("Grade 2"), "3": "Grade 3"},
        )
    )  # fmt: skip
    columns = {
        "who": draw.rng.choice(patients["no"], count) if count else [],
        "what": draw.rng.choice(terms, count) if count else [],
        "how bad": draw.rng.choice(list(grades), count) if count else [],
    }
    events = pd.DataFrame(columns)
    if draw.chance(0.3):
        events["how bad"] = events["how bad"].where(draw.rng.random(count) > 0.2, "")
    plan = {
        "data": {"file": "events.csv"}, "patient": "who", "term": "what", "grade": "how bad", "scheme": "CTCAE 5",
        "grades": grades, "severe_from": draw.pick(list(grades.values())),
    }  # fmt: skip
    if draw.chance(0.4):
        plan["term_labels"] = {terms[0]: draw.label("Pain of any kind"), "never seen": "Never seen"}
    return events, plan


# ---- the analysis plan --------------------------------------------------------------------------------------------
def _plan(draw, patients, variables, endpoints, response, unit):
    scale = SCALES[unit]
    covariates = [n for n, v in variables.items() if v["role"] in ("baseline", "post-baseline") and v["type"] != "text"]
    numbers = [name for name in covariates if variables[name]["type"] != "category"]
    cuts = {name: _cut_points(draw, patients, variables[name], name) for name in numbers if draw.chance(0.5)}
    factors = covariates + (["response"] if response else [])
    grouping = [name for name in factors if name not in numbers or name in cuts]
    times = [scale / 4, scale / 2, scale, 2 * scale, 10 * scale]
    plan = {"confidence_level": draw.pick((0.9, 0.95, 0.99, 0.975))}
    for key, choices, most in (
        ("rate_times", times, 3),
        ("groups", grouping, 3),
        ("prognostic_factors", factors, 6),
        ("multivariable", factors, 4),
        ("response_landmarks", [scale / 10, scale / 5, *times], 4),
    ):
        if draw.chance(0.85):
            plan[key] = draw.some(choices, most)
            if plan[key] and draw.chance(0.01):
                plan[key].append(plan[key][0])
    if draw.chance(0.6):
        plan["rmst_horizon"] = draw.pick(times)
    if cuts:
        plan["cut_points"] = cuts
    return plan


def _cut_points(draw, patients, declared, name):
    values = pd.to_numeric(patients[declared.get("column", name)], errors="coerce")
    values = values[(values != -99) & values.notna()].to_numpy()
    low, high = (values.min(), values.max()) if len(values) else (0.0, 1.0)
    at = draw.rng.uniform(low, high, draw.pick((1, 1, 2, 3)))
    if draw.chance(0.3) and len(values):
        at = draw.rng.choice(values, 1)
    if draw.chance(0.25):
        at = np.append(at, draw.pick((low - 1, high + 1, high)))
    at = sorted({float(f"{value:.4g}") for value in at})
    cut = {"at": at, "source": draw.label("an assumption")}
    if draw.chance(0.5):
        cut["labels"] = list(dict.fromkeys(draw.label(f"group {place}", 0.3) for place in range(len(at) + 1)))
        if len(cut["labels"]) <= len(at):
            del cut["labels"]
    return cut

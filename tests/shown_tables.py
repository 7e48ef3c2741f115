"""What each display table must show, computed plainly from the rows of its result table.

Each function takes what its view in `aice_helpers.show.tables` takes and returns the expected `Shown`. The rules by
which numbers are written are those of `written`, not those of the book.
"""

import re
from dataclasses import dataclass, field
from functools import partial

import pandas as pd
from written import (
    MASKED,
    NOT_ESTIMABLE,
    fixed,
    how_many,
    is_hidden,
    lasting,
    level,
    limits,
    number,
    p_alone,
    p_named,
    per_cent,
    ratio,
    short,
    three,
    time_in,
    whole,
    word,
)


@dataclass
class Line:
    """A heading (``cells`` is None) or a line, and the rows whose reasons its footnote may (and must) tell."""

    header: str
    cells: list | None = None
    told: list = field(default_factory=list)
    must_tell: bool = True


@dataclass
class Shown:
    """Headers of the columns, numbers of the title, lines."""

    columns: list
    title: list
    lines: list


def rows_of(table):
    return [row for _, row in table.iterrows()]


def by(table, *columns):
    """Rows by the values of columns, in the order in which these come."""
    found = {}
    for row in rows_of(table):
        found.setdefault(tuple(row[column] for column in columns), []).append(row)
    return found


def ci_of(study):
    return f"{level(study.analysis.confidence_level)} CI"


def with_unit(study, name):
    variable = study.variables[name]
    return f"{variable.label}, {variable.unit}" if variable.unit else variable.label


def known_late(study, name):
    return name == "response" or (
        name in study.variables and study.variables[name].role in ("post-baseline", "outcome")
    )


def endpoint_and_group(study, row):
    label = study.endpoints[row["endpoint"]].label
    return f"{label} by {study.variables[row['group']].label}" if row["group"] else label


def with_level(study, row):
    return endpoint_and_group(study, row) + (f": {row['level']}" if row["level"] else "")


# -- the cohort --------------------------------------------------------------------------------------------------------


def baseline(table, study):
    lines = []
    for (name,), rows in by(table, "term").items():
        late = " (known later)" if known_late(study, name) else ""
        lines.append(Line(with_unit(study, name) + late, [whole(rows[0], "n"), whole(rows[0], "missing"), ""]))
        if rows[0]["statistic"] == "share":
            for row in rows:
                share = ""
                if pd.notna(row["count"]) and pd.notna(row["n"]) and row["n"] > 0:
                    share = f" ({per_cent(row['count'] / row['n'])})"
                lines.append(Line(row["level"], ["", "", whole(row, "count") + share]))
            continue
        if pd.notna(rows[0]["n"]) and rows[0]["n"] == 0:
            continue
        of = {row["statistic"]: row for row in rows}
        middle, mean, sd, ends = (of[what] for what in ("median", "mean", "sd", "range"))
        quartiles = (
            f"{fixed(middle['estimate'])} ({fixed(middle['low'])} to {fixed(middle['high'])})"
            if pd.notna(middle["estimate"])
            else MASKED
        )
        spread = fixed(sd["estimate"]) if pd.notna(sd["estimate"]) else NOT_ESTIMABLE
        average = f"{fixed(mean['estimate'])} ({spread})" if pd.notna(mean["estimate"]) else MASKED
        reach = f"{short(ends['low'])} to {short(ends['high'])}" if pd.notna(ends["low"]) else MASKED
        lines += [
            Line("Median (quartiles)", ["", "", quartiles]),
            Line("Mean (standard deviation)", ["", "", average]),
            Line("Range", ["", "", reach]),
        ]
    return Shown(["Characteristic", "Patients", "Missing", "Value"], [], lines)


def patient_flow(table):
    lines = []
    for row in rows_of(table):
        share = MASKED if is_hidden(row) else per_cent(row["count"] / row["n"])
        lines.append(Line(row["level"][0].upper() + row["level"][1:], [whole(row, "count"), share]))
    return Shown(["Patients", "n", "Of all patients"], [], lines)


def follow_up(table, study):
    unit, lines = study.time_unit, []
    for (name,), rows in by(table, "endpoint").items():
        lines.append(Line(study.endpoints[name].label))
        for row in rows:
            label = f"{row['term'][0].upper()}{row['term'][1:]} ({row['method']})"
            cells = [whole(row, "n"), number(row, "estimate", time_in(unit)), limits(row, time_in(unit))]
            lines.append(Line(label, cells, [row]))
    return Shown(["Follow-up", "n", unit.capitalize(), ci_of(study)], [], lines)


def derivation(table, study):
    words = {
        ("censored", "last contact"): "Censored at the last contact",
        ("censored", "last assessment"): "Censored at the last assessment",
        ("censored", "data cut-off"): "Censored at the data cut-off",
        ("no_follow_up", ""): "No follow-up, left out",
        ("first_day", ""): "Observed on the day of the start only",
        ("completed", ""): "With a date completed by rule",
        ("dated_at_contact", ""): "Death dated at the last contact",
        ("cutoff", ""): "Changed by the data cut-off",
    }
    lines = []
    for (name,), rows in by(table, "endpoint").items():
        if not name:
            continue
        lines.append(Line(study.endpoints[name].label))
        for row in rows:
            head = f"Event: {row['kind']}" if row["rule"] == "event" else words[row["rule"], row["kind"]]
            lines.append(Line(head, [whole(row, "count"), per_cent(row["count"] / row["n"])]))
    return Shown(["Patients", "n", "Of all patients"], [], lines)


def estimands(table, study):
    words = {
        ("new_therapy", "ignored"): "New therapy ignored: treatment policy strategy (ICH E9(R1))",
        ("new_therapy", "censored"): (
            "Censored at the new therapy: hypothetical strategy (ICH E9(R1)), a rule that FDA's guidance lists"
        ),
        ("new_therapy", "event"): "New therapy counted as an event: composite variable strategy (ICH E9(R1))",
        (
            "missed_assessments",
            "ignored",
        ): "Events counted whenever they were seen: treatment policy strategy (ICH E9(R1))",
        ("missed_assessments", "censored"): (
            "Events after two or more missed assessments censored at the last one before: FDA's sensitivity analysis of PFS"
        ),
    }
    lines = []
    for (name, _), rows in by(table, "endpoint", "term").items():
        lines.append(Line(study.endpoints[name].label))
        for place, row in enumerate(rows):
            kind, changed = ("Sensitivity", whole(row, "changed")) if place else ("Main", "")
            write = time_in(study.time_unit)
            cells = [whole(row, "n"), whole(row, "events"), changed, number(row, "estimate", write), limits(row, write)]
            lines.append(Line(f"{kind}. {words[row['term'], row['level']]}", cells, [row]))
    return Shown(["Analysis", "n", "Events", "Changed", f"Median, {study.time_unit}", ci_of(study)], [], lines)


def endpoints(study):
    lines = []
    for name, endpoint in study.endpoints.items():
        usual = "OS" if name in ("PFS", "DFS", "EFS", "RFS") and "OS" in study.endpoints else ""
        bound = study.endpoints[endpoint.not_longer_than or usual].label if endpoint.not_longer_than or usual else ""
        lines.append(Line(endpoint.label, [name, endpoint.event_label, bound]))
    return Shown(["Endpoint", "Short name", "Event", "Never longer than"], [], lines)


def variables(study):
    lines = []
    for variable in study.variables.values():
        levels = ", ".join(
            f"{label} (reference)" if label == variable.reference else label for label in variable.levels.values()
        )
        words = [variable.definition] if variable.definition else []
        words += [f"{'Ordered levels' if variable.ordered else 'Levels'}: {levels}"] if levels else []
        reach = f"{short(variable.range[0])} to {short(variable.range[1])}" if variable.range else ""
        lines.append(Line(variable.label, [variable.unit, variable.role, variable.known, ". ".join(words), reach]))
    columns = ["Variable", "Unit", "Role", "Known", "Definition and levels", "Plausible range"]
    return Shown(columns, [str(len(study.variables))], lines)


def plan(study):
    planned, unit = study.analysis, study.time_unit

    def times(values):
        return ", ".join(lasting(value, unit) for value in values)

    def labels(names):
        return ", ".join(study.label(name) for name in names)

    horizon = [] if planned.rmst_horizon is None else [planned.rmst_horizon]
    items = {
        "Confidence level": level(planned.confidence_level),
        "Times of the survival rates": times(planned.rate_times),
        "Horizon of the restricted mean": times(horizon),
        "Groups compared": labels(planned.groups),
        "Strata within which they are compared too": labels(planned.strata),
        "Factors, one at a time": labels(planned.prognostic_factors),
        "Factors, together": labels(planned.multivariable),
        "Landmarks for the response": times(planned.response_landmarks),
    }
    lines = [Line(item, [choice]) for item, choice in items.items() if choice]
    for name, cut in planned.cut_points.items():
        at = ", ".join(map(short, cut.at))
        lines.append(Line(f"Cut-points of {with_unit(study, name)}", [f"{at}: {cut.source}"]))
    return Shown(["Item", "Choice"], [], lines)


def remarks(analysis):
    cells = {}
    for remark in analysis.cohort.remarks:
        cells.setdefault((remark.column or "", remark.file, remark.rule, remark.fix), []).append(remark)
    lines = []
    for (column, file, rule, fix), ones in cells.items():
        told = any(one.row is not None or one.rows for one in ones)
        counted = str(sum(one.count for one in ones)) if told else ""
        lines.append(Line(column, [file, rule, counted, fix]))
    return Shown(["Column", "File", "Remark", "Rows", "What to do"], [str(len(analysis.cohort.remarks))], lines)


# -- the response ------------------------------------------------------------------------------------------------------

RATES = {"ORR": "Objective response (ORR)", "DCR": "Disease control (DCR)"}


def response(table, study):
    lines = []
    for row in rows_of(table):
        if row["term"] in RATES:
            continue
        cells = [whole(row, "events"), whole(row, "n"), number(row, "estimate", per_cent), limits(row, per_cent), ""]
        lines.append(Line(row["term"], cells, [row]))
    rates = table[table["term"].isin(list(RATES))]
    for (term, population), rows in by(rates, "term", "population").items():
        of = {row["method"]: row for row in rows}
        exact, score = of["Clopper-Pearson"], of["Wilson"]
        cells = [whole(exact, "events"), whole(exact, "n"), number(exact, "estimate", per_cent)]
        cells += [limits(exact, per_cent), limits(score, per_cent)]
        lines.append(Line(f"{RATES[term]}, {population}", cells, [exact]))
    ci = ci_of(study)
    return Shown(["Response", "Patients", "n", "Share", f"Clopper-Pearson {ci}", f"Wilson {ci}"], None, lines)


def response_by_subgroup(table, study):
    lines = []
    for (group,), rows in by(table, "group").items():
        lines.append(Line(study.variables[group].label))
        for label in dict.fromkeys(row["level"] for row in rows):
            of = {row["term"]: row for row in rows if row["level"] == label}
            cells = [whole(of["ORR"], "n")]
            for term in ("ORR", "DCR"):
                row = of[term]
                if pd.isna(row["estimate"]):
                    cells += [word(row), ""]
                else:
                    cells += [f"{row['events']} ({per_cent(row['events'] / row['n'])})", limits(row, per_cent)]
            lines.append(Line(label, cells, [of["ORR"]]))
    return Shown(["Group", "n", "ORR", ci_of(study), "DCR", ci_of(study)], [], lines)


# -- survival ----------------------------------------------------------------------------------------------------------

MEDIANS = {
    "SPSS": "SPSS", "plain": "plain (R)", "log": "log (R's default)", "log-log": "log-log (default of SAS and Stata)",
}  # fmt: skip


def medians(table, study):
    write, lines = time_in(study.time_unit), []
    for rows in by(table, "endpoint", "group", "level").values():
        lines.append(Line(with_level(study, rows[0])))
        for row in rows:
            cells = [whole(row, "n"), whole(row, "events"), number(row, "estimate", write), limits(row, write)]
            lines.append(Line(MEDIANS[row["method"]], cells, [row]))
    return Shown(["Convention", "n", "Events", "Median", ci_of(study)], [], lines)


def rates(table, study):
    lines = []
    for (*_, time), rows in by(table, "endpoint", "group", "level", "time").items():
        lines.append(Line(f"{with_level(study, rows[0])}, at {lasting(time, study.time_unit)}"))
        for row in rows:
            cells = [whole(row, column) for column in ("n", "events", "at_risk")]
            cells += [number(row, "estimate", per_cent), limits(row, per_cent)]
            lines.append(Line(row["method"], cells, [row]))
    return Shown(["Method", "n", "Events by then", "At risk", "Rate", ci_of(study)], [], lines)


def rmst(table, study):
    write, lines = time_in(study.time_unit), []
    for row in rows_of(table):
        cells = [whole(row, "n"), whole(row, "events"), number(row, "time", short)]
        cells += [number(row, "estimate", write), limits(row, write)]
        lines.append(Line(with_level(study, row), cells, [row]))
    columns = ["Endpoint", "n", "Events by the horizon", "Horizon", "Mean", ci_of(study)]
    return Shown(columns, [], lines)


def both(row, write):
    """An estimate with its limits, or the one word for all three."""
    estimate, ends = number(row, "estimate", write), limits(row, write)
    return estimate if estimate == ends else f"{estimate} ({ends})"


def up_to(rows, study):
    known = [row["time"] for row in rows if row["term"] == "restricted mean" and pd.notna(row["time"])]
    return f" (means up to {lasting(known[0], study.time_unit)})" if known else ""


def groups(analysis, names):
    study, lines = analysis.study, []
    write, times = time_in(study.time_unit), list(study.analysis.rate_times)
    for name in names:
        of = {
            table: rows_of(analysis.table(table, group=name)) for table in ("survival_summary", "survival_at", "rmst")
        }
        medians = [row for row in of["survival_summary"] if row["method"] == "log-log"]
        rates = [row for row in of["survival_at"] if row["method"] == "Kaplan-Meier, log-log"]
        for endpoint in study.endpoints:
            here = [row for row in medians if row["endpoint"] == endpoint]
            means = [row for row in of["rmst"] if row["endpoint"] == endpoint]
            if here:
                lines.append(Line(endpoint_and_group(study, here[0]) + up_to(means, study)))
            for row in here:
                of_level = lambda rows, row=row: [  # noqa: E731
                    each for each in rows if (each["endpoint"], each["level"]) == (row["endpoint"], row["level"])
                ]
                at = {each["time"]: each for each in of_level(rates)}
                told = [row, *at.values(), *of_level(means)]
                cells = [whole(row, "n"), whole(row, "events"), both(row, write)]
                cells += [both(at[time], per_cent) for time in times] + [both(each, write) for each in of_level(means)]
                lines.append(Line(row["level"], cells, told))
    heads = [f"At {lasting(time, study.time_unit)}" for time in times]
    return Shown(
        ["Group", "n", "Events", "Median", *heads, "Mean"], [level(study.analysis.confidence_level)[:-1]], lines
    )


def group_contrasts(table, study):
    within = " and ".join(study.label(name) for name in study.analysis.strata)
    columns = {
        ("hazard ratio", 0): "Hazard ratio",
        ("stratified hazard ratio", 0): f"Hazard ratio within strata ({within})",
    }
    columns |= {
        ("survival", time): f"Difference at {lasting(time, study.time_unit)}" for time in study.analysis.rate_times
    }
    columns["restricted mean", 0] = "Difference of means"

    def place(row):
        return row["term"], row["time"] if row["term"] == "survival" else 0

    def contrast(row):
        write = {"survival": lambda value: fixed(100 * value), "restricted mean": time_in(study.time_unit)}.get(
            row["term"], ratio
        )
        said = both(row, write)
        if pd.isna(row["estimate"]) or (pd.isna(row["p_value"]) and not is_hidden(row, "p_value")):
            return said
        return f"{said}, {'P masked' if pd.isna(row['p_value']) else p_named(row['p_value'], study.analysis.confidence_level)}"

    found = {place(row) for row in rows_of(table)}
    lines = []
    for rows in by(table, "endpoint", "group").values():
        lines.append(Line(endpoint_and_group(study, rows[0]) + up_to(rows, study)))
        for name, against in dict.fromkeys((row["level"], row["reference"]) for row in rows):
            pair = {place(row): row for row in rows if (row["level"], row["reference"]) == (name, against)}
            cells = [contrast(pair[key]) if key in pair else "" for key in columns if key in found]
            first = next(iter(pair.values()))
            lines.append(
                Line(
                    f"{name} against {against}",
                    [whole(first, "n"), whole(first, "events"), *cells],
                    list(pair.values()),
                )
            )
    heads = [head for key, head in columns.items() if key in found]
    return Shown(["Comparison", "n", "Events", *heads], [level(study.analysis.confidence_level)[:-1]], lines)


def group_tests(table, study):
    within = " and ".join(study.label(name) for name in study.analysis.strata)
    names = {
        "trend": "Trend",
        "stratified": f"Within strata ({within})",
        "proportional hazards": "Proportional hazards",
    }
    lines = []
    for rows in by(table, "endpoint", "group").values():
        lines.append(Line(endpoint_and_group(study, rows[0])))
        for row in rows:
            write = partial(p_alone, conf_level=study.analysis.confidence_level)
            adjusted = number(row, "adjusted", write) if row["term"] == "pairwise" else ""
            name = names.get(row["term"], f"{row['level']} against {row['reference']}")
            lines.append(Line(name, [whole(row, "n"), whole(row, "events"), *tested(row, study), adjusted], [row]))
    return Shown(["Test", "n", "Events", "Chi-square", "df", "P", "P by Holm"], [], lines)


def tested(row, study):
    if pd.isna(row["p_value"]):
        return ["", "", word(row)]
    p = p_alone(row["p_value"], study.analysis.confidence_level)
    return [fixed(row["statistic"], 2), f"{row['df']}", p]


def logrank(table, study):
    lines = []
    for rows in by(table, "endpoint", "group").values():
        lines.append(Line(endpoint_and_group(study, rows[0])))
        for row in rows:
            expected = "" if pd.isna(row["expected"]) else fixed(row["expected"])
            test = ["", "", ""] if row["level"] else tested(row, study)
            cells = [whole(row, "n"), whole(row, "events"), expected, *test]
            lines.append(Line(row["level"] or "Test", cells, [row]))
    columns = ["Group", "n", "Observed events", "Expected events", "Chi-square", "df", "P"]
    return Shown(columns, [], lines)


# -- prognostic factors ------------------------------------------------------------------------------------------------


def hazard_ratio(row):
    return word(row) if pd.isna(row["estimate"]) else f"{ratio(row['estimate'])} ({limits(row, ratio)})"


def increase(step, unit):
    singular = {"years": "year", "days": "day", "months": "month"}.get(unit, unit or "unit")
    return f"per {singular}" if step == 1 else f"per {short(step)} {unit}".strip()


def size_of(row):
    return ", ".join(
        f"{noun}s masked" if pd.isna(row[column]) else how_many(row[column], noun)
        for column, noun in (("n", "patient"), ("events", "event"))
    )


def left_out(row):
    return f"{MASKED if pd.isna(row['excluded']) else row['excluded']} left out for a missing value"


def cox(table, study):
    lines = []
    for (name,), rows in by(table, "endpoint").items():
        models = {kind: [row for row in rows if row["model"] == kind] for kind in ("univariable", "multivariable")}
        said = ""
        if models["multivariable"]:
            joint = next(row for row in models["multivariable"] if row["kind"] == "joint")
            without = f", {left_out(joint)}" if pd.isna(joint["excluded"]) or joint["excluded"] else ""
            said = f" (all together: {size_of(joint)}{without})"
        lines.append(Line(study.endpoints[name].label + said))
        for term in dict.fromkeys(row["term"] for row in rows):
            lines += _factor(study, {kind: [r for r in models[kind] if r["term"] == term] for kind in models}, term)
    columns = ["Factor", "n", "Events", *[f"HR ({ci_of(study)})", "P"] * 2]
    return Shown(columns, [], lines)


def _factor(study, models, term):
    """Lines of one factor: the factor with its tests, then its levels."""
    counted = models["univariable"] or models["multivariable"]
    confidence = study.analysis.confidence_level

    def find(rows, **where):
        return next((row for row in rows if all(row[column] == value for column, value in where.items())), None)

    whole_factor, measured = find(counted, kind="joint"), find(counted, kind="numeric")
    name, cells = study.label(term), [whole(whole_factor, "n"), whole(whole_factor, "events")]
    if measured is not None:
        name += f" ({increase(measured['step'], study.variables[term].unit)})"
    for rows in models.values():
        joint, measured = find(rows, kind="joint"), find(rows, kind="numeric")
        cells.append("" if measured is None else hazard_ratio(measured))
        cells.append("" if joint is None else number(joint, "p_value", partial(p_alone, conf_level=confidence)))
    told = [row for rows in models.values() for row in rows]
    lines = [Line(name, cells, told, False)]
    levels = [row["level"] for row in counted if row["kind"] in ("reference", "level")]
    others = [row for row in counted if row["kind"] == "level"]
    for label in levels:
        first = find(counted, level=label)
        cells = [whole(first, "n"), whole(first, "events")]
        for rows in models.values():
            row = find(rows, level=label)
            if row is None:
                cells += ["", ""]
            elif row["kind"] == "reference":
                cells += [MASKED if is_hidden(row) else "1 (reference)", ""]
            else:
                single = len(others) < 2 or pd.isna(row["p_value"])
                cells += [hazard_ratio(row), "" if single else p_alone(row["p_value"], confidence)]
        lines.append(Line(label, cells, told, False))
    return lines


def landmark(table, study):
    pair = [row["level"] for row in rows_of(table)[:2]]
    lines = []
    for (name,), rows in by(table, "endpoint").items():
        lines.append(Line(study.endpoints[name].label))
        for start in range(0, len(rows), 2):
            reference, row = rows[start : start + 2]
            assert (reference["kind"], row["kind"]) == ("reference", "level")
            label = "Time zero (naive)" if pd.isna(row["landmark"]) else lasting(row["landmark"], study.time_unit)
            label += ", adjusted" if row["model"].endswith("adjusted") else ""
            everyone = word(row, "n") if pd.isna(row["n"]) else str(reference["n"] + row["n"])
            cells = [everyone, whole(row, "excluded"), whole(row, "later")]
            cells += [f"{whole(each, 'events')} / {whole(each, 'n')}" for each in (reference, row)]
            known = pd.notna(row["p_value"])
            cells += [hazard_ratio(row), p_alone(row["p_value"], study.analysis.confidence_level) if known else ""]
            lines.append(Line(label, cells, [row]))
    columns = ["Counted from", "n", "Left out", "Responded later", *pair, f"HR ({ci_of(study)})", "P"]
    return Shown(columns, [], lines)


def ph_test(table, study):
    names = {"univariable": "one factor at a time", "multivariable": "all together"}
    lines = []
    for (name,), rows in by(table, "endpoint").items():
        sizes = []
        for model, words in names.items():
            group = [row for row in rows if row["model"] == model]
            if group:
                sizes.append(f"{words}: {_range(group, 'n', 'patient')}, {_range(group, 'events', 'event')}")
        lines.append(Line(f"{study.endpoints[name].label} ({'; '.join(sizes)})"))
        for term in dict.fromkeys(row["term"] for row in rows):
            cells, told = [], []
            for model in names:
                row = next((row for row in rows if row["model"] == model and row["term"] == term), None)
                cells += ["", "", ""] if row is None else tested(row, study)
                told += [] if row is None else [row]
            lines.append(Line("Global test" if term == "GLOBAL" else study.label(term), cells, told))
    return Shown(["Factor", *["Chi-square", "df", "P"] * 2], [], lines)


def _range(rows, column, noun):
    known = [row[column] for row in rows if pd.notna(row[column])]
    if not known:
        return f"{noun}s masked"
    low, high = min(known), max(known)
    return how_many(high, noun) if low == high else f"{low} to {how_many(high, noun)}"


def model_performance(table, study):
    digits = {"events per variable": fixed, "concordance": three, "optimism-corrected concordance": three}
    lines = []
    for (name,), rows in by(table, "endpoint").items():
        lines.append(Line(f"{study.endpoints[name].label} ({size_of(rows[0])}, {left_out(rows[0])})"))
        for row in rows:
            label = row["term"][0].upper() + row["term"][1:]
            if row["term"] in digits:
                interval = limits(row, three) if pd.notna(row["conf_low"]) else ""
                lines.append(Line(label, [number(row, "estimate", digits[row["term"]]), interval, "", "", ""], [row]))
            else:
                lines.append(Line(f"{label} test", ["", "", *tested(row, study)], [row]))
    return Shown(["Measure", "Value", ci_of(study), "Chi-square", "df", "P"], [], lines)


# -- safety ------------------------------------------------------------------------------------------------------------


def adverse_events(table, study):
    grades = study.adverse_events.grades
    heads = [label if len(label) <= 12 else f"Grade {code}" for code, label in grades.items()]
    lines = []
    for (term,), rows in by(table, "term").items():
        of = {row["level"]: row for row in rows}
        overall, severe = of["any grade"], of["severe or worse"]
        share = f" ({per_cent(overall['events'] / overall['n'])})" if pd.notna(overall["events"]) else ""
        cells = [whole(overall, "events") + share, limits(overall, per_cent)]
        cells += [whole(of[label], "events") for label in grades.values()]
        cells += [whole(severe, "events"), whole(overall, "occurrences")]
        lines.append(Line(term, cells, [severe if severe["reasons"] else overall]))
    columns = ["Adverse event", "Any grade", ci_of(study), *heads, "Severe or worse", "Occurrences"]
    return Shown(columns, None, lines)


def zero_events(table, study):
    lines = []
    for row in rows_of(table):
        cells = [whole(row, "events"), whole(row, "n"), number(row, "estimate", per_cent), level(row["conf_level"])]
        lines.append(Line(row["method"], [*cells, limits(row, per_cent)], [row]))
    return Shown(["Method", "Patients", "n", "Rate", "Level", "Interval"], None, lines)


# -- the ledger --------------------------------------------------------------------------------------------------------


def arithmetic(table, study):
    headings = {
        "cannot be": "Cannot be",
        "needs something not stated": "Needs a denominator, a rounding or a test that is not stated",
        "depends on a convention": "Depends on a convention",
        "fits": "Fits",
    }
    lines = []
    for (grade,), rows in by(table, "grade").items():
        lines.append(Line(headings[grade]))
        for row in rows:
            one_in = "" if pd.isna(row["chance"]) else f"1 in {1 / row['chance']:.0f}"
            lines.append(Line(row["quote"], [one_in]))
    return Shown(["As printed", "By accident"], [str(len(table))], lines)


def _program(text):
    named = re.findall(r"\b(SPSS|R|SAS|Stata|Prism|lifelines)\b", text)
    return named[0] if named else "R"


def _in_its_digits(text, kind, value):
    """A number with the digits of the first program that a text names: decimals, or significant ones (negative)."""
    digits = {
        "SPSS": {"time": 3, "ratio": 3, "chi": 3, "ph": 3, "share": 3},
        "SAS": {"time": 4, "ratio": 3, "chi": 4, "ph": 4, "share": 4},
        "Stata": {"time": -7, "ratio": -7, "chi": 2, "ph": 2, "share": -7},
        "lifelines": {"time": -12, "ratio": 2, "chi": 2, "ph": 2, "share": 2},
        "R": {"time": -3, "ratio": -4, "chi": 1, "ph": -3, "share": -3},
        "Prism": {"time": -4, "ratio": -4, "chi": -4, "ph": -4, "share": -4},
    }[_program(text)][kind]
    if pd.isna(value):
        return ""
    if digits >= 0:
        return fixed(value, digits)
    places = max(0, -digits - 1 - int(f"{value:e}".split("e")[1])) if value else 0
    written = fixed(value, places)
    return written if _program(text) == "Prism" or "." not in written else written.rstrip("0").rstrip(".")


def _p_in_its_digits(text, p, r_digits):
    program = _program(text)
    if pd.isna(p):
        return ""
    if program == "R":
        return f"{p:.{r_digits}g}"
    digits = {"SPSS": 3, "SAS": 4, "Stata": 4, "Prism": 4, "lifelines": 2}[program]
    least = {"SPSS": "<0.001", "SAS": "<.0001", "Prism": "<0.0001", "lifelines": "<0.005"}
    small = p < (0.005 if program == "lifelines" else 10**-digits)
    return least[program] if small and program in least else fixed(p, digits)


def _cell(row, column, kind):
    asked = row.copy()
    if row["topic"] in ("quartile", "exact half"):
        asked["term"] = "median"
    return word(asked, column) if pd.isna(row[column]) else _in_its_digits(row["program"], kind, row[column])


def _interval(row, kind):
    if pd.isna(row["conf_level"]) or pd.isna(row["estimate"]):
        return ""
    low, high = _cell(row, "conf_low", kind), _cell(row, "conf_high", kind)
    return low if low == high and pd.isna(row["conf_low"]) else f"{low} to {high}"


def time_conventions(table, study):
    lines, unit = [], study.time_unit
    rows = table[table["topic"].isin(["median", "quartile", "rate", "mean"])]
    for (endpoint, topic, term, time), part in by(
        rows.fillna({"time": -1}), "endpoint", "topic", "term", "time"
    ).items():
        label = study.endpoints[endpoint].label
        lines.append(
            Line(
                {"rate": f"{label} at {lasting(time, unit)}", "mean": f"{label}, restricted mean, {unit}"}.get(
                    topic, f"{label}, {term}, {unit}"
                )
            )
        )
        for row in part:
            kind = "share" if topic == "rate" else "time"
            held = "" if pd.isna(row["coverage"]) else per_cent(row["coverage"])
            error = _in_its_digits(row["program"], "time", row["std_error"])
            lines.append(
                Line(row["program"], [row["method"], _cell(row, "estimate", kind), _interval(row, kind), error, held])
            )
    return Shown(["Program", "Method", "Estimate", ci_of(study), "Standard error", "Held in simulations"], [], lines)


def group_conventions(table, study):
    lines = []
    heads = {
        "ties": "hazard ratio by treatment of ties", "test": "tests of two curves",
        "quotient": "hazard ratio from observed and expected events", "proportional hazards": "tests of proportional hazards",
    }  # fmt: skip
    for (endpoint, topic), rows in by(table[table["topic"].isin(heads)], "endpoint", "topic").items():
        lines.append(Line(f"{study.endpoints[endpoint].label}: {heads[topic]}"))
        for row in rows:
            ratio = topic in ("ties", "quotient")
            chi = "ph" if topic == "proportional hazards" else "chi"
            cells = [
                _cell(row, "estimate", "ratio") if ratio else "",
                _interval(row, "ratio"),
                "" if ratio else _cell(row, "statistic", chi),
            ]
            p = _p_in_its_digits(row["program"], row["p_value"], 2 if chi == "ph" else 1)
            lines.append(Line(row["program"], [row["method"], *cells, p], [row]))
    return Shown(["Program", "Method", "Hazard ratio", ci_of(study), "Chi-square", "P"], None, lines)


def proportion_conventions(table, study):
    lines = []
    for (term,), rows in by(table[table["topic"] == "proportion"], "term").items():
        known = pd.notna(rows[0]["events"])
        lines.append(Line(f"{term}: {rows[0]['events']}/{rows[0]['n']}" if known else term))
        for row in rows:
            low, high = (
                word(row, c) if pd.isna(row[c]) else f"{fixed(100 * row[c], 2)}%" for c in ("conf_low", "conf_high")
            )
            held = "" if pd.isna(row["coverage"]) else per_cent(row["coverage"])
            lines.append(
                Line(
                    row["method"],
                    [row["program"], low if low == high and pd.isna(row["conf_low"]) else f"{low} to {high}", held],
                )
            )
    return Shown(["Method", "Program", ci_of(study), "Holds the truth"], [], lines)


def exact_halves(table):
    lines = []
    heads = {
        "crossed": "All have the event: flat from 10 to 11",
        "to the end": "The last ten are censored: flat from 10 to the end at 20",
    }
    for (term,), rows in by(table[table["topic"] == "exact half"], "term").items():
        lines.append(Line(heads[term]))
        for row in rows:
            asked = row.copy()
            asked["term"] = "median"
            lines.append(
                Line(
                    row["program"],
                    [row["method"], word(asked, "estimate") if pd.isna(row["estimate"]) else fixed(row["estimate"])],
                )
            )
    return Shown(["Program", "Rule", "Median"], ["1", "20"], lines)


def printed_conventions(table, study):
    lines = []
    for row in rows_of(table):
        cut = f"with digits cut off: {row['cut']}" if row["cut"] else ""
        given = "; ".join(part for part in (row["gives"], cut) if part) or "none of them"
        for reason in row["reasons"]:
            given = f"The figure is {MASKED}." if reason["why"] == "masked" else "This cohort gives no such figure."
        lines.append(Line(row["quote"], [whole(row, "tried"), given]))
    return Shown(["As printed", "Compared with", "Given by"], [], lines)


def published(table, study):
    lines = []
    for (topic,), rows in by(table, "topic").items():
        lines.append(Line(topic))
        for row in rows:
            computed = row["computed"]
            for reason in row["reasons"]:
                if reason.code == "no_counterpart":
                    computed = MASKED if reason["why"] == "masked" else NOT_ESTIMABLE
            lines.append(Line(row["quote"], [row["published"], computed, row["method"], row["verdict"]]))
    return Shown(["Published item", "Published", "Computed", "Method", "Verdict"], None, lines)


def headline(results, study):
    unit, lines = study.time_unit, []

    def add(label, row, write, method, after=""):
        estimate = number(row, "estimate", write) + (after if pd.notna(row["estimate"]) else "")
        lines.append(Line(label, [whole(row, "n"), whole(row, "events"), estimate, limits(row, write), method], [row]))

    def find(name, **where):
        return [row for row in rows_of(results[name]) if all(row[key] == value for key, value in where.items())]

    for name, endpoint in study.endpoints.items():
        for method in ("SPSS", "log-log"):
            for row in find("survival_summary", endpoint=name, group="", method=method):
                add(f"{endpoint.label}, median", row, time_in(unit), MEDIANS[method], f" {unit}")
        for row in find("survival_at", endpoint=name, group="", method="Kaplan-Meier, log-log"):
            add(f"{endpoint.label} at {lasting(row['time'], unit)}", row, per_cent, "Kaplan-Meier, log-log")
    for term, label in RATES.items():
        for row in find("response", term=term, group="", population="all patients", method="Clopper-Pearson"):
            add(label, row, per_cent, "Clopper-Pearson")
    for grade, label in (
        ("any grade", "Any recorded adverse event"), ("severe or worse", "Adverse event, severe or worse"),
    ):  # fmt: skip
        for row in find("adverse_events", term="Any adverse event", level=grade, method="Clopper-Pearson"):
            add(label, row, per_cent, "Clopper-Pearson")
    return Shown(["Result", "n", "Events", "Estimate", ci_of(study), "Method"], [], lines)

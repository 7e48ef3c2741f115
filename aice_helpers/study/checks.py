"""What the parts of a study file say of one another: names that must exist, choices that must fit."""

from __future__ import annotations

import difflib
import functools
import itertools
import re
from collections import Counter

from aice_helpers.study.date_checks import check_dates
from aice_helpers.study.model import (
    ARMS,
    FILE_FORMATS,
    RESPONSE_TERM,
    ROLES,
    SHAPES,
    TIME_UNITS,
    UNANSWERED,
    VARIABLE_TYPES,
    check_words,
)


def check_references(study, reader):
    """Names that must exist, choices that must be among the known ones, numbers that must lie in a range.

    Parameters
    ----------
    study : Study
    reader : reader of the study file
        Its ``fail`` is called with every fault.
    """
    choose = functools.partial(_choose, reader)
    choose("time_unit", study.time_unit, TIME_UNITS, "the time unit is not known")
    if study.arms:
        choose("arms", study.arms, ARMS, "how the groups came about is not known")
    _check_people(study, reader)
    ids = [name for name, variable in study.variables.items() if variable.role == "id"]
    if len(ids) != 1:
        reader.fail(
            "variables",
            ", ".join(ids) or None,
            "exactly one variable must have the role id",
            "Mark the patient number with role: id",
        )
    if not study.endpoints and study.response is None and study.adverse_events is None:
        rule = "at least one endpoint, a response or adverse events are needed"
        reader.fail("endpoints", None, rule, "Declare an endpoint with its time and event columns")
    _check_variables(study, reader, choose)
    check_words(study, reader)
    _check_columns(study, reader)
    _check_endpoint_columns(study, reader)
    _check_named_units(study, reader)
    check_dates(study, reader, choose)
    _check_tables(study, reader, choose)
    _check_endpoints(study, reader, choose)
    _check_plan(study, reader, choose)
    if study.response is not None:
        _check_response(study, reader, choose)
    _check_adverse_events(study, reader, choose)


def _choose(reader, key, value, known, what):
    if value not in known:
        near = difflib.get_close_matches(str(value), [str(k) for k in known], n=1, cutoff=0.5)
        fix = f"Did you mean {near[0]!r}?" if near else f"Choose among: {', '.join(map(str, known))}"
        reader.fail(key, value, what, fix)


def _check_variables(study, reader, choose):
    for name, variable in study.variables.items():
        key = f"variables.{name}"
        choose(f"{key}.role", variable.role, ROLES, "the role is not known")
        choose(f"{key}.type", variable.type, VARIABLE_TYPES, "the type is not known")
        if variable.type == "category" and not variable.levels:
            reader.fail(f"{key}.levels", None, "a category needs its levels", "List code: label for each level")
        if len(set(variable.levels.values())) < len(variable.levels):
            reader.fail(f"{key}.levels", None, "two levels have the same label", "Give each level its own label")
        if not all(label.strip() for label in variable.levels.values()):
            reader.fail(f"{key}.levels", None, "a level has no label", "Write code: label for each level")
        for code in variable.missing:
            if code in variable.levels:
                reader.fail(f"{key}.missing", code, "this code is also a level", "Keep it in one of the two")
        if variable.reference:
            choose(f"{key}.reference", variable.reference, tuple(variable.levels.values()), "the reference is no level")
        if variable.ordered and variable.type != "category":
            rule = "only the levels of a category are declared to be ordered"
            reader.fail(f"{key}.ordered", None, rule, "Take it out: numbers are ordered by themselves")
        if variable.range and (len(variable.range) != 2 or variable.range[0] >= variable.range[1]):
            reader.fail(f"{key}.range", None, "a range is two numbers, the lower first", "Write it as [low, high]")
        if variable.decimal and (variable.decimal not in (".", ",") or variable.type not in ("number", "integer")):
            rule = "a decimal mark is a point or a comma, of a number"
            reader.fail(f"{key}.decimal", variable.decimal, rule, "Write '.' or ',', or leave it out")
        if not variable.step > 0:
            reader.fail(f"{key}.step", variable.step, "a step is a number above zero", "Write for example 1")
        if name in study.endpoints:
            reader.fail(key, None, "this name has a meaning of its own: an endpoint has it", "Choose another one")


def _tables(study):
    """Key -> data file, of every one that the study file names."""
    tables = {"patients": study.patients}
    if study.adverse_events is not None:
        tables["adverse_events.data"] = study.adverse_events.data
    waiting = list(tables.items())
    while waiting:
        key, table = waiting.pop()
        more = {f"{key}.joined[{place}]": other for place, other in enumerate(table.joined, 1)}
        tables |= more
        waiting += more.items()
    return tables


def _check_tables(study, reader, choose):
    for key, table in _tables(study).items():
        if not table.file.strip():
            reader.fail(f"{key}.file", None, "the file has no name", "Name the data file")
        if table.delimiter and (len(table.delimiter) != 1 or table.delimiter in '"\r\n'):
            fix = 'Write it in quotes, a tab as "\\t"'
            reader.fail(f"{key}.delimiter", table.delimiter, "a delimiter is one character", fix)
        choose(f"{key}.decimal", table.decimal, (".", ","), "the decimal mark is not known")
        if table.delimiter == table.decimal:
            reader.fail(f"{key}.delimiter", table.delimiter, "the decimal mark cannot be the delimiter", "Change one")
        if table.format:
            choose(f"{key}.format", table.format, FILE_FORMATS, "the format is not known")
        if table.header < 1:
            reader.fail(f"{key}.header", None, "the first row has the number 1", "Write for example 2")
        if table.shape:
            choose(f"{key}.shape", table.shape, SHAPES, "the shape is not known")
        elif table.columns:
            reader.fail(f"{key}.columns", None, "columns belong to a shape, which is not given", "Add the shape")


def _check_endpoints(study, reader, choose):
    for name, endpoint in study.endpoints.items():
        if endpoint.unit:
            choose(f"endpoints.{name}.unit", endpoint.unit, TIME_UNITS, "the time unit is not known")
        if endpoint.not_longer_than:
            others = tuple(other for other in study.endpoints if other != name)
            choose(f"endpoints.{name}.not_longer_than", endpoint.not_longer_than, others, "no such endpoint")
        _check_codes(f"endpoints.{name}", endpoint, reader)


def _check_codes(key, endpoint, reader):
    """Each code stands for one end of observation, each kind of end has a name of its own, and codes that are needed."""
    given = [*endpoint.event_value, *endpoint.censored_value, *itertools.chain(*endpoint.competing.values())]
    for code, count in Counter(given).items():
        if count > 1:
            rule = "events, censored times and competing events have the same code"
            reader.fail(f"{key}.event_value", code, rule, "Name each code once")
    kinds = [*endpoint.event_kinds, *endpoint.competing]
    for kind, count in Counter(kinds).items():
        if count > 1 or not kind.strip():
            reader.fail(f"{key}.competing", kind, "a kind of event has no name of its own", "Give each its own name")
    if endpoint.first_of:
        return
    for needed in ("event_value", "censored_value"):
        if not getattr(endpoint, needed):
            reader.fail(f"{key}.{needed}", None, "a code is needed here", "Write the code that the column holds")
    for kind, codes in endpoint.competing.items():
        if not codes:
            reader.fail(
                f"{key}.competing.{kind}", None, "a code is needed here", "Write for example competing: {death: 2}"
            )


def _check_plan(study, reader, choose):
    plan = study.analysis
    allowed = study.described + ((RESPONSE_TERM,) if study.response else ())
    open_ = {name for name, variable in study.variables.items() if variable.is_unanswered}
    for key, what in (
        ("prognostic_factors", "factor"), ("multivariable", "factor"), ("groups", "grouping"), ("strata", "stratum"),
    ):  # fmt: skip
        for name in getattr(plan, key):
            if name in open_:
                _fault_unanswered(reader, f"analysis.{key}", name)
                continue
            choose(f"analysis.{key}", name, allowed, f"this {what} is no declared covariate")
    for key in ("groups", "strata"):
        for name in getattr(plan, key):
            if name in open_:
                continue
            if name in study.variables and study.variables[name].type != "category" and name not in plan.cut_points:
                reader.fail(
                    f"analysis.{key}",
                    name,
                    "a numeric variable needs cut-points to form groups",
                    "Add it under analysis.cut_points",
                )
    _check_strata(study, reader)
    _check_cut_points(study, reader, choose)
    if not 0.5 <= plan.confidence_level < 1:
        reader.fail(
            "analysis.confidence_level",
            plan.confidence_level,
            "the confidence level lies between 0.5 and 1",
            "Write for example 0.95",
        )
    for key in ("groups", "strata", "prognostic_factors", "multivariable", "rate_times", "response_landmarks"):
        for value, count in Counter(getattr(plan, key)).items():
            if count > 1:
                reader.fail(f"analysis.{key}", value, "this is listed more than once", "Name it once")
    for key in ("rate_times", "response_landmarks"):
        for value in getattr(plan, key):
            if value <= 0:
                reader.fail(f"analysis.{key}", value, "a landmark lies after time zero", "Write a positive number")
    if plan.rmst_horizon is not None and plan.rmst_horizon <= 0:
        reader.fail(
            "analysis.rmst_horizon", plan.rmst_horizon, "the horizon lies after time zero", "Write a positive number"
        )


def _check_strata(study, reader):
    """A stratum is known at time zero, and what is compared within strata is none of them."""
    plan = study.analysis
    compared = {*plan.groups, *plan.prognostic_factors, *plan.multivariable}
    for name in plan.strata:
        if study.known_later(name):
            rule = "this stratum is known only after time zero"
            reader.fail("analysis.strata", name, rule, "Name a variable of role baseline")
        elif name in compared:
            rule = "a stratum is compared nowhere, and this one is a group or a factor of the plan too"
            reader.fail("analysis.strata", name, rule, "Keep it in one of the two")


def _fault_unanswered(reader, key, name):
    """A model holds what was known at time zero; of this variable nobody has said it."""
    rule = "it is not said when this variable is known, so no model may hold it"
    fix = (
        f"If it was known at time zero, say so (variables.{name}.known: before the start); "
        "if only later, write role: post-baseline or role: outcome and take it out of the plan"
    )
    reader.fail(key, name, rule, fix)


def _check_cut_points(study, reader, choose):
    covariates = (*study.described, *(name for name, v in study.variables.items() if v.is_unanswered))
    for name, cut in study.analysis.cut_points.items():
        choose("analysis.cut_points", name, covariates, "cut-points for an undeclared covariate")
        if name in covariates and study.variables[name].type == "category":
            reader.fail(
                f"analysis.cut_points.{name}", None, "a category has levels, not cut-points", "Take the cut-points out"
            )
        if not cut.at or list(cut.at) != sorted(set(cut.at)):
            reader.fail(
                f"analysis.cut_points.{name}.at", None, "cut-points are rising numbers", "Write them as [5, 10]"
            )
        if cut.labels and len(cut.labels) != len(cut.at) + 1:
            reader.fail(
                f"analysis.cut_points.{name}.labels",
                None,
                "there is one group more than cut-points",
                "Name every group",
            )
        if len(set(cut.labels)) < len(cut.labels):
            reader.fail(
                f"analysis.cut_points.{name}.labels", None, "two groups have the same label", "Name each its own way"
            )
        if not all(label.strip() for label in cut.labels):
            reader.fail(f"analysis.cut_points.{name}.labels", None, "a group has no label", "Name every group")


def _check_adverse_events(study, reader, choose):
    events = study.adverse_events
    if events is not None:
        choose("adverse_events.severe_from", events.severe_from, tuple(events.grades.values()), "no such grade")
        if len(set(events.grades.values())) < len(events.grades):
            reader.fail(
                "adverse_events.grades", None, "two grades have the same label", "Give each grade its own label"
            )


_UNIT_WORD = re.compile(r"(?:^|[^a-z])(day|week|month|year)s?(?:[^a-z]|$)")


def _check_named_units(study, reader):
    """A time column whose name states another unit than is declared would be counted wrongly by the whole factor."""
    for name, endpoint in study.endpoints.items():
        named = _UNIT_WORD.search(endpoint.time.lower())
        unit = f"{named[1]}s" if named else study.time_unit
        if not endpoint.unit and unit != study.time_unit:
            rule = f"by its name this column holds {unit}, the study counts in {study.time_unit}"
            fix = f"Write unit: {unit} under this endpoint, or unit: {study.time_unit} if the name is wrong"
            reader.fail(f"endpoints.{name}.time", endpoint.time, rule, fix)


def _check_endpoint_columns(study, reader):
    """What an endpoint is computed from is known only at its end and is no characteristic at the start."""
    columns = {
        getattr(one, key): f"the {key} of {name}"
        for name, one in study.endpoints.items()
        for key in ("time", "event", "entry")
    }
    for name in study.described:
        what = columns.get(study.variables[name].source)
        if what:
            fix = "Take the variable out, or write role: outcome"
            reader.fail(f"variables.{name}", None, f"its column is {what}, so it is no baseline variable", fix)


def _check_columns(study, reader):
    """The id serves no other purpose, and a time is no event."""
    ids = {variable.source for variable in study.variables.values() if variable.role == "id"}
    for name, variable in study.variables.items():
        if variable.role not in ("id", "excluded") and variable.source in ids:
            reader.fail(f"variables.{name}", None, "the id cannot be a variable as well", "Take it out")
    for name, endpoint in study.endpoints.items():
        for key in ("time", "event", "entry"):
            if getattr(endpoint, key) == UNANSWERED:
                rule = f"the {key} column of this endpoint is not named yet"
                reader.fail(f"endpoints.{name}.{key}", None, rule, "Write the name of the column in place of the ?")
            if getattr(endpoint, key) in ids:
                reader.fail(f"endpoints.{name}.{key}", None, "this is the id column", "Name the right column")
        if endpoint.time and endpoint.time == endpoint.event != UNANSWERED:
            reader.fail(f"endpoints.{name}.event", endpoint.event, "time and event are one column", "Name both columns")
        if endpoint.entry and endpoint.entry in (endpoint.time, endpoint.event):
            rule = "the entry is the column of the time or the event"
            reader.fail(f"endpoints.{name}.entry", endpoint.entry, rule, "Name the column of the entry")


def _check_response(study, reader, choose):
    response = study.response
    kept = {name: v.type for name, v in study.variables.items() if v.role not in ("id", "excluded")}
    categories = tuple(name for name, type_ in kept.items() if type_ == "category")
    numbers = tuple(name for name, type_ in kept.items() if type_ in ("number", "integer"))
    choose("response.variable", response.variable, categories, "no such variable with levels")
    for key in ("change", "month"):
        if getattr(response, key):
            choose(f"response.{key}", getattr(response, key), numbers, "no such numeric variable")
    if response.variable not in categories:
        return
    labels = tuple(study.variables[response.variable].levels.values())
    for key in ("responders", "controlled", "progressed", "not_evaluable"):
        for label in getattr(response, key):
            choose(f"response.{key}", label, labels, "no such response category")
    if not set(response.responders) <= set(response.controlled):
        reader.fail(
            "response.controlled", None, "a responder also has disease control", "Add the responders to controlled"
        )
    if set(response.controlled) & set(response.not_evaluable + response.progressed):
        reader.fail("response.controlled", None, "a category counts both as control and as not", "List it once")


def _check_people(study, reader):
    """``people`` names one and several of them, in words."""
    words = study.people
    if words and (len(words) != 2 or not all(word.strip() and word.replace(" ", "").isalpha() for word in words)):
        reader.fail(
            "people",
            ", ".join(words),
            "the word for one and the word for several of them are needed",
            "Write for example people: [woman, women]",
        )

"""Apply a `Mask` to result tables: blank what it does not publish and say so in reasons."""

import math

import numpy as np
import pandas as pd

from aice_helpers.core.reasons import HIDDEN, Reason
from aice_helpers.core.results import CRUDE, result_table
from aice_helpers.masking import coarse
from aice_helpers.masking.decide import ALL_FACTORS, MODEL
from aice_helpers.stats.response import no_changes
from aice_helpers.study.model import ANY_GRADE, RESPONSE_TERM

DIGITS = 4
"""Significant digits that a masked table keeps: a fraction written out in full would give its denominator away."""

COARSE_DIGITS = 2
"""Digits of the moments of a variable whose number of missing values is masked."""

_SHARES = {"baseline": "count", "response": "events", "adverse_events": "events"}
"""Tables of shares -> the column with the number of the ``n`` patients that each row is the share of."""

_STAY = ("known_later", "biased_from_zero")
"""Codes of the reasons that stay beside a hidden estimate: they are true of the study, whatever the numbers."""

_TIMES = ("estimate", "conf_low", "conf_high")

_UNCERTAIN = ("estimate", "conf_low", "conf_high", "p_value", "statistic", "coefficient", "std_error", "expected", "df")


def _hide(mask, table, rows, columns, *, code="masked"):
    """Blank columns of some rows and say so in their reasons; with "counts_masked" where the estimate is shown."""
    rows = np.asarray(rows, dtype=bool)
    if not rows.any():
        return
    columns = [column for column in table.columns if column in columns]
    for column in columns:
        table.loc[rows, column] = pd.NA if table[column].dtype == "Int64" else np.nan
    table["reasons"] = [
        _with_hidden(reasons, code, columns, mask.k) if hit else reasons
        for reasons, hit in zip(table["reasons"], rows, strict=True)
    ]


def _with_hidden(reasons, code, columns, k):
    """Reasons of a row, of which some columns are hidden now, beside those that were hidden before."""
    before = next((each for each in reasons if each.code in HIDDEN), None)
    if before is not None:
        columns = dict.fromkeys((*before["columns"], *columns))
    if code == "masked":
        # What else is said of a hidden number may tell how small it is.
        return (*(each for each in reasons if each.code in _STAY), Reason("masked", columns=columns, below=k))
    if before is None:
        return (*reasons, Reason(code, columns=columns, below=k))
    return tuple(Reason(each.code, columns=columns, below=k) if each is before else each for each in reasons)


def _finished(name, table):
    """The masked table with fewer digits and without counts in its reasons."""
    # A share that stands beside its two counts tells no more than they do, and rounded twice it may not fit them.
    kept = table["method"] == CRUDE
    if name in _SHARES:
        kept |= table[_SHARES[name]].notna() & table["n"].notna()
    for column in table.columns:
        if table[column].dtype == "float64" and column not in ("time", "landmark", "step", "conf_level"):
            rounded = [significant(value, DIGITS) for value in table[column]]
            table[column] = table[column].where(kept, pd.Series(rounded, index=table.index))
    table["reasons"] = [tuple(each.untold() for each in reasons) for reasons in table["reasons"]]
    return result_table(name, table)


def significant(value, digits):
    """A number rounded to significant digits.

    >>> significant(0.451327, 2), significant(1234.5, 2), significant(0.0, 2)
    (0.45, 1200.0, 0.0)
    """
    return value if not value or not math.isfinite(value) else float(f"{value:.{digits}g}")


def _mask_baseline(mask, table):
    table = table.copy()
    numbers = ("estimate", "low", "high")
    for row in table.index:
        line = table.loc[row]
        at = table.index == row
        if line["term"] == "flow":
            if mask.small(line["count"], line["n"] - line["count"]) or not _flow_shown(mask, line["level"]):
                _hide(mask, table, at, ("count", *numbers))
            continue
        known = line["term"] in mask.known
        if line["statistic"] == "share":
            if line["level"] not in mask.levels(line["term"]):
                _hide(mask, table, at, ("count", *numbers))
            elif not known:
                _hide(mask, table, at, numbers)
        elif line["statistic"] == "range" or 0 < line["n"] < mask.k or _moments_tell(mask, line):
            _hide(mask, table, at, numbers)
        elif not known:
            for column in numbers:
                table.loc[at, column] = significant(line[column], COARSE_DIGITS)
        if not known:
            _hide(mask, table, at, ("n", "missing"), code="counts_masked")
    return _finished("baseline", table)


def _moments_tell(mask, line):
    """Whether mean and standard deviation give away how many patients have a value: they do for up to three values."""
    counts = mask.cohort.column(line["term"]).value_counts()
    return line["statistic"] in ("mean", "sd") and len(counts) <= 3 and mask.small(*counts)


def _flow_shown(mask, level):
    study = mask.cohort.study
    for name, endpoint in study.endpoints.items():
        if level == f"{endpoint.label}: with follow-up":
            return mask.sized(name)
        if level in {f"{endpoint.label}: {end}" for end in ("event", "censored", "without the event")}:
            return mask.events(name)
    rules = {
        "evaluable for response": lambda: "evaluable" in mask.response,
        "with at least one adverse event": lambda: (None, ANY_GRADE) in mask.adverse_events,
        "complete in all prognostic factors": lambda: ALL_FACTORS in mask.known,
        "complete in the multivariable model": lambda: MODEL in mask.known,
    }
    return rules.get(level, lambda: True)()


def _mask_response(mask, table):
    table = table.copy()
    labels = set(mask.cohort.column(mask.cohort.study.response.variable).cat.categories)
    for row in table.index:
        line, at = table.loc[row], table.index == row
        if line["group"]:
            if line["level"] not in mask.levels(line["group"]):
                _hide(mask, table, at, ("n", "events", *_UNCERTAIN))
            elif line["level"] not in mask.response_of_levels(line["group"]):
                _hide(mask, table, at, ("events", *_UNCERTAIN))
            continue
        what = line["term"]
        if what in ("ORR", "DCR"):
            shown = what in mask.response
        else:
            # A declared category may have the very name under which missing values are counted; they share its row.
            shown = {
                (name,) for name in (what if what in labels else None, None if what == "Not recorded" else what)
            } <= (mask.response)
        evaluable = line["population"] != "evaluable patients" or "evaluable" in mask.response
        if not evaluable:
            _hide(mask, table, at, ("n",))
        if not shown:
            _hide(mask, table, at, ("events",))
        if not (shown and evaluable):
            _hide(mask, table, at, _UNCERTAIN)
    return _finished("response", table)


def _mask_grouped(name):
    """Masking of medians and log-rank tests: per endpoint, for everyone, for levels and for the test."""

    def apply(mask, table):
        table = table.copy()
        for row in table.index:
            line, at = table.loc[row], table.index == row
            _mask_sizes(mask, table, at, line)
        table["reasons"] = [
            tuple(each for each in reasons if each.code != "curves_cross" or set(each["levels"]) <= shown)
            for reasons, shown in zip(table["reasons"], _shown_levels(mask, table), strict=True)
        ]
        return _finished(name, table)

    return apply


def _shown_levels(mask, table):
    """For each row the levels of its grouping whose estimates are told."""
    pairs = zip(table["group"], table["endpoint"], strict=True)
    return [mask.estimates_of_levels(group, endpoint) if group else frozenset() for group, endpoint in pairs]


def _mask_summary(mask, table):
    joined = _joined_times(table)
    table = _mask_grouped("survival_summary")(mask, table)
    for row in table.index:
        endpoint, group, level = table.loc[row, ["endpoint", "group", "level"]]
        time, event = mask.outcome(endpoint)
        if group:
            members, points = mask.groups_in(group, endpoint)[level], mask.level_points(endpoint, group).get(level, ())
            blur(mask, table, row, time[event & members], points)
        else:
            blur(mask, table, row, time[event], mask.points(endpoint), only=joined[endpoint])
    return _finished("survival_summary", table)


def _joined_times(table):
    """Endpoint -> those of everyone's times in a table of medians that another endpoint shows too, as they are shown."""
    shown = {}
    for _, row in table[table["group"] == ""].iterrows():
        columns = ["estimate"] if row["method"] == "SPSS" else ["estimate", "conf_low", "conf_high"]
        shown.setdefault(row["endpoint"], set()).update(significant(time, DIGITS) for time in row[columns].dropna())
    return {
        name: times & set().union(*(others for other, others in shown.items() if other != name))
        for name, times in shown.items()
    }


def blur(mask, table, row, held, points=(), *, only=None):
    """Give the times of a row as the middles of spans that K of the patients with the times ``held`` share.

    ``only`` names the times that need it, when not all do; the limits of a median that needs it go with it. The limits of
    SPSS lie as far below the median as above it and would give it away, so their distance is rounded up.
    """
    unit = mask.cohort.study.time_unit
    line = table.loc[row]
    if only is not None and significant(line["estimate"], DIGITS) in only:
        only = None
    spans = {
        column: coarse.blurred(line[column], held, unit, mask.k, points=points)
        for column in _TIMES
        if pd.notna(line[column]) and (only is None or significant(line[column], DIGITS) in only)
    }
    if line["method"] == "SPSS":
        if "estimate" not in spans:
            return
        spans = {"estimate": spans["estimate"]}
        middle, width = spans["estimate"] or (math.nan, math.nan)
        table.loc[row, "estimate"] = middle
        if pd.notna(line["conf_high"]):
            half = math.ceil((line["conf_high"] - line["estimate"]) / width) * width if width > 0 else math.nan
            table.loc[row, ["conf_low", "conf_high"]] = np.maximum(0.0, middle - half), middle + half
    else:
        middle, width = spans.get("estimate", (line["estimate"], 0.0)) or (math.nan, 0.0)
        for column, wrong in (("conf_low", np.greater), ("conf_high", np.less)):
            # A limit within the wider span of the median must not seem to lie on its other side.
            if spans.get(column) and wrong(spans[column][0], middle):
                spans[column] = middle, max(width, spans[column][1])
        for column, span in spans.items():
            table.loc[row, column] = math.nan if span is None else span[0]
    worthless = [name for name, span in spans.items() if span is None]
    if worthless:
        # The limits of SPSS go with their median.
        _hide(mask, table, table.index == row, _TIMES if line["method"] == "SPSS" else worthless)
    told = {name: None if spans.get(name) is None else spans[name][1] for name in _TIMES}
    if any(half is not None for half in told.values()):
        reason = Reason("blurred", below=mask.k, **told)
        table["reasons"] = [
            (*reasons, reason) if place == row else reasons for place, reasons in table["reasons"].items()
        ]


def _mask_sizes(mask, table, at, line):
    """Blank what may not be told of everyone, of a level, or of a test over levels."""
    endpoint, group, level = line["endpoint"], line["group"], line["level"]
    if not mask.estimates(endpoint):
        _hide(mask, table, at, ("n", "events", *_UNCERTAIN))
    elif not group:
        if not mask.sized(endpoint):
            _hide(mask, table, at, ("n",), code="counts_masked")
        if not mask.events(endpoint):
            _hide(mask, table, at, ("events",), code="counts_masked")
    elif level:
        _mask_level_size(mask, table, at, group, level, endpoint)
        if level not in mask.levels(group) or level not in mask.estimates_of_levels(group, endpoint):
            _hide(mask, table, at, ("events", *_UNCERTAIN))
        elif level not in mask.events_of_levels(group, endpoint):
            _hide(mask, table, at, ("events", "expected"), code="counts_masked")
    else:
        _mask_whole(mask, table, at, endpoint, group)


def _mask_level_size(mask, table, at, name, level, endpoint):
    """Blank the size of a level among the patients of an endpoint."""
    if level not in mask.levels(name):
        _hide(mask, table, at, ("n",))
    elif level not in mask.levels_in(name, endpoint):
        _hide(mask, table, at, ("n",), code="counts_masked")


def _mask_whole(mask, table, at, endpoint, name, *, among="", tested=True):
    """Blank the counts of all patients with a value, and the test of a factor none of whose levels is shown.

    ``among`` names the complete cases that the counts are of, where it is not the patients with a value of ``name``.
    """
    if tested and not mask.estimates_of_levels(name, endpoint):
        _hide(mask, table, at, _UNCERTAIN)
    what = among or name
    if not mask.counted(what, endpoint):
        _hide(mask, table, at, ("n", "events", "excluded", "expected"), code="counts_masked")
    elif what not in mask.events_known(endpoint):
        _hide(mask, table, at, ("events", "expected"), code="counts_masked")


def _mask_survival_at(mask, table):
    table = table.copy()
    times = tuple(dict.fromkeys(table["time"]))
    for row in table.index:
        line, at = table.loc[row], table.index == row
        if line["group"]:
            _mask_rate_of_level(mask, table, at, line)
            continue
        shown = mask.times(line["endpoint"], times).get(float(line["time"]))
        crude = line["method"] == CRUDE
        if not mask.sized(line["endpoint"]):
            _hide(mask, table, at, ("n",), code="counts_masked")
        beyond = pd.isna(line["estimate"]) and mask.events(line["endpoint"]) and mask.estimates(line["endpoint"])
        if shown == "counts":
            time, event = mask.outcome(line["endpoint"])
            # With the events by then, it would tell the events at that very time.
            if (event & (time == line["time"])).any():
                _hide(mask, table, at, ("at_risk",), code="counts_masked")
        elif shown is None or crude:
            if beyond and line["at_risk"] == 0:
                continue
            _hide(mask, table, at, ("events", "at_risk", *_UNCERTAIN))
        else:
            _hide(mask, table, at, ("events", "at_risk"), code="counts_masked")
            _round_rate(table, at)
    return _finished("survival_at", table)


def _mask_rate_of_level(mask, table, at, line, *, times=()):
    """Blank a rate of a level unless its curve has a point there; a mean up to ``times`` has rules of its own."""
    sized = line["level"] in mask.levels(line["group"])
    _mask_level_size(mask, table, at, line["group"], line["level"], line["endpoint"])
    if times:
        shown = sized and line["level"] in mask.rates_of_levels(line["group"], line["endpoint"], times)
    else:
        shown = line["time"] in mask.level_points(line["endpoint"], line["group"]).get(line["level"], ())
    if not shown or line["method"] == CRUDE:
        _hide(mask, table, at, ("events", "at_risk", *_UNCERTAIN))
    else:
        _hide(mask, table, at, ("events", "at_risk"), code="counts_masked")
        _round_rate(table, at)


def _round_rate(table, at):
    for column in ("estimate", "conf_low", "conf_high"):
        table.loc[at, column] = table.loc[at, column].round(2)


def _mask_rmst(mask, table):
    table = table.copy()
    for row in table.index:
        line, at = table.loc[row], table.index == row
        # A lowered horizon is the last observation, the time of one patient.
        lowered = any(each.code == "horizon_lowered" for each in line["reasons"])
        if line["group"]:
            _mask_rate_of_level(mask, table, at, line, times=(line["time"],))
        else:
            shown = mask.times(line["endpoint"], (line["time"],)).get(float(line["time"]))
            if not mask.sized(line["endpoint"]):
                _hide(mask, table, at, ("n",), code="counts_masked")
            if shown is None:
                _hide(mask, table, at, ("events", *_UNCERTAIN))
            elif shown == "rate":
                _hide(mask, table, at, ("events",), code="counts_masked")
        if lowered:
            _hide(mask, table, at, ("events", "time", *_UNCERTAIN))
    return _finished("rmst", table)


def _mask_curve(mask, table):
    def chosen(endpoint, group):
        time, event = mask.outcome(endpoint)
        if group:
            return coarse.Sample(time, event, mask.groups_in(group, endpoint), mask.level_points(endpoint, group))
        points = {"": mask.points(endpoint)} if mask.estimates(endpoint) else {}
        return coarse.Sample(time, event, {"": np.ones(len(time), dtype=bool)}, points)

    frames = coarse.coarse_table(table, chosen, mask.cohort.study.time_unit, mask.k)
    for frame in frames:
        endpoint, group, level = frame.loc[0, ["endpoint", "group", "level"]]
        if not (level in mask.levels_in(group, endpoint) if group else mask.sized(endpoint)):
            frame.loc[0, "at_risk"] = pd.NA
    if not frames:
        return result_table("survival_curve", [], reason=Reason("curves_masked", below=mask.k))
    return result_table("survival_curve", pd.concat(frames, ignore_index=True))


def _mask_follow_up(mask, table):
    table = table.copy()
    for row in table.index:
        line, at = table.loc[row], table.index == row
        if not mask.events(line["endpoint"]):
            overall = line["term"] == "median follow-up" and mask.estimates(line["endpoint"])
            if overall and mask.sized(line["endpoint"]) and line["n"] > line["events"]:
                _hide(mask, table, at, ("events", *_UNCERTAIN))
            else:
                _hide(mask, table, at, ("n", "events", *_UNCERTAIN))
        if mask.cohort.study.endpoints[line["endpoint"]].competing:
            # Beside the patients without the event, those censored would tell how many had a competing one, and when.
            shown = ("n", *_UNCERTAIN) if line["term"] != "median follow-up" else _UNCERTAIN
            _hide(mask, table, at, shown)
            continue
        if line["term"] == "longest censored time" and line["n"]:
            _hide(mask, table, at, _UNCERTAIN)
        time, event = mask.outcome(line["endpoint"])
        blur(mask, table, row, time[~event])
    return _finished("follow_up", table)


def _mask_contrasts(mask, table):
    """Blank the contrasts of levels that are not both told; of differences the limits say how sure they are.

    What both rates are told to, their difference is told to; a sharper one, or its error, would tell more than they do.
    """
    table = table.copy()
    for row in table.index:
        line, at = table.loc[row], table.index == row
        endpoint, group, pair = line["endpoint"], line["group"], (line["level"], line["reference"])
        _hide(mask, table, at, ("n", "events"), code="counts_masked")
        if line["term"] == "survival":
            points = mask.level_points(endpoint, group)
            shown = all(line["time"] in points.get(level, ()) for level in pair)
        elif line["term"] == "restricted mean":
            lowered = any(each.code == "horizon_lowered" for each in line["reasons"])
            shown = not lowered and set(pair) <= mask.rates_of_levels(group, endpoint, (line["time"],))
            if lowered:
                _hide(mask, table, at, ("time",))
        else:
            shown = set(pair) <= mask.estimates_of_levels(group, endpoint)
            shown &= line["term"] == "hazard ratio" or mask.within_strata(group, endpoint)
        if not shown:
            _hide(mask, table, at, _UNCERTAIN)
        elif line["term"] in ("survival", "restricted mean"):
            _hide(mask, table, at, ("std_error", "p_value"), code="counts_masked")
            _round_rate(table, at)
    return _finished("group_contrasts", table)


def _mask_tests(mask, table):
    table = table.copy()
    _hide(mask, table, [True] * len(table), ("n", "events"), code="counts_masked")
    hidden = set()
    for row in table.index:
        line, at = table.loc[row], table.index == row
        endpoint, group, term = line["endpoint"], line["group"], line["term"]
        shown = mask.estimates_of_levels(group, endpoint)
        filled = {level for level, members in mask.groups_in(group, endpoint).items() if members.any()}
        told = {
            "pairwise": {line["level"], line["reference"]} <= shown,
            "trend": filled <= shown,
            "stratified": filled <= shown and mask.within_strata(group, endpoint),
            "proportional hazards": bool(shown),
        }
        if not told[term]:
            _hide(mask, table, at, (*_UNCERTAIN, "adjusted"))
            hidden.add((endpoint, group))
    # A P value that is adjusted for others may be one of theirs.
    beside = np.array([pair in hidden for pair in zip(table["endpoint"], table["group"], strict=True)], dtype=bool)
    _hide(mask, table, (table["term"] == "pairwise") & beside, ("adjusted",), code="counts_masked")
    return _finished("group_tests", table)


def _mask_cox(mask, table):
    table = table.copy()
    counts = ("n", "events", "excluded", "later")
    for row in table.index:
        line, at = table.loc[row], table.index == row
        endpoint = line["endpoint"]
        if not mask.estimates(endpoint):
            _hide(mask, table, at, (*counts, *_UNCERTAIN))
        elif pd.notna(line["landmark"]):
            same = (table["endpoint"] == endpoint) & (table["model"] == line["model"])
            _mask_landmark(mask, table, at, same & (table["landmark"] == line["landmark"]))
        elif line["kind"] in ("numeric", "joint"):
            _mask_factor(mask, table, at, line)
        else:
            _mask_level(mask, table, at, line)
    for row in table.index[table["landmark"].notna()]:
        at = table.index == row
        _hide(mask, table, at, counts, code="counts_masked")
    return _finished("cox", table)


def _mask_landmark(mask, table, at, together):
    """Blank the hazard ratio of a landmark with few patients or events in a group; the counts go later."""
    parts = table.loc[together & table["n"].notna()]
    unseen = parts["n"].astype(float) - parts["events"].astype(float)
    if mask.small(*parts["n"].astype(int), *parts["events"].astype(int), *unseen.astype(int)):
        _hide(mask, table, at, _UNCERTAIN)


def _mask_factor(mask, table, at, line):
    """Blank what may not be told of a whole factor or model: a measurement, or the test of a category."""
    name = line["term"]
    tested = name == RESPONSE_TERM or (
        name in mask.cohort.patients and isinstance(mask.cohort.column(name).dtype, pd.CategoricalDtype)
    )
    among = MODEL if line["model"] == "multivariable" else ""
    _mask_whole(mask, table, at, line["endpoint"], name, among=among, tested=tested)


def _mask_level(mask, table, at, line):
    name, endpoint, level = line["term"], line["endpoint"], line["level"]
    what = MODEL if line["model"] == "multivariable" else name
    _mask_level_size(mask, table, at, name, level, endpoint)
    if level not in mask.levels(name) or level not in mask.estimates_of_levels(name, endpoint):
        _hide(mask, table, at, ("events", *_UNCERTAIN))
    elif level not in mask.events_of_levels(name, endpoint):
        _hide(mask, table, at, ("events",), code="counts_masked")
    if line["model"] == "multivariable" and not mask.complete:
        # Beside the counts of the models with one factor these would tell who was left out, level by level.
        _hide(mask, table, at, ("n", "events"), code="counts_masked")
    if not mask.counted(what, endpoint):
        _hide(mask, table, at, ("excluded",), code="counts_masked")


def _mask_ph_test(mask, table):
    table = table.copy()
    for row in table.index:
        line, at = table.loc[row], table.index == row
        if not mask.estimates(line["endpoint"]):
            _hide(mask, table, at, ("n", "events", *_UNCERTAIN))
        else:
            _mask_factor(mask, table, at, line)
    return _finished("ph_test", table)


def _mask_performance(mask, table):
    table = table.copy()
    for row in table.index:
        line, at = table.loc[row], table.index == row
        if not mask.estimates(line["endpoint"]):
            _hide(mask, table, at, ("n", "events", "excluded", *_UNCERTAIN))
            continue
        _mask_whole(mask, table, at, line["endpoint"], MODEL, tested=False)
        if line["term"] == "events per variable" and MODEL not in mask.events_known(line["endpoint"]):
            _hide(mask, table, at, _UNCERTAIN)
    return _finished("model_performance", table)


def _mask_adverse_events(mask, table):
    table = table.copy()
    recorded = set(mask.cohort.adverse_events["term"])
    overall = table["term"].iloc[0]
    for row in table.index:
        line, at = table.loc[row], table.index == row
        if line["term"] != overall and line["term"] not in recorded:
            continue
        term = None if line["term"] == overall else line["term"]
        if (term, line["level"]) not in mask.adverse_events:
            _hide(mask, table, at, ("events", *_UNCERTAIN))
        nobody = pd.notna(table["events"].iloc[row]) and line["events"] == 0 == line["occurrences"]
        if not nobody and (line["level"] != ANY_GRADE or term not in mask.occurrences):
            _hide(mask, table, at, ("occurrences",), code="counts_masked")
    return _finished("adverse_events", table)


def _mask_conventions(mask, table):
    """Several conventions of one number are several equations for the patients behind it: of times none is told, and of
    proportions those whose count is told anyhow."""
    table = table.copy()
    shown = (table["topic"] == "exact half") | ((table["topic"] == "proportion") & table["term"].isin(mask.response))
    _hide(mask, table, ~shown & (table["topic"] == "proportion"), ("events", *_UNCERTAIN, "coverage"))
    _hide(mask, table, ~shown & (table["topic"] != "proportion"), ("n", "events", *_UNCERTAIN, "coverage"))
    return _finished("conventions", table)


def leave_out_changes(_mask, _table):
    """A waterfall shows one bar a patient, so nothing of it is told."""
    return no_changes(Reason("patient_level"))


def _leave_out_derivation(name):
    """Counts by rule are mostly small, and differ between endpoints by few patients, so none is told."""

    def apply(_mask, _table):
        return result_table(name, [], reason=Reason("derivation_masked"))

    return apply


RULES = {
    "derivation": _leave_out_derivation("derivation"),
    "estimands": _leave_out_derivation("estimands"),
    "baseline": _mask_baseline,
    "response": _mask_response,
    "survival_summary": _mask_summary,
    "survival_at": _mask_survival_at,
    "survival_curve": _mask_curve,
    "follow_up": _mask_follow_up,
    "rmst": _mask_rmst,
    "logrank": _mask_grouped("logrank"),
    "group_contrasts": _mask_contrasts,
    "group_tests": _mask_tests,
    "cox": _mask_cox,
    "ph_test": _mask_ph_test,
    "model_performance": _mask_performance,
    "adverse_events": _mask_adverse_events,
    "conventions": _mask_conventions,
}
"""Contract of a result table -> what may be told of it: takes a `Mask` and a table, returns the masked table."""

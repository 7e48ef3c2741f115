"""Apply a `Mask` to result tables: blank what it does not publish and say so in reasons."""

import math

import numpy as np
import pandas as pd

from aice_helpers.core.reasons import HIDDEN, Reason
from aice_helpers.core.results import CRUDE, result_table
from aice_helpers.core.ticks import time_ticks
from aice_helpers.stats.response import no_changes
from aice_helpers.study.model import RESPONSE_TERM

DIGITS = 4
"""Significant digits that a masked table keeps: a fraction written out in full would give its denominator away."""

COARSE_DIGITS = 2
"""Digits of the moments of a variable whose number of missing values is masked."""

_SHARES = {"baseline": "count", "response": "events", "adverse_events": "events"}
"""Tables of shares -> the column with the number of the ``n`` patients that each row is the share of."""

_STAY = ("known_later", "biased_from_zero")
"""Codes of the reasons that stay beside a hidden estimate: they are true of the study, whatever the numbers."""

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
    counts = mask.cohort.patients[line["term"]].value_counts()
    return line["statistic"] in ("mean", "sd") and len(counts) <= 3 and mask.small(*counts)


def _flow_shown(mask, level):
    study = mask.cohort.study
    ends = {
        f"{endpoint.label}: {what}": name
        for name, endpoint in study.endpoints.items()
        for what in ("event", "censored")
    }
    if level in ends:
        return mask.events(ends[level])
    rules = {
        "evaluable for response": lambda: "evaluable" in mask.response,
        "with at least one adverse event": lambda: (None, "any grade") in mask.adverse_events,
        "complete in all prognostic factors": lambda: "all factors" in mask.known,
        "complete in the multivariable model": lambda: "model" in mask.known,
    }
    return rules.get(level, lambda: True)()


def _mask_response(mask, table):
    table = table.copy()
    labels = set(mask.cohort.patients[mask.cohort.study.response.variable].cat.categories)
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
        return _finished(name, table)

    return apply


def _mask_sizes(mask, table, at, line):
    """Blank what may not be told of everyone, of a level, or of a test over levels."""
    endpoint, group, level = line["endpoint"], line["group"], line["level"]
    if not mask.estimates(endpoint):
        _hide(mask, table, at, ("n", "events", *_UNCERTAIN))
    elif not group:
        if not mask.events(endpoint):
            _hide(mask, table, at, ("events",), code="counts_masked")
    elif level:
        if level not in mask.levels(group):
            _hide(mask, table, at, ("n", "events", *_UNCERTAIN))
        elif level not in mask.estimates_of_levels(group, endpoint):
            _hide(mask, table, at, ("events", *_UNCERTAIN))
        elif level not in mask.events_of_levels(group, endpoint):
            _hide(mask, table, at, ("events", "expected"), code="counts_masked")
    else:
        _mask_whole(mask, table, at, endpoint, group)


def _mask_whole(mask, table, at, endpoint, name, *, among="", tested=True):
    """Blank the counts of all patients with a value, and the test of a factor none of whose levels is shown.

    ``among`` names the complete cases that the counts are of, where it is not the patients with a value of ``name``.
    """
    if tested and not mask.estimates_of_levels(name, endpoint):
        _hide(mask, table, at, _UNCERTAIN)
    what = among or name
    if what not in mask.known and what != RESPONSE_TERM:
        _hide(mask, table, at, ("n", "events", "excluded", "expected"), code="counts_masked")
    elif what not in mask.events_known(endpoint):
        _hide(mask, table, at, ("events", "expected"), code="counts_masked")


def _mask_survival_at(mask, table):
    table = table.copy()
    times = tuple(dict.fromkeys(table["time"]))
    for row in table.index:
        line, at = table.loc[row], table.index == row
        if line["group"]:
            _mask_rate_of_level(mask, table, at, line, times)
            continue
        shown = mask.times(line["endpoint"], times).get(float(line["time"]))
        crude = line["method"] == CRUDE
        beyond = pd.isna(line["estimate"]) and mask.events(line["endpoint"]) and mask.estimates(line["endpoint"])
        if shown == "counts":
            outcome = mask.cohort.survival(line["endpoint"])
            # With the events by then, it would tell the events at that very time.
            if (outcome["event"] & (outcome["time"] == line["time"])).any():
                _hide(mask, table, at, ("at_risk",), code="counts_masked")
        elif shown is None or crude:
            if beyond and line["at_risk"] == 0:
                continue
            _hide(mask, table, at, ("events", "at_risk", *_UNCERTAIN))
        else:
            _hide(mask, table, at, ("events", "at_risk"), code="counts_masked")
            _round_rate(table, at)
    return _finished("survival_at", table)


def _mask_rate_of_level(mask, table, at, line, times):
    sized = line["level"] in mask.levels(line["group"])
    shown = sized and line["level"] in mask.rates_of_levels(line["group"], line["endpoint"], times)
    if not shown or line["method"] == CRUDE:
        _hide(mask, table, at, (*(() if sized else ("n",)), "events", "at_risk", *_UNCERTAIN))
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
            _mask_rate_of_level(mask, table, at, line, (line["time"],))
        else:
            shown = mask.times(line["endpoint"], (line["time"],)).get(float(line["time"]))
            if shown is None:
                _hide(mask, table, at, ("events", *_UNCERTAIN))
            elif shown == "rate":
                _hide(mask, table, at, ("events",), code="counts_masked")
        if lowered:
            _hide(mask, table, at, ("events", "time", *_UNCERTAIN))
    return _finished("rmst", table)


def _mask_curve(mask, table):
    frames = []
    longest = {}
    for (endpoint, group, level), rows in table.groupby(["endpoint", "group", "level"], sort=False):
        shown = mask.estimates(endpoint) if not group else level in mask.estimates_of_levels(group, endpoint)
        if shown:
            frames.append((group, rows, _thinned(mask, endpoint, group, level, rows)))
            longest[group] = max(longest.get(group, 0.0), float(frames[-1][2]["time"].max()))
    marked = [_with_ticks(mask, rows, kept, longest[group]) for group, rows, kept in frames]
    if not marked:
        return result_table("survival_curve", [], reason=Reason("curves_masked", below=mask.k))
    return result_table("survival_curve", pd.concat(marked, ignore_index=True))


def _thinned(mask, endpoint, group, level, rows):
    """A curve whose every step joins at least K events, and which ends while at least K patients are event-free."""
    times = list(mask.times(endpoint)) if not group else []
    if group:
        plan = mask.cohort.study.analysis.landmark_times
        times = list(plan) if level in mask.rates_of_levels(group, endpoint, plan) else []
    time, dead = rows["time"].to_numpy(), rows["events"].astype(int).cumsum().to_numpy()
    free = rows["at_risk"].astype(int).to_numpy() - rows["events"].astype(int).to_numpy()
    total = int(dead[-1])
    # The times of the tables bound the steps, so that the events between a step and such a time are not few either.
    ends = sorted({int(np.searchsorted(time, each, side="right")) - 1 for each in times if each <= time[-1]})
    kept, start, last = [], 0, 0
    for end in [*ends, len(time)]:
        goal = int(dead[end]) if end < len(time) else total
        for place in range(start, end):
            if dead[place] - last >= mask.k and goal - dead[place] >= mask.k and free[place] >= mask.k:
                kept.append(place)
                last = int(dead[place])
        if end < len(time):
            kept += [end] if dead[end] > last and free[end] >= mask.k else []
            start, last = end + 1, int(dead[end])
    # The last block ends the curve when enough patients are left after it.
    place = int(np.argmax(dead == total))
    if total - last >= mask.k and free[place] >= mask.k:
        kept.append(place)
    points = rows.iloc[kept].copy()
    first = rows.iloc[[0]].copy()
    if not kept or kept[0] != 0:
        first["estimate"], first["std_error"], first["conf_low"], first["conf_high"] = 1.0, np.nan, np.nan, np.nan
        points = pd.concat([first, points], ignore_index=True)
    columns = ["estimate", "std_error", "conf_low", "conf_high"]
    points[columns] = points[columns].round(2)
    points["at_risk"] = points["events"] = points["censored"] = pd.array([pd.NA] * len(points), dtype="Int64")
    points.iloc[0, points.columns.get_loc("at_risk")] = rows["at_risk"].iloc[0]
    points["reasons"] = [(Reason("steps_joined", below=mask.k),)] * len(points)
    return points


def _with_ticks(mask, rows, kept, longest):
    """The curve with rows at the ticks of its figure, where the number at risk is rounded down to a multiple of K."""
    time, at_risk = rows["time"].to_numpy(), [*rows["at_risk"].astype(int), 0]
    extra = []
    for tick in time_ticks(longest, mask.cohort.study.time_unit):
        if tick == 0:
            continue
        carried = kept[kept["time"] <= tick].iloc[-1].copy()
        if tick > kept["time"].max():
            carried[["estimate", "std_error", "conf_low", "conf_high"]] = np.nan
        carried["time"] = tick
        carried["at_risk"] = at_risk[int(np.searchsorted(time, tick))] // mask.k * mask.k
        extra.append(carried)
    if not extra:
        return kept
    together = pd.concat(
        [pd.DataFrame(extra).astype(kept.dtypes), kept[~kept["time"].isin([e["time"] for e in extra])]]
    )
    return together.sort_values("time", ignore_index=True)


def _mask_follow_up(mask, table):
    table = table.copy()
    for row in table.index:
        line, at = table.loc[row], table.index == row
        if not mask.events(line["endpoint"]):
            overall = line["term"] == "median follow-up" and mask.estimates(line["endpoint"])
            if overall and mask.n > line["events"]:
                _hide(mask, table, at, ("events", *_UNCERTAIN))
            else:
                _hide(mask, table, at, ("n", "events", *_UNCERTAIN))
        if line["term"] == "longest censored time" and line["n"]:
            _hide(mask, table, at, _UNCERTAIN)
    return _finished("follow_up", table)


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
        name in mask.cohort.patients and isinstance(mask.cohort.patients[name].dtype, pd.CategoricalDtype)
    )
    among = "model" if line["model"] == "multivariable" else ""
    _mask_whole(mask, table, at, line["endpoint"], name, among=among, tested=tested)


def _mask_level(mask, table, at, line):
    name, endpoint, level = line["term"], line["endpoint"], line["level"]
    what = "model" if line["model"] == "multivariable" else name
    if level not in mask.levels(name):
        _hide(mask, table, at, ("n", "events", *_UNCERTAIN))
    elif level not in mask.estimates_of_levels(name, endpoint):
        _hide(mask, table, at, ("events", *_UNCERTAIN))
    elif level not in mask.events_of_levels(name, endpoint):
        _hide(mask, table, at, ("events",), code="counts_masked")
    if line["model"] == "multivariable" and not mask.complete:
        # Beside the counts of the models with one factor these would tell who was left out, level by level.
        _hide(mask, table, at, ("n", "events"), code="counts_masked")
    if what not in mask.known and what != RESPONSE_TERM:
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
        _mask_factor(mask, table, at, line)
        if line["term"] == "events per variable" and "model" not in mask.events_known(line["endpoint"]):
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
        if not nobody and (line["level"] != "any grade" or term not in mask.occurrences):
            _hide(mask, table, at, ("occurrences",), code="counts_masked")
    return _finished("adverse_events", table)


def leave_out_changes(_mask, _table):
    """A waterfall shows one bar a patient, so nothing of it is told."""
    return no_changes(Reason("patient_level"))


RULES = {
    "baseline": _mask_baseline,
    "response": _mask_response,
    "survival_summary": _mask_grouped("survival_summary"),
    "survival_at": _mask_survival_at,
    "survival_curve": _mask_curve,
    "follow_up": _mask_follow_up,
    "rmst": _mask_rmst,
    "logrank": _mask_grouped("logrank"),
    "cox": _mask_cox,
    "ph_test": _mask_ph_test,
    "model_performance": _mask_performance,
    "adverse_events": _mask_adverse_events,
}
"""Contract of a result table -> what may be told of it: takes a `Mask` and a table, returns the masked table."""

"""What each figure must draw, element by element, read off its artists and compared with the rows of its result table.

Each function takes the picture and what its view in `aice_helpers.show.figures` takes, and fails where an element is
missing, differs from its row, or has no row.
"""

import math

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import same_color
from written import (
    MASKED,
    fixed,
    how_many,
    is_hidden,
    lasting,
    level,
    limits,
    number,
    p_named,
    per_cent,
    ratio,
    short,
    time_in,
    word,
)


def squeezed(text):
    """A text without its spaces and line breaks, which depend on the room there is."""
    return "".join(text.split())


def points_of(line):
    return list(zip(np.asarray(line.get_xdata(), float), np.asarray(line.get_ydata(), float), strict=True))


def without_repeats(points):
    return [point for place, point in enumerate(points) if not place or point != points[place - 1]]


def near(points):
    """Points as a set in which the last binary digits do not matter."""
    return {(float(f"{x:.10g}"), float(f"{y:.10g}")) for x, y in points}


def labelled(axis, write):
    """The ticks of an axis, each of which lies on it and is labelled with what it stands for."""
    ticks = [float(tick) for tick in axis.get_majorticklocs()]
    low, high = sorted(axis.get_view_interval())
    # Matplotlib's own locators go one step beyond the axis on either side.
    seen = [tick for tick in ticks if low - 1e-9 <= tick <= high + 1e-9]
    assert [
        text for tick, text in zip(ticks, axis.get_major_formatter().format_ticks(ticks), strict=True) if tick in seen
    ] == [write(tick) for tick in seen]
    return seen


def as_share(value):
    return f"{100 * value:.0f}%"


# -- survival curves ---------------------------------------------------------------------------------------------------


def grouped_curves(picture, analysis, groups):
    """The curves of each grouping, and beside those of an endpoint its medians, the P value and the hazard ratio."""
    axes, study = list(picture.figure.axes), analysis.study
    for group in groups:
        table = analysis.table("survival_curve", group=group)
        count = 2 * table["endpoint"].nunique()
        part, axes = axes[:count], axes[count:]
        survival_curves(picture, table, study, group, part)
        for above, endpoint in zip(part[::2], dict.fromkeys(table["endpoint"]), strict=True):
            _medians(above, analysis, group, endpoint)
            said = [text.get_text() for text in above.texts]
            wanted = _comparison(analysis, group, endpoint)
            assert squeezed("".join(said)) == squeezed("".join(wanted))
            assert all(f"{line}." in picture.alt for line in wanted)
    assert not axes


def _medians(above, analysis, group, endpoint):
    rows = analysis.table("survival_summary", group=group)
    rows = rows[(rows["endpoint"] == endpoint) & (rows["method"] == "log-log") & rows["estimate"].notna()]
    marks = {line.get_gid(): points_of(line) for line in above.lines if line.get_gid()}
    assert marks.keys() == ({"half", *(f"median {level}" for level in rows["level"])} if len(rows) else set())
    for row in rows.itertuples():
        assert marks[f"median {row.level}"] == [(row.estimate, 0.5), (row.estimate, 0.0)]
    if len(rows):
        assert marks["half"] == [(0.0, 0.5), (rows["estimate"].max(), 0.5)]


def _comparison(analysis, group, endpoint):
    def rows(name, **where):
        table = analysis.table(name)
        for column, value in ({"endpoint": endpoint, "group": group} | where).items():
            table = table[table[column] == value]
        return [row for _, row in table.iterrows()]

    (test,) = rows("logrank", level="")
    confidence = analysis.study.analysis.confidence_level
    doubts = {"curves_cross": "curves cross", "hazards_not_proportional": "proportional hazards doubtful"}
    told = dict.fromkeys(doubts[each.code] for each in test["reasons"] if each.code in doubts)
    known = word(test, "p_value") if pd.isna(test["p_value"]) else p_named(test["p_value"], confidence)
    said = [f"Log-rank {known}" + (f" ({' and '.join(told)})" if told else "")]
    ratios = rows("group_contrasts", term="hazard ratio")
    if len(ratios) == 1:
        (row,) = ratios
        known = word(row)
        if pd.notna(row["estimate"]):
            known = f"{ratio(row['estimate'])} ({level(confidence)} CI {limits(row, ratio)})"
        said.append(f"Hazard ratio of {row['level']} against {row['reference']} {known}")
    return said


def survival_curves(picture, table, study, group="", axes=None):
    rows = [row for _, row in table.iterrows()]
    names = list(dict.fromkeys(row["endpoint"] for row in rows))
    levels = list(dict.fromkeys(row["level"] for row in rows))
    axes = picture.figure.axes if axes is None else axes
    assert len(axes) == 2 * len(names)
    for place, name in enumerate(names):
        above, under = axes[2 * place : 2 * place + 2]
        label = study.endpoints[name].label + (f" by {study.variables[group].label}" if group else "")
        assert squeezed(above.get_title(loc="left")).casefold() == squeezed(label).casefold()
        drawn = [each for each in levels if any(row["endpoint"] == name and row["level"] == each for row in rows)]
        # Lines with a name mark medians.
        lines, bands = [line for line in above.lines if not line.get_gid()], list(above.collections)
        assert (len(lines), len(bands)) == (2 * len(drawn), len(drawn))
        looks = {}
        for order, each in enumerate(drawn):
            curve = [row for row in rows if row["endpoint"] == name and row["level"] == each]
            line, marks = lines[2 * order : 2 * order + 2]
            _curve(line, curve)
            _band(bands[order], curve)
            marked = [(row["time"], row["estimate"]) for row in curve if pd.notna(row["censored"]) and row["censored"]]
            if _masked(curve):
                marked = _points(curve)
            assert near(points_of(marks)) == near(marked)
            assert marks.get_linestyle() == "None"
            assert same_color(marks.get_color(), line.get_color())
            assert same_color(bands[order].get_facecolor()[0][:3], line.get_color())
            looks[each] = line
            _in_words(picture.alt, curve, study, above.get_xticks())
        assert len({(line.get_color(), line.get_linestyle()) for line in looks.values()}) == len(drawn)
        left, right = above.get_xlim()
        assert left == 0
        assert right >= max(row["time"] for row in rows)
        assert labelled(above.xaxis, short) == list(above.get_xticks())
        assert len(above.get_xticks()) >= 3
        assert len(labelled(above.yaxis, as_share)) >= 3
        assert above.get_ylim()[0] == 0
        assert above.get_ylim()[1] >= 1
        _numbers_at_risk(under, above, rows, name, levels, looks)


def _masked(curve):
    return any(reason.code == "steps_joined" for reason in curve[0]["reasons"])


def _points(curve):
    """Points of a masked curve after time 0."""
    return [(row["time"], row["estimate"]) for row in curve if pd.notna(row["estimate"]) and row["time"] > 0]


def _curve(line, curve):
    """The curve comes down from one; a value holds from its time to the next, and none goes on after the last.

    The points of a masked curve are joined by straight lines: nothing is known between them.
    """
    if _masked(curve):
        assert points_of(line) == [(0.0, 1.0), *_points(curve)]
        return
    path, height = [(0.0, 1.0)], 1.0
    for row in curve:
        if pd.notna(row["estimate"]):
            path += [(row["time"], height), (row["time"], row["estimate"])]
            height = row["estimate"]
    assert without_repeats(points_of(line)) == without_repeats(path)


def _band(band, curve):
    """Both limits hold from their time to the next, where they are known; those of a masked curve stand at its points."""
    corners = set()
    for place, row in enumerate(curve):
        later = [each["time"] for each in curve[place + 1 :] if pd.notna(each["estimate"])][:1]
        if _masked(curve):
            later = []
        for limit in (row["conf_low"], row["conf_high"]):
            if pd.notna(limit):
                corners |= near((time, limit) for time in (row["time"], *later))
    assert near(corner for path in band.get_paths() for corner in path.vertices) == corners


def _followed(curve, tick):
    """How many patients are followed for at least a time, as it is written."""
    hidden = next((reason["below"] for reason in curve[0]["reasons"] if reason.code == "steps_joined"), 0)
    if hidden and any(row["time"] == tick and pd.isna(row["at_risk"]) for row in curve):
        return "–"
    found = next((row["at_risk"] for row in curve if row["time"] >= tick and pd.notna(row["at_risk"])), 0)
    return f"< {hidden}" if found < hidden else str(found)


def _numbers_at_risk(under, above, rows, name, levels, looks):
    ticks = [float(tick) for tick in above.get_xticks()]
    # The labels of the lines stand left of the axis, in shares of its width.
    labels = {t.get_position()[1]: t.get_text() for t in under.texts if t.get_position()[0] < 0}
    assert [squeezed(text) for _, text in sorted(labels.items())] == [squeezed(each or "At risk") for each in levels]
    samples = {line.get_ydata()[0]: line for line in under.lines}
    for (height, _), each in zip(sorted(labels.items()), levels, strict=True):
        found = {t.get_position()[0]: t.get_text() for t in under.texts if t.get_position()[1] == height}
        curve = [row for row in rows if row["endpoint"] == name and row["level"] == each]
        wanted = {tick: _followed(curve, tick) if curve else "0" for tick in ticks}
        assert {place: text for place, text in found.items() if place >= 0} == wanted
        if each and each in looks:
            assert same_color(samples[height].get_color(), looks[each].get_color())
            assert samples[height].get_linestyle() == looks[each].get_linestyle()
    assert under.get_xlim() == above.get_xlim()


def _in_words(alt, curve, study, ticks):
    hidden = _masked(curve)
    known = [row for row in curve if pd.notna(row["estimate"])]
    kept = [tick for tick in ticks if 0 < tick <= known[-1]["time"]]
    if hidden:
        points = [time for time, _ in _points(curve)]
        kept = [tick for tick in kept if tick in points] or points
    kept = kept[:2] if curve[0]["level"] else kept
    phrase = f"{how_many(curve[0]['at_risk'], 'patient')}, "
    if not hidden:
        phrase += f"{how_many(sum(row['events'] for row in curve), 'event')}, "
    shares = [
        f"{per_cent([row['estimate'] for row in known if row['time'] <= tick][-1])} at {lasting(tick, study.time_unit)}"
        for tick in kept
    ]
    if shares:
        *most, last = shares
        phrase += f"without event {', '.join(most)}{' and ' if most else ''}{last}, "
    phrase += "shown up to" if hidden else "last observation at"
    phrase += f" {time_in(study.time_unit)(known[-1]['time'])} {study.time_unit}."
    assert (f"{curve[0]['level']}: " if curve[0]["level"] else "") + phrase in alt


# -- forests -----------------------------------------------------------------------------------------------------------


def bar(label, words, row=None, *, open_ended=False, estimate=None, low=math.nan, high=math.nan):
    """A line that a forest must hold: label, words, and the ends and the point of its bar."""
    if row is not None:
        estimate = row["estimate"] if estimate is None else estimate
        low, high = row["conf_low"], math.inf if open_ended else row["conf_high"]
    return label, words, low, math.nan if estimate is None else estimate, high


def _forest(axes, expected, mark=None):
    """All lines of one panel: labels, words, whiskers, arrows, points, and nothing else."""
    beside = {0: {}, 1: {}}
    for text in axes.texts:
        if not isinstance(text.xycoords, str):
            beside[text.xy[0]][text.xy[1]] = text.get_text()
    labels, words = beside[0], beside[1]
    assert labels.keys() == words.keys()
    written = [(squeezed(labels[height]), squeezed(words[height])) for height in sorted(labels)]
    assert written == [(squeezed(label), squeezed(said)) for label, said, *_ in expected]
    left, right = axes.get_xlim()
    wanted = []
    for height, (_, _, low, estimate, high) in zip(sorted(labels), expected, strict=True):
        if pd.notna(low) and pd.notna(high):
            wanted.append(("bar", height, (max(low, left), min(high, right))))
            wanted += [("<", height, (left,))] if low < left else []
            wanted += [(">", height, (right,))] if high > right else []
        if left <= estimate <= right:
            wanted.append(("point", height, (estimate,)))
    drawn = []
    for line in axes.lines:
        across, heights = line.get_xdata(), line.get_ydata()
        if mark is not None and line.get_linestyle() == "--":
            assert list(across) == [mark, mark]
            continue
        kind = line.get_marker() if line.get_marker() in "<>" else "point" if len(across) == 1 else "bar"
        assert len(set(heights)) == 1
        drawn.append((kind, heights[0], tuple(map(float, across))))
    assert sorted(drawn) == sorted((kind, height, tuple(map(float, where))) for kind, height, where in wanted)


def _panels(picture, panels, study, mark=None):
    """A panel an endpoint: (label of the endpoint, lines); every line is also told in the alternative text."""
    assert len(picture.figure.axes) == len(panels)
    for axes, (title, lines) in zip(picture.figure.axes, panels, strict=True):
        if title:
            heads = [text.get_text() for text in axes.texts if isinstance(text.xycoords, str)]
            assert squeezed(title) in [squeezed(head) for head in heads]
        _forest(axes, lines, mark)
        for label, said, *_ in lines:
            assert not said or f"{label.strip()} {said}" in picture.alt
    assert level(study.analysis.confidence_level) in picture.alt


def ratio_words(row):
    return word(row) if pd.isna(row["estimate"]) else f"{ratio(row['estimate'])} ({limits(row, ratio)})"


def _by_endpoint(rows):
    found = {}
    for _, row in rows.iterrows():
        found.setdefault(row["endpoint"], []).append(row)
    return found.items()


def hazard_forest(picture, table, study):
    model = "multivariable" if (table["model"] == "multivariable").any() else "univariable"
    panels = []
    for name, rows in _by_endpoint(table[(table["model"] == model) & (table["kind"] != "joint")]):
        lines = []
        for row in rows:
            label = study.label(row["term"])
            if row["kind"] == "numeric":
                unit = study.variables[row["term"]].unit
                per = (
                    {"years": "year"}.get(unit, unit or "unit") if row["step"] == 1 else f"{short(row['step'])} {unit}"
                )
                label, value = f"{label} (per {per.strip()})", ratio_words(row)
                lines.append(bar(label, value, row))
                continue
            if row["kind"] == "reference":
                lines.append(bar(label, ""))
            one = row["kind"] == "reference" and not is_hidden(row)
            open_ended = pd.notna(row["estimate"]) and pd.isna(row["conf_high"])
            words = "reference" if one else ratio_words(row)
            lines.append(bar(f"  {row['level']}", words, row, open_ended=open_ended, estimate=1.0 if one else None))
        panels.append((study.endpoints[name].label, _levels_in_order(lines, rows)))
    _panels(picture, panels, study, mark=1.0)
    _ratio_scales(picture)


def _levels_in_order(lines, rows):
    """The levels of a factor may stand before its reference; the heading stands before them all."""
    ordered, term, heading = [], None, None
    rest = iter(lines)
    for row in rows:
        line = next(rest)
        if row["kind"] != "numeric" and row["term"] != term:
            assert line[1] == ""
            heading, line = line, next(rest)
            ordered.append(heading)
        term = row["term"]
        ordered.append(line)
    return ordered


def landmark_forest(picture, table, study):
    panels = []
    for name, rows in _by_endpoint(table[table["kind"] == "level"]):
        lines = []
        for row in rows:
            start = "Time zero (naive)" if row["model"] == "naive" else lasting(row["landmark"], study.time_unit)
            start += ", adjusted" if row["model"].endswith("adjusted") else ""
            open_ended = pd.notna(row["estimate"]) and pd.isna(row["conf_high"])
            lines.append(bar(start, ratio_words(row), row, open_ended=open_ended))
        panels.append((study.endpoints[name].label, lines))
    _panels(picture, panels, study, mark=1.0)
    _ratio_scales(picture)


def _ratio_scales(picture):
    """Scales of ratios are logarithmic and alike, with 1 and numbers on either side of it."""
    for axes in picture.figure.axes:
        assert axes.get_xscale() == "log"
        ticks = labelled(axes.xaxis, short)
        assert len(ticks) >= 3
        assert min(ticks) < 1 < max(ticks)
        assert 1 in ticks
    assert len({axes.get_xlim() for axes in picture.figure.axes}) == 1


def interval_conventions(picture, table, study):
    write, panels = time_in(study.time_unit), []
    for name, rows in _by_endpoint(table[table["group"] == ""]):
        lines = []
        for row in rows:
            estimate, both = number(row, "estimate", write), limits(row, write)
            words = estimate if estimate == both else f"{estimate} ({both})"
            open_ended = pd.notna(row["conf_low"]) and pd.isna(row["conf_high"])
            lines.append(bar(row["method"], words, row, open_ended=open_ended))
        panels.append((study.endpoints[name].label, lines))
    _panels(picture, panels, study)
    assert all(len(labelled(axes.xaxis, short)) >= 3 for axes in picture.figure.axes)


def response_forest(picture, table, overall, study):
    def share(row):
        if pd.isna(row["estimate"]):
            return MASKED if is_hidden(row) else "no patient"
        return f"{row['events']}/{row['n']} ({per_cent(row['events'] / row['n'])})"

    (everyone,) = (
        row for _, row in overall.iterrows()
        if (row["term"], row["population"], row["method"]) == ("ORR", "all patients", "Clopper-Pearson")
    )  # fmt: skip
    lines, group = [bar("All patients", share(everyone), everyone)], ""
    for _, row in table[table["term"] == "ORR"].iterrows():
        if row["group"] != group:
            group = row["group"]
            lines.append(bar(study.variables[group].label, ""))
        lines.append(bar(f"  {row['level']}", share(row), row))
    (axes,) = picture.figure.axes
    _forest(axes, lines, mark=everyone["estimate"])
    assert axes.get_xlim() == (0, 1)
    assert labelled(axes.xaxis, as_share) == [0, 0.25, 0.5, 0.75, 1]
    for label, said, *_ in lines[1:]:
        assert not said or f"{label.strip()} {said}" in picture.alt
    assert f"all patients {lines[0][1]}" in picture.alt


# -- bars --------------------------------------------------------------------------------------------------------------


def _legend(picture):
    """Look of a bar -> its name in the legend, without spaces."""
    (legend,) = picture.figure.legends
    return {
        (patch.get_facecolor(), patch.get_hatch()): squeezed(text.get_text())
        for patch, text in zip(legend.legend_handles, legend.get_texts(), strict=True)
    }


def adverse_event_bars(picture, table, study):
    (axes,) = picture.figure.axes
    of = {}
    for _, row in table.iterrows():
        of.setdefault(row["term"], {})[row["level"]] = row
    shown = {term: rows for term, rows in of.items() if pd.notna(rows["any grade"]["events"])}
    ticks = axes.get_yticks()
    assert [squeezed(text.get_text()) for text in axes.get_yticklabels()] == [squeezed(term) for term in shown]
    names = _legend(picture) if picture.figure.legends else {}
    assert len(set(names.values())) == len(names)
    for height, (term, rows) in zip(ticks, shown.items(), strict=True):
        known = {grade: rows[grade]["events"] for grade in study.adverse_events.grades.values()}
        wanted = [(grade, int(count)) for grade, count in known.items() if pd.notna(count) and count]
        total = int(rows["any grade"]["events"])
        rest = total - sum(count for _, count in wanted)
        partly = any(pd.isna(rows[each]["events"]) for each in rows)
        wanted += [("Grade masked" if partly else "Grade not recorded", rest)] if rest else []
        bars = [p for p in axes.patches if p.get_width() and math.isclose(p.get_y() + p.get_height() / 2, height)]
        bars = sorted(bars, key=lambda patch: patch.get_x())
        assert [(names[p.get_facecolor(), p.get_hatch()], p.get_width()) for p in bars] == [
            (squeezed(grade), count) for grade, count in wanted
        ]
        ends = np.cumsum([0, *(count for _, count in wanted)])
        assert [patch.get_x() for patch in bars] == pytest.approx(ends[:-1])
        beside = {text.get_position()[0]: text.get_text() for text in axes.texts if text.get_position()[1] == height}
        share = f"{total} ({per_cent(total / rows['any grade']['n'])})"
        assert beside.pop(max(beside)) == share
        for place, text in beside.items():
            inside = next(p for p in bars if p.get_x() < place < p.get_x() + p.get_width())
            assert text == str(int(inside.get_width()))
        told = ", ".join(f"{grade} {count}" for grade, count in wanted)
        assert f"{term} {share[:-1]}" + (f"; {told})" if told else ")") in picture.alt
    assert axes.get_xlim()[0] == 0
    assert axes.get_xlim()[1] >= max(int(rows["any grade"]["events"]) for rows in shown.values())
    assert f"(of {table['n'].iloc[0]})" in axes.get_xlabel()
    assert len(labelled(axes.xaxis, short)) >= 3


def waterfall(picture, table, study):
    (axes,) = picture.figure.axes
    names = _legend(picture)
    bars = sorted(axes.patches, key=lambda patch: patch.get_x())
    drawn = [(names[p.get_facecolor(), p.get_hatch()], p.get_height(), p.get_y()) for p in bars]
    labels = [squeezed(label) if isinstance(label, str) else "Notrecorded" for label in table["category"]]
    assert drawn == [(label, change, 0) for label, change in zip(labels, table["change"], strict=True)]
    assert [p.get_x() + p.get_width() / 2 for p in bars] == pytest.approx(list(range(len(table))))
    assert len(labelled(axes.yaxis, lambda value: f"{short(value)}%")) >= 3
    low, high = axes.get_ylim()
    assert low < table["change"].min()
    assert table["change"].max() < high
    changes = sorted(table["change"])
    half = len(changes) // 2
    middle = changes[half] if len(changes) % 2 else (changes[half - 1] + changes[half]) / 2
    signed = [("+" if each > 0 else "") + f"{fixed(each)}%" for each in (changes[-1], changes[0], middle)]
    assert f"in {len(table)} patients, from {signed[0]} to {signed[1]}, median {signed[2]}." in picture.alt
    for label in dict.fromkeys(labels):
        assert f"{label} {labels.count(label)}" in squeezed_words(picture.alt, label)
    assert {line.get_ydata()[0] for line in axes.lines} == {0, -30, 20}
    shrunk, grown = sum(each <= -30 for each in changes), sum(each >= 20 for each in changes)
    assert f"{shrunk} at or below −30%, {grown} at or above +20%." in picture.alt


def squeezed_words(text, label):
    """The text with one label, which stands there without its spaces otherwise, written as `squeezed` does."""
    return next((text.replace(part, label) for part in _parts(text) if squeezed(part) == label), text)


def _parts(text):
    """Every run of words of a text that stands before a number."""
    return [part.rsplit(" ", 1)[0].strip() for part in text.split("By category: ")[-1].split(".")[0].split(",")]


def distributions(picture, analysis):
    study, patients = analysis.study, analysis.cohort.patients
    numeric = [v for v in study.variables.values() if v.role == "baseline" and v.type in ("number", "integer")]
    assert len(picture.figure.axes) == len(numeric)
    for axes, variable in zip(picture.figure.axes, numeric, strict=True):
        values = patients[variable.name].dropna()
        assert squeezed(axes.get_title(loc="left")) == squeezed(variable.label)
        assert axes.get_xlabel() == variable.unit
        bars = sorted(axes.patches, key=lambda patch: patch.get_x())
        for place, patch in enumerate(bars):
            start, end = patch.get_x(), patch.get_x() + patch.get_width()
            last = place == len(bars) - 1
            inside = (values >= start - 1e-9) & ((values <= end + 1e-9) if last else (values < end - 1e-9))
            assert patch.get_height() == inside.sum()
        assert sum(patch.get_height() for patch in bars) == len(values)
        assert f"{variable.label} ({how_many(len(values), 'patient')}, median {fixed(values.median())})" in picture.alt

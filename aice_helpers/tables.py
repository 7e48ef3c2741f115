"""Result tables as people read them: rounded, labelled, with n, method and unit, as HTML and as plain text."""

import html
import string
from dataclasses import dataclass, field
from functools import partial

import pandas as pd

from aice_helpers import formats, masking
from aice_helpers.formats import NOT_ESTIMABLE, count, decimal, p_value, percent, ratio
from aice_helpers.intervals import normal_quantile
from aice_helpers.prognosis import ADJUSTED
from aice_helpers.prose import known_later, masking_words, missing_words, reason, sentence, severe_words
from aice_helpers.reason_words import masked_sentence, note, parts
from aice_helpers.results import pick
from aice_helpers.survival import SPSS

_LETTERS = string.ascii_lowercase


@dataclass(frozen=True)
class Cell:
    """Text with an optional link and an optional footnote mark."""

    text: str
    href: str = ""
    mark: str = ""

    def to_html(self) -> str:
        """The cell's content in HTML."""
        shown = html.escape(self.text)
        if self.href:
            shown = f'<a href="{html.escape(self.href)}">{shown}</a>'
        return shown + (f"<sup>{self.mark}</sup>" if self.mark else "")

    def to_text(self) -> str:
        """The cell's content on one line of plain text."""
        return " ".join(self.text.split()) + (f" [{self.mark}]" if self.mark else "")


@dataclass(frozen=True)
class Row:
    """One line of a table: its header and its cells. A heading has no cells and names the rows below it.

    ``detail`` is a text that stands under the line, across all columns.
    """

    header: Cell
    cells: tuple[Cell, ...] = ()
    indent: bool = False
    heading: bool = False
    detail: str = ""


@dataclass
class DisplayTable:
    """A table ready to be shown; all text is plain and is escaped when it is written as HTML.

    ``columns`` holds the header of the row headers first; ``numeric`` says for each column whether it holds numbers.
    ``spans`` is an optional line of headers above the columns: (text, number of columns). ``footnotes`` stand below
    the table as they are; ``notes`` (text -> letter) are those that a row points to.
    """

    title: str
    columns: tuple[str, ...]
    numeric: tuple[bool, ...]
    rows: list[Row] = field(default_factory=list)
    footnotes: list[str] = field(default_factory=list)
    spans: tuple[tuple[str, int], ...] = ()
    notes: dict[str, str] = field(default_factory=dict)

    def add(self, header, *values, note="", indent=False, detail=""):
        """Append a row; a note becomes a footnote that the row header points to."""
        self.rows.append(
            Row(
                Cell(_text(header), _href(header), self.mark(note)),
                tuple(value if isinstance(value, Cell) else Cell(str(value)) for value in values),
                indent,
                detail=detail,
            )
        )

    def add_heading(self, header, note=""):
        """Append a heading for the rows that follow."""
        self.rows.append(Row(Cell(_text(header), mark=self.mark(note)), heading=True))

    def mark(self, note) -> str:
        """The letter of a footnote, given on first use; equal notes share a letter."""
        if note and note not in self.notes:
            self.notes[note] = _letters(len(self.notes))
        return self.notes.get(note, "")

    def _repr_html_(self) -> str:
        kinds = ["number" if number else "text" for number in self.numeric]
        parts = [
            f'<div class="aice-scroll" tabindex="0" role="region" aria-label="{html.escape(self.title)}">',
            '<table class="aice">',
            f"<caption>{html.escape(self.title)}</caption>",
            "<thead>",
        ]
        if self.spans:
            parts.append("<tr>")
            for text, width in self.spans:
                parts.append(f'<th scope="colgroup" colspan="{width}">{html.escape(text)}</th>' if text else
                             f'<td colspan="{width}"></td>')  # fmt: skip
            parts.append("</tr>")
        headers = zip(self.columns, kinds, strict=True)
        heads = "".join(f'<th scope="col" class="{kind}">{html.escape(text)}</th>' for text, kind in headers)
        parts.append(f"<tr>{heads}</tr></thead><tbody>")
        for place, row in enumerate(self.rows):
            if row.heading:
                if place:
                    parts.append("</tbody><tbody>")
                parts.append(
                    f'<tr class="aice-heading"><th scope="rowgroup" colspan="{len(self.columns)}">'
                    f"<strong>{row.header.to_html()}</strong></th></tr>"
                )
                continue
            # A character, not a style: pages that drop styles keep the indentation.
            lead = "\u2003" if row.indent else ""
            cells = "".join(
                f'<td class="{kind}">{cell.to_html()}</td>' for cell, kind in zip(row.cells, kinds[1:], strict=True)
            )
            parts.append(f'<tr><th scope="row">{lead}{row.header.to_html()}</th>{cells}</tr>')
            if row.detail:
                text = html.escape(row.detail)
                parts.append(f'<tr class="aice-detail"><td colspan="{len(self.columns)}">{text}</td></tr>')
        parts.append("</tbody></table></div>")
        notes = [f"<sup>{mark}</sup> {html.escape(note)}" for note, mark in self.notes.items()]
        notes += [html.escape(note) for note in self.footnotes]
        if notes:
            parts.append('<div class="aice-notes">' + "".join(f"<p>{note}</p>" for note in notes) + "</div>")
        return "\n".join(parts)

    def __repr__(self) -> str:
        grid = [list(self.columns)]
        for row in self.rows:
            if not row.heading:
                lead = "  " if row.indent else ""
                grid.append([lead + row.header.to_text(), *(cell.to_text() for cell in row.cells)])
        widths = [max(formats.columns(line[i]) for line in grid) for i in range(len(self.columns))]
        rule = "-" * (sum(widths) + 2 * (len(widths) - 1))
        lines = [self.title]
        if self.spans:
            place, shown = 0, []
            for text, width in self.spans:
                total = sum(widths[place : place + width]) + 2 * (width - 1)
                shown.append(_pad(text, total, False))
                place += width
            lines.append("  ".join(shown).rstrip())
        body = iter(grid[1:])
        lines += [self._line(grid[0], widths), rule]
        for row in self.rows:
            lines.append(row.header.to_text() if row.heading else self._line(next(body), widths))
            if row.detail:
                lines.append(f"      {row.detail}")
        lines += [f"[{mark}] {note}" for note, mark in self.notes.items()] + self.footnotes
        return "\n".join(lines)

    def _line(self, cells, widths):
        padded = (_pad(*item) for item in zip(cells, widths, self.numeric, strict=True))
        return "  ".join(padded).rstrip()


def _letters(place):
    """a to z, then aa, ab and so on."""
    first, last = divmod(place, len(_LETTERS))
    return (_letters(first - 1) if first else "") + _LETTERS[last]


def _text(value):
    return value.text if isinstance(value, Cell) else str(value)


def _href(value):
    return value.href if isinstance(value, Cell) else ""


def _pad(text, width, right):
    space = " " * (width - formats.columns(text))
    return space + text if right else text + space


CONVENTIONS = {
    SPSS: "SPSS",
    "plain": "plain (R)",
    "log": "log (R's default)",
    "log-log": "log-log (R; lifelines' default)",
}
"""Method of a median -> how its convention is shown."""


def _table(title, columns, *, text=(), spans=()):
    """An empty table whose first column and those at the positions ``text`` hold words."""
    numeric = tuple(place not in (0, *text) for place in range(len(columns)))
    return DisplayTable(title, tuple(columns), numeric, spans=spans)


def _ci(level):
    return f"{formats.level(level)} CI"


def _limits(row, write=decimal):
    """A row's limits, "" when the row is of a kind without limits."""
    if pd.isna(row["conf_level"]):
        return ""
    low, high = (
        missing_words(row, column) if pd.isna(row[column]) else write(row[column])
        for column in ("conf_low", "conf_high")
    )
    return low if low == high and pd.isna(row["conf_low"]) else f"{low} to {high}"


def _estimate(row, write=decimal):
    return missing_words(row) if pd.isna(row["estimate"]) else write(row["estimate"])


def _number(row, column):
    """A count of a row; nothing where the row has none, a word where it is masked."""
    return count(row[column], missing=missing_words(row, column) if masking.is_masked(row, column) else "")


def _of(row, part, whole):
    """A count of a row with its share."""
    known = pd.notna(row[part]) and pd.notna(row[whole]) and row[whole]
    share = f" ({percent(row[part] / row[whole])})" if known else ""
    return f"{_number(row, part)}{share}"


def _in_group(study, row):
    """The endpoint, and the group where there is one, as a heading."""
    name = study.label(row["endpoint"])
    return f"{name} by {study.label(row['group'])}" if row["group"] else name


def _blocks(table, *columns):
    return table.groupby(list(columns), sort=False)


def _named(study, name):
    """Label of a variable with its unit."""
    unit = study.variables[name].unit if name in study.variables else ""
    return f"{study.label(name)}, {unit}" if unit else study.label(name)


def baseline(table, study):
    """Characteristics of the patients."""
    if table.empty:
        return reason(table, study)
    shown = _table("Patient characteristics", ("Characteristic", "Patients", "Missing", "Value"))
    for (name,), rows in _blocks(table[table["term"] != "flow"], "term"):
        first = rows.iloc[0]
        later = " (known later)" if known_later(study, name) else ""
        shown.add(_named(study, name) + later, _number(first, "n"), _number(first, "missing"), "")
        by_statistic = rows.set_index("statistic")
        for _, row in rows[rows["statistic"] == "share"].iterrows():
            shown.add(row["level"], "", "", _of(row, "count", "n"), indent=True)
        if first["statistic"] == "share" or (pd.notna(first["n"]) and first["n"] == 0):
            continue
        median, mean, sd, extremes = (by_statistic.loc[key] for key in ("median", "mean", "sd", "range"))
        absent = formats.MASKED if pd.isna(median["estimate"]) else NOT_ESTIMABLE
        quartiles = formats.interval(median["low"], median["high"])
        middle = f"{decimal(median['estimate'])} ({quartiles})" if pd.notna(median["estimate"]) else absent
        mean_words = (
            f"{decimal(mean['estimate'])} ({decimal(sd['estimate'])})" if pd.notna(mean["estimate"]) else absent
        )
        hidden = formats.MASKED if masking.is_masked(extremes) else NOT_ESTIMABLE
        shown.add("Median (quartiles)", "", "", middle, indent=True)
        shown.add("Mean (standard deviation)", "", "", mean_words, indent=True)
        shown.add(
            "Range", "", "", formats.interval(extremes["low"], extremes["high"], _plain, missing=hidden), indent=True
        )
    shown.footnotes += [masked_sentence(each) for each in masking.hidden_reasons(table)[:1]]
    shown.footnotes.append("Per cent of the patients with a value. Quartiles by linear interpolation (R type 7).")
    if any(known_later(study, name) for name in table["term"]):
        shown.footnotes.append(
            "Known later: only after time zero; it describes the course, not the patients at the start."
        )
    return shown


def _plain(value, missing=NOT_ESTIMABLE):
    return missing if pd.isna(value) else formats.plain(value)


def patient_flow(table):
    """How many patients each analysis can use."""
    if table.empty:
        return reason(table)
    shown = _table("Patients in each analysis", ("Patients", "n", "Of all patients"))
    rows = table[table["term"] == "flow"]
    for _, row in rows.iterrows():
        share = formats.MASKED if masking.is_masked(row) else percent(row["estimate"])
        shown.add(row["level"][:1].upper() + row["level"][1:], _number(row, "count"), share)
    shown.footnotes += [masked_sentence(each) for each in masking.hidden_reasons(rows)[:1]]
    return shown


def follow_up(table, study):
    """Length of follow-up."""
    if table.empty:
        return reason(table, study)
    level = _ci(study.analysis.confidence_level)
    columns = ("Follow-up", "n", study.time_unit.capitalize(), level)
    shown = _table(f"Follow-up in {study.time_unit}", columns)
    write = partial(formats.time, unit=study.time_unit)
    for (name,), rows in _blocks(table, "endpoint"):
        shown.add_heading(study.label(name))
        for _, row in rows.iterrows():
            term = f"{row['term'][:1].upper()}{row['term'][1:]} ({row['method']})"
            shown.add(
                term,
                _number(row, "n"),
                _estimate(row, write),
                _limits(row, write),
                note=note(row["reasons"], study),
                indent=True,
            )
    return shown


def endpoints(study):
    """The endpoints: what counts as an event, and from when time is counted."""
    shown = _table(
        f"Endpoints, time in {study.time_unit}",
        ("Endpoint", "Short name", "Event", "Never longer than"),
        text=(1, 2, 3),
    )
    for name, endpoint in study.endpoints.items():
        bound = study.label(endpoint.not_longer_than) if endpoint.not_longer_than else ""
        shown.add(endpoint.label, name, endpoint.event_label, bound)
    shown.footnotes.append(f"Time zero: {study.time_zero or 'not stated in the study file'}.")
    return shown


def variables(study):
    """The data dictionary."""
    columns = ("Variable", "Unit", "Role", "Known", "Definition and levels", "Plausible range")
    shown = _table(f"Variables of the study ({len(study.variables)})", columns, text=(1, 2, 3, 4, 5))
    for variable in study.variables.values():
        levels = [
            f"{label} (reference)" if label == variable.reference else label for label in variable.levels.values()
        ]
        words = ". ".join(filter(None, (variable.definition, "Levels: " + ", ".join(levels) if levels else "")))
        limits = formats.interval(*variable.range, write=_plain) if variable.range else ""
        shown.add(variable.label, variable.unit, variable.role, variable.known, words, limits)
    return shown


def plan(study):
    """The analysis plan."""
    analysis, unit = study.analysis, study.time_unit

    def times(values):
        return ", ".join(formats.duration(value, unit) for value in values)

    def names(values):
        return ", ".join(study.label(value) for value in values)

    shown = _table("Analysis plan", ("Item", "Choice"), text=(1,))
    shown.add("Confidence level", formats.level(analysis.confidence_level))
    for item, choice in (
        ("Times of the survival rates", times(analysis.landmark_times)),
        ("Horizon of the restricted mean", times(() if analysis.rmst_horizon is None else (analysis.rmst_horizon,))),
        ("Groups compared", names(analysis.groups)),
        ("Factors, one at a time", names(analysis.prognostic_factors)),
        ("Factors, together", names(analysis.multivariable)),
        ("Landmarks for the response", times(analysis.response_landmarks) if study.response else ""),
    ):
        if choice:
            shown.add(item, choice)
    for name, cut in analysis.cut_points.items():
        limits = ", ".join(formats.plain(limit) for limit in cut.at)
        shown.add(f"Cut-points of {_named(study, name)}", f"{limits}: {cut.source}")
    return shown


def response(table, study):
    """Response categories, then objective response and disease control with both intervals for both populations."""
    if table.empty:
        return reason(table, study)
    level = _ci(study.analysis.confidence_level)
    shown = _table(
        f"Best response ({study.response.scheme})",
        ("Response", "Patients", "n", "Share", f"Clopper-Pearson {level}", f"Wilson {level}"),
    )
    everyone = table[table["group"] == ""]
    rates = everyone["term"].isin(["ORR", "DCR"])
    for _, row in everyone[~rates].iterrows():
        shown.add(row["term"], _number(row, "events"), _number(row, "n"), _estimate(row, percent), _limits(row, percent), "",
                  note=note(row["reasons"], study))  # fmt: skip
    for (term, population), rows in _blocks(everyone[rates], "term", "population"):
        exact, score = pick(rows, method="Clopper-Pearson"), pick(rows, method="Wilson")
        shown.add(f"{RATES[term]}, {population}", _number(exact, "events"), _number(exact, "n"), _estimate(exact, percent),
                  _limits(exact, percent), _limits(score, percent), note=note(exact["reasons"], study))  # fmt: skip
    counted = f"ORR counts {formats.listing(study.response.responders)}"
    shown.footnotes.append(
        f"{counted}; DCR counts {formats.listing(study.response.controlled)}. Among all patients those who are not "
        "evaluable count as neither."
    )
    return shown


RATES = {"ORR": "Objective response (ORR)", "DCR": "Disease control (DCR)"}
"""Term of a response rate -> how it is shown."""


def response_by_subgroup(table, study):
    """Objective response and disease control in groups of patients."""
    if table.empty:
        return reason(table, study)
    level = _ci(study.analysis.confidence_level)
    shown = _table(
        "Response in groups of patients, Clopper-Pearson intervals",
        ("Group", "n", "ORR", level, "DCR", level),
    )
    for (group,), rows in _blocks(table[table["group"] != ""], "group"):
        shown.add_heading(study.label(group))
        for (label,), pair in _blocks(rows, "level"):
            objective, control = pick(pair, term="ORR"), pick(pair, term="DCR")
            cells = []
            for row in (objective, control):
                known = pd.notna(row["estimate"])
                cells += [f"{count(row['events'])} ({percent(row['estimate'])})" if known else missing_words(row)]
                cells += [_limits(row, percent) if known else ""]
            said = note(objective["reasons"], study, sentences=True)
            shown.add(label, _number(objective, "n"), *cells, note=said, indent=True)
    shown.footnotes.append("No group was compared by a test; overlapping or separate intervals are no test either.")
    shown.footnotes += cut_point_words(study, table["group"])
    return shown


def cut_point_words(study, groups):
    """For each of ``groups`` that cut-points form, a sentence with them and their source."""
    said = []
    for name in dict.fromkeys(groups):
        if cut := study.analysis.cut_points.get(name):
            limits = formats.listing(map(formats.plain, cut.at))
            unit = study.variables[name].unit
            said.append(f"{study.label(name)}: groups at {f'{limits} {unit}'.strip()} ({cut.source.rstrip('.')}).")
    return said


def median_title(table, study):
    """What the medians of some endpoints are: of survival, when every label says so."""
    labels = [study.label(name) for name in dict.fromkeys(table["endpoint"])]
    survival = all("survival" in label.lower() for label in labels)
    return f"Median survival in {study.time_unit}" if survival else f"Median time to event, in {study.time_unit}"


def medians(table, study):
    """The medians by every convention."""
    if table.empty:
        return reason(table, study)
    level = _ci(study.analysis.confidence_level)
    shown = _table(
        f"{median_title(table, study)}, by convention of the interval",
        ("Convention", "n", "Events", "Median", level),
    )
    write = partial(formats.time, unit=study.time_unit)
    for (_, _, label), rows in _blocks(table, "endpoint", "group", "level"):
        shown.add_heading(_in_group(study, rows.iloc[0]) + (f": {label}" if label else ""))
        for _, row in rows.iterrows():
            shown.add(CONVENTIONS.get(row["method"], row["method"]), _number(row, "n"), _number(row, "events"),
                      _estimate(row, write), _limits(row, write), note=note(row["reasons"], study), indent=True)  # fmt: skip
    confidence = study.analysis.confidence_level
    at_95 = confidence == 0.95
    width = "1.96" if at_95 else decimal(normal_quantile(confidence), 3)
    coverage = (
        "; in simulations with about a hundred patients such 95% intervals hold the true median in about 91 to 92 of 100 "
        "samples"
    )
    shown.footnotes.append(
        f"SPSS: median plus or minus {width} standard errors{coverage if at_95 else ''}. The others invert the limits of "
        "the curve."
    )
    return shown


def rates(table, study):
    """Survival at fixed times: Kaplan-Meier with its intervals, and the crude proportion."""
    if table.empty:
        return reason(table, study)
    level = _ci(study.analysis.confidence_level)
    shown = _table(
        "Survival at fixed times: Kaplan-Meier and crude proportion",
        ("Method", "n", "Events by then", "At risk", "Rate", level),
    )
    for (_, _, label, time), rows in _blocks(table, "endpoint", "group", "level", "time"):
        heading = _in_group(study, rows.iloc[0]) + (f": {label}" if label else "")
        shown.add_heading(f"{heading}, at {formats.duration(time, study.time_unit)}")
        for _, row in rows.iterrows():
            shown.add(row["method"], _number(row, "n"), _number(row, "events"), _number(row, "at_risk"),
                      _estimate(row, percent), _limits(row, percent), note=note(row["reasons"], study), indent=True)  # fmt: skip
    shown.footnotes.append(
        "Events by then include those at that very time; at risk: followed for at least that time. Crude proportion: known "
        "to be event-free at that time, of all patients; those censored before then count as failures."
    )
    return shown


def rmst(table, study):
    """Restricted mean survival time."""
    if table.empty:
        return reason(table, study)
    level = _ci(study.analysis.confidence_level)
    shown = _table(
        f"Restricted mean survival time in {study.time_unit} ({formats.listing(dict.fromkeys(table['method']))})",
        ("Endpoint", "n", "Events by the horizon", "Horizon", "Mean", level),
    )
    write = partial(formats.time, unit=study.time_unit)
    for _, row in table.iterrows():
        name = _in_group(study, row) + (f": {row['level']}" if row["level"] else "")
        shown.add(name, _number(row, "n"), _number(row, "events"), _plain(row["time"], missing_words(row)), _estimate(row, write),
                  _limits(row, write), note=note(row["reasons"], study))  # fmt: skip
    return shown


def logrank(table, study):
    """Log-rank tests with observed and expected events."""
    if table.empty:
        return reason(table, study)
    shown = _table(
        "Log-rank tests",
        ("Group", "n", "Observed events", "Expected events", "Chi-square", "df", "P"),
    )
    for _, rows in _blocks(table, "endpoint", "group"):
        shown.add_heading(_in_group(study, rows.iloc[0]))
        for _, row in rows.iterrows():
            size = (_number(row, "n"), _number(row, "events"), decimal(row["expected"], missing=""))
            label = row["level"] or "Test"
            tested = _chi_square(row, study) if not row["level"] else ("", "", "")
            shown.add(label, *size, *tested, note=note(row["reasons"], study), indent=True)
    shown.footnotes.append("P values are not adjusted for the number of tests.")
    shown.footnotes += cut_point_words(study, table["group"])
    return shown


def _alpha(study):
    return formats.alpha(study.analysis.confidence_level)


def _chi_square(row, study):
    if pd.isna(row["p_value"]):
        return "", "", missing_words(row)
    return decimal(row["statistic"], 2), count(row["df"]), p_value(row["p_value"], _alpha(study))


def cox(table, study, endpoint=""):
    """Hazard ratios of each factor alone and of all together, side by side."""
    if table.empty:
        return reason(table, study)
    level = _ci(study.analysis.confidence_level)
    shown = _table(
        "Hazard ratios (HR) of the factors, Cox models",
        ("Factor", "n", "Events", f"HR ({level})", "P", f"HR ({level})", "P"),
        spans=(("", 3), ("One factor at a time", 2), ("All together", 2)),
    )
    chosen = table[table["model"].isin(["univariable", "multivariable"])]
    if endpoint:
        chosen = chosen[chosen["endpoint"] == endpoint]
    if chosen.empty:
        return reason(chosen, study)
    for (name,), rows in _blocks(chosen, "endpoint"):
        together = rows[rows["model"] == "multivariable"]
        size = ""
        if len(together):
            overall = together[together["kind"] == "joint"].iloc[0]
            size = f" (all together: {_size(overall)}{_left_out(overall, if_none='')})"
        shown.add_heading(f"{study.label(name)}{size}")
        for (term,), factor in _blocks(rows, "term"):
            _add_factor(shown, factor, term, study)
    shown.footnotes.append(
        "n and events are those of the model with one factor, where there is one. Efron's method for ties, Wald limits. "
        "P of a factor: likelihood-ratio test; P of a level against the reference: Wald. P values are not adjusted for the "
        "number of tests."
    )
    return shown


def _add_factor(shown, factor, term, study):
    models = {model: factor[factor["model"] == model] for model in ("univariable", "multivariable")}
    size = next(rows for rows in models.values() if len(rows))
    whole = size[size["kind"] == "joint"].iloc[0]
    cells, notes = [], {}
    for model, rows in models.items():
        test, number = (_only(rows[rows["kind"] == kind]) for kind in ("joint", "numeric"))
        cells += ["", ""] if test is None else [
            "" if number is None else _hazard_ratio(number),
            p_value(test["p_value"], _alpha(study), missing=missing_words(test)),
        ]  # fmt: skip
        told = [] if number is None else parts(number["reasons"], study)
        notes[model] = "" if test is None else "; ".join([*told, *_without(parts(test["reasons"], study), told)])
    name = factor_name(study, size.iloc[0])
    shown.add(name, _number(whole, "n"), _number(whole, "events"), *cells, note=_both(notes))
    # With two levels the test of the level asks what the test of the factor has answered.
    compared = len(dict.fromkeys(size.loc[size["kind"] == "level", "level"])) > 1
    for level in dict.fromkeys(size.loc[size["kind"].isin(["reference", "level"]), "level"]):
        cells, notes = [], {}
        for model, rows in models.items():
            row = _only(rows[(rows["level"] == level) & rows["kind"].isin(["reference", "level"])])
            if row is None:
                cells += ["", ""]
            elif row["kind"] == "reference":
                cells += [formats.MASKED if masking.is_masked(row) else "1 (reference)", ""]
            else:
                cells += [_hazard_ratio(row), p_value(row["p_value"], _alpha(study), missing="") if compared else ""]
            # What is said of the whole factor is not said again at each of its levels.
            told = parts(whole["reasons"], study)
            notes[model] = "" if row is None else "; ".join(_without(parts(row["reasons"], study), told))
        first = size[(size["level"] == level) & (size["kind"] != "joint")].iloc[0]
        shown.add(level, _number(first, "n"), _number(first, "events"), *cells, note=_both(notes), indent=True)


def _only(rows):
    return None if rows.empty else rows.iloc[0]


def factor_name(study, row):
    """Label of a row's factor; for a numeric one with the increase its hazard ratio stands for."""
    label = study.label(row["term"])
    if row["kind"] != "numeric":
        return label
    return f"{label} ({formats.per(row['step'], study.variables[row['term']].unit)})"


def _hazard_ratio(row):
    return f"{ratio(row['estimate'])} ({_limits(row, ratio)})" if pd.notna(row["estimate"]) else missing_words(row)


def _without(words, said):
    return [part for part in words if part not in said]


def _both(notes):
    """The notes of both models in one: said once where they agree, else with the model they belong to."""
    alone, together = notes["univariable"], notes["multivariable"]
    if alone == together:
        return alone
    shown = (("one at a time", alone), ("all together", together))
    return "; ".join(f"{words}: {said}" for words, said in shown if said)


def landmark(table, study):
    """Hazard ratio of response: counted from time zero, and by landmark analysis."""
    if table.empty:
        return reason(table, study)
    chosen = table[(table["model"] == "naive") | table["landmark"].notna()]
    if chosen.empty:
        return reason(chosen, study)
    pair = dict.fromkeys(chosen.loc[chosen["kind"].isin(["reference", "level"]), "level"])
    level = _ci(study.analysis.confidence_level)
    shown = _table(
        f"Hazard ratio (HR) of {study.label(chosen['term'].iloc[0])}, Cox models",
        ("Counted from", "n", "Left out", "Responded later", *pair, f"HR ({level})", "P"),
        spans=(("", 4), ("Events / n", len(pair)), ("", 2)),
    )
    for (name,), rows in _blocks(chosen, "endpoint"):
        shown.add_heading(study.label(name))
        for (model, time), levels in rows.groupby(["model", "landmark"], sort=False, dropna=False):
            start = "Time zero (naive)" if pd.isna(time) else formats.duration(time, study.time_unit)
            label = start + (", adjusted" if model == ADJUSTED else "")
            sizes = [_only(levels[levels["level"] == each]) for each in pair]
            row = levels[levels["kind"] == "level"].iloc[0]
            shown.add(
                label, _number(row, "n") if pd.isna(row["n"]) else count(levels["n"].sum()), _number(row, "excluded"), _number(row, "later"),
                *("" if size is None else f"{_number(size, 'events')} / {_number(size, 'n')}" for size in sizes),
                _hazard_ratio(row), p_value(row["p_value"], _alpha(study), missing=""), note=note(row["reasons"], study), indent=True,
            )  # fmt: skip
    shown.footnotes.append(
        "Left out at a landmark: patients with an event or censored by then, and those without a needed value. Responded "
        f"later: patients counted as {formats.lowered(next(iter(pair)))} whose response came after the landmark. Reference: "
        f"{formats.lowered(next(iter(pair)))}. Efron's method for ties, Wald limits and tests."
    )
    return shown


def ph_test(table, study):
    """Tests of proportional hazards."""
    if table.empty:
        return reason(table, study)
    models = {"univariable": "One factor at a time", "multivariable": "All together"}
    shown = _table(
        f"Tests of proportional hazards ({formats.listing(dict.fromkeys(table['method']))})",
        ("Factor", *("Chi-square", "df", "P") * 2),
        spans=(("", 1), *((words, 3) for words in models.values())),
    )
    for (name,), rows in _blocks(table, "endpoint"):
        sizes = [
            f"{words.lower()}: {_counted_range(group['n'], 'patient')}, {_counted_range(group['events'], 'event')}"
            for model, words in models.items()
            if len(group := rows[rows["model"] == model])
        ]
        shown.add_heading(f"{study.label(name)} ({'; '.join(sizes)})")
        for (term,), tests in _blocks(rows, "term"):
            cells, notes = [], {}
            for model in models:
                row = _only(tests[tests["model"] == model])
                cells += ("", "", "") if row is None else _chi_square(row, study)
                notes[model] = "" if row is None else note(row["reasons"], study)
            label = "Global test" if term == "GLOBAL" else study.label(term)
            shown.add(label, *cells, note=_both(notes), indent=True)
    return shown


def _counted_range(numbers, noun):
    if numbers.isna().all():
        return f"{noun}s {formats.MASKED}"
    low, high = int(numbers.min()), int(numbers.max())
    return formats.counted(high, noun) if low == high else f"{low} to {formats.counted(high, noun)}"


def model_performance(table, study):
    """How well the multivariable models separate patients."""
    if table.empty:
        return reason(table, study)
    level = _ci(study.analysis.confidence_level)
    shown = _table(
        "Performance of the models with all factors together", ("Measure", "Value", level, "Chi-square", "df", "P")
    )
    for (name,), rows in _blocks(table, "endpoint"):
        first = rows.iloc[0]
        shown.add_heading(
            f"{study.label(name)} ({_size(first)}{_left_out(first, if_none=', 0 left out for a missing value')})"
        )
        for _, row in rows.iterrows():
            test = row["term"] in ("likelihood ratio", "Wald", "score")
            digits = 1 if row["term"] == "events per variable" else 3
            value = "" if test else decimal(row["estimate"], digits, missing=missing_words(row))
            limits = (
                "" if test or pd.isna(row["conf_low"]) else formats.interval(row["conf_low"], row["conf_high"], _three)
            )
            tested = _chi_square(row, study) if test else ("", "", "")
            label = f"{row['term'].capitalize()} test" if test else row["term"][:1].upper() + row["term"][1:]
            said = "; ".join([*([] if test else [row["method"]]), *parts(row["reasons"], study)])
            shown.add(label, value, limits, *tested, note=said, indent=True)
    shown.footnotes.append(
        "Concordance: share of the pairs whose order of events is known in which the patient with the higher computed hazard "
        "has the event first."
    )
    if any(known_later(study, name) for name in study.analysis.multivariable):
        shown.footnotes.append(
            "The model holds a factor that is not known at time zero: part of its concordance is hindsight, which the "
            "bootstrap does not remove."
        )
    return shown


def _size(row):
    """Patients and events of a model."""
    return ", ".join(
        f"{noun}s {formats.MASKED}" if pd.isna(row[column]) else formats.counted(row[column], noun)
        for column, noun in (("n", "patient"), ("events", "event"))
    )


def _left_out(row, *, if_none):
    """How many patients a model leaves out, after a comma; ``if_none`` when it leaves out nobody."""
    if pd.notna(row["excluded"]) and row["excluded"] == 0:
        return if_none
    number = formats.MASKED if pd.isna(row["excluded"]) else count(row["excluded"])
    return f", {number} left out for a missing value"


def _three(value, missing=NOT_ESTIMABLE):
    return decimal(value, 3, missing)


def adverse_events(table, study):
    """Patients with adverse events, by term and worst grade."""
    if table.empty:
        return reason(table, study)
    chosen = table[table["method"] == "Clopper-Pearson"]
    grades = list(study.adverse_events.grades.values())
    heads = [_grade_head(code, label) for code, label in study.adverse_events.grades.items()]
    shown = _table(
        f"Patients (of {count(chosen['n'].iloc[0])}) with an adverse event, by worst grade ({study.adverse_events.scheme})",
        ("Adverse event", "Any grade", _ci(study.analysis.confidence_level), *heads, "Severe or worse", "Occurrences"),
    )
    for (term,), rows in _blocks(chosen, "term"):
        overall = pick(rows, level="any grade")
        by_grade = [_number(pick(rows, level=grade), "events") for grade in grades]
        severe = pick(rows, level="severe or worse")
        shown.add(
            term, _of(overall, "events", "n"), _limits(overall, percent), *by_grade, _number(severe, "events"),
            _number(overall, "occurrences"), note=note(severe["reasons"] or overall["reasons"], study),
        )  # fmt: skip
    shown.footnotes.append(
        "A patient counts once in a line, in the worst grade; occurrences count the rows of the table of adverse events. "
        f"Severe or worse: from the grade {formats.lowered(study.adverse_events.severe_from)} on. Clopper-Pearson intervals."
    )
    named = [f"{head}: {label}" for head, label in zip(heads, grades, strict=True) if head != label]
    if named:
        shown.footnotes.append("; ".join(named) + ".")
    return shown


def _grade_head(code, label):
    """The label of a grade, or its code where the label would widen the table."""
    if formats.columns(label) <= 12 or formats.columns(code) > 12:
        return label
    return code if code.lower().startswith("grade") else f"Grade {code}"


def zero_events(table, study):
    """What rate of severe adverse events the data leave possible."""
    if table.empty:
        return reason(table, study)
    rows = table[(table["level"] == "severe or worse") & (table["method"] != "Clopper-Pearson")]
    shown = _table(
        f"Rate of adverse events {severe_words(study)}",
        ("Method", "Patients", "n", "Rate", "Level", "Interval"),
    )
    for _, row in rows.iterrows():
        shown.add(row["method"], _number(row, "events"), _number(row, "n"), _estimate(row, percent), formats.level(row["conf_level"]),
                  _limits(row, percent), note=note(row["reasons"], study))  # fmt: skip
    return shown


def published(table, study, links=None):
    """Every published number and claim beside the computed value, with a verdict.

    ``links`` maps the chapters that the items name to addresses.
    """
    if table.empty:
        return reason(table, study)
    shown = _table(
        f"Published and computed: {formats.counted(len(table), 'item')}, {study.title}",
        ("Published item", "Published", "Computed", "Method", "Verdict"),
        text=(3, 4),
    )
    for (topic,), rows in _blocks(table, "topic"):
        shown.add_heading(topic)
        for _, row in rows.iterrows():
            item = Cell(row["quote"], (links or {}).get(row["chapter"], ""))
            cells = (row[key] for key in ("published", "computed", "method", "verdict"))
            tolerance = "" if row["tolerance"] in ("", "none") else f" Tolerance: {row['tolerance']}."
            detail = f"{note(row['reasons'], study, sentences=True)} {row['explanation']}{tolerance}"
            shown.add(item, *cells, indent=True, detail=detail)
    return shown


def headline(tables, study, links=None):
    """The main results of all result tables on one page.

    ``tables`` maps names of result tables to tables (see `analysis.result_tables`); ``links`` maps such a name to the
    address of the chapter that its lines point to.
    """
    links = links or {}
    level = _ci(study.analysis.confidence_level)
    shown = _table("Main results", ("Result", "n", "Events", "Estimate", level, "Method"), text=(5,))

    def add(name, label, row, write, method, unit=""):
        known = pd.notna(row["estimate"])
        estimate = _estimate(row, write) + (f" {unit}" if known and unit else "")
        shown.add(Cell(label, links.get(name, "")), _number(row, "n"), _number(row, "events"), estimate, _limits(row, write), method,
                  note=note(row["reasons"], study))  # fmt: skip

    summary = _everyone(tables["survival_summary"])
    times = _everyone(tables["survival_at"])
    for name, endpoint in study.endpoints.items():
        for _, row in summary[(summary["endpoint"] == name) & summary["method"].isin(["SPSS", "log-log"])].iterrows():
            add(
                "survival_summary",
                f"{endpoint.label}, median",
                row,
                partial(formats.time, unit=study.time_unit),
                CONVENTIONS[row["method"]],
                study.time_unit,
            )
        kept = times[(times["endpoint"] == name) & (times["method"] == "Kaplan-Meier, log-log")]
        for _, row in kept.iterrows():
            label = f"{endpoint.label} at {formats.duration(row['time'], study.time_unit)}"
            add("survival_at", label, row, percent, row["method"])
    rates_of_all = _everyone(tables["response"])
    kept = (rates_of_all["population"] == "all patients") & (rates_of_all["method"] == "Clopper-Pearson")
    for _, row in rates_of_all[kept & rates_of_all["term"].isin(["ORR", "DCR"])].iterrows():
        add("response", RATES[row["term"]], row, percent, row["method"])
    harms = tables["adverse_events"]
    harms = harms[(harms["term"] == "Any adverse event") & (harms["method"] == "Clopper-Pearson")]
    for level_name, label in (
        ("any grade", "Any recorded adverse event"),
        ("severe or worse", "Adverse event, severe or worse"),
    ):
        for _, row in harms[harms["level"] == level_name].iterrows():
            add("adverse_events", label, row, percent, row["method"])
    shown.footnotes.append(
        "Events: for a rate at a fixed time those up to it; for response and adverse events the patients who had it."
    )
    return shown


def _everyone(table):
    return table[table["group"] == ""]


def remarks(cohort):
    """What the loader noticed and went on with; rows are counted, and no patient's value is shown.

    Where small counts are masked, what is masked stands in the place of the remarks, which count cells.
    """
    if cohort.mask_below:
        return masking_words(cohort)
    if not cohort.remarks:
        return sentence("The loader noticed nothing unusual in the data files.")
    shown = _table(
        f"Remarks on the data files ({len(cohort.remarks)})",
        ("Column", "File", "Remark", "Cells", "What to do"),
        text=(1, 2, 4),
    )
    alike = {}
    for remark in cohort.remarks:
        alike.setdefault((remark.column or "", remark.file, remark.rule, remark.fix), []).append(remark)
    for (column, file, rule, fix), ones in alike.items():
        number = sum(one.count for one in ones)
        # A single remark that points to no cell and counts none is about a column, a file or a model.
        whole = number == 1 and ones[0].row is None and ones[0].value is None and not ones[0].counts_cells
        shown.add(column, file, rule, "" if whole else str(number), fix)
    shown.footnotes.append("`aice check` lists each cell with its row.")
    return shown

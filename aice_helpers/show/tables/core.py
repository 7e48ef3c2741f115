"""A table ready to be shown: HTML and plain text from the same cells."""

import html
import string
from dataclasses import dataclass, field

import pandas as pd

from aice_helpers.core.reasons import is_masked
from aice_helpers.core.wording import current
from aice_helpers.show import formats
from aice_helpers.show.formats import NOT_ESTIMABLE, count, decimal, p_value, percent
from aice_helpers.show.sentences import missing_words

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
        """Append a row; a note becomes a footnote that the row header points to.

        Parameters
        ----------
        header : str or Cell
            The row header; its link is kept, its mark is that of ``note``.
        *values : str or Cell
            The cells after the row header, one a column.
        note : str
            Text of the footnote; "" for none.
        indent : bool
            Whether the row header is indented.
        detail : str
            Text under the line, across all columns.
        """
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
        return current().in_html(self._as_html())

    def __repr__(self) -> str:
        return current()(self._as_text())

    def _as_html(self):
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

    def _as_text(self):
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


def new_table(title, columns, *, text=(), spans=()):
    """An empty table whose first column and those at the positions ``text`` hold words.

    Parameters
    ----------
    title : str
    columns : sequence of str
        Headers, that of the row headers first.
    text : sequence of int
        Positions of columns that hold words; all others hold numbers.
    spans : sequence of (str, int)
        Headers above the columns, each with the number of columns it spans.

    Returns
    -------
    DisplayTable
        Without rows.
    """
    numeric = tuple(place not in (0, *text) for place in range(len(columns)))
    return DisplayTable(title, tuple(columns), numeric, spans=spans)


def ci(level):
    """Header of a column of limits: "95% CI" for the level 0.95."""
    return f"{formats.level(level)} CI"


def limits_text(row, write=decimal):
    """A row's limits written by ``write`` (number -> str), "" when the row is of a kind without limits."""
    if pd.isna(row["conf_level"]):
        return ""
    low, high = (
        missing_words(row, column) if pd.isna(row[column]) else write(row[column])
        for column in ("conf_low", "conf_high")
    )
    return low if low == high and pd.isna(row["conf_low"]) else f"{low} to {high}"


def estimate_text(row, write=decimal):
    """A row's estimate written by ``write`` (number -> str), or the word for a missing one."""
    return missing_words(row) if pd.isna(row["estimate"]) else write(row["estimate"])


def count_text(row, column):
    """A count of a row; nothing where the row has none, a word where it is masked."""
    return count(row[column], missing=missing_words(row, column) if is_masked(row, column) else "")


def share_text(row, part, whole):
    """A count of a row with its share.

    Parameters
    ----------
    row : Series
        A row of a result table.
    part, whole : str
        Names of the columns with the count and with what it is a share of.

    Returns
    -------
    str
        "51 (45.1%)"; the count alone where the share is not known.
    """
    known = pd.notna(row[part]) and pd.notna(row[whole]) and row[whole]
    share = f" ({percent(row[part] / row[whole])})" if known else ""
    return f"{count_text(row, part)}{share}"


def in_group(study, row):
    """The endpoint, and the group where there is one, as a heading."""
    name = study.label(row["endpoint"])
    return f"{name} by {study.label(row['group'])}" if row["group"] else name


def blocks(table, *columns):
    """Rows by the values of columns, in the order of the table: a `DataFrameGroupBy` of (tuple of values, rows)."""
    return table.groupby(list(columns), sort=False)


def named_with_unit(study, name):
    """Label of a variable with its unit."""
    unit = study.variables[name].unit if name in study.variables else ""
    return f"{study.label(name)}, {unit}" if unit else study.label(name)


def plain_text(value, missing=NOT_ESTIMABLE):
    """A number as short as it can be; ``missing`` in the place of one that is not known."""
    return missing if pd.isna(value) else formats.plain(value)


def alpha_of(study):
    """Significance level of the analysis plan, as a proportion: 0.05 for the confidence level 0.95."""
    return formats.alpha(study.analysis.confidence_level)


def chi_square(row, study):
    """Three cells of a test: chi-square, degrees of freedom and P; without a P value the third says why."""
    if pd.isna(row["p_value"]):
        return "", "", missing_words(row)
    return decimal(row["statistic"], 2), count(row["df"]), p_value(row["p_value"], alpha_of(study))


def only_row(rows):
    """The first row of rows of which there is one at most, as a Series; None when there is none."""
    return None if rows.empty else rows.iloc[0]


def words_without(words, said):
    """The strings of ``words`` that are not among ``said``, as a list."""
    return [part for part in words if part not in said]


def both_notes(notes):
    """The notes of both models in one: said once where they agree, else with the model they belong to."""
    alone, together = notes["univariable"], notes["multivariable"]
    if alone == together:
        return alone
    shown = (("one at a time", alone), ("all together", together))
    return "; ".join(f"{words}: {said}" for words, said in shown if said)


def left_out(row, *, if_none):
    """How many patients a model leaves out, after a comma; ``if_none`` when it leaves out nobody."""
    if pd.notna(row["excluded"]) and row["excluded"] == 0:
        return if_none
    number = formats.MASKED if pd.isna(row["excluded"]) else count(row["excluded"])
    return f", {number} left out for a missing value"


def three(value, missing=NOT_ESTIMABLE):
    """A number with three decimals; ``missing`` in the place of one that is not known."""
    return decimal(value, 3, missing)


def everyone_rows(table):
    """Rows of a result table that are about everyone together, not about a group."""
    return table[table["group"] == ""]

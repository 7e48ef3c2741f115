"""Result tables as people read them: rounded, labelled, with n, method and unit, as HTML and as plain text."""

import html
import string
import unicodedata
from dataclasses import dataclass, field

from aice_helpers import formats
from aice_helpers.prose import missing_words, reason

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
    """One line of a table: its header and its values. A heading has no values and names the rows below it."""

    header: Cell
    values: tuple[Cell, ...] = ()
    indent: bool = False
    heading: bool = False


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

    def add(self, header, *values, note="", indent=False):
        """Append a row; a note becomes a footnote that the row header points to."""
        self.rows.append(
            Row(
                Cell(_text(header), _href(header), self.mark(note)),
                tuple(value if isinstance(value, Cell) else Cell(str(value)) for value in values),
                indent,
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
        kinds = ["aice-number" if number else "aice-text" for number in self.numeric]
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
        parts.append("<tr>" + "".join(f'<th scope="col" class="{k}">{html.escape(c)}</th>' for c, k in headers))
        parts.append("</tr></thead><tbody>")
        for place, row in enumerate(self.rows):
            if row.heading:
                if place:
                    parts.append("</tbody><tbody>")
                parts.append(
                    f'<tr class="aice-heading"><th scope="rowgroup" colspan="{len(self.columns)}">'
                    f"{row.header.to_html()}</th></tr>"
                )
                continue
            css = ' class="aice-indent"' if row.indent else ""
            cells = "".join(
                f'<td class="{kind}">{cell.to_html()}</td>' for cell, kind in zip(row.values, kinds[1:], strict=True)
            )
            parts.append(f'<tr><th scope="row"{css}>{row.header.to_html()}</th>{cells}</tr>')
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
                grid.append([lead + row.header.to_text(), *(cell.to_text() for cell in row.values)])
        widths = [max(_width(line[i]) for line in grid) for i in range(len(self.columns))]
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
        lines += [row.header.to_text() if row.heading else self._line(next(body), widths) for row in self.rows]
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


def _width(text):
    """Columns a text takes on a terminal: wide characters take two, combining ones none."""
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text
    )


def _pad(text, width, right):
    space = " " * (width - _width(text))
    return space + text if right else text + space

"""Sentences that hold results: every number, direction and verdict in them comes from a result table.

`inline` writes one row of a result table into a pattern; the other functions word a whole table, so that what they
say stays true for any cohort.
"""

import html
import re
import string
from dataclasses import dataclass

import pandas as pd

from aice_helpers import formats, results
from aice_helpers.formats import NOT_ESTIMABLE, NOT_REACHED, p_words

__all__ = [
    "Notice",
    "Sentence",
    "cohort_counts",
    "inline",
    "landmark_words",
    "median_conventions_words",
    "notice",
    "p_words",
    "ph_words",
    "rates_words",
    "reason",
    "sentence",
    "significant_factors",
    "zero_events_words",
]


@dataclass(frozen=True)
class Sentence:
    """Text for a notebook: ``text`` is plain, ``markup`` the same in HTML with every data value escaped."""

    text: str
    markup: str

    def __add__(self, other):
        if not isinstance(other, Sentence):
            return NotImplemented
        parts = [part for part in (self, other) if part.text]
        return Sentence(" ".join(part.text for part in parts), " ".join(part.markup for part in parts))

    def __repr__(self) -> str:
        return self.text

    def __str__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        return f"<p>{self.markup}</p>"


@dataclass(frozen=True, repr=False)
class Notice(Sentence):
    """A sentence in a box, under a title."""

    title: str = ""

    def __repr__(self) -> str:
        return f"{self.title}\n{self.text}"

    def _repr_html_(self) -> str:
        return (
            '<div class="admonition warning aice-notice" role="note">'
            f'<p class="admonition-title"><strong>{html.escape(self.title)}</strong></p><p>{self.markup}</p></div>'
        )


def sentence(text) -> Sentence:
    """Plain text as a `Sentence`; nothing in it is read as markup."""
    return Sentence(text, html.escape(text))


def inline(table, pattern, **where) -> Sentence:
    """Write the one row of ``table`` that equals ``where`` into ``pattern``.

    Parameters
    ----------
    table : DataFrame
        A result table.
    pattern : str
        Trusted text (it may hold inline HTML) with fields named like the table's columns:
        ``"The median was {estimate:.1f} {unit} ({conf_level:%} CI {conf_low:.1f} to {conf_high:.1f})."``.
        Beside Python's number formats there are ``%`` and ``.1%`` (per cent of a proportion; ``%`` is as short as
        possible for a confidence level and has one decimal otherwise), ``p`` ("P = 0.012"), ``ratio`` (a hazard
        ratio) and none at all (a number as short as it can be).
    **where
        Column values that select exactly one row.

    Returns
    -------
    Sentence
        A missing number reads "not reached" for a median or its limits, "not estimable" otherwise, without the unit
        that follows it. For an empty table it is the reason why the table is empty.

    Raises
    ------
    LookupError
        When not exactly one row matches, or for a field that is no column.
    """
    if table.empty:
        return reason(table)
    row = results.pick(table, **where)
    return Sentence(
        _tidy(_fill(html.unescape(re.sub(r"</?[A-Za-z][^<>]*>", "", pattern)), row, str)),
        _tidy(_fill(pattern, row, html.escape)),
    )


def reason(table) -> Sentence:
    """Why a result table is empty; no words at all for a table with rows."""
    return sentence(table.attrs.get("reason", "")) if table.empty else sentence("")


def missing_words(row, column="estimate") -> str:
    """What stands for a missing number of a row: "not reached" for a median and its Kaplan-Meier limits.

    A limit that a method can only compute further down the curve than the median is not estimable, not unreached.
    """
    if "median" not in str(row.get("term", "")).lower():
        return NOT_ESTIMABLE
    spss = "spss" in str(row.get("method", "")).lower()
    return NOT_ESTIMABLE if spss and column != "estimate" and pd.notna(row.get("estimate")) else NOT_REACHED


def _fill(pattern, row, escape):
    written, after_missing = [], False
    for literal, field, spec, conversion in string.Formatter().parse(pattern):
        bare_unit = field == "unit" and literal == " " and after_missing
        written.append("" if bare_unit else literal)
        if field is None:
            continue
        if field not in row.index or conversion:
            raise LookupError(f"no field {field!r}; the fields are {', '.join(row.index)}")
        value = row[field]
        missing = pd.isna(value)
        if not bare_unit:
            written.append(escape(missing_words(row, field) if missing else _write(field, value, spec)))
        after_missing = missing
    return "".join(written)


def _write(field, value, spec):
    if spec == "p":
        return p_words(value)
    if isinstance(value, str):
        return format(value, spec)
    if spec == "ratio":
        return formats.ratio(value)
    if spec == "%":
        return formats.level(value) if field == "conf_level" else formats.percent(value)
    if fixed := re.fullmatch(r"\.(\d+)([f%])", spec):
        write = formats.percent if fixed[2] == "%" else formats.decimal
        return write(value, int(fixed[1]))
    return format(value, spec) if spec else formats.plain(value)


def _tidy(text):
    return text.replace(f"{NOT_REACHED} to {NOT_REACHED}", NOT_REACHED).replace(
        f"{NOT_ESTIMABLE} to {NOT_ESTIMABLE}", NOT_ESTIMABLE
    )

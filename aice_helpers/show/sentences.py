"""Sentences from result tables: a number comes from exactly one row, or is an error."""

import html
import re
import string
from dataclasses import dataclass

import pandas as pd

from aice_helpers.core import results
from aice_helpers.core.reasons import is_masked
from aice_helpers.core.wording import current
from aice_helpers.show import formats, reason_words
from aice_helpers.show.formats import MASKED, NOT_ESTIMABLE, NOT_REACHED, p_words
from aice_helpers.stats.kaplan_meier import SPSS

MEDIANS = ("median", "median follow-up")
"""Terms whose estimates and limits are times at which a Kaplan-Meier curve is crossed, or not."""


@dataclass(frozen=True)
class Sentence:
    """Text for a notebook: ``text`` is plain, ``markup`` the same in HTML with every data value escaped."""

    text: str
    markup: str

    def __add__(self, other):
        if not isinstance(other, Sentence):
            return NotImplemented
        parts = [part for part in (self, other) if part.text]
        if any(isinstance(part, Blocks) for part in parts):
            return Blocks("\n".join(part.text for part in parts), "".join(part._repr_html_() for part in parts))
        return Sentence(" ".join(part.text for part in parts), " ".join(part.markup for part in parts))

    def __repr__(self) -> str:
        return current()(self.text)

    def __str__(self) -> str:
        return current()(self.text)

    def _repr_html_(self) -> str:
        return current().in_html(f"<p>{self.markup}</p>")


@dataclass(frozen=True, repr=False)
class Blocks(Sentence):
    """Lists and paragraphs: ``text`` has a line for each, ``markup`` the whole HTML elements."""

    def _repr_html_(self) -> str:
        return current().in_html(self.markup)


def sentence(text) -> Sentence:
    """Plain text as a `Sentence`; nothing in it is read as markup.

    Parameters
    ----------
    text : str

    Returns
    -------
    Sentence
    """
    return Sentence(text, html.escape(text))


def bullets(texts) -> Blocks:
    """Plain texts as a list.

    Parameters
    ----------
    texts : sequence of str
        One a bullet; nothing in them is read as markup.

    Returns
    -------
    Blocks
    """
    items = "".join(f"<li>{html.escape(text)}</li>" for text in texts)
    return Blocks("\n".join(f"- {text}" for text in texts), f"<ul>{items}</ul>")


def severe_words(study) -> str:
    """What counts as a severe adverse event, as it stands after the noun.

    Parameters
    ----------
    study : Study
        One that declares adverse events.

    Returns
    -------
    str
    """
    grade = formats.lowered(study.adverse_events.severe_from).removeprefix("grade ")
    return f"of grade {grade} or worse ({study.adverse_events.scheme})"


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
        possible for a confidence level, whatever its decimals, and has one decimal otherwise), ``p`` ("P = 0.012"), ``ratio`` (a hazard
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


def reason(table, study=None) -> Sentence:
    """Why a result table is empty; no words at all for a table with rows.

    Parameters
    ----------
    table : DataFrame
        A result table.
    study : Study, optional
        Gives the labels of variables and the unit of time.

    Returns
    -------
    Sentence
        Without text for a table with rows.
    """
    if not table.empty:
        return sentence("")
    why = table.attrs.get("reason")
    return sentence("There is no result of this kind." if why is None else reason_words.note((why,), study))


def missing_words(row, column="estimate") -> str:
    """What stands for a missing number of a row: "not reached" for a Kaplan-Meier median or one of its limits.

    Limits that a method cannot compute although the median is known are not estimable, not unreached; so are those of
    SPSS, which no curve crosses. A number that is masked is "masked".

    Parameters
    ----------
    row : Series
        A row of a result table.
    column : str
        Name of the column whose number is missing.

    Returns
    -------
    str
    """
    if is_masked(row, column):
        return MASKED
    if row.get("term", "") not in MEDIANS or column not in ("estimate", "conf_low", "conf_high"):
        return NOT_ESTIMABLE
    if any(one.code == "cannot_use" for one in row.get("reasons") or ()):
        return NOT_ESTIMABLE
    uncomputed = pd.notna(row.get("estimate")) and pd.isna(row.get("conf_low")) and pd.isna(row.get("conf_high"))
    return NOT_ESTIMABLE if column != "estimate" and (row.get("method") == SPSS or uncomputed) else NOT_REACHED


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
            words = missing and (spec != "p" or is_masked(row))
            written.append(escape(missing_words(row, field) if words else _write(field, value, spec)))
        after_missing = missing
    return "".join(written)


def _write(field, value, spec):
    if spec == "p":
        return p_words(value)
    if isinstance(value, str):
        return format(value, spec)
    if spec == "ratio":
        return formats.ratio(value)
    if field == "conf_level" and spec.endswith("%"):
        return formats.level(value)
    if spec == "%":
        return formats.percent(value)
    if fixed := re.fullmatch(r"\.(\d+)([f%])", spec):
        write = formats.percent if fixed[2] == "%" else formats.decimal
        return write(value, int(fixed[1]))
    return format(value, spec) if spec else formats.plain(value)


def _tidy(text):
    return (
        text.replace(f"{NOT_REACHED} to {NOT_REACHED}", NOT_REACHED)
        .replace(f"{NOT_ESTIMABLE} to {NOT_ESTIMABLE}", NOT_ESTIMABLE)
        .replace(f"{MASKED} to {MASKED}", MASKED)
    )


def plain_text(text):
    """Plain text twice: as it is, and escaped for HTML.

    Parameters
    ----------
    text : str

    Returns
    -------
    tuple of (str, str)
        Text and markup, as a `Sentence` takes them.
    """
    return text, html.escape(text)


def narrowed(table, **where):
    """Rows that equal what is given; an empty text does not narrow.

    Parameters
    ----------
    table : DataFrame
        A result table.
    **where
        Column values.

    Returns
    -------
    DataFrame
    """
    for column, value in where.items():
        if value:
            table = table[table[column] == value]
    return table


def blocks(table, *columns):
    """Rows by the values of columns, in the order of the table.

    Parameters
    ----------
    table : DataFrame
        A result table.
    *columns : str
        Names of the columns.

    Returns
    -------
    DataFrameGroupBy
        Yields (tuple of values, rows).
    """
    return table.groupby(list(columns), sort=False)


def span(rows, column, unit):
    """From the lowest to the highest time, then what is missing, each with its conventions; the same is said once.

    Parameters
    ----------
    rows : DataFrame
        Rows of a ``survival_summary`` table, one a convention.
    column : str
        "estimate", "conf_low" or "conf_high".
    unit : str
        Unit of the times.

    Returns
    -------
    str
        Times without their unit.
    """
    written = [formats.time(row[column], unit, missing=missing_words(row, column)) for _, row in rows.iterrows()]
    if len(set(written)) == 1:
        known = pd.notna(rows[column].iloc[0])
        return f"{written[0]} by {'every' if known else 'any'} convention"
    methods = {}
    for text, method in zip(written, rows["method"], strict=True):
        methods.setdefault(text, []).append(method)
    known = rows.assign(written=written).dropna(subset=column).sort_values(column, kind="stable")["written"]
    ends = list(dict.fromkeys([*known.iloc[:1], *known.iloc[-1:]]))
    missing = [text for text in methods if text in (NOT_REACHED, NOT_ESTIMABLE, MASKED)]
    said = {text: f"{text} ({', '.join(methods[text])})" for text in ends + missing}
    return ", ".join(filter(None, [" to ".join(said[text] for text in ends), *(said[text] for text in missing)]))

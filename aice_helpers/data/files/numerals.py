"""Numbers that people and keyboards write in other ways, where they can mean one thing only."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace

import numpy as np

from aice_helpers.core.problems import Problem
from aice_helpers.data.files.cells import Cells
from aice_helpers.study.model import PLAIN_NUMBER

_SPACE = "\u0020\u00a0\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f"

_MINUS = "\u2010\u2011\u2012\u2013\u2212\ufe63\uff0d"

_SPACED = re.compile(rf"([+-]?\d{{1,3}}(?:[{_SPACE}'\u2019]\d{{3}})+)(?:([.,])(\d+))?", re.ASCII)

_TWO_MARKS = re.compile(r"([+-]?\d{1,3}(?:\.\d{3})+),(\d+)|([+-]?\d{1,3}(?:,\d{3})+)\.(\d+)", re.ASCII)

_GROUPED = re.compile(r"[+-]?\d{1,3}(?:(?:\.\d{3}){2,}|(?:,\d{3}){2,})", re.ASCII)

MOSTLY = 0.5
"""Share of a column's different contents that must be numbers before any of them is read in another form."""


def plain_numeral(text, decimal) -> tuple[str, str]:
    """A number in plain form and what was unusual about it; ("", "") when the text is plain already or no clear number.

    >>> plain_numeral("12", "."), plain_numeral("１２．５", "."), plain_numeral("1\\u202f234,5", ",")
    (('', ''), ('12.5', 'full-width digits'), ('1234,5', 'spaces or apostrophes between the digits'))
    >>> plain_numeral("\\u22123", "."), plain_numeral("1.234,5", "."), plain_numeral("1.234", ",")
    (('-3', 'a typographic minus'), ('1234.5', 'marks between the thousands'), ('', ''))
    """
    if text.isascii() and not _unusual(text):
        return "", ""
    narrow = unicodedata.normalize("NFKC", text) if not text.isascii() else text
    what = "full-width digits" if re.search("[\uff10-\uff19]", text) else ""
    if narrow[:1] in _MINUS or text[:1] in _MINUS:
        narrow, what = "-" + narrow[1:].lstrip(_SPACE), what or "a typographic minus"
    if PLAIN_NUMBER.fullmatch(narrow.replace(decimal, ".") if decimal == "," and "." not in narrow else narrow):
        return (narrow, what or "letters of other widths") if narrow != text else ("", "")
    for pattern, found in ((_SPACED, "spaces or apostrophes between the digits"), (_TWO_MARKS, ""), (_GROUPED, "")):
        match = pattern.fullmatch(narrow)
        if match:
            whole, part = _halves(pattern, match)
            digits = re.sub(r"[^\d+-]", "", whole)
            return digits + (decimal + part if part else ""), what or found or "marks between the thousands"
    return "", ""


def _unusual(text):
    return _SPACED.fullmatch(text) or _TWO_MARKS.fullmatch(text) or _GROUPED.fullmatch(text)


def _halves(pattern, match):
    """The whole and the decimal digits of a number."""
    if pattern is _SPACED:
        return match[1], match[3] or ""
    if pattern is _TWO_MARKS:
        return match[1] or match[3], match[2] or match[4]
    return match[0], ""


def with_plain_numerals(table, decimal):
    """The table with unusual numbers in plain form; each such column has a note, which is told when it is used."""
    cells, notes = list(table.cells), dict(table.notes)
    for place, name in enumerate(table.header):
        found = _rewritten(cells[place], decimal)
        if not found:
            continue
        for what in dict.fromkeys(what for _, what in found.values()):
            codes = [code for code, (_, own) in found.items() if own == what]
            rows = tuple(table.numbers[cells[place].at(codes)].tolist())
            example = cells[place].texts[codes[0]]
            rule = f"numbers with {what}, such as {example!r}, are read as plain ones: {found[codes[0]][0]}"
            note = Problem(table.file, rule, "Nothing to do if so", column=name, count=len(rows), rows=rows)
            notes[name] = [*notes.get(name, ()), note]
        texts = [found[code][0] if code in found else text for code, text in enumerate(cells[place].texts)]
        cells[place] = Cells.coded(cells[place].codes, texts)
    return replace(table, cells=tuple(cells), notes=notes)


def _rewritten(cells, decimal):
    """Place of a text -> its plain form and what was unusual, in a column that mostly holds numbers."""
    found = {}
    for code, text in enumerate(cells.texts):
        if text and (text[-1].isdigit() or not text.isascii()):
            plain, what = plain_numeral(text, decimal)
            if plain:
                found[code] = (plain, what)
    if not found:
        return {}
    present = [text for text in cells.texts if text]
    numbers = sum(bool(PLAIN_NUMBER.fullmatch(text.replace(",", "."))) for text in present) + len(found)
    return found if numbers >= np.ceil(MOSTLY * len(present)) else {}

"""Delimited text: encoding, delimiter and quoting are found out, never guessed in silence."""

from __future__ import annotations

import codecs
import collections
import csv
import itertools
import re

import numpy as np

from aice_helpers.data.files.cells import Gatherer
from aice_helpers.data.files.plain_text import plain_columns
from aice_helpers.data.files.statistics import remark_encoding
from aice_helpers.data.files.table import (
    NAMES,
    NoTable,
    Table,
    header_is_sound,
    missing_codes,
    with_row_names,
    without_empty_columns,
    without_empty_rows,
)
from aice_helpers.study.model import PLAIN_NUMBER

_DELIMITERS = ",;\t|"

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")

_LOOKED_AT = 200
"""Lines that are looked at to find out the delimiter."""

_ROWS_AT_ONCE = 20_000
"""Rows whose cells are held one by one; each distinct text of a column is kept once."""


def read_text(source, name, data, findings):
    text, encoding = _decoded(source.encoding, data)
    if encoding:
        remark_encoding(name, encoding, "Check that accents and other letters look right", findings)
    if not text.strip():
        raise NoTable("the file is empty", "Export the table again")
    delimiter, header_row = source.delimiter, source.header
    named = re.match(r"sep=(.)(\r\n|\r|\n)", text)
    if named:
        # Excel writes and reads this line; it is the only place where the file itself names its delimiter.
        delimiter, header_row = delimiter or named[1], max(header_row, 2)
    comments = 0 if named or header_row > 1 else _comments(text)
    header_row += comments
    if not delimiter:
        delimiter = _delimiter(list(itertools.islice(csv_lines(text), header_row - 1, header_row - 1 + _LOOKED_AT)))
        if delimiter != "," and not name.lower().endswith((".tsv", ".tab")):
            findings.remark(
                name,
                f"the columns are separated by {NAMES[delimiter]} (detected)",
                "Nothing to do if the columns look right",
                setting=("delimiter", delimiter),
            )
    records = _records(text, delimiter)
    above = list(itertools.islice(records, header_row))
    if len(above) < header_row:
        raise NoTable("the file ends before the header row", "Correct the header row in the study file")
    header = [cell.strip() for cell in above[-1]]
    if len(header) < 2:
        # A file that breaks off further down is told as such, not as one without columns.
        collections.deque(records, maxlen=0)
        other = next((mark for mark in ";,\t|" if mark != delimiter and mark in "".join(header)), None)
        hint = "Name the delimiter in the study file" + (f": it seems to be {other!r}" if other else "")
        raise NoTable(f"the first row has no columns separated by {delimiter!r}", hint, row=header_row)
    if comments:
        rule = f"the first {comments} lines begin with # and are comments; the column names are in row {header_row}"
        findings.remark(name, rule, "Nothing to do")
    header, records = _one_name_short(header, records)
    found = None if source.skip_rows else plain_columns(text, delimiter, header_row, len(header))
    numbers, columns, ragged = found or _columns(records, header_row, len(header), source.skip_rows)
    if not ragged:
        header, columns = without_empty_columns(name, header, columns, findings)
        header = with_row_names(name, header, columns, findings)
    sound = header_is_sound(name, header, header_row, findings)
    for number, width in ragged:
        findings.fault(
            name,
            f"the row has {width} cell{'s' if width > 1 else ''}, the header {len(header)}",
            f"Look for a stray or missing delimiter; if the row is no patient, leave it out: skip_rows: [{number}]",
            row=number,
            kind="ragged",
        )
    if ragged or not sound:
        return None
    if '"' in text:
        _remark_lines(name, header, numbers, columns, findings)
    titles = _titles(above[:comments], header, delimiter)
    missing = missing_codes(source)
    return Table(name, tuple(header), numbers, tuple(columns), decimal=source.decimal, missing=missing, titles=titles)


def _comments(text):
    """Number of lines above the header that begin with #, as cBioPortal writes them; 0 when the header itself does."""
    lines = list(itertools.islice(csv_lines(text), _LOOKED_AT))
    count = next((place for place, line in enumerate(lines) if not line.startswith("#")), 0)
    if not count:
        return 0
    mark = _delimiter(lines[count:])
    header = [cell.strip(' "\r\n') for cell in lines[count].split(mark)]
    # Below a header that begins with # stand the cells of the first patient.
    is_header = len(header) > 1 and not any(PLAIN_NUMBER.fullmatch(cell) for cell in header)
    return count if is_header and (count > 1 or len(lines[0].split(mark)) != len(header)) else 0


def _titles(comments, header, delimiter):
    """What the first comment above a header calls each column, where it has one text a column."""
    cells = [cell.strip() for cell in comments[0]] if comments else []
    if len(cells) != len(header):
        return {}
    cells[0] = cells[0].removeprefix("#").strip()
    return {column: text for column, text in zip(header, cells, strict=True) if text}


def _one_name_short(header, records):
    """Header and rows, where every row has one cell more: row names of R in front, or a delimiter at its end."""
    seen = list(itertools.islice(records, _LOOKED_AT))
    records, below = itertools.chain(seen, records), [cells for cells in seen if any(map(str.strip, cells))]
    if not below or "" in header or {len(cells) for cells in below} != {len(header) + 1}:
        return header, records
    if not any(cells[-1].strip() for cells in below):
        return [*header, ""], records
    names = {cells[0].strip() for cells in below}
    is_data = any(PLAIN_NUMBER.fullmatch(cell.strip()) for cell in below[0][1:])
    return (["", *header] if is_data and len(names) == len(below) else header), records


def _records(text, delimiter):
    """The rows of a text, each a list of cells as they are written."""
    done = 0
    try:
        for cells in csv.reader(csv_lines(text), delimiter=delimiter, strict=True):
            yield cells
            done += 1
    except csv.Error as error:
        raise NoTable(f"the table breaks off ({error})", "Look for an unclosed quote", row=done + 1) from None


def _columns(records, header_row, width, skipped):
    """Numbers and cells of the rows that hold something, and number and width of those of another width than the header."""
    columns, ragged, first = [Gatherer() for _ in range(width)], [], header_row + 1
    while part := list(itertools.islice(records, _ROWS_AT_ONCE)):
        for number in skipped:
            if first <= number < first + len(part):
                part[number - first] = [""] * width
        if set(map(len, part)) != {width}:
            for place, cells in enumerate(part):
                if len(cells) != width:
                    if any(map(str.strip, cells)):
                        ragged.append((first + place, len(cells)))
                    part[place] = [""] * width
        for gatherer, cells in zip(columns, zip(*part, strict=True), strict=True):
            gatherer.add(cells)
        first += len(part)
    return *without_empty_rows(np.arange(header_row + 1, first), [one.cells() for one in columns]), ragged


def _remark_lines(name, header, numbers, columns, findings):
    """Remark on cells of several lines: an opening quote that finds a later closing one swallows the rows between."""
    found = []
    for place, cells in enumerate(columns):
        broken = [code for code, text in enumerate(cells.texts) if "\n" in text or "\r" in text]
        if broken:
            found += [(int(number), place) for number in numbers[cells.at(broken)]]
    for number, place in sorted(found):
        fix = "Check that no quote is left open"
        findings.remark(name, "the cell spans several lines", fix, row=number, column=header[place])


def csv_lines(text):
    """The physical lines of a text, ends kept: CR, LF and CRLF each end a line, no other character does.

    >>> list(csv_lines("a\\r\\nb\\rc\\x0cd\\ne"))
    ['a\\r\\n', 'b\\r', 'c\\x0cd\\n', 'e']
    """
    return (match[0] for match in _LINE.finditer(text))


def _decoded(encoding, data):
    """Text of a file, and the encoding to report when it was detected and is not UTF-8."""
    if encoding:
        try:
            text = data.decode(encoding).removeprefix("\ufeff")
        except (ValueError, LookupError):
            raise NoTable(
                f"the file is not {encoding} text",
                "Save it as UTF-8 or name its encoding in the study file",
            ) from None
        detected = ""
    else:
        text, detected = _detected(data)
    if "\x00" in text:
        raise NoTable("the file holds NUL bytes, so it is no plain text table", "Export it as CSV in UTF-8")
    odd = re.search(r"[\x01-\x08\x0b\x0e-\x1f]", text)
    if odd:
        row = 1 + len(re.findall(r"\r\n|\r|\n", text[: odd.start()]))
        raise NoTable(
            f"the file holds the control character {odd[0]!r}, so it is no plain text table",
            "Export it as CSV in UTF-8",
            row=row,
        )
    return text, detected


def _detected(data):
    for mark, encoding in ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, ""), (codecs.BOM_UTF16_BE, "")):
        if data.startswith(mark):
            try:
                return data.decode(encoding or "utf-16"), "" if encoding else "UTF-16"
            except ValueError:
                raise NoTable(
                    f"the file is not the {'UTF-8' if encoding else 'UTF-16'} text that its first bytes announce",
                    "Save it as UTF-8 again",
                ) from None
    wide = _utf16_order(data)
    if wide:
        try:
            return data.decode(wide), "UTF-16"
        except ValueError:
            pass
    try:
        return data.decode("utf-8"), ""
    except ValueError:
        pass
    if _looks_chinese(data):
        try:
            return data.decode("gb18030"), "GB18030"
        except ValueError:
            pass
    try:
        return data.decode("cp1252"), "Latin-1"
    except ValueError:
        raise NoTable("the encoding of the text is not known", "Save it as UTF-8") from None


def _utf16_order(data):
    """Byte order of UTF-16 without a mark: the delimiters and line ends of a table have one NUL byte each."""
    sample = data[:100_000]
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    half = max(1, len(sample) // 2)
    if len(data) % 2 or max(even, odd) < 0.2 * half or min(even, odd) > 0.01 * half:
        return ""
    return "utf-16-le" if odd > even else "utf-16-be"


def _looks_chinese(data):
    """Whether the bytes above 127 come in the pairs of GB2312 and mostly mean common characters.

    An accented letter of Latin-1 mostly stands alone between plain letters, so its runs have an odd length.
    """
    runs = re.findall(rb"[\x80-\xff]+", data)
    even = [run for run in runs if len(run) % 2 == 0]
    pairs = [run[i : i + 2] for run in even for i in range(0, len(run), 2)]
    common = [pair for pair in pairs if (0xB0 <= pair[0] <= 0xD7 or 0xA1 <= pair[0] <= 0xA3) and pair[1] >= 0xA1]
    total = sum(map(len, runs))
    return sum(map(len, even)) >= 0.7 * total and len(common) >= 0.6 * max(1, len(pairs))


def _delimiter(lines):
    """The delimiter under which most rows have as many cells as the header, and the header has the most."""
    best, result = (0.0, 0), ","
    for delimiter in _DELIMITERS:
        widths = []
        try:
            for cells in csv.reader(lines, delimiter=delimiter):
                if any(cell.strip() for cell in cells):
                    widths.append(len(cells))
        except csv.Error:
            continue
        if widths and widths[0] > 1:
            share = sum(width == widths[0] for width in widths) / len(widths)
            if (round(share, 1), widths[0]) > best:
                best, result = (round(share, 1), widths[0]), delimiter
    return result

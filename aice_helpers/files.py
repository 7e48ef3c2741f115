"""Reads a table in any supported format into text cells; the only module that opens data files.

`read_table` knows nothing of the study: it turns CSV and TSV, Excel, SPSS, Stata, SAS and Parquet files into one
`Table`. Cells stay as they are written. A format that stores numbers gives them in their shortest form (7, never 7.0),
dates as ISO text and truth values as TRUE and FALSE.
"""

from __future__ import annotations

import codecs
import contextlib
import csv
import datetime
import decimal
import difflib
import io
import math
import re
import unicodedata
import warnings
import zipfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from aice_helpers.problems import Problem

FORMATS = {
    "csv": "csv", "tsv": "csv", "tab": "csv", "txt": "csv",
    "xlsx": "xlsx", "xlsm": "xlsx",
    "sav": "sav", "zsav": "sav", "dta": "dta", "xpt": "xpt",
    "parquet": "parquet", "pq": "parquet",
}  # fmt: skip
"""Suffix of a file's name -> the format it is read as; a suffix that is not listed here or below is read as text."""

ADVICE = {
    "xls": "Open it and save it as an Excel workbook (.xlsx)",
    "xlsb": "Open it and save it as an Excel workbook (.xlsx)",
    "ods": "Open it and save it as an Excel workbook (.xlsx)",
    "numbers": "Open it and export it as an Excel workbook (.xlsx)",
    "zip": "Unpack it and name the table inside",
    "gz": "Unpack it and name the table inside",
    "7z": "Unpack it and name the table inside",
    "rar": "Unpack it and name the table inside",
    "por": "Save it as an SPSS data file (.sav)",
    "sas7bdat": "Export it as a SAS transport file (.xpt) or as CSV",
    "rds": "Export it as CSV or Parquet",
    "rdata": "Export it as CSV or Parquet",
    "rda": "Export it as CSV or Parquet",
    "pdf": "Export the table as CSV or Excel",
    "docx": "Copy the table into a workbook and save it as .xlsx",
    "json": "Export the table as CSV or Excel",
    "html": "Export the table as CSV or Excel",
}
"""Suffix of a format that is not read -> what to do instead."""

MAX_FILE = 400_000_000
MAX_UNPACKED = 800_000_000
MAX_CELLS = 40_000_000
_OLE, _ZIP = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"PK\x03\x04"
_DELIMITERS = ",;\t|"
_NAMES = {",": "a comma", ";": "a semicolon", "\t": "a tab", "|": "a bar"}


@dataclass(frozen=True)
class Table:
    """A file as text: header, and cells with the row number that a spreadsheet shows (the header is row 1).

    Attributes
    ----------
    file : str
        The file's name, without folders.
    header : tuple of str
    rows : tuple of (int, tuple of str)
        Row number and cells; rows without any content are left out. In SPSS, Stata, SAS and Parquet files the first
        record is row 2, as it is in a spreadsheet below the header.
    decimal : str
        Decimal mark of the numbers in the cells.
    missing : tuple of str
        Cell texts that mean "not recorded", beside the empty cell.
    typed : bool
        Whether the format knows numbers from text, so that 1 and 1.0 are the same.
    labels : dict
        Column -> code -> label, as far as the file itself holds value labels.
    flaws, notes : dict
        Column -> `Problem` s that matter only when the column is used: faults and remarks.
    """

    file: str
    header: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    decimal: str = "."
    missing: tuple[str, ...] = ("",)
    typed: bool = False
    labels: dict[str, dict[str, str]] = field(default_factory=dict)
    flaws: dict[str, list[Problem]] = field(default_factory=dict)
    notes: dict[str, list[Problem]] = field(default_factory=dict)

    def column(self, name):
        """Row numbers and cells of one column."""
        place = self.header.index(name)
        return [(row, cells[place]) for row, cells in self.rows]


class _NoTable(Exception):
    """The file is no table that can be read; carries rule, fix and row."""

    def __init__(self, rule, fix, row=None, column=None):
        super().__init__(rule)
        self.rule, self.fix, self.row, self.column = rule, fix, row, column


def file_name(path) -> str:
    r"""The last part of a path, however it is written: messages name a file, never a folder.

    >>> file_name(r"C:\data\a.csv"), file_name("../b.xlsx")
    ('a.csv', 'b.xlsx')
    """
    return re.split(r"[\\/]", str(path).rstrip("\\/"))[-1]


def read_table(source, findings, *, folder=Path(), digest=None, may_be_empty=False) -> Table | None:
    """Read one data file; None, with faults noted, when it is no table.

    Parameters
    ----------
    source : DataFile
        Name and format of the file; see `study.DataFile`. An absolute name is used as it is.
    findings : Findings
        Takes the faults and remarks.
    folder : path-like
        Where the file's name starts.
    digest : hash object, optional
        Is updated with the file's bytes.
    may_be_empty : bool
        Whether a table without rows is fine.
    """
    name = file_name(source.file)
    try:
        data = _content(Path(folder) / source.file)
        if digest is not None:
            digest.update(data)
        table = _reader(source, data)(source, name, data, findings)
        if table is not None and not table.rows and not may_be_empty:
            raise _NoTable("the table has a header but no rows", "Export the table again")
    except _NoTable as error:
        findings.fault(name, error.rule, error.fix, row=error.row, column=error.column)
        return None
    return table


def _content(path):
    try:
        if path.exists() and not path.is_file():
            raise _NoTable("this is a folder or a device, not a file", "Name the file inside")
        if path.stat().st_size > MAX_FILE:
            raise _NoTable("the file is far too large for a table of patients", "Export only the columns needed")
        return path.read_bytes()
    except OSError as error:
        reason = error.strerror or "unreadable"
    except ValueError:
        reason = "the name holds a character that no file name may hold"
    raise _NoTable(f"the file cannot be read ({reason})", "Check the name in the study file")


def _reader(source, data):
    """The function that reads the format, after a look at whether the content can be of that format."""
    suffix = file_name(source.file).rpartition(".")[2].lower()
    if not source.format and suffix in ADVICE:
        if suffix == "zip" and zipfile.is_zipfile(io.BytesIO(data)):
            # Damaged or not, an archive is refused; one that could do harm is called so.
            with contextlib.suppress(zipfile.BadZipFile), zipfile.ZipFile(io.BytesIO(data)) as archive:
                _check_archive(archive, len(data))
        raise _NoTable(f"a .{suffix} file cannot be read", ADVICE[suffix])
    kind = source.format or FORMATS.get(suffix, "csv")
    if not data:
        raise _NoTable("the file is empty", "Export the table again")
    starts = {"sav": (b"$FL2", b"$FL3"), "xpt": (b"HEADER RECORD*",), "parquet": (b"PAR1",), "xlsx": (_ZIP,)}
    if kind == "xlsx" and data.startswith(_OLE):
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise _NoTable("the workbook is protected by a password", "Save a copy without a password")
        raise _NoTable("the workbook is of the old Excel format (.xls)", ADVICE["xls"])
    if kind in starts and not data.startswith(starts[kind]):
        what = {"sav": "SPSS data file", "xpt": "SAS transport file", "parquet": "Parquet file", "xlsx": "workbook"}
        raise _NoTable(f"the content is no {what[kind]}", "Export it again, or name its format in the study file")
    if kind == "csv" and data.startswith((_ZIP, _OLE)):
        raise _NoTable(
            "the content is a workbook or an archive, not text", "Give it its true suffix, for example .xlsx"
        )
    return {
        "csv": _read_text, "xlsx": _read_workbook, "sav": _read_records, "dta": _read_records, "xpt": _read_records,
        "parquet": _read_parquet,
    }[kind]  # fmt: skip


# Text


def _read_text(source, name, data, findings):
    text, encoding = _decoded(source.encoding, data)
    if encoding:
        _remark_encoding(name, encoding, "Check that accents and other letters look right", findings)
    if not text.strip():
        raise _NoTable("the file is empty", "Export the table again")
    lines = csv_lines(text)
    delimiter, header_row = source.delimiter, source.header
    named = re.match(r"sep=(.)(\r\n|\r|\n)", text)
    if named:
        # Excel writes and reads this line; it is the only place where the file itself names its delimiter.
        delimiter, header_row = delimiter or named[1], max(header_row, 2)
    if not delimiter:
        delimiter = _delimiter(lines[header_row - 1 :])
        if delimiter != "," and not name.lower().endswith((".tsv", ".tab")):
            findings.remark(
                name,
                f"the columns are separated by {_NAMES[delimiter]} (detected)",
                "Nothing to do if the columns look right",
                setting=("delimiter", delimiter),
            )
    records = []
    try:
        for cells in csv.reader(lines, delimiter=delimiter, strict=True):
            records.append([cell.strip() for cell in cells])
    except csv.Error as error:
        raise _NoTable(f"the table breaks off ({error})", "Look for an unclosed quote", row=len(records) + 1) from None
    if len(records) < header_row:
        raise _NoTable("the file ends before the header row", "Correct the header row in the study file")
    header = records[header_row - 1]
    if len(header) < 2:
        other = next((mark for mark in ";,\t|" if mark != delimiter and mark in "".join(header)), None)
        hint = "Name the delimiter in the study file" + (f": it seems to be {other!r}" if other else "")
        raise _NoTable(f"the first row has no columns separated by {delimiter!r}", hint, row=header_row)
    rows = [(number, cells) for number, cells in enumerate(records[header_row:], header_row + 1) if any(cells)]
    header, rows = _without_empty_columns(name, header, rows, findings)
    sound = _header_is_sound(name, header, header_row, findings)
    ragged = [(number, len(cells)) for number, cells in rows if len(cells) != len(header)]
    for number, width in ragged:
        findings.fault(
            name,
            f"the row has {width} cell{'s' if width > 1 else ''}, the header {len(header)}",
            "Look for a stray or missing delimiter",
            row=number,
            kind="ragged",
        )
    for number, cells in rows:
        for column, cell in zip(header, cells, strict=False):
            if "\n" in cell or "\r" in cell:
                # An opening quote that finds a later closing one swallows the rows between without an error.
                findings.remark(
                    name, "the cell spans several lines", "Check that no quote is left open", row=number, column=column
                )
    if ragged or not sound:
        return None
    rows = tuple((number, tuple(cells)) for number, cells in rows)
    return Table(name, tuple(header), rows, decimal=source.decimal, missing=_missing(source))


def _remark_encoding(name, encoding, fix, findings):
    # What is called Latin-1 here is read as Windows reads it.
    setting = ("encoding", "cp1252" if encoding == "Latin-1" else encoding)
    findings.remark(name, f"the text was read as {encoding} (detected)", fix, setting=setting)


def csv_lines(text):
    """The physical lines of a text, ends kept: CR, LF and CRLF each end a line, no other character does."""
    return list(io.StringIO(text, newline=""))


def _decoded(encoding, data):
    """Text of a file, and the encoding to report when it was detected and is not UTF-8."""
    if encoding:
        try:
            text = data.decode(encoding).removeprefix("\ufeff")
        except (ValueError, LookupError):
            raise _NoTable(
                f"the file is not {encoding} text",
                "Save it as UTF-8 or name its encoding in the study file",
            ) from None
        detected = ""
    else:
        text, detected = _detected(data)
    if "\x00" in text:
        raise _NoTable("the file holds NUL bytes, so it is no plain text table", "Export it as CSV in UTF-8")
    odd = re.search(r"[\x01-\x08\x0b\x0e-\x1f]", text)
    if odd:
        row = 1 + len(re.findall(r"\r\n|\r|\n", text[: odd.start()]))
        raise _NoTable(
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
                raise _NoTable(
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
        raise _NoTable("the encoding of the text is not known", "Save it as UTF-8") from None


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
            for cells in csv.reader(lines[:200], delimiter=delimiter):
                if any(cell.strip() for cell in cells):
                    widths.append(len(cells))
        except csv.Error:
            continue
        if widths and widths[0] > 1:
            share = sum(width == widths[0] for width in widths) / len(widths)
            if (round(share, 1), widths[0]) > best:
                best, result = (round(share, 1), widths[0]), delimiter
    return result


def _missing(source):
    return tuple(dict.fromkeys(("", *(code.strip() for code in source.missing))))


def _header_is_sound(name, header, row, findings):
    """Whether every column has a name of its own; if not, the faults are noted."""
    doubled = [(column, count) for column, count in Counter(header).items() if count > 1 or not column]
    for column, _ in doubled:
        rule = "two columns have the same name" if column else "a column has no name"
        findings.fault(name, rule, "Give every column its own name", row=row, column=column)
    return not doubled


def _without_empty_columns(name, header, rows, findings):
    """Header and rows without the columns that have neither a name nor a value; spreadsheets export such columns."""
    header = [unicodedata.normalize("NFC", column) for column in header]
    empty = [
        place
        for place, column in enumerate(header)
        if not column and not any(len(cells) > place and cells[place] for _, cells in rows)
    ]
    # A short or long row must not be made to fit.
    if not empty or any(len(cells) != len(header) for _, cells in rows):
        return header, rows
    findings.remark(
        name,
        f"{len(empty)} column{'s' if len(empty) > 1 else ''} with neither a name nor a value left out",
        "Nothing to do",
    )
    keep = [place for place in range(len(header)) if place not in empty]
    return [header[place] for place in keep], [(row, [cells[place] for place in keep]) for row, cells in rows]


# Typed formats


def cell_text(value) -> str:
    """A stored value as the text of a cell.

    >>> [cell_text(value) for value in (7.0, 0.1, True, None, " NA ", datetime.datetime(2020, 1, 5))]
    ['7', '0.1', 'TRUE', '', 'NA', '2020-01-05']
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float):
        if math.isnan(value):
            return ""
        return str(int(value)) if value.is_integer() and abs(value) < 1e16 else repr(value)
    if isinstance(value, decimal.Decimal):
        plain = format(value.normalize(), "f") if value.is_finite() else str(value)
        return "" if value.is_nan() else plain
    if isinstance(value, datetime.datetime):
        midnight = value.time() == datetime.time() and value.tzinfo is None
        return value.date().isoformat() if midnight else value.isoformat(sep=" ")
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace").strip()
    return str(value).strip()


def _typed_table(name, source, header, rows, findings, *, header_row=1, **more):
    header, rows = _without_empty_columns(name, header, rows, findings)
    if not _header_is_sound(name, header, header_row, findings):
        return None
    rows = tuple((number, tuple(cells)) for number, cells in rows if any(cells))
    return Table(name, tuple(header), rows, missing=_missing(source), typed=True, **more)


# Excel


def _check_archive(archive, packed):
    """Refuse a zip archive that could write outside its folder or unpack to a huge size, or that is locked."""
    entries = archive.infolist()
    for entry in entries:
        parts = re.split(r"[\\/]", entry.filename)
        if ".." in parts or parts[0] == "" or re.match(r"[A-Za-z]:", entry.filename):
            raise _NoTable(
                "the archive holds paths that leave the folder", "Do not open it; ask where the file came from"
            )
        if entry.flag_bits & 1:
            raise _NoTable("the file is protected by a password", "Save a copy without a password")
    size = sum(entry.file_size for entry in entries)
    # A workbook shrinks to a tenth or so; a thousandth is made to fill the memory.
    if size > MAX_UNPACKED or len(entries) > 10_000 or (size > 20_000_000 and size > 400 * packed):
        raise _NoTable(
            "the archive would unpack to an implausible size", "Do not open it; ask where the file came from"
        )


def _check_workbook(data):
    """Whether the workbook holds formulas; a workbook that may not be opened is refused."""
    formulas = False
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _check_archive(archive, len(data))
            for entry in archive.infolist():
                if not entry.filename.lower().endswith((".xml", ".rels")):
                    continue
                with archive.open(entry) as part:
                    # The stated size may be untrue, so no more than that is read.
                    content = part.read(entry.file_size)
                if b"<!DOCTYPE" in content.replace(b"\x00", b"") or b"<!ENTITY" in content.replace(b"\x00", b""):
                    raise _NoTable(
                        "the workbook declares XML entities, which none needs", "Save it again from a spreadsheet"
                    )
                formulas = formulas or b"<f>" in content or b"<f " in content
    except _NoTable:
        raise
    except Exception as error:
        # A damaged archive raises errors of several modules.
        raise _NoTable("the workbook is damaged", "Save it again from a spreadsheet") from error
    return formulas


def _workbook(data, **options):
    import openpyxl

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return openpyxl.load_workbook(io.BytesIO(data), **options)
        except Exception as error:
            # The library raises whatever a damaged part makes it stumble over.
            raise _NoTable("the file is no Excel workbook", "Save it again from a spreadsheet as .xlsx") from error


def _read_workbook(source, name, data, findings):
    formulas = _check_workbook(data)
    book = _workbook(data, data_only=True)
    sheet = _sheet(source, name, book, findings)
    # Formulas are looked at in a second reading, for the first one shows only the values stored with them.
    formula_sheet = _workbook(data)[sheet.title] if formulas else None
    first = source.header
    cells = {
        place: cell
        for place, cell in sheet._cells.items()
        if place[0] >= first and (cell.value is not None or _is_formula(formula_sheet, place))
    }
    if not cells:
        raise _NoTable("the sheet is empty", "Name the sheet with the table in the study file")
    for merged in sheet.merged_cells.ranges:
        if merged.max_row >= first and merged.min_col <= max(column for _, column in cells):
            raise _NoTable(
                f"the cells {merged.coord} are merged",
                "Unmerge them, give every column one header cell and every row its own values",
                row=merged.min_row,
            )
    width = max(column for _, column in cells)
    numbers = sorted({row for row, _ in cells})
    if width * len(numbers) > MAX_CELLS:
        raise _NoTable("the sheet is far too large for a table of patients", "Delete what lies outside the table")
    header = [_excel_text(cells.get((first, column))) for column in range(1, width + 1)]
    if sum(map(bool, header)) < 2:
        raise _NoTable(
            "the header row has fewer than two names",
            "Delete the rows above the header, or give its number in the study file (header: 2)",
            row=first,
        )
    rows, flaws, notes = [], {}, {}
    for number in (number for number in numbers if number > first):
        texts = []
        for place, column in enumerate(header, 1):
            cell = cells.get((number, place))
            texts.append(_excel_text(cell))
            flaw = _excel_flaw(cell, formula_sheet, (number, place))
            if flaw:
                rule, fix = flaw
                flaws.setdefault(column, []).append(Problem(name, rule, fix, number, column, texts[-1] or None))
        rows.append((number, texts))
    hidden = sum(sheet.row_dimensions[number].hidden for number in numbers if number in sheet.row_dimensions)
    if hidden:
        findings.remark(name, "hidden or filtered rows are read like the others", "Check them", count=hidden)
    for place, column in enumerate(header, 1):
        shares = sum(
            "%" in cell.number_format
            for (number, at), cell in cells.items()
            if at == place and number > first and isinstance(cell.value, int | float)
        )
        if shares:
            rule = "the sheet shows per cent where it stores fractions: 35% is read as 0.35"
            fix = "Check the unit and the range in the study file"
            notes[column] = [Problem(name, rule, fix, column=column, count=shares)]
    return _typed_table(name, source, header, rows, findings, header_row=first, flaws=flaws, notes=notes)


def _sheet(source, name, book, findings):
    sheets = {sheet.title: sheet for sheet in book.worksheets}
    if source.sheet:
        if source.sheet not in sheets:
            near = difflib.get_close_matches(source.sheet, sheets, n=1, cutoff=0.5)
            hint = f"Did the study file mean {near[0]!r}?" if near else f"Sheets: {', '.join(map(repr, sheets))}"
            raise _NoTable(f"the workbook has no sheet {source.sheet!r}", hint)
        return sheets[source.sheet]
    filled = [sheet for sheet in sheets.values() if any(cell.value is not None for cell in sheet._cells.values())]
    if not filled:
        raise _NoTable("the workbook is empty", "Export the table again")
    shown = [sheet for sheet in filled if sheet.sheet_state == "visible"] or filled
    if len(filled) > 1:
        findings.remark(
            name,
            f"the workbook has {len(filled)} sheets with content; {shown[0].title!r} was read",
            "If the table is on another one, name it in the study file (sheet: name)",
            setting=("sheet", shown[0].title),
        )
    return shown[0]


def _is_formula(sheet, place):
    cell = None if sheet is None else sheet._cells.get(place)
    return cell is not None and cell.data_type == "f"


def _excel_text(cell):
    if cell is None:
        return ""
    text = cell_text(cell.value)
    # A number shown as 007 is the id 007 to whoever reads the sheet.
    return text.zfill(len(cell.number_format)) if re.fullmatch("0{2,}", cell.number_format) and text else text


def _excel_flaw(cell, formula_sheet, place):
    if cell is not None and cell.data_type == "e":
        return "the cell holds an error of the spreadsheet", "Mend the formula, or empty the cell if it is not recorded"
    if (cell is None or cell.value is None) and _is_formula(formula_sheet, place):
        return (
            "the cell holds a formula without a stored value",
            "Open the workbook in a spreadsheet and save it, or paste the values",
        )
    return None


# SPSS, Stata, SAS


def _read_records(source, name, data, findings):
    suffix = source.format or FORMATS[name.rpartition(".")[2].lower()]
    columns, meta, encoding = _statistics_file(source, suffix, data)
    if encoding:
        _remark_encoding(name, encoding, "Check that the letters look right", findings)
    kinds = meta.readstat_variable_types
    labels = {
        column: {cell_text(_plain(code)): str(label).strip() for code, label in known.items()}
        for column, known in meta.variable_value_labels.items()
    }
    notes = {}
    for column, values in columns.items():
        is_missing = _user_missing(meta, column, kinds.get(column) == "string")
        codes = Counter(cell_text(_plain(value)) for value in values if is_missing(value))
        columns[column] = ["" if is_missing(value) else cell_text(_plain(value)) for value in values]
        for code, count in codes.items():
            meant = labels.get(column, {}).get(code)
            rule = f"the code {code!r}{f' ({meant})' if meant else ''} is declared missing in the file"
            remark = Problem(name, rule, "Nothing to do if so", column=column, count=count, counts_cells=True)
            notes.setdefault(column, []).append(remark)
    header = [str(column).strip() for column in columns]
    rows = [(number, list(cells)) for number, cells in enumerate(zip(*columns.values(), strict=True), 2)]
    if not header:
        raise _NoTable("the file is empty", "Export the table again")
    return _typed_table(name, source, header, rows, findings, labels=labels, notes=notes)


def _statistics_file(source, suffix, data):
    import pyreadstat

    read = {"sav": pyreadstat.read_sav, "dta": pyreadstat.read_dta, "xpt": pyreadstat.read_xport}[suffix]
    options = {} if suffix == "xpt" else {"user_missing": True}
    what = {"sav": "SPSS data file", "dta": "Stata file", "xpt": "SAS transport file"}[suffix]
    # Files of older programs do not name the encoding of their text.
    tries = [(source.encoding, "")] if source.encoding else [(None, ""), ("GB18030", "GB18030"), ("CP1252", "Latin-1")]
    for encoding, reported in tries:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                columns, meta = read(io.BytesIO(data), encoding=encoding, output_format="dict", **options)
                return {column: list(values) for column, values in columns.items()}, meta, reported
            except UnicodeError:
                continue
            except Exception as error:
                # The library has one exception for all faults of a file, and lets others of Python through.
                if "convert" in str(error) and "encoding" in str(error):
                    continue
                raise _NoTable(
                    f"the content is no {what}, or it is damaged", "Save it again, or export it as CSV"
                ) from error
    raise _NoTable("the encoding of the text is not known", "Name it in the study file, or export the file as CSV")


def _plain(value):
    """A Python value for one that numpy made."""
    return value.item() if hasattr(value, "item") else value


def _user_missing(meta, column, is_text):
    """Whether a value of a column is one of the codes that the file itself declares missing."""
    ranges = meta.missing_ranges.get(column, [])
    letters = set(meta.missing_user_values.get(column, []))

    def is_missing(value):
        if isinstance(value, str):
            # In a numeric column of Stata a letter stands for one of the extended missing values .a to .z.
            return (
                value in letters or (not is_text) or any(value == one["lo"] == one["hi"] for one in ranges if is_text)
            )
        if not isinstance(value, int | float):
            return False
        return any(
            one["lo"] <= value <= one["hi"]
            for one in ranges
            if isinstance(one["lo"], int | float) and isinstance(one["hi"], int | float)
        )

    return is_missing


# Parquet


def _read_parquet(source, name, data, findings):
    import pyarrow
    from pyarrow import parquet

    try:
        file = parquet.ParquetFile(pyarrow.BufferReader(data))
        if file.metadata.num_rows * max(1, file.metadata.num_columns) > MAX_CELLS:
            raise _NoTable("the file is far too large for a table of patients", "Export only the columns needed")
        nested = [one.name for one in file.schema_arrow if pyarrow.types.is_nested(one.type)]
        if nested:
            raise _NoTable("the column holds lists or records", "Export one value a cell", column=nested[0])
        table = file.read()
        header = [str(column).strip() for column in table.column_names]
        columns = [[cell_text(value) for value in column.to_pylist()] for column in table.columns]
    except _NoTable:
        raise
    except Exception as error:
        # Damaged parts raise the library's errors, but also those of Python.
        raise _NoTable("the content is no Parquet file, or it is damaged", "Export it again") from error
    if not header:
        raise _NoTable("the file is empty", "Export the table again")
    rows = [(number, list(cells)) for number, cells in enumerate(zip(*columns, strict=True), 2)]
    return _typed_table(name, source, header, rows, findings)
